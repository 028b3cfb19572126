package hanzi

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// The characters of the first plane that have syllables lie between these.
const firstHan, lastHan = 0x2E80, 0x9FFF

// spoken holds the toneless syllable of every character the dictionary knows.
type spoken struct {
	names []string                       // of the syllables; "" first
	like  []uint16                       // of each: the first that FuzzyPinyin makes the same
	near  [lastHan - firstHan + 1]uint16 // number of a character's syllable
	far   map[rune]uint16
}

func (s *spoken) of(r rune) string { return s.names[s.number(r)] }

func (s *spoken) number(r rune) uint16 {
	switch {
	case firstHan <= r && r <= lastHan:
		return s.near[r-firstHan]
	case r < firstHan:
		return 0
	}
	return s.far[r]
}

var sounds = sync.OnceValue(func() *spoken {
	s := &spoken{names: []string{""}, far: map[rune]uint16{}}
	numbers := map[string]uint16{}
	args := pinyin.NewArgs()
	args.Style = pinyin.Normal
	for code := range pinyin.PinyinDict {
		all := pinyin.SinglePinyin(rune(code), args)
		if len(all) == 0 {
			continue
		}
		name := strings.ReplaceAll(all[0], "ü", "v")
		n, ok := numbers[name]
		if !ok {
			n = uint16(len(s.names))
			s.names, numbers[name] = append(s.names, name), n
		}
		if r := rune(code); firstHan <= r && r <= lastHan {
			s.near[r-firstHan] = n
		} else {
			s.far[r] = n
		}
	}
	first := map[string]uint16{}
	for n, name := range s.names {
		m := merge(name)
		if _, ok := first[m]; !ok {
			first[m] = uint16(n)
		}
		s.like = append(s.like, first[m])
	}
	return s
})

// Sound is a number that characters share whose FuzzyPinyin is the same, in this
// process; 0 for one without a syllable.
func Sound(r rune) uint16 {
	s := sounds()
	return s.like[s.number(r)]
}

// Pinyin is a character's commonest syllable without tone, empty if it has none.
func Pinyin(r rune) string { return sounds().of(r) }

// Syllables are the syllables of a text's characters; others stand as they are.
func Syllables(text string) []string {
	table := sounds()
	var out []string
	for _, r := range text {
		if s := table.of(r); s != "" {
			out = append(out, s)
		} else {
			out = append(out, string(r))
		}
	}
	return out
}

var fuzzy = sync.OnceValue(func() map[string]string {
	table := map[string]string{}
	for _, s := range sounds().names {
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
