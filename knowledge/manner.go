package knowledge

import (
	_ "embed" // how each field is asked for
	"math"
	"slices"
	"strings"
	"sync"
)

//go:embed asked.txt
var askedLines string

// manners says by the manner of a question which field it asks for: a naive Bayes
// over its characters and pairs, what guides are called left out, learnt from our own
// questions (asked.txt, a field and a question a line). It overrules nothing: what it
// is sure of and the words did not name is told as well.
type manners struct {
	fields []Field
	prior  []float64
	weigh  map[string][]float64 // log likelihoods of a token, by field
}

const (
	// mannerSure is from where on a second field is told; mannerDoubt is below
	// which likeliness of those that the words name.
	mannerSure  = 0.8
	mannerDoubt = 0.1
	// mannerDamp keeps tokens, which hang together, from counting in full.
	mannerDamp = 0.7
	// mannerLeap is how many questions a field is taken to have had beside its own, such
	// as all fields have: of one with few nothing is concluded from what it never had.
	mannerLeap = 4
)

// manner is learnt once and never changes.
var manner = sync.OnceValue(func() *manners { return learnManners(askedLines) })

func learnManners(lines string) *manners {
	m := &manners{weigh: map[string][]float64{}}
	counts, all, n := map[Field]map[string]float64{}, map[string]float64{}, map[Field]float64{}
	total := 0.0
	for line := range strings.Lines(lines) {
		name, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		f := Field(name)
		if !ok || !f.known() {
			continue
		}
		if counts[f] == nil {
			counts[f] = map[string]float64{}
			m.fields = append(m.fields, f)
		}
		n[f]++
		total++
		for _, t := range mannerTokens(text) {
			counts[f][t]++
			all[t]++
			m.weigh[t] = nil
		}
	}
	for _, f := range m.fields {
		m.prior = append(m.prior, math.Log(n[f]/total))
	}
	for t := range m.weigh {
		w := make([]float64, len(m.fields))
		for k, f := range m.fields {
			w[k] = mannerDamp * math.Log((counts[f][t]+mannerLeap*all[t]/total)/(n[f]+mannerLeap))
		}
		m.weigh[t] = w
	}
	return m
}

// mannerTokens are the characters and pairs of a masked question, each once, its
// beginning and end marked.
func mannerTokens(masked string) []string {
	var out []string
	before := "^"
	for _, c := range masked {
		s := string(c)
		if s != nameMask && s != signMask {
			out = append(out, s, before+s)
		}
		before = s
	}
	out = append(out, before+"$")
	slices.Sort(out)
	return slices.Compact(out)
}

const (
	nameMask = "#" // in the place of what a guide is called
	signMask = "|" // in the place of punctuation
)

// masked is a folded question with what a guide is called taken out.
func (x *index) masked(i int, text []rune) string {
	called := x.called(i, text)
	var b strings.Builder
	for k, c := range text {
		switch {
		case called[k]:
			if k == 0 || !called[k-1] {
				b.WriteString(nameMask)
			}
		case isHan(c) || isWord(c):
			b.WriteRune(c)
		default:
			b.WriteString(signMask)
		}
	}
	return b.String()
}

// called are the runes of a text that a guide is called by.
func (x *index) called(i int, text []rune) []bool {
	called := make([]bool, len(text))
	for k := 0; k+1 < len(text); k++ {
		if !isHan(text[k]) || !isHan(text[k+1]) {
			continue
		}
		if n, known := x.terms.number(pairTerm(text[k], text[k+1])); known {
			if _, common := slices.BinarySearch(x.common[i], n); common {
				called[k], called[k+1] = true, true
			}
		}
	}
	return called
}

// likely says how likely each field is what a masked question asks for.
func (m *manners) likely(masked string) map[Field]float64 {
	score := slices.Clone(m.prior)
	for _, t := range mannerTokens(masked) {
		for k, w := range m.weigh[t] {
			score[k] += w
		}
	}
	most, all := slices.Max(score), 0.0
	for k := range score {
		score[k] = math.Exp(score[k] - most)
		all += score[k]
	}
	out := make(map[Field]float64, len(score))
	for k, f := range m.fields {
		out[f] = score[k] / all
	}
	return out
}

// second is the field that a question's manner surely asks for, where its words named
// others that the manner speaks against.
func (m *manners) second(masked string, named []Field) (Field, bool) {
	best, most, doubt := Overview, 0.0, 0.0
	for f, p := range m.likely(masked) {
		if p > most || p == most && f < best {
			best, most = f, p
		}
		if slices.Contains(named, f) {
			doubt += p
		}
	}
	return best, most >= mannerSure && doubt < mannerDoubt
}
