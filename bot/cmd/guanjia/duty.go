package main

import (
	"context"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/routing"
	"guanjia/bot/store"
)

// duty holds who is on at the desk and when, as it was read last: a turn asks
// it without reading the records.
type duty struct {
	mu     sync.Mutex
	plan   []routing.Shift
	manned bool // somebody is there, plan or no plan
}

// plannedAhead is how many days ahead the next shift is looked for.
const plannedAhead = 14

// look reads the plan and whether anybody is there.
func (d *duty) look(ctx context.Context, s *store.Store, now time.Time) error {
	today := now.In(bot.Shanghai())
	plan, err := s.Shifts(ctx, today.Format(time.DateOnly), today.AddDate(0, 0, plannedAhead).Format(time.DateOnly))
	if err != nil {
		return err
	}
	manned, err := s.OnDuty(ctx, now)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan, d.manned = plan, manned
	return nil
}

func (d *duty) shifts() []routing.Shift {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plan
}

// hours implements bot.EngineConfig's Hours.
func (d *duty) hours(now time.Time) (on bool, next time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.manned {
		return true, time.Time{}
	}
	return routing.Hours(d.plan, now)
}

// planBook is the plan as the desk changes it; what is changed holds at once.
type planBook struct {
	*store.Store
	duty *duty
}

// SaveShifts implements desk.Shifts.
func (b planBook) SaveShifts(ctx context.Context, all []routing.Shift, by string, at time.Time) error {
	if err := b.Store.SaveShifts(ctx, all, by, at); err != nil {
		return err
	}
	return b.duty.look(ctx, b.Store, at)
}

// DropShift implements desk.Shifts.
func (b planBook) DropShift(ctx context.Context, v routing.Shift, by string, at time.Time) error {
	if err := b.Store.DropShift(ctx, v, by, at); err != nil {
		return err
	}
	return b.duty.look(ctx, b.Store, at)
}
