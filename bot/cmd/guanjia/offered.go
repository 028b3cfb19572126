package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/handlers/appointment"
	"guanjia/handlers/procedure"
	"guanjia/intents/hanzi"
	"guanjia/knowledge"
)

// offered is what can be booked, as citizens may name it: the plan's services
// and halls by their names and the other names that staff gave them, whether or
// not there is a guide. It is exchanged as a whole whenever the plan changes.
type offered struct {
	base *knowledge.Base
	now  atomic.Pointer[catalogue]
}

// catalogue is what is offered at one time. It never changes.
type catalogue struct {
	guides map[string]appointment.Guide
	halls  map[string]booking.Hall // by town, and the city's by its own id
	// names are what services and halls are called, folded; lengths are how long
	// names may be that begin with two characters, the longest first.
	names    map[string][]bot.Entity
	lengths  map[[2]rune][]int
	services []booking.Service
	calls    [][]string          // of each service, folded
	pairs    map[[2]rune][]int32 // services by two characters of any of their names
}

// learn makes a plan known.
func (o *offered) learn(plan booking.Plan) {
	c := &catalogue{guides: guidesFor(o.base, plan.Services), halls: map[string]booking.Hall{}, names: map[string][]bot.Entity{}, lengths: map[[2]rune][]int{}, pairs: map[[2]rune][]int32{}}
	for _, s := range plan.Services {
		if !s.Retired {
			c.addService(s)
		}
	}
	for _, h := range plan.Halls {
		if !h.Retired {
			c.halls[cmp.Or(h.Town, h.ID)] = h
			c.name(hanzi.Fold(h.Name), bot.Entity{Type: bot.Hall, Value: h.ID})
		}
	}
	o.now.Store(c)
}

func (c *catalogue) addService(s booking.Service) {
	at := int32(len(c.services))
	var calls []string
	for _, name := range append([]string{s.Title}, s.Aliases...) {
		folded := hanzi.Fold(strings.TrimSpace(name))
		calls = append(calls, string(folded))
		for i := range len(folded) - 1 {
			key := [2]rune(folded[i : i+2])
			if of := c.pairs[key]; len(of) == 0 || of[len(of)-1] != at {
				c.pairs[key] = append(of, at)
			}
		}
		if ourDeed(name) {
			continue
		}
		c.name(folded, bot.Entity{Type: bot.Service, Value: s.ID})
		if short, _, ok := strings.Cut(strings.ReplaceAll(string(folded), "（", "("), "("); ok && len([]rune(short)) >= 3 {
			c.name([]rune(short), bot.Entity{Type: bot.Service, Value: s.ID})
		}
	}
	c.services, c.calls = append(c.services, s), append(c.calls, calls)
}

// name adds what something is called.
func (c *catalogue) name(folded []rune, e bot.Entity) {
	if len(folded) < 2 {
		return
	}
	of := c.names[string(folded)]
	if slices.ContainsFunc(of, func(o bot.Entity) bool { return o.Type == e.Type && o.Value == e.Value }) {
		return
	}
	c.names[string(folded)] = append(of, e)
	key := [2]rune(folded[:2])
	if !slices.Contains(c.lengths[key], len(folded)) {
		c.lengths[key] = append(c.lengths[key], len(folded))
		slices.SortFunc(c.lengths[key], func(a, b int) int { return cmp.Compare(b, a) })
	}
}

// bookable says whether a window can be booked for a guide or service.
func (o *offered) bookable(id string) bool { return o.now.Load().guides[id].Bookable }

// hall is the one in a town where a window can be booked for a guide, as staff have
// entered it.
func (o *offered) hall(guide, town string) (procedure.Hall, bool) {
	c := o.now.Load()
	h, ok := c.halls[town]
	if !ok || !c.guides[guide].Bookable {
		return procedure.Hall{}, false
	}
	return procedure.Hall{ID: h.ID, Name: h.Name, Address: h.Address, Phone: h.Phone, Hours: h.Hours}, true
}

// FindServices implements appointment.Finder: services whose names have the
// words or stand in them, then those of the guides that the words mean, then
// those whose names have most of the words' characters.
func (o *offered) FindServices(text string, limit int) []booking.Service {
	c := o.now.Load()
	named, like := c.matching(text)
	var out []booking.Service
	for _, list := range [][]booking.Service{named, guidedBy(o.base, text, limit), like} {
		for _, s := range list {
			known := slices.ContainsFunc(out, func(o booking.Service) bool { return o.ID == s.ID })
			if g := c.guides[s.ID]; g.Bookable && !known && len(out) < limit {
				out = append(out, booking.Service{ID: s.ID, Title: g.Title})
			}
		}
	}
	return out
}

