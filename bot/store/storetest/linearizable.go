package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// What is done to three openings by many at once.
type (
	// left is how many places each opening has.
	left [3]int
	deed struct {
		kind     string // book, cancel, move, look
		from, to int
	}
	outcome struct {
		full bool
		seen left // of look
	}
)

const placesEach = 2

// openings is what the three openings must look like to everybody, as if one
// deed came after the other.
var openings = porcupine.Model{
	Init:  func() any { return left{placesEach, placesEach, placesEach} },
	Step:  func(state, in, out any) (bool, any) { return step(state.(left), in.(deed), out.(outcome)) },
	Equal: func(a, b any) bool { return a.(left) == b.(left) },
}

func step(state left, in deed, out outcome) (bool, any) {
	switch in.kind {
	case "look":
		return state == out.seen, state
	case "cancel":
		state[in.from]++
		return state[in.from] <= placesEach, state
	}
	if out.full {
		return state[in.to] == 0, state
	}
	state[in.to]--
	if in.kind == "move" {
		state[in.from]++
	}
	return state[in.to] >= 0 && (in.kind != "move" || state[in.from] <= placesEach), state
}

// testLinearizable books, cancels, moves and looks with many clients and asks
// whether the answers could have come one after the other; histories that are
// wrong must be refused.
func testLinearizable(t *testing.T, open Open) {
	s := furnished(t, open, placesEach)
	history := s.history(16, 40)
	if result := porcupine.CheckOperationsTimeout(openings, history, time.Minute); result != porcupine.Ok {
		t.Fatalf("the history of %d deeds is %s", len(history), result)
	}
	s.balanced()
	fulls := 0
	for i := range history {
		if out := history[i].Output.(outcome); out.full {
			fulls++
			history[i].Output = outcome{}
		}
	}
	if fulls == 0 {
		t.Fatal("nobody met a full opening")
	}
	if result := porcupine.CheckOperationsTimeout(openings, history, time.Minute); result != porcupine.Illegal {
		t.Fatalf("a history that sells %d places too many is %s", fulls, result)
	}
	twice := []porcupine.Operation{
		{ClientId: 0, Input: deed{kind: "book"}, Output: outcome{}, Call: 0, Return: 10},
		{ClientId: 1, Input: deed{kind: "look"}, Output: outcome{seen: left{2, 2, 2}}, Call: 11, Return: 12},
	}
	if porcupine.CheckOperations(openings, twice) {
		t.Fatal("a look that misses what was acknowledged passes")
	}
}

// history lets clients work on the three openings and writes down what they saw.
func (s *installation) history(clients, deeds int) []porcupine.Operation {
	var mu sync.Mutex
	var all []porcupine.Operation
	begun := time.Now()
	citizens := make([]bot.Citizen, clients)
	for i := range citizens {
		citizens[i] = s.citizen(fmt.Sprintf("o%d", i))
	}
	together(clients, func(i int) {
		p := &player{installation: s, citizen: citizens[i], at: -1}
		for n := range deeds {
			in := p.choose()
			call := time.Since(begun).Nanoseconds()
			out, err := p.do(in, n)
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

// player is a client with at most one appointment.
type player struct {
	*installation
	citizen bot.Citizen
	number  string
	at      int // the opening it is in, -1: none
}

var clocksOf = [...]string{"09:00", "10:00", "15:00"}

func (p *player) choose() deed {
	n := rand.IntN(8)
	switch {
	case n == 0:
		return deed{kind: "look"}
	case p.at < 0:
		return deed{kind: "book", to: rand.IntN(3)}
	case n < 4:
		return deed{kind: "cancel", from: p.at}
	}
	return deed{kind: "move", from: p.at, to: (p.at + 1 + rand.IntN(2)) % 3}
}

func (p *player) do(in deed, n int) (outcome, error) {
	const date = "2026-11-25"
	var err error
	switch in.kind {
	case "look":
		return p.look(date)
	case "book":
		var a booking.Appointment
		if a, err = p.book(request(p.citizen, fmt.Sprint(n), string(p.citizen.ID), date, clocksOf[in.to])); err == nil {
			p.number, p.at = a.Number, in.to
		}
	case "cancel":
		if _, err = p.cancel(p.number, monday); err == nil {
			p.at = -1
		}
	case "move":
		if _, err = p.move(p.number, "humen", date, clocksOf[in.to], monday); err == nil {
			p.at = in.to
		}
	}
	if errors.Is(err, booking.ErrFull) {
		return outcome{full: true}, nil
	}
	return outcome{}, err
}

func (p *player) look(date string) (outcome, error) {
	found, err := p.Openings(context.Background(), booking.Query{Service: "residence-permit", Hall: "humen", Date: date})
	if err != nil || len(found) != 3 {
		return outcome{}, fmt.Errorf("%d openings: %w", len(found), err)
	}
	return outcome{seen: left{found[0].Remaining, found[1].Remaining, found[2].Remaining}}, nil
}
