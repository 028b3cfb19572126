package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

var _ ticket.Books = (*Store)(nil)

// ruleLimits is the name under which an administrator's limits are kept.
const ruleLimits = "limits"

// TicketRules implements ticket.Books.
func (s *Store) TicketRules() ticket.Rules { return *s.laws.Load() }

// readLaws reads what an administrator changed of the limits.
func (s *Store) readLaws(ctx context.Context, o Options) error {
	limits := ticket.StandardLimits()
	var body string
	err := s.reads.QueryRowContext(ctx, s.tables.dialect().bind("SELECT body FROM rule WHERE name = $1"), ruleLimits).Scan(&body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read limits: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal([]byte(body), &limits); err != nil {
			return fmt.Errorf("decode limits: %w", err)
		}
	}
	s.putLaws(limits, o.Calendar, o.Names)
	return nil
}

func (s *Store) putLaws(l ticket.Limits, days Workdays, names ticket.Names) {
	s.laws.Store(&ticket.Rules{Limits: l, Clock: ticket.NewClock(days, l), Names: names})
}

// SaveLimits puts other limits in force: for tickets filed, and steps taken,
// from now on.
func (s *Store) SaveLimits(ctx context.Context, l ticket.Limits, by string, at time.Time) error {
	if err := l.Check(); err != nil {
		return err
	}
	body, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode limits: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec(`INSERT INTO rule (name, body, changed_at, changed_by) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
			ruleLimits, string(body), millis(at), by)
		return err
	})
	if err != nil {
		return fmt.Errorf("save limits: %w", err)
	}
	old := s.TicketRules()
	s.putLaws(l, s.days, old.Names)
	return nil
}

// Open implements ticket.Books.
func (s *Store) Open(_ context.Context, tx bot.Tx, number string) (ticket.Ticket, error) {
	t, err := in(tx)
	if err != nil {
		return ticket.Ticket{}, err
	}
	v, found, err := t.ticket("number = $1", number)
	if err == nil && !found {
		err = ticket.ErrNoTicket
	}
	return v, err
}

// Done implements ticket.Books.
func (s *Store) Done(_ context.Context, tx bot.Tx, number, key string) (bool, error) {
	t, err := in(tx)
	if err != nil {
		return false, err
	}
	var one int
	return t.row("SELECT 1 FROM step WHERE ticket = $1 AND key = $2 AND key <> ''", []any{number, key}, &one)
}

// Enter implements ticket.Books.
func (s *Store) Enter(_ context.Context, tx bot.Tx, c ticket.Command, o ticket.Outcome) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	v := o.Ticket
	v.UpdatedAt = c.At
	if err := t.saveTicket(v); err != nil {
		return err
	}
	if err := t.step(v.Number, v.Citizen, o.Step); err != nil {
		return err
	}
	switch c.Action {
	case ticket.DoWithdraw, ticket.DoClose, ticket.DoReject, ticket.DoHide:
		if _, err := t.exec("UPDATE wish SET status = 'withdrawn' WHERE number = $1 AND status IN ('pending', 'open')", v.Number); err != nil {
			return fmt.Errorf("withdraw wish: %w", err)
		}
	case ticket.DoPublish:
		if err := t.publish(*o.Wish); err != nil {
			return err
		}
	}
	if c.Category != "" && c.By.Role == ticket.RoleCentre {
		if err := t.correct(v, c); err != nil {
			return err
		}
	}
	if c.Action == ticket.DoMerge {
		if _, err := t.exec("UPDATE ticket SET linked = linked + 1 + (SELECT linked FROM ticket WHERE number = $2) WHERE number = $1", c.Into, v.Number); err != nil {
			return fmt.Errorf("count linked: %w", err)
		}
		if _, err := t.exec("UPDATE ticket SET root = $1 WHERE root = $2", c.Into, v.Number); err != nil {
			return fmt.Errorf("move linked: %w", err)
		}
	}
	if c.Action == ticket.DoClose && v.Life.Linked > 0 { // those linked to it are to hear of it
		if _, err := t.exec("UPDATE ticket SET next_at = $2 WHERE root = $1", v.Number, millis(c.At)); err != nil {
			return fmt.Errorf("wake linked: %w", err)
		}
	}
	for _, n := range o.Notices {
		if err := t.notice(v.Number, c, n); err != nil {
			return err
		}
	}
	return t.Announce(bot.Change{At: c.At, Kind: bot.ChangeTicket, Citizen: v.Citizen, Ref: v.Number})
}

// saveTicket writes a ticket that was read in this commit: the version it was
// read at must still stand.
func (t *Tx) saveTicket(v ticket.Ticket) error {
	body, err := t.sealTicket(v)
	if errors.Is(err, ErrForgotten) {
		body, err = []byte{}, nil // what is gone stays gone
	}
	if err != nil {
		return err
	}
	life, err := lifeOf(v)
	if err != nil {
		return err
	}
	n, err := t.exec(`UPDATE ticket SET version = $2, status = $3, category = $4, department = $5, due_at = $6, body = $7, holder = $8,
		root = $9, next_at = $10, updated_at = $11, life = $12 WHERE number = $1 AND version = $2 - 1`,
		v.Number, v.Life.Version, v.Status, v.Category, v.Department, millis(v.DueAt), body, v.Life.Holder.String(),
		v.Life.Root, millis(v.Life.NextAt), millis(v.UpdatedAt), life)
	if err != nil {
		return fmt.Errorf("save ticket: %w", err)
	}
	if n == 0 {
		return ticket.ErrStale
	}
	return nil
}

// correct keeps what a person made of the sorting, to learn from.
func (t *Tx) correct(v ticket.Ticket, c ticket.Command) error {
	_, err := t.exec(`INSERT INTO correction (ticket, at, speaker, was, category) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (ticket) DO UPDATE SET at = excluded.at, speaker = excluded.speaker, category = excluded.category`,
		v.Number, millis(c.At), c.By.Name, c.Was, c.Category)
	if err != nil {
		return fmt.Errorf("keep correction: %w", err)
	}
	return nil
}

func (t *Tx) notice(number string, c ticket.Command, n ticket.Notice) error {
	reader := n.To.String()
	if n.Citizen {
		reader = "citizen"
	}
	_, err := t.exec("INSERT INTO notice (ticket, at, reader, alarm, action) VALUES ($1, $2, $3, $4, $5)",
		number, millis(c.At), reader, n.Alarm, c.Action)
	if err != nil {
		return fmt.Errorf("insert notice: %w", err)
	}
	return nil
}

// Notices of a ticket, oldest first.
func (s *Store) Notices(ctx context.Context, number string) ([]ticket.Told, error) {
	return s.told(ctx, "ticket = $1 ORDER BY id", number)
}

func (s *Store) told(ctx context.Context, where string, args ...any) ([]ticket.Told, error) {
	var out []ticket.Told
	err := s.rows(ctx, "SELECT ticket, at, reader, alarm, action FROM notice WHERE "+where, func(scan func(...any) error) error {
		var v ticket.Told
		var at int64
		err := scan(&v.Ticket, &at, &v.Reader, &v.Alarm, &v.Action)
		v.At = fromMillis(at)
		out = append(out, v)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return out, nil
}

// Waiting implements ticket.Books.
func (s *Store) Waiting(ctx context.Context, now time.Time, limit int) ([]string, error) {
	var out []string
	err := s.rows(ctx, "SELECT number FROM ticket WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT $2", func(scan func(...any) error) error {
		var n string
		err := scan(&n)
		out = append(out, n)
		return err
	}, millis(now), limit)
	return out, err
}

// Postpone implements ticket.Books.
func (s *Store) Postpone(_ context.Context, tx bot.Tx, number string, until time.Time) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE ticket SET next_at = $2 WHERE number = $1", number, millis(until))
	return err
}

// WhereHeard implements ticket.Books.
func (s *Store) WhereHeard(ctx context.Context, citizen bot.CitizenID) (bot.Address, bot.Language, bool, error) {
	conv, err := s.Conversation(ctx, citizen)
	if errors.Is(err, ErrForgotten) || errors.Is(err, ErrNoCitizen) {
		return bot.Address{}, bot.Simplified, false, nil
	}
	if err != nil {
		return bot.Address{}, bot.Simplified, false, err
	}
	language := conv.Language
	if language == "" {
		language = bot.Simplified
	}
	if conv.Address.ID != "" {
		return conv.Address, language, true, nil
	}
	for _, channel := range []bot.Channel{bot.WeChat, bot.Web} { // known, but never spoken with
		if a, ok, err := s.AddressOf(ctx, citizen, channel); ok || err != nil && !errors.Is(err, ErrNoCitizen) && !errors.Is(err, ErrForgotten) {
			return a, language, ok, err
		}
	}
	return bot.Address{}, language, false, nil
}

// link looks for an open ticket of the same place and matter and makes the
// new one a part of it; where there is none, later ones find this one.
func (t *Tx) link(v *ticket.Ticket, r ticket.Rules) error {
	if !ticket.Links(*v) || v.Status != ticket.Accepted {
		return nil
	}
	own, beside := ticket.Places(*v, r.Limits.Near)
	since := sinceSpan(v.CreatedAt, r.Limits.Link)
	root := ""
	for _, key := range beside {
		var found string
		ok, err := t.row(similar, []any{t.s.placeHash(key), v.Category, millis(since)}, &found)
		if err != nil {
			return fmt.Errorf("find similar: %w", err)
		}
		if ok && (root == "" || found < root) {
			root = found
		}
	}
	if root != "" {
		v.Life.Root, v.Status = root, ticket.Merged
		_, err := t.exec("UPDATE ticket SET linked = linked + 1 WHERE number = $1", root)
		return err
	}
	for _, key := range own {
		if _, err := t.exec("INSERT INTO place (hash, ticket, category, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			t.s.placeHash(key), v.Number, v.Category, millis(v.CreatedAt)); err != nil {
			return fmt.Errorf("keep place: %w", err)
		}
	}
	return nil
}

// similar finds the oldest open ticket of a place and category.
const similar = `SELECT p.ticket FROM place p JOIN ticket v ON v.number = p.ticket
	WHERE p.hash = $1 AND p.category = $2 AND p.at >= $3 AND v.root = ''
	AND v.status NOT IN ('rejected', 'withdrawn', 'merged', 'closed') ORDER BY p.at LIMIT 1`

func (s *Store) placeHash(key string) []byte { return s.ring.blind("place", key) }

func sinceSpan(t time.Time, s ticket.Span) time.Time { return t.AddDate(0, 0, -s.N) }

// Similar implements ticket.Ledger.
func (s *Store) Similar(ctx context.Context, v ticket.Ticket) (ticket.Ticket, error) {
	r := s.TicketRules()
	if !ticket.Links(v) {
		return v, ticket.ErrNoTicket
	}
	_, beside := ticket.Places(v, r.Limits.Near)
	stmt, err := s.read(ctx, similar)
	if err != nil {
		return v, err
	}
	root := ""
	for _, key := range beside {
		var found string
		err := stmt.QueryRowContext(ctx, s.placeHash(key), v.Category, millis(sinceSpan(v.CreatedAt, r.Limits.Link))).Scan(&found)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return v, fmt.Errorf("find similar: %w", err)
		}
		if err == nil && (root == "" || found < root) {
			root = found
		}
	}
	if root == "" {
		return v, ticket.ErrNoTicket
	}
	found, err := s.tickets(ctx, " WHERE number = $1", root)
	if err != nil || len(found) == 0 {
		return v, errors.Join(err, ticket.ErrNoTicket)
	}
	return found[0], nil
}

// Inbox lists what an actor sees, the earliest due first.
func (s *Store) Inbox(ctx context.Context, q ticket.InboxQuery) ([]ticket.Ticket, error) {
	where, args := inboxWhere(q)
	args = append(args, q.Limit)
	return s.tickets(ctx, fmt.Sprintf(" WHERE %s ORDER BY due_at, number LIMIT $%d", where, len(args)), args...)
}

// inboxWhere narrows to what the right allows: the same as Actor.Sees, by
// columns.
func inboxWhere(q ticket.InboxQuery) (string, []any) {
	var parts []string
	var args []any
	add := func(part string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			part = strings.Replace(part, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		parts = append(parts, part)
	}
	if q.Actor.Role != ticket.RoleCentre {
		body := q.Actor.Body.String()
		switch {
		case !q.Actor.Worker():
			add("1 = 0")
		case q.Actor.Body.Department != "" && q.Actor.Body.Town == "":
			add("(holder = ? OR substr(holder, 1, ?) = ?)", body, len(body)+1, body+"@")
		case q.Actor.Role == ticket.RoleTown:
			v := "v:" + q.Actor.Body.Town + "/"
			add("(holder IN (?, ?) OR substr(holder, 1, ?) = ?)", body, "s:"+q.Actor.Body.Town, len(v), v)
		default:
			add("holder = ?", body)
		}
	}
	add("root = ''")
	if len(q.States) > 0 {
		marks := make([]string, len(q.States))
		values := make([]any, len(q.States))
		for i, st := range q.States {
			marks[i], values[i] = "?", st
		}
		add("status IN ("+strings.Join(marks, ", ")+")", values...)
	}
	if q.Town != "" {
		add("town = ?", q.Town)
	}
	if q.Late {
		add("due_at < ?", millis(q.Now))
	}
	return strings.Join(parts, " AND "), args
}

// InboxCounts counts what an actor sees by status.
func (s *Store) InboxCounts(ctx context.Context, a ticket.Actor) (map[ticket.Status]int, error) {
	where, args := inboxWhere(ticket.InboxQuery{Actor: a})
	counts := map[ticket.Status]int{}
	err := s.rows(ctx, "SELECT status, COUNT(*) FROM ticket WHERE "+where+" GROUP BY status", func(scan func(...any) error) error {
		var st ticket.Status
		var n int
		err := scan(&st, &n)
		counts[st] = n
		return err
	}, args...)
	return counts, err
}

// Linked are the numbers of the tickets linked to one, oldest first.
func (s *Store) Linked(ctx context.Context, number string, limit int) ([]string, error) {
	var out []string
	err := s.rows(ctx, "SELECT number FROM ticket WHERE root = $1 ORDER BY created_at, number LIMIT $2", func(scan func(...any) error) error {
		var n string
		err := scan(&n)
		out = append(out, n)
		return err
	}, number, limit)
	return out, err
}

// Correction is what a person made of the sorting of a ticket.
type Correction struct {
	Ticket   string
	At       time.Time
	By       string
	Was      string // category before, empty where the sorting was unsure
	Category string
	Text     bot.Secret
}

// Corrections lists what people corrected since, oldest first, with the words
// that were sorted.
func (s *Store) Corrections(ctx context.Context, since time.Time) ([]Correction, error) {
	var out []Correction
	err := s.rows(ctx, "SELECT ticket, at, speaker, was, category FROM correction WHERE at >= $1 ORDER BY at, ticket", func(scan func(...any) error) error {
		var v Correction
		var at int64
		err := scan(&v.Ticket, &at, &v.By, &v.Was, &v.Category)
		v.At = fromMillis(at)
		out = append(out, v)
		return err
	}, millis(since))
	if err != nil {
		return nil, fmt.Errorf("list corrections: %w", err)
	}
	for i := range out {
		v, err := s.tickets(ctx, " WHERE number = $1", out[i].Ticket)
		if err != nil {
			return nil, err
		}
		if len(v) == 1 {
			out[i].Text = v[0].Text
		}
	}
	return out, nil
}
