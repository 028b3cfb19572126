package knowledge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestStoreKeepsImports(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	open := func() *Store {
		t.Helper()
		s, err := Open(dir)
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
	if n := len(s.Base().Guides()); n != 58 {
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
		if len(s.Base().Guides()) != 59 {
			t.Errorf("%d guides", len(s.Base().Guides()))
		}
		if a := s.Base().Ask(t.Context(), Question{Text: "打井备案多少钱"}); !strings.Contains(a.Text, "40元") {
			t.Errorf("%q", a.Text)
		}
	}
	old, err := os.ReadFile(filepath.Join(dir, "knowledge", supersededFileName))
	if err != nil || !strings.Contains(string(old), "30元") {
		t.Errorf("the earlier version is gone: %v %s", err, old)
	}
	take(s, `{"id":"passport","title":"普通护照","text":"收费标准：999元"}`)
	if g, _ := s.Base().Guide("passport"); g.Wording[Fee] != "999元" || len(s.Base().Guides()) != 59 {
		t.Error("an import does not stand in for the starter guide of its id")
	}
	left, _ := filepath.Glob(filepath.Join(dir, "knowledge", ".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStoreRefusesBrokenFiles(t *testing.T) {
	for name, content := range map[string]string{
		guidesFileName: `{"id":"a","title":"甲"}` + "\n{broken\n",
		"own.yaml":     "guides:\n- {id: a, title: 甲, prise: 1}\n",
	} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "knowledge"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "knowledge", name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), strings.NewReader(`{"id":"a","title":"甲"}`), FormatAuto, time.Now(), nil); err == nil {
		t.Error("imports without a folder")
	}
}

func TestOwnFilesOfAnInstallation(t *testing.T) {
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "knowledge"), 0o755)
	os.WriteFile(filepath.Join(dir, "knowledge", "ours.yaml"), []byte("guides:\n- {id: k9, title: 龙舟活动备案, fee: 免费}\n"), 0o644)
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.Base().Ask(t.Context(), Question{Text: "龙舟活动备案要钱吗"}); a.Guide != "k9" || a.Decision != Answered {
		t.Errorf("%+v", a)
	}
}
