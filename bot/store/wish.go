package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

const wishColumns = "SELECT number, town, category, needs, text, amount, status, claimed_by, claimed, created_at, open_since, fulfilled_at, asked_at FROM wish"

// Wishes implements ticket.Wishes.
func (s *Store) Wishes(ctx context.Context, q ticket.WishQuery) ([]ticket.Wish, error) {
	limit := q.Limit
	if limit == 0 {
		limit = math.MaxInt32
	}
	status := ""
	switch {
	case q.Open:
		status = string(ticket.WishOpen)
	case q.Pending:
		status = string(ticket.WishPending)
	}
	args := []any{q.Town, status, limit}
	fits := anyOf(q.Needs, &args)
	return s.wishes(ctx, ` WHERE ($1 = '' OR town = $1) AND ($2 = '' OR status = $2) AND `+fits+` ORDER BY created_at, number LIMIT $3`, args...)
}

// Needs stand in a column as "|aids|care|".
func joinNeeds(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "|" + strings.Join(ids, "|") + "|"
}

func splitNeeds(column string) []string {
	return strings.FieldsFunc(column, func(r rune) bool { return r == '|' })
}

// anyOf is the condition that the column of needs has any of these, each an
// argument more; without one it holds for all.
func anyOf(ids []string, args *[]any) string {
	if len(ids) == 0 {
		return "1 = 1"
	}
	var each []string
	for _, id := range ids {
		*args = append(*args, "%|"+id+"|%")
		each = append(each, fmt.Sprintf("needs LIKE $%d", len(*args)))
	}
	return "(" + strings.Join(each, " OR ") + ")"
}

// WishesOpenBefore implements ticket.ClaimBooks.
func (s *Store) WishesOpenBefore(ctx context.Context, before time.Time) ([]ticket.Wish, error) {
	return s.wishes(ctx, " WHERE status = 'open' AND open_since <= $1 ORDER BY open_since, number LIMIT 500", millis(before))
}

// Thankable implements ticket.WordBooks.
func (s *Store) Thankable(ctx context.Context, by bot.CitizenID, limit int) ([]ticket.Wish, error) {
	return s.wishes(ctx, ` WHERE number IN (SELECT number FROM ticket WHERE citizen = $1) AND number IN (SELECT wish FROM claim WHERE status = 'delivered')
		OR number IN (SELECT wish FROM claim WHERE citizen = $1 AND status = 'delivered') AND number IN (SELECT wish FROM word WHERE side = 'household' AND status = 'passed')
		ORDER BY created_at DESC, number DESC LIMIT $2`, string(by), limit)
}

func (s *Store) wishes(ctx context.Context, where string, args ...any) ([]ticket.Wish, error) {
	var wishes []ticket.Wish
	err := s.rows(ctx, wishColumns+where, func(scan func(...any) error) error {
		w, err := scanWish(scan)
		wishes = append(wishes, w)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list wishes: %w", err)
	}
	return wishes, nil
}

func scanWish(scan func(...any) error) (ticket.Wish, error) {
	var w ticket.Wish
	var created, since, fulfilled, asked int64
	var needs string
	err := scan(&w.Number, &w.Town, &w.Category, &needs, &w.Text, &w.Amount, &w.Status, &w.ClaimedBy, &w.Claimed, &created, &since, &fulfilled, &asked)
	w.Needs = splitNeeds(needs)
	w.CreatedAt, w.OpenSince, w.Fulfilled, w.AskedAt = fromMillis(created), fromMillis(since), fromMillis(fulfilled), fromMillis(asked)
	return w, err
}

// KeepWish implements ticket.Wishes.
func (s *Store) KeepWish(_ context.Context, tx bot.Tx, w ticket.Wish) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	if w.OpenSince.IsZero() {
		w.OpenSince = w.CreatedAt
	}
	if _, err := t.exec(`INSERT INTO wish (number, town, category, text, amount, status, created_at, open_since, needs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (number) DO NOTHING`,
		w.Number, w.Town, w.Category, w.Text, w.Amount, w.Status, millis(w.CreatedAt), millis(w.OpenSince), joinNeeds(w.Needs)); err != nil {
		return fmt.Errorf("insert wish: %w", err)
	}
	return nil
}

