package intents

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/intents/hanzi"
)

func figure(r rune) bool { return '0' <= r && r <= '9' }

func latin(r rune) bool { return 'a' <= r && r <= 'z' }

// numbers finds ticket and appointment numbers, right check digit or not.
func (t *reading) numbers() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		kind, least := bot.TicketNo, 12
		switch {
		case t.stands(i, "dg") > 0:
		case t.stands(i, "yy") > 0:
			kind, least = bot.AppointmentNo, 10
		default:
			continue
		}
		if latin(t.at(i - 1)) {
			continue
		}
		digits, end := t.digitsAt(i+2, " -—_")
		if len(digits) < least || len(digits) > least+6 {
			continue
		}
		value := strings.ToUpper(string(t.r[i:i+2])) + digits
		out = append(out, candidate{t.entity(kind, i, end, value), 100})
		i = end - 1
	}
	return out
}

// digitsAt reads figures at i, passing over the marks in between.
func (t *reading) digitsAt(i int, marks string) (digits string, end int) {
	var b strings.Builder
	end = i
	for j := i; j < len(t.r); j++ {
		c := t.r[j]
		switch {
		case figure(c):
			b.WriteRune(c)
			end = j + 1
		case strings.ContainsRune(marks, c):
		default:
			return b.String(), end
		}
	}
	return b.String(), end
}

// identities finds id numbers, permits and passports.
func (t *reading) identities() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if !spokenDigit(t.r[i]) && !latin(t.r[i]) || spokenDigit(t.at(i-1)) || latin(t.at(i-1)) {
			continue
		}
		if c, ok := t.idNumber(i); ok {
			out = append(out, c)
			i = c.End - 1
			continue
		}
		if c, ok := t.permit(i); ok {
			out = append(out, c)
			i = c.End - 1
		}
	}
	return out
}

// idNumber reads a citizen's or resident's id number (GB 11643).
func (t *reading) idNumber(i int) (candidate, bool) {
	digits, end := t.digitsAt(i, " -")
	if !figure(t.r[i]) {
		digits, end = t.spokenAt(i)
	}
	if len(digits) == 17 {
		j := end
		for t.at(j) == ' ' {
			j++
		}
		if t.at(j) == 'x' || t.at(j) == '叉' {
			digits, end = digits+"X", j+1
		}
	}
	if len(digits) != 18 || !ValidID(digits) || figure(t.at(end)) || latin(t.at(end)) {
		return candidate{}, false
	}
	kind := bot.IDNumber
	if strings.HasPrefix(digits, "81") || strings.HasPrefix(digits, "82") || strings.HasPrefix(digits, "83") {
		kind = bot.Permit // 港澳台居民居住证
	}
	return candidate{t.entity(kind, i, end, digits), 95}, true
}

// spokenAt reads digits in characters at i: 一一零一零五.
func (t *reading) spokenAt(i int) (digits string, end int) {
	end = i
	for end < len(t.r) && (spokenDigit(t.r[end]) || end > i && strings.ContainsRune(pauses, t.r[end])) {
		end++
	}
	for end > i && !spokenDigit(t.r[end-1]) {
		end--
	}
	digits, _ = hanzi.Digits(strings.NewReplacer(",", "", "、", "", ".", "").Replace(string(t.r[i:end])))
	return digits, end
}

// ValidID checks an id number's check digit and birth date (GB 11643).
func ValidID(id string) bool {
	if len(id) != 18 {
		return false
	}
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
		sum += int(id[i]-'0') * w
	}
	if "10X98765432"[sum%11] != id[17] {
		return false
	}
	born, err := time.Parse("20060102", id[6:14])
	return err == nil && born.Year() >= 1880 && born.Before(time.Now().AddDate(0, 0, 2)) && id[0] != '0'
}

