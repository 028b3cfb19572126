package bot

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// left are messages that were not answered, by who wrote them: accepted before
// the last end or while the records were gone, or told to have come to nothing.
// What a citizen says next waits until it is known what becomes of them.
type left struct {
	mu       sync.Mutex
	by       map[CitizenID][]leaving
	complete func(context.Context, *Inbound)
	since    time.Time          // when the records were opened
	back     map[CitizenID]bool // who has said something since
}

// unheardTime is how long after the records were opened somebody may say again
// what they had no answer to.
const unheardTime = 3 * time.Minute

// leaving is a message that was left.
type leaving struct {
	Pending
	failed bool // the citizen was told so, and asked to say it again
}

// put adds those of before the last end.
func (l *left) put(all []Pending, complete func(context.Context, *Inbound), now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since, l.back = now, map[CitizenID]bool{}
	l.by, l.complete = map[CitizenID][]leaving{}, complete
	for _, p := range all {
		l.by[p.Citizen] = append(l.by[p.Citizen], leaving{Pending: p})
	}
}

// add adds one.
func (l *left) add(p leaving) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[CitizenID][]leaving{}
	}
	l.by[p.Citizen] = append(l.by[p.Citizen], p)
}

// take gives a citizen's up to a receipt, in order, once.
func (l *left) take(citizen CitizenID, before Receipt) (all []leaving, complete func(context.Context, *Inbound)) {
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

// returns says whether somebody says something for the first time since, and not
// long after.
func (l *left) returns(citizen CitizenID, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.back == nil || l.back[citizen] {
		return false
	}
	if now.Sub(l.since) > unheardTime {
		l.back = nil
		return false
	}
	l.back[citizen] = true
	return true
}

// Remember looks for messages that were left unanswered, so that nothing that
// is said from now on is answered before what the same citizen said then. It is
// called before the doors open; Recover answers those of who says nothing.
func (e *Engine) Remember(ctx context.Context, complete func(context.Context, *Inbound)) error {
	now := e.clock()
	pending, err := e.store.Outstanding(ctx, now)
	if err != nil {
		return fmt.Errorf("list unanswered messages: %w", err)
	}
	e.left.put(pending, complete, now)
	return nil
}

// catchUp settles what a citizen said before and was left, in the turn of what
// they say now: it is answered first, unless it was told to have come to
// nothing or is what they say again now. The turn returned, if it has a number,
// is the answer to what they say now. What cannot be answered first keeps nobody
// waiting; what cannot be settled does, for it might be done a second time.
func (e *Engine) catchUp(ctx context.Context, citizen CitizenID, in Inbound, now Receipt) (Turn, error) {
	all, complete := e.left.take(citizen, now)
	for i, p := range all {
		again := p.Inbound.Key != "" && in.Text != "" && p.Inbound.Text == in.Text && p.Inbound.Event == in.Event
		if p.failed || again {
			turn, err := e.settle(ctx, p.Pending, now, again)
			if err != nil {
				for _, q := range all[i:] {
					e.left.add(q)
				}
				return turn, err
			}
			if turn.ID != 0 {
				return turn, nil
			}
			continue
		}
		if complete != nil {
			complete(ctx, &p.Inbound)
		}
		if err := e.answerLeft(ctx, p.Pending); err != nil {
			e.log.Error("answer an earlier message first", "citizen", citizen, "error", err)
		}
	}
	if e.left.returns(citizen, e.clock()) {
		return e.unheard(ctx, citizen, in, now)
	}
	return Turn{}, nil
}

// unheard answers words that are said again because who answered them ended
// before anybody heard it: with that answer, and not as a second word on it. 取消
// 预约 said twice would be a yes to a question that was not heard.
func (e *Engine) unheard(ctx context.Context, citizen CitizenID, in Inbound, now Receipt) (Turn, error) {
	if in.Text == "" {
		return Turn{}, nil
	}
	lines, err := e.store.Recent(ctx, citizen, 12)
	if err != nil {
		return Turn{}, fmt.Errorf("look for the words before: %w", err)
	}
	last := -1
	for i, l := range lines {
		if l.Speaker == SpeakerCitizen {
			last = i
		}
	}
	if last < 0 || lines[last].Text != in.Text {
		return Turn{}, nil
	}
	out, err := e.store.Unheard(ctx, citizen)
	if err != nil || len(out) == 0 {
		return Turn{}, err
	}
	if err := e.store.Commit(ctx, func(tx Tx) error { return tx.Answered(now.ID) }); err != nil {
		return Turn{}, fmt.Errorf("settle words said again: %w", err)
	}
	return Turn{ID: now.ID, Citizen: citizen, Out: out, Repeat: true}, nil
}

// settle sees to it that a message that was left will not be answered any more,
// where it was not answered after all: nobody knew while the records were gone.
// What it was answered with then answers the same words said again.
func (e *Engine) settle(ctx context.Context, p Pending, now Receipt, again bool) (Turn, error) {
	// A commit, though of nothing, finds out what became of those before it.
	if err := e.store.Commit(ctx, func(Tx) error { return nil }); err != nil {
		return Turn{}, fmt.Errorf("find out what was committed: %w", err)
	}
	first := Receipt{ID: p.Receipt}
	if p.Inbound.Key != "" {
		var err error
		if first, err = e.store.Accept(ctx, p.Citizen, p.Inbound); err != nil {
			return Turn{}, fmt.Errorf("look for an earlier message: %w", err)
		}
	}
	var turn Turn
	over := first.ID
	switch {
	case first.Answered && !again:
		return Turn{}, nil
	case first.Answered:
		over, turn = now.ID, Turn{ID: now.ID, Citizen: p.Citizen, Out: first.Out, Repeat: true}
	}
	if err := e.store.Commit(ctx, func(tx Tx) error { return tx.Answered(over) }); err != nil {
		return Turn{}, fmt.Errorf("settle an earlier message: %w", err)
	}
	return turn, nil
}
