// Package routing decides which operator is asked to take which conversation:
// emergencies first, then who has waited longest; only of those who can and
// have room; the least busy first. It holds values and decisions, and refuses
// to read or keep anything.
//
// A skill binds as long as somebody on duty has it, busy or not: a citizen who
// writes English waits for who reads it. Where nobody on duty has it, everyone
// may help; nobody waits for a skill that will not come.
package routing

import (
	"cmp"
	"slices"
	"time"

	"guanjia/bot"
)

// Presence says whether an operator can be asked.
type Presence string

// The states. Away is whoever is signed in and has not said otherwise: they
// take conversations by hand and are asked nothing.
const (
	On   Presence = "on"
	Away Presence = "away"
	Off  Presence = "off" // no page of theirs is connected
)

// Times of an offer and of a lease.
const (
	OfferTime = 20 * time.Second // an operator has to take what is offered
	LeaseTime = 45 * time.Second // what an operator holds stays theirs without a page connected
)

// Bounds of how many conversations one operator may hold by offers.
const (
	UsualCapacity = 4
	MostCapacity  = 30
)

// Skills are what an operator can be asked for; an empty list is everything.
type Skills struct {
	Languages []bot.Language `json:"languages,omitempty"`
	Topics    []bot.Intent   `json:"topics,omitempty"`
	Towns     []string       `json:"towns,omitempty"`
	// Groups are those the operator belongs to: names, or departments' ids.
	Groups []string `json:"groups,omitempty"`
	// Telephone is the extension the operator takes calls on; empty: none.
	Telephone string `json:"telephone,omitempty"`
}

// Operator is who may be asked.
type Operator struct {
	Name     string
	Presence Presence
	Capacity int
	Load     int       // held and offered
	Asked    time.Time // when something was last offered to them
	// Town is the only one whose conversations the operator may see; empty: all.
	Town string
	Skills
}

// may says whether a conversation is an operator's to see; unlike a skill, that
// binds even when nobody else is there.
func (o *Operator) may(w *Waiting) bool { return o.Town == "" || o.Town == w.Town }

// free says whether an operator has room; for an emergency one place more.
func (o *Operator) free(urgent bool) bool {
	room := o.Capacity - o.Load
	return o.Presence == On && (room > 0 || urgent && room == 0)
}

// Waiting is a conversation in the queue.
type Waiting struct {
	Handoff  int64
	Citizen  bot.CitizenID
	Channel  bot.Channel
	Priority int // 0 emergencies
	Since    time.Time
	Language bot.Language
	Topic    bot.Intent
	Town     string
	Group    string // only its members are asked; empty: anyone
	Offered  string // to whom it is offered now; empty: nobody
}

func (w *Waiting) before(v *Waiting) int {
	return cmp.Or(cmp.Compare(w.Priority, v.Priority), cmp.Compare(w.Handoff, v.Handoff))
}

// Offer asks an operator to take a conversation.
type Offer struct {
	Handoff  int64
	Citizen  bot.CitizenID
	Operator string
}

// Assign makes offers for what waits and is offered to nobody. Afterwards none
// of it waits while an operator who can take it has room.
func Assign(waiting []Waiting, operators []Operator) []Offer {
	operators = slices.Clone(operators)
	line := slices.Clone(waiting)
	slices.SortFunc(line, func(a, b Waiting) int { return a.before(&b) })
	var offers []Offer
	for i := range line {
		w := &line[i]
		if w.Offered != "" {
			continue
		}
		o := choose(w, operators)
		if o == nil {
			continue
		}
		o.Load++
		offers = append(offers, Offer{w.Handoff, w.Citizen, o.Name})
	}
	return offers
}

// choose finds the operator to ask, nil if nobody can be.
func choose(w *Waiting, operators []Operator) *Operator {
	able := Able(w, operators)
	var best *Operator
	for i := range operators {
		o := &operators[i]
		if !able(o) || !o.free(w.Priority == 0) {
			continue
		}
		if best == nil || o.sooner(best) {
			best = o
		}
	}
	return best
}

// sooner orders by how full, then who can do least else, then who was asked
// longest ago.
func (o *Operator) sooner(v *Operator) bool {
	return cmp.Or(
		cmp.Compare(o.Load*v.Capacity, v.Load*o.Capacity),
		cmp.Compare(v.narrow(), o.narrow()),
		o.Asked.Compare(v.Asked),
		cmp.Compare(o.Name, v.Name),
	) < 0
}

// narrow is how many kinds of skills an operator is limited in.
func (o *Operator) narrow() int {
	n := 0
	for _, limited := range []bool{len(o.Languages) > 0, len(o.Topics) > 0, len(o.Towns) > 0} {
		if limited {
			n++
		}
	}
	return n
}

// Able says who can take a conversation: of each skill it needs, those who have
// it, unless nobody on duty does.
func Able(w *Waiting, operators []Operator) func(*Operator) bool {
	needs := []func(*Operator) bool{
		func(o *Operator) bool { return w.Group == "" || slices.Contains(o.Groups, w.Group) },
		func(o *Operator) bool { return has(o.Languages, w.Language) },
		func(o *Operator) bool { return has(o.Towns, w.Town) },
		func(o *Operator) bool { return has(o.Topics, w.Topic) },
	}
	able := func(o *Operator) bool { return o.may(w) }
	for _, need := range needs { // each among those left, the most binding first
		before := able
		both := func(o *Operator) bool { return before(o) && need(o) }
		if slices.ContainsFunc(operators, func(o Operator) bool { return o.Presence == On && both(&o) }) {
			able = both
		}
	}
	return able
}

func has[T ~string](skills []T, one T) bool {
	return one == "" || len(skills) == 0 || slices.Contains(skills, one)
}
