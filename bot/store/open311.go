package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// ErrKeyExists means that the name of a key is taken.
var ErrKeyExists = errors.New("a key of this name exists already")

func hashKey(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// AddKey lets somebody file through the public interface. Only the hash of the
// secret is kept.
func (s *Store) AddKey(ctx context.Context, name, secret string, quota int, at time.Time) error {
	return s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("INSERT INTO api_key (hash, name, quota, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", hashKey(secret), name, quota, millis(at))
		if err == nil && n == 0 {
			return ErrKeyExists
		}
		return err
	})
}

// RevokeKey ends a key; what was filed with it stays.
func (s *Store) RevokeKey(ctx context.Context, name string, at time.Time) error {
	return s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("UPDATE api_key SET revoked_at = $2 WHERE name = $1 AND revoked_at = 0", name, millis(at))
		if err == nil && n == 0 {
			return ticket.ErrNoKey
		}
		return err
	})
}

// Keys lists them by name.
func (s *Store) Keys(ctx context.Context, now time.Time) ([]ticket.APIKey, error) {
	var out []ticket.APIKey
	today := dayOf(now)
	err := s.rows(ctx, "SELECT name, quota, day, used, created_at, revoked_at FROM api_key ORDER BY name", func(scan func(...any) error) error {
		var k ticket.APIKey
		var day string
		var created, revoked int64
		err := scan(&k.Name, &k.Quota, &day, &k.Used, &created, &revoked)
		if day != today {
			k.Used = 0
		}
		k.CreatedAt, k.Revoked = fromMillis(created), revoked > 0
		out = append(out, k)
		return err
	})
	return out, err
}

func dayOf(t time.Time) string { return t.In(bot.Shanghai()).Format(time.DateOnly) }

// KeyName finds whose key a secret is; ErrNoKey where it is nobody's.
func (s *Store) KeyName(ctx context.Context, secret string) (string, error) {
	stmt, err := s.read(ctx, "SELECT name FROM api_key WHERE hash = $1 AND revoked_at = 0")
	if err != nil {
		return "", err
	}
	var name string
	err = stmt.QueryRowContext(ctx, hashKey(secret)).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ticket.ErrNoKey
	}
	return name, err
}

// FilePublic files a report that came through the public interface: it counts
// against the key's quota, and the key may add to it later. A token, if one is
// given, finds the ticket.
func (s *Store) FilePublic(ctx context.Context, tx bot.Tx, secret, token string, v ticket.Ticket) (ticket.Ticket, error) {
	t, err := in(tx)
	if err != nil {
		return v, err
	}
	var name, day string
	var quota, used int
	found, err := t.row("SELECT name, quota, day, used FROM api_key WHERE hash = $1 AND revoked_at = 0", []any{hashKey(secret)}, &name, &quota, &day, &used)
	if err != nil || !found {
		return v, errors.Join(err, ticket.ErrNoKey)
	}
	today := dayOf(v.CreatedAt)
	if day != today {
		used = 0
	}
	if used >= quota {
		return v, ticket.ErrQuota
	}
	if _, err := t.exec("UPDATE api_key SET day = $2, used = $3 WHERE name = $1", name, today, used+1); err != nil {
		return v, fmt.Errorf("count against quota: %w", err)
	}
	if v, err = s.File(ctx, tx, v); err != nil {
		return v, err
	}
	var hash any
	if token != "" {
		hash = hashKey(token)
	}
	_, err = t.exec("INSERT INTO api_request (ticket, name, token) VALUES ($1, $2, $3) ON CONFLICT (ticket) DO NOTHING", v.Number, name, hash)
	return v, err
}

// FiledBy is the name of the key a ticket was filed with, empty if with none.
func (s *Store) FiledBy(ctx context.Context, number string) (string, error) {
	stmt, err := s.read(ctx, "SELECT name FROM api_request WHERE ticket = $1")
	if err != nil {
		return "", err
	}
	var name string
	err = stmt.QueryRowContext(ctx, number).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return name, err
}

// ByToken finds the ticket a token was given for; ErrNoToken where there is
// none.
func (s *Store) ByToken(ctx context.Context, token string) (ticket.Public, error) {
	stmt, err := s.read(ctx, "SELECT ticket FROM api_request WHERE token = $1")
	if err != nil {
		return ticket.Public{}, err
	}
	var number string
	err = stmt.QueryRowContext(ctx, hashKey(token)).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return ticket.Public{}, ticket.ErrNoToken
	}
	if err != nil {
		return ticket.Public{}, err
	}
	found, err := s.publicTickets(ctx, " WHERE number = $1", nil, 1, number)
	if err == nil && len(found) == 0 {
		err = ticket.ErrNoToken
	}
	if err != nil {
		return ticket.Public{}, err
	}
	return found[0], nil
}

