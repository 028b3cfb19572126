package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"guanjia/bot"
)

// gathered is what a group's parts left.
type gathered struct {
	entries []entry // for the journal, or the end of the transaction
	written []entry // in the transaction already
	changes []bot.Change
	saved   []*bot.Conversation
	tables  bool // committed by the database, and with it all that was pending
}

func (g *gathered) add(t *Tx) {
	g.entries = append(g.entries, t.entries...)
	g.written = append(g.written, t.written...)
	g.changes = append(g.changes, t.changes...)
	g.saved = append(g.saved, t.saved...)
}

// batch commits a group, a refused part of which leaves nothing, and answers
// all after it.
func (w *writer) batch(batch []*job) {
	ctx, stop := w.bounded()
	defer stop()
	left, before := gathered{}, w.next
	err := w.leaveLimbo(ctx)
	w.rekeyKnown()
	if err == nil {
		left, err = w.commitGroup(ctx, batch)
	}
	if err != nil && w.limbo == nil {
		err = w.failed(ctx, left, before, err)
	}
	if err != nil {
		for _, j := range batch {
			j.err = errors.Join(j.err, err)
		}
	}
	w.rekeyKnown()
	w.troubled, w.last = err != nil, time.Now()
	if w.limbo == nil {
		w.store.diary.Publish()
		clear(w.fresh)
	}
	if err == nil {
		w.show(left)
	}
	for _, j := range batch {
		if j.deed != nil && err == nil {
			j.err = j.deed(j.ctx)
		}
		close(j.done)
	}
	if err == nil {
		w.announce(left)
	}
}

// commitGroup runs the parts of a group and makes durable what they left.
func (w *writer) commitGroup(ctx context.Context, batch []*job) (left gathered, err error) {
	if w.broken != nil {
		return left, w.broken
	}
	w.fault, w.wrote, w.gone = nil, w.wrote[:0], false
	left.entries = make([]entry, 0, 8*len(batch))
	tables := w.late()
	if w.first {
		if err := w.begin(ctx); err != nil {
			return left, err
		}
	}
	for _, j := range batch {
		if j.deed != nil {
			tables = true
			continue
		}
		if j.err = j.ctx.Err(); j.err != nil {
			continue
		}
		tx := &Tx{ctx: ctx, w: w, s: w.store}
		if err := w.one(ctx, j, tx); err != nil {
			return left, err
		}
		if j.err == nil {
			left.add(tx)
			w.merge(tx.entries)
			w.trail = cmp.Or(tx.trail, w.trail)
		}
	}
	w.finish(&left)
	var failed error
	if !tables && !w.open {
		if failed = w.record(left.entries); failed == nil {
			return left, nil
		}
	}
	if w.lease != nil && !w.open && w.pending.empty() {
		return left, nil // nothing was left
	}
	left.tables = true // also where the journal took nothing
	if err := w.begin(ctx); err != nil {
		return left, errors.Join(failed, err)
	}
	return left, w.transact(ctx)
}

// one runs a part, behind a savepoint as soon as it uses SQL. Its own error is
// kept in the job; the error returned is the group's.
func (w *writer) one(ctx context.Context, j *job, tx *Tx) error {
	mark := w.store.diary.Mark()
	if j.err = guarded(j.do, tx); j.err != nil {
		w.store.diary.Rollback(mark)
	}
	if w.fault != nil || !tx.heavy {
		return w.fault
	}
	if j.err != nil {
		if _, err := w.exec(ctx, "ROLLBACK TO job"); err != nil {
			return fmt.Errorf("roll back to savepoint: %w", err)
		}
	}
	if _, err := w.exec(ctx, "RELEASE job"); err != nil {
		return fmt.Errorf("release savepoint: %w", err)
	}
	return nil
}

func (w *writer) merge(entries []entry) {
	if len(entries) > 0 && w.pending.empty() {
		w.since = time.Now()
	}
	for _, e := range entries {
		e.merge(w.pending)
	}
}

// finish adds what is settled at the group's end: the changes' numbers, without
// gaps, and the serials that moved.
func (w *writer) finish(left *gathered) {
	var end []entry
	for i := range left.changes {
		left.changes[i].Seq = w.next.change
		w.next.change++
		kept := left.changes[i]
		kept.Line = nil // which has an entry of its own
		end = append(end, &changeEntry{kept})
	}
	for s := range w.serials.moved {
		end = append(end, &serialEntry{s, int64(w.serials.last[s])})
	}
	w.merge(end)
	left.entries = append(left.entries, end...)
}

