package knowledge

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// manyPassages are n passages of policy texts, thirty to a text, whose
// sentences are those of the guides in another order: they say the same words,
// so that lists of postings are as long as can be.
func manyPassages(r *rand.Rand, guides []Guide, n int) []Guide {
	var said []string
	for i := range guides {
		for _, s := range sentences(guides[i].body()) {
			if len([]rune(s)) > 8 {
				said = append(said, s)
			}
		}
	}
	var texts []Guide
	for have := 0; have < n; {
		var b strings.Builder
		for size := 0; size < 30*passageSize; {
			s := said[r.IntN(len(said))]
			b.WriteString(s)
			size += len([]rune(s))
		}
		g := Guide{ID: fmt.Sprintf("text-%d", len(texts)), Title: fmt.Sprintf("第%d号通知", len(texts)+1), Type: TypePolicy, Text: b.String()}
		have += len(split(g.body(), passageSize))
		texts = append(texts, g)
	}
	return texts
}

// TestScale holds 100,000 passages: how much memory they take, how long a
// question takes, and how many right guides are still among the first ten.
// Without a file of guides it is a tenth of that over guides of our own.
//
//	go test ./knowledge -run TestScale -guides FILE -v
func TestScale(t *testing.T) {
	guides, questions, n := manyGuides(1000), map[string][]string{}, 10_000
	for _, g := range guides[:300] {
		questions[g.Aliases[0]+"怎么办"] = []string{g.ID}
	}
	if *guidesFile != "" {
		m := newMeasurement(t, *guidesFile)
		guides, questions, n = m.bare(true), m.daily, 100_000
	} else if os.Getenv("GUANJIA_PROVE") != "" {
		n = 100_000
	}
	small := New(guides)
	before := scoreOf(t, small, questions)
	all := append(slices.Clone(guides), manyPassages(rand.New(rand.NewPCG(3, 4)), guides, n-len(guides))...)
	heap := heapInUse()
	began := time.Now()
	large := New(all)
	built := time.Since(began)
	grown := float64(heapInUse()-heap) / (1 << 20)
	after := scoreOf(t, large, questions)
	units := len(large.current.Load().units)
	t.Logf("%d guides: R@1 %.3f, R@10 %.3f, p50 %.2f ms, p99 %.2f ms", len(guides), before.RecallAt1, before.RecallAt10, before.P50, before.P99)
	t.Logf("%d passages: R@1 %.3f, R@10 %.3f, p50 %.2f ms, p99 %.2f ms, built in %v, the index takes %.0f MB", units, after.RecallAt1, after.RecallAt10, after.P50, after.P99, built.Round(time.Millisecond), grown)
	if after.RecallAt10 < before.RecallAt10-0.10 {
		t.Errorf("R@10 falls from %.3f to %.3f", before.RecallAt10, after.RecallAt10)
	}
	if after.P99 > 15 || grown > 400 { // thrice the promised 5 ms, for a busy machine
		t.Errorf("p99 %.2f ms, %.0f MB", after.P99, grown)
	}
	runtime.KeepAlive(small)
}

func scoreOf(t *testing.T, b *Base, questions map[string][]string) Evaluation {
	t.Helper()
	var s score
	for _, q := range sorted(questions) {
		var a Answer
		s.times = append(s.times, quickest(2, func() { a = b.Ask(t.Context(), Question{Text: q}) }))
		s.n++
		s.withGold++
		s.place(b.deep(a), questions[q])
	}
	return s.result()
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
