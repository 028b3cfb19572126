// Package outcall decides about the calls that the service places itself: the
// follow-up call after a ticket is closed (回访) and the reminder of an
// appointment. It says whom it may ring and when, how often in a day, and what
// comes after a call that came to nothing.
//
// It refuses to ring outside the hours allowed, more often in a day than a
// person may be rung, and ever again who said no. It does no I/O: the store
// keeps its orders, the hotline places them.
package outcall

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Kind is why somebody is rung.
type Kind string

// The kinds.
const (
	FollowUp Kind = "follow_up" // is the ticket settled? (回访)
	Reminder Kind = "reminder"  // of an appointment
)

// Title names a kind to colleagues.
func (k Kind) Title() string {
	if k == Reminder {
		return "预约提醒"
	}
	return "回访"
}

// State is where an order stands.
type State string

// The states.
const (
	Waiting State = "waiting"
	Ringing State = "ringing" // being placed; leased
	Done    State = "done"    // who was rung heard it and, where asked, answered
	Failed  State = "failed"  // not reached: gone another way
	Dropped State = "dropped" // not placed: said no, no number, or no longer wanted
)

// Title names a state to colleagues.
func (s State) Title() string {
	return map[State]string{Waiting: "等待拨打", Ringing: "拨打中", Done: "已接通", Failed: "未接通，已转其他方式", Dropped: "不拨打"}[s]
}

// Outcome is what came of one try.
type Outcome string

// The outcomes.
const (
	Answered    Outcome = "answered"    // they said or pressed something
	Listened    Outcome = "listened"    // they heard all of it and said nothing
	CutShort    Outcome = "cut_short"   // they hung up before its end
	Busy        Outcome = "busy"        //
	NoAnswer    Outcome = "no_answer"   // it rang in vain, or they declined
	Invalid     Outcome = "invalid"     // there is no such number
	Unreachable Outcome = "unreachable" // the trunk did not take the call: nobody was rung
)

// Title names an outcome to colleagues.
func (o Outcome) Title() string {
	return map[Outcome]string{Answered: "已答复", Listened: "接听未答复", CutShort: "中途挂断", Busy: "占线", NoAnswer: "无人接听",
		Invalid: "空号", Unreachable: "线路不通"}[o]
}

// Order is one call to be placed, tried as often as the rules allow.
type Order struct {
	Key      string // the same key again orders nothing
	Citizen  bot.CitizenID
	Kind     Kind
	Ref      string // of the ticket or the appointment
	Phone    bot.Secret
	Text     bot.Secret // what is said, where it is not asked from the ticket
	State    State
	Attempts int
	Last     Outcome // of the last try
	NextAt   time.Time
	Until    time.Time // it is of no use after
	At       time.Time // when it was ordered
}

// Rules are the numbers that an administrator can change.
type Rules struct {
	FollowUps bool   `json:"follow_ups"`
	Reminders bool   `json:"reminders"`
	From      string `json:"from"` // 09:00: the first minute somebody is rung
	To        string `json:"to"`   // 20:00
	RestFrom  string `json:"rest_from"`
	RestTo    string `json:"rest_to"`
	Workdays  bool   `json:"workdays"` // follow-ups on working days only
	PerDay    int    `json:"per_day"`  // a person, whatever it is about
	Attempts  int    `json:"attempts"` // of one order
	BusyGap   int    `json:"busy_gap"` // minutes until a line that was busy is tried again
	Gap       int    `json:"gap"`      // minutes until anybody else is
	Wait      int    `json:"wait"`     // hours after closing: first they may say it in writing
	AtOnce    int    `json:"at_once"`
}

// StandardRules hold until an administrator changes them.
func StandardRules() Rules {
	return Rules{FollowUps: true, Reminders: true, From: "09:00", To: "20:00", RestFrom: "12:00", RestTo: "14:30", Workdays: true,
		PerDay: 2, Attempts: 3, BusyGap: 15, Gap: 120, Wait: 24, AtOnce: 5}
}

// Check says what is wrong with rules somebody wrote.
func (r Rules) Check() error {
	from, okFrom := minute(r.From)
	to, okTo := minute(r.To)
	restFrom, okRest := minute(r.RestFrom)
	restTo, okRestTo := minute(r.RestTo)
	switch {
	case !okFrom || !okTo || from >= to:
		return errors.New("拨打时段要写成 09:00 到 20:00 这样，且先早后晚")
	case from < 7*60 || to > 22*60:
		return errors.New("拨打时段要在 07:00 到 22:00 之间")
	case !okRest || !okRestTo || restFrom > restTo:
		return errors.New("午休时段要写成 12:00 到 14:30 这样，不休息就写成同一时刻")
	case r.PerDay < 1 || r.PerDay > 5:
		return errors.New("每人每天的次数要在 1 到 5 之间")
	case r.Attempts < 1 || r.Attempts > 10:
		return errors.New("每件事的次数要在 1 到 10 之间")
	case r.BusyGap < 1 || r.Gap < 1 || r.BusyGap > 24*60 || r.Gap > 7*24*60:
		return errors.New("重拨间隔至少 1 分钟，占线最多 1 天，其他最多 7 天")
	case r.Wait < 0 || r.Wait > 7*24:
		return errors.New("办结后等待的小时数要在 0 到 168 之间")
	case r.AtOnce < 1 || r.AtOnce > 200:
		return errors.New("同时拨打的数量要在 1 到 200 之间")
	}
	return nil
}

