package themes

import (
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"guanjia/intents/hanzi"
)

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
		p.parts = append(p.parts, part{any: folded(strings.Split(rest, "|")), not: not})
	}
	return p
}

// In says whether the pattern stands in words that were folded.
func (p Pattern) In(words string) bool {
	for _, part := range p.parts {
		if containsAny(words, part.any) == part.not {
			return false
		}
	}
	return true
}

func containsAny(words string, any []string) bool {
	for _, w := range any {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

func folded(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = Fold(w)
	}
	return out
}

// Fold brings words to simplified characters of one width, without space and
// punctuation.
func Fold(words string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) && r != '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, string(hanzi.Fold(words)))
}

// Find is the theme the words ask for as a whole, nil if none: by its name, or
// by how such matters are told. A question on one field of one guide is not
// asking for a theme.
func (c *Catalogue) Find(words string) *Theme {
	words = Fold(words)
	if t := c.called(words); t != nil {
		return t
	}
	for _, t := range c.themes {
		for _, p := range t.Starts {
			if p.In(words) {
				return t
			}
		}
	}
	return nil
}

// Called is the theme the words name, nil if none.
func (c *Catalogue) Called(words string) *Theme { return c.called(Fold(words)) }

func (c *Catalogue) called(words string) *Theme {
	var best *Theme
	longest := 0
	for _, t := range c.themes {
		for _, a := range t.names {
			if len(a) > longest && strings.Contains(words, a) {
				best, longest = t, len(a)
			}
		}
	}
	if best != nil || !strings.Contains(words, "一件事") {
		return best
	}
	for _, t := range c.themes { // 新生儿出生那个一件事
		if strings.Contains(words, t.title) {
			return t
		}
	}
	return nil
}

// Hear is what words tell of the theme's questions, by question. Of several
// options that fit, the one told in most characters holds: 没有贷款 is not 贷款.
func (t *Theme) Hear(words string) Answers {
	words = Fold(words)
	heard := Answers{}
	for i := range t.Questions {
		if o := t.Questions[i].hear(words); o != "" {
			heard[t.Questions[i].ID] = o
		}
	}
	return heard
}

// hear is the option that folded words mean, empty if none.
func (q *Question) hear(words string) string {
	best, longest := "", 0
	for _, o := range q.Options {
		for _, w := range o.said {
			if len(w) > longest && strings.Contains(words, w) {
				best, longest = o.ID, len(w)
			}
		}
	}
	return best
}

// Answer is the option that words mean as an answer to the question itself,
// where a bare yes or no, or not knowing, says enough; empty if none.
func (t *Theme) Answer(question, words string) string {
	q := t.question(question)
	if q == nil {
		return ""
	}
	words = Fold(words)
	for _, o := range q.Options {
		if words == Fold(o.Text) {
			return o.ID
		}
	}
	if o := q.hear(words); o != "" {
		return o
	}
	if containsAny(words, []string{"不确定", "不清楚", "不知道", "说不准", "唔知", "不晓得", "不太清楚", "notsure", "dontknow"}) {
		return Unsure
	}
	if len(t.Hear(words)) > 0 || strings.HasPrefix(words, "不对") {
		return "" // tells of another question
	}
	return q.plain(words)
}

// plain reads a bare yes or no to a question that is one.
func (q *Question) plain(words string) string {
	_, yes := q.Option("yes")
	_, no := q.Option("no")
	if !yes || !no || len([]rune(words)) > 8 {
		return ""
	}
	for _, w := range []string{"没", "不", "冇", "唔", "无", "否", "未", "还没", "都没", "no"} {
		if strings.HasPrefix(words, w) {
			return "no"
		}
	}
	for _, w := range []string{"有", "是", "要", "对", "嗯", "好", "系", "会", "够", "已经", "可以", "过了", "领了", "还有", "需要", "yes"} {
		if strings.HasPrefix(words, w) {
			return "yes"
		}
	}
	return ""
}
