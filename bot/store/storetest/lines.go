package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// One opening with everything that can happen to its places: booked, held,
// given back, cancelled, waited for, passed on, let run out.
const (
	lineClients = 6
	linePlaces  = 2
	lineTime    = "10:00"
	lineDate    = "2026-11-25"
)

// opening is what many clients must find as if one deed came after another.
type opening struct {
	left                int
	booked, held        [lineClients]bool
	promoted, promoted2 [lineClients]bool // promoted2: by a sweep, and outliving the next
	line                [lineClients]int8 // who waits, first to last, 0: nobody; else client + 1
}

// lineDeed is what a client does; lineOutcome what they were told.
type (
	lineDeed struct {
		kind   string
		client int
	}
	lineOutcome struct {
		refused string
		left    int
	}
)

var lines = porcupine.Model{
	Init: func() any { return opening{left: linePlaces} },
	Step: func(state, in, out any) (bool, any) {
		s, told := state.(opening).step(in.(lineDeed))
		return told == out.(lineOutcome), s
	},
	Equal: func(a, b any) bool { return a.(opening) == b.(opening) },
}

// step is a deed done to an opening.
func (s opening) step(in lineDeed) (opening, lineOutcome) {
	c := in.client
	has := s.held[c] || s.promoted[c] || s.promoted2[c]
	switch in.kind {
	case "look":
		return s, lineOutcome{left: s.left}
	case "book":
		switch {
		case !has && s.left == 0:
			return s, lineOutcome{refused: "full"}
		case !has:
			s.left--
		}
		s.held[c], s.promoted[c], s.promoted2[c], s.booked[c] = false, false, false, true
	case "hold":
		switch {
		case !has && s.left == 0:
			return s, lineOutcome{refused: "full"}
		case !has:
			s.left--
			s.held[c] = true
		}
	case "drop":
		if s.held[c] {
			s.held[c] = false
			s = s.free(false)
		}
	case "cancel":
		s.booked[c] = false
		s = s.free(false)
	case "wait":
		if has && !s.held[c] || slices.Contains(s.line[:], int8(c+1)) {
			return s, lineOutcome{} // in line, or served by it, already
		}
		if s.left > 0 {
			return s, lineOutcome{refused: "free"}
		}
		s.line[slices.Index(s.line[:], 0)] = int8(c + 1)
	case "sweep":
		freed := 0
		for i := range lineClients {
			for _, h := range []*bool{&s.held[i], &s.promoted[i]} {
				if *h {
					*h = false
					freed++
				}
			}
		}
		for range freed {
			s = s.free(true)
		}
	}
	return s, lineOutcome{}
}

// free gives a place back: to the first in line who may have it, or to all.
func (s opening) free(swept bool) opening {
	s.left++
	for i, who := range s.line {
		if who == 0 || s.booked[who-1] {
			continue
		}
		copy(s.line[i:], s.line[i+1:])
		s.line[lineClients-1] = 0
		s.left--
		if swept {
			s.promoted2[who-1] = true
		} else {
			s.promoted[who-1] = true
		}
		break
	}
	return s
}

