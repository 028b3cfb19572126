package evaluation

import (
	"math/rand/v2"
	"slices"

	"guanjia/intents/hanzi"
)

// Homophones mishears: it swaps characters for others of the same syllable,
// tones aside.
type Homophones struct {
	common map[string][]rune // by sound, of the texts it was made of
	rare   map[string][]rune // by sound, of all Chinese characters
}

// NewHomophones gathers the characters of some texts by their sound: a
// recogniser mishears into words people use. The more text, the more of the
// characters have another to be taken for.
func NewHomophones(texts []string) *Homophones {
	h := &Homophones{common: make(map[string][]rune), rare: make(map[string][]rune)}
	seen := make(map[rune]bool)
	for _, text := range texts {
		for _, c := range text {
			if sound := hanzi.Pinyin(c); sound != "" && !seen[c] {
				seen[c] = true
				h.common[sound] = append(h.common[sound], c)
			}
		}
	}
	for _, list := range h.common {
		slices.Sort(list)
	}
	for c := rune(0x4E00); c <= 0x9FA5; c++ {
		if sound := hanzi.Pinyin(c); sound != "" {
			h.rare[sound] = append(h.rare[sound], c)
		}
	}
	return h
}

// Swap mishears each character with the given probability. It returns how many
// were swapped and how many could have been spoken at all.
func (h *Homophones) Swap(text string, share float64, random *rand.Rand) (misheard string, swapped, spoken int) {
	out := []rune(text)
	for i, c := range out {
		sound := hanzi.Pinyin(c)
		if sound == "" {
			continue
		}
		spoken++
		if random.Float64() >= share {
			continue
		}
		if other := h.other(c, sound, random); other != c {
			out[i] = other
			swapped++
		}
	}
	return string(out), swapped, spoken
}

// other picks another character of a sound: one of the texts, or else any,
// which to a reader of characters is as good as noise.
func (h *Homophones) other(c rune, sound string, random *rand.Rand) rune {
	list := h.common[sound]
	if len(list) == 0 || len(list) == 1 && list[0] == c {
		list = h.rare[sound]
	}
	if len(list) == 0 {
		return c
	}
	at := random.IntN(len(list))
	if list[at] == c {
		at = (at + 1) % len(list)
	}
	return list[at]
}

// noise judges the cases again, misheard.
func noise(cases []Case, judge func(i int, text string) Guess, o Options) []Noise {
	if len(o.Noise) == 0 {
		return nil
	}
	texts := slices.Clone(o.Learnt)
	for _, c := range cases {
		texts = append(texts, c.Text)
	}
	homophones := NewHomophones(texts)
	var out []Noise
	for _, level := range o.Noise {
		random := rand.New(rand.NewPCG(o.Seed, uint64(level*1000)))
		guesses := make([]Guess, len(cases))
		swapped, spoken := 0, 0
		for i, c := range cases {
			text, s, n := homophones.Swap(c.Text, level, random)
			swapped, spoken = swapped+s, spoken+n
			guesses[i] = judge(i, text)
		}
		d, _ := decisions(cases, guesses, o)
		out = append(out, Noise{Share: level, Swapped: share(swapped, spoken), Accuracy: accuracy(cases, guesses), WrongAccept: d.WrongAccept})
	}
	return out
}
