package themes

import "slices"

// Plan is what one citizen has to do for a theme.
type Plan struct {
	Theme     *Theme
	Answers   Answers
	Items     []Matter
	Materials []Paper
	Steps     []Stage
	Says      []string // what the answers add, one sentence each
	Goto      string   // a theme that fits better, by an answer
}

// Matter is an item of the plan.
type Matter struct {
	Item
	Maybe bool // only possibly needed: an answer is open
}

// Paper is a material of the plan.
type Paper struct {
	Material
	Maybe bool
}

// Stage is a step of the plan. Layer counts from 0: stages of one layer can be
// done at the same time.
type Stage struct {
	Step
	Maybe bool
	Layer int
	after []string // the stages of this plan it waits for
}

// Visit is one coming in person, with what is done there.
type Visit struct {
	Where string
	Do    []string
	Maybe bool
}

// Plan works out what the answers leave of the theme.
func (t *Theme) Plan(a Answers) Plan {
	p := Plan{Theme: t, Answers: a}
	for _, i := range t.Items {
		if holds := i.On.Under(a); holds != No {
			p.Items = append(p.Items, Matter{i, holds == Maybe})
		}
	}
	p.Materials = t.papers(p, a)
	p.Steps = t.stages(p, a)
	for i := range t.Questions {
		q := &t.Questions[i]
		if q.When.Under(a) == No {
			continue
		}
		if a[q.ID] == Unsure && q.Unsure != "" {
			p.Says = append(p.Says, q.Unsure)
		}
		if o, ok := q.Option(a[q.ID]); ok {
			if o.Say != "" {
				p.Says = append(p.Says, o.Say)
			}
			if o.Goto != "" {
				p.Goto = o.Goto
			}
		}
	}
	return p
}

// item finds an item of the plan.
func (p *Plan) item(id string) (Matter, bool) {
	for _, m := range p.Items {
		if m.ID == id {
			return m, true
		}
	}
	return Matter{}, false
}

// papers are the materials wanted, each once; where two of one name are
// wanted the stricter stands.
func (t *Theme) papers(p Plan, a Answers) []Paper {
	var out []Paper
	for _, m := range t.Materials {
		holds := m.When.Under(a)
		if holds == No {
			continue
		}
		maybe := holds == Maybe
		if len(m.For) > 0 {
			wanted, sure := false, false
			for _, id := range m.For {
				if i, ok := p.item(id); ok {
					wanted, sure = true, sure || !i.Maybe
				}
			}
			if !wanted {
				continue
			}
			maybe = maybe || !sure
		}
		out = merged(out, Paper{m, maybe})
	}
	return out
}

// merged adds a paper to those that are there.
func merged(papers []Paper, p Paper) []Paper {
	at := slices.IndexFunc(papers, func(x Paper) bool { return x.Name == p.Name })
	if at < 0 {
		return append(papers, p)
	}
	x := &papers[at]
	x.Maybe = x.Maybe && p.Maybe
	if p.Waive.strictness() > x.Waive.strictness() {
		x.Waive, x.Licence, x.Note = p.Waive, p.Licence, p.Note
	}
	return papers
}

// stages are the steps that stay, each after those that stay of what it waits
// for; a step that falls away hands on what it waited for.
func (t *Theme) stages(p Plan, a Answers) []Stage {
	var out []Stage
	heirs := map[string][]string{} // what to wait for instead of a step
	for _, s := range t.Steps {
		var after []string
		for _, id := range s.After {
			after = append(after, heirs[id]...)
		}
		truth, kept := p.keeps(s, a)
		if !kept {
			heirs[s.ID] = after
			continue
		}
		heirs[s.ID] = []string{s.ID}
		layer := 0
		for _, x := range out {
			if slices.Contains(after, x.ID) {
				layer = max(layer, x.Layer+1)
			}
		}
		out = append(out, Stage{Step: s, Maybe: truth == Maybe, Layer: layer, after: after})
	}
	slices.SortStableFunc(out, func(a, b Stage) int { return a.Layer - b.Layer })
	return out
}

// keeps says whether a step stays in the plan: its condition is not false and,
// where it does items, at least one of them is left.
func (p *Plan) keeps(s Step, a Answers) (Truth, bool) {
	truth := s.When.Under(a)
	if truth == No {
		return No, false
	}
	if len(s.Items) == 0 {
		return truth, true
	}
	best := No
	for _, id := range s.Items {
		if m, ok := p.item(id); ok {
			if m.Maybe {
				best = max(best, Maybe)
			} else {
				best = Yes
			}
		}
	}
	return min(truth, best), best != No
}

// Visits are the comings in person, those to one place together.
func (p *Plan) Visits() []Visit {
	var out []Visit
	for _, s := range p.Steps {
		if s.Visit == "" {
			continue
		}
		at := slices.IndexFunc(out, func(v Visit) bool { return v.Where == s.Visit })
		if at < 0 {
			out = append(out, Visit{Where: s.Visit, Do: []string{s.Do}, Maybe: s.Maybe})
			continue
		}
		out[at].Do = append(out[at].Do, s.Do)
		out[at].Maybe = out[at].Maybe && s.Maybe
	}
	return out
}

// Departments are the bodies of the plan, each once, in order.
func (p *Plan) Departments() []string {
	var out []string
	for _, m := range p.Items {
		if !slices.Contains(out, m.Dept) {
			out = append(out, m.Dept)
		}
	}
	return out
}

// Unverified are the matters of the plan that rest on common knowledge.
func (p *Plan) Unverified() []string {
	var out []string
	for _, m := range p.Items {
		if m.Unverified {
			out = append(out, m.Name)
		}
	}
	return out
}
