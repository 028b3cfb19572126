package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Rate implements booking.Ledger.
func (s *Store) Rate(ctx context.Context, tx bot.Tx, number string, o booking.Opinion) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	if err := o.Validate(); err != nil {
		return err
	}
	var status booking.Status
	var citizen bot.CitizenID
	var hall string
	var rated int
	found, err := t.row("SELECT status, citizen, hall, rating FROM appointment WHERE number = $1", []any{number}, &status, &citizen, &hall, &rated)
	switch {
	case err != nil:
		return fmt.Errorf("find appointment: %w", err)
	case !found:
		return booking.ErrNoAppointment
	case status != booking.Served:
		return booking.ErrNotServed
	case rated != 0:
		return booking.ErrRated
	}
	var body []byte
	if o.Words != "" {
		if body, err = t.sealJSON(citizen, "opinion.body", number, o.Words.Reveal()); err != nil {
			return err
		}
	}
	t.later("UPDATE appointment SET rating = $2 WHERE number = $1", number, o.Stars)
	t.later(`INSERT INTO opinion (number, citizen, over, at, stars, body) VALUES ($1, $2, 1, $3, $4, $5)
		ON CONFLICT (number) DO UPDATE SET over = 1, at = excluded.at, stars = excluded.stars, body = excluded.body`, number, citizen, millis(o.At), o.Stars, body)
	return t.Announce(bot.Change{At: o.At, Kind: bot.ChangeBooking, Citizen: citizen, Ref: "hall:" + hall})
}

// Unasked are appointments served on a day or after, and ended after an
// instant, whose citizens were not asked how it was and did not say.
func (s *Store) Unasked(ctx context.Context, day string, ended time.Time) ([]booking.Appointment, error) {
	return s.appointments(ctx, ` WHERE number IN (SELECT v.appointment FROM arrival v WHERE v.date >= $1 AND v.status = 'served' AND v.appointment <> '' AND v.ended > $2
		AND NOT EXISTS (SELECT 1 FROM opinion o WHERE o.number = v.appointment)) AND status = 'served' AND rating = 0 ORDER BY number`, day, millis(ended))
}

// Asked keeps that a citizen was asked, in the commit that asks.
func (s *Store) Asked(ctx context.Context, tx bot.Tx, a booking.Appointment, at time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	t.later("INSERT INTO opinion (number, citizen, asked_at) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING", a.Number, a.Citizen, millis(at))
	return nil
}

// EndAsking drops the questions asked before an instant that have not left yet.
func (s *Store) EndAsking(ctx context.Context, before time.Time, topic func(number string) string) error {
	var late []string
	err := s.rows(ctx, "SELECT number FROM opinion WHERE over = 0 AND asked_at < $1 LIMIT 1000", func(scan func(...any) error) error {
		var number string
		err := scan(&number)
		late = append(late, number)
		return err
	}, millis(before))
	if err != nil || len(late) == 0 {
		return err
	}
	return s.writer.commit(ctx, func(t *Tx) error {
		for _, number := range late {
			if err := t.Drop(topic(number)); err != nil {
				return err
			}
			if _, err := t.exec("UPDATE opinion SET over = 1 WHERE number = $1", number); err != nil {
				return err
			}
		}
		return nil
	})
}

// Opinions are what citizens said of a hall (empty: of all), newest first.
func (s *Store) Opinions(ctx context.Context, hall string, limit int) ([]booking.Opinion, error) {
	type sealed struct {
		booking.Opinion
		citizen bot.CitizenID
		body    []byte
	}
	var found []sealed
	err := s.rows(ctx, `SELECT o.number, o.citizen, o.stars, o.at, o.body, a.service, a.hall, a.date FROM opinion o JOIN appointment a ON a.number = o.number
		WHERE o.stars > 0 AND ($1 = '' OR a.hall = $1) ORDER BY o.at DESC, o.number DESC LIMIT $2`, func(scan func(...any) error) error {
		var v sealed
		var at int64
		err := scan(&v.Number, &v.citizen, &v.Stars, &at, &v.body, &v.Service, &v.Hall, &v.Date)
		v.At = fromMillis(at)
		found = append(found, v)
		return err
	}, hall, limit)
	if err != nil {
		return nil, fmt.Errorf("list opinions: %w", err)
	}
	out := make([]booking.Opinion, 0, len(found))
	for _, v := range found {
		aead, err := s.keyFunc(ctx)(v.citizen)
		if err != nil {
			return nil, err
		}
		if aead != nil && len(v.body) > 0 {
			var words string
			if err := openJSON(aead, "opinion.body", v.Number, v.body, &words); err != nil {
				return nil, err
			}
			v.Words = bot.Secret(words)
		}
		out = append(out, v.Opinion)
	}
	return out, nil
}

// Satisfaction sums up, by hall, the appointments served from a day on.
func (s *Store) Satisfaction(ctx context.Context, from string) (map[string]booking.Satisfaction, error) {
	all := map[string]booking.Satisfaction{}
	err := s.rows(ctx, "SELECT hall, rating, COUNT(*) FROM appointment WHERE status <> 'cancelled' AND status = 'served' AND date >= $1 GROUP BY hall, rating", func(scan func(...any) error) error {
		var hall string
		var stars, n int
		if err := scan(&hall, &stars, &n); err != nil {
			return err
		}
		v := all[hall]
		v.Served += n
		v.Stars[min(max(stars, 0), 5)] += n
		all[hall] = v
		return nil
	}, from)
	if err != nil {
		return nil, fmt.Errorf("sum up opinions: %w", err)
	}
	return all, nil
}
