package knowledge

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// The bands: from sureBar on a guide answers, from askBar on it is asked
// about, below it is said not to be known. Set on our own questions.
const (
	sureBar = 0.33
	askBar  = 0.12
	// nearFit is from what fit on a guide is named as near to a question.
	nearFit = 0.235
	// wholeFit is the fit of a guide that has all of the question in its name.
	wholeFit = 0.97
	// rivalGap is how close to the best fit another must be to be asked about.
	rivalGap = 0.05
	// replacedLoss is what a matter in the place of another costs.
	replacedLoss = 0.3
	// orderByFit is what the fit weighs beside the ranking's score.
	orderByFit = 1.3
	// judgedDepth is how many candidates are judged; the others are not looked at.
	judgedDepth = 12
)

// judged is a candidate with what the decision goes by.
type judged struct {
	candidate
	fit  float32 // how well it fits the question, for comparing candidates
	sure float32 // how likely the question is about it, 0 to 1
}

// judge ranks and says how sure each of the best candidates is, the best first.
func (x *index) judge(r *routed, keep filter) []judged {
	ranked := x.rank(r, keep)
	ranked = ranked[:min(len(ranked), judgedDepth)]
	r.places, r.deeds = placesOf(string(r.text)), deedsOf(r.text)
	near := make([]judged, len(ranked))
	for i, c := range ranked {
		x.cover(c, r)
		near[i] = judged{candidate: *c}
	}
	for i := range near {
		c := &near[i]
		c.fit = x.fit(&c.candidate, r)
		c.sure = x.sureness(&c.candidate, r, x.rivalScore(r, near, i))
	}
	slices.SortStableFunc(near, func(a, b judged) int {
		return cmp.Compare(b.fit*orderByFit+b.score/ranked[0].score, a.fit*orderByFit+a.score/ranked[0].score)
	})
	return near
}

// rivalScore is the best score among the others that have something on what
// was asked, as a share of the score of i.
func (x *index) rivalScore(r *routed, near []judged, i int) float32 {
	for k := range near { // in order of score
		if k != i && (len(r.fields) == 0 || x.tells(near[k], r.fields[0])) {
			return near[k].score / near[i].score
		}
	}
	return 0
}

// share is how much of a stretch of a question a guide covers.
type share struct{ total, covered, named float32 }

func (s *share) add(w, body, name float32) {
	s.total += w
	s.covered += w * body
	s.named += w * name
}

