package store

import (
	"context"
	"fmt"

	"guanjia/bot"
)

// Forget destroys a citizen's key and what would lead to them: their
// addresses, their conversation, and all that waits to be answered or sent.
// What was sealed under the key can then be read by nobody; of appointments,
// tickets and handoffs remains that there were such. The citizen's turn must
// be held, as for every change of a conversation. When it returns, the key is
// gone from the files too.
func (s *Store) Forget(ctx context.Context, id bot.CitizenID) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("UPDATE citizen SET key = x'', body = NULL WHERE id = $1", id)
		if err == nil && n == 0 {
			return ErrNoCitizen
		}
		if err != nil {
			return err
		}
		for _, query := range []string{
			"DELETE FROM identity WHERE citizen = $1",
			"DELETE FROM visit WHERE citizen = $1",
			"DELETE FROM missed WHERE citizen = $1",
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
		s.received.forget(id)
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget citizen: %w", err)
	}
	s.ring.drop(id)
	s.recent.drop(id)
	s.people.drop(id)
	s.mu.Lock()
	clear(s.known)
	s.mu.Unlock()
	return s.writer.emptyLog(ctx)
}
