package web

import (
	"math"
	"sync"
	"time"

	"guanjia/bot/inmem"
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

// full is how long an empty bucket takes to fill.
func (r Rate) full() time.Duration {
	return time.Duration(r.Burst / r.PerSecond * float64(time.Second))
}

// buckets holds a token bucket per key and forgets those that are full again.
type buckets struct {
	rate  Rate
	mu    sync.Mutex
	held  *inmem.Counts[bucket]
	swept time.Time
}

// bucket is what was in one, and when.
type bucket struct {
	Tokens float64
	At     time.Time
}

func newBuckets(r Rate, k inmem.Keeper) *buckets {
	return &buckets{rate: r, held: inmem.NewCounts[bucket](k)}
}

// take spends cost tokens of key. When they are not there it returns how long
// until they are, and spends nothing.
func (b *buckets) take(key string, cost float64, now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(now)
	tokens := b.rate.Burst
	if h, ok := b.held.Of(key); ok {
		tokens = b.level(h, now)
	}
	if tokens < cost {
		return time.Duration(math.Ceil((cost - tokens) / b.rate.PerSecond * float64(time.Second)))
	}
	b.held.Set(key, bucket{Tokens: tokens - cost, At: now}, b.rate.full())
	return 0
}

// level is what is in a bucket now. One that was filled long after now is of a
// clock that went wrong: nobody waits until it is right.
func (b *buckets) level(h bucket, now time.Time) float64 {
	since := now.Sub(h.At)
	if since < -b.rate.full() {
		return b.rate.Burst
	}
	return min(b.rate.Burst, h.Tokens+max(0, since.Seconds())*b.rate.PerSecond)
}

// sweep forgets full buckets, once in the time an empty one takes to fill.
func (b *buckets) sweep(now time.Time) {
	if now.Sub(b.swept) < b.rate.full() {
		return
	}
	b.swept = now
	b.held.Sweep(func(h bucket) bool { return b.level(h, now) >= b.rate.Burst })
}
