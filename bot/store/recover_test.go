package store_test

import (
	"context"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/inmem"
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
