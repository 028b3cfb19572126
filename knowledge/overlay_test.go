package knowledge

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func townGuide() Guide {
	return Guide{
		ID: "meal", Title: "长者饭堂用餐登记", Fee: "每餐10元", Where: "各镇街长者饭堂", Hours: Lines{"周一至周五11时至13时"}, Phone: []string{"12345"},
		Sources: []Source{{Title: "甲"}}, AsOf: "2026年",
		Towns: map[string]Overlay{
			"humen": {Fee: "每餐8元", Hours: Lines{"每天11时至13时"}, Places: []Place{{Town: "humen", Hall: "虎门长者饭堂", Address: "某路1号", Phone: []string{"0769-85000000"}}}},
		},
	}
}

// A town's own fee, place and hours are told there, the city's elsewhere; the
// guide stands in the index once.
func TestTownOverlay(t *testing.T) {
	b := New([]Guide{townGuide()})
	if len(b.Guides()) != 1 {
		t.Fatalf("%d guides", len(b.Guides()))
	}
	for _, tt := range []struct{ text, town, has, hasNot string }{
		{"长者饭堂用餐登记多少钱", "humen", "8元", "10元"},
		{"长者饭堂用餐登记多少钱", "changan", "10元", "8元"},
		{"长者饭堂用餐登记多少钱", "", "10元", "8元"},
		{"长者饭堂用餐登记在哪里", "humen", "虎门长者饭堂，某路1号", ""},
		{"长者饭堂用餐登记几点开门", "humen", "每天11时", "周一"},
	} {
		a := b.Ask(t.Context(), Question{Text: tt.text, Town: tt.town})
		if a.Decision != Answered || !strings.Contains(a.Text, tt.has) || tt.hasNot != "" && strings.Contains(a.Text, tt.hasNot) {
			t.Errorf("%s in %q: %s %q", tt.text, tt.town, a.Decision, a.Text)
		}
	}
}

// Filters: a guide for other towns, for other people, not in force or not
// active does not answer.
func TestFilters(t *testing.T) {
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	with := func(change func(*Guide)) *Base {
		g := townGuide()
		change(&g)
		return New([]Guide{g})
	}
	for name, tt := range map[string]struct {
		base *Base
		q    Question
		want string
	}{
		"its own town":   {with(func(g *Guide) { g.Only = []string{"humen"} }), Question{Town: "humen"}, Answered},
		"another town":   {with(func(g *Guide) { g.Only = []string{"humen"} }), Question{Town: "changan"}, Abstained},
		"its people":     {with(func(g *Guide) { g.Audience = []string{"自然人"} }), Question{Audience: "自然人"}, Answered},
		"other people":   {with(func(g *Guide) { g.Audience = []string{"自然人"} }), Question{Audience: "企业法人"}, Abstained},
		"not yet":        {with(func(g *Guide) { g.EffectiveFrom = "2026-12-01" }), Question{}, Abstained},
		"the last day":   {with(func(g *Guide) { g.EffectiveTo = "2026-11-25" }), Question{}, Answered},
		"the day after":  {with(func(g *Guide) { g.EffectiveTo = "2026-11-24" }), Question{}, Abstained},
		"a draft":        {with(func(g *Guide) { g.Status = Draft }), Question{}, Abstained},
		"taken back":     {with(func(g *Guide) { g.Status = Withdrawn }), Question{}, Abstained},
		"in force again": {with(func(g *Guide) { g.EffectiveFrom = "2026-11-25" }), Question{}, Answered},
	} {
		tt.q.Text, tt.q.Now = "长者饭堂用餐登记多少钱", now
		if a := tt.base.Ask(t.Context(), tt.q); a.Decision != tt.want {
			t.Errorf("%s: %s, want %s (%s)", name, a.Decision, tt.want, a.Text)
		}
	}
}

// Questions on the halls that name nothing else are answered, by hall.
func TestHallHours(t *testing.T) {
	b := starterBase(t)
	for _, tt := range []struct{ text, town, has, hasNot string }{
		{"周六上班吗", "", "周六", ""},
		{"你们几点下班", "", "工作日几点上下班", ""},
		{"大厅周末开门吗", "", "周日不开", ""},
		{"大厅周末开门吗", "humen", "周日不开", "周六周日9"},
		{"市民服务中心礼拜天开唔开", CityHall, "周六周日9-12时", "周日不开"},
		{"政务大厅星期六下午上班吗", "", "14-16时", ""},
	} {
		a := b.Ask(t.Context(), Question{Text: tt.text, Town: tt.town})
		if a.Decision != Answered || a.Guide != "appointment" || a.Field != Hours || !strings.Contains(a.Text, tt.has) || tt.hasNot != "" && strings.Contains(a.Text, tt.hasNot) {
			t.Errorf("%s in %q: %s %s#%s %q", tt.text, tt.town, a.Decision, a.Guide, a.Field, a.Text)
		}
	}
	for _, text := range []string{"周末去哪玩好", "现在几点了", "今天几号"} {
		if a := b.Ask(t.Context(), Question{Text: text}); a.Decision == Answered {
			t.Errorf("%s: answered from %s", text, a.Guide)
		}
	}
}

// A situation that is open is offered; the chosen one is told first and kept
// for what follows, and papers of another case are left out.
func TestSituations(t *testing.T) {
	g := Guide{
		ID: "permit", Title: "摊位经营登记", Sources: []Source{{Title: "甲"}}, AsOf: "2026年", Phone: []string{"12345"}, Fee: "按摊位收",
		Materials: []Material{{Name: "身份证"}, {Name: "租赁合同", When: []string{"site=rent"}}, {Name: "产权证", When: []string{"site=own"}}},
		Situations: []Situation{{ID: "site", Ask: "摊位是租的还是自己的？", Fields: []Field{Materials, Fee}, Options: []Choice{
			{ID: "rent", Label: "租的", Hears: []string{"租的"}, Says: map[Field]string{Fee: "租的摊位每月50元"}},
			{ID: "own", Label: "自己的", Hears: []string{"自己的铺"}},
		}}},
	}
	b := New([]Guide{g})
	a := b.Ask(t.Context(), Question{Text: "摊位经营登记要什么材料"})
	if a.Decision != Answered || a.Narrow == "" || len(a.Options) != 2 || !strings.Contains(a.Text, "租赁合同") || !strings.Contains(a.Text, "产权证") {
		t.Fatalf("open: %+v", a)
	}
	a = b.FieldIn("permit", a.Options[0].Field, ParseCase(a.Options[0].Case), "", time.Time{})
	if a.Narrow != "" || !strings.Contains(a.Text, "租赁合同") || strings.Contains(a.Text, "产权证") {
		t.Errorf("chosen: %q", a.Text)
	}
	a = b.Ask(t.Context(), Question{Text: "那要多少钱", Topic: a.Topic})
	if !strings.Contains(a.Text, "每月50元") || !slices.Equal(a.Citations, []string{"permit#fee"}) {
		t.Errorf("follow-up: %q %v", a.Text, a.Citations)
	}
	a = b.Ask(t.Context(), Question{Text: "租的摊位，摊位经营登记要什么材料"})
	if a.Narrow != "" || strings.Contains(a.Text, "产权证") {
		t.Errorf("said in the question: %q", a.Text)
	}
}
