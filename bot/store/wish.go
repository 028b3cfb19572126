package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Wishes implements ticket.Wishes.
func (s *Store) Wishes(ctx context.Context, q ticket.WishQuery) ([]ticket.Wish, error) {
	limit := q.Limit
	if limit == 0 {
		limit = -1
	}
	status := ""
	if q.Open {
		status = string(ticket.WishOpen)
	}
	var wishes []ticket.Wish
	err := s.rows(ctx, `SELECT number, town, category, text, amount, status, claimed_by, created_at FROM wish
		WHERE ($1 = '' OR town = $1) AND ($2 = '' OR status = $2) ORDER BY created_at, number LIMIT $3`,
		func(scan func(...any) error) error {
			w, err := scanWish(scan)
			wishes = append(wishes, w)
			return err
		}, q.Town, status, limit)
	if err != nil {
		return nil, fmt.Errorf("list wishes: %w", err)
	}
	return wishes, nil
}

func scanWish(scan func(...any) error) (ticket.Wish, error) {
	var w ticket.Wish
	var created int64
	err := scan(&w.Number, &w.Town, &w.Category, &w.Text, &w.Amount, &w.Status, &w.ClaimedBy, &created)
	w.CreatedAt = fromMillis(created)
	return w, err
}

// PublishWish implements ticket.Wishes.
func (s *Store) PublishWish(_ context.Context, tx bot.Tx, w ticket.Wish) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO wish (number, town, category, text, amount, status, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (number) DO NOTHING`,
		w.Number, w.Town, w.Category, w.Text, w.Amount, w.Status, millis(w.CreatedAt)); err != nil {
		return fmt.Errorf("insert wish: %w", err)
	}
	return nil
}

// ClaimWish implements ticket.Wishes.
func (s *Store) ClaimWish(ctx context.Context, tx bot.Tx, number string, by bot.CitizenID, at time.Time) (ticket.Wish, error) {
	t, err := in(tx)
	if err != nil {
		return ticket.Wish{}, err
	}
	var w ticket.Wish
	found, err := t.row("SELECT town, category, text, amount, status, claimed_by FROM wish WHERE number = $1", []any{number},
		&w.Town, &w.Category, &w.Text, &w.Amount, &w.Status, &w.ClaimedBy)
	switch {
	case err != nil:
		return w, fmt.Errorf("load wish: %w", err)
	case !found:
		return w, ticket.ErrNoTicket
	case w.Status != ticket.WishOpen && w.ClaimedBy != by:
		return w, ticket.ErrClaimed
	}
	w.Number = number
	if w.Status != ticket.WishOpen {
		return w, nil // the same citizen again
	}
	w.Status, w.ClaimedBy = ticket.WishClaimed, by
	if _, err := t.exec("UPDATE wish SET status = $2, claimed_by = $3 WHERE number = $1", number, w.Status, by); err != nil {
		return w, fmt.Errorf("claim wish: %w", err)
	}
	v, _, err := t.ticket("number = $1", number)
	if err != nil {
		return w, err
	}
	return w, t.step(number, v.Citizen, ticket.Step{At: at, Status: v.Status, By: "bot", Action: ticket.DoClaim, Holder: v.Life.Holder, Note: "社会认领"})
}
