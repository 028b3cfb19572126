package linear

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A point is the minimum of the dual exactly when no multiplier can be moved
// to lower it; that is checked for every one.
func TestSolveReachesTheOptimum(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	const n, width = 120, 30
	rows := make([][]term, n)
	positive := make([]bool, n)
	for i := range rows {
		for c := range int32(width) {
			if random.Float64() < 0.3 {
				rows[i] = append(rows[i], term{c, float32(random.NormFloat64())})
			}
		}
		positive[i] = random.Float64() < 0.3
	}
	ease := make([]float64, n)
	for i := range ease {
		ease[i] = 0.5 + 2*random.Float64()
	}
	p := &problem{x: newMatrix(rows, width), positive: positive, slack: [2]float64{0.5, 0.2}, ease: ease, seed: 3}
	for i := range rows {
		p.rows = append(p.rows, int32(i))
	}
	const tolerance = 1e-3
	cold := make([]float32, n)
	w := p.solve(cold, tolerance, 10_000)
	for i, a := range cold {
		g := p.gradient(int32(i), a, w)
		if a < 0 || a == 0 && g < -2*tolerance || a > 0 && math.Abs(g) > 2*tolerance {
			t.Errorf("multiplier %d is %g with gradient %g", i, a, g)
		}
	}
	again := p.solve(cold, tolerance, 10_000)
	for c := range w {
		if math.Abs(float64(w[c]-again[c])) > 0.02 {
			t.Errorf("weight %d is %g, from the solution %g", c, w[c], again[c])
		}
	}
}

func TestSolveLeavesOutOtherRows(t *testing.T) {
	rows := [][]term{{{0, 1}}, {{1, 1}}, {{2, 1}}}
	p := &problem{x: newMatrix(rows, 3), positive: []bool{true, false, true}, slack: [2]float64{0.5, 0.5}, ease: []float64{1, 1, 1}, seed: 1, rows: []int32{0, 1}}
	w := p.solve([]float32{0, 0, 5}, 1e-3, 1000)
	if w[2] != 0 {
		t.Errorf("a row held back has weight %g", w[2])
	}
	if w[0] <= 0 || w[1] >= 0 {
		t.Errorf("weights %v", w)
	}
}
