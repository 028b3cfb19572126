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

// demoAppointment is an appointment made by a simulated citizen or in the demo.
const demoAppointment = `(simulated OR EXISTS (SELECT 1 FROM opening o WHERE o.demo AND o.service = appointment.service
	AND o.hall = appointment.hall AND o.date = appointment.date AND o.time = appointment.time))`

// ClearDemo removes sample and simulated records and what hangs on them, and
// returns how many rows went.
func (s *Store) ClearDemo(ctx context.Context) (int64, error) {
	var total int64
	err := s.writer.commit(ctx, func(t *Tx) error {
		total = 0
		for _, query := range []string{
			`DELETE FROM outbox WHERE status IN ('waiting', 'held') AND topic IN (
				SELECT 'appointment:' || number FROM appointment WHERE ` + demoAppointment + ")",
			"DELETE FROM appointment WHERE " + demoAppointment,
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
