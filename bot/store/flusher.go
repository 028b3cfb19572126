package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// flusher writes what the journal holds into the tables, on a connection and in
// a goroutine of its own, so that turns go on meanwhile: they are durable by
// the journal, and what they look for is found among what is being written.
// One lot is written at a time, and no group that uses SQL runs beside it.
type flusher struct {
	connection *connection
	lots       chan lot
	done       chan error // of the lot that was begun
	seq        uint64     // the last record of that lot
	free       *pending   // one that was written, for its room
	ended      chan struct{}
}

// lot is what is written at once, with the number of its last record.
type lot struct {
	pending *pending
	seq     uint64
}

func newFlusher(ctx context.Context, db *sql.DB, d *dialect) (*flusher, error) {
	c, err := connect(ctx, db, d)
	if err != nil {
		return nil, err
	}
	f := &flusher{connection: c, lots: make(chan lot), done: make(chan error, 1), ended: make(chan struct{})}
	go f.run()
	return f, nil
}

func (f *flusher) run() {
	defer close(f.ended)
	for l := range f.lots {
		f.done <- f.write(context.Background(), l)
	}
}

// begin writes a lot; done tells when and how it ends. Until then it must not
// be changed.
func (f *flusher) begin(p *pending, seq uint64) {
	f.seq = seq
	f.lots <- lot{p, seq}
}

func (f *flusher) write(ctx context.Context, l lot) error {
	if _, err := f.connection.exec(ctx, f.connection.begin); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := l.pending.write(ctx, f.connection)
	if err == nil {
		err = f.connection.place(ctx, l.seq)
	}
	if err == nil {
		_, err = f.connection.exec(ctx, "COMMIT")
	}
	if err != nil {
		_, failed := f.connection.exec(ctx, "ROLLBACK")
		return fmt.Errorf("write what the journal holds: %w", errors.Join(err, failed))
	}
	return nil
}

// place notes the last record that is in the tables.
func (c *connection) place(ctx context.Context, seq uint64) error {
	if _, err := c.exec(ctx, "UPDATE applied SET seq = $1", int64(seq)); err != nil {
		return fmt.Errorf("note the journal's place: %w", err)
	}
	return nil
}

// keep keeps a lot that was written for its room, spare gives it back empty.
func (f *flusher) keep(p *pending) { f.free = p }

func (f *flusher) spare() *pending {
	p := f.free
	if f.free = nil; p == nil {
		return newPending()
	}
	p.clear()
	return p
}

// close ends the flusher after what it has begun.
func (f *flusher) close() error {
	close(f.lots)
	<-f.ended
	return f.connection.close()
}
