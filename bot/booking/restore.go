package booking

import (
	"slices"
	"time"

	"guanjia/bot"
)

// Kept is what storage kept of a diary, in the order in which it happened.
type Kept struct {
	Sheets  func(each func(Sheet) error) error
	Entries func(each func(Entry) error) error // active ones, and those lately made
	// Missed are no-shows of days before the first sheet.
	Missed   func(each func(p Person, day string) error) error
	Pardons  func(each func(p Person, at time.Time, exempt bool) error) error
	Holds    func(each func(Hold) error) error
	Waits    func(each func(Waiting) error) error // open and held
	Arrivals func(each func(Arrival) error) error
}

// Restore fills an empty diary with what was kept. Places are counted from the
// appointments and holds themselves: there is no second figure to agree with.
func (d *Diary) Restore(k Kept) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, step := range []func() error{
		func() error { return k.Sheets(func(s Sheet) error { d.restoreSheet(s); return nil }) },
		func() error { return k.Entries(func(e Entry) error { d.restoreEntry(e); return nil }) },
		func() error {
			return k.Missed(func(p Person, day string) error {
				r := d.person(p)
				r.missed = append(r.missed, day)
				return nil
			})
		},
		func() error {
			return k.Pardons(func(p Person, at time.Time, exempt bool) error {
				r := d.person(p)
				r.pardon, r.exempt = at, exempt
				return nil
			})
		},
		func() error { return k.Holds(func(h Hold) error { d.restoreHold(h); return nil }) },
		func() error { return k.Waits(func(w Waiting) error { d.addWait(&w); return nil }) },
		func() error { return k.Arrivals(func(v Arrival) error { d.restoreArrival(v); return nil }) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, p := range d.pages {
		copy(p.seen, p.left)
	}
	return nil
}

func (d *Diary) restoreSheet(s Sheet) {
	p := newPage(s)
	d.pages[pageKey{s.Group, s.Hall, s.Date}] = p
	halls := d.byGroup[s.Group]
	if halls == nil {
		halls = map[string][]*page{}
		d.byGroup[s.Group] = halls
	}
	halls[s.Hall] = append(halls[s.Hall], p) // they come in order of date
}

// takes says whether an appointment counts against its opening: all but those
// cancelled do.
func (e *Entry) takes() bool { return e.Status != Cancelled }

func (d *Diary) restoreEntry(e Entry) {
	d.index(&e)
	if e.Status == NoShow {
		r := d.person(e.Person)
		r.missed = append(r.missed, e.Date)
	}
	if e.takes() {
		d.occupy(e.Place, e.Places)
	}
}

func (d *Diary) restoreHold(h Hold) {
	d.addHold(&h)
	d.occupy(h.Place, h.Places)
}

func (d *Diary) occupy(p Place, places int) {
	if s, ok := d.find(p); ok {
		s.left[s.i] -= int32(places)
	}
}

func (d *Diary) restoreArrival(v Arrival) {
	key := deskKey{v.Hall, v.Date}
	k := d.desks[key]
	if k == nil {
		k = &desk{}
		d.desks[key] = k
	}
	k.drawn[v.row()]++
	k.arrivals = append(k.arrivals, &v)
	d.arrivals[v.ID] = &v
}

// ClearDemo forgets sample openings, the appointments in them and those named,
// and what the citizens named hold and wait for. A sheet that was all sample is
// left empty.
func (d *Diary) ClearDemo(numbers map[string]bool, citizens map[bot.CitizenID]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.entries {
		if !e.Demo && !numbers[e.Number] && !citizens[e.Citizen] {
			continue
		}
		d.remove(e)
		d.undo = append(d.undo, func() { d.index(e) })
		if s, ok := d.find(e.Place); ok && e.takes() {
			d.shift(s, e.Places)
		}
	}
	for key, old := range d.pages {
		real := old.Sheet
		real.Periods = slices.DeleteFunc(slices.Clone(real.Periods), func(p Period) bool { return p.Demo })
		if len(real.Periods) == len(old.Periods) {
			continue
		}
		var p *page
		if len(real.Periods) > 0 {
			p = newPage(real)
			for i := range p.Periods {
				j := old.at(p.Periods[i].Time)
				p.left[i] = old.left[j]
				p.seen[i] = p.left[i]
			}
		}
		d.put(key, p)
		d.undo = append(d.undo, func() { d.put(key, old) })
		d.emit(Effect{Sheet: &real})
	}
	for _, h := range d.holds {
		s, ok := d.find(h.Place)
		if ok && !citizens[h.Citizen] {
			continue
		}
		d.endHold(h)
		if ok {
			d.shift(s, h.Places)
		}
	}
	for _, w := range d.waiting {
		if citizens[w.Citizen] {
			d.settle(w, WaitLeft)
		}
	}
}
