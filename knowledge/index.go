package knowledge

import (
	"math"
	"slices"
	"sort"
	"sync"
	"unicode/utf8"
)

// The ranking's numbers, measured on 2,262 real guides: low saturation and
// length normalisation suit short questions on short texts, and the title
// carries most of what a citizen says.
const (
	saturation  = 0.6 // k1
	lengthNorm  = 0.6 // b
	nameNorm    = 0.3 // b of the aliases: many of them must not punish a guide
	titleWeight = 5.0
	aliasWeight = 5.0
	bodyWeight  = 1.0
	soundWeight = 0.4 // sounds only help; as a normaliser they match too much
	passageSize = 300 // characters of a policy text that are ranked together
)

// posting says how much a term speaks for a unit; the top bit of unit is set
// when the term stands in the unit's title or an alias.
type posting struct {
	unit   uint32
	impact float32
}

const inName = 1 << 31

// unit is what is ranked: a guide, or one passage of a policy text.
type unit struct {
	guide   int32
	passage int32
}

// name is a title or an alias, for comparing with a question.
type name struct {
	whole     string  // folded, nothing taken out
	text      string  // its matter: without question words and soft ones
	wholeSize int     // characters of whole
	textSize  int     // characters of text
	terms     []int32 // without question words, each once, by number
	hard      []int32 // of text; all of them are among terms
	loose     bool    // what citizens tell, no name
	plain     bool    // no soft words were taken out of text
}

// index is the searchable form of a set of guides. It never changes once
// built, so any number of questions read it at once.
type index struct {
	guides   []Guide
	byID     map[string]int
	units    []unit
	first    []uint32        // the first unit of each guide
	passages [][]string      // of each policy text
	names    [][]name        // of each guide, the title first
	numbers  map[term]int32  // of the terms that names are made of
	common   []map[term]bool // of each guide, see commonOf
	postings map[term][]posting
	idf      map[term]float32
	unseen   float32 // idf of a term that stands nowhere
	guarded  map[string]struct{}
	lexicon  *lexicon
	away     []bool // guides of other places
	dated    bool   // some guide has a last day
	sounds   map[rune]uint32
	scratch  sync.Pool
}

// count is how often a term stands in each part of a unit.
type count struct{ title, alias, body float32 }

func build(guides []Guide) *index {
	x := &index{
		guides: guides, byID: make(map[string]int, len(guides)),
		passages: make([][]string, len(guides)), names: make([][]name, len(guides)),
		numbers: map[term]int32{}, common: make([]map[term]bool, len(guides)),
		postings: map[term][]posting{}, lexicon: phrases(),
	}
	for i := range guides {
		x.byID[guides[i].ID] = i
		x.away = append(x.away, !guides[i].Home())
		x.dated = x.dated || guides[i].EffectiveTo != ""
		x.first = append(x.first, uint32(len(x.units)))
		if guides[i].Type == TypePolicy {
			x.passages[i] = split(guides[i].body(), passageSize)
			for p := range x.passages[i] {
				x.units = append(x.units, unit{int32(i), int32(p)})
			}
			continue
		}
		x.units = append(x.units, unit{int32(i), -1})
	}
	x.guard()
	for i := range guides {
		x.names[i], x.common[i] = x.namesOf(&guides[i]), commonOf(&guides[i])
	}
	x.count()
	units, terms := len(x.units), len(x.numbers)
	x.scratch.New = func() any { return &scratch{scores: make([]float32, units), asked: make([]uint8, terms)} }
	return x
}

// guard remembers where a question word is part of a guide's name (收费 in
// 收费权质押), so that it is not taken out of a question there.
func (x *index) guard() {
	x.guarded = map[string]struct{}{}
	for i := range x.guides {
		for k, n := range append([]string{x.guides[i].Title}, x.guides[i].Aliases...) {
			text := fold(n)
			for _, s := range x.lexicon.spans(text) {
				if k > 0 && s.to-s.from > 2 || string(text[s.from:s.to]) == "办" {
					continue // an alias that is a question: 结婚要户口本吗
				}
				if s.from > 0 && isHan(text[s.from-1]) {
					x.guarded[string(text[s.from-1:s.to])] = struct{}{}
				}
				if s.to < len(text) && isHan(text[s.to]) {
					x.guarded[string(text[s.from:s.to+1])] = struct{}{}
				}
			}
		}
	}
}

// calls are what a guide is called by: its title, its aliases and how
// citizens tell of their case.
func (g *Guide) calls() []string {
	return slices.Concat([]string{g.Title}, g.Aliases, g.Said)
}

func (x *index) namesOf(g *Guide) []name {
	var names []name
	for i, n := range g.calls() {
		whole := fold(n)
		called := x.newName(whole, x.lexicon.content(whole, nil))
		called.loose = i > len(g.Aliases)
		names = append(names, called)
	}
	return names
}

func (x *index) newName(whole, content []rune) name {
	if len(squeeze(content)) == 0 {
		content = whole // 怎么预约 has no other words
	}
	n := name{whole: squeeze(whole), terms: x.numbered(termsOf(content))}
	hard := append([]rune(nil), content...)
	for _, s := range x.lexicon.spans(whole) {
		for i := s.from; s.soft && i < s.to; i++ {
			hard[i] = ' '
		}
	}
	n.plain = squeeze(hard) == squeeze(content)
	if len([]rune(squeeze(hard))) >= 2 {
		content = hard
	} else {
		n.plain = true
	}
	n.text, n.hard = squeeze(content), x.numbered(termsOf(content))
	n.wholeSize, n.textSize = utf8.RuneCountInString(n.whole), utf8.RuneCountInString(n.text)
	return n
}

