package desk

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"guanjia/bot"
)

// board holds what waits and what is held, first in line first, so that a desk
// of thousands is not read anew for every page that looks at it. Each change
// says what to read again before the next look.
type board struct {
	reading sync.Mutex // one reads at a time
	line    []bot.Handoff

	mu    sync.Mutex
	lost  bool // everything is to be read
	dirty map[bot.CitizenID]bool
	seen  int64         // the last change marked here
	queue int64         // the last of them that may have changed the queue
	moved chan struct{} // closed when seen grows
}

func newBoard() *board {
	return &board{lost: true, dirty: map[bot.CitizenID]bool{}, moved: make(chan struct{})}
}

// changed marks what a change may have touched.
func (b *board) changed(c bot.Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch c.Kind {
	case bot.ChangeQueued, bot.ChangeTaken, bot.ChangeClosed, bot.ChangeUrgent, bot.ChangeOffered:
		b.dirty[c.Citizen] = true
		b.queue = max(b.queue, c.Seq)
	}
	b.reached(c.Seq)
}

// miss says that changes up to a number were missed.
func (b *board) miss(seq int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost = true
	b.queue = max(b.queue, seq)
	b.reached(seq)
}

// version is the number of the last change that may have changed the queue.
func (b *board) version() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.queue
}

func (b *board) reached(seq int64) {
	if seq > b.seen {
		b.seen = seq
		close(b.moved)
		b.moved = make(chan struct{})
	}
}

// catchUp waits a moment until a change is marked here and says which is the
// last one that is: a page that goes on from there misses nothing.
func (b *board) catchUp(ctx context.Context, seq int64) int64 {
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	for {
		b.mu.Lock()
		seen, moved := b.seen, b.moved
		b.mu.Unlock()
		if seen >= seq {
			return seen
		}
		select {
		case <-moved:
		case <-patience.C:
			return seen
		case <-ctx.Done():
			return seen
		}
	}
}

// marked takes what is to be read again.
func (b *board) marked() (all bool, some map[bot.CitizenID]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all, some = b.lost, b.dirty
	b.lost, b.dirty = false, map[bot.CitizenID]bool{}
	return all, some
}

// again puts back what could not be read.
func (b *board) again(all bool, some map[bot.CitizenID]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost = b.lost || all
	maps.Copy(b.dirty, some)
}

// read returns the line as of the last change marked. What it returns is
// nobody's to change.
func (b *board) read(ctx context.Context, from Records) ([]bot.Handoff, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	all, some := b.marked()
	var err error
	switch {
	case all:
		err = b.readAll(ctx, from)
	case len(some) > 0:
		err = b.readSome(ctx, from, some)
	}
	if err != nil {
		b.again(all, some)
		return nil, err
	}
	return b.line, nil
}

func (b *board) readAll(ctx context.Context, from Records) error {
	line, err := from.Handoffs(ctx, true, mostQueued)
	if err == nil {
		b.line = line
	}
	return err
}

func (b *board) readSome(ctx context.Context, from Records, some map[bot.CitizenID]bool) error {
	line := slices.DeleteFunc(slices.Clone(b.line), func(h bot.Handoff) bool { return some[h.Citizen] })
	for id := range some {
		h, found, err := from.OpenHandoff(ctx, id)
		if err != nil {
			return err
		}
		if found {
			at, _ := slices.BinarySearchFunc(line, h, inLine)
			line = slices.Insert(line, at, h)
		}
	}
	b.line = line
	return nil
}

// inLine orders the queue: who waits before who is served, the urgent first,
// then who came first.
func inLine(a, b bot.Handoff) int {
	taken := func(h bot.Handoff) int {
		if h.Status == bot.HandoffTaken {
			return 1
		}
		return 0
	}
	for _, d := range []int64{int64(taken(a) - taken(b)), int64(a.Priority - b.Priority), a.ID - b.ID} {
		if d < 0 {
			return -1
		}
		if d > 0 {
			return 1
		}
	}
	return 0
}
