// Package inmem holds what several parts of one process share and may lose: the
// order of turns, the fan-out of changes to the desk, and what limits have
// counted, which a keeper may hold for the process that takes over.
//
// It refuses to keep anything that was promised to a citizen.
package inmem

import (
	"context"
	"sync"
)

// Turns gives each key's holders their order: first come, first served. A key
// nobody holds or waits for takes no memory. It implements bot.Turns.
type Turns struct {
	mu    sync.Mutex
	queue map[string][]chan struct{} // the first is the holder's
}

// NewTurns makes an empty order of turns.
func NewTurns() *Turns { return &Turns{queue: map[string][]chan struct{}{}} }

// Lock waits for the key's turn. The returned function gives it on and must
// be called once; when ctx ends first, the place in line is given up.
func (t *Turns) Lock(ctx context.Context, key string) (func(), error) {
	var mine chan struct{} // nil for who need not wait
	t.mu.Lock()
	line := t.queue[key]
	if len(line) > 0 {
		mine = make(chan struct{})
	}
	t.queue[key] = append(line, mine)
	t.mu.Unlock()
	if mine == nil {
		return sync.OnceFunc(func() { t.leave(key, mine) }), nil
	}
	select {
	case <-mine:
		return sync.OnceFunc(func() { t.leave(key, mine) }), nil
	case <-ctx.Done():
		t.leave(key, mine)
		return nil, ctx.Err()
	}
}

// leave takes a place out of the line and wakes the next when it was the holder's.
func (t *Turns) leave(key string, mine chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := t.queue[key]
	for i, place := range line {
		if place != mine {
			continue
		}
		line = append(line[:i:i], line[i+1:]...)
		if len(line) == 0 {
			delete(t.queue, key)
			return
		}
		t.queue[key] = line
		if i == 0 {
			close(line[0])
		}
		return
	}
}

// Waiting is how many keys are held or waited for.
func (t *Turns) Waiting() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.queue)
}
