package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Tx is one caller's part of a group commit. It implements bot.Tx.
type Tx struct {
	ctx     context.Context
	w       *writer
	s       *Store
	lines   []any // see bulk.go
	booked  []any
	late    []late
	marked  bool // the savepoint it is rolled back to is there
	changes []bot.Change
	saved   []*bot.Conversation
}

// exec writes now. What fails later in this part takes it back.
func (t *Tx) exec(query string, args ...any) (int64, error) {
	if !t.marked {
		if _, err := t.w.exec(t.ctx, "SAVEPOINT job"); err != nil {
			return 0, fmt.Errorf("savepoint: %w", err)
		}
		t.marked = true
	}
	return t.w.exec(t.ctx, query, args...)
}

// later writes at the end of the batch, in order, unless this part fails:
// nothing read in a commit may depend on it.
func (t *Tx) later(query string, args ...any) { t.late = append(t.late, late{query, args}) }

// row runs a query for one row; found is false if there is none.
func (t *Tx) row(query string, args []any, into ...any) (found bool, err error) {
	stmt, err := t.w.stmt(t.ctx, query)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (t *Tx) rows(query string, args []any, each func(scan func(...any) error) error) error {
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
