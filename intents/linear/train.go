package linear

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Train learns a model of the examples. It fails when there are fewer than two
// labels, when an example lacks text or label, when the options make no sense,
// or when ctx ends first. The same examples and options give the same model.
func Train(ctx context.Context, examples []Example, o Options) (*Model, error) {
	m, _, err := train(ctx, examples, o)
	return m, err
}

// Ranking is what a model makes of a text: the labels, best first, and the margin
// of each of Options.Contests.
type Ranking struct {
	Labels   []Ranked
	Contests []float64
}

// HoldBack is Train, and ranks the labels for each example by what was learnt of
// all but its fold: what a step that judges by ranks is to learn from. Fitted
// thresholds are fitted again.
func HoldBack(ctx context.Context, examples []Example, o Options) (*Model, []Ranking, error) {
	o.Fitted = nil
	m, t, err := train(ctx, examples, o)
	if err != nil {
		return nil, nil, err
	}
	if t.held == nil {
		return nil, nil, fmt.Errorf("hold back intents: %d folds", o.Folds)
	}
	k, out := t.machines(), make([]Ranking, len(examples))
	for i := range out {
		out[i] = m.ranking(t.held[i*k:][:k])
	}
	return m, out, nil
}

func train(ctx context.Context, examples []Example, o Options) (*Model, *training, error) {
	if err := check(examples, o); err != nil {
		return nil, nil, fmt.Errorf("train intents: %w", err)
	}
	t := &training{examples: examples, options: o}
	t.labels, t.of = labelsOf(examples)
	t.prepare()
	if err := t.run(ctx); err != nil {
		return nil, nil, fmt.Errorf("train intents: %w", err)
	}
	m := &Model{
		options: o, labels: t.labels, vocabulary: t.vocabulary, weights: t.weights,
		thresholds: defaultThresholds(o.Reject), temperature: 4,
	}
	switch {
	case o.Fitted != nil:
		m.thresholds, m.temperature = o.Fitted.Thresholds, o.Fitted.Temperature
	case t.held != nil:
		m.thresholds, m.temperature = t.calibrate()
	}
	m.remember(examples, t.of)
	m.listen()
	return m, t, nil
}

func check(examples []Example, o Options) error {
	if err := o.check(); err != nil {
		return err
	}
	for i, e := range examples {
		if e.Text == "" || e.Label == "" {
			return fmt.Errorf("example %d (%q) lacks text or label", i+1, e.Label)
		}
	}
	if labels, _ := labelsOf(examples); len(labels) < 2 {
		return fmt.Errorf("%d labels among %d examples, two are needed", len(labels), len(examples))
	}
	return nil
}

// training is the work of Train.
type training struct {
	examples   []Example
	options    Options
	labels     []string
	of         []int32 // label of each example
	vocabulary *vocabulary
	x          *matrix
	weights    []float32
	fold       []int
	ease       []float64 // by example, see problem
	heldX      *matrix   // the examples as seen without their fold
	held       []float32 // margins of each example while it was held back
}

func (t *training) prepare() {
	readings := make([]*reading, len(t.examples))
	share(t.options.workers(), len(readings), func(i int) {
		readings[i] = t.options.read(t.examples[i].Text, t.examples[i].Extra)
	})
	t.vocabulary = learnVocabulary(readings, t.options.MinCount)
	rows := make([][]term, len(readings))
	share(t.options.workers(), len(rows), func(i int) {
		rows[i] = t.options.vector(t.vocabulary, readings[i], make([]term, 0, len(readings[i].grams)))
	})
	t.x = newMatrix(rows, len(t.vocabulary.keys))
	t.ease = eased(t.examples)
	k := t.machines()
	t.weights = make([]float32, (t.x.width+1)*k)
	if t.options.Folds >= 2 && t.options.Fitted == nil {
		t.fold = Folds(t.examples, t.options.Folds)
		t.heldX = t.heldBack(rows)
		t.held = make([]float32, len(t.examples)*k)
	}
}

// eased are what the examples' slack is multiplied with, by their weights.
func eased(examples []Example) []float64 {
	ease := make([]float64, len(examples))
	for i, e := range examples {
		ease[i] = 1
		if e.Weight > 0 {
			ease[i] = 1 / float64(e.Weight)
		}
	}
	return ease
}

// run trains every label, each by one worker from beginning to end.
func (t *training) run(ctx context.Context) error {
	share(t.options.workers(), t.machines(), func(machine int) {
		if ctx.Err() == nil {
			t.learn(machine)
		}
	})
	return ctx.Err()
}

// machines is how many are trained: one a label, and one a contest.
func (t *training) machines() int { return len(t.labels) + len(t.options.Contests) }

// sides are the examples a machine is to learn from, and by example whether it is
// on the machine's side.
func (t *training) sides(machine int) (rows []int32, positive []bool) {
	positive = make([]bool, len(t.of))
	for i, of := range t.of {
		in := true
		if machine < len(t.labels) {
			positive[i] = int(of) == machine
		} else {
			positive[i], in = t.options.Contests[machine-len(t.labels)].side(t.labels[of])
		}
		if in {
			rows = append(rows, int32(i))
		}
	}
	return rows, positive
}

// share does n pieces of work on some workers and returns when all are done.
func share(workers, n int, work func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(workers, n) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				work(i)
			}
		})
	}
	group.Wait()
}

// learn trains one machine, on all examples and on all but each fold. The folds
// start from the whole solution, which is near theirs.
func (t *training) learn(machine int) {
	p := &problem{x: t.x}
	p.rows, p.positive = t.sides(machine)
	own := 0
	for _, row := range p.rows {
		if p.positive[row] {
			own++
		}
	}
	weight := math.Pow(t.mean(machine, len(p.rows))/float64(max(own, 1)), t.options.Balance)
	p.slack = [2]float64{1 / (2 * t.options.C), 1 / (2 * t.options.C * weight)}
	p.ease = t.ease
	p.seed = finish(t.options.Seed + uint64(machine)<<20)
	p.prior = t.prior(p, -1)
	alpha := make([]float32, t.x.rows())
	w := p.solve(alpha, t.options.Tolerance, t.options.Passes)
	k := t.machines()
	for i, v := range w {
		t.weights[i*k+machine] = v
	}
	for f := range t.folds() {
		t.hold(p, machine, f, slices.Clone(alpha))
	}
}

// mean is how many examples the machine's side would have were all alike.
func (t *training) mean(machine, examples int) float64 {
	if machine < len(t.labels) {
		return float64(examples) / float64(len(t.labels))
	}
	return float64(examples) / 2
}

func (t *training) folds() int {
	if t.held == nil {
		return 0
	}
	return t.options.Folds
}

// hold trains one machine without a fold and notes the margins of the fold. From
// so near a start a third of the precision does: the margins differ by 0.02.
func (t *training) hold(p *problem, machine, fold int, alpha []float32) {
	q := *p
	q.rows = make([]int32, 0, len(p.rows))
	for _, row := range p.rows {
		if t.fold[row] != fold {
			q.rows = append(q.rows, row)
		}
	}
	q.prior = t.prior(&q, fold)
	w := q.solve(alpha, 3*t.options.Tolerance, t.options.Passes)
	k := t.machines()
	for row := range int32(t.x.rows()) {
		if t.fold[row] == fold {
			t.held[int(row)*k+machine] = t.heldX.dot(row, w)
		}
	}
}
