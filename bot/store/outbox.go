package store

import (
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"guanjia/bot"
)

// letter is what is sealed of an outbox row.
type letter struct {
	To    bot.Address `json:"to"`
	Reply bot.Reply   `json:"reply"`
}

// States of a row of the outbox.
const (
	letterWaiting = "waiting"
	letterHeld    = "held"
	letterSent    = "sent"
	letterDropped = "dropped" // before it had a row
)

// Enqueue implements bot.Tx.
func (t *Tx) Enqueue(turn int64, o bot.Outgoing, lease time.Duration) (bot.OutgoingID, error) {
	if o.Key != "" {
		if first, err := t.Enqueued(o.Key); err != nil || first != 0 {
			return first, err
		}
	}
	id := t.w.next.outbox
	body, err := t.sealJSON(o.Citizen, "outbox.body", rowID(id), letter{To: o.To, Reply: o.Reply})
	if err != nil {
		return 0, err
	}
	t.w.next.outbox++
	e := &letterEntry{
		id: id, turn: turn, due: millis(o.Due), citizen: o.Citizen, key: o.Key, topic: o.Topic, speaker: o.From, proactive: o.Proactive, unsaid: o.Unsaid, body: body,
	}
	if lease > 0 {
		e.busy = millis(o.Due.Add(lease))
	}
	t.leave(e)
	return bot.OutgoingID(id), nil
}

// Enqueued implements bot.Tx.
func (t *Tx) Enqueued(key string) (bot.OutgoingID, error) {
	dropped := map[string]bool{}
	for _, e := range slices.Backward(t.entries) {
		switch e := e.(type) {
		case *dropEntry:
			dropped[e.topic] = true
		case *letterEntry:
			if e.key == key && !dropped[e.topic] {
				return bot.OutgoingID(e.id), nil
			}
		}
	}
	p := t.w.pending
	if l := p.byID[p.byKey[key]]; l != nil && !(dropped[l.topic] && l.status != letterSent) {
		return bot.OutgoingID(l.id), nil
	}
	if f := t.w.flushing; f != nil {
		if l := f.byID[f.byKey[key]]; l != nil {
			goes := (dropped[l.topic] || p.drops[l.topic]) && l.status != letterSent && !p.settled[l.id]
			if goes {
				return 0, nil
			}
			return bot.OutgoingID(l.id), nil
		}
	}
	if keys := t.s.keys; keys != nil && keys.never(keyHash(key)) {
		return 0, nil
	}
	var id int64
	var topic, status string
	found, err := t.w.row(t.ctx, "SELECT id, topic, status FROM outbox WHERE key = $1", []any{key}, &id, &topic, &status)
	if !found || err != nil {
		return 0, err
	}
	if (dropped[topic] || t.w.dropped(topic)) && (status == letterWaiting || status == letterHeld) && !t.w.sent(id) {
		return 0, nil // it is to go
	}
	return bot.OutgoingID(id), nil
}

// keyHash is a reply's key as it is remembered to have been seen.
func keyHash(key string) []byte {
	h := sha256.Sum256([]byte(key))
	return h[:]
}

// dropped says whether a topic's rows in the table are to go.
func (w *writer) dropped(topic string) bool {
	return w.pending.drops[topic] || w.flushing != nil && w.flushing.drops[topic]
}

// sent says whether a row of the table has left although it does not say so.
func (w *writer) sent(id int64) bool {
	return w.pending.settled[id] || w.flushing != nil && w.flushing.settled[id]
}

// unsettled is the condition of the partial index outbox_citizen, word for
// word: SQLite uses the index only where a query says it.
const unsettled = "status IN ('waiting', 'held')"

// TakeHeld implements bot.Tx.
func (t *Tx) TakeHeld(citizen bot.CitizenID, until time.Time) ([]bot.Outgoing, error) {
	if t.w.held.none(citizen) {
		return nil, nil
	}
	var sealed []sealedLetter
	err := t.rows(outgoingColumns+" WHERE citizen = $1 AND "+unsettled+" AND status = 'held' ORDER BY id LIMIT 5", []any{citizen}, func(scan func(...any) error) error {
		r, err := scanLetter(scan)
		sealed = append(sealed, r)
		return err
	})
	if err != nil || len(sealed) == 0 {
		return nil, err
	}
	aead, err := t.key(citizen)
	if err != nil {
		return nil, err
	}
	var held []bot.Outgoing
	for _, r := range sealed {
		o, err := r.open(aead)
		if err != nil {
			return nil, err
		}
		if _, err := t.exec("UPDATE outbox SET status = 'waiting', busy_until = $2 WHERE id = $1",
			o.ID, millis(until)); err != nil {
			return nil, err
		}
		held = append(held, o)
	}
	return held, nil
}

