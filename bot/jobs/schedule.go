package jobs

import (
	"context"
	"log/slog"
	"time"

	"guanjia/bot"
)

// Task is timed work. It is called often and decides by the time given
// whether something is to be done; doing it twice must change nothing.
type Task struct {
	Name string
	Do   func(ctx context.Context, now time.Time) error
}

// RunTasks calls every task once.
func RunTasks(ctx context.Context, tasks []Task, now time.Time, log *slog.Logger) {
	for _, t := range tasks {
		if err := t.Do(ctx, now); err != nil && ctx.Err() == nil {
			log.Error("task failed", "task", t.Name, "error", err)
		}
	}
}

// Schedule calls the tasks at the turn of every interval until ctx ends. The
// interval divides an hour, so that 09:00 is met when it comes.
func Schedule(ctx context.Context, tasks []Task, clock bot.Clock, interval time.Duration, log *slog.Logger) {
	for {
		RunTasks(ctx, tasks, clock(), log)
		now := clock()
		timer := time.NewTimer(now.Truncate(interval).Add(interval).Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
