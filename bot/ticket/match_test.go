package ticket

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
)

// asked is a request for help that is dealt with, no way gone yet.
func asked() Ticket {
	v := sample(Processing)
	v.Life.Tried = nil
	return v
}

// TestMatchingInOrder holds the order in which help is matched to a table:
// what was done before, what is tried now, and what stands in the way.
func TestMatchingInOrder(t *testing.T) {
	town := Actor{Role: RoleTown, Name: "li", Body: Body{Town: "humen"}}
	village := Actor{Role: RoleVillage, Name: "wang", Body: Body{Town: "humen", Village: "北栅社区"}}
	social := Actor{Role: RoleSocial, Name: "she", Body: Body{Town: "humen", Social: true}}
	elsewhere := Actor{Role: RoleSocial, Name: "xu", Body: Body{Town: "changan", Social: true}}
	match := func(by Actor, w Way, f Finding) Command {
		return Command{Action: DoMatch, By: by, Way: w, Finding: f, Words: "看过"}
	}
	skip := func(by Actor, w Way) Command { return Command{Action: DoSkip, By: by, Way: w, Words: "不适用"} }
	pay := func(amount float64) Command {
		return Command{Action: DoPay, By: town, Amount: amount, Words: "慈善会"}
	}
	publish := func(by Actor) Command { return Command{Action: DoPublish, By: by, Words: "政策和资金都看过"} }
	for name, test := range map[string]struct {
		change func(*Ticket)
		before []Command
		then   Command
		no     string // stands in the refusal; empty: it is allowed
	}{
		"fund before policy":              {then: pay(800), no: "先看现行政策"},
		"public before policy":            {then: publish(town), no: "先看现行政策"},
		"public before the fund":          {before: []Command{match(town, WayPolicy, Unmet)}, then: publish(town), no: "先看慈善资金"},
		"in order":                        {before: []Command{match(town, WayPolicy, Partly), match(town, WayFund, Unmet)}, then: publish(town)},
		"paid a part, then public":        {before: []Command{match(town, WayPolicy, Unmet), pay(300)}, then: publish(social)},
		"paid all, then public":           {before: []Command{match(town, WayPolicy, Unmet), pay(800)}, then: publish(town), no: "已经够了"},
		"policy meets it, then fund":      {before: []Command{match(town, WayPolicy, Met)}, then: pay(800), no: "已经够了"},
		"the town skips with a reason":    {before: []Command{skip(town, WayPolicy), skip(town, WayFund)}, then: publish(town)},
		"skipping without a reason":       {then: Command{Action: DoSkip, By: town, Way: WayPolicy}, no: "请写明"},
		"a village skips":                 {change: func(v *Ticket) { v.Life.Holder = village.Body }, then: skip(village, WayPolicy), no: "由镇街或 12345 中心决定"},
		"social workers skip":             {change: func(v *Ticket) { v.Life.Holder = social.Body }, then: skip(social, WayPolicy), no: "由镇街或 12345 中心决定"},
		"skipping out of turn":            {then: skip(town, WayFund), no: "先看现行政策"},
		"skipping what was gone":          {before: []Command{match(town, WayPolicy, Unmet)}, then: skip(town, WayPolicy), no: "已经看过"},
		"another town's social workers":   {before: []Command{skip(town, WayPolicy), skip(town, WayFund)}, then: publish(elsewhere), no: "不归您办"},
		"the bot publishes":               {before: []Command{skip(town, WayPolicy), skip(town, WayFund)}, then: publish(Actor{Role: RoleBot}), no: "不归您办"},
		"the household publishes":         {before: []Command{skip(town, WayPolicy), skip(town, WayFund)}, then: publish(Actor{Role: RoleCitizen}), no: "不归您办"},
		"public without a word why":       {before: []Command{skip(town, WayPolicy), skip(town, WayFund)}, then: Command{Action: DoPublish, By: town}, no: "请写明"},
		"nobody has spoken with them":     {change: func(v *Ticket) { v.Life.AdmittedAt = time.Time{} }, before: []Command{skip(town, WayPolicy), skip(town, WayFund)}, then: publish(town), no: "先联系再公开"},
		"public twice":                    {before: []Command{skip(town, WayPolicy), skip(town, WayFund), publish(town)}, then: publish(town), no: "已经在公开"},
		"confidential":                    {change: func(v *Ticket) { v.Confidential = true }, before: []Command{skip(town, WayPolicy), skip(town, WayFund)}, then: publish(town), no: "要求保密"},
		"immediate need gets money first": {change: func(v *Ticket) { v.Urgency = Urgent }, then: pay(800)},
		"immediate need is not public":    {change: func(v *Ticket) { v.Urgency = Urgent }, then: publish(town), no: "急件"},
		"and is not answered before policy was looked at": {change: func(v *Ticket) { v.Urgency = Urgent }, before: []Command{pay(800)},
			then: Command{Action: DoReply, By: town, Words: "已拨付"}, no: "先看现行政策"},
		"what is never public is not hidden": {change: func(v *Ticket) { v.Category = "medical" }, then: Command{Action: DoHide, By: Actor{Role: RoleCitizen}}, no: "本来就不公开"},
		"company needs no fund":              {change: func(v *Ticket) { v.Category, v.Amount = "care", 0 }, before: []Command{match(town, WayPolicy, Unmet)}, then: publish(town)},
		"company that costs money does":      {change: func(v *Ticket) { v.Category = "care" }, before: []Command{match(town, WayPolicy, Unmet)}, then: publish(town), no: "先看慈善资金"},
		"no fund for company":                {change: func(v *Ticket) { v.Category, v.Amount = "care", 0 }, before: []Command{match(town, WayPolicy, Unmet)}, then: match(town, WayFund, Unmet), no: "不走慈善资金"},
		"answered while public":              {before: []Command{skip(town, WayPolicy), skip(town, WayFund), publish(town)}, then: Command{Action: DoReply, By: town, Words: "好了"}, no: "还在公开认领"},
		"the household takes it out, again":  {before: []Command{{Action: DoHide, By: Actor{Role: RoleCitizen}}}, then: publish(town), no: "要求保密"},
		"a worker says what claiming gave":   {then: match(town, WayClaim, Met), no: "由认领情况决定"},
		"a finding that is none":             {then: match(town, WayPolicy, "perhaps"), no: "请选结果"},
		"a way that is none":                 {then: match(town, "prayer", Unmet), no: "这一类求助不走"},
	} {
		v := asked()
		v.Category, v.Life.AdmittedAt = "aids", at("2026-09-28 11:00")
		if test.change != nil {
			test.change(&v)
		}
		clock := at("2026-09-28 12:00")
		for i, c := range append(slices.Clone(test.before), test.then) {
			clock = clock.Add(time.Minute)
			c.At = clock
			o, err := Decide(v, c, rules())
			last := i == len(test.before)
			var no *Refusal
			switch {
			case !last && err != nil:
				t.Fatalf("%s: %s before it: %v", name, c.Action, err)
			case last && test.no == "" && err != nil:
				t.Errorf("%s: %v", name, err)
			case last && test.no != "" && (!errors.As(err, &no) || !strings.Contains(no.Text, test.no)):
				t.Errorf("%s: %v, not refused with %q", name, err, test.no)
			case err == nil:
				v = o.Ticket
				if c.Action == DoMatch || c.Action == DoSkip || c.Action == DoPay {
					if got := v.Found(cmpWay(c)); got.By != c.By.Name || !got.At.Equal(c.At) || o.Step.Note != c.Words {
						t.Errorf("%s: kept as %+v with %q", name, got, o.Step.Note)
					}
				}
				if (c.Action == DoPublish) != (o.Wish != nil) {
					t.Errorf("%s: %s makes the wish %+v", name, c.Action, o.Wish)
				}
			}
		}
	}
}

