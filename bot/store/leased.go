package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// groupTime bounds the commit of a group over the network.
const groupTime = 40 * time.Second

// limbo is a group of which is not known whether the database has it, with the
// numbers from before it. What it decided stands in memory and is shown to
// nobody until that is found out.
type limbo struct {
	left   gathered
	before ids
}

// bounded bounds what a group waits for the database. SQLite answers by itself.
func (w *writer) bounded() (context.Context, context.CancelFunc) {
	if w.lease == nil {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), groupTime)
}

// commitLeased commits the open transaction under the lease.
func (w *writer) commitLeased(ctx context.Context) error {
	if err := w.lease.stamp(ctx, w.connection); err != nil {
		return err
	}
	if _, err := w.exec(ctx, "COMMIT"); err != nil {
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Severity == "ERROR" {
			return fmt.Errorf("commit: %w", err) // rolled back
		}
		w.lost = true
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	w.lease.seq++
	w.assure(w.spoke)
	w.committed()
	return nil
}

// failed finds out what became of a group that met an error, and takes it back
// unless it was committed after all.
func (w *writer) failed(ctx context.Context, left gathered, before ids, err error) error {
	if errors.Is(err, ErrUnknown) {
		there, failed := w.regain(ctx)
		if failed != nil {
			w.limbo = &limbo{left, before}
			return errors.Join(err, failed)
		}
		if there {
			w.committed()
			return nil
		}
		w.open = false // with its session
		err = fmt.Errorf("%w before the commit", ErrLost)
	}
	if errors.Is(err, ErrFenced) {
		w.fence(err)
	}
	return errors.Join(err, w.undo(ctx, before, err))
}

// leaveLimbo finds out what became of the group before.
func (w *writer) leaveLimbo(ctx context.Context) error {
	l := w.limbo
	if l == nil {
		return nil
	}
	there, err := w.regain(ctx)
	if err != nil {
		return err
	}
	w.limbo, w.open = nil, false
	if !there {
		err = w.undo(ctx, l.before, ErrUnknown)
	} else {
		w.committed()
	}
	w.store.diary.Publish()
	clear(w.fresh)
	if there {
		w.show(l.left)
		w.announce(l.left)
	}
	return err
}

// regain gets the session back, and with it the lease.
func (w *writer) regain(ctx context.Context) (committed bool, err error) {
	w.connection.close() // it is gone, or would be in the way
	w.lost = true
	c, committed, err := w.lease.regain(ctx, w.db, w.dialect)
	if errors.Is(err, ErrFenced) {
		w.fence(err)
	}
	if err != nil {
		return false, err
	}
	w.connection, w.lost = c, false
	return committed, nil
}

// fence ends the writing for good.
func (w *writer) fence(err error) {
	if w.broken == nil {
		w.broken = err
		close(w.fenced)
	}
}

// Fenced is closed when another process has taken over the writing: this one
// has nothing to do any more but to end.
func (s *Store) Fenced() <-chan struct{} { return s.writer.fenced }

// Assured says whether the server has heard of this owner so lately that it
// cannot have taken the lease for its silence: what memory shows is the truth.
// An owner that was stopped, or cut off, is not assured until the server has
// answered it again. Whose session was ended otherwise finds out by the next
// pulse.
func (s *Store) Assured() bool {
	w := s.writer
	return w.lease == nil || time.Since(w.born) < time.Duration(w.heard.Load())+4*w.beat
}

// assure takes note that the server answered what was said since a time.
func (w *writer) assure(said time.Time) { w.heard.Store(int64(said.Sub(w.born))) }

// pulse keeps the session from being taken for dead, and gets it back if it
// was.
func (w *writer) pulse() {
	if w.lease == nil || w.broken != nil || time.Since(w.spoke) < w.beat {
		return
	}
	w.spoke = time.Now()
	ctx, stop := context.WithTimeout(context.Background(), connectTime)
	defer stop()
	var err error
	switch {
	case w.limbo != nil:
		err = w.leaveLimbo(ctx) // or at the next pulse
	case w.lost:
		_, err = w.regain(ctx)
	default:
		err = w.conn.PingContext(ctx)
		w.lost = err != nil
	}
	if err == nil {
		w.assure(w.spoke)
	}
}

// holder names this process in the database.
func (s *Store) holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return fmt.Sprintf("%s, process %d, %s", host, os.Getpid(), s.dir)
}
