package simulate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Report is what a simulation came to.
type Report struct {
	Begun    int            `json:"begun"`
	Left     int            `json:"left"`   // broken off by the citizen
	Failed   int            `json:"failed"` // refused or without an answer
	Turns    int            `json:"turns"`
	Seconds  float64        `json:"seconds"`
	Rate     float64        `json:"turns_per_second"`
	P50      float64        `json:"p50_ms"`
	P99      float64        `json:"p99_ms"`
	Max      float64        `json:"max_ms"`
	Reached  map[string]int `json:"reached"` // appointment, ticket, person, answer, emergency
	Kinds    map[string]int `json:"kinds"`
	Channels map[string]int `json:"channels"`
	Rated    map[string]int `json:"rated"`
	Causes   map[string]int `json:"failures,omitempty"`
	Calls    *CallReport    `json:"calls,omitempty"`
	Desk     *Shift         `json:"desk,omitempty"` // what simulated operators did
}

// book is where conversations are written down.
type book struct {
	mu    sync.Mutex
	waits []time.Duration
	sum   Report
}

func newBook() *book {
	return &book{sum: Report{Reached: map[string]int{}, Kinds: map[string]int{}, Channels: map[string]int{}, Rated: map[string]int{}, Causes: map[string]int{}}}
}

func (b *book) write(channel string, c *citizen, o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &b.sum
	r.Begun++
	r.Kinds[c.kind.name]++
	r.Channels[channel]++
	r.Turns += len(o.turns)
	b.waits = append(b.waits, o.turns...)
	if o.rated != "" {
		r.Rated[o.rated]++
	}
	switch {
	case o.failed != nil && errors.Is(o.failed, context.Canceled):
	case o.failed != nil:
		r.Failed++
		r.Causes[o.failed.Error()]++
	case o.left:
		r.Left++
	default:
		r.Reached[o.done]++
	}
}

func (b *book) report(took time.Duration) Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.sum
	slices.Sort(b.waits)
	r.Seconds = took.Seconds()
	r.Rate = float64(r.Turns) / max(r.Seconds, 1e-9)
	at := func(part float64) float64 {
		if len(b.waits) == 0 {
			return 0
		}
		return float64(b.waits[min(len(b.waits)-1, int(part*float64(len(b.waits))))]) / float64(time.Millisecond)
	}
	r.P50, r.P99, r.Max = at(.5), at(.99), at(1)
	return r
}

// Print writes the report for reading.
func (r Report) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%d citizens, %d turns in %.1f s (%.1f/s); an answer took %.1f ms (p50), %.1f ms (p99), %.1f ms at most\n%d broke off, %d failed\n",
		r.Begun, r.Turns, r.Seconds, r.Rate, r.P50, r.P99, r.Max, r.Left, r.Failed)
	if err == nil && r.Calls != nil {
		_, err = fmt.Fprintf(w, "by telephone: %d answered, %d refused, %d keys pressed, %d put down by the caller, %.0f s on the line\n", r.Calls.Answered, r.Calls.Refused, r.Calls.Keys, r.Calls.HungUp, r.Calls.Seconds)
	}
	if err == nil && r.Desk != nil {
		_, err = fmt.Fprintf(w, "at the desk: %d taken, %d replies, %d ended, %d given back, %d were quicker taken by others\n", r.Desk.Taken, r.Desk.Said, r.Desk.Ended, r.Desk.Back, r.Desk.Missed)
	}
	for _, part := range []struct {
		name string
		of   map[string]int
	}{{"reached", r.Reached}, {"came for", r.Kinds}, {"by", r.Channels}, {"found it", r.Rated}, {"failures", r.Causes}} {
		if err != nil || len(part.of) == 0 {
			continue
		}
		_, err = fmt.Fprintf(w, "%s:", part.name)
		names := slices.SortedFunc(maps.Keys(part.of), func(a, b string) int { return cmp.Or(part.of[b]-part.of[a], cmp.Compare(a, b)) })
		for _, name := range names {
			if err == nil {
				_, err = fmt.Fprintf(w, " %s %d", name, part.of[name])
			}
		}
		if err == nil {
			_, err = fmt.Fprintln(w)
		}
	}
	return err
}
