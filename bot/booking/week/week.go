// Package week plays weeks of a city's demand through the booking diary, to
// see what a way of releasing openings does before citizens do: with a fixed
// plan, or with the dynamic release beside it.
//
// It is a rehearsal: people and demand are drawn by chance from a seed, rules
// and places are those of the real diary. It refuses to be read as a forecast:
// it compares two ways under the same demand.
package week

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// City is how large the rehearsal is. The whole city of 2020 is Whole.
type City struct {
	Services int // offered at the city's hall
	Halls    int // the city's and the towns'
	Openings int // places of a week
	Bookings int // people who come for one in a week
	// Served is the share of bookings that end at a window; the others are
	// cancelled or missed.
	Served float64
	// Slack is how much more than the plan releases a service's windows could
	// serve, on average: nine places in ten go unused, and windows are shared.
	Slack float64
	Seed  uint64
}

// Whole is the city's busiest week of 2020 as it was published: 5,153
// services, 1,170,662 openings, 142,076 bookings of which 59 in a hundred were
// served.
func Whole() City {
	return City{Services: 5153, Halls: 36, Openings: 1_170_662, Bookings: 142_076, Served: 0.59, Slack: 3, Seed: 2020}
}

// Part is a city a fraction of the size, for tests.
func (c City) Part(n int) City {
	c.Services, c.Openings, c.Bookings = max(20, c.Services/n), c.Openings/n, c.Bookings/n
	return c
}

const (
	workdays   = 5
	perDay     = 6
	cityOnly   = 0.55 // of all services: no town's hall offers them
	townOffers = 0.26 // of the others, at each town's hall
)

var clocks = [perDay]string{"09:00", "10:00", "11:00", "14:00", "15:00", "16:00"}

// pair is a service at a hall.
type pair struct {
	service, hall int
	group, name   string
	weight        float64 // of demand
	daily         int     // places planned a day
	serves        float64 // people its windows can serve in an hour
}

// ground is a city laid out: who offers what, how much of it is asked for, and
// how many places are planned.
type ground struct {
	City
	pairs  []pair
	byServ [][]int   // service → its pairs
	chosen []float64 // cumulated weights
}

// layOut draws a city. Few services are asked for by many and most by few; the
// plan follows demand with the errors that plans have.
func layOut(c City) *ground {
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	g := &ground{City: c, byServ: make([][]int, c.Services)}
	rank := rng.Perm(c.Services)
	hallWeight := make([]float64, c.Halls)
	for h := range hallWeight {
		hallWeight[h] = 0.4 + rng.Float64()
	}
	hallWeight[0] = 6 // the city's
	for s := range c.Services {
		central := rng.Float64() < cityOnly
		for h := range c.Halls {
			if h > 0 && (central || rng.Float64() > townOffers) {
				continue
			}
			p := pair{service: s, hall: h, group: fmt.Sprintf("s%d", s), name: fmt.Sprintf("h%d", h)}
			p.weight = hallWeight[h] / math.Pow(float64(rank[s]+5), 1.1)
			g.byServ[s] = append(g.byServ[s], len(g.pairs))
			g.pairs = append(g.pairs, p)
		}
	}
	g.plan(rng)
	sum := 0.0
	for i := range g.pairs {
		sum += g.pairs[i].weight
		g.chosen = append(g.chosen, sum)
	}
	return g
}

// plan gives each pair its daily places, so many in all as the city has.
func (g *ground) plan(rng *rand.Rand) {
	total := 0.0
	for _, p := range g.pairs {
		total += p.weight
	}
	want := make([]float64, len(g.pairs))
	sum := 0.0
	for i, p := range g.pairs {
		need := float64(g.Bookings) / workdays * p.weight / total
		want[i] = 5 + 0.9*need*math.Exp(1.25*rng.NormFloat64()) // what planners think, with room
		sum += want[i]
	}
	left := g.Openings / workdays
	for i := range g.pairs {
		p := &g.pairs[i]
		p.daily = max(1, int(want[i]/sum*float64(g.Openings/workdays)))
		left -= p.daily
		p.serves = float64(p.daily) / perDay * (1 + (g.Slack-1)*2*rng.Float64())
	}
	for i := 0; left != 0; i = (i + 1) % len(g.pairs) { // the rounding's rest
		step := 1
		if left < 0 {
			step = -1
		}
		if g.pairs[i].daily+step >= 1 {
			g.pairs[i].daily += step
			left -= step
		}
	}
}