// cover measures how much of the question a candidate covers, by character:
// a character counts as said when a pair it is part of stands in the guide.
// Rare characters weigh more; soft words weigh nothing. Of a question in
// several clauses the one that names the guide counts by itself: 老人不识字，
// 低保怎么申请.
func (x *index) cover(c *candidate, r *routed) {
	var whole, clause share
	var run, best float32
	text, soft := r.content, r.soft
	if x.bare(r) == "" {
		soft = make([]bool, len(text)) // there is nothing else to go by
	}
	c.clause, c.run, c.matter = 0, 0, 0
	end := func() {
		if clause.total > 0 && clause.named > best*clause.total {
			best = clause.named / clause.total
			c.clause = max(c.clause, best*min(1, clause.total/3/x.unseen))
		}
		clause, run = share{}, 0
	}
	for i := 0; i < len(text); {
		switch ch := text[i]; {
		case isHan(ch) && soft[i]:
			run = 0
			i++
		case isHan(ch):
			body, name := x.said(text, i, c.unit)
			c.matter++
			whole.add(x.weight(charTerm(ch)), body, name)
			clause.add(x.weight(charTerm(ch)), body, name)
			if run++; body >= 0.7 {
				run = 0
			}
			c.run = max(c.run, run)
			i++
		case isWord(ch):
			j := i
			for j < len(text) && isWord(text[j]) {
				j++
			}
			t := runTerm(text[i:j])
			body, name := x.stands(t, c.unit)
			c.matter += j - i
			w := x.weight(t) * 1.5
			whole.add(w, when(body, 1, 0), when(name, 1, 0))
			clause.add(w, when(body, 1, 0), when(name, 1, 0))
			i = j
		default:
			run = 0
			if r.text[i] == ch { // punctuation of the citizen's, not a word taken out
				end()
			}
			i++
		}
	}
	end()
	if whole.total > 0 {
		c.covered, c.named = whole.covered/whole.total, whole.named/whole.total
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

// fit is how well a candidate fits a question, about 0 to 1.
func (x *index) fit(c *candidate, r *routed) float32 {
	g := &x.guides[c.guide]
	fit := c.covered * 0.95
	if g.Type != TypePolicy {
		held := c.wholly()
		fit = 0.30*c.covered + 0.30*c.named + 0.20*c.likeness + 0.20*held - replacedLoss*(1-held)*(1-c.named)
		if c.said {
			fit = max(fit, 0.85)
		}
		if c.exact {
			fit = max(fit, 0.95)
		}
	}
	if elsewhere(r.places, g) {
		fit *= 0.55
	}
	return fit
}

// wholly is how much of a name the question says; all of it when the name
// stands in the question.
func (c *candidate) wholly() float32 {
	if c.within > 0 {
		return 1
	}
	return c.held
}

// before is how many characters stand right before the name a question says,
// that the guide does not have: 渣土车 before 通行证.
func (x *index) before(c *candidate, r *routed) int {
	at := -1
	name := []rune(c.call)
	for i := 0; len(name) > 0 && i+len(name) <= len(r.content); i++ {
		if slices.Equal(r.content[i:i+len(name)], name) {
			at = i
			break
		}
	}
	n := 0
	for i := at - 1; i >= 0 && isHan(r.content[i]) && !r.soft[i]; i-- {
		if body, _ := x.said(r.content, i, c.unit); body >= 0.7 {
			break
		}
		n++
	}
	return n
}

// sureness is how likely a question is about a candidate: a logistic
// regression on our own questions, those that no guide answers among them,
// and those whose guide was taken away. rival is the best other score as a
// share of this one.
func (x *index) sureness(c *candidate, r *routed, rival float32) float32 {
	g := &x.guides[c.guide]
	switch {
	case elsewhere(r.places, g):
		return 0 // another city's way is not ours to tell
	case g.Type == TypePolicy:
		return logistic(12*(c.covered-0.6) - 0.2)
	case c.exact:
		return 0.97
	}
	// What both sides leave unsaid is one thing in the place of another:
	// 危险化学品经营许可 is not 食品经营许可.
	replaced := (1 - c.wholly()) * (1 - c.named)
	z := -5.36 + 4.24*c.named + 1.42*c.clause + 3.01*c.held - 1.73*rival - 1.66*replaced
	z -= 1.19*min(c.run, 6)/6 + 4.00*float32(min(x.before(c, r), 4))/4
	z += when(c.within >= 2, 0.77, 0) + when(c.within >= 3, 2.07, 0)
	z += when(!x.does(r.deeds, c.unit), -4.70, 0)
	if c.within == 0 && c.matter <= 2 {
		return min(logistic(z), sureBar-0.01) // 唱歌 alone names no complaint on noise
	}
	return logistic(z)
}

func logistic(z float32) float32 { return float32(1 / (1 + math.Exp(-float64(z)))) }

func when(is bool, yes, no float32) float32 {
	if is {
		return yes
	}
	return no
}

// rivals are the candidates that fit the question as well as the best; one
// alone means there is no doubt.
func (x *index) rivals(r *routed, ranked []judged) []judged {
	best := ranked[0]
	rivals := ranked[:1:1]
	if x.guides[best.guide].Type == TypePolicy {
		return rivals
	}
	for _, c := range ranked[1:min(len(ranked), judgedDepth)] {
		if len(r.fields) > 0 && x.tells(best, r.fields[0]) && !x.tells(c, r.fields[0]) {
			continue // it has nothing on what was asked
		}
		if c.fit < best.fit-rivalGap || c.sure < askBar || len(rivals) == 4 {
			continue
		}
		if x.guides[c.guide].Title == x.guides[best.guide].Title {
			continue // nobody could choose between them
		}
		if best.exact && !c.exact && c.fit < wholeFit {
			continue
		}
		if c.within < best.within || c.score < 0.8*best.score && c.fit < wholeFit {
			continue
		}
		rivals = append(rivals, c)
	}
	return rivals
}

func (x *index) tells(c judged, f Field) bool {
	g := &x.guides[c.guide]
	return f == Overview || f == Materials && len(g.Materials) > 0 || len(g.lines(f)) > 0
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
	if len(ranked) > 0 && past[0].fit < ranked[0].fit+rivalGap {
		return 0, false
	}
	return past[0].guide, true
}
