package chinesetime

import "strings"

// partOfDay is a part of the day with the words for it, in minutes.
type partOfDay struct {
	name     string
	from, to int
	words    []string
}

var partsOfDay = []partOfDay{
	{"凌晨", 0, 6 * 60, []string{"凌晨", "半夜三更", "三更半夜", "下半夜"}},
	{"早上", 6 * 60, 9 * 60, []string{"大清早", "一大早", "清晨", "早晨", "早上", "朝头早", "朝早", "一早", "清早", "晨早", "朝", "早", "晨"}},
	{"上午", 8 * 60, 12 * 60, []string{"上午", "上昼", "上晏"}},
	{"中午", 11 * 60, 14 * 60, []string{"中午", "正午", "晌午", "午间", "中昼"}},
	{"下午", 12 * 60, 18 * 60, []string{"下午", "下昼", "晏昼", "下晏", "午后", "晏就"}},
	{"傍晚", 17 * 60, 19 * 60, []string{"傍晚", "黄昏", "挨晚", "黑前"}},
	{"晚上", 18 * 60, 24 * 60, []string{"晚上", "夜晚黑", "夜晚", "晚黑", "晚间", "夜间", "今夜", "晚头夜", "晚", "夜里", "夜"}},
	{"半夜", 22 * 60, 24 * 60, []string{"半夜", "深夜", "午夜", "夜深"}},
}

// part reads a part of the day. Single characters count only behind a day
// word (今晚) or before an hour (早8点).
func (s *scanner) part(i int) (*partOfDay, int) {
	var best *partOfDay
	longest := 0
	for k := range partsOfDay {
		p := &partsOfDay[k]
		for _, w := range p.words {
			if n := s.has(i, w); n > longest {
				if n == 1 && !s.singlePart(i) {
					continue
				}
				best, longest = p, n
			}
		}
	}
	return best, longest
}

func (s *scanner) singlePart(i int) bool {
	if strings.ContainsRune("今明昨听琴当后天日次寻", s.at(i-1)) && i > 0 {
		return true
	}
	_, n := s.clockAt(i+1, nil)
	return n > 0 && digit(s.at(i+1)) >= 0 || s.at(i+1) == '十'
}

// hour reads a time of day or a part of the day at i.
func (s *scanner) hour(i int) (*clock, int) {
	p, n := s.part(i)
	if n > 0 {
		j := i + n
		j += s.skip(j, "的", "嘅", "大约", "大概", "大概", "约", "差不多")
		j += s.blanks(j)
		if c, m := s.clockAt(j, p); m > 0 {
			c.part = p.name
			return c, j + m - i
		}
		if s.has(i+n, "饭", "餐", "会", "安", "班", "市", "场", "年", "期", "恋", "婚", "产", "读", "教", "点名", "茶", "日", "上好") > 0 && n <= 2 && p.words[0] != "上午" && p.words[0] != "下午" {
			return nil, 0
		}
		if s.has(i+n, "好", "安") > 0 {
			return nil, 0 // a greeting
		}
		return &clock{from: p.from, to: p.to, grain: "hour", part: p.name}, n
	}
	return s.clockAt(i, nil)
}

// clockAt reads an hour with its minutes; part tells which half of the day.
func (s *scanner) clockAt(i int, p *partOfDay) (*clock, int) {
	c, n := s.dotted(i, p)
	if n == 0 {
		c, n = s.spoken(i, p)
	}
	if n == 0 {
		c, n = s.lacking(i, p)
	}
	if n == 0 {
		return nil, 0
	}
	for _, w := range []string{"左右", "前后", "许", "钟"} {
		n += s.has(i+n, w)
	}
	if s.has(i+n+s.blanks(i+n), otherZones...) > 0 {
		return nil, 0 // not ours to convert, and not to be taken for ours
	}
	return c, n
}

// otherZones are names of zones in which an hour is another hour here.
var otherZones = []string{"cet", "gmt", "utc", "est", "pst", "edt", "pdt", "jst", "CET", "GMT", "UTC", "EST", "PST", "EDT", "PDT", "JST", "东京时间", "纽约时间", "伦敦时间"}

