package knowledge

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// readable is a question with the lines of its guide and which of them it asks for.
type readable struct {
	leaves [][leafCount]float32
	gold   []bool
}

// readables are the questions of a set whose guide has a line with all that is asked.
func readables(t *testing.T, x *index, name string) []readable {
	var out []readable
	for _, q := range heldQuestions(t, name) {
		if q.Unanswerable || q.Held || len(q.History) > 0 || len(q.AnswerHas) == 0 {
			continue
		}
		i := x.byID[q.Gold[0]]
		r := x.route(q.Q)
		s := x.shelfOf(i)
		e := readable{leaves: x.leaves(i, &r, s, x.guides[i].wanted(&r, x.owncase(i, &r)))}
		some := false
		for k := range s.readings {
			d := &s.readings[k]
			has := false
			for _, want := range q.AnswerHas {
				has = has || strings.Contains(bare(d.line+"\n"+strings.Join(d.formal, "\n")), bare(want))
			}
			e.gold = append(e.gold, has)
			some = some || has
		}
		if some {
			out = append(out, e)
		}
	}
	return out
}

func (e *readable) likely(w *[leafCount]float64) []float64 {
	p, sum := make([]float64, len(e.leaves)), 0.0
	for k := range e.leaves {
		z := 0.0
		for n, v := range e.leaves[k] {
			z += float64(v) * w[n]
		}
		p[k] = math.Exp(z)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

// strangersCount is how often each question of somebody who did not know us counts in
// learning: there are few, and they are what all will be like.
const strangersCount = 4

// strangersRead are those of them that may be read and learnt from.
var strangersRead = []string{"fourth_read.jsonl", "sixth_read.jsonl"}

// TestReadingIsLearnt holds the lines that are judged likeliest against those that our
// own questions ask for; with -learn it prints weights learnt anew from those.
func TestReadingIsLearnt(t *testing.T) {
	x := starterBase(t).current.Load()
	var own []readable
	for _, name := range []string{"questions.jsonl", "fresh.jsonl", "spoken.jsonl", "mend.jsonl", "doubt.jsonl"} {
		own = append(own, readables(t, x, name)...)
	}
	for range strangersCount {
		for _, name := range strangersRead {
			own = append(own, readables(t, x, name)...)
		}
	}
	var w [leafCount]float64
	for n, v := range leafWeights {
		w[n] = float64(v)
	}
	if *learn {
		w = learnReading(own)
		t.Logf("%s", strings.ReplaceAll(fmt.Sprintf("%.2f", w), " ", ", "))
	}
	report := func(name string, set []readable) float64 {
		var first, three int
		for i := range set {
			p := set[i].likely(&w)
			better := 0
			best := 0.0
			for k := range p {
				if set[i].gold[k] {
					best = max(best, p[k])
				}
			}
			for k := range p {
				if !set[i].gold[k] && p[k] >= best {
					better++
				}
			}
			if better == 0 {
				first++
			}
			if better < 3 {
				three++
			}
		}
		t.Logf("%-20s %4d: first %.1f %%, among the first three %.1f %%", name, len(set), 100*rate(first, len(set)), 100*rate(three, len(set)))
		return rate(three, len(set))
	}
	if got := report("own", own); got < 0.80 {
		t.Errorf("only %.3f of the lines asked for are among the first three", got)
	}
	for _, name := range []string{"fourth_read.jsonl", "fifth_read.jsonl", "sixth_read.jsonl", "held.jsonl", "other.jsonl", "third.jsonl", "fourth.jsonl", "fifth.jsonl"} {
		report(name, readables(t, x, name))
	}
}

// learnReading fits the weights by gradient ascent on how likely the lines asked for are.
func learnReading(set []readable) [leafCount]float64 {
	var w, m [leafCount]float64
	for step := range 1500 {
		var g [leafCount]float64
		for i := range set {
			e := &set[i]
			p := e.likely(&w)
			gold := 0.0
			for k := range p {
				if e.gold[k] {
					gold += p[k]
				}
			}
			for k := range p {
				d := -p[k]
				if e.gold[k] {
					d += p[k] / gold
				}
				for n, v := range e.leaves[k] {
					g[n] += d * float64(v)
				}
			}
		}
		rate := 2.0 / (1 + float64(step)/400)
		for n := range w {
			m[n] = 0.9*m[n] + g[n]/float64(len(set)) - 0.0005*w[n]
			w[n] += rate * m[n]
		}
	}
	return w
}

// What offices say is quoted only where it goes with the plain lines: a number that
// was changed there silences it.
func TestFormalGoesWithPlain(t *testing.T) {
	guides, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	for i := range guides {
		plain := canon(guides[i].plainly())
		for _, l := range guides[i].Formal {
			if contradicts(l, plain) {
				t.Errorf("%s: %s", guides[i].ID, l)
			}
		}
	}
	g := Guide{ID: "a", Title: "领证", Fee: "收50元", Steps: Lines{"带着证件到窗口拍照"}, Formal: Lines{"工本费40元", "带证件到窗口现场照相"}}
	a := New([]Guide{g}).Ask(t.Context(), Question{Text: "领证能在窗口拍照吗"})
	if !strings.Contains(a.Text, "原文：“带证件到窗口现场照相”") || strings.Contains(a.Text, "40元") {
		t.Error(a.Text)
	}
}
