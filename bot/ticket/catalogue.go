package ticket

import (
	"math"
	"strings"
	"unicode"
)

// Category is a second-level category of the dispatch catalogue with the body
// responsible for it.
type Category struct {
	ID           string
	Name         string
	Group        string // the first level's name
	Department   string // the responsible body's name
	TownBody     string // its counterpart in the town, empty if none
	Default      Type
	Confidential bool // the reporter is protected without asking
	Phrases      []string
}

// Catalogue is the dispatch catalogue: data, in order.
type Catalogue []Category

// The bounds of a sorting that may stand without a person: one telling pair of
// characters is enough, if no other category is nearly as close.
const (
	sureScore  = 3.5
	sureMargin = 1.2
)

// Sort finds the category a citizen's telling is about: the one whose wording
// shares the rarest pairs of characters with it. ok is false where nothing
// points anywhere, or two ways at once, and a person decides.
func (c Catalogue) Sort(text string) (best Category, score float64, ok bool) {
	text = strings.ToLower(text)
	words := make([]map[string]bool, len(c))
	spread := map[string]int{}
	for i, cat := range c {
		words[i] = pairs(append([]string{cat.Name}, cat.Phrases...)...)
		for p := range words[i] {
			spread[p]++
		}
	}
	second := 0.0
	told := pairs(text)
	for i, cat := range c {
		s := 0.0
		for p := range told {
			if words[i][p] {
				s += math.Log(float64(len(c)) / float64(spread[p]))
			}
		}
		if s > score {
			best, score, second = cat, s, score
		} else if s > second {
			second = s
		}
	}
	return best, score, score >= sureScore && score >= sureMargin*second
}

// pairs are the neighbouring characters of texts, and their words in Latin letters.
func pairs(texts ...string) map[string]bool {
	found := map[string]bool{}
	for _, text := range texts {
		r := []rune(strings.ToLower(text))
		for i := 0; i+1 < len(r); i++ {
			if unicode.Is(unicode.Han, r[i]) && unicode.Is(unicode.Han, r[i+1]) {
				found[string(r[i:i+2])] = true
			}
		}
	}
	return found
}

// TypeOf reads the citizen's purpose from their words, falling back on the
// category's own.
func TypeOf(text string, fallback Type) Type {
	for _, w := range []struct {
		t     Type
		words []string
	}{
		{Praise, []string{"表扬", "表揚", "点赞", "點讚", "感谢信", "锦旗", "錦旗"}},
		{Tipoff, []string{"举报", "舉報", "检举", "揭发"}},
		{Suggestion, []string{"建议", "建議", "提议", "希望能", "能不能增加", "可不可以增设"}},
		{Complaint, []string{"投诉", "投訴", "维权"}},
	} {
		for _, word := range w.words {
			if strings.Contains(text, word) {
				return w.t
			}
		}
	}
	if fallback == "" || fallback == Suggestion && tellsTrouble(text) {
		return Complaint
	}
	return fallback
}

// tellsTrouble says whether something is broken, dangerous or a nuisance: no
// suggestion, whatever the category is mostly used for.
func tellsTrouble(text string) bool {
	for _, w := range []string{"坏", "壞", "坑", "摔", "漏", "断", "倒了", "堵", "臭", "吵", "没人管", "没人修", "危险", "危險", "烂", "破损", "塌", "撞"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
