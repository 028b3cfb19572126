package booking

import (
	"cmp"
	"slices"
	"time"
)

// Change is one change of a plan by those who run it. One of its parts is set.
type Change struct {
	Hall       *Hall     `json:"hall,omitempty"`
	Window     *Window   `json:"window,omitempty"`
	NoWindow   *Window   `json:"no_window,omitempty"`
	Service    *Service  `json:"service,omitempty"` // its department and minutes, and:
	Halls      []string  `json:"halls,omitempty"`   // where its group is offered; none: at every hall
	Schedule   *Schedule `json:"schedule,omitempty"`
	NoSchedule *Schedule `json:"no_schedule,omitempty"`
	Override   *Override `json:"override,omitempty"`
	NoOverride *Override `json:"no_override,omitempty"`
	Closure    *Closure  `json:"closure,omitempty"`
	NoClosure  int64     `json:"no_closure,omitempty"`
}

// Subject names what a change is about, for the records.
func (c Change) Subject() string {
	switch {
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
	case c.Service != nil:
		group := cmp.Or(c.Service.Group, c.Service.ID)
		p.Offers = slices.DeleteFunc(slices.Clone(p.Offers), func(o Offer) bool { return o.Group == group })
		for _, h := range c.Halls {
			p.Offers = append(p.Offers, Offer{group, h})
		}
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

func without(all []Schedule, s Schedule) []Schedule {
	return slices.DeleteFunc(slices.Clone(all), func(o Schedule) bool {
		return o.Group == s.Group && o.Hall == s.Hall && o.Weekdays == s.Weekdays && o.Time == s.Time
	})
}

func (o *Override) same(other Override) bool { return o.Date == other.Date && o.Hall == other.Hall }

// Impact is what a change of the plan would do.
type Impact struct {
	Added     int // places more that can be booked at once
	Shut      int // places that could be booked and no longer could
	Concerned int // people booked in what is shut; they are told
	// Week is how many places the seven days after those released would have,
	// and Was how many they have as things stand.
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
