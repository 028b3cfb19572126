package ticket

import (
	"strings"
	"unicode/utf8"
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

// Sort finds the category a citizen's telling is about, with a score of how
// much of its wording was met; ok is false where nothing points anywhere, and
// a person decides.
func (c Catalogue) Sort(text string) (best Category, score float64, ok bool) {
	text = strings.ToLower(text)
	for _, cat := range c {
		s := 0.0
		for _, p := range append([]string{cat.Name}, cat.Phrases...) {
			s += affinity(text, strings.ToLower(p))
		}
		if s > score {
			best, score = cat, s
		}
	}
	return best, score, score >= 1.5
}

// affinity is how much of a phrase stands in a text: its length where it
// stands whole, else the length of shared pairs of characters, from half up.
func affinity(text, phrase string) float64 {
	n := utf8.RuneCountInString(phrase)
	if n < 2 {
		return 0
	}
	if strings.Contains(text, phrase) {
		return float64(n)
	}
	r := []rune(phrase)
	met := 0
	for i := 0; i+1 < len(r); i++ {
		if strings.Contains(text, string(r[i:i+2])) {
			met++
		}
	}
	share := float64(met) / float64(len(r)-1)
	if share < 0.5 {
		return 0
	}
	return share * float64(met)
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
	if fallback == "" {
		return Complaint
	}
	return fallback
}
