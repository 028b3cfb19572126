package intents

import (
	"strings"

	"guanjia/bot"
)

// placeWords end a part of an address.
var placeWords = []string{"号楼", "号", "栋", "幢", "座", "室", "房", "单元", "大楼", "楼", "村", "社区", "路口", "路", "大道", "街", "巷", "坊", "围", "花园", "小区", "广场", "工业区", "工业园", "市场", "公园", "学校", "小学", "中学", "医院", "桥", "门口", "旁边", "对面", "附近", "楼下", "后面", "前面", "隔壁", "侧边", "背后",
	"车站", "地铁站", "公交站", "加油站", "酒店", "宾馆", "商场", "超市", "祠堂", "幼儿园", "村委会", "居委会", "球场", "派出所", "银行", "牌坊", "码头"}

// besides are the words by which a place is told by another.
var besides = []string{"门口", "旁边", "对面", "附近", "楼下", "后面", "前面", "隔壁", "侧边", "背后", "路口"}

// landmarks are what places are told by.
var landmarks = []string{"车站", "地铁站", "公交站", "加油站", "酒店", "宾馆", "商场", "超市", "祠堂", "幼儿园", "村委会", "居委会", "球场", "派出所", "银行", "牌坊", "码头", "学校", "小学", "中学", "医院", "桥", "大楼", "广场"}

// placeFirsts are what those words begin with.
var placeFirsts = func() (f firsts) {
	f.add(placeWords...)
	return f
}()

// addresses finds where something is, in Dongguan's forms.
func (t *reading) addresses() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		start, end := t.addressAt(i)
		if end-start >= 3 {
			rank := 40
			if t.before(end, besides...) {
				rank = 67 // 村委会旁边 is no body of the city
			}
			out = append(out, candidate{t.entity(bot.PostalAddress, start, end, strings.ReplaceAll(string(t.original[start:end]), " ", "")), rank})
			i = end - 1
		}
	}
	return out
}

// addressAt reads a chain of place names that begins at i: it begins where a
// name can and ends with the last word for a place.
func (t *reading) addressAt(i int) (int, int) {
	if i > 0 && !t.before(i, "在", "住", "到", "喺", "镇", "街道", "区", "是", "：", ":", "，", ",", " ", "去", "地址", "市", "住址") && !t.townEnds(i) {
		return i, i
	}
	if n, _ := t.names.towns.longest(t.r, i); n > 0 {
		return i, i // the town is told by itself, the address begins behind it
	}
	if t.stands(i, "是", "在", "喺", "住", "地址", "地点", "具体") > 0 {
		return i, i // 不对，是雁田村; 地址在虎门镇民昌路: the name begins behind it
	}
	last, links := i, 0
	for j := i; j < len(t.r) && j-last <= 8; {
		c := t.r[j]
		if endsAddress(c) {
			break
		}
		if n, _ := t.names.towns.longest(t.r, j); n > 0 && j > i && (t.at(j+n-1) == '镇' || t.before(j, "在", "住", "喺", "到")) {
			return i, i // 我家在大朗镇巷头社区: it begins behind the town
		}
		if n := t.placeWord(j); n > 0 && j > i && t.numbered(i, j, n) {
			last = j + n
			links++
			j += n
			continue
		}
		j++
	}
	if links == 0 {
		return i, i
	}
	if t.before(last, besides...) && strings.ContainsRune("在喺我", t.r[i]) {
		return i, i // 我在寮步汽车站后面: the same, and the town is told by itself
	}
	last = t.roomEnd(last)
	name := string(t.r[i:last])
	hasPlace := containsAny(name, []string{"村", "社区", "路", "街", "巷", "花园", "小区", "广场", "工业", "栋", "号", "市场", "公园", "大道", "坊", "楼"}) ||
		t.before(last, besides...) && containsAny(name, landmarks)
	if !hasPlace || containsAny(name, []string{"电话", "几", "什么", "怎么", "哪", "我想", "我要", "预约", "投诉", "举报", "反映", "建议", "表扬", "请", "帮", "我们", "第一", "这个", "那个", "天天", "有人", "没人", "不", "让", "怕", "别", "条", "下雨", "大雨"}) {
		return i, i
	}
	loosely := 0 // a village with 那边 behind it is the village
	if !strings.HasSuffix(name, "村") && !strings.HasSuffix(name, "社区") {
		loosely = t.stands(last, about...)
	}
	if links == 1 && !strings.ContainsAny(name, "0123456789一二三四五六七八九十") && len([]rune(name)) < 4 && (!villageName(name) || t.at(last) == ' ') && !(roadName(name) && (loosely > 0 || t.townEnds(i) && !containsAny(t.clause(last), about))) {
		return i, i
	}
	return i, last + loosely
}

