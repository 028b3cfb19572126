package hotline

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/media"
)

// machineLoad is what else the machine does: its load average.
func machineLoad() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(raw))[0]
}

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestSimultaneous: calls beside each other, each with a prompt playing and a
// digit heard, its callers in the same process. All are served and no sound is
// lost; how punctual they are depends on what else the machine does, and is
// only demanded of the long proof (GUANJIA_PROVE=1), meant for a machine with
// nothing else to do.
func TestSimultaneous(t *testing.T) {
	prove := os.Getenv("GUANJIA_PROVE") != ""
	calls, lasting := 60, 5*time.Second
	if prove {
		calls, lasting = 500, time.Minute
	}
	var digits atomic.Int64
	s := &script{answer: func(in bot.Inbound) bot.Turn {
		switch in.Event {
		case bot.EventDigits:
			digits.Add(1)
			return reply(longPrompt)
		case bot.EventCall:
			return reply(longPrompt)
		}
		return bot.Turn{}
	}}
	l := openLine(t, s)
	phone := hotlinetest.NewPhone(t, uint16(calls)+10)
	talks := make([]*hotlinetest.Talk, calls)
	var dialling sync.WaitGroup
	slots := make(chan struct{}, 16)
	for i := range talks {
		dialling.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			talk, err := phone.Dial(t.Context(), l.uri(), "1390000"+string([]byte{'0' + byte(i/1000%10), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)}))
			if err != nil {
				t.Errorf("call %d: %v", i, err)
				return
			}
			talks[i] = talk
		})
	}
	dialling.Wait()
	if t.Failed() {
		return
	}
	l.pace.Reset()
	runtime.GC()
	before, used, began := runtime.NumGoroutine(), cpu(), time.Now()
	for end := began.Add(lasting); time.Now().Before(end); {
		for _, talk := range talks {
			talk.Press("5")
		}
		time.Sleep(min(lasting, 10*time.Second))
	}
	spent, wall := cpu()-used, time.Since(began)
	lost, received := int64(0), int64(0)
	l.mu.Lock()
	for _, talk := range l.talks {
		q := talk.sound.Quality()
		lost, received = lost+q.Lost, received+q.Received
	}
	l.mu.Unlock()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	t.Logf("%d calls for %v beside load %s: pace p50 %v p99 %v p999 %v over %d frames; %d of %d packets lost; %.2f cores with the callers; heap %d MB; %d goroutines",
		calls, wall.Round(time.Second), machineLoad(), l.pace.Late(.5), l.pace.Late(.99), l.pace.Late(.999), l.pace.Frames(), lost, received,
		spent.Seconds()/wall.Seconds(), mem.HeapAlloc>>20, before)
	eventually(t, "every digit", func() bool { return digits.Load() >= int64(calls) })
	if prove && (l.pace.Late(.99) > 10*time.Millisecond || lost > 0) {
		t.Errorf("p99 %v, %d lost", l.pace.Late(.99), lost)
	}
	if lost > received/100 {
		t.Errorf("%d of %d packets lost", lost, received)
	}
	var hanging sync.WaitGroup
	for _, talk := range talks {
		hanging.Go(talk.Hangup)
	}
	hanging.Wait()
	eventually(t, "the line to be idle", func() bool { return l.endpoint.Figures().Calls == 0 })
	eventually(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() < before/4+50 })
	if media.Rate != 8000 {
		t.Error("the figures above assume 8000 samples a second")
	}
}
