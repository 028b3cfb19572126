package knowledge

import (
	"math"
	"slices"
)

// vocabulary numbers the terms of an index.
type vocabulary struct {
	chars  []uint32 // of the basic plane, one more than the number; 0: none
	others map[term]uint32
	n      uint32
}

func newVocabulary() vocabulary {
	return vocabulary{chars: make([]uint32, 1<<16), others: map[term]uint32{}}
}

func (v *vocabulary) size() int { return int(v.n) }

// number of a term, if it stands anywhere.
func (v *vocabulary) number(t term) (uint32, bool) {
	if t&kindMask == kindChar && t&^kindMask < 1<<16 {
		n := v.chars[t&^kindMask]
		return n - 1, n != 0
	}
	n, known := v.others[t]
	return n, known
}

// add numbers a term.
func (v *vocabulary) add(t term) uint32 {
	if n, known := v.number(t); known {
		return n
	}
	n := v.n
	v.n++
	if t&kindMask == kindChar && t&^kindMask < 1<<16 {
		v.chars[t&^kindMask] = n + 1
	} else {
		v.others[t] = n
	}
	return n
}

// tallying counts the terms of one unit at a time.
type tallying struct {
	terms *vocabulary
	at    []int32 // of each term, one more than its place in found; 0: not in this unit
	found []uint32
	n     []count
}

func (c *tallying) reset() {
	for _, t := range c.found {
		c.at[t] = 0
	}
	c.found, c.n = c.found[:0], c.n[:0]
}

func (c *tallying) add(t term, where func(*count)) {
	n := c.terms.add(t)
	for int(n) >= len(c.at) {
		c.at = append(c.at, make([]int32, max(1024, len(c.at)))...)
	}
	if c.at[n] == 0 {
		c.found, c.n = append(c.found, n), append(c.n, count{})
		c.at[n] = int32(len(c.found))
	}
	where(&c.n[c.at[n]-1])
}

// unit counts the terms of a unit's parts. Sounds are counted in names only:
// in bodies they were measured to find nothing more, at half the memory again.
func (c *tallying) unit(title, alias, body []rune) {
	c.reset()
	each := func(text []rune, where func(*count)) {
		eachTerm(text, func(t term) { c.add(t, where) })
	}
	inTitle, inAlias := func(n *count) { n.title++ }, func(n *count) { n.alias++ }
	each(title, inTitle)
	eachSound(title, func(t term) { c.add(t, inTitle) })
	each(alias, inAlias)
	eachSound(alias, func(t term) { c.add(t, inAlias) })
	each(body, func(n *count) { n.body++ })
}

// count lays out the postings: once through the texts to know how many each
// term has, once more to fill them in, so that they take no more room than
// they need.
func (x *index) count() {
	c := &tallying{terms: &x.terms}
	sizes := make([]count, len(x.units))
	var mean count
	var held []uint32 // of each term, in how many units it stands
	for u := range x.units {
		title, alias, body := x.parts(x.units[u])
		c.unit(title, alias, body)
		held = append(held, make([]uint32, x.terms.size()-len(held))...)
		for _, t := range c.found {
			held[t]++
		}
		sizes[u] = count{float32(len(title)), float32(len(alias)), float32(len(body))}
		mean.title += sizes[u].title / float32(len(x.units))
		mean.alias += sizes[u].alias / float32(len(x.units))
		mean.body += sizes[u].body / float32(len(x.units))
	}
	x.unseen = x.idf(0)
	x.starts = make([]uint32, len(held)+1)
	for t, n := range held {
		x.starts[t+1] = x.starts[t] + n
	}
	x.postings = make([]posting, x.starts[len(held)])
	x.rarity = make([]float32, len(held))
	for t := range x.rarity {
		x.rarity[t] = x.idf(int(x.starts[t+1] - x.starts[t]))
	}
	next := slices.Clone(x.starts)
	for u := range x.units {
		c.unit(x.parts(x.units[u]))
		for i, t := range c.found {
			x.postings[next[t]] = postingOf(uint32(u), c.n[i], sizes[u], mean)
			next[t]++
		}
	}
}

// postingOf saturates how often a term stands in a unit.
func postingOf(u uint32, n, size, mean count) posting {
	tf := titleWeight*normed(n.title, size.title, mean.title, lengthNorm) +
		aliasWeight*normed(n.alias, size.alias, mean.alias, nameNorm) +
		bodyWeight*normed(n.body, size.body, mean.body, lengthNorm)
	use := float64(tf / (saturation + tf))
	p := posting(u<<unitShift) | posting(max(1, math.Round(use*fullUse)))
	if n.title+n.alias > 0 {
		p |= inName
	}
	return p
}

func normed(n, size, mean, b float32) float32 {
	if n == 0 {
		return 0
	}
	if mean <= 0 {
		mean = 1
	}
	return n / (1 - b + b*size/mean)
}
