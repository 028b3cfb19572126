package ticket

import (
	"cmp"
	"slices"
	"time"
)

// Alarms are the moments still ahead in which time says something about a
// ticket, the earliest first. Those raised already in this round are left out.
func Alarms(t Ticket, r Rules) []Alarm {
	if t.Life.Root != "" {
		return nil
	}
	var all []Alarm
	add := func(k AlarmKind, at time.Time, level Level, centre bool) {
		if !at.IsZero() && !slices.Contains(t.Life.Raised, k) {
			all = append(all, Alarm{Kind: k, At: at, Level: level, Centre: centre})
		}
	}
	l, c := r.Limits, r.Clock
	if t.Open() {
		if t.Kind == Help && t.Life.AdmittedAt.IsZero() {
			add(AlarmAdmit, c.After(t.CreatedAt, l.Admit), Yellow, true)
		}
		if !t.DueAt.IsZero() {
			begin := t.CreatedAt
			if !t.Life.ReopenedAt.IsZero() {
				begin = t.Life.ReopenedAt
			}
			add(AlarmYellow, begin.Add(time.Duration(float64(t.DueAt.Sub(begin))*l.Yellow)), Yellow, false)
			add(AlarmWarn, before(t.DueAt, l.Warn), Yellow, false)
			add(AlarmRed, t.DueAt.Add(time.Second), Red, true)
			add(AlarmPress, c.After(t.DueAt, l.Press), Pressed, true)
			add(AlarmReport, c.After(t.DueAt, l.Report), Listed, true)
		}
	}
	switch t.Status {
	case Dispatched:
		add(AlarmSign, c.After(t.Life.DispatchedAt, l.Sign), Calm, true)
	case Signed:
		if t.Life.ContactedAt.IsZero() && !t.Anonymous {
			add(AlarmContact, c.After(t.Life.SignedAt, contactLimit(t, l)), Calm, true)
		}
	case Accepted:
		if ready(t) {
			add(AlarmOut, t.CreatedAt, Calm, false)
		}
	case Reviewed:
		add(AlarmClose, t.Life.RepliedAt, Calm, false)
	case Closed:
		if t.Life.ArchivedAt.IsZero() {
			add(AlarmArchive, c.After(t.Life.ClosedAt, l.Archive), Calm, false)
		}
	}
	slices.SortStableFunc(all, func(a, b Alarm) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Level, b.Level)) })
	return all
}

// ready says whether a ticket can go out without a person.
func ready(t Ticket) bool {
	_, ok := Route(t)
	return ok
}

// contactLimit is how long after signing somebody speaks with the citizen.
func contactLimit(t Ticket, l Limits) Span {
	if t.Urgency != Normal {
		return l.Hurry
	}
	return l.Contact
}

// before is the moment a span of natural time ahead of t.
func before(t time.Time, s Span) time.Time {
	switch s.Unit {
	case Minutes:
		return t.Add(-time.Duration(s.N) * time.Minute)
	case Days:
		return t.AddDate(0, 0, -s.N)
	}
	return t.Add(-time.Duration(s.N) * time.Hour)
}

// Next is when time has something to say about a ticket, zero: never.
func Next(t Ticket, r Rules) time.Time {
	if all := Alarms(t, r); len(all) > 0 {
		return all[0].At
	}
	return time.Time{}
}

// Answer is the command an alarm calls for: most are only recorded and told,
// some do the next step.
func Answer(t Ticket, a Alarm, now time.Time) Command {
	bot := Actor{Role: RoleBot}
	switch a.Kind {
	case AlarmClose:
		return Command{Action: DoClose, By: bot, At: now}
	case AlarmArchive:
		return Command{Action: DoArchive, By: bot, At: now}
	case AlarmOut:
		to, _ := Route(t)
		return Command{Action: DoDispatch, By: bot, At: now, To: to}
	}
	return Command{Action: DoAlarm, By: bot, At: now, Alarm: a}
}

// Route is where a new ticket goes without a person: a request for help to
// its town, small ones straight to the village told; a report the catalogue
// settles to the department, or to its branch in the town. Whatever else
// stays with the centre.
func Route(t Ticket) (Body, bool) {
	switch {
	case t.Life.Root != "":
		return Body{}, false
	case t.Kind == Help && t.Town == "":
		return Body{}, false
	case t.Kind == Help && t.Life.Band == BandDirect && t.Village != "":
		return Body{Town: t.Town, Village: t.Village}, true
	case t.Kind == Help:
		return Body{Town: t.Town}, true
	case t.DepartmentID == "":
		return Body{}, false
	case t.TownBranch:
		return Body{Department: t.DepartmentID, Town: t.Town}, true
	}
	return Body{Department: t.DepartmentID}, true
}
