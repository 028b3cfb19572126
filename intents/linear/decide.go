package linear

import "slices"

// Decision is how sure the model is of its best label.
type Decision uint8

// The decisions.
const (
	Abstain Decision = iota // none of the labels, as far as can be told
	Clarify                 // one of the first few: ask which
	Accept                  // the first
)

// String names the decision as other programs read it.
func (d Decision) String() string {
	switch d {
	case Accept:
		return "accept"
	case Clarify:
		return "clarify"
	}
	return "abstain"
}

// Thresholds turn margins into a decision.
type Thresholds struct {
	Accept  float64 `json:"accept"`  // least sureness of the best label to act on it
	Lead    float64 `json:"lead"`    // how much of sureness is the lead over the next label; the rest is the margin
	Abstain float64 `json:"abstain"` // least margin of the best label to ask about it
	Reject  string  `json:"reject"`  // label of what is nobody's intent
	Gap     float64 `json:"gap"`     // least lead of that label over the next not to ask about the next
	// Strict are the labels that ask for StrictAccept and StrictLead instead of
	// Accept and Lead.
	Strict       []string `json:"strict"`
	StrictAccept float64  `json:"strict_accept"`
	StrictLead   float64  `json:"strict_lead"`
}

// defaultThresholds stand where nothing could be fitted.
func defaultThresholds(reject string) Thresholds {
	return Thresholds{Accept: 0.1, Lead: 0.5, Abstain: -0.6, Gap: 0.25, Reject: reject}
}

// sure is how sure a label with a margin and a lead is, where the lead counts for
// its share.
func sure(margin, lead, share float64) float64 { return margin + share*(lead-margin) }

// Decide says what to do about ranked labels, best first. The best label is
// accepted when its margin and its lead together are large enough, and given up when
// its margin is too small. The label for what is nobody's intent is never
// accepted: when it leads, the next label is asked about only if it is close
// behind and strong enough itself.
func (t Thresholds) Decide(ranked []Ranked) Decision {
	if len(ranked) == 0 || ranked[0].Margin < t.Abstain {
		return Abstain
	}
	lead := 2.0 // over nothing
	if len(ranked) > 1 {
		lead = ranked[0].Margin - ranked[1].Margin
	}
	if ranked[0].Label == t.Reject {
		if len(ranked) > 1 && lead < t.Gap && ranked[1].Margin >= t.Abstain {
			return Clarify
		}
		return Abstain
	}
	accept, share := t.Accept, t.Lead
	if slices.Contains(t.Strict, ranked[0].Label) {
		accept, share = t.StrictAccept, t.StrictLead
	}
	if sure(ranked[0].Margin, lead, share) >= accept {
		return Accept
	}
	return Clarify
}
