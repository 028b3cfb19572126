package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Accept implements bot.Store. The message is kept in memory: a turn that is
// over in time writes it once, as answered, and one that is not over finds it
// written within a moment, or at once by Kept.
func (s *Store) Accept(ctx context.Context, citizen bot.CitizenID, in bot.Inbound) (bot.Receipt, error) {
	m := message{citizen: citizen, at: millis(in.At), in: in}
	if in.Key != "" { // messages without a key are all different
		m.hash = s.ring.blind("message:"+string(in.From.Channel), in.Key)
	}
	r, err := s.writer.take(ctx, m)
	if err != nil {
		return r, fmt.Errorf("accept message: %w", err)
	}
	if !r.Answered {
		return r, nil
	}
	r.Out, err = s.said(ctx, r.ID)
	return r, err
}

// take takes a message unless the writer is closed.
func (w *writer) take(ctx context.Context, m message) (bot.Receipt, error) {
	select {
	case <-w.stop:
		return bot.Receipt{}, ErrClosed
	default:
	}
	return w.store.received.take(m, func() (bot.Receipt, error) {
		if w.store.seen.never(m.hash) {
			return bot.Receipt{}, nil
		}
		return w.store.lookUp(ctx, m.hash)
	})
}

// lookUp looks for a message in the table. Its row may have been written while
// its turn was under way: that it was answered since is not in the table at
// once, and if it is not among what is unwritten either it was written between
// the two looks.
func (s *Store) lookUp(ctx context.Context, hash []byte) (bot.Receipt, error) {
	r, err := s.savedReceipt(ctx, hash)
	if err != nil || !r.Repeat || r.Answered {
		return r, err
	}
	if s.unwritten.answers(r.ID) {
		r.Answered = true
		return r, nil
	}
	return s.savedReceipt(ctx, hash)
}

// savedReceipt is a message as its row has it.
func (s *Store) savedReceipt(ctx context.Context, hash []byte) (bot.Receipt, error) {
	r := bot.Receipt{Repeat: true}
	stmt, err := s.readTables(ctx, "SELECT id, answered <> 0 FROM inbox WHERE hash = $1")
	if err != nil {
		return r, err
	}
	err = stmt.QueryRowContext(ctx, hash).Scan(&r.ID, &r.Answered)
	if errors.Is(err, sql.ErrNoRows) {
		return bot.Receipt{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("look for repeat: %w", err)
	}
	return r, nil
}

// Answered implements bot.Tx. The words need not be kept twice: they are in
// the transcript.
func (t *Tx) Answered(receipt int64) error {
	if m := t.s.received.get(receipt); m != nil {
		e := m.entry()
		e.answered = true
		t.leave(e)
		return nil
	}
	if err := t.inTable(receipt); err != nil {
		return err
	}
	t.leave(&messageEntry{id: receipt, answered: true})
	return nil
}

// Kept implements bot.Tx.
func (t *Tx) Kept(receipt int64) error {
	if f := t.w.flushing; t.w.pending.messages[receipt] != nil || f != nil && f.messages[receipt] != nil {
		return nil
	}
	if m := t.s.received.get(receipt); m != nil {
		return t.keep(m)
	}
	return t.inTable(receipt)
}

// keep leaves a message as it waits for its answer. Where it was answered
// meanwhile that stands.
func (t *Tx) keep(m *message) error {
	e := m.entry()
	var err error
	if e.body, err = t.sealJSON(m.citizen, "inbox.body", rowID(m.id), m.in); err != nil {
		return err
	}
	t.leave(e)
	return nil
}

// inTable fails when a message's row is not in the table.
func (t *Tx) inTable(receipt int64) error {
	var kept int
	found, err := t.w.row(t.ctx, "SELECT 1 FROM inbox WHERE id = $1", []any{receipt}, &kept)
	if err == nil && !found {
		return fmt.Errorf("message %d was never kept", receipt)
	}
	return err
}

// Outstanding implements bot.Store.
func (s *Store) Outstanding(ctx context.Context, before time.Time) ([]bot.Pending, error) {
	type sealed struct {
		id      int64
		citizen bot.CitizenID
		body    []byte
	}
	var open []sealed
	if err := s.Settle(ctx); err != nil {
		return nil, fmt.Errorf("list unanswered messages: %w", err)
	}
	err := s.rows(ctx, "SELECT id, citizen, body FROM inbox WHERE answered = 0 AND received_at <= $1 ORDER BY id", func(scan func(...any) error) error {
		var r sealed
		if err := scan(&r.id, &r.citizen, &r.body); err != nil {
			return err
		}
		open = append(open, r)
		return nil
	}, millis(before))
	if err != nil {
		return nil, fmt.Errorf("list unanswered messages: %w", err)
	}
	var pending []bot.Pending
	for _, r := range open {
		aead, err := s.key(ctx, r.citizen)
		if errors.Is(err, ErrForgotten) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p := bot.Pending{Receipt: r.id, Citizen: r.citizen}
		if err := openJSON(aead, "inbox.body", rowID(r.id), r.body, &p.Inbound); err != nil {
			return nil, err
		}
		pending = append(pending, p)
	}
	return pending, nil
}
