package knowledge

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"time"
)

// rankDepth is how many guides are looked at closely after the first pass;
// among the first fifty is the right one in 99 of 100 questions.
const rankDepth = 50

// nameGain is how much likeness to the title or an alias adds to a guide's
// score. Policy texts get none of it: there it was measured to hurt.
const nameGain = 1.0

// awayFactor lets the city's own guides go before those of other places.
const awayFactor = 0.8

// looseName is from how many characters on the matter of what citizens tell
// counts as a name.
const looseName = 4

// wholeName is from how many characters on a name said word for word leaves
// no doubt.
const wholeName = 6

// candidate is a guide with what speaks for it.
type candidate struct {
	guide    int
	unit     uint32
	score    float32 // for the order only
	likeness float32 // to the best title or alias, 0 to 1
	held     float32 // how much of that title or alias the question says, 0 to 1
	covered  float32 // how much of the question the guide covers, 0 to 1
	named    float32 // how much of the question its names cover, 0 to 1
	clause   float32 // the same of its best clause, less for a very short one
	matter   int     // characters of the question that are looked for
	run      float32 // characters of the longest stretch of the question it does not cover
	exact    bool    // the question is a title or an alias
	said     bool    // the question says a long title or alias word for word
	call     string  // that title or alias
	within   int     // characters of the longest title or alias inside the question
}

// filter keeps guides out of an answer.
type filter func(g *Guide) bool

func currentAt(now time.Time) filter { return func(g *Guide) bool { return g.Current(now) } }

// scratch is what ranking one question needs room for; all of it is zero
// between two.
type scratch struct {
	scores  []float32 // by unit
	touched []uint32  // units with a score
	asked   []uint8   // by number of a name's term: askedAll, askedHard
}

// How the question says a term of the names.
const (
	askedAll  uint8 = 1 << iota // at all
	askedHard                   // in what is left without soft words
)

// inquiry is a question as it is held against names.
type inquiry struct {
	whole string // folded, nothing taken out
	text  string // the matter without soft words
	terms []term // of the matter, each once
	hard  []term // of text; all of them are among terms
}

// rank orders guides by how well they fit a question, the best first, at
// most rankDepth of them.
func (x *index) rank(r *routed, keep filter) []*candidate {
	if len(x.units) == 0 {
		return nil
	}
	terms := termsOf(r.content)
	if len(terms) == 0 {
		return nil
	}
	s := x.scratch.Get().(*scratch)
	defer x.release(s)
	for _, t := range terms {
		s.add(x.postings[t])
	}
	eachSound(r.content, x.soundOf, func(t term) { s.add(x.postings[t]) })
	best := x.firsts(s, keep)
	query := inquiry{text: r.matter(), whole: squeeze(r.text), terms: terms, hard: terms}
	if hard := x.hard(r); len(squeeze(hard)) > 0 {
		query.text, query.hard = squeeze(hard), termsOf(hard)
	}
	x.ask(s, query)
	for _, c := range best {
		x.compare(c, query, s.asked)
	}
	x.unask(s, query)
	slices.SortStableFunc(best, func(a, b *candidate) int { return cmp.Compare(b.score, a.score) })
	return best
}

// hard is the matter without soft words.
func (x *index) hard(r *routed) []rune {
	content := append([]rune(nil), r.content...)
	for i := range content {
		if r.soft[i] {
			content[i] = ' '
		}
	}
	return content
}

func (x *index) soundOf(r rune) uint32 {
	if v, ok := x.sounds[r]; ok {
		return v
	}
	return soundOf(r)
}

func (s *scratch) add(list []posting) {
	for _, p := range list {
		u := p.unit &^ inName
		if s.scores[u] == 0 {
			s.touched = append(s.touched, u)
		}
		s.scores[u] += p.impact
	}
}

func (x *index) release(s *scratch) {
	for _, u := range s.touched {
		s.scores[u] = 0
	}
	s.touched = s.touched[:0]
	x.scratch.Put(s)
}

// least is a heap with the worst candidate on top.
type least []*candidate

