package knowledge

import (
	"fmt"
	"strings"
	"testing"
)

// surer is a question with the best candidate for it: whether it is the one that is
// asked about, and what speaks for it.
type surer struct {
	z      [signCount]float32
	right  bool
	weight float64
}

// awayWeight is what a question counts whose guide was taken away: nobody asks those,
// and there are as many as questions.
const awayWeight = 0.25

// surers are the questions of a set, each once with all guides and once without its own.
func surers(t *testing.T, x *index, name string, weight float64) []surer {
	var out []surer
	put := func(q heldQuestion, keep filter, right func(id string) bool, weight float64) {
		r := x.route(q.Q)
		ranked := x.judge(&r, keep)
		if len(ranked) == 0 || ranked[0].exact || elsewhere(r.places, &x.guides[ranked[0].guide]) {
			return
		}
		among := standing{x.rivalScore(&r, ranked, 0), nextFit(ranked, 0)}
		out = append(out, surer{x.signs(&ranked[0], &r, among), right(x.guides[ranked[0].guide].ID), weight})
	}
	for _, q := range heldQuestions(t, name) {
		switch {
		case q.Held || len(q.History) > 0:
		case q.Unanswerable:
			put(q, nil, func(string) bool { return false }, 2*weight)
		default:
			put(q, nil, func(id string) bool { return id == q.Gold[0] }, weight)
			put(q, func(g *Guide) bool { return g.ID != q.Gold[0] }, func(string) bool { return false }, weight*awayWeight)
		}
	}
	return out
}

// TestSurenessIsLearnt holds how sure it is of a guide against the questions that may be
// learnt from; with -learn it prints weights learnt anew from those.
func TestSurenessIsLearnt(t *testing.T) {
	x := starterBase(t).current.Load()
	var all []surer
	for _, name := range []string{"questions.jsonl", "fresh.jsonl", "spoken.jsonl", "mend.jsonl", "doubt.jsonl"} {
		all = append(all, surers(t, x, name, 1)...)
	}
	for _, name := range strangersRead {
		all = append(all, surers(t, x, name, strangersCount)...)
	}
	w := signWeights
	if *learn {
		w = learnSureness(all)
		t.Logf("%s", strings.ReplaceAll(fmt.Sprintf("%.2f", w), " ", ", "))
	}
	var lost, let, right, wrong int
	for i := range all {
		var z float32
		for k, v := range all[i].z {
			z += v * w[k]
		}
		switch sure := logistic(z) >= sureBar; {
		case all[i].right && !sure:
			lost++
			right++
		case all[i].right:
			right++
		case sure:
			let++
			wrong++
		default:
			wrong++
		}
	}
	t.Logf("of %d that are asked about %d are not believed, of %d others %d are", right, lost, wrong, let)
	if lost*20 > right || let*4 > wrong {
		t.Error("that is too many")
	}
}

// learnSureness fits the regression. The bars were set on another one: its constant is
// then lowered until about as many are believed as were.
func learnSureness(all []surer) (w [signCount]float32) {
	cases := make([]yesNo, len(all))
	for n := range all {
		cases[n] = yesNo{all[n].z[:], all[n].right, all[n].weight}
	}
	copy(w[:], descent{rounds: 4000, rate: 0.3, momentum: 0.9, decay: 0.001}.regress(cases))
	return w
}
