package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

const (
	heldDate = "2026-11-25"
	heldTime = "10:00"
)

func (s *installation) reserve(r booking.Request) (booking.Hold, error) {
	var h booking.Hold
	err := s.Commit(context.Background(), func(tx bot.Tx) error {
		var err error
		h, err = s.Reserve(context.Background(), tx, r)
		return err
	})
	return h, err
}

func (s *installation) wait(r booking.Request) (booking.Waiting, error) {
	var w booking.Waiting
	err := s.Commit(context.Background(), func(tx bot.Tx) error {
		var err error
		w, err = s.Wait(context.Background(), tx, r)
		return err
	})
	return w, err
}

// testHold: what is held counts as taken, is the holder's alone, moves with
// the errand, is given back, and ends by itself.
func testHold(t *testing.T, open Open) {
	s := furnished(t, open, 1)
	c, d := s.citizen("o1"), s.citizen("o2")
	mine := request(c, "k1", "陈一", heldDate, heldTime)
	h, err := s.reserve(mine)
	if err != nil || !h.Until.Equal(monday.Add(5*time.Minute)) || s.remaining("humen", heldDate, heldTime) != 0 {
		t.Fatalf("held until %s: %v", h.Until, err)
	}
	other := request(d, "k1", "林二", heldDate, heldTime)
	if _, err := s.book(other); !errors.Is(err, booking.ErrFull) {
		t.Fatalf("somebody else books what is held: %v", err)
	}
	if _, err := s.BookNow(context.Background(), other); !errors.Is(err, booking.ErrFull) {
		t.Fatalf("… without asking the writer: %v", err)
	}
	again := mine
	again.Time = "15:00" // the citizen thinks better of it
	_, err = s.reserve(again)
	s.must(err)
	if s.remaining("humen", heldDate, heldTime) != 1 || s.remaining("humen", heldDate, "15:00") != 0 {
		t.Fatal("the first hold is not given back")
	}
	_, err = s.reserve(other)
	s.must(err)
	a, err := s.book(again)
	if err != nil || a.Time != "15:00" || len(s.Held(c.ID)) != 0 {
		t.Fatalf("booking what one holds: %v, still held %v", err, s.Held(c.ID))
	}
	s.commit(func(tx bot.Tx) error { return s.GiveBack(context.Background(), tx, d.ID, "k1", monday) })
	if s.remaining("humen", heldDate, heldTime) != 1 {
		t.Fatal("what was given back is not free")
	}
	_, err = s.reserve(other)
	s.must(err)
	late := request(s.citizen("o3"), "k1", "王三", heldDate, heldTime)
	late.Now = monday.Add(5 * time.Minute)
	if _, err := s.book(late); err != nil { // nobody swept yet
		t.Fatalf("after the hold's end: %v", err)
	}
	s.balanced()
}

// testHoldKept: holds, lines and numbers drawn survive closing, and so does
// the end of a hold.
func testHoldKept(t *testing.T, open Open) {
	dir := t.TempDir()
	s, err := open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	i := &installation{s, t}
	i.plan(plan(1))
	i.release(monday)
	c, d := i.citizen("o1"), i.citizen("o2")
	_, err = i.reserve(request(c, "k1", "陈一", heldDate, heldTime))
	i.must(err)
	w, err := i.wait(request(d, "k1", "林二", heldDate, heldTime))
	i.must(err)
	a, err := i.book(request(c, "k2", "王三", "2026-11-23", "15:00"))
	i.must(err)
	v, err := i.CheckIn(context.Background(), a.Number, "humen", monday.Add(5*time.Hour))
	i.must(err)
	i.must(s.Close())
	i = opened(t, open, store.Options{Dir: dir})
	if i.remaining("humen", heldDate, heldTime) != 0 || len(i.Held(c.ID)) != 1 {
		t.Fatal("the hold is lost")
	}
	if got, ahead, ok := i.ArrivalOf(a.Number, monday.Add(5*time.Hour)); !ok || got.Number != v.Number || ahead != 0 {
		t.Fatalf("the number drawn is %+v", got)
	}
	n, err := i.ExpireHolds(context.Background(), monday.Add(6*time.Minute))
	if err != nil || n != 1 {
		t.Fatalf("%d holds ended: %v", n, err)
	}
	told, err := i.Promoted(context.Background())
	if err != nil || len(told) != 1 || told[0].ID != w.ID || told[0].Name != "林二" || told[0].Status != booking.WaitHeld {
		t.Fatalf("promoted %+v: %v", told, err)
	}
	if got, err := i.book(request(d, "k9", "林二", heldDate, heldTime)); err != nil || got.Time != heldTime {
		t.Fatalf("the promoted book: %v", err)
	}
	if lines, err := i.Waits(context.Background(), d.ID); err != nil || len(lines) != 0 {
		t.Fatalf("still in line: %+v %v", lines, err)
	}
}

