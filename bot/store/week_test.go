package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/booking/week"
	"guanjia/bot/store"
)

// BenchmarkWeek plays the city's busiest week of 2020 against the records: each
// working day the day a week ahead is released, and its people come, most of
// them at nine, look for the first free period and book it by a whole turn as
// the engine commits it; those who will not come and say so cancel. One run is
// one week; s/week is all of it but the saving of the plan.
func BenchmarkWeek(b *testing.B) {
	for b.Loop() {
		playWeek(b, week.Whole())
	}
}

// TestWeek is a hundredth of that.
func TestWeek(t *testing.T) { playWeek(t, week.Whole().Part(100)) }

// weekDays are the working days of the played week.
const weekDays = 5

// replay is a week being played against the records.
type replay struct {
	*city
	demand *week.Demand
	mu     sync.Mutex // of demand
	now    time.Time

	asked, booked, refused, cancelled atomic.Int64
}

func playWeek(t testing.TB, size week.City) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: t.TempDir()})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	r := &replay{city: &city{Store: s}, demand: week.NewDemand(size), now: week.Monday().Add(8 * time.Hour)}
	must(t, s.SavePlan(ctx, r.demand.Plan()))
	r.enrol(t, min(size.Bookings, 20_000))
	begun, cpu := time.Now(), processorTime()
	_, err = s.ReleaseOpenings(ctx, r.now)
	must(t, err)
	released := time.Since(begun)
	for day := range weekDays {
		r.day(t, size.Bookings*(day+1)/weekDays-size.Bookings*day/weekDays)
	}
	took := time.Since(begun)
	r.balanced(t)
	openings, err := s.Openings(ctx, booking.Query{})
	must(t, err)
	places := 0
	for _, o := range openings {
		places += o.Capacity
	}
	t.Logf("%d services, %d places at the end: %d came, %d booked, %d found nothing, %d cancelled; %v, of which the first release %v, %v of processor time",
		size.Services, places, r.asked.Load(), r.booked.Load(), r.refused.Load(), r.cancelled.Load(),
		took.Round(time.Millisecond), released.Round(time.Millisecond), (processorTime() - cpu).Round(time.Millisecond))
	if b, ok := t.(*testing.B); ok {
		b.ReportMetric(took.Seconds(), "s/week")
		b.ReportMetric(float64(r.booked.Load()+r.cancelled.Load())/took.Seconds(), "durable/s")
		b.ReportMetric(0, "ns/op")
	}
	if got := r.booked.Load() + r.refused.Load(); got != r.asked.Load() || r.booked.Load() < r.asked.Load()*9/10 {
		t.Errorf("of %d people %d booked and %d found nothing", r.asked.Load(), r.booked.Load(), r.refused.Load())
	}
}

// day plays a working day.
func (r *replay) day(t testing.TB, people int) {
	t.Helper()
	ctx := context.Background()
	r.now = booking.At(r.now.Format(time.DateOnly), "09:00")
	_, err := r.ReleaseOpenings(ctx, r.now)
	must(t, err)
	rush := int(week.Rush * float64(people))
	r.come(t, rush)
	r.now = r.now.Add(4 * time.Hour)
	r.come(t, people-rush)
	r.now = r.now.AddDate(0, 0, 1)
	_, err = r.MarkNoShows(ctx, r.now)
	must(t, err)
}

// come lets so many people come at once, from many connections.
func (r *replay) come(t testing.TB, people int) {
	var left atomic.Int64
	left.Store(int64(people))
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if err := r.one(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// one looks for the first free period and books it; where somebody was faster,
// for the next.
func (r *replay) one() error {
	ctx := context.Background()
	r.mu.Lock()
	service, hall, ahead := r.demand.Next()
	_, cancels := r.demand.Fate()
	r.mu.Unlock()
	r.asked.Add(1)
	n := r.serial.Add(1)
	for {
		free, err := r.Openings(ctx, booking.Query{Service: service, Hall: hall, After: r.now.AddDate(0, 0, ahead), Free: true})
		if err != nil {
			return err
		}
		if len(free) == 0 {
			r.refused.Add(1)
			return nil
		}
		q := booking.Request{
			Citizen: r.citizens[rand.IntN(len(r.citizens))], Channel: bot.WeChat, Service: service, Hall: hall, Date: free[0].Date, Time: free[0].Time,
			Key: fmt.Sprint("week-", n), Name: bot.Secret(fmt.Sprint("人", n)), Phone: bot.Secret(fmt.Sprintf("138%08d", n)), Now: r.now,
		}
		a, err := r.whole(q)
		switch {
		case errors.Is(err, booking.ErrFull), errors.Is(err, store.ErrStale): // others were faster; the citizen is in another turn
			continue
		case err != nil:
			return err
		}
		r.booked.Add(1)
		if cancels && a.Starts().Sub(r.now) > 3*time.Hour {
			r.cancelled.Add(1)
			return r.Commit(ctx, func(tx bot.Tx) error {
				_, err := r.Cancel(ctx, tx, a.Number, r.now)
				return err
			})
		}
		return nil
	}
}

// whole is a booking's turn as the engine commits it.
func (r *replay) whole(q booking.Request) (booking.Appointment, error) {
	ctx := context.Background()
	var a booking.Appointment
	conv, err := r.Conversation(ctx, q.Citizen)
	if err != nil {
		return a, err
	}
	err = r.Commit(ctx, func(tx bot.Tx) error {
		conv := conv
		var err error
		if a, err = r.Book(ctx, tx, q); err != nil {
			return err
		}
		return r.tell(tx, &conv, a, 0)
	})
	return a, err
}
