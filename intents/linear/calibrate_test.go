package linear

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDecide(t *testing.T) {
	thresholds := Thresholds{Accept: 0.2, Lead: 0.5, Abstain: -0.5, Gap: 0.5, Reject: "oos"}
	rank := func(pairs ...any) (out []Ranked) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, Ranked{Label: pairs[i].(string), Margin: pairs[i+1].(float64)})
		}
		return out
	}
	for _, c := range []struct {
		name   string
		ranked []Ranked
		want   Decision
	}{
		{"nothing", nil, Abstain},
		{"sure", rank("a", 1.0, "b", -1.0), Accept},
		{"just sure", rank("a", 0.0, "b", -0.5), Accept},
		{"close", rank("a", 0.2, "b", 0.1), Clarify},
		{"weak, far ahead", rank("a", -0.2, "b", -0.9), Accept},
		{"weak", rank("a", -0.2, "b", -0.5), Clarify},
		{"too weak", rank("a", -0.6, "b", -0.9), Abstain},
		{"nobody's", rank("oos", 1.0, "a", -0.9), Abstain},
		{"nobody's, or perhaps", rank("oos", 0.1, "a", 0.0), Clarify},
		{"nobody's, or hardly", rank("oos", -0.4, "a", -0.6), Abstain},
		{"alone", rank("a", 0.1), Accept},
	} {
		if got := thresholds.Decide(c.ranked); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestFitThresholds(t *testing.T) {
	var cases []judged
	add := func(n int, margin, lead float64, right, reject bool) {
		for range n {
			cases = append(cases, judged{margin: margin, lead: lead, label: "a", right: right, near: !reject, reject: reject})
		}
	}
	add(200, 1, 1, true, false)      // clear
	add(40, 0.5, 0.1, false, false)  // wrong, yet with little lead
	add(80, 0.3, 0.9, true, false)   // right, weaker
	add(60, -0.4, 0.5, false, false) // neither
	add(90, -0.9, 0.5, false, true)  // nobody's
	got := fitThresholds(cases, Options{Reject: "oos", WrongAccept: 0.03})
	rank := func(margin, lead float64) []Ranked {
		return []Ranked{{Label: "a", Margin: margin}, {Label: "b", Margin: margin - lead}}
	}
	for _, c := range []struct {
		margin, lead float64
		want         Decision
	}{{1, 1, Accept}, {0.3, 0.9, Accept}, {0.5, 0.1, Clarify}, {-0.9, 0.5, Abstain}} {
		if d := got.Decide(rank(c.margin, c.lead)); d != c.want {
			t.Errorf("a margin of %.1f with a lead of %.1f: %v, want %v by %+v", c.margin, c.lead, d, c.want, got)
		}
	}
	hopeless := fitThresholds(cases[200:240], Options{Reject: "oos", WrongAccept: -1})
	if d := hopeless.Decide(rank(9, 18)); d == Accept {
		t.Error("accepted though nothing was safe")
	}
}

// A dozen examples more or less must not move the thresholds: every label the
// service has would be asked about otherwise after a lesson learnt.
func TestThresholdsHardlyMoveWithADozenExamples(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	var cases []judged
	for range 4000 {
		margin, lead := random.NormFloat64()*0.5, 1.5*random.Float64()
		right := random.Float64() < logistic(1+3*margin+3*lead)
		cases = append(cases, judged{
			margin: margin, lead: lead, label: []string{"a", "strict"}[random.IntN(2)], right: right,
			near: right || random.Float64() < 0.7, reject: !right && random.Float64() < logistic(-4*margin-2),
		})
	}
	o := Options{Reject: "oos", WrongAccept: 0.06, Strict: []string{"strict"}, StrictWrong: 0.04}
	whole := fitThresholds(cases, o)
	for name, drop := range map[string]func(judged) bool{
		"any": func(judged) bool { return true }, "right": func(c judged) bool { return c.right },
		"wrong": func(c judged) bool { return !c.right }, "nobody's": func(c judged) bool { return c.reject },
	} {
		left := 12
		got := fitThresholds(slices.DeleteFunc(slices.Clone(cases), func(c judged) bool {
			if left == 0 || !drop(c) {
				return false
			}
			left--
			return true
		}), o)
		for what, d := range map[string]float64{
			"accept": got.Accept - whole.Accept, "lead": got.Lead - whole.Lead, "abstain": got.Abstain - whole.Abstain,
			"strict accept": got.StrictAccept - whole.StrictAccept, "strict lead": got.StrictLead - whole.StrictLead,
		} {
			if math.Abs(d) > 0.03 {
				t.Errorf("without twelve %s examples %s moves by %.3f", name, what, d)
			}
		}
	}
}

func TestFitTemperature(t *testing.T) {
	// A lead of 1 is right nine times in ten: e^t/(1+e^t) = 0.9 at t = ln 9.
	var rankings [][]Ranked
	var examples []Example
	for i := range 100 {
		label := "a"
		if i%10 == 0 {
			label = "b"
		}
		rankings = append(rankings, []Ranked{{Label: "a", Margin: 1}, {Label: "b", Margin: 0}})
		examples = append(examples, Example{Label: label})
	}
	if got := fitTemperature(rankings, examples); math.Abs(got-math.Log(9)) > 0.05 {
		t.Errorf("temperature %.2f, want %.2f", got, math.Log(9))
	}
}

func TestThresholdsKeepTheirPromiseOnHeldBackExamples(t *testing.T) {
	examples, o := corpus(), Chinese()
	run := &training{examples: examples, options: o}
	run.labels, run.of = labelsOf(examples)
	run.prepare()
	if err := run.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	thresholds, _ := run.calibrate()
	m := &Model{labels: run.labels, temperature: 1}
	accepted, wrong := 0, 0
	for i, e := range examples {
		ranked := m.ranked(run.held[i*run.machines():][:len(run.labels)])
		if thresholds.Decide(ranked) == Accept {
			accepted++
			if ranked[0].Label != e.Label {
				wrong++
			}
		}
	}
	if accepted < len(examples)/3 || float64(wrong) > o.WrongAccept*float64(accepted) {
		t.Errorf("%d of %d accepted, %d of them wrong", accepted, len(examples), wrong)
	}
}

// The margins of a fold held back inside Train must be those of a model that
// has truly never seen the fold.
func TestHeldBackMarginsAreHonest(t *testing.T) {
	examples, o := corpus(), Chinese()
	run := &training{examples: examples, options: o}
	run.labels, run.of = labelsOf(examples)
	run.prepare()
	if err := run.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	var learn []Example
	for i, e := range examples {
		if run.fold[i] != 0 {
			learn = append(learn, e)
		}
	}
	o.Folds = 0
	m, err := Train(context.Background(), learn, o)
	if err != nil {
		t.Fatal(err)
	}
	off, n := 0.0, 0
	for i, e := range examples {
		if run.fold[i] != 0 {
			continue
		}
		for _, r := range m.Rank(e.Text) {
			for label, name := range run.labels {
				if name == r.Label {
					off += math.Abs(r.Margin - float64(run.held[i*len(run.labels)+label]))
					n++
				}
			}
		}
	}
	if mean := off / float64(n); mean > 0.04 {
		t.Errorf("held-back margins are off by %.3f on average", mean)
	}
}

func TestFolds(t *testing.T) {
	var examples []Example
	for i := range 103 {
		examples = append(examples,
			Example{Text: fmt.Sprint("a", i), Label: "grouped", Group: fmt.Sprint(i % 7)},
			Example{Text: fmt.Sprint("b", i), Label: "few groups", Group: fmt.Sprint(i % 2)},
			Example{Text: fmt.Sprint("c", i), Label: "none"})
	}
	fold := Folds(examples, 5)
	size := make(map[string][5]int)
	home := make(map[string]int)
	for i, e := range examples {
		s := size[e.Label]
		s[fold[i]]++
		size[e.Label] = s
		if e.Label == "grouped" {
			if at, seen := home[e.Group]; seen && at != fold[i] {
				t.Errorf("group %s is split", e.Group)
			}
			home[e.Group] = fold[i]
		}
	}
	for _, label := range []string{"few groups", "none"} {
		for f, n := range size[label] {
			if n < 20 || n > 21 {
				t.Errorf("%s: fold %d has %d of 103", label, f, n)
			}
		}
	}
	for f, n := range size["grouped"] {
		if n == 0 {
			t.Errorf("fold %d has no group", f)
		}
	}
}