// cmpWay is the way a command goes.
func cmpWay(c Command) Way {
	if c.Action == DoPay {
		return WayFund
	}
	return c.Way
}

// TestWishIsWhatIsLacking: what was paid is not asked of the public, and the
// clock of claiming starts with the publishing.
func TestWishIsWhatIsLacking(t *testing.T) {
	v := sample(Processing)
	v.Category, v.Text, v.CreatedAt = "aids", "我爸叫李大明，想要轮椅", at("2026-09-28 10:00")
	v.Life.Paid = 300
	w := WishOf(v, Names{Towns: map[string]string{"humen": "虎门镇"}}, at("2026-09-30 09:00"))
	if w.Text != "虎门镇一户家庭需要轮椅，约 500 元" || w.Amount != 500 || !w.OpenSince.Equal(at("2026-09-30 09:00")) || w.Status != WishOpen {
		t.Errorf("%+v", w)
	}
}

// TestStages tells a household where it stands, in order.
func TestStages(t *testing.T) {
	r := rules()
	v := asked()
	v.Category, v.Text = "aids", "我爸瘫痪在床，想要一张轮椅"
	pool := []Offer{{Town: "humen", Needs: []string{"aids"}}, {Needs: []string{"aids"}}}
	say := func() string {
		var out []string
		for _, s := range Stages(v, r.Limits, pool) {
			out = append(out, s.Way.Title()+"："+s.State(v, r, bot.Simplified))
		}
		return strings.Join(out, "；")
	}
	if got := say(); !strings.Contains(got, "现行政策：") || !strings.Contains(got, "在看；慈善资金：还没到这一步；社会认领：还没公开，先看现行政策和慈善资金") {
		t.Error(got)
	}
	stages := Stages(v, r.Limits, pool)
	if !stages[0].Next || !strings.Contains(stages[0].Points[0], "残疾") || !strings.Contains(strings.Join(stages[2].Points, ""), "本镇街 1 位") {
		t.Errorf("%+v", stages)
	}
	town := Actor{Role: RoleTown, Name: "li", Body: Body{Town: "humen"}}
	found(&v, WayPolicy, Partly, town, at("2026-09-28 12:00"))
	found(&v, WayFund, Skipped, town, at("2026-09-28 12:01"))
	if got := say(); got != "现行政策：看过了，能帮一部分；慈善资金：这一步不用走；社会认领：还没公开，等社工核对" {
		t.Error(got)
	}
	found(&v, WayClaim, Underway, town, at("2026-09-28 12:02"))
	if got := say(); !strings.Contains(got, "社会认领：正在公开请人认领，9月30日 12:02前没人认领由镇街继续办") {
		t.Error(got)
	}
	v.Life.Tried, v.Urgency = nil, Urgent
	if got := say(); !strings.Contains(got, "社会认领：不公开：是急件") {
		t.Error(got)
	}
}

