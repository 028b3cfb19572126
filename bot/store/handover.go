package store

import (
	"context"
	"errors"
	"time"
)

// When what is in the journal is written into the tables: when nothing was
// committed for a moment, and at the latest so long after it was. The longer,
// the more turns share the pages they change.
const (
	quietTime  = 5 * time.Millisecond
	latestTime = 500 * time.Millisecond
	pauseTime  = time.Second // before another try, when the tables took nothing
)

// rest is how long what is not in the tables may wait to be handed over.
func (w *writer) rest() time.Duration {
	switch {
	case w.lease != nil && (w.lost || !w.store.received.some()):
		return max(0, w.beat-time.Since(w.spoke))
	case w.flushing != nil || w.pending.empty() && !w.store.received.some():
		return time.Hour
	case w.troubled:
		return pauseTime
	case w.pending.empty():
		return max(0, w.latest-time.Since(w.came))
	}
	return max(0, min(w.quiet-time.Since(w.last), w.latest-time.Since(w.since)))
}

// due says that what is pending is to be handed over to the flusher now. After
// a fault the tables are written in the next group.
func (w *writer) due() bool {
	switch {
	case w.flushing != nil || w.first || w.unsure || w.broken != nil:
		return false
	case w.pending.empty():
		return w.store.received.some() && time.Since(w.came) >= w.latest
	}
	return time.Since(w.last) >= w.quiet || time.Since(w.since) >= w.latest
}

// late says that the group must be committed by the tables.
func (w *writer) late() bool {
	return w.lease != nil || w.unsure || w.journal.length() >= longestJournal
}

// flush writes everything into the tables. What cannot be written now is still
// in the journal; messages that are not there were acknowledged to nobody.
func (w *writer) flush() {
	if w.flushing == nil && w.pending.empty() && !w.store.received.some() {
		return
	}
	w.batch([]*job{{ctx: context.Background(), do: w.store.flush, done: make(chan struct{})}})
}

// handOver gives what is pending, and messages that wait for their answer, to
// the flusher. The journal goes on in its other file.
func (w *writer) handOver() {
	if w.lease != nil {
		w.flush()
		return
	}
	tx := &Tx{ctx: context.Background(), w: w, s: w.store}
	if err := w.store.keepOpen(tx); err != nil {
		w.troubled, w.last = true, time.Now()
		return
	}
	w.merge(tx.entries)
	if w.last = time.Now(); w.pending.empty() {
		return
	}
	w.flushing, w.pending = w.pending, w.flusher.spare()
	w.store.unwritten.handOver()
	w.flusher.begin(w.flushing, w.journal.turn())
}

// flushed takes note of what the flusher wrote.
func (w *writer) flushed(err error) {
	f := w.flushing
	w.flushing = nil
	if err != nil {
		w.troubled = true
		if failed := w.undo(context.Background(), w.next, err); failed != nil {
			w.broken = errors.Join(err, failed)
		}
		return
	}
	w.troubled, w.applied, w.came = false, w.flusher.seq, time.Now()
	var ids []int64
	for id := range f.messages {
		if w.pending.messages[id] == nil { // not answered since
			ids = append(ids, id)
		}
	}
	w.store.received.written(ids)
	w.store.unwritten.flushed()
	w.flusher.keep(f)
}

// await waits for the flusher.
func (w *writer) await() error {
	if w.flushing == nil {
		return nil
	}
	err := <-w.flusher.done
	if err != nil {
		w.flushing = nil // the group's failure makes it pending again
		return err
	}
	w.flushed(nil)
	return nil
}
