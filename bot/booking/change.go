package booking

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Change is one change of a plan by those who run it. One of its parts is set,
// and what belongs to it.
type Change struct {
	NewHall      *Hall       `json:"new_hall,omitempty"`
	NewService   *Service    `json:"new_service,omitempty"` // offered at Halls
	Department   *Department `json:"department,omitempty"`  // a new one
	NoDepartment *Department `json:"no_department,omitempty"`
	Renamed      *Renaming   `json:"renamed,omitempty"`
	Year         *Year       `json:"year,omitempty"`
	Hall         *Hall       `json:"hall,omitempty"`
	Window       *Window     `json:"window,omitempty"`
	NoWindow     *Window     `json:"no_window,omitempty"` // beside Window: whose place it takes
	Service      *Service    `json:"service,omitempty"`   // its names, department and minutes, and:
	Halls        []string    `json:"halls,omitempty"`     // where its group is offered; none: at every hall
	Schedule     *Schedule   `json:"schedule,omitempty"`
	NoSchedule   *Schedule   `json:"no_schedule,omitempty"`
	Override     *Override   `json:"override,omitempty"`
	NoOverride   *Override   `json:"no_override,omitempty"`
	Closure      *Closure    `json:"closure,omitempty"`
	NoClosure    int64       `json:"no_closure,omitempty"`
}

// Renaming gives a department another name, wherever it stands.
type Renaming struct {
	Department Department `json:"department"`
	To         string     `json:"to"`
}

// Year is the table of a year's days off and working weekends, in place of the
// one before; without days, the calendar's own counts again.
type Year struct {
	Year int       `json:"year"`
	Days []Holiday `json:"days"`
}

// prefix is how the year's days begin.
func (y *Year) prefix() string { return fmt.Sprintf("%04d-", y.Year) }

// Subject names what a change is about, for the records.
func (c Change) Subject() string {
	switch {
	case c.NewHall != nil:
		return "hall:" + c.NewHall.ID
	case c.NewService != nil:
		return "service:" + c.NewService.ID
	case c.Department != nil:
		return "department:" + c.Department.ID
	case c.NoDepartment != nil:
		return "department:" + c.NoDepartment.ID
	case c.Renamed != nil:
		return "department:" + c.Renamed.Department.ID
	case c.Year != nil:
		return fmt.Sprintf("year:%d", c.Year.Year)
	case c.Hall != nil:
		return "hall:" + c.Hall.ID
	case c.Window != nil:
		return "window:" + c.Window.Hall + "/" + c.Window.Number
	case c.NoWindow != nil:
		return "window:" + c.NoWindow.Hall + "/" + c.NoWindow.Number
	case c.Service != nil:
		return "service:" + c.Service.ID
	case c.Schedule != nil, c.NoSchedule != nil:
		return "schedule"
	case c.Override != nil:
		return "day:" + c.Override.Date
	case c.NoOverride != nil:
		return "day:" + c.NoOverride.Date
	}
	return "closure"
}

// With is the plan as a change would leave it; the old one is not touched.
func (p Plan) With(c Change) Plan {
	switch {
	case c.NewHall != nil:
		p.Halls = append(slices.Clone(p.Halls), *c.NewHall)
	case c.Hall != nil:
		p.Halls = replaced(p.Halls, *c.Hall, func(h Hall) bool { return h.ID == c.Hall.ID })
	case c.NewService != nil:
		p.Services = append(slices.Clone(p.Services), *c.NewService)
		if c.NewService.Group == "" {
			p.offer(*c.NewService, c.Halls)
		}
	case c.Service != nil:
		p.Services = replaced(p.Services, *c.Service, func(v Service) bool { return v.ID == c.Service.ID })
		p.offer(*c.Service, c.Halls)
	case c.Year != nil:
		p.Holidays = slices.DeleteFunc(slices.Clone(p.Holidays), func(h Holiday) bool { return strings.HasPrefix(h.Date, c.Year.prefix()) })
		p.Holidays = append(p.Holidays, c.Year.Days...)
	case c.Schedule != nil:
		p.Schedules = append(without(p.Schedules, *c.Schedule), *c.Schedule)
	case c.NoSchedule != nil:
		p.Schedules = without(p.Schedules, *c.NoSchedule)
	case c.Override != nil:
		p.Overrides = append(slices.DeleteFunc(slices.Clone(p.Overrides), c.Override.same), *c.Override)
	case c.NoOverride != nil:
		p.Overrides = slices.DeleteFunc(slices.Clone(p.Overrides), c.NoOverride.same)
	case c.Closure != nil:
		p.Closures = append(slices.Clone(p.Closures), *c.Closure)
	case c.NoClosure != 0:
		p.Closures = slices.DeleteFunc(slices.Clone(p.Closures), func(o Closure) bool { return o.ID == c.NoClosure })
	}
	return p
}

