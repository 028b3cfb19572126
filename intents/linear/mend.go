package linear

import (
	"cmp"
	"math"
	"slices"
	"unicode"

	"guanjia/intents/hanzi"
)

// ear knows which characters sound alike, and how often they stand side by side, to
// mend what was misheard: a recogniser that takes one character for another of the
// same sound leaves a pair of neighbours nobody ever wrote, where the right one
// makes two that are common.
type ear struct {
	vocabulary *vocabulary
	alike      map[uint64][]rune // the commonest characters learnt of each fuzzy syllable
	all        float64           // the examples there are
}

// What mending weighs, in natural logarithms of chances, as cross-validated.
const (
	mostAlike  = 12  // characters tried for one
	swapCost   = 5.0 // of taking a character for another of the same sound
	strayCost  = 3.0 // more where it sounds the same to some only
	singleBond = 4.0 // how many examples the frequency of a character by itself counts as
)

// newEar gathers the characters learnt by their sound.
func newEar(v *vocabulary) *ear {
	e := &ear{vocabulary: v, alike: make(map[uint64][]rune), all: math.Exp(float64(v.rare))}
	table := syllables()
	rarity := make(map[rune]float32)
	for c := rune(firstHan); c <= lastHan; c++ {
		column := v.column(finish(step(seed(kindChar), uint64(c))))
		if column < 0 {
			continue
		}
		rarity[c] = v.idf[column]
		e.alike[table.code(c)] = append(e.alike[table.code(c)], c)
	}
	for code, list := range e.alike {
		slices.SortStableFunc(list, func(a, b rune) int { return cmp.Compare(rarity[a], rarity[b]) })
		e.alike[code] = list[:min(mostAlike, len(list))]
	}
	return e
}

// listen gives the model an ear where it reads syllables.
func (m *Model) listen() {
	if m.options.Pinyin.on() {
		m.ear = newEar(m.vocabulary)
	}
}

// examples is in how many of the examples a gram stands.
func (e *ear) examples(key uint64) float64 {
	column := e.vocabulary.column(finish(key))
	if column < 0 {
		return 0
	}
	return math.Exp(float64(e.vocabulary.rare-e.vocabulary.idf[column])) - 1
}

// bond is how unlikely b is behind a.
func (e *ear) bond(a, b *heard) float64 {
	alone := (b.stands + 0.1) / e.all
	return -math.Log((e.examples(step(a.key, uint64(b.c))) + singleBond*alone) / (a.stands + singleBond))
}

// known says whether two neighbours stand in what was learnt, as far as they are
// Chinese.
func (e *ear) known(a, b rune) bool {
	if !han(a) && a != textStart || !han(b) && b != textEnd {
		return true
	}
	return e.vocabulary.column(finish(step(step(seed(kindChar), uint64(a)), uint64(b)))) >= 0
}

// Mend returns a folded text as it was likely meant: with characters of the same
// sound where what stands there makes no pair that was learnt with either
// neighbour. Spaces and punctuation are passed over; the text stays as long.
func (m *Model) Mend(text []rune) []rune {
	if m.ear == nil {
		return text
	}
	seq, place := append(make([]rune, 0, len(text)+2), textStart), make([]int, 1, len(text)+2)
	for i, c := range text {
		if han(c) || unicode.IsLetter(c) || unicode.IsNumber(c) {
			seq, place = append(seq, c), append(place, i)
		}
	}
	seq = append(seq, textEnd)
	if !m.ear.mend(seq) {
		return text
	}
	out := slices.Clone(text)
	for n, i := range place[1:] {
		out[i] = seq[n+1]
	}
	return out
}

// mend mends a sequence and says whether it changed.
func (e *ear) mend(seq []rune) (changed bool) {
	for from := 0; from+1 < len(seq); from++ {
		if e.known(seq[from], seq[from+1]) {
			continue
		}
		to := from + 1 // up to where the doubtful characters reach
		for to+1 < len(seq) && (!e.known(seq[to], seq[to+1]) || to+2 < len(seq) && !e.known(seq[to+1], seq[to+2])) {
			to++
		}
		changed = e.mendBetween(seq, max(0, from-1), min(len(seq)-1, to+1)) || changed
		from = to
	}
	return changed
}

// heard is one way to take the characters up to here.
type heard struct {
	c      rune
	key    uint64  // of c as the first of a pair
	stands float64 // in how many examples c stands
	cost   float64
	from   int // of the ways to take the character before
}

func (e *ear) heard(c rune, cost float64) heard {
	key := step(seed(kindChar), uint64(c))
	return heard{c: c, key: key, stands: e.examples(key), cost: cost}
}

// mendBetween takes the characters between two that stand the likeliest way
// (Viterbi, 1967).
func (e *ear) mendBetween(seq []rune, from, to int) (changed bool) {
	ways := make([][]heard, 0, to-from+1)
	ways = append(ways, []heard{e.heard(seq[from], 0)})
	for i := from + 1; i <= to; i++ {
		now := []heard{e.heard(seq[i], 0)}
		if i < to && han(seq[i]) {
			now = e.others(now, seq[i])
		}
		for n := range now {
			best, at := 1e9, 0
			before := ways[len(ways)-1]
			for k := range before {
				if before[k].cost >= best {
					continue // a bond only adds
				}
				cost := before[k].cost + e.bond(&before[k], &now[n])
				if cost < best {
					best, at = cost, k
				}
			}
			now[n].cost += best
			now[n].from = at
		}
		ways = append(ways, now)
	}
	at := 0
	for i := len(ways) - 1; i >= 0; i-- {
		changed = changed || seq[from+i] != ways[i][at].c
		seq[from+i] = ways[i][at].c
		at = ways[i][at].from
	}
	return changed
}

// others adds the characters that one may have been misheard of.
func (e *ear) others(ways []heard, c rune) []heard {
	sound := hanzi.Pinyin(c)
	for _, other := range e.alike[syllables().code(c)] {
		if other == c {
			continue
		}
		cost := swapCost
		if hanzi.Pinyin(other) != sound {
			cost += strayCost
		}
		ways = append(ways, e.heard(other, cost))
	}
	return ways
}
