package knowledge

import (
	"slices"
	"strings"
	"unicode"
)

// sameDenial brings ways of denying to one: what follows tells what is denied.
var sameDenial = strings.NewReplacer(
	"不收取费用", "免费", "不收取任何费用", "免费", "无需收费", "免费", "不收费", "免费", "不要钱", "免费",
	"不需要", "不需", "无需要", "不需", "无需", "不需", "无须", "不需", "不必", "不需", "不用", "不需", "毋需", "不需", "免于", "不需",
	"不可以", "不可", "不能够", "不可", "不能", "不可", "不得", "不可", "不允许", "不可", "禁止", "不可", "不准", "不可",
	"没有", "无", "尚未", "未", "还没", "未", "沒", "未", "没", "未",
	"只能", "只可", "只需要", "只需", "需要", "需", "必须", "需", "应当", "需", "可以", "可", "能够", "可",
)

const deniers = "不无未非免勿毋莫"

// helping words stand between a denial and what is denied.
const helping = "需可能要会应得再必"

// reach is how far before its verb a denial stands at most, in characters.
const reach = 3

// What is denied is held by two characters and, where they stand denied and
// affirmed, by as many as tell the one from the other.
const (
	shortVerb = 2
	longVerb  = 8
)

// polarityAmiss finds what a sentence affirms though its source denies it, or
// denies though the source affirms it or does not speak of it.
func polarityAmiss(text, source string) []string {
	said, told := []rune(sameDenial.Replace(text)), []rune(sameDenial.Replace(source))
	var out []string
	for _, i := range denials(told) {
		for _, n := range []int{shortVerb, longVerb} {
			what := verbAt(told, i, n)
			if stances(said, what).affirmed && !stances(told, what).affirmed {
				out = append(out, "原文是否定的："+string(what))
				break
			}
		}
	}
	for _, i := range denials(said) {
		p, far := stances(told, verbAt(said, i, shortVerb)), stances(told, verbAt(said, i, longVerb))
		switch {
		case far.affirmed && !far.denied, p.affirmed && !p.denied:
		case p.denied, len(verbAt(said, i, shortVerb)) == 0:
			continue
		case strings.Contains(string(told), string(said[i:min(i+2, len(said))])):
			continue // denied in the same words, of something worded otherwise
		}
		out = append(out, "原文没有这样否定："+string(said[i:min(i+4, len(said))]))
	}
	free := func(r []rune) bool { return strings.Contains(string(r), "免费") }
	paid := func(r []rune) bool { return strings.Contains(string(r), "收费") }
	if paid(said) && !paid(told) && free(told) || free(said) && !free(told) {
		out = append(out, "收费与否和原文不同")
	}
	return out
}

// denials are where a text denies.
func denials(text []rune) []int {
	var out []int
	for i, r := range text {
		if strings.ContainsRune(deniers, r) {
			out = append(out, i)
		}
	}
	return out
}

// verbAt is what the denial at i denies: up to n characters behind it and
// behind the helping words, or the helping word where the clause ends with it.
func verbAt(text []rune, i, n int) []rune {
	j := i + 1
	for j < len(text) && j-i <= 2 && strings.ContainsRune(helping, text[j]) {
		j++
	}
	if j == len(text) || !spoken(text[j]) {
		j = max(i+1, j-1)
	}
	end := j
	for end < len(text) && end-j < n && spoken(text[end]) {
		end++
	}
	return text[j:end]
}

// spoken characters make up words.
func spoken(r rune) bool { return unicode.Is(unicode.Han, r) || isWord(r) }

// stance is how a text speaks of something.
type stance struct{ affirmed, denied bool }

func stances(text, what []rune) stance {
	var s stance
	for i := 0; len(what) > 0 && i+len(what) <= len(text); i++ {
		if !slices.Equal(text[i:i+len(what)], what) {
			continue
		}
		if deniedBefore(text, i) {
			s.denied = true
		} else {
			s.affirmed = true
		}
	}
	return s
}

// deniedBefore says whether a denial reaches the word at i.
func deniedBefore(text []rune, i int) bool {
	for j := i - 1; j >= 0 && i-j <= reach; j-- {
		switch {
		case strings.ContainsRune(deniers, text[j]):
			return true
		case !spoken(text[j]):
			return false
		}
	}
	return false
}
