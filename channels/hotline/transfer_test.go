package hotline

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
)

// asking is an engine that queues whoever presses 0.
func asking() *script {
	return &script{answer: func(in bot.Inbound) bot.Turn {
		switch {
		case in.Event == bot.EventCall:
			return reply("请问您要办什么事？")
		case in.EventKey == "0":
			turn := reply("好的，已为您转人工。")
			turn.Handling, turn.Trace.Intent = bot.Queued, bot.TalkToOperator
			return turn
		case in.Event == bot.EventHangup:
			return bot.Turn{}
		}
		turn := reply("好的。")
		return turn
	}}
}

func (s *script) done() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deeds)
}

// owed are callbacks as a test keeps them.
type owed struct {
	mu  sync.Mutex
	all []string
}

func (o *owed) CallBack(_ context.Context, caller bot.Address, why string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, caller.ID+" "+why)
	return nil
}

func (o *owed) list() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.all)
}

// hurried are waits that a test need not sit out.
func hurried() Times {
	t := DefaultTimes()
	t.Operator, t.Accept = 2*time.Second, 5*time.Second
	return t
}

// tone is a steady sound.
func tone(hertz float64, seconds float64) []int16 {
	out := make([]int16, int(seconds*media.Rate))
	for i := range out {
		out[i] = int16(8000 * math.Sin(2*math.Pi*hertz*float64(i)/media.Rate))
	}
	return out
}

// strength is how much of a tone is in sound, 0 to 1.
func strength(samples []int16, hertz float64) float64 {
	best := 0.0
	for at := 0; at+800 <= len(samples); at += 800 {
		var re, im, all float64
		for i, s := range samples[at : at+800] {
			x := 2 * math.Pi * hertz * float64(i) / media.Rate
			re, im, all = re+float64(s)*math.Cos(x), im+float64(s)*math.Sin(x), all+float64(s)*float64(s)
		}
		if all > 800*100*100 {
			best = max(best, 2*(re*re+im*im)/800/all)
		}
	}
	return best
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	for name, rather := range map[string][]media.Law{"narrow": nil, "wide": {media.G722}} {
		t.Run(name, func(t *testing.T) { t.Parallel(); transfer(t, rather) })
	}
}

func transfer(t *testing.T, rather []media.Law) {
	s, debts := asking(), &owed{}
	desk := hotlinetest.NewPhone(t, 4)
	l := openLine(t, s, func(c *Config) {
		c.Operators, c.Callbacks, c.Times = []string{desk.URI("800")}, debts, hurried()
		c.Times.Silence = 10 * time.Minute // the survey waits for its key
	})
	phone := hotlinetest.NewPhone(t, 4)
	phone.Rather = rather
	call := phone.MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Press("0")
	operator := desk.Incoming()
	if operator.Sound.Wide() != (len(rather) > 0) {
		t.Errorf("the operator speaks %s", operator.Sound.Law())
	}
	eventually(t, "the whisper", func() bool { return !operator.FirstSound().IsZero() })
	if len(s.done()) != 0 {
		t.Errorf("taken before it was accepted: %v", s.done())
	}
	operator.Press("1")
	eventually(t, "the taking", func() bool { return slices.Contains(s.done(), "take") })
	// Each hears the other.
	call.Forget()
	operator.Forget()
	call.Say(tone(700, 1))
	operator.Say(tone(1100, 1))
	eventually(t, "the caller's voice", func() bool { return strength(operator.Heard(), 700) > .9 })
	eventually(t, "the operator's voice", func() bool { return strength(call.Heard(), 1100) > .9 })
	call.Press("5")
	select {
	case k := <-operator.Keys:
		if k != '5' {
			t.Errorf("the operator got %c", k)
		}
	case <-time.After(time.Minute):
		t.Error("a key is not passed on")
	}
	operator.Hangup()
	eventually(t, "the taking back", func() bool { return slices.Contains(s.done(), "finish back=true") })
	// What there is to say to this comes after the survey: its keys are others.
	call.Forget()
	said := make(chan error, 1)
	go func() {
		said <- l.Send(t.Context(), bot.Outgoing{Citizen: "p-" + Unproven + "13800000000", Reply: bot.Reply{Text: "我们接着办。"}})
	}()
	eventually(t, "the end of the question", func() bool { return !call.FirstSound().IsZero() && time.Since(call.LastSound()) > time.Second })
	if len(said) > 0 {
		t.Error("the survey is talked over")
	}
	call.Press("1")
	select {
	case err := <-said:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("what waited for the survey is never said")
	}
	eventually(t, "the survey", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.ContainsFunc(s.notes, func(n string) bool { return strings.Contains(n, "满意") })
	})
	call.Hangup()
	eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
	if len(debts.list()) != 0 {
		t.Errorf("owed %v", debts.list())
	}
}

