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
	"time"

	"guanjia/bot"
)

// Bounds of the dispatcher.
const (
	workers     = 32               // sent at once, never two of one citizen
	leaseTime   = 60 * time.Second // longer than sendTime and settling
	sendTime    = 20 * time.Second // for one call of a sender
	maxAttempts = 12
	slowest     = 10 * time.Minute // between tries
)

// Dispatcher takes replies that are due to their channels, in order per
// citizen, and tries again what failed. A citizen whose channel is slow keeps
// nobody else waiting while there are free workers.
type Dispatcher struct {
	Outbox  bot.Outbox
	Senders map[bot.Channel]bot.Sender
	Clock   bot.Clock
	Log     *slog.Logger
	// Sure says that what was leased here cannot be another dispatcher's by now;
	// nil: it never can.
	Sure func() bool
	// Since is what the clock of who dispatched before said last; zero: unknown.
	Since time.Time
}

// sent is what became of one row.
type sent struct {
	id  bot.OutgoingID
	ok  bool
	err error
}

// round is a dispatcher at work.
type round struct {
	*Dispatcher
	finished chan sent
	inHand   map[bot.OutgoingID]bool // being sent: a clock set forward ends no call
	seen     time.Time               // the latest the clock said
}

// jolt is how far the clock may go back before what is due is put to it anew.
const jolt = 10 * time.Second

func (d *Dispatcher) round() *round {
	return &round{Dispatcher: d, finished: make(chan sent, workers), inHand: map[bot.OutgoingID]bool{}}
}

// RunDue delivers everything that is due now, and what becomes due by that,
// and returns how many left.
func (d *Dispatcher) RunDue(ctx context.Context) (int, error) {
	r := d.round()
	left := 0
	var errs []error
	for {
		if ctx.Err() == nil && errs == nil {
			if err := r.begin(ctx); err != nil {
				errs = append(errs, err)
			}
		}
		if len(r.inHand) == 0 {
			return left, errors.Join(append(errs, ctx.Err())...)
		}
		done := <-r.finished
		delete(r.inHand, done.id)
		if done.ok {
			left++
		}
		if done.err != nil {
			errs = append(errs, done.err)
		}
	}
}

// Run delivers until ctx ends, then waits for what is being sent. It looks
// for due rows at every wake, when a row is done, and at least every interval.
func (d *Dispatcher) Run(ctx context.Context, wake <-chan struct{}, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	r := d.round()
	r.seen = d.Since
	for ctx.Err() == nil {
		if err := r.begin(ctx); err != nil && ctx.Err() == nil {
			d.Log.Error("outbox", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-ticker.C:
		case done := <-r.finished:
			r.note(done)
		}
	}
	for len(r.inHand) > 0 {
		r.note(<-r.finished)
	}
}

func (d *round) note(done sent) {
	delete(d.inHand, done.id)
	if done.err != nil {
		d.Log.Error("outbox", "error", done.err)
	}
}

// begin leases as many rows as there are workers free and sends each in its own
// goroutine; every one of them reports to finished, which has room for all.
func (d *round) begin(ctx context.Context) error {
	free := workers - len(d.inHand)
	if free <= 0 {
		return nil
	}
	now := d.Clock()
	// A clock that was set back would have what is due wait until it has come
	// there again.
	if was := d.seen.Round(0); !was.IsZero() && was.Sub(now.Round(0)) > jolt {
		if err := d.Outbox.SetBack(ctx, was, now); err != nil {
			return fmt.Errorf("follow the clock back: %w", err)
		}
		d.Log.Warn("the clock was set back", "by", was.Sub(now.Round(0)).Round(time.Second))
	}
	d.seen = now
	rows, err := d.Outbox.LeaseDue(ctx, now, leaseTime, free)
	if err != nil {
		return fmt.Errorf("lease due replies: %w", err)
	}
	for _, row := range rows {
		if d.inHand[row.ID] {
			continue
		}
		d.inHand[row.ID] = true
		go func() {
			ok, err := d.one(context.WithoutCancel(ctx), row)
			d.finished <- sent{row.ID, ok, err}
		}()
	}
	return nil
}

// one sends a row and settles it by what the channel says. What is begun is
// finished: a call cut short might have been heard all the same.
func (d *Dispatcher) one(ctx context.Context, row bot.Outgoing) (bool, error) {
	sender := d.Senders[row.To.Channel]
	if sender == nil {
		return false, d.Outbox.Hold(ctx, row.ID)
	}
	if d.Sure != nil && !d.Sure() {
		return false, nil // whoever leads next takes it when its lease is over
	}
	err := send(ctx, sender, row)
	switch {
	case err == nil:
		return true, d.Outbox.Sent(ctx, row.ID)
	case errors.Is(err, bot.ErrHold):
		return false, d.Outbox.Hold(ctx, row.ID)
	case errors.Is(err, bot.ErrPermanent), errors.Is(err, bot.ErrUnknownOutcome), row.Attempts+1 >= maxAttempts:
		d.Log.Warn("reply buried", "citizen", row.Citizen, "outgoing", row.ID, "error", err)
		return false, d.Outbox.Bury(ctx, row.ID, err.Error())
	}
	return false, d.Outbox.Retry(ctx, row.ID, d.Clock().Add(pause(row.Attempts)), err.Error())
}

// send calls the sender within its time. A sender that panics may have been
// heard: the outcome is unknown.
func send(ctx context.Context, sender bot.Sender, row bot.Outgoing) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: panic: %v", bot.ErrUnknownOutcome, r)
		}
	}()
	return sender.Send(ctx, row)
}

// pause is the wait before the next try: from a second on, doubling, with up
// to a quarter more so that many do not come back at once.
func pause(attempts int) time.Duration {
	wait := min(time.Second<<attempts, slowest)
	return wait + time.Duration(rand.Int64N(int64(wait)/4+1))
}
