package knowledge

import (
	"encoding/binary"
	"maps"
	"slices"
)

// branch is a place in a tree of phrases. Trees are only what states are made
// from: as one tree the products of askings would have 170,000 branches.
type branch struct {
	next map[rune]*branch
	cue  *cue // of the phrase that ends here
}

func newBranch() *branch { return &branch{next: map[rune]*branch{}} }

// put keeps a phrase in place of one that is there.
func (b *branch) put(text []rune, c cue) {
	for _, r := range text {
		if b.next[r] == nil {
			b.next[r] = newBranch()
		}
		b = b.next[r]
	}
	b.cue = &c
}

// product is an asking: a tree for each of its parts.
type product []*branch

// foothold is a place within a part of a product.
type foothold struct {
	of   product
	part int
	at   *branch
}

// front is everywhere one may be after the same characters: in the listed
// phrases, nil if nowhere, and in the products, in their order.
type front struct {
	listed *branch
	places []foothold
}

func begin(listed *branch, products []product) front {
	f := front{listed: listed}
	for _, p := range products {
		f.enter(foothold{p, 0, p[0]})
	}
	return f
}

// enter adds a place, and where one is as well when a part ends there.
func (f *front) enter(p foothold) {
	if slices.ContainsFunc(f.places, func(q foothold) bool { return q.at == p.at }) {
		return
	}
	f.places = append(f.places, p)
	if next := p.part + 1; p.at.cue != nil && next < len(p.of) {
		f.enter(foothold{p.of, next, p.of[next]})
	}
}

// cue is of the phrase that ends here: one that is listed by itself, or else
// of the first product that has one.
func (f *front) cue() *cue {
	if f.listed != nil && f.listed.cue != nil {
		return f.listed.cue
	}
	for _, p := range f.places {
		if p.at.cue != nil && p.part == len(p.of)-1 {
			return p.at.cue
		}
	}
	return nil
}

func (f *front) step(r rune) front {
	var to front
	if f.listed != nil {
		to.listed = f.listed.next[r]
	}
	for _, p := range f.places {
		if at := p.at.next[r]; at != nil {
			to.enter(foothold{p.of, p.part, at})
		}
	}
	return to
}

// runes are the characters that lead on, in order.
func (f *front) runes() []rune {
	all := map[rune]bool{}
	if f.listed != nil {
		for r := range f.listed.next {
			all[r] = true
		}
	}
	for _, p := range f.places {
		for r := range p.at.next {
			all[r] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// states are those made so far, by their fronts.
type states struct {
	known map[string]*state
	names map[*branch]uint32
}

func newStates() states { return states{map[string]*state{}, map[*branch]uint32{}} }

// of is the state of a front. Fronts that lead on alike share it.
func (s states) of(f front) *state {
	key := s.key(&f)
	if known := s.known[key]; known != nil {
		return known
	}
	made := &state{cue: f.cue(), runes: f.runes()}
	for _, r := range made.runes {
		made.next = append(made.next, s.of(f.step(r)))
	}
	s.known[key] = made
	return made
}

func (s states) key(f *front) string {
	key := binary.LittleEndian.AppendUint32(nil, s.name(f.listed))
	for _, p := range f.places {
		key = binary.LittleEndian.AppendUint32(key, s.name(p.at))
	}
	return string(key)
}

func (s states) name(b *branch) uint32 {
	name, known := s.names[b]
	if !known {
		name = uint32(len(s.names))
		s.names[b] = name
	}
	return name
}
