package booking

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"guanjia/bot"
)

// Person identifies somebody served without naming them.
type Person [16]byte

// Place is where openings and appointments meet. Group is the services that
// share openings; a service of no group is its own.
type Place struct{ Group, Hall, Date, Time string }

// Sheet is a group's openings at a hall on a day, in order of time.
type Sheet struct {
	Group, Hall, Date string
	Periods           []Period
	Closed            bool // of a plan's sheet: shut, whatever periods were released
}

// Period is one opening of a sheet.
type Period struct {
	Time     string
	Capacity int // places in all
	Kept     int // of these, held back for walk-ins and as a reserve
	Demo     bool
	Closed   bool // shut by somebody: whoever is booked is to be told
}

// page is a sheet at work. left is the truth of the one who decides, seen what
// everybody else may know: it follows when what was decided is durable.
type page struct {
	Sheet
	midnight int64 // the day's begin, unix seconds
	minutes  []int16
	left     []int32
	seen     []int32
}

type pageKey struct{ group, hall, date string }

// spot is one opening of a page.
type spot struct {
	*page
	i int
}

func (s spot) starts() time.Time {
	return time.Unix(s.midnight+int64(s.minutes[s.i])*60, 0).In(bot.Shanghai())
}

func (s spot) begun(now time.Time) bool {
	return s.midnight+int64(s.minutes[s.i])*60 <= now.Unix()
}

func (s spot) place() Place { return Place{s.Group, s.Hall, s.Date, s.Periods[s.i].Time} }

// Diary is the city's openings, holds, waiting lists and the appointments that
// can still count, in memory: all decisions about places are made here, in
// one order. Deeds are done by one goroutine, the writer; what they change is
// taken back by Rollback, shown to others by Publish, and told to storage by
// Effects. Openings and Left may be asked by anyone at any time and show only
// what was published.
type Diary struct {
	mu      sync.RWMutex // maps of pages; deeds hold it for writing
	rules   *RuleBook
	groups  map[string]string // service → group, where it is another
	pages   map[pageKey]*page
	byGroup map[string]map[string][]*page // group → hall → pages by date

	entries  map[string]*Entry // by number: active ones, and lately made
	keys     map[string]*Entry // by citizen and key
	people   map[Person]*record
	active   map[string]map[*Entry]bool // by date
	holds    map[string]*Hold
	held     map[bot.CitizenID][]*Hold
	expiry   expiries
	ends     time.Time              // of the hold that ends first, as published; zero: none
	holders  map[bot.CitizenID]bool // who holds something, as published
	queues   map[queueKey][]*Waiting
	waiting  map[int64]*Waiting
	desks    map[deskKey]*desk
	arrivals map[int64]*Arrival

	undo    []func()
	touched []spot
	changed []bot.CitizenID // whose holds were
	effects []Effect
}

// NewDiary makes an empty diary under rules.
func NewDiary(rules *RuleBook) *Diary {
	return &Diary{
		rules: rules, groups: map[string]string{}, pages: map[pageKey]*page{}, byGroup: map[string]map[string][]*page{},
		entries: map[string]*Entry{}, keys: map[string]*Entry{}, people: map[Person]*record{}, active: map[string]map[*Entry]bool{},
		holds: map[string]*Hold{}, held: map[bot.CitizenID][]*Hold{}, holders: map[bot.CitizenID]bool{}, queues: map[queueKey][]*Waiting{},
		waiting: map[int64]*Waiting{}, desks: map[deskKey]*desk{}, arrivals: map[int64]*Arrival{},
	}
}

// SetRules puts other rules in force.
func (d *Diary) SetRules(rules *RuleBook) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.rules
	d.rules = rules
	d.undo = append(d.undo, func() { d.rules = old })
}

// Rules are the rules in force.
func (d *Diary) Rules() *RuleBook {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.rules
}

// SetGroups says which services share whose openings.
func (d *Diary) SetGroups(groups map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.groups
	d.groups = groups
	d.undo = append(d.undo, func() { d.groups = old })
}

// GroupOf is the group whose openings a service is booked in.
func (d *Diary) GroupOf(service string) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.groupOf(service)
}

func (d *Diary) groupOf(service string) string {
	if g, ok := d.groups[service]; ok {
		return g
	}
	return service
}

