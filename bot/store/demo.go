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
	stmt, err := s.read(ctx, `SELECT (SELECT COUNT(*) FROM sheet WHERE periods LIKE '%*%') + (SELECT COUNT(*) FROM hall WHERE demo = 1)
		+ (SELECT COUNT(*) FROM service WHERE demo = 1) + (SELECT COUNT(*) FROM appointment WHERE simulated = 1 OR demo = 1)
		+ (SELECT COUNT(*) FROM ticket WHERE simulated = 1) + (SELECT COUNT(*) FROM citizen WHERE simulated = 1)
		+ (SELECT COUNT(*) FROM staff WHERE simulated = 1)`)
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
const ofSimulated = "citizen IN (SELECT id FROM citizen WHERE simulated = 1)"

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
const demoAppointment = "(simulated = 1 OR demo = 1 OR " + ofSimulated + ")"

// ClearDemo removes sample and simulated records and what hangs on them, and
// returns how many rows went. Whoever signed in with a password that was given
// to them, as the demo lets them, signs in again. Places that simulated citizens took in real
// openings are free again.
func (s *Store) ClearDemo(ctx context.Context) (int64, error) {
	var total int64
	err := s.writer.commit(ctx, func(t *Tx) error {
		total = 0
		t.w.gone = true
		s.planned.Add(1)
		cleared, err := s.clearDiary(t)
		if err != nil {
			return err
		}
		total = cleared
		queries, err := t.clearing()
		if err != nil {
			return err
		}
		for _, query := range queries {
			n, err := t.exec(query)
			if err != nil {
				return err
			}
			if strings.HasPrefix(query, "DELETE") && query != forgetReleases { // that a day was released is no record of a sample
				total += n
			}
		}
		return t.regroup()
	})
	if err != nil {
		return 0, fmt.Errorf("clear demo records: %w", err)
	}
	return total, nil
}

// forgetMemory lets go of what memory knows of citizens, before anybody's next
// part: what is left for one who is gone would fail all that is written with it.
func (s *Store) forgetMemory() {
	s.ring.empty()
	s.recent.clear()
	s.people.clear()
	s.mu.Lock()
	clear(s.known)
	s.mu.Unlock()
}

// forgetReleases has the days that were released laid out anew: what of them was
// of samples is gone.
const forgetReleases = "DELETE FROM release"

// clearing are the statements that clear samples away, in order: what hangs on
// a record goes before it.
func (t *Tx) clearing() ([]string, error) {
	const tickets = "(SELECT number FROM ticket WHERE simulated = 1 OR " + ofSimulated + ")"
	queries := []string{
		`DELETE FROM outbox WHERE status IN ('waiting', 'held') AND topic IN (
			SELECT 'appointment:' || number FROM appointment WHERE ` + demoAppointment + `
			UNION ALL SELECT 'opinion:' || number FROM appointment WHERE ` + demoAppointment + ")",
		"DELETE FROM word WHERE wish IN " + tickets,
		"DELETE FROM claim WHERE wish IN " + tickets,
		"DELETE FROM wish WHERE number IN " + tickets,
	}
	of, err := t.tablesWith("ticket")
	if err != nil {
		return nil, err
	}
	for _, table := range of {
		queries = append(queries, "DELETE FROM "+table+" WHERE ticket IN "+tickets)
	}
	queries = append(queries, "DELETE FROM ticket WHERE simulated = 1 OR "+ofSimulated)
	if of, err = t.tablesWith("citizen"); err != nil {
		return nil, err
	}
	for _, table := range of {
		queries = append(queries, "DELETE FROM "+table+" WHERE "+ofSimulated)
	}
	return append(queries, "DELETE FROM citizen WHERE simulated = 1",
		"DELETE FROM session WHERE staff IN (SELECT name FROM staff WHERE simulated = 1 OR given_at > 0)", "DELETE FROM staff WHERE simulated = 1",
		"DELETE FROM hall WHERE demo = 1", "DELETE FROM service WHERE demo = 1", "DELETE FROM period WHERE demo = 1", forgetReleases), nil
}

// tablesWith names the tables that have a column, so that what is added to the
// schema later is cleared away as well.
func (t *Tx) tablesWith(column string) ([]string, error) {
	var names []string
	err := t.rows(t.w.having, []any{column}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// clearDiary takes samples out of the diary and its tables: what is left of a
// sheet that also holds real openings stays.
func (s *Store) clearDiary(t *Tx) (int64, error) {
	var total int64
	err := t.rows("SELECT (SELECT COUNT(*) FROM sheet WHERE periods LIKE '%*%') + (SELECT COUNT(*) FROM appointment WHERE (simulated = 1 OR demo = 1) AND NOT "+ofSimulated+")", nil,
		func(scan func(...any) error) error { return scan(&total) })
	if err != nil {
		return 0, fmt.Errorf("count samples: %w", err)
	}
	numbers, citizens := map[string]bool{}, map[bot.CitizenID]bool{}
	err = t.rows("SELECT number FROM appointment WHERE "+demoAppointment, nil, func(scan func(...any) error) error {
		var number string
		err := scan(&number)
		numbers[number] = true
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("list samples: %w", err)
	}
	err = t.rows("SELECT id FROM citizen WHERE simulated = 1", nil, func(scan func(...any) error) error {
		var id bot.CitizenID
		err := scan(&id)
		citizens[id] = true
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("list simulated citizens: %w", err)
	}
	s.diary.ClearDemo(numbers, citizens)
	t.persist()
	t.later("DELETE FROM opinion WHERE number IN (SELECT number FROM appointment WHERE simulated = 1 OR demo = 1)")
	t.later("DELETE FROM appointment WHERE simulated = 1 OR demo = 1")
	t.later("DELETE FROM sheet WHERE periods = '' OR periods LIKE '%*%'") // of days past too
	return total, nil
}
