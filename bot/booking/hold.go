package booking

import (
	"container/heap"
	"slices"
	"time"

	"guanjia/bot"
)

// Hold keeps places for a citizen while they make up their mind. It counts as
// taken until it is used, given back, or its time is over.
type Hold struct {
	ID      string // the errand's key with the citizen, or the waiting list's
	Citizen bot.CitizenID
	Service string
	Place
	Places  int
	Until   time.Time
	Waiting int64 // the waiting list's entry it was given to, 0 if none
	at      int   // in the heap
}

// expiries is a heap of holds, the first to end first.
type expiries []*Hold

func (h expiries) Len() int           { return len(h) }
func (h expiries) Less(i, j int) bool { return h[i].Until.Before(h[j].Until) }
func (h expiries) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].at, h[j].at = i, j }
func (h *expiries) Push(x any)        { v := x.(*Hold); v.at = len(*h); *h = append(*h, v) }
func (h *expiries) Pop() any {
	old := *h
	v := old[len(old)-1]
	*h = old[:len(old)-1]
	return v
}

// Effect is one thing storage must write after a deed; exactly one field is
// set. What is in it is a copy.
type Effect struct {
	Entry    *Entry // its status or place
	Hold     *Hold
	HoldGone string // id
	Waiting  *Waiting
	Arrival  *Arrival
	Sheet    *Sheet
}

func (d *Diary) emit(e Effect) { d.effects = append(d.effects, e) }

// Effects are what is to be written since they were last asked for.
func (d *Diary) Effects() []Effect {
	e := d.effects
	d.effects = nil
	return e
}

// HoldFor keeps places for a citizen; the same key again moves the hold, and a
// citizen who makes up their mind holds one opening at a time. It ends the
// rules' HoldFor from now.
func (d *Diary) HoldFor(t Taking) (Hold, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	places := max(1, t.Places)
	rules := d.rules.For(t.Service)
	id := entryKey(t.Citizen, t.Key)
	place := d.placeOf(t)
	s, own, err := d.takeable(t, places, rules)
	switch {
	case err != nil:
		return Hold{}, err
	case own != nil && own.Waiting != 0 && own.Until.After(t.Now):
		return *own, nil // promoted: it has its own time
	}
	for _, h := range slices.Clone(d.held[t.Citizen]) {
		if h.Waiting == 0 || h == own {
			d.giveBack(h, t.Now, h.Place == place)
		}
	}
	until := t.Now.Add(rules.HoldFor)
	if start := s.starts(); until.After(start) {
		until = start
	}
	h := &Hold{ID: id, Citizen: t.Citizen, Service: t.Service, Place: place, Places: places, Until: until}
	d.shift(s, -places)
	d.keep(h)
	d.promote(s, t.Now) // what an earlier hold of this place gave back
	return *h, nil
}

// GiveBack frees what a citizen holds under a key; none is nothing.
func (d *Diary) GiveBack(citizen bot.CitizenID, key string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := d.holds[entryKey(citizen, key)]; h != nil {
		d.giveBack(h, now, false)
	}
}

// giveBack ends a hold and frees its places, for those who wait unless later.
func (d *Diary) giveBack(h *Hold, now time.Time, later bool) {
	d.endHold(h)
	s, ok := d.find(h.Place)
	if !ok {
		return
	}
	d.shift(s, h.Places)
	if w := d.waiting[h.Waiting]; w != nil && w.Status == WaitHeld {
		d.settle(w, WaitLapsed)
	}
	if !later {
		d.promote(s, now)
	}
}

func (d *Diary) keep(h *Hold) {
	d.addHold(h)
	d.undo = append(d.undo, func() { d.dropHold(h) })
	d.emit(Effect{Hold: copyOf(h)})
}

func (d *Diary) endHold(h *Hold) {
	d.dropHold(h)
	d.undo = append(d.undo, func() { d.addHold(h) })
	d.emit(Effect{HoldGone: h.ID})
}

func (d *Diary) addHold(h *Hold) {
	d.holds[h.ID] = h
	d.held[h.Citizen] = append(d.held[h.Citizen], h)
	d.changed = append(d.changed, h.Citizen)
	heap.Push(&d.expiry, h)
}

func (d *Diary) dropHold(h *Hold) {
	delete(d.holds, h.ID)
	rest := slices.DeleteFunc(d.held[h.Citizen], func(o *Hold) bool { return o == h })
	if len(rest) == 0 {
		delete(d.held, h.Citizen)
	} else {
		d.held[h.Citizen] = rest
	}
	d.changed = append(d.changed, h.Citizen)
	heap.Remove(&d.expiry, h.at)
}

// ownHold is what a citizen holds of an opening: by an errand under way, or by
// the waiting list.
func (d *Diary) ownHold(citizen bot.CitizenID, p Place) *Hold {
	for _, h := range d.held[citizen] {
		if h.Place == p {
			return h
		}
	}
	return nil
}

// useHold turns a hold into free places for the taking that follows.
func (d *Diary) useHold(h *Hold) {
	if h == nil || d.holds[h.ID] != h {
		return
	}
	d.endHold(h)
	if s, ok := d.find(h.Place); ok {
		d.shift(s, h.Places)
	}
	if w := d.waiting[h.Waiting]; w != nil {
		d.settle(w, WaitBooked)
	}
}

// Expire ends the holds and waits whose time is over, passes freed places on
// to who waits, and says how many ended. Lines are served once more: who could
// not have a place for their limits may by now.
func (d *Diary) Expire(now time.Time) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.expire(now)
	for _, w := range d.waiting {
		if w.Status == WaitOpen && w.over(now) {
			d.settle(w, WaitLapsed)
			n++
		}
	}
	d.serveLines(now)
	return n
}

func (d *Diary) expire(now time.Time) int {
	n := 0
	for len(d.expiry) > 0 && !d.expiry[0].Until.After(now) {
		d.giveBack(d.expiry[0], now, false)
		n++
	}
	return n
}

// Held are a citizen's holds.
func (d *Diary) Held(citizen bot.CitizenID) []Hold {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []Hold
	for _, h := range d.held[citizen] {
		all = append(all, *h)
	}
	return all
}