// Drop implements bot.Tx.
func (t *Tx) Drop(topic string) error {
	if topic != "" {
		t.leave(&dropEntry{topic})
	}
	return nil
}

const outgoingColumns = "SELECT id, citizen, due, COALESCE(key, ''), topic, proactive, unsaid, speaker, attempts, body FROM outbox"

type sealedLetter struct {
	o    bot.Outgoing
	body []byte
}

func scanLetter(scan func(...any) error) (sealedLetter, error) {
	var r sealedLetter
	var due int64
	err := scan(&r.o.ID, &r.o.Citizen, &due, &r.o.Key, &r.o.Topic, &r.o.Proactive, &r.o.Unsaid, &r.o.From, &r.o.Attempts, &r.body)
	r.o.Due = fromMillis(due)
	return r, err
}

func (r sealedLetter) open(aead cipher.AEAD) (bot.Outgoing, error) {
	var l letter
	if err := openJSON(aead, "outbox.body", rowID(int64(r.o.ID)), r.body, &l); err != nil {
		return r.o, err
	}
	r.o.To, r.o.Reply = l.To, l.Reply
	return r.o, nil
}

// said are the replies of a turn, for the platform's retry.
func (s *Store) said(ctx context.Context, turn int64) ([]bot.Outgoing, error) {
	return s.outgoing(ctx, outgoingColumns+" WHERE turn = $1 AND turn > 0 ORDER BY id", turn) // as the index on turns says
}

// Unheard implements bot.Store.
func (s *Store) Unheard(ctx context.Context, citizen bot.CitizenID) ([]bot.Outgoing, error) {
	return s.outgoing(ctx, outgoingColumns+` WHERE citizen = $1 AND status = 'waiting' AND turn > 0
		AND turn = (SELECT MAX(turn) FROM outbox WHERE citizen = $1) ORDER BY id`, citizen)
}