// record commits a group of light parts. When it fails the tables must have
// the group before anything else is recorded.
func (w *writer) record(entries []entry) error {
	if len(entries) == 0 {
		return nil
	}
	err := w.journal.append(func(b []byte) []byte {
		for _, e := range entries {
			b = e.encode(b)
		}
		return b
	})
	w.unsure = err != nil
	return err
}

// begin opens the group's transaction, if it is not, and writes what was left
// before. A fault in it is the whole group's.
func (w *writer) begin(ctx context.Context) error {
	if w.fault != nil {
		return w.fault
	}
	if !w.open {
		if err := w.await(); err != nil {
			return w.fail(err)
		}
		if w.lost {
			if _, err := w.regain(ctx); err != nil {
				return w.fail(err)
			}
		}
		if _, err := w.exec(ctx, w.dialect.begin); err != nil {
			return w.fail(fmt.Errorf("begin: %w", err))
		}
		w.open, w.spoke = true, time.Now()
	}
	return w.writePending(ctx)
}

func (w *writer) fail(err error) error {
	w.fault = err
	return err
}

// writePending writes what is pending into the tables, in the open transaction.
func (w *writer) writePending(ctx context.Context) error {
	if w.pending.empty() {
		return nil
	}
	if err := w.pending.write(ctx, w.connection); err != nil {
		return w.fail(err)
	}
	for id := range w.pending.messages {
		w.wrote = append(w.wrote, id)
	}
	w.pending.clear()
	return nil
}

// transact commits the open transaction, with all that the group left.
func (w *writer) transact(ctx context.Context) error {
	if err := w.writePending(ctx); err != nil {
		return err
	}
	if w.lease != nil {
		return w.commitLeased(ctx)
	}
	if err := w.place(ctx, w.journal.seq); err != nil {
		return err
	}
	if _, err := w.exec(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	w.applied, w.unsure = w.journal.seq, false
	w.journal.restart()
	w.committed()
	return nil
}

func (w *writer) committed() { w.open, w.first = false, false }

// undo takes back what a group left that was not committed: what is pending is
// then what the journal holds.
func (w *writer) undo(ctx context.Context, before ids, cause error) error {
	var failed error
	if w.open {
		w.open = false
		if _, err := w.exec(ctx, "ROLLBACK"); err != nil {
			failed = fmt.Errorf("roll back: %w", err)
		}
	}
	w.next, w.first = before, true
	w.serials.forget()
	w.trail = nil
	w.store.recent.clear()
	w.store.diary.Rollback(0)
	w.pending.clear()
	if w.lease != nil {
		w.lost = w.lost || failed != nil || w.conn.PingContext(ctx) != nil
		return failed
	}
	payloads, err := w.journal.read(w.applied)
	if err == nil {
		err = w.pend(payloads)
	}
	if err != nil {
		w.broken = fmt.Errorf("records must be opened anew: %w", errors.Join(cause, err))
	}
	return failed
}

// pend makes records pending.
func (w *writer) pend(payloads [][]byte) error {
	for _, payload := range payloads {
		entries, err := readEntries(payload)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		w.merge(entries)
	}
	return nil
}

// show lets readers see what a group committed.
func (w *writer) show(left gathered) {
	s := w.store
	clear(w.serials.moved)
	if w.gone {
		s.forgetMemory()
	}
	s.recent.put(left.saved)
	if !left.tables {
		s.unwritten.add(left.entries)
		s.people.changed(left.entries)
		s.received.answer(left.entries)
		return
	}
	s.people.changed(left.entries)
	s.people.changed(left.written)
	for _, e := range left.written {
		if m, ok := e.(*messageEntry); ok {
			w.wrote = append(w.wrote, m.id)
		}
	}
	s.received.written(w.wrote)
	s.unwritten.clear()
}

// guarded keeps a panic in one caller's part from taking down the others.
func guarded(do func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in commit: %v", r)
		}
	}()
	return do(tx)
}

// announce wakes who follows: the outbox's dispatcher, unless all that was
// enqueued is leased, and the desk.
func (w *writer) announce(left gathered) {
	if left.tables || slices.ContainsFunc(left.entries, wakes) {
		w.store.wakeOutbox()
	}
	if w.store.notify != nil && len(left.changes) > 0 {
		w.store.notify(left.changes)
	}
}

// wakes says whether the outbox has something new to look at because of e.
func wakes(e entry) bool {
	switch e := e.(type) {
	case *letterEntry:
		return e.busy == 0
	case *settledEntry:
		return true
	}
	return false
}
