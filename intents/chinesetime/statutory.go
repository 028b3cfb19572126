package chinesetime

import (
	"sync"
	"time"
)

// The days off that the law itself names (全国年节及纪念日放假办法, as of 2025),
// for years whose notice is not known: which days are moved to make holidays
// longer, and which weekends are worked for that, only the State Council's
// notice of the year says.

// lawful are the days off by law of each year asked for.
var lawful sync.Map // year → map[string]string

// byLaw names the holiday that the law has on a day, empty if none.
func byLaw(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	known, ok := lawful.Load(t.Year())
	if !ok {
		known, _ = lawful.LoadOrStore(t.Year(), lawOf(t.Year()))
	}
	return known.(map[string]string)[date]
}

func lawOf(year int) map[string]string {
	days := map[string]string{}
	for _, h := range []struct {
		name  string
		first *span
		n     int
	}{
		{"元旦", date(year, 1, 1), 1}, {"春节", fromLunar(year-1, 12, 0), 4}, {"清明", solarTerm(year, "清明"), 1},
		{"劳动节", date(year, 5, 1), 2}, {"端午", fromLunar(year, 5, 5), 1}, {"中秋", fromLunar(year, 8, 15), 1}, {"国庆节", date(year, 10, 1), 3},
	} {
		for i := 0; i < h.n && !h.first.invalid; i++ {
			days[h.first.from.AddDate(0, 0, i).Format(time.DateOnly)] = h.name
		}
	}
	return days
}
