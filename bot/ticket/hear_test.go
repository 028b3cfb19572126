package ticket

import (
	"strings"
	"testing"
)

func TestHear(t *testing.T) {
	for told, want := range map[string]Urgency{"路口井盖没了，差点摔下去": Urgent, "水管爆了满街水": Urgent, "自来水爆管": Urgent, "公园灯不亮": Normal} {
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
		"爷爷无儿无女，五保老人，八十岁":        "extreme-poverty old-age-allowance",
		"白血病住院，医保报销完自费还要十几万":     "medical-aid serious-illness",
		"孩子父母去世，跟着奶奶，没人管":        "children",
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

// TestWays holds the order in which a need is met.
func TestWays(t *testing.T) {
	l := StandardLimits()
	v := Ticket{Kind: Help, Category: "aids", Town: "humen", Urgency: Normal, Amount: 800, Text: "我爸瘫痪在床，想要一张轮椅"}
	ways := Ways(v, l)
	if len(ways) != 4 || !strings.HasPrefix(ways[0].Name, "现行政策") || ways[2].Name != "慈善资金" || !ways[2].Open || ways[3].Name != "社会认领" || !ways[3].Open {
		t.Errorf("%+v", ways)
	}
	v.Amount, v.Confidential = 30000, true
	if ways = Ways(v, l); ways[2].Open || ways[3].Open {
		t.Errorf("a large, confidential need: %+v", ways)
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
