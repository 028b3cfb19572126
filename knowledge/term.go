package knowledge

import (
	"sync"

	"guanjia/intents/hanzi"
)

// term is what the index counts: a Chinese character, two of them in a row, a
// run of letters or digits, or two sounds in a row. No word segmenter: measured
// on real guides it loses four to five points.
type term uint64

const (
	kindPair  term = 0 << 62
	kindChar  term = 1 << 62
	kindRun   term = 2 << 62
	kindSound term = 3 << 62
	kindMask  term = 3 << 62
)

func pairTerm(a, b rune) term { return kindPair | term(a)<<21 | term(b) }
func charTerm(a rune) term    { return kindChar | term(a) }

func runTerm(run []rune) term {
	h := uint64(14695981039346656037)
	for _, r := range run {
		h = (h ^ uint64(r)) * 1099511628211
	}
	return kindRun | term(h)&^kindMask
}

func isHan(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r == '〇' || r >= 0x20000 && r <= 0x323af
}

func isWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
}

// eachTerm calls f for every term of a folded text. Pairs never cross
// punctuation.
func eachTerm(text []rune, f func(term)) {
	var before rune
	for i := 0; i < len(text); {
		r := text[i]
		switch {
		case isHan(r):
			f(charTerm(r))
			if before != 0 {
				f(pairTerm(before, r))
			}
			before = r
			i++
		case isWord(r):
			j := i
			for j < len(text) && isWord(text[j]) {
				j++
			}
			f(runTerm(text[i:j]))
			before = 0
			i = j
		default:
			before = 0
			i++
		}
	}
}

// sounds of the characters of the basic plane, as recognition cannot tell them
// apart (zh and z, ng and n …); 0: none. The table is made once and never
// changes.
var sounds = sync.OnceValue(func() []uint32 {
	table := make([]uint32, 1<<16)
	for r := range rune(1 << 16) {
		if isHan(r) {
			table[r] = soundOf(r)
		}
	}
	return table
})

func soundOf(r rune) uint32 {
	said := hanzi.Pinyin(r)
	if said == "" {
		return 0
	}
	h := uint32(2166136261)
	for _, c := range []byte(hanzi.FuzzyPinyin(said)) {
		h = (h ^ uint32(c)) * 16777619
	}
	return h & 0x3fffffff
}

// sound of a character; 0: none.
func sound(table []uint32, r rune) uint32 {
	if r < 0x80 || int(r) >= len(table) {
		return 0
	}
	return table[r]
}

func soundTerm(a, b uint32) term { return kindSound | term(a)<<31&^kindMask | term(b) }

// eachSound calls f for every pair of sounds of a folded text.
func eachSound(text []rune, f func(term)) {
	table := sounds()
	var before uint32
	for _, r := range text {
		v := sound(table, r)
		if before != 0 && v != 0 {
			f(soundTerm(before, v))
		}
		before = v
	}
}

// fold brings a text to the form the index counts: half width, lower case,
// simplified characters, synonyms in the words of guides.
func fold(s string) []rune {
	return []rune(synonyms.Replace(string(hanzi.Fold(s))))
}
