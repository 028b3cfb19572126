package linear

import "math"

// problem is one label against the rest: the support vector machine
//
//	min ½‖w − prior‖² + Σ Cᵢ max(0, 1 − yᵢ w·xᵢ)²
//
// solved in its dual by coordinate descent with shrinking (Hsieh, Chang, Lin,
// Keerthi, Sundararajan: A Dual Coordinate Descent Method for Large-scale
// Linear SVM, ICML 2008, algorithm 3 for the squared hinge).
type problem struct {
	x        *matrix
	rows     []int32   // the examples to learn from
	positive []bool    // by row of x
	prior    []float32 // weights to be drawn to; nil draws to none
	slack    [2]float64
	ease     []float64 // by row of x, what its slack is multiplied with
	seed     uint64
}

// solve finds the weights, bias last. alpha holds a multiplier for each row of
// x: on entry where to start from, on return the solution. Only its rows'
// entries are read.
func (p *problem) solve(alpha []float32, tolerance float64, passes int) []float32 {
	w := make([]float32, p.x.width+1)
	copy(w, p.prior)
	for _, row := range p.rows {
		if alpha[row] > 0 {
			p.x.add(row, p.sign(row)*alpha[row], w)
		}
	}
	order := append([]int32(nil), p.rows...)
	random := p.seed
	active, highest := len(order), math.Inf(1)
	for range passes {
		shuffle(order[:active], &random)
		top, bottom := math.Inf(-1), math.Inf(1)
		for i := 0; i < active; i++ {
			row := order[i]
			g := p.gradient(row, alpha[row], w)
			projected := g
			if alpha[row] == 0 {
				if g > highest {
					active--
					order[i], order[active] = order[active], order[i]
					i--
					continue
				}
				projected = math.Min(g, 0)
			}
			top, bottom = math.Max(top, projected), math.Min(bottom, projected)
			if math.Abs(projected) > 1e-12 {
				p.move(row, g, alpha, w)
			}
		}
		if top-bottom <= tolerance {
			if active == len(order) {
				break
			}
			active, highest = len(order), math.Inf(1)
			continue
		}
		highest = top
		if highest <= 0 {
			highest = math.Inf(1)
		}
	}
	return w
}

func (p *problem) gradient(row int32, alpha float32, w []float32) float64 {
	return float64(p.sign(row)*p.x.dot(row, w)) - 1 + float64(alpha)*p.diagonal(row)
}

func (p *problem) move(row int32, g float64, alpha, w []float32) {
	old := alpha[row]
	alpha[row] = float32(math.Max(float64(old)-g/(p.x.square[row]+p.diagonal(row)), 0))
	if d := alpha[row] - old; d != 0 {
		p.x.add(row, d*p.sign(row), w)
	}
}

func (p *problem) sign(row int32) float32 {
	if p.positive[row] {
		return 1
	}
	return -1
}

// diagonal is 1/(2C) of the row's side.
func (p *problem) diagonal(row int32) float64 {
	side := 0
	if p.positive[row] {
		side = 1
	}
	return p.slack[side] * p.ease[row]
}

// shuffle is Fisher and Yates' with a xorshift generator: the same order on
// every machine.
func shuffle(order []int32, random *uint64) {
	x := *random
	for i := len(order) - 1; i > 0; i-- {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		j := int(x % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	*random = x
}
