package booking

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"guanjia/bot"
)

// ArrivalStatus is where somebody in a hall stands.
type ArrivalStatus string

// The states of an arrival.
const (
	ArrivalWaiting ArrivalStatus = "waiting"
	ArrivalCalled  ArrivalStatus = "called"
	ArrivalServed  ArrivalStatus = "served"
	ArrivalGone    ArrivalStatus = "gone" // called and not there
)

// Arrival is a number drawn in a hall: by an appointment on its day, or by
// whoever walks in.
type Arrival struct {
	ID          int64
	Hall        string
	Group       string
	Service     string
	Date        string
	Number      string // shown in the hall: A012 by appointment, B007 otherwise
	Appointment string // empty: a walk-in
	Due         string // the appointment's time; empty: as it came
	Late        bool   // came after the grace: queued with the walk-ins
	At          time.Time
	Status      ArrivalStatus
	Window      string
	Called      time.Time
	Calls       int
	Ended       time.Time
}

type deskKey struct{ hall, date string }

// desk is a hall's day: the numbers drawn.
type desk struct {
	arrivals []*Arrival // in order of arrival
	drawn    [2]int     // by appointment, otherwise
}

// CheckIn draws a number for an appointment at its hall on its day: from the
// rules' CheckInEarly before its time on. Who comes later than CheckInLate
// after it is queued with the walk-ins. Checking in again gives the same
// number.
func (d *Diary) CheckIn(number, hall string, now time.Time, id func() int64) (Arrival, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.entries[number]
	switch {
	case e == nil:
		return Arrival{}, ErrNoAppointment
	case e.Hall != hall:
		return Arrival{}, ErrOtherHall
	case e.Status == CheckedIn:
		if v := d.visitOf(e); v != nil {
			return *v, nil
		}
	case e.Status != Booked:
		return Arrival{}, ErrNotActive
	}
	rules := d.rules.For(e.Service)
	due := At(e.Date, e.Time)
	today := now.In(bot.Shanghai()).Format(time.DateOnly)
	switch {
	case e.Date < today:
		return Arrival{}, ErrOver
	case e.Date > today:
		return Arrival{}, ErrOtherDay
	case now.Before(due.Add(-rules.CheckInEarly)):
		return Arrival{}, ErrEarly
	}
	late := now.After(due.Add(rules.CheckInLate))
	v := &Arrival{ID: id(), Hall: hall, Group: e.Group, Service: e.Service, Date: e.Date, Appointment: number, Due: e.Time, Late: late, At: now, Status: ArrivalWaiting}
	d.draw(v)
	d.change(e, CheckedIn, e.Place)
	return *v, nil
}

// WalkIn draws a number without an appointment.
func (d *Diary) WalkIn(service, hall string, now time.Time, id func() int64) Arrival {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := &Arrival{ID: id(), Hall: hall, Group: d.groupOf(service), Service: service, Date: now.In(bot.Shanghai()).Format(time.DateOnly), At: now, Status: ArrivalWaiting}
	d.draw(v)
	return *v
}

// draw numbers an arrival and puts it in its hall's line.
func (d *Diary) draw(v *Arrival) {
	key := deskKey{v.Hall, v.Date}
	k := d.desks[key]
	if k == nil {
		k = &desk{}
		d.desks[key] = k
	}
	row := v.row()
	k.drawn[row]++
	v.Number = fmt.Sprintf("%c%03d", "AB"[row], k.drawn[row])
	k.arrivals = append(k.arrivals, v)
	d.arrivals[v.ID] = v
	d.undo = append(d.undo, func() {
		k.drawn[row]--
		k.arrivals = slices.DeleteFunc(k.arrivals, func(o *Arrival) bool { return o == v })
		delete(d.arrivals, v.ID)
	})
	d.emit(Effect{Arrival: copyOf(v)})
}

func (v *Arrival) row() int {
	if v.Appointment != "" && !v.Late {
		return 0
	}
	return 1
}

func (d *Diary) visitOf(e *Entry) *Arrival {
	if k := d.desks[deskKey{e.Hall, e.Date}]; k != nil {
		for _, v := range k.arrivals {
			if v.Appointment == e.Number {
				return v
			}
		}
	}
	return nil
}

// before says whether v is called before o at now: appointments whose time has
// come in order of time, then those who came without one or too late, in order
// of arrival, then appointments that are early.
func (v *Arrival) before(o *Arrival, now time.Time) bool {
	a, b := v.rank(now), o.rank(now)
	if a != b {
		return a < b
	}
	if a != 1 && v.Due != o.Due {
		return v.Due < o.Due
	}
	if c := v.At.Compare(o.At); c != 0 {
		return c < 0
	}
	return v.ID < o.ID
}

