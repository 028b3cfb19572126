package ticket

import (
	"slices"
	"strings"
)

// NeedWorks is the need of public works (微实事), before the town has taken them on
// and after.
const NeedWorks = "works"

// Need is a kind of help with the words that point to it.
type Need struct {
	ID, Name string
	NameEN   string
	Urgent   bool
	Open     bool     // neighbours and firms can fulfil it: it may be claimed
	Service  bool     // hands or an ear are needed rather than money
	Thing    string   // what is wished for, on the public list
	Items    []string // things of the kind, common enough to be named there
	Words    []string // what is asked for
	Hints    []string // what makes it likely where nothing is asked for
}

// Needs are the kinds of help, the most pressing first.
func Needs() []Need {
	return []Need{
		{ID: "shelter", Name: "吃饭住处", NameEN: "food and shelter", Urgent: true,
			Words: []string{"没饭吃", "没吃的", "没有吃的", "没东西吃", "没有东西吃", "没米", "没有米", "米都没", "米也没", "米都快没", "米快没", "快没米", "饭都没", "断炊", "冇米", "米都冇", "饿", "没地方住", "没有地方住", "没处住", "没地方去", "没有地方去", "冇地方去", "无处可去", "流落", "露宿", "睡街", "睡桥", "睡公园", "睡车站", "赶出来", "赶我们走", "赶我走", "赶我们出", "赶我出", "让我们搬", "要我们搬", "无家可归", "断粮", "冇饭食", "冇嘢食", "没饭", "没吃饭", "没钱吃饭", "食饭都成问题", "吃饭都成问题", "冇地方住", "冇地方瞓", "揭不开锅", "揭不開鍋", "烧了", "烧光", "烧没", "烧毁", "塌了", "水浸", "no food", "hungry", "starving", "homeless", "nowhere to", "evicted", "kicked me out", "kicked us out", "nothing to eat"}},
		{ID: "medical", Name: "看病用药", NameEN: "medical care", Urgent: true,
			Words: []string{"看病", "生病", "得病", "病了", "病倒", "重病", "大病", "手术", "买药", "药费", "停药", "断药", "吃药", "住院", "癌", "白血病", "治疗", "透析", "尿毒症", "医药费", "医疗费", "受伤", "烧伤", "睇医生", "睇病", "发烧", "发着烧", "骨折", "化疗", "陪诊", "sick", "ill ", "medicine", "surgery", "fever", "injured", "doctor"},
			Hints: []string{"病", "医院", "药", "脑溢血", "脑出血", "中风", "心梗", "昏迷", "车祸", "摔断", "hospital", "stroke", "heart attack"}},
		{ID: "schooling", Name: "孩子上学", NameEN: "schooling", Open: true, Thing: "孩子上学的帮助",
			Items: []string{"书包", "文具", "课本", "学习桌", "书桌", "平板电脑"},
			Words: []string{"学费", "上学", "读书", "书包", "文具", "上网课", "失学", "没书读", "冇书读", "转学", "插班", "入学", "学位", "上大学", "课本", "学习桌", "书桌", "平板电脑", "school", "tuition"}, Hints: []string{"大学"}},
		{ID: "aids", Name: "轮椅等辅具", NameEN: "a wheelchair or other aid", Open: true, Thing: "轮椅等辅助用具",
			Items: []string{"轮椅", "拐杖", "助听器", "护理床", "假肢", "尿不湿", "助行器"},
			Words: []string{"轮椅", "拐杖", "助听器", "护理床", "辅具", "假肢", "尿不湿", "助行器", "wheelchair", "hearing aid", "crutch"}},
		{ID: "repair", Name: "房屋维修", NameEN: "house repair", Open: true, Thing: "房屋小修",
			Words: []string{"漏雨", "漏水", "屋顶", "危房", "修房", "线路老化", "电线", "跳闸", "水管", "装扶手", "没有扶手", "防滑", "leak", "roof", "wiring"}},
		{ID: "care", Name: "照料陪伴", NameEN: "care and company", Open: true, Service: true, Thing: "照料和陪伴",
			Words: []string{"没人照顾", "没有人照顾", "照料", "陪伴", "送饭", "送下饭", "送餐", "煮唔到饭", "煮不了饭", "做不了饭", "煮饭给", "没人煮饭", "理发", "冇人照顾", "冇人理", "没人带", "带孩子", "看孩子", "look after"},
			Hints: []string{"独居", "行动不便", "瘫", "失能", "动不了", "lives alone", "paralysed", "paralyzed"}},
		{ID: "work", Name: "找工作", NameEN: "a job", Open: true, Service: true, Thing: "一份工作",
			Words: []string{"找工作", "揾工", "搵工", "lost my job", "unemployed", "no work", "jobless"},
			Hints: []string{"失业", "没工作", "下岗", "冇工做", "丢了工作", "没活干"}},
		{ID: "goods", Name: "生活用品", NameEN: "household goods", Open: true, Thing: "生活用品",
			Items: []string{"棉被", "被子", "衣服", "棉衣", "鞋", "风扇", "冰箱", "洗衣机", "电饭煲", "热水器", "奶粉", "米油"},
			Words: []string{"棉被", "被子", "衣服", "棉衣", "鞋", "风扇", "冰箱", "洗衣机", "米油", "电饭煲", "热水器", "一张床", "奶粉", "生活用品", "blanket", "clothes", "shoes", "fridge", "milk powder"}},
		{ID: "mind", Name: "心理疏导", NameEN: "someone to talk to", Service: true,
			Words: []string{"心理", "抑郁", "失眠", "睡不着", "瞓唔着", "情绪", "depressed", "anxious"}, Hints: []string{"压力"}},
		{ID: "money", Name: "生活费", NameEN: "living costs", Open: true, Thing: "一笔生活补助",
			Words: []string{"生活费", "交不起", "房租", "交租", "rent", "living costs"},
			Hints: []string{"低保", "钱", "困难", "过不下去", "走投无路", "撑不下去", "活不下去", "欠债", "穷", "没收入", "冇收入", "做唔到嘢", "干不了活", "money", "debt", "poor"}},
		{ID: NeedWorks, Name: "便民小工程（微实事）", NameEN: "small public works",
			Words: []string{"微实事"}},
	}
}

