// Package jobs runs what happens without a citizen's word: the outbox's
// dispatcher and the timed work of the house.
//
// It refuses to decide what is said or when it is due: rows and schedules say so.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"guanjia/bot"
)

// Bounds of the dispatcher.
const (
	batch       = 64               // rows leased at once
	workers     = 8                // sent at once, never two of one citizen
	leaseTime   = 60 * time.Second // longer than any sender's deadline
	sendTime    = 20 * time.Second
	maxAttempts = 12
	slowest     = 10 * time.Minute // between tries
)

// Dispatcher takes replies that are due to their channels, in order per
// citizen, and tries again what failed.
type Dispatcher struct {
	Outbox  bot.Outbox
	Senders map[bot.Channel]bot.Sender
	Clock   bot.Clock
	Log     *slog.Logger
}

// RunDue delivers everything that is due now and returns how many left.
func (d *Dispatcher) RunDue(ctx context.Context) (int, error) {
	sent := 0
	for ctx.Err() == nil {
		rows, err := d.Outbox.LeaseDue(ctx, d.Clock(), leaseTime, batch)
		if err != nil {
			return sent, fmt.Errorf("lease due replies: %w", err)
		}
		if len(rows) == 0 {
			return sent, nil
		}
		n, err := d.deliver(ctx, rows)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, ctx.Err()
}

// deliver sends rows of different citizens side by side.
func (d *Dispatcher) deliver(ctx context.Context, rows []bot.Outgoing) (int, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs []error
	sent := 0
	slots := make(chan struct{}, workers)
	for _, row := range rows {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			ok, err := d.one(ctx, row)
			mu.Lock()
			defer mu.Unlock()
			if ok {
				sent++
			}
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	return sent, errors.Join(errs...)
}

// one sends a row and settles it by what the channel says.
func (d *Dispatcher) one(ctx context.Context, row bot.Outgoing) (bool, error) {
	sender := d.Senders[row.To.Channel]
	if sender == nil {
		return false, d.Outbox.Hold(ctx, row.ID)
	}
	sendCtx, cancel := context.WithTimeout(ctx, sendTime)
	err := sender.Send(sendCtx, row)
	cancel()
	switch {
	case err == nil:
		return true, d.Outbox.Sent(ctx, row.ID)
	case errors.Is(err, bot.ErrHold):
		return false, d.Outbox.Hold(ctx, row.ID)
	case errors.Is(err, bot.ErrPermanent), errors.Is(err, bot.ErrUnknownOutcome), row.Attempts+1 >= maxAttempts:
		d.Log.Warn("reply buried", "citizen", row.Citizen, "outgoing", row.ID, "error", err)
		return false, d.Outbox.Bury(ctx, row.ID, err.Error())
	}
	wait := min(time.Second<<row.Attempts, slowest)
	wait += time.Duration(rand.Int64N(int64(wait)/4 + 1))
	return false, d.Outbox.Retry(ctx, row.ID, d.Clock().Add(wait), err.Error())
}

// Run delivers until ctx ends: at every wake, and at least every interval.
func (d *Dispatcher) Run(ctx context.Context, wake <-chan struct{}, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if _, err := d.RunDue(ctx); err != nil && ctx.Err() == nil {
			d.Log.Error("outbox", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-ticker.C:
		}
	}
}
