package evaluation

import (
	"cmp"
	"slices"
	"unicode"

	"guanjia/intents/hanzi"
)

// Leak is a case so like a learnt example that judging it proves little.
type Leak struct {
	Case       Case    `json:"case"`
	Learnt     string  `json:"learnt"`
	Similarity float64 `json:"similarity"` // of the pairs of neighbouring characters (Dice), 1 for the same words
}

// alike is the similarity from which on two utterances count as copies.
const alike = 0.8

// Leaks finds the cases that are near copies of learnt texts, the nearest
// first. Width, script, case, spaces and punctuation make no difference.
func Leaks(learnt []string, cases []Case) []Leak {
	holders := make(map[[2]rune][]int32) // pair → learnt texts having it
	sizes := make([]int, len(learnt))
	for i, text := range learnt {
		set := pairs(text)
		sizes[i] = len(set)
		for pair := range set {
			holders[pair] = append(holders[pair], int32(i))
		}
	}
	var out []Leak
	for _, c := range cases {
		set := pairs(c.Text)
		shared := make(map[int32]int)
		for pair := range set {
			for _, i := range holders[pair] {
				shared[i]++
			}
		}
		best, at := 0.0, int32(0)
		for i, n := range shared {
			dice := 2 * float64(n) / float64(len(set)+sizes[i])
			if dice > best || dice == best && i < at {
				best, at = dice, i
			}
		}
		if best >= alike {
			out = append(out, Leak{Case: c, Learnt: learnt[at], Similarity: best})
		}
	}
	slices.SortStableFunc(out, func(a, b Leak) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return out
}

func pairs(text string) map[[2]rune]bool {
	set := make(map[[2]rune]bool)
	before := rune(0)
	for _, c := range hanzi.Fold(text) {
		if unicode.IsLetter(c) || unicode.IsNumber(c) {
			c = unicode.ToLower(c)
			set[[2]rune{before, c}] = true
			before = c
		}
	}
	if before != 0 {
		set[[2]rune{before, 0}] = true
	}
	return set
}
