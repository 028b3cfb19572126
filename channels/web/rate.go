package web

import (
	"math"
	"sync"
	"time"
)

// Rate is a token bucket's size: Burst messages at once, then PerSecond.
type Rate struct {
	PerSecond float64
	Burst     float64
}

func (r Rate) or(other Rate) Rate {
	if r.PerSecond <= 0 || r.Burst <= 0 {
		return other
	}
	return r
}

// buckets holds a token bucket per key and forgets those that are full again.
type buckets struct {
	rate  Rate
	mu    sync.Mutex
	held  map[string]bucket
	swept time.Time
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newBuckets(r Rate) *buckets { return &buckets{rate: r, held: map[string]bucket{}} }

// take spends cost tokens of key. When they are not there it returns how long
// until they are, and spends nothing.
func (b *buckets) take(key string, cost float64, now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(now)
	tokens := b.level(key, now)
	if tokens < cost {
		return time.Duration(math.Ceil((cost - tokens) / b.rate.PerSecond * float64(time.Second)))
	}
	b.held[key] = bucket{tokens: tokens - cost, at: now}
	return 0
}

func (b *buckets) level(key string, now time.Time) float64 {
	h, ok := b.held[key]
	if !ok {
		return b.rate.Burst
	}
	return min(b.rate.Burst, h.tokens+max(0, now.Sub(h.at).Seconds())*b.rate.PerSecond)
}

// sweep forgets full buckets, once in the time an empty one takes to fill.
func (b *buckets) sweep(now time.Time) {
	full := time.Duration(b.rate.Burst / b.rate.PerSecond * float64(time.Second))
	if now.Sub(b.swept) < full {
		return
	}
	b.swept = now
	for key := range b.held {
		if b.level(key, now) >= b.rate.Burst {
			delete(b.held, key)
		}
	}
}
