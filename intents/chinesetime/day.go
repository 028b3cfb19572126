package chinesetime

import (
	"strings"
	"time"
)

func (s *scanner) today() time.Time {
	return time.Date(s.now.Year(), s.now.Month(), s.now.Day(), 0, 0, 0, 0, time.UTC)
}

func oneDay(t time.Time) *span { return &span{from: t, to: t.AddDate(0, 0, 1), grain: "day"} }

// date is the day of a year, month and day, invalid if there is none.
func date(y, m, d int) *span {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if m < 1 || m > 12 || d < 1 || t.Day() != d || int(t.Month()) != m {
		return &span{invalid: true, grain: "day"}
	}
	return oneDay(t)
}

// days reads a day or a stretch of days at i.
func (s *scanner) days(i int) (*span, int) {
	var best *span
	longest := 0
	for _, read := range []func(int) (*span, int){
		s.relative, s.dated, s.figures, s.inMonth, s.weekday, s.holiday, s.lunar, s.counting, s.period, s.nth,
	} {
		if d, n := read(i); n > longest {
			best, longest = d, n
		}
	}
	return best, longest
}

// relative reads 今天, 聽日, 大后天 …
func (s *scanner) relative(i int) (*span, int) {
	for _, w := range []struct {
		word string
		off  int
	}{
		{"大大后天", 4}, {"大大前天", -4}, {"大后天", 3}, {"大后日", 3}, {"大前天", -3}, {"大前日", -3}, {"老前天", -3},
		{"后天", 2}, {"后日", 2}, {"后儿", 2}, {"前天", -2}, {"前日", -2}, {"明天", 1}, {"明日", 1}, {"明儿", 1}, {"听日", 1}, {"次日", 1}, {"第二天", 1},
		{"昨天", -1}, {"昨日", -1}, {"昨儿", -1}, {"琴日", -1}, {"寻日", -1},
		{"今天", 0}, {"今日", 0}, {"今儿", 0}, {"当天", 0}, {"当日", 0}, {"本日", 0}, {"即日", 0},
	} {
		if n := s.has(i, w.word); n > 0 {
			return oneDay(s.today().AddDate(0, 0, w.off)), n
		}
	}
	// 今晚, 明早, 听朝: the day; the part of it is read as an hour.
	for _, w := range []struct {
		rune
		off int
	}{{'今', 0}, {'明', 1}, {'昨', -1}, {'听', 1}, {'琴', -1}, {'当', 0}, {'后', 2}, {'寻', -1}} {
		if s.at(i) == w.rune {
			if _, n := s.part(i + 1); n > 0 && s.has(i+1, "晚", "早", "朝", "夜", "晨", "午", "下午", "上午") > 0 {
				return oneDay(s.today().AddDate(0, 0, w.off)), 1
			}
		}
	}
	for _, w := range []string{"现在", "而家", "依家", "此刻", "目前", "刚刚", "马上"} {
		if n := s.has(i, w); n > 0 && (w == "现在" || w == "而家" || w == "依家" || w == "此刻") {
			return &span{from: s.now, grain: "minute", clock: &clock{}}, n
		}
	}
	return nil, 0
}

// yearWords name a year by how far it is from this one.
var yearWords = []struct {
	word string
	off  int
}{{"今年", 0}, {"本年", 0}, {"当年", 0}, {"明年", 1}, {"出年", 1}, {"后年", 2}, {"去年", -1}, {"旧年", -1}, {"前年", -2}, {"大前年", -3}}

// yearAt reads a year with its 年: 2026年, 今年, 明年, 26年.
func (s *scanner) yearAt(i int) (year, n int) {
	for _, y := range yearWords {
		if m := s.has(i, y.word); m > n {
			year, n = s.now.Year()+y.off, m
		}
	}
	if n > 0 {
		return year, n
	}
	if y, m := s.year(i); m > 0 && s.at(i+m) == '年' && y >= 1000 {
		return y, m + 1
	}
	if isFigure(s.at(i)) && isFigure(s.at(i+1)) && s.at(i+2) == '年' && s.has(i+3, "前", "后", "内", "以", "之") == 0 {
		y := digit(s.at(i))*10 + digit(s.at(i+1))
		if y < 70 {
			return 2000 + y, 3
		}
		return 1900 + y, 3
	}
	return 0, 0
}

