package knowledge

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAsk(t *testing.T) {
	b := starterBase(t)
	tests := []struct {
		text, decision, guide string
		fields                []Field
		has                   []string
	}{
		{"身份证丢了补办多少钱", Answered, "id-card-lost", []Field{Fee}, []string{"40元"}},
		{"带什么、去哪里补办身份证", Answered, "id-card-lost", []Field{Materials, Where}, []string{"居民户口簿", "户政办证窗口"}},
		{"補領身份證要攞咩文件", Answered, "id-card-lost", []Field{Materials}, []string{"居民户口簿"}},
		{"护照几钱", Answered, "passport", []Field{Fee}, []string{"120元"}},
		{"我想办护照", Answered, "passport", []Field{Overview}, []string{"要带", "120元", "15日"}},
		{"离婚登记", Answered, "divorce", []Field{Overview}, []string{"离婚协议书"}},
		{"深圳的居住证怎么申领", Abstained, "", nil, nil},
		{"教师资格证去哪里认定", Abstained, "", nil, nil},
		{"今晚吃什么", Abstained, "", nil, nil},
		{"", Abstained, "", nil, nil},
		{"？？？", Abstained, "", nil, nil},
		{"去香港旅游的证件多少钱", Answered, "hk-macau-permit", []Field{Fee}, []string{"60元"}},
		{"房子过户要交几样税", Answered, "property-transfer", []Field{Fee}, []string{"未写明要交哪些税", "税费另计"}},
		{"积分入学今年几号报名", Answered, "points-school", []Field{TimeLimit}, []string{"5月"}},
		{"打几号可以问积分入学", Answered, "points-school", []Field{Phone}, []string{"12345"}},
		{"人才入户要什么学历", Answered, "hukou-talent", nil, []string{"按学历"}},
		{"公积金买房可以提几次", Answered, "hpf-withdraw", []Field{Conditions}, []string{"未写明可以办几次", "12329"}},
		{"养老认证一年要认证几次", Answered, "pension-auth", []Field{Conditions}, []string{"每12个月认证一次"}},
		{"阿婆今年90岁能领什么", Answered, "elder-allowance", nil, []string{"90至99岁250元"}},
		{"阿公八十三岁啦可以攞咩津贴", Answered, "elder-allowance", nil, []string{"80至89岁150元"}},
		{"我外婆九十五了政府有没有钱发", Answered, "elder-allowance", nil, nil},
		{"我妈今年六十六岁了有什么福利", Answered, "elder-card", nil, nil},
		{"社保卡丢了 多久能补好 要不要本人", Answered, "social-card", []Field{TimeLimit, Visits}, []string{"12个工作日", "未写明要不要本人到场"}},
		{"去香港的签注要几多钱，机器上能做吗", Answered, "hk-macau-permit", nil, []string{"15元", "自助签注机"}},
		{"身份证补办的投诉电话是多少", Answered, "id-card-lost", []Field{Phone}, []string{"未写明投诉电话", "12345"}},
		{"我老豆过咗身，佢份退休金仲有冇得攞", Answered, "survivor-benefit", nil, []string{"12333"}},
		{"医保断了两个月还能报销吗", Answered, "resident-medical", nil, []string{"等3个月"}},
		{"我是湖南人，在东莞办居住证要什么条件", Answered, "residence-permit", []Field{Conditions}, []string{"满半年"}},
	}
	for _, tt := range tests {
		a := b.Ask(t.Context(), Question{Text: tt.text})
		if a.Decision != tt.decision || a.Guide != tt.guide {
			t.Errorf("%q: %s %q, want %s %q (%v)", tt.text, a.Decision, a.Guide, tt.decision, tt.guide, a.Candidates)
			continue
		}
		if tt.fields != nil && fmt.Sprint(a.Fields) != fmt.Sprint(tt.fields) {
			t.Errorf("%q: fields %v, want %v", tt.text, a.Fields, tt.fields)
		}
		for _, h := range tt.has {
			if !strings.Contains(a.Text, h) {
				t.Errorf("%q: %q is not in %q", tt.text, h, a.Text)
			}
		}
	}
}