// Lay puts a sheet in place of the one before. Places taken stay taken: a
// capacity never goes below what is taken, and the sheet returned says what it
// became. Those who wait get what it adds at once.
func (d *Diary) Lay(s Sheet, now time.Time) Sheet {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := pageKey{s.Group, s.Hall, s.Date}
	old := d.pages[key]
	p := newPage(s)
	if old != nil {
		p.inherit(old)
	}
	d.put(key, p)
	d.undo = append(d.undo, func() { d.put(key, old) })
	d.emit(Effect{Sheet: &p.Sheet})
	for i := range p.Periods {
		d.promote(spot{p, i}, now)
	}
	return p.Sheet
}

func newPage(s Sheet) *page {
	s.Periods = slices.Clone(s.Periods)
	slices.SortFunc(s.Periods, func(a, b Period) int { return cmp.Compare(a.Time, b.Time) })
	n := len(s.Periods)
	p := &page{Sheet: s, midnight: At(s.Date, "00:00").Unix(), minutes: make([]int16, n), left: make([]int32, n), seen: make([]int32, n)}
	for i, v := range s.Periods {
		p.minutes[i] = int16(minuteOf(v.Time))
		p.left[i] = int32(max(0, v.Capacity-v.Kept))
		p.seen[i] = p.left[i]
	}
	return p
}

// minuteOf is a time of the day in minutes after midnight.
func minuteOf(clock string) int {
	if len(clock) != 5 {
		return 0
	}
	return (int(clock[0]-'0')*10+int(clock[1]-'0'))*60 + int(clock[3]-'0')*10 + int(clock[4]-'0')
}

// inherit keeps what is taken of an older page of the same day.
func (p *page) inherit(old *page) {
	for i, v := range old.Periods {
		if taken := old.taken(i); taken > 0 && p.at(v.Time) < 0 {
			s := p.Sheet
			s.Periods = append(slices.Clone(s.Periods), Period{Time: v.Time, Demo: v.Demo})
			*p = *newPage(s)
		}
	}
	for i, v := range old.Periods {
		j := p.at(v.Time)
		if j < 0 {
			continue
		}
		n, taken := &p.Periods[j], old.taken(i)
		n.Kept = min(n.Kept, max(0, n.Capacity-taken))
		n.Capacity = max(n.Capacity, n.Kept+taken)
		p.left[j] = int32(n.Capacity - n.Kept - taken)
		p.seen[j] = p.left[j]
	}
}

// taken is how many places of an opening are booked or held.
func (p *page) taken(i int) int { return p.Periods[i].Capacity - p.Periods[i].Kept - int(p.left[i]) }

// at finds a period by its time, -1 if there is none.
func (p *page) at(clock string) int {
	for i := range p.Periods {
		if p.Periods[i].Time == clock {
			return i
		}
	}
	return -1
}

// put sets or, with nil, removes a page.
func (d *Diary) put(key pageKey, p *page) {
	halls := d.byGroup[key.group]
	pages := slices.DeleteFunc(slices.Clone(halls[key.hall]), func(o *page) bool { return o.Date == key.date })
	if p == nil {
		delete(d.pages, key)
	} else {
		d.pages[key] = p
		i, _ := slices.BinarySearchFunc(pages, key.date, func(o *page, date string) int { return cmp.Compare(o.Date, date) })
		pages = slices.Insert(pages, i, p)
	}
	if halls == nil {
		halls = map[string][]*page{}
		d.byGroup[key.group] = halls
	}
	halls[key.hall] = pages
}

// SheetOf is a group's sheet at a hall on a day as it stands.
func (d *Diary) SheetOf(group, hall, date string) (Sheet, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.pages[pageKey{group, hall, date}]
	if p == nil {
		return Sheet{}, false
	}
	s := p.Sheet
	s.Periods = slices.Clone(s.Periods)
	return s, true
}

func (d *Diary) find(p Place) (spot, bool) {
	pg := d.pages[pageKey{p.Group, p.Hall, p.Date}]
	if pg == nil {
		return spot{}, false
	}
	i := pg.at(p.Time)
	return spot{pg, i}, i >= 0
}

// shift changes what is left of an opening.
func (d *Diary) shift(s spot, by int) {
	s.left[s.i] += int32(by)
	d.undo = append(d.undo, func() { s.left[s.i] -= int32(by) })
	d.touched = append(d.touched, s)
}

// Mark is where Rollback goes back to.
func (d *Diary) Mark() int { return len(d.undo) }

// Rollback takes back everything done since a mark.
func (d *Diary) Rollback(mark int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.undo) - 1; i >= mark; i-- {
		d.undo[i]()
	}
	clear(d.undo[mark:])
	d.undo = d.undo[:mark]
	d.effects = nil
}

