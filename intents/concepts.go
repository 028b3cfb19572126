package intents

import (
	_ "embed" // the concepts
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"guanjia/intents/hanzi"
)

//go:embed concepts.yml
var conceptWords []byte

// concepts knows the words that talk of danger is made of, and names what is
// said for the classifier.
type concepts struct {
	words *trie
	harms set
	// The features of each concept: said somewhere, and said beside another.
	said   []string
	beside [][]string
}

// saidConcept begins the features of concepts.
const saidConcept = "says:"

// mostConcepts bounds the concepts, as set does.
const mostConcepts = 128

func newConcepts() (*concepts, error) {
	var file struct {
		Harms, Signs, Guards map[string][]string
	}
	if err := yaml.Unmarshal(conceptWords, &file); err != nil {
		return nil, fmt.Errorf("read concepts: %w", err)
	}
	c := &concepts{words: newTrie()}
	for _, part := range []map[string][]string{file.Harms, file.Signs, file.Guards} {
		for _, name := range slices.Sorted(maps.Keys(part)) {
			c.learn(name, part[name])
		}
	}
	if len(c.said) > mostConcepts || len(file.Harms) == 0 {
		return nil, fmt.Errorf("read concepts: there are %d, with %d harms", len(c.said), len(file.Harms))
	}
	for n := range file.Harms {
		c.harms.add(slices.Index(c.said, saidConcept+n))
	}
	return c, nil
}

// learn adds a concept and the features it makes with those before it.
func (c *concepts) learn(name string, words []string) {
	n := len(c.said)
	for _, w := range words {
		c.words.add(hanzi.Fold(w), string(rune(n)))
	}
	beside := make([]string, n)
	for i, other := range c.said {
		beside[i] = "both:" + strings.TrimPrefix(other, saidConcept) + "+" + name
	}
	c.said, c.beside = append(c.said, saidConcept+name), append(c.beside, beside)
}

// in says which concepts a folded text talks of; none where it talks of no harm.
func (c *concepts) in(text []rune) set {
	var said set
	for i := range text {
		if latin(text[i]) && i > 0 && latin(text[i-1]) {
			continue
		}
		_, ids := c.words.longest(text, i)
		for _, id := range ids {
			said.add(int([]rune(id)[0]))
		}
	}
	if said[0]&c.harms[0] == 0 && said[1]&c.harms[1] == 0 {
		return set{}
	}
	return said
}

// features names what is said, and what beside a harm.
func (c *concepts) features(said set, out []string) []string {
	if said == (set{}) {
		return out
	}
	var found []int
	for n := range c.said {
		if said.has(n) {
			out, found = append(out, c.said[n]), append(found, n)
		}
	}
	for i, b := range found {
		for _, a := range found[:i] {
			if c.harms.has(a) { // harms come first
				out = append(out, c.beside[b][a])
			}
		}
	}
	return out
}

// set holds numbers below mostConcepts.
type set [2]uint64

func (s *set) add(n int)      { s[n>>6] |= 1 << (n & 63) }
func (s *set) has(n int) bool { return s[n>>6]>>(n&63)&1 == 1 }
