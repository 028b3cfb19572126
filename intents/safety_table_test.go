package intents

import (
	"strings"
	"testing"

	"guanjia/intents/examples"
	"guanjia/intents/hanzi"
)

// TestLexiconSeesDanger guards the lexicon alone: most emergencies show a sign,
// few calm words do, and with those that were written for the weighing, which
// needs no sign, still two in three. How danger is found in service is measured on
// held words by TestDangerOnHeldTable of cmd/guanjia.
func TestLexiconSeesDanger(t *testing.T) {
	bounds := []struct {
		wide                 bool
		leastSeen, mostFalse float64
	}{{false, 0.73, 0.06}, {true, 0.62, 0.065}}
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSafety()
	if err != nil {
		t.Fatal(err)
	}
	for _, bound := range bounds {
		all, seen := map[string]int{}, map[string]int{}
		for _, e := range list {
			if e.Made || e.Held || strings.HasPrefix(e.File, "wide/") && !bound.wide {
				continue
			}
			all[e.Intent]++
			if s.find(string(hanzi.Fold(e.Text))).sign != "" {
				seen[e.Intent]++
			}
		}
		found := float64(seen["emergency"]) / float64(all["emergency"])
		alarmed := float64(seen[examples.Calm]) / float64(all[examples.Calm])
		t.Logf("wide %t: signs in %.3f of %d emergencies, in %.3f of %d calm sentences", bound.wide, found, all["emergency"], alarmed, all[examples.Calm])
		if all["emergency"] < 500 || found < bound.leastSeen {
			t.Errorf("wide %t: signs are seen in %.3f of %d emergencies, at least %.2f are needed", bound.wide, found, all["emergency"], bound.leastSeen)
		}
		if all[examples.Calm] < 300 || alarmed > bound.mostFalse {
			t.Errorf("wide %t: signs are seen in %.3f of %d calm sentences, at most %.3f may show one", bound.wide, alarmed, all[examples.Calm], bound.mostFalse)
		}
	}
}
