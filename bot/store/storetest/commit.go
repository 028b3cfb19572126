package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testCommit holds a commit to all or nothing.
func testCommit(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	ctx := context.Background()
	c := s.citizen("o1")
	refused := errors.New("refused")
	err := s.Commit(ctx, func(tx bot.Tx) error {
		if _, err := s.Book(ctx, tx, request(c, "k1", "陈一", "2026-11-25", "10:00")); err != nil {
			return err
		}
		if _, err := tx.Enqueue(0, bot.Outgoing{Citizen: c.ID, Due: monday, From: "bot"}, 0); err != nil {
			return err
		}
		conv := bot.Conversation{Citizen: c.ID, Handling: bot.ByBot}
		if err := tx.SaveConversation(&conv); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatalf("the error came back as %v", err)
	}
	s.untouched(c)
	if err := s.Commit(ctx, func(tx bot.Tx) error {
		if _, err := s.Book(ctx, tx, request(c, "k1", "陈一", "2026-11-25", "10:00")); err != nil {
			return err
		}
		panic("a fault of ours")
	}); err == nil {
		t.Fatal("a panic was taken for success")
	}
	s.untouched(c)
	ended, end := context.WithCancel(ctx)
	end()
	if err := s.Commit(ended, func(tx bot.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("a commit after the caller left: %v", err)
	}
}

// untouched fails when anything of the citizen was kept.
func (s *installation) untouched(c bot.Citizen) {
	s.t.Helper()
	ctx := context.Background()
	if all, err := s.AllAppointments(ctx); err != nil || len(all) != 0 {
		s.t.Fatalf("%d appointments left behind: %v", len(all), err)
	}
	if rows, err := s.LeaseDue(ctx, monday, 0, 10); err != nil || len(rows) != 0 {
		s.t.Fatalf("%d replies left behind: %v", len(rows), err)
	}
	if conv, err := s.Conversation(ctx, c.ID); err != nil || conv.Version != 0 {
		s.t.Fatalf("conversation left behind at version %d: %v", conv.Version, err)
	}
	s.balanced()
}

// testTogether commits many at once, every third of which fails after it has
// written: the failing ones leave nothing, the others everything.
func testTogether(t *testing.T, open Open) {
	s := furnished(t, open, 1000)
	ctx := context.Background()
	refused := errors.New("refused")
	citizens := make([]bot.Citizen, 90)
	for i := range citizens {
		citizens[i] = s.citizen(fmt.Sprintf("o%d", i))
	}
	var all sync.WaitGroup
	for i, c := range citizens {
		all.Go(func() {
			err := s.Commit(ctx, func(tx bot.Tx) error {
				if _, err := s.Book(ctx, tx, request(c, "k", fmt.Sprintf("人%d", i), "2026-11-25", "10:00")); err != nil {
					return err
				}
				if _, err := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerBot, Channel: bot.WeChat, At: monday, Text: "约好了"}); err != nil {
					return err
				}
				if i%3 == 0 {
					return refused
				}
				return nil
			})
			if (i%3 == 0) != errors.Is(err, refused) || i%3 != 0 && err != nil {
				t.Errorf("commit %d: %v", i, err)
			}
		})
	}
	all.Wait()
	s.balanced()
	if got := s.remaining("humen", "2026-11-25", "10:00"); got != 1000-60 {
		t.Errorf("%d places left", got)
	}
	for i, c := range citizens {
		want := 1
		if i%3 == 0 {
			want = 0
		}
		lines, err := s.Lines(ctx, c.ID, 0, 10)
		own, err2 := s.Appointments(ctx, c.ID, true)
		if err := errors.Join(err, err2); err != nil || len(lines) != want || len(own) != want {
			t.Errorf("citizen %d has %d lines and %d appointments: %v", i, len(lines), len(own), err)
		}
	}
}

func testReopen(t *testing.T, open Open) {
	dir := t.TempDir()
	s, err := open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	before := &installation{Store: s, t: t}
	before.plan(plan(2))
	before.release(monday)
	c := before.citizen("o1")
	a, err := before.book(request(c, "k1", "陈一", "2026-11-25", "10:00"))
	before.must(err)
	before.must(s.Close())
	if err := s.Commit(context.Background(), func(bot.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Fatalf("a commit after closing: %v", err)
	}
	after := opened(t, open, store.Options{Dir: dir})
	if back := after.citizen("o1"); back.ID != c.ID {
		t.Fatalf("o1 was %s and is %s", c.ID, back.ID)
	}
	if got, err := after.Appointment(context.Background(), a.Number); err != nil || got.Name != "陈一" {
		t.Fatalf("the appointment came back as %+v: %v", got, err)
	}
	next, err := after.book(request(c, "k2", "林二", "2026-11-25", "10:00"))
	if err != nil || next.Number == a.Number {
		t.Fatalf("the next number is %s after %s: %v", next.Number, a.Number, err)
	}
	after.balanced()
}
