package chinesetime

import (
	"fmt"
	"strings"
	"time"
)

// unit is a unit of duration with its ISO 8601 letter; weeks are seven days.
type unit struct {
	words []string
	clock bool // behind the T
	code  string
	grain string
}

var units = []unit{
	{[]string{"个半小时", "个半钟头"}, true, "", "minute"}, // handled by half
	{[]string{"分钟", "分鐘"}, true, "M", "minute"},
	{[]string{"个小时", "小时", "个钟头", "钟头", "个钟"}, true, "H", "hour"},
	{[]string{"刻钟"}, true, "Q", "minute"},
	{[]string{"个字"}, true, "F", "minute"},
	{[]string{"个工作日", "工作日"}, false, "D", "day"},
	{[]string{"天", "日"}, false, "D", "day"},
	{[]string{"个星期", "个礼拜", "星期", "礼拜", "周"}, false, "W", "week"},
	{[]string{"个多月", "个月"}, false, "M", "month"},
	{[]string{"个季度"}, false, "S", "month"},
	{[]string{"年"}, false, "Y", "year"},
}

// amount is a counted unit: three days, an hour and a half.
type amount struct {
	n    int
	half bool
	unit *unit
}

// amountAt reads a number with a unit: 三天, 半小时, 一个半小时, 两周, 半年.
func (s *scanner) amountAt(i int) (amount, int) {
	if s.at(i) == '半' {
		for k := range units {
			if u := &units[k]; u.code != "" {
				if n := s.has(i+1, u.words...); n > 0 {
					return amount{half: true, unit: u}, 1 + n
				}
			}
		}
		return amount{}, 0
	}
	v, n := s.number(i)
	if n == 0 {
		return amount{}, 0
	}
	half := false
	j := i + n
	if m := s.has(j, "个半"); m > 0 {
		half = true
		j += m
	}
	for k := range units {
		u := &units[k]
		if u.code == "" {
			continue
		}
		words := u.words
		if m := s.has(j, words...); m > 0 {
			j += m
			if !half && s.at(j) == '半' && u.code != "F" {
				half = true
				j++
			}
			return amount{n: v, half: half, unit: u}, j - i
		}
		if half { // 一个半月: the measure word stands before
			for _, w := range words {
				if m := s.has(j, strings.TrimPrefix(w, "个")); m > 0 && strings.HasPrefix(w, "个") {
					return amount{n: v, half: true, unit: u}, j + m - i
				}
			}
		}
	}
	return amount{}, 0
}

// iso words an amount as an ISO 8601 duration.
func (a amount) iso() string {
	minutes := 0
	switch a.unit.code {
	case "M", "Q", "F":
		if a.unit.clock {
			minutes = a.n * map[string]int{"M": 1, "Q": 15, "F": 5}[a.unit.code]
		}
	case "H":
		minutes = a.n * 60
		if a.half {
			minutes += 30
		}
	}
	if a.unit.clock {
		if minutes == 0 && a.half {
			minutes = map[string]int{"M": 1, "Q": 8, "H": 30}[a.unit.code]
		}
		if minutes%60 == 0 {
			return fmt.Sprintf("PT%dH", minutes/60)
		}
		if minutes > 60 {
			return fmt.Sprintf("PT%dH%dM", minutes/60, minutes%60)
		}
		return fmt.Sprintf("PT%dM", minutes)
	}
	switch {
	case a.half && a.unit.code == "D":
		if a.n == 0 {
			return "PT12H"
		}
		return fmt.Sprintf("P%dDT12H", a.n)
	case a.half && a.unit.code == "M":
		if a.n == 0 {
			return "P15D"
		}
		return fmt.Sprintf("P%dM15D", a.n)
	case a.half && a.unit.code == "Y":
		if a.n == 0 {
			return "P6M"
		}
		return fmt.Sprintf("P%dY6M", a.n)
	case a.unit.code == "S":
		return fmt.Sprintf("P%dM", a.n*3)
	}
	return fmt.Sprintf("P%d%s", a.n, a.unit.code)
}

// from moves a moment by an amount; days and longer keep the hour.
func (a amount) from(t time.Time, sign int) time.Time {
	n := a.n * sign
	switch a.unit.code {
	case "D":
		if a.half {
			return t.AddDate(0, 0, n).Add(time.Duration(sign) * 12 * time.Hour)
		}
		return t.AddDate(0, 0, n)
	case "W":
		return t.AddDate(0, 0, 7*n)
	case "Y":
		if a.half {
			return t.AddDate(n, 6*sign, 0)
		}
		return t.AddDate(n, 0, 0)
	case "S":
		return t.AddDate(0, 3*n, 0)
	}
	if a.unit.code == "M" && !a.unit.clock {
		if a.half {
			return t.AddDate(0, n, 15*sign)
		}
		return t.AddDate(0, n, 0)
	}
	minutes := map[string]int{"M": 1, "Q": 15, "F": 5, "H": 60}[a.unit.code]
	d := time.Duration(a.n*minutes) * time.Minute
	if a.half {
		d += time.Duration(minutes) * time.Minute / 2
	}
	return t.Add(time.Duration(sign) * d)
}