func (s *Store) outgoing(ctx context.Context, query string, args ...any) ([]bot.Outgoing, error) {
	var sealed []sealedLetter
	err := s.rows(ctx, query, func(scan func(...any) error) error {
		r, err := scanLetter(scan)
		sealed = append(sealed, r)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	out := make([]bot.Outgoing, 0, len(sealed))
	for _, r := range sealed {
		aead, err := s.key(ctx, r.o.Citizen)
		if err != nil {
			return nil, err
		}
		o, err := r.open(aead)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// LeaseDue implements bot.Outbox. A row that waits for its next try keeps the
// citizen's later rows waiting, so that nothing overtakes. So does one that
// another session of PostgreSQL holds, somebody who looks at the tables by hand:
// it is passed over, and holds up nothing but its citizen.
func (s *Store) LeaseDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]bot.Outgoing, error) {
	const due = ` o WHERE status = 'waiting' AND due <= $1 AND busy_until <= $1 AND NOT EXISTS (
		SELECT 1 FROM outbox p WHERE p.citizen = o.citizen AND p.id < o.id AND p.` + unsettled + ` AND p.status = 'waiting' AND p.due <= $1)
		ORDER BY due, id LIMIT $2`
	if s.unwritten.departs(millis(now)) {
		if err := s.Settle(ctx); err != nil {
			return nil, fmt.Errorf("look for due replies: %w", err)
		}
	}
	var some bool
	stmt, err := s.readTables(ctx, "SELECT EXISTS (SELECT 1 FROM outbox WHERE status = 'waiting' AND due <= $1 AND busy_until <= $1)")
	if err != nil {
		return nil, err
	}
	if err := stmt.QueryRowContext(ctx, millis(now)).Scan(&some); err != nil {
		return nil, fmt.Errorf("look for due replies: %w", err)
	}
	if !some {
		return nil, nil
	}
	var leased []sealedLetter
	err = s.writer.commit(ctx, func(t *Tx) error {
		leased = nil
		err := t.rows(outgoingColumns+due+t.w.dialect.claim, []any{millis(now), limit}, func(scan func(...any) error) error {
			r, err := scanLetter(scan)
			leased = append(leased, r)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range leased {
			if err := t.utter(r, now); err != nil {
				return err
			}
			if _, err := t.exec("UPDATE outbox SET busy_until = $2, unsaid = 0 WHERE id = $1", r.o.ID, millis(now.Add(lease))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lease due replies: %w", err)
	}
	return s.readable(ctx, leased)
}

// SetBack implements bot.Outbox.
func (s *Store) SetBack(ctx context.Context, was, now time.Time) error {
	if err := s.Settle(ctx); err != nil {
		return fmt.Errorf("set the outbox back: %w", err)
	}
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("UPDATE outbox SET due = due - $2, busy_until = busy_until - $2 WHERE status = 'waiting' AND due <= $1",
			millis(was), was.Sub(now).Milliseconds())
		return err
	})
	if err != nil {
		return fmt.Errorf("set the outbox back: %w", err)
	}
	return nil
}

// utter puts into the transcript what waited for its hour. What cannot be
// opened is not said: readable buries it.
func (t *Tx) utter(r sealedLetter, now time.Time) error {
	if !r.o.Unsaid {
		return nil
	}
	aead, err := t.key(r.o.Citizen)
	if err == nil {
		r.o, err = r.open(aead)
	}
	if unreadable(err) {
		return nil
	}
	if err == nil {
		_, err = t.Append(r.o.Line(now))
	}
	return err
}

// unreadable says whether what was sealed cannot be opened, now or later.
func unreadable(err error) bool {
	return errors.Is(err, ErrSealed) || errors.Is(err, ErrForgotten) || errors.Is(err, ErrNoCitizen)
}

// readable opens leased rows; one that cannot be opened is buried, so that it
// keeps nobody waiting.
func (s *Store) readable(ctx context.Context, leased []sealedLetter) ([]bot.Outgoing, error) {
	out := make([]bot.Outgoing, 0, len(leased))
	for _, r := range leased {
		aead, err := s.key(ctx, r.o.Citizen)
		if err == nil {
			r.o, err = r.open(aead)
		}
		switch {
		case err == nil:
			out = append(out, r.o)
		case unreadable(err):
			if err := s.Bury(ctx, r.o.ID, err.Error()); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
	return out, nil
}

// NextDue is when the next waiting reply is due, zero if none waits.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	stmt, err := s.read(ctx, "SELECT COALESCE(MIN(CASE WHEN due > busy_until THEN due ELSE busy_until END), 0) FROM outbox WHERE status = 'waiting'")
	if err != nil {
		return time.Time{}, err
	}
	var ms int64
	err = stmt.QueryRowContext(ctx).Scan(&ms)
	return fromMillis(ms), err
}

// Sent implements bot.Outbox.
func (s *Store) Sent(ctx context.Context, ids ...bot.OutgoingID) error {
	return s.settle(ctx, true, ids)
}

// Release implements bot.Outbox.
func (s *Store) Release(ctx context.Context, ids ...bot.OutgoingID) error {
	return s.settle(ctx, false, ids)
}

func (s *Store) settle(ctx context.Context, sent bool, ids []bot.OutgoingID) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, id := range ids {
			t.leave(&settledEntry{id: int64(id), sent: sent})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("settle outbox: %w", err)
	}
	return nil
}

// Hold implements bot.Outbox.
func (s *Store) Hold(ctx context.Context, id bot.OutgoingID) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		var citizen bot.CitizenID
		waits, err := t.row("SELECT citizen FROM outbox WHERE id = $1 AND status = 'waiting'", []any{id}, &citizen)
		if err != nil || !waits {
			return err
		}
		t.w.held.add(citizen)
		_, err = t.exec("UPDATE outbox SET status = 'held' WHERE id = $1", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("hold reply: %w", err)
	}
	return nil
}

// Retry implements bot.Outbox.
func (s *Store) Retry(ctx context.Context, id bot.OutgoingID, at time.Time, cause string) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("UPDATE outbox SET attempts = attempts + 1, busy_until = $2, cause = $3 WHERE id = $1 AND status = 'waiting'",
			id, millis(at), cause)
		return err
	})
	if err != nil {
		return fmt.Errorf("put reply back: %w", err)
	}
	return nil
}

// Bury implements bot.Outbox.
func (s *Store) Bury(ctx context.Context, id bot.OutgoingID, cause string) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("UPDATE outbox SET status = 'dead', cause = $2 WHERE id = $1", id, cause)
		return err
	})
	if err != nil {
		return fmt.Errorf("bury reply: %w", err)
	}
	return nil
}

// Dead are the dead letters, newest first.
func (s *Store) Dead(ctx context.Context, limit int) ([]bot.Outgoing, error) {
	return s.outgoing(ctx, outgoingColumns+" WHERE status = 'dead' ORDER BY id DESC LIMIT $1", limit)
}
