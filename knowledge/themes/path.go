package themes

import "slices"

// Path is the chain of steps that decides how long the whole takes.
type Path struct {
	Stages   []Stage
	Working  int // working days of those with a known limit, at most
	Calendar int // calendar days on top of them
	Open     int // steps of the chain without a known limit
}

// Path is the plan's critical path: of all chains the one whose known limits
// add up to most; of equal ones the longer. Aside steps do not count.
func (p *Plan) Path() Path {
	best := map[string][]Stage{}
	var longest []Stage
	for _, s := range p.Steps { // in layers: what a stage waits for is done already
		if s.Aside {
			continue
		}
		var chain []Stage
		for _, id := range s.after {
			if c := best[id]; c != nil && longer(c, chain) {
				chain = c
			}
		}
		chain = append(slices.Clone(chain), s)
		best[s.ID] = chain
		if longer(chain, longest) {
			longest = chain
		}
	}
	return path(longest)
}

func path(stages []Stage) Path {
	p := Path{Stages: stages}
	for _, s := range stages {
		switch {
		case s.Days == 0:
			p.Open++
		case s.CalendarDays:
			p.Calendar += s.Days
		default:
			p.Working += s.Days
		}
	}
	return p
}

// longer compares chains by their known limits (a week of calendar days is
// five working days), then by their steps.
func longer(a, b []Stage) bool {
	x, y := weight(a), weight(b)
	return x > y || x == y && len(a) > len(b)
}

func weight(stages []Stage) int {
	n := 0
	for _, s := range stages {
		if s.CalendarDays {
			n += s.Days * 5
		} else {
			n += s.Days * 7
		}
	}
	return n
}
