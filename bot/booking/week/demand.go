package week

import (
	"math/rand/v2"

	"guanjia/bot/booking"
)

// Demand is a city's plan and the people who come for it, to be played against
// the records themselves and not only the diary.
type Demand struct {
	ground *ground
	rng    *rand.Rand
}

// NewDemand lays out a city.
func NewDemand(c City) *Demand {
	return &Demand{ground: layOut(c), rng: rand.New(rand.NewPCG(c.Seed, 2))}
}

// Plan is what the city offers.
func (d *Demand) Plan() booking.Plan {
	var p booking.Plan
	halls := map[string]bool{}
	for s, pairs := range d.ground.byServ {
		p.Services = append(p.Services, booking.Service{ID: d.ground.pairs[pairs[0]].group, Title: "事项" + d.ground.pairs[pairs[0]].group})
		for _, i := range d.ground.byServ[s] {
			v := d.ground.pairs[i]
			if !halls[v.name] {
				halls[v.name] = true
				p.Halls = append(p.Halls, booking.Hall{ID: v.name, Name: "大厅" + v.name})
			}
			p.Offers = append(p.Offers, booking.Offer{Group: v.group, Hall: v.name})
			for _, period := range v.sheet("", 0).Periods {
				p.Schedules = append(p.Schedules, booking.Schedule{Group: v.group, Hall: v.name, Time: period.Time, Capacity: period.Capacity})
			}
		}
	}
	return p
}

// Next is what the next of the people comes for, and in how many days at the
// earliest.
func (d *Demand) Next() (service, hall string, ahead int) {
	v := d.ground.pairs[d.ground.draw(d.rng)]
	if d.rng.Float64() < planAhead {
		ahead = 1 + d.rng.IntN(5)
	}
	return v.group, v.name, ahead
}

// Fate says what becomes of the next booking: served, or called off before.
// What is neither is missed.
func (d *Demand) Fate() (served, cancelled bool) {
	if d.rng.Float64() < d.ground.Served {
		return true, false
	}
	return false, d.rng.Float64() < cancels
}

// Rush is the share of a day's people who come as the day is released.
const Rush = atNine
