package knowledge

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

// memory is a shelf of ten lines; the true one is held to the same in
// bot/store/storetest.
type memory struct{ versions []bot.GuideVersion }

func (m *memory) GuideVersions(context.Context) ([]bot.GuideVersion, error) {
	var last []bot.GuideVersion
	for _, v := range m.versions {
		if i := slices.IndexFunc(last, func(o bot.GuideVersion) bool { return o.Guide == v.Guide }); i >= 0 {
			last[i] = v
		} else {
			last = append(last, v)
		}
	}
	return last, nil
}

func (m *memory) GuideHistory(_ context.Context, id string) ([]bot.GuideVersion, error) {
	var all []bot.GuideVersion
	for _, v := range slices.Backward(m.versions) {
		if v.Guide == id {
			all = append(all, v)
		}
	}
	return all, nil
}

func (m *memory) KeepGuides(ctx context.Context, versions []bot.GuideVersion) error {
	for _, v := range versions {
		if all, _ := m.GuideHistory(ctx, v.Guide); len(all)+1 != v.Version {
			return bot.ErrGuideChanged
		}
	}
	m.versions = append(m.versions, versions...)
	return nil
}

func (m *memory) GuideSeq(context.Context) (int64, error) { return int64(len(m.versions)), nil }

func TestStoreKeepsImports(t *testing.T) {
	dir, shelf := t.TempDir(), &memory{}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	open := func() *Store {
		t.Helper()
		s, err := Open(t.Context(), dir, shelf)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	take := func(s *Store, text string) Report {
		t.Helper()
		r, err := s.Import(t.Context(), strings.NewReader(text), FormatAuto, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	s := open()
	if n := len(s.Base().Guides()); n != 61 {
		t.Fatalf("a fresh folder holds %d guides", n)
	}
	row := `{"id":"k1","title":"打井备案","text":"收费标准：30元"}`
	if r := take(s, row); r.Added != 1 || r.Changed != 0 {
		t.Errorf("%+v", r)
	}
	if r := take(s, row); r.Unchanged != 1 || r.Added+r.Changed != 0 {
		t.Errorf("the same again: %+v", r)
	}
	if r := take(open(), row); r.Unchanged != 1 {
		t.Errorf("the same again after opening anew: %+v", r)
	}
	if r := take(s, strings.Replace(row, "30", "40", 1)); r.Changed != 1 {
		t.Errorf("a change: %+v", r)
	}
	for _, s := range []*Store{s, open()} {
		g, ok := s.Base().Guide("k1")
		if !ok || g.Version != 2 || g.Wording[Fee] != "40元" {
			t.Errorf("%+v", g)
		}
		if len(s.Base().Guides()) != 62 {
			t.Errorf("%d guides", len(s.Base().Guides()))
		}
		if a := s.Base().Ask(t.Context(), Question{Text: "打井备案多少钱"}); !strings.Contains(a.Text, "40元") {
			t.Errorf("%q", a.Text)
		}
	}
	old, err := s.At(t.Context(), "k1", 1)
	if err != nil || old.Wording[Fee] != "30元" {
		t.Errorf("the earlier version is gone: %v %+v", err, old)
	}
	take(s, `{"id":"passport","title":"普通护照","text":"收费标准：999元"}`)
	if g, _ := s.Base().Guide("passport"); g.Wording[Fee] != "999元" || len(s.Base().Guides()) != 62 {
		t.Error("an import does not stand in for the starter guide of its id")
	}
}

func TestStoreRefusesBrokenGuides(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "knowledge"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "knowledge", "own.yaml"), []byte("guides:\n- {id: a, title: 甲, prise: 1}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, nil); err == nil || !strings.Contains(err.Error(), "own.yaml") {
		t.Errorf("a broken file: %v", err)
	}
	broken := &memory{versions: []bot.GuideVersion{{Guide: "a", Version: 1, Body: []byte("{broken")}}}
	if _, err := Open(t.Context(), "", broken); err == nil || !strings.Contains(err.Error(), "guide a, version 1") {
		t.Errorf("a broken version: %v", err)
	}
	s, err := Open(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), strings.NewReader(`{"id":"a","title":"甲"}`), FormatAuto, time.Now(), nil); err == nil {
		t.Error("imports without a shelf")
	}
}

func TestOwnFilesOfAnInstallation(t *testing.T) {
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "knowledge"), 0o755)
	os.WriteFile(filepath.Join(dir, "knowledge", "ours.yaml"), []byte("guides:\n- {id: k9, title: 龙舟活动备案, fee: 免费}\n"), 0o644)
	s, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.Base().Ask(t.Context(), Question{Text: "龙舟活动备案要钱吗"}); a.Guide != "k9" || a.Decision != Answered {
		t.Errorf("%+v", a)
	}
}

