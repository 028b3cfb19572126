package desk

import (
	"math"
	"strconv"
	"sync"
	"time"

	"guanjia/bot/inmem"
)

// throttle slows guessing down: after so many failures a name or an address
// waits a second, then twice as long each time, at most fifteen minutes.
// Nothing locks for good, and a whole office behind one address may mistype
// more than one person.
type throttle struct {
	mu   sync.Mutex
	seen *inmem.Counts[failures]
}

// failures are how many there were of late, and until when nothing is tried.
type failures struct {
	N     int
	Until time.Time
}

const (
	freeForName = 5
	freeForHost = 50
	longestWait = 15 * time.Minute
	mostKept    = 10_000
)

func newThrottle(k inmem.Keeper) *throttle { return &throttle{seen: inmem.NewCounts[failures](k)} }

// begin counts an attempt as failed until passed says otherwise, so that
// guesses sent at once are counted too. It returns how long to wait instead.
func (t *throttle) begin(now time.Time, name, host string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := max(t.left(now, "name:"+name), t.left(now, "host:"+host)); wait > 0 {
		return wait
	}
	t.forget(now)
	t.count(now, "name:"+name, freeForName)
	t.count(now, "host:"+host, freeForHost)
	return 0
}

// left is how long is still to be waited, never longer than there is to wait:
// another instance's clock may have been ahead.
func (t *throttle) left(now time.Time, key string) time.Duration {
	if f, ok := t.seen.Of(key); ok {
		return min(f.Until.Sub(now), longestWait)
	}
	return 0
}

func (t *throttle) count(now time.Time, key string, free int) {
	f, ok := t.seen.Of(key)
	if ok && now.Sub(f.Until) > longestWait && f.N >= free {
		f = failures{}
	}
	f.N++
	if over := f.N - free; over >= 0 {
		f.Until = now.Add(min(time.Second<<min(over, 20), longestWait))
	}
	t.seen.Set(key, f, 2*longestWait)
}

// forget drops what is long past when there is much of it.
func (t *throttle) forget(now time.Time) {
	if t.seen.Len() >= mostKept {
		t.seen.Sweep(func(f failures) bool { return now.Sub(f.Until) > longestWait })
	}
}

// passed takes an attempt back: the password was right.
func (t *throttle) passed(name, host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen.Forget("name:" + name)
	f, ok := t.seen.Of("host:" + host)
	if !ok {
		return
	}
	if f.N--; f.N <= 0 {
		t.seen.Forget("host:" + host)
		return
	}
	t.seen.Set("host:"+host, f, 2*longestWait)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// spell says how long in words, rounded up.
func spell(d time.Duration) string {
	if d < time.Minute {
		return " " + seconds(d) + " 秒"
	}
	return " " + strconv.Itoa(int(math.Ceil(d.Minutes()))) + " 分钟"
}
