package simulate

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Telephone places calls to the hotline.
type Telephone interface {
	Dial(ctx context.Context, number string) (Talk, error)
}

// Talk is a call that was answered, as a caller has it who presses keys.
type Talk interface {
	Press(keys string)
	// Quiet is for how long nothing was heard.
	Quiet() time.Duration
	Done() <-chan struct{}
	Hangup()
}

// Calls is what is played over the telephone: callers who press keys, as most
// do, and say nothing.
type Calls struct {
	Phone   Telephone
	Callers int
	Rate    float64       // calls placed a second, on average; 0: all at once
	Think   time.Duration // how long a caller thinks before a key
	Seed    uint64
}

// CallReport is what the calls came to.
type CallReport struct {
	Answered int     `json:"answered"`
	Refused  int     `json:"refused"`
	Keys     int     `json:"keys"`    // pressed
	HungUp   int     `json:"hung_up"` // by the caller
	Seconds  float64 `json:"seconds"` // on the line, all together
}

const (
	dialLimit   = 40 * time.Second
	promptLimit = time.Minute             // a prompt is over after that
	promptPause = 1500 * time.Millisecond // so much silence means that an answer is waited for
	leastHold   = 3 * time.Second         // a caller waits for a person at least
	mostHolds   = 20                      // and so many thoughts longer
)

// caller is who calls the n-th time; the numbers are not those of who writes.
func (c Calls) caller(n int) *citizen { return newCitizen(n, c.Seed^0x7e1, c.Think) }

// Number is what the n-th caller calls from: no telephone in the country has
// such a one, so that nobody is taken for somebody true.
func (c Calls) Number(n int) string { return "100" + c.caller(n).phone[3:] }

// Run places the calls and waits until they are over, or ends them with ctx.
func (c Calls) Run(ctx context.Context) CallReport {
	var mu sync.Mutex
	var sum CallReport
	var talking sync.WaitGroup
	arrivals := rand.New(rand.NewPCG(c.Seed, 1<<32))
	for n := range c.Callers {
		if !sleep(ctx, Plan{Rate: c.Rate}.gap(n, arrivals)) {
			break
		}
		talking.Go(func() {
			v := c.call(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			sum.Answered += v.Answered
			sum.Refused += v.Refused
			sum.Keys += v.Keys
			sum.HungUp += v.HungUp
			sum.Seconds += v.Seconds
		})
	}
	talking.Wait()
	return sum
}

// call plays one caller: half book by keys, the others want a person, or put
// down after the greeting.
func (c Calls) call(ctx context.Context, n int) (r CallReport) {
	who := c.caller(n)
	dialling, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	talk, err := c.Phone.Dial(dialling, c.Number(n))
	if err != nil {
		r.Refused = 1
		return r
	}
	defer talk.Hangup()
	r.Answered = 1
	begun := time.Now()
	defer func() { r.Seconds = time.Since(begun).Seconds() }()
	keys := []string{"1", "1", "1", "2", "2", "1", who.phone, "1"} // a booking at the first of everything
	switch who.rand.IntN(4) {
	case 0:
		keys = []string{"0"}
	case 1:
		keys = nil
	}
	for _, k := range keys {
		heard := k == "0" || c.listen(ctx, talk) // who wants a person does not hear the greeting out
		if !heard || !sleep(ctx, promptPause+who.pause()) {
			return r
		}
		talk.Press(k)
		r.Keys += len(k)
	}
	if len(keys) != 1 {
		c.listen(ctx, talk)
	} else { // a person is waited for, to music
		select {
		case <-talk.Done():
		case <-ctx.Done():
		case <-time.After(leastHold + mostHolds*c.Think):
		}
	}
	select {
	case <-talk.Done():
	default:
		r.HungUp = 1
	}
	return r
}

// listen hears a prompt to its end; false if the call is over.
func (c Calls) listen(ctx context.Context, talk Talk) bool {
	for begun := time.Now(); time.Since(begun) < promptLimit; {
		select {
		case <-talk.Done():
			return false
		default:
		}
		if !sleep(ctx, promptPause/5) {
			return false
		}
		if time.Since(begun) > promptPause && talk.Quiet() > promptPause {
			return true
		}
	}
	return true
}
