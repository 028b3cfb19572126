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

var fit = flag.Bool("fit", false, "write the thresholds fitted on the examples")

// TestTheThresholdsAreFitted holds the thresholds that are kept with the
// examples to those that would be fitted now, so that a first start need not
// fit them. After a change of examples, names or features:
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
	now, err := mind.Fit(t.Context(), examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	if *fit {
		raw, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("../../../intents/examples/"+intents.FittedFile, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
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
}
