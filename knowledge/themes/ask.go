package themes

import "fmt"

// Next is the question to put now, nil when nothing that is still open would
// change the plan.
func (t *Theme) Next(a Answers) *Question {
	for i := range t.Questions {
		if q := &t.Questions[i]; a[q.ID] == "" && t.Matters(q, a) {
			return q
		}
	}
	return nil
}

// Matters says whether the answer to a question changes the plan under the
// answers so far.
func (t *Theme) Matters(q *Question, a Answers) bool {
	if q.When.Under(a) == No {
		return false
	}
	first := ""
	for i, o := range q.Options {
		with := a.with(q.ID, o.ID)
		sign := t.signature(with)
		if i > 0 && sign != first {
			return true
		}
		first = sign
	}
	return false
}

// with is the answers and one more.
func (a Answers) with(question, option string) Answers {
	out := make(Answers, len(a)+1)
	for q, o := range a {
		out[q] = o
	}
	out[question] = option
	return out
}

// signature tells apart answers that lead to different plans.
func (t *Theme) signature(a Answers) string {
	p := t.Plan(a)
	sign := ""
	for _, m := range p.Items {
		sign += fmt.Sprint("i", m.ID, m.Maybe)
	}
	for _, m := range p.Materials {
		sign += fmt.Sprint("m", m.Name, m.Maybe)
	}
	for _, s := range p.Steps {
		sign += fmt.Sprint("s", s.ID, s.Maybe)
	}
	for _, s := range p.Says {
		sign += s
	}
	return sign + p.Goto
}
