package knowledge

import "testing"

// Of two guides that one name brings equally near, the one with a second name that is
// like the question goes first.
func TestASecondNameCounts(t *testing.T) {
	guides := []Guide{
		{ID: "one", Title: "道路货物运输经营许可", Aliases: []string{"冷冻库房备案"}},
		{ID: "two", Title: "道路货物运输经营审批", Aliases: []string{"货物运输经营办理"}},
	}
	x := build(guides)
	r := x.route("道路货物运输经营")
	near := x.judge(&r, nil)
	if len(near) != 2 || x.guides[near[0].guide].ID != "two" {
		t.Fatalf("%+v", near)
	}
	if near[0].second <= near[1].second {
		t.Errorf("a second name adds %v and %v", near[0].second, near[1].second)
	}
}
