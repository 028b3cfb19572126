package linear

// heldBack gives the vectors of the examples as they would be had their fold
// not been learnt from: what stands in no other fold is unseen, has no weight
// and only lengthens the vector. Without it held-back margins would look surer
// than those of citizens' sentences.
func (t *training) heldBack(rows [][]term) *matrix {
	width := len(t.vocabulary.keys)
	df := make([]int32, width)
	inFold := make([][]int32, t.options.Folds)
	for f := range inFold {
		inFold[f] = make([]int32, width)
	}
	for i, row := range rows {
		for _, c := range row {
			df[c.column]++
			inFold[t.fold[i]][c.column]++
		}
	}
	out := make([][]term, len(rows))
	share(t.options.workers(), len(rows), func(i int) {
		out[i] = t.withoutUnseen(rows[i], func(column int32) bool {
			return df[column] == inFold[t.fold[i]][column]
		})
	})
	return newMatrix(out, width)
}

// withoutUnseen drops the unseen terms of a row and brings the rest to length.
func (t *training) withoutUnseen(row []term, unseen func(column int32) bool) []term {
	v, o := t.vocabulary, t.options
	out := make([]term, 0, len(row))
	var squares [partCount]float64
	for _, c := range row {
		if v.kinds[c.column] == kindExtra {
			out = append(out, c)
			continue
		}
		value, p := float64(c.value), part(v.kinds[c.column])
		if unseen(c.column) {
			value *= float64(v.rare / v.idf[c.column])
			squares[p] += o.Unseen * value * value
			continue
		}
		squares[p] += value * value
		out = append(out, c)
	}
	lengths := o.lengths()
	for i, c := range out {
		if v.kinds[c.column] != kindExtra {
			p := part(v.kinds[c.column])
			out[i].value *= length(lengths[p], squares[p])
		}
	}
	return out
}
