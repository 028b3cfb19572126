package ticket

import (
	"strings"
	"testing"
)

func TestHear(t *testing.T) {
	for told, want := range map[string]Urgency{"路口井盖没了，差点摔下去": Urgent, "变压器晚上冒火花": Urgent, "水管爆了满街水": Urgent, "自来水爆管": Urgent, "公园灯不亮": Normal, "停电了，整条街都停了": Urgent, "我家停电了": Normal, "我屋企冇水三日啦": Urgent, "家里三天没水了": Urgent, "我家停水三天了没人管": Urgent, "停电一天": Normal, "通知下周停水检修两天": Normal} {
		if got := UrgencyOf(told); got != want {
			t.Errorf("%s: %s", told, got)
		}
	}
	for told, want := range map[string]int{"三十多户没水用": 90, "我们厂200个工人没发工资": 200, "整个小区停水": 1000, "我一个人住": 0, "一家三口": 3, "五六十人": 60, "": 0} {
		if got := Affected(told); got != want {
			t.Errorf("%s: %d, not %d", told, got, want)
		}
	}
	for told, want := range map[string]string{"我上夜班，不要打电话，发短信就好": "不要打电话", "晚上再打给我": "晚上再打给我", "路灯坏了": ""} {
		if got := ContactWish(told); got != want {
			t.Errorf("%s: %q, not %q", told, got, want)
		}
	}
}

// TestMatter leaves out how somebody would be reached.
func TestMatter(t *testing.T) {
	for told, want := range map[string]string{
		"工地半夜打桩，请不要打电话，发短信": "工地半夜打桩，", "路灯坏了，电话13712345678": "路灯坏了，", "路灯坏了": "路灯坏了",
	} {
		if got := Matter(told); strings.Trim(got, " ，") != strings.Trim(want, "，") {
			t.Errorf("%s: %q", told, got)
		}
	}
}

// TestAmountNeeded tells what is needed from what was given, earned or spent.
func TestAmountNeeded(t *testing.T) {
	for told, want := range map[string]float64{
		"大概300元": 300, "800元": 800, "还差8000元": 8000, "医药费还差30000元": 30000, "手术要三万块，借了一万五，还差一万五": 15000,
		"老板就给了两万块": 0, "厂里只垫了五千块就不管了，医院说再不交两万八就停药": 28000, "我每月工资2500元，房租要800块": 800,
		"前后花了5万": 0, "欠医院1.2万": 12000, "屋顶塌了一块": 1, "有三千人": 0, "住院费要2万8": 28000, "一千五左右就够": 1500, "欠了十几万": 0, "被黑中介骗了八千块押金": 0,
		"我妈退休金一千八百块": 0, "学费4,500元": 4500, "想要一台二百五十块的风扇": 250, "": 0,
	} {
		if got := AmountNeeded(told); got != want {
			t.Errorf("%s: %v, not %v", told, got, want)
		}
	}
}

