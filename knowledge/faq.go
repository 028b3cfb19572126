package knowledge

import (
	"slices"
	"strings"
)

// wanting is a term of a question, for what it weighs.
type wanting struct {
	number uint32
	known  bool
	weight float32
}

// askedOf are a question's terms but those that a guide is called by.
func (x *index) askedOf(i int, r *routed) []wanting {
	text, w, called := r.text, x.words(r.text), x.called(i, r.text)
	var out []wanting
	put := func(w *word, worth float32) {
		if w.idf == 0 || w.known && slices.ContainsFunc(out, func(o wanting) bool { return o.known && o.number == w.number }) {
			return
		}
		out = append(out, wanting{w.number, w.known, worth * x.weight(w)})
	}
	for k := range text {
		if called[k] {
			continue
		}
		put(&w.chars[k], 0.5)
		if k+1 < len(text) && !called[k+1] {
			put(&w.pairs[k], 1)
		}
	}
	return out
}

// told tells whether a line's words stand in the parts.
func told(parts []part, line string) bool {
	var lines []string
	for _, p := range parts {
		lines = append(lines, p.lines...)
	}
	return holds(strings.Join(lines, "\n"), line)
}

// holds tells whether a text says what a line says: all but one in ten of its pairs.
func holds(text, line string) bool {
	if strings.Contains(text, line) {
		return true
	}
	n, in := 0, 0
	runes := []rune(line)
	for k := 0; k+1 < len(runes); k++ {
		if isHan(runes[k]) || isWord(runes[k]) {
			n++
			if strings.Contains(text, string(runes[k:k+2])) {
				in++
			}
		}
	}
	return in*10 >= n*9
}
