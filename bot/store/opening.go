package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Period is when openings begin each working day and how many places they have.
type Period struct {
	Time     string
	Capacity int
}

// Plan is what can be booked where and when: the ground of release.
type Plan struct {
	Halls    []booking.Hall
	Services []booking.Service
	Periods  []Period
	Demo     bool
}

// SavePlan stores halls, services and periods; those there already are
// brought up to date, none is removed. A sample never takes the place of what
// is real, and what is real takes the place of a sample.
func (s *Store) SavePlan(ctx context.Context, p Plan) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, h := range p.Halls {
			if _, err := t.exec(`INSERT INTO hall (id, name, town, address, phone, demo) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (id) DO UPDATE SET name = excluded.name, town = excluded.town, demo = excluded.demo,
				address = CASE excluded.address WHEN '' THEN hall.address ELSE excluded.address END,
				phone = CASE excluded.phone WHEN '' THEN hall.phone ELSE excluded.phone END
				WHERE hall.demo >= excluded.demo`,
				h.ID, h.Name, h.Town, h.Address, h.Phone, p.Demo); err != nil {
				return err
			}
		}
		for _, v := range p.Services {
			if _, err := t.exec(`INSERT INTO service (id, title, demo) VALUES ($1, $2, $3)
				ON CONFLICT (id) DO UPDATE SET title = excluded.title, demo = excluded.demo
				WHERE service.demo >= excluded.demo`, v.ID, v.Title, p.Demo); err != nil {
				return err
			}
		}
		for _, v := range p.Periods {
			if _, err := t.exec(`INSERT INTO period (time, capacity, demo) VALUES ($1, $2, $3)
				ON CONFLICT (time) DO UPDATE SET capacity = excluded.capacity, demo = excluded.demo
				WHERE period.demo >= excluded.demo`, v.Time, v.Capacity, p.Demo); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	return nil
}

// ReleaseOpenings makes the openings of every working day that the rules
// release at now, as the plan stands: services and halls that came later are
// added to days released before. It returns the days it made openings for;
// doing it again changes nothing. Openings of a sample service, hall or period
// are samples.
func (s *Store) ReleaseOpenings(ctx context.Context, now time.Time) ([]string, error) {
	now = now.In(bot.Shanghai())
	days := s.released(now)
	var made []string
	err := s.writer.commit(ctx, func(t *Tx) error {
		made = nil
		plan, err := t.planDigest()
		if err != nil {
			return err
		}
		for _, date := range days {
			n, err := t.exec(`INSERT INTO release (date, at, plan) VALUES ($1, $2, $3)
				ON CONFLICT (date) DO UPDATE SET at = excluded.at, plan = excluded.plan WHERE release.plan <> excluded.plan`,
				date, millis(now), plan)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			if n, err = t.exec(`INSERT INTO opening (service, hall, date, time, capacity, remaining, demo)
				SELECT v.id, h.id, $1, p.time, p.capacity, p.capacity, v.demo OR h.demo OR p.demo
				FROM service v CROSS JOIN hall h CROSS JOIN period p
				WHERE true ORDER BY v.id, h.id, p.time ON CONFLICT (service, hall, date, time) DO NOTHING`, date); err != nil {
				return err
			}
			if n > 0 {
				made = append(made, date)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("release openings: %w", err)
	}
	return made, nil
}

// released are the working days whose openings are there at now.
func (s *Store) released(now time.Time) []string {
	var days []string
	last := s.rules.LastReleased(now).Format(time.DateOnly)
	for day := now; day.Format(time.DateOnly) <= last; day = day.AddDate(0, 0, 1) {
		if s.isWorkday(day) {
			days = append(days, day.Format(time.DateOnly))
		}
	}
	return days
}

// planDigest changes when a service, hall or period is added.
func (t *Tx) planDigest() ([]byte, error) {
	h := sha256.New()
	err := t.rows("SELECT 's' || id FROM service UNION ALL SELECT 'h' || id FROM hall UNION ALL SELECT 'p' || time FROM period ORDER BY 1", nil,
		func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			fmt.Fprintf(h, "%s\n", id)
			return err
		})
	return h.Sum(nil)[:16], err
}

func (s *Store) isWorkday(day time.Time) bool {
	if s.days != nil {
		return s.days.IsWorkday(day.Format(time.DateOnly))
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// Openings implements booking.Ledger.
func (s *Store) Openings(ctx context.Context, q booking.Query) ([]booking.Opening, error) {
	after := q.After.In(bot.Shanghai())
	day, clock := "", ""
	if !q.After.IsZero() {
		day, clock = after.Format(time.DateOnly), after.Format("15:04")
	}
	limit := q.Limit
	if limit == 0 {
		limit = -1
	}
	free := 0
	if q.Free {
		free = 1
	}
	var openings []booking.Opening
	// Empty parameters select all; the planner still uses the unique index
	// because service is nearly always given.
	query := `SELECT service, hall, date, time, capacity, remaining FROM opening
		WHERE ($2 = '' OR hall = $2) AND ($3 = '' OR date = $3)
		AND (date > $4 OR date = $4 AND time > $5) AND remaining >= $6`
	if q.Service != "" {
		query += " AND service = $1"
	} else {
		query += " AND $1 = ''"
	}
	err := s.rows(ctx, query+" ORDER BY date, time, hall, service LIMIT $7", func(scan func(...any) error) error {
		var o booking.Opening
		if err := scan(&o.Service, &o.Hall, &o.Date, &o.Time, &o.Capacity, &o.Remaining); err != nil {
			return err
		}
		openings = append(openings, o)
		return nil
	}, q.Service, q.Hall, q.Date, day, clock, free, limit)
	if err != nil {
		return nil, fmt.Errorf("list openings: %w", err)
	}
	return openings, nil
}

// Halls lists the halls.
func (s *Store) Halls(ctx context.Context) ([]booking.Hall, error) {
	var halls []booking.Hall
	err := s.rows(ctx, "SELECT id, name, town, address, phone FROM hall ORDER BY id", func(scan func(...any) error) error {
		var h booking.Hall
		if err := scan(&h.ID, &h.Name, &h.Town, &h.Address, &h.Phone); err != nil {
			return err
		}
		halls = append(halls, h)
		return nil
	})
	return halls, err
}

// Services lists what can be booked.
func (s *Store) Services(ctx context.Context) ([]booking.Service, error) {
	var services []booking.Service
	err := s.rows(ctx, "SELECT id, title FROM service ORDER BY id", func(scan func(...any) error) error {
		var v booking.Service
		if err := scan(&v.ID, &v.Title); err != nil {
			return err
		}
		services = append(services, v)
		return nil
	})
	return services, err
}
