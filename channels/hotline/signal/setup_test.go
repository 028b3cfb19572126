package signal

import (
	"context"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkSetUp sets calls up and hangs them up again, both sides in this
// process: INVITE, 180, 200, ACK, BYE, 200 over UDP.
func BenchmarkSetUp(b *testing.B) {
	handler := func(ctx context.Context, c *Call) {
		c.Ring()
		if c.Accept([]byte(offer)) == nil {
			<-ctx.Done()
		}
	}
	there := open(b, func(c *Config) { c.Handler, c.T1 = handler, 0 })
	here := open(b, func(c *Config) { c.T1 = 0 })
	placing := Placing{To: "sip:12345@" + there.Addr().String(), Description: []byte(offer)}
	var failures atomic.Int64
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	began := time.Now()
	var callers sync.WaitGroup
	left := atomic.Int64{}
	left.Store(int64(b.N))
	for range 64 {
		callers.Go(func() {
			for left.Add(-1) >= 0 {
				c, _, err := here.Dial(b.Context(), placing)
				if err != nil {
					failures.Add(1)
					continue
				}
				c.Hangup(b.Context())
			}
		})
	}
	callers.Wait()
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	spent := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "calls/s")
	b.ReportMetric(float64(spent)/1000/float64(b.N), "µs-cpu/call")
	b.ReportMetric(float64(failures.Load()), "failures")
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		b.Logf("beside load %s", strings.Fields(string(raw))[0])
	}
	if failures.Load() > 0 {
		b.Errorf("%d of %d calls failed", failures.Load(), b.N)
	}
}
