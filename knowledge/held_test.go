package knowledge

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
)

// heldQuestion is a question of testdata/held.jsonl: written before the rules
// that are measured by it, told apart by channel, and never looked at one by
// one: this test prints rates and no question.
type heldQuestion struct {
	ownQuestion
	Channel string `json:"channel"` // wechat, phone (with recognition errors), cantonese, elder
}

func heldQuestions(t testing.TB) []heldQuestion {
	t.Helper()
	raw, err := os.ReadFile("testdata/held.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all []heldQuestion
	for line := range bytes.Lines(raw) {
		var q heldQuestion
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatalf("held.jsonl: %v", err)
		}
		all = append(all, q)
	}
	return all
}

// marks counts what a set of questions came to.
type marks struct{ n, right, wrong, back, silent int }

func (m *marks) add(right bool, a Answer) {
	m.n++
	switch {
	case a.Decision == Clarified:
		m.back++
	case a.Decision != Answered:
		m.silent++
	case right:
		m.right++
	default:
		m.wrong++
	}
}

func (m *marks) String() string {
	return fmt.Sprintf("%4d   right %5.1f %%   wrong %4.1f %%   asked back %4.1f %%   not known %4.1f %%", m.n,
		100*rate(m.right, m.n), 100*rate(m.wrong, m.n), 100*rate(m.back, m.n), 100*rate(m.silent, m.n))
}

// TestHeldQuestions asks the held-back questions and prints what they came to, by
// channel and by field. Promised are 92 % right, 3 % wrong, 10 % and 1 % of those
// without a guide; it fails where less is reached than was.
func TestHeldQuestions(t *testing.T) {
	b := starterBase(t)
	var all marks
	channels, fields, kinds := map[string]*marks{}, map[string]*marks{}, map[string]*marks{}
	under := func(m map[string]*marks, key string) *marks {
		if m[key] == nil {
			m[key] = &marks{}
		}
		return m[key]
	}
	for _, q := range heldQuestions(t) {
		a := b.Ask(t.Context(), Question{Text: q.Q, History: q.History})
		if q.Unanswerable {
			under(kinds, q.Kind).add(false, a)
			continue
		}
		right := q.exam.right(a)
		all.add(right, a)
		under(channels, q.Channel).add(right, a)
		under(fields, q.Field).add(right, a)
	}
	t.Logf("%-12s %v", "all", &all)
	for _, m := range []map[string]*marks{channels, fields} {
		for _, key := range slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Compare(m[b].n, m[a].n) }) {
			t.Logf("%-12s %v", key, m[key])
		}
	}
	near, off := kinds["near"], kinds["off"]
	t.Logf("of %d near the domain and %d off it, without a guide: answered %.1f %% and %.1f %%", near.n, off.n,
		100*rate(near.wrong, near.n), 100*rate(off.wrong, off.n))
	if all.right*100 < all.n*88 || all.wrong*100 > all.n*5 || near.wrong*100 > near.n*10 || off.wrong*100 > off.n*4 { // a little under what was reached
		t.Errorf("%v; near %v; off %v", &all, near, off)
	}
	if all.n < 300 || near.n < 60 || off.n < 60 {
		t.Fatalf("%d, %d and %d questions", all.n, near.n, off.n)
	}
}
