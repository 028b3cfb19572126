package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
)

// Call is one that goes on by telephone, kept so that whoever runs the service
// next knows whom the end of a process cut off.
type Call struct {
	ID       string
	Citizen  bot.CitizenID
	Operator string // who has it; empty: the bot
	Began    time.Time
}

// SaveCall keeps that a call goes on and who has it.
func (s *Store) SaveCall(ctx context.Context, c Call) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec(`INSERT INTO phone_call (id, citizen, operator, began_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET citizen = excluded.citizen, operator = excluded.operator`,
			c.ID, c.Citizen, c.Operator, millis(c.Began))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a call: %w", err)
	}
	return nil
}

// LeaveCall keeps that the operator's part of a call is over, and that it is to
// be written up.
func (s *Store) LeaveCall(ctx context.Context, c Call, at time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		if _, err := t.exec("UPDATE phone_call SET operator = '' WHERE id = $1", c.ID); err != nil {
			return err
		}
		_, err := t.exec("INSERT INTO wrap_up (operator, citizen, since) VALUES ($1, $2, $3) ON CONFLICT (operator, citizen) DO UPDATE SET since = excluded.since",
			c.Operator, c.Citizen, millis(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a wrap-up: %w", err)
	}
	return nil
}

// DropCall keeps that a call is over.
func (s *Store) DropCall(ctx context.Context, id string) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("DELETE FROM phone_call WHERE id = $1", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop a call: %w", err)
	}
	return nil
}

// Calls are those that go on, the longest first.
func (s *Store) Calls(ctx context.Context) ([]Call, error) {
	var out []Call
	err := s.rows(ctx, "SELECT id, citizen, operator, began_at FROM phone_call ORDER BY began_at, id", func(scan func(...any) error) error {
		var c Call
		var began int64
		err := scan(&c.ID, &c.Citizen, &c.Operator, &began)
		c.Began = fromMillis(began)
		out = append(out, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	return out, nil
}

// WrapUp is a call that its operator still has to write up.
type WrapUp struct {
	Citizen bot.CitizenID
	Since   time.Time
}

// WrapUps are those of an operator, the latest first.
func (s *Store) WrapUps(ctx context.Context, operator string) ([]WrapUp, error) {
	var out []WrapUp
	err := s.rows(ctx, "SELECT citizen, since FROM wrap_up WHERE operator = $1 ORDER BY since DESC, citizen", func(scan func(...any) error) error {
		var w WrapUp
		var since int64
		err := scan(&w.Citizen, &since)
		w.Since = fromMillis(since)
		out = append(out, w)
		return err
	}, operator)
	if err != nil {
		return nil, fmt.Errorf("list wrap-ups: %w", err)
	}
	return out, nil
}

// WriteUp keeps that an operator wrote a call up.
func (s *Store) WriteUp(ctx context.Context, operator string, citizen bot.CitizenID) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("DELETE FROM wrap_up WHERE operator = $1 AND citizen = $2", operator, citizen)
		return err
	})
	if err != nil {
		return fmt.Errorf("end a wrap-up: %w", err)
	}
	return nil
}
