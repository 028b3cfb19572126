package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

// Three openings of one hall and day, with everything that can happen to their
// places, done by many at once. Whoever has no appointment may have one: the
// rules allow one for a service and day.
const (
	clients     = 7
	places      = 2 // of each opening
	heldFor     = 5 // minutes
	promotedFor = 9
	openDate    = "2026-11-25"
)

var openClocks = [...]string{"09:00", "10:00", "15:00"}

type (
	// deed is what a client does at one of the openings, at a minute of the
	// store's clock, which only a sweep moves on.
	deed struct {
		kind       string // book, bookNow, hold, giveBack, cancel, move, wait, leave, sweep, look, mine, undone
		client, at int
		now        int
		wait       int64 // which is left
	}
	// outcome is what the client was told.
	outcome struct {
		refused error
		until   int    // of a hold
		wait    int64  // of a place in line
		seen    [3]int // places left, of look; minutes until which one is held, of mine
	}
)

// city is what all of it must look like to everybody, as if one deed came
// after the other.
type city struct {
	last    int64 // place in line given
	clients [clients]client
}

type client struct {
	at    int // the opening of the appointment, -1: none
	hold  int // the opening held while they make up their mind, -1: none
	until int
	waits [3]wait
}

// wait is a place in an opening's line; once something is held for it, until.
type wait struct {
	id    int64 // 0: not in line
	until int   // 0: nothing is held
}

var openings = porcupine.Model{
	Init: func() any {
		var c city
		for i := range c.clients {
			c.clients[i].at, c.clients[i].hold = -1, -1
		}
		return c
	},
	Step: func(state, in, out any) (bool, any) {
		c, o := state.(city), out.(outcome)
		told := c.do(in.(deed), o)
		if told.refused != nil {
			return told == o, state // what is refused leaves nothing, not even a hold ended on the way
		}
		return told == o, c
	},
	Equal: func(a, b any) bool { return a.(city) == b.(city) },
}

// do does a deed and says what it must have told. What the store is free to
// choose, the number of a place in line, is taken from what it did tell, as
// long as the line stays in order.
func (c *city) do(in deed, told outcome) outcome {
	me := &c.clients[in.client]
	switch in.kind {
	case "book", "bookNow":
		if !c.takeable(in) {
			return outcome{refused: booking.ErrFull}
		}
		c.use(in)
		me.at = in.at
	case "move":
		if !c.takeable(in) {
			return outcome{refused: booking.ErrFull}
		}
		c.use(in)
		from := me.at
		me.at = in.at
		c.promote(from, in.now)
	case "hold":
		return c.holdFor(in)
	case "giveBack":
		if me.hold == in.at {
			me.hold = -1
			c.promote(in.at, in.now)
		}
	case "cancel":
		me.at = -1
		c.promote(in.at, in.now)
	case "wait":
		return c.stand(in, told)
	case "leave":
		i := slices.IndexFunc(me.waits[:], func(w wait) bool { return w.id == in.wait })
		if i < 0 {
			return outcome{refused: booking.ErrNoWait}
		}
		held := me.waits[i].until > 0
		me.waits[i] = wait{}
		if held {
			c.promote(i, in.now)
		}
	case "sweep":
		c.expire(in.now)
		for o := range openClocks {
			c.promote(o, in.now)
		}
	case "look":
		return outcome{seen: [3]int{c.left(0), c.left(1), c.left(2)}}
	case "mine":
		var out outcome
		for o, w := range me.waits {
			out.seen[o] = w.until
		}
		if me.hold >= 0 {
			out.seen[me.hold] = me.until
		}
		return out
	}
	return outcome{}
}