// monthAt reads a month: 12月, 十二月, 下个月, 本月; year is 0 where it is not told.
func (s *scanner) monthAt(i int) (year, month, n int) {
	for _, w := range []struct {
		word string
		off  int
	}{{"下下个月", 2}, {"下下月", 2}, {"下个月", 1}, {"下月", 1}, {"上上个月", -2}, {"上上月", -2}, {"上个月", -1}, {"上月", -1}, {"这个月", 0}, {"这月", 0}, {"本月", 0}, {"呢个月", 0}, {"今个月", 0}, {"当月", 0}} {
		if m := s.has(i, w.word); m > 0 {
			first := time.Date(s.now.Year(), s.now.Month()+time.Month(w.off), 1, 0, 0, 0, 0, time.UTC)
			return first.Year(), int(first.Month()), m
		}
	}
	v, m := s.number(i)
	if m == 0 || v < 1 || v > 12 || s.at(i+m) != '月' {
		return 0, 0, 0
	}
	m++
	if s.at(i+m) == '份' {
		m++
	}
	return 0, v, m
}

// dayAt reads the day of a month: 15号, 十五日, 初八; bare figures too when
// strict is off.
func (s *scanner) dayAt(i int, strict bool) (day, n int) {
	if s.at(i) == '初' {
		if v, m := s.number(i + 1); m > 0 && v >= 1 && v <= 10 {
			return v, m + 1
		}
		return 0, 0
	}
	v, m := s.number(i)
	if m == 0 || v < 1 || v > 31 {
		return 0, 0
	}
	if k := s.has(i+m, "号", "日"); k > 0 {
		return v, m + k
	}
	if strict || s.has(i+m, "月", "点", "年", "个", "%", "元", ":", "：", "时", "天", "级", "次", "份") > 0 {
		return 0, 0
	}
	return v, m
}

// beyondMonth is how long a day no month has is, such as 32号, 0 where none
// stands at i.
func (s *scanner) beyondMonth(i int) int {
	v, m := s.number(i)
	if m == 0 || v <= 31 || v > 99 || s.has(i+m, "号", "日") == 0 {
		return 0
	}
	return m + 1
}

// dated reads year, month and day in characters or figures with 年月日.
func (s *scanner) dated(i int) (*span, int) {
	year, n := s.yearAt(i)
	if n > 0 {
		n += s.skip(i+n, "的")
		n += s.blanks(i + n)
	}
	relYear, month, m := s.monthAt(i + n)
	if m == 0 {
		if n > 0 {
			return s.wholeYear(i, year, n)
		}
		return nil, 0
	}
	told := n > 0 || relYear > 0
	if relYear > 0 {
		year = relYear
	}
	n += m
	n += s.skip(i+n, "的")
	d, k := s.dayAt(i+n+s.blanks(i+n), false)
	if m := s.beyondMonth(i + n); k == 0 && m > 0 {
		return &span{invalid: true, grain: "day"}, n + m
	}
	if k == 0 {
		return s.wholeMonth(i, year, month, n, told)
	}
	n += s.blanks(i+n) + k
	if !told {
		return s.nextDay(month, d), s.weekdayBehind(i, n)
	}
	return date(year, month, d), s.weekdayBehind(i, n)
}

func (s *scanner) skip(i int, words ...string) int { return s.has(i, words...) }

// weekdayBehind takes a weekday that only repeats a date into it: 12月2日（周三）.
func (s *scanner) weekdayBehind(i, n int) int {
	j := i + n
	j += s.blanks(j)
	if s.has(j, "(", "（", ",", "，") > 0 {
		j++
	}
	j += s.blanks(j)
	if m := s.has(j, "周", "星期", "礼拜"); m > 0 && weekdayOf(s.at(j+m)) > 0 {
		j += m + 1
		if s.has(j, ")", "）") > 0 {
			j++
		}
		return j - i
	}
	return n
}

