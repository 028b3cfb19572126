package hotline

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
)

// soaks is how long the line is worked: GUANJIA_SOAK, an hour where all is
// proven, some seconds otherwise.
func soaks(t *testing.T) time.Duration {
	t.Helper()
	switch v := os.Getenv("GUANJIA_SOAK"); {
	case v != "":
		d, err := time.ParseDuration(v)
		if err != nil {
			t.Fatal(err)
		}
		return d
	case os.Getenv("GUANJIA_PROVE") != "":
		return time.Hour
	}
	return 8 * time.Second
}

// handles are the files and sockets that the process has open.
func handles() int {
	open, _ := os.ReadDir("/proc/self/fd")
	return len(open)
}

// TestSoak: callers come, press a key, and go, over and over: what was taken
// for them is given back. Memory and goroutines at the end are those after the
// first tenth; with -v the series is told, tenth by tenth. The whole hour:
//
//	GUANJIA_SOAK=1h go test ./channels/hotline -run Soak -v -timeout 2h
func TestSoak(t *testing.T) {
	lasting := soaks(t)
	var digits atomic.Int64
	s := &script{answer: func(in bot.Inbound) bot.Turn {
		if in.Event == bot.EventDigits {
			digits.Add(1)
		}
		return reply("好的。")
	}}
	l := openLine(t, s, func(c *Config) { c.FirstPort, c.LastPort = 34000, 39999 })
	phone := hotlinetest.NewPhone(t, 1000)
	const callers = 12
	ends := time.Now().Add(lasting)
	var calls atomic.Int64
	var working sync.WaitGroup
	for i := range callers {
		working.Go(func() {
			for time.Now().Before(ends) && !t.Failed() {
				talk, err := phone.Dial(t.Context(), l.uri(), "1390000"+strconv.Itoa(1000+i))
				if err != nil {
					t.Errorf("call %d: %v", calls.Load(), err)
					return
				}
				heard := digits.Load()
				talk.Press("5")
				for limit := time.Now().Add(time.Minute); digits.Load() == heard && time.Now().Before(limit); {
					time.Sleep(20 * time.Millisecond)
				}
				talk.Hangup()
				s.mu.Lock()
				s.told, s.notes, s.settled = nil, nil, nil // what the stand-in remembers is not the line's
				s.mu.Unlock()
				calls.Add(1)
				time.Sleep(500 * time.Millisecond)
			}
		})
	}
	// At rest: the calls that go on are counted out by their number.
	measure := func() (heap uint64, goroutines int) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	time.Sleep(lasting / 10)
	early, before := measure()
	for tenth := 1; tenth < 10; tenth++ {
		heap, goroutines := measure()
		t.Logf("%d/10: heap %d KB, %d goroutines, %d handles, %d calls so far, load %s", tenth, heap>>10, goroutines, handles(), calls.Load(), machineLoad())
		time.Sleep(max(0, time.Until(ends)/time.Duration(10-tenth)))
	}
	working.Wait()
	eventually(t, "the line to be idle", func() bool { return l.endpoint.Figures().Calls == 0 })
	eventually(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	if lasting > 5*time.Minute { // transactions are kept for half a minute
		eventually(t, "the transactions to end", func() bool { return l.endpoint.Figures().Transactions == 0 })
	}
	late, after := measure()
	t.Logf("%d calls in %v beside load %s: heap %d KB after a tenth, %d KB at the end; %d goroutines while calling, %d at the end; %d handles at the end; %d transactions still kept",
		calls.Load(), lasting, machineLoad(), early>>10, late>>10, before, after, handles(), l.endpoint.Figures().Transactions)
	if lasting > 5*time.Minute && late > early+early/2+8<<20 {
		t.Errorf("the heap grew from %d to %d KB", early>>10, late>>10)
	}
}