// TestMatchRulesAreData refuses rules that cannot be kept.
func TestMatchRulesAreData(t *testing.T) {
	for name, change := range map[string]func(*MatchRules){
		"no order": func(m *MatchRules) { m.Order = nil }, "a way that is none": func(m *MatchRules) { m.Service = []Way{"luck"} },
		"twice": func(m *MatchRules) { m.Order = []Way{WayFund, WayFund} }, "anybody skips": func(m *MatchRules) { m.Skip = []Role{RoleCitizen} },
		"nobody publishes": func(m *MatchRules) { m.Publish = nil },
	} {
		l := StandardLimits()
		change(&l.Match)
		if l.Check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	r := rules() // a city that asks its neighbours before its fund
	r.Limits.Match.Order = []Way{WayPolicy, WayClaim, WayFund}
	v := sample(Processing)
	v.Category, v.Life.AdmittedAt = "aids", at("2026-09-28 11:00")
	found(&v, WayPolicy, Unmet, Actor{Role: RoleTown}, at("2026-09-28 12:00"))
	c := Command{Action: DoPublish, By: Actor{Role: RoleTown, Name: "li", Body: Body{Town: "humen"}}, At: at("2026-09-28 13:00"), Words: "先请人帮"}
	if _, err := Decide(v, c, r); err != nil {
		t.Error(err)
	}
}

// TestPublicWorksAreNotMatched: what is built for everybody is nobody's household
// to match: no way is shown, asked for or gone, and it is never a wish.
func TestPublicWorksAreNotMatched(t *testing.T) {
	v := sample(Processing)
	v.Category, v.Type, v.Life.Tried, v.Amount = NeedWorks, Suggestion, nil, 0
	r, by := rules(), cast()["holder"]
	if got := Stages(v, r.Limits, nil); len(got) != 0 {
		t.Errorf("ways: %+v", got)
	}
	for _, a := range Allowed(v, by, r, at("2026-09-29 10:00")) {
		if a == DoMatch || a == DoSkip || a == DoPublish || a == DoHide {
			t.Errorf("%s is offered", a)
		}
	}
	if _, err := Decide(v, Command{Action: DoReply, By: by, Words: "今年排不上，明年再议。", At: at("2026-09-29 10:00")}, r); err != nil {
		t.Errorf("an answer is refused: %v", err)
	}
	if _, err := Decide(v, Command{Action: DoMatch, By: by, Way: WayPolicy, Finding: Unmet, Words: "没有", At: at("2026-09-29 10:00")}, r); err == nil {
		t.Error("a way is gone")
	}
}

// TestWayOf holds that each step of matching says which way it went and what came
// of it, and no other step does.
func TestWayOf(t *testing.T) {
	town := Actor{Role: RoleTown, Name: "li", Body: Body{Town: "humen"}}
	v, clock := asked(), at("2026-09-28 12:00")
	v.Category, v.Life.AdmittedAt = "aids", at("2026-09-28 11:00")
	var got []string
	for _, c := range []Command{
		{Action: DoMatch, Way: WayPolicy, Finding: Partly, Words: "临时救助够一半"},
		{Action: DoNote, Words: "打过电话"},
		{Action: DoSkip, Way: WayFund, Words: "慈善会停办"},
	} {
		c.By, c.At = town, clock
		o, err := Decide(v, c, rules())
		if err != nil {
			t.Fatalf("%s: %v", c.Action, err)
		}
		got, v, clock = append(got, o.Ticket.WayOf(o.Step)), o.Ticket, clock.Add(time.Minute)
	}
	if want := []string{"现行政策，能帮一部分", "", "慈善资金，跳过"}; !slices.Equal(got, want) {
		t.Errorf("the steps say %q, not %q", got, want)
	}
}
