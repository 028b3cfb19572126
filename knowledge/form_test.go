package knowledge

import (
	"reflect"
	"strings"
	"testing"
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
	g := Guide{ID: "a", Title: "甲", Materials: []Material{{Name: "合同", Note: "原件", Waive: Promise}}}
	g.Fill(map[string]string{"fee": " 5元 ", "materials": "合同（复印件）\n\n照片", "steps": "一\n二"})
	want := Guide{ID: "a", Title: "甲", Fee: "5元", Steps: Lines{"一", "二"}, Materials: []Material{{Name: "合同", Note: "复印件", Waive: Promise}, {Name: "照片"}}}
	if !reflect.DeepEqual(g, want) {
		t.Errorf("%+v", g)
	}
}