func TestFollowUps(t *testing.T) {
	b := starterBase(t)
	tests := []struct {
		turns        []string
		guide, field string
		decision     string
	}{
		{[]string{"身份证丢了怎么补办", "那要多少钱？"}, "id-card-lost", "fee", Answered},
		{[]string{"身份证丢了怎么补办", "几耐攞得"}, "id-card-lost", "time_limit", Answered},
		{[]string{"结婚登记要什么材料", "去哪里办", "要多久"}, "marriage", "time_limit", Answered},
		{[]string{"结婚登记要什么材料", "护照多少钱"}, "passport", "fee", Answered},
		{[]string{"结婚登记要什么材料", "教师资格证多少钱"}, "", "fee", Abstained},
		{[]string{"那要多少钱"}, "", "fee", Clarified}, // of what?
		{[]string{"要带什么材料", "居住证"}, "residence-permit", "materials", Answered},
		{[]string{"事项编码是多少", "护照"}, "passport", "legal", Abstained}, // it is said to be missing
		{[]string{"要多久", "护照要多少钱"}, "passport", "fee", Answered},
	}
	for _, tt := range tests {
		last := len(tt.turns) - 1
		a := b.Ask(t.Context(), Question{Text: tt.turns[last], History: tt.turns[:last]})
		if a.Decision != tt.decision || a.Guide != tt.guide || string(a.Field) != tt.field {
			t.Errorf("%q: %s %s#%s, want %s %s#%s", tt.turns, a.Decision, a.Guide, a.Field, tt.decision, tt.guide, tt.field)
		}
		topic := Topic{}
		for _, turn := range tt.turns[:last] {
			topic = b.Ask(t.Context(), Question{Text: turn, Topic: topic}).Topic
		}
		if kept := b.Ask(t.Context(), Question{Text: tt.turns[last], Topic: topic}); kept.Guide != a.Guide || kept.Text != a.Text {
			t.Errorf("%q: by topic %s, by history %s", tt.turns, kept.Guide, a.Guide)
		}
	}
}

func TestAnotherCandidate(t *testing.T) {
	b := starterBase(t)
	first := b.Ask(t.Context(), Question{Text: "公积金租房提取要什么材料"})
	if first.Guide != "hpf-rent" || len(first.Topic.Others) == 0 {
		t.Fatalf("%+v", first)
	}
	second := b.Ask(t.Context(), Question{Text: "不是这个，换一个", Topic: first.Topic})
	if second.Guide != "hpf-withdraw" || second.Field != Materials {
		t.Errorf("%s#%s, want the next candidate and the same field", second.Guide, second.Field)
	}
	topic := second.Topic
	for range 10 {
		topic = b.Ask(t.Context(), Question{Text: "换一个", Topic: topic}).Topic
	}
	if a := b.Ask(t.Context(), Question{Text: "换一个", Topic: topic}); a.Decision == Answered && len(topic.Others) == 0 {
		t.Errorf("with nothing left it still answers %s", a.Guide)
	}
}

func pair(change func(a, b *Guide)) []Guide {
	a := Guide{ID: "a", Title: "民宿开业备案", Phone: []string{"0769-22001234"}, Fee: "免费", Sources: []Source{{Title: "甲"}}, AsOf: "2026"}
	b := Guide{ID: "b", Title: "民宿停业备案", Phone: []string{"12345"}, Fee: "10元", Sources: []Source{{Title: "乙"}}, AsOf: "2026"}
	change(&a, &b)
	return []Guide{a, b}
}

func TestClarify(t *testing.T) {
	b := New(pair(func(_, _ *Guide) {}))
	a := b.Ask(t.Context(), Question{Text: "民宿备案多少钱"})
	if a.Decision != Clarified || len(a.Options) != 2 || a.Options[0].Field != Fee || a.Clarify == "" {
		t.Fatalf("%+v", a)
	}
	a = b.Ask(t.Context(), Question{Text: "停业的", Topic: a.Topic})
	if a.Guide != "b" || !strings.Contains(a.Text, "10元") {
		t.Errorf("after the choice: %s %q", a.Guide, a.Text)
	}
}

// A name that four guides share is asked about, with all four as options.
func TestSharedNameIsAskedAbout(t *testing.T) {
	a := starterBase(t).Ask(t.Context(), Question{Text: "身份证怎么办"})
	if a.Decision != Clarified || len(a.Options) != 4 {
		t.Fatalf("%s %+v", a.Decision, a.Options)
	}
	for _, o := range a.Options {
		if !strings.HasPrefix(o.Guide, "id-") || o.Field != Steps {
			t.Errorf("%+v", o)
		}
	}
}

