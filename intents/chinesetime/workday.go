package chinesetime

import (
	"time"
)

// workday reads a working day told by its place after or before something:
// 国庆后第一个工作日, 春节前最后一个工作日, 下个月第二个工作日, 下一个工作日. Which
// day that is follows from the calendar the sentence is read by.
func (s *scanner) workday(i int) (*span, int) {
	if from, n := s.feastDay(i); n > 0 {
		return s.workdayBeside(from, i, n)
	}
	if year, month, n := s.monthAt(i); n > 0 {
		n += s.skip(i+n, "的")
		return s.workdayIn(s.monthOf(year, month), i, n)
	}
	if k, n := s.nthWorkday(i); n > 0 && s.has(i, "下", "第一", "最近", "头") > 0 {
		return oneDay(s.calendar.AddWorkdays(s.today(), k)), n
	}
	return nil, 0
}

// feastDay is the next day of the holiday named at i.
func (s *scanner) feastDay(i int) (time.Time, int) {
	on, n := s.feastOf(i)
	if n == 0 {
		return time.Time{}, 0
	}
	for year := s.now.Year() - 1; year <= s.now.Year()+1; year++ {
		// A holiday that is going on, or was a few days ago, is still the one meant.
		if d := on(year); !d.invalid && !d.from.AddDate(0, 0, 10).Before(s.today()) {
			return d.from, n
		}
	}
	return time.Time{}, 0
}

// workdayBeside reads which working day after or before a holiday is meant.
func (s *scanner) workdayBeside(feast time.Time, i, n int) (*span, int) {
	n += s.skip(i+n, "长假", "假期", "放假", "放完假", "小长假", "节", "假")
	if m := s.skip(i+n, "前的", "之前的", "以前的", "之前", "以前", "前"); m > 0 {
		k := s.has(i+n+m, "最后一个工作日", "最后一个上班日", "最后一天上班", "的最后一个工作日")
		if k == 0 {
			return nil, 0
		}
		day := feast.AddDate(0, 0, -1)
		for !s.works(day) {
			day = day.AddDate(0, 0, -1)
		}
		return oneDay(day), n + m + k
	}
	m := s.skip(i+n, "之后的", "以后的", "过后的", "过完的", "之后", "以后", "过后", "过完", "后的", "后")
	k, l := s.nthWorkday(i + n + m)
	if m == 0 || l == 0 {
		return nil, 0
	}
	return oneDay(s.calendar.AddWorkdays(feast, k)), n + m + l
}

// workdayIn reads which working day of a month is meant.
func (s *scanner) workdayIn(first time.Time, i, n int) (*span, int) {
	if m := s.has(i+n, "最后一个工作日"); m > 0 {
		day := first.AddDate(0, 1, -1)
		for !s.works(day) {
			day = day.AddDate(0, 0, -1)
		}
		return oneDay(day), n + m
	}
	k, m := s.nthWorkday(i + n)
	if m == 0 {
		return nil, 0
	}
	return oneDay(s.calendar.AddWorkdays(first.AddDate(0, 0, -1), k)), n + m
}

// nthWorkday reads 第一个工作日, 首个工作日, 下一个工作日, 第一天上班.
func (s *scanner) nthWorkday(i int) (k, n int) {
	if m := s.has(i, "第一天上班", "首个工作日", "头一个工作日", "下一个工作日", "下个工作日", "最近一个工作日", "最近的工作日", "第一个上班日", "上班第一天", "头一天上班", "开工第一天"); m > 0 {
		return 1, m
	}
	if s.at(i) != '第' {
		return 0, 0
	}
	v, m := s.number(i + 1)
	l := s.has(i+1+m, "个工作日", "个上班日")
	if m == 0 || l == 0 || v < 1 || v > 30 {
		return 0, 0
	}
	return v, 1 + m + l
}

// monthOf is the first day of a month; one without its year is the next.
func (s *scanner) monthOf(year, month int) time.Time {
	if year == 0 {
		year = s.now.Year()
		if month < int(s.now.Month()) {
			year++
		}
	}
	return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
}

func (s *scanner) works(day time.Time) bool { return s.calendar.IsWorkday(day.Format(dateLayout)) }
