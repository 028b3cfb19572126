package chinesetime

import (
	_ "embed" // the yearly table
	"strings"
	"sync"
	"time"
)

//go:embed holidays.txt
var statutoryTable string

// Calendar knows statutory holidays and 调休 by a yearly table; in years it
// does not know, weekends are off and the days that the law names, and
// everything else is a working day.
type Calendar struct {
	days  map[string]day
	years map[int]bool
}

type day struct {
	work bool
	name string
}

// Statutory is the calendar of the State Council's notices, as far as the
// table goes.
func Statutory() *Calendar { return statutory() }

var statutory = sync.OnceValue(func() *Calendar {
	c := &Calendar{days: map[string]day{}, years: map[int]bool{}}
	for line := range strings.SplitSeq(statutoryTable, "\n") {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		t, err := time.Parse(time.DateOnly, f[0])
		if err != nil {
			continue
		}
		c.days[f[0]] = day{work: f[1] == "work", name: f[2]}
		c.years[t.Year()] = true
	}
	return c
})

// With returns a calendar that knows further years, or others' tables of years
// it knows: of a year that is named it knows these days alone. Days are
// 2026-12-02; name is empty for a working day.
func (c *Calendar) With(off map[string]string, work []string) *Calendar {
	out := &Calendar{days: map[string]day{}, years: map[int]bool{}}
	named := map[string]bool{}
	for date := range off {
		named[date[:min(4, len(date))]] = true
	}
	for _, date := range work {
		named[date[:min(4, len(date))]] = true
	}
	for k, v := range c.days {
		if !named[k[:4]] {
			out.days[k] = v
		}
	}
	for y := range c.years {
		out.years[y] = true
	}
	add := func(date string, d day) {
		if t, err := time.Parse(time.DateOnly, date); err == nil {
			out.days[date] = d
			out.years[t.Year()] = true
		}
	}
	for date, name := range off {
		add(date, day{name: name})
	}
	for _, date := range work {
		add(date, day{work: true})
	}
	return out
}

// Known says whether the table has the year.
func (c *Calendar) Known(year int) bool { return c.years[year] }

// IsWorkday says whether offices work on a day (2026-12-02).
func (c *Calendar) IsWorkday(date string) bool {
	if d, ok := c.days[date]; ok {
		return d.work
	}
	t, err := time.Parse(time.DateOnly, date)
	return err == nil && t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && (c.years[t.Year()] || byLaw(date) == "")
}

// Holiday names the holiday a day off belongs to, empty if none.
func (c *Calendar) Holiday(date string) string {
	d, ok := c.days[date]
	switch {
	case d.work:
		return ""
	case ok:
		return d.name
	}
	if t, err := time.Parse(time.DateOnly, date); err != nil || c.years[t.Year()] {
		return ""
	}
	return byLaw(date)
}

// AddWorkdays is the n-th working day after the day of t, at the same hour.
func (c *Calendar) AddWorkdays(t time.Time, n int) time.Time {
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if c.IsWorkday(t.Format(time.DateOnly)) {
			n--
		}
	}
	return t
}