func TestMoreFollowUps(t *testing.T) {
	b := starterBase(t)
	for _, tt := range []struct{ before, text, cites string }{
		{"失业金怎么领", "低保怎么申请", "dibao#steps"},                  // another matter of two characters
		{"公积金租房能取多少", "买房呢", "hpf-withdraw#result"},          // a sibling, the same field
		{"居住证怎么办", "那小孩也能办吗", "residence-permit#conditions"}, // the same matter for another
		{"护照多少钱", "小孩的呢", "passport#fee"},                    // the same field
	} {
		a := b.Ask(t.Context(), Question{Text: tt.text, History: []string{tt.before}})
		if a.Decision != Answered || !slices.Contains(a.Citations, tt.cites) {
			t.Errorf("%s, %s: %s %v, want %s", tt.before, tt.text, a.Decision, a.Citations, tt.cites)
		}
	}
}

// What the guide at hand does not have, and another guide has, is not answered
// with "not said".
func TestAnotherGuideHasIt(t *testing.T) {
	a := starterBase(t).Ask(t.Context(), Question{Text: "大厅几点上班", History: []string{"12345投诉多久回复"}})
	if a.Decision == Abstained || len(a.Candidates) == 0 || a.Candidates[0].ID != "appointment" {
		t.Errorf("%s %v", a.Decision, a.Candidates)
	}
}

// "How much" means what is paid out where a guide pays, and the fee where it
// costs; "how to get it" means steps for money and fetching for papers.
func TestSumsAndClaims(t *testing.T) {
	b := starterBase(t)
	for text, want := range map[string]string{
		"高龄津贴多少钱": "100元", "驾照丢了补多少钱": "10元", "高龄津贴怎么领": "粤省事", "身份证补领在哪里领": "户政办证窗口",
	} {
		if a := b.Ask(t.Context(), Question{Text: text}); !strings.Contains(a.Text, want) {
			t.Errorf("%s: %q is not in %q", text, want, a.Text)
		}
	}
}

func TestMissingFieldIsSaidToBeMissing(t *testing.T) {
	b := New(pair(func(a, _ *Guide) { a.Fee = "" }))
	a := b.Ask(t.Context(), Question{Text: "民宿开业备案多少钱"})
	if a.Decision != Abstained || a.Guide != "a" || len(a.Citations) > 0 || a.Source != "" {
		t.Errorf("%+v", a)
	}
	if !strings.Contains(a.Text, "指南未写明收费，可拨0769-22001234问") {
		t.Errorf("%q", a.Text)
	}
	if !strings.Contains(a.Spoken, "零七六九") {
		t.Errorf("spoken %q", a.Spoken)
	}
	a = b.Ask(t.Context(), Question{Text: "民宿开业备案多少钱，打什么电话"})
	if a.Decision != Answered || !strings.Contains(a.Text, "未写明收费") || !strings.Contains(a.Text, "咨询电话：0769-22001234") {
		t.Errorf("one known and one missing: %s %q", a.Decision, a.Text)
	}
}

func TestExpiredGuidesDoNotAnswer(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))
	tests := []struct {
		name   string
		change func(*Guide)
		says   string
	}{
		{"past its last day", func(g *Guide) { g.EffectiveTo = "2026-11-23" }, "2026-11-23"},
		{"withdrawn", func(g *Guide) { g.Status = Withdrawn }, ""},
		{"draft", func(g *Guide) { g.Status = Draft }, ""},
		{"not yet in force", func(g *Guide) { g.EffectiveFrom = "2026-11-25" }, ""},
	}
	for _, tt := range tests {
		b := New(pair(func(a, _ *Guide) { a.Fee = "77元"; tt.change(a) }))
		a := b.Ask(t.Context(), Question{Text: "民宿开业备案多少钱", Now: at})
		if a.Decision == Answered || strings.Contains(a.Text, "77") {
			t.Errorf("%s: %s %q", tt.name, a.Decision, a.Text)
		}
		if tt.says != "" && !strings.Contains(a.Text, tt.says) {
			t.Errorf("%s: %q does not say %s", tt.name, a.Text, tt.says)
		}
		if f := b.Field("a", Fee, at); f.Decision == Answered {
			t.Errorf("%s: its button still answers", tt.name)
		}
	}
	b := New(pair(func(a, _ *Guide) { a.EffectiveTo = "2026-11-24" }))
	if a := b.Ask(t.Context(), Question{Text: "民宿开业备案多少钱", Now: at}); a.Guide != "a" || a.Decision != Answered {
		t.Errorf("on its last day: %s %q", a.Decision, a.Text)
	}
}

