package evaluation

import (
	"fmt"
	"slices"
)

// Result is how well a set of utterances was understood. Shares are in [0, 1];
// a share of nothing is 0.
type Result struct {
	Name     string  `json:"name"`
	Cases    int     `json:"cases"`
	Accuracy float64 `json:"accuracy"` // best intent is the true one, whatever was decided
	MacroF1  float64 `json:"macro_f1"`
	// CalibrationError is the mean distance between score and share right, in
	// ten bins (ECE).
	CalibrationError float64 `json:"calibration_error"`

	Decisions  Decisions     `json:"decisions"`
	OutOfScope OutOfScope    `json:"out_of_scope"`
	Intents    []IntentScore `json:"intents"`
	Confusions []Confusion   `json:"confusions"`
	Curve      []Point       `json:"curve"`
	Languages  []Slice       `json:"languages,omitempty"`
	Authors    []Slice       `json:"authors,omitempty"`
	Noise      []Noise       `json:"noise,omitempty"`
	Leaks      []Leak        `json:"leaks,omitempty"`
	Latency    Latency       `json:"latency"`
	Warnings   []string      `json:"warnings,omitempty"`
}

// Decisions counts what was done about the cases that are someone's intent.
type Decisions struct {
	Accepted    float64 `json:"accepted"` // share of them
	Clarified   float64 `json:"clarified"`
	Abstained   float64 `json:"abstained"`
	WrongAccept float64 `json:"wrong_accept"` // share of all accepted, out of scope included, that were wrong
	// Helped is the share of those clarified whose true intent is among the
	// best and the next two.
	Helped float64 `json:"helped"`
}

// OutOfScope counts what was done about the cases that are nobody's intent.
type OutOfScope struct {
	Cases      int     `json:"cases"`
	Recall     float64 `json:"recall"`      // abstained
	Asked      float64 `json:"asked"`       // clarified
	WrongStart float64 `json:"wrong_start"` // accepted as some intent
	FlowStart  float64 `json:"flow_start"`  // of these, as one that begins an errand
}

// IntentScore is how well one intent is found.
type IntentScore struct {
	Intent    string  `json:"intent"`
	Support   int     `json:"support"` // cases
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Confusion is one intent taken for another.
type Confusion struct {
	Truth string `json:"truth"`
	Taken string `json:"taken"`
	Count int    `json:"count"`
	Cases []Case `json:"cases"` // the first few
}

// Point is the accuracy when only the surest share is answered.
type Point struct {
	Coverage float64 `json:"coverage"`
	Accuracy float64 `json:"accuracy"`
	Sureness float64 `json:"sureness"` // of the last one answered
}

// Slice is the accuracy within one language, or on what one hand wrote.
type Slice struct {
	Name     string  `json:"name"`
	Cases    int     `json:"cases"`
	Accuracy float64 `json:"accuracy"`
}

// Noise is what is left when a share of the characters is misheard as others
// of the same sound.
type Noise struct {
	Share       float64 `json:"share"`   // asked for
	Swapped     float64 `json:"swapped"` // of the Chinese characters, truly
	Accuracy    float64 `json:"accuracy"`
	WrongAccept float64 `json:"wrong_accept"`
}

// Latency is the time of one judgement, in microseconds.
type Latency struct {
	P50 float64 `json:"p50_us"`
	P99 float64 `json:"p99_us"`
}

// Gates are the figures below which a model must not be taken into service; 0
// asks nothing.
type Gates struct {
	Accuracy    float64 // least
	MacroF1     float64 // least
	Recall      float64 // least, out of scope
	WrongAccept float64 // most
	WrongStart  float64 // most
	FlowStart   float64 // most
}

// Wordless is the result without the words of any case, so that a set whose
// lines nobody may read can be measured on: where they stand is left.
func (r Result) Wordless() Result {
	r.Confusions, r.Leaks = slices.Clone(r.Confusions), slices.Clone(r.Leaks)
	for i, c := range r.Confusions {
		c.Cases = slices.Clone(c.Cases)
		for k := range c.Cases {
			c.Cases[k].Text = ""
		}
		r.Confusions[i] = c
	}
	for i := range r.Leaks {
		r.Leaks[i].Case.Text, r.Leaks[i].Learnt = "", ""
	}
	return r
}

// Failures names the gates a result does not pass.
func (r Result) Failures(g Gates) []string {
	var out []string
	least := func(name string, got, want float64) {
		if got < want {
			out = append(out, fmt.Sprintf("%s is %.1f%%, at least %.1f%% is needed", name, 100*got, 100*want))
		}
	}
	most := func(name string, got, want float64) {
		if want > 0 && got > want {
			out = append(out, fmt.Sprintf("%s is %.1f%%, at most %.1f%% is allowed", name, 100*got, 100*want))
		}
	}
	least("accuracy", r.Accuracy, g.Accuracy)
	least("macro F1", r.MacroF1, g.MacroF1)
	least("out-of-scope recall", r.OutOfScope.Recall, g.Recall)
	most("share of wrong accepts", r.Decisions.WrongAccept, g.WrongAccept)
	most("share of wrong starts", r.OutOfScope.WrongStart, g.WrongStart)
	most("share of errands begun for nobody", r.OutOfScope.FlowStart, g.FlowStart)
	return out
}
