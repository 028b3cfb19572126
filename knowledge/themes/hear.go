package themes

import (
	"strings"

	"guanjia/knowledge/words"
)

// Find is the theme the words ask for as a whole, nil if none: by its name, or
// by how such matters are told. A question on one field of one guide is not
// asking for a theme.
func (c *Catalogue) Find(text string) *Theme {
	said := words.Fold(text)
	if t := c.called(said); t != nil {
		return t
	}
	for _, t := range c.themes {
		for _, p := range t.Starts {
			if p.In(said) {
				return t
			}
		}
	}
	return nil
}

// Called is the theme the words name, nil if none.
func (c *Catalogue) Called(text string) *Theme { return c.called(words.Fold(text)) }

func (c *Catalogue) called(said string) *Theme {
	var best *Theme
	longest := 0
	for _, t := range c.themes {
		for _, a := range t.names {
			if len(a) > longest && strings.Contains(said, a) {
				best, longest = t, len(a)
			}
		}
	}
	if best != nil || !strings.Contains(said, "一件事") {
		return best
	}
	for _, t := range c.themes { // 新生儿出生那个一件事
		if strings.Contains(said, t.title) {
			return t
		}
	}
	return nil
}

// Hear is what words tell of the theme's questions, by question. Of several
// options that fit, the one told in most characters holds: 没有贷款 is not 贷款.
func (t *Theme) Hear(text string) Answers { return t.hear(words.Fold(text)) }

func (t *Theme) hear(said string) Answers {
	heard := Answers{}
	for i := range t.Questions {
		if o := t.Questions[i].hear(said); o != "" {
			heard[t.Questions[i].ID] = o
		}
	}
	return heard
}

// hear is the option that folded words mean, empty if none.
func (q *Question) hear(said string) string {
	best, longest := "", 0
	for _, o := range q.Options {
		if n := words.Affirmed(said, o.said); n > longest {
			best, longest = o.ID, n
		}
	}
	if best == "" {
		best = q.reckon(said, false)
	}
	return best
}

// reckon is the option that a number in folded words comes to, empty if none; asked
// says that the question was just put, so that the number alone is enough.
func (q *Question) reckon(said string, asked bool) string {
	for i := range q.Reckons {
		r := &q.Reckons[i]
		n, bare, ok := words.Count(said, r.Unit)
		if !ok || words.ContainsAny(said, r.not) || !words.ContainsAny(said, r.of) && !(asked && bare) {
			continue
		}
		if n >= r.Least {
			return r.Reached
		}
		return r.Short
	}
	return ""
}

// Answer is the option that words mean as an answer to the question itself,
// where a bare yes or no, or not knowing, says enough; empty if none.
func (t *Theme) Answer(question, text string) string {
	q := t.question(question)
	if q == nil {
		return ""
	}
	said := words.Fold(text)
	for _, o := range q.Options {
		if said == words.Fold(o.Text) {
			return o.ID
		}
	}
	if o := q.hear(said); o != "" {
		return o
	}
	if o := q.reckon(said, true); o != "" {
		return o
	}
	if words.Unsure(said) {
		return Unsure
	}
	if len(t.hear(said)) == 0 {
		return q.plain(said)
	}
	for clause := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("，,。；; ", r) }) {
		if c := words.Fold(clause); c != said && len(t.hear(c)) == 0 { // the others tell of another question
			if o := q.plain(c); o != "" {
				return o
			}
		}
	}
	return ""
}

// plain reads a bare yes or no to a question that is one.
func (q *Question) plain(said string) string {
	_, yes := q.Option("yes")
	_, no := q.Option("no")
	if !yes || !no {
		return ""
	}
	return words.YesNo(said)
}
