package knowledge

import (
	"testing"
	"time"
)

func TestLint(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	good := Guide{ID: "a", Title: "甲事", Aliases: []string{"甲"}, Fee: "免费", Where: "某处", TimeLimit: "1日", Who: "人人", Steps: Lines{"来"},
		Materials: []Material{{Name: "纸"}}, Phone: []string{"0769-22001234"}, Sources: []Source{{Title: "某"}}, AsOf: "2026", VerifiedAt: "2026-11-01",
		ReviewBy: "2027-05-01", Codes: Codes{Item: "11441900007331"}}
	if found := Lint([]Guide{good}, now); len(found) > 0 {
		t.Errorf("a good guide: %+v", found)
	}
	tests := []struct {
		rule   Rule
		field  string
		level  Level
		change func(*Guide)
	}{
		{"placeholder", "fee", LevelError, func(g *Guide) { g.Fee = "无" }},
		{"placeholder", "where", LevelWarning, func(g *Guide) {
			g.Faults = []Fault{placeholderFault("where", "无")}
		}},
		{"phone", "phone", LevelWarning, func(g *Guide) { g.Phone = []string{"0000swjw"} }},
		{"phone", "complain_phone", LevelWarning, func(g *Guide) {
			g.Faults = []Fault{phoneFault("complain_phone", "0000swjw")}
		}},
		{"area-code", "phone", LevelWarning, func(g *Guide) { g.Phone = []string{"020-83130240"} }},
		{"promise-over-legal", "promised_days", LevelError, func(g *Guide) { g.Legally, g.Promised = &Days{5, true}, &Days{7, true} }},
		{"promise-over-legal", "promised_days", LevelError, func(g *Guide) { g.Legally, g.Promised = &Days{30, false}, &Days{30, true} }},
		{"expired", "effective_to", LevelError, func(g *Guide) { g.EffectiveTo = "2026-11-20" }},
		{"unverified", "verified_at", LevelWarning, func(g *Guide) { g.VerifiedAt = "2026-05-01" }},
		{"unverified", "verified_at", LevelNote, func(g *Guide) { g.VerifiedAt = "" }},
		{"unverified", "verified_by", LevelWarning, func(g *Guide) { g.VerifiedBy = "王小明" }},
		{"review-due", "review_by", LevelWarning, func(g *Guide) { g.ReviewBy = "2026-11-01" }},
		{"no-source", "source", LevelWarning, func(g *Guide) { g.Sources = nil }},
		{"no-as-of", "as_of", LevelWarning, func(g *Guide) { g.AsOf = "" }},
		{"no-phone", "phone", LevelWarning, func(g *Guide) { g.Phone = nil }},
		{"no-field", "steps", LevelNote, func(g *Guide) { g.Steps = nil }},
		{"no-field", "codes", LevelNote, func(g *Guide) { g.Codes = Codes{} }},
		{"no-field", "review_by", LevelNote, func(g *Guide) { g.ReviewBy = "" }},
		{"no-alias", "aliases", LevelNote, func(g *Guide) { g.Aliases = nil }},
		{"unknown-fee", "fee", LevelWarning, func(g *Guide) { g.Fee = "待核" }},
		{"doubt", "verify", LevelWarning, func(g *Guide) { g.Verify = []Doubt{{Note: "某"}} }},
		{"same-phone", "complain_phone", LevelNote, func(g *Guide) { g.Complain = g.Phone }},
		{"no-way", "visits", LevelWarning, func(g *Guide) { g.Visits = Lines{"到办事现场次数：0"} }},
		{"kind-and-promise", "kind", LevelWarning, func(g *Guide) { g.Kind, g.Promised = "即办件", &Days{3, true} }},
		{"kind-and-promise", "kind", LevelWarning, func(g *Guide) { g.Kind, g.Promised = "承诺件", &Days{0, true} }},
		{"kind-and-promise", "kind", LevelWarning, func(g *Guide) { g.Kind = "联办件" }},
		{"visits", "visit_count", LevelWarning, func(g *Guide) { g.VisitCount = new(2) }},
		{"no-way", "visit_count", LevelWarning, func(g *Guide) { g.VisitCount = new(0) }},
		{"online-depth", "online_depth", LevelWarning, func(g *Guide) { g.OnlineDepth, g.VisitCount, g.Visits = "IV", new(1), Lines{"要按指纹"} }},
		{"fee-basis", "fees", LevelNote, func(g *Guide) { g.Fees = []FeeItem{{Item: "工本费", Amount: "10"}} }},
		{"fee-basis", "fees", LevelNote, func(g *Guide) { g.Fees = []FeeItem{{Item: "工本费", Basis: "某号文"}} }},
		{"fee-basis", "fee", LevelWarning, func(g *Guide) { g.Fee, g.Sources = "10元", nil }},
		{"free-and-paid", "pay_online", LevelWarning, func(g *Guide) { g.PayOnline = true }},
		{"permit-detail", "steps", LevelNote, func(g *Guide) { g.Nature, g.FAQ = "行政许可", []QA{{"问", "答"}} }},
		{"permit-detail", "steps", LevelNote, func(g *Guide) { g.Nature, g.Steps = "行政许可", Lines{"一", "二", "三", "四", "五"} }},
		{"audience-and-theme", "audience", LevelWarning, func(g *Guide) { g.Theme, g.Audience = "企业", []string{"自然人"} }},
		{"audience-and-theme", "audience", LevelWarning, func(g *Guide) { g.Theme, g.Audience = "婚姻", []string{"企业法人"} }},
		{"no-sample", "sample", LevelNote, func(g *Guide) { g.Result = Lines{"领许可证"} }},
		{"dead-link", "channels", LevelWarning, func(g *Guide) { g.Channels = []Channel{{"网页", "http://localhost:8080/a"}} }},
		{"dead-link", "channels", LevelWarning, func(g *Guide) { g.Channels = []Channel{{"网页", "http://192.168.1.7/a"}} }},
		{"dead-link", "sample", LevelWarning, func(g *Guide) { g.Sample = "样表.doc" }},
		{"dead-link", "source", LevelNote, func(g *Guide) { g.Sources = []Source{{Title: "某", URL: "search pages: 某"}} }},
		{"odd-limit", "time_limit", LevelWarning, func(g *Guide) { g.Promised = &Days{400, false} }},
		{"no-way", "where", LevelWarning, func(g *Guide) { g.Visits, g.Where = Lines{"到办事现场次数：0"}, "" }},
		{"empty", "text", LevelError, func(g *Guide) { g.Type = TypePolicy }},
		{"unusable", "title", LevelError, func(g *Guide) { g.Title = " " }},
	}
	for _, tt := range tests {
		g := good
		tt.change(&g)
		hit := false
		for _, f := range Lint([]Guide{g}, now) {
			hit = hit || f.Rule == tt.rule && f.Field == tt.field && f.Level == tt.level && f.ID == "a" && f.Message != ""
		}
		if !hit {
			t.Errorf("%s on %s is not found: %+v", tt.rule, tt.field, Lint([]Guide{g}, now))
		}
	}
	// What agrees is no finding.
	whole := good
	whole.Nature, whole.Kind, whole.Promised = "行政许可", "即办件", &Days{0, true}
	whole.Steps, whole.FAQ = Lines{"一", "二", "三", "四", "五"}, []QA{{"问", "答"}}
	whole.Fee, whole.Fees, whole.PayOnline = "10元", []FeeItem{{Item: "工本费", Amount: "10", Basis: "某号文"}}, true
	whole.Theme, whole.Audience = "企业", []string{"企业法人"}
	whole.VisitCount, whole.OnlineDepth, whole.Online, whole.Express = new(0), "IV", Lines{"粤商通"}, true
	whole.Result, whole.Sample = Lines{"领许可证"}, "https://www.gdzwfw.gov.cn/a.pdf"
	whole.Channels = []Channel{{"广东政务服务网", "https://www.gdzwfw.gov.cn"}}
	if found := Lint([]Guide{whole}, now); len(found) > 0 {
		t.Errorf("a whole guide: %+v", found)
	}
	other := good
	other.ID, other.Title = "b", "乙事"
	found := Summary(Lint([]Guide{good, other}, now))
	if len(found) != 1 || found[0] != (RuleCount{"duplicate-name", 2}) {
		t.Errorf("the alias of two guides: %+v", found)
	}
}

// The starter set has its doubts and no errors.
func TestStarterLints(t *testing.T) {
	guides, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Lint(guides, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		if f.Level == LevelError || f.Rule == "duplicate-name" || f.Rule == "no-source" {
			t.Errorf("%+v", f)
		}
		if f.File == "" {
			t.Errorf("%s: no file", f.ID)
		}
	}
}
