package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Bounds of one group commit.
const (
	queueLength = 8192 // jobs waiting for the writer
	batchLength = 512  // jobs in one transaction
	// checkpointPages of 4 KiB in the log before they are copied home: pages
	// written by several batches are copied once.
	checkpointPages = "16384"
)

// When what is in the journal is written into the tables: when nothing was
// committed for a moment, and at the latest so long after it was. The longer,
// the more turns share the pages they change.
const (
	quietTime  = 5 * time.Millisecond
	latestTime = 500 * time.Millisecond
	pauseTime  = time.Second // before another try, when the tables took nothing
)

// ErrClosed means the store is shutting down.
var ErrClosed = errors.New("store is closed")

// job is one caller's part of a group commit, or a deed between two.
type job struct {
	ctx  context.Context
	do   func(*Tx) error
	deed func(context.Context) error
	err  error
	done chan struct{}
}

// writer owns the one connection that writes, and the journal. Whoever waits
// while a commit is being made durable is taken together into the next. A
// group is committed by one record of the journal when all its parts are
// light, otherwise by one transaction of the database, which first writes all
// that the journal holds: nothing is ever in part in one and in part in the
// other, and the order of commits is the order of both.
type writer struct {
	*connection // for groups that use SQL

	store   *Store
	db      *sql.DB
	flusher *flusher
	next    ids
	serials *serials
	held    *held
	fresh   map[string]booking.Appointment // of this batch, by number
	encoder *encoder
	saving  kept // room for the conversation that is being encoded
	jobs    chan *job
	stop    chan struct{}
	once    sync.Once
	ended   chan struct{}

	lease    *lease        // of PostgreSQL, in place of the journal and the flusher
	beat     time.Duration // how long its session is left silent
	spoke    time.Time     // when it said something last
	born     time.Time     // when this owner began
	heard    atomic.Int64  // what the server answered last was said so long after, see Assured
	lost     bool          // the session that held it is gone
	fenced   chan struct{} // closed when another owner is found
	limbo    *limbo        // the group of which is not known whether it was committed
	journal  *journal
	applied  uint64    // the last record in the tables
	pending  *pending  // what is in the journal, or left by this group, and not on its way to the tables
	flushing *pending  // what the flusher writes, nil if nothing
	since    time.Time // when the first of it was left
	last     time.Time // when something was committed or handed over last
	came     time.Time // when the first of the messages that wait was accepted
	quiet    time.Duration
	latest   time.Duration
	open     bool    // the group has a transaction
	fault    error   // why the group cannot be committed
	wrote    []int64 // messages whose rows the transaction writes
	first    bool    // the tables must have what is pending before anything is decided
	unsure   bool    // the journal's end is not known until the tables have all of it
	troubled bool    // the last group was not committed
	broken   error   // why nothing can be committed any more
}

// ids are the next numbers of rows whose sealed columns are bound to them.
type ids struct{ line, outbox, handoff, change, step, lesson int64 }

func newWriter(ctx context.Context, s *Store, db *sql.DB, now time.Time) (_ *writer, err error) {
	w := &writer{
		store: s, db: db, serials: newSerials(), pending: newPending(), fresh: map[string]booking.Appointment{}, encoder: newEncoder(), quiet: quietTime, latest: latestTime, came: time.Now(),
		jobs: make(chan *job, queueLength), stop: make(chan struct{}), ended: make(chan struct{}), fenced: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.release())
		}
	}()
	if w.connection, err = connect(ctx, db, s.tables.dialect()); err != nil {
		return nil, err
	}
	if err := w.own(ctx); err != nil {
		return nil, err
	}
	if err := s.openDiary(ctx, rowsOn(w.connection), now); err != nil {
		return nil, err
	}
	if err := w.number(ctx); err != nil {
		return nil, err
	}
	if w.held, err = readHeld(ctx, rowsOn(w.connection)); err != nil {
		return nil, err
	}
	if w.beat = pulseTime; s.address != "" {
		w.beat = handOverTime / 4
	}
	if s.settleTime > 0 {
		w.quiet, w.latest = s.settleTime, s.settleTime
	}
	go w.run()
	return w, nil
}

// own makes the writer the only one: by the lease, or with the journal of the
// directory that this process has locked.
func (w *writer) own(ctx context.Context) (err error) {
	if w.leased {
		w.born = time.Now()
		w.lease, err = holdLease(ctx, w.connection, w.store.holder(), w.store.address)
		return err
	}
	if w.flusher, err = newFlusher(ctx, w.db, w.dialect); err != nil {
		return err
	}
	return w.replay(ctx)
}

// number finds the next numbers of rows.
func (w *writer) number(ctx context.Context) error {
	var inbox int64
	for table, at := range map[string]*int64{
		"inbox": &inbox, "line": &w.next.line, "outbox": &w.next.outbox, "handoff": &w.next.handoff, "step": &w.next.step,
		"lesson": &w.next.lesson,
	} {
		if _, err := w.row(ctx, "SELECT COALESCE(MAX(id), 0) + 1 FROM "+table, nil, at); err != nil {
			return fmt.Errorf("number %s: %w", table, err)
		}
	}
	if _, err := w.row(ctx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM change", nil, &w.next.change); err != nil {
		return fmt.Errorf("number changes: %w", err)
	}
	w.store.received.next.Store(inbox)
	return nil
}

