package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// query is what reads rows: the pool, or the writing connection.
type query func(ctx context.Context, query string, each func(scan func(...any) error) error, args ...any) error

// rowsOn reads rows on the writing connection, before the pool is there.
func rowsOn(c *connection) query {
	return func(ctx context.Context, q string, each func(scan func(...any) error) error, args ...any) error {
		rows, err := c.conn.QueryContext(ctx, c.bind(q), args...)
		if err != nil {
			return fmt.Errorf("query: %w", err)
		}
		return eachRow(rows, each)
	}
}

// loadDiary reads openings, appointments, holds, lines and halls' days from a
// day on; an empty day is all there are.
func (s *Store) loadDiary(ctx context.Context, read query, now time.Time) (*booking.Diary, error) {
	book, err := readRuleBook(ctx, read, s.rules)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	d := booking.NewDiary(book)
	groups, err := readGroups(ctx, read)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	d.SetGroups(groups)
	from, missed, made := "", "", ""
	if !now.IsZero() {
		day := now.In(bot.Shanghai())
		from = day.AddDate(0, 0, -1).Format(time.DateOnly)
		missed = book.Default.Since(now)
		made = "YY" + day.Add(-keyLife).Format("060102")
	}
	if err := d.Restore(keptFrom(ctx, read, from, missed, made)); err != nil {
		return nil, fmt.Errorf("read the diary: %w", err)
	}
	d.Effects()
	d.Publish()
	return d, nil
}

// keyLife is how long the key of an appointment that is over still gives it.
const keyLife = 3 * 24 * time.Hour

// keptFrom is what the tables hold of a diary from a day on: no-shows from the
// day missed, and cancelled appointments with numbers from made, count too.
func keptFrom(ctx context.Context, read query, from, missed, made string) booking.Kept {
	return booking.Kept{
		Sheets: func(each func(booking.Sheet) error) error {
			return read(ctx, "SELECT grp, hall, date, periods FROM sheet WHERE date >= $1 ORDER BY date", func(scan func(...any) error) error {
				var sheet booking.Sheet
				var periods sql.RawBytes
				if err := scan(&sheet.Group, &sheet.Hall, &sheet.Date, &periods); err != nil {
					return err
				}
				var err error
				if sheet.Periods, err = parsePeriods(string(periods)); err != nil {
					return err
				}
				return each(sheet)
			}, from)
		},
		Entries: func(each func(booking.Entry) error) error {
			return read(ctx, `SELECT number, citizen, key, person, service, grp, hall, date, time, places, status, demo, created_at FROM appointment
				WHERE status <> 'cancelled' AND date >= $1 UNION ALL
				SELECT number, citizen, key, person, service, grp, hall, date, time, places, status, demo, created_at FROM appointment
				WHERE number >= $2 AND status = 'cancelled'`, func(scan func(...any) error) error {
				var e booking.Entry
				var person []byte
				var created int64
				err := scan(&e.Number, &e.Citizen, &e.Key, &person, &e.Service, &e.Group, &e.Hall, &e.Date, &e.Time, &e.Places, &e.Status, &e.Demo, &created)
				if err != nil {
					return err
				}
				copy(e.Person[:], person)
				e.Created = fromMillis(created)
				return each(e)
			}, from, made)
		},
		Missed: func(each func(booking.Person, string) error) error {
			return read(ctx, "SELECT person, date FROM appointment WHERE status <> 'cancelled' AND status = 'no_show' AND date >= $2 AND date < $1 ORDER BY date", func(scan func(...any) error) error {
				var person []byte
				var day string
				if err := scan(&person, &day); err != nil {
					return err
				}
				return each(booking.Person(person), day)
			}, from, missed)
		},
		Pardons: func(each func(booking.Person, time.Time, bool) error) error {
			return read(ctx, "SELECT person, at, exempt FROM pardon", func(scan func(...any) error) error {
				var person []byte
				var at int64
				var exempt bool
				if err := scan(&person, &at, &exempt); err != nil {
					return err
				}
				return each(booking.Person(person), fromMillis(at), exempt)
			})
		},
		Holds: func(each func(booking.Hold) error) error {
			return read(ctx, "SELECT id, citizen, service, grp, hall, date, time, places, until, waiting FROM hold", func(scan func(...any) error) error {
				var h booking.Hold
				var until int64
				err := scan(&h.ID, &h.Citizen, &h.Service, &h.Group, &h.Hall, &h.Date, &h.Time, &h.Places, &until, &h.Waiting)
				if err != nil {
					return err
				}
				h.Until = fromMillis(until)
				return each(h)
			})
		},
		Waits:    func(each func(booking.Waiting) error) error { return readWaits(ctx, read, each) },
		Arrivals: func(each func(booking.Arrival) error) error { return readArrivals(ctx, read, from, each) },
	}
}

