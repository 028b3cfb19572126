package evaluation

import (
	"context"
	"flag"
	"os"
	"testing"

	"guanjia/intents"
	"guanjia/intents/examples"
	"guanjia/intents/linear"
)

var (
	crossFolds = flag.Int("cross", 0, "cross-validate the examples of the repository with so many folds and print all confusions")
	printHeld  = flag.Bool("held", false, "print the held examples that are misread: whoever reads them can no longer measure by them")
)

// TestWritten scores the examples of the repository: what is held must be no
// copy of what is learnt, and must be understood. It names places and figures of
// what is held and no words, unless asked for them by a flag.
func TestWritten(t *testing.T) {
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	list = examples.Intents(list)
	learn, held := examples.Split(list)
	var texts []string
	for _, e := range learn {
		texts = append(texts, e.Text)
	}
	m, err := linear.Train(context.Background(), Learnable(learn, nil), intents.Learning())
	if err != nil {
		t.Fatal(err)
	}
	r := Score(Cases(held), Classifier(m, nil), Options{Name: "held", Reject: intents.Learning().Reject, Flows: intents.Learning().Strict, Learnt: texts, Noise: []float64{0.2}})
	for _, failure := range r.Failures(Gates{Accuracy: 0.84, MacroF1: 0.84, WrongAccept: 0.06, FlowStart: 0.05}) {
		t.Error(failure)
	}
	for _, l := range r.Leaks {
		t.Errorf("%q is learnt and nearly a copy (%.2f) of what is held at %s", l.Learnt, l.Similarity, l.Case.Place)
	}
	if *printHeld {
		show(t, r)
	}
	if *crossFolds > 0 {
		cross, err := CrossValidate(context.Background(), list, nil, intents.Learning(), *crossFolds, Options{Name: "cross", Flows: intents.Learning().Strict, Noise: []float64{0.2}})
		if err != nil {
			t.Fatal(err)
		}
		show(t, cross)
	}
}

// show prints the table, and after it every confusion the result keeps.
func show(t *testing.T, r Result) {
	if err := r.WriteTable(os.Stdout); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Confusions {
		for _, one := range c.Cases {
			t.Logf("%s taken for %s: %s (%s)", c.Truth, c.Taken, one.Text, one.Place)
		}
	}
}
