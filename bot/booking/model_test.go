package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// The model of the whole engine: plain lists, looked through from one end to
// the other, without indexes, undoing or any figure of what is left.
type (
	modelAppointment struct {
		number  string
		citizen bot.CitizenID
		key     string
		person  booking.Person
		place   booking.Place
		places  int
		status  booking.Status
	}
	modelHold struct {
		citizen bot.CitizenID
		key     string
		place   booking.Place
		places  int
		until   time.Time
		wait    int64
	}
	modelWait struct {
		id         int64
		citizen    bot.CitizenID
		key        string
		person     booking.Person
		hall       string
		date, time string
		status     booking.WaitStatus
	}
	model struct {
		rules        booking.Rules
		capacity     map[booking.Place]int
		appointments []modelAppointment
		holds        []modelHold
		waits        []modelWait
		serial       int
		waitID       int64
	}
)

const modelService = "s"

func (m *model) clone() *model {
	c := *m
	c.capacity = map[booking.Place]int{}
	for p, n := range m.capacity {
		c.capacity[p] = n
	}
	c.appointments, c.holds, c.waits = slices.Clone(m.appointments), slices.Clone(m.holds), slices.Clone(m.waits)
	return &c
}

func (m *model) left(p booking.Place) int {
	n := m.capacity[p]
	for _, a := range m.appointments {
		if a.place == p && a.status != booking.Cancelled {
			n -= a.places
		}
	}
	for _, h := range m.holds {
		if h.place == p {
			n -= h.places
		}
	}
	return n
}

func (m *model) allowed(person booking.Person, date, except string, now time.Time) error {
	var own []booking.Standing
	for _, a := range m.appointments {
		if a.person == person && a.number != except && a.status != booking.Cancelled && a.status != booking.Served {
			own = append(own, booking.Standing{Service: modelService, Date: a.place.Date, Status: a.status})
		}
	}
	return m.rules.Allow(own, modelService, date, now)
}

func (m *model) own(citizen bot.CitizenID, p booking.Place) int {
	return slices.IndexFunc(m.holds, func(h modelHold) bool { return h.citizen == citizen && h.place == p })
}

// takeable says why places cannot be had, after ending what is over.
func (m *model) takeable(citizen bot.CitizenID, p booking.Place, places int, now time.Time) error {
	if _, ok := m.capacity[p]; !ok {
		return booking.ErrNoOpening
	}
	if !booking.At(p.Date, p.Time).After(now) {
		return booking.ErrBegun
	}
	free := func() int {
		n := m.left(p)
		if i := m.own(citizen, p); i >= 0 {
			n += m.holds[i].places
		}
		return n
	}
	if free() < places {
		m.expire(now)
	}
	if free() < places {
		return booking.ErrFull
	}
	return nil
}

