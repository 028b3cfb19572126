package knowledge

import "regexp/syntax"

// automaton says whether a regular expression matches anywhere in a text, and
// nothing else: every way through it is followed at once, character by
// character, and a way is begun only at a character with which one can begin.
// For the patterns of questions, a few words one after the other, that is
// several times quicker than to search for where they match.
type automaton struct {
	steps  []step
	begin  arrival        // before the first character
	always bool           // even nothing at the end of a text matches
	first  runes          // of later ones, those with which a way begins
	by     map[rune][]way // the ways that begin with a character
	wide   []way          // and those that begin with any of many
}

// way is the number of a step.
type way uint16

// step takes one character.
type step struct {
	char rune         // the one it takes
	many *syntax.Inst // nil: none but char
	then arrival
}

// arrival is where one gets without another character.
type arrival struct {
	next       []way
	done, last bool // it has matched; it has if the text ends here
}

func (s *step) takes(c rune) bool {
	if s.many == nil {
		return s.char == c
	}
	return s.many.MatchRune(c)
}

// newAutomaton makes it of an expression, which is part of the program and must
// be well formed and ask for no word boundaries.
func newAutomaton(form string) *automaton {
	parsed, err := syntax.Parse(form, syntax.Perl)
	if err != nil {
		panic(err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		panic(err)
	}
	b := automatonBuilder{prog: prog, a: &automaton{by: map[rune][]way{}}, numbers: map[uint32]way{}}
	b.a.begin = b.reach(uint32(prog.Start), true)
	later := b.reach(uint32(prog.Start), false)
	b.a.always = later.last
	for _, w := range later.next {
		if s := &b.a.steps[w]; s.many == nil {
			b.a.first.put(s.char)
			b.a.by[s.char] = append(b.a.by[s.char], w)
		} else {
			b.a.wide = append(b.a.wide, w)
		}
	}
	return b.a
}

type automatonBuilder struct {
	prog    *syntax.Prog
	a       *automaton
	numbers map[uint32]way // of the steps, by instruction
}

// reach follows what takes no character from an instruction on.
func (b *automatonBuilder) reach(from uint32, atBegin bool) arrival {
	var r arrival
	type place struct {
		at    uint32
		ended bool // the text must have ended
	}
	seen := map[place]bool{}
	var follow func(p place)
	follow = func(p place) {
		if seen[p] {
			return
		}
		seen[p] = true
		switch inst := &b.prog.Inst[p.at]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			follow(place{inst.Out, p.ended})
			follow(place{inst.Arg, p.ended})
		case syntax.InstCapture, syntax.InstNop:
			follow(place{inst.Out, p.ended})
		case syntax.InstEmptyWidth:
			switch syntax.EmptyOp(inst.Arg) {
			case syntax.EmptyBeginText:
				if atBegin {
					follow(place{inst.Out, p.ended})
				}
			case syntax.EmptyEndText:
				follow(place{inst.Out, true})
			default:
				panic("a pattern asks for the beginning of a line or a word")
			}
		case syntax.InstMatch:
			r.done, r.last = r.done || !p.ended, true
		case syntax.InstFail:
		default:
			if !p.ended {
				r.next = append(r.next, b.step(p.at))
			}
		}
	}
	follow(place{at: from})
	return r
}

// step is the number of the step of an instruction.
func (b *automatonBuilder) step(at uint32) way {
	if w, ok := b.numbers[at]; ok {
		return w
	}
	w := way(len(b.a.steps))
	b.numbers[at] = w
	inst := &b.prog.Inst[at]
	s := step{many: inst}
	if inst.Op == syntax.InstRune1 {
		s = step{char: inst.Rune[0]}
	}
	b.a.steps = append(b.a.steps, s)
	then := b.reach(inst.Out, false) // which may add steps
	b.a.steps[w].then = then
	return w
}

// in says whether the expression matches in a text.
func (a *automaton) in(text []rune) bool {
	if a.always || a.begin.done || len(text) == 0 && a.begin.last {
		return true
	}
	var room [2][48]way
	at, next := room[0][:0], room[1][:0]
	for i, c := range text {
		last := i == len(text)-1
		matched := false
		try := func(ways []way) {
			for _, w := range ways {
				if s := &a.steps[w]; s.takes(c) {
					matched = matched || s.then.done || last && s.then.last
					next = addOnce(next, w)
				}
			}
		}
		for _, w := range at {
			try(a.steps[w].then.next)
		}
		if i == 0 {
			try(a.begin.next)
		} else {
			if a.first.has(c) {
				try(a.by[c])
			}
			try(a.wide)
		}
		if matched {
			return true
		}
		at, next = next, at[:0]
	}
	return false
}

func addOnce(ways []way, w way) []way {
	for _, have := range ways {
		if have == w {
			return ways
		}
	}
	return append(ways, w)
}
