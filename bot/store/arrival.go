package store

import (
	"context"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

func (s *Store) nextArrival() int64 {
	s.serial.arrival++
	return s.serial.arrival
}

// CheckIn draws a number for an appointment at its hall.
func (s *Store) CheckIn(ctx context.Context, number, hall string, now time.Time) (booking.Arrival, error) {
	var v booking.Arrival
	err := s.commitDeed(ctx, "check in", func(t *Tx) (err error) {
		if v, err = s.diary.CheckIn(number, hall, now, s.nextArrival); err != nil {
			return err
		}
		return t.announceArrival(v, now)
	})
	return v, err
}

// WalkIn draws a number without an appointment.
func (s *Store) WalkIn(ctx context.Context, service, hall string, now time.Time) (booking.Arrival, error) {
	var v booking.Arrival
	err := s.commitDeed(ctx, "draw a number", func(t *Tx) error {
		v = s.diary.WalkIn(service, hall, now, s.nextArrival)
		return t.announceArrival(v, now)
	})
	return v, err
}

// CallNext gives a window the next number of the groups it serves (none: all);
// what the window still had counts as served.
func (s *Store) CallNext(ctx context.Context, hall, window string, groups []string, now time.Time) (booking.Arrival, error) {
	var v booking.Arrival
	err := s.commitDeed(ctx, "call next", func(t *Tx) (err error) {
		if v, err = s.diary.Call(hall, window, groups, now); err != nil {
			return err
		}
		return t.announceArrival(v, now)
	})
	return v, err
}

// Recall calls a number again.
func (s *Store) Recall(ctx context.Context, id int64, now time.Time) (booking.Arrival, error) {
	var v booking.Arrival
	err := s.commitDeed(ctx, "call again", func(t *Tx) (err error) {
		if v, err = s.diary.Recall(id, now); err != nil {
			return err
		}
		return t.announceArrival(v, now)
	})
	return v, err
}

// EndArrival settles a called number: ArrivalServed, or ArrivalGone when nobody came.
func (s *Store) EndArrival(ctx context.Context, id int64, status booking.ArrivalStatus, now time.Time) (booking.Arrival, error) {
	var v booking.Arrival
	err := s.commitDeed(ctx, "end an arrival", func(t *Tx) (err error) {
		if v, err = s.diary.End(id, status, now); err != nil {
			return err
		}
		return t.announceArrival(v, now)
	})
	return v, err
}

// ReturnArrival lets who was passed over and came after all wait again.
func (s *Store) ReturnArrival(ctx context.Context, id int64, now time.Time) (booking.Arrival, error) {
	var v booking.Arrival
	err := s.commitDeed(ctx, "let wait again", func(t *Tx) (err error) {
		if v, err = s.diary.Return(id, now); err != nil {
			return err
		}
		return t.announceArrival(v, now)
	})
	return v, err
}

// MarkMissed records one appointment as missed once its grace is over.
func (s *Store) MarkMissed(ctx context.Context, number string, now time.Time) error {
	return s.commitDeed(ctx, "mark missed", func(t *Tx) error {
		e, err := s.diary.Missed(number, now)
		if err != nil {
			return err
		}
		return t.Announce(bot.Change{At: now, Kind: bot.ChangeBooking, Citizen: e.Citizen, Ref: number})
	})
}

func (t *Tx) announceArrival(v booking.Arrival, now time.Time) error {
	c := bot.Change{At: now, Kind: bot.ChangeBooking, Ref: "hall:" + v.Hall}
	if e, ok := t.s.diary.Of(v.Appointment); ok {
		c.Citizen, c.Ref = e.Citizen, e.Number
	}
	return t.Announce(c)
}

// ArrivalOf implements booking.Ledger.
func (s *Store) ArrivalOf(number string, now time.Time) (booking.Arrival, int, bool) {
	return s.diary.ArrivalOf(number, now)
}

// Arrivals are a hall's numbers of a day: called ones first, the latest call on
// top, then those waiting in the order in which they would be called now.
func (s *Store) Arrivals(hall, date string, now time.Time) []booking.Arrival {
	return s.diary.Arrivals(hall, date, now)
}

// Day lists a hall's appointments of a day that were not cancelled, by time and
// number.
func (s *Store) Day(ctx context.Context, hall, date string) ([]booking.Appointment, error) {
	return s.appointments(ctx, " WHERE date = $1 AND status <> 'cancelled' AND hall = $2 ORDER BY time, number", date, hall)
}

func (t *Tx) saveArrival(v *booking.Arrival) {
	t.later(`INSERT INTO arrival (id, hall, date, grp, service, number, appointment, due, late, at, status, "window", called, calls, ended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, "window" = excluded."window", called = excluded.called, calls = excluded.calls, ended = excluded.ended`,
		v.ID, v.Hall, v.Date, v.Group, v.Service, v.Number, v.Appointment, v.Due, v.Late, millis(v.At), v.Status, v.Window, millis(v.Called), v.Calls, millis(v.Ended))
}

func readArrivals(ctx context.Context, read query, from string, each func(booking.Arrival) error) error {
	return read(ctx, `SELECT id, hall, date, grp, service, number, appointment, due, late, at, status, "window", called, calls, ended
		FROM arrival WHERE date >= $1 ORDER BY id`, func(scan func(...any) error) error {
		var v booking.Arrival
		var at, called, ended int64
		err := scan(&v.ID, &v.Hall, &v.Date, &v.Group, &v.Service, &v.Number, &v.Appointment, &v.Due, &v.Late, &at, &v.Status, &v.Window, &called, &v.Calls, &ended)
		if err != nil {
			return err
		}
		v.At, v.Called, v.Ended = fromMillis(at), fromMillis(called), fromMillis(ended)
		return each(v)
	}, from)
}
