// Package simulate plays citizens of many kinds against a running service:
// for demonstrations, for load and for soaks. Each citizen has an errand, a
// character and particulars made up from a seed, hears what the service says
// and answers it as such a citizen would: some tell everything at once, some
// correct themselves, ask in between, give up, or want a person and talk with
// them; many tell in the end how they found it. Others call the hotline and press
// keys, and operators serve at the desk.
//
// It comes in by the same doors as everybody and knows of the service only
// what a citizen hears. It refuses to judge answers: it counts what was said,
// how long it took and what came of it.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Heard is one thing the service said.
type Heard struct {
	Text    string
	Options []string
}

// Answer is what came back to a citizen's words, and how long the service took.
type Answer struct {
	Heard []Heard
	Took  time.Duration
}

// Line is one citizen's way into the service.
type Line interface {
	// Say says words, or an option as it stands, and hears what comes back.
	// Where the service asks for patience it waits and says it again.
	Say(ctx context.Context, words string) (Answer, error)
}

// Door opens lines of one channel. Name tells the line's citizens apart.
type Door interface {
	Name() string
	// Open makes a line for the n-th citizen; nothing is said yet.
	Open(n int) Line
}

// Plan is what is played.
type Plan struct {
	Doors    []Door        // citizens are dealt to them in turn
	Citizens int           // how many there are
	Rate     float64       // conversations begun a second, on average; 0: all at once
	Day      bool          // arrivals follow the hours of a working day, pressed into the time it takes
	Think    time.Duration // how long a citizen thinks on average
	Patience time.Duration // how long a citizen waits for a person and talks with them; 0: nobody does
	Most     int           // conversations at once; 0: 1,000
	Seed     uint64
	First    int  // citizens begin with this number
	Insist   bool // all of them ask for a person after the first answer
}

// Run plays the plan until every citizen is done or ctx ends, and reports.
func Run(ctx context.Context, p Plan) (Report, error) {
	if len(p.Doors) == 0 || p.Citizens <= 0 {
		return Report{}, errors.New("simulate: no citizens or no way in")
	}
	if p.Most <= 0 {
		p.Most = 1000
	}
	book := newBook()
	arrivals := rand.New(rand.NewPCG(p.Seed, 0))
	slots := make(chan struct{}, p.Most)
	var playing sync.WaitGroup
	begun := time.Now()
	for n := p.First; n < p.First+p.Citizens; n++ {
		if !sleep(ctx, p.gap(n, arrivals)) {
			break
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		playing.Go(func() {
			defer func() { <-slots }()
			door := p.Doors[n%len(p.Doors)]
			c := newCitizen(n, p.Seed, p.Think)
			c.patience, c.insists = p.Patience, p.Insist
			if c.insists {
				c.moods.fickle = 0
			}
			book.write(door.Name(), c, c.play(ctx, door.Open(n)))
		})
	}
	playing.Wait()
	report := book.report(time.Since(begun))
	if errors.Is(ctx.Err(), context.Canceled) && report.Begun < p.Citizens {
		return report, fmt.Errorf("simulate: stopped after %d of %d citizens", report.Begun, p.Citizens)
	}
	return report, nil
}

// gap is how long to wait for the n-th citizen.
func (p Plan) gap(n int, r *rand.Rand) time.Duration {
	if p.Rate <= 0 {
		return 0
	}
	gap := r.ExpFloat64() / p.Rate
	if p.Day {
		gap /= busyness(float64(n) / float64(p.Citizens))
	}
	return time.Duration(gap * float64(time.Second))
}

// busyness is how busy a working day is, against its mean, when a part of its
// citizens has come.
func busyness(part float64) float64 { return ofHour(8 + min(9, max(0, int(part*10)))) }

// ofHour is how busy an hour of the day is, against the mean of the working hours:
// slow at eight, two hills around ten and half past three, a valley at noon, some
// in the evening and hardly anybody at night.
func ofHour(hour int) float64 {
	return [24]float64{
		.05, .04, .03, .03, .03, .04, .1, .25,
		.5, 1.3, 1.7, 1.3, .6, .7, 1.2, 1.5, 1.2, .6,
		.4, .4, .4, .3, .2, .1,
	}[hour]
}

// Arrival is when a part of those have come who come between two instants, in the
// hours of from's zone.
func Arrival(from, to time.Time, part float64) time.Time {
	all := 0.0
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		all += ofHour(at.Hour())
	}
	come := part * all
	at := from
	for ; at.Before(to); at = at.Add(time.Minute) {
		busy := ofHour(at.Hour())
		if come < busy {
			return at.Add(time.Duration(come / busy * float64(time.Minute)))
		}
		come -= busy
	}
	return to
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
