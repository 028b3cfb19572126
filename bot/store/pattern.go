package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// usualDays is how far back what is usual is counted.
const usualDays = 28

// WatchSurges looks for sudden events and raises them to the desk: a change
// of kind ChangeSurge, whose reference is the event's id. One that still goes
// on grows instead of being raised again.
func (s *Store) WatchSurges(ctx context.Context, now time.Time) error {
	limits := s.TicketRules().Limits.Surge
	window := s.TicketRules().Clock.After(now, limits.Window).Sub(now)
	type matter struct {
		category, town string
		count          int
	}
	var many []matter
	err := s.rows(ctx, `SELECT category, town, COUNT(*) FROM ticket WHERE created_at > $1 AND created_at <= $2 AND kind = 'report' AND category <> '' AND town <> ''
		GROUP BY category, town HAVING COUNT(*) >= $3`, func(scan func(...any) error) error {
		var m matter
		err := scan(&m.category, &m.town, &m.count)
		many = append(many, m)
		return err
	}, millis(now.Add(-window)), millis(now), limits.Least)
	if err != nil {
		return fmt.Errorf("count reports: %w", err)
	}
	for _, m := range many {
		usual, err := s.usual(ctx, m.category, m.town, now.Add(-window), window)
		if err != nil {
			return err
		}
		if limits.Sudden(m.count, usual) {
			err = s.raise(ctx, ticket.Surge{Category: m.category, Town: m.town, At: now, Count: m.count, Usual: usual}, window)
		}
		if err != nil {
			return fmt.Errorf("raise event: %w", err)
		}
	}
	return nil
}

// usual is how many reports of a matter a window had in the weeks before.
func (s *Store) usual(ctx context.Context, category, town string, until time.Time, window time.Duration) (float64, error) {
	stmt, err := s.read(ctx, "SELECT COUNT(*) FROM ticket WHERE kind = 'report' AND category = $1 AND town = $2 AND created_at > $3 AND created_at <= $4")
	if err != nil {
		return 0, err
	}
	n := 0
	if err := stmt.QueryRowContext(ctx, category, town, millis(until.AddDate(0, 0, -usualDays)), millis(until)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count usual reports: %w", err)
	}
	return float64(n) * window.Hours() / (usualDays * 24), nil
}

func (s *Store) raise(ctx context.Context, e ticket.Surge, window time.Duration) error {
	return s.writer.commit(ctx, func(t *Tx) error {
		var id int64
		going, err := t.row("SELECT id FROM surge WHERE category = $1 AND town = $2 AND last_at > $3 ORDER BY id DESC LIMIT 1",
			[]any{e.Category, e.Town, millis(e.At.Add(-window))}, &id)
		if err != nil {
			return err
		}
		if going {
			_, err := t.exec("UPDATE surge SET last_at = $2, count = CASE WHEN count > $3 THEN count ELSE $3 END WHERE id = $1", id, millis(e.At), e.Count)
			return err
		}
		if _, err := t.exec("INSERT INTO surge (category, town, at, last_at, count, usual) VALUES ($1, $2, $3, $3, $4, $5)",
			e.Category, e.Town, millis(e.At), e.Count, e.Usual); err != nil {
			return err
		}
		if _, err := t.row("SELECT MAX(id) FROM surge", nil, &id); err != nil {
			return err
		}
		return t.Announce(bot.Change{At: e.At, Kind: bot.ChangeSurge, Ref: strconv.FormatInt(id, 10)})
	})
}

// Events are the sudden events noticed since, newest first.
func (s *Store) Events(ctx context.Context, since time.Time) ([]ticket.Surge, error) {
	var out []ticket.Surge
	err := s.rows(ctx, "SELECT id, category, town, at, last_at, count, usual FROM surge WHERE last_at >= $1 ORDER BY id DESC LIMIT 50", func(scan func(...any) error) error {
		var v ticket.Surge
		var at, last int64
		err := scan(&v.ID, &v.Category, &v.Town, &at, &last, &v.Count, &v.Usual)
		v.At, v.LastAt = fromMillis(at), fromMillis(last)
		out = append(out, v)
		return err
	}, millis(since))
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return out, nil
}

// Period is the report on a stretch of time, made without opening anything
// sealed.
func (s *Store) Period(ctx context.Context, from, to time.Time) (ticket.Period, error) {
	var all []ticket.Ticket
	err := s.rows(ctx, ticketColumns+" WHERE created_at >= $1 AND created_at < $2", func(scan func(...any) error) error {
		r, err := scanTicket(scan)
		all = append(all, r.v)
		return err
	}, millis(ticket.History(from, to)), millis(to))
	if err != nil {
		return ticket.Period{}, fmt.Errorf("read period: %w", err)
	}
	return ticket.Summarise(all, from, to, to), nil
}