// offer says where a service's group is offered; no halls: at every one.
func (p *Plan) offer(v Service, halls []string) {
	group := cmp.Or(v.Group, v.ID)
	p.Offers = slices.DeleteFunc(slices.Clone(p.Offers), func(o Offer) bool { return o.Group == group })
	for _, h := range halls {
		p.Offers = append(p.Offers, Offer{group, h})
	}
}

func replaced[T any](all []T, by T, is func(T) bool) []T {
	all = slices.Clone(all)
	if i := slices.IndexFunc(all, is); i >= 0 {
		all[i] = by
	}
	return all
}

func without(all []Schedule, s Schedule) []Schedule {
	return slices.DeleteFunc(slices.Clone(all), func(o Schedule) bool {
		return o.Group == s.Group && o.Hall == s.Hall && o.Weekdays == s.Weekdays && o.Time == s.Time
	})
}

// Lays says whether a change can lay openings otherwise.
func (p Plan) Lays(c Change) bool {
	switch {
	case c.Hall != nil:
		return !slices.ContainsFunc(p.Halls, func(h Hall) bool { return h.ID == c.Hall.ID && h.Retired == c.Hall.Retired })
	case c.Window != nil, c.NoWindow != nil, c.Department != nil, c.NoDepartment != nil, c.Renamed != nil:
		return false
	}
	return true
}

// at is the hall and the group a change concerns, empty: all.
func (c Change) at(p Plan) (hall, group string) {
	switch {
	case c.NewHall != nil:
		return c.NewHall.ID, ""
	case c.Hall != nil:
		return c.Hall.ID, ""
	case c.NewService != nil:
		return "", cmp.Or(c.NewService.Group, c.NewService.ID)
	case c.Service != nil:
		return "", cmp.Or(c.Service.Group, c.Service.ID)
	case c.Schedule != nil:
		return c.Schedule.Hall, c.Schedule.Group
	case c.NoSchedule != nil:
		return c.NoSchedule.Hall, c.NoSchedule.Group
	case c.Override != nil:
		return c.Override.Hall, ""
	case c.NoOverride != nil:
		return c.NoOverride.Hall, ""
	case c.Closure != nil:
		return c.Closure.Hall, c.Closure.Group
	}
	for _, v := range p.Closures {
		if v.ID == c.NoClosure {
			return v.Hall, v.Group
		}
	}
	return "", ""
}

// narrowed is a plan for one hall and one group only; empty: for all.
func (p Plan) narrowed(hall, group string) Plan {
	if hall != "" {
		p.Halls = slices.DeleteFunc(slices.Clone(p.Halls), func(h Hall) bool { return h.ID != hall })
	}
	if group != "" {
		p.Services = slices.DeleteFunc(slices.Clone(p.Services), func(v Service) bool { return cmp.Or(v.Group, v.ID) != group })
	}
	return p
}

// Both are a plan as it stands and as a change leaves it, narrowed to what the
// change concerns.
func (p Plan) Both(c Change) (now, then Plan) {
	hall, group := c.at(p)
	return p.narrowed(hall, group), p.With(c).narrowed(hall, group)
}

func (o *Override) same(other Override) bool { return o.Date == other.Date && o.Hall == other.Hall }

// Impact is what a change of the plan would do.
type Impact struct {
	Added     int // places more that can be booked at once
	Shut      int // places that could be booked and no longer could
	Concerned int // people booked in what is shut; they are told
	// Week is how many places the seven days after those released would have
	// where the change is made, and Was how many they have as things stand.
	Week, Was int
}

// Impact compares a plan with what is laid out, over the days released and the
// week after them.
func (d *Diary) Impact(now, then Plan, days []string, cal Calendar) Impact {
	book := d.Rules()
	walkIns := func(group string) int { return book.For(group).WalkIns }
	var v Impact
	d.mu.RLock()
	for _, date := range days {
		for _, planned := range then.Day(date, cal, walkIns) {
			v.add(d.pages[pageKey{planned.Group, planned.Hall, date}], planned)
		}
	}
	d.mu.RUnlock()
	last, err := time.Parse(time.DateOnly, days[len(days)-1])
	if err != nil {
		return v
	}
	for i := 1; i <= 7; i++ {
		date := last.AddDate(0, 0, i).Format(time.DateOnly)
		v.Was += capacityOf(now.Day(date, cal, walkIns))
		v.Week += capacityOf(then.Day(date, cal, walkIns))
	}
	return v
}

func (v *Impact) add(old *page, planned Sheet) {
	if old == nil {
		v.Added += capacityOf([]Sheet{planned})
		return
	}
	for _, p := range old.Merged(planned).Periods {
		i := old.at(p.Time)
		switch {
		case i < 0:
			v.Added += p.Capacity - p.Kept
		case p.Closed && !old.Periods[i].Closed:
			v.Shut += int(old.left[i])
			v.Concerned += old.taken(i)
		case !p.Closed && old.Periods[i].Closed:
			v.Added += p.Capacity - p.Kept
		}
	}
}

func capacityOf(sheets []Sheet) int {
	n := 0
	for _, s := range sheets {
		for _, p := range s.Periods {
			n += p.Capacity - p.Kept
		}
	}
	return n
}