// endsAddress says whether a character stands in no address.
func endsAddress(c rune) bool {
	switch c {
	case '，', ',', '。', '；', ';', '？', '?', '！', '!', ' ', '的', '了', '有', '没', '被', '把', '就', '也', '都', '很':
		return true
	}
	return false
}

// placeWord is how long the word for a place at i is, 0 if there is none.
func (t *reading) placeWord(i int) int {
	if !placeFirsts.may(t.at(i)) {
		return 0
	}
	return t.stands(i, placeWords...)
}

// roomEnd takes in the bare number of a room behind a building: 3栋502.
func (t *reading) roomEnd(i int) int {
	if !t.before(i, "栋", "幢", "座", "楼", "单元", "号") {
		return i
	}
	j := i
	for figure(t.at(j)) || t.at(j) == '-' && figure(t.at(j-1)) && figure(t.at(j+1)) {
		j++
	}
	if j-i < 3 || j-i > 7 || latin(t.at(j)) {
		return i
	}
	return j
}

// numbered says whether a word for a part of a place may stand at j: 号, 栋,
// 室 and the like only behind a figure or a letter, 路 not where it begins
// another word (路灯), places by name anywhere.
func (t *reading) numbered(i, j, n int) bool {
	switch string(t.r[j : j+n]) {
	case "路":
		return j+n == len(t.r) || !strings.ContainsRune("灯面况障牌边过人费政程", t.r[j+n])
	case "号", "号楼", "栋", "幢", "座", "室", "房", "单元", "楼":
		return j > i && (numeric(t.r[j-1]) || latin(t.r[j-1]))
	}
	return true
}

// townEnds says whether a town's name ends right before i.
func (t *reading) townEnds(i int) bool {
	for n := 2; n <= 5 && n <= i; n++ {
		if m, _ := t.names.towns.longest(t.r, i-n); m == n {
			return true
		}
	}
	return false
}

// villageName says whether three characters name a village: 雁田村, not 农村 or
// 我们村.
func villageName(name string) bool {
	return strings.HasSuffix(name, "村") && len([]rune(name)) == 3 && !containsAny(name, []string{"农村", "乡村", "新村", "全村", "本村", "我村", "个村", "们村", "条村"})
}

// about are words behind a place that is told loosely: 连升路那边 is somewhere on
// it, and 宏图路万科那边 is more than its road. They stand as folded: 𠮶 is 嗰.
var about = []string{"那边", "这边", "𠮶边", "呢边", "一带", "边上"}

// clause is what stands from i to where no address goes on.
func (t *reading) clause(i int) string {
	j := i
	for j < len(t.r) && !endsAddress(t.r[j]) {
		j++
	}
	return string(t.r[i:j])
}

// roadName says whether three characters name a road right behind its town, as
// in 虎门镇连升路; 那条路 and 修马路 name none.
func roadName(name string) bool {
	r := []rune(name)
	return len(r) == 3 && strings.ContainsRune("路街巷", r[2]) && !strings.ContainsAny(name, "条修马公铁走在到的这那哪有整全小老大问迷引让半沿过每各")
}
