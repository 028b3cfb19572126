package chinesetime

import (
	"time"
)

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

// beyondMonth is how long a day no month has is, such as 32号, 0 where none
// stands at i.
func (s *scanner) beyondMonth(i int) int {
	v, m := s.number(i)
	if m == 0 || v <= 31 || v > 99 || s.has(i+m, "号", "日") == 0 {
		return 0
	}
	return m + 1
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
		year = 0
	}
	from := s.monthOf(year, month)
	to := from.AddDate(0, 1, 0)
	if m := s.has(i+n, "的最后一天", "最后一天", "最尾一日"); m > 0 {
		last := to.AddDate(0, 0, -1)
		return date(last.Year(), int(last.Month()), last.Day()), n + m
	}
	switch {
	case s.has(i+n, "底", "末") > 0:
		return s.lastWorkdays(from, to), n + 1
	case s.has(i+n, "初") > 0:
		return s.firstWorkdays(from), n + 1
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

func (s *scanner) lastWorkdays(from, to time.Time) *span {
	t := to
	for n := 0; n < 5 && t.After(from); {
		t = t.AddDate(0, 0, -1)
		if s.works(t) {
			n++
		}
	}
	return &span{from: t, to: to, grain: "day", lasts: true}
}

func (s *scanner) firstWorkdays(from time.Time) *span {
	t := from
	for n := 0; n < 5; t = t.AddDate(0, 0, 1) {
		if s.works(t) {
			n++
		}
	}
	return &span{from: from, to: t, grain: "day", lasts: true}
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
