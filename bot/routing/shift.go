package routing

import (
	"fmt"
	"slices"
	"time"

	"guanjia/bot"
)

// Shift is a span of a day in which an operator is on, for a group's
// conversations or, without one, for everybody's.
type Shift struct {
	ID       int64
	Day      string // 2026-12-01
	Staff    string
	Group    string
	From, To int // minutes of the day
}

// String says when, and for which group.
func (v Shift) String() string {
	return fmt.Sprintf("%s %s-%s %s", v.Day, Clock(v.From), Clock(v.To), v.Group)
}

// Clock is a minute of the day as a clock shows it.
func Clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// Begins is when a shift begins.
func (v Shift) Begins() time.Time {
	day, err := time.ParseInLocation(time.DateOnly, v.Day, bot.Shanghai())
	if err != nil {
		return time.Time{}
	}
	return day.Add(time.Duration(v.From) * time.Minute)
}

// Covers says whether an instant lies in a shift.
func (v Shift) Covers(now time.Time) bool {
	begins := v.Begins()
	return !now.Before(begins) && now.Before(begins.Add(time.Duration(v.To-v.From)*time.Minute))
}

// ByShifts are operators as a plan has them: where a day is planned, who is not
// on is asked nothing, and who is on for a group belongs to it meanwhile. A day
// nobody planned leaves everybody as they are.
func ByShifts(operators []Operator, plan []Shift, now time.Time) []Operator {
	today := now.In(bot.Shanghai()).Format(time.DateOnly)
	if !slices.ContainsFunc(plan, func(v Shift) bool { return v.Day == today }) {
		return operators
	}
	out := slices.Clone(operators)
	for i := range out {
		o := &out[i]
		on := false
		for _, v := range plan {
			if v.Staff != o.Name || !v.Covers(now) {
				continue
			}
			on = true
			if v.Group != "" && !slices.Contains(o.Groups, v.Group) {
				o.Groups = append(slices.Clone(o.Groups), v.Group)
			}
		}
		if !on && o.Presence == On {
			o.Presence = Away
		}
	}
	return out
}

// Hours says whether anybody is on by a plan, and if not when the next shift
// begins; zero if none is planned. Without a plan somebody always may be.
func Hours(plan []Shift, now time.Time) (on bool, next time.Time) {
	for _, v := range plan {
		if v.Covers(now) {
			return true, time.Time{}
		}
		if begins := v.Begins(); begins.After(now) && (next.IsZero() || begins.Before(next)) {
			next = begins
		}
	}
	return len(plan) == 0, next
}
