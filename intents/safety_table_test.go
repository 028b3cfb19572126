package intents

import (
	"os"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
)

// TestSafetyTable measures the lexicon on words it was not written from:
// nearly nobody in danger may be missed, and talk that only sounds like
// danger must not be cut short.
func TestSafetyTable(t *testing.T) {
	const leastRecall, mostFalse = 0.97, 0.02
	raw, err := os.ReadFile("testdata/safety.yml")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Emergencies []string `yaml:"emergencies"`
		Calm        []string `yaml:"calm"`
	}
	if err := yaml.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Emergencies) < 150 || len(table.Calm) < 250 {
		t.Fatalf("%d emergencies and %d calm sentences are too few to measure", len(table.Emergencies), len(table.Calm))
	}
	r := recognizer(t)
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	danger := func(text string) (bot.Hazard, bool) {
		u := r.Understand(bot.Utterance{Text: text, Now: now})
		return u.Hazard, u.Decision == bot.Danger
	}
	missed, alarms := 0, 0
	for _, text := range table.Emergencies {
		if _, found := danger(text); !found {
			missed++
			t.Logf("missed: %s", text)
		}
	}
	for _, text := range table.Calm {
		if hazard, found := danger(text); found {
			alarms++
			t.Logf("false alarm (%s): %s", hazard, text)
		}
	}
	recall := 1 - float64(missed)/float64(len(table.Emergencies))
	rate := float64(alarms) / float64(len(table.Calm))
	t.Logf("recall %.3f of %d, false alarms %.3f of %d", recall, len(table.Emergencies), rate, len(table.Calm))
	if recall < leastRecall {
		t.Errorf("recall is %.3f, at least %.2f is needed", recall, leastRecall)
	}
	if rate > mostFalse {
		t.Errorf("false alarms are %.3f, at most %.2f are allowed", rate, mostFalse)
	}
}