// persist writes what the diary's deeds of this job changed.
func (t *Tx) persist() {
	for _, e := range t.s.diary.Effects() {
		switch {
		case e.Entry != nil:
			t.later("UPDATE appointment SET status = $2, hall = $3, date = $4, time = $5, demo = $6 WHERE number = $1",
				e.Entry.Number, e.Entry.Status, e.Entry.Hall, e.Entry.Date, e.Entry.Time, e.Entry.Demo)
			if e.Entry.Status != booking.Booked { // what was to remind of it has lost its use
				t.leave(&dropEntry{"appointment:" + e.Entry.Number})
			}
		case e.Hold != nil:
			h := e.Hold
			t.later(`INSERT INTO hold (id, citizen, service, grp, hall, date, time, places, until, waiting) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
				ON CONFLICT (id) DO UPDATE SET service = excluded.service, grp = excluded.grp, hall = excluded.hall, date = excluded.date,
				time = excluded.time, places = excluded.places, until = excluded.until, waiting = excluded.waiting`,
				h.ID, h.Citizen, h.Service, h.Group, h.Hall, h.Date, h.Time, h.Places, millis(h.Until), h.Waiting)
		case e.HoldGone != "":
			t.later("DELETE FROM hold WHERE id = $1", e.HoldGone)
		case e.Waiting != nil:
			w := e.Waiting
			t.later("UPDATE waiting SET status = $2, held_date = $3, held_time = $4, until = $5, told = $6 WHERE id = $1",
				w.ID, w.Status, w.Place.Date, w.Place.Time, millis(w.Until), w.Told)
		case e.Arrival != nil:
			t.saveArrival(e.Arrival)
		case e.Sheet != nil:
			t.later(`INSERT INTO sheet (grp, hall, date, periods) VALUES ($1, $2, $3, $4)
				ON CONFLICT (date, grp, hall) DO UPDATE SET periods = excluded.periods`,
				e.Sheet.Group, e.Sheet.Hall, e.Sheet.Date, writePeriods(e.Sheet.Periods))
		}
	}
}

// writePeriods and parsePeriods keep a sheet's periods as "09:00=10 10:00=10/2
// 11:00=0!*": the places in all, those held back, a mark where somebody shut it
// and a star on samples.
func writePeriods(periods []booking.Period) string {
	var b strings.Builder
	for i, p := range periods {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p.Time + "=" + strconv.Itoa(p.Capacity))
		if p.Kept > 0 {
			b.WriteString("/" + strconv.Itoa(p.Kept))
		}
		if p.Closed {
			b.WriteByte('!')
		}
		if p.Demo {
			b.WriteByte('*')
		}
	}
	return b.String()
}

func parsePeriods(text string) ([]booking.Period, error) {
	periods := make([]booking.Period, 0, strings.Count(text, " ")+1)
	for part := range strings.SplitSeq(text, " ") {
		if part == "" {
			continue
		}
		var p booking.Period
		clock, rest, ok := strings.Cut(part, "=")
		p.Time = clock
		rest, p.Demo = strings.CutSuffix(rest, "*")
		rest, p.Closed = strings.CutSuffix(rest, "!")
		capacity, kept, _ := strings.Cut(rest, "/")
		n, err := strconv.Atoi(capacity)
		k, err2 := strconv.Atoi(cmp.Or(kept, "0"))
		if !ok || err != nil || err2 != nil {
			return nil, fmt.Errorf("periods %q cannot be read", text)
		}
		p.Capacity, p.Kept = n, k
		periods = append(periods, p)
	}
	return periods, nil
}

// openDiary reads the diary and where its numbering stands.
func (s *Store) openDiary(ctx context.Context, read query, now time.Time) error {
	for table, at := range map[string]*int64{"waiting": &s.serial.waiting, "arrival": &s.serial.arrival} {
		err := read(ctx, "SELECT COALESCE(MAX(id), 0) FROM "+table, func(scan func(...any) error) error { return scan(at) })
		if err != nil {
			return fmt.Errorf("number %s: %w", table, err)
		}
	}
	var err error
	s.diary, err = s.loadDiary(ctx, read, now)
	return err
}
