package wechat

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

// wechatTries plays the platform: up to three tries of five seconds (scaled),
// all with the same message. It returns the number of the try that was
// answered, 0 for none, and the answer.
func (p *place) wechatTries(q url.Values, body string) (try int, reply string) {
	for try := 1; try <= lastTry; try++ {
		status, reply, err := p.try(q, body, 5*scale)
		if err == nil && status == 200 {
			return try, reply
		}
	}
	return 0, ""
}

func slowly(seconds float64) func(bot.Inbound) time.Duration {
	return func(bot.Inbound) time.Duration { return time.Duration(seconds * float64(scale)) }
}

// TestRetryJoin holds that an answer of 0, 3, 8 and 13 seconds arrives with
// the try it can, from one run, when nothing can be pushed.
func TestRetryJoin(t *testing.T) {
	for seconds, want := range map[float64]int{0: 1, 3: 1, 7.5: 2, 12.5: 3} {
		t.Run(fmt.Sprint(seconds), func(t *testing.T) {
			t.Parallel()
			p := open(t, func(c *Config) { c.API = nil })
			p.clerk.slow = slowly(seconds)
			try, reply := p.wechatTries(sign(time.Now(), nonce()), text("o1", 1, "慢"))
			if try != want || content(t, reply) != "答：慢" {
				t.Errorf("%v s: try %d, %q; want try %d", seconds, try, reply, want)
			}
			until(t, "delivery", func() bool {
				p.clerk.mu.Lock()
				defer p.clerk.mu.Unlock()
				return len(p.clerk.delivered) == 1 && len(p.clerk.released) == 0
			})
			if n := len(p.clerk.heard()); n != 1 {
				t.Errorf("%d runs", n)
			}
		})
	}
}

// TestThirdTryAsksToWait: longer than three tries, the citizen is told, and
// the answer is left to the outbox.
func TestThirdTryAsksToWait(t *testing.T) {
	p := open(t, func(c *Config) { c.API = nil })
	p.clerk.slow = slowly(17)
	q := sign(time.Now(), nonce())
	try, reply := p.wechatTries(q, text("o1", 1, "很慢"))
	if try != 3 || content(t, reply) != wordsFor("").waiting {
		t.Fatalf("try %d, %q", try, reply)
	}
	until(t, "release", func() bool {
		p.clerk.mu.Lock()
		defer p.clerk.mu.Unlock()
		return slices.Equal(p.clerk.released, []bot.OutgoingID{1}) && len(p.clerk.delivered) == 0
	})
	if err := p.edge.Send(t.Context(), bot.Outgoing{ID: 1, To: bot.Address{Channel: bot.WeChat, ID: "o1"}, Reply: bot.Reply{Text: "答"}}); !errors.Is(err, bot.ErrHold) {
		t.Errorf("an account that cannot write first: %v", err)
	}
	if status, again, _ := p.try(q, text("o1", 1, "很慢"), time.Minute); status != 200 || again != success {
		t.Errorf("a fourth try: %d %q", status, again)
	}
}

// TestSlowAnswersFollow: where a customer-service message may be sent, the
// first try is answered with success and the answer goes out by the outbox.
func TestSlowAnswersFollow(t *testing.T) {
	p := open(t)
	p.clerk.slow = slowly(7)
	try, reply := p.wechatTries(sign(time.Now(), nonce()), text("o1", 1, "慢"))
	if try != 1 || reply != success {
		t.Fatalf("try %d, %q", try, reply)
	}
	until(t, "release", func() bool {
		p.clerk.mu.Lock()
		defer p.clerk.mu.Unlock()
		return slices.Equal(p.clerk.released, []bot.OutgoingID{1})
	})
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	if p.wire.typed != 1 {
		t.Errorf("typing shown %d times", p.wire.typed)
	}
}

// TestQuotaUsedUpHoldsTheLine: no message left to push, so the tries are used.
func TestQuotaUsedUpHoldsTheLine(t *testing.T) {
	p := open(t)
	p.clerk.slow = slowly(7.5)
	p.edge.ledger.Heard("o1", bot.NoEvent, p.edge.clock())
	go func() { // used up while the answer is being worked out
		time.Sleep(scale)
		p.edge.ledger.close("o1")
	}()
	if try, reply := p.wechatTries(sign(time.Now(), nonce()), text("o1", 1, "慢")); try != 2 || content(t, reply) != "答：慢" {
		t.Errorf("try %d, %q", try, reply)
	}
}

// TestLateFailureIsTold: a turn that fails after success was said.
func TestLateFailureIsTold(t *testing.T) {
	p := open(t)
	p.clerk.slow = slowly(5)
	p.clerk.answer = func(bot.Inbound) ([]bot.Reply, error) { return nil, errors.New("disk full") }
	if try, reply := p.wechatTries(sign(time.Now(), nonce()), text("o1", 1, "慢")); try != 1 || reply != success {
		t.Fatalf("try %d, %q", try, reply)
	}
	until(t, "regret", func() bool {
		p.wire.mu.Lock()
		defer p.wire.mu.Unlock()
		return slices.Equal(p.wire.sent, []string{wordsFor("").sorry})
	})
}

