package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Accept implements bot.Store.
func (s *Store) Accept(ctx context.Context, citizen bot.CitizenID, in bot.Inbound) (bot.Receipt, error) {
	var r bot.Receipt
	durable, err := s.writer.apply(ctx, func(t *Tx) error {
		r = bot.Receipt{}
		var hash []byte // messages without a key are all different
		if in.Key != "" {
			hash = s.ring.blind("message:"+string(in.From.Channel), in.Key)
		}
		r.ID = t.w.next.inbox
		body, err := t.sealJSON(citizen, "inbox.body", rowID(r.ID), in)
		if err != nil {
			return err
		}
		n, err := t.exec("INSERT INTO inbox (id, citizen, hash, received_at, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING",
			r.ID, citizen, hash, millis(in.At), body)
		if err != nil {
			return err
		}
		if n == 1 {
			t.w.next.inbox++
			return nil
		}
		r.Repeat = true
		if _, err := t.row("SELECT id, answered <> 0 FROM inbox WHERE hash = $1", []any{hash}, &r.ID, &r.Answered); err != nil {
			return fmt.Errorf("look for repeat: %w", err)
		}
		return nil
	})
	if err != nil {
		return r, fmt.Errorf("accept message: %w", err)
	}
	if !r.Answered {
		return r, nil
	}
	if err := durable(); err != nil { // the answer may be in the same commit
		return r, fmt.Errorf("accept message: %w", err)
	}
	r.Out, err = s.said(ctx, r.ID)
	return r, err
}

// Answered implements bot.Tx. The words need not be kept twice: they are in
// the transcript.
func (t *Tx) Answered(receipt int64) error {
	n, err := t.exec("UPDATE inbox SET answered = 1, body = NULL WHERE id = $1", receipt)
	if err == nil && n == 0 {
		return fmt.Errorf("message %d was never kept", receipt)
	}
	return err
}

// Kept implements bot.Tx.
func (t *Tx) Kept(receipt int64) error {
	var kept int
	found, err := t.row("SELECT 1 FROM inbox WHERE id = $1", []any{receipt}, &kept)
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
