package booking

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"guanjia/bot"
)

// Entry is an appointment as the diary keeps it: nothing in it names anybody.
type Entry struct {
	Number  string
	Citizen bot.CitizenID
	Key     string
	Person  Person
	Service string
	Place
	Places  int
	Status  Status
	Demo    bool // in a sample's opening
	Created time.Time
}

// record is what counts of a person served.
type record struct {
	active []*Entry
	missed []string  // days, of appointments missed
	pardon time.Time // no-shows before it do not count: an appeal was granted
	exempt bool      // no-shows never stop this person: the old, the disabled
}

// Taking asks for places in an opening.
type Taking struct {
	Citizen bot.CitizenID
	Key     string // idempotency, with the citizen
	Person  Person
	Service string
	Hall    string
	Date    string
	Time    string
	Places  int // 0: one
	Now     time.Time
}

func (d *Diary) placeOf(t Taking) Place {
	return Place{d.groupOf(t.Service), t.Hall, t.Date, t.Time}
}

func entryKey(citizen bot.CitizenID, key string) string { return string(citizen) + "\x1f" + key }

// Book takes places for a person, or says why not. A place the citizen holds
// is taken first. number names the appointment once nothing stands against it.
// The same citizen and key again give the first entry, and repeat.
func (d *Diary) Book(t Taking, number func() (string, error)) (e Entry, repeat bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if first := d.keys[entryKey(t.Citizen, t.Key)]; first != nil {
		return *first, true, nil
	}
	places := max(1, t.Places)
	rules := d.rules.For(t.Service)
	s, own, err := d.takeable(t, places, rules)
	if err != nil {
		return Entry{}, false, err
	}
	if err := d.allowed(rules, t.Person, t.Service, t.Date, "", t.Now); err != nil {
		return Entry{}, false, err
	}
	e = Entry{Citizen: t.Citizen, Key: t.Key, Person: t.Person, Service: t.Service, Place: s.place(), Places: places,
		Status: Booked, Demo: s.Periods[s.i].Demo, Created: t.Now}
	if e.Number, err = number(); err != nil {
		return Entry{}, false, err
	}
	d.useHold(own)
	d.shift(s, -places)
	d.add(&e)
	return e, false, nil
}

// takeable finds an opening that has places for a taking, counting those of
// the citizen's own hold, which it returns too.
func (d *Diary) takeable(t Taking, places int, rules *Rules) (spot, *Hold, error) {
	place := d.placeOf(t)
	s, ok := d.find(place)
	switch {
	case !ok:
		return s, nil, ErrNoOpening
	case s.begun(t.Now):
		return s, nil, ErrBegun
	case places > rules.MaxPlaces:
		return s, nil, ErrTooManyPlaces
	case t.Now.Add(rules.BookBefore).After(s.starts()):
		return s, nil, ErrTooShort
	case rules.ownRelease && !rules.Released(t.Date, t.Now):
		return s, nil, ErrNotReleased
	}
	own := d.ownHold(t.Citizen, place)
	if d.freeFor(s, own) < places && d.expire(t.Now) > 0 {
		own = d.ownHold(t.Citizen, place) // it may have ended, or come of another's
	}
	if d.freeFor(s, own) < places {
		return s, nil, ErrFull
	}
	return s, own, nil
}

// freeFor is what is left of an opening for who holds some of it.
func (d *Diary) freeFor(s spot, own *Hold) int {
	if own == nil {
		return int(s.left[s.i])
	}
	return int(s.left[s.i]) + own.Places
}

// allowed holds a person to the rules, not counting one appointment.
func (d *Diary) allowed(rules *Rules, person Person, service, date, except string, now time.Time) error {
	r := d.people[person]
	if r == nil {
		return nil
	}
	var room [8]Standing
	own := room[:0]
	for _, e := range r.active {
		if e.Number != except {
			own = append(own, Standing{e.Service, e.Date, e.Status})
		}
	}
	for _, day := range r.missed {
		if r.counts(day) {
			own = append(own, Standing{Date: day, Status: NoShow})
		}
	}
	return rules.Allow(own, service, date, now)
}