// nextDay is the next such day of the year, today included; a day that has
// just gone by is another reading.
func (s *scanner) nextDay(month, d int) *span {
	this := date(s.now.Year(), month, d)
	if this.invalid {
		if month == 2 && d == 29 {
			for y := s.now.Year(); y < s.now.Year()+9; y++ {
				if leap := date(y, 2, 29); !leap.invalid && !leap.from.Before(s.today()) {
					return leap
				}
			}
		}
		return this
	}
	if this.from.Before(s.today()) {
		next := date(s.now.Year()+1, month, d)
		next.others = []time.Time{this.from}
		return next
	}
	return this
}

func (s *scanner) wholeYear(i, year, n int) (*span, int) {
	from := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	switch {
	case s.has(i+n, "底", "末") > 0:
		return &span{from: time.Date(year, 12, 1, 0, 0, 0, 0, time.UTC), to: from.AddDate(1, 0, 0), grain: "month", lasts: true}, n + 1
	case s.has(i+n, "初") > 0 && digit(s.at(i+n+1)) < 0:
		return &span{from: from, to: from.AddDate(0, 1, 0), grain: "month", lasts: true}, n + 1
	case s.has(i+n, "上半年") > 0:
		return &span{from: from, to: from.AddDate(0, 6, 0), grain: "month", lasts: true}, n + 3
	case s.has(i+n, "下半年") > 0:
		return &span{from: from.AddDate(0, 6, 0), to: from.AddDate(1, 0, 0), grain: "month", lasts: true}, n + 3
	}
	if q, m := s.quarter(i + n); m > 0 {
		return &span{from: from.AddDate(0, 3*(q-1), 0), to: from.AddDate(0, 3*q, 0), grain: "month", lasts: true}, n + m
	}
	if _, m := s.holiday(i + n); m > 0 {
		return nil, 0
	}
	return &span{from: from, to: from.AddDate(1, 0, 0), grain: "year", lasts: true}, n
}

func (s *scanner) quarter(i int) (q, n int) {
	m := s.has(i, "第")
	v, k := s.number(i + m)
	if k > 0 && v >= 1 && v <= 4 {
		if l := s.has(i+m+k, "季度"); l > 0 {
			return v, m + k + l
		}
	}
	return 0, 0
}

// wholeMonth is a month, or the beginning, middle or end of one (月初 and 月底
// are its first and last five working days).
func (s *scanner) wholeMonth(i, year, month, n int, told bool) (*span, int) {
	if !told {
		year = s.now.Year()
		if month < int(s.now.Month()) {
			year++
		}
	}
	from := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(0, 1, 0)
	switch {
	case s.has(i+n, "底", "末") > 0:
		return lastWorkdays(from, to), n + 1
	case s.has(i+n, "初") > 0:
		return firstWorkdays(from), n + 1
	case s.has(i+n, "上旬") > 0:
		return &span{from: from, to: from.AddDate(0, 0, 10), grain: "day", lasts: true}, n + 2
	case s.has(i+n, "中旬") > 0:
		return &span{from: from.AddDate(0, 0, 10), to: from.AddDate(0, 0, 20), grain: "day", lasts: true}, n + 2
	case s.has(i+n, "下旬") > 0:
		return &span{from: from.AddDate(0, 0, 20), to: to, grain: "day", lasts: true}, n + 2
	case s.has(i+n, "中") > 0 && s.has(i+n, "中国", "中心", "中午", "中秋", "中堂", "中学") == 0:
		return &span{from: from.AddDate(0, 0, 10), to: from.AddDate(0, 0, 20), grain: "day", lasts: true}, n + 1
	}
	return &span{from: from, to: to, grain: "month", lasts: true}, n
}

