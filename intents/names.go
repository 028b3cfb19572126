package intents

import (
	"slices"
	"strings"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

// names is the lexicon made ready for reading.
type names struct {
	towns       *trie
	doubtful    map[string]bool
	halls       *trie
	services    *trie
	departments *trie
	sounds      map[syllables]string // of a town's name → id
	// heard are services by the sound of a name of three or four characters, in
	// which misheard ones are recognised: 句住证.
	heard map[syllables][]string
}

func newNames(lex Lexicon) *names {
	n := &names{towns: newTrie(), halls: newTrie(), services: newTrie(), departments: newTrie(),
		doubtful: map[string]bool{}, sounds: map[syllables]string{}, heard: map[syllables][]string{}}
	for _, t := range lex.Towns {
		for _, name := range append(slices.Clone(t.Names), t.Doubtful...) {
			folded := hanzi.Fold(plainName(name))
			n.towns.add(folded, t.ID)
			if slices.Contains(t.Doubtful, name) {
				n.doubtful[string(folded)] = true
			}
			if len(folded) >= 2 && len(folded) <= 4 {
				n.addSound(folded, t.ID)
				n.addSound([]rune(strings.ReplaceAll(string(folded), "长", "常")), t.ID) // in towns it is cháng, not zhǎng: 常安
			}
		}
	}
	for _, h := range lex.Halls {
		for _, name := range h.Names {
			n.halls.add(hanzi.Fold(name), h.ID)
		}
	}
	for _, office := range offices {
		n.departments.add(hanzi.Fold(office), office)
	}
	for _, d := range lex.Departments {
		for _, name := range d.Names {
			n.departments.add(hanzi.Fold(name), d.ID)
		}
	}
	n.addServices(lex.Services)
	return n
}

// offices are how people name them, whatever their full titles.
var offices = []string{
	"社保局", "税务局", "国税局", "地税局", "工商局", "城管局", "城管", "民政局", "人社局", "劳动局", "住建局", "教育局", "卫健局", "卫生局", "环保局", "生态环境局",
	"市场监管局", "国土局", "自然资源局", "交通局", "医保局", "财政局", "发改局", "工信局", "科技局", "商务局", "信访局", "司法局", "司法所", "房管局", "供电局", "水务局",
	"车管所", "派出所", "交警", "街道办", "居委会", "村委会", "法院", "检察院", "出入境大厅", "消防队", "公积金管理中心", "不动产登记中心",
}

// plainName drops what stands in brackets behind a name.
func plainName(name string) string {
	name, _, _ = strings.Cut(name, "(")
	name, _, _ = strings.Cut(name, "（")
	return strings.TrimSpace(name)
}

func (n *names) addSound(name []rune, id string) {
	key, ok := sound(name)
	if !ok {
		return
	}
	if other, ok := n.sounds[key]; ok && other != id {
		n.sounds[key] = "" // two towns sound alike: no guess
		return
	}
	n.sounds[key] = id
}

// syllables are how two to four characters sound.
type syllables [4]uint16

// sound is how a name sounds; ok is false where not all of it has a sound.
func sound(name []rune) (s syllables, ok bool) {
	for i, c := range name {
		if s[i] = hanzi.Sound(c); s[i] == 0 {
			return s, false
		}
	}
	return s, true
}

// heads are the nouns by which people name services in short; which services
// they stand for follows from the titles.
var heads = []string{
	"居民身份证", "身份证", "临时身份证", "居住证", "港澳通行证", "通行证", "护照", "驾驶证", "驾照", "社保卡", "社保", "医保", "公积金", "营业执照", "户口", "入户",
	"落户", "结婚证", "结婚", "离婚", "低保", "残疾人证", "残疾证", "退休", "养老金", "失业金", "失业", "生育津贴", "工伤", "积分入学", "入学", "过户", "公租房",
	"异地就医", "医疗救助", "临时救助", "法律援助", "食品经营许可", "食品经营许可证", "个体户", "注销", "敬老卡", "高龄津贴", "电动车", "上牌", "无犯罪证明", "灵活就业",
}

// addServices adds titles, aliases, titles without what stands in brackets,
// and the short nouns with every service whose title or alias holds them.
func (n *names) addServices(services []Name) {
	for _, s := range services {
		for i, name := range s.Names {
			folded := hanzi.Fold(name)
			if len(folded) < 2 || i > 0 && isQuestion(name) {
				continue
			}
			n.services.add(folded, s.ID)
			if short := hanzi.Fold(plainName(name)); len(short) >= 3 {
				n.services.add(short, s.ID)
			}
		}
	}
	for _, head := range heads {
		folded := hanzi.Fold(head)
		if k, ids := n.services.longest(folded, 0); k == len(folded) && len(ids) > 0 {
			continue
		}
		for _, s := range services {
			if len(s.Names) > 0 && strings.Contains(s.Names[0], head) {
				n.services.add(folded, s.ID)
			}
		}
		if k, _ := n.services.longest(folded, 0); k == len(folded) {
			continue
		}
		for _, s := range services {
			for _, name := range s.Names {
				if strings.Contains(name, head) {
					n.services.add(folded, s.ID)
					break
				}
			}
		}
	}
	for _, head := range heads {
		n.hear(hanzi.Fold(head))
	}
	for _, s := range services {
		for i, name := range s.Names {
			if i == 0 || !isQuestion(name) {
				n.hear(hanzi.Fold(plainName(name)))
			}
		}
	}
}

// hear adds the sound of a service's name, unless another service has it too.
func (n *names) hear(name []rune) {
	if len(name) < 3 || len(name) > 4 {
		return
	}
	k, ids := n.services.longest(name, 0)
	key, ok := sound(name)
	if k != len(name) || !ok {
		return
	}
	if have, known := n.heard[key]; known && !slices.Equal(have, ids) {
		ids = nil // two services sound alike: no guess
	}
	n.heard[key] = ids
}

// isQuestion keeps aliases that are whole questions out of the names.
func isQuestion(name string) bool {
	return strings.ContainsAny(name, "吗?？怎哪") || strings.Contains(name, "什么") || strings.Contains(name, "多少")
}

// services finds services by name.
func (t *reading) services() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		n, ids := t.names.services.longest(t.r, i)
		if n == 0 {
			n, ids = t.servicePhrase(i)
		}
		if n == 0 {
			n, ids = t.serviceHeard(i)
		}
		if n == 0 || cutsWord(t.r, i, n) || t.serviceDecoy(i, n) {
			continue
		}
		e := t.entity(bot.Service, i, i+n, ids[0])
		if len(ids) > 1 {
			e.Ambiguity = append(e.Ambiguity, ids[1:min(len(ids), 4)]...)
		}
		out = append(out, candidate{e, 60})
		i += n - 1
	}
	return join(out)
}

