package themes

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

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

func TestStarterThemesAreSoundTrees(t *testing.T) {
	c := starter(t)
	for _, f := range c.Lint() {
		t.Error(f)
	}
	if n := len(c.All()); n != 19 {
		t.Errorf("%d themes", n)
	}
	for _, theme := range c.All() {
		ways, most := 0, 0
		theme.walk(Answers{}, func(_ Answers, put []string) { ways, most = ways+1, max(most, len(put)) })
		if most > MostQuestions {
			t.Errorf("%s puts %d questions", theme.ID, most)
		}
		t.Logf("%s: %d questions, %d ways", theme.ID, len(theme.Questions), ways)
	}
}

// Who is unsure sees everything that some sure answer would show.
func TestUnsureIsTheSuperset(t *testing.T) {
	for _, theme := range starter(t).All() {
		all := theme.Plan(theme.everything(Unsure))
		items, papers, steps := namesOf(all)
		theme.walk(Answers{}, func(a Answers, _ []string) {
			i, p, s := namesOf(theme.Plan(a))
			for what, pair := range map[string][2][]string{"item": {i, items}, "paper": {p, papers}, "step": {s, steps}} {
				for _, name := range pair[0] {
					if !slices.Contains(pair[1], name) {
						t.Fatalf("%s: %s %s under %v is missing for who is unsure", theme.ID, what, name, a)
					}
				}
			}
		})
	}
}

func namesOf(p Plan) (items, papers, steps []string) {
	for _, m := range p.Items {
		items = append(items, m.ID)
	}
	for _, m := range p.Materials {
		papers = append(papers, m.Name)
	}
	for _, s := range p.Steps {
		steps = append(steps, s.ID)
	}
	return items, papers, steps
}

// A question is put only where its answer changes what comes out, and what is
// not put cannot change it.
func TestOnlyWhatChangesTheOutcomeIsAsked(t *testing.T) {
	for _, theme := range starter(t).All() {
		theme.walk(Answers{}, func(a Answers, _ []string) {
			for _, q := range theme.Questions {
				if a[q.ID] != "" || q.When.Under(a) == No {
					continue
				}
				for _, o := range q.Options {
					if theme.signature(a.with(q.ID, o.ID)) != theme.signature(a.with(q.ID, q.Options[0].ID)) {
						t.Fatalf("%s: %s was not asked under %v and matters", theme.ID, q.ID, a)
					}
				}
			}
		})
	}
}

// More answers never add what fewer did not have.
func TestAnswersOnlyNarrow(t *testing.T) {
	c := starter(t)
	rapid.Check(t, func(r *rapid.T) {
		theme := rapid.SampledFrom(c.All()).Draw(r, "theme")
		a := Answers{}
		before, _, _ := namesOf(theme.Plan(a))
		for _, q := range rapid.Permutation(theme.Questions).Draw(r, "order") {
			a = a.with(q.ID, rapid.SampledFrom(q.Options).Draw(r, "option").ID)
			now, _, _ := namesOf(theme.Plan(a))
			for _, name := range now {
				if !slices.Contains(before, name) {
					r.Fatalf("%s: %s came with %v", theme.ID, name, a)
				}
			}
			before = now
		}
	})
}

func TestThePathIsTheLongestChain(t *testing.T) {
	c := starter(t)
	p := c.Theme("open-restaurant").Plan(Answers{"form": "ind", "area": "small", "what": "hot", "drain": "no", "sign": "no"})
	path := p.Path()
	var ids []string
	for _, s := range path.Stages {
		ids = append(ids, s.ID)
	}
	if got := strings.Join(ids, " "); got != "s1 s2 s3 s4" || path.Working != 26 || path.Open != 2 {
		t.Errorf("%s, %d working days, %d open", got, path.Working, path.Open)
	}
	closing := c.Theme("biz-close").Plan(Answers{"type": "co", "debt": "no", "abnormal": "no", "import": "no"})
	if path := closing.Path(); path.Working != 10 || path.Calendar != 20 {
		t.Errorf("%+v", path)
	}
}

func TestStepsStandInLayersAndSkipWhatFellAway(t *testing.T) {
	p := starter(t).Theme("points-school").Plan(Answers{"grade": "p1", "kid": "cn", "permit": "valid", "home": "rent", "public": "no"})
	for _, s := range p.Steps {
		if s.ID == "s0" {
			t.Error("a valid permit needs no renewing")
		}
		if s.ID == "s1" && s.Layer != 0 {
			t.Errorf("the first step stands in layer %d", s.Layer)
		}
	}
	visits := p.Visits()
	if len(visits) != 1 || visits[0].Where != "录取的学校" {
		t.Errorf("%+v", visits)
	}
}

func TestPapersAreMergedToTheStrictest(t *testing.T) {
	theme := &Theme{
		Items: []Item{{ID: "a"}, {ID: "b"}},
		Materials: []Material{
			{Name: "身份证", Waive: ELicence, Licence: "id_card", For: []string{"a"}},
			{Name: "身份证", Waive: Needed, For: []string{"b"}},
			{Name: "身份证", Waive: SystemMade},
		},
	}
	p := theme.Plan(nil)
	if len(p.Materials) != 1 || p.Materials[0].Waive != Needed || p.Materials[0].Licence != "" {
		t.Errorf("%+v", p.Materials)
	}
}

