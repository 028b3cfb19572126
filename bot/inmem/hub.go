package inmem

import (
	"sync"

	"guanjia/bot"
)

// Hub fans changes out to those who follow. It never waits for a slow
// follower: whoever falls behind is told so and reads the rest from the store.
type Hub struct {
	mu        sync.Mutex
	followers map[*Follower]struct{}
}

// Follower receives changes on C until Close. Lagged is closed when changes
// were dropped because C was full: the follower starts again from the store.
type Follower struct {
	C      chan bot.Change
	Lagged chan struct{}
	hub    *Hub
	late   bool
}

// NewHub makes a hub nobody follows.
func NewHub() *Hub { return &Hub{followers: map[*Follower]struct{}{}} }

// Publish hands changes to every follower, in order.
func (h *Hub) Publish(changes []bot.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for f := range h.followers {
		for _, c := range changes {
			f.offer(c)
		}
	}
}

func (f *Follower) offer(c bot.Change) {
	if f.late {
		return
	}
	select {
	case f.C <- c:
	default:
		f.late = true
		close(f.Lagged)
	}
}

// Follow begins to receive what is published from now on; buffer is how many
// changes may wait.
func (h *Hub) Follow(buffer int) *Follower {
	f := &Follower{C: make(chan bot.Change, buffer), Lagged: make(chan struct{}), hub: h}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.followers[f] = struct{}{}
	return f
}

// Close ends the following.
func (f *Follower) Close() {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	delete(f.hub.followers, f)
}
