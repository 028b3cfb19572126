package ticket

import "strings"

// Need is a kind of help with the words that point to it.
type Need struct {
	ID, Name string
	NameEN   string
	Urgent   bool
	Open     bool   // neighbours and firms can fulfil it: it may be claimed
	Thing    string // what is wished for, on the public list
	Words    []string
}

// Needs are the kinds of help, the most pressing first.
func Needs() []Need {
	return []Need{
		{"shelter", "吃饭住处", "food and shelter", true, false, "", []string{"没饭吃", "没吃的", "没有吃的", "饿", "没地方住", "没有地方住", "流落", "露宿", "睡街", "被赶出来", "无家可归", "断粮", "冇饭食", "没饭", "没吃饭", "没钱吃饭", "冇地方住", "赶出来", "没处住", "睡桥", "揭不开锅", "烧了", "塌了", "水浸", "no food", "hungry", "starving", "homeless", "nowhere to", "evicted", "nothing to eat"}},
		{"medical", "看病用药", "medical care", true, false, "", []string{"病", "医院", "手术", "药", "住院", "癌", "白血病", "治疗", "透析", "尿毒症", "医药费", "医疗费", "受伤", "烧伤", "睇医生", "发烧", "发着烧", "骨折", "化疗", "sick", "ill ", "hospital", "medicine", "surgery", "fever", "injured", "doctor"}},
		{"schooling", "孩子上学", "schooling", false, true, "孩子上学的帮助", []string{"学费", "上学", "读书", "书包", "文具", "上网课", "失学", "大学", "课本", "学习桌", "书桌", "school", "tuition"}},
		{"aids", "轮椅等辅具", "a wheelchair or other aid", false, true, "轮椅等辅助用具", []string{"轮椅", "拐杖", "助听器", "护理床", "辅具", "假肢", "尿不湿", "防滑", "wheelchair", "hearing aid", "crutch"}},
		{"care", "照料陪伴", "care and company", false, true, "照料和陪伴", []string{"没人照顾", "独居", "行动不便", "瘫痪", "照料", "陪伴", "送饭", "理发", "冇人照顾", "失能", "lives alone", "paralysed", "paralyzed", "look after"}},
		{"work", "找工作", "a job", false, true, "一份工作", []string{"失业", "找工作", "没工作", "下岗", "冇工做", "lost my job", "unemployed", "no work", "jobless"}},
		{"repair", "房屋维修", "house repair", false, true, "房屋小修", []string{"漏雨", "漏水", "屋顶", "危房", "修房", "线路老化", "leak", "roof"}},
		{"goods", "生活用品", "household goods", false, true, "生活用品", []string{"棉被", "被子", "衣服", "风扇", "冰箱", "洗衣机", "米油", "电饭煲", "床", "奶粉", "生活用品", "blanket", "clothes", "fridge", "milk powder"}},
		{"mind", "心理疏导", "someone to talk to", false, false, "", []string{"心理", "抑郁", "失眠", "压力", "情绪", "depressed", "anxious"}},
		{"money", "生活费", "living costs", false, true, "一笔生活补助", []string{"钱", "生活费", "困难", "低保", "欠债", "穷", "交不起", "房租", "money", "rent", "debt", "poor"}},
	}
}

// NeedOf finds the kind of help that words tell; its zero where none does.
func NeedOf(words string) Need {
	words = strings.ToLower(words)
	for _, n := range Needs() {
		for _, w := range n.Words {
			if strings.Contains(words, w) {
				return n
			}
		}
	}
	return Need{}
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