// testLine: lines are served in order, past those whose limits forbid it, and
// a place not taken in time goes to the next.
func testLine(t *testing.T, open Open) {
	s := furnished(t, open, 1)
	first, err := s.book(request(s.citizen("o0"), "k", "陈一", heldDate, heldTime))
	s.must(err)
	var waits []booking.Waiting
	for n := range 4 {
		c := s.citizen(fmt.Sprintf("o%d", n+1))
		w, err := s.wait(request(c, "k", fmt.Sprintf("人%d", n), heldDate, heldTime))
		s.must(err)
		waits = append(waits, w)
	}
	_, err = s.book(request(s.citizen("o1"), "other", "人0", heldDate, "15:00")) // the first in line helped themselves
	s.must(err)
	_, err = s.cancel(first.Number, monday)
	s.must(err)
	promoted := func() (names []string) {
		lines, err := s.Promoted(context.Background())
		s.must(err)
		for _, l := range lines {
			names = append(names, l.Name.Reveal())
		}
		return names
	}
	if got := promoted(); !slices.Equal(got, []string{"人1"}) {
		t.Fatalf("the place went to %q", got)
	}
	if _, err := s.book(request(s.citizen("o9"), "k", "路人", heldDate, heldTime)); !errors.Is(err, booking.ErrFull) {
		t.Fatalf("somebody overtakes the line: %v", err)
	}
	_, err = s.ExpireHolds(context.Background(), monday.Add(31*time.Minute))
	s.must(err)
	if got := promoted(); !slices.Equal(got, []string{"人2"}) {
		t.Fatalf("then it went to %q", got)
	}
	s.commit(func(tx bot.Tx) error {
		_, err := s.Leave(context.Background(), tx, waits[2].Citizen, waits[2].ID, monday.Add(32*time.Minute))
		return err
	})
	if got := promoted(); !slices.Equal(got, []string{"人3"}) {
		t.Fatalf("after leaving it went to %q", got)
	}
	if _, err := s.wait(request(s.citizen("o8"), "k", "路人", "2026-11-26", heldTime)); !errors.Is(err, booking.ErrFree) {
		t.Fatalf("waiting for what is free: %v", err)
	}
	s.balanced2(1)
}

// balanced2 is balanced where so many places are held.
func (s *installation) balanced2(held int) {
	s.t.Helper()
	all, err := s.Openings(context.Background(), booking.Query{})
	s.must(err)
	appointments, err := s.AllAppointments(context.Background())
	s.must(err)
	for _, o := range all {
		held -= o.Capacity - o.Remaining
	}
	for _, a := range appointments {
		if a.Status != booking.Cancelled {
			held += a.Places
		}
	}
	if held != 0 {
		s.t.Errorf("%d places are neither booked nor held", -held)
	}
}

