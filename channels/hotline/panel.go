package hotline

import (
	"slices"
	"time"

	"guanjia/bot"
)

// Live is a call that goes on, as those who look after the line see it.
type Live struct {
	Citizen  bot.CitizenID
	Number   string // masked; empty where it is withheld
	Placed   bool   // we called
	Handling bot.Handling
	Operator string // who has it, by telephone
	Ringing  bool   // somebody is being rung
	Waiting  bool   // the caller is kept waiting by who has it
	Lasted   time.Duration
	Held     bool    // by the other side
	Loss     float64 // share of packets
	Jitter   time.Duration
	MOS      float64 // 0: nothing was heard yet
}

// Live are the calls that go on, the longest first.
func (l *Line) Live() []Live {
	l.mu.Lock()
	talks := make([]*talk, 0, len(l.talks))
	for _, t := range l.talks {
		talks = append(talks, t)
	}
	l.mu.Unlock()
	out := make([]Live, 0, len(talks))
	for _, t := range talks {
		out = append(out, t.live())
	}
	slices.SortFunc(out, func(a, b Live) int { return int(b.Lasted - a.Lasted) })
	return out
}

// live is the talk as its state was last put up.
func (t *talk) live() Live {
	q := t.sound.Quality()
	v := *t.board.Load()
	v.Lasted, v.Held, v.Loss, v.Jitter = time.Since(t.began).Round(time.Second), t.sound.Held(), 100*q.Loss(), q.Jitter.Round(time.Millisecond)
	if q.Received > 0 {
		v.MOS = q.MOS
	}
	return v
}

// putUp shows who is on the line and who has the call; run does it after every
// happening.
func (t *talk) putUp() {
	number := telephone(t.from)
	if withheld(t.from) {
		number = ""
	}
	v := &Live{Citizen: t.citizen, Number: bot.MaskPhone(number), Placed: t.placing != nil, Handling: t.handling, Ringing: t.ringing, Waiting: t.waits()}
	if t.leg != nil {
		v.Operator = t.leg.who.name
	}
	t.board.Store(v)
}

// wish is what somebody at the desk wants of a call.
type wish struct {
	do     deed
	by     string // the operator
	to     person // who is to be rung
	answer chan error
}

// deed is what can be wished.
type deed int

// The deeds.
const (
	wishRing    deed = iota // ring a person
	wishEnd                 // say goodbye
	wishAnswer              // ring who asked
	wishHold                // keep the caller waiting
	wishResume              // and no longer
	wishPass                // ring a colleague
	wishRelease             // hang up on the operator
)

// Ring has a person rung for a caller, End has a call ended kindly; false where
// it is over.
func (l *Line) Ring(citizen bot.CitizenID) bool { return l.wish(citizen, wish{do: wishRing}) == nil }

// End is described at Ring.
func (l *Line) End(citizen bot.CitizenID) bool { return l.wish(citizen, wish{do: wishEnd}) == nil }

// wish tells a call what is wanted of it, and waits until it was begun.
func (l *Line) wish(citizen bot.CitizenID, w wish) error {
	t := l.talkOf(citizen)
	if t == nil {
		return ErrOver
	}
	w.answer = make(chan error, 1)
	select {
	case t.wishes <- w:
	case <-t.over:
		return ErrOver
	}
	select {
	case err := <-w.answer:
		return err
	case <-t.over:
		return ErrOver
	}
}
