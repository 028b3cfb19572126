package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// together runs n deeds at once and waits for them.
func together(n int, deed func(i int)) {
	var start, all sync.WaitGroup
	start.Add(1)
	for i := range n {
		all.Go(func() {
			start.Wait()
			deed(i)
		})
	}
	start.Done()
	all.Wait()
}

// testPlacesRace: 256 people after 3 × 10 places; some change their minds.
func testPlacesRace(t *testing.T, open Open) {
	const people, capacity = 256, 10
	s := furnished(t, open, capacity)
	clocks := [...]string{"09:00", "10:00", "15:00"}
	c := s.citizen("o1")
	var booked, full, cancelled, moved atomic.Int64
	together(people, func(i int) {
		a, err := s.book(request(c, fmt.Sprint(i), fmt.Sprintf("人%d", i), "2026-11-25", clocks[i%3]))
		switch {
		case errors.Is(err, booking.ErrFull):
			full.Add(1)
			return
		case err != nil:
			t.Errorf("book: %v", err)
			return
		}
		booked.Add(1)
		switch i % 4 {
		case 0:
			if _, err := s.cancel(a.Number, monday); err != nil {
				t.Errorf("cancel: %v", err)
			}
			cancelled.Add(1)
		case 1:
			if _, err := s.move(a.Number, "humen", "2026-11-25", clocks[(i+1)%3], monday); err == nil {
				moved.Add(1)
			} else if !errors.Is(err, booking.ErrFull) {
				t.Errorf("move: %v", err)
			}
		}
	})
	if booked.Load()+full.Load() != people || booked.Load() < 3*capacity {
		t.Errorf("%d booked, %d refused of %d", booked.Load(), full.Load(), people)
	}
	s.balanced()
	own, err := s.Appointments(context.Background(), c.ID, true)
	if err != nil || int64(len(own)) != booked.Load()-cancelled.Load() {
		t.Errorf("%d active of %d booked and %d cancelled: %v", len(own), booked.Load(), cancelled.Load(), err)
	}
	for _, clock := range clocks {
		if left := s.remaining("humen", "2026-11-25", clock); left < 0 || left > capacity {
			t.Errorf("%d places left at %s", left, clock)
		}
	}
}

// testPersonRace: one person, booked for by many at once.
func testPersonRace(t *testing.T, open Open) {
	s := furnished(t, open, 100)
	dates := [...]string{"2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"}
	clocks := [...]string{"09:00", "10:00", "15:00"}
	together(64, func(i int) {
		c := s.citizen(fmt.Sprintf("o%d", i%7))
		_, err := s.book(request(c, fmt.Sprint(i), "陈一", dates[i%5], clocks[i%3]))
		if err != nil && !errors.Is(err, booking.ErrSameService) && !errors.Is(err, booking.ErrTooMany) {
			t.Errorf("book: %v", err)
		}
	})
	all, err := s.AllAppointments(context.Background())
	if err != nil || len(all) != 3 {
		t.Fatalf("the person has %d appointments: %v", len(all), err)
	}
	perDay := map[string]bool{}
	for _, a := range all {
		if perDay[a.Date] {
			t.Errorf("two on %s", a.Date)
		}
		perDay[a.Date] = true
	}
	s.balanced()
}

func testIdentifyRace(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	const n = 32
	ids := make([]bot.CitizenID, n)
	receipts := make([]bot.Receipt, n)
	together(n, func(i int) {
		c, err := s.Identify(context.Background(), bot.Address{Channel: bot.WeChat, ID: "o1"}, monday)
		if err != nil {
			t.Errorf("identify: %v", err)
			return
		}
		ids[i] = c.ID
		if receipts[i], err = s.Accept(context.Background(), c.ID, inbound("m1", "你好")); err != nil {
			t.Errorf("accept: %v", err)
		}
	})
	first := 0
	for i := range n {
		if ids[i] != ids[0] || receipts[i].ID != receipts[0].ID {
			t.Fatalf("%d is %s with receipt %d, 0 is %s with %d", i, ids[i], receipts[i].ID, ids[0], receipts[0].ID)
		}
		if !receipts[i].Repeat {
			first++
		}
	}
	if first != 1 {
		t.Fatalf("one message was taken %d times", first)
	}
}

func testClaimRace(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	v := s.file(helpTicket(s.citizen("o0"), "k1"))
	s.commit(func(tx bot.Tx) error {
		return s.KeepWish(ctx, tx, ticket.Wish{Number: v.Number, Status: ticket.WishOpen, CreatedAt: monday})
	})
	office := &ticket.Claiming{Books: s.Store}
	var claimed atomic.Int64
	together(32, func(i int) {
		c := s.citizen(fmt.Sprintf("o%d", i+1))
		err := s.Commit(ctx, func(tx bot.Tx) error {
			_, err := office.Claim(ctx, tx, ticket.Claim{Wish: v.Number, By: c.ID, At: monday, Key: "k"})
			return err
		})
		if err == nil {
			claimed.Add(1)
		} else if !errors.Is(err, ticket.ErrRefused) {
			t.Errorf("claim: %v", err)
		}
	})
	if claimed.Load() != 1 {
		t.Fatalf("claimed %d times", claimed.Load())
	}
}
