package outcall

import (
	"testing"
	"time"

	"guanjia/bot"
)

// weekdays are working days but for one holiday.
type weekdays struct{}

func (weekdays) IsWorkday(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	return err == nil && t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && day != "2026-12-07"
}

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, bot.Shanghai())
	if err != nil {
		panic(err)
	}
	return t
}

func TestHours(t *testing.T) {
	r := StandardRules()
	for _, c := range []struct {
		kind      Kind
		now, next string
	}{
		{FollowUp, "2026-12-01 09:00", "2026-12-01 09:00"},
		{FollowUp, "2026-12-01 08:59", "2026-12-01 09:00"},
		{FollowUp, "2026-12-01 12:00", "2026-12-01 14:30"},
		{FollowUp, "2026-12-01 14:29", "2026-12-01 14:30"},
		{FollowUp, "2026-12-01 19:59", "2026-12-01 19:59"},
		{FollowUp, "2026-12-01 20:00", "2026-12-02 09:00"},
		{FollowUp, "2026-12-04 21:00", "2026-12-08 09:00"}, // a week-end and a holiday
		{Reminder, "2026-12-05 10:00", "2026-12-05 10:00"}, // reminders do not wait for Monday
		{Reminder, "2026-12-05 23:00", "2026-12-06 09:00"},
	} {
		if got := r.Next(c.kind, at(c.now), weekdays{}); !got.Equal(at(c.next)) {
			t.Errorf("%s at %s: next %v, want %s", c.kind, c.now, got, c.next)
		}
	}
	r.FollowUps = false
	if got := r.Next(FollowUp, at("2026-12-01 10:00"), weekdays{}); !got.IsZero() {
		t.Errorf("switched off, and still to ring at %v", got)
	}
}

func TestAfter(t *testing.T) {
	r, now := StandardRules(), at("2026-12-01 10:00")
	for name, c := range map[string]struct {
		kind     Kind
		attempts int
		what     Outcome
		until    string
		state    State
		next     string
	}{
		"answered":               {FollowUp, 1, Answered, "", Done, ""},
		"busy":                   {FollowUp, 1, Busy, "", Waiting, "2026-12-01 10:15"},
		"rang in vain":           {FollowUp, 1, NoAnswer, "", Waiting, "2026-12-01 14:30"},
		"rang in vain thrice":    {FollowUp, 3, NoAnswer, "", Failed, ""},
		"no such number":         {FollowUp, 1, Invalid, "", Failed, ""},
		"heard and said nothing": {FollowUp, 1, Listened, "", Waiting, "2026-12-01 14:30"},
		"a reminder heard":       {Reminder, 1, Listened, "", Done, ""},
		"a reminder cut short":   {Reminder, 1, CutShort, "2026-12-01 16:00", Waiting, "2026-12-01 14:30"},
		"too late for another":   {Reminder, 1, NoAnswer, "2026-12-01 13:00", Failed, ""},
		"the trunk is down":      {FollowUp, 3, Unreachable, "", Waiting, "2026-12-01 10:15"},
	} {
		o := Order{Kind: c.kind, Attempts: c.attempts}
		if c.until != "" {
			o.Until = at(c.until)
		}
		got := r.After(o, c.what, now, weekdays{})
		if got.State != c.state || got.Last != c.what || c.next != "" && !got.NextAt.Equal(at(c.next)) {
			t.Errorf("%s: %s, next %v; want %s, %s", name, got.State, got.NextAt, c.state, c.next)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := StandardRules().Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Rules){
		"at night":      func(r *Rules) { r.To = "23:00" },
		"before dawn":   func(r *Rules) { r.From = "05:00" },
		"backwards":     func(r *Rules) { r.From, r.To = "20:00", "09:00" },
		"no time":       func(r *Rules) { r.RestFrom = "noon" },
		"all day long":  func(r *Rules) { r.PerDay = 9 },
		"never":         func(r *Rules) { r.Attempts = 0 },
		"again at once": func(r *Rules) { r.BusyGap = 0 },
	} {
		r := StandardRules()
		change(&r)
		if r.Check() == nil {
			t.Errorf("%s is allowed", name)
		}
	}
}

func TestNumber(t *testing.T) {
	for phone, want := range map[string]bool{"13800000000": true, "076912345678": true, "07691234567": true, "12345": false, "": false, "1380000000x": false, "138000000001": false, "withheld:x": false} {
		if _, ok := Number(phone); ok != want {
			t.Errorf("%q: %v", phone, ok)
		}
	}
}
