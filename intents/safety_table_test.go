package intents

import (
	"testing"

	"guanjia/intents/examples"
	"guanjia/intents/hanzi"
)

// TestLexiconSeesDanger guards the lexicon alone, on all that people wrote: two in
// three emergencies show a sign (many were written to be found without one), few
// calm words do. How danger is found in service is measured on held words
// by TestDangerOnHeldTable of cmd/guanjia.
func TestLexiconSeesDanger(t *testing.T) {
	const leastSeen, mostFalse = 0.62, 0.065
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSafety()
	if err != nil {
		t.Fatal(err)
	}
	all, seen := map[string]int{}, map[string]int{}
	for _, e := range list {
		if e.Made || e.Held {
			continue
		}
		all[e.Intent]++
		if s.find(string(hanzi.Fold(e.Text))).sign != "" {
			seen[e.Intent]++
		}
	}
	found := float64(seen["emergency"]) / float64(all["emergency"])
	alarmed := float64(seen[examples.Calm]) / float64(all[examples.Calm])
	t.Logf("signs in %.3f of %d emergencies, in %.3f of %d calm sentences", found, all["emergency"], alarmed, all[examples.Calm])
	if all["emergency"] < 500 || found < leastSeen {
		t.Errorf("signs are seen in %.3f of %d emergencies, at least %.2f are needed", found, all["emergency"], leastSeen)
	}
	if all[examples.Calm] < 300 || alarmed > mostFalse {
		t.Errorf("signs are seen in %.3f of %d calm sentences, at most %.2f may show one", alarmed, all[examples.Calm], mostFalse)
	}
}