// sheet is a pair's plan for a day.
func (p pair) sheet(date string, kept float64) booking.Sheet {
	s := booking.Sheet{Group: p.group, Hall: p.name, Date: date}
	for i, clock := range clocks {
		n := p.daily / perDay
		if i < p.daily%perDay {
			n++
		}
		if n > 0 {
			s.Periods = append(s.Periods, booking.Period{Time: clock, Capacity: n, Kept: int(kept * float64(n))})
		}
	}
	return s
}

// draw picks what somebody comes for.
func (g *ground) draw(rng *rand.Rand) int {
	at := rng.Float64() * g.chosen[len(g.chosen)-1]
	i, _ := slices.BinarySearch(g.chosen, at)
	return min(i, len(g.pairs)-1)
}

// Monday is when the rehearsed week begins; the one before fills the diary.
func Monday() time.Time { return time.Date(2020, 9, 14, 0, 0, 0, 0, bot.Shanghai()) }

// weekdays are the working days of two weeks from a day on.
func workday(t time.Time) bool { return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday }

// Sample is how the city stood at an instant.
type Sample struct {
	At       time.Time
	Services float64 // share bookable within three days, at any hall that offers them
	Pairs    float64 // … at each hall
	Fill     float64 // of the released places
}

// Outcome is what came of a week.
type Outcome struct {
	Name      string
	Asked     int // people who came for a place
	Booked    int
	Elsewhere int // of these, at another hall than they wanted
	Refused   int
	Served    int
	Missed    int
	Days      float64 // from asking to the appointment, on average
	Openings  int     // released
	Samples   []Sample
	First     [9]int // pairs by days to their first free opening at the week's end: 0 to 7, none
	Changes   map[booking.Kind]int
	Places    map[booking.Kind]int
	Crowded   float64 // share of periods in which more came than windows serve
	Whys      []string
	Took      time.Duration
}

// Share is the mean share of services bookable within three days.
func (o Outcome) Share() float64 { return o.mean(func(s Sample) float64 { return s.Services }) }

// PairShare is the mean share of services at halls bookable within three days.
func (o Outcome) PairShare() float64 { return o.mean(func(s Sample) float64 { return s.Pairs }) }

// Worst is the smallest share of services bookable within three days.
func (o Outcome) Worst() float64 {
	worst := 1.0
	for _, s := range o.Samples {
		worst = min(worst, s.Services)
	}
	return worst
}

func (o Outcome) mean(of func(Sample) float64) float64 {
	if len(o.Samples) == 0 {
		return 0
	}
	sum := 0.0
	for _, s := range o.Samples {
		sum += of(s)
	}
	return sum / float64(len(o.Samples))
}

// Compare plays the same demand with the fixed plan and with the dynamic
// release.
func Compare(c City, control booking.Control) (fixed, dynamic Outcome) {
	g := layOut(c)
	control.Mode = booking.Off
	fixed = g.play(control)
	control.Mode = booking.Apply
	dynamic = g.play(control)
	return fixed, dynamic
}

// Play plays one way of release alone.
func Play(c City, control booking.Control) Outcome { return layOut(c).play(control) }

func sortedKinds(m map[booking.Kind]int) []booking.Kind {
	kinds := make([]booking.Kind, 0, len(m))
	for k := range m {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b booking.Kind) int { return cmp.Compare(a, b) })
	return kinds
}
