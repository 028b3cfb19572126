package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Tx is one caller's part of a group commit. It implements bot.Tx.
//
// A part that leaves nothing but entries is light: it becomes durable in the
// journal, and its rows are written later with many others. One that uses SQL
// is heavy: its group is committed by the database, after everything that was
// left before it, so that its SQL sees all of that.
type Tx struct {
	ctx     context.Context
	w       *writer
	s       *Store
	heavy   bool    // its savepoint is open
	entries []entry // left and not yet in the tables
	written []entry // left and written, because its own SQL was to see them
	changes []bot.Change
	saved   []*bot.Conversation
	trail   *trailHead // the audit trail's end, if this part added to it
}

// leave leaves an entry for the journal or the end of the transaction.
func (t *Tx) leave(e entry) { t.entries = append(t.entries, e) }

// sql makes the part heavy and writes what it left so far.
func (t *Tx) sql() error {
	if !t.heavy {
		if err := t.w.begin(t.ctx); err != nil {
			return err
		}
		if _, err := t.w.exec(t.ctx, "SAVEPOINT job"); err != nil {
			return t.w.fail(fmt.Errorf("savepoint: %w", err))
		}
		t.heavy = true
	}
	if len(t.entries) == 0 {
		return nil
	}
	own, rest := newPending(), []entry(nil)
	for _, e := range t.entries {
		if last(e) {
			rest = append(rest, e)
			continue
		}
		e.merge(own)
		t.written = append(t.written, e)
	}
	t.entries = rest
	return own.write(t.ctx, t.w.connection)
}

// later writes at the end of the commit, in order, unless this part fails:
// nothing this part reads may depend on it.
func (t *Tx) later(query string, args ...any) {
	plain := make([]any, len(args))
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			panic(fmt.Sprintf("%T cannot be written later", a)) // the part fails
		}
		plain[i] = v
	}
	t.leave(&statementEntry{query, plain})
}

func (t *Tx) exec(query string, args ...any) (int64, error) {
	if err := t.sql(); err != nil {
		return 0, err
	}
	return t.w.exec(t.ctx, query, args...)
}

// row runs a query for one row; found is false if there is none.
func (t *Tx) row(query string, args []any, into ...any) (found bool, err error) {
	if err := t.sql(); err != nil {
		return false, err
	}
	return t.w.row(t.ctx, query, args, into...)
}

func (t *Tx) rows(query string, args []any, each func(scan func(...any) error) error) error {
	if err := t.sql(); err != nil {
		return err
	}
	stmt, err := t.w.stmt(t.ctx, query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(t.ctx, args...)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return eachRow(rows, each)
}

// Commit implements bot.Store.
func (s *Store) Commit(ctx context.Context, do func(bot.Tx) error) error {
	return s.writer.commit(ctx, func(tx *Tx) error { return do(tx) })
}

// in finds our transaction behind the token handed around.
func in(tx bot.Tx) (*Tx, error) {
	t, ok := tx.(*Tx)
	if !ok {
		return nil, errors.New("transaction belongs to another store")
	}
	return t, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).In(bot.Shanghai())
}
