package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// ErrClosed means the store is shutting down.
var ErrClosed = errors.New("store is closed")

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
	trail   *trailHead // the audit trail's end; nil while it is not known
	held    *held
	fresh   map[string]booking.Appointment   // of this batch, by number
	rekeyed map[bot.CitizenID]*citizenCipher // of this group: see rekey
	encoder *encoder
	saving  kept // room for the conversation that is being encoded
	said    said
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
	gone     bool    // a part took citizens away: what memory knows of any may be of one of them
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
		store: s, db: db, serials: newSerials(), pending: newPending(), fresh: map[string]booking.Appointment{}, rekeyed: map[bot.CitizenID]*citizenCipher{}, encoder: newEncoder(), quiet: quietTime, latest: latestTime, came: time.Now(),
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