// permit reads travel permits and passports.
func (t *reading) permit(i int) (candidate, bool) {
	j := i
	for latin(t.at(j)) {
		j++
	}
	letters := string(t.r[i:j])
	digits, end := t.digitsAt(j, " ")
	if figure(t.at(end)) || latin(t.at(end)) || t.at(j) == ' ' {
		return candidate{}, false
	}
	value := strings.ToUpper(letters) + digits
	switch {
	case (letters == "h" || letters == "m") && (len(digits) == 8 || len(digits) == 10):
		return candidate{t.entity(bot.Permit, i, end, value), 90}, true
	case (letters == "c" || letters == "w") && len(digits) == 8, len(letters) == 2 && letters[0] == 'c' && len(digits) == 7:
		return candidate{t.entity(bot.Permit, i, end, value), 90}, true
	case letters == "" && (len(digits) == 8 || len(digits) == 10) && (t.near(i, "台胞证", "台湾通行证") || t.asked == bot.Permit):
		return candidate{t.entity(bot.Permit, i, end, value), 90}, true
	case letters == "e" && len(digits) == 8, letters == "g" && len(digits) == 8, len(letters) == 2 && letters[0] == 'e' && len(digits) == 7:
		return candidate{t.entity(bot.Passport, i, end, value), 90}, true
	case (t.near(i, "护照", "passport") || t.asked == bot.Passport) && len(value) >= 6 && len(value) <= 12 && len(digits) >= 5 && len(letters) <= 2:
		return candidate{t.entity(bot.Passport, i, end, value), 88}, true
	}
	return candidate{}, false
}

// near says whether one of the words stands within twenty-four runes before i.
func (t *reading) near(i int, words ...string) bool {
	return containsAny(string(t.r[max(0, i-24):i]), words)
}

// phones finds phone numbers, written or spoken.
func (t *reading) phones() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if n, value := t.phone(i); n > 0 {
			out = append(out, candidate{t.entity(bot.Phone, i, i+n, value), 85})
			i += n - 1
		}
	}
	return out
}

// pauses may stand between the groups of a number, as it is spoken or typed.
const pauses = " -,、."

func (t *reading) phone(i int) (int, string) {
	if !spokenDigit(t.at(i)) && t.at(i) != '+' || figure(t.at(i-1)) || latin(t.at(i-1)) || spokenDigit(t.at(i-1)) && spokenDigit(t.at(i)) && !figure(t.at(i)) {
		return 0, ""
	}
	j := i
	j += t.stands(j, "+86", "0086", "86-", "86 ")
	for t.at(j) == ' ' || t.at(j) == '-' {
		j++
	}
	end := j
	for k := j; k < len(t.r) && k-j < 40; k++ {
		c := t.r[k]
		switch {
		case spokenDigit(c) || c == '双' || c == '个' && k > j && digitLike(t.at(k-1)) && digitLike(t.at(k+1)):
			end = k + 1
		case strings.ContainsRune(pauses, c):
		default:
			k = len(t.r)
		}
	}
	for ; end > j; end-- {
		digits, ok := hanzi.Digits(strings.NewReplacer(",", "", "、", "", ".", "").Replace(string(t.r[j:end])))
		if !ok {
			continue
		}
		if validPhone(digits) && !figure(t.at(end)) {
			return end - i, digits
		}
		if len(digits) < 11 {
			break
		}
	}
	return 0, ""
}

func spokenDigit(r rune) bool {
	return figure(r) || strings.ContainsRune("〇零一二三四五六七八九幺妖腰洞拐勾两另", r) && r != 0
}

func digitLike(r rune) bool { return spokenDigit(r) }

// validPhone is a mainland mobile number, or a landline with Dongguan's area
// code.
func validPhone(d string) bool {
	if len(d) == 11 && d[0] == '1' && d[1] >= '3' {
		return true
	}
	return len(d) == 12 && strings.HasPrefix(d, "0769") && d[4] != '0' && d[4] != '1'
}

