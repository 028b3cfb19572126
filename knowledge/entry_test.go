package knowledge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"
)

// What a guide has no field for, and does not have, is said to be missing with the
// phone to ask; what it has is told.
func TestCatalogueEntriesAreToldOrMissing(t *testing.T) {
	b := starterBase(t)
	for q, want := range map[string]string{
		"身份证补领的实施编码是多少": "未写明实施编码",
		"居住证申请表样表在哪里下载": "未写明样表和空白表",
		"护照收费依据是什么":     "未写明收费依据",
		"工伤认定可以申请行政复议吗": "未写明行政复议和诉讼的办法",
		"敬老卡收费吗":        "未写明收费",
	} {
		a := b.Ask(t.Context(), Question{Text: q})
		if a.Guide == "" || !strings.Contains(a.Text, want) || !strings.Contains(a.Text, "可拨12") || !strings.Contains(a.Spoken, want) {
			t.Errorf("%s: %s, spoken %s", q, a.Text, a.Spoken)
		}
	}
	g, _ := b.Guide("passport")
	g.Codes.Item, g.Fees[0].Basis = "11441900007330000W4440109001000", "发改价格规〔2019〕1931号"
	own := New([]Guide{g})
	for q, want := range map[string]string{"护照的事项编码": g.Codes.Item, "护照收费依据是什么": g.Fees[0].Basis} {
		if a := own.Ask(t.Context(), Question{Text: q}); a.Decision != Answered || !strings.Contains(a.Text, want) {
			t.Errorf("%s: %s %s", q, a.Decision, a.Text)
		}
	}
}

func TestLacksAreListed(t *testing.T) {
	guides, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	lacks := Lacks(guides)
	find := func(title string) []string {
		for _, l := range lacks {
			if l.Title == title {
				return l.Guides
			}
		}
		return nil
	}
	if codes := find("实施编码"); len(codes) != len(guides) {
		t.Errorf("%d of %d lack their code", len(codes), len(guides))
	}
	if !slices.Contains(find("费用"), "elder-card") || slices.Contains(find("费用"), "passport") {
		t.Errorf("no fee: %v", find("费用"))
	}
	x := New(guides)
	for _, f := range Fields() { // each that is listed is said to be missing, or told from lines on it
		for _, id := range find(f.Title()) {
			a := x.Field(id, f, time.Time{})
			g, _ := x.Guide(id)
			if !strings.Contains(a.Text, "可拨"+g.ask()) && !strings.Contains(a.Text, "指南没有单列") {
				t.Errorf("%s#%s: %s", id, f, a.Text)
			}
		}
	}
}

// A source without a digest gets that of what was read in; one that has it keeps it.
func TestSourcesAreSealed(t *testing.T) {
	guides, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, g := range guides {
		for _, s := range g.Sources {
			if len(s.SHA256) != 64 {
				t.Fatalf("%s: digest %q", g.ID, s.SHA256)
			}
			if other := seen[s.SHA256]; other != "" && other != g.ID {
				t.Fatalf("%s and %s have one digest", g.ID, other)
			}
			seen[s.SHA256] = g.ID
		}
	}
	row := `{"id":"a","title":"冷库备案","sources":[{"title":"甲"},{"title":"乙","sha256":"ab"}]}`
	read, _, err := Import(t.Context(), bytes.NewBufferString(row), FormatAuto, nil)
	if err != nil || len(read) != 1 {
		t.Fatal(read, err)
	}
	sum := sha256.Sum256([]byte(row))
	if got := read[0].Sources; got[0].SHA256 != hex.EncodeToString(sum[:]) || got[1].SHA256 != "ab" {
		t.Errorf("%+v", got)
	}
}
