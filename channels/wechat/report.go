package wechat

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"guanjia/bot"
)

// Bounds of a report.
const (
	reportTime  = 10 * time.Second
	reportTries = 3
	reportPause = 200 * time.Millisecond
)

// reporter tells the engine what became of replies. What gathers while one
// report is written goes with the next, so that many answers share a commit.
type reporter struct {
	receiver  Receiver
	log       *slog.Logger
	failed    func()
	mu        sync.Mutex
	delivered []bot.OutgoingID
	released  []bot.OutgoingID
	closed    bool
	wake      chan struct{}
	done      chan struct{}
}

func newReporter(r Receiver, log *slog.Logger, failed func()) *reporter {
	rep := &reporter{receiver: r, log: log, failed: failed, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go rep.run()
	return rep
}

// tell notes replies that were delivered and replies the outbox shall take.
func (r *reporter) tell(delivered, released []bot.OutgoingID) {
	if len(delivered)+len(released) == 0 {
		return
	}
	r.mu.Lock()
	r.delivered, r.released = append(r.delivered, delivered...), append(r.released, released...)
	r.mu.Unlock()
	r.poke()
}

func (r *reporter) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *reporter) run() {
	defer close(r.done)
	for range r.wake {
		r.mu.Lock()
		delivered, released, closed := r.delivered, r.released, r.closed
		r.delivered, r.released = nil, nil
		r.mu.Unlock()
		// First what left: the outbox sends a citizen's later replies only
		// after the earlier ones.
		r.write("report delivery", r.receiver.Delivered, delivered)
		r.write("release replies", r.receiver.Release, released)
		if closed {
			return
		}
	}
}

// write reports, a few times if need be. What cannot be reported leaves
// through the outbox when its lease ends: said twice at worst, never lost.
func (r *reporter) write(deed string, report func(context.Context, ...bot.OutgoingID) error, ids []bot.OutgoingID) {
	if len(ids) == 0 {
		return
	}
	var err error
	for try := range reportTries {
		if try > 0 {
			time.Sleep(reportPause)
		}
		ctx, cancel := context.WithTimeout(context.Background(), reportTime)
		err = report(ctx, ids...)
		cancel()
		if err == nil {
			return
		}
	}
	r.failed()
	r.log.Error(deed, "channel", bot.WeChat, "replies", len(ids), "error", err)
}

// close writes what is left and ends.
func (r *reporter) close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.poke()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("report wechat replies: %w", ctx.Err())
	}
}
