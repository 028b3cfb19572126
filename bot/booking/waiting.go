package booking

import (
	"cmp"
	"slices"
	"time"

	"guanjia/bot"
)

// WaitStatus is where somebody on a waiting list stands.
type WaitStatus string

// The states of a wait.
const (
	WaitOpen   WaitStatus = "open"   // in line
	WaitHeld   WaitStatus = "held"   // a place is held until Until
	WaitBooked WaitStatus = "booked" // the place was taken
	WaitLapsed WaitStatus = "lapsed" // the place was not taken in time, or the day is over
	WaitLeft   WaitStatus = "left"   // given up
)

// Waiting is somebody in line for an opening: at a hall, on one day and period
// or any. Lines are served in order of ID.
type Waiting struct {
	ID      int64
	Citizen bot.CitizenID
	Key     string
	Person  Person
	Service string
	Group   string
	Hall    string
	Date    string // empty: any day
	Time    string // empty: any period
	Places  int
	Since   time.Time
	Status  WaitStatus
	Place   Place     // what is held
	Until   time.Time // how long
	Told    bool      // the citizen was told of the hold
}

type queueKey struct{ group, hall string }

// over says whether what is waited for has begun.
func (w *Waiting) over(now time.Time) bool {
	if w.Date == "" {
		return now.Sub(w.Since) > longestWait
	}
	clock := cmp.Or(w.Time, "23:59")
	return !At(w.Date, clock).After(now)
}

// longestWait ends a wait for any day.
const longestWait = 14 * 24 * time.Hour

// fits says whether a place is one that is waited for.
func (w *Waiting) fits(p Place) bool {
	return (w.Date == "" || w.Date == p.Date) && (w.Time == "" || w.Time == p.Time)
}

// Wait puts a person in line. id numbers the wait. Who waits already for the
// same is not put in line twice. Where a place is free there is nothing to
// wait for: ErrFree.
func (d *Diary) Wait(t Taking, id func() int64) (w Waiting, repeat bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rules := d.rules.For(t.Service)
	q := queueKey{d.groupOf(t.Service), t.Hall}
	mine := 0
	for _, o := range d.waiting {
		if o.Citizen != t.Citizen || o.Status != WaitOpen && o.Status != WaitHeld {
			continue
		}
		if o.Key == t.Key || o.Person == t.Person && o.Service == t.Service && o.Hall == t.Hall && o.Date == t.Date && o.Time == t.Time {
			return *o, true, nil
		}
		mine++
	}
	switch {
	case mine >= rules.Waits:
		return w, false, ErrTooManyWaits
	case max(1, t.Places) > rules.MaxPlaces:
		return w, false, ErrTooManyPlaces
	}
	n := &Waiting{Citizen: t.Citizen, Key: t.Key, Person: t.Person, Service: t.Service, Group: q.group, Hall: t.Hall, Date: t.Date, Time: t.Time,
		Places: max(1, t.Places), Since: t.Now, Status: WaitOpen}
	found, free := false, false
	for _, p := range d.byGroup[q.group][q.hall] {
		for i := range p.Periods {
			s := spot{p, i}
			if n.fits(s.place()) && !s.begun(t.Now) {
				found = true
				free = free || int(s.left[i]) >= n.Places
			}
		}
	}
	switch {
	case !found:
		return w, false, ErrNoOpening
	case free:
		return w, false, ErrFree
	}
	if t.Date != "" {
		if err := d.allowed(rules, t.Person, t.Service, t.Date, "", t.Now); err != nil {
			return w, false, err
		}
	}
	n.ID = id()
	d.addWait(n)
	d.undo = append(d.undo, func() { d.dropWait(n) })
	d.emit(Effect{Waiting: copyOf(n)})
	return *n, false, nil
}

func (d *Diary) addWait(w *Waiting) {
	q := queueKey{w.Group, w.Hall}
	d.waiting[w.ID] = w
	line := d.queues[q]
	i, _ := slices.BinarySearchFunc(line, w.ID, func(o *Waiting, id int64) int { return cmp.Compare(o.ID, id) })
	d.queues[q] = slices.Insert(line, i, w)
}

