package linear

// matrix holds the vectors of the examples, row after row.
type matrix struct {
	begin  []int32 // of each row, and the end of the last
	column []int32
	value  []float32
	square []float64 // of each row's length, the constant 1 for the bias included
	width  int
}

func newMatrix(rows [][]term, width int) *matrix {
	total := 0
	for _, r := range rows {
		total += len(r)
	}
	m := &matrix{
		begin: make([]int32, 1, len(rows)+1), square: make([]float64, len(rows)), width: width,
		column: make([]int32, 0, total), value: make([]float32, 0, total),
	}
	for i, r := range rows {
		m.square[i] = 1
		for _, t := range r {
			m.column = append(m.column, t.column)
			m.value = append(m.value, t.value)
			m.square[i] += float64(t.value) * float64(t.value)
		}
		m.begin = append(m.begin, int32(len(m.column)))
	}
	return m
}

func (m *matrix) rows() int { return len(m.square) }

// dot is the product of a row with weights whose last entry is the bias.
func (m *matrix) dot(row int32, w []float32) float32 {
	from, to := m.begin[row], m.begin[row+1]
	columns, values := m.column[from:to], m.value[from:to]
	values = values[:len(columns)]
	sum := w[m.width]
	for i, c := range columns {
		sum += values[i] * w[c]
	}
	return sum
}

// add adds d times a row to the weights.
func (m *matrix) add(row int32, d float32, w []float32) {
	from, to := m.begin[row], m.begin[row+1]
	columns, values := m.column[from:to], m.value[from:to]
	values = values[:len(columns)]
	for i, c := range columns {
		w[c] += d * values[i]
	}
	w[m.width] += d
}
