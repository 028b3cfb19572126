package ticket

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
)

// Unit is what a Span counts in.
type Unit string

// The units. Natural time runs day and night; working time stands still
// outside office hours and on days off.
const (
	Minutes  Unit = "m"
	Hours    Unit = "h"
	Days     Unit = "d"
	Months   Unit = "mo"
	WorkHour Unit = "wh"
	WorkDays Unit = "wd" // ends with the day; the day of receipt is not counted
)

// Span is a length of time on one of the two clocks: 24h, 4wh, 5wd, 1mo.
type Span struct {
	N    int
	Unit Unit
}

// String is the span as it is written.
func (s Span) String() string { return strconv.Itoa(s.N) + string(s.Unit) }

// ParseSpan reads 30m, 24h, 7d, 1mo, 4wh or 5wd.
func ParseSpan(text string) (Span, error) {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
	n, err := strconv.Atoi(digits)
	unit := Unit(text[len(digits):])
	switch unit {
	case Minutes, Hours, Days, Months, WorkHour, WorkDays:
		if err == nil && n >= 0 && n <= 10_000 {
			return Span{n, unit}, nil
		}
	}
	return Span{}, fmt.Errorf("%q is no span such as 30m, 24h, 7d, 1mo, 4wh or 5wd", text)
}

// MarshalJSON writes a span as it is written.
func (s Span) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads a span.
func (s *Span) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return fmt.Errorf("span: %w", err)
	}
	v, err := ParseSpan(text)
	*s = v
	return err
}

// Title is a span in words.
func (s Span) Title() string {
	names := map[Unit]string{Minutes: "分钟", Hours: "小时", Days: "天", Months: "个月", WorkHour: "个工作小时", WorkDays: "个工作日"}
	return fmt.Sprintf("%d %s", s.N, names[s.Unit])
}

// Limits are the numbers of the life cycle, all of them data that an
// administrator can change. Sources: 民生大莞家 (24 hours, 5 working days,
// one month), 广东 12345 since 2022-09-01 (2, 10, 15 working days), and common
// practice of dispatch elsewhere.
type Limits struct {
	Admit    Span          `json:"admit"`     // help: until the town says whether it takes it on
	Sign     Span          `json:"sign"`      // until the body has signed
	Return   Span          `json:"return"`    // while it may still be returned
	Contact  Span          `json:"contact"`   // first contact after signing
	Hurry    Span          `json:"hurry"`     // first contact where it is urgent
	Handle   map[Type]Span `json:"handle"`    // 12345, by type
	Help     Span          `json:"help"`      // help up to the middle band
	HelpMost Span          `json:"help_most"` // help at the most, by extension
	Works    Span          `json:"works"`     // public works (微实事)
	Warn     Span          `json:"warn"`      // before it is due
	Yellow   float64       `json:"yellow"`    // share of the time gone
	Press    Span          `json:"press"`     // after it was due: 催办
	Report   Span          `json:"report"`    // after it was due: 通报
	Extend   Span          `json:"extend"`    // one extension of a report at the most
	Returns  int           `json:"returns"`   // how often one body may return a ticket
	Extends  int           `json:"extends"`   // how often it may be extended
	Redos    int           `json:"redos"`     // how often it may be done again
	Reopen   Span          `json:"reopen"`    // while the citizen may ask for that
	Archive  Span          `json:"archive"`   // after which a closed ticket is filed away unasked
	Opens    string        `json:"opens"`     // office hours: 09:00
	Closes   string        `json:"closes"`    // 17:00
	Near     float64       `json:"near"`      // metres within which reports are about one place
	Link     Span          `json:"link"`      // how long back reports are linked
	Bands    Bands         `json:"bands"`
	Match    MatchRules    `json:"match"`
	Claim    ClaimLimits   `json:"claim"`
	Surge    SurgeLimits   `json:"surge"`
}