func minute(clock string) (int, bool) {
	t, err := time.Parse("15:04", clock)
	return t.Hour()*60 + t.Minute(), err == nil
}

// Workdays knows working days with 调休; nil: weekends are off.
type Workdays interface {
	IsWorkday(day string) bool // 2026-12-02
}

// Allows says whether somebody may be rung at a moment.
func (r Rules) Allows(k Kind, at time.Time, days Workdays) bool {
	at = at.In(bot.Shanghai())
	now := at.Hour()*60 + at.Minute()
	from, _ := minute(r.From)
	to, _ := minute(r.To)
	restFrom, _ := minute(r.RestFrom)
	restTo, _ := minute(r.RestTo)
	switch {
	case k == FollowUp && !r.FollowUps, k == Reminder && !r.Reminders:
		return false
	case now < from || now >= to || now >= restFrom && now < restTo:
		return false
	}
	return k != FollowUp || !r.Workdays || works(at, days)
}

func works(at time.Time, days Workdays) bool {
	if days == nil {
		return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday
	}
	return days.IsWorkday(at.Format(time.DateOnly))
}

// maxHours is how long a time is looked for that is allowed: longer than any
// run of holidays.
const maxHours = 21 * 24

// Next is the first allowed moment from at on, by the quarter of an hour; zero
// where there is none.
func (r Rules) Next(k Kind, at time.Time, days Workdays) time.Time {
	if r.Allows(k, at, days) {
		return at
	}
	at = at.Truncate(15 * time.Minute)
	for range maxHours * 4 {
		if at = at.Add(15 * time.Minute); r.Allows(k, at, days) {
			return at
		}
	}
	return time.Time{}
}

// After is an order after a try. Where it comes out Failed, who was to be rung
// is told another way.
func (r Rules) After(o Order, what Outcome, now time.Time, days Workdays) Order {
	o.Last = what
	again := time.Duration(r.Gap) * time.Minute
	switch what {
	case Answered:
		o.State = Done
		return o
	case Listened:
		if o.Kind == Reminder {
			o.State = Done
			return o
		}
	case Busy:
		again = time.Duration(r.BusyGap) * time.Minute
	case Invalid:
		o.State = Failed
		return o
	case Unreachable: // nobody was rung: it is no try
		o.Attempts--
		again = time.Duration(r.BusyGap) * time.Minute
	}
	o.NextAt = r.Next(o.Kind, now.Add(again), days)
	if o.State = Waiting; o.Attempts >= r.Attempts || o.NextAt.IsZero() || !o.Until.IsZero() && o.NextAt.After(o.Until) {
		o.State = Failed
	}
	return o
}

// Number is a telephone number as it is dialled; false where it is none that
// may be rung: mobiles, and landlines with their area code.
func Number(phone string) (string, bool) {
	if n := len(phone); n < 10 || n > 12 || phone[0] != '1' && phone[0] != '0' || phone[0] == '1' && n != 11 {
		return "", false
	}
	for _, c := range phone {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return phone, true
}

// ErrSaidNo means that whoever has the number does not want to be rung.
var ErrSaidNo = errors.New("they do not want to be rung")

// Refusals keeps who said no. Whoever answers a number may say it of the
// number.
type Refusals interface {
	// RefuseCalls has a number never rung again by the service itself; what is
	// ordered for it is dropped.
	RefuseCalls(ctx context.Context, tx bot.Tx, phone string, at time.Time) error
}

// The deeds of the audit trail: a call that was placed, its outcome as the
// reason; somebody who said no; other rules.
const (
	AuditCall  = "place_call"
	AuditNo    = "refuse_calls"
	AuditRules = "set_call_rules"
)

// Subject names in the audit trail what an order is about.
func (o Order) Subject() string {
	if o.Kind == Reminder {
		return "appointment:" + o.Ref
	}
	return "ticket:" + o.Ref
}

// String names an order in logs, without a particular.
func (o Order) String() string { return fmt.Sprintf("%s %s, try %d", o.Kind, o.Ref, o.Attempts) }
