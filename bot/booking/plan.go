package booking

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Department runs windows and answers for services.
type Department struct{ ID, Name string }

// Group is services that share openings: whoever serves one serves the others.
type Group struct {
	ID         string
	Name       string
	Department string
	Minutes    int // a service takes on average; 0: not known
}

// Window is where a hall serves people.
type Window struct {
	Hall       string
	Number     string // as it is written over it
	Name       string
	Department string
	Groups     []string // what it serves; none: everything
}

// Schedule gives a period its capacity where it differs from the plan's
// periods: for a group, a hall, weekdays, or all of them where empty. The most
// particular row counts, a hall before a group. Capacity 0: not offered.
type Schedule struct {
	Group    string
	Hall     string
	Weekdays string // of 1 (Monday) to 7; naming 6 or 7 opens a weekend
	Time     string
	Capacity int
}

// Offer says that a hall offers a group. A group of which nothing is said is
// offered at every hall.
type Offer struct{ Group, Hall string }

// Override is an administrator's word on a day, for one hall or, where it is
// empty, all: it stands above the calendar.
type Override struct {
	Date string
	Hall string
	Open bool
	Name string // why
}

// Holiday is a day of a year's table: off, or a weekend on which is worked.
type Holiday struct {
	Date string `json:"date"`
	Work bool   `json:"work,omitempty"`
	Name string `json:"name"`
}

// Closure keeps a hall, or a group of it, shut for some days or hours.
type Closure struct {
	ID     int64
	Hall   string // empty: all
	Group  string // empty: all
	From   string // day
	To     string // last day
	Start  string // empty: from the day's begin
	End    string // empty: to the day's end; exclusive
	Reason string // told to citizens
}

// Plan is what can be booked where and when: the ground of release.
type Plan struct {
	Departments []Department
	Halls       []Hall
	Groups      []Group
	Services    []Service
	Windows     []Window
	Offers      []Offer
	Periods     []Period // of every working day, where no schedule says otherwise
	Schedules   []Schedule
	Holidays    []Holiday // the tables of whole years, above the calendar's
	Overrides   []Override
	Closures    []Closure
	Demo        bool // all of it is a sample
}

// Calendar tells working days, and holidays by name.
type Calendar interface {
	IsWorkday(day string) bool // 2026-12-02
}

// holidays may be known to a calendar too.
type holidays interface {
	Holiday(day string) string
}

// works says how a hall works on a day: as on a working day, or only where a
// schedule names the weekday, or not at all.
func (p *Plan) works(hall, date string, cal Calendar) (working, extra bool) {
	named := ""
	for _, o := range p.Overrides {
		if o.Date == date && (o.Hall == hall || o.Hall == "" && named != hall) {
			working, named = o.Open, cmp.Or(o.Hall, "*")
		}
	}
	if named != "" {
		return working, false
	}
	if d, known := p.holiday(date); known {
		return d.Work, !d.Work && d.Name == ""
	}
	if cal.IsWorkday(date) {
		return true, false
	}
	if h, ok := cal.(holidays); ok && h.Holiday(date) != "" {
		return false, false
	}
	return false, true
}

// holiday is what the plan's table of a day's year says of it: of a day that is
// not in the table, that it is a working day or a plain weekend.
func (p *Plan) holiday(date string) (day Holiday, known bool) {
	for _, h := range p.Holidays {
		if h.Date == date {
			return h, true
		}
		known = known || len(date) > 4 && strings.HasPrefix(h.Date, date[:5])
	}
	t, err := time.Parse(time.DateOnly, date)
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	return Holiday{Date: date, Work: !weekend}, known && err == nil
}

// Day is what the plan offers on a day: a sheet for each group at each hall
// that works. Periods kept shut by a closure have no capacity; walkIns gives
// the percent of a group's places held back for who walks in.
func (p *Plan) Day(date string, cal Calendar, walkIns func(group string) int) []Sheet {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return nil
	}
	weekday := string(rune('0' + (int(t.Weekday())+6)%7 + 1))
	var sheets []Sheet
	groups, offered, schedules := p.groupIDs(), p.offered(), p.scheduled()
	for _, h := range p.Halls {
		working, extra := p.works(h.ID, date, cal)
		if !working && !extra && !p.said(h.ID, date) {
			continue
		}
		for _, g := range groups {
			if halls := offered[g.id]; halls != nil && !halls[h.ID] {
				continue
			}
			closed := !working && !extra || h.Retired || g.retired
			s := Sheet{Group: g.id, Hall: h.ID, Date: date, Closed: closed, Periods: p.periods(schedules, g.id, h.ID, weekday, working)}
			for i := range s.Periods {
				v := &s.Periods[i]
				v.Demo = v.Demo || h.Demo || g.demo
				if closed || p.shut(h.ID, g.id, date, v.Time) {
					v.Capacity, v.Closed = 0, true
				}
				v.Kept = v.Capacity * walkIns(g.id) / 100
			}
			if closed || len(s.Periods) > 0 {
				sheets = append(sheets, s)
			}
		}
	}
	return sheets
}

// offered are the halls of each group of which something is said.
func (p *Plan) offered() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, o := range p.Offers {
		if out[o.Group] == nil {
			out[o.Group] = map[string]bool{}
		}
		out[o.Group][o.Hall] = true
	}
	return out
}

// said says whether somebody spoke about a hall's day, for itself or in the
// table of its year: what was released is then to be closed, not merely missing.
func (p *Plan) said(hall, date string) bool {
	if _, known := p.holiday(date); known {
		return true
	}
	return slices.ContainsFunc(p.Overrides, func(o Override) bool { return o.Date == date && (o.Hall == "" || o.Hall == hall) })
}