// Publish shows everybody what is left now, all of it at once; it can no longer
// be taken back.
func (d *Diary) Publish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.touched {
		s.seen[s.i] = s.left[s.i]
	}
	d.ends = time.Time{}
	if len(d.expiry) > 0 {
		d.ends = d.expiry[0].Until
	}
	for _, citizen := range d.changed {
		if len(d.held[citizen]) > 0 {
			d.holders[citizen] = true
		} else {
			delete(d.holders, citizen)
		}
	}
	d.touched, d.changed = d.touched[:0], d.changed[:0]
	clear(d.undo)
	d.undo = d.undo[:0]
}

// Full says of an opening, by what everybody may know, that a taking cannot
// have its places: too few are left, no hold's time is over, and the citizen
// neither holds one nor comes again with a key that got one. All else is for
// Book to decide.
func (d *Diary) Full(t Taking) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s, ok := d.find(d.placeOf(t))
	return ok && int(s.seen[s.i]) < max(1, t.Places) && (d.ends.IsZero() || d.ends.After(t.Now)) &&
		!d.holders[t.Citizen] && d.keys[entryKey(t.Citizen, t.Key)] == nil
}

// Openings lists released openings in order of date, time, hall and service.
func (d *Diary) Openings(q Query) []Opening {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []Opening
	if q.Service != "" {
		all = d.collect(all, d.groupOf(q.Service), q)
	} else {
		for group := range d.byGroup {
			all = d.collect(all, group, q)
		}
	}
	if q.Service != "" && q.Hall != "" { // in order already
		return all[:limited(len(all), q.Limit)]
	}
	slices.SortFunc(all, func(a, b Opening) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Hall, b.Hall), cmp.Compare(a.Service, b.Service))
	})
	return all[:limited(len(all), q.Limit)]
}

// Fill is how full a hall's day is.
type Fill struct {
	Hall, Date          string
	Capacity, Remaining int
}

// Filled sums up, by hall and day, the openings of a service, or of all, that
// begin after a time.
func (d *Diary) Filled(service string, after time.Time) []Fill {
	d.mu.RLock()
	defer d.mu.RUnlock()
	type key struct{ hall, date string }
	sums := map[key]Fill{}
	add := func(halls map[string][]*page) {
		for hall, pages := range halls {
			for _, p := range pages {
				k := key{hall, p.Date}
				sum, there := sums[k]
				for i := range p.Periods {
					if !(spot{p, i}).begun(after) {
						sum.Capacity += p.Periods[i].Capacity - p.Periods[i].Kept
						sum.Remaining += int(p.seen[i])
						there = true
					}
				}
				if there {
					sum.Hall, sum.Date = hall, p.Date
					sums[k] = sum
				}
			}
		}
	}
	if service != "" {
		add(d.byGroup[d.groupOf(service)])
	} else {
		for _, halls := range d.byGroup {
			add(halls)
		}
	}
	return slices.Collect(maps.Values(sums))
}

func limited(n, limit int) int {
	if limit > 0 {
		return min(n, limit)
	}
	return n
}

func (d *Diary) collect(all []Opening, group string, q Query) []Opening {
	if q.Hall != "" {
		for _, p := range d.byGroup[group][q.Hall] {
			all = p.collect(all, q)
		}
		return all
	}
	for _, pages := range d.byGroup[group] {
		for _, p := range pages {
			all = p.collect(all, q)
		}
	}
	return all
}

func (p *page) collect(all []Opening, q Query) []Opening {
	if q.Date != "" && p.Date != q.Date {
		return all
	}
	service := cmp.Or(q.Service, p.Group)
	all = slices.Grow(all, len(p.Periods))
	for i := range p.Periods {
		v := &p.Periods[i]
		left := int(p.seen[i])
		if q.Free && left == 0 || !q.After.IsZero() && (spot{p, i}).begun(q.After) {
			continue
		}
		all = append(all, Opening{Service: service, Hall: p.Hall, Date: p.Date, Time: v.Time, Capacity: v.Capacity - v.Kept, Kept: v.Kept, Remaining: left})
	}
	return all
}

// fewPages are kept however old they are.
const fewPages = 50_000

// ForgetBefore drops the pages of days before a date, which are over, where
// there are many.
func (d *Diary) ForgetBefore(date string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.pages) <= fewPages {
		return
	}
	for key, p := range d.pages {
		if key.date < date {
			d.put(key, nil)
			d.undo = append(d.undo, func() { d.put(key, p) })
		}
	}
}
