package knowledge

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The bands: from sureBar on a guide answers, from askBar on it is asked
// about, below it is said not to be known. Set on our own questions.
const (
	sureBar = 0.55
	askBar  = 0.47
	// rivalGap is how close to the best another must be to be asked about.
	rivalGap = 0.05
	// replacedLoss is what a matter in the place of another costs.
	replacedLoss = 0.3
	// orderBySure is what sureness weighs beside the ranking's score.
	orderBySure = 1.3
	// nameNeed is how much of a question the names must cover when it says
	// none of them wholly; with less it is asked about.
	nameNeed = 0.70
	// judgedDepth is how many candidates are judged.
	judgedDepth = 12
)

// judged is a candidate with how sure we are that the question is about it.
type judged struct {
	candidate
	sure float32
}

// judge ranks and says how sure each candidate is, the best first.
func (x *index) judge(r *routed, keep filter) []judged {
	ranked := x.rank(r, keep)
	r.places, r.deeds = placesOf(string(r.text)), deedsOf(r.text)
	out := make([]judged, 0, judgedDepth)
	for i, c := range ranked {
		if i < judgedDepth {
			x.cover(&c, r)
			out = append(out, judged{c, x.sureness(&c, r)})
		} else {
			out = append(out, judged{candidate: c})
		}
	}
	slices.SortStableFunc(out[:min(len(out), judgedDepth)], func(a, b judged) int {
		return cmp.Compare(b.sure*orderBySure+b.score/ranked[0].score, a.sure*orderBySure+a.score/ranked[0].score)
	})
	return out
}

// cover measures how much of the question a candidate covers, by character:
// a character counts as said when a pair it is part of stands in the guide.
// Rare characters weigh more; soft words weigh nothing.
func (x *index) cover(c *candidate, r *routed) {
	var total, covered, named float32
	text := r.content
	soft := r.soft
	if x.bare(r) == "" {
		soft = make([]bool, len(text)) // there is nothing else to go by
	}
	for i := 0; i < len(text); {
		ch := text[i]
		switch {
		case isHan(ch):
			if !soft[i] {
				w := x.weight(charTerm(ch))
				body, name := x.said(text, i, c.unit)
				total += w
				covered += w * body
				named += w * name
			}
			i++
		case isWord(ch):
			j := i
			for j < len(text) && isWord(text[j]) {
				j++
			}
			t := runTerm(text[i:j])
			w := x.weight(t) * 1.5
			body, name := x.stands(t, c.unit)
			total += w
			if body {
				covered += w
			}
			if name {
				named += w
			}
			i = j
		default:
			i++
		}
	}
	if total > 0 {
		c.covered, c.named = covered/total, named/total
	}
}

// weight of a term in coverage, by how rare it is; never nothing.
func (x *index) weight(t term) float32 {
	idf, ok := x.idf[t]
	if !ok {
		idf = x.unseen
	}
	return max(idf, 0.2*x.unseen)
}

// said tells how far the character at i stands in a unit: as part of a pair
// fully, alone a little, by its sound in between.
func (x *index) said(text []rune, i int, u uint32) (body, name float32) {
	look := func(t term, credit float32) {
		b, n := x.stands(t, u)
		if b {
			body = max(body, credit)
		}
		if n {
			name = max(name, credit)
		}
	}
	alone := true
	for _, j := range []int{i - 1, i} {
		if j < 0 || j+1 >= len(text) || !isHan(text[j]) || !isHan(text[j+1]) {
			continue
		}
		alone = false
		look(pairTerm(text[j], text[j+1]), 1)
		if body < 1 {
			eachSound(text[j:j+2], x.soundOf, func(t term) { look(t, 0.7) })
		}
	}
	if alone {
		look(charTerm(text[i]), 0.8)
	} else {
		look(charTerm(text[i]), 0.25)
	}
	return body, name
}

// sureness is how sure we are that the question is about a candidate, 0 to 1.
func (x *index) sureness(c *candidate, r *routed) float32 {
	g := &x.guides[c.guide]
	var sure float32
	if g.Type == TypePolicy {
		sure = c.covered * 0.95
	} else {
		held := c.held
		if c.within > 0 {
			held = 1
		}
		sure = 0.30*c.covered + 0.30*c.named + 0.20*c.likeness + 0.20*held
		// What both sides leave unsaid is one thing in the place of another:
		// 危险化学品经营许可 is not 食品经营许可.
		sure -= replacedLoss * (1 - held) * (1 - c.named)
		if c.within == 0 && c.named < nameNeed {
			sure = min(sure, sureBar-0.01)
		}
		if c.said {
			sure = max(sure, 0.85)
		}
		if c.exact {
			sure = max(sure, 0.95)
		}
	}
	if g.Type != TypePolicy && !c.exact && !x.does(r.deeds, c.unit) {
		sure = min(sure, sureBar-0.01)
	}
	if elsewhere(r.places, g) {
		sure *= 0.55
	}
	return sure
}

// rivals are the candidates that fit the question as well as the best; one
// alone means there is no doubt.
func (x *index) rivals(ranked []judged) []judged {
	best := ranked[0]
	rivals := ranked[:1:1]
	if best.exact || x.guides[best.guide].Type == TypePolicy {
		return rivals
	}
	for _, c := range ranked[1:min(len(ranked), judgedDepth)] {
		if c.sure < best.sure-rivalGap || c.sure < askBar || len(rivals) == 4 {
			continue
		}
		if x.guides[c.guide].Title == x.guides[best.guide].Title {
			continue // nobody could choose between them
		}
		if c.within < best.within || c.score < 0.8*best.score {
			continue
		}
		rivals = append(rivals, c)
	}
	return rivals
}

// contains tells whether a question says a name wholly.
func contains(q, n name) bool {
	return len([]rune(n.text)) >= 2 && strings.Contains(q.text, n.text)
}

// lapsed finds a guide that is no longer in force and fits clearly better
// than the best of those that are.
func (x *index) lapsed(r *routed, ranked []judged, now time.Time) (int, bool) {
	if !x.dated || now.IsZero() {
		return 0, false
	}
	past := x.judge(r, func(g *Guide) bool {
		return g.Status == Active && g.EffectiveTo != "" && !g.Current(now)
	})
	if len(past) == 0 || past[0].sure < sureBar {
		return 0, false
	}
	if len(ranked) > 0 && past[0].sure < ranked[0].sure+rivalGap {
		return 0, false
	}
	return past[0].guide, true
}
