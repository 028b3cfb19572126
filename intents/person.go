package intents

import (
	"slices"
	"strings"
	"unicode"

	"guanjia/bot"
)

// surnames are the family names that open a Chinese name.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温莎香利单洪招"

var doubleSurnames = []string{"欧阳", "司徒", "上官", "诸葛", "司马", "尉迟", "东方", "夏侯", "皇甫", "令狐", "慕容", "端木"}

// nameCues stand before a name.
var nameCues = []string{"我叫", "名字是", "名字叫", "姓名是", "姓名：", "姓名:", "姓名", "我是", "叫做", "他叫", "她叫", "办理人是", "办理人", "名叫", "我嘅名系", "我系", "我个名系", "名系", "my name is ", "i am ", "i'm ", "改成", "应该是", "是叫", "叫我", "喊我"}

// persons finds people's names where the words or the question say that one
// is told.
func (t *reading) persons() []candidate {
	if t.bare {
		return nil // a yes or a no is nobody's name
	}
	if t.asked == bot.PersonName {
		if c, ok := t.answeredName(); ok {
			return []candidate{c}
		}
		if c, ok := t.calledName(); ok {
			return []candidate{c}
		}
	}
	if c, ok := t.surnamedName(); ok {
		return []candidate{c}
	}
	if slices.Contains(t.open, bot.PersonName) {
		if c, ok := t.nothingButName(); ok {
			return []candidate{c}
		}
	}
	for _, cue := range nameCues {
		if !strings.Contains(t.text, cue) {
			continue
		}
		for i := range t.r {
			n := t.stands(i, cue)
			if n == 0 || i+n == len(t.r) {
				continue
			}
			weak := cue == "我是" || cue == "我系" || cue == "改成" || cue == "应该是" || cue == "姓名" || cue == "办理人" || cue == "i am " || cue == "i'm "
			if end := t.nameEnd(i+n, weak); end > i+n {
				return []candidate{{t.entity(bot.PersonName, i+n, end, t.spelled(i+n, end)), 45}}
			}
		}
	}
	return t.besidePhone()
}

// calledName reads the name behind "called" in an answer: 我爸叫刘国强.
func (t *reading) calledName() (candidate, bool) {
	for i := range t.r {
		if t.r[i] != '叫' {
			continue
		}
		start := i + 1
		if n := t.stands(start, "做", "我"); n > 0 {
			start += n
		}
		if end := t.nameEnd(start, false); end > start && strings.ContainsRune(surnames, t.at(start)) {
			return candidate{t.entity(bot.PersonName, start, end, t.spelled(start, end)), 75}, true
		}
	}
	return candidate{}, false
}

// surnamedName reads a name whose family name was told first: 姓陈，叫陈大文;
// 我姓黎，黎秀英.
func (t *reading) surnamedName() (candidate, bool) {
	for i := range t.r {
		if t.r[i] != '姓' || !strings.ContainsRune(surnames, t.at(i+1)) {
			continue
		}
		start := i + 2
		for start < len(t.r) && (unicode.IsSpace(t.r[start]) || unicode.IsPunct(t.r[start])) {
			start++
		}
		if n := t.stands(start, "名字叫", "名叫", "全名叫", "全名", "叫做", "叫", "名字是", "名字系"); n > 0 {
			start += n
		}
		if start == i+2 || t.at(start) != t.r[i+1] {
			continue // it must be the same family, and told apart from it
		}
		if end := t.nameEnd(start, true); end > start {
			return candidate{t.entity(bot.PersonName, start, end, t.spelled(start, end)), 75}, true
		}
	}
	return candidate{}, false
}

// nothingButName reads a name told before it was asked for: a family name and
// one or two characters, "called" before them or not, and not a word besides.
func (t *reading) nothingButName() (candidate, bool) {
	text := trimmed(t.r)
	start := 0
	for start < len(t.r) && (unicode.IsSpace(t.r[start]) || unicode.IsPunct(t.r[start])) {
		start++
	}
	end := start + len(text)
	start += t.stands(start, "叫做", "叫")
	if end-start < 2 || end-start > 4 || end > len(t.r) || !unicode.Is(unicode.Han, t.at(start)) {
		return candidate{}, false
	}
	known := strings.ContainsRune(surnames, t.at(start))
	for _, d := range doubleSurnames {
		known = known || t.stands(start, d) > 0
	}
	if !known || t.nameEnd(start, true) != end || t.asked == bot.PostalAddress && placeLike(t.r[start:end]) {
		return candidate{}, false
	}
	return candidate{t.entity(bot.PersonName, start, end, t.spelled(start, end)), 20}, true
}

