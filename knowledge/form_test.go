package knowledge

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// A form that is sent back as it came changes nothing, of any guide.
func TestFormKeepsGuides(t *testing.T) {
	guides, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range guides {
		values := map[string]string{}
		for _, b := range g.Form() {
			values[b.Key] = strings.ReplaceAll(b.Value, "\n", "\r\n")
		}
		own := g
		own.Fill(values)
		if d := Diff(&g, &own); len(d) > 0 {
			t.Errorf("%s: %+v", g.ID, d)
		}
	}
	imported := Guide{ID: "b", Title: "乙", Wording: map[Field]string{Fee: "300 元", Materials: "身份证\n合同", Phone: "0769-22110000", Visits: "一次"}, Phone: []string{"0769-22110000"}}
	values := map[string]string{}
	for _, b := range imported.Form() {
		values[b.Key] = b.Value
	}
	if values["fee"] != "300 元" || values["materials"] != "身份证\n合同" {
		t.Errorf("the form of an imported guide does not show its words: %q", values)
	}
	own := imported
	if own.Fill(values); !reflect.DeepEqual(own, imported) {
		t.Errorf("a form that came back changed %+v", Diff(&imported, &own))
	}
	values["fee"], values["phone"], values["visits"] = "200 元", "0769-22220000", ""
	own.Fill(values)
	wantDiff := []Difference{{"fee", []string{"300 元"}, []string{"200 元"}}, {"visits", []string{"一次"}, nil}, {"phone", []string{"0769-22110000"}, []string{"0769-22220000"}}}
	if fee := New([]Guide{own}).Field("b", Fee, time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)).Text; !strings.Contains(fee, "200 元") || imported.Wording[Fee] != "300 元" || !reflect.DeepEqual(Diff(&imported, &own)[1:], wantDiff) {
		t.Errorf("edited: %q, %+v", fee, Diff(&imported, &own))
	}
	g := Guide{ID: "a", Title: "甲", Materials: []Material{{Name: "合同", Note: "原件", Waive: Promise}}}
	g.Fill(map[string]string{"fee": " 5元 ", "materials": "合同（复印件）\n\n照片", "steps": "一\n二"})
	want := Guide{ID: "a", Title: "甲", Fee: "5元", Steps: Lines{"一", "二"}, Materials: []Material{{Name: "合同", Note: "复印件", Waive: Promise}, {Name: "照片"}}}
	if !reflect.DeepEqual(g, want) {
		t.Errorf("%+v", g)
	}
}

// What is told over the telephone never ends with a label of which nothing is said.
func TestSpokenEndsNoLabel(t *testing.T) {
	g := Guide{ID: "a", Title: "养犬登记", Conditions: Lines{"有固定住所，一户一条"}, Materials: []Material{{Name: "身份证"}, {Name: "犬只免疫证明"}},
		Steps: Lines{"带犬只到窗口登记", "当场领证"}, Fee: "免费", Where: "户籍地派出所"}
	told := New([]Guide{g}).Field("a", Overview, time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)).Spoken
	if !strings.HasSuffix(told, "费用：免费。") {
		t.Errorf("told: %s", told)
	}
}

// The sources of a guide are written a line each: the line tells what it is, what
// is kept beside it stays with a line that stays.
func TestFormHoldsSources(t *testing.T) {
	kept := Source{Title: "市公安局 办事指南", URL: "https://example.org/a", FetchedAt: "2026-11-20", SHA256: "abc", Publisher: "市公安局"}
	odd := Source{Title: "某", URL: "search pages: 某"}
	g := Guide{ID: "a", Title: "甲", Sources: []Source{kept, odd}}
	values := map[string]string{}
	for _, b := range g.Form() {
		values[b.Key] = b.Value
	}
	if want := "市公安局 办事指南 https://example.org/a 2026-11-20\n某 search pages: 某"; values["source"] != want {
		t.Fatalf("%q", values["source"])
	}
	g.Fill(map[string]string{"source": values["source"] + "\r\n《收费公告》  http://example.org/b\r\n局里来文 2026-11-24\r\n2026-11-25\r\nhttps://example.org/c\r\n明年 2026-13-01"})
	want := []Source{kept, odd, {Title: "《收费公告》", URL: "http://example.org/b"}, {Title: "局里来文", FetchedAt: "2026-11-24"},
		{Title: "2026-11-25"}, {Title: "https://example.org/c"}, {Title: "明年 2026-13-01"}}
	if !reflect.DeepEqual(g.Sources, want) {
		t.Errorf("%+v", g.Sources)
	}
	g.Fill(map[string]string{"source": ""})
	if len(g.Sources) != 0 {
		t.Errorf("taken away, there is %+v", g.Sources)
	}
}
