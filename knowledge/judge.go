package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// The bands: from sureBar on a guide answers, from askBar on it is asked
// about, below it is said not to be known. Set on our own questions.
const (
	sureBar = 0.20
	askBar  = 0.06
	// plainBar is from where on rivals that say the same need not be told apart.
	plainBar = 0.3
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
	// orderBySure is what the sureness does.
	orderBySure = 0.5
	// judgedDepth is how many candidates are judged; the others are not looked at.
	judgedDepth = 12
	// Of those the first few, and the ones with a good share of the best score,
	// are held against the question character by character.
	coveredLeast = 3
	coveredShare = 0.25
)

// judged is a candidate with what the decision goes by.
type judged struct {
	candidate
	fit  float32 // how well it fits the question, for comparing candidates
	sure float32 // how likely the question is about it, 0 to 1
}

// judge ranks and says how sure each of the best candidates is, the best first.
func (x *index) judge(r *routed, keep filter) []judged {
	near := x.rank(r, keep)
	if len(near) == 0 {
		return nil
	}
	best := near[0].score
	r.deeds = x.deedsOf(r.text)
	for i := range near {
		if i < coveredLeast || near[i].score >= coveredShare*best {
			x.cover(&near[i].candidate, r)
		}
	}
	for i := range near {
		near[i].fit = x.fit(&near[i].candidate, r)
	}
	r.strange = x.strangest(r)
	for i := range near {
		near[i].sure = x.sureness(&near[i], r, standing{x.rivalScore(r, near, i), nextFit(near, i)})
	}
	x.byHousehold(r.home, near)
	slices.SortStableFunc(near, func(a, b judged) int {
		return cmp.Compare(b.order(best), a.order(best))
	})
	return near
}