func (d *Diary) person(p Person) *record {
	r := d.people[p]
	if r == nil {
		r = &record{}
		d.people[p] = r
	}
	return r
}

// add puts an entry into every list it belongs to.
func (d *Diary) add(e *Entry) {
	d.index(e)
	d.undo = append(d.undo, func() { d.remove(e) })
}

func (d *Diary) index(e *Entry) {
	d.entries[e.Number] = e
	d.keys[entryKey(e.Citizen, e.Key)] = e
	d.activate(e)
}

func (d *Diary) activate(e *Entry) {
	if e.Status != Booked && e.Status != CheckedIn {
		return
	}
	r := d.person(e.Person)
	r.active = append(r.active, e)
	day := d.active[e.Date]
	if day == nil {
		day = map[*Entry]bool{}
		d.active[e.Date] = day
	}
	day[e] = true
}

func (d *Diary) remove(e *Entry) {
	delete(d.entries, e.Number)
	if k := entryKey(e.Citizen, e.Key); d.keys[k] == e {
		delete(d.keys, k)
	}
	d.deactivate(e)
}

func (d *Diary) deactivate(e *Entry) {
	if r := d.people[e.Person]; r != nil {
		if i := slices.Index(r.active, e); i >= 0 {
			r.active = slices.Delete(r.active, i, i+1)
		}
		if len(r.active) == 0 && len(r.missed) == 0 && r.pardon.IsZero() && !r.exempt {
			delete(d.people, e.Person)
		}
	}
	delete(d.active[e.Date], e)
	if len(d.active[e.Date]) == 0 {
		delete(d.active, e.Date)
	}
}

// change gives an entry another status or place.
func (d *Diary) change(e *Entry, status Status, place Place) {
	was := *e
	d.deactivate(e)
	e.Status, e.Place = status, place
	if s, ok := d.find(place); ok && place != was.Place {
		e.Demo = s.Periods[s.i].Demo
	}
	d.activate(e)
	d.undo = append(d.undo, func() {
		d.deactivate(e)
		e.Status, e.Place, e.Demo = was.Status, was.Place, was.Demo
		d.activate(e)
	})
	d.emit(Effect{Entry: copyOf(e)})
	if status == NoShow {
		d.miss(e.Person, e.Date)
	}
}

func (d *Diary) miss(p Person, day string) {
	r := d.person(p)
	r.missed = append(r.missed, day)
	d.undo = append(d.undo, func() {
		if i := slices.Index(r.missed, day); i >= 0 {
			r.missed = slices.Delete(r.missed, i, i+1)
		}
	})
}

// unmiss takes back that a person missed an appointment of a day.
func (d *Diary) unmiss(p Person, day string) {
	r := d.person(p)
	if i := slices.Index(r.missed, day); i >= 0 {
		was := slices.Clone(r.missed)
		r.missed = slices.Delete(r.missed, i, i+1)
		d.undo = append(d.undo, func() { r.missed = was })
	}
}

func copyOf[T any](v *T) *T {
	c := *v
	return &c
}

// changeable finds an entry that can still be cancelled or moved.
func (d *Diary) changeable(number string, now time.Time) (*Entry, error) {
	e := d.entries[number]
	switch {
	case e == nil:
		return nil, ErrNoAppointment
	case e.Status != Booked:
		return e, ErrNotActive
	case !d.shut(e.Place) && !d.rules.For(e.Service).Changeable(At(e.Date, e.Time), now):
		return e, ErrTooLate
	}
	return e, nil
}

// shut says whether somebody closed an opening: limits of time do not bind
// those who are booked there.
func (d *Diary) shut(p Place) bool {
	s, ok := d.find(p)
	return ok && s.Periods[s.i].Closed
}

// Changeable says why an appointment can no longer be cancelled or moved.
func (d *Diary) Changeable(number string, now time.Time) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, err := d.changeable(number, now)
	return err
}

// Cancel frees an appointment's places; whoever waits for one gets it at once.
func (d *Diary) Cancel(number string, now time.Time) (Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.changeable(number, now)
	if err != nil {
		return Entry{}, err
	}
	d.cancel(e, now)
	return *e, nil
}