// placeLike says whether what may be a name may as well be a place, said to
// "where?": 周屋, 温塘, 万达, 金地. What is then kept as a place can be corrected at
// the summary; what is taken for a name must be one.
func placeLike(name []rune) bool {
	return strings.ContainsRune("万金石黄温白高龙江方马莫香洪利单何余田", name[0]) ||
		strings.ContainsRune("村屋边坑塘岭涌洲岗朗围头桥湖沙塱厦山坊园河溪水井口滘社埔潭塔厂店楼城庄寨湾台洞巷街路里门庙苑府庭院区场站校铺", name[len(name)-1])
}

// besidePhone reads "张三，13800138000": a run of characters that is nothing
// but a name, in words that also tell a number to call.
func (t *reading) besidePhone() []candidate {
	if len(t.phones()) == 0 {
		return nil
	}
	for i := 0; i < len(t.r); i++ {
		if !unicode.Is(unicode.Han, t.r[i]) {
			continue
		}
		end := i
		for end < len(t.r) && unicode.Is(unicode.Han, t.r[end]) {
			end++
		}
		double := slices.ContainsFunc(doubleSurnames, func(d string) bool { return t.stands(i, d) > 0 })
		if (double || strings.ContainsRune(surnames, t.r[i])) && end-i <= 4 && t.nameEnd(i, false) == end {
			return []candidate{{t.entity(bot.PersonName, i, end, t.spelled(i, end)), 40}}
		}
		i = end
	}
	return nil
}

func (t *reading) spelled(start, end int) string {
	return strings.TrimSpace(string(t.original[start:end]))
}

// answeredName reads the whole answer as a name: with a family name in front,
// or at least shaped like one.
func (t *reading) answeredName() (candidate, bool) {
	start, end := 0, len(t.r)
	for start < end && (unicode.IsSpace(t.r[start]) || unicode.IsPunct(t.r[start])) {
		start++
	}
	for end > start && (unicode.IsSpace(t.r[end-1]) || unicode.IsPunct(t.r[end-1]) && t.r[end-1] != '·') {
		end--
	}
	for _, cue := range append([]string{"叫我", "叫做", "喊我", "叫", "系", "是", "嗯"}, nameCues...) {
		if n := t.stands(start, cue); n > 0 && start+n < end {
			start += n
			break
		}
	}
	for _, tail := range []string{"就行", "就好", "就可以", "就得", "吧", "啦", "女士", "先生", "小姐", "同志", "老师"} {
		n := len([]rune(tail))
		if end-start > n+1 && t.stands(end-n, tail) == n {
			end -= n
		}
	}
	if start >= end {
		return candidate{}, false // nothing was said
	}
	if e := t.nameEnd(start, false); e == end || allHan(t.r[start:end]) && t.rareName(start, end) {
		return candidate{t.entity(bot.PersonName, start, end, t.spelled(start, end)), 75}, true
	}
	return candidate{}, false
}

func allHan(r []rune) bool {
	return !slices.ContainsFunc(r, func(c rune) bool { return !unicode.Is(unicode.Han, c) })
}

// nameEnd is where a name that begins at i ends, i if there is none. A weak
// cue wants a name that cannot be another word.
func (t *reading) nameEnd(i int, weak bool) int {
	if latin(t.at(i)) {
		return t.latinName(i, weak)
	}
	surname := 0
	for _, d := range doubleSurnames {
		if n := t.stands(i, d); n > 0 {
			surname = n
		}
	}
	if surname == 0 && t.at(i) != 0 && strings.ContainsRune(surnames, t.at(i)) {
		surname = 1
	}
	if surname == 0 {
		return t.ethnicName(i)
	}
	end := i + surname
	for end < len(t.r) && end-i < surname+2 && unicode.Is(unicode.Han, t.r[end]) {
		end++
	}
	// A name ends the clause, or a phone or another word for ending follows.
	if end < len(t.r) && unicode.Is(unicode.Han, t.r[end]) && t.stands(end, "电话", "手机", "号码", "身份", "的电话", "女士", "先生", "小姐", "，", "今年", "住") == 0 {
		if surname == 1 && end-i == 3 && t.stands(end-1, "电话", "手机", "先生", "女士", "小姐") > 0 {
			return end - 1
		}
		return i
	}
	if end-i < 2 {
		return i
	}
	if weak && end-i < 2+surname/2 || t.notAName(i, end) {
		return i
	}
	return end
}