// servicePhrases are nouns with what happens to them, and the service it makes.
var servicePhrases = []struct {
	nouns, verbs []string
	id           string
}{
	{[]string{"身份证"}, []string{"丢了", "丢失", "不见", "唔见", "遗失", "掉了", "被偷", "补办", "补领", "搞丢"}, "id-card-lost"},
	{[]string{"身份证"}, []string{"过期", "到期", "换领", "坏了", "换新", "消磁"}, "id-card-renew"},
	{[]string{"居住证"}, []string{"签注", "年审", "续签", "到期", "过期"}, "residence-permit-sign"},
	{[]string{"驾驶证", "驾照"}, []string{"丢了", "不见", "补办", "遗失", "唔见"}, "driver-license-lost"},
	{[]string{"驾驶证", "驾照"}, []string{"到期", "过期", "换证", "期满"}, "driver-license-renew"},
}

// servicePhrase reads a noun with what happened to it: 身份证…丢了.
func (t *reading) servicePhrase(i int) (int, []string) {
	for _, p := range servicePhrases {
		n := t.stands(i, p.nouns...)
		if n == 0 {
			continue
		}
		for gap := 0; gap <= 4; gap++ {
			if m := t.stands(i+n+gap, p.verbs...); m > 0 && t.names.has(p.id) {
				return n + gap + m, []string{p.id}
			}
		}
	}
	return 0, nil
}

