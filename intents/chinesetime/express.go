package chinesetime

import (
	"fmt"
	"time"
)

// express words what was found.
func (f found) express() Expression {
	switch {
	case f.lasting != "":
		return Expression{Kind: Duration, Value: f.lasting, Grain: f.grain}
	case f.days != nil && f.days.invalid:
		return Expression{Kind: Date, Invalid: true, Grain: "day"}
	case f.days == nil:
		return f.at.express()
	case f.at == nil:
		return f.days.express()
	}
	return both(f.days, f.at)
}

func (s *span) express() Expression {
	if s.clock != nil { // an instant counted from now
		return Expression{Kind: DateTime, Value: s.from.Format(stampLayout), Grain: s.grain}
	}
	if s.grain == "day" && !s.lasts {
		e := Expression{Kind: Date, Value: s.from.Format(dateLayout), Grain: "day"}
		for _, o := range s.others {
			e.Ambiguity = append(e.Ambiguity, o.Format(dateLayout))
		}
		return e
	}
	return Expression{Kind: DateRange, Value: s.from.Format(dateLayout), EndValue: s.to.Format(dateLayout), Grain: s.grain}
}

func (c *clock) express() Expression {
	if c.to < 0 {
		e := Expression{Kind: Time, Value: hhmm(c.from), Grain: c.grain}
		for _, o := range c.others {
			e.Ambiguity = append(e.Ambiguity, hhmm(o))
		}
		return e
	}
	return Expression{Kind: TimeRange, Value: hhmm(c.from), EndValue: hhmm(c.to), Grain: c.grain}
}

// hhmm is a time of day; the end of the day is 24:00.
func hhmm(minutes int) string {
	if minutes == 24*60 {
		return "24:00"
	}
	return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60)
}

// both joins a day and a time of day.
func both(s *span, c *clock) Expression {
	at := func(day time.Time, minutes int) string {
		return day.Add(time.Duration(minutes) * time.Minute).Format(stampLayout)
	}
	if s.lasts || s.grain != "day" { // "weekdays in the morning": the days stand, the hour narrows
		return Expression{Kind: DateTimeRange, Value: at(s.from, c.from), EndValue: at(s.to.AddDate(0, 0, -1), max(c.to, c.from)), Grain: c.grain}
	}
	if c.to >= 0 {
		e := Expression{Kind: DateTimeRange, Value: at(s.from, c.from), EndValue: at(s.from, c.to), Grain: c.grain}
		for _, o := range s.others {
			e.Ambiguity = append(e.Ambiguity, at(o, c.from))
		}
		return e
	}
	e := Expression{Kind: DateTime, Value: at(s.from, c.from), Grain: c.grain}
	for _, o := range s.others {
		e.Ambiguity = append(e.Ambiguity, at(o, c.from))
	}
	for _, o := range c.others {
		e.Ambiguity = append(e.Ambiguity, at(s.from, o))
	}
	return e
}