// relationWords name whom an errand is for.
var relationWords = []struct {
	value string
	words []string
}{
	{"本人", []string{"我自己", "我本人", "自己", "本人", "自个儿", "myself"}},
	{"祖辈", []string{"爷爷", "奶奶", "外公", "外婆", "公公", "婆婆", "阿公", "阿婆", "姥姥", "姥爷", "阿嫲", "嫲嫲"}},
	{"母亲", []string{"我妈妈", "妈妈", "我妈", "老妈", "母亲", "阿妈", "我娘", "老母", "my mother", "my mom"}},
	{"父亲", []string{"我爸爸", "爸爸", "我爸", "老爸", "父亲", "阿爸", "老豆", "my father", "my dad"}},
	{"配偶", []string{"老公", "老婆", "爱人", "丈夫", "妻子", "我先生", "我太太", "配偶", "媳妇", "my wife", "my husband"}},
	{"子女", []string{"儿子", "女儿", "小孩", "孩子", "我仔", "我女", "囡囡", "宝宝", "娃", "细路", "仔女", "我家闺女", "闺女", "my son", "my daughter", "my child"}},
	{"亲属", []string{"我哥", "我姐", "我弟", "我妹", "哥哥", "姐姐", "弟弟", "妹妹", "叔叔", "阿姨", "舅舅", "姑姑", "伯父", "岳父", "岳母", "侄子", "外甥", "亲戚", "家公", "家婆"}},
	{"雇员", []string{"员工", "工人", "雇员", "保姆", "我们公司的人", "我厂里的人"}},
	{"朋友", []string{"朋友", "同事", "室友", "工友", "同学", "邻居", "my friend"}},
}

// relations finds for whom something is done, where the words say so.
func (t *reading) relations() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		for _, rel := range relationWords {
			n := t.stands(i, rel.words...)
			if n == 0 || !t.meansSomebody(i, n, rel.value) {
				continue
			}
			out = append(out, candidate{t.entity(bot.Relation, i, i+n, rel.value), 50})
			i += n - 1
			break
		}
	}
	return out
}

// meansSomebody keeps "自己" in passing and neighbours one complains of from
// being whom the errand is for.
func (t *reading) meansSomebody(i, n int, value string) bool {
	switch value {
	case "本人":
		return t.asked == bot.Relation || t.before(i, "给", "帮", "替", "是", "为", "我") || len(t.r) <= n+3
	case "朋友":
		return t.asked == bot.Relation || t.before(i, "帮", "给", "替", "帮我", "为", "我", "个") && !t.before(i, "楼下", "我邻居")
	case "雇员":
		return t.before(i, "帮", "给", "替", "为", "我", "我的", "我们", "我厂", "公司", "厂里", "店里")
	}
	return true
}

// addresses finds where something is, in Dongguan's forms.
func (t *reading) addresses() []candidate {
	ends := []string{"号楼", "号", "栋", "幢", "座", "室", "房", "单元", "大楼", "楼", "村", "社区", "路", "大道", "街", "巷", "坊", "围", "花园", "小区", "广场", "工业区", "工业园", "市场", "公园", "学校", "小学", "中学", "医院", "路口", "桥", "门口", "旁边", "对面", "附近", "楼下"}
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		start, end := t.addressAt(i, ends)
		if end-start >= 3 {
			out = append(out, candidate{t.entity(bot.PostalAddress, start, end, strings.ReplaceAll(string(t.original[start:end]), " ", "")), 40})
			i = end - 1
		}
	}
	return out
}

