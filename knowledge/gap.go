package knowledge

import (
	"cmp"
	"slices"
	"time"

	"guanjia/bot"
)

// Gap is what citizens asked in nearly the same words and were not told, with
// what would mend it.
type Gap struct {
	Reason  bot.MissReason `json:"reason"`
	Words   string         `json:"words"` // of the question that is most like the others
	N       int            `json:"n"`
	Guide   string         `json:"guide,omitempty"` // the nearest
	Title   string         `json:"title,omitempty"`
	Field   Field          `json:"field,omitempty"`
	Last    time.Time      `json:"last"`
	Others  []string       `json:"others,omitempty"`  // other wordings, at most five
	Propose string         `json:"propose,omitempty"` // an alias for Guide
}

// alikeBar is from which share of common pairs two questions are one gap.
const alikeBar = 0.5

// Gaps clusters missed questions by their words, within a reason and a field,
// the most frequent first; where no guide is there, whatever was asked about the
// matter lacks the same one. Praise is no gap.
func (b *Base) Gaps(missed []bot.Missed) []Gap {
	type cluster struct {
		gap   Gap
		pairs []term
	}
	x := b.current.Load()
	var clusters []*cluster
	for _, m := range missed { // newest first
		if m.Reason == bot.MissUp {
			continue
		}
		r := x.route(clip(m.Words, 200))
		pairs := termsOf(r.content)
		var best *cluster
		var likeness float32
		for _, c := range clusters {
			if c.gap.Reason == m.Reason && (c.gap.Field == Field(m.Field) || m.Reason == bot.MissNoGuide) {
				if l := jaccard(pairs, c.pairs); l > likeness {
					best, likeness = c, l
				}
			}
		}
		if best != nil && likeness >= alikeBar {
			best.gap.N++
			if best.gap.Field != Field(m.Field) {
				best.gap.Field = "" // several
			}
			if len(best.gap.Others) < 5 && m.Words != best.gap.Words && !slices.Contains(best.gap.Others, m.Words) {
				best.gap.Others = append(best.gap.Others, m.Words)
			}
			continue
		}
		g := Gap{Reason: m.Reason, Words: m.Words, N: 1, Guide: m.Guide, Field: Field(m.Field), Last: m.At}
		if guide, ok := b.Guide(m.Guide); ok {
			g.Title = guide.Title
		}
		if m.Reason == bot.MissNoAlias || m.Reason == bot.MissNoGuide && m.Score >= 0.4 && !x.otherMatter(&r, m.Guide) || m.Reason == bot.MissLowMargin {
			g.Propose = x.proposed(&r, m.Guide)
		}
		clusters = append(clusters, &cluster{g, pairs})
	}
	out := make([]Gap, len(clusters))
	for i, c := range clusters {
		out[i] = c.gap
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return cmp.Or(cmp.Compare(b.N, a.N), b.Last.Compare(a.Last)) })
	return out
}

// otherMatter tells whether a question is about something else than a guide, whatever they
// share: 养蜂许可证 is no other name of 食品经营许可.
func (x *index) otherMatter(r *routed, guide string) bool {
	for _, c := range x.judge(r, nil) {
		if x.guides[c.guide].ID == guide {
			return r.stranger(&c) || x.otherPermit(&c.candidate, r) || x.otherDeed(&c.candidate, r)
		}
	}
	return true
}

// proposed is a question's matter as an alias of a guide, unless the guide has
// it or there is too little of it.
func (x *index) proposed(r *routed, guide string) string {
	i, ok := x.byID[guide]
	if n := len([]rune(r.matterText)); !ok || n < 2 || n > 16 {
		return ""
	}
	for _, n := range x.names[i] {
		if n.text == r.matterText || n.whole == r.matterText {
			return ""
		}
	}
	return r.matterText
}

// jaccard of two sorted sets.
func jaccard(a, b []term) float32 {
	shared := 0
	for _, t := range a {
		if _, ok := slices.BinarySearch(b, t); ok {
			shared++
		}
	}
	if all := len(a) + len(b) - shared; all > 0 {
		return float32(shared) / float32(all)
	}
	return 0
}

// Look is why a question is answered as it is: for those who keep the guides.
type Look struct {
	Read     string   `json:"read"`   // the question as it was read: folded, misheard words mended
	Matter   string   `json:"matter"` // what it is taken to be about
	Fields   []Field  `json:"fields,omitempty"`
	Hints    []Field  `json:"hints,omitempty"`
	Band     string   `json:"band"` // answer, clarify, abstain
	Why      string   `json:"why"`
	Stranger bool     `json:"stranger"` // it is more like something no guide tells
	Ranked   []Reason `json:"ranked"`
}

// Reason is a candidate with what speaks for it. All but Score are from 0 to 1.
type Reason struct {
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Score    float32 `json:"score"`    // of the ranking
	Sure     float32 `json:"sure"`     // how likely the question is about it
	Fit      float32 `json:"fit"`      // how well it fits
	Covered  float32 `json:"covered"`  // of the question, by the guide's words
	Named    float32 `json:"named"`    // of the question, by its names
	Held     float32 `json:"held"`     // of a name, by the question
	Likeness float32 `json:"likeness"` // to its best name
	Says     string  `json:"says,omitempty"`
}

// Explain tells how a question is read and ranked, and why it falls in its band.
func (b *Base) Explain(q Question) (Look, Answer) {
	x := b.current.Load()
	a := x.turn(q)
	r := x.route(clip(q.Text, 400))
	ranked := x.judge(&r, q.keeps())
	l := Look{Read: r.plain, Matter: r.matterText, Fields: r.fields, Hints: r.hints, Band: a.Decision, Ranked: []Reason{}}
	for _, c := range ranked[:min(8, len(ranked))] {
		g := &x.guides[c.guide]
		l.Ranked = append(l.Ranked, Reason{g.ID, g.Title, c.score, c.sure, max(0, c.fit), c.covered, c.named, c.held, c.likeness, c.call})
	}
	l.Stranger = len(ranked) > 0 && r.stranger(&ranked[0])
	l.Why = x.why(&l, ranked, len(x.rivalsOf(&r, ranked)), a)
	return l, a
}

func (x *index) rivalsOf(r *routed, ranked []judged) []judged {
	if len(ranked) == 0 {
		return nil
	}
	return x.rivals(r, ranked)
}

// why words the band's reason for an operator.
func (x *index) why(l *Look, ranked []judged, rivals int, a Answer) string {
	switch {
	case len(ranked) == 0:
		return "没有一条指南沾边"
	case a.Decision == Abstained && a.Guide != "":
		return "指南认得出，但没写这一项，或已过期"
	case a.unsure:
		return "指南认得出，但可能没有直接写，答之前会先这样说"
	case a.Decision == Answered:
		return "把握够，没有分不开的对手"
	case l.Stranger:
		return "更像一件指南里没有的事"
	case ranked[0].sure < askBar:
		return "把握太低，不敢答"
	case rivals > 1:
		return "有几条分不开，先问清"
	}
	return "有点像，把握不够，先问一句"
}
