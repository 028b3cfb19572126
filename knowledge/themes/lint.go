package themes

import (
	"fmt"
	"maps"
	"slices"
)

// Check finds what makes a theme unusable: too many questions, conditions on
// questions or options that are not there, steps in a circle or out of order,
// papers twice. One sentence a fault, for operators.
func (c *Catalogue) Check() []string {
	var faults []string
	for _, t := range c.themes {
		for _, f := range t.check(c) {
			faults = append(faults, fmt.Sprintf("%s：%s：%s", t.File, t.ID, f))
		}
	}
	return faults
}

func (t *Theme) check(c *Catalogue) []string {
	faults := t.checkFields()
	faults = append(faults, t.checkConditions(c)...)
	return append(faults, t.checkSteps()...)
}

// Lint walks every way through every tree, where Check finds nothing: every
// matter is reached by some answers, every question changes something, every
// plan has matters, and who is unsure of everything sees the superset. One
// sentence a fault, for operators. It takes a few milliseconds a theme.
func (c *Catalogue) Lint() []string {
	if faults := c.Check(); len(faults) > 0 {
		return faults
	}
	var faults []string
	for _, t := range c.themes {
		for _, f := range t.checkTree() {
			faults = append(faults, fmt.Sprintf("%s：%s：%s", t.File, t.ID, f))
		}
	}
	return faults
}

func (t *Theme) checkFields() []string {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if t.ID == "" || t.Title == "" || t.Who == "" || t.Where == "" || t.AsOf == "" || len(t.SourceIDs) == 0 {
		add("编号、标题、对象、地点、时间和来源都要有")
	}
	if len(t.Questions) == 0 || len(t.Questions) > MostQuestions {
		add("有 %d 个问题，应当是 1 到 %d 个", len(t.Questions), MostQuestions)
	}
	if len(t.Aliases)+len(t.Starts) == 0 {
		add("没有名称或说法能找到它")
	}
	for _, q := range t.Questions {
		if q.Ask == "" || q.Label == "" || q.Why == "" || q.Unsure == "" || len(q.Options) < 2 {
			add("问题 %s 要有问法、名称、理由、不确定时的说法和至少两个选项", q.ID)
		}
		seen := map[string]bool{}
		for _, o := range q.Options {
			if o.ID == "" || o.Text == "" || o.ID == Unsure || seen[o.ID] {
				add("问题 %s 的选项 %q 缺字、重复或占用了不确定", q.ID, o.ID)
			}
			seen[o.ID] = true
		}
		for _, r := range q.Reckons {
			if r.Unit == "" || r.Least <= 0 || len(r.Of) == 0 || !seen[r.Reached] || !seen[r.Short] {
				add("问题 %s 的数目要有单位、界线、说的是什么，两头都是它的选项", q.ID)
			}
		}
	}
	names := map[string]bool{}
	for _, m := range t.Materials {
		if names[m.Name] {
			add("材料“%s”列了两次", m.Name)
		}
		names[m.Name] = true
		if m.Waive.strictness() == 0 {
			add("材料“%s”的免交方式 %q 不认识", m.Name, m.Waive)
		}
		if (m.Waive == ELicence) != (m.Licence != "") {
			add("材料“%s”：电子证照和证照种类要一起写", m.Name)
		}
	}
	return faults
}