// addressAt reads a chain of place names that begins at i: it begins where a
// name can and ends with the last word for a place.
func (t *reading) addressAt(i int, ends []string) (int, int) {
	if i > 0 && !t.before(i, "在", "住", "到", "喺", "镇", "街道", "区", "是", "：", ":", "，", ",", " ", "去", "地址", "市", "住址") && !t.townEnds(i) {
		return i, i
	}
	if n, _ := t.names.towns.longest(t.r, i); n > 0 {
		return i, i // the town is told by itself, the address begins behind it
	}
	last, links := i, 0
	for j := i; j < len(t.r) && j-last <= 8; {
		c := t.r[j]
		if strings.ContainsRune("，,。；;？?！! 的了有没被把就也都很", c) {
			break
		}
		if n := t.stands(j, ends...); n > 0 && j > i && t.numbered(i, j, n) {
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
	last = t.roomEnd(last)
	name := string(t.r[i:last])
	hasPlace := containsAny(name, []string{"村", "社区", "路", "街", "巷", "花园", "小区", "广场", "工业", "栋", "号", "市场", "公园", "大道", "坊", "楼"})
	if !hasPlace || containsAny(name, []string{"电话", "几", "什么", "怎么", "哪", "我想", "我要", "预约", "投诉", "举报", "反映", "建议", "表扬", "请", "帮", "天天", "有人", "没人"}) {
		return i, i
	}
	if links == 1 && !strings.ContainsAny(name, "0123456789一二三四五六七八九十") && len([]rune(name)) < 4 {
		return i, i
	}
	return i, last
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
// 室 and the like only behind a figure or a letter, places by name anywhere.
func (t *reading) numbered(i, j, n int) bool {
	switch string(t.r[j : j+n]) {
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

// amounts finds money and plain numbers.
func (t *reading) amounts() []candidate {
	var out []candidate
	for i := 0; i < len(t.r); i++ {
		if !numeric(t.r[i]) || i > 0 && numeric(t.r[i-1]) || latin(t.at(i-1)) {
			continue
		}
		j := i
		for numeric(t.at(j)) || t.at(j) == '.' && figure(t.at(j+1)) || t.at(j) == ',' && figure(t.at(j-1)) && figure(t.at(j+1)) && figure(t.at(j+2)) && figure(t.at(j+3)) {
			j++
		}
		value, ok := amount(string(t.r[i:j]))
		if !ok {
			i = j - 1
			continue
		}
		if start, end, sum := t.money(i, j, value); end > 0 {
			out = append(out, candidate{t.entity(bot.Money, start, end, plain(sum)), 65})
			i = end - 1
			continue
		}
		if j-i <= 8 && t.loneNumber(i, j) {
			shown := plain(value)
			if allFigures(t.r[i:j]) {
				shown = string(t.r[i:j])
			}
			out = append(out, candidate{t.entity(bot.Number, i, j, shown), 10})
		}
		i = j - 1
	}
	return out
}

// amount reads a number in figures, in characters, or in figures with 万 or 千
// behind them: 1,200, 三百五, 3.5万.
func amount(text string) (float64, bool) {
	text = strings.ReplaceAll(text, ",", "")
	for unit, times := range map[string]float64{"万": 10_000, "千": 1000, "百": 100} {
		if figures, found := strings.CutSuffix(text, unit); found {
			if v, err := strconv.ParseFloat(figures, 64); err == nil {
				return v * times, true
			}
		}
	}
	return hanzi.Number(text)
}

// money reads the number at [i,j) as a sum of yuan by what stands around it;
// end is 0 where it is none.
func (t *reading) money(i, j int, value float64) (start, end int, yuan float64) {
	start = i
	if c := t.at(i - 1); c == '¥' || c == '￥' {
		start, end = i-1, j
	}
	if n := t.stands(j, "万元", "万块"); n > 0 {
		return start, j + n, value * 10_000
	}
	n := t.stands(j, "块钱", "元钱", "元", "块", "蚊", "rmb", "人民币", "文钱")
	if n == 0 {
		return start, end, value
	}
	end = j + n
	if t.at(end-1) != '块' && t.at(end-1) != '元' && t.at(end-1) != '蚊' {
		return start, end, value
	}
	// 一百二十块五毛, 三块五
	if tenth, ok := hanzi.Number(string(t.at(end))); ok && tenth < 10 && !numeric(t.at(end+1)) {
		tail := t.stands(end+1, "毛钱", "毛", "角")
		if tail > 0 || end+1 == len(t.r) {
			return start, end + 1 + tail, value + tenth/10
		}
	}
	return start, end, value
}

func numeric(r rune) bool {
	return figure(r) || r != 0 && strings.ContainsRune("零〇一二三四五六七八九十百千万两廿卅", r)
}

func allFigures(r []rune) bool {
	return !slices.ContainsFunc(r, func(c rune) bool { return !figure(c) })
}

// loneNumber says whether a number in characters is meant as one: "一下" and
// "一个" are not.
func (t *reading) loneNumber(i, j int) bool {
	if allFigures(t.r[i:j]) {
		return !latin(t.at(j))
	}
	return j-i >= 2 || len(t.r) <= 3
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