func TestDoubtsAreWordedWithCare(t *testing.T) {
	b := starterBase(t)
	if a := b.Field("passport", Fee, time.Time{}); !strings.Contains(a.Text, "还没核实") {
		t.Errorf("a doubted fee: %q", a.Text)
	}
	if a := b.Field("passport", Where, time.Time{}); strings.Contains(a.Text, "还没核实") {
		t.Errorf("nobody doubts the place: %q", a.Text)
	}
}

func TestOtherPlacesGuidesAreNotPassedOff(t *testing.T) {
	b := New(pair(func(a, _ *Guide) { a.Area = "广东省" }))
	a := b.Ask(t.Context(), Question{Text: "民宿开业备案多少钱"})
	if a.Guide != "a" || !strings.Contains(a.Text, "这是广东省的指南") || !strings.Contains(a.Spoken, "广东省") || a.Bookable {
		t.Errorf("%+v", a)
	}
	for _, s := range b.Services() {
		if s.ID == "a" {
			t.Error("listed among the city's services")
		}
	}
}

func TestCanIQuotesConditions(t *testing.T) {
	b := starterBase(t)
	a := b.Ask(t.Context(), Question{Text: "我自己主动辞职的能领失业金吗"})
	for _, want := range []string{"非因本人意愿中断就业", "自己主动辞职的一般不能领"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("%q is not quoted in %q", want, a.Text)
		}
	}
}

func TestSpoken(t *testing.T) {
	tests := []struct{ in, want string }{
		{"拨12345问", "拨幺二三四五问"},
		{"有急病打120", "有急病打幺二零"},
		{"120元", "120元"},
		{"每人10000元", "每人10000元"},
		{"见http://a.gov.cn/x", "见"},
	}
	for _, tt := range tests {
		if got := spokenLimit(tt.in, 60); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
	b := starterBase(t)
	if a := b.Field("id-card-lost", Fee, time.Time{}); !strings.HasPrefix(a.Spoken, "40元") {
		t.Errorf("the value comes first: %q", a.Spoken)
	}
	for _, g := range b.Guides() {
		for _, f := range Fields() {
			a := b.Field(g.ID, f, time.Time{})
			if n := len([]rune(a.Spoken)); n == 0 || n > spokenMost {
				t.Errorf("%s#%s: %d characters: %s", g.ID, f, n, a.Spoken)
			}
		}
	}
}

func TestHomophonesStillFind(t *testing.T) {
	b := starterBase(t)
	for text, id := range map[string]string{"失业今怎么领": "unemployment-benefit", "生玉津贴多久到账": "maternity-allowance", "公鸡金租房提取": "hpf-rent"} {
		a := b.Ask(t.Context(), Question{Text: text})
		if len(a.Candidates) == 0 || a.Candidates[0].ID != id {
			t.Errorf("%s: %v, want %s first", text, a.Candidates, id)
		}
	}
}

// Questions go on undisturbed while the guides are swapped.
func TestSwapWhileAsking(t *testing.T) {
	b := starterBase(t)
	guides := b.Guides()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 200 {
				if a := b.Ask(t.Context(), Question{Text: "护照多少钱"}); a.Guide != "passport" {
					t.Errorf("%+v", a)
				}
			}
		})
	}
	for range 5 {
		b.Swap(guides)
	}
	wait.Wait()
}

func TestSwapIsSeenAtOnce(t *testing.T) {
	b := New(pair(func(_, _ *Guide) {}))
	b.Swap(pair(func(a, _ *Guide) { a.Fee = "99元" }))
	if a := b.Ask(t.Context(), Question{Text: "民宿开业备案多少钱"}); !strings.Contains(a.Text, "99元") {
		t.Errorf("%q", a.Text)
	}
}
