package knowledge

import "math"

// yesNo is what a logistic regression learns from: signs, whether it is so, and what
// the case counts.
type yesNo struct {
	z      []float32
	yes    bool
	weight float64
}

// descent is how it is fitted: by gradients over all cases.
type descent struct {
	rounds                int
	rate, momentum, decay float64
}

// regress fits the weights of the signs.
func (d descent) regress(cases []yesNo) []float32 {
	n, total := len(cases[0].z), 0.0
	for _, c := range cases {
		total += c.weight
	}
	w, m := make([]float64, n), make([]float64, n)
	for range d.rounds {
		g := make([]float64, n)
		for _, c := range cases {
			sum := 0.0
			for k, v := range c.z {
				sum += float64(v) * w[k]
			}
			off := -1 / (1 + math.Exp(-sum))
			if c.yes {
				off++
			}
			for k, v := range c.z {
				g[k] += off * float64(v) * c.weight
			}
		}
		for k := range w {
			m[k] = d.momentum*m[k] + g[k]/total - d.decay*w[k]
			w[k] += d.rate * m[k]
		}
	}
	out := make([]float32, n)
	for k := range w {
		out[k] = float32(w[k])
	}
	return out
}