func (l least) Len() int           { return len(l) }
func (l least) Less(i, j int) bool { return l[i].score < l[j].score }
func (l least) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *least) Push(v any)        { *l = append(*l, v.(*candidate)) }
func (l *least) Pop() any {
	old := *l
	v := old[len(old)-1]
	*l = old[:len(old)-1]
	return v
}

// firsts are the best units of the first pass, one for each guide.
func (x *index) firsts(s *scratch, keep filter) []*candidate {
	room, top := make([]candidate, rankDepth), make(least, 0, rankDepth)
	for _, u := range s.touched {
		score := s.scores[u]
		if len(top) == rankDepth && score <= top[0].score {
			continue
		}
		g := int(x.units[u].guide)
		if keep != nil && !keep(&x.guides[g]) {
			continue
		}
		if x.away[g] {
			score *= awayFactor
		}
		if x.units[u].passage >= 0 {
			if at := slices.IndexFunc(top, func(c *candidate) bool { return c.guide == g }); at >= 0 {
				if score > top[at].score {
					top[at].score, top[at].unit = score, u
					heap.Fix(&top, at)
				}
				continue
			}
		}
		c := candidate{guide: g, unit: u, score: score}
		if n := len(top); n < rankDepth {
			room[n] = c
			heap.Push(&top, &room[n])
		} else if score > top[0].score {
			*top[0] = c
			heap.Fix(&top, 0)
		}
	}
	return top
}

// ask marks the terms of the names that a question says.
func (x *index) ask(s *scratch, q inquiry) {
	for _, t := range q.terms {
		if n, known := x.numbers[t]; known {
			s.asked[n] |= askedAll
		}
	}
	for _, t := range q.hard {
		if n, known := x.numbers[t]; known {
			s.asked[n] |= askedHard
		}
	}
}

func (x *index) unask(s *scratch, q inquiry) {
	for _, t := range q.terms {
		if n, known := x.numbers[t]; known {
			s.asked[n] = 0
		}
	}
}

// compare adds what the names of a guide say about a question, whose terms
// are marked in asked.
func (x *index) compare(c *candidate, q inquiry, asked []uint8) {
	if x.guides[c.guide].Type == TypePolicy {
		return
	}
	var whole float32 // likeness with soft words, which the order goes by
	for i := range x.names[c.guide] {
		n := &x.names[c.guide][i]
		all := said(asked, n.terms, askedAll)
		if all == 0 {
			continue
		}
		whole = max(whole, dice(all, len(q.terms), len(n.terms)))
		if shared := said(asked, n.hard, askedHard); shared > 0 {
			c.likeness = max(c.likeness, dice(shared, len(q.hard), len(n.hard)))
			c.called(n, q, float32(shared)/float32(len(n.hard)))
		}
	}
	c.score *= 1 + nameGain*whole
	if c.exact || c.said {
		c.score *= 1.5
	}
}

// called notes how far a question says a name, of which it has the share held.
func (c *candidate) called(n *name, q inquiry, held float32) {
	if n.loose && n.textSize < looseName {
		return // 饭 out of 没饭吃没地方睡
	}
	c.held = max(c.held, held)
	if !n.loose && n.plain && q.text == n.text && (n.textSize > 2 || n.text == n.whole) || q.whole == n.whole {
		c.exact = true
	}
	if n.textSize >= 2 && n.textSize > c.within && strings.Contains(q.text, n.text) {
		c.within, c.call = n.textSize, n.text
	}
	if n.wholeSize >= wholeName && n.wholeSize > c.within && strings.Contains(q.whole, n.whole) {
		c.within, c.said, c.call = n.wholeSize, true, n.whole
	}
}

// said counts the terms of a name that are marked so.
func said(asked []uint8, terms []int32, how uint8) int {
	n := 0
	for _, t := range terms {
		if asked[t]&how != 0 {
			n++
		}
	}
	return n
}

func dice(shared, a, b int) float32 { return 2 * float32(shared) / float32(a+b) }
