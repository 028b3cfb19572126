package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// tellPromoted puts the booking of a freed place to everybody it is held for.
func (h *house) tellPromoted(ctx context.Context, _ time.Time) error {
	lines, err := h.store.Promoted(ctx)
	if err != nil {
		return fmt.Errorf("list promoted: %w", err)
	}
	var errs []error
	for _, l := range lines {
		errs = append(errs, h.promoted(ctx, l))
	}
	return errors.Join(errs...)
}

func (h *house) promoted(ctx context.Context, l booking.Line) error {
	p := h.bookings.Proposal(l)
	for _, channel := range []bot.Channel{bot.WeChat, bot.Web} {
		to, found, err := h.store.AddressOf(ctx, l.Citizen, channel)
		if err != nil {
			return fmt.Errorf("find address: %w", err)
		}
		if found {
			p.To = to
			break
		}
	}
	p.Note = func(ctx context.Context, tx bot.Tx) error { return h.store.Told(ctx, tx, l.ID) }
	err := h.engine.Propose(ctx, p)
	if errors.Is(err, bot.ErrNoAddress) { // nobody to tell: the place passes on in time
		return h.store.Commit(ctx, func(tx bot.Tx) error { return p.Note(ctx, tx) })
	}
	return err
}

// every does a task at most once in a while, at the first call after it.
func every(while time.Duration, do func(context.Context, time.Time) error) func(context.Context, time.Time) error {
	var mu sync.Mutex
	var last time.Time
	return func(ctx context.Context, now time.Time) error {
		mu.Lock()
		defer mu.Unlock()
		if now.Truncate(while).Equal(last.Truncate(while)) {
			return nil
		}
		last = now
		return do(ctx, now)
	}
}
