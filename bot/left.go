package bot

import (
	"context"
	"fmt"
	"sync"
)

// left are messages that were accepted and not answered before the last end, or
// while the records were gone, by who wrote them. What a citizen says next waits
// for them.
type left struct {
	mu       sync.Mutex
	by       map[CitizenID][]Pending
	complete func(context.Context, *Inbound)
}

// put adds those that are not there yet.
func (l *left) put(all []Pending, complete func(context.Context, *Inbound)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by, l.complete = map[CitizenID][]Pending{}, complete
	for _, p := range all {
		l.by[p.Citizen] = append(l.by[p.Citizen], p)
	}
}

// take gives a citizen's up to a receipt, in order, once.
func (l *left) take(citizen CitizenID, before Receipt) (all []Pending, complete func(context.Context, *Inbound)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.by[citizen] {
		if p.Receipt < before.ID {
			all = append(all, p)
		}
	}
	delete(l.by, citizen)
	return all, l.complete
}

// Remember looks for messages that were left unanswered, so that nothing that
// is said from now on is answered before what the same citizen said then. It is
// called before the doors open; Recover answers those of who says nothing.
func (e *Engine) Remember(ctx context.Context, complete func(context.Context, *Inbound)) error {
	pending, err := e.store.Outstanding(ctx, e.clock())
	if err != nil {
		return fmt.Errorf("list unanswered messages: %w", err)
	}
	e.left.put(pending, complete)
	return nil
}

// catchUp answers what a citizen said before the last end, in the turn of what
// they say now. What cannot be answered keeps nobody waiting.
func (e *Engine) catchUp(ctx context.Context, citizen CitizenID, now Receipt) {
	all, complete := e.left.take(citizen, now)
	for _, p := range all {
		if complete != nil {
			complete(ctx, &p.Inbound)
		}
		if err := e.answerLeft(ctx, p); err != nil {
			e.log.Error("answer an earlier message first", "citizen", citizen, "error", err)
		}
	}
}
