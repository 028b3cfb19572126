package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/jobs"
	"guanjia/bot/store"
)

var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())

// clock is moved by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// platform is a channel that writes down what it was given, in order.
type platform struct {
	mu    sync.Mutex
	heard []string
	busy  map[bot.CitizenID]int // calls under way
	say   func(ctx context.Context, o bot.Outgoing) error
	fault string
}

// Send implements bot.Sender.
func (p *platform) Send(ctx context.Context, o bot.Outgoing) error {
	p.mu.Lock()
	if p.busy[o.Citizen]++; p.busy[o.Citizen] > 1 {
		p.fault = fmt.Sprintf("two calls at once for %s", o.Citizen)
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.busy[o.Citizen]--
		p.mu.Unlock()
	}()
	if p.say != nil {
		if err := p.say(ctx, o); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, o.Reply.Text)
	return nil
}

func (p *platform) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.heard)
}

// service is a dispatcher on a real store.
type service struct {
	*jobs.Dispatcher
	*platform
	*clock
	t     *testing.T
	store *store.Store
	log   *bytes.Buffer
}

func newService(t *testing.T, say func(context.Context, bot.Outgoing) error) *service {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	v := &service{platform: &platform{busy: map[bot.CitizenID]int{}, say: say}, clock: &clock{now: monday}, t: t, store: s, log: &bytes.Buffer{}}
	v.Dispatcher = &jobs.Dispatcher{Outbox: s, Clock: v.Now, Log: slog.New(slog.NewTextHandler(v.log, nil)),
		Senders: map[bot.Channel]bot.Sender{bot.WeChat: v.platform}}
	return v
}

// enqueue puts a reply to the citizen behind an openid in the outbox.
func (s *service) enqueue(openid, text string, lease time.Duration) bot.OutgoingID {
	s.t.Helper()
	ctx := context.Background()
	to := bot.Address{Channel: bot.WeChat, ID: openid}
	c, err := s.store.Identify(ctx, to, monday)
	if err != nil {
		s.t.Fatal(err)
	}
	var id bot.OutgoingID
	if err := s.store.Commit(ctx, func(tx bot.Tx) (err error) {
		id, err = tx.Enqueue(0, bot.Outgoing{Citizen: c.ID, To: to, Due: monday, From: "bot", Reply: bot.Reply{Text: text}}, lease)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// deliver runs what is due and expects so many to leave.
func (s *service) deliver(want int) {
	s.t.Helper()
	if n, err := s.RunDue(context.Background()); err != nil || n != want {
		s.t.Fatalf("%d left, want %d: %v", n, want, err)
	}
}

func (s *service) expect(want ...string) {
	s.t.Helper()
	if got := s.all(); !slices.Equal(got, want) {
		s.t.Fatalf("heard %q, want %q", got, want)
	}
	if s.fault != "" {
		s.t.Fatal(s.fault)
	}
}

// wait waits for a condition, generously.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s never happened", what)
}
