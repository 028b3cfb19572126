package desk

import (
	"maps"
	"slices"
	"sync"

	"guanjia/bot"
)

// bell tells those who follow it whose conversation something of the moment
// changed at. Nothing of it is kept, and who is slow misses none: what they have
// not taken waits for them, each citizen once.
type bell struct {
	mu        sync.Mutex
	followers map[*follower]bool
}

// follower is one who follows a bell.
type follower struct {
	bell  *bell
	rung  chan struct{} // there is something to take
	waits map[bot.CitizenID]bool
}

func newBell() *bell { return &bell{followers: map[*follower]bool{}} }

// ring waits for nobody.
func (b *bell) ring(id bot.CitizenID) {
	if id == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for f := range b.followers {
		f.waits[id] = true
		select {
		case f.rung <- struct{}{}:
		default: // it knows already
		}
	}
}

func (b *bell) follow() *follower {
	f := &follower{bell: b, rung: make(chan struct{}, 1), waits: map[bot.CitizenID]bool{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.followers[f] = true
	return f
}

func (f *follower) end() {
	f.bell.mu.Lock()
	defer f.bell.mu.Unlock()
	delete(f.bell.followers, f)
}

// take are the citizens that it was rung for since the last time.
func (f *follower) take() []bot.CitizenID {
	f.bell.mu.Lock()
	defer f.bell.mu.Unlock()
	all := slices.Sorted(maps.Keys(f.waits))
	clear(f.waits)
	return all
}
