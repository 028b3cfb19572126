package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/jobs"
)

func TestOrderOfEachCitizen(t *testing.T) {
	s := newService(t, nil)
	const citizens, each = 40, 8
	for i := range each {
		for c := range citizens {
			s.enqueue(fmt.Sprintf("o%d", c), fmt.Sprintf("%d/%d", c, i), 0)
		}
	}
	s.deliver(citizens * each)
	next := map[string]int{}
	for _, text := range s.all() {
		who, n, _ := strings.Cut(text, "/")
		if n != fmt.Sprint(next[who]) {
			t.Fatalf("citizen %s heard %s as number %d", who, n, next[who])
		}
		next[who]++
	}
	s.deliver(0)
	if s.fault != "" {
		t.Fatal(s.fault)
	}
}

// TestLeaseRunsOut: what belongs to a turn's own channel is left alone until
// its lease runs out, and then said once.
func TestLeaseRunsOut(t *testing.T) {
	s := newService(t, nil)
	s.enqueue("o1", "一", bot.LeaseTime)
	s.enqueue("o1", "二", 0)
	s.deliver(0)
	s.advance(bot.LeaseTime)
	s.deliver(2)
	s.deliver(0)
	s.expect("一", "二")
}

// TestTwoDispatchers share an outbox as two processes would: nothing is said twice.
func TestTwoDispatchers(t *testing.T) {
	s := newService(t, nil)
	const n = 200
	for i := range n {
		s.enqueue(fmt.Sprintf("o%d", i%50), fmt.Sprint(i), 0)
	}
	other := *s.Dispatcher
	var both sync.WaitGroup
	for _, d := range []*jobs.Dispatcher{s.Dispatcher, &other} {
		both.Go(func() {
			if _, err := d.RunDue(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	s.deliver(0)
	heard := s.all()
	slices.Sort(heard)
	if len(heard) != n || len(slices.Compact(heard)) != n {
		t.Fatalf("%d heard of %d, %d different", len(heard), n, len(slices.Compact(heard)))
	}
	if s.fault != "" {
		t.Fatal(s.fault)
	}
}

func TestWhatAFailureLeadsTo(t *testing.T) {
	for _, c := range []struct {
		name       string
		err        error
		again      bool // said when the channel works again
		dead, next int  // dead letters, and later replies said meanwhile
	}{
		{"busy", errors.New("busy"), true, 0, 0},
		{"until the citizen writes", fmt.Errorf("window closed: %w", bot.ErrHold), false, 0, 1},
		{"for good", fmt.Errorf("blocked: %w", bot.ErrPermanent), false, 1, 1},
		{"unknown", fmt.Errorf("timeout: %w", bot.ErrUnknownOutcome), false, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := true
			s := newService(t, func(_ context.Context, o bot.Outgoing) error {
				if broken && o.Reply.Text == "坏" {
					return c.err
				}
				return nil
			})
			s.enqueue("o1", "坏", 0)
			s.enqueue("o1", "后", 0)
			s.enqueue("o2", "别人", 0)
			s.deliver(1 + c.next)
			broken = false
			s.advance(2 * time.Second)
			s.deliver(map[bool]int{true: 2}[c.again])
			if c.again && !slices.Equal(s.all()[1:], []string{"坏", "后"}) {
				t.Fatalf("heard %q", s.all())
			}
			if dead, err := s.store.Dead(context.Background(), 10); err != nil || len(dead) != c.dead {
				t.Fatalf("%d dead letters: %v", len(dead), err)
			}
		})
	}
}

// TestTriesGrowApart: tries of what keeps failing grow apart and end among
// the dead letters, with the words out of the log.
func TestTriesGrowApart(t *testing.T) {
	tries := []time.Time{}
	var s *service
	s = newService(t, func(context.Context, bot.Outgoing) error {
		tries = append(tries, s.Now())
		return errors.New("busy")
	})
	s.enqueue("o1", "机密的话", 0)
	for range 7200 {
		s.deliver(0)
		s.advance(time.Second)
	}
	dead, err := s.store.Dead(context.Background(), 10)
	if err != nil || len(dead) != 1 || len(tries) != 12 {
		t.Fatalf("%d dead letters after %d tries: %v", len(dead), len(tries), err)
	}
	for i := 1; i < len(tries); i++ {
		want := min(time.Second<<(i-1), 10*time.Minute)
		if got := tries[i].Sub(tries[i-1]); got < want || got > want+want/4+2*time.Second {
			t.Errorf("try %d came %v after the one before, want about %v", i, got, want)
		}
	}
	if strings.Contains(s.log.String(), "机密") {
		t.Error("the log repeats the words")
	}
}

// TestPoison: messages that panic, hang or cannot be read keep nobody else
// waiting.
func TestPoison(t *testing.T) {
	hang := make(chan struct{})
	s := newService(t, func(ctx context.Context, o bot.Outgoing) error {
		switch o.Reply.Text {
		case "炸":
			panic("sender fell over")
		case "挂":
			<-hang
		}
		return nil
	})
	s.enqueue("o1", "炸", 0)
	s.enqueue("o1", "炸之后", 0)
	for i := range 10 {
		s.enqueue(fmt.Sprintf("h%d", i), "挂", 0)
	}
	for i := range 100 {
		s.enqueue(fmt.Sprintf("p%d", i), "好", 0)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx, s.store.OutboxWake(), time.Hour) })
	wait(t, "everybody else's message", func() bool { return len(s.all()) == 101 })
	if !slices.Contains(s.all(), "炸之后") {
		t.Error("the poisoned citizen hears nothing any more")
	}
	close(hang)
	wait(t, "the hanging ones", func() bool { return len(s.all()) == 111 })
	stop()
	running.Wait()
	if dead, err := s.store.Dead(context.Background(), 10); err != nil || len(dead) != 1 || dead[0].Reply.Text != "炸" {
		t.Errorf("dead letters: %v %v", dead, err)
	}
}

// TestShutdownWaits: what is being sent is finished and settled, nothing new
// is begun.
func TestShutdownWaits(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	s := newService(t, func(ctx context.Context, o bot.Outgoing) error {
		close(begun)
		<-finish
		return ctx.Err() // the shutdown does not cut it short
	})
	s.enqueue("o1", "一", 0)
	s.enqueue("o1", "二", 0)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx, s.store.OutboxWake(), time.Hour)
	}()
	<-begun
	stop()
	select {
	case <-ended:
		t.Fatal("it did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	close(finish)
	<-ended
	s.expect("一")
	s.say = nil
	s.advance(time.Hour)
	s.deliver(1) // not the first again
	s.expect("一", "二")
}

// TestWake: a reply leaves at the wake, not at the interval.
func TestWake(t *testing.T) {
	s := newService(t, nil)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx, s.store.OutboxWake(), time.Hour) })
	s.enqueue("o1", "一", 0)
	wait(t, "the first reply", func() bool { return len(s.all()) == 1 })
	s.enqueue("o1", "二", 0)
	wait(t, "the second reply", func() bool { return len(s.all()) == 2 })
	stop()
	running.Wait()
	s.expect("一", "二")
}