// serviceHeard reads a service's name by its sound.
func (t *reading) serviceHeard(i int) (int, []string) {
	for _, k := range []int{4, 3} {
		if i+k > len(t.r) || !isHan(t.r[i]) {
			continue
		}
		key, ok := sound(t.r[i : i+k])
		if !ok {
			continue
		}
		if ids := t.names.heard[key]; len(ids) > 0 {
			return k, ids
		}
	}
	return 0, nil
}

// has says whether a service of this id is known.
func (n *names) has(id string) bool { return n.services.knows(id) }

func (t *trie) knows(id string) bool { return t.root.knows(id) }

func (w *twig) knows(id string) bool {
	if slices.Contains(w.ids, id) {
		return true
	}
	for _, next := range w.next {
		if next.knows(id) {
			return true
		}
	}
	return false
}

// serviceDecoy keeps papers that are only shown, not applied for, from being
// the service: 身份证号, 带身份证.
func (t *reading) serviceDecoy(i, n int) bool {
	word := string(t.r[i : i+n])
	if strings.HasSuffix(word, "身份证") || word == "护照" || word == "户口" {
		if t.stands(i+n, "号", "复印件", "原件", "照片", "正反面", "本人", "地址", "上的") > 0 || t.before(i, "带", "拿", "用", "出示", "凭", "我的") && t.stands(i+n, "去", "来", "就", "行", "可以") > 0 {
			return true
		}
		if t.before(i, "为什么要", "为啥要", "不想说", "不想给", "唔想俾", "不给") {
			return true
		}
	}
	return false
}

// join keeps the more exact of neighbouring names of one service.
func join(list []candidate) []candidate {
	if len(list) < 2 {
		return list
	}
	exact := slices.IndexFunc(list, func(c candidate) bool { return len(c.Ambiguity) == 0 })
	if exact < 0 {
		return list
	}
	id := list[exact].Value
	return slices.DeleteFunc(list, func(c candidate) bool {
		return len(c.Ambiguity) > 0 && (c.Value == id || slices.Contains(c.Ambiguity, id))
	})
}

// hallWords turn a town into its hall.
var hallWords = []string{"政务服务中心", "政务中心", "政务服务大厅", "政务大厅", "办事大厅", "服务大厅", "行政服务中心", "便民服务中心", "办事中心", "服务中心", "大厅", "窗口", " service hall", " government hall", " service center", " service centre", " hall"}

// places finds towns and halls.
func (t *reading) places() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if n, ids := t.names.halls.longest(t.r, i); n > 0 {
			out = append(out, candidate{t.entity(bot.Hall, i, i+n, ids[0]), 58})
			i += n - 1
			continue
		}
		n, id := t.town(i)
		if n == 0 {
			continue
		}
		end := i + n
		end += t.stands(end, "街道办", "街道", "镇区", "镇街", "镇", "区")
		if end > i+n && t.stands(i+n, "区") > 0 && end == i+n+1 && t.stands(i+n, "区别", "区分") > 0 {
			end = i + n
		}
		if m := t.stands(end, append([]string{"的大厅", "那个大厅", "嗰个大厅"}, hallWords...)...); m > 0 {
			out = append(out, candidate{t.entity(bot.Hall, i, end+m, id), 58})
			i = end + m - 1
			continue
		}
		out = append(out, candidate{t.entity(bot.Town, i, end, id), 55})
		i = end - 1
	}
	return out
}

