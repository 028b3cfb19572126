package knowledge

// hearing mends what recognition misheard: a pair of characters that stands in
// no guide and in no question word, and sounds like one that stands in a
// guide's name or asks for a field, is read as that one (护照 for 互照, 收费 for
// 收飞), where at least one of the two is heard right. It mends nothing that would undo a pair that is known, so that a word
// which merely sounds alike stays what it is.
type hearing struct {
	alike map[term]spelt // by the sounds of two characters
}

// spelt is a pair of characters, in how many names it stands, and whether it
// asks for a field.
type spelt struct {
	a, b rune
	n    int
	asks bool
}

// listen learns the pairs of names and question words by their sound.
func (x *index) listen() hearing {
	h := hearing{alike: map[term]spelt{}}
	counts := map[term]int{}
	table := sounds()
	for i := range x.guides {
		if x.guides[i].Type == TypePolicy {
			continue
		}
		for _, c := range x.guides[i].calls() {
			h.learn(table, counts, fold(c), x.lexicon)
		}
	}
	for _, t := range x.lexicon.asks {
		a, b := rune(t>>21&0x1fffff), rune(t&0x1fffff)
		if s := soundTerm(sound(table, a), sound(table, b)); h.alike[s].n == 0 {
			h.alike[s] = spelt{a, b, 1, true}
		}
	}
	return h
}

func (h *hearing) learn(table []uint32, counts map[term]int, text []rune, l *lexicon) {
	for i := 0; i+1 < len(text); i++ {
		a, b := sound(table, text[i]), sound(table, text[i+1])
		if a == 0 || b == 0 || l.small[text[i]] || l.small[text[i+1]] {
			continue
		}
		p := pairTerm(text[i], text[i+1])
		counts[p]++
		s := soundTerm(a, b)
		if counts[p] > h.alike[s].n {
			h.alike[s] = spelt{text[i], text[i+1], counts[p], false}
		}
	}
}

// oftenNamed is in how many names a pair must stand to be read out of another.
const oftenNamed = 2

// mend reads a question's strange pairs as those they sound like. It changes
// the text in place.
func (x *index) mend(text []rune) {
	table := sounds()
	for i := 0; i+1 < len(text); i++ {
		if !isHan(text[i]) || !isHan(text[i+1]) || x.spelt(text, i) {
			continue
		}
		a, b := sound(table, text[i]), sound(table, text[i+1])
		s, ok := x.heard.alike[soundTerm(a, b)]
		if small := x.lexicon.small[text[i]] || x.lexicon.small[text[i+1]]; !ok || a == 0 || b == 0 || !s.asks && (small || s.n < oftenNamed) || s.a != text[i] && s.b != text[i+1] {
			continue
		}
		was := [2]rune{text[i], text[i+1]}
		if s.a != was[0] && ownWord(was[0]) || s.b != was[1] && ownWord(was[1]) {
			continue
		}
		left, right := i > 0 && x.spelt(text, i-1), x.spelt(text, i+1)
		text[i], text[i+1] = s.a, s.b
		if left && !x.spelt(text, i-1) || right && !x.spelt(text, i+1) {
			text[i], text[i+1] = was[0], was[1]
		}
	}
}

// ownWord says whether a character is mostly a word by itself, which makes strange pairs
// with its neighbours: 花 in 花不花钱, 想 in 摔伤想申请.
func ownWord(c rune) bool { return c == '花' || c == '想' }

// spelt says whether the two characters at i are a pair that is known.
func (x *index) spelt(text []rune, i int) bool {
	if i < 0 || i+1 >= len(text) {
		return false
	}
	p := pairTerm(text[i], text[i+1])
	if _, known := x.terms.number(p); known {
		return true
	}
	if _, known := strangers().terms.number(p); known { // 失眠 is no 是免
		return true
	}
	_, known := x.lexicon.pairs[p]
	return known
}
