package chinesetime

import (
	"strings"
	"time"
)

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
