package policies

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"
)

func starter(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(d string) time.Time {
	v, err := time.Parse(time.DateOnly, d)
	if err != nil {
		panic(err)
	}
	return v
}

var now = day("2026-11-24")

func TestStarterHoldsAllPolicies(t *testing.T) {
	if n := len(starter(t).All()); n != 39 {
		t.Errorf("%d policies", n)
	}
}

// What is past, without dates or hearsay is never told as in force.
func TestOnlyWhatIsInForceIsCurrent(t *testing.T) {
	c := starter(t)
	for _, p := range c.All() {
		s := p.Standing(now)
		if s.Words == "" {
			t.Errorf("%s: no words", p.ID)
		}
		if s.Current != (p.Status == Until || p.Status == Open) {
			t.Errorf("%s: status %s, current %v", p.ID, p.Status, s.Current)
		}
		if s.Current && strings.Contains(s.Words, "核实") {
			t.Errorf("%s: %s", p.ID, s.Words)
		}
	}
	tax := c.Policy("tax-6t2f")
	if !tax.Standing(day("2027-12-31")).Current || tax.Standing(day("2028-01-01")).Current {
		t.Error("the last day is not the last")
	}
	if s := c.Policy("expand-job").Standing(now); !strings.Contains(s.Words, "2025-12-31") || !strings.Contains(s.Words, "12345") {
		t.Error(s.Words)
	}
	old := Policy{Status: Superseded, ReplacedBy: "x", To: "2099-01-01"}
	if old.Standing(now).Current {
		t.Error("a superseded one is current")
	}
}

func TestConditionsSayWhyAndWhyNot(t *testing.T) {
	c := starter(t)
	p := c.Policy("startup-onetime")
	v := p.Match(Profile{"person.identity": "veteran", "ent.reg_months": "3", "ent.abnormal": "no"}, now)
	if v.Fits != No || v.Standing.Current {
		t.Fatalf("%+v", v)
	}
	got := map[Truth]int{}
	for _, r := range v.Reasons {
		got[r.Holds]++
	}
	if got[Yes] != 3 || got[No] != 1 || got[Unknown] != 2 {
		t.Errorf("%v", got)
	}
}

func TestAnUnknownFactCountsAgainstNobody(t *testing.T) {
	for _, p := range starter(t).All() {
		if v := p.Match(Profile{}, now); v.Fits != Unknown {
			t.Errorf("%s: %v without a word told", p.ID, v.Fits)
		}
		unsure := Profile{}
		for _, f := range starter(t).Facts() {
			unsure[f] = Unsure
		}
		if v := p.Match(unsure, now); v.Fits != Unknown {
			t.Errorf("%s: %v for who is not sure of anything", p.ID, v.Fits)
		}
	}
}

func TestLinesThatDifferByGender(t *testing.T) {
	age := Condition{Fact: "person.age", Op: "<=", ByGender: map[string]float64{"m": 60, "f": 55}}
	for _, tc := range []struct {
		age, gender string
		want        Truth
	}{{"50", "", Yes}, {"58", "", Unknown}, {"58", "m", Yes}, {"58", "f", No}, {"61", "", No}} {
		if got := age.Under(Profile{"person.age": tc.age, "person.gender": tc.gender}); got != tc.want {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}

func TestAlternativePathsAndSeveralValues(t *testing.T) {
	c := starter(t)
	care := c.Policy("disability-care")
	if v := care.Match(Profile{"person.identity": "disabled,dibao", "person.disability_level": "3", "person.disability_kind": "mental"}, now); v.Fits != Yes {
		t.Errorf("%+v", v)
	}
	if v := c.Policy("disability-life").Match(Profile{"person.identity": "disabled,dibao"}, now); v.Fits != Yes {
		t.Errorf("%+v", v)
	}
}

func TestQuestionsAreFewAndEndTheTalk(t *testing.T) {
	c := starter(t)
	rapid.Check(t, func(r *rapid.T) {
		p := Profile{}
		for range MostQuestions + 1 {
			id := c.Next(p, "", now)
			if id == "" {
				return
			}
			f, ok := c.Fact(id)
			if !ok || p[id] != "" {
				r.Fatalf("asks for %q again or unknown", id)
			}
			p[id] = rapid.SampledFrom(append([]Option{{ID: Unsure}}, f.Options...)).Draw(r, id).ID
		}
		r.Fatalf("more than %d questions: %v", MostQuestions, p)
	})
	for _, policy := range c.All() { // one policy alone is decided in the end
		p := Profile{}
		for id := c.Next(p, policy.ID, now); id != ""; id = c.Next(p, policy.ID, now) {
			f, _ := c.Fact(id)
			p[id] = f.Options[0].ID
		}
		if v := policy.Match(p, now); v.Fits == Unknown {
			t.Errorf("%s: still open under %v", policy.ID, p)
		}
	}
}

func TestHearsFactsAndNumbers(t *testing.T) {
	c := starter(t)
	p := c.Hear("我们是小规模的个体户，做餐饮")
	if p["ent.vat_status"] != "small" || p["ent.type"] != "individual" || p["ent.industry"] != "住宿餐饮" || p[Scope] != "firm" {
		t.Errorf("%v", p)
	}
	months, _ := c.Fact("ent.reg_months")
	money, _ := c.Fact("ent.assets")
	for _, tc := range []struct {
		f    Fact
		text string
		want string
	}{{months, "一年半", "18"}, {months, "8个月", "8"}, {months, "两年", "24"}, {money, "三百万", "300"}, {money, "1亿", "10000"}, {months, "不知道", Unsure}, {months, "香蕉", ""}} {
		if got := tc.f.Answer(tc.text); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.text, got, tc.want)
		}
	}
	if p := c.Find("六税两费还有吗"); p == nil || p.ID != "tax-6t2f" {
		t.Errorf("%v", p)
	}
}

func TestPublishedPoliciesJoinAndReplace(t *testing.T) {
	extra := fstest.MapFS{"new.yaml": {Data: []byte(`
sources: {s: {title: 新文件}}
policies:
- {id: fresh, title: 新补贴, for: [firm], status: active_until, to: '2027-06-30', published: '2026-11-20', benefit: 给钱, as_of: 2026 年, source: [s], conditions: [{fact: ent.in_dg, op: '==', value: 'yes', text: 在东莞}]}
- {id: tax-iit, title: 个体户个税, for: [firm], status: superseded, replaced_by: fresh, benefit: 旧的, as_of: 2026 年, source: [s], conditions: [{fact: ent.in_dg, op: '==', value: 'yes', text: 在东莞}]}
`)}}
	c, err := Load(embedded, extra)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.All()) != 40 {
		t.Errorf("%d policies", len(c.All()))
	}
	if got := c.New(day("2026-11-01"), now); len(got) != 1 || got[0].ID != "fresh" {
		t.Errorf("%v", got)
	}
	if got := c.Expiring(day("2027-06-10"), 30*24*time.Hour); len(got) != 1 || got[0].ID != "fresh" {
		t.Errorf("%v", got)
	}
	for _, v := range c.Match(Profile{Scope: "firm", "ent.in_dg": "yes"}, now) {
		if v.Policy.ID == "tax-iit" {
			t.Error("a superseded policy is matched")
		}
	}
	bad := fstest.MapFS{"bad.yaml": {Data: []byte(`policies: [{id: x, title: 甲, for: [firm], status: active_until, benefit: 乙, as_of: 2026 年, conditions: [{fact: no.such, op: '==', value: a, text: 丙}]}]`)}}
	if _, err := Load(embedded, bad); err == nil {
		t.Error("a faulty policy is taken")
	}
}