// TestNeedsOf tells what is asked for from the circumstances told with it.
func TestNeedsOf(t *testing.T) {
	for told, want := range map[string]string{
		"家里电线老化总跳闸，没钱修": "repair", "屋顶漏雨，老人独居没钱修": "repair", "老公住院，孩子学费也没着落，房租交不起": "medical schooling money",
		"昨晚家里烧光了，被子衣服都没了": "shelter goods", "奶奶生病，家里没有米了": "shelter medical", "厂里停工，屋里饭都没得吃": "shelter", "家里米都快没有了，孩子书包也破了": "shelter schooling", "我爸瘫痪在床": "care", "实在拿不出钱": "money",
		"想给女儿买双跑步鞋，拿不出钱": "goods", "申请微实事装个栏杆": "works", "今天天气不错": "",
	} {
		var got []string
		for _, n := range NeedsOf(told) {
			got = append(got, n.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, not %s", told, got, want)
		}
	}
}

// TestWhereTold finds the place and the village in a story, and the wish to
// stay unknown.
func TestWhereTold(t *testing.T) {
	for _, c := range []struct{ told, town, place, village string }{
		{"我要表扬虎门人民医院急诊的护士", "虎门", "人民医院", ""}, {"乱收停车费，在塘厦镇碧桂园", "塘厦镇", "碧桂园", ""}, {"停水三天，寮步镇松湖居", "寮步镇", "松湖居", ""},
		{"长安镇有工厂夜里机器声太响", "长安镇", "", ""}, {"我们厚街这个那个汀山村垃圾站臭", "厚街", "", "汀山村"}, {"我现在在大朗求富路社区这边", "大朗", "", "求富路社区"},
		{"虎门镇有个小区很吵", "虎门镇", "", ""}, {"农村户口怎么办", "", "", ""}, {"在水乡麻涌新基村", "水乡", "", "新基村"}, {"投诉黄河时装城旁边的工地半夜打桩", "", "黄河时装城旁边", ""}, {"我们小区门口垃圾堆了半个月", "", "", ""},
		{"隔壁公寓楼下烧烤", "", "", ""}, {"建议在石碣公园加几个凳子", "石碣", "石碣公园", ""}, {"虎门北栅社区没路灯", "虎门", "", "北栅社区"},
	} {
		if got := PlaceTold(c.told, c.town); got != c.place {
			t.Errorf("%s: place %q", c.told, got)
		}
		if got := VillageTold(c.told, c.town, map[string]string{"machong": "麻涌镇"}); got != c.village {
			t.Errorf("%s: village %q", c.told, got)
		}
	}
	if got := WholeAddress("石排大道翠湖花园", "石排", "大道翠湖花园"); got != "石排大道翠湖花园" {
		t.Errorf("the road's name: %q", got)
	}
	for told, want := range map[string]bool{"不要让他知道是我": true, "我怕老板知道了报复我": true, "唔好俾佢哋知": true, "别让孩子等太久": false, "怕下雨": false, "怕老板知道是我说的": true, "怕你们不知道是哪条路": false} {
		if got := WantsSecret(told); got != want {
			t.Errorf("%s: %v", told, got)
		}
	}
}

// TestSuggest matches tellings with policies, in their order and with reasons.
func TestSuggest(t *testing.T) {
	for told, want := range map[string]string{
		"我老公工伤住院，家里没钱交医药费了":      "temporary-aid medical-aid work-injury",
		"一个人带两个孩子，没工作没收入，生活困难":   "subsistence",
		"我爸瘫痪在床，想要一张轮椅":          "disability-allowance assistive-devices",
		"奶奶八十多岁独居没人照顾":           "old-age-allowance",
		"厂倒闭了我失业在家，房租交不起":        "temporary-aid subsistence unemployment public-housing",
		"孩子考上大学，学费凑不出":           "student-aid",
		"我已经有低保了，收入低，想问问还有什么":    "",
		"老板拖欠工资三个月，想请律师打官司":      "legal-aid",
		"最近失眠，压力大，快撑不住了":         "mental-health",
		"家里发生火灾全烧光了，没地方住":        "temporary-aid",
		"想要一个书包":                 "",
		"老人家没钱修屋顶，大概800元":        "subsistence",
		"外婆82岁，一个人住":             "old-age-allowance",
		"爷爷无儿无女，五保老人，八十岁":        "extreme-poverty old-age-allowance",
		"白血病住院，医保报销完自费还要十几万":     "medical-aid serious-illness",
		"孩子父母去世，跟着奶奶，没人管":        "children",
		"丈夫大病把家底都掏空了，实在过不下去":     "temporary-aid medical-aid",
		"屋顶漏雨，房租也交不起，没地方住，家里没收入": "temporary-aid subsistence public-housing",
	} {
		var got []string
		for _, s := range Suggest(told) {
			got = append(got, s.Policy.ID)
			if s.Why() == "" || len(s.Said) == 0 || !strings.Contains(told, s.Said[0]) {
				t.Errorf("%s: %s without a reason in the telling", told, s.Policy.ID)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, not %q", told, strings.Join(got, " "), want)
		}
	}
}

// TestSummarise finds what rises against its own history, and who is late.
func TestSummarise(t *testing.T) {
	from := at("2026-11-16 00:00")
	to, now := from.AddDate(0, 0, 7), from.AddDate(0, 0, 7)
	var all []Ticket
	add := func(n int, category string, day int, change func(*Ticket)) {
		for range n {
			v := Ticket{Number: "DG" + string(rune('a'+len(all)%26)) + category, Kind: Report, Type: Complaint, Category: category, Town: "humen", Status: Processing,
				CreatedAt: from.AddDate(0, 0, day).Add(9 * 3600e9), DueAt: from.AddDate(0, 0, 30)}
			v.Life.Holder = Body{Department: "cgj", Town: "humen"}
			if change != nil {
				change(&v)
			}
			all = append(all, v)
		}
	}
	for week := 1; week <= 8; week++ {
		add(10, "noise", -7*week, nil) // always so many
		add(1, "smoke", -7*week, nil)
	}
	add(11, "noise", 1, nil)
	add(9, "smoke", 2, nil)
	add(2, "rare", 2, nil) // too few to say anything
	add(1, "water", 3, func(v *Ticket) { v.DueAt = from.AddDate(0, 0, 5) })
	add(1, "water", 3, func(v *Ticket) { v.Status, v.Life.Satisfied = Closed, Yes })
	add(1, "water", 3, func(v *Ticket) { v.Status, v.Life.Satisfied, v.Life.Redone, v.Life.Linked = Reopened, No, 1, 4 })
	p := Summarise(all, from, to, now)
	if len(p.Rising) != 2 || p.Rising[0].Category != "smoke" || p.Rising[0].Now != 9 || p.Rising[0].Before != 1 || len(p.Rising[0].Numbers) != 9 || p.Rising[1].Category != "water" {
		t.Errorf("rising: %+v", p.Rising)
	}
	if p.Filed != 25 || p.Closed != 1 || p.Overdue != 1 || p.Satisfied != 1 || p.Dissatisfied != 1 || len(p.Days) != 7 || p.Days[1].Report != 11 {
		t.Errorf("%+v", p)
	}
	if len(p.Repeats) != 1 || p.Repeats[0].Reports != 5 || len(p.Scores) != 1 || p.Scores[0].Late != 1 || p.Scores[0].Filed != 25 {
		t.Errorf("repeats %+v scores %+v", p.Repeats, p.Scores)
	}
	if s, ok := p.Satisfaction(); !ok || s != 0.5 {
		t.Errorf("satisfaction %v %v", s, ok)
	}
}
