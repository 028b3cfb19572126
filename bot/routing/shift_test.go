package routing

import (
	"testing"
	"time"

	"guanjia/bot"
)

func TestShifts(t *testing.T) {
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 12, day, hour, minute, 0, 0, bot.Shanghai())
	}
	plan := []Shift{{Day: "2026-12-01", Staff: "a", From: 9 * 60, To: 12 * 60}, {Day: "2026-12-01", Staff: "b", Group: "社保组", From: 14 * 60, To: 18 * 60}, {Day: "2026-12-03", Staff: "a", From: 9 * 60, To: 12 * 60}}
	team := []Operator{{Name: "a", Presence: On, Capacity: 2}, {Name: "b", Presence: On, Capacity: 2}}
	for name, c := range map[string]struct {
		now    time.Time
		on     bool
		next   time.Time
		offers string // who is asked to take what is for the group
		any    string // and what is for anybody
	}{
		"before":             {at(1, 8, 59), false, at(1, 9, 0), "", ""},
		"the first minute":   {at(1, 9, 0), true, time.Time{}, "a", "a"},
		"the break":          {at(1, 12, 0), false, at(1, 14, 0), "", ""},
		"the group's":        {at(1, 15, 0), true, time.Time{}, "b", "b"},
		"after":              {at(1, 18, 0), false, at(3, 9, 0), "", ""},
		"a day nobody plans": {at(2, 10, 0), false, at(3, 9, 0), "a", "a"},
		"the plan is over":   {at(4, 10, 0), false, time.Time{}, "a", "a"},
	} {
		if on, next := Hours(plan, c.now); on != c.on || !next.Equal(c.next) {
			t.Errorf("%s: on %v, next %v", name, on, next)
		}
		asked := func(group string) string {
			for _, o := range Assign([]Waiting{{Handoff: 1, Group: group}}, ByShifts(team, plan, c.now)) {
				return o.Operator
			}
			return ""
		}
		if got := asked("社保组"); got != c.offers {
			t.Errorf("%s: the group's is offered to %q", name, got)
		}
		if got := asked(""); got != c.any {
			t.Errorf("%s: anybody's is offered to %q", name, got)
		}
	}
	if on, _ := Hours(nil, at(1, 3, 0)); !on {
		t.Error("without a plan nobody is ever there")
	}
}