// counted reads durations, and moments counted from now: 半小时后, 三天内.
func (s *scanner) counted(i int) (found, bool) {
	a, n := s.amountAt(i)
	if n == 0 {
		return found{}, false
	}
	j := i + n
	f := found{start: i, end: j}
	if m := s.has(j, "之后", "以后", "过后", "后"); m > 0 && s.has(j, "后天", "后日", "后面") == 0 {
		f.end = j + m
		s.counts(&f, a, 1)
		return s.withHour(f), true
	}
	if m := s.has(j, "之前", "以前", "前"); m > 0 && s.has(j, "前天", "前面", "前台") == 0 {
		f.end = j + m
		s.counts(&f, a, -1)
		return s.withHour(f), true
	}
	if m := s.has(j, "之内", "以内", "内"); m > 0 && !a.unit.clock {
		f.end = j + m
		f.days = &span{from: s.today(), to: a.from(s.today(), 1).AddDate(0, 0, 1), grain: a.unit.grain, lasts: true}
		return f, true
	}
	if s.dayNotLasting(i, n, a) {
		return found{}, false
	}
	f.lasting, f.grain = a.iso(), a.unit.grain
	return f, true
}

// counts fills in the moment an amount away from now.
func (s *scanner) counts(f *found, a amount, sign int) {
	t := a.from(s.now, sign)
	if a.unit.clock || a.half && a.unit.code == "D" {
		f.days = &span{from: t, grain: "minute", clock: &clock{}}
		return
	}
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	f.days = oneDay(day)
}

// withHour takes an hour behind a counted day: 三天后下午三点.
func (s *scanner) withHour(f found) found {
	if f.days.clock != nil {
		return f
	}
	at := s.glue(f.end)
	if c, m := s.hour(at); m > 0 {
		f.at, f.end = c, at+m
	}
	return f
}

// dayNotLasting leaves 3日 and 2026年 to be read as dates, and keeps ages and
// ordinals from being durations.
func (s *scanner) dayNotLasting(i, n int, a amount) bool {
	last := s.at(i + n - 1)
	if last == '日' && s.at(i+n-2) != '作' {
		return true
	}
	if last == '年' && (a.n > 99 || n >= 3 && isFigure(s.at(i)) || s.has(i+n, "级", "底", "初", "前", "的", "代") > 0 && a.n > 20 || digit(s.at(i+n)) >= 0) {
		return true
	}
	if s.at(i-1) == '第' || s.at(i-1) == '初' {
		return true
	}
	if last == '周' && (weekdayOf(s.at(i+n)) > 0 && s.at(i+n+1) != '次' || s.at(i+n) == '岁' || s.at(i+n) == '年') {
		return true
	}
	return false
}

// counting reads a day counted from now where a day may stand: 过三天.
func (s *scanner) counting(i int) (*span, int) {
	m := s.has(i, "再过", "过")
	if m == 0 {
		return nil, 0
	}
	a, n := s.amountAt(i + m)
	if n == 0 || a.unit.clock {
		return nil, 0
	}
	n += s.has(i+m+n, "之后", "以后", "后")
	t := a.from(s.today(), 1)
	return oneDay(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)), m + n
}

// period reads stretches around now: 这几天, 最近三天, 未来一周, 过去两个月.
func (s *scanner) period(i int) (*span, int) {
	today := s.today()
	if n := s.has(i, "这几天", "这两天", "呢几日", "呢两日", "近几天", "最近几天"); n > 0 {
		return &span{from: today, to: today.AddDate(0, 0, 3), grain: "day", lasts: true}, n
	}
	for _, w := range []struct {
		words []string
		sign  int
	}{{[]string{"未来", "接下来的", "接下来", "今后", "往后"}, 1}, {[]string{"过去", "最近", "近", "前"}, -1}} {
		m := s.has(i, w.words...)
		if m == 0 {
			continue
		}
		a, n := s.amountAt(i + m)
		if n == 0 || a.unit.clock || s.has(i, "前") > 0 && s.at(i+m) == '半' {
			continue
		}
		end := a.from(today, w.sign)
		if w.sign > 0 {
			return &span{from: today, to: end.AddDate(0, 0, 0), grain: a.unit.grain, lasts: true}, m + n
		}
		return &span{from: end, to: today.AddDate(0, 0, 1), grain: a.unit.grain, lasts: true}, m + n
	}
	if q, n := s.quarter(i); n > 0 {
		from := time.Date(s.now.Year(), time.Month(3*q-2), 1, 0, 0, 0, 0, time.UTC)
		return &span{from: from, to: from.AddDate(0, 3, 0), grain: "month", lasts: true}, n
	}
	if n := s.has(i, "年底", "年末"); n > 0 {
		return &span{from: time.Date(s.now.Year(), 12, 1, 0, 0, 0, 0, time.UTC), to: time.Date(s.now.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC), grain: "month", lasts: true}, n
	}
	return nil, 0
}