// Bands are the amounts of 民生大莞家 in yuan: up to Direct the village sees to
// it, above that the town verifies, beyond Joint a joint meeting decides.
type Bands struct {
	Direct float64 `json:"direct"`
	Joint  float64 `json:"joint"`
}

// ClaimLimits bound social claiming.
type ClaimLimits struct {
	Confirm Span `json:"confirm"` // a claim not confirmed goes back
	Ask     Span `json:"ask"`     // of a wish nobody claims the donors' pool is asked
	Wait    Span `json:"wait"`    // a wish nobody claims goes to the government, from when it was made public
	Deliver Span `json:"deliver"` // a confirmed claim is to be delivered within
	Most    int  `json:"most"`    // claims one person may hold at once
}

// SurgeLimits say when many reports in a short time are a sudden event.
type SurgeLimits struct {
	Window Span    `json:"window"`
	Least  int     `json:"least"` // reports of one category and town in the window
	Times  float64 `json:"times"` // and so many times what is usual
}

// StandardLimits are the limits until an administrator changes them.
func StandardLimits() Limits {
	return Limits{
		Admit: Span{24, Hours}, Sign: Span{4, WorkHour}, Return: Span{1, WorkDays},
		Contact: Span{1, WorkDays}, Hurry: Span{30, Minutes},
		Handle: map[Type]Span{
			Inquiry: {2, WorkDays}, Assistance: {10, WorkDays}, Suggestion: {10, WorkDays}, Praise: {10, WorkDays},
			Complaint: {15, WorkDays}, Tipoff: {15, WorkDays},
		},
		Help: Span{5, WorkDays}, HelpMost: Span{1, Months}, Works: Span{6, Months},
		Warn: Span{24, Hours}, Yellow: 0.7, Press: Span{1, WorkDays}, Report: Span{5, WorkDays},
		Extend:  Span{10, WorkDays},
		Returns: 1, Extends: 1, Redos: 2, Reopen: Span{15, Days}, Archive: Span{7, Days},
		Opens: "09:00", Closes: "17:00", Near: 200, Link: Span{30, Days},
		Bands: Bands{Direct: 1000, Joint: 10_000}, Match: standardMatch(),
		Claim: ClaimLimits{Confirm: Span{72, Hours}, Ask: Span{24, Hours}, Wait: Span{48, Hours}, Deliver: Span{7, Days}, Most: 3},
		Surge: SurgeLimits{Window: Span{30, Minutes}, Least: 20, Times: 5},
	}
}

// Check says what is wrong with limits somebody wrote.
func (l Limits) Check() error {
	opens, err := time.Parse("15:04", l.Opens)
	if err != nil {
		return fmt.Errorf("opens: %q is no time of day", l.Opens)
	}
	closes, err := time.Parse("15:04", l.Closes)
	if err != nil || !closes.After(opens) {
		return fmt.Errorf("closes: %q is no time of day after %s", l.Closes, l.Opens)
	}
	for _, t := range []Type{Inquiry, Assistance, Suggestion, Praise, Complaint, Tipoff} {
		if l.Handle[t].N < 1 {
			return fmt.Errorf("handle: %s has no limit", t)
		}
	}
	for name, s := range map[string]Span{"admit": l.Admit, "sign": l.Sign, "return": l.Return, "contact": l.Contact, "hurry": l.Hurry,
		"help": l.Help, "help_most": l.HelpMost, "works": l.Works, "warn": l.Warn, "press": l.Press, "report": l.Report,
		"reopen": l.Reopen, "archive": l.Archive, "link": l.Link, "extend": l.Extend,
		"confirm": l.Claim.Confirm, "ask": l.Claim.Ask, "wait": l.Claim.Wait, "deliver": l.Claim.Deliver, "surge": l.Surge.Window} {
		if s.N < 1 {
			return fmt.Errorf("%s: at least 1 is needed", name)
		}
	}
	if l.Bands.Direct <= 0 || l.Bands.Joint <= l.Bands.Direct || l.Yellow <= 0 || l.Yellow >= 1 || l.Near <= 0 || l.Surge.Least < 2 || l.Claim.Most < 1 {
		return fmt.Errorf("bands, yellow, near, surge or claims are out of range")
	}
	return l.Match.check()
}