// Public lists what anybody may know of reports; those that are to stay
// confidential, and requests for help, are not among them. Nothing sealed is
// opened.
func (s *Store) Public(ctx context.Context, q ticket.PublicQuery) ([]ticket.Public, error) {
	if len(q.Numbers) > 0 {
		var out []ticket.Public
		for _, n := range q.Numbers[:min(len(q.Numbers), q.Limit)] {
			found, err := s.publicTickets(ctx, " WHERE number = $1", nil, 1, n)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
		return out, nil
	}
	keep := func(p ticket.Public) bool {
		open := !slices.Contains([]ticket.Status{ticket.Closed, ticket.Rejected, ticket.Merged, ticket.Withdrawn}, p.Status)
		return (q.Open == nil || *q.Open == open) && (len(q.Categories) == 0 || slices.Contains(q.Categories, p.Category))
	}
	return s.publicTickets(ctx, " WHERE kind = 'report' AND created_at >= $1 AND created_at <= $2 ORDER BY created_at DESC, number DESC", keep, q.Limit, millis(q.From), millis(q.To))
}

// errEnough ends a reading that has what it wants.
var errEnough = errors.New("enough")

func (s *Store) publicTickets(ctx context.Context, where string, keep func(ticket.Public) bool, limit int, args ...any) ([]ticket.Public, error) {
	var out []ticket.Public
	err := s.rows(ctx, `SELECT number, kind, type, category, title, town, status, due_at, created_at, holder, root, updated_at, life FROM ticket`+where, func(scan func(...any) error) error {
		var p ticket.Public
		var kind ticket.Kind
		var holder, life string
		var due, created, updated int64
		if err := scan(&p.Number, &kind, &p.Type, &p.Category, &p.Title, &p.Town, &p.Status, &due, &created, &holder, &p.Root, &updated, &life); err != nil {
			return err
		}
		l, err := livedOf(life)
		if err != nil {
			return err
		}
		if p.Holder, err = ticket.ParseBody(holder); err != nil {
			return err
		}
		p.Filed, p.Updated, p.Due, p.Village = fromMillis(created), fromMillis(max(updated, created)), fromMillis(due), l.Village
		p.Reopened, p.Satisfied = !l.ReopenedAt.IsZero(), l.Satisfied
		if kind == ticket.Report && !l.Hidden && (keep == nil || keep(p)) {
			out = append(out, p)
		}
		if len(out) >= limit {
			return errEnough
		}
		return nil
	}, args...)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("list public reports: %w", err)
	}
	return out, nil
}

// PublicSteps are the steps of public reports in a stretch of time, oldest
// first.
func (s *Store) PublicSteps(ctx context.Context, from, to time.Time, limit int) ([]ticket.PublicStep, error) {
	var out []ticket.PublicStep
	err := s.rows(ctx, `SELECT s.id, s.ticket, s.at, s.action, s.status, t.life FROM step s JOIN ticket t ON t.number = s.ticket
		WHERE s.at >= $1 AND s.at <= $2 AND t.kind = 'report' AND s.action IN ('`+strings.Join(publicActions(), "', '")+`') ORDER BY s.id LIMIT $3`, func(scan func(...any) error) error {
		var p ticket.PublicStep
		var at int64
		var life string
		if err := scan(&p.ID, &p.Number, &at, &p.Action, &p.Status, &life); err != nil {
			return err
		}
		l, err := livedOf(life)
		if err == nil && !l.Hidden {
			p.At = fromMillis(at)
			out = append(out, p)
		}
		return err
	}, millis(from), millis(to), limit)
	if err != nil {
		return nil, fmt.Errorf("list public steps: %w", err)
	}
	return out, nil
}

// publicActions are the steps anybody may know of.
func publicActions() []string {
	var out []string
	for _, a := range []ticket.Action{
		ticket.DoDispatch, ticket.DoSign, ticket.DoReturn, ticket.DoContact, ticket.DoVisit, ticket.DoExtend, ticket.DoGrant, ticket.DoReply,
		ticket.DoApprove, ticket.DoClose, ticket.DoRedo, ticket.DoMerge, ticket.DoReject, ticket.DoWithdraw, ticket.DoSupplement,
	} {
		out = append(out, string(a))
	}
	return out
}
