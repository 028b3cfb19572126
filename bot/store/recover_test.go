package store_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/inmem"
	"guanjia/bot/store"
)

// deaf understands nothing: what it is answered does not matter here.
type deaf struct{}

// Understand implements bot.Understander.
func (deaf) Understand(u bot.Utterance) bot.Understanding {
	return bot.Understanding{Text: u.Text, Intent: bot.OutOfScope, Decision: bot.Abstain}
}

// TestRecover: messages accepted before a crash, with a key or without, are
// answered once after it, and not again after the next.
func TestRecover(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	from := bot.Address{Channel: bot.Web, ID: "w1"}
	s := open(t, dir)
	c, err := s.Identify(ctx, from, monday)
	must(t, err)
	for _, key := range []string{"m1", "", ""} {
		_, err := s.Accept(ctx, c.ID, bot.Inbound{From: from, Key: key, At: monday, Text: "在吗"})
		must(t, err)
	}
	must(t, s.Close())
	for _, want := range []int{3, 0, 0} {
		s := open(t, dir)
		clock := func() time.Time { return monday.Add(time.Minute) }
		e := bot.NewEngine(bot.EngineConfig{Store: s, Outbox: s, Turns: inmem.NewTurns(), Understand: deaf{}, Clock: clock})
		if n, err := e.Recover(ctx, clock(), nil); err != nil || n != want {
			t.Errorf("answered %d, want %d: %v", n, want, err)
		}
		must(t, e.Accept(ctx, bot.Inbound{From: from, Key: "m1", At: monday, Text: "在吗"})) // a late retry changes nothing
		must(t, s.Close())
	}
}

// TestLeftFirst: what a citizen said before the last end is answered before what
// they say after it, though nobody has recovered it yet.
func TestLeftFirst(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	from := bot.Address{Channel: bot.Web, ID: "w1"}
	clock := func() time.Time { return monday.Add(time.Minute) }
	serve := func(s *store.Store) *bot.Engine {
		return bot.NewEngine(bot.EngineConfig{Store: s, Outbox: s, Turns: inmem.NewTurns(), Understand: deaf{}, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	}
	s := open(t, dir)
	must(t, serve(s).Accept(ctx, bot.Inbound{From: from, Key: "m1", At: monday, Text: "第一句"}))
	must(t, s.Close())
	s = open(t, dir)
	defer func() { must(t, s.Close()) }()
	e := serve(s)
	must(t, e.Remember(ctx, nil))
	_, err := e.Receive(ctx, bot.Inbound{From: from, Key: "m2", At: clock(), Text: "第二句"})
	must(t, err)
	lines, err := s.Ending(ctx, from, 10)
	must(t, err)
	var said []string
	for _, l := range lines {
		if l.Speaker == bot.SpeakerCitizen {
			said = append(said, l.Text)
		}
	}
	if !slices.Equal(said, []string{"第一句", "第二句"}) {
		t.Errorf("answered in the order %q", said)
	}
	if n, err := e.Recover(ctx, clock().Add(time.Minute), nil); err != nil || n != 0 {
		t.Errorf("%d answered again: %v", n, err)
	}
}