func lastWorkdays(from, to time.Time) *span {
	cal, t := Statutory(), to
	for n := 0; n < 5 && t.After(from); {
		t = t.AddDate(0, 0, -1)
		if cal.IsWorkday(t.Format(dateLayout)) {
			n++
		}
	}
	return &span{from: t, to: to, grain: "day", lasts: true}
}

func firstWorkdays(from time.Time) *span {
	cal, t := Statutory(), from
	for n := 0; n < 5; t = t.AddDate(0, 0, 1) {
		if cal.IsWorkday(t.Format(dateLayout)) {
			n++
		}
	}
	return &span{from: from, to: t, grain: "day", lasts: true}
}

// figures reads dates in figures with separators, and eight figures in a row.
func (s *scanner) figures(i int) (*span, int) {
	if !isFigure(s.at(i)) {
		return nil, 0
	}
	var v [3]int
	var w [3]int
	j, k := i, 0
	sep := rune(0)
	for ; k < 3; k++ {
		for isFigure(s.at(j)) {
			v[k] = v[k]*10 + int(s.at(j)-'0')
			w[k]++
			j++
			if w[k] > 8 {
				return nil, 0
			}
		}
		if w[k] == 0 {
			return nil, 0
		}
		c := s.at(j)
		if k < 2 && isFigure(s.at(j+1)) && (c == '-' || c == '/' || c == '.' || c == '·' || c == ' ' && w[0] == 4) && (sep == 0 || sep == c) {
			sep = c
			j++
			continue
		}
		break
	}
	if w[0] == 8 && strings.ContainsRune("号码编单", s.at(i-1)) {
		return nil, 0 // the number of a paper
	}
	return s.figured(v, w, k+1, sep, j-i, j)
}

// figured judges runs of figures: three of them with a year first or last, two
// as month and day, one of eight as a compact date.
func (s *scanner) figured(v, w [3]int, runs int, sep rune, n, end int) (*span, int) {
	behind := s.at(end)
	if isFigure(behind) || behind >= 'a' && behind <= 'z' && behind != 't' || behind == '-' || behind == '%' {
		return nil, 0
	}
	switch {
	case runs == 1 && w[0] == 8 && v[0] > 19000101 && v[0] < 21000101:
		d := date(v[0]/10000, v[0]/100%100, v[0]%100)
		if d.invalid {
			return nil, 0
		}
		return d, n
	case runs == 3 && w[0] == 4:
		return date(v[0], v[1], v[2]), n
	case runs == 3 && w[2] == 4: // day first where the whole date is in figures
		if v[1] > 12 {
			return date(v[2], v[0], v[1]), n
		}
		return date(v[2], v[1], v[0]), n
	case runs == 3 && w[2] == 2 && w[0] <= 2 && v[1] <= 12:
		y := 2000 + v[2]
		if v[2] > 50 {
			y = 1900 + v[2]
		}
		d := date(y, v[1], v[0])
		if d.invalid {
			return nil, 0
		}
		return d, n
	case runs == 2 && w[0] <= 2 && w[1] <= 2 && sep != ' ':
		return s.monthDay(v, w, sep, n, end)
	}
	return nil, 0
}

// monthDay reads 12/2, 6·30, 09-01, 12.2号; a point alone is a decimal.
func (s *scanner) monthDay(v, w [3]int, sep rune, n, end int) (*span, int) {
	mark := s.has(end, "号", "日")
	if sep == '.' && mark == 0 || sep == '-' && mark == 0 && (w[0] != 2 || w[1] != 2) {
		return nil, 0
	}
	if v[0] < 1 || v[0] > 12 || v[1] < 1 || v[1] > 31 || s.has(end, "元", "块", "米", "楼", "室", "栋", "个", "岁", "人", "万") > 0 {
		return nil, 0
	}
	d := s.nextDay(v[0], v[1])
	if d.invalid && mark == 0 {
		return nil, 0
	}
	return d, n + mark
}

