package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrFenced means that another process has taken the lease meanwhile: what
// this one holds in memory is not the truth any more, and it writes nothing.
var ErrFenced = errors.New("another process has taken over the writing of these records")

// ErrUnknown means that the database was lost while a commit was being made:
// whether it is there is not known to who asked. The store finds out before it
// commits anything else.
var ErrUnknown = errors.New("the database was lost during a commit")

// ErrLost means that the database was lost and nothing was committed.
var ErrLost = errors.New("the database was lost")

// The advisory lock that the owner's session holds, by class and number.
const (
	leaseClass  = 0x6775616e // guan
	writerLease = 0
)

// lease is the right to write, and with it to own what is decided in memory.
// The session that holds an advisory lock of PostgreSQL has it; it is the one
// session that writes, so that who loses the lock has lost the means too. The
// row tells two owners apart: each has its own epoch, and each group of
// commits carries the next number, by which an owner that lost its session
// during a commit finds out what became of it.
type lease struct {
	epoch, seq int64
	backend    int // the server's process behind the session
}

// holdLease takes the lease for the session of a connection, for a new owner.
func holdLease(ctx context.Context, c *connection, holder, address string) (*lease, error) {
	l := &lease{}
	if err := l.lock(ctx, c, 0); err != nil {
		return nil, err
	}
	_, err := c.row(ctx, "UPDATE lease SET epoch = epoch + 1, holder = $1, address = $2, taken_at = now() WHERE name = 'writer' RETURNING epoch, seq", []any{holder, address}, &l.epoch, &l.seq)
	if err != nil {
		return nil, fmt.Errorf("take the lease: %w", err)
	}
	return l, nil
}

// lock takes the advisory lock, ending a session of our own that still has it.
func (l *lease) lock(ctx context.Context, c *connection, before int) error {
	if _, err := c.row(ctx, "SELECT pg_backend_pid()", nil, &l.backend); err != nil {
		return fmt.Errorf("take the lease: %w", err)
	}
	for {
		var got bool
		if _, err := c.row(ctx, "SELECT pg_try_advisory_lock($1, $2)", []any{leaseClass, writerLease}, &got); err != nil {
			return fmt.Errorf("take the lease: %w", err)
		}
		if got {
			return nil
		}
		ended := false
		if before != 0 {
			if _, err := c.row(ctx, `SELECT EXISTS (SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
				AND classid = $1 AND objid = $2 AND pid = $3)`, []any{int64(leaseClass), writerLease, before}, &ended); err != nil {
				return fmt.Errorf("end the session before: %w", err)
			}
		}
		if !ended {
			return fmt.Errorf("%w (%s)", ErrLocked, heldBy(ctx, c))
		}
		select {
		case <-time.After(50 * time.Millisecond): // until the server has ended it
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stamp numbers the open transaction, which fails unless the lease is ours.
func (l *lease) stamp(ctx context.Context, c *connection) error {
	n, err := c.exec(ctx, "UPDATE lease SET seq = $1 WHERE name = 'writer' AND epoch = $2", l.seq+1, l.epoch)
	if err != nil {
		return fmt.Errorf("number the commit: %w", err)
	}
	if n == 0 {
		return ErrFenced
	}
	return nil
}

// regain takes the lease again on a new connection, after the session was
// lost, and says whether the group that was being committed then is there.
func (l *lease) regain(ctx context.Context, db *sql.DB, d *dialect) (c *connection, committed bool, err error) {
	ctx, stop := context.WithTimeout(ctx, 2*connectTime)
	defer stop()
	if c, err = connect(ctx, db, d); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	var epoch, seq int64
	if err = l.lock(ctx, c, l.backend); err == nil {
		_, err = c.row(ctx, "SELECT epoch, seq FROM lease WHERE name = 'writer'", nil, &epoch, &seq)
	}
	if errors.Is(err, ErrLocked) || err == nil && (epoch != l.epoch || seq > l.seq+1) {
		err = errors.Join(ErrFenced, err)
	}
	if err != nil {
		return nil, false, errors.Join(err, c.close())
	}
	committed, l.seq = seq > l.seq, seq
	return c, committed, nil
}

// heldBy says who has the lease, as far as the database tells.
func heldBy(ctx context.Context, c *connection) string {
	var holder string
	var since time.Time
	if found, err := c.row(ctx, "SELECT holder, taken_at FROM lease WHERE name = 'writer'", nil, &holder, &since); err != nil || !found {
		return "the database's lease is taken"
	}
	return fmt.Sprintf("%s, since %s", holder, since.Format(time.DateTime))
}