// TestNobodyTakesIt: busy, unanswered, declined by status and by key: the bot
// takes the caller back and registers a callback.
func TestNobodyTakesIt(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]int{"busy": 486, "declined": 603, "unanswered": 0, "by key": 200} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, debts := asking(), &owed{}
			desk := hotlinetest.NewPhone(t, 4)
			desk.Answer(func(*signal.Call) int { return answer })
			l := openLine(t, s, func(c *Config) {
				c.Operators, c.Callbacks, c.Times = []string{desk.URI("800")}, debts, hurried()
				if answer == 603 {
					c.Times.Silence = time.Second
				}
			})
			phone := hotlinetest.NewPhone(t, 4)
			call := phone.MustDial(l.uri(), "13800000000")
			eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
			call.Press("0")
			if answer == 200 {
				operator := desk.Incoming()
				eventually(t, "the whisper", func() bool { return !operator.FirstSound().IsZero() })
				operator.Press("2")
			}
			eventually(t, "the callback", func() bool { return len(debts.list()) == 1 })
			if answer == 603 { // who says nothing to that is not asked over and over
				select {
				case <-call.Call.Done():
				case <-time.After(time.Minute):
					t.Error("a silent caller who will be called back is kept")
				}
				if slices.Contains(s.heard(), "silence") {
					t.Error("they are asked again what they want")
				}
				return
			}
			// The bot goes on.
			call.Press("7")
			eventually(t, "the next key", func() bool { return slices.Contains(s.heard(), "dtmf:7") })
			call.Hangup()
			eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
			if len(s.done()) != 0 || len(debts.list()) != 1 {
				t.Errorf("deeds %v, owed %v", s.done(), debts.list())
			}
		})
	}
}

// TestNextOperator: who does not answer is passed over.
func TestNextOperator(t *testing.T) {
	t.Parallel()
	s := asking()
	busy, free := hotlinetest.NewPhone(t, 2), hotlinetest.NewPhone(t, 2)
	busy.Answer(func(*signal.Call) int { return 486 })
	l := openLine(t, s, func(c *Config) { c.Operators, c.Times = []string{busy.URI("1"), free.URI("2")}, hurried() })
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Press("0")
	operator := free.Incoming()
	operator.Press("1")
	eventually(t, "the taking", func() bool { return slices.Contains(s.done(), "take") })
	// The caller leaves while they talk: the operator is hung up on.
	call.Hangup()
	select {
	case <-operator.Call.Done():
	case <-time.After(time.Minute):
		t.Error("the operator is left alone")
	}
	eventually(t, "the end", func() bool { return slices.Contains(s.done(), "finish back=false") })
}

// TestCallerLeavesWhileRinging: the operator's telephone stops, and a callback
// is owed.
func TestCallerLeavesWhileRinging(t *testing.T) {
	t.Parallel()
	s, debts := asking(), &owed{}
	desk := hotlinetest.NewPhone(t, 2)
	rings := make(chan *signal.Call, 1)
	desk.Answer(func(c *signal.Call) int { rings <- c; return 0 })
	l := openLine(t, s, func(c *Config) { c.Operators, c.Callbacks = []string{desk.URI("800")}, debts })
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Press("0")
	ringing := <-rings
	call.Hangup()
	select {
	case <-ringing.Done():
		if ringing.Cause() != signal.CauseCancel {
			t.Errorf("ended by %s", ringing.Cause())
		}
	case <-time.After(time.Minute):
		t.Error("it rings on")
	}
	eventually(t, "the callback", func() bool { return len(debts.list()) == 1 })
}

// TestMissed: a call that finds no line is called back.
func TestMissed(t *testing.T) {
	t.Parallel()
	s, debts := asking(), &owed{}
	l := openLine(t, s, func(c *Config) { c.MaxCalls, c.Callbacks = 1, debts })
	phone := hotlinetest.NewPhone(t, 4)
	phone.MustDial(l.uri(), "13800000001")
	if _, err := phone.Dial(t.Context(), l.uri(), "13800000002"); err == nil {
		t.Fatal("a second call is taken")
	}
	eventually(t, "the callback", func() bool {
		return slices.Equal(debts.list(), []string{"13800000002 线路忙，未接通"})
	})
}

// TestDead: a telephone that sends no sound any more, and no BYE, is hung up on.
func TestDead(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply("您好。") }}
	l := openLine(t, s, func(c *Config) { c.Times = DefaultTimes(); c.Times.Dead = 2 * time.Second })
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	call.Sound.Close()
	select {
	case <-call.Call.Done():
	case <-time.After(time.Minute):
		t.Error("it is held for ever")
	}
	eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
}

// TestHold: a caller who holds is sent nothing, and the prompt waits.
func TestHold(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(bot.Inbound) bot.Turn { return reply(strings.Repeat("这是一段很长的话，", 20)) }}
	l := openLine(t, s)
	phone := hotlinetest.NewBaresip(t, "13800000000", "PCMU", nil)
	phone.Dial(l.uri())
	playing := func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, talk := range l.talks {
			return talk.sound.Playing()
		}
		return false
	}
	held := func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, talk := range l.talks {
			return talk.sound.Held()
		}
		return false
	}
	eventually(t, "the prompt", playing)
	phone.Hold()
	eventually(t, "the hold", held)
	phone.Resume()
	eventually(t, "the resumption", func() bool { return !held() })
	phone.Press("3")
	eventually(t, "a key after it", func() bool { return slices.Contains(s.heard(), "dtmf:3") })
	phone.Hangup()
	eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
}
