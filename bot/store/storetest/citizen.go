package storetest

import (
	"context"
	"errors"
	"testing"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/store"
)

func testIdentify(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	first, again, other := s.citizen("o1"), s.citizen("o1"), s.citizen("o2")
	if first.ID == "" || first.ID != again.ID || first.ID == other.ID {
		t.Fatalf("o1 is %q, then %q; o2 is %q", first.ID, again.ID, other.ID)
	}
	phone, err := s.Identify(context.Background(), bot.Address{Channel: bot.Hotline, ID: "o1"}, monday)
	if err != nil || phone.ID == first.ID {
		t.Fatalf("the same id on another channel is the same person: %v", err)
	}
	if !first.CreatedAt.Equal(monday) {
		t.Fatalf("created at %v", first.CreatedAt)
	}
}

func testEnrol(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	wechat, phone := bot.Address{Channel: bot.WeChat, ID: "o1"}, bot.Address{Channel: bot.Hotline, ID: "13800000000"}
	for range 2 {
		s.must(s.Enrol(ctx, "c1", monday, wechat, phone))
	}
	for _, from := range []bot.Address{wechat, phone} {
		c, err := s.Identify(ctx, from, monday)
		if err != nil || c.ID != "c1" {
			t.Fatalf("%v belongs to %q: %v", from.Channel, c.ID, err)
		}
		found, ok, err := s.AddressOf(ctx, "c1", from.Channel)
		if err != nil || !ok || found != from {
			t.Fatalf("address on %s: %v %v", from.Channel, ok, err)
		}
	}
	// An address that is somebody's stays theirs.
	s.must(s.Enrol(ctx, "c2", monday, phone, bot.Address{Channel: bot.Web, ID: "w2"}))
	if c, err := s.Identify(ctx, phone, monday); err != nil || c.ID != "c1" {
		t.Fatalf("the number went to %q: %v", c.ID, err)
	}
	if _, ok, err := s.AddressOf(ctx, "c1", bot.Web); ok || err != nil {
		t.Fatalf("an address on a channel never used: %v", err)
	}
}

func testCitizen(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	c := s.citizen("o1")
	c.Name, c.Phone, c.Language = "陈一", "13800000001", bot.Traditional
	s.commit(func(tx bot.Tx) error { return tx.SaveCitizen(c) })
	got, err := s.Citizen(context.Background(), c.ID)
	if err != nil || got.Name != c.Name || got.Phone != c.Phone || got.Language != c.Language {
		t.Fatalf("got %q %q %q: %v", got.Name.Reveal(), got.Phone.Reveal(), got.Language, err)
	}
	if _, err := s.Citizen(context.Background(), "nobody"); !errors.Is(err, store.ErrNoCitizen) {
		t.Fatalf("nobody: %v", err)
	}
}

func testForget(t *testing.T, open Open) {
	s := furnished(t, open, 2)
	ctx := context.Background()
	c, other := s.citizen("o1"), s.citizen("o2")
	a, err := s.book(request(c, "k1", "陈一", "2026-11-25", "10:00"))
	s.must(err)
	kept, err := s.book(request(other, "k1", "林二", "2026-11-25", "10:00"))
	s.must(err)
	s.commit(func(tx bot.Tx) error {
		if _, err := tx.Append(bot.Line{Citizen: c.ID, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, At: monday, Text: "我叫陈一"}); err != nil {
			return err
		}
		_, err := tx.Enqueue(0, bot.Outgoing{Citizen: c.ID, Due: monday, From: "bot"}, 0)
		return err
	})
	s.must(s.Forget(ctx, c.ID))
	if _, err := s.Recent(ctx, c.ID, 10); !errors.Is(err, store.ErrForgotten) {
		t.Fatalf("words after forgetting: %v", err)
	}
	if rows, err := s.LeaseDue(ctx, monday, 0, 10); err != nil || len(rows) != 0 {
		t.Fatalf("%d replies to a forgotten citizen: %v", len(rows), err)
	}
	all, err := s.AllAppointments(ctx)
	s.must(err)
	for _, got := range all {
		if got.Number == a.Number && (got.Name != "" || got.Phone != "" || got.Status != booking.Booked) {
			t.Fatalf("a forgotten citizen's appointment shows %q %q", got.Name.Reveal(), got.Phone.Reveal())
		}
		if got.Number == kept.Number && got.Name != "林二" {
			t.Fatal("another citizen was forgotten too")
		}
	}
	if back := s.citizen("o1"); back.ID == c.ID {
		t.Fatal("the address still leads to the forgotten citizen")
	}
	if err := s.Forget(ctx, "nobody"); !errors.Is(err, store.ErrNoCitizen) {
		t.Fatalf("forget nobody: %v", err)
	}
}
