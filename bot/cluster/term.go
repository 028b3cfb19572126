package cluster

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// term is the time in which one instance leads, or none does.
type term struct {
	address string                  // of the one that leads, empty where it is we or nobody
	doors   map[string]http.Handler // where it is we
	lost    <-chan struct{}         // closed where the lead was taken from us
	sure    func() bool             // that it cannot have been taken
	over    context.Context         // ends with the term
	end     context.CancelFunc
	next    chan struct{} // closed when another term has begun
	inHand  sync.WaitGroup
	doubt   atomic.Pointer[alarm]
	watched chan struct{} // closed when nobody looks any more
}

// alarm ends what was in hand when the lead came into doubt.
type alarm struct {
	context.Context
	ring context.CancelFunc
}

func newAlarm() *alarm {
	ctx, ring := context.WithCancel(context.Background())
	return &alarm{ctx, ring}
}

// doubtTime is how often an instance that leads looks whether it still does.
const doubtTime = 100 * time.Millisecond

// watch ends what is in hand as soon as the lead is lost, or may be: it could
// wait as long as this instance is cut off from the database.
func (t *term) watch() {
	defer close(t.watched)
	ticker := time.NewTicker(doubtTime)
	defer ticker.Stop()
	for over := false; !over; {
		select {
		case <-ticker.C:
		case <-t.over.Done():
			over = true // what is in hand may finish
		}
		if t.taken() {
			t.doubt.Swap(newAlarm()).ring()
		}
	}
}

// within bounds a request by the lead.
func (t *term) within(r *http.Request) (_ *http.Request, lost func() bool, stop func()) {
	outer := r.Context()
	ctx, end := context.WithCancel(outer)
	calm := context.AfterFunc(t.doubt.Load(), end)
	lost = func() bool { return t.taken() || ctx.Err() != nil && outer.Err() == nil }
	return r.WithContext(ctx), lost, func() { calm(); end() }
}

func (t *term) ours() bool { return t.doors != nil }

// taken says that another instance leads, or may for all that is known here:
// what was answered is not to be believed.
func (t *term) taken() bool {
	select {
	case <-t.lost:
		return true
	default:
		return !t.sure()
	}
}

// now is the term there is.
func (c *Carrier) now() *term {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.term
}

// take is the term there is; a request answered by its own doors is in hand
// until leave.
func (c *Carrier) take() (t *term, leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.term.ours() {
		return c.term, func() {}
	}
	c.term.inHand.Add(1)
	return c.term, c.term.inHand.Done
}

// begin ends the term and begins another.
func (c *Carrier) begin(t *term) {
	t.over, t.end = context.WithCancel(context.Background())
	t.next = make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.term != nil {
		c.term.end()
		close(c.term.next)
	}
	c.term = t
}

// Lead says that this instance leads: requests are answered by these doors,
// until end, which waits for those in hand. Where lost is closed another
// instance has taken over, and while it is not sure one may have: what is asked
// then waits for either, and what is in hand is given up.
func (c *Carrier) Lead(doors map[string]http.Handler, lost <-chan struct{}, sure func() bool) (end func(context.Context) error) {
	t := &term{doors: doors, lost: lost, sure: sure, watched: make(chan struct{})}
	t.doubt.Store(newAlarm())
	c.begin(t)
	go t.watch()
	return func(ctx context.Context) error {
		c.Follow("")
		<-t.watched
		done := make(chan struct{})
		go func() { t.inHand.Wait(); close(done) }()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("finish requests in hand: %w", ctx.Err())
		}
	}
}

// Follow says which instance leads; the empty address is none.
func (c *Carrier) Follow(address string) {
	if t := c.now(); !t.ours() && t.address == address {
		return
	}
	c.begin(&term{address: address})
}

// Leading says whether this instance leads.
func (c *Carrier) Leading() bool { return c.now().ours() }