// publish puts a wish on the public list, as it is worded now. What somebody
// has claimed or fulfilled stays as it is.
func (t *Tx) publish(w ticket.Wish) error {
	n, err := t.exec(`INSERT INTO wish (number, town, category, text, amount, status, created_at, open_since, needs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (number) DO UPDATE SET town = excluded.town, category = excluded.category, text = excluded.text, amount = excluded.amount,
			status = excluded.status, needs = excluded.needs, open_since = excluded.open_since WHERE wish.status IN ('pending', 'withdrawn', 'government')`,
		w.Number, w.Town, w.Category, w.Text, w.Amount, w.Status, millis(w.CreatedAt), millis(w.OpenSince), joinNeeds(w.Needs))
	if err != nil {
		return fmt.Errorf("publish wish: %w", err)
	}
	if n == 0 {
		return &ticket.Refusal{Text: "这个心愿已经有人认领，或已经实现了。", Cause: "wish is claimed or fulfilled"}
	}
	return nil
}

// OpenWish implements ticket.ClaimBooks.
func (s *Store) OpenWish(_ context.Context, tx bot.Tx, number string) (ticket.Wish, []ticket.Claim, error) {
	t, err := in(tx)
	if err != nil {
		return ticket.Wish{}, nil, err
	}
	w, found := ticket.Wish{}, false
	err = t.rows(wishColumns+" WHERE number = $1", []any{number}, func(scan func(...any) error) error {
		found = true
		w, err = scanWish(scan)
		return err
	})
	if err != nil {
		return w, nil, fmt.Errorf("load wish: %w", err)
	}
	if !found {
		return w, nil, ticket.ErrNoTicket
	}
	var sealed []sealedClaim
	err = t.rows(claimColumns+" WHERE wish = $1 ORDER BY id", []any{number}, func(scan func(...any) error) error {
		r, err := scanClaim(scan)
		sealed = append(sealed, r)
		return err
	})
	if err != nil {
		return w, nil, fmt.Errorf("load claims: %w", err)
	}
	claims, err := openClaims(sealed, t.keyFunc)
	return w, claims, err
}

// SaveWish implements ticket.ClaimBooks.
func (s *Store) SaveWish(_ context.Context, tx bot.Tx, w ticket.Wish) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE wish SET status = $2, claimed_by = $3, claimed = $4, open_since = $5, fulfilled_at = $6, asked_at = $7 WHERE number = $1`,
		w.Number, w.Status, w.ClaimedBy, w.Claimed, millis(w.OpenSince), millis(w.Fulfilled), millis(w.AskedAt)); err != nil {
		return fmt.Errorf("save wish: %w", err)
	}
	return nil
}

// Record implements ticket.ClaimBooks.
func (s *Store) Record(_ context.Context, tx bot.Tx, number string, step ticket.Step) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	v, found, err := t.ticket("number = $1", number)
	if err == nil && !found {
		err = ticket.ErrNoTicket
	}
	if err != nil {
		return err
	}
	if err := t.step(number, v.Citizen, step); err != nil {
		return err
	}
	return t.Announce(bot.Change{At: step.At, Kind: bot.ChangeTicket, Citizen: v.Citizen, Ref: number})
}

// Programme sums up what 民生大莞家 has come to.
func (s *Store) Programme(ctx context.Context) (ticket.Numbers, error) {
	var n ticket.Numbers
	all, err := s.Wishes(ctx, ticket.WishQuery{})
	if err != nil {
		return n, err
	}
	n.Sum(all)
	err = s.rows(ctx, "SELECT status, life FROM ticket WHERE kind = 'help'", func(scan func(...any) error) error {
		var status ticket.Status
		var life string
		if err := scan(&status, &life); err != nil {
			return err
		}
		l, err := livedOf(life)
		n.Help++
		n.Paid += l.Paid
		if status == ticket.Closed {
			n.Answered++
		}
		return err
	})
	if err != nil {
		return n, fmt.Errorf("sum up help: %w", err)
	}
	stmt, err := s.read(ctx, "SELECT COUNT(DISTINCT citizen) FROM donor")
	if err != nil {
		return n, err
	}
	return n, stmt.QueryRowContext(ctx).Scan(&n.Donors)
}
