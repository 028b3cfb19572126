package store

import (
	"fmt"
	"maps"
	"time"

	"guanjia/bot"
)

// series is one run of numbers: a kind on a day.
type series struct{ kind, day string }

// serials hands out the numbers citizens see. They are written once a batch,
// in its transaction, and so never given twice; a refused job may leave a gap.
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
		if _, err := t.row("SELECT last FROM serial WHERE kind = $1 AND day = $2", []any{s.kind, s.day}, &last); err != nil {
			return 0, fmt.Errorf("read serial: %w", err)
		}
	}
	n.last[s] = last + 1
	n.moved[s] = true
	return last + 1, nil
}

// save writes what moved.
func (n *serials) save(t *Tx) error {
	for s := range n.moved {
		if _, err := t.exec(`INSERT INTO serial (kind, day, last) VALUES ($1, $2, $3)
			ON CONFLICT (kind, day) DO UPDATE SET last = excluded.last`, s.kind, s.day, n.last[s]); err != nil {
			return fmt.Errorf("save serial: %w", err)
		}
	}
	clear(n.moved)
	return nil
}

// forget drops what a batch that came to nothing handed out.
func (n *serials) forget() {
	maps.DeleteFunc(n.last, func(s series, _ int) bool { return n.moved[s] })
	clear(n.moved)
}
