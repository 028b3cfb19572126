package linear

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// Model ranks labels for a text. It never changes once trained or loaded and
// may be used by many goroutines.
type Model struct {
	options    Options
	labels     []string
	vocabulary *vocabulary
	ear        *ear // nil where no syllables are read
	// weights holds, for each column and last for the bias, one weight a
	// label: what a query touches lies together.
	weights     []float32
	thresholds  Thresholds
	temperature float64
	lesson      func() lesson // what was learnt from, for Explain
	scratch     sync.Pool     // of *scratch
}

// scratch is what ranking one text needs room for.
type scratch struct {
	reading reading
	room    room
}

// Ranked is one label with how far the text lies on its side of the plane
// (about +1 for a typical example, −1 for the rest) and the probability, for
// display, that it is the right one.
type Ranked struct {
	Label  string
	Margin float64
	Prob   float64
}

// Labels lists the labels in alphabetical order.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }

// Options are those the model was trained with.
func (m *Model) Options() Options { return m.options }

// Thresholds are those fitted when the model was trained.
func (m *Model) Thresholds() Thresholds { return m.thresholds }

// Rank orders all labels for a text, best first. extra names features the
// caller found in the text, as in Example.
func (m *Model) Rank(text string, extra ...string) []Ranked {
	return m.Weigh(Text{text, extra}).Labels
}

// Text is a text with the features the caller found in it, as in Example.
type Text struct {
	Text  string
	Extra []string
}

// Weigh is Rank, and holds the contests. Of a text that may be read in several
// ways it takes the mean of the margins.
func (m *Model) Weigh(ways ...Text) Ranking {
	s, ok := m.scratch.Get().(*scratch)
	if !ok {
		s = &scratch{}
	}
	defer m.scratch.Put(s)
	var sum []float32
	for _, way := range ways {
		m.options.readInto(&s.reading, way.Text, way.Extra)
		margins := m.margins(m.options.vectorIn(&s.room, m.vocabulary, &s.reading))
		if sum == nil {
			sum = margins
			continue
		}
		for i, v := range margins {
			sum[i] += v
		}
	}
	if len(ways) > 1 {
		for i := range sum {
			sum[i] /= float32(len(ways))
		}
	}
	return m.ranking(sum)
}

// Decide says whether the best of ranked may be acted on.
func (m *Model) Decide(ranked []Ranked) Decision { return m.thresholds.Decide(ranked) }

func (m *Model) margins(terms []term) []float32 {
	k := len(m.labels) + len(m.options.Contests)
	margins := slices.Clone(m.weights[len(m.weights)-k:])
	for _, t := range terms {
		row := m.weights[int(t.column)*k:][:k]
		for i, w := range row {
			margins[i] += t.value * w
		}
	}
	return margins
}

// ranking parts the margins of labels and contests, and gives contests their share.
func (m *Model) ranking(margins []float32) Ranking {
	k := len(m.labels)
	own, contests := slices.Clone(margins[:k]), margins[k:]
	for i, c := range m.options.Contests {
		if label := slices.Index(m.labels, c.For[0]); c.Share > 0 && label >= 0 {
			own[label] += float32(c.Share) * (contests[i] - own[label])
		}
	}
	r := Ranking{Labels: m.ranked(own), Contests: make([]float64, len(contests))}
	for i, v := range contests {
		r.Contests[i] = float64(v)
	}
	return r
}

func (m *Model) ranked(margins []float32) []Ranked {
	order := make([]int32, len(margins))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := cmp.Compare(margins[b], margins[a]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	out := make([]Ranked, len(margins))
	for k, i := range order {
		out[k] = Ranked{Label: m.labels[i], Margin: float64(margins[i])}
	}
	softmax(out, m.temperature)
	return out
}

// softmax fills in the probabilities of ranked labels, best first.
func softmax(ranked []Ranked, temperature float64) {
	if len(ranked) == 0 {
		return
	}
	sum := 0.0
	for i := range ranked {
		ranked[i].Prob = math.Exp(temperature * (ranked[i].Margin - ranked[0].Margin))
		sum += ranked[i].Prob
	}
	for i := range ranked {
		ranked[i].Prob /= sum
	}
}

// Fit is what was fitted on the held-back folds, or taken from Options.Fitted.
func (m *Model) Fit() Fit { return Fit{m.thresholds, m.temperature} }
