package store

import (
	"context"
	"fmt"
)

// DemoRecords counts what the demo and simulated citizens left: openings,
// halls, services, appointments, tickets.
func (s *Store) DemoRecords(ctx context.Context) (int, error) {
	stmt, err := s.read(ctx, `SELECT (SELECT COUNT(*) FROM opening WHERE demo) + (SELECT COUNT(*) FROM hall WHERE demo)
		+ (SELECT COUNT(*) FROM service WHERE demo) + (SELECT COUNT(*) FROM appointment WHERE simulated)
		+ (SELECT COUNT(*) FROM ticket WHERE simulated)`)
	if err != nil {
		return 0, err
	}
	var n int
	if err := stmt.QueryRowContext(ctx).Scan(&n); err != nil {
		return 0, fmt.Errorf("count demo records: %w", err)
	}
	return n, nil
}

// ClearDemo removes sample and simulated records and what hangs on them, and
// returns how many rows went.
func (s *Store) ClearDemo(ctx context.Context) (int64, error) {
	var total int64
	err := s.writer.commit(ctx, func(t *Tx) error {
		total = 0
		for _, query := range []string{
			`DELETE FROM outbox WHERE topic IN (SELECT 'appointment:' || a.number FROM appointment a
				LEFT JOIN opening o ON o.id = a.opening WHERE a.simulated OR o.demo) AND status IN ('waiting', 'held')`,
			"DELETE FROM appointment WHERE simulated OR opening IN (SELECT id FROM opening WHERE demo)",
			"DELETE FROM opening WHERE demo",
			"DELETE FROM wish WHERE number IN (SELECT number FROM ticket WHERE simulated)",
			"DELETE FROM step WHERE ticket IN (SELECT number FROM ticket WHERE simulated)",
			"DELETE FROM ticket WHERE simulated",
			"DELETE FROM hall WHERE demo", "DELETE FROM service WHERE demo", "DELETE FROM period WHERE demo",
			"DELETE FROM release",
		} {
			n, err := t.exec(query)
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("clear demo records: %w", err)
	}
	return total, nil
}
