package intents

import (
	"guanjia/bot"
	"guanjia/intents/linear"
)

// Step is the part of the layer that settled an intent.
type Step string

// The steps, in the order they are asked.
const (
	BySafety     Step = "safety"     // danger, by a sign in the lexicon or by the wording
	ByRule       Step = "rule"       // plain words or a number that leave no doubt
	ByClassifier Step = "classifier" // the wording as a whole
)

// Explanation says why an utterance was understood as it was.
type Explanation struct {
	Report
	By         Step              `json:"by"`
	Sign       string            `json:"sign,omitempty"` // of danger, as the lexicon has it
	Danger     float64           `json:"danger"`         // how much speaks for it, believed from DangerFrom
	DangerFrom float64           `json:"danger_from"`
	Read       string            `json:"read,omitempty"` // what the classifier was given
	Features   []string          `json:"features,omitempty"`
	Margins    []Margin          `json:"margins,omitempty"` // the best first
	Thresholds linear.Thresholds `json:"thresholds,omitzero"`
	Evidence   []linear.Evidence `json:"evidence,omitempty"`
}

// Margin is how far an utterance lies on an intent's side.
type Margin struct {
	Intent bot.Intent `json:"intent"`
	Margin float64    `json:"margin"`
}

// Explain understands an utterance and says why. It reads all examples again
// and takes some tens of milliseconds.
func (r *Recognizer) Explain(u bot.Utterance) Explanation {
	understood, s := r.understand(u)
	e := Explanation{Report: ReportOf(understood), By: s.by, Sign: s.sign, Danger: s.belief, DangerFrom: believedFrom}
	if s.by == ByRule {
		return e
	}
	e.Read, e.Features = r.Reading(u.Text)
	m, learnt := r.classifier.(*Model)
	if !learnt {
		return e
	}
	for _, best := range m.model.Rank(e.Read, e.Features...)[:3] {
		e.Margins = append(e.Margins, Margin{bot.Intent(best.Label), best.Margin})
	}
	e.Thresholds = m.model.Thresholds()
	e.Evidence = m.model.Explain(e.Read, e.Features...)
	return e
}
