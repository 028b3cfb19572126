package inmem

import (
	"context"
	"sync"
	"testing"
	"time"
)

func TestTurnsKeepTheOrderOfArrival(t *testing.T) {
	turns := NewTurns()
	unlock, err := turns.Lock(context.Background(), "c")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var order []int
	var done sync.WaitGroup
	for i := range 50 {
		arrived := make(chan struct{})
		done.Go(func() {
			close(arrived)
			next, err := turns.Lock(context.Background(), "c")
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			order = append(order, i)
			mu.Unlock()
			next()
		})
		<-arrived
		waitFor(t, func() bool {
			turns.mu.Lock()
			defer turns.mu.Unlock()
			return len(turns.queue["c"]) == i+2
		})
	}
	unlock()
	done.Wait()
	for i, got := range order {
		if got != i {
			t.Fatalf("turn %d went to %d", i, got)
		}
	}
	if n := turns.Waiting(); n != 0 {
		t.Fatalf("%d keys left behind", n)
	}
}

func TestTurnsGiveUpAPlaceWhenTheContextEnds(t *testing.T) {
	turns := NewTurns()
	unlock, err := turns.Lock(context.Background(), "c")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := turns.Lock(ctx, "c"); err == nil {
		t.Fatal("a cancelled wait got the turn")
	}
	unlock()
	unlock() // harmless
	next, err := turns.Lock(context.Background(), "c")
	if err != nil {
		t.Fatal(err)
	}
	next()
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 10_000 {
		if ok() {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
	t.Fatal("never happened")
}
