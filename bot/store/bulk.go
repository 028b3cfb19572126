package store

import (
	"context"
	"strconv"
	"strings"
)

// bulk is a statement for any number of rows of so many values.
type bulk struct {
	head, tail string
	width      int
}

// bulkSizes are how many rows go into one statement, largest first: few sizes,
// so that each is prepared once.
var bulkSizes = [...]int{64, 16, 4, 1}

// insert runs a statement for rows, their values one after the other.
func (w *writer) insert(ctx context.Context, b bulk, values []any) error {
	for _, size := range bulkSizes {
		n := size * b.width
		for len(values) >= n {
			if _, err := w.exec(ctx, w.rowsOf(b, size), values[:n]...); err != nil {
				return err
			}
			values = values[n:]
		}
	}
	return nil
}

// rowsOf is the statement for so many rows.
func (w *writer) rowsOf(b bulk, rows int) string {
	key := bulk{b.head, "", rows}
	if query, ok := w.bulks[key]; ok {
		return query
	}
	var q strings.Builder
	q.WriteString(b.head)
	for i := range rows * b.width {
		switch {
		case i == 0:
			q.WriteString("(")
		case i%b.width == 0:
			q.WriteString("), (")
		default:
			q.WriteString(", ")
		}
		q.WriteString("$" + strconv.Itoa(i+1))
	}
	q.WriteString(")" + b.tail)
	w.bulks[key] = q.String()
	return w.bulks[key]
}
