package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Bounds of one group commit.
const (
	queueLength = 8192 // jobs waiting for the writer
	batchLength = 512  // jobs in one transaction
	// checkpointPages of 4 KiB in the log before they are copied home: pages
	// written by several batches are copied once.
	checkpointPages = 4096
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
	// applied, if not nil, is closed when do has succeeded and is not durable
	// yet; err is not to be read then.
	applied chan struct{}
}

// writer owns the one connection that writes. Whoever waits while a commit is
// being made durable is taken together into the next.
type writer struct {
	store   *Store
	db      *sql.DB
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	bulks   map[bulk]string // statements by head and rows
	next    ids
	serials *serials
	held    *held
	fresh   map[string]booking.Appointment // of this batch, by number
	jobs    chan *job
	stop    chan struct{}
	once    sync.Once
	ended   chan struct{}
}

// ids are the next numbers of rows whose sealed columns are bound to them.
type ids struct{ inbox, line, outbox, handoff, change, step int64 }

func newWriter(ctx context.Context, s *Store, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open writer: %w", err)
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", checkpointPages)); err != nil {
		return nil, errors.Join(fmt.Errorf("set checkpoint: %w", err), conn.Close())
	}
	w := &writer{store: s, db: db, conn: conn, stmts: map[string]*sql.Stmt{}, bulks: map[bulk]string{}, serials: newSerials(), fresh: map[string]booking.Appointment{},
		jobs: make(chan *job, queueLength), stop: make(chan struct{}), ended: make(chan struct{})}
	for table, at := range map[string]*int64{
		"inbox": &w.next.inbox, "line": &w.next.line, "outbox": &w.next.outbox,
		"handoff": &w.next.handoff, "step": &w.next.step,
	} {
		if err := conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) + 1 FROM "+table).Scan(at); err != nil {
			return nil, errors.Join(fmt.Errorf("number %s: %w", table, err), conn.Close())
		}
	}
	if err := conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM change").Scan(&w.next.change); err != nil {
		return nil, errors.Join(fmt.Errorf("number changes: %w", err), conn.Close())
	}
	if w.held, err = readHeld(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	go w.run()
	return w, nil
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

// apply queues a job and waits until it is carried out or refused. It is
// durable when durable returns nil, or any later commit: jobs are committed in
// the order in which they are queued.
func (w *writer) apply(ctx context.Context, do func(*Tx) error) (durable func() error, err error) {
	j := &job{ctx: ctx, do: do, done: make(chan struct{}), applied: make(chan struct{})}
	if err := w.queue(j); err != nil {
		return nil, err
	}
	durable = func() error { return w.durable(j) }
	select {
	case <-j.applied:
		return durable, nil
	case <-j.done:
	case <-w.ended:
	}
	return durable, durable()
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
	for {
		select {
		case j := <-w.jobs:
			w.batch(w.gather(j))
		case <-w.stop:
			select {
			case j := <-w.jobs:
				w.batch(w.gather(j))
			default:
				return
			}
		}
	}
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

// batch runs jobs in one transaction, each behind its own savepoint so that a
// refused one leaves nothing, and answers all after the commit.
func (w *writer) batch(batch []*job) {
	before := w.next
	left, err := w.transact(batch)
	if err != nil {
		before.inbox = w.next.inbox // whoever was told a number must not share it
		w.next = before
		w.serials.forget()
		w.store.recent.clear()
		w.store.diary.Rollback(0)
		for _, j := range batch {
			j.err = errors.Join(j.err, err)
		}
	}
	w.store.diary.Publish()
	clear(w.fresh)
	w.store.recent.put(left.saved)
	for _, j := range batch {
		if j.deed != nil && err == nil {
			j.err = j.deed(j.ctx)
		}
		close(j.done)
	}
	if err == nil {
		w.announce(left.changes)
	}
}

// transact returns what the jobs left, committed.
func (w *writer) transact(batch []*job) (gathered, error) {
	ctx := context.Background()
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return gathered{}, fmt.Errorf("begin: %w", err)
	}
	var left gathered
	for _, j := range batch {
		if j.deed != nil {
			continue
		}
		if j.ctx.Err() != nil {
			j.err = j.ctx.Err()
			continue
		}
		tx := &Tx{ctx: ctx, w: w, s: w.store}
		if err := w.one(ctx, j, tx); err != nil {
			return gathered{}, errors.Join(err, w.rollback(ctx))
		}
		if j.err == nil {
			left.add(tx)
			if j.applied != nil {
				close(j.applied)
			}
		}
	}
	if err := w.finish(ctx, &left); err != nil {
		return gathered{}, errors.Join(err, w.rollback(ctx))
	}
	if _, err := w.exec(ctx, "COMMIT"); err != nil {
		return gathered{}, errors.Join(fmt.Errorf("commit: %w", err), w.rollback(ctx))
	}
	return left, nil
}

// one runs a job behind a savepoint, once it writes. Its own error is kept in the job; the
// error returned is the transaction's.
func (w *writer) one(ctx context.Context, j *job, tx *Tx) error {
	mark := w.store.diary.Mark()
	if j.err = guarded(j.do, tx); j.err != nil {
		w.store.diary.Rollback(mark)
	}
	if !tx.marked {
		return nil
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

// guarded keeps a panic in one caller's part from taking down the others.
func guarded(do func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in commit: %v", r)
		}
	}()
	return do(tx)
}

func (w *writer) rollback(ctx context.Context) error {
	if _, err := w.exec(ctx, "ROLLBACK"); err != nil {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}

func (w *writer) announce(changes []bot.Change) {
	select {
	case w.store.wakeOut <- struct{}{}:
	default:
	}
	if w.store.notify != nil && len(changes) > 0 {
		w.store.notify(changes)
	}
}

// stmt prepares a statement of the writing connection once.
func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, numbered(query))
	if err != nil {
		return nil, fmt.Errorf("prepare statement: %w", err)
	}
	w.stmts[query] = stmt
	return stmt, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := w.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// emptyLog copies the write-ahead log home and empties it, so that nothing
// overwritten is left in it. It fails while somebody reads an older state.
func (w *writer) emptyLog(ctx context.Context) error {
	var busy, pages, copied int
	err := w.between(ctx, func(ctx context.Context) error {
		return w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied)
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
	for _, stmt := range w.stmts {
		errs = append(errs, stmt.Close())
	}
	if _, err := w.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		errs = append(errs, fmt.Errorf("checkpoint: %w", err))
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}