// matching are the services that a text names, the nearest in length first, and
// those whose names have at least half of its pairs of characters.
func (c *catalogue) matching(text string) (named, like []booking.Service) {
	folded := hanzi.Fold(strings.Trim(strings.TrimSpace(text), "。.！!？?，,"))
	if len(folded) < 2 {
		return nil, nil
	}
	words, shared := string(folded), map[int32]int{}
	for i := range len(folded) - 1 {
		for _, at := range c.pairs[[2]rune(folded[i:i+2])] {
			shared[at]++
		}
	}
	type hit struct{ at, apart, pairs int }
	var exact, near []hit
	for at, n := range shared {
		apart := -1
		for _, name := range c.calls[at] {
			if d := len([]rune(name)) - len(folded); strings.Contains(name, words) || len([]rune(name)) > 2 && strings.Contains(words, name) {
				if d = max(d, -d); apart < 0 || d < apart {
					apart = d
				}
			}
		}
		switch {
		case apart >= 0:
			exact = append(exact, hit{int(at), apart, n})
		case n >= 2 && 2*n >= len(folded)-1:
			near = append(near, hit{int(at), 0, n})
		}
	}
	best := func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.apart, b.apart), cmp.Compare(b.pairs, a.pairs), cmp.Compare(a.at, b.at))
	}
	slices.SortFunc(exact, best)
	slices.SortFunc(near, best)
	for _, h := range exact {
		named = append(named, c.services[h.at])
	}
	for _, h := range near {
		like = append(like, c.services[h.at])
	}
	return named, like
}

// guidedBy are the services whose guides a text means.
func guidedBy(base *knowledge.Base, text string, limit int) []booking.Service {
	var out []booking.Service
	for _, c := range base.Ask(context.Background(), knowledge.Question{Text: text}).Candidates {
		g, ok := base.Guide(c.ID)
		if ok && g.Bookable && g.Home() && c.Score > 0 && len(out) < limit {
			out = append(out, booking.Service{ID: c.ID})
		}
	}
	return out
}

// named puts the services and halls that an utterance names among what was
// found in it. A longer name stands for shorter ones within it; where one name
// stands for several, people are asked.
func (o *offered) named(made bot.Understanding) bot.Understanding {
	c := o.now.Load()
	folded := hanzi.Fold(made.Text)
	original := []rune(made.Text)
	if len(folded) != len(original) {
		return made
	}
	for i := 0; i+1 < len(folded); i++ {
		for _, n := range c.lengths[[2]rune(folded[i:i+2])] {
			if i+n > len(folded) {
				continue
			}
			if of := c.names[string(folded[i:i+n])]; len(of) > 0 && placed(&made, of, string(original[i:i+n]), i, i+n) {
				i += n - 1
				break
			}
		}
	}
	return made
}

// placed puts a name among the entities of an understanding, unless it cuts one
// of them, or stands within one that says as much.
func placed(made *bot.Understanding, of []bot.Entity, text string, start, end int) bool {
	e := bot.Entity{Type: of[0].Type, Value: of[0].Value, Text: text, Start: start, End: end, Ambiguity: []string{}}
	for _, other := range of[1:min(len(of), 4)] {
		if other.Type == e.Type {
			e.Ambiguity = append(e.Ambiguity, other.Value)
		}
	}
	for _, there := range made.Entities {
		within := there.Start >= start && there.End <= end
		switch {
		case there.End <= start || there.Start >= end:
		case !within, there.Type == e.Type && there.Start == start && there.End == end:
			return false
		}
	}
	made.Entities = slices.DeleteFunc(slices.Clone(made.Entities), func(there bot.Entity) bool { return there.Start >= start && there.End <= end })
	made.Entities = append(made.Entities, e)
	slices.SortFunc(made.Entities, func(a, b bot.Entity) int { return cmp.Compare(a.Start, b.Start) })
	return true
}

// local is the intent layer with what is this installation's own: its year
// tables and what it offers.
type local struct {
	*taught
	calendar workdays
	offered  *offered
}

// Understand implements bot.Understander.
func (l local) Understand(u bot.Utterance) bot.Understanding {
	mind := l.now()
	if mind == nil {
		return l.taught.Understand(u)
	}
	made := mind.By(l.calendar.now.Load()).Understand(u)
	if made.Decision == bot.Danger {
		return made
	}
	return l.offered.named(made)
}
