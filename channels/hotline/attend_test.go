package hotline

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/signal"
)

// phoneBook are operators by their extension.
type phoneBook map[string]string

func (b phoneBook) Extension(_ context.Context, operator string) (string, error) {
	for extension, name := range b {
		if name == operator {
			return extension, nil
		}
	}
	return "", nil
}

func (b phoneBook) Answers(_ context.Context, extension string) (string, error) {
	return b[extension], nil
}

// TestAttended: an operator at the desk has their own telephone rung for a
// caller, keeps them waiting, passes them to a colleague, who hangs up; each has
// to write the call up before their telephone rings again.
func TestAttended(t *testing.T) {
	t.Parallel()
	s, debts := asking(), &owed{}
	exchange := hotlinetest.NewPhone(t, 8)
	kept := newRegister()
	calls := 0
	exchange.Answer(func(*signal.Call) int {
		if calls++; calls == 1 {
			return 486 // nobody takes it when it rings for all
		}
		return 200
	})
	l := openLine(t, s, func(c *Config) {
		c.Operators, c.Callbacks, c.Times = []string{exchange.URI("800")}, debts, hurried()
		c.People, c.Calls = phoneBook{"800": "甲", "801": "乙"}, kept
	})
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	const citizen = bot.CitizenID("p-" + Unproven + "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Press("0")
	eventually(t, "the callback", func() bool { return len(debts.list()) == 1 })
	if err := l.Answer(t.Context(), citizen, "丙"); !errors.Is(err, ErrNoTelephone) {
		t.Errorf("who has no telephone: %v", err)
	}
	if err := l.Hold(citizen, "乙", true); !errors.Is(err, ErrNotTheirs) {
		t.Errorf("held by who does not have it: %v", err)
	}
	granted(t, l.Answer(t.Context(), citizen, "乙"))
	second := exchange.Incoming()
	if second.Call.To().User != "801" {
		t.Errorf("%s rings", second.Call.To().User)
	}
	eventually(t, "the taking", func() bool { return slices.Contains(s.done(), "take") && l.Live()[0].Operator == "乙" })
	if err := l.Answer(t.Context(), citizen, "甲"); !errors.Is(err, ErrEngaged) {
		t.Errorf("taken twice: %v", err)
	}
	second.Say(tone(1100, 1))
	eventually(t, "the operator's voice", func() bool { return strength(call.Heard(), 1100) > .9 })

	granted(t, l.Hold(citizen, "乙", true))
	call.Forget()
	second.Forget()
	second.Say(tone(1100, 1))
	call.Say(tone(700, 1))
	eventually(t, "the tune", func() bool { return strength(call.Heard(), 523.25) > .9 && l.Live()[0].Waiting })
	if strength(call.Heard(), 1100) > .5 || strength(second.Heard(), 700) > .5 {
		t.Error("they hear each other although the caller waits")
	}
	granted(t, l.Hold(citizen, "乙", false))
	second.Say(tone(1300, 1))
	eventually(t, "the operator's voice again", func() bool { return strength(call.Heard(), 1300) > .9 })

	if err := l.PassOn(t.Context(), citizen, "甲", "乙"); !errors.Is(err, ErrNotTheirs) {
		t.Errorf("passed on by who does not have it: %v", err)
	}
	granted(t, l.PassOn(t.Context(), citizen, "乙", "甲"))
	first := exchange.Incoming()
	first.Press("2") // does not take it: it stays where it is
	eventually(t, "the refusal", func() bool { return !l.Live()[0].Ringing })
	granted(t, l.PassOn(t.Context(), citizen, "乙", "甲"))
	first = exchange.Incoming()
	eventually(t, "the whisper", func() bool { return !first.FirstSound().IsZero() })
	first.Press("1")
	eventually(t, "the passing on", func() bool { return slices.Contains(s.done(), "乙 to 甲") })
	select {
	case <-second.Call.Done():
	case <-time.After(time.Minute):
		t.Error("who passed it on is not hung up on")
	}
	if got := l.Live()[0].Operator; got != "甲" {
		t.Errorf("%q has it", got)
	}
	if who := kept.owed("乙"); who != citizen {
		t.Errorf("to write up: %q", who)
	}
	first.Say(tone(900, 1))
	eventually(t, "the colleague's voice", func() bool { return strength(call.Heard(), 900) > .9 })
	granted(t, l.Release(citizen, "甲"))
	eventually(t, "the taking back", func() bool { return slices.Contains(s.done(), "finish back=true") })
	if err := l.Answer(t.Context(), citizen, "甲"); !errors.Is(err, ErrWrapUp) {
		t.Errorf("rung with a call to write up: %v", err)
	}
	kept.writeUp("甲")
	granted(t, l.Answer(t.Context(), citizen, "甲"))
	exchange.Incoming()
	eventually(t, "the taking again", func() bool { return l.Live()[0].Operator == "甲" })
	call.Hangup()
	eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") && len(l.Live()) == 0 })
	if err := l.Release(citizen, "甲"); !errors.Is(err, ErrOver) {
		t.Errorf("a call that is over: %v", err)
	}
	if going := kept.going(); len(going) != 0 || kept.owed("甲") != citizen {
		t.Errorf("kept as going on %v, to be written up %q", going, kept.owed("甲"))
	}
}

func granted(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestHeldByTelephone: the button of somebody else's telephone keeps the caller
// waiting as the desk's does.
func TestHeldByTelephone(t *testing.T) {
	t.Parallel()
	s := asking()
	operator := hotlinetest.NewBaresip(t, "800", "PCMA", nil)
	l := openLine(t, s, func(c *Config) {
		c.Operators, c.People = []string{operator.URI()}, phoneBook{"800": "甲"}
	})
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Press("0")
	operator.Await("CALL_ESTABLISHED")
	operator.Press("1")
	eventually(t, "the taking", func() bool { return slices.Contains(s.done(), "take") && l.Live()[0].Operator == "甲" })
	operator.Hold()
	eventually(t, "the tune", func() bool { return l.Live()[0].Waiting && strength(call.Heard(), 523.25) > .9 })
	operator.Resume()
	eventually(t, "the resumption", func() bool { return !l.Live()[0].Waiting })
	call.Hangup()
	operator.Await("CALL_CLOSED")
}
