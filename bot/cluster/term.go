package cluster

import (
	"context"
	"fmt"
	"net/http"
	"sync"
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
// then waits for either.
func (c *Carrier) Lead(doors map[string]http.Handler, lost <-chan struct{}, sure func() bool) (end func(context.Context) error) {
	t := &term{doors: doors, lost: lost, sure: sure}
	c.begin(t)
	return func(ctx context.Context) error {
		c.Follow("")
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
