package main

import (
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
)

var heldDanger = flag.String("danger", "../../../intents/testdata/safety_held.yml", "table of emergencies by kind and of calm sentences by why they are calm, to score danger on")

// TestDangerOnHeldTable scores danger, as the whole layer finds it in service,
// on a table written before the rules were last worked on. It names kinds and
// counts, never a sentence: what is read off the table no longer measures.
func TestDangerOnHeldTable(t *testing.T) {
	const leastRecall, mostFalse = 0.95, 0.04
	raw, err := os.ReadFile(*heldDanger)
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Emergencies map[string][]string `yaml:"emergencies"`
		Calm        map[string][]string `yaml:"calm"`
	}
	if err := yaml.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	mind := fullMind(t, "")
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	tally := func(title string, groups map[string][]string) (alarmed, all, named int) {
		for _, kind := range slices.Sorted(maps.Keys(groups)) {
			found, right := 0, 0
			for _, text := range groups[kind] {
				u := mind.Understand(bot.Utterance{Text: text, Now: now})
				if u.Decision != bot.Danger {
					continue
				}
				found++
				if string(u.Hazard) == kind || u.Hazard == bot.HazardNone && kind == "general" {
					right++
				}
			}
			t.Logf("%s, %s: %d of %d alarm, %d of this kind", title, kind, found, len(groups[kind]), right)
			alarmed, all, named = alarmed+found, all+len(groups[kind]), named+right
		}
		return alarmed, all, named
	}
	found, emergencies, named := tally("emergencies", table.Emergencies)
	alarms, calm, _ := tally("calm", table.Calm)
	if emergencies < 200 || calm < 400 {
		t.Fatalf("%d emergencies and %d calm sentences are too few to measure", emergencies, calm)
	}
	recall, rate := float64(found)/float64(emergencies), float64(alarms)/float64(calm)
	t.Logf("recall %.3f of %d, of the right kind %.3f; false alarms %.3f of %d", recall, emergencies, float64(named)/float64(found), rate, calm)
	if recall < leastRecall {
		t.Errorf("recall is %.3f, at least %.2f is needed", recall, leastRecall)
	}
	if rate > mostFalse {
		t.Errorf("false alarms are %.3f, at most %.2f are allowed", rate, mostFalse)
	}
}
