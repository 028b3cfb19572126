package hotline

import (
	"sync"
	"sync/atomic"
	"time"

	"guanjia/channels/hotline/media"
)

// counts are what the line counts of itself.
type counts struct {
	offered, abandoned, within15, taken atomic.Int64
	bargedIn, resumed, mute             atomic.Int64
	words, unheard                      atomic.Int64
	mu                                  sync.Mutex
	missed, held                        atomic.Int64
	transfers, surveys, placements      map[string]int64
	causes                              map[string]int64
	trunks                              map[string]int64
	lost, received                      int64
	mos                                 float64
	calls                               int64
	observe                             func(what string, took time.Duration)
}

func (c *counts) answered(after time.Duration) {
	c.taken.Add(1)
	if after <= 15*time.Second {
		c.within15.Add(1)
	}
}

func (c *counts) ended(q media.Quality, cause string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	add(&c.causes, cause)
	c.lost += q.Lost
	c.received += q.Received
	if q.Received > 0 {
		c.calls++
		c.mos += (q.MOS - c.mos) / float64(c.calls)
	}
	if c.observe != nil {
		c.observe("call", took)
	}
}

func add(m *map[string]int64, key string) {
	if *m == nil {
		*m = map[string]int64{}
	}
	(*m)[key]++
}

func (c *counts) transfer(outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	add(&c.transfers, outcome)
}

func (c *counts) place(outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	add(&c.placements, outcome)
}

func (c *counts) survey(answer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	add(&c.surveys, answer)
}

func (c *counts) trunk(name string, registered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trunks == nil {
		c.trunks = map[string]int64{}
	}
	c.trunks[name] = 0
	if registered {
		c.trunks[name] = 1
	}
}

// registrations says of each trunk whether we are registered with it.
func (c *counts) registrations() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]bool, len(c.trunks))
	for name, n := range c.trunks {
		out[name] = n == 1
	}
	return out
}

func (c *counts) recognised(took time.Duration, words bool) {
	if words {
		c.words.Add(1)
	} else {
		c.unheard.Add(1)
	}
	c.duration("recognise", took)
}

// answeredIn is from the end of speech to the first sound of the answer, the
// recogniser's own time taken off.
func (c *counts) answeredIn(took time.Duration) { c.duration("reply", took) }

func (c *counts) duration(what string, took time.Duration) {
	c.mu.Lock()
	observe := c.observe
	c.mu.Unlock()
	if observe != nil {
		observe(what, took)
	}
}

// Observe has every wait and length told to a histogram: what is reply,
// recognise or call.
func (l *Line) Observe(observe func(what string, took time.Duration)) {
	l.figures.mu.Lock()
	defer l.figures.mu.Unlock()
	l.figures.observe = observe
}

// Figures registers the line's figures with whoever collects them: counters
// and gauges by a label, and single gauges, each read when it is asked for.
func (l *Line) Figures(counters, gauges func(name, help, label string, read func() map[string]int64), gauge func(name, help string, read func() float64)) {
	f := &l.figures
	counters("guanjia_hotline_calls_total", "Calls by what became of them: offered, answered, within 15 s, given up before the answer.", "outcome", func() map[string]int64 {
		s := l.endpoint.Figures()
		return map[string]int64{"offered": f.offered.Load(), "answered": f.taken.Load(), "within_15s": f.within15.Load(),
			"abandoned": f.abandoned.Load(), "missed": f.missed.Load(), "held": f.held.Load(), "refused": s.Refused, "outbound": s.Outbound}
	})
	counters("guanjia_hotline_ends_total", "Calls ended, by cause.", "cause", f.copied(&f.causes))
	counters("guanjia_hotline_transfers_total", "Transfers to a person, by outcome.", "outcome", f.copied(&f.transfers))
	counters("guanjia_hotline_placed_total", "Calls the line placed, by outcome.", "outcome", f.copied(&f.placements))
	counters("guanjia_hotline_survey_total", "How callers were served by people, by their key.", "answer", f.copied(&f.surveys))
	counters("guanjia_hotline_speech_total", "Speech of callers and of the line.", "what", func() map[string]int64 {
		remembered, made := l.Voice.Figures()
		return map[string]int64{"recognised": f.words.Load(), "unheard": f.unheard.Load(), "barge_in": f.bargedIn.Load(), "resumed": f.resumed.Load(),
			"sentence_remembered": remembered, "sentence_made": made, "sentence_failed": f.mute.Load()}
	})
	counters("guanjia_hotline_packets_total", "Sound that arrived and that was lost, of calls ended.", "what", func() map[string]int64 {
		f.mu.Lock()
		defer f.mu.Unlock()
		return map[string]int64{"received": f.received, "lost": f.lost}
	})
	counters("guanjia_hotline_messages_total", "Messages not served: malformed ones, and those from addresses that may not call.", "what", func() map[string]int64 {
		s := l.endpoint.Figures()
		return map[string]int64{"malformed": s.Malformed, "dropped": s.Dropped}
	})
	gauges("guanjia_hotline_trunk_registered", "1 where we are registered with a trunk.", "trunk", f.copied(&f.trunks))
	gauge("guanjia_hotline_calls", "Calls going on.", func() float64 { return float64(l.endpoint.Figures().Calls) })
	gauge("guanjia_hotline_mos", "Mean opinion of the sound of calls ended, estimated by the E-model.", func() float64 {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.mos
	})
	gauge("guanjia_hotline_pace_p99_seconds", "Lateness that 99 % of frames were sent within.", func() float64 { return l.pace.Late(.99).Seconds() })
	gauge("voice_asr_available", "1 where callers are heard, 0 where the line is served by keys.", func() float64 {
		if l.Ears == nil {
			return 0
		}
		return 1
	})
}

func (c *counts) copied(m *map[string]int64) func() map[string]int64 {
	return func() map[string]int64 {
		c.mu.Lock()
		defer c.mu.Unlock()
		out := make(map[string]int64, len(*m))
		for k, v := range *m {
			out[k] = v
		}
		return out
	}
}
