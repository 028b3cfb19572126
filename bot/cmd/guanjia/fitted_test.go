package main

import (
	"encoding/json"
	"flag"
	"io/fs"
	"math"
	"os"
	"testing"

	"guanjia/config"
	"guanjia/intents"
	"guanjia/intents/examples"
	"guanjia/knowledge"
)

var fit = flag.Bool("fit", false, "write what is fitted on the examples: the thresholds and the weights of danger")

// TestTheThresholdsAreFitted holds the thresholds that are kept with the
// examples, and the weights of danger, to those that would be fitted now, so that
// a first start need not fit them. After a change of examples, names or features:
//
//	go test ./bot/cmd/guanjia -run ThresholdsAreFitted -fit
func TestTheThresholdsAreFitted(t *testing.T) {
	guides, err := knowledge.Open(t.Context(), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	towns, err := config.Towns()
	if err != nil {
		t.Fatal(err)
	}
	departments, _, err := config.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	mind, err := intents.New(lexiconOf(guides.Base(), towns, departments), nil)
	if err != nil {
		t.Fatal(err)
	}
	now, weighed, err := mind.Fit(t.Context(), examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("in folds held back %.3f of emergencies are believed, %.3f of what only sounds so, %.4f of all else", weighed.Found, weighed.False, weighed.Begun)
	if *fit {
		keepFitted(t, "../../../intents/examples/"+intents.FittedFile, now)
		keepFitted(t, "../../../intents/"+intents.BeliefFile, weighed.Belief)
		return
	}
	var kept intents.Fitted
	raw, err := fs.ReadFile(examples.Embedded(), intents.FittedFile)
	if err == nil {
		err = json.Unmarshal(raw, &kept)
	}
	if err != nil {
		t.Fatalf("%v; write it with -fit", err)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 0.02 }
	a, b := kept.Fit.Thresholds, now.Fit.Thresholds
	if kept.Fingerprint != now.Fingerprint || !near(a.Accept, b.Accept) || !near(a.Lead, b.Lead) || !near(a.Abstain, b.Abstain) ||
		!near(a.StrictAccept, b.StrictAccept) || !near(a.StrictLead, b.StrictLead) || math.Abs(kept.Fit.Temperature-now.Fit.Temperature) > 0.2 {
		t.Errorf("the thresholds kept are of other examples, names or code; write them with -fit:\nkept %+v\nnow  %+v", kept, now)
	}
	var believed intents.Belief
	if raw, err = os.ReadFile("../../../intents/" + intents.BeliefFile); err == nil {
		err = json.Unmarshal(raw, &believed)
	}
	if err != nil {
		t.Fatal(err)
	}
	if off := farthest(believed, weighed.Belief); off > 0.1 {
		t.Errorf("a weight of danger is off by %.2f: write them with -fit", off)
	}
}

// keepFitted writes what was fitted.
func keepFitted(t *testing.T, file string, fitted any) {
	t.Helper()
	raw, err := json.MarshalIndent(fitted, "", "  ")
	if err == nil {
		err = os.WriteFile(file, append(raw, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// farthest is the largest difference between two weights of a clue.
func farthest(a, b intents.Belief) float64 {
	off := math.Abs(a.Always - b.Always)
	for _, of := range []map[string]intents.Weight{a.Weighs, b.Weighs} {
		for clue := range of {
			x, y := a.Weighs[clue], b.Weighs[clue]
			off = max(off, math.Abs(x.Alone-y.Alone), math.Abs(x.AtSign-y.AtSign))
		}
	}
	return off
}
