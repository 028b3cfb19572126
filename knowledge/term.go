package knowledge

import "guanjia/intents/hanzi"

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

// sounder turns characters into sounds that recognition cannot tell apart
// (zh and z, ng and n …), remembering what it has worked out.
type sounder struct{ known map[rune]uint32 }

func newSounder() *sounder { return &sounder{known: map[rune]uint32{}} }

func (s *sounder) sound(r rune) uint32 {
	if v, ok := s.known[r]; ok {
		return v
	}
	v := soundOf(r)
	s.known[r] = v
	return v
}

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

// eachSound calls f for every pair of sounds of a folded text.
func eachSound(text []rune, sound func(rune) uint32, f func(term)) {
	var before uint32
	for _, r := range text {
		if !isHan(r) {
			before = 0
			continue
		}
		v := sound(r)
		if before != 0 && v != 0 {
			f(kindSound | term(before)<<31&^kindMask | term(v))
		}
		before = v
	}
}

// fold brings a text to the form the index counts: half width, lower case,
// simplified characters, synonyms in the words of guides.
func fold(s string) []rune {
	return []rune(synonyms.Replace(string(hanzi.Fold(s))))
}
