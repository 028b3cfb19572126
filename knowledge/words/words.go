// Package words compares what citizens say with what is written in our files:
// folded to one script and width, by patterns of words that stand or must not
// stand in it, and as a bare yes or no.
//
// It refuses to understand anything: it knows no intents and no entities.
package words

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"guanjia/intents/hanzi"
)

// Fold brings words to simplified characters of one width, without space and
// punctuation.
func Fold(text string) string {
	out := make([]byte, 0, len(text))
	for _, r := range hanzi.Fold(text) {
		switch {
		case 0x4E00 <= r && r <= 0x9FFF: // most are
			out = utf8.AppendRune(out, r)
		case unicode.IsSpace(r) || unicode.IsPunct(r) && r != '.':
		default:
			out = utf8.AppendRune(out, unicode.ToLower(r))
		}
	}
	return string(out)
}

// FoldAll folds each.
func FoldAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = Fold(t)
	}
	return out
}

// ContainsAny says whether one of the folded words stands in folded text.
func ContainsAny(folded string, words []string) bool {
	for _, w := range words {
		if strings.Contains(folded, w) {
			return true
		}
	}
	return false
}

// Longest is the length in bytes of the longest of the folded words that
// stands in folded text, 0 if none does.
func Longest(folded string, words []string) int {
	n := 0
	for _, w := range words {
		if len(w) > n && strings.Contains(folded, w) {
			n = len(w)
		}
	}
	return n
}

// deniers take back the word that follows them at once: 没有东莞户口.
var deniers = [...]string{"没有", "没", "冇", "无", "未", "非", "不是", "不系", "唔系", "唔是"}

// Affirmed is Longest without the words that are denied wherever they stand, and
// without those a 有没有 only asks after.
func Affirmed(folded string, words []string) int {
	n := 0
	for _, w := range words {
		if len(w) > n && affirms(folded, w) {
			n = len(w)
		}
	}
	return n
}

func affirms(folded, word string) bool {
	for from := 0; ; {
		i := strings.Index(folded[from:], word)
		if i < 0 || word == "" {
			return false
		}
		if !slices.ContainsFunc(deniers[:], func(d string) bool { return strings.HasSuffix(folded[:from+i], d) }) {
			return true
		}
		from += i + len(word)
	}
}

// Pattern is how citizens tell of something: parts joined by + that all have
// to stand in the words, alternatives joined by |, and a part that begins with
// ! of which none may: 刚生|生了+户口+!材料|多少钱.
type Pattern struct{ parts []part }

type part struct {
	any []string // folded
	not bool
}

// UnmarshalYAML reads the written form.
func (p *Pattern) UnmarshalYAML(n *yaml.Node) error {
	var text string
	if err := n.Decode(&text); err != nil {
		return err
	}
	*p = ParsePattern(text)
	return nil
}

// ParsePattern reads the written form of a pattern.
func ParsePattern(text string) Pattern {
	var p Pattern
	for written := range strings.SplitSeq(text, "+") {
		rest, not := strings.CutPrefix(written, "!")
		p.parts = append(p.parts, part{any: FoldAll(strings.Split(rest, "|")), not: not})
	}
	return p
}

// In says whether the pattern stands in words that were folded.
func (p Pattern) In(folded string) bool {
	for _, part := range p.parts {
		if ContainsAny(folded, part.any) == part.not {
			return false
		}
	}
	return true
}

// Unsure says whether folded words mean that one does not know.
func Unsure(folded string) bool {
	return ContainsAny(folded, []string{"不确定", "不清楚", "不知道", "说不准", "唔知", "不晓得", "不太清楚", "notsure", "dontknow"})
}

// longestBare is how many characters a bare yes or no has at most.
const longestBare = 8

// asking are folded words that ask: 要带什么 is no yes.
var asking = []string{"能不能", "可不可以", "用不用", "使唔使", "得唔得", "几次", "几趟", "几转", "几钱", "什么", "甚么", "咩", "乜", "怎么", "怎样", "点样", "点解", "哪", "边度", "多久", "多少", "几多", "几时", "几点", "几天", "有没有", "有冇", "要不要", "是不是", "系唔系", "吗", "呢?"}

// YesNo reads folded words as a bare "yes" or "no", empty if they are neither.
func YesNo(folded string) string {
	if utf8.RuneCountInString(folded) > longestBare || strings.HasPrefix(folded, "不对") || ContainsAny(folded, asking) {
		return ""
	}
	for _, w := range []string{"没", "不", "冇", "唔", "无", "否", "未", "还没", "都没", "no"} {
		if strings.HasPrefix(folded, w) {
			return "no"
		}
	}
	for _, w := range []string{"有", "是", "要", "对", "嗯", "好", "系", "会", "够", "已经", "可以", "过了", "领了", "还有", "需要", "满", "yes"} {
		if strings.HasPrefix(folded, w) {
			return "yes"
		}
	}
	return ""
}
