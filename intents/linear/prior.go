package linear

import "math"

// How the prior is smoothed and bounded.
const (
	priorSmooth = 20 // examples as the average is, added to each label's
	priorLeast  = -3 // of a logarithm: absence proves little
)

// prior are the weights a machine starts from, bias last: for each column the
// logarithm of how much more often it stands in the examples of its side than in
// all it learns from (naive Bayes), times Options.Prior. fold is left out; -1
// leaves out none.
func (t *training) prior(p *problem, fold int) []float32 {
	w := make([]float32, t.x.width+1)
	if t.options.Prior == 0 {
		return w
	}
	own, all := make([]float32, t.x.width), make([]float32, t.x.width)
	var n, total float64
	for _, row := range p.rows {
		if fold >= 0 && t.fold[row] == fold {
			continue
		}
		total++
		mine := p.positive[row]
		if mine {
			n++
		}
		for _, c := range t.x.column[t.x.begin[row]:t.x.begin[row+1]] {
			all[c]++
			if mine {
				own[c]++
			}
		}
	}
	for c, count := range all {
		if count == 0 {
			continue
		}
		usual := float64(count) / total
		ratio := math.Log((float64(own[c]) + priorSmooth*usual) / ((n + priorSmooth) * usual))
		w[c] = float32(t.options.Prior * math.Max(ratio, priorLeast))
	}
	return w
}