// dotted reads 15:30, 9：05, 3:15pm, 3pm.
func (s *scanner) dotted(i int, p *partOfDay) (*clock, int) {
	if !isFigure(s.at(i)) {
		return nil, 0
	}
	h, n := 0, 0
	for isFigure(s.at(i+n)) && n < 3 {
		h = h*10 + int(s.at(i+n)-'0')
		n++
	}
	width, m, minuted := n, 0, false
	if c := s.at(i + n); (c == ':' || c == '：') && isFigure(s.at(i+n+1)) && isFigure(s.at(i+n+2)) && !isFigure(s.at(i+n+3)) {
		m = int(s.at(i+n+1)-'0')*10 + int(s.at(i+n+2)-'0')
		n += 3
		minuted = true
		if c := s.at(i + n); (c == ':' || c == '：') && isFigure(s.at(i+n+1)) && isFigure(s.at(i+n+2)) {
			n += 3
		}
	}
	half, k := s.meridiem(i + n)
	if !minuted && k == 0 || h > 24 || m > 59 || width > 2 {
		return nil, 0
	}
	n += k
	grain := "minute"
	if !minuted {
		grain = "hour"
	}
	switch {
	case half == "pm" && h < 12:
		h += 12
	case half == "am" && h == 12:
		h = 0
	}
	if half != "" || h > 12 || width == 2 && h < 10 && p == nil {
		return &clock{from: h*60 + m, to: -1, grain: grain}, n
	}
	return s.halved(h, m, p, grain), n
}

// meridiem reads am and pm.
func (s *scanner) meridiem(i int) (string, int) {
	b := s.blanks(i)
	for _, w := range []string{"a.m.", "p.m.", "a.m", "p.m", "am", "pm", "p", "a"} {
		if n := s.has(i+b, w); n > 0 {
			if next := s.at(i + b + n); next >= 'a' && next <= 'z' {
				return "", 0
			}
			return w[:1] + "m", b + n
		}
	}
	return "", 0
}

// spoken reads 三点半, 3点20, 十五时二十分, 三点三个字, 三点踏半.
func (s *scanner) spoken(i int, p *partOfDay) (*clock, int) {
	h, n := s.number(i)
	if n == 0 || h > 24 {
		return nil, 0
	}
	n += s.blanks(i + n)
	mark := s.at(i + n)
	if mark != '点' && mark != '时' || mark == '时' && s.has(i+n, "时候", "时间", "时代", "时段", "时常", "时装") > 0 {
		return nil, 0
	}
	if s.notAnHour(i, n) {
		return nil, 0
	}
	n++
	m, k := s.minutes(i + n)
	n += k
	grain := "minute"
	if k == 0 {
		grain = "hour"
		n += s.has(i+n, "多钟", "几钟", "来钟", "钟", "整", "正", "多", "半钟")
	}
	if m < 0 || m > 59 {
		return nil, 0
	}
	return s.halved(h, m, p, grain), n
}

// minutes reads what stands behind the hour.
func (s *scanner) minutes(i int) (m, n int) {
	j := i
	j += s.has(j, "钟")
	tap := s.has(j, "踏", "搭", "撘")
	j += tap
	switch {
	case s.has(j, "半") > 0 && s.has(j, "半天", "半个", "半小时") == 0:
		return 30, j + 1 - i
	case s.has(j, "一刻") > 0:
		return 15, j + 2 - i + s.has(j+2, "钟")
	case s.has(j, "三刻") > 0:
		return 45, j + 2 - i + s.has(j+2, "钟")
	case s.has(j, "1刻", "3刻") > 0:
		return 15 * digit(s.at(j)), j + 2 - i
	case s.has(j, "过") > 0:
		if v, k := s.number(j + 1); k > 0 && s.at(j+1+k) == '分' {
			return v, j + 2 + k - i
		}
		return 0, 0
	}
	zero := s.has(j, "零", "〇", "0")
	v, k := s.number(j)
	if k == 0 || v > 59 {
		return 0, 0
	}
	after := j + k
	if w := s.has(after, "个字"); w > 0 {
		return v * 5, after + w - i
	}
	if s.at(after) == '分' && s.has(after, "分钟", "分之") == 0 || s.has(after, "分钟") > 0 && tap == 0 {
		if s.has(after, "分钟") > 0 {
			return v, after + 2 - i
		}
		return v, after + 1 - i
	}
	if s.has(after, "个", "号", "位", "人", "点", "楼", "元", "块", "张", "件", "次", "天", "月", "年", "到", "-") > 0 && zero == 0 && k == 1 {
		if s.has(after, "到", "-") == 0 || !s.cantoneseFives(i) {
			return 0, 0
		}
	}
	if (tap > 0 || k == 1 && v < 12 && zero == 0 && s.cantoneseFives(i)) && !isFigure(s.at(j)) {
		return v * 5, after - i // 三点三: fives of minutes
	}
	if k >= 2 || zero > 0 {
		return v, after - i
	}
	return 0, 0
}

