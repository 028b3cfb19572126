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
	m := &Model{labels: t.labels, temperature: 1}
	cases := make([]judged, len(t.examples))
	rankings := make([][]Ranked, len(t.examples))
	for i, e := range t.examples {
		ranked := m.ranked(t.held[i*k:][:k])
		rankings[i] = ranked
		cases[i] = judged{
			margin: ranked[0].Margin, lead: ranked[0].Margin - ranked[1].Margin, label: ranked[0].Label,
			right: ranked[0].Label == e.Label, reject: e.Label == t.options.Reject,
			near: slices.ContainsFunc(ranked[:min(3, k)], func(r Ranked) bool { return r.Label == e.Label }),
		}
	}
	return fitThresholds(cases, t.options.Reject, t.options.WrongAccept), fitTemperature(rankings, t.examples)
}

// fitThresholds chooses the lead and the margin that accept the most while at
// most the share wrong of what is accepted is mistaken, and then the margin
// under which asking back helps less often than it bothers.
func fitThresholds(cases []judged, reject string, wrong float64) Thresholds {
	t := defaultThresholds(reject)
	t.Accept, t.Gap = math.Inf(1), math.Inf(1)
	most := 0
	for gap := 0.0; gap < 0.81; gap += 0.05 {
		margin, accepted := acceptFrom(cases, reject, gap, wrong)
		if accepted > most {
			most, t.Accept, t.Gap = accepted, margin, gap
		}
	}
	if most == 0 { // nothing is safe: always ask
		t.Accept, t.Gap = 1e6, 0.25
	}
	t.Abstain = math.Min(abstainBelow(cases, reject), t.Accept)
	return t
}

// acceptFrom finds the least margin from which on at most the share wrong of
// the cases with that lead is mistaken.
func acceptFrom(cases []judged, reject string, gap, wrong float64) (margin float64, accepted int) {
	var able []judged
	for _, c := range cases {
		if c.lead >= gap && c.label != reject {
			able = append(able, c)
		}
	}
	slices.SortStableFunc(able, func(a, b judged) int { return cmp.Compare(b.margin, a.margin) })
	mistakes := 0
	for i, c := range able {
		if !c.right {
			mistakes++
		}
		last := i+1 == len(able) || able[i+1].margin < c.margin
		if last && float64(mistakes)+0.5 <= wrong*float64(i+2) { // half a mistake more: few cases prove little
			margin, accepted = c.margin, i+1
		}
	}
	return margin, accepted
}

// dearer is how much worse it is to turn a citizen's wish away than to ask back
// about what is nobody's intent: a question costs a line, a refusal the errand.
const dearer = 2

// abstainBelow finds the margin that best parts the citizens' intents that
// asking back would settle from what is nobody's intent or hopeless: the
// largest difference of the two shares kept (Youden's J), the citizens' share
// weighing more.
func abstainBelow(cases []judged, reject string) float64 {
	var worth, not []float64
	for _, c := range cases {
		switch {
		case c.label == reject: // abstained from in any case
		case c.near && !c.reject:
			worth = append(worth, c.margin)
		default:
			not = append(not, c.margin)
		}
	}
	slices.Sort(worth)
	slices.Sort(not)
	if len(worth) == 0 {
		return 0
	}
	least := worth[len(worth)/50] // keep 98 in 100 where nothing speaks against
	if len(not) == 0 {
		return least
	}
	best, at := math.Inf(-1), least
	for _, margin := range append(slices.Clone(worth), not...) {
		lost, _ := slices.BinarySearch(worth, margin)
		spared, _ := slices.BinarySearch(not, margin)
		j := float64(spared)/float64(len(not)) - dearer*float64(lost)/float64(len(worth))
		if j > best {
			best, at = j, margin
		}
	}
	return at
}

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