// town reads a town's name at i, by its characters or, where a place is
// meant, by its sound.
func (t *reading) town(i int) (int, string) {
	n, ids := t.names.towns.longest(t.r, i)
	if n > 0 {
		if cutsWord(t.r, i, n) || t.townDecoy(i, n) {
			return 0, ""
		}
		return n, ids[0]
	}
	if n, id := t.spelledTown(i); n > 0 {
		return n, id
	}
	for _, k := range []int{3, 2} {
		if i+k > len(t.r) {
			continue
		}
		key, ok := sound(t.r[i : i+k])
		if id := t.names.sounds[key]; ok && id != "" && t.placeContext(i, k) {
			return k, id
		}
	}
	return 0, ""
}

// spelledTown reads a town as the English write it, in parts: Chang'an, Shi Long.
func (t *reading) spelledTown(i int) (int, string) {
	if !latin(t.r[i]) || i > 0 && latin(t.r[i-1]) {
		return 0, ""
	}
	var letters []rune
	n, id, parts := 0, "", 0
	for j := i; j < len(t.r) && parts < 3; j++ {
		switch c := t.r[j]; {
		case latin(c):
			letters = append(letters, c)
			if latin(t.at(j + 1)) {
				continue
			}
			parts++
			if k, ids := t.names.towns.longest(letters, 0); parts > 1 && k == len(letters) && !t.names.doubtful[string(letters)] {
				n, id = j+1-i, ids[0]
			}
		case (c == ' ' || c == '\'' || c == '’' || c == '-') && latin(t.r[j-1]):
		default:
			return n, id
		}
	}
	return n, id
}

// townDecoy keeps names that are also words, or parts of words, from being towns.
func (t *reading) townDecoy(i, n int) bool {
	word := string(t.r[i : i+n])
	if n == 1 || word == "城区" && !t.placeContext(i, n) {
		return true
	}
	if t.names.doubtful[word] {
		return !t.placeContext(i, n)
	}
	if t.stands(i+n, "路", "大道", "街上", "宾馆", "酒店", "医院", "小学", "中学", "银行", "东路", "西路", "南路", "北路") > 0 && word != "东城" && word != "南城" {
		return t.stands(i+n, "医院", "小学", "中学", "银行", "宾馆", "酒店") == 0
	}
	switch word {
	case "长安":
		return t.stands(i+n, "街", "汽车", "大学") > 0
	case "桥头":
		return t.before(i, "在", "到", "桥") && t.stands(i+n, "堡") > 0 || t.before(i, "大桥", "小桥")
	case "清溪", "青溪", "黄江", "常平", "长平", "中堂", "沙田", "万江", "横沥", "大朗":
		return false
	}
	return false
}

// placeContext says whether a place is meant at i: words of going and being
// before it, or a word for a place behind it, or it was asked for.
func (t *reading) placeContext(i, n int) bool {
	if t.asked == bot.Town || t.asked == bot.Hall {
		return len(t.r) <= n+6
	}
	return t.before(i, "去", "在", "到", "喺", "住", "我们", "我哋", "东莞", "莞", "位于", "来", "约", "系", "约在", "改到", "改去") && !t.before(i, "存在", "现在", "实在") ||
		t.stands(i+n, "镇", "街道", "大厅", "政务", "窗口", "村", "社区", "办事", "分局", "派出所", "办", "这边", "呢边", "那边") > 0
}

// departments finds bodies of the city by name.
func (t *reading) departments() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		n, _ := t.names.departments.longest(t.r, i)
		if n == 0 {
			continue
		}
		n += t.stands(i+n, "分局", "局", "大队", "中队")
		rank := 35 // 公安 alone may be part of anything
		if strings.ContainsRune("局所厅院会队委办", t.r[i+n-1]) {
			rank = 66 // 社保局 is no service
		}
		out = append(out, candidate{t.entity(bot.Department, i, i+n, string(t.r[i:i+n])), rank})
		i += n - 1
	}
	return out
}