// testLines holds book, hold, give back, cancel, wait, promote and expire of
// one opening to the model, and wants histories that are wrong refused.
func testLines(t *testing.T, open Open) {
	promoted, full := 0, 0
	for range 6 {
		s := furnished(t, open, linePlaces)
		history := s.lineHistory(40)
		if result := porcupine.CheckOperationsTimeout(lines, history, time.Minute); result != porcupine.Ok {
			t.Fatalf("the history of %d deeds is %s", len(history), result)
		}
		for i := range history {
			switch out := history[i].Output.(lineOutcome); {
			case out.refused == "full":
				full++
			case history[i].Input.(lineDeed).kind == "wait" && out.refused == "":
				promoted++
			}
		}
	}
	if promoted == 0 || full == 0 {
		t.Fatalf("%d waited, %d met a full opening: too few to prove anything", promoted, full)
	}
	oversold := []porcupine.Operation{ // three have two places
		{ClientId: 0, Input: lineDeed{"book", 0}, Output: lineOutcome{}, Call: 0, Return: 1},
		{ClientId: 1, Input: lineDeed{"hold", 1}, Output: lineOutcome{}, Call: 2, Return: 3},
		{ClientId: 2, Input: lineDeed{"book", 2}, Output: lineOutcome{}, Call: 4, Return: 5},
	}
	if porcupine.CheckOperations(lines, oversold) {
		t.Fatal("a history that sells a place too many passes")
	}
	overtaken := []porcupine.Operation{ // the second in line is served before the first
		{ClientId: 0, Input: lineDeed{"book", 0}, Output: lineOutcome{}, Call: 0, Return: 1},
		{ClientId: 1, Input: lineDeed{"book", 1}, Output: lineOutcome{}, Call: 2, Return: 3},
		{ClientId: 2, Input: lineDeed{"wait", 2}, Output: lineOutcome{}, Call: 4, Return: 5},
		{ClientId: 3, Input: lineDeed{"wait", 3}, Output: lineOutcome{}, Call: 6, Return: 7},
		{ClientId: 0, Input: lineDeed{"cancel", 0}, Output: lineOutcome{}, Call: 8, Return: 9},
		{ClientId: 3, Input: lineDeed{"book", 3}, Output: lineOutcome{}, Call: 10, Return: 11},
	}
	if porcupine.CheckOperations(lines, overtaken) {
		t.Fatal("a history in which a line is overtaken passes")
	}
}

// lineHistory lets the clients work on the opening and writes down what they
// were told.
func (s *installation) lineHistory(deeds int) []porcupine.Operation {
	var mu sync.Mutex
	var all []porcupine.Operation
	begun := time.Now()
	citizens := make([]bot.Citizen, lineClients)
	for i := range citizens {
		citizens[i] = s.citizen(fmt.Sprintf("o%d", i))
	}
	together(lineClients, func(i int) {
		p := &liner{installation: s, citizen: citizens[i], n: i}
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

// liner is a client with at most one appointment, and one errand at a time.
type liner struct {
	*installation
	citizen bot.Citizen
	n       int
	key     int
	number  string
}

func (p *liner) choose() lineDeed {
	kind := []string{"book", "book", "hold", "hold", "drop", "wait", "wait", "look", "sweep"}[rand.IntN(9)]
	if p.number != "" {
		kind = []string{"cancel", "cancel", "look"}[rand.IntN(3)]
	}
	return lineDeed{kind, p.n}
}

func (p *liner) request() booking.Request {
	r := request(p.citizen, fmt.Sprint(p.key), string(p.citizen.ID), lineDate, lineTime)
	return r
}

func (p *liner) do(in lineDeed) (lineOutcome, error) {
	ctx := context.Background()
	var err error
	switch in.kind {
	case "look":
		return lineOutcome{left: p.remaining("humen", lineDate, lineTime)}, nil
	case "book":
		var a booking.Appointment
		if a, err = p.book(p.request()); err == nil {
			p.number = a.Number
			p.key++
		}
	case "hold":
		err = p.Commit(ctx, func(tx bot.Tx) error {
			_, err := p.Reserve(ctx, tx, p.request())
			return err
		})
	case "drop":
		err = p.Commit(ctx, func(tx bot.Tx) error { return p.GiveBack(ctx, tx, p.citizen.ID, fmt.Sprint(p.key), monday) })
	case "cancel":
		if _, err = p.cancel(p.number, monday); err == nil {
			p.number = ""
		}
	case "wait":
		r := p.request()
		r.Key = fmt.Sprintf("w%d", p.key)
		err = p.Commit(ctx, func(tx bot.Tx) error {
			_, err := p.Wait(ctx, tx, r)
			return err
		})
	case "sweep":
		_, err = p.ExpireHolds(ctx, monday.Add(time.Hour))
	}
	switch {
	case errors.Is(err, booking.ErrFull):
		return lineOutcome{refused: "full"}, nil
	case errors.Is(err, booking.ErrFree):
		return lineOutcome{refused: "free"}, nil
	}
	return lineOutcome{}, err
}
