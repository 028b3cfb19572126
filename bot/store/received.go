package store

import (
	"sync"
	"sync/atomic"

	"guanjia/bot"
)

// message is an inbound message whose row is not in the table yet.
type message struct {
	id       int64
	citizen  bot.CitizenID
	hash     []byte // nil for a message without a key
	at       int64
	in       bot.Inbound
	answered bool // durable; guarded by received.mu
}

func (m *message) entry() *messageEntry {
	return &messageEntry{id: m.id, citizen: m.citizen, hash: m.hash, at: m.at}
}

// received are messages between their acceptance and their row in the table:
// most are answered within that time, and are then written once, as answered.
type received struct {
	next   atomic.Int64 // the next message's number
	mu     sync.Mutex
	byID   map[int64]*message
	byHash map[string]*message
	writes int           // how often messages left for the table
	came   chan struct{} // signalled when there is a first
}

func newReceived() *received {
	return &received{byID: map[int64]*message{}, byHash: map[string]*message{}, came: make(chan struct{}, 1)}
}

// take takes a message, or finds the same one: here, or through seen in the
// table, which is asked again if messages went there meanwhile.
func (r *received) take(m message, seen func() (bot.Receipt, error)) (bot.Receipt, error) {
	for {
		r.mu.Lock()
		first, writes := r.byHash[string(m.hash)], r.writes
		r.mu.Unlock()
		if first != nil {
			return r.again(first), nil
		}
		if m.hash != nil {
			if repeat, err := seen(); err != nil || repeat.Repeat {
				return repeat, err
			}
		}
		if receipt, done := r.keep(&m, writes); done {
			return receipt, nil
		}
	}
}

func (r *received) again(m *message) bot.Receipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bot.Receipt{ID: m.id, Repeat: true, Answered: m.answered}
}

// keep keeps a message that is not in the table as of so many writes.
func (r *received) keep(m *message, writes int) (receipt bot.Receipt, done bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch first := r.byHash[string(m.hash)]; {
	case first != nil:
		return bot.Receipt{ID: first.id, Repeat: true, Answered: first.answered}, true
	case m.hash != nil && r.writes != writes:
		return bot.Receipt{}, false
	}
	m.id = r.next.Add(1) - 1
	r.byID[m.id] = m
	if m.hash != nil {
		r.byHash[string(m.hash)] = m
	}
	if len(r.byID) == 1 {
		select {
		case r.came <- struct{}{}:
		default:
		}
	}
	return bot.Receipt{ID: m.id}, true
}

func (r *received) get(id int64) *message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

// answer notes that the answers of messages are durable.
func (r *received) answer(entries []entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range entries {
		if e, ok := e.(*messageEntry); ok && e.answered {
			if m := r.byID[e.id]; m != nil {
				m.answered = true
			}
		}
	}
}

// open are the messages that are not answered, as far as is durable.
func (r *received) open() []*message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var open []*message
	for _, m := range r.byID {
		if !m.answered {
			open = append(open, m)
		}
	}
	return open
}

func (r *received) some() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID) > 0
}

// written lets go of messages whose rows are in the table.
func (r *received) written(ids []int64) {
	if len(ids) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes++
	for _, id := range ids {
		r.drop(id)
	}
}

// forget drops a citizen's messages.
func (r *received) forget(citizen bot.CitizenID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, m := range r.byID {
		if m.citizen == citizen {
			r.drop(id)
		}
	}
}

// drop lets go of a message. The caller holds the lock.
func (r *received) drop(id int64) {
	m := r.byID[id]
	if m == nil {
		return
	}
	delete(r.byID, id)
	if m.hash != nil {
		delete(r.byHash, string(m.hash))
	}
}
