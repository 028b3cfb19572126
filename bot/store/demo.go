package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
)

// DemoRecords counts what the demo and simulated citizens left: openings,
// halls, services, appointments, tickets, people.
func (s *Store) DemoRecords(ctx context.Context) (int, error) {
	stmt, err := s.read(ctx, `SELECT (SELECT COUNT(*) FROM opening WHERE demo) + (SELECT COUNT(*) FROM hall WHERE demo)
		+ (SELECT COUNT(*) FROM service WHERE demo) + (SELECT COUNT(*) FROM appointment WHERE simulated)
		+ (SELECT COUNT(*) FROM ticket WHERE simulated) + (SELECT COUNT(*) FROM citizen WHERE simulated)`)
	if err != nil {
		return 0, err
	}
	var n int
	if err := stmt.QueryRowContext(ctx).Scan(&n); err != nil {
		return 0, fmt.Errorf("count demo records: %w", err)
	}
	return n, nil
}

// ofSimulated selects what belongs to simulated citizens.
const ofSimulated = "citizen IN (SELECT id FROM citizen WHERE simulated)"

// EnrolSimulated makes simulated citizens of addresses that belong to nobody
// yet; all they do is a sample, and goes with ClearDemo.
func (s *Store) EnrolSimulated(ctx context.Context, at time.Time, addresses []bot.Address) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, a := range addresses {
			var owner string
			found, err := t.row("SELECT citizen FROM identity WHERE hash = $1", []any{s.addressHash(a)}, &owner)
			if err != nil {
				return err
			}
			if found {
				continue
			}
			id := bot.CitizenID(newID("p"))
			if err := t.newCitizen(id, at); err != nil {
				return err
			}
			if _, err := t.exec("UPDATE citizen SET simulated = 1 WHERE id = $1", id); err != nil {
				return err
			}
			if err := t.join(id, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("enrol simulated citizens: %w", err)
	}
	return nil
}

// demoAppointment is an appointment made by a simulated citizen or in the demo.
const demoAppointment = `(simulated OR ` + ofSimulated + ` OR EXISTS (SELECT 1 FROM opening o WHERE o.demo AND o.service = appointment.service
	AND o.hall = appointment.hall AND o.date = appointment.date AND o.time = appointment.time))`

// ClearDemo removes sample and simulated records and what hangs on them, and
// returns how many rows went. Places that simulated citizens took in real
// openings are free again.
func (s *Store) ClearDemo(ctx context.Context) (int64, error) {
	var total int64
	err := s.writer.commit(ctx, func(t *Tx) error {
		total = 0
		queries, err := t.clearing()
		if err != nil {
			return err
		}
		for _, query := range queries {
			n, err := t.exec(query)
			if err != nil {
				return err
			}
			if strings.HasPrefix(query, "DELETE") {
				total += n
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("clear demo records: %w", err)
	}
	s.recent.clear()
	s.mu.Lock()
	clear(s.known)
	s.mu.Unlock()
	return total, nil
}

// clearing are the statements that clear samples away, in order: what hangs on
// a record goes before it.
func (t *Tx) clearing() ([]string, error) {
	const tickets = "(SELECT number FROM ticket WHERE simulated OR " + ofSimulated + ")"
	queries := []string{
		`DELETE FROM outbox WHERE status IN ('waiting', 'held') AND topic IN (
			SELECT 'appointment:' || number FROM appointment WHERE ` + demoAppointment + ")",
		`UPDATE opening SET remaining = MIN(capacity, remaining + (SELECT COUNT(*) FROM appointment a WHERE a.service = opening.service
			AND a.hall = opening.hall AND a.date = opening.date AND a.time = opening.time AND a.status IN ('booked', 'checked_in') AND a.` + ofSimulated + `))
			WHERE NOT demo AND EXISTS (SELECT 1 FROM appointment a WHERE a.service = opening.service AND a.hall = opening.hall
			AND a.date = opening.date AND a.time = opening.time AND a.` + ofSimulated + ")",
		"DELETE FROM appointment WHERE " + demoAppointment,
		"DELETE FROM opening WHERE demo",
		"DELETE FROM wish WHERE number IN " + tickets,
	}
	of, err := t.tablesWith("ticket")
	if err != nil {
		return nil, err
	}
	for _, table := range of {
		queries = append(queries, "DELETE FROM "+table+" WHERE ticket IN "+tickets)
	}
	queries = append(queries, "DELETE FROM ticket WHERE simulated OR "+ofSimulated)
	if of, err = t.tablesWith("citizen"); err != nil {
		return nil, err
	}
	for _, table := range of {
		queries = append(queries, "DELETE FROM "+table+" WHERE "+ofSimulated)
	}
	return append(queries, "DELETE FROM citizen WHERE simulated",
		"DELETE FROM hall WHERE demo", "DELETE FROM service WHERE demo", "DELETE FROM period WHERE demo", "DELETE FROM release"), nil
}

// tablesWith names the tables that have a column, so that what is added to the
// schema later is cleared away as well.
func (t *Tx) tablesWith(column string) ([]string, error) {
	var names []string
	err := t.rows("SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = $1 ORDER BY m.name",
		[]any{column}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			names = append(names, name)
			return err
		})
	return names, err
}