// checkConditions finds what points at nothing.
func (t *Theme) checkConditions(c *Catalogue) []string {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	items := map[string]bool{}
	for _, i := range t.Items {
		if i.ID == "" || i.Name == "" || i.Dept == "" || items[i.ID] {
			add("事项 %q 缺字或重复", i.ID)
		}
		items[i.ID] = true
		if i.Theme != "" && c.Theme(i.Theme) == nil {
			add("事项 %s 指向没有的主题 %s", i.ID, i.Theme)
		}
	}
	refers := func(what string, ids []string) {
		for _, id := range ids {
			if !items[id] {
				add("%s 指向没有的事项 %s", what, id)
			}
		}
	}
	conds := map[string]Cond{}
	for _, i := range t.Items {
		conds["事项 "+i.ID] = i.On
	}
	for _, m := range t.Materials {
		conds["材料 "+m.Name] = m.When
		refers("材料“"+m.Name+"”", m.For)
	}
	for _, s := range t.Steps {
		conds["步骤 "+s.ID] = s.When
		refers("步骤 "+s.ID, s.Items)
	}
	for i, q := range t.Questions {
		conds["问题 "+q.ID] = q.When
		for name := range questionsOf(q.When) {
			if slices.IndexFunc(t.Questions[:i], func(x Question) bool { return x.ID == name }) < 0 {
				add("问题 %s 要看的 %s 不在它前面", q.ID, name)
			}
		}
		for _, o := range q.Options {
			if o.Goto != "" && c.Theme(o.Goto) == nil {
				add("选项 %s 指向没有的主题 %s", o.ID, o.Goto)
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(conds)) {
		faults = append(faults, t.checkCond(what, conds[what])...)
	}
	return faults
}

func questionsOf(c Cond) map[string]bool {
	names := map[string]bool{}
	for _, row := range c {
		for q := range row {
			names[q] = true
		}
	}
	return names
}

func (t *Theme) checkCond(what string, c Cond) []string {
	var faults []string
	for _, row := range c {
		for name, options := range row {
			q := t.question(name)
			if q == nil {
				faults = append(faults, fmt.Sprintf("%s 的条件里没有问题 %s", what, name))
				continue
			}
			for _, o := range options {
				if _, ok := q.Option(o); !ok {
					faults = append(faults, fmt.Sprintf("%s 的条件里，问题 %s 没有选项 %s", what, name, o))
				}
			}
		}
	}
	return faults
}

// checkSteps wants each step after those it waits for; then no circle is
// possible.
func (t *Theme) checkSteps() []string {
	var faults []string
	seen := map[string]bool{}
	for _, s := range t.Steps {
		if s.ID == "" || s.Do == "" || seen[s.ID] {
			faults = append(faults, fmt.Sprintf("步骤 %q 缺字或重复", s.ID))
		}
		for _, id := range s.After {
			if !seen[id] {
				faults = append(faults, fmt.Sprintf("步骤 %s 要等的 %s 不在它前面，会绕圈", s.ID, id))
			}
		}
		seen[s.ID] = true
	}
	if len(t.Steps) == 0 {
		faults = append(faults, "没有步骤")
	}
	return faults
}

func (t *Theme) checkTree() []string {
	var faults []string
	reached, asked := map[string]bool{}, map[string]bool{}
	all := t.Plan(t.everything(Unsure))
	t.walk(Answers{}, func(a Answers, put []string) {
		if len(put) > MostQuestions {
			faults = append(faults, fmt.Sprintf("问了 %d 个问题才到底", len(put)))
		}
		for _, q := range put {
			asked[q] = true
		}
		p := t.Plan(a)
		if len(p.Items) == 0 && p.Goto == "" {
			faults = append(faults, fmt.Sprintf("答案 %v 没有任何事项", a))
		}
		for _, m := range p.Items {
			reached[m.ID] = true
			if _, ok := all.item(m.ID); !ok {
				faults = append(faults, fmt.Sprintf("不确定时少了事项 %s", m.ID))
			}
		}
	})
	for _, i := range t.Items {
		if !reached[i.ID] {
			faults = append(faults, fmt.Sprintf("事项 %s 怎么答都到不了", i.ID))
		}
	}
	for _, q := range t.Questions {
		if !asked[q.ID] {
			faults = append(faults, fmt.Sprintf("问题 %s 问了也不改变结果", q.ID))
		}
	}
	return faults
}

func (t *Theme) everything(option string) Answers {
	a := Answers{}
	for _, q := range t.Questions {
		a[q.ID] = option
	}
	return a
}

// walk visits every way through the questions, not being sure among the
// answers, with the questions that were put on it.
func (t *Theme) walk(a Answers, visit func(a Answers, put []string)) {
	var put []string
	for _, q := range t.Questions {
		if a[q.ID] != "" {
			put = append(put, q.ID)
		}
	}
	q := t.Next(a)
	if q == nil {
		visit(a, put)
		return
	}
	for _, o := range append(slices.Clip(q.Options), Option{ID: Unsure}) {
		t.walk(a.with(q.ID, o.ID), visit)
	}
}