// numbered are the numbers of a name's terms.
func (x *index) numbered(terms []term) []int32 {
	numbers := make([]int32, len(terms))
	for i, t := range terms {
		n, known := x.numbers[t]
		if !known {
			n = int32(len(x.numbers))
			x.numbers[t] = n
		}
		numbers[i] = n
	}
	return numbers
}

// squeeze drops what is neither a character nor a letter nor a digit.
func squeeze(text []rune) string {
	return string(slices.DeleteFunc(slices.Clone(text), func(r rune) bool { return !isHan(r) && !isWord(r) }))
}

func termsOf(text []rune) []term {
	var terms []term
	eachTerm(text, func(t term) { terms = append(terms, t) })
	slices.Sort(terms)
	return slices.Compact(terms)
}

// parts are the texts of a unit by field.
func (x *index) parts(u unit) (title, alias, body []rune) {
	g := &x.guides[u.guide]
	title = fold(g.Title)
	for _, a := range g.calls()[1:] {
		alias = append(append(alias, fold(a)...), '\n')
	}
	if u.passage >= 0 {
		return title, alias, fold(x.passages[u.guide][u.passage])
	}
	return title, alias, fold(g.body())
}

func (x *index) count() {
	type entry struct {
		unit uint32
		n    count
	}
	entries := map[term][]entry{}
	sizes := make([]count, len(x.units))
	var mean count
	said := newSounder()
	for u := range x.units {
		title, alias, body := x.parts(x.units[u])
		counts := map[term]count{}
		each := func(text []rune, add func(*count)) {
			f := func(t term) {
				c := counts[t]
				add(&c)
				counts[t] = c
			}
			eachTerm(text, f)
			eachSound(text, said.sound, f)
		}
		each(title, func(c *count) { c.title++ })
		each(alias, func(c *count) { c.alias++ })
		each(body, func(c *count) { c.body++ })
		sizes[u] = count{float32(len(title)), float32(len(alias)), float32(len(body))}
		mean.title += sizes[u].title / float32(len(x.units))
		mean.alias += sizes[u].alias / float32(len(x.units))
		mean.body += sizes[u].body / float32(len(x.units))
		for t, c := range counts {
			entries[t] = append(entries[t], entry{uint32(u), c})
		}
	}
	x.sounds = said.known
	n := float64(len(x.units))
	x.idf = make(map[term]float32, len(entries))
	x.unseen = float32(math.Log(1 + (n+0.5)/0.5))
	for t, list := range entries {
		idf := float32(math.Log(1 + (n-float64(len(list))+0.5)/(float64(len(list))+0.5)))
		x.idf[t] = idf
		weight := idf
		if t&kindMask == kindSound {
			weight *= soundWeight
		}
		postings := make([]posting, len(list))
		for i, e := range list {
			tf := titleWeight*normed(e.n.title, sizes[e.unit].title, mean.title, lengthNorm) +
				aliasWeight*normed(e.n.alias, sizes[e.unit].alias, mean.alias, nameNorm) +
				bodyWeight*normed(e.n.body, sizes[e.unit].body, mean.body, lengthNorm)
			id := e.unit
			if e.n.title+e.n.alias > 0 {
				id |= inName
			}
			postings[i] = posting{id, weight * tf * (saturation + 1) / (saturation + tf)}
		}
		x.postings[t] = postings
	}
}

func normed(n, size, mean, b float32) float32 {
	if n == 0 {
		return 0
	}
	if mean <= 0 {
		mean = 1
	}
	return n / (1 - b + b*size/mean)
}

// stands tells whether a term stands in a unit at all, and in its name.
func (x *index) stands(t term, u uint32) (body, named bool) {
	list := x.postings[t]
	i := sort.Search(len(list), func(i int) bool { return list[i].unit&^inName >= u })
	if i == len(list) || list[i].unit&^inName != u {
		return false, false
	}
	return true, list[i].unit&inName != 0
}

// split cuts a long text into passages of about size characters at the ends
// of sentences.
func split(text string, size int) []string {
	var passages []string
	var passage []rune
	flush := func() {
		if len(passage) > 0 {
			passages = append(passages, string(passage))
			passage = nil
		}
	}
	for _, s := range sentences(text) {
		if len(passage) > 0 && len(passage)+len([]rune(s)) > size {
			flush()
		}
		passage = append(passage, []rune(s)...)
		for len(passage) > 2*size {
			passages = append(passages, string(passage[:size]))
			passage = passage[size:]
		}
	}
	flush()
	if passages == nil {
		passages = []string{""}
	}
	return passages
}

// sentences cuts a text after 。！？； and at line ends, keeping the marks.
func sentences(text string) []string {
	var out []string
	start := 0
	for i, r := range text {
		if r == '。' || r == '！' || r == '？' || r == '；' || r == '\n' {
			end := i + len(string(r))
			out = append(out, text[start:end])
			start = end
		}
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}