func (v *Arrival) rank(now time.Time) int {
	switch {
	case v.row() == 1:
		return 1
	case At(v.Date, v.Due).After(now):
		return 2
	}
	return 0
}

// Call gives a window the next number of the groups it serves (none: all).
// What the window still had is served by that.
func (d *Diary) Call(hall, window string, groups []string, now time.Time) (Arrival, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var next *Arrival
	if k := d.desks[deskKey{hall, now.In(bot.Shanghai()).Format(time.DateOnly)}]; k != nil {
		for _, v := range slices.Clone(k.arrivals) {
			switch {
			case v.Status == ArrivalCalled && v.Window == window:
				d.end(v, ArrivalServed, now)
			case v.Status == ArrivalWaiting && (len(groups) == 0 || slices.Contains(groups, v.Group)) && (next == nil || v.before(next, now)):
				next = v
			}
		}
	}
	if next == nil {
		return Arrival{}, ErrNobody
	}
	d.alter(next, func(v *Arrival) { v.Status, v.Window, v.Called, v.Calls = ArrivalCalled, window, now, v.Calls+1 })
	return *next, nil
}

// Recall calls a number again.
func (d *Diary) Recall(id int64, now time.Time) (Arrival, error) {
	return d.alterCalled(id, func(v *Arrival) { v.Called, v.Calls = now, v.Calls+1 })
}

func (d *Diary) alterCalled(id int64, how func(*Arrival)) (Arrival, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.arrivals[id]
	if v == nil || v.Status != ArrivalCalled {
		return Arrival{}, ErrNobody
	}
	d.alter(v, how)
	return *v, nil
}

func (d *Diary) alter(v *Arrival, how func(*Arrival)) {
	was := *v
	how(v)
	d.undo = append(d.undo, func() { *v = was })
	d.emit(Effect{Arrival: copyOf(v)})
}

// End settles a called number: served, or gone when nobody came. An
// appointment whose number is gone was missed.
func (d *Diary) End(id int64, status ArrivalStatus, now time.Time) (Arrival, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.arrivals[id]
	if v == nil || v.Status != ArrivalCalled {
		return Arrival{}, ErrNobody
	}
	d.end(v, status, now)
	return *v, nil
}

func (d *Diary) end(v *Arrival, status ArrivalStatus, now time.Time) {
	d.alter(v, func(v *Arrival) { v.Status, v.Ended = status, now })
	e := d.entries[v.Appointment]
	if e == nil || e.Status != CheckedIn {
		return
	}
	d.change(e, map[ArrivalStatus]Status{ArrivalServed: Served, ArrivalGone: NoShow}[status], e.Place)
}

// Return lets who was called, was not there and came after all wait again in
// their old place; an appointment is not missed then.
func (d *Diary) Return(id int64, now time.Time) (Arrival, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.arrivals[id]
	if v == nil || v.Status != ArrivalGone || v.Date != now.In(bot.Shanghai()).Format(time.DateOnly) {
		return Arrival{}, ErrNobody
	}
	d.alter(v, func(v *Arrival) { v.Status, v.Window, v.Ended = ArrivalWaiting, "", time.Time{} })
	if e := d.entries[v.Appointment]; e != nil && e.Status == NoShow {
		d.change(e, CheckedIn, e.Place)
		d.unmiss(e.Person, e.Date)
	}
	return *v, nil
}

// ArrivalOf is the number drawn for an appointment and how many are called
// before it.
func (d *Diary) ArrivalOf(number string, now time.Time) (v Arrival, ahead int, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e := d.entries[number]
	if e == nil {
		return v, 0, false
	}
	mine := d.visitOf(e)
	if mine == nil {
		return v, 0, false
	}
	if mine.Status == ArrivalWaiting {
		for _, o := range d.desks[deskKey{e.Hall, e.Date}].arrivals {
			if o != mine && o.Status == ArrivalWaiting && o.Group == mine.Group && o.before(mine, now) {
				ahead++
			}
		}
	}
	return *mine, ahead, true
}

// Arrivals are a hall's numbers of a day: those called first, latest call on
// top, then those waiting in the order they would be called now.
func (d *Diary) Arrivals(hall, date string, now time.Time) []Arrival {
	d.mu.RLock()
	defer d.mu.RUnlock()
	k := d.desks[deskKey{hall, date}]
	if k == nil {
		return nil
	}
	var called, waiting []Arrival
	for _, v := range k.arrivals {
		if v.Status == ArrivalWaiting {
			waiting = append(waiting, *v)
		} else {
			called = append(called, *v)
		}
	}
	slices.SortFunc(called, func(a, b Arrival) int { return cmp.Or(b.Called.Compare(a.Called), cmp.Compare(b.ID, a.ID)) })
	slices.SortFunc(waiting, func(a, b Arrival) int {
		if a.before(&b, now) {
			return -1
		}
		return 1
	})
	return append(called, waiting...)
}
