package linear

import (
	"cmp"
	"math"
	"slices"
)

// judged is a held-back example with what the model made of it.
type judged struct {
	margin, lead float64
	label        string // best
	right        bool   // best is true
	near         bool   // the truth is among the first three
	reject       bool   // truly nobody's intent
}

// calibrate fits thresholds and temperature on the held-back margins.
func (t *training) calibrate() (Thresholds, float64) {
	k := len(t.labels)
	m := &Model{labels: t.labels, options: t.options, temperature: 1}
	cases := make([]judged, len(t.examples))
	rankings := make([][]Ranked, len(t.examples))
	for i, e := range t.examples {
		ranked := m.ranking(t.held[i*t.machines():][:t.machines()]).Labels
		rankings[i] = ranked
		cases[i] = judged{
			margin: ranked[0].Margin, lead: ranked[0].Margin - ranked[1].Margin, label: ranked[0].Label,
			right: ranked[0].Label == e.Label, reject: e.Label == t.options.Reject,
			near: slices.ContainsFunc(ranked[:min(3, k)], func(r Ranked) bool { return r.Label == e.Label }),
		}
	}
	return fitThresholds(cases, t.options), fitTemperature(rankings, t.examples)
}

// fitThresholds chooses when to accept, for the strict labels and for the
// others, and when to give up. It goes by smooth curves through the cases and
// not by the cases themselves: where a share of mistakes hovers about what is
// allowed, a dozen examples more or less would move a threshold far.
func fitThresholds(cases []judged, o Options) Thresholds {
	t := defaultThresholds(o.Reject)
	t.Strict = o.Strict
	var strict, other, able []judged
	for _, c := range cases {
		switch {
		case c.label == o.Reject: // abstained from in any case
			continue
		case slices.Contains(o.Strict, c.label):
			strict = append(strict, c)
		default:
			other = append(other, c)
		}
		able = append(able, c)
	}
	t.Accept, t.Lead = fitAccept(other, o.WrongAccept)
	t.StrictAccept, t.StrictLead = fitAccept(strict, o.StrictWrong)
	t.Abstain = fitAbstain(able)
	return t
}

// unreachable is a sureness nothing has.
const unreachable = 1e6

// fitAccept chooses how much the lead counts beside the margin, and the sureness
// from which on at most the share wrong of what is accepted is mistaken.
func fitAccept(cases []judged, wrong float64) (accept, lead float64) {
	curve := fitLogistic(cases, func(c judged) (float64, float64) { return c.margin, c.lead }, func(c judged) bool { return c.right })
	byMargin, byLead := max(curve[1], 1e-3), max(curve[2], 0)
	lead = byLead / (byMargin + byLead)
	sureness := make([]float64, len(cases))
	for i, c := range cases {
		sureness[i] = sure(c.margin, c.lead, lead)
	}
	slices.SortFunc(sureness, func(a, b float64) int { return cmp.Compare(b, a) })
	accept, mistakes := unreachable, 0.5 // half a mistake more: few cases prove little
	for i, s := range sureness {
		mistakes += 1 - logistic(curve[0]+s*(byMargin+byLead))
		if mistakes <= wrong*float64(i+2) {
			accept = s
		}
	}
	return accept, lead
}

// What asking back about an utterance is worth beside turning it away: the
// right wish kept counts whole, one merely offered a third, and what is nobody's
// intent costs whole.
const (
	worthRight   = 3
	worthOffered = 1
	costNobody   = 6
)

// fitAbstain finds the margin from which on asking back is worth it.
func fitAbstain(cases []judged) float64 {
	margin := func(c judged) (float64, float64) { return c.margin, 0 }
	right := fitLogistic(cases, margin, func(c judged) bool { return c.right })
	near := fitLogistic(cases, margin, func(c judged) bool { return c.near })
	nobody := fitLogistic(cases, margin, func(c judged) bool { return c.reject })
	const highest, lowest, stride = 0.0, -3.0, 0.005
	m := highest
	for ; m > lowest; m -= stride {
		at := func(curve [3]float64) float64 { return logistic(curve[0] + curve[1]*m) }
		if (worthRight-worthOffered)*at(right)+worthOffered*at(near) < costNobody*at(nobody) {
			break
		}
	}
	return m
}

// fitLogistic fits the chance that something is so of two numbers, by Newton's
// method on the likelihood and a little less: cases that part cleanly would
// have it go on for ever.
func fitLogistic(cases []judged, of func(judged) (x, y float64), so func(judged) bool) (curve [3]float64) {
	const rounds, shrink = 25, 1.0
	for range rounds {
		var slope [3]float64
		var bend [3][3]float64
		for i, w := range curve {
			slope[i], bend[i][i] = -shrink*w, shrink
		}
		for _, c := range cases {
			x, y := of(c)
			at := [3]float64{1, x, y}
			p := logistic(curve[0] + curve[1]*x + curve[2]*y)
			off := -p
			if so(c) {
				off = 1 - p
			}
			for i := range at {
				slope[i] += off * at[i]
				for j := range at {
					bend[i][j] += p * (1 - p) * at[i] * at[j]
				}
			}
		}
		step := solve3(bend, slope)
		for i := range curve {
			curve[i] += step[i]
		}
	}
	return curve
}

// solve3 solves a·x = b for a symmetric positive a, by elimination.
func solve3(a [3][3]float64, b [3]float64) [3]float64 {
	for i := range 3 {
		for j := i + 1; j < 3; j++ {
			f := a[j][i] / a[i][i]
			for k := i; k < 3; k++ {
				a[j][k] -= f * a[i][k]
			}
			b[j] -= f * b[i]
		}
	}
	for i := 2; i >= 0; i-- {
		for k := i + 1; k < 3; k++ {
			b[i] -= a[i][k] * b[k]
		}
		b[i] /= a[i][i]
	}
	return b
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// fitTemperature finds the factor that makes the softmax of the margins the
// most likely probabilities (Guo, Pleiss, Sun, Weinberger: On Calibration of
// Modern Neural Networks, ICML 2017), by golden section.
func fitTemperature(rankings [][]Ranked, examples []Example) float64 {
	loss := func(temperature float64) float64 {
		sum := 0.0
		for i, ranked := range rankings {
			softmax(ranked, temperature)
			for _, r := range ranked {
				if r.Label == examples[i].Label {
					sum -= math.Log(math.Max(r.Prob, 1e-12))
				}
			}
		}
		return sum
	}
	low, high := 0.5, 30.0
	const golden = 0.6180339887498949
	a, b := high-golden*(high-low), low+golden*(high-low)
	lossA, lossB := loss(a), loss(b)
	for high-low > 0.05 {
		if lossA < lossB {
			high, b, lossB = b, a, lossA
			a = high - golden*(high-low)
			lossA = loss(a)
		} else {
			low, a, lossA = a, b, lossB
			b = low + golden*(high-low)
			lossB = loss(b)
		}
	}
	return (low + high) / 2
}
