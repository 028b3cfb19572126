package evaluation

import (
	"encoding/json"
	"fmt"
	"io"
)

// Baseline are the figures an earlier model reached on the same cases; a later
// one must not fall below them by more than chance has it.
type Baseline struct {
	Name        string             `json:"name"`
	Cases       int                `json:"cases"`
	Accuracy    float64            `json:"accuracy"`
	MacroF1     float64            `json:"macro_f1"`
	WrongAccept float64            `json:"wrong_accept"`
	FlowStart   float64            `json:"flow_start"`
	Recall      map[string]float64 `json:"recall"` // of each intent
}

// Baseline is what a later result is to be held against.
func (r Result) Baseline() Baseline {
	b := Baseline{
		Name: r.Name, Cases: r.Cases, Accuracy: r.Accuracy, MacroF1: r.MacroF1,
		WrongAccept: r.Decisions.WrongAccept, FlowStart: r.OutOfScope.FlowStart, Recall: make(map[string]float64),
	}
	for _, s := range r.Intents {
		b.Recall[s.Intent] = s.Recall
	}
	return b
}

// How far a figure may fall: whole sets half a point, single intents, which
// have some sixty cases, three cases.
const (
	slack       = 0.005
	slackIntent = 0.05
)

// Regressions names the figures that fell below the baseline.
func (r Result) Regressions(b Baseline) []string {
	var out []string
	fell := func(name string, got, was, slack float64) {
		if got < was-slack {
			out = append(out, fmt.Sprintf("%s fell from %.1f%% to %.1f%%", name, 100*was, 100*got))
		}
	}
	fell("accuracy", r.Accuracy, b.Accuracy, slack)
	fell("macro F1", r.MacroF1, b.MacroF1, slack)
	rose := func(name string, got, was float64) {
		if got > was+slack {
			out = append(out, fmt.Sprintf("%s rose from %.1f%% to %.1f%%", name, 100*was, 100*got))
		}
	}
	rose("the share of wrong accepts", r.Decisions.WrongAccept, b.WrongAccept)
	rose("the share of errands begun for nobody", r.OutOfScope.FlowStart, b.FlowStart)
	for _, s := range r.Intents {
		if was, known := b.Recall[s.Intent]; known {
			fell("recall of "+s.Intent, s.Recall, was, slackIntent)
		}
	}
	return out
}

// ReadBaseline reads a baseline that Write wrote.
func ReadBaseline(in io.Reader) (b Baseline, err error) {
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return b, fmt.Errorf("read baseline: %w", err)
	}
	if b.Cases == 0 {
		return b, fmt.Errorf("read baseline: it holds no cases")
	}
	return b, nil
}

// Write writes the baseline as one indented JSON object.
func (b Baseline) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(b); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	return nil
}
