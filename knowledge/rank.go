package knowledge

import (
	"slices"
	"strings"
)

// rankDepth is how many guides are looked at closely after the first pass;
// among the first fifty is the right one in 99 of 100 questions.
const rankDepth = 50

// comparedShare is from which share of the best score on the names of a guide
// are looked at: below it no name could make up for the rest.
const comparedShare = 0.25

// nameGain is how much likeness to the title or an alias adds to a guide's
// score. Policy texts get none of it: there it was measured to hurt.
const nameGain = 1.0

// secondName is what the name next most like the question counts beside the first,
// where the best are put in order: a guide that two names bring near goes before one
// that a single name does. Fitted on one half of the guides of Guangdong, held against
// the other.
const secondName = 0.8

// awayFactor lets the city's own guides go before those of other places.
const awayFactor = 0.8

// looseName is from how many characters on the matter of what citizens tell
// counts as a name.
const looseName = 4

// stumpWorth is what a name counts of which two characters are left.
const stumpWorth = 0.6

// wholeName is from how many characters on a name said word for word leaves
// no doubt.
const wholeName = 6

// candidate is a guide with what speaks for it.
type candidate struct {
	guide    int
	unit     uint32
	score    float32 // for the order only
	second   float32 // what of the score a second name that is like the question would add
	likeness float32 // to the best title or alias, 0 to 1
	held     float32 // how much of that title or alias the question says, 0 to 1
	covered  float32 // how much of the question the guide covers, 0 to 1
	named    float32 // how much of the question its names cover, 0 to 1
	clause   float32 // the same of its best clause, less for a very short one
	matter   int     // characters of the question that are looked for
	mass     float32 // what of the question its names cover, in characters that stand nowhere else
	run      float32 // characters of the longest stretch of the question it does not cover
	exact    bool    // the question is a title or an alias
	said     bool    // the question says a long title or alias word for word
	call     string  // that title or alias
	within   int     // characters of the longest title or alias inside the question
}

// filter keeps guides out of an answer.
type filter func(g *Guide) bool

// scratch is what ranking one question needs room for; scores, asked and
// shared are zero between two.
type scratch struct {
	scores  []float32 // by unit
	touched []uint32  // units with a score
	asked   []uint8   // by term: askedAll, askedHard
	marked  []uint32  // the terms that are marked in asked
	shared  []shared  // by name
	met     []uint32  // names that share something
	top     []place   // of the first pass
	best    []candidate
}

// place is a unit of the first pass with its score.
type place struct {
	score float32
	guide int32
	unit  uint32
}

// How the question says a term.
const (
	askedAll  uint8 = 1 << iota // at all
	askedHard                   // in what is left without soft words
)

// word is a term of a question.
type word struct {
	number   uint32
	known    bool   // it stands somewhere
	from, to uint32 // where: its postings
	idf      float32
}

// look finds a term of a question in the index.
func (x *index) look(t term) word {
	n, known := x.terms.number(t)
	if !known {
		return word{idf: x.unseen}
	}
	return word{number: n, known: true, from: x.starts[n], to: x.starts[n+1], idf: x.rarity[n]}
}

// words are the terms of a question's matter by the rune at which they begin.
type words struct {
	chars    []word    // characters, and runs of letters or digits
	pairs    []word    // of two characters in a row
	heard    []word    // of their sounds
	postings []posting // of all terms there are
}

// where is where a word stands.
func (w *words) where(of *word) []posting { return w.postings[of.from:of.to] }

// look finds all terms of a text.
func (x *index) words(text []rune) words {
	table := sounds()
	all := make([]word, 3*len(text))
	w := words{chars: all[:len(text)], pairs: all[len(text) : 2*len(text)], heard: all[2*len(text):], postings: x.postings}
	for i := 0; i < len(text); {
		r := text[i]
		switch {
		case isHan(r):
			w.chars[i] = x.look(charTerm(r))
			if i+1 < len(text) && isHan(text[i+1]) {
				w.pairs[i] = x.look(pairTerm(r, text[i+1]))
				if a, b := sound(table, r), sound(table, text[i+1]); a != 0 && b != 0 {
					w.heard[i] = x.look(soundTerm(a, b))
				}
			}
			i++
		case isWord(r):
			j := i
			for j < len(text) && isWord(text[j]) {
				j++
			}
			w.chars[i] = x.look(runTerm(text[i:j]))
			i = j
		default:
			i++
		}
	}
	return w
}

