package knowledge

import (
	_ "embed" // what visitors call things
	"slices"
	"strings"
	"sync"
)

//go:embed english.txt
var englishLines string

// glossary is what visitors call things. Guides are Chinese: an English question is
// told in the Chinese words that they are found by and then asked like any other. A
// word that stands nowhere stays as it is, and counts as what no guide says.
type glossary struct {
	chinese map[string]string // by the stems of an English phrase
	empty   map[string]bool   // stems of words that say nothing
	longest int               // words of the longest phrase
}

var english = sync.OnceValue(func() *glossary {
	g := &glossary{chinese: map[string]string{}, empty: map[string]bool{}}
	for line := range strings.Lines(englishLines) {
		word, phrases, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		for p := range strings.SplitSeq(phrases, ",") {
			if word == "-" {
				for _, w := range latinWords(p) {
					g.empty[stem(w)] = true
				}
				continue
			}
			_, key := g.matter(p)
			if at := strings.Join(key, " "); len(key) > 0 && g.chinese[at] == "" {
				g.chinese[at] = word
				g.longest = max(g.longest, len(key))
			}
		}
	}
	return g
})

// matter are the words of a text that say something, with their stems.
func (g *glossary) matter(text string) (words, stemmed []string) {
	for _, w := range latinWords(text) {
		if s := stem(w); !g.empty[s] {
			words, stemmed = append(words, w), append(stemmed, s)
		}
	}
	return words, stemmed
}

func latinWords(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(c rune) bool {
		return !isWord(c) && c != '\'' && c != '-'
	}) {
		if w = strings.Trim(w, "'-"); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// stem is a word without what makes it many, past or going on.
func stem(w string) string {
	w = strings.TrimSuffix(w, "'s")
	for _, end := range []struct{ cut, put string }{{"ies", "y"}, {"sses", "ss"}, {"ing", ""}, {"ed", ""}, {"s", ""}} {
		rest, cut := strings.CutSuffix(w, end.cut)
		if cut && len(rest) >= 3 && !strings.HasSuffix(rest, end.cut) {
			w = rest + end.put
			break
		}
	}
	if len(w) > 3 {
		w = strings.TrimSuffix(w, "e") // los(e), los(ing)
	}
	return w
}

// inEnglish says whether a question is in Latin letters alone.
func inEnglish(question string) bool {
	letters := 0
	for _, c := range question {
		switch {
		case isHan(c):
			return false
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letters++
		}
	}
	return letters >= 4
}

// English is what visitors call a guide's matter, by the first of its names that is in
// Latin letters; empty if none is.
func (g *Guide) English() string {
	for _, a := range g.Aliases {
		if inEnglish(a) {
			return a
		}
	}
	return ""
}

// gloss tells an English question in the words that guides are found by; any other is
// left as it is.
func gloss(question string) string {
	if !inEnglish(question) {
		return question
	}
	g := english()
	var told []string
	known := false
	for words, stemmed := g.matter(question); len(words) > 0; {
		word, n := words[0], 1
		for k := min(g.longest, len(words)); k > 0; k-- {
			if w := g.chinese[strings.Join(stemmed[:k], " ")]; w != "" {
				word, n, known = w, k, true
				break
			}
		}
		if !slices.Contains(told, word) {
			told = append(told, word)
		}
		words, stemmed = words[n:], stemmed[n:]
	}
	if !known {
		return question
	}
	return strings.Join(told, " ")
}