// NeedsOf are the kinds of help that words tell, the most pressing first:
// those asked for, or, where nothing is, those the circumstances point to.
func NeedsOf(words string) []Need {
	words = strings.ToLower(words)
	told := func(list []string) bool {
		return slices.ContainsFunc(list, func(w string) bool { return strings.Contains(words, w) })
	}
	var asked, likely []Need
	for _, n := range Needs() {
		switch {
		case told(n.Words):
			asked = append(asked, n)
		case told(n.Hints):
			likely = append(likely, n)
		}
	}
	if len(asked) > 0 {
		return asked
	}
	return likely
}

// NeedOf is the most pressing kind of help that words tell; its zero where
// none does.
func NeedOf(words string) Need {
	if all := NeedsOf(words); len(all) > 0 {
		return all[0]
	}
	return Need{}
}

// Asked says whether words ask for this kind of help, not only tell what makes it
// likely.
func (n Need) Asked(words string) bool {
	words = strings.ToLower(words)
	return slices.ContainsFunc(n.Words, func(w string) bool { return strings.Contains(words, w) })
}

// Things are those of the kind that words name and the public list may name
// too, or the kind in general; none where nobody but the town can help.
func (n Need) Things(words string) []string {
	if !n.Open {
		return nil
	}
	var things []string
	for _, item := range n.Items {
		named := func(thing string) bool { return strings.Contains(thing, item) }
		if strings.Contains(words, item) && !slices.ContainsFunc(things, named) {
			things = append(things, item)
		}
	}
	if len(things) == 0 {
		return []string{n.Thing}
	}
	return things
}

// NeedsIn are the needs of a ticket, the one it is sorted by first.
func NeedsIn(t Ticket) []Need {
	needs := []Need{NeedByID(t.Category)}
	for _, id := range t.Needs {
		needs = append(needs, NeedByID(id))
	}
	return needs
}

// IDs are those of needs.
func IDs(needs []Need) []string {
	var ids []string
	for _, n := range needs {
		if n.ID != "" {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// Shared are the needs the public list may name.
func Shared(needs []Need) []Need {
	return slices.DeleteFunc(slices.Clone(needs), func(n Need) bool { return !n.Open })
}

// NeedByID is the kind of help of an id.
func NeedByID(id string) Need {
	for _, n := range Needs() {
		if n.ID == id {
			return n
		}
	}
	return Need{}
}
