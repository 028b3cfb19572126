package knowledge

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// topics embeds a text by the topics it speaks of, and counts what it was asked.
type topics struct {
	words  []string
	texts  atomic.Int64
	broken atomic.Bool
	hangs  atomic.Bool
}

// Embed implements Embedder.
func (e *topics) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	e.texts.Add(int64(len(texts)))
	if e.hangs.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if e.broken.Load() {
		return nil, errors.New("the endpoint answers 500")
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		v := []float32{0.01}
		for _, w := range e.words {
			n := float32(strings.Count(t, w))
			v = append(v, n)
		}
		out[i] = v
	}
	return out, nil
}

func outward(words string) func() string { return func() string { return words } }

func meaningOf(t *testing.T, e Embedder, dir string) *Meaning {
	t.Helper()
	m, err := OpenMeaning(e, "m", dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// alike are guides the question's words fit about as well.
func alike() []Guide {
	return []Guide{
		{ID: "a", Title: "甲类经营许可", Materials: []Material{{Name: "申请表"}}, Text: "开小饭馆的店主适用"},
		{ID: "b", Title: "乙类经营许可", Materials: []Material{{Name: "申请表"}}, Text: "开理发店的店主适用"},
		{ID: "c", Title: "丙类经营许可", Materials: []Material{{Name: "申请表"}}, Text: "开网吧的店主适用"},
	}
}

func TestMeaningReorders(t *testing.T) {
	base := New(alike())
	e := &topics{words: []string{"饭馆", "理发", "网吧", "剪头发"}}
	q := Question{Text: "经营许可", Outward: outward("想开店给人剪头发，理发的经营许可")}
	plain := base.Ask(t.Context(), q)
	if plain.Decision == Answered {
		t.Fatalf("wording alone is sure: %+v", plain)
	}
	m := meaningOf(t, e, "")
	base.Consider(m)
	if got := base.Ask(t.Context(), q); got.Text != plain.Text {
		t.Errorf("without vectors of guides: %q, not %q", got.Text, plain.Text)
	}
	if err := m.fill(t.Context(), base.Guides()); err != nil {
		t.Fatal(err)
	}
	got := base.Ask(t.Context(), q)
	if len(got.Candidates) < 3 || got.Candidates[0].ID != "b" {
		t.Errorf("candidates %v", got.Candidates)
	}
	if sure := base.Ask(t.Context(), Question{Text: "丙类经营许可要什么材料", Outward: outward("理发")}); sure.Guide != "c" {
		t.Errorf("where wording is sure: %+v", sure)
	}
	q.Outward = nil // nothing may leave: nothing is asked
	before := e.texts.Load()
	if got := base.Ask(t.Context(), q); got.Text != plain.Text || e.texts.Load() != before {
		t.Errorf("%q after %d calls", got.Text, e.texts.Load()-before)
	}
}

// TestMeaningAbsent: a failing and a hanging embedder change nothing but what is
// told of them, in time.
func TestMeaningAbsent(t *testing.T) {
	base := New(alike())
	e := &topics{words: []string{"理发"}}
	m := meaningOf(t, e, "")
	if err := m.fill(t.Context(), base.Guides()); err != nil {
		t.Fatal(err)
	}
	q := Question{Text: "经营许可", Outward: outward("理发")}
	plain := base.Ask(t.Context(), q)
	base.Consider(m)
	e.broken.Store(true)
	if got := base.Ask(t.Context(), q); got.Text != plain.Text || !slices.Equal(got.Candidates, plain.Candidates) || got.Far == nil {
		t.Errorf("broken: %+v", got)
	}
	e.hangs.Store(true)
	start := time.Now()
	if got := base.Ask(t.Context(), q); got.Text != plain.Text || !errors.Is(got.Far, context.DeadlineExceeded) {
		t.Errorf("hanging: %+v", got)
	}
	if took := time.Since(start); took > 3*questionTime+time.Second {
		t.Errorf("took %v", took)
	}
}

// TestMeaningIsKept: vectors are kept by the hash of what they stand for: only
// what changed is worked out again, after a restart and a crash too.
func TestMeaningIsKept(t *testing.T) {
	dir := t.TempDir()
	e := &topics{words: []string{"理发", "网吧"}}
	guides := alike()
	if err := meaningOf(t, e, dir).fill(t.Context(), guides); err != nil || e.texts.Load() != 3 {
		t.Fatalf("%d texts: %v", e.texts.Load(), err)
	}
	guides[1].Text = "开美发店的店主适用"
	m := meaningOf(t, e, dir)
	if err := m.fill(t.Context(), guides); err != nil || e.texts.Load() != 4 {
		t.Errorf("after a change of one: %d texts: %v", e.texts.Load(), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "vectors-*.bin"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	s, err := os.Stat(files[0])
	if err != nil || s.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", s.Mode(), err)
	}
	if err := os.Truncate(files[0], s.Size()-3); err != nil {
		t.Fatal(err)
	}
	if err := meaningOf(t, e, dir).fill(t.Context(), guides); err != nil || e.texts.Load() != 5 {
		t.Errorf("after a crash: %d texts: %v", e.texts.Load(), err)
	}
	if err := meaningOf(t, e, dir).fill(t.Context(), guides); err != nil || e.texts.Load() != 5 {
		t.Errorf("in peace: %d texts: %v", e.texts.Load(), err)
	}
}

// TestMeaningFollows: changed guides are taken up in the background; a failing
// embedder is tried again.
func TestMeaningFollows(t *testing.T) {
	base := New(alike())
	e := &topics{words: []string{"理发"}}
	e.broken.Store(true)
	m := meaningOf(t, e, "")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); m.Follow(ctx, base, time.Millisecond) }()
	has := func(g Guide) bool { return m.vector(m.key(g.gistText())) != nil }
	wait := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(what)
			}
		}
	}
	wait("the embedder is not tried again", func() bool { return e.texts.Load() > 3 })
	e.broken.Store(false)
	wait("guides get no vectors", func() bool { return has(alike()[2]) })
	added := Guide{ID: "d", Title: "丁类经营许可", Text: "开书店"}
	base.Swap(append(alike(), added))
	wait("a new guide gets no vector", func() bool { return has(added) })
	stop()
	<-ended
}