func (m *model) expire(now time.Time) {
	for {
		next := -1
		for i, h := range m.holds {
			if !h.until.After(now) && (next < 0 || h.until.Before(m.holds[next].until)) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		p := m.holds[next].place
		m.endHold(next, booking.WaitLapsed)
		m.promote(p, now)
	}
}

func (m *model) endHold(i int, status booking.WaitStatus) {
	h := m.holds[i]
	m.holds = slices.Delete(m.holds, i, i+1)
	for j := range m.waits {
		if m.waits[j].id == h.wait && m.waits[j].status == booking.WaitHeld {
			m.waits[j].status = status
		}
	}
}

// promote gives what is free of a place to those who wait for it, in order.
func (m *model) promote(p booking.Place, now time.Time) {
	for i := range m.waits {
		w := &m.waits[i]
		if w.status != booking.WaitOpen || p.Hall != w.hall || w.date != "" && w.date != p.Date || w.time != "" && w.time != p.Time || m.left(p) < 1 ||
			!booking.At(p.Date, p.Time).After(now) || m.allowed(w.person, p.Date, "", now) != nil {
			continue
		}
		until := now.Add(m.rules.PromotedFor)
		if start := booking.At(p.Date, p.Time); until.After(start) {
			until = start
		}
		w.status = booking.WaitHeld
		m.holds = append(m.holds, modelHold{w.citizen, w.key, p, 1, until, w.id})
	}
}

var modelPlaces = func() (all []booking.Place) {
	for _, date := range []string{"2026-11-24", "2026-11-25"} {
		for _, hall := range []string{"city", "humen"} {
			for _, clock := range []string{"09:00", "10:00"} {
				all = append(all, booking.Place{Group: modelService, Hall: hall, Date: date, Time: clock})
			}
		}
	}
	return all
}()

// TestModel does anything at all to the diary and the model, some of it in
// parts that are taken back, and wants the same answers and the same state.
func TestModel(t *testing.T) { rapid.Check(t, runModel) }

// both is a diary beside its model.
type both struct {
	t     *rapid.T
	diary *booking.Diary
	model *model
	now   time.Time
	keys  int
}

func runModel(t *rapid.T) {
	rules := booking.DefaultRules()
	rules.Active, rules.HoldFor, rules.PromotedFor, rules.CancelBefore = 2, 5*time.Minute+time.Second, 31*time.Minute+7*time.Second, time.Hour
	rules.Waits = 3
	book, err := booking.NewRuleBook(rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &both{t: t, diary: booking.NewDiary(book), model: &model{rules: rules, capacity: map[booking.Place]int{}}, now: now}
	capacity := rapid.IntRange(1, 2).Draw(t, "capacity")
	for _, p := range modelPlaces {
		b.model.capacity[p] = capacity
	}
	for _, hall := range []string{"city", "humen"} {
		for _, date := range []string{"2026-11-24", "2026-11-25"} {
			b.diary.Lay(booking.Sheet{Group: modelService, Hall: hall, Date: date,
				Periods: []booking.Period{{Time: "09:00", Capacity: capacity}, {Time: "10:00", Capacity: capacity}}}, now)
		}
	}
	b.settle()
	t.Repeat(map[string]func(*rapid.T){
		"book": b.book, "hold": b.hold, "give back": b.giveBack, "cancel": b.cancel, "move": b.move, "wait": b.wait, "leave": b.leave,
		"expire": func(t *rapid.T) {
			b.tick(t)
			b.diary.Expire(b.now)
			b.settle()
			b.model.expire(b.now)
			b.lapse()
			b.serve()
		},
		"later": func(t *rapid.T) {
			b.now = b.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "minutes")) * time.Minute)
		},
		"no-shows":  func(t *rapid.T) { b.noShows() },
		"take back": b.takeBack,
		"":          func(*rapid.T) { b.compare() },
	})
}

// settle makes what was done final.
func (b *both) settle() { b.diary.Effects(); b.diary.Publish() }

// tick keeps instants apart, so that no two holds end at once.
func (b *both) tick(*rapid.T) { b.now = b.now.Add(time.Second + 13*time.Millisecond) }

func (b *both) lapse() {
	for i := range b.model.waits {
		w := &b.model.waits[i]
		clock := w.time
		if clock == "" {
			clock = "23:59"
		}
		if w.status == booking.WaitOpen && w.date != "" && !booking.At(w.date, clock).After(b.now) {
			w.status = booking.WaitLapsed
		}
	}
}

func (b *both) serve() {
	for _, p := range modelPlaces {
		b.model.promote(p, b.now)
	}
}

func (b *both) taking(t *rapid.T) booking.Taking {
	b.tick(t)
	b.keys++
	who := rapid.IntRange(0, 4).Draw(t, "who")
	p := rapid.SampledFrom(modelPlaces).Draw(t, "place")
	return booking.Taking{Citizen: bot.CitizenID(fmt.Sprint("c", who)), Key: fmt.Sprint("k", b.keys), Person: booking.Person{byte(who + 1)},
		Service: modelService, Hall: p.Hall, Date: p.Date, Time: p.Time, Now: b.now}
}

