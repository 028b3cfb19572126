package redis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"guanjia/bot/inmem"
	"guanjia/bot/redis"
	"guanjia/bot/redis/redistest"
)

// tries is a count as a limit has it.
type tries struct {
	N  int
	At time.Time
}

// leading is an instance that leads, with one limit.
type leading struct {
	t      *testing.T
	shared *redis.Shared

	address string
	counts  *inmem.Counts[tries]
	stop    context.CancelFunc
	ended   chan struct{}
}

func lead(t *testing.T, address string) *leading {
	t.Helper()
	s := open(t, address)
	l := &leading{t: t, shared: s, address: address, counts: inmem.NewCounts[tries](s.Kept("sign-in", time.Hour)), ended: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go func() {
		defer close(l.ended)
		s.WriteBehind(ctx)
	}()
	t.Cleanup(l.end)
	return l
}

// end is a leader that ends in order, and writes what it has.
func (l *leading) end() {
	l.stop()
	<-l.ended
}

// finds waits until what the one before had counted of a name is known.
func (l *leading) finds(name string, n int) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		got, _ := l.counts.Of(name)
		if got.N == n {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("of %s there is %+v, want %d", name, got, n)
		}
	}
}

// hands waits until whoever leads next would find a count, and ends.
func (l *leading) hands(name string, n int) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		next := lead(l.t, l.address)
		got, _ := next.counts.Of(name)
		next.end()
		if got.N == n {
			break
		}
		if time.Now().After(end) {
			l.t.Fatalf("of %s the next has %+v, want %d", name, got, n)
		}
	}
	l.end()
}

// TestLimitsOutliveATakeover counts at one instance and goes on at the next:
// what was forgotten is forgotten, and what the next has counted itself holds.
func TestLimitsOutliveATakeover(t *testing.T) {
	server := redistest.Start(t)
	address := "redis://" + server.Addr
	one := lead(t, address)
	at := time.Now().Truncate(time.Millisecond)
	for i := range 1200 { // several pieces
		one.counts.Set(fmt.Sprint("name:", i), tries{i + 1, at}, time.Hour)
	}
	one.counts.Set("name:forgotten", tries{7, at}, time.Hour)
	one.counts.Set("last", tries{N: 1}, time.Hour)
	one.hands("name:forgotten", 7)
	one = lead(t, address)
	one.finds("name:forgotten", 7)
	one.counts.Forget("name:forgotten")
	one.counts.Set("last", tries{N: 2}, time.Hour)
	one.hands("last", 2)

	two := lead(t, address)
	two.finds("last", 2)
	for i := range 1200 {
		if got, ok := two.counts.Of(fmt.Sprint("name:", i)); !ok || got.N != i+1 || !got.At.Equal(at) {
			t.Fatalf("%d: %+v %v", i, got, ok)
		}
	}
	if got, ok := two.counts.Of("name:forgotten"); ok {
		t.Errorf("what was forgotten is %+v", got)
	}
	if _, ok := two.counts.Of("name:new"); ok {
		t.Error("a new name was counted before")
	}
	two.counts.Set("name:5", tries{99, at}, time.Hour)
	two.counts.Forget("name:6")
	if _, ok := two.counts.Of("name:6"); ok {
		t.Error("what was forgotten comes back")
	}
	two.hands("name:5", 99)

	three := lead(t, address)
	three.finds("name:5", 99)
	if _, ok := three.counts.Of("name:6"); ok {
		t.Error("what the second forgot is there")
	}
	if other := inmem.NewCounts[tries](three.shared.Kept("phone", time.Hour)); true {
		if _, ok := other.Of("name:5"); ok {
			t.Error("one limit counts another's names")
		}
	}
	if left := strings.TrimSpace(server.Say("PTTL guanjia:limit:sign-in")); left == ":-1" || left == ":-2" {
		t.Errorf("what is kept is never over: %s", left)
	}
}

// TestLimitsWithoutRedis counts while Redis is slow, gone and emptied: nobody
// waits, memory goes on counting, and what was counted meanwhile is written when
// Redis answers again, except what an emptied one had.
func TestLimitsWithoutRedis(t *testing.T) {
	server := redistest.Start(t)
	address := "redis://" + server.Addr
	one := lead(t, address)
	for failure, begin := range map[string]func(){"slow": server.Pause, "gone": server.Kill} {
		begin()
		begun := time.Now()
		for i := range 10_000 {
			name := fmt.Sprint(failure, i%100)
			got, _ := one.counts.Of(name)
			one.counts.Set(name, tries{N: got.N + 1}, time.Hour)
		}
		// Ten thousand that each waited for Redis would take eight minutes.
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%s: counting took %s", failure, took)
		}
		if got, _ := one.counts.Of(failure + "7"); got.N != 100 {
			t.Errorf("%s: memory has %+v", failure, got)
		}
		begun = time.Now()
		late := lead(t, address) // which takes over meanwhile, and does not wait
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%s: beginning to lead took %s", failure, took)
		}
		if _, ok := late.counts.Of(failure + "7"); ok {
			t.Errorf("%s: it is known what was counted", failure)
		}
		late.end()
		if failure == "slow" {
			server.Go()
		} else {
			server.Begin() // empty
		}
		one.hands(failure+"7", 100)
		one = lead(t, address)
	}
	one.counts.Set("before", tries{N: 3}, time.Hour)
	one.hands("before", 3)
	server.Say("FLUSHALL")
	two := lead(t, address)
	if got, ok := two.counts.Of("before"); ok {
		t.Errorf("an emptied Redis has %+v", got)
	}
	two.counts.Set("after", tries{N: 4}, time.Hour)
	two.hands("after", 4)
}

// TestLimitsReadLate begins to lead while Redis is gone: what the one before
// had counted is taken up when it is there, but for what was counted meanwhile.
func TestLimitsReadLate(t *testing.T) {
	server := redistest.Start(t)
	address := "redis://" + server.Addr
	one := lead(t, address)
	for _, name := range []string{"a", "b", "c"} {
		one.counts.Set(name, tries{N: 5}, time.Hour)
	}
	one.hands("c", 5)
	server.Pause()
	two := lead(t, address)
	two.counts.Set("b", tries{N: 1}, time.Hour)
	two.counts.Forget("c")
	server.Go()
	two.finds("a", 5)
	if got, _ := two.counts.Of("b"); got.N != 1 {
		t.Errorf("of b there is %+v", got)
	}
	if got, ok := two.counts.Of("c"); ok {
		t.Errorf("of c there is %+v", got)
	}
}

// TestLimitsAreBounded counts more names than are kept: those that are kept can
// still be counted further and forgotten.
func TestLimitsAreBounded(t *testing.T) {
	server := redistest.Start(t)
	one := lead(t, "redis://"+server.Addr)
	one.counts.Set("first", tries{N: 1}, time.Hour)
	for i := range 25_000 {
		one.counts.Set(fmt.Sprint(i), tries{N: 1}, time.Hour)
	}
	var kept int
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if fmt.Sscanf(server.Say("HLEN guanjia:limit:sign-in"), ":%d", &kept); kept == 20_000 {
			break
		}
		if kept > 20_000 || time.Now().After(end) {
			t.Fatalf("%d names are kept", kept)
		}
	}
	one.counts.Set("first", tries{N: 2}, time.Hour)
	one.hands("first", 2)
}
