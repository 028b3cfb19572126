package intents

import (
	_ "embed" // the meanings
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"guanjia/intents/hanzi"
)

//go:embed meanings.yml
var meaningWords []byte

// meanings knows the ways to say the same, and tells the classifier.
type meanings struct {
	words *trie
	means []string   // the feature of each meaning
	both  [][]string // of each, beside an earlier one
}

func newMeanings() (*meanings, error) {
	var file map[string][]string
	if err := yaml.Unmarshal(meaningWords, &file); err != nil {
		return nil, fmt.Errorf("read meanings: %w", err)
	}
	if len(file) == 0 || len(file) > mostConcepts {
		return nil, fmt.Errorf("read meanings: there are %d", len(file))
	}
	m := &meanings{words: newTrie()}
	for n, name := range slices.Sorted(maps.Keys(file)) {
		for _, w := range file[name] {
			m.words.add(hanzi.Fold(w), string(rune(n)))
		}
		both := make([]string, n)
		for i, other := range m.means {
			both[i] = other + "+" + name
		}
		m.means, m.both = append(m.means, "means:"+name), append(m.both, both)
	}
	return m, nil
}

// notOurs marks what is meant of others' matters: moving a meeting is not moving
// an appointment.
const notOurs = "/theirs"

// features names what is meant somewhere, and what beside it; others says that
// the text talks of others' matters only.
func (m *meanings) features(said set, others bool, out []string) []string {
	if said == (set{}) {
		return out
	}
	var found []int
	for n, name := range m.means {
		if !said.has(n) {
			continue
		}
		if others {
			out = append(out, name+notOurs)
			continue
		}
		out = append(out, name)
		for _, other := range found {
			out = append(out, m.both[n][other])
		}
		found = append(found, n)
	}
	return out
}

// in says which meanings stand in a folded text.
func (m *meanings) in(text []rune) (said set) {
	for i := range text {
		if latin(text[i]) && i > 0 && latin(text[i-1]) {
			continue
		}
		_, ids := m.words.longest(text, i)
		for _, id := range ids {
			said.add(int([]rune(id)[0]))
		}
	}
	return said
}
