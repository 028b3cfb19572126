package store

import (
	"sync"

	"guanjia/bot"
)

// mostPeople is how many citizens are held in memory, some hundred bytes each.
const mostPeople = 20_000

// people holds citizens as they were last loaded, so that a turn need not read
// and open its citizen's row. Every change of one lets go of it.
type people struct {
	mu      sync.Mutex
	known   map[bot.CitizenID]bot.Citizen
	changes int
}

func newPeople() *people { return &people{known: map[bot.CitizenID]bot.Citizen{}} }

// get finds a citizen, or says how many changes there were until now.
func (p *people) get(id bot.CitizenID) (c bot.Citizen, changes int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok = p.known[id]
	return c, p.changes, ok
}

// keep holds a citizen that was loaded after so many changes, if there was
// none since.
func (p *people) keep(c bot.Citizen, changes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changes != changes {
		return
	}
	if len(p.known) >= mostPeople {
		for id := range p.known { // whichever comes first makes room
			delete(p.known, id)
			break
		}
	}
	p.known[c.ID] = c
}

// changed lets go of the citizens that a group changed.
func (p *people) changed(entries []entry) {
	for _, e := range entries {
		if e, ok := e.(*citizenEntry); ok {
			p.drop(e.id)
		}
	}
}

func (p *people) drop(id bot.CitizenID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changes++
	delete(p.known, id)
}

// clear lets go of everybody.
func (p *people) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changes++
	clear(p.known)
}