func TestNoSender(t *testing.T) {
	s := newService(t, nil)
	s.Senders = nil
	s.enqueue("o1", "一", 0)
	s.deliver(0)
	s.advance(time.Hour)
	s.deliver(0)
	s.expect()
}

func TestTasks(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	var done []string
	task := func(name string, err error) jobs.Task {
		return jobs.Task{Name: name, Do: func(_ context.Context, now time.Time) error {
			mu.Lock()
			defer mu.Unlock()
			done = append(done, name)
			return err
		}}
	}
	tasks := []jobs.Task{task("a", errors.New("broken")), task("b", nil)}
	jobs.RunTasks(context.Background(), tasks, monday, slog.New(slog.NewTextHandler(&log, nil)))
	if !slices.Equal(done, []string{"a", "b"}) || !strings.Contains(log.String(), "broken") {
		t.Fatalf("done %v, log %s", done, log.String())
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		jobs.Schedule(ctx, tasks, bot.SystemClock, 10*time.Millisecond, slog.New(slog.DiscardHandler))
	})
	wait(t, "the third round", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(done) >= 8
	})
	stop()
	running.Wait()
}

// TestClockIsSet: a clock set forward by hours, past every lease, has nothing
// said twice that is being said; set back by hours it has nothing wait for them.
func TestClockIsSet(t *testing.T) {
	saying, goOn := make(chan string, 8), make(chan bool)
	failed := false
	s := newService(t, func(_ context.Context, o bot.Outgoing) error {
		if o.Reply.Text == "fails once" && !failed {
			failed = true
			return errors.New("down")
		}
		saying <- o.Reply.Text
		if o.Reply.Text == "slow" {
			<-goOn
		}
		return nil
	})
	ctx, stop := context.WithCancel(t.Context())
	wake, ended := make(chan struct{}), make(chan bool)
	go func() { s.Run(ctx, wake, time.Millisecond); close(ended) }()
	s.enqueue("o1", "slow", 0)
	if said := <-saying; said != "slow" {
		t.Fatal(said)
	}
	s.advance(5 * time.Hour)
	s.enqueue("o2", "after", 0)
	if said := <-saying; said != "after" {
		t.Errorf("%s is said twice", said)
	}
	close(goOn)
	s.enqueue("o3", "fails once", 0)
	for { // until it is put back for its next try
		next, err := s.store.NextDue(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if pause := next.Sub(s.Now()); pause > 0 && pause < 5*time.Second {
			break
		}
		time.Sleep(time.Millisecond)
	}
	s.advance(-5 * time.Hour)
	for said, waited := "", 0; said == ""; waited++ {
		select {
		case said = <-saying:
			if said != "fails once" || waited > 600 {
				t.Errorf("%s is said after %d s", said, waited)
			}
		case <-time.After(10 * time.Millisecond):
			s.advance(time.Second)
		}
	}
	stop()
	<-ended
	if s.fault != "" {
		t.Error(s.fault)
	}
}

// TestNotSure: who was stopped between taking a reply and sending it does not
// send it when another may lead by then, who does when the lease is over.
func TestNotSure(t *testing.T) {
	s := newService(t, nil)
	s.enqueue("o1", "一", 0)
	sure := false
	s.Sure = func() bool { return sure }
	s.deliver(0)
	s.expect()
	sure = true
	s.deliver(0) // it is leased still
	s.advance(time.Minute)
	s.deliver(1)
	s.expect("一")
}
