package openai

import (
	"context"
	"errors"
	"sync"
	"time"
)

// After so many failures in a row an ability rests; then one call tries whether
// it is back.
const (
	mostFailures = 5
	restTime     = time.Minute
)

// breaker keeps those who wait from an endpoint that fails.
type breaker struct {
	mu     sync.Mutex
	now    func() time.Time
	failed int       // in a row
	until  time.Time // it rests
	trying bool      // one call finds out whether it is back
}

// allow says whether a call may be made; each allowed call ends with done.
func (b *breaker) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed < mostFailures {
		return true
	}
	if b.trying || b.now().Before(b.until) {
		return false
	}
	b.trying = true
	return true
}

// done notes how an allowed call ended. One that its caller gave up says
// nothing of the endpoint.
func (b *breaker) done(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	switch {
	case err == nil:
		b.failed = 0
	case errors.Is(err, context.Canceled):
	default:
		if b.failed++; b.failed >= mostFailures {
			b.until = b.now().Add(restTime)
		}
	}
}

// resting says whether calls are refused now.
func (b *breaker) resting() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed >= mostFailures && b.now().Before(b.until)
}
