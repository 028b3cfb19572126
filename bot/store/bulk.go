package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"guanjia/bot"
)

// Rows that nothing in a commit reads again are inserted at the end of the
// batch, many with one statement.
var (
	insertLines   = bulk{"INSERT INTO line (id, citizen, speaker, name, channel, at, event, attachment, body) VALUES ", 9}
	insertChanges = bulk{"INSERT INTO change (seq, at, kind, citizen, ref) VALUES ", 5}
	insertBooked  = bulk{`INSERT INTO appointment
		(number, citizen, channel, service, grp, hall, date, time, places, person, status, key, created_at, demo, body) VALUES `, 15}
)

// bulk is an insert of any number of rows of so many columns.
type bulk struct {
	head  string
	width int
}

// bulkSizes are how many rows go into one statement, largest first: few sizes,
// so that each is prepared once.
var bulkSizes = [...]int{64, 16, 4, 1}

// insert writes rows, their values one after the other.
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

// rowsOf is the statement that inserts so many rows.
func (w *writer) rowsOf(b bulk, rows int) string {
	key := bulk{b.head, rows}
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
	q.WriteString(")")
	w.bulks[key] = q.String()
	return w.bulks[key]
}

// late is a statement for the end of the batch.
type late struct {
	query string
	args  []any
}

// gathered is what a batch's jobs left for its end.
type gathered struct {
	lines   []any
	booked  []any
	late    []late
	changes []bot.Change
	saved   []*bot.Conversation
}

func (g *gathered) add(t *Tx) {
	g.lines = append(g.lines, t.lines...)
	g.booked = append(g.booked, t.booked...)
	g.late = append(g.late, t.late...)
	g.changes = append(g.changes, t.changes...)
	g.saved = append(g.saved, t.saved...)
}

// finish writes what the jobs left: lines, changes in their final order, and
// the serials that moved.
func (w *writer) finish(ctx context.Context, g *gathered) error {
	if err := w.insert(ctx, insertLines, g.lines); err != nil {
		return fmt.Errorf("append lines: %w", err)
	}
	if err := w.insert(ctx, insertBooked, g.booked); err != nil {
		return fmt.Errorf("insert appointments: %w", err)
	}
	for _, l := range g.late {
		if _, err := w.exec(ctx, l.query, l.args...); err != nil {
			return fmt.Errorf("write the diary: %w", err)
		}
	}
	values := make([]any, 0, len(g.changes)*insertChanges.width)
	for i := range g.changes {
		c := &g.changes[i]
		c.Seq = w.next.change
		w.next.change++
		values = append(values, c.Seq, millis(c.At), c.Kind, c.Citizen, c.Ref)
	}
	if err := w.insert(ctx, insertChanges, values); err != nil {
		return fmt.Errorf("announce changes: %w", err)
	}
	return w.serials.save(&Tx{ctx: ctx, w: w, s: w.store, marked: true})
}