func placeOf(t booking.Taking) booking.Place {
	return booking.Place{Group: modelService, Hall: t.Hall, Date: t.Date, Time: t.Time}
}

func (b *both) same(what string, got, want error) {
	b.t.Helper()
	if !errors.Is(got, want) || (got == nil) != (want == nil) {
		b.t.Fatalf("%s at %s: %v, the model says %v", what, b.now, got, want)
	}
}

func (b *both) book(t *rapid.T) {
	taking := b.taking(t)
	b.bookThis(taking)
	if rapid.Bool().Draw(t, "again") { // the same key changes nothing
		before := b.model.clone()
		b.bookThis(taking)
		if len(before.appointments) != len(b.model.appointments) {
			t.Fatal("the same key booked twice")
		}
	}
	b.settle()
}

func (b *both) bookThis(taking booking.Taking) {
	m, p := b.model, placeOf(taking)
	e, repeat, err := b.diary.Book(taking, func() (string, error) { return fmt.Sprint("n", m.serial+1), nil })
	for _, a := range m.appointments {
		if a.citizen == taking.Citizen && a.key == taking.Key {
			if !repeat || e.Number != a.number {
				b.t.Fatalf("the key of %s gave %s", a.number, e.Number)
			}
			return
		}
	}
	want := m.takeable(taking.Citizen, p, 1, b.now)
	if want == nil {
		want = m.allowed(taking.Person, taking.Date, "", b.now)
	}
	b.same("book", err, want)
	if want != nil {
		return
	}
	m.serial++
	if i := m.own(taking.Citizen, p); i >= 0 {
		m.endHold(i, booking.WaitBooked)
	}
	m.appointments = append(m.appointments, modelAppointment{e.Number, taking.Citizen, taking.Key, taking.Person, p, 1, booking.Booked})
}

func (b *both) hold(t *rapid.T) {
	taking := b.taking(t)
	m, p := b.model, placeOf(taking)
	_, err := b.diary.HoldFor(taking)
	b.settle()
	want := m.takeable(taking.Citizen, p, 1, b.now)
	b.same("hold", err, want)
	if want != nil {
		return
	}
	if i := m.own(taking.Citizen, p); i >= 0 && m.holds[i].wait != 0 && m.holds[i].until.After(b.now) {
		return // promoted: it has its own time
	}
	var freed []int
	for i, h := range m.holds {
		if h.citizen == taking.Citizen && (h.wait == 0 || h.place == p) {
			freed = append(freed, i)
		}
	}
	var elsewhere []booking.Place
	for _, i := range slices.Backward(freed) {
		if m.holds[i].place != p {
			elsewhere = append(elsewhere, m.holds[i].place)
		}
		m.endHold(i, booking.WaitLapsed)
	}
	until := b.now.Add(m.rules.HoldFor)
	if start := booking.At(p.Date, p.Time); until.After(start) {
		until = start
	}
	m.holds = append(m.holds, modelHold{taking.Citizen, taking.Key, p, 1, until, 0})
	for _, o := range append(elsewhere, p) {
		m.promote(o, b.now)
	}
}

func (b *both) giveBack(t *rapid.T) {
	b.tick(t)
	if len(b.model.holds) == 0 {
		return
	}
	i := rapid.IntRange(0, len(b.model.holds)-1).Draw(t, "hold")
	h := b.model.holds[i]
	b.diary.GiveBack(h.citizen, h.key, b.now)
	b.settle()
	b.model.endHold(i, booking.WaitLapsed)
	b.model.promote(h.place, b.now)
}

func (b *both) pick(t *rapid.T) int {
	b.tick(t)
	if len(b.model.appointments) == 0 {
		return -1
	}
	return rapid.IntRange(0, len(b.model.appointments)-1).Draw(t, "appointment")
}

