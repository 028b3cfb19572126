package media

import (
	"sync/atomic"
	"time"
)

// Pace counts how late frames are sent, for all calls of a line. Its buckets
// are 0.1 ms wide up to 20 ms, and one for the rest.
type Pace struct {
	buckets [paceBuckets + 1]atomic.Int64
}

const (
	paceWidth   = 100 * time.Microsecond
	paceBuckets = 200
)

func (p *Pace) observe(late time.Duration) {
	if p == nil {
		return
	}
	p.buckets[min(max(late/paceWidth, 0), paceBuckets)].Add(1)
}

// Late is the lateness that a share of all frames kept below, in steps of
// 0.1 ms; 20 ms stands for that and more.
func (p *Pace) Late(share float64) time.Duration {
	var counts [paceBuckets + 1]int64
	total := int64(0)
	for i := range p.buckets {
		counts[i] = p.buckets[i].Load()
		total += counts[i]
	}
	sum := int64(0)
	for i, n := range counts {
		if sum += n; total > 0 && float64(sum) >= share*float64(total) {
			return time.Duration(i) * paceWidth
		}
	}
	return 0
}

// Reset begins to count anew.
func (p *Pace) Reset() {
	for i := range p.buckets {
		p.buckets[i].Store(0)
	}
}

// Frames is how many were sent.
func (p *Pace) Frames() (n int64) {
	for i := range p.buckets {
		n += p.buckets[i].Load()
	}
	return n
}
