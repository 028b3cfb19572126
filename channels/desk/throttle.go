package desk

import (
	"math"
	"strconv"
	"sync"
	"time"
)

// throttle slows guessing down: after so many failures a name or an address
// waits a second, then twice as long each time, at most fifteen minutes.
// Nothing locks for good, and a whole office behind one address may mistype
// more than one person.
type throttle struct {
	mu   sync.Mutex
	seen map[string]*failures
}

type failures struct {
	n     int
	until time.Time
}

const (
	freeForName = 5
	freeForHost = 50
	longestWait = 15 * time.Minute
	mostKept    = 10_000
)

func newThrottle() *throttle { return &throttle{seen: map[string]*failures{}} }

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

func (t *throttle) left(now time.Time, key string) time.Duration {
	if f := t.seen[key]; f != nil {
		return f.until.Sub(now)
	}
	return 0
}

func (t *throttle) count(now time.Time, key string, free int) {
	f := t.seen[key]
	if f == nil || now.Sub(f.until) > longestWait && f.n >= free {
		f = &failures{}
		t.seen[key] = f
	}
	f.n++
	if over := f.n - free; over >= 0 {
		f.until = now.Add(min(time.Second<<min(over, 20), longestWait))
	}
}

// forget drops what is long past when there is much of it.
func (t *throttle) forget(now time.Time) {
	if len(t.seen) < mostKept {
		return
	}
	for k, f := range t.seen {
		if now.Sub(f.until) > longestWait {
			delete(t.seen, k)
		}
	}
}

// passed takes an attempt back: the password was right.
func (t *throttle) passed(name, host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, "name:"+name)
	if f := t.seen["host:"+host]; f != nil {
		if f.n--; f.n <= 0 {
			delete(t.seen, "host:"+host)
		}
	}
}

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// spell says how long in words, rounded up.
func spell(d time.Duration) string {
	if d < time.Minute {
		return " " + seconds(d) + " 秒"
	}
	return " " + strconv.Itoa(int(math.Ceil(d.Minutes()))) + " 分钟"
}