type groupID struct {
	id      string
	demo    bool
	retired bool // every service of it is
}

// groupIDs are the groups of the plan's services.
func (p *Plan) groupIDs() []groupID {
	var ids []groupID
	at := map[string]int{}
	for _, v := range p.Services {
		id := cmp.Or(v.Group, v.ID)
		i, seen := at[id]
		if !seen {
			at[id] = len(ids)
			ids = append(ids, groupID{id, v.Demo, v.Retired})
			continue
		}
		ids[i].demo = ids[i].demo && v.Demo
		ids[i].retired = ids[i].retired && v.Retired
	}
	return ids
}

// scheduled are the schedules by the group and hall they name, in order.
func (p *Plan) scheduled() map[Offer][]Schedule {
	out := map[Offer][]Schedule{}
	for _, s := range p.Schedules {
		out[Offer{s.Group, s.Hall}] = append(out[Offer{s.Group, s.Hall}], s)
	}
	return out
}

// periods are a group's at a hall on a weekday. Which schedule is the more
// particular follows from what it names: only among those that name the same
// the last counts.
func (p *Plan) periods(schedules map[Offer][]Schedule, group, hall, weekday string, working bool) []Period {
	best := map[string]int{}
	found := map[string]Period{}
	if working {
		for _, v := range p.Periods {
			found[v.Time] = v
		}
	}
	for i, names := range [4]Offer{{}, {Group: group}, {Hall: hall}, {group, hall}} {
		for _, s := range schedules[names] {
			if s.Weekdays != "" && !strings.Contains(s.Weekdays, weekday) || s.Weekdays == "" && !working {
				continue
			}
			rank := 1 + 2*i
			if s.Weekdays != "" {
				rank++
			}
			if rank >= best[s.Time] {
				best[s.Time] = rank
				found[s.Time] = Period{Time: s.Time, Capacity: s.Capacity}
			}
		}
	}
	var all []Period
	for _, v := range found {
		if v.Capacity > 0 {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b Period) int { return cmp.Compare(a.Time, b.Time) })
	return all
}

func (p *Plan) shut(hall, group, date, clock string) bool {
	return slices.ContainsFunc(p.Closures, func(c Closure) bool { return c.covers(hall, group, date, clock) })
}

func (c Closure) covers(hall, group, date, clock string) bool {
	return (c.Hall == "" || c.Hall == hall) && (c.Group == "" || c.Group == group) && date >= c.From && date <= cmp.Or(c.To, c.From) &&
		clock >= c.Start && (c.End == "" || clock < c.End)
}

// Closed says which of a day's openings somebody shut, and why.
func (p *Plan) Closed(place Place) (reason string, closed bool) {
	for _, c := range p.Closures {
		if c.covers(place.Hall, place.Group, place.Date, place.Time) {
			return c.Reason, true
		}
	}
	for _, o := range p.Overrides {
		if o.Date == place.Date && (o.Hall == "" || o.Hall == place.Hall) && !o.Open {
			return o.Name, true
		}
	}
	if slices.ContainsFunc(p.Halls, func(h Hall) bool { return h.ID == place.Hall && h.Retired }) {
		return "大厅停止办理", true
	}
	if slices.ContainsFunc(p.groupIDs(), func(g groupID) bool { return g.id == place.Group && g.retired }) {
		return "业务停止办理", true
	}
	d, known := p.holiday(place.Date)
	return d.Name, known && !d.Work
}

// Merged is a sheet already released under a changed plan: periods that are
// new are added, those shut are closed, and what was there keeps its capacity.
func (s Sheet) Merged(planned Sheet) Sheet {
	s.Periods = slices.Clone(s.Periods)
	for _, v := range planned.Periods {
		i := slices.IndexFunc(s.Periods, func(o Period) bool { return o.Time == v.Time })
		switch {
		case i < 0 && !v.Closed:
			s.Periods = append(s.Periods, v)
		case i >= 0 && v.Closed:
			s.Periods[i].Capacity, s.Periods[i].Kept, s.Periods[i].Closed = 0, 0, true
		case i >= 0 && s.Periods[i].Closed: // opened again
			s.Periods[i].Capacity, s.Periods[i].Kept, s.Periods[i].Closed = v.Capacity, v.Kept, false
		}
	}
	for i := range s.Periods {
		if planned.Closed {
			s.Periods[i].Capacity, s.Periods[i].Kept, s.Periods[i].Closed = 0, 0, true
		}
	}
	return s
}

// Offered is what of a plan's services lays out openings: their groups.
func (p *Plan) Offered() []string {
	var ids []string
	for _, g := range p.groupIDs() {
		if !g.retired {
			ids = append(ids, g.id)
		}
	}
	return ids
}

// Serves is how many people a hall's windows can serve of a group in an hour:
// those that serve it, and those that serve everything; 0 where nobody told.
func (p *Plan) Serves(group, hall string) float64 {
	minutes := 0
	for _, g := range p.Groups {
		if g.ID == group {
			minutes = g.Minutes
		}
	}
	for _, v := range p.Services {
		if minutes == 0 && cmp.Or(v.Group, v.ID) == group {
			minutes = v.Minutes
		}
	}
	if minutes == 0 {
		return 0
	}
	windows := 0
	for _, w := range p.Windows {
		if w.Hall == hall && (len(w.Groups) == 0 || slices.Contains(w.Groups, group)) {
			windows++
		}
	}
	return float64(windows) * 60 / float64(minutes)
}
