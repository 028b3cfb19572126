package evaluation

import (
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"

	"guanjia/intents/examples"
)

// TestTablesAreNotLearnt holds what is learnt apart from the tables danger is
// scored on: no more than what two hands write alike by chance (救命, 身份证丢了), one
// line in twenty-five. Beyond that it names what is learnt and is to go.
func TestTablesAreNotLearnt(t *testing.T) {
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	learn, _ := examples.Split(list)
	var texts []string
	for _, e := range learn {
		texts = append(texts, e.Text)
	}
	var cases []Case
	for _, name := range []string{"held", "third", "fourth", "fifth", "sixth"} {
		raw, err := os.ReadFile(filepath.Join("..", "testdata", "safety_"+name+".yml"))
		if err != nil {
			t.Fatal(err)
		}
		var table struct{ Emergencies, Calm map[string][]string }
		if err := yaml.Unmarshal(raw, &table); err != nil {
			t.Fatal(err)
		}
		for _, groups := range []map[string][]string{table.Emergencies, table.Calm} {
			for kind, lines := range groups {
				for _, text := range lines {
					cases = append(cases, Case{Text: text, Place: name + ", " + kind})
				}
			}
		}
	}
	if len(cases) < 1000 {
		t.Fatalf("the tables have %d lines", len(cases))
	}
	leaks := Leaks(texts, cases)
	t.Logf("of %d lines %d are nearly learnt", len(cases), len(leaks))
	if len(leaks)*25 <= len(cases) {
		return
	}
	for _, l := range leaks {
		t.Errorf("%q is learnt and nearly a copy (%.2f) of a line of the table %s", l.Learnt, l.Similarity, l.Case.Place)
	}
}
