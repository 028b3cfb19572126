package citydata

import (
	"sync"
	"time"
)

// When the breaker opens, and for how long.
const (
	failuresToOpen = 5
	openFor        = 30 * time.Second
)

// breaker stops asking a platform that failed several times in a row. After a
// while one query is let through; if it is answered, all are again.
type breaker struct {
	mu       sync.Mutex
	failures int
	until    time.Time
	probing  bool
}

// allows says whether to ask now.
func (b *breaker) allows(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < failuresToOpen {
		return true
	}
	if now.Before(b.until) || b.probing {
		return false
	}
	b.probing = true
	return true
}

// saw counts what came of a query.
func (b *breaker) saw(now time.Time, down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	if !down {
		b.failures = 0
		return
	}
	b.failures++
	if b.failures >= failuresToOpen {
		b.until = now.Add(openFor)
	}
}
