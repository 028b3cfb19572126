package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
)

// AddPlayed makes the accounts of simulated operators; they go with ClearDemo.
func (s *Store) AddPlayed(ctx context.Context, all []Staff) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, v := range all {
			n, err := t.exec(`INSERT INTO staff (name, role, secret, created_at, simulated) VALUES ($1, $2, $3, $4, 1)
				ON CONFLICT (name) DO UPDATE SET secret = excluded.secret WHERE staff.simulated = 1`, v.Name, v.Role, v.Secret, millis(v.CreatedAt))
			if err != nil {
				return err
			}
			if n == 0 {
				return ErrStaffExists // somebody's
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add simulated operators: %w", err)
	}
	return nil
}

// Spread lays what simulated citizens said and asked a person for between two
// instants over a longer span, so that a day that was pressed into minutes reads
// like a day: each citizen's talk is moved as a whole and keeps its own pace.
func (s *Store) Spread(ctx context.Context, began, ended, from, to time.Time) error {
	if !began.Before(ended) || !from.Before(to) {
		return fmt.Errorf("spread a played day: no time between %s and %s", began, ended)
	}
	if err := s.Settle(ctx); err != nil {
		return fmt.Errorf("spread a played day: %w", err)
	}
	err := s.writer.commit(ctx, func(t *Tx) error {
		firsts := map[bot.CitizenID]int64{}
		err := t.rows("SELECT citizen, MIN(at) FROM line WHERE "+ofSimulated+" AND at >= $1 AND at <= $2 GROUP BY citizen", []any{millis(began), millis(ended)},
			func(scan func(...any) error) error {
				var id bot.CitizenID
				var at int64
				err := scan(&id, &at)
				firsts[id] = at
				return err
			})
		if err != nil {
			return err
		}
		for id, first := range firsts {
			part := float64(first-millis(began)) / float64(millis(ended)-millis(began))
			by := millis(from) + int64(part*float64(millis(to)-millis(from))) - first
			for _, query := range []string{
				"UPDATE line SET at = at + $2 WHERE citizen = $1 AND at >= $3",
				"UPDATE rating SET at = at + $2 WHERE citizen = $1 AND at >= $3",
				`UPDATE handoff SET at = at + $2, taken_at = CASE WHEN taken_at = 0 THEN 0 ELSE taken_at + $2 END,
					closed_at = CASE WHEN closed_at = 0 THEN 0 ELSE closed_at + $2 END WHERE citizen = $1 AND at >= $3 AND status = 'closed'`,
			} {
				if _, err := t.exec(query, id, by, first); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("spread a played day: %w", err)
	}
	s.recent.clear()
	return nil
}