func TestFindsAThemeByNameAndByStory(t *testing.T) {
	c := starter(t)
	for words, want := range map[string]string{
		"我在长安买了房刚生了二胎想上户口": "newborn",
		"出生一件事怎么办":         "newborn",
		"刚生咗BB，要办咩手续":      "newborn",
		"想开间奶茶店":           "open-restaurant",
		"我想自己做点小生意":        "startup-self",
		"公司不做了想注销":         "biz-close",
		"我妈走了，要办什么手续":      "after-death",
		"老人去世后要办哪些":        "after-death",
		"快退休了要办什么手续":       "retire",
		"退伍回来要办什么":         "veteran",
		"外地户口的孩子想读公办":      "points-school",
		"買二手房要辦什麼手續":       "second-hand-house",
		"公司要搬厂换地址":         "biz-change",
		"我要生孩子了要办哪些":       "newborn",
		"怀孕八个月了宝宝出生后都要办啥":  "newborn",
		"我户口在外省小孩上小学全套手续":  "points-school",
		"刚买新楼盘要办什么手续":      "presale-mortgage",
		"开奶茶店从头到尾要办什么":     "open-restaurant",
		"公司不想开了要办哪些手续":     "biz-close",
		"社保卡相关的事想一次办齐":     "social-card",
		"残疾人有哪些事可以一起办":     "disability",
		"新房子要通水电气网怎么办":     "utilities",
		"公司上了失信名单怎么恢复":     "credit-repair",
		"自由职业参保要办什么手续":     "flex-insure",
		"我爸快到退休年龄了要办什么":    "retire",
		"怀孕流产有津贴吗":         "",
		"孩子出生要多少钱":         "",
		"老家孩子上小学要什么材料":     "",
		"居住证怎么办":           "",
		"开餐馆要带什么材料":        "",
		"楼下餐馆油烟太大":         "",
		"刚出生的孩子怎么上户口":      "",
		"退休年龄是多少":          "",
		"公积金可以取吗":          "",
	} {
		got := ""
		if theme := c.Find(words); theme != nil {
			got = theme.ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", words, got, want)
		}
	}
}

func TestHearsWhatWasToldAlready(t *testing.T) {
	c := starter(t)
	for _, tc := range []struct {
		theme, words string
		want         Answers
	}{
		{"newborn", "我在长安买了房刚生了二胎想上户口", Answers{"age": "under1"}},
		{"open-restaurant", "想开间奶茶店，五十平以下的小店", Answers{"form": "ind", "what": "drink", "area": "small"}},
		{"second-hand-house", "买二手房，卖家没有贷款，我全款", Answers{"way": "sale", "mort": "no", "loan": "no"}},
		{"startup-self", "大学生想自己创业开网店", Answers{"place": "online", "group": "grad"}},
	} {
		if got := c.Theme(tc.theme).Hear(tc.words); !maps.Equal(got, tc.want) {
			t.Errorf("%s: %v", tc.words, got)
		}
	}
	hpf := c.Theme("retire")
	for words, want := range map[string]string{"有": "yes", "没有": "no", "冇": "no", "不知道": Unsure, "有公积金": "yes", "没有公积金": "no", "香蕉": ""} {
		if got := hpf.Answer("hpf", words); got != want {
			t.Errorf("%s: %q", words, got)
		}
	}
}

func TestFaultyTreesAreRefused(t *testing.T) {
	good := `
sources: {s: {title: 来源}}
themes:
- id: a
  title: 甲
  who: 人
  where: 处
  as_of: 2026 年
  aliases: [甲一件事]
  source: [s]
  questions:
  - {id: q, label: 项, ask: 问？, why: 因, unsure: 都列, options: [{id: x, text: 一}, {id: y, text: 二}]}
  items: [{id: i, name: 事, dept: 局}, {id: j, name: 另事, dept: 局, on: {q: [x]}}]
  materials: [{name: 证, waive: none}]
  steps: [{id: s1, do: 做, items: [i]}, {id: s2, do: 再做, after: [s1], items: [j]}]
`
	load := func(text string) error {
		c, err := Load(fstest.MapFS{"t.yaml": {Data: []byte(text)}})
		if err == nil && len(c.Lint()) > 0 {
			err = errors.New(strings.Join(c.Lint(), "\n"))
		}
		return err
	}
	if err := load(good); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string][2]string{
		"a circle":                {"{id: s1, do: 做, items: [i]}", "{id: s1, do: 做, items: [i], after: [s2]}"},
		"no such option":          {"on: {q: [x]}", "on: {q: [z]}"},
		"no such question":        {"on: {q: [x]}", "on: {p: [x]}"},
		"a question for nothing":  {"on: {q: [x]}", "on: {q: [x, y]}"},
		"a matter out of reach":   {"on: {q: [x]}", "on: {q: []}"},
		"an unknown waiver":       {"waive: none", "waive: perhaps"},
		"an unknown key":          {"as_of: 2026 年", "as_off: 2026 年"},
		"a source that is not":    {"source: [s]", "source: [z]"},
		"a theme to nowhere":      {"{id: y, text: 二}", "{id: y, text: 二, goto: b}"},
		"a step for no matter":    {"after: [s1], items: [j]", "after: [s1], items: [k]"},
		"one option":              {"{id: x, text: 一}, {id: y, text: 二}", "{id: x, text: 一}"},
		"a licence that is empty": {"waive: none", "waive: e_licence"},
	} {
		if !strings.Contains(good, edit[0]) {
			t.Fatalf("%s: the example has no %q", name, edit[0])
		}
		if err := load(strings.Replace(good, edit[0], edit[1], 1)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
