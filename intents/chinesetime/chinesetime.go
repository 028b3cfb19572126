// Package chinesetime finds dates, times, parts of the day, ranges and
// durations in Chinese sentences — Mandarin and Cantonese wording, both
// scripts, figures or characters — and says what they mean as ISO 8601. It
// also keeps the calendar of working days.
//
// Conventions: weeks begin on Monday; 下周三 is the Wednesday of the next
// calendar week; a bare weekday is the next one, today included; a bare N号 is
// the next one; a bare hour is taken within opening hours. Where other words
// would have been needed to be sure, Ambiguity lists the other readings.
//
// It refuses to guess: what is not a time is not found, and a day that does
// not exist is found as Invalid, without a value.
package chinesetime

import (
	"time"

	"guanjia/intents/hanzi"
)

// Kind is what sort of time an expression is.
type Kind string

// The kinds; ranges have an exclusive EndValue.
const (
	Date          Kind = "date"
	Time          Kind = "time"
	DateTime      Kind = "datetime"
	DateRange     Kind = "daterange"
	TimeRange     Kind = "timerange"
	DateTimeRange Kind = "datetimerange"
	Duration      Kind = "duration"
)

// Expression is a time found in a sentence. Start and End count its runes.
// Values are ISO 8601 without zone: 2026-12-02, 15:00, 2026-12-02T15:00, P3D.
type Expression struct {
	Kind      Kind
	Text      string
	Start     int
	End       int
	Value     string
	EndValue  string
	Grain     string // minute hour day week month year
	Ambiguity []string
	Invalid   bool // a day that does not exist; Value is empty
}

const (
	dateLayout  = "2006-01-02"
	clockLayout = "15:04"
	stampLayout = "2006-01-02T15:04"
)

// Find is the calendar's Find by the statutory calendar.
func Find(text string, now time.Time) []Expression { return Statutory().Find(text, now) }

// Find returns the times of a sentence in order, none overlapping. now is the
// moment the sentence was said; its wall clock counts. Working days are those of
// the calendar: 月底, 国庆后第一个工作日.
func (c *Calendar) Find(text string, now time.Time) []Expression {
	original := []rune(text)
	s := newScanner(hanzi.Fold(text), wall(now))
	s.calendar = c
	if len(s.r) != len(original) {
		return nil
	}
	var found []found
	for i := 0; i < len(s.r); {
		if !s.may(i) {
			i++
			continue
		}
		f, ok := s.expression(i)
		if !ok {
			i++
			continue
		}
		found = append(found, f)
		i = f.end
	}
	found = s.corrected(found)
	out := make([]Expression, 0, len(found))
	for _, f := range found {
		e := f.express()
		e.Start, e.End, e.Text = f.start, f.end, string(original[f.start:f.end])
		out = append(out, e)
	}
	return out
}

// wall keeps the wall clock and drops the zone, so that days are 24 hours.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// span is a stretch of days or an instant's day.
type span struct {
	from, to time.Time // to is exclusive
	grain    string
	others   []time.Time // other readings of from, for single days
	invalid  bool
	lasts    bool // a stretch rather than a unit: always a range
	clock    *clock
}

// clock is a time of day in minutes; to is the exclusive end of a range, -1
// for an instant.
type clock struct {
	from, to int
	grain    string
	others   []int
	part     string // the part of the day that was named
}

// found is an expression before it is worded.
type found struct {
	start, end int
	days       *span
	at         *clock
	lasting    string // ISO 8601 duration
	grain      string
}
