package evaluation

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Options say what is measured beside the plain score.
type Options struct {
	Name   string
	Reject string // intent of what is nobody's intent
	// Flows are the intents that begin an errand when they are accepted.
	Flows []string
	// Noise lists shares of characters to be misheard, 0.1 for one in ten.
	Noise []float64
	Seed  uint64
	// Learnt are the texts the judge learnt from, to look for leaks in cases.
	Learnt []string
	// Support is the number of cases below which an intent's figures are
	// warned about; 0 means 20.
	Support int
}

// Score judges every case once, and once more for each share of noise.
func Score(cases []Case, judge Judge, o Options) Result {
	return score(cases, func(_ int, text string) Guess { return judge(text) }, o)
}

// score is Score with a judge that knows which case it has before it.
func score(cases []Case, judge func(i int, text string) Guess, o Options) Result {
	guesses := make([]Guess, len(cases))
	times := make([]time.Duration, len(cases))
	for i, c := range cases {
		start := time.Now()
		guesses[i] = judge(i, c.Text)
		times[i] = time.Since(start)
	}
	r := Result{Name: o.Name, Cases: len(cases), Latency: latency(times)}
	r.Accuracy = accuracy(cases, guesses)
	r.Intents = perIntent(cases, guesses)
	for _, s := range r.Intents {
		r.MacroF1 += s.F1 / float64(len(r.Intents))
	}
	r.CalibrationError = calibrationError(cases, guesses)
	r.Decisions, r.OutOfScope = decisions(cases, guesses, o)
	r.Confusions = confusions(cases, guesses)
	r.Curve = curve(cases, guesses, o.Reject)
	r.Languages = slicesBy(cases, guesses, func(c Case) string { return c.Lang })
	r.Authors = slicesBy(cases, guesses, func(c Case) string { return c.Author })
	r.Noise = noise(cases, judge, o)
	r.Leaks = Leaks(o.Learnt, cases)
	r.Warnings = warnings(r, o)
	return r
}

func accuracy(cases []Case, guesses []Guess) float64 {
	right := 0
	for i, c := range cases {
		if guesses[i].Intent == c.Intent {
			right++
		}
	}
	return share(right, len(cases))
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// perIntent scores every intent that is true of some case, in alphabetical
// order.
func perIntent(cases []Case, guesses []Guess) []IntentScore {
	type count struct{ truth, guessed, both int }
	counts := make(map[string]*count)
	of := func(intent string) *count {
		if counts[intent] == nil {
			counts[intent] = new(count)
		}
		return counts[intent]
	}
	for i, c := range cases {
		of(c.Intent).truth++
		of(guesses[i].Intent).guessed++
		if c.Intent == guesses[i].Intent {
			of(c.Intent).both++
		}
	}
	var out []IntentScore
	for intent, n := range counts {
		if n.truth > 0 {
			out = append(out, IntentScore{
				Intent: intent, Support: n.truth,
				Precision: share(n.both, n.guessed), Recall: share(n.both, n.truth),
				F1: share(2*n.both, n.truth+n.guessed),
			})
		}
	}
	slices.SortFunc(out, func(a, b IntentScore) int { return cmp.Compare(a.Intent, b.Intent) })
	return out
}

// calibrationError compares score with share right in ten bins of equal width.
func calibrationError(cases []Case, guesses []Guess) float64 {
	var n, right [10]int
	var sum [10]float64
	for i, g := range guesses {
		bin := min(9, max(0, int(g.Score*10)))
		n[bin]++
		sum[bin] += g.Score
		if g.Intent == cases[i].Intent {
			right[bin]++
		}
	}
	total := 0.0
	for bin := range n {
		total += max(sum[bin]-float64(right[bin]), float64(right[bin])-sum[bin])
	}
	if len(cases) == 0 {
		return 0
	}
	return total / float64(len(cases))
}

// accepted says whether a guess would be acted on as some intent.
func accepted(g Guess, reject string) bool {
	return (g.Decision == "accept" || g.Decision == "emergency") && g.Intent != reject
}

func decisions(cases []Case, guesses []Guess, o Options) (Decisions, OutOfScope) {
	var in, out struct{ all, accepted, clarified, abstained int }
	reject := o.Reject
	wrong, helped, began := 0, 0, 0
	for i, c := range cases {
		g, n := guesses[i], &in
		if c.Intent == reject {
			n = &out
		}
		n.all++
		switch {
		case accepted(g, reject):
			n.accepted++
			if g.Intent != c.Intent {
				wrong++
			}
			if c.Intent == reject && slices.Contains(o.Flows, g.Intent) {
				began++
			}
		case g.Decision == "clarify":
			n.clarified++
			if n == &in && (g.Intent == c.Intent || slices.Contains(g.Next[:min(2, len(g.Next))], c.Intent)) {
				helped++
			}
		default:
			n.abstained++
		}
	}
	return Decisions{
			Accepted: share(in.accepted, in.all), Clarified: share(in.clarified, in.all), Abstained: share(in.abstained, in.all),
			WrongAccept: share(wrong, in.accepted+out.accepted), Helped: share(helped, in.clarified),
		}, OutOfScope{
			Cases: out.all, Recall: share(out.abstained, out.all),
			Asked: share(out.clarified, out.all), WrongStart: share(out.accepted, out.all), FlowStart: share(began, out.all),
		}
}

func latency(times []time.Duration) Latency {
	if len(times) == 0 {
		return Latency{}
	}
	slices.Sort(times)
	at := func(q float64) float64 {
		return float64(times[min(len(times)-1, int(q*float64(len(times))))].Nanoseconds()) / 1000
	}
	return Latency{P50: at(0.50), P99: at(0.99)}
}

func warnings(r Result, o Options) []string {
	least := o.Support
	if least == 0 {
		least = 20
	}
	var out []string
	for _, s := range r.Intents {
		if s.Support < least {
			out = append(out, fmt.Sprintf("%s has %d cases, its figures say little below %d", s.Intent, s.Support, least))
		}
	}
	if len(r.Leaks) > 0 {
		out = append(out, fmt.Sprintf("%d cases are near copies of learnt examples", len(r.Leaks)))
	}
	if o.Reject != "" && r.OutOfScope.Cases == 0 {
		out = append(out, "no case is out of scope, so nothing is known about wrong starts")
	}
	return out
}