// notAName keeps common words that begin with a family name from being names.
func (t *reading) notAName(i, end int) bool {
	word := string(t.r[i:end])
	for _, w := range []string{"高兴", "周末", "周一", "周二", "周三", "周四", "周五", "周六", "周日", "金额", "任何", "方便", "白天", "黄江", "陈述", "向你", "于是", "万江", "石龙", "石排", "常平", "江边", "毛病", "马上", "夏天", "秋天", "温馨", "何时", "许多", "谢谢", "单位", "程序", "余额", "钱不", "龙岗", "高埗", "洪梅", "黎明", "段时", "严重", "顾客", "贺卡", "林业", "田里", "万一"} {
		if strings.HasPrefix(word, w) {
			return true
		}
	}
	if r := t.r[i:end]; len(r) == 3 && strings.ContainsRune("村镇路街巷", r[2]) && t.asked != bot.PersonName || len(r) == 3 && r[2] == '村' {
		return true // 石鼓村
	}
	for _, w := range []string{"吗", "呢", "吧", "了", "的", "么", "点", "号", "日", "月", "镇", "证", "人", "厅", "办", "约", "不", "是", "我", "你"} {
		if strings.Contains(word, w) {
			return true
		}
	}
	return false
}

// ethnicName reads names with a middle dot: 阿依古丽·买买提.
func (t *reading) ethnicName(i int) int {
	j, dots := i, 0
	for j < len(t.r) && j-i < 20 {
		switch {
		case unicode.Is(unicode.Han, t.r[j]):
		case t.r[j] == '·' || t.r[j] == '•':
			dots++
		default:
			if dots > 0 {
				return j
			}
			return i
		}
		j++
	}
	if dots > 0 && j-i >= 4 {
		return j
	}
	if t.asked == bot.PersonName && t.rareName(i, j) {
		return j
	}
	return i
}

// rareName takes two or three characters as a name when a name was asked for
// and nothing else can be meant.
func (t *reading) rareName(i, j int) bool {
	if n := j - i; n < 2 || n > 4 {
		return false
	}
	word := string(t.r[i:j])
	for _, w := range []string{"不", "第一", "第二", "第三", "什么", "怎", "为", "你", "我", "吗", "好", "是", "没", "要", "人工", "取消", "算了", "等", "谢", "可以", "重", "再", "返回", "跳过", "匿名", "知道", "预约", "继续", "改", "哪", "几", "一下", "唔", "系", "冇", "咩", "点", "居住", "身份", "哈", "嗯", "啊"} {
		if strings.Contains(word, w) {
			return false
		}
	}
	return true
}

// latinName reads a name in Latin letters, capitals first as written.
func (t *reading) latinName(i int, weak bool) int {
	if weak && !unicode.IsUpper(t.original[i]) {
		return i
	}
	j := i
	for j < len(t.r) && j-i < 40 && (latin(t.r[j]) || t.r[j] == ' ' && latin(t.at(j+1)) || t.r[j] == '-' || t.r[j] == '\'' || t.r[j] == '.') {
		j++
	}
	if j-i < 2 || weak && !t.asksName() {
		return i
	}
	word := strings.TrimSpace(string(t.r[i:j]))
	for _, w := range []string{"yes", "no", "ok", "cancel", "hello", "hi", "thanks", "thank you", "stop", "skip", "back", "confirm", "person", "human", "help", "what", "why"} {
		if word == w {
			return i
		}
	}
	return j
}

func (t *reading) asksName() bool { return t.asked == bot.PersonName || t.stands(0, "my name") > 0 }