// order is what candidates are put in order by.
func (c *judged) order(best float32) float32 {
	return c.fit*orderByFit + (c.score+c.second)/best + c.sure*orderBySure
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

// standing is how a candidate stands among the others.
type standing struct {
	rival float32 // the best other score, as a share of this one
	next  float32 // the best fit among the others
}

func nextFit(near []judged, i int) float32 {
	var next float32
	for k := range near {
		if k != i {
			next = max(next, near[k].fit)
		}
	}
	return next
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
	if r.bareText == "" {
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
			body, name := r.words.said(i, c.unit)
			c.matter++
			w := x.weight(&r.words.chars[i])
			whole.add(w, body, name)
			clause.add(w, body, name)
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
			body, name := stands(r.words.where(&r.words.chars[i]), c.unit)
			c.matter += j - i
			w := x.weight(&r.words.chars[i]) * 1.5
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
		c.mass = whole.named / x.unseen
	}
}

// weight of a term in coverage, by how rare it is; never nothing.
func (x *index) weight(w *word) float32 { return max(w.idf, 0.2*x.unseen) }

// said tells how far the character at i stands in a unit: as part of a pair
// fully, alone a little, by its sound in between.
func (w *words) said(i int, u uint32) (body, name float32) {
	look := func(list []posting, credit float32) {
		if len(list) == 0 {
			return
		}
		b, n := stands(list, u)
		if b {
			body = max(body, credit)
		}
		if n {
			name = max(name, credit)
		}
	}
	alone := true
	for _, j := range [2]int{i - 1, i} {
		if j < 0 || w.pairs[j].idf == 0 {
			continue
		}
		alone = false
		look(w.where(&w.pairs[j]), 1)
		if name < 1 {
			look(w.where(&w.heard[j]), 0.7)
		}
	}
	switch {
	case alone:
		look(w.where(&w.chars[i]), 0.8)
	case name < 0.25 || body < 0.25:
		look(w.where(&w.chars[i]), 0.25)
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

// beside is how many characters stand right before and after the name a
// question says, that the guide does not have: 渣土车 before 通行证, 彩礼 after
// 结婚.
func (x *index) beside(c *candidate, r *routed) (before, after int) {
	name := []rune(c.call)
	at := slices.IndexFunc(r.content, func(first rune) bool { return len(name) > 0 && first == name[0] })
	for at >= 0 && at+len(name) <= len(r.content) && !slices.Equal(r.content[at:at+len(name)], name) {
		at++
	}
	if at < 0 || at+len(name) > len(r.content) {
		return 0, 0
	}
	strange := func(i int) bool {
		if i < 0 || i >= len(r.content) || !isHan(r.content[i]) || r.soft[i] {
			return false
		}
		body, _ := r.words.said(i, c.unit)
		return body < 0.7
	}
	for i := at - 1; strange(i); i-- {
		before++
	}
	for i := at + len(name); strange(i); i++ {
		after++
	}
	return before, after
}

// sureness is how likely a question is about a candidate: a logistic
// regression on our own questions, those that no guide answers among them,
// and those whose guide was taken away.
func (x *index) sureness(c *judged, r *routed, among standing) float32 {
	g := &x.guides[c.guide]
	switch {
	case elsewhere(r.places, g):
		return 0 // another city's way is not ours to tell
	case g.Type == TypePolicy:
		return logistic(12*(c.covered-0.6) - 0.2)
	case c.exact:
		return 0.97
	}
	z := weigh(x.signs(c, r, among)) - when(x.otherPermit(&c.candidate, r) || x.otherDeed(&c.candidate, r), anotherLoss, 0) - when(r.idle != "" && !strings.Contains(g.Title, r.idle), 2*anotherLoss, 0)
	if c.within == 0 && c.matter <= 2 {
		sure := min(logistic(z), sureBar-0.01) // 唱歌 alone names no complaint on noise
		return max(sure, when(c.named >= 0.95, askBar, 0))
	}
	return logistic(z)
}

// permits are heads that many things share: what stands before one says which
// it is.
var permits = []string{"许可证", "许可", "资格证", "资格", "备案", "通行证", "执业证", "营业证", "运输证", "登记证", "检疫证", "上岗证", "准入证"}

// anotherLoss is what a permit for another thing costs, or another deed with it;
// idle talk costs twice that.
const anotherLoss = 4

// permitOf is where such a head stands in a question behind something else, 0
// if none does.
func (r *routed) permitOf() int {
	for _, head := range permits {
		if !strings.Contains(r.hardText, head) {
			continue
		}
		of := []rune(head)
		for at := 1; at+len(of) <= len(r.content); at++ {
			if slices.Equal(r.content[at:at+len(of)], of) {
				return at
			}
		}
	}
	return 0
}

// otherPermit tells whether a question is about a permit for something else than
// the guide's: 养蜂许可证 is no 食品经营许可证.
func (x *index) otherPermit(c *candidate, r *routed) bool {
	return r.permit > 0 && x.foreign(c, r, r.permit)
}

// foreign tells whether nothing of what stands right before a place is in the
// guide's names.
func (x *index) foreign(c *candidate, r *routed, at int) bool {
	from := at
	for from > 0 && isHan(r.content[from-1]) && !r.soft[from-1] {
		from--
	}
	for _, kind := range []string{"经营", "生产", "服务", "使用"} {
		if strings.HasSuffix(string(r.content[from:at]), kind) {
			at -= 2
		}
	}
	if at-from < 2 {
		return false
	}
	for i := from; i+1 < at; i++ {
		if _, named := stands(r.words.where(&r.words.pairs[i]), c.unit); named {
			return false
		}
	}
	return true
}

// signs are what the sureness goes by.
func (x *index) signs(c *judged, r *routed, among standing) [signCount]float32 {
	// What both sides leave unsaid is one thing in the place of another:
	// 危险化学品经营许可 is not 食品经营许可.
	replaced := (1 - c.wholly()) * (1 - c.named)
	before, after := x.beside(&c.candidate, r)
	return [signCount]float32{
		1, c.named, c.clause, c.held, among.rival, replaced,
		min(c.run, 6) / 6, float32(min(before, 4)) / 4,
		when(c.within >= 2, 1, 0), when(c.within >= 3, 1, 0), when(!does(r.deeds, c.unit), 1, 0),
		c.covered, c.likeness, min(c.mass, 4) / 4, when(len(r.fields) > 0, 1, 0), when(c.within >= 4, 1, 0),
		float32(min(c.matter, 12)) / 12, float32(min(after, 4)) / 4,
		r.strange.fit, r.strange.named, max(0, r.strange.fit-c.fit), max(0, c.fit-among.next), among.next,
		when(r.asks, 1, 0), float32(min(len(r.fields), 3)), max(0, c.fit), float32(min(len(r.text), 30)) / 30,
		when(len(r.fields) == 0 && !r.asks, 1-c.covered, 0), // 离婚的明星有哪些
	}
}

const signCount = 28

// signWeights are the logistic regression's (TestSurenessIsLearnt -learn).
var signWeights = [signCount]float32{-2.70, 1.47, -0.47, 1.29, -2.73, -1.46, -1.02, -0.07, 1.65, -0.28, -1.19, 0.68, 0.58, 0.89, -0.12, 0.21, -0.26, -0.86, -2.20, -2.23, -1.07, 0.26, 1.06, 0.07, 0.35, 1.48, 1.89, -1.28}

func weigh(signs [signCount]float32) float32 {
	var z float32
	for i, s := range signs {
		z += s * signWeights[i]
	}
	return z
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
		if c.fit < best.fit-rivalGap || c.sure < askBar && c.fit < wholeFit || len(rivals) == 4 {
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

// tells says whether a guide has something on a field.
func (x *index) tells(c judged, f Field) bool {
	return f == Overview || slices.Contains(x.told[c.guide], f)
}

// fieldsTold are the fields a guide has something on, but the overview.
func (g *Guide) fieldsTold() []Field {
	return slices.DeleteFunc(Fields(), func(f Field) bool {
		return f == Overview || len(g.lines(f)) == 0 && !(f == Materials && len(g.Materials) > 0)
	})
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
