package chinesetime

import (
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
		s.relative, s.dated, s.figures, s.inMonth, s.weekday, s.holiday, s.lunar, s.counting, s.period, s.nth, s.workday,
	} {
		if d, n := read(i); n > longest {
			best, longest = d, n
		}
	}
	return best, longest
}

// relative reads 今天, 聽日, 大后天 …
func (s *scanner) relative(i int) (*span, int) {
	switch s.at(i) { // what those words begin with
	case '大', '老', '后', '前', '明', '听', '次', '第', '昨', '琴', '寻', '今', '当', '本', '即', '现', '而', '依', '此':
	default:
		return nil, 0
	}
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