// rank orders guides by how well they fit a question, the best first, at
// most judgedDepth of them.
func (x *index) rank(r *routed, keep filter) []judged {
	if len(x.units) == 0 || r.matterText == "" {
		return nil
	}
	s := x.scratch.Get().(*scratch)
	defer x.release(s)
	x.mark(s, r)
	for _, n := range s.marked {
		s.add(x.listed(n), x.rarity[n])
	}
	for i := range r.words.heard {
		if w := &r.words.heard[i]; w.known {
			s.add(r.words.where(w), soundWeight*w.idf)
		}
	}
	best := x.firsts(s, keep)
	if len(best) == 0 {
		return nil
	}
	q := inquiry{text: r.hardText, whole: r.wholeText, terms: r.asked, hard: r.askedHard}
	if q.text == "" {
		q.text, q.hard = r.matterText, r.asked
	}
	least := best[0].score
	for i := range best {
		least = max(least, best[i].score)
	}
	least *= comparedShare
	x.meet(s)
	for i := range best {
		if c := &best[i]; c.score >= least {
			x.compare(c, q, s.shared)
		}
	}
	return firstsByScore(best, judgedDepth)
}

// firstsByScore are the n best candidates in order.
func firstsByScore(all []candidate, n int) []judged {
	var order [judgedDepth]int32
	held := order[:0]
	for i := range all {
		k := len(held)
		for k > 0 && better(&all[i], &all[held[k-1]]) {
			k--
		}
		if k == n {
			continue
		}
		if len(held) < n {
			held = append(held, 0)
		}
		copy(held[k+1:], held[k:])
		held[k] = int32(i)
	}
	out := make([]judged, len(held))
	for k, i := range held {
		out[k].candidate = all[i]
	}
	return out
}

func better(a, b *candidate) bool {
	return a.score > b.score || a.score == b.score && a.guide < b.guide
}

// mark marks the question's terms, each once, and counts them; those that
// stand nowhere count too.
func (x *index) mark(s *scratch, r *routed) {
	r.asked, r.askedHard = 0, 0
	strange := map[term]bool(nil)
	mark := func(w *word, t term, hard bool) {
		if !w.known {
			if !strange[t] {
				if strange == nil {
					strange = map[term]bool{}
				}
				strange[t] = true
				r.asked++
				if hard {
					r.askedHard++
				}
			}
			return
		}
		was := s.asked[w.number]
		if was == 0 {
			s.marked = append(s.marked, w.number)
			r.asked++
		}
		if hard && was&askedHard == 0 {
			r.askedHard++
			was |= askedHard
		}
		s.asked[w.number] = was | askedAll
	}
	text, soft := r.content, r.soft
	for i := 0; i < len(text); i++ {
		switch {
		case isHan(text[i]):
			mark(&r.words.chars[i], charTerm(text[i]), !soft[i])
			if i+1 < len(text) && isHan(text[i+1]) {
				mark(&r.words.pairs[i], pairTerm(text[i], text[i+1]), !soft[i] && !soft[i+1])
			}
		case isWord(text[i]):
			j := i
			for j < len(text) && isWord(text[j]) {
				j++
			}
			mark(&r.words.chars[i], runTerm(text[i:j]), !soft[i])
			i = j - 1
		}
	}
}

// inquiry is a question as it is held against names.
type inquiry struct {
	whole string // folded, nothing taken out
	text  string // the matter without soft words
	terms int    // of the matter, each once
	hard  int    // of text
}

// add adds a term's postings to the scores; weight is what a full use of it
// is worth.
func (s *scratch) add(list []posting, weight float32) {
	weight *= (saturation + 1) / fullUse
	for _, p := range list {
		u := p.unit()
		if s.scores[u] == 0 {
			s.touched = append(s.touched, u)
		}
		s.scores[u] += weight * float32(p&fullUse)
	}
}

