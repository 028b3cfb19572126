package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
)

// Backlog is how many wait, and since when the first does (zero: nobody).
type Backlog struct {
	N     int64
	Since time.Time
}

// Standing is what waits and stands in the records, by kind; no words and
// nobody's name.
type Standing struct {
	Unanswered Backlog            // messages received and not answered yet
	Due        Backlog            // replies that should be with their platform by now
	Outbox     map[string]int64   // replies by status: waiting, held, dead
	Handoffs   map[string]Backlog // urgent and waiting: for a person; held: by one
	Tickets    map[string]Tickets // open, by kind
	Booked     map[string]int64   // the day's appointments by status
}

// Tickets are how many are open, and past their limit.
type Tickets struct{ Open, Overdue int64 }

// Standing reads what stands at a time.
func (s *Store) Standing(ctx context.Context, now time.Time) (Standing, error) {
	v := Standing{Outbox: map[string]int64{}, Handoffs: map[string]Backlog{}, Tickets: map[string]Tickets{}, Booked: map[string]int64{}}
	for _, read := range []struct {
		query string
		args  []any
		take  func(name string, n, m int64)
	}{
		{"SELECT '', COUNT(*), COALESCE(MIN(received_at), 0) FROM inbox WHERE answered = 0", nil,
			func(_ string, n, since int64) { v.Unanswered = Backlog{n, fromMillis(since)} }},
		{"SELECT '', COUNT(*), COALESCE(MIN(due), 0) FROM outbox WHERE status = 'waiting' AND due <= $1", []any{millis(now)},
			func(_ string, n, since int64) { v.Due = Backlog{n, fromMillis(since)} }},
		{"SELECT status, COUNT(*), 0 FROM outbox WHERE status IN ('waiting', 'held') GROUP BY status", nil,
			func(status string, n, _ int64) { v.Outbox[status] = n }},
		{"SELECT 'dead', COUNT(*), 0 FROM outbox WHERE status = 'dead'", nil,
			func(status string, n, _ int64) { v.Outbox[status] = n }},
		{`SELECT CASE WHEN status = 'taken' THEN 'held' WHEN priority = 0 THEN 'urgent' ELSE 'waiting' END, COUNT(*), MIN(at)
			FROM handoff WHERE status <> 'closed' GROUP BY 1`, nil,
			func(state string, n, since int64) { v.Handoffs[state] = Backlog{n, fromMillis(since)} }},
		{`SELECT kind, COUNT(*), SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END) FROM ticket
			WHERE status NOT IN ('rejected', 'closed', 'withdrawn', 'merged') GROUP BY kind`, []any{millis(now)},
			func(kind string, n, late int64) { v.Tickets[kind] = Tickets{n, late} }},
		{"SELECT status, COUNT(*), 0 FROM appointment WHERE date = $1 AND status <> 'cancelled' GROUP BY status", []any{now.In(bot.Shanghai()).Format(time.DateOnly)},
			func(status string, n, _ int64) { v.Booked[status] = n }},
	} {
		err := s.rows(ctx, read.query, func(scan func(...any) error) error {
			var name string
			var n, m int64
			err := scan(&name, &n, &m)
			if err == nil {
				read.take(name, n, m)
			}
			return err
		}, read.args...)
		if err != nil {
			return v, fmt.Errorf("read what stands: %w", err)
		}
	}
	return v, nil
}
