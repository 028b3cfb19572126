package intents

import (
	_ "embed" // the topics
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"guanjia/intents/hanzi"
)

//go:embed topics.yml
var topicWords []byte

// onlyTopic begins the features of topics where nothing of the city's is talked of.
const onlyTopic = "only:"

// ours is the topic of what the city's service is for.
const ours = "city"

// topics knows what people talk of, and tells the classifier.
type topics struct {
	words *trie
	about []string // the feature of each topic
	only  []string // the same where nothing of the city's is talked of
	ours  int
}

func newTopics() (*topics, error) {
	var file map[string][]string
	if err := yaml.Unmarshal(topicWords, &file); err != nil {
		return nil, fmt.Errorf("read topics: %w", err)
	}
	if len(file[ours]) == 0 || len(file) > mostConcepts {
		return nil, fmt.Errorf("read topics: there are %d, with %d words of %s", len(file), len(file[ours]), ours)
	}
	t := &topics{words: newTrie()}
	for n, name := range slices.Sorted(maps.Keys(file)) {
		for _, w := range file[name] {
			t.words.add(hanzi.Fold(w), string(rune(n)))
		}
		t.about, t.only = append(t.about, "about:"+name), append(t.only, onlyTopic+name)
		if name == ours {
			t.ours = n
		}
	}
	return t, nil
}

// features names what a folded text talks of; served says that a service was
// found in it.
func (t *topics) features(text []rune, served bool, out []string) []string {
	var said set
	for i := 0; i < len(text); {
		n := 0
		if i == 0 || !latin(text[i]) || !latin(text[i-1]) {
			var ids []string
			n, ids = t.words.longest(text, i)
			for _, id := range ids {
				said.add(int([]rune(id)[0]))
			}
		}
		i += max(n, 1)
	}
	alone := !served && !said.has(t.ours)
	for n, name := range t.about {
		if !said.has(n) {
			continue
		}
		out = append(out, name)
		if alone {
			out = append(out, t.only[n])
		}
	}
	return out
}
