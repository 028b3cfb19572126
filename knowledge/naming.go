package knowledge

import (
	"slices"
	"unicode/utf8"
)

// name is a title or an alias, for comparing with a question.
type name struct {
	whole     string // folded, nothing taken out
	text      string // its matter: without question words and soft ones
	wholeSize int    // characters of whole
	textSize  int    // characters of text
	terms     int    // without question words, each once
	hard      int    // of text; all of them are among those
	loose     bool   // what citizens tell, no name
	plain     bool   // no soft words were taken out of text
}

// naming is in which names a term stands. Names are numbered guide by guide;
// those of policies are compared with nothing and left out.
type naming struct {
	first  []uint32 // the first name of each guide; one more than guides
	starts []uint32 // of each term, where its mentions begin; one more than terms
	list   []mention
}

// mention says that a term stands in a name: its number, and whether the term
// is one of its text.
type mention uint32

const inText mention = 1

func (m mention) name() uint32 { return uint32(m) >> 1 }

// of are the mentions of a term.
func (n *naming) of(term uint32) []mention { return n.list[n.starts[term]:n.starts[term+1]] }

// calls are what a guide is called by: its title, its aliases and how
// citizens tell of their case.
func (g *Guide) calls() []string {
	calls := slices.Concat([]string{g.Title}, g.Aliases, g.Said)
	for _, qa := range g.FAQ {
		calls = append(calls, qa.Q)
	}
	return calls
}

// foldHears folds once how citizens tell of the cases of guides.
func (x *index) foldHears() {
	x.folded = map[string]string{}
	for i := range x.guides {
		for _, s := range x.guides[i].Situations {
			for _, o := range s.Options {
				for _, h := range o.Hears {
					x.folded[h] = string(fold(h))
				}
			}
		}
	}
}

// fold is fold, without folding again what foldHears did.
func (x *index) fold(s string) string {
	if folded, ok := x.folded[s]; ok {
		return folded
	}
	return string(fold(s))
}

// name learns what the guides are called.
func (x *index) name() {
	mentions := make([][]mention, x.terms.size())
	n := uint32(0)
	for i := range x.guides {
		g := &x.guides[i]
		x.named.first = append(x.named.first, n)
		for k, call := range g.calls() {
			whole := fold(call)
			called, terms, hard := x.newName(whole, x.lexicon.content(whole, nil))
			called.loose = k > len(g.Aliases)
			x.names[i] = append(x.names[i], called)
			if g.Type == TypePolicy {
				continue
			}
			for _, t := range terms {
				m := mention(n << 1)
				if slices.Contains(hard, t) {
					m |= inText
				}
				mentions[t] = append(mentions[t], m)
			}
			n++
		}
	}
	x.named.first = append(x.named.first, n)
	for _, list := range mentions {
		x.named.starts = append(x.named.starts, uint32(len(x.named.list)))
		x.named.list = append(x.named.list, list...)
	}
	x.named.starts = append(x.named.starts, uint32(len(x.named.list)))
}

// newName takes a name apart; its terms, and those of its text, by number.
func (x *index) newName(whole, content []rune) (n name, terms, hard []uint32) {
	if len(squeeze(content)) == 0 {
		content = whole // 怎么预约 has no other words
	}
	terms = x.numbered(termsOf(content))
	n.whole = squeeze(whole)
	rest := append([]rune(nil), content...)
	for _, s := range x.lexicon.spans(whole) {
		for i := s.from; s.soft && i < s.to; i++ {
			rest[i] = ' '
		}
	}
	n.plain = squeeze(rest) == squeeze(content)
	if len([]rune(squeeze(rest))) >= 2 {
		content = rest
	} else {
		n.plain = true
	}
	n.text, hard = squeeze(content), x.numbered(termsOf(content))
	n.terms, n.hard = len(terms), len(hard)
	n.wholeSize, n.textSize = utf8.RuneCountInString(n.whole), utf8.RuneCountInString(n.text)
	return n, terms, hard
}

// numbered are the numbers of a name's terms.
func (x *index) numbered(terms []term) []uint32 {
	numbers := make([]uint32, 0, len(terms))
	for _, t := range terms {
		if n, known := x.terms.number(t); known { // all of them are
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// shared is how many terms a question and a name share: at all in the lower
// half, and of both texts in the upper.
type shared uint32

const oneOfTexts shared = 1 << 16

func (s shared) all() int  { return int(s & (oneOfTexts - 1)) }
func (s shared) hard() int { return int(s >> 16) }

// meet counts what the question, whose terms are marked, shares with the names.
func (x *index) meet(s *scratch) {
	for _, t := range s.marked {
		both := oneOfTexts + 1
		if s.asked[t]&askedHard == 0 {
			both = 1
		}
		for _, m := range x.named.of(t) {
			at := &s.shared[m.name()]
			if *at == 0 {
				s.met = append(s.met, m.name())
			}
			if m&inText != 0 {
				*at += both
			} else {
				*at++
			}
		}
	}
}
