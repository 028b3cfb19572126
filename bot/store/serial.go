package store

import (
	"fmt"
	"maps"
	"time"

	"guanjia/bot"
)

// series is one run of numbers: a kind on a day.
type series struct{ kind, day string }

// serials hands out the numbers citizens see. They are kept once a batch, with
// it, and so never given twice; a refused job may leave a gap.
type serials struct {
	last  map[series]int
	moved map[series]bool // in this batch
}

func newSerials() *serials {
	return &serials{last: map[series]int{}, moved: map[series]bool{}}
}

// next is the next number of a kind on the day of at.
func (n *serials) next(t *Tx, kind string, at time.Time) (int, error) {
	s := series{kind, at.In(bot.Shanghai()).Format(time.DateOnly)}
	last, known := n.last[s]
	if !known {
		if _, err := t.w.row(t.ctx, "SELECT last FROM serial WHERE kind = $1 AND day = $2", []any{s.kind, s.day}, &last); err != nil {
			return 0, fmt.Errorf("read serial: %w", err)
		}
	}
	n.last[s] = last + 1
	n.moved[s] = true
	return last + 1, nil
}

// forget drops what a batch that came to nothing handed out.
func (n *serials) forget() {
	maps.DeleteFunc(n.last, func(s series, _ int) bool { return n.moved[s] })
	clear(n.moved)
}
