package knowledge

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"guanjia/bot"
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

// posting says that a term stands in a unit: the unit's number, whether the
// term stands in its title or an alias, and how often, saturated.
type posting uint32

const (
	unitShift         = 10
	inName    posting = 1 << 9
	fullUse           = 1<<9 - 1 // the saturated frequency 1
	maxUnits          = 1<<22 - 1
)

func (p posting) unit() uint32 { return uint32(p) >> unitShift }

// unit is what is ranked: a guide, or one passage of a policy text.
type unit struct {
	guide   int32
	passage int32
}

// index is the searchable form of a set of guides. It never changes once
// built, so any number of questions read it at once.
type index struct {
	guides   []Guide
	byID     map[string]int
	units    []unit
	first    []uint32                // the first unit of each guide
	passages [][]string              // of each policy text
	names    [][]name                // of each guide, the title first
	common   [][]uint32              // of each guide, see commonOf
	shelves  []atomic.Pointer[shelf] // of each guide, once it was asked
	named    naming
	terms    vocabulary
	starts   []uint32  // of each term, where its postings begin; one more than terms
	rarity   []float32 // of each term: its idf
	postings []posting // of every term, by unit
	unseen   float32   // idf of a term that stands nowhere
	guarded  map[term]struct{}
	lexicon  *lexicon
	heard    hearing
	away     []bool            // guides of other places
	told     [][]Field         // of each guide, see fieldsTold
	titled   []uint64          // the deeds in each guide's title, see deedNames
	dated    bool              // some guide has a last day
	general  []int             // guides that answer where a question names nothing
	folded   map[string]string // see foldHears
	scratch  sync.Pool
	lately   atomic.Pointer[bot.Recent[Answer]] // nil: every question is considered anew
}

// mostLately bounds the answers kept for the questions that many ask: some 5 KB each, a
// few megabytes where it is full.
const mostLately = 512

// count is how often a term stands in each part of a unit.
type count struct{ title, alias, body float32 }

func build(guides []Guide) *index {
	x := &index{
		guides: guides, byID: make(map[string]int, len(guides)),
		passages: make([][]string, len(guides)), names: make([][]name, len(guides)),
		common: make([][]uint32, len(guides)), shelves: make([]atomic.Pointer[shelf], len(guides)), terms: newVocabulary(), lexicon: phrases(),
	}
	for i := range guides {
		x.byID[guides[i].ID] = i
		x.away = append(x.away, !guides[i].Home())
		x.told = append(x.told, guides[i].fieldsTold())
		x.titled = append(x.titled, deedNames(fold(guides[i].Title)))
		x.dated = x.dated || guides[i].EffectiveTo != ""
		if len(guides[i].General) > 0 {
			x.general = append(x.general, i)
		}
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
	x.units = x.units[:min(len(x.units), maxUnits)]
	x.guard()
	x.count()
	for i := range guides {
		x.common[i] = x.commonOf(&guides[i])
	}
	x.name()
	x.foldHears()
	x.heard = x.listen()
	units, terms, names := len(x.units), x.terms.size(), x.named.first[len(guides)]
	x.scratch.New = func() any {
		return &scratch{scores: make([]float32, units), asked: make([]uint8, terms), shared: make([]shared, names)}
	}
	return x
}

// guard remembers where a question word is part of a guide's name (收费 in
// 收费权质押), so that it is not taken out of a question there.
func (x *index) guard() {
	x.guarded = map[term]struct{}{}
	for i := range x.guides {
		for k, n := range append([]string{x.guides[i].Title}, x.guides[i].Aliases...) {
			text := fold(n)
			for _, s := range x.lexicon.spans(text) {
				if k > 0 && s.to-s.from > 2 || string(text[s.from:s.to]) == "办" {
					continue // an alias that is a question: 结婚要户口本吗
				}
				if s.from > 0 && isHan(text[s.from-1]) {
					x.guarded[runTerm(text[s.from-1:s.to])] = struct{}{}
				}
				if s.to < len(text) && isHan(text[s.to]) {
					x.guarded[runTerm(text[s.from:s.to+1])] = struct{}{}
				}
			}
		}
	}
}

// squeeze drops what is neither a character nor a letter nor a digit.
func squeeze(text []rune) string {
	out := make([]byte, 0, 3*len(text))
	for _, r := range text {
		if isHan(r) || isWord(r) {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
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

// listed are the postings of a term.
func (x *index) listed(n uint32) []posting { return x.postings[x.starts[n]:x.starts[n+1]] }

// idf of a term by how many units have it.
func (x *index) idf(units int) float32 {
	n := float64(len(x.units))
	return float32(math.Log(1 + (n-float64(units)+0.5)/(float64(units)+0.5)))
}

// stands tells whether a term stands in a unit at all, and in its name.
func stands(list []posting, u uint32) (body, named bool) {
	from, to := 0, len(list)
	for from < to {
		mid := int(uint(from+to) >> 1)
		if list[mid].unit() < u {
			from = mid + 1
		} else {
			to = mid
		}
	}
	if from == len(list) || list[from].unit() != u {
		return false, false
	}
	return true, list[from]&inName != 0
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
