package intents

import (
	"math"
	"strings"

	"guanjia/bot"
	"guanjia/intents/examples"
	"guanjia/intents/hanzi"
	"guanjia/intents/linear"
)

// BeliefFile is where the weights of danger are kept, beside this code.
const BeliefFile = "belief.json"

// Weighing is how much each clue was found to speak for danger, and how well that
// tells it in the folds it was not learnt from.
type Weighing struct {
	Belief Belief
	// Found is the share believed of the emergencies people wrote, False that of
	// what they wrote that only sounds so, Begun that of everything else.
	Found, False, Begun float64
}

// What weighing goes by. An emergency missed and an alarm at words that only
// sound so cost twice what an alarm at anything else does.
const (
	dearCost   = 2.0
	leastClues = 8   // examples a clue stands in to be weighed
	pull       = 3.0 // of each weight towards none
)

// weigh learns how much each clue speaks for danger, by logistic regression on
// examples as they are ranked by what was learnt without them.
func (r *Recognizer) weigh(learn []examples.Example, all []linear.Example, ranks []linear.Ranking, folds int) Weighing {
	s := &scale{column: map[string]int{}}
	for i, e := range learn {
		v, _ := verdictOf(ranks[i])
		folded := hanzi.Fold(e.Text)
		cost := float64(e.Weight())
		if e.Intent == string(bot.Emergency) || e.Intent == examples.Calm {
			cost *= dearCost
		}
		s.put(clues{v, r.safety.find(string(folded)), all[i].Extra, len(folded)}, e.Intent == string(bot.Emergency), cost)
	}
	w := s.prove(learn, linear.Folds(all, folds), folds)
	w.Belief = s.belief(s.learn(nil))
	return w
}

// scale is the regression.
type scale struct {
	column map[string]int // of a clue
	names  []string       // of the clues
	rows   [][]heft
	danger []bool
	cost   []float64
}

// heft is how strong a clue is: in a row the clue's column, in a column the row.
type heft struct {
	at    int
	value float64
}

const (
	always = "always"
	atSign = " at sign"
)

// put adds an example.
func (s *scale) put(c clues, danger bool, cost float64) {
	var row []heft
	add := func(name string, value float64) {
		n, known := s.column[name]
		if !known {
			n = len(s.names)
			s.column[name], s.names = n, append(s.names, name)
		}
		row = append(row, heft{n, value})
	}
	add(always, 1)
	c.each(func(name string, value float64) {
		add(name, value)
		if c.seen.sign != "" {
			add(name+atSign, value)
		}
	})
	s.rows, s.danger, s.cost = append(s.rows, row), append(s.danger, danger), append(s.cost, cost)
}

// learn finds the weights that make the examples likeliest, without those left
// out: Newton's step for each clue in turn, until none moves.
func (s *scale) learn(leave func(i int) bool) []float64 {
	columns := make([][]heft, len(s.names))
	for i, row := range s.rows {
		if leave != nil && leave(i) {
			continue
		}
		for _, h := range row {
			columns[h.at] = append(columns[h.at], heft{i, h.value})
		}
	}
	weights, sums := make([]float64, len(s.names)), make([]float64, len(s.rows))
	const rounds, still = 60, 1e-3
	for range rounds {
		moved := 0.0
		for n, column := range columns {
			if len(column) < leastClues {
				continue
			}
			step := s.step(column, weights[n], sums, s.names[n] != always)
			weights[n] += step
			moved = max(moved, math.Abs(step))
			for _, h := range column {
				sums[h.at] += step * h.value
			}
		}
		if moved < still {
			break
		}
	}
	return weights
}

// step is how far the weight of a column is to move.
func (s *scale) step(column []heft, weight float64, sums []float64, drawn bool) float64 {
	const longest, leastBend = 2, 0.01
	slope, bend := 0.0, 1e-6
	if drawn {
		slope, bend = -pull*weight, pull
	}
	for _, h := range column {
		p := 1 / (1 + math.Exp(-sums[h.at]))
		off := -p
		if s.danger[h.at] {
			off = 1 - p
		}
		slope += s.cost[h.at] * off * h.value
		bend += s.cost[h.at] * max(p*(1-p), leastBend) * h.value * h.value
	}
	return min(longest, max(-longest, slope/bend))
}

// prove judges each example by weights learnt without its fold.
func (s *scale) prove(learn []examples.Example, fold []int, folds int) Weighing {
	type tally struct{ believed, all float64 }
	var danger, calm, other tally
	for f := range folds {
		weights := s.learn(func(i int) bool { return fold[i] == f })
		for i, e := range learn {
			if fold[i] != f || e.Made {
				continue
			}
			of := &other
			switch e.Intent {
			case string(bot.Emergency):
				of = &danger
			case examples.Calm:
				of = &calm
			}
			of.all++
			if s.sum(i, weights) >= believedFrom {
				of.believed++
			}
		}
	}
	share := func(t tally) float64 { return t.believed / max(1, t.all) }
	return Weighing{Found: share(danger), False: share(calm), Begun: share(other)}
}

// sum is what weights make of an example.
func (s *scale) sum(i int, weights []float64) (z float64) {
	for _, h := range s.rows[i] {
		z += weights[h.at] * h.value
	}
	return z
}

// belief puts the weights beside their clues, to two places.
func (s *scale) belief(weights []float64) Belief {
	b := Belief{Weighs: map[string]Weight{}}
	for n, name := range s.names {
		v := math.Round(100*weights[n]) / 100
		if v == 0 {
			continue
		}
		if name == always {
			b.Always = v
			continue
		}
		of, at := strings.CutSuffix(name, atSign)
		w := b.Weighs[of]
		if at {
			w.AtSign = v
		} else {
			w.Alone = v
		}
		b.Weighs[of] = w
	}
	return b
}
