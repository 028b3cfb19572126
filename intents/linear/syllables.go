package linear

import (
	"sync"

	"guanjia/intents/hanzi"
)

// firstSyllable is above every rune: codes below it are characters.
const firstSyllable = 1 << 24

// The characters with a syllable of their own: the unified ideographs.
const firstHan, lastHan = 0x4E00, 0x9FFF

// syllableTable gives each character its fuzzy syllable as a code made of the
// syllable's letters, so codes mean the same in every process.
type syllableTable [lastHan - firstHan + 1]uint64

// syllables is computed once: some twenty thousand look-ups.
var syllables = sync.OnceValue(func() *syllableTable {
	var t syllableTable
	for i := range t {
		t[i] = syllableCode(hanzi.FuzzyPinyin(hanzi.Pinyin(rune(firstHan + i))))
	}
	return &t
})

func (t *syllableTable) code(c rune) uint64 {
	if c >= firstHan && c <= lastHan && t[c-firstHan] != 0 {
		return t[c-firstHan]
	}
	return uint64(c)
}

func syllableCode(s string) uint64 {
	var h uint64
	for i := 0; i < len(s); i++ {
		h = h*31 + uint64(s[i])
	}
	if h == 0 {
		return 0
	}
	return firstSyllable + h
}
