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

// hearing is an engine on records, at a minute past the beginning.
func hearing(s interface {
	bot.Store
	bot.Outbox
}) *bot.Engine {
	return bot.NewEngine(bot.EngineConfig{Store: s, Outbox: s, Turns: inmem.NewTurns(), Understand: deaf{}, Clock: later, Log: slog.New(slog.DiscardHandler)})
}

func later() time.Time { return monday.Add(time.Minute) }

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
		e := hearing(s)
		if n, err := e.Recover(ctx, later(), nil); err != nil || n != want {
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
	s := open(t, dir)
	must(t, hearing(s).Accept(ctx, bot.Inbound{From: from, Key: "m1", At: monday, Text: "第一句"}))
	must(t, s.Close())
	s = open(t, dir)
	defer func() { must(t, s.Close()) }()
	e := hearing(s)
	must(t, e.Remember(ctx, nil))
	_, err := e.Receive(ctx, bot.Inbound{From: from, Key: "m2", At: later(), Text: "第二句"})
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
	if n, err := e.Recover(ctx, later().Add(time.Minute), nil); err != nil || n != 0 {
		t.Errorf("%d answered again: %v", n, err)
	}
}

// astray is a store whose commits come to nothing, or come about and nobody is
// told: the database was lost meanwhile.
type astray struct {
	*store.Store
	fates []bool // of the next commits: whether they come about
}

func (a *astray) Commit(ctx context.Context, do func(bot.Tx) error) error {
	if len(a.fates) == 0 {
		return a.Store.Commit(ctx, do)
	}
	fate := a.fates[0]
	a.fates = a.fates[1:]
	if fate {
		if err := a.Store.Commit(ctx, do); err != nil {
			return err
		}
	}
	return store.ErrUnknown
}

// TestSaidAgain: who is told that it came to nothing says it again, or something
// else. What they said first is then done once if it was done after all, and
// otherwise never, neither now nor by Recover.
func TestSaidAgain(t *testing.T) {
	for _, c := range []struct {
		name     string
		fates    []bool // of the turn and of its apology
		then     string
		said     []string // that stands in the transcript
		repeated bool     // the first answer is given again
	}{
		{"the same, done after all", []bool{true, false}, "确认", []string{"确认"}, true},
		{"something else, done after all", []bool{true, false}, "算了", []string{"确认", "算了"}, false},
		{"the same, not done", []bool{false, false}, "确认", []string{"确认"}, false},
		{"something else, not done", []bool{false, false}, "算了", []string{"算了"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := t.Context()
			s := &astray{Store: open(t, t.TempDir())}
			defer func() { must(t, s.Close()) }()
			e := hearing(s)
			from := bot.Address{Channel: bot.Web, ID: "w1"}
			_, err := e.Receive(ctx, bot.Inbound{From: from, Key: "m0", At: monday, Text: "你好"})
			must(t, err)
			s.fates = c.fates
			if _, err := e.Receive(ctx, bot.Inbound{From: from, Key: "m1", At: later(), Text: "确认"}); err == nil {
				t.Fatal("it was told to be done")
			}
			turn, err := e.Receive(ctx, bot.Inbound{From: from, Key: "m2", At: later(), Text: c.then})
			must(t, err)
			if turn.Repeat != c.repeated || len(turn.Out) == 0 {
				t.Errorf("repeated %t with %d replies", turn.Repeat, len(turn.Out))
			}
			if n, err := e.Recover(ctx, later().Add(time.Minute), nil); err != nil || n != 0 {
				t.Errorf("%d answered again: %v", n, err)
			}
			lines, err := s.Ending(ctx, from, 10)
			must(t, err)
			var said []string
			for _, l := range lines {
				if l.Speaker == bot.SpeakerCitizen {
					said = append(said, l.Text)
				}
			}
			if !slices.Equal(said[1:], c.said) {
				t.Errorf("the transcript holds %q, want %q", said[1:], c.said)
			}
		})
	}
}

// TestUnheard: words said again after an end are answered with what nobody heard
// the first time, once.
func TestUnheard(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	from := bot.Address{Channel: bot.Web, ID: "w1"}
	say := func(e *bot.Engine, key, text string) bot.Turn {
		turn, err := e.Receive(ctx, bot.Inbound{From: from, Key: key, At: later(), Text: text})
		must(t, err)
		return turn
	}
	s := open(t, dir)
	first := say(hearing(s), "m1", "取消预约")
	must(t, s.Close())
	for _, c := range []struct {
		text, key string
		again     bool
	}{{"取消预约", "m2", true}, {"别的话", "m3", false}} {
		s = open(t, dir)
		e := hearing(s)
		must(t, e.Remember(ctx, nil))
		turn := say(e, c.key, c.text)
		if turn.Repeat != c.again || c.again && turn.Out[0].ID != first.Out[0].ID {
			t.Errorf("%s is answered with %v, again %t", c.text, turn.Out, turn.Repeat)
		}
		if next := say(e, c.key+"+", c.text); next.Repeat {
			t.Errorf("%s is answered a third time with the same", c.text)
		}
		must(t, s.Close())
	}
}
