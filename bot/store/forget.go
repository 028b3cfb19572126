package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/privacy"
)

// Forget destroys a citizen's key and what would lead to them: their
// addresses, their words and files, and all that waits to be answered or sent.
// What was sealed under the key can then be read by nobody; of appointments,
// tickets and handoffs remains that there were such. The citizen's turn must
// be held, as for every change of a conversation. When it returns, the key is
// gone from the files too.
func (s *Store) Forget(ctx context.Context, id bot.CitizenID) error {
	err := s.writer.commit(ctx, func(t *Tx) error { return t.forget(id) })
	if err != nil {
		return fmt.Errorf("forget citizen: %w", err)
	}
	return s.forgotten(ctx, id)
}

// Erase forgets a citizen who asks for it, with an entry in the audit trail as
// proof, in one commit. While something of theirs is open the error is
// privacy.OpenMatters and nothing is changed. The citizen's turn must be held.
func (s *Store) Erase(ctx context.Context, id bot.CitizenID, now time.Time) (privacy.Proof, error) {
	p := privacy.Proof{At: now}
	err := s.writer.commit(ctx, func(t *Tx) error {
		open, err := t.openMatters(id, now)
		if err == nil && len(open) > 0 {
			return open
		}
		if err == nil {
			err = t.forget(id)
		}
		if err != nil {
			return err
		}
		var hash []byte
		if p.Entry, hash, err = t.audited(bot.AuditEntry{At: now, Actor: "citizen", Deed: bot.AuditErase, Subject: string(id)}); err != nil {
			return err
		}
		p.Hash = hex.EncodeToString(hash)
		return nil
	})
	if errors.Is(err, ErrNoCitizen) {
		err = privacy.ErrNobody
	}
	if err != nil {
		return p, fmt.Errorf("erase citizen: %w", err)
	}
	return p, s.forgotten(ctx, id)
}

// forget is Forget's part of a commit.
func (t *Tx) forget(id bot.CitizenID) error {
	n, err := t.exec("UPDATE citizen SET key = $2, key_before = NULL, body = NULL WHERE id = $1 AND key <> $2", id, []byte{})
	if err == nil && n == 0 {
		return ErrNoCitizen
	}
	if err != nil {
		return err
	}
	for _, query := range []string{
		"DELETE FROM identity WHERE citizen = $1",
		"DELETE FROM visit WHERE citizen = $1",
		"DELETE FROM line WHERE citizen = $1",
		"DELETE FROM attachment WHERE citizen = $1",
		"DELETE FROM tag WHERE citizen = $1",
		"DELETE FROM mention WHERE citizen = $1",
		"DELETE FROM phone_call WHERE citizen = $1",
		"DELETE FROM wrap_up WHERE citizen = $1",
		"UPDATE sample SET body = NULL WHERE citizen = $1",
		"DELETE FROM outcall WHERE citizen = $1",
		"DELETE FROM appeal WHERE citizen = $1",
		"UPDATE opinion SET body = NULL WHERE citizen = $1",
		"DELETE FROM missed WHERE citizen = $1",
		"DELETE FROM consent WHERE citizen = $1",
		"DELETE FROM donor WHERE citizen = $1",
		"DELETE FROM policy_subscription WHERE citizen = $1",
		"DELETE FROM lesson WHERE citizen = $1",
		"DELETE FROM conversation WHERE citizen = $1",
		"DELETE FROM outbox WHERE citizen = $1 AND status IN ('waiting', 'held')",
		"UPDATE inbox SET answered = 1, body = NULL WHERE citizen = $1 AND answered = 0",
		"UPDATE handoff SET status = 'closed' WHERE citizen = $1 AND status <> 'closed'",
	} {
		if _, err := t.exec(query, id); err != nil {
			return err
		}
	}
	t.s.received.forget(id)
	return nil
}

// forgotten lets go of what memory and the log still have of a citizen.
func (s *Store) forgotten(ctx context.Context, id bot.CitizenID) error {
	s.ring.changed([]bot.CitizenID{id})
	s.recent.drop(id)
	s.people.drop(id)
	s.mu.Lock()
	clear(s.known)
	s.mu.Unlock()
	return s.writer.emptyLog(ctx)
}

// openMatters are what is not over of a citizen.
func (t *Tx) openMatters(id bot.CitizenID, now time.Time) (privacy.OpenMatters, error) {
	var open privacy.OpenMatters
	for _, q := range []struct {
		kind  privacy.Kind
		query string
		args  []any
	}{
		{privacy.Appointments, "SELECT number FROM appointment WHERE citizen = $1 AND status IN ('booked', 'checked_in') AND date || ' ' || time > $2 ORDER BY number",
			[]any{id, now.In(bot.Shanghai()).Format("2006-01-02 15:04")}},
		{privacy.Appointments, "SELECT '' FROM waiting WHERE citizen = $1 AND status IN ('open', 'held')", []any{id}},
		{privacy.Tickets, "SELECT number FROM ticket WHERE citizen = $1 AND status NOT IN ('rejected', 'closed', 'withdrawn', 'merged') ORDER BY number", []any{id}},
		{privacy.Claims, "SELECT wish FROM claim WHERE citizen = $1 AND status IN ('held', 'confirmed') ORDER BY wish", []any{id}},
		{privacy.Words, "SELECT '' FROM handoff WHERE citizen = $1 AND status <> 'closed'", []any{id}},
	} {
		if err := t.rows(q.query, q.args, func(scan func(...any) error) error {
			m := privacy.Matter{Kind: q.kind}
			err := scan(&m.Number)
			open = append(open, m)
			return err
		}); err != nil {
			return nil, fmt.Errorf("look for open matters: %w", err)
		}
	}
	return open, nil
}