// inMonth reads a day without its month: 15号, 30日, 月底, 月初.
func (s *scanner) inMonth(i int) (*span, int) {
	if s.at(i) == '月' && s.at(i-1) != '个' && digit(s.at(i-1)) < 0 && s.at(i-1) != '十' {
		if n := s.has(i, "月底", "月末", "月初", "月中"); n > 0 {
			d, m := s.wholeMonth(i, s.now.Year(), int(s.now.Month()), 1, true)
			return d, m
		}
	}
	if s.at(i) == '初' || s.at(i-1) == '月' {
		return nil, 0
	}
	d, n := s.dayAt(i, true)
	if n == 0 || s.notADay(i, n) {
		return nil, 0
	}
	first := time.Date(s.now.Year(), s.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for k := range 12 {
		m := first.AddDate(0, k, 0)
		sp := date(m.Year(), int(m.Month()), d)
		if !sp.invalid && !sp.from.Before(s.today()) {
			return sp, s.weekdayBehind(i, n)
		}
	}
	return &span{invalid: true, grain: "day"}, n
}

// notADay keeps 3号线, 5号楼, 二号窗口 and house numbers from being days.
func (s *scanner) notADay(i, n int) bool {
	if s.has(i+n, "线", "楼", "房", "门", "窗", "店", "院", "铺", "车", "位", "码", "机", "柜", "桌", "仓", "厅", "库", "馆", "电梯", "台", "床", "病", "文", "工", "令", "公", "地", "铁", "桥", "路", "街", "巷", "小", "大街", "之", "-", "游", "元", "块", "座", "场") > 0 {
		return true
	}
	switch s.at(i - 1) {
	case '路', '街', '巷', '道', '坊', '里', '村', '区', '园', '第', '栋', '座', '拨', '按', '#', '-', '楼', '弄', '围', '线', '横':
		return true
	}
	return false
}

func weekdayOf(r rune) int {
	switch r {
	case '一', '1':
		return 1
	case '二', '2':
		return 2
	case '三', '3':
		return 3
	case '四', '4':
		return 4
	case '五', '5':
		return 5
	case '六', '6':
		return 6
	case '日', '天', '7', '七':
		return 7
	}
	return 0
}

// monday is the first day of the week of t.
func monday(t time.Time) time.Time {
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
}

// weekday reads 周三, 下周三, 呢个礼拜五, 上上周一, 周末, 下周.
func (s *scanner) weekday(i int) (*span, int) {
	week, j, told := 0, i, false
	for _, w := range []struct {
		word string
		off  int
	}{{"上上个", -2}, {"上上", -2}, {"上个", -1}, {"上一个", -1}, {"上一", -1}, {"上", -1}, {"下下个", 2}, {"下下", 2}, {"下个", 1}, {"下一个", 1}, {"下一", 1}, {"下", 1},
		{"这个", 0}, {"这一", 0}, {"这", 0}, {"本", 0}, {"呢个", 0}, {"今个", 0}, {"今", 0}, {"当", 0}} {
		if n := s.has(i, w.word); n > 0 {
			week, j, told = w.off, i+n, true
			break
		}
	}
	n := s.has(j, "星期", "礼拜", "周")
	if n == 0 {
		return nil, 0
	}
	start := monday(s.today()).AddDate(0, 0, 7*week)
	j += n
	if d := weekdayOf(s.at(j)); d > 0 && !s.countsWeeks(i, j) {
		if told {
			return oneDay(start.AddDate(0, 0, d-1)), s.dateBehind(start.AddDate(0, 0, d-1), i, j+1-i)
		}
		return s.bareWeekday(d, i, j+1-i)
	}
	if s.at(j) == '末' {
		if !told && s.today().Weekday() == time.Sunday {
			start = monday(s.today())
		}
		return &span{from: start.AddDate(0, 0, 5), to: start.AddDate(0, 0, 7), grain: "day", lasts: true}, j + 1 - i
	}
	if !told || s.has(j, "年", "边", "围", "到", "岁", "次", "报") > 0 {
		return nil, 0
	}
	return &span{from: start, to: start.AddDate(0, 0, 7), grain: "week", lasts: true}, j - i
}

// countsWeeks keeps 一周三次 and 每周五天 from being weekdays.
func (s *scanner) countsWeeks(i, j int) bool {
	if s.has(j+1, "次", "回", "趟", "遍", "个", "节", "小时", "岁", "年", "月", "天内") > 0 {
		return true
	}
	if strings.ContainsRune("周期拜", s.at(i-2)) && s.at(i-2) != 0 {
		return false // 周二周三
	}
	return s.at(i) == '周' && (digit(s.at(i-1)) >= 0 || s.at(i-1) == '十' || s.at(i-1) == '每' && s.has(j+1, "天") > 0)
}

// bareWeekday is the next such day, today included; when it is today, the one
// a week later may be meant as well.
func (s *scanner) bareWeekday(d, i, n int) (*span, int) {
	today := s.today()
	ahead := (d - (int(today.Weekday())+6)%7 - 1 + 7) % 7
	sp := oneDay(today.AddDate(0, 0, ahead))
	if ahead == 0 {
		sp.others = []time.Time{today.AddDate(0, 0, 7)}
	}
	// 周日, 二月十号: the date says which.
	j := i + n
	j += s.skip(j, ",", "，")
	j += s.blanks(j)
	if exact, m := s.dated(j); m > 0 && !exact.invalid && exact.grain == "day" && !exact.lasts {
		for _, t := range append([]time.Time{exact.from}, exact.others...) {
			if (int(t.Weekday())+6)%7+1 == d {
				return oneDay(t), j + m - i
			}
		}
	}
	return sp, n
}

// dateBehind takes a date that only repeats a weekday into it.
func (s *scanner) dateBehind(day time.Time, i, n int) int {
	j := i + n
	if s.has(j, "(", "（", ",", "，") > 0 {
		j++
	}
	if d, m := s.dated(j); m > 0 && !d.invalid && d.from.Month() == day.Month() && d.from.Day() == day.Day() {
		j += m
		if s.has(j, ")", "）") > 0 {
			j++
		}
		return j - i
	}
	return n
}

// nth reads 十月的第一个星期一.
func (s *scanner) nth(i int) (*span, int) {
	year, n := s.yearAt(i)
	relYear, month, m := s.monthAt(i + n)
	if m == 0 {
		return nil, 0
	}
	j := i + n + m
	j += s.skip(j, "的")
	last := s.has(j, "最后一个") > 0
	count, k := 0, 0
	if last {
		k = 4
	} else {
		k = s.has(j, "第")
		if k == 0 {
			return nil, 0
		}
		v, w := s.number(j + k)
		if w == 0 || v < 1 || v > 5 {
			return nil, 0
		}
		count = v
		k += w
		k += s.skip(j+k, "个")
	}
	w := s.has(j+k, "星期", "礼拜", "周")
	d := weekdayOf(s.at(j + k + w))
	if w == 0 || d == 0 {
		return nil, 0
	}
	if relYear > 0 {
		year = relYear
	}
	told := year > 0
	if !told {
		year = s.now.Year()
	}
	t := nthWeekday(year, month, count, d, last)
	if !told && t.Before(s.today()) {
		t = nthWeekday(year+1, month, count, d, last)
	}
	return oneDay(t), j + k + w + 1 - i
}

// nthWeekday is the count-th (or last) weekday d of a month.
func nthWeekday(year, month, count, d int, last bool) time.Time {
	first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	if last {
		t := first.AddDate(0, 1, -1)
		for (int(t.Weekday())+6)%7+1 != d {
			t = t.AddDate(0, 0, -1)
		}
		return t
	}
	for (int(first.Weekday())+6)%7+1 != d {
		first = first.AddDate(0, 0, 1)
	}
	return first.AddDate(0, 0, 7*(count-1))
}
