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
	return fitThresholds(cases, t.options), fitTemperature(rankings, t.examples)
}

// fitThresholds chooses when to accept, for the strict labels and for the
// others, and when to give up.
func fitThresholds(cases []judged, o Options) Thresholds {
	t := defaultThresholds(o.Reject)
	t.Strict = o.Strict
	var strict, other []judged
	for _, c := range cases {
		switch {
		case c.label == o.Reject:
		case slices.Contains(o.Strict, c.label):
			strict = append(strict, c)
		default:
			other = append(other, c)
		}
	}
	t.Accept, t.Gap = fitAccept(other, o.WrongAccept)
	t.StrictAccept, t.StrictGap = fitAccept(strict, o.StrictWrong)
	t.Abstain = min(abstainBelow(cases, o.Reject), t.Accept, t.StrictAccept)
	return t
}

// fitAccept chooses the margin and the lead that accept the most while at
// most the share wrong of what is accepted is mistaken.
func fitAccept(cases []judged, wrong float64) (accept, gap float64) {
	most := 0
	for lead := 0.0; lead < 0.81; lead += 0.05 {
		if margin, accepted := acceptFrom(cases, lead, wrong); accepted > most {
			most, accept, gap = accepted, margin, lead
		}
	}
	if most == 0 { // nothing is safe: always ask
		return 1e6, 0.25
	}
	return accept, gap
}

// acceptFrom finds the least margin from which on at most the share wrong of
// the cases with that lead is mistaken.
func acceptFrom(cases []judged, gap, wrong float64) (margin float64, accepted int) {
	var able []judged
	for _, c := range cases {
		if c.lead >= gap {
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

// What asking back about an utterance is worth beside turning it away: the
// right wish kept counts whole, one merely offered a third, and what is nobody's
// intent costs whole.
const (
	worthRight   = 3
	worthOffered = 1
	costNobody   = 8
)

// abstainBelow finds the margin above which asking back is worth it on the
// whole.
func abstainBelow(cases []judged, reject string) float64 {
	var able []judged
	for _, c := range cases {
		if c.label != reject { // abstained from in any case
			able = append(able, c)
		}
	}
	slices.SortStableFunc(able, func(a, b judged) int { return cmp.Compare(b.margin, a.margin) })
	best, sum, at := 0, 0, 0.0
	for _, c := range able {
		switch {
		case c.reject:
			sum -= costNobody
		case c.right:
			sum += worthRight
		case c.near:
			sum += worthOffered
		}
		if sum > best {
			best, at = sum, c.margin
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