// TestFailedTurnIsTriedAgain: one failure inside costs nobody an answer, two
// get a kind sentence.
func TestFailedTurnIsTriedAgain(t *testing.T) {
	p := open(t)
	n := 0
	p.clerk.answer = func(in bot.Inbound) ([]bot.Reply, error) {
		if n++; n == 1 || in.Text == "坏" {
			return nil, errors.New("busy")
		}
		return []bot.Reply{{Text: "好"}}, nil
	}
	if got := p.say(text("o1", 1, "一")); got != "好" {
		t.Errorf("%q", got)
	}
	if got := p.say(text("o1", 2, "坏")); got != wordsFor("").sorry {
		t.Errorf("%q", got)
	}
}

// TestBurst: ten messages of one citizen at once are answered each, and the
// engine hears them in the order they came.
func TestBurst(t *testing.T) {
	p := open(t)
	p.wire.media["png"] = []byte("\x89PNG\r\n\x1a\n")
	p.clerk.slow = func(in bot.Inbound) time.Duration {
		if strings.HasSuffix(in.Text, "0") {
			return 20 * time.Millisecond
		}
		return 0
	}
	var wg sync.WaitGroup
	replies := make([]string, 10)
	for i := range replies {
		wg.Go(func() {
			_, replies[i], _ = p.try(sign(time.Now(), nonce()), text("o1", 10+i, fmt.Sprint(10+i)), time.Minute)
		})
		until(t, "its coming", func() bool {
			p.edge.jobs.mu.Lock()
			defer p.edge.jobs.mu.Unlock()
			return len(p.edge.jobs.byKey) == i+1
		})
	}
	wg.Wait()
	for i, in := range p.clerk.heard() {
		if in.Text != fmt.Sprint(10+i) {
			t.Errorf("heard %q at place %d", in.Text, i)
		}
	}
	for i, r := range replies {
		if content(t, r) != fmt.Sprintf("答：%d", 10+i) {
			t.Errorf("reply %d: %q", i, r)
		}
	}
	if len(p.edge.jobs.last) != 0 || p.edge.jobs.running != 0 {
		t.Errorf("left behind: %d, %d", len(p.edge.jobs.last), p.edge.jobs.running)
	}
}

// TestRetriesAtOnce: the same message many times at once is one run and one
// report.
func TestRetriesAtOnce(t *testing.T) {
	p := open(t)
	p.clerk.slow = slowly(1)
	q := sign(time.Now(), nonce())
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, reply, err := p.try(q, text("o1", 1, "一"), time.Minute); err != nil || content(t, reply) != "答：一" {
				t.Errorf("%q %v", reply, err)
			}
		})
	}
	wg.Wait()
	p.close()
	if n := len(p.clerk.heard()); n != 1 || len(p.clerk.delivered) != 1 {
		t.Errorf("%d runs, delivered %v", n, p.clerk.delivered)
	}
}

// TestCrowd: beyond the bound a message is turned away with words.
func TestCrowd(t *testing.T) {
	p := open(t, func(c *Config) { c.MostTurns = 1 })
	p.clerk.slow = slowly(3)
	done := make(chan string, 1)
	go func() {
		_, reply, _ := p.try(sign(time.Now(), nonce()), text("o1", 1, "一"), time.Minute)
		done <- reply
	}()
	until(t, "the first", func() bool {
		p.edge.jobs.mu.Lock()
		defer p.edge.jobs.mu.Unlock()
		return p.edge.jobs.running == 1
	})
	if got := p.say(text("o2", 2, "二")); got != wordsFor("").crowded {
		t.Errorf("%q", got)
	}
	if got := content(t, <-done); got != "答：一" {
		t.Errorf("%q", got)
	}
}

// TestAnswersAreForgotten: the memory of answers is bounded by time.
func TestAnswersAreForgotten(t *testing.T) {
	p := open(t, func(c *Config) { c.Times.Remember = time.Millisecond })
	for i := range 50 {
		p.say(text("o1", i, "x"))
		time.Sleep(2 * time.Millisecond)
	}
	p.edge.jobs.mu.Lock()
	defer p.edge.jobs.mu.Unlock()
	if n := len(p.edge.jobs.byKey); n > 3 {
		t.Errorf("%d answers kept", n)
	}
}

// TestUnfollowing is told to the engine and never answered.
func TestUnfollowing(t *testing.T) {
	p := open(t)
	if got := p.say(event("o1", "unsubscribe", "")); got != "" {
		t.Errorf("%q", got)
	}
	until(t, "the engine", func() bool { return len(p.clerk.heard()) == 1 })
	until(t, "release", func() bool {
		p.clerk.mu.Lock()
		defer p.clerk.mu.Unlock()
		return len(p.clerk.released) == 1 && len(p.clerk.delivered) == 0
	})
	if err := p.edge.Send(t.Context(), bot.Outgoing{To: bot.Address{Channel: bot.WeChat, ID: "o1"}, Reply: bot.Reply{Text: "x"}}); !errors.Is(err, bot.ErrHold) {
		t.Errorf("sent to one who left: %v", err)
	}
}

// TestClosing: what runs is finished and reported; nothing new is taken.
func TestClosing(t *testing.T) {
	p := open(t)
	p.clerk.slow = slowly(7)
	if try, _ := p.wechatTries(sign(time.Now(), nonce()), text("o1", 1, "慢")); try != 1 {
		t.Fatal("not pushed")
	}
	p.close()
	if !slices.Equal(p.clerk.released, []bot.OutgoingID{1}) {
		t.Errorf("released %v", p.clerk.released)
	}
}