func (m *model) changeable(i int, now time.Time) error {
	a := m.appointments[i]
	switch {
	case a.status != booking.Booked:
		return booking.ErrNotActive
	case !m.rules.Changeable(booking.At(a.place.Date, a.place.Time), now):
		return booking.ErrTooLate
	}
	return nil
}

func (b *both) cancel(t *rapid.T) {
	i := b.pick(t)
	if i < 0 {
		return
	}
	m := b.model
	_, err := b.diary.Cancel(m.appointments[i].number, b.now)
	b.settle()
	want := m.changeable(i, b.now)
	b.same("cancel", err, want)
	if want == nil {
		m.appointments[i].status = booking.Cancelled
		m.promote(m.appointments[i].place, b.now)
	}
}

func (b *both) move(t *rapid.T) {
	i := b.pick(t)
	if i < 0 {
		return
	}
	m, p := b.model, rapid.SampledFrom(modelPlaces).Draw(t, "to")
	a := m.appointments[i]
	_, err := b.diary.Move(a.number, p.Hall, p.Date, p.Time, b.now)
	b.settle()
	want := m.changeable(i, b.now)
	if want == nil && a.place != p {
		if want = m.takeable(a.citizen, p, 1, b.now); want == nil {
			want = m.allowed(a.person, p.Date, a.number, b.now)
		}
	}
	b.same("move", err, want)
	if want != nil || a.place == p {
		return
	}
	if j := m.own(a.citizen, p); j >= 0 {
		m.endHold(j, booking.WaitBooked)
	}
	m.appointments[i].place = p
	m.promote(a.place, b.now)
}

func (b *both) wait(t *rapid.T) {
	taking := b.taking(t)
	switch rapid.IntRange(0, 3).Draw(t, "any") {
	case 0:
		taking.Time = ""
	case 1:
		taking.Date, taking.Time = "", ""
	}
	m := b.model
	w, repeat, err := b.diary.Wait(taking, func() int64 { return m.waitID + 1 })
	b.settle()
	mine := 0
	for _, o := range m.waits {
		if o.citizen != taking.Citizen || o.status != booking.WaitOpen && o.status != booking.WaitHeld {
			continue
		}
		if o.hall == taking.Hall && o.date == taking.Date && o.time == taking.Time {
			if !repeat || w.ID != o.id {
				t.Fatalf("waiting twice gave %d", w.ID)
			}
			return
		}
		mine++
	}
	want := m.waitable(taking, mine, b.now)
	b.same("wait", err, want)
	if want == nil {
		m.waitID++
		m.waits = append(m.waits, modelWait{m.waitID, taking.Citizen, taking.Key, taking.Person, taking.Hall, taking.Date, taking.Time, booking.WaitOpen})
	}
}

func (m *model) waitable(taking booking.Taking, mine int, now time.Time) error {
	found, free := false, false
	for _, p := range modelPlaces {
		if p.Hall == taking.Hall && (taking.Date == "" || taking.Date == p.Date) && (taking.Time == "" || taking.Time == p.Time) && booking.At(p.Date, p.Time).After(now) {
			found, free = true, free || m.left(p) > 0
		}
	}
	switch {
	case mine >= m.rules.Waits:
		return booking.ErrTooManyWaits
	case !found:
		return booking.ErrNoOpening
	case free:
		return booking.ErrFree
	case taking.Date != "":
		return m.allowed(taking.Person, taking.Date, "", now)
	}
	return nil
}