// commit queues a job and waits until it is durable or refused. When ctx ends
// first the job may still be committed.
func (w *writer) commit(ctx context.Context, do func(*Tx) error) error {
	return w.wait(&job{ctx: ctx, do: do, done: make(chan struct{})})
}

// between runs a deed on the writing connection outside any transaction.
func (w *writer) between(ctx context.Context, deed func(context.Context) error) error {
	return w.wait(&job{ctx: ctx, deed: deed, done: make(chan struct{})})
}

func (w *writer) wait(j *job) error {
	if err := w.queue(j); err != nil {
		return err
	}
	return w.durable(j)
}

func (w *writer) queue(j *job) error {
	select {
	case <-w.stop:
		return ErrClosed
	default:
	}
	select {
	case w.jobs <- j:
		return nil
	case <-w.stop:
		return ErrClosed
	case <-j.ctx.Done():
		return fmt.Errorf("wait for the writer: %w", j.ctx.Err())
	}
}

// durable waits for the commit that holds a queued job.
func (w *writer) durable(j *job) error {
	select {
	case <-j.done:
		return j.err
	case <-w.ended:
		select {
		case <-j.done:
			return j.err
		default:
			return ErrClosed
		}
	}
}

// run commits batches until the writer is closed and its queue is empty.
func (w *writer) run() {
	defer close(w.ended)
	var flushed chan error
	if w.flusher != nil {
		flushed = w.flusher.done
	}
	timer := time.NewTimer(w.rest())
	defer timer.Stop()
	for {
		select {
		case j := <-w.jobs:
			w.batch(w.gather(j))
		case err := <-flushed:
			w.flushed(err)
		case <-w.store.received.came:
			w.came = time.Now()
		case <-timer.C:
			if w.first || w.unsure {
				w.flush()
			}
		case <-w.stop:
			select {
			case j := <-w.jobs:
				w.batch(w.gather(j))
			default:
				w.flush()
				return
			}
		}
		if w.due() {
			w.handOver()
		}
		w.pulse()
		timer.Reset(w.rest())
	}
}

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

// gather takes together whoever waits. Those just answered get the processor
// first, and as long as they keep coming back there is more to take together.
func (w *writer) gather(first *job) []*job {
	batch := append(make([]*job, 0, 32), first)
	for {
		runtime.Gosched()
		before := len(batch)
		batch = w.drain(batch)
		if len(batch) == before || len(batch) == batchLength {
			return batch
		}
	}
}

func (w *writer) drain(batch []*job) []*job {
	for len(batch) < batchLength {
		select {
		case j := <-w.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

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
	w.fault, w.wrote = nil, w.wrote[:0]
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
		end = append(end, &changeEntry{left.changes[i]})
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

// replay writes into the tables what a process that ended left in the journal.
func (w *writer) replay(ctx context.Context) error {
	if _, err := w.row(ctx, "SELECT seq FROM applied", nil, &w.applied); err != nil {
		return fmt.Errorf("find the journal's place: %w", err)
	}
	var payloads [][]byte
	var err error
	if w.journal, payloads, err = openJournal(w.store.dir, w.applied); err != nil {
		return err
	}
	if err := w.pend(payloads); err != nil || w.pending.empty() {
		return err
	}
	if err := w.begin(ctx); err != nil {
		return fmt.Errorf("replay journal: %w", err)
	}
	if err := w.transact(ctx); err != nil {
		return fmt.Errorf("replay journal: %w", err)
	}
	return nil
}

// show lets readers see what a group committed.
func (w *writer) show(left gathered) {
	s := w.store
	clear(w.serials.moved)
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
		select {
		case w.store.wakeOut <- struct{}{}:
		default:
		}
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

// emptyLog copies the write-ahead log home and empties it and the journal, so
// that nothing overwritten is left in them. It fails while somebody reads an
// older state.
func (w *writer) emptyLog(ctx context.Context) error {
	if w.empty == "" {
		return nil // PostgreSQL writes over what its log held by itself
	}
	var busy, pages, copied int
	err := w.between(ctx, func(ctx context.Context) error {
		if err := w.journal.erase(); err != nil {
			return err
		}
		return w.conn.QueryRowContext(ctx, w.empty).Scan(&busy, &pages, &copied)
	})
	if err == nil && busy != 0 {
		err = errors.New("records are being read")
	}
	if err != nil {
		return fmt.Errorf("empty the log: %w", err)
	}
	return nil
}

// close commits what is queued and ends the writer.
func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.ended
	var errs []error
	if w.journal != nil && w.broken == nil && w.flushing == nil && w.pending.empty() {
		errs = append(errs, w.journal.erase())
	}
	if w.empty != "" {
		if _, err := w.conn.ExecContext(context.Background(), w.empty); err != nil {
			errs = append(errs, fmt.Errorf("checkpoint: %w", err))
		}
	}
	return errors.Join(append(errs, w.release())...)
}

// release gives back what the writer holds.
func (w *writer) release() error {
	var errs []error
	if w.flusher != nil {
		errs = append(errs, w.flusher.close())
		w.flusher = nil
	}
	if w.journal != nil {
		errs = append(errs, w.journal.close())
	}
	if w.connection != nil && !w.lost {
		errs = append(errs, w.connection.close())
	}
	return errors.Join(append(errs, w.db.Close())...)
}
