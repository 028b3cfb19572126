package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
)

// testVisit signs people in by proven addresses.
func testVisit(t *testing.T, open Open) {
	s := opened(t, open, store.Options{})
	ctx := context.Background()
	const life = 24 * time.Hour
	phone := func(n string) bot.Address { return bot.Address{Channel: bot.Hotline, ID: n} }
	web := func(id string) bot.Address { return bot.Address{Channel: bot.Web, ID: id} }
	signIn := func(token string, proven, browser bot.Address, at time.Time) bot.CitizenID {
		t.Helper()
		id, err := s.SignIn(ctx, token, proven, browser, at, at.Add(-life))
		s.must(err)
		return id
	}
	browsing, err := s.Identify(ctx, web("w1"), monday)
	s.must(err)

	// A number nobody had joins the person of the browser's chat, once.
	if id := signIn("t1", phone("13800000001"), web("w1"), monday); id != browsing.ID {
		t.Errorf("the number went to %q, not to the browser's %q", id, browsing.ID)
	}
	other := signIn("t2", phone("13800000002"), web("w1"), monday)
	if other == browsing.ID {
		t.Error("one person has two numbers of one browser")
	}
	// A number that is somebody's signs that person in from anywhere.
	if id := signIn("t3", phone("13800000001"), web("w2"), monday); id != browsing.ID {
		t.Errorf("the number's person is %q from another browser", id)
	}
	if id, err := s.Visitor(ctx, "t2", monday.Add(-life)); err != nil || id != other {
		t.Errorf("t2 is of %q: %v", id, err)
	}
	if _, err := s.Known(ctx, web("w2")); !errors.Is(err, store.ErrNoCitizen) {
		t.Errorf("signing in made the browser known: %v", err)
	}
	for token, began := range map[string]time.Time{"t9": monday.Add(-life), "": monday.Add(-life), "t1": monday.Add(time.Second)} {
		if _, err := s.Visitor(ctx, token, began); !errors.Is(err, store.ErrNoVisit) {
			t.Errorf("visit %q begun after %v: %v", token, began, err)
		}
	}
	s.must(s.SignOut(ctx, "t1"))
	s.must(s.Forget(ctx, other))
	for _, token := range []string{"t1", "t2"} {
		if _, err := s.Visitor(ctx, token, monday.Add(-life)); !errors.Is(err, store.ErrNoVisit) {
			t.Errorf("%s still holds: %v", token, err)
		}
	}
	signIn("t4", phone("13800000003"), bot.Address{}, monday.Add(2*life))
	if _, err := s.Visitor(ctx, "t3", monday.Add(-life)); !errors.Is(err, store.ErrNoVisit) {
		t.Errorf("a visit that is over is still kept: %v", err)
	}
}