// testArrival: numbers are drawn at the right hall, on the day, not too early;
// who comes late waits with the walk-ins; windows call in that order.
func testArrival(t *testing.T, open Open) {
	s := furnished(t, open, 5)
	ctx := context.Background()
	at := func(clock string) time.Time { return booking.At("2026-11-24", clock) }
	number := func(name, clock string) string {
		a, err := s.book(request(s.citizen("o"+name), "k"+name, name, "2026-11-24", clock))
		s.must(err)
		return a.Number
	}
	early, late, third := number("甲", "10:00"), number("乙", "09:00"), number("丙", "15:00")
	for _, c := range []struct {
		name, number, hall string
		now                time.Time
		want               error
	}{
		{"the day before", early, "humen", at("10:00").AddDate(0, 0, -1), booking.ErrOtherDay},
		{"another hall", early, "city", at("09:50"), booking.ErrOtherHall},
		{"too early", early, "humen", at("09:29"), booking.ErrEarly},
		{"the day after", third, "humen", at("10:00").AddDate(0, 0, 1), booking.ErrOver},
		{"unknown", "YY0", "humen", at("10:00"), booking.ErrNoAppointment},
	} {
		if _, err := s.CheckIn(ctx, c.number, c.hall, c.now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	walk, err := s.WalkIn(ctx, "residence-permit", "humen", at("09:31"))
	s.must(err)
	v, err := s.CheckIn(ctx, early, "humen", at("09:32"))
	s.must(err)
	l, err := s.CheckIn(ctx, late, "humen", at("09:33"))
	s.must(err)
	if again, err := s.CheckIn(ctx, early, "humen", at("09:40")); err != nil || again.Number != v.Number {
		t.Fatalf("checking in again gave %s: %v", again.Number, err)
	}
	if v.Number != "A001" || walk.Number != "B001" || l.Number != "B002" || !l.Late {
		t.Fatalf("numbers %s, %s, late %s", v.Number, walk.Number, l.Number)
	}
	if _, ahead, _ := s.ArrivalOf(early, at("10:01")); ahead != 0 {
		t.Fatalf("%d before who has an appointment now", ahead)
	}
	if _, ahead, _ := s.ArrivalOf(late, at("10:01")); ahead != 2 {
		t.Fatalf("%d before who came late", ahead)
	}
	var called []string
	for range 3 {
		v, err := s.CallNext(ctx, "humen", "3", nil, at("10:01"))
		s.must(err)
		called = append(called, v.Number)
	}
	if !slices.Equal(called, []string{"A001", "B001", "B002"}) {
		t.Fatalf("called %q", called)
	}
	if _, err := s.EndArrival(ctx, l.ID, booking.ArrivalGone, at("10:10")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CallNext(ctx, "humen", "3", nil, at("10:11")); !errors.Is(err, booking.ErrNobody) {
		t.Fatalf("with nobody there: %v", err)
	}
	if _, err := s.ReturnArrival(ctx, v.ID, at("10:12")); !errors.Is(err, booking.ErrNobody) {
		t.Fatalf("who was served waits again: %v", err)
	}
	if _, err := s.ReturnArrival(ctx, l.ID, at("10:12")); err != nil {
		t.Fatal(err)
	}
	if a, err := s.Appointment(ctx, late); err != nil || a.Status != booking.CheckedIn {
		t.Errorf("who came back is %s: %v", a.Status, err)
	}
	if back, err := s.CallNext(ctx, "humen", "3", nil, at("10:13")); err != nil || back.Number != l.Number {
		t.Fatalf("called %q: %v", back.Number, err)
	}
	if _, err := s.EndArrival(ctx, l.ID, booking.ArrivalGone, at("10:20")); err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]booking.Status{early: booking.Served, late: booking.NoShow, third: booking.Booked} {
		if a, err := s.Appointment(ctx, number); err != nil || a.Status != want {
			t.Errorf("%s is %s: %v", number, a.Status, err)
		}
	}
	rate := func(number string) error {
		return s.Commit(ctx, func(tx bot.Tx) error {
			return s.Rate(ctx, tx, number, booking.Opinion{Stars: 5, Words: "办得快", At: at("11:00")})
		})
	}
	if err := rate(third); !errors.Is(err, booking.ErrNotServed) {
		t.Errorf("rating before: %v", err)
	}
	s.must(rate(early))
	if err := rate(early); !errors.Is(err, booking.ErrRated) {
		t.Errorf("rating twice: %v", err)
	}
	if a, err := s.Appointment(ctx, early); err != nil || a.Rating != 5 {
		t.Errorf("rated %d: %v", a.Rating, err)
	}
	said, err := s.Opinions(ctx, "humen", 10)
	if err != nil || len(said) != 1 || said[0].Words != "办得快" || said[0].Stars != 5 {
		t.Errorf("opinions: %+v %v", said, err)
	}
	if sums, err := s.Satisfaction(ctx, "2026-01-01"); err != nil || sums["humen"].Served != 1 || sums["humen"].Mean() != 5 || sums["humen"].Content() != 100 {
		t.Errorf("satisfaction: %+v %v", sums, err)
	}
}

// testRuleBook: rules are versions; a service's own stand above those for all;
// what cannot be kept is refused.
func testRuleBook(t *testing.T, open Open) {
	s := furnished(t, open, 10)
	ctx := context.Background()
	who := store.Author{By: "admin", Reason: "试", At: monday}
	all := booking.DefaultRules()
	all.Active = 1
	own := map[string]json.RawMessage{"residence-permit": json.RawMessage(`{"active": 9, "per_service_day": 2, "identity": true, "book_before": "24h"}`)}
	book, err := s.SaveRules(ctx, all, own, who)
	if err != nil || book.Version != 1 || s.RulesFor("id-card-lost").Active != 1 || s.RulesFor("residence-permit").Active != 9 {
		t.Fatalf("version %+v: %v", book, err)
	}
	r := request(s.citizen("o1"), "k1", "陈一", heldDate, heldTime)
	if _, err := s.book(r); !errors.Is(err, booking.ErrIdentity) {
		t.Errorf("without an id number: %v", err)
	}
	r.IDNumber = "44190019900101123X"
	r.Date, r.Time = "2026-11-23", "15:00"
	if _, err := s.book(r); !errors.Is(err, booking.ErrTooShort) {
		t.Errorf("for today: %v", err)
	}
	for n, want := range []error{nil, nil, booking.ErrSameService} {
		r.Key, r.Date, r.Time = fmt.Sprint("k", n+2), heldDate, []string{"09:00", "10:00", "15:00"}[n]
		if _, err := s.book(r); !errors.Is(err, want) {
			t.Errorf("number %d: %v", n, err)
		}
	}
	all.HoldFor = 0
	if _, err := s.SaveRules(ctx, all, own, who); err == nil {
		t.Error("rules that cannot be kept are taken")
	}
	if _, err := s.SaveRules(ctx, booking.DefaultRules(), map[string]json.RawMessage{"x": json.RawMessage(`{"activ": 3}`)}, who); err == nil {
		t.Error("a rule nobody knows is taken")
	}
	if got := s.RuleBook(); got.Version != 1 || got.Default.Active != 1 {
		t.Errorf("in force is %+v", got)
	}
	if changes, err := s.PlanChanges(ctx, "rules", 10); err != nil || len(changes) != 1 || changes[0].By != "admin" {
		t.Errorf("kept of it %+v: %v", changes, err)
	}
}

// testPlanned: weekends that schedules open, overrides of the calendar,
// closures, groups, walk-ins.
func testPlanned(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	p := plan(4)
	p.Services[0].Group, p.Services[1].Group = "police", "police"
	p.Schedules = []booking.Schedule{
		{Hall: "city", Weekdays: "6", Time: "09:00", Capacity: 2}, // Saturday mornings
		{Group: "police", Hall: "humen", Time: "15:00", Capacity: 0},
		{Group: "police", Hall: "humen", Time: "16:00", Capacity: 7},
	}
	s.plan(p)
	who := store.Author{By: "admin", Reason: "台风", At: monday}
	s.must(s.Override(ctx, booking.Override{Date: "2026-11-26", Hall: "humen", Name: "台风"}, who))
	times := func(hall, date string) (all []string) {
		found, err := s.Openings(ctx, booking.Query{Service: "id-card-lost", Hall: hall, Date: date})
		s.must(err)
		for _, o := range found {
			all = append(all, fmt.Sprintf("%s=%d", o.Time, o.Capacity))
		}
		return all
	}
	for _, c := range []struct {
		hall, date string
		want       []string
	}{
		{"city", "2026-11-28", []string{"09:00=2"}},
		{"humen", "2026-11-28", nil},
		{"humen", "2026-11-25", []string{"09:00=4", "10:00=4", "16:00=7"}},
		{"humen", "2026-11-26", nil},
		{"city", "2026-11-26", []string{"09:00=4", "10:00=4", "15:00=4"}},
	} {
		if got := times(c.hall, c.date); !slices.Equal(got, c.want) {
			t.Errorf("%s on %s: %q, want %q", c.hall, c.date, got, c.want)
		}
	}
	a, err := s.book(request(s.citizen("o1"), "k1", "陈一", heldDate, "10:00")) // in the group's opening
	s.must(err)
	if found, err := s.Openings(ctx, booking.Query{Service: "id-card-lost", Hall: "humen", Date: heldDate}); err != nil || found[1].Remaining != 3 {
		t.Fatalf("the group does not share: %+v %v", found, err)
	}
	s.must(s.Shut(ctx, booking.Closure{Hall: "humen", From: heldDate, To: heldDate, Start: "10:00", End: "12:00", Reason: "停电"}, who))
	if got := times("humen", heldDate); !slices.Equal(got, []string{"09:00=4", "10:00=1", "16:00=7"}) {
		t.Fatalf("shut: %q", got)
	}
	if _, err := s.book(request(s.citizen("o2"), "k1", "林二", heldDate, "10:00")); !errors.Is(err, booking.ErrFull) {
		t.Fatalf("booking what is shut: %v", err)
	}
	hit, err := s.Affected(ctx, monday)
	if err != nil || len(hit) != 1 || hit[0].Number != a.Number {
		t.Fatalf("affected: %+v %v", hit, err)
	}
}

// testTraps: a part that fails after its deeds leaves nothing in memory, and a
// key used twice in one group books once.
func testTraps(t *testing.T, open Open) {
	s := furnished(t, open, 3)
	ctx := context.Background()
	c := s.citizen("o1")
	broken := errors.New("broken")
	before := s.remaining("humen", heldDate, heldTime)
	for range 5 {
		err := s.Commit(ctx, func(tx bot.Tx) error {
			if _, err := s.Book(ctx, tx, request(c, "k", "陈一", heldDate, heldTime)); err != nil {
				return err
			}
			if _, err := s.Reserve(ctx, tx, request(c, "k2", "陈一", heldDate, "15:00")); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("the failing part: %v", err)
		}
	}
	if got := s.remaining("humen", heldDate, heldTime); got != before || len(s.Held(c.ID)) != 0 {
		t.Fatalf("%d places left after parts that came to nothing, %d before", got, before)
	}
	numbers := make([]string, 64)
	together(len(numbers), func(i int) {
		a, err := s.book(request(c, "same", "陈一", heldDate, heldTime))
		if err != nil || a.Name != "陈一" {
			t.Errorf("repeat: %+v %v", a, err)
		}
		numbers[i] = a.Number
	})
	if slices.Sort(numbers); len(slices.Compact(numbers)) != 1 {
		t.Fatalf("one key gave %q", numbers)
	}
	s.balanced()
}

// testAdjustments: the dynamic release proposes, people decide; it applies by
// itself where told; whatever was done can be taken back, but no booking.
func testAdjustments(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	p := plan(1)
	p.Services = p.Services[:1]
	p.Services[0].Minutes = 15
	p.Windows = []booking.Window{{Hall: "humen", Number: "1"}, {Hall: "humen", Number: "2", Groups: []string{"residence-permit"}}, {Hall: "humen", Number: "3", Groups: []string{"other"}}}
	s.plan(p)
	s.release(monday)
	who := store.Author{By: "admin", Reason: "试", At: monday}
	if n, err := s.TuneRelease(ctx, monday); err != nil || n != 0 {
		t.Fatalf("while off it made %d: %v", n, err)
	}
	control := booking.DefaultControl()
	control.Mode = booking.Propose
	s.must(s.SaveControl(ctx, control, who))
	n := 0
	for _, date := range []string{"2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"} {
		for _, clock := range []string{"09:00", "10:00", "15:00"} {
			if booking.At(date, clock).After(monday) {
				_, err := s.book(request(s.citizen(fmt.Sprint("o", n)), "k", fmt.Sprint("人", n), date, clock))
				s.must(err)
				n++
			}
		}
	}
	for range 2 { // the second brings the proposal up to date
		if _, err := s.TuneRelease(ctx, monday); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Adjustments(ctx, booking.Scope{}, store.Proposed, 10)
	if err != nil || len(all) != 1 || all[0].Kind != booking.More || all[0].Hall != "humen" || all[0].Why == "" {
		t.Fatalf("proposed %+v: %v", all, err)
	}
	if left := s.remaining("humen", "2026-11-24", "10:00"); left != 0 {
		t.Fatalf("a proposal released %d places", left)
	}
	s.must(s.DecideAdjustment(ctx, all[0].ID, true, who))
	if err := s.DecideAdjustment(ctx, all[0].ID, false, who); !errors.Is(err, store.ErrDecided) {
		t.Fatalf("deciding twice: %v", err)
	}
	if left := s.remaining("humen", "2026-11-24", "10:00"); left != 1 {
		t.Fatalf("%d places after releasing more", left)
	}
	_, err = s.book(request(s.citizen("late"), "k", "晚来", "2026-11-24", "10:00"))
	s.must(err)
	s.must(s.UndoAdjustment(ctx, all[0].ID, who))
	if s.remaining("humen", "2026-11-24", "10:00") != 0 || s.remaining("humen", "2026-11-25", "10:00") != 0 {
		t.Fatal("taking it back left places")
	}
	s.balanced()
	control.Mode = booking.Apply
	s.must(s.SaveControl(ctx, control, who))
	capacity := func(clock string) int {
		found, err := s.Openings(ctx, booking.Query{Service: "residence-permit", Hall: "humen", Date: "2026-11-25"})
		s.must(err)
		for _, o := range found {
			if o.Time == clock {
				return o.Capacity
			}
		}
		return 0
	}
	for range 20 {
		free, err := s.Openings(ctx, booking.Query{Service: "residence-permit", Hall: "humen", After: monday, Free: true})
		s.must(err)
		for _, o := range free { // ever more come
			for range o.Remaining {
				n++
				_, err := s.book(request(s.citizen(fmt.Sprint("o", n)), "k", fmt.Sprint("人", n), o.Date, o.Time))
				s.must(err)
			}
		}
		_, err = s.TuneRelease(ctx, monday)
		s.must(err)
	}
	if got := capacity("10:00"); got != 8 { // two windows, a quarter of an hour each
		t.Fatalf("%d places of an hour in which windows serve 8", got)
	}
	control.Step = 9
	if err := s.SaveControl(ctx, control, who); err == nil {
		t.Error("bounds that cannot be are taken")
	}
}

// testImpact: what a change is said to do is what it does, to the places that
// can be booked, to those in the week after, and to who is booked.
func testImpact(t *testing.T, open Open) {
	s := furnished(t, open, 10)
	ctx := context.Background()
	who := store.Author{By: "admin", Reason: "试", At: monday}
	a, err := s.book(request(s.citizen("o1"), "k1", "林一", heldDate, "10:00"))
	s.must(err)
	free := func() (n int) {
		all, err := s.Openings(ctx, booking.Query{})
		s.must(err)
		for _, o := range all {
			n += o.Remaining
		}
		return n
	}
	saturday := booking.Override{Date: "2026-11-28", Hall: "humen", Open: true, Name: "便民"}
	for _, c := range []struct {
		name      string
		change    booking.Change
		concerned int
		week      int // what the week after gains or loses
	}{
		{"a Saturday opened", booking.Change{Override: &saturday}, 0, 0},
		{"a period added", booking.Change{Schedule: &booking.Schedule{Hall: "humen", Time: "16:00", Capacity: 7}}, 0, 5 * 2 * 7},
		{"a Saturday's hours", booking.Change{Schedule: &booking.Schedule{Hall: "city", Weekdays: "6", Time: "09:00", Capacity: 3}}, 0, 2 * 3},
		{"hours shut", booking.Change{Closure: &booking.Closure{Hall: a.Hall, From: heldDate, To: heldDate, Start: "10:00", End: "12:00", Reason: "停电"}}, 1, 0},
		{"a service at one hall", booking.Change{Service: &booking.Service{ID: "id-card-lost"}, Halls: []string{"city"}}, 0, -5 * (3*10 + 7)},
	} {
		before := free()
		v, err := s.Impact(ctx, c.change, monday)
		s.must(err)
		s.must(s.Change(ctx, c.change, who))
		if got := free() - before; got != v.Added-v.Shut || v.Concerned != c.concerned || v.Week-v.Was != c.week {
			t.Errorf("%s: said %+v, changed by %d", c.name, v, got)
		}
	}
	if err := s.Change(ctx, booking.Change{Hall: &booking.Hall{ID: "nowhere", Name: "无"}}, who); err == nil {
		t.Error("a hall that is not there was changed")
	}
	s.must(s.Change(ctx, booking.Change{Hall: &booking.Hall{ID: "humen", Name: "虎门大厅", Address: "连升路", Lat: 22.8, Lng: 113.6}}, who))
	s.must(s.Change(ctx, booking.Change{Window: &booking.Window{Hall: "humen", Number: "3", Groups: []string{"id-card-lost"}}}, who))
	p, err := s.Plan(ctx)
	if err != nil || p.Halls[1].Address != "连升路" || len(p.Windows) != 1 {
		t.Fatalf("the plan: %+v %v", p, err)
	}
	s.must(s.Change(ctx, booking.Change{NoWindow: &p.Windows[0]}, who))
	if p, err = s.Plan(ctx); err != nil || len(p.Windows) != 0 {
		t.Errorf("windows: %+v %v", p.Windows, err)
	}
	if changes, err := s.PlanChanges(ctx, "", 20); err != nil || len(changes) != 8 {
		t.Errorf("%d changes kept: %v", len(changes), err)
	}
	if n, _, err := s.VerifyAudit(ctx); err != nil || n != 8 {
		t.Errorf("%d entries in the audit trail: %v", n, err)
	}
}