// cantoneseFives says whether "三点三" counts fives of minutes: the sentence
// uses Cantonese words for the part of the day.
func (s *scanner) cantoneseFives(int) bool {
	return strings.ContainsAny(string(s.r), "晏昼朝嘅喺啲咗唔嚟")
}

// lacking reads 差五分三点 and 三点差五分 (behind an hour it is read there).
func (s *scanner) lacking(i int, p *partOfDay) (*clock, int) {
	if s.at(i) != '差' {
		return nil, 0
	}
	v, k := s.number(i + 1)
	w := s.has(i+1+k, "分钟", "分", "刻钟", "刻")
	if k == 0 || w == 0 {
		return nil, 0
	}
	if s.has(i+1+k, "刻") > 0 {
		v *= 15
	}
	h, m := s.number(i + 1 + k + w)
	if m == 0 || s.at(i+1+k+w+m) != '点' || h < 1 || h > 24 {
		return nil, 0
	}
	c := s.halved(h, 0, p, "minute")
	c.from -= v
	for x := range c.others {
		c.others[x] -= v
	}
	return c, 1 + k + w + m + 1
}

// halved puts an hour into the right half of the day: by its part, or within
// opening hours. Six and seven o'clock could be either.
func (s *scanner) halved(h, m int, p *partOfDay, grain string) *clock {
	c := &clock{to: -1, grain: grain}
	at := func(hour int) int { return hour*60 + m }
	if p == nil {
		switch {
		case h >= 1 && h <= 5:
			c.from = at(h + 12)
		case h == 6:
			c.from, c.others = at(18), []int{at(6)}
		case h == 7:
			c.from, c.others = at(7), []int{at(19)}
		default:
			c.from = at(h)
		}
		return c
	}
	switch p.name {
	case "下午", "傍晚", "晚上", "半夜":
		switch {
		case h < 12 && !(p.name == "半夜" && h < 6):
			h += 12
		case h == 12 && p.name != "下午":
			h = 24
		}
	case "中午":
		if h < 4 {
			h += 12
		}
	case "凌晨":
		if h == 12 {
			h = 0
		}
	}
	c.from = at(h)
	return c
}

// notAnHour keeps 有一点, 快一点, 三点建议 and decimals from being hours.
func (s *scanner) notAnHour(i, n int) bool {
	j := i + n + 1
	if s.has(j, "点", "建议", "要求", "意见", "问题", "原因", "理由", "疑问", "想法", "内容", "注意", "不", "都", "也", "用", "钱", "小", "儿", "事", "东西", "困难", "希望", "优惠", "水", "心意", "经济", "没", "办法", "五", "五万", "滴", "菜", "意思") > 0 &&
		!(s.has(j, "五") > 0 && s.has(j, "五十") > 0) {
		return s.has(j, "不", "都", "也", "没") == 0 || s.at(i) == '一' && n == 1
	}
	if s.at(i) == '一' && n == 1 {
		switch s.at(i - 1) {
		case '有', '快', '早', '晚', '多', '少', '好', '差', '大', '小', '高', '低', '慢', '近', '远', '懂', '点', '的', '这', '那', '便', '宜', '松', '轻', '明', '清', '楚', '急', '重', '学', '说', '要', '唔', '冇', '没', '帮', '加':
			return s.at(i-1) != '晚' && s.at(i-1) != '早' || true
		}
	}
	return false
}
