package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Wait implements booking.Ledger.
func (s *Store) Wait(ctx context.Context, tx bot.Tx, r booking.Request) (booking.Waiting, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Waiting{}, err
	}
	if err := checkRequest(r, s.RulesFor(r.Service)); err != nil {
		return booking.Waiting{}, err
	}
	w, repeat, err := s.diary.Wait(s.taking(r), func() int64 {
		s.serial.waiting++
		return s.serial.waiting
	})
	if err != nil || repeat {
		return w, err
	}
	body, err := t.sealJSON(r.Citizen, "waiting.body", rowID(w.ID), servedOf(r))
	if err != nil {
		return w, err
	}
	t.later(`INSERT INTO waiting (id, citizen, key, person, service, grp, hall, date, time, places, since, status, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		w.ID, w.Citizen, w.Key, w.Person[:], w.Service, w.Group, w.Hall, w.Date, w.Time, w.Places, millis(w.Since), w.Status, body)
	t.persist()
	return w, t.Announce(bot.Change{At: r.Now, Kind: bot.ChangeBooking, Citizen: w.Citizen, Ref: "waiting"})
}

// Leave implements booking.Ledger.
func (s *Store) Leave(ctx context.Context, tx bot.Tx, citizen bot.CitizenID, id int64, now time.Time) (booking.Waiting, error) {
	t, err := in(tx)
	if err != nil {
		return booking.Waiting{}, err
	}
	w, err := s.diary.Leave(id, citizen, now)
	t.persist()
	return w, err
}

// Waits implements booking.Ledger.
func (s *Store) Waits(ctx context.Context, citizen bot.CitizenID) ([]booking.Line, error) {
	var lines []booking.Line
	for _, w := range s.diary.WaitsOf(citizen) {
		l, err := s.line(ctx, w)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// Promoted are those a place is held for and who were not told yet.
func (s *Store) Promoted(ctx context.Context) ([]booking.Line, error) {
	var lines []booking.Line
	for _, w := range s.diary.Untold() {
		l, err := s.line(ctx, w)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// Told marks a promoted citizen as told, in the commit that tells them.
func (s *Store) Told(ctx context.Context, tx bot.Tx, id int64) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	s.diary.Tell(id)
	t.persist()
	return nil
}

// line adds to a wait who it is for.
func (s *Store) line(ctx context.Context, w booking.Waiting) (booking.Line, error) {
	l := booking.Line{Waiting: w, Ahead: s.diary.Ahead(w.ID)}
	key, err := s.key(ctx, w.Citizen)
	if err != nil {
		return l, err
	}
	err = s.rows(ctx, "SELECT body FROM waiting WHERE id = $1", func(scan func(...any) error) error {
		var body []byte
		if err := scan(&body); err != nil {
			return err
		}
		var v served
		if err := openJSON(key, "waiting.body", rowID(w.ID), body, &v); err != nil {
			return err
		}
		l.Name, l.Phone, l.IDNumber, l.Relation = bot.Secret(v.Name), bot.Secret(v.Phone), bot.Secret(v.IDNumber), v.Relation
		return nil
	}, w.ID)
	if err != nil {
		return l, fmt.Errorf("read waiting line: %w", err)
	}
	return l, nil
}

func readWaits(ctx context.Context, read query, each func(booking.Waiting) error) error {
	return read(ctx, `SELECT id, citizen, key, person, service, grp, hall, date, time, places, since, status, held_date, held_time, until, told
		FROM waiting WHERE status IN ('open', 'held') ORDER BY id`, func(scan func(...any) error) error {
		var w booking.Waiting
		var person []byte
		var since, until int64
		err := scan(&w.ID, &w.Citizen, &w.Key, &person, &w.Service, &w.Group, &w.Hall, &w.Date, &w.Time, &w.Places, &since, &w.Status,
			&w.Place.Date, &w.Place.Time, &until, &w.Told)
		if err != nil {
			return err
		}
		copy(w.Person[:], person)
		w.Since, w.Until = fromMillis(since), fromMillis(until)
		if w.Status == booking.WaitHeld {
			w.Place.Group, w.Place.Hall = w.Group, w.Hall
		}
		return each(w)
	})
}