func (c *city) left(o int) int {
	n := places
	for _, v := range c.clients {
		n -= one(v.at == o) + one(v.hold == o) + one(v.waits[o].until > 0)
	}
	return n
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// takeable says whether a client can have a place: one that is free, their own
// hold's, or one whose hold is over.
func (c *city) takeable(in deed) bool {
	if c.free(in) < 1 {
		c.expire(in.now)
	}
	return c.free(in) >= 1
}

func (c *city) free(in deed) int {
	me := c.clients[in.client]
	return c.left(in.at) + one(me.hold == in.at) + one(me.waits[in.at].until > 0)
}

// use ends what a client holds of the opening they take a place in.
func (c *city) use(in deed) {
	me := &c.clients[in.client]
	if me.hold == in.at {
		me.hold = -1
	}
	if me.waits[in.at].until > 0 {
		me.waits[in.at] = wait{}
	}
}

// holdFor holds a place; a client makes up their mind about one at a time.
func (c *city) holdFor(in deed) outcome {
	if !c.takeable(in) {
		return outcome{refused: booking.ErrFull}
	}
	me := &c.clients[in.client]
	if w := me.waits[in.at]; w.until > in.now {
		return outcome{until: w.until} // it has its own time
	}
	c.use(in)
	from := me.hold
	me.hold, me.until = in.at, in.now+heldFor
	if from >= 0 {
		c.promote(from, in.now)
	}
	c.promote(in.at, in.now)
	return outcome{until: me.until}
}

// stand puts a client in line where nothing is free.
func (c *city) stand(in deed, told outcome) outcome {
	me := &c.clients[in.client]
	switch w := &me.waits[in.at]; {
	case w.id != 0:
		return outcome{wait: w.id} // already
	case c.left(in.at) > 0:
		return outcome{refused: booking.ErrFree}
	case me.at >= 0:
		return outcome{refused: booking.ErrSameService}
	case told.wait <= c.last:
		return outcome{wait: c.last + 1} // before somebody who came earlier
	default:
		w.id, c.last = told.wait, told.wait
	}
	return told
}

// expire ends the holds whose time is over and passes their places on.
func (c *city) expire(now int) {
	var freed [3]bool
	for i := range c.clients {
		v := &c.clients[i]
		if v.hold >= 0 && v.until <= now {
			freed[v.hold], v.hold = true, -1
		}
		for o := range v.waits {
			if until := v.waits[o].until; until > 0 && until <= now {
				freed[o], v.waits[o] = true, wait{}
			}
		}
	}
	for o, is := range freed {
		if is {
			c.promote(o, now)
		}
	}
}

// promote holds an opening's free places for those in line who may have them,
// in order.
func (c *city) promote(o, now int) {
	for c.left(o) > 0 {
		next := -1
		for i, v := range c.clients {
			w := v.waits[o]
			if w.id > 0 && w.until == 0 && v.at < 0 && (next < 0 || w.id < c.clients[next].waits[o].id) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		c.clients[next].waits[o].until = now + promotedFor
	}
}

// testLinearizable books, holds, gives back, cancels, moves, waits, leaves and
// lets holds run out with many clients, and asks whether what they were told
// could have come one after the other. Histories that are wrong must be
// refused.
func testLinearizable(t *testing.T, open Open) {
	met := map[string]int{}
	for range 5 {
		testHistory(t, open, met)
	}
	t.Logf("deeds: %v", met)
	for _, kind := range []string{"full", "holding", "served or lapsed", "book", "bookNow", "hold", "giveBack", "cancel", "move", "wait", "leave", "sweep"} {
		if met[kind] == 0 {
			t.Errorf("no %q: too little to prove anything", kind)
		}
	}
	testHistories(t)
}

// testHistory holds one history of many clients to the model, and counts what
// they met.
func testHistory(t *testing.T, open Open, met map[string]int) {
	rules := booking.DefaultRules()
	rules.HoldFor, rules.PromotedFor = heldFor*time.Minute, promotedFor*time.Minute
	s := opened(t, open, store.Options{Rules: rules})
	s.plan(plan(places))
	s.release(monday)
	history := s.history(60)
	if result := porcupine.CheckOperationsTimeout(openings, history, time.Minute); result != porcupine.Ok {
		t.Fatalf("the history of %d deeds is %s", len(history), result)
	}
	sold := slices.Clone(history)
	for i, op := range history {
		in, out := op.Input.(deed), op.Output.(outcome)
		switch {
		case errors.Is(out.refused, booking.ErrFull):
			met["full"]++
			if in.kind != "hold" {
				sold[i].Output = outcome{}
			}
		case in.kind == "mine" && out.seen != [3]int{}:
			met["holding"]++
		case in.kind == "leave" && errors.Is(out.refused, booking.ErrNoWait):
			met["served or lapsed"]++
		default:
			met[in.kind]++
		}
	}
	if result := porcupine.CheckOperationsTimeout(openings, sold, time.Minute); result != porcupine.Illegal {
		t.Fatalf("a history that sells places too many is %s", result)
	}
	s.settled()
}

// settled lets every hold run out, empties the lines, and counts.
func (s *installation) settled() {
	ctx, late := context.Background(), monday.Add(24*time.Hour)
	for range clients { // each may be passed on to the next in line
		_, err := s.ExpireHolds(ctx, late)
		s.must(err)
		late = late.Add(time.Hour)
	}
	s.balanced()
}

// testHistories holds the model itself to short histories, one deed after the
// other: what is right must pass, what is wrong must not.
func testHistories(t *testing.T) {
	full := outcome{refused: booking.ErrFull}
	took := func(client int) step { return step{deed{kind: "book", client: client}, outcome{}} }
	taken := []step{took(0), took(1)}
	line := append(slices.Clone(taken), step{deed{kind: "wait", client: 2}, outcome{wait: 1}}, step{deed{kind: "wait", client: 3}, outcome{wait: 2}})
	freed := append(slices.Clone(line), step{deed{kind: "cancel", client: 0}, outcome{}})
	held := []step{took(0), {deed{kind: "hold", client: 1}, outcome{until: heldFor}}}
	for _, c := range []struct {
		name    string
		before  []step
		then    []step
		allowed bool
	}{
		{"a place too many is sold", taken, []step{took(2)}, false},
		{"a place too many is refused", taken, []step{{deed{kind: "book", client: 2}, full}}, true},
		{"a free place is refused", []step{took(0)}, []step{{deed{kind: "book", client: 2}, full}}, false},
		{"a look misses what was acknowledged", taken, []step{{deed{kind: "look"}, outcome{seen: [3]int{2, 2, 2}}}}, false},
		{"what is held is sold", held, []step{took(2)}, false},
		{"the holder takes what they hold", held, []step{took(1)}, true},
		{"a hold that is over is sold before a sweep", held, []step{{deed{kind: "book", client: 2, now: heldFor}, outcome{}}}, true},
		{"a hold ends before its time", held, []step{{deed{kind: "sweep", now: heldFor - 1}, outcome{}}, {deed{kind: "look"}, outcome{seen: [3]int{1, 2, 2}}}}, false},
		{"a hold outlives a sweep", held, []step{{deed{kind: "sweep", now: heldFor}, outcome{}}, {deed{kind: "look"}, outcome{seen: [3]int{0, 2, 2}}}}, false},
		{"the first in line is served", freed, []step{{deed{kind: "mine", client: 2}, outcome{seen: [3]int{promotedFor}}}}, true},
		{"the first in line is passed over", freed, []step{{deed{kind: "mine", client: 2}, outcome{}}}, false},
		{"the line is overtaken", freed, []step{took(3)}, false},
		{"a passer-by overtakes the line", freed, []step{took(4)}, false},
		{"who comes later stands before", taken, []step{{deed{kind: "wait", client: 2}, outcome{wait: 2}}, {deed{kind: "wait", client: 3}, outcome{wait: 1}}}, false},
		{"a place not taken in time goes to the next", freed, []step{{deed{kind: "sweep", now: promotedFor}, outcome{}},
			{deed{kind: "mine", client: 3}, outcome{seen: [3]int{2 * promotedFor}}}}, true},
		{"who leaves gives up what is held", freed, []step{{deed{kind: "leave", client: 2, wait: 1}, outcome{}}, {deed{kind: "mine", client: 3}, outcome{}}}, false},
		{"a move frees the old place", taken, []step{{deed{kind: "move", client: 0, at: 1}, outcome{}}, {deed{kind: "look"}, outcome{seen: [3]int{1, 1, 2}}}}, true},
		{"a move keeps the old place", taken, []step{{deed{kind: "move", client: 0, at: 1}, outcome{}}, {deed{kind: "look"}, outcome{seen: [3]int{0, 1, 2}}}}, false},
		{"what was taken back is there", nil, []step{{deed{kind: "undone"}, outcome{}}, {deed{kind: "look"}, outcome{seen: [3]int{1, 2, 2}}}}, false},
	} {
		var history []porcupine.Operation
		for i, v := range slices.Concat(c.before, c.then) {
			history = append(history, porcupine.Operation{ClientId: v.client, Input: v.deed, Output: v.outcome, Call: int64(2 * i), Return: int64(2*i + 1)})
		}
		if got := porcupine.CheckOperations(openings, history); got != c.allowed {
			t.Errorf("%s: legal %v", c.name, got)
		}
	}
}

// step is a deed and what was told of it.
type step struct {
	deed
	outcome
}

// history lets the clients work on the openings and writes down what they were
// told.
func (s *installation) history(deeds int) []porcupine.Operation {
	var mu sync.Mutex
	var all []porcupine.Operation
	var minute atomic.Int64
	begun := time.Now()
	citizens := make([]bot.Citizen, clients)
	for i := range citizens {
		citizens[i] = s.citizen(fmt.Sprintf("o%d", i))
	}
	together(clients, func(i int) {
		p := &player{installation: s, citizen: citizens[i], client: i, minute: &minute, at: -1, hold: -1}
		for range deeds {
			in := p.choose()
			call := time.Since(begun).Nanoseconds()
			out, err := p.do(in)
			op := porcupine.Operation{ClientId: i, Input: in, Output: out, Call: call, Return: time.Since(begun).Nanoseconds()}
			if err != nil {
				s.t.Errorf("%s: %v", in.kind, err)
				return
			}
			mu.Lock()
			all = append(all, op)
			mu.Unlock()
		}
	})
	return all
}

// player is a client, with what they believe of themselves: a place held for
// them may be lost, or found, without their doing.
type player struct {
	*installation
	citizen bot.Citizen
	client  int
	minute  *atomic.Int64
	keys    int
	number  string   // of the appointment
	at      int      // its opening, -1: none
	hold    int      // the opening they made up their mind about, -1: none
	holdKey string   //
	waits   [3]int64 // places in line, until they leave them
}

// choose picks a deed. Nobody both stands in line for an opening and holds one
// of its places while they make up their mind: which of two holds is used
// first is the store's affair.
func (p *player) choose() deed {
	in := deed{client: p.client, at: rand.IntN(len(openClocks)), now: int(p.minute.Load())}
	kinds := []string{"look", "mine", "sweep", "undone", "wait", "wait", "wait"}
	if p.at < 0 {
		kinds = append(kinds, "book", "bookNow", "hold", "hold")
	} else {
		kinds = append(kinds, "cancel", "cancel", "move", "move")
	}
	if p.hold >= 0 {
		kinds = append(kinds, "giveBack", "book")
	}
	if p.waits[in.at] != 0 {
		kinds = append(kinds, "leave")
	}
	in.kind = kinds[rand.IntN(len(kinds))]
	switch {
	case in.kind == "hold" && p.waits[in.at] != 0, in.kind == "wait" && p.hold == in.at:
		in.kind = "look"
	case in.kind == "book" && p.at >= 0:
		in.kind = "mine"
	case in.kind == "giveBack":
		in.at = p.hold
	case in.kind == "cancel":
		in.at = p.at
	case in.kind == "move" && in.at == p.at:
		in.at = (p.at + 1) % len(openClocks)
	case in.kind == "leave":
		in.wait = p.waits[in.at]
	case in.kind == "sweep":
		in.now = int(p.minute.Add(2))
	}
	return in
}

func at(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }

var errUndone = errors.New("undone")

// do does a deed and says what the client was told.
func (p *player) do(in deed) (outcome, error) {
	out, err := p.deeds(in)
	for _, refusal := range []error{booking.ErrFull, booking.ErrFree, booking.ErrSameService, booking.ErrNoWait} {
		if errors.Is(err, refusal) {
			return outcome{refused: refusal}, nil
		}
	}
	return out, err
}

func (p *player) deeds(in deed) (out outcome, err error) {
	ctx, now := context.Background(), at(in.now)
	p.keys++
	r := request(p.citizen, fmt.Sprint(p.keys), string(p.citizen.ID), openDate, openClocks[in.at])
	r.Now = now
	switch in.kind {
	case "book", "bookNow":
		var a booking.Appointment
		if in.kind == "book" {
			a, err = p.book(r)
		} else {
			a, err = p.BookNow(ctx, r)
		}
		if err == nil {
			p.number, p.at = a.Number, in.at
			p.forget(in.at)
		}
	case "move":
		if _, err = p.move(p.number, "humen", openDate, openClocks[in.at], now); err == nil {
			p.at = in.at
			p.forget(in.at)
		}
	case "cancel":
		if _, err = p.cancel(p.number, now); err == nil {
			p.at = -1
		}
	case "hold":
		var h booking.Hold
		if h, err = p.reserve(r); err == nil {
			p.hold, p.holdKey = in.at, r.Key
			out.until = minutes(h)
		}
	case "giveBack":
		err = p.Commit(ctx, func(tx bot.Tx) error { return p.GiveBack(ctx, tx, p.citizen.ID, p.holdKey, now) })
		p.hold = -1
	case "wait":
		var w booking.Waiting
		if w, err = p.wait(r); err == nil {
			p.waits[in.at], out.wait = w.ID, w.ID
		}
	case "leave":
		err = p.Commit(ctx, func(tx bot.Tx) error {
			_, err := p.Leave(ctx, tx, p.citizen.ID, in.wait, now)
			return err
		})
		p.waits[in.at] = 0
	case "sweep":
		_, err = p.ExpireHolds(ctx, now)
	case "look":
		return p.look()
	case "mine":
		return p.mine()
	case "undone": // what fails after it booked leaves nothing
		err = p.Commit(ctx, func(tx bot.Tx) error {
			_, err := p.Book(ctx, tx, r)
			return errors.Join(errUndone, err)
		})
		if errors.Is(err, errUndone) {
			return outcome{}, nil
		}
		return outcome{}, fmt.Errorf("what failed was done: %w", err)
	}
	return out, err
}

// forget is that a place taken uses what was held of its opening.
func (p *player) forget(o int) {
	if p.hold == o {
		p.hold = -1
	}
}

func minutes(h booking.Hold) int { return int(h.Until.Sub(monday) / time.Minute) }

func (p *player) look() (outcome, error) {
	found, err := p.Openings(context.Background(), booking.Query{Service: "residence-permit", Hall: "humen", Date: openDate})
	if err != nil || len(found) != len(openClocks) {
		return outcome{}, fmt.Errorf("%d openings: %w", len(found), err)
	}
	return outcome{seen: [3]int{found[0].Remaining, found[1].Remaining, found[2].Remaining}}, nil
}

// mine asks in a commit: what is held is known to be so then.
func (p *player) mine() (out outcome, err error) {
	err = p.Commit(context.Background(), func(bot.Tx) error {
		for _, h := range p.Held(p.citizen.ID) {
			out.seen[slices.Index(openClocks[:], h.Time)] = minutes(h)
		}
		return nil
	})
	return out, err
}