func (x *index) release(s *scratch) {
	for _, u := range s.touched {
		s.scores[u] = 0
	}
	for _, n := range s.marked {
		s.asked[n] = 0
	}
	for _, n := range s.met {
		s.shared[n] = 0
	}
	s.touched, s.marked, s.met = s.touched[:0], s.marked[:0], s.met[:0]
	x.scratch.Put(s)
}

// firsts are the best units of the first pass, one for each guide, the worst
// of them on top of a heap.
func (x *index) firsts(s *scratch, keep filter) []candidate {
	top := s.top[:0]
	for _, u := range s.touched {
		score := s.scores[u]
		g := x.units[u].guide
		if x.away[g] {
			score *= awayFactor
		}
		if len(top) == rankDepth && score <= top[0].score || keep != nil && !keep(&x.guides[g]) {
			continue
		}
		if x.units[u].passage >= 0 {
			if at := slices.IndexFunc(top, func(p place) bool { return p.guide == g }); at >= 0 {
				if score > top[at].score {
					top[at].score, top[at].unit = score, u
					sink(top, at)
				}
				continue
			}
		}
		p := place{score, g, u}
		if len(top) < rankDepth {
			top = append(top, p)
			rise(top, len(top)-1)
		} else {
			top[0] = p
			sink(top, 0)
		}
	}
	s.top, s.best = top, s.best[:0]
	for _, p := range top {
		s.best = append(s.best, candidate{guide: int(p.guide), unit: p.unit, score: p.score})
	}
	return s.best
}

// rise and sink keep the heap's order after one candidate changed.
func rise(heap []place, i int) {
	for i > 0 {
		up := (i - 1) / 2
		if heap[up].score <= heap[i].score {
			return
		}
		heap[up], heap[i] = heap[i], heap[up]
		i = up
	}
}

func sink(heap []place, i int) {
	for {
		least, left := i, 2*i+1
		for _, k := range [2]int{left, left + 1} {
			if k < len(heap) && heap[k].score < heap[least].score {
				least = k
			}
		}
		if least == i {
			return
		}
		heap[least], heap[i] = heap[i], heap[least]
		i = least
	}
}

// compare adds what the names of a guide say about a question, which shares so
// much with each of all names.
func (x *index) compare(c *candidate, q inquiry, with []shared) {
	if x.guides[c.guide].Type == TypePolicy {
		return
	}
	var first, second float32 // likeness with soft words, which the order goes by
	for i, s := range with[x.named.first[c.guide]:x.named.first[c.guide+1]] {
		if s == 0 {
			continue
		}
		n := &x.names[c.guide][i]
		likeness := dice(s.all(), q.terms, n.terms)
		first, second = max(first, likeness), max(second, min(first, likeness))
		if shared := s.hard(); shared > 0 {
			c.likeness = max(c.likeness, dice(shared, q.hard, n.hard))
			c.called(n, q, float32(shared)/float32(n.hard))
		}
	}
	c.second = c.score * nameGain * secondName * second
	c.score *= 1 + nameGain*first
	if c.exact || c.said {
		c.score *= 1.5
		c.second *= 1.5
	}
}

// called notes how far a question says a name, of which it has the share held.
// A name of which the question words left a stump (公司 of 办公司) is only half
// a name: it counts whole where the question says all of it.
func (c *candidate) called(n *name, q inquiry, held float32) {
	if n.loose && n.textSize < looseName {
		return // 饭 out of 没饭吃没地方睡
	}
	stump := n.textSize <= 2 && n.textSize < n.wholeSize && !strings.Contains(q.whole, n.whole)
	if stump {
		held *= stumpWorth
	}
	c.held = max(c.held, held)
	if !n.loose && n.plain && q.text == n.text && (n.textSize > 2 || n.text == n.whole) || q.whole == n.whole {
		c.exact = true
	}
	if n.textSize >= 2 && n.textSize > c.within && !stump && strings.Contains(q.text, n.text) {
		c.within, c.call = n.textSize, n.text
	}
	if n.wholeSize >= wholeName && n.wholeSize > c.within && strings.Contains(q.whole, n.whole) {
		c.within, c.said, c.call = n.wholeSize, true, n.whole
	}
}

func dice(shared, a, b int) float32 { return 2 * float32(shared) / float32(a+b) }