// Revoke cancels an appointment on the hall's side, whatever the limits.
func (d *Diary) Revoke(number string, now time.Time) (Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.entries[number]
	switch {
	case e == nil:
		return Entry{}, ErrNoAppointment
	case e.Status != Booked && e.Status != CheckedIn:
		return *e, ErrNotActive
	}
	d.cancel(e, now)
	return *e, nil
}

func (d *Diary) cancel(e *Entry, now time.Time) {
	d.change(e, Cancelled, e.Place)
	d.free(e.Place, e.Places, now)
}

// free gives places back.
func (d *Diary) free(p Place, places int, now time.Time) {
	if s, ok := d.find(p); ok {
		d.shift(s, places)
		d.promote(s, now)
	}
}

// Move takes other places of the same service and frees the old ones, at once;
// the limits do not count the old ones. The number stays.
func (d *Diary) Move(number, hall, date, clock string, now time.Time) (Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.changeable(number, now)
	if err != nil {
		return Entry{}, err
	}
	t := Taking{Citizen: e.Citizen, Key: e.Number, Person: e.Person, Service: e.Service, Hall: hall, Date: date, Time: clock, Now: now}
	to := d.placeOf(t)
	if to == e.Place {
		return *e, nil
	}
	rules := d.rules.For(e.Service)
	s, own, err := d.takeable(t, e.Places, rules)
	if err != nil {
		return Entry{}, err
	}
	if err := d.allowed(rules, e.Person, e.Service, date, number, now); err != nil {
		return Entry{}, err
	}
	from := e.Place
	d.useHold(own)
	d.shift(s, -e.Places)
	d.change(e, Booked, to)
	d.free(from, e.Places, now)
	return *e, nil
}

// MarkNoShows records booked appointments of days gone by as missed, and says
// how many.
func (d *Diary) MarkNoShows(now time.Time) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	today := now.In(bot.Shanghai()).Format(time.DateOnly)
	n := 0
	for date, day := range d.active {
		if date >= today {
			continue
		}
		for _, e := range slices.SortedFunc(maps.Keys(day), func(a, b *Entry) int { return cmp.Compare(a.Number, b.Number) }) {
			switch {
			case e.Status != Booked:
			case d.shut(e.Place):
				d.change(e, Cancelled, e.Place) // it was the hall that missed it
			default:
				d.change(e, NoShow, e.Place)
				n++
			}
		}
	}
	return n
}

// Missed records one appointment as missed before its day is over: its period
// and the grace after it are past.
func (d *Diary) Missed(number string, now time.Time) (Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.entries[number]
	switch {
	case e == nil:
		return Entry{}, ErrNoAppointment
	case e.Status != Booked:
		return *e, ErrNotActive
	case now.Before(At(e.Date, e.Time).Add(d.rules.For(e.Service).CheckInLate)):
		return *e, ErrEarly
	}
	d.change(e, NoShow, e.Place)
	return *e, nil
}

// Pardon takes what a person missed before at out of the count, after an
// appeal; exempt keeps the count from ever stopping them.
func (d *Diary) Pardon(p Person, at time.Time, exempt bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.person(p)
	was := *r
	r.pardon, r.exempt = at, exempt || was.exempt
	d.undo = append(d.undo, func() { r.pardon, r.exempt = was.pardon, was.exempt })
}

// Of is the entry of a number.
func (d *Diary) Of(number string) (Entry, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e := d.entries[number]
	if e == nil {
		return Entry{}, false
	}
	return *e, true
}

// Tidy forgets entries that can no longer count and were made before a time:
// their keys come back to nobody.
func (d *Diary) Tidy(before time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.entries {
		if e.Status != Booked && e.Status != CheckedIn && e.Created.Before(before) {
			d.remove(e)
		}
	}
}

// Shut lists booked appointments that have not begun and whose openings were
// closed, by number.
func (d *Diary) Shut(now time.Time) []Entry {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []Entry
	for _, day := range d.active {
		for e := range day {
			if e.Status == Booked && d.shut(e.Place) && At(e.Date, e.Time).After(now) {
				all = append(all, *e)
			}
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Number, b.Number) })
	return all
}