// An edit is in force when it returns, and for another process within its next
// look; who saw an older version is refused; every version can be compared and
// put back.
func TestEditDiffRollback(t *testing.T) {
	shelf := &memory{}
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	here, err := Open(t.Context(), "", shelf)
	if err != nil {
		t.Fatal(err)
	}
	there, err := Open(t.Context(), "", shelf)
	if err != nil {
		t.Fatal(err)
	}
	g, _ := here.Base().Guide("passport")
	before := g
	g.Fee = "121元"
	began := time.Now()
	n, err := here.Edit(t.Context(), g, 0, "li", "核到新收费", now)
	if err != nil || n != 1 {
		t.Fatalf("%d %v", n, err)
	}
	fee := func(s *Store) string {
		return s.Base().Ask(t.Context(), Question{Text: "护照多少钱"}).Text
	}
	if !strings.Contains(fee(here), "121元") {
		t.Errorf("not in force: %s", fee(here))
	}
	if err := there.Refresh(t.Context()); err != nil || !strings.Contains(fee(there), "121元") {
		t.Errorf("another process does not see it: %v %s", err, fee(there))
	}
	if took := time.Since(began); took > 3*time.Second { // a second is promised
		t.Errorf("it took %v", took)
	}
	if _, err := there.Edit(t.Context(), before, 0, "wang", "", now); !errors.Is(err, bot.ErrGuideChanged) {
		t.Errorf("an edit over an older version: %v", err)
	}
	if _, err := here.Edit(t.Context(), Guide{ID: "passport"}, 1, "li", "", now); !errors.As(err, &ErrFaulty{}) {
		t.Errorf("a guide without a title: %v", err)
	}
	d := Diff(&before, &g)
	if len(d) != 1 || d[0].Key != "fee" || d[0].Before[0] != "120元" || d[0].After[0] != "121元" {
		t.Errorf("%+v", d)
	}
	if n, err = here.Rollback(t.Context(), "passport", 0, 1, "li", now); err != nil || n != 2 || !strings.Contains(fee(here), "120元") {
		t.Errorf("put back: %d %v %s", n, err, fee(here))
	}
	history, err := here.History(t.Context(), "passport")
	if err != nil || len(history) != 3 || history[0].Version != 2 || history[2].Version != 0 || history[1].Note != "核到新收费" {
		t.Errorf("%+v %v", history, err)
	}
}

// Questions that are being asked while guides are swapped get whole answers
// from one set or the other.
func TestSwapUnderQuestions(t *testing.T) {
	b := New([]Guide{{ID: "a", Title: "龙舟活动备案", Fee: "10元", Phone: []string{"10"}}})
	var asking sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a := b.Ask(t.Context(), Question{Text: "龙舟活动备案多少钱"})
				if x, y := strings.Contains(a.Text, "10元"), strings.Contains(a.Text, "20元"); x == y {
					t.Errorf("half an answer: %q", a.Text)
					return
				}
			}
		})
	}
	for i := range 50 {
		b.Swap([]Guide{{ID: "a", Title: "龙舟活动备案", Fee: []string{"20元", "10元"}[i%2]}})
	}
	close(stop)
	asking.Wait()
}