// Workdays knows working days with 调休.
type Workdays interface {
	IsWorkday(day string) bool // 2026-12-02
}

// Clock counts limits: natural time, and working time by a calendar and
// office hours.
type Clock struct {
	Days          Workdays // nil: weekends are off
	Opens, Closes time.Duration
}

// NewClock makes the clock of limits.
func NewClock(days Workdays, l Limits) Clock {
	return Clock{Days: days, Opens: timeOfDay(l.Opens), Closes: timeOfDay(l.Closes)}
}

func timeOfDay(text string) time.Duration {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

func (c Clock) works(day time.Time) bool {
	if c.Days != nil {
		return c.Days.IsWorkday(day.Format(time.DateOnly))
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// After is when a span that begins at t is over.
func (c Clock) After(t time.Time, s Span) time.Time {
	t = t.In(bot.Shanghai())
	switch s.Unit {
	case Minutes:
		return t.Add(time.Duration(s.N) * time.Minute)
	case Hours:
		return t.Add(time.Duration(s.N) * time.Hour)
	case Days:
		return t.AddDate(0, 0, s.N)
	case Months:
		return t.AddDate(0, s.N, 0)
	case WorkHour:
		return c.workhours(t, time.Duration(s.N)*time.Hour)
	}
	day := midnight(t)
	for n := s.N; n > 0; {
		day = day.AddDate(0, 0, 1)
		if c.works(day) {
			n--
		}
	}
	return endOf(day)
}

// workhours counts office hours on from t.
func (c Clock) workhours(t time.Time, left time.Duration) time.Time {
	for {
		day := midnight(t)
		opens, closes := day.Add(c.Opens), day.Add(c.Closes)
		if c.works(day) && t.Before(closes) {
			if t.Before(opens) {
				t = opens
			}
			if open := closes.Sub(t); left <= open {
				return t.Add(left)
			} else {
				left -= open
			}
		}
		t = day.AddDate(0, 0, 1)
	}
}

func midnight(t time.Time) time.Time {
	y, m, d := t.In(bot.Shanghai()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, bot.Shanghai())
}

func endOf(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 23, 59, 59, 0, bot.Shanghai())
}

// HandleFor is how long a ticket may take from its receipt.
func (l Limits) HandleFor(t Ticket) Span {
	switch {
	case t.Works:
		return l.Works
	case t.Kind == Help:
		return l.Help
	}
	if s, ok := l.Handle[t.Type]; ok {
		return s
	}
	return l.Handle[Complaint]
}

// Latest is the latest day a ticket may be extended to: help to the last working
// day within a month of its receipt, a report by one span after it is due.
func (r Rules) Latest(t Ticket) time.Time {
	if t.Kind == Help {
		return r.Clock.lastWorkday(dueBy(r.Clock, t.CreatedAt, r.Limits.HelpMost))
	}
	return r.Clock.After(t.DueAt, r.Limits.Extend)
}

// Extended is when an extension to a day ends: at the end of that day or, where
// it is a day off, of the next working day.
func (r Rules) Extended(until time.Time) time.Time {
	day := midnight(until)
	for range longestBreak {
		if r.Clock.works(day) {
			break
		}
		day = day.AddDate(0, 0, 1)
	}
	return endOf(day)
}

// longestBreak is more days than are ever off in a row.
const longestBreak = 31

// lastWorkday is the end of the last working day that is not after t's.
func (c Clock) lastWorkday(t time.Time) time.Time {
	day := midnight(t)
	for range longestBreak {
		if c.works(day) {
			return endOf(day)
		}
		day = day.AddDate(0, 0, -1)
	}
	return endOf(midnight(t))
}