func (b *both) leave(t *rapid.T) {
	b.tick(t)
	m := b.model
	if len(m.waits) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.waits)-1).Draw(t, "wait")
	w := m.waits[i]
	_, err := b.diary.Leave(w.id, w.citizen, b.now)
	b.settle()
	if w.status != booking.WaitOpen && w.status != booking.WaitHeld {
		b.same("leave", err, booking.ErrNoWait)
		return
	}
	b.same("leave", err, nil)
	m.waits[i].status = booking.WaitLeft
	if j := slices.IndexFunc(m.holds, func(h modelHold) bool { return h.wait == w.id }); j >= 0 {
		p := m.holds[j].place
		m.endHold(j, booking.WaitLeft)
		m.promote(p, b.now)
	}
}

func (b *both) noShows() {
	n := b.diary.MarkNoShows(b.now)
	b.settle()
	today := b.now.Format(time.DateOnly)
	for i := range b.model.appointments {
		if a := &b.model.appointments[i]; a.status == booking.Booked && a.place.Date < today {
			a.status = booking.NoShow
			n--
		}
	}
	if n != 0 {
		b.t.Fatalf("%d no-shows more than the model's", n)
	}
}

// takeBack does some deeds and takes all of them back.
func (b *both) takeBack(t *rapid.T) {
	before, was := b.model.clone(), b.now
	mark := b.diary.Mark()
	deeds := []func(*rapid.T){
		func(t *rapid.T) { b.diary.Book(b.taking(t), func() (string, error) { return "gone", nil }) },
		func(t *rapid.T) { b.diary.HoldFor(b.taking(t)) },
		func(t *rapid.T) { b.diary.Wait(b.taking(t), func() int64 { return 1 << 40 }) },
		func(t *rapid.T) {
			if i := b.pick(t); i >= 0 {
				b.diary.Cancel(b.model.appointments[i].number, b.now)
			}
		},
		func(t *rapid.T) {
			if i := b.pick(t); i >= 0 {
				p := rapid.SampledFrom(modelPlaces).Draw(t, "to")
				b.diary.Move(b.model.appointments[i].number, p.Hall, p.Date, p.Time, b.now)
			}
		},
		func(*rapid.T) { b.diary.Expire(b.now.Add(time.Hour)) },
		func(*rapid.T) { b.diary.MarkNoShows(b.now.AddDate(0, 0, 1)) },
	}
	for range rapid.IntRange(1, 4).Draw(t, "deeds") {
		rapid.SampledFrom(deeds).Draw(t, "deed")(t)
	}
	b.diary.Rollback(mark)
	b.settle()
	b.model, b.now = before, was
}

// compare holds everything that can be seen of the diary against the model.
func (b *both) compare() {
	for _, o := range b.diary.Openings(booking.Query{}) {
		p := booking.Place{Group: modelService, Hall: o.Hall, Date: o.Date, Time: o.Time}
		if want := b.model.left(p); o.Remaining != want || want < 0 {
			b.t.Fatalf("%d left at %v, the model says %d", o.Remaining, p, want)
		}
	}
	for _, a := range b.model.appointments {
		e, ok := b.diary.Of(a.number)
		if !ok || e.Status != a.status || e.Place != a.place {
			b.t.Fatalf("%s is %s at %v, the model says %s at %v", a.number, e.Status, e.Place, a.status, a.place)
		}
	}
	waits := map[int64]booking.WaitStatus{}
	for i := range 5 {
		citizen := bot.CitizenID(fmt.Sprint("c", i))
		for _, w := range b.diary.WaitsOf(citizen) {
			waits[w.ID] = w.Status
		}
		held := 0
		for _, h := range b.model.holds {
			if h.citizen == citizen {
				held++
			}
		}
		if got := len(b.diary.Held(citizen)); got != held {
			b.t.Fatalf("%s holds %d places, the model says %d", citizen, got, held)
		}
	}
	for _, w := range b.model.waits {
		if open := w.status == booking.WaitOpen || w.status == booking.WaitHeld; open && waits[w.id] != w.status || !open && waits[w.id] != "" {
			b.t.Fatalf("wait %d is %q, the model says %q", w.id, waits[w.id], w.status)
		}
	}
}
