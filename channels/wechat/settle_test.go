package wechat

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

// deaf is a connection nobody reads from.
type deaf struct{ header http.Header }

func (d deaf) Header() http.Header     { return d.header }
func (deaf) WriteHeader(int)           {}
func (deaf) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
func (p *place) straight(body string) *http.Request {
	r := httptest.NewRequest("POST", "/wechat?"+sign(time.Now(), nonce()).Encode(), strings.NewReader(body))
	return r
}

func (c *clerk) settled() (delivered, released []bot.OutgoingID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.delivered), slices.Clone(c.released)
}

// TestFailedWrites: an answer that did not leave is said by the next try;
// when there is none, the outbox has it.
func TestFailedWrites(t *testing.T) {
	p := open(t)
	body := text("o1", 1, "一")
	p.edge.ServeHTTP(deaf{http.Header{}}, p.straight(body))
	if d, r := p.clerk.settled(); len(d)+len(r) != 0 {
		t.Fatalf("settled though nothing left: %v %v", d, r)
	}
	if got := p.say(body); got != "答：一" {
		t.Fatalf("second try: %q", got)
	}
	until(t, "delivery", func() bool {
		d, r := p.clerk.settled()
		return slices.Equal(d, []bot.OutgoingID{1}) && len(r) == 0
	})
	body = text("o1", 2, "二")
	for range lastTry {
		p.edge.ServeHTTP(deaf{http.Header{}}, p.straight(body))
	}
	until(t, "release", func() bool {
		d, r := p.clerk.settled()
		return slices.Equal(d, []bot.OutgoingID{1}) && slices.Equal(r, []bot.OutgoingID{2})
	})
}

// TestRemindersWait: what is due later is neither said nor released now.
func TestRemindersWait(t *testing.T) {
	p := open(t)
	p.edge.receiver = late{p.clerk}
	if got := p.say(text("o1", 1, "一")); got != "答：一" {
		t.Errorf("%q", got)
	}
	p.close()
	if d, r := p.clerk.settled(); !slices.Equal(d, []bot.OutgoingID{1}) || len(r) != 0 {
		t.Errorf("delivered %v, released %v", d, r)
	}
}

// late adds a reminder of tomorrow to every turn.
type late struct{ *clerk }

func (l late) Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error) {
	turn, err := l.clerk.Receive(ctx, in)
	turn.Out = append(turn.Out, bot.Outgoing{ID: 99, To: in.From, Reply: bot.Reply{Text: "明天"}, Due: time.Now().Add(24 * time.Hour), Proactive: true})
	return turn, err
}

// TestReportsShareCommits: what gathers during one report goes with the next,
// and a report that fails is tried again.
func TestReportsShareCommits(t *testing.T) {
	b := &busy{entered: make(chan struct{}), release: make(chan struct{}), failures: 1}
	r := newReporter(b, slog.New(slog.DiscardHandler), func() { t.Error("given up") })
	r.tell([]bot.OutgoingID{1}, nil)
	<-b.entered
	for i := range 50 {
		r.tell([]bot.OutgoingID{bot.OutgoingID(i + 2)}, nil)
	}
	close(b.release)
	if err := r.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.ids) != 51 || b.calls != 3 {
		t.Errorf("%d ids in %d calls", len(b.ids), b.calls)
	}
}

// busy fails some reports and makes the first wait.
type busy struct {
	clerk
	once             sync.Once
	entered, release chan struct{}
	failures, calls  int
	ids              []bot.OutgoingID
}

func (b *busy) Delivered(_ context.Context, ids ...bot.OutgoingID) error {
	b.once.Do(func() { close(b.entered) })
	<-b.release
	b.calls++
	if b.failures > 0 {
		b.failures--
		return errors.New("database is locked")
	}
	b.ids = append(b.ids, ids...)
	return nil
}

// TestStuckTurns end with their limit, and Close does not wait for ever.
func TestStuckTurns(t *testing.T) {
	p := open(t, func(c *Config) { c.Times.Turn = 2 * scale })
	p.clerk.slow = slowly(600)
	if got := p.say(text("o1", 1, "一")); got != wordsFor("").sorry {
		t.Errorf("%q", got)
	}
	stuck := open(t, func(c *Config) { c.API = nil })
	stuck.clerk.slow = slowly(600)
	if _, _, err := stuck.try(sign(time.Now(), nonce()), text("o1", 1, "一"), scale); err == nil {
		t.Fatal("answered")
	}
	ctx, cancel := context.WithTimeout(t.Context(), scale)
	defer cancel()
	if err := stuck.edge.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	// A closed edge hangs up, so that the platform asks the next process.
	if status, reply, err := stuck.try(sign(time.Now(), nonce()), text("o2", 2, "二"), time.Minute); err == nil {
		t.Errorf("after closing: %d %q", status, reply)
	}
}

func TestNewNeedsWhatItNeeds(t *testing.T) {
	for name, c := range map[string]Config{"receiver": {Token: "x"}, "wechat_token": {Receiver: &clerk{}}} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}
