package knowledge

import (
	_ "embed" // words for the same thing
	"slices"
	"strings"
	"sync"
)

//go:embed thesaurus.txt
var thesaurusLines string

// thesaurus finds the groups of words for the same thing that a text has a word of:
// 谁掏钱 and 由基金承担. It ranks the lines of a guide that is known already and finds
// no guide: its groups are too wide for that.
type thesaurus struct {
	words map[rune][]groupWord // by the first character
	size  int                  // how many groups
}

// groupWord is a word of a group.
type groupWord struct {
	text  []rune
	group uint16
}

// thesaurusOf is made once, when the first line is read, and never changes.
var thesaurusOf = sync.OnceValue(func() *thesaurus { return newThesaurus(thesaurusLines) })

func newThesaurus(lines string) *thesaurus {
	t := &thesaurus{words: map[rune][]groupWord{}}
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		for _, w := range strings.Fields(line) {
			text := fold(w)
			t.words[text[0]] = append(t.words[text[0]], groupWord{text, uint16(t.size)})
		}
		t.size++
	}
	return t
}

// in are the groups of a folded text, in order.
func (t *thesaurus) in(text []rune) []uint16 {
	var groups []uint16
	for i, c := range text {
		for _, w := range t.words[c] {
			if i+len(w.text) <= len(text) && slices.Equal(text[i:i+len(w.text)], w.text) {
				groups = append(groups, w.group)
			}
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}