func (d *Diary) dropWait(w *Waiting) {
	q := queueKey{w.Group, w.Hall}
	delete(d.waiting, w.ID)
	d.queues[q] = slices.DeleteFunc(d.queues[q], func(o *Waiting) bool { return o == w })
	if len(d.queues[q]) == 0 {
		delete(d.queues, q)
	}
}

// settle ends a wait.
func (d *Diary) settle(w *Waiting, status WaitStatus) {
	was := *w
	w.Status = status
	d.dropWait(w)
	d.undo = append(d.undo, func() {
		*w = was
		d.addWait(w)
	})
	d.emit(Effect{Waiting: copyOf(w)})
}

// Leave takes a citizen out of line; what was held for them goes to the next.
func (d *Diary) Leave(id int64, citizen bot.CitizenID, now time.Time) (Waiting, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.waiting[id]
	if w == nil || w.Citizen != citizen {
		return Waiting{}, ErrNoWait
	}
	for _, h := range slices.Clone(d.held[citizen]) {
		if h.Waiting == id {
			d.settle(w, WaitLeft)
			d.giveBack(h, now, false)
			return *w, nil
		}
	}
	d.settle(w, WaitLeft)
	return *w, nil
}

// promote gives free places of an opening to those who wait for them, in
// order: each is held for them for a while.
func (d *Diary) promote(s spot, now time.Time) {
	line := d.queues[queueKey{s.Group, s.Hall}]
	if len(line) == 0 || s.left[s.i] <= 0 || s.begun(now) {
		return
	}
	place := s.place()
	for _, w := range slices.Clone(line) {
		if s.left[s.i] <= 0 {
			return
		}
		if w.Status != WaitOpen || !w.fits(place) || int(s.left[s.i]) < w.Places || d.allowed(d.rules.For(w.Service), w.Person, w.Service, place.Date, "", now) != nil {
			continue
		}
		d.offer(w, s, now)
	}
}

// serveLines gives every free place to who waits for it.
func (d *Diary) serveLines(now time.Time) {
	for q := range d.queues {
		for _, p := range d.byGroup[q.group][q.hall] {
			for i := range p.Periods {
				d.promote(spot{p, i}, now)
			}
		}
	}
}

// offer holds a place for who is next.
func (d *Diary) offer(w *Waiting, s spot, now time.Time) {
	until := now.Add(d.rules.For(w.Service).PromotedFor)
	if start := s.starts(); until.After(start) {
		until = start
	}
	was := *w
	w.Status, w.Place, w.Until = WaitHeld, s.place(), until
	d.undo = append(d.undo, func() { *w = was })
	d.emit(Effect{Waiting: copyOf(w)})
	d.shift(s, -w.Places)
	d.keep(&Hold{ID: entryKey(w.Citizen, w.Key), Citizen: w.Citizen, Service: w.Service, Place: w.Place, Places: w.Places, Until: until, Waiting: w.ID})
}

// Tell marks a promoted citizen as told.
func (d *Diary) Tell(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.waiting[id]
	if w == nil || w.Told {
		return
	}
	w.Told = true
	d.undo = append(d.undo, func() { w.Told = false })
	d.emit(Effect{Waiting: copyOf(w)})
}

// Untold are those a place is held for and who do not know it yet, in order.
func (d *Diary) Untold() []Waiting {
	return d.waits(func(w *Waiting) bool { return w.Status == WaitHeld && !w.Told })
}

// WaitsOf are a citizen's waits, in order.
func (d *Diary) WaitsOf(citizen bot.CitizenID) []Waiting {
	return d.waits(func(w *Waiting) bool { return w.Citizen == citizen })
}

func (d *Diary) waits(keep func(*Waiting) bool) []Waiting {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []Waiting
	for _, w := range d.waiting {
		if keep(w) {
			all = append(all, *w)
		}
	}
	slices.SortFunc(all, func(a, b Waiting) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Ahead is how many stand before a wait in its line.
func (d *Diary) Ahead(id int64) int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	w := d.waiting[id]
	if w == nil {
		return 0
	}
	n := 0
	for _, o := range d.queues[queueKey{w.Group, w.Hall}] {
		if o.ID < id && o.Status == WaitOpen && (w.Date == "" || o.Date == "" || o.Date == w.Date) && (w.Time == "" || o.Time == "" || o.Time == w.Time) {
			n++
		}
	}
	return n
}
