package linear

import (
	"cmp"
	"slices"
)

// EvidenceKind says what speaks for a label.
type EvidenceKind string

// The kinds of evidence.
const (
	Wording    EvidenceKind = "wording" // an n-gram of characters, letters or words
	Sound      EvidenceKind = "sound"   // an n-gram of syllables
	Feature    EvidenceKind = "feature" // given by the caller
	Resembling EvidenceKind = "example" // an example that was learnt from
)

// Evidence is one reason for a label. Score is its part of the margin for
// Wording, Sound and Feature (negative when it speaks against), and the cosine
// of the two texts for Resembling.
type Evidence struct {
	Kind  EvidenceKind `json:"kind"`
	Text  string       `json:"text"`
	Label string       `json:"label"`
	Score float64      `json:"score"`
}

// How many reasons are given.
const (
	reasonsFor     = 8 // for the best label
	reasonsAgainst = 4 // for the next label rather than the best
	resembling     = 3
)

func (m *Model) remember(examples []Example, of []int32) {
	l := lesson{Of: of}
	for _, e := range examples {
		l.Texts, l.Extras = append(l.Texts, e.Text), append(l.Extras, e.Extra)
	}
	m.lesson = func() lesson { return l }
}

// Explain says why a text is ranked as it is: what speaks most for the best
// label, what for the next rather than it, and the examples most alike. It
// reads all examples again and takes some milliseconds.
func (m *Model) Explain(text string, extra ...string) []Evidence {
	r := m.options.read(text, extra)
	terms := m.options.vector(m.vocabulary, r, nil)
	margins := m.margins(terms)[:len(m.labels)]
	best, next := 0, 1
	if margins[next] > margins[best] {
		best, next = next, best
	}
	for i := 2; i < len(margins); i++ {
		switch {
		case margins[i] > margins[best]:
			best, next = i, best
		case margins[i] > margins[next]:
			next = i
		}
	}
	names := m.names(r)
	k := len(m.labels) + len(m.options.Contests)
	weigh := func(f func(row []float32) float32) func(term) float64 {
		return func(t term) float64 { return float64(t.value * f(m.weights[int(t.column)*k:][:k])) }
	}
	out := m.strongest(terms, names, best, reasonsFor, weigh(func(w []float32) float32 { return w[best] }))
	out = append(out, m.strongest(terms, names, next, reasonsAgainst, weigh(func(w []float32) float32 { return w[next] - w[best] }))...)
	return append(out, m.alike(terms)...)
}

// names gives the columns of a text their evidence, without label and score.
func (m *Model) names(r *reading) map[int32]Evidence {
	names := make(map[int32]Evidence, len(r.grams))
	for _, g := range r.grams {
		column := m.vocabulary.column(g.key)
		if _, named := names[column]; named || column < 0 {
			continue
		}
		kind := Wording
		switch g.kind {
		case kindPinyin:
			kind = Sound
		case kindExtra:
			kind = Feature
		}
		names[column] = Evidence{Kind: kind, Text: r.name(g)}
	}
	return names
}

// strongest lists the terms that weigh most for a label.
func (m *Model) strongest(terms []term, names map[int32]Evidence, label, n int, weigh func(term) float64) []Evidence {
	var out []Evidence
	for _, t := range terms {
		e := names[t.column]
		e.Label, e.Score = m.labels[label], weigh(t)
		if e.Score > 0 {
			out = append(out, e)
		}
	}
	return first(out, n)
}

// alike lists the examples whose vectors lie nearest.
func (m *Model) alike(terms []term) []Evidence {
	dense := make(map[int32]float32, len(terms))
	for _, t := range terms {
		dense[t.column] = t.value
	}
	square := squared(terms)
	var out []Evidence
	var row []term
	seen := make(map[string]bool)
	learnt := m.lesson()
	for i, text := range learnt.Texts {
		if seen[text] {
			continue
		}
		seen[text] = true
		row = m.options.vector(m.vocabulary, m.options.read(text, learnt.Extras[i]), row[:0])
		var dot float64
		for _, t := range row {
			dot += float64(t.value * dense[t.column])
		}
		if dot > 0 {
			cosine := dot * float64(length(1, square)) * float64(length(1, squared(row)))
			out = append(out, Evidence{Kind: Resembling, Text: shown([]rune(text)), Label: m.labels[learnt.Of[i]], Score: cosine})
		}
	}
	return first(out, resembling)
}

func squared(terms []term) float64 {
	sum := 0.0
	for _, t := range terms {
		sum += float64(t.value) * float64(t.value)
	}
	return sum
}

func first(list []Evidence, n int) []Evidence {
	slices.SortStableFunc(list, func(a, b Evidence) int { return cmp.Compare(b.Score, a.Score) })
	return list[:min(n, len(list))]
}
