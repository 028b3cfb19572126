package knowledge

import "regexp"

// runes is a set of the characters of a text, by their low ten bits: it may
// say that a character is there when it is not, never the other way round.
type runes [16]uint64

func runesOf(text []rune) *runes {
	var s runes
	for _, r := range text {
		s.put(r)
	}
	return &s
}

func (s *runes) put(r rune) { s[r>>6&15] |= 1 << (r & 63) }

func (s *runes) has(r rune) bool { return s[r>>6&15]>>(r&63)&1 != 0 }

// pattern is a regular expression that is only tried on texts that can fit:
// of each of its needs at least one character stands in the text. Most
// questions fit none of them, and to find that out costs next to nothing.
type pattern struct {
	form  *regexp.Regexp // finds where
	auto  *automaton     // says whether
	needs [][]rune
}

func newPattern(form string, needs ...string) pattern {
	p := pattern{form: regexp.MustCompile(form), auto: newAutomaton(form)}
	for _, n := range needs {
		p.needs = append(p.needs, []rune(n))
	}
	return p
}

// fits says whether the pattern stands in a question.
func (p *pattern) fits(r *routed) bool { return p.can(r) && p.auto.in(r.text) }

// in is where the pattern stands in a question; empty: nowhere.
func (p *pattern) in(r *routed) string {
	if !p.fits(r) {
		return ""
	}
	return p.form.FindString(r.plain)
}

func (p *pattern) can(r *routed) bool {
	for _, need := range p.needs {
		if !r.hasAny(need) {
			return false
		}
	}
	return true
}

func (r *routed) hasAny(need []rune) bool {
	for _, c := range need {
		if r.chars.has(c) {
			return true
		}
	}
	return false
}
