package hanzi

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// sounds holds the toneless syllable of every character the dictionary knows.
var sounds = sync.OnceValue(func() map[rune]string {
	table := make(map[rune]string, len(pinyin.PinyinDict))
	args := pinyin.NewArgs()
	args.Style = pinyin.Normal
	for code := range pinyin.PinyinDict {
		if s := pinyin.SinglePinyin(rune(code), args); len(s) > 0 {
			table[rune(code)] = strings.ReplaceAll(s[0], "ü", "v")
		}
	}
	return table
})

// Pinyin is a character's commonest syllable without tone, empty if it has none.
func Pinyin(r rune) string { return sounds()[r] }

// Syllables are the syllables of a text's characters; others stand as they are.
func Syllables(text string) []string {
	table := sounds()
	var out []string
	for _, r := range text {
		if s := table[r]; s != "" {
			out = append(out, s)
		} else {
			out = append(out, string(r))
		}
	}
	return out
}

var fuzzy = sync.OnceValue(func() map[string]string {
	table := map[string]string{}
	for _, s := range sounds() {
		table[s] = merge(s)
	}
	return table
})

// FuzzyPinyin merges what speakers of Cantonese and Hakka, and recognisers,
// confuse: zh/z ch/c sh/s, n/l, h/f, final -ng/-n.
func FuzzyPinyin(syllable string) string {
	if m, ok := fuzzy()[syllable]; ok {
		return m
	}
	return merge(syllable)
}

func merge(s string) string {
	for _, pair := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}} {
		if strings.HasPrefix(s, pair[0]) {
			s = pair[1] + s[len(pair[0]):]
		}
	}
	switch {
	case strings.HasPrefix(s, "n") && len(s) > 1:
		s = "l" + s[1:]
	case strings.HasPrefix(s, "hu") && len(s) > 2:
		s = "f" + s[2:]
	}
	return strings.TrimSuffix(s, "g")
}
