package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// mostOptions is how many options one question has at most.
const mostOptions = 4

// clarification is a question back: its options, each with the candidates that are left
// when it is taken.
type clarification struct {
	ask     string
	options []Option
	left    [][]judged
}

// ofNothing tells whether a question asks for something of a matter and names none:
// 要带什么材料, with no talk before it.
func (r *routed) ofNothing() bool {
	if r.matterText != "" || r.entry != nil && r.entry.own {
		return false
	}
	f := r.first()
	return f != "" && f != Hours && f != Phone
}

// whichMatter asks what was asked of. The topic keeps what is wanted until it is told.
func (x *index) whichMatter(r *routed) Answer {
	a := Answer{Decision: Clarified, Field: r.first(), Fields: r.fields, Clarify: "您问的是哪件事？说个业务名就行，比如“居住证”“护照”。"}
	a.Text, a.Brief, a.Spoken = a.Clarify, a.Clarify, "您问的是哪件事？说个业务名就行。"
	a.Topic = Topic{Field: a.Field}
	if r.entry != nil {
		a.Topic.Field = Field(r.entry.title)
	}
	return a
}

// wants is what an earlier question asked for of no matter.
func (r *routed) wants(f Field) {
	if len(r.fields) > 0 || r.entry != nil {
		return
	}
	if f.known() {
		r.fields = []Field{f}
		return
	}
	for i := range entries {
		if e := &entries[i]; e.title == string(f) {
			r.entry, r.fields = e, []Field{e.under}
		}
	}
}

// splitting chooses the question whose answer tells most about which answer the
// citizen is to get: it names up to four candidates, or, where these are too many
// and too much alike, the fields of life they belong to.
func (x *index) splitting(r *routed, candidates []judged) clarification {
	byName, byTheme := x.byName(r, candidates), x.byTheme(r, candidates)
	if len(byTheme.options) >= 2 && x.gain(r, candidates, byTheme) > x.gain(r, candidates, byName)+1e-6 {
		return byTheme
	}
	return byName
}

// byName asks for one of the candidates: of those that say the same on what was
// asked only the likeliest, the likeliest answers first.
func (x *index) byName(r *routed, candidates []judged) clarification {
	s := clarification{ask: "您问的是哪一件？"}
	groups := x.groups(r, candidates)
	if len(groups) == 1 { // not sure enough to say what all of them say
		groups = x.groups(&routed{}, candidates)
	}
	for _, group := range groups {
		g := &x.guides[group[0].guide]
		if len(s.options) == mostOptions {
			break
		}
		if slices.ContainsFunc(s.options, func(o Option) bool { return o.Text == g.Title }) {
			continue // nobody could choose between two of the same name
		}
		s.options = append(s.options, Option{Text: g.Title, Guide: g.ID, Field: r.first()})
		s.left = append(s.left, group)
	}
	if len(s.options) == 1 {
		s.ask = "您问的是不是“" + s.options[0].Text + "”？"
	}
	return s
}

// byTheme asks for the field of life; none where the candidates lie in one, or in
// more than four.
func (x *index) byTheme(r *routed, candidates []judged) clarification {
	s := clarification{ask: "您问的是哪方面的？"}
	at := map[string]int{}
	for _, c := range candidates {
		g := &x.guides[c.guide]
		if g.Theme == "" {
			return clarification{}
		}
		k, known := at[g.Theme]
		if !known {
			k = len(s.options)
			at[g.Theme] = k
			s.options, s.left = append(s.options, Option{Text: g.Theme, Field: r.first()}), append(s.left, nil)
		}
		s.options[k].Among, s.left[k] = append(s.options[k].Among, g.ID), append(s.left[k], c)
	}
	if len(s.options) > mostOptions {
		return clarification{}
	}
	return s
}

// gain is how many bits an answer to a question tells, on average, about which
// answer the citizen is to get. Who finds nothing among the options is left with
// the candidates that no option holds.
func (x *index) gain(r *routed, candidates []judged, s clarification) float64 {
	all := mass(candidates)
	gain := x.entropy(r, candidates)
	rest := slices.Clone(candidates)
	for _, left := range s.left {
		gain -= mass(left) / all * x.entropy(r, left)
		rest = slices.DeleteFunc(rest, func(c judged) bool {
			return slices.ContainsFunc(left, func(o judged) bool { return o.guide == c.guide })
		})
	}
	if len(rest) > 0 {
		gain -= mass(rest) / all * x.entropy(r, rest)
	}
	return gain
}

// entropy of the answers that candidates give, in bits.
func (x *index) entropy(r *routed, candidates []judged) float64 {
	all, h := mass(candidates), 0.0
	for _, group := range x.groups(r, candidates) {
		p := mass(group) / all
		h -= p * math.Log2(p)
	}
	return h
}

// groups puts the candidates together that say the same on what was asked, the
// likeliest group first, in each the likeliest candidate first.
func (x *index) groups(r *routed, candidates []judged) [][]judged {
	var groups [][]judged
	at := map[string]int{}
	for _, c := range candidates {
		said := x.says(c, r)
		k, known := at[said]
		if !known {
			k = len(groups)
			at[said], groups = k, append(groups, nil)
		}
		groups[k] = append(groups[k], c)
	}
	slices.SortStableFunc(groups, func(a, b []judged) int { return cmp.Compare(mass(b), mass(a)) })
	return groups
}

// says is what a candidate says on what was asked; where nothing was asked of
// it, and on who may and how, itself: the words may be alike, the matter is not.
func (x *index) says(c judged, r *routed) string {
	g := &x.guides[c.guide]
	if len(r.fields) != 1 {
		return g.ID
	}
	lines := g.lines(r.fields[0])
	switch f := r.fields[0]; {
	case len(lines) == 0:
		return g.ID
	case f == Phone:
		return g.ask()
	case f == Fee, f == TimeLimit, f == Hours, f == Where, f == Online:
		return strings.Join(lines, "\n")
	}
	return g.ID
}

// mass is how much candidates weigh: how likely each is, none nothing.
func mass(candidates []judged) float64 {
	m := 0.0
	for _, c := range candidates {
		m += max(float64(c.sure), 0.01)
	}
	return m
}

// first is the first field asked for; empty: none was.
func (r *routed) first() Field {
	if len(r.fields) == 0 {
		return ""
	}
	return r.fields[0]
}

// Which asks which of a few guides is meant, once a theme was chosen.
func (b *Base) Which(ids []string, f Field) Answer {
	r := routed{}
	if f.known() {
		r.fields = []Field{f}
	}
	return b.current.Load().whichOf(&r, ids)
}

// whichOf asks which of the guides with these ids is meant.
func (x *index) whichOf(r *routed, ids []string) Answer {
	var of []judged
	for _, id := range ids {
		if i, ok := x.byID[id]; ok {
			of = append(of, judged{candidate: candidate{guide: i, unit: x.first[i]}, fit: 1, sure: 1})
		}
	}
	if len(of) == 0 { // they are gone meanwhile
		return x.unknown(r, nil, Topic{})
	}
	return x.asked(r, of, x.byName(r, of))
}
