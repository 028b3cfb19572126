package knowledge

import (
	"fmt"
	"math"
)

// Interval is a 95 % confidence interval of a rate (Wilson's), from low to
// high.
type Interval [2]float64

// interval of k out of n; the whole range over no questions at all.
func interval(k, n int) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m)) / (1 + z*z/m)
	round := func(v float64) float64 { return math.Round(min(1, max(0, v))*1e4) / 1e4 }
	return Interval{round(mid - half), round(mid + half)}
}

// Regressions names what is worse than in an earlier evaluation by more than
// tolerance (of a rate, 0 to 1). Times are not compared: they are the
// machine's.
func (e Evaluation) Regressions(before Evaluation, tolerance float64) []string {
	var worse []string
	check := func(name string, was, is float64) {
		if was-is > tolerance {
			worse = append(worse, fmt.Sprintf("%s %.4f, was %.4f", name, math.Abs(is), math.Abs(was)))
		}
	}
	check("recall_at_1", before.RecallAt1, e.RecallAt1)
	check("recall_at_5", before.RecallAt5, e.RecallAt5)
	check("recall_at_10", before.RecallAt10, e.RecallAt10)
	check("mrr_at_10", before.MRRAt10, e.MRRAt10)
	check("answered", before.Answered, e.Answered)
	check("answered_right", before.AnsweredRight, e.AnsweredRight)
	check("unanswerable_answered", -before.UnanswerableAnswered, -e.UnanswerableAnswered)
	return worse
}
