package ticket

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// UrgencyOf reads from a telling whether it cannot wait its turn: something
// that may hurt people soon. What hurts them now is an emergency and goes
// another way before it ever is a report.
func UrgencyOf(told string) Urgency {
	for _, w := range []string{
		"漏电", "冒火花", "打火花", "电线掉", "电线断", "井盖没了", "井盖不见", "没有井盖", "没井盖", "无井盖", "要塌", "快塌", "要倒", "快倒", "摇摇欲坠", "掉下来", "砸到", "煤气味", "漏气", "爆管", "水管爆",
		"整个小区停水", "整栋停电", "困电梯", "滑坡", "裂缝越来越大", "中毒", "拉肚子", "一群人", "好多人受伤", "摔伤", "撞伤", "老人出不了门", "急需", "马上要", "明天就要手术",
	} {
		if strings.Contains(told, w) {
			return Urgent
		}
	}
	if cutOff.MatchString(told) && (everybody.MatchString(told) || forDays.MatchString(told)) {
		return Urgent
	}
	return Normal
}

// days is a time of two days and more.
const days = `(?:[两二三四五六七八九十几2-9]|好几|\d\d)[天日]`

// cutOff is being without water, power or gas, everybody a whole house or place,
// forDays longer than a home can do without.
var (
	cutOff    = regexp.MustCompile(`停水|停电|停气|没水|没电|冇水|冇电`)
	everybody = regexp.MustCompile(`整栋|全栋|成栋|整幢|整个小区|全小区|成个小区|全村|整条村|整条街|成条街|[几百]百户|几十户`)
	forDays   = regexp.MustCompile(`(?:停水|停电|停气|[没冇][水电])[了咗]?(?:已经|整整|都|有)?` + days + `|` + days + `(?:都|了|啦)?(?:停|没有?|冇)[水电气]`)
)

var crowds = regexp.MustCompile(`(\d{1,6}|[一二两三四五六七八九十百千几]{1,4})(?:多|来)?(?:个)?(工人|居民|学生|老人|小孩|孩子|家长|人|口|户|家|位|名)`)

// Affected reads how many people a telling says are affected, a household
// counted as three; 0 where it does not say.
func Affected(told string) int {
	most := 0
	for _, m := range crowds.FindAllStringSubmatch(told, -1) {
		n := figure(m[1])
		if m[2] == "户" || m[2] == "家" {
			n *= 3
		}
		if n > most && n >= 2 {
			most = n
		}
	}
	for words, n := range map[string]int{"整栋": 100, "全栋": 100, "整个小区": 1000, "全小区": 1000, "全村": 1000, "整条街": 300, "全厂": 200, "全校": 1000} {
		if strings.Contains(told, words) {
			most = max(most, n)
		}
	}
	return most
}

// money is a number that may be a sum of yuan; scaled is what makes it one
// where no currency is told.
var (
	money    = regexp.MustCompile(`(?:\d[\d,]*(?:\.\d+)?(?:[万千百][一二三四五六七八九\d]?)?|[一二两三四五六七八九十百千万零几]+)(元|块|蚊|文钱|塊|圆)?`)
	scaled   = regexp.MustCompile(`[万千]`)
	counters = regexp.MustCompile(`^\s*(?:多|来)?(?:个|人|户|家|位|名|米|平|公里|次|斤|岁|年|天|日|月|度|件|辆|号|栋|楼|小时|分|点)`)
	// had is what a sum is that somebody has, had, owes or was given; lacked
	// one that is needed, short surest of all.
	had    = regexp.MustCompile(`给了|给咗|畀咗|赔了|赔咗|垫|借了|借咗|欠|只剩|剩下|剩低|收入|工资|人工|月薪|每月|每个月|挣|赚|花了|花咗|用了|用咗|交了|已经|报销了|报了|捐了|退休金|养老金|补贴|罚|骗|偷|丢|输`)
	lacked = regexp.MustCompile(`差|缺|需要|要|凑|筹|大概|大约|再交|押金|费|房租|欠医院|欠学校|欠住院`)
	short  = regexp.MustCompile(`差|缺|不够|唔够|凑不|再交`)
)

// AmountNeeded reads how much money a telling says is needed, in yuan: what
// somebody earns, was given or has spent does not count. What is still lacking
// goes before what is needed in all; of several the largest. 0: it does not say.
func AmountNeeded(told string) float64 {
	lacking, needed := 0.0, 0.0
	for _, m := range money.FindAllStringSubmatchIndex(told, -1) {
		number, currency := told[m[0]:m[1]], m[2] >= 0
		if !currency && (!scaled.MatchString(number) || counters.MatchString(told[m[1]:])) {
			continue
		}
		before := told[:m[0]]
		if at := strings.LastIndexAny(before, "，,。；;！!？?\n"); at >= 0 {
			before = before[at:]
		}
		v := yuanOf(strings.TrimRight(number, "元块蚊文钱塊圆"))
		switch {
		case short.MatchString(before):
			lacking = v
		case lastOf(had, before) <= lastOf(lacked, before):
			needed = max(needed, v)
		}
	}
	return cmp.Or(lacking, needed)
}

// lastOf is where the last match begins, -1 where there is none.
func lastOf(r *regexp.Regexp, text string) int {
	at := -1
	for _, m := range r.FindAllStringIndex(text, -1) {
		at = m[0]
	}
	return at
}

// yuanOf reads 8,000, 2.8万, 三万, 两万八 and 一千五.
func yuanOf(number string) float64 {
	number = strings.ReplaceAll(number, ",", "")
	figures := number
	if at := strings.IndexAny(number, "万千百"); at > 0 {
		figures = number[:at]
	}
	if v, err := strconv.ParseFloat(figures, 64); err == nil {
		unit := 1.0
		for _, r := range number[len(figures):] {
			switch {
			case strings.ContainsRune("万千百", r):
				unit = map[rune]float64{'万': 10_000, '千': 1000, '百': 100}[r]
				v *= unit
			default:
				v += float64(figure(string(r))) * unit / 10
			}
		}
		return v
	}
	head, tail, tens := strings.Cut(number, "万")
	if !tens {
		return float64(figure(number)) + trailing(number)
	}
	v := float64(figure(head)) * 10_000
	if utf8.RuneCountInString(tail) == 1 {
		return v + float64(figure(tail))*1000 // 两万八
	}
	return v + float64(figure(tail)) + trailing(tail)
}

// trailing is what a last digit behind a unit means beyond itself: 一千五 is
// five hundred more, not five.
func trailing(number string) float64 {
	r := []rune(number)
	if len(r) < 2 || !strings.ContainsRune("二三四五六七八九", r[len(r)-1]) {
		return 0
	}
	unit := map[rune]int{'千': 100, '百': 10}[r[len(r)-2]]
	if unit == 0 {
		return 0
	}
	d := figure(string(r[len(r)-1]))
	return float64(d*unit - d)
}

// figure reads a plain or a Chinese numeral; vague ones at their least.
func figure(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	total, digit := 0, 0
	for _, r := range s {
		switch r {
		case '十':
			total += max(digit, 1) * 10
			digit = 0
		case '百':
			total += max(digit, 1) * 100
			digit = 0
		case '千':
			total += max(digit, 1) * 1000
			digit = 0
		case '几':
			digit = 2
		case '两':
			digit = 2
		default:
			digit = strings.IndexRune("零一二三四五六七八九", r) / len("一")
		}
	}
	return total + digit
}

var contact = regexp.MustCompile(`(?:请|麻烦|最好|只能|可以)?(?:不要|别|不用|唔好)(?:打|给我打)?电话[^，。；\n]{0,12}|[^，。；\n]{0,10}(?:再|才)(?:打|联系|找)[^，。；\n]{0,6}|(?:发|回)(?:短信|微信)[^，。；\n]{0,8}|(?:上午|下午|晚上|中午|下班后|周末)(?:再)?(?:打|联系|找)[^，。；\n]{0,8}`)

// ContactWish reads how somebody would like to be reached, in their words;
// empty where they do not say.
func ContactWish(told string) string { return strings.TrimSpace(contact.FindString(told)) }

// numbers are a phone number with what introduces it.
var numbers = regexp.MustCompile(`(?:我的?|联系)?(?:电话|手机号?|号码)?(?:是|：|:)?\s*1[3-9]\d{9}`)

// Matter is a telling without how its teller would be reached, which says
// nothing of what it is about.
func Matter(told string) string {
	return numbers.ReplaceAllString(contact.ReplaceAllString(told, " "), " ")
}

var secret = regexp.MustCompile(`(?:不要|别|不想|不能|唔好|唔想|切勿|勿)(?:让|给|被|俾|畀|令|叫)[^，。；\n]{0,10}(?:知道|知|发现|晓得)|怕[^，。；\n]{0,12}(?:报复|打击|穿小鞋|找我麻烦|收拾我)|怕[^，。；\n不没唔冇]{1,8}(?:知道|发现|晓得|查到|认出)`)

// WantsSecret says whether somebody asks, in whatever words, that the other
// side must not learn of them.
func WantsSecret(told string) bool { return secret.MatchString(told) }

// What stands right behind a town's name and is a place one can find.
var (
	placed    = regexp.MustCompile(`^(?:镇|街道|区)?([^\s，。,；！？!?的了在我们你他她这那个是有和跟同被把给就都很]{2,8}?(?:花园|小区|家园|公寓|广场|市场|公园|学校|中学|小学|幼儿园|医院|工业区|工业园|科技园|商场|大厦|酒店|车站|地铁站|派出所|苑|园|居|湾|府|轩|阁|[号號]))`)
	ownPlace  = regexp.MustCompile(`^(?:公园|广场|医院|车站|汽车站|火车站|中学|小学|市场|派出所|图书馆|体育馆|文化中心)`)
	villages  = regexp.MustCompile(`([^\s，。,；！？!?的了在我们你他她这那个是住到从喺去来小区镇街道就有和跟同与被把给回嗰系各全某本该邻隔]{2,3}(?:社区|村))`)
	beside    = regexp.MustCompile(`([^\s，。,；！？!?的了在我们你他她这那个是有和跟同被把给就都很诉报映议扬]{2,8}?(?:花园|小区|家园|公寓|广场|市场|公园|学校|中学|小学|幼儿园|医院|工业区|工业园|商场|大厦|酒店|车站|城|苑|湾|府)(?:旁边|旁|对面|附近|门口|后面|前面|楼下|隔壁))`)
	someplace = regexp.MustCompile(`^(?:隔壁|对面|楼下|附近|旁边|门口|本|全|某|小区|广场|市场|公园|学校|医院)`)
	roadEnd   = regexp.MustCompile(`^(?:[东南西北中]?(?:大道|路|街|公路)|(?:[东南西北]|火|汽|客运)?车?站)`)
	noVillage = regexp.MustCompile(`农村|乡村|新村|城中村|住宅社区`)
)

// PlaceTold is the place a telling names right behind its town, as in
// 塘厦镇碧桂园, or after it, as in 石碣公园, or as what something is beside:
// 黄河时装城旁边. Empty where there is none.
func PlaceTold(told, town string) string {
	if _, rest, found := strings.Cut(told, town); found && town != "" {
		if m := placed.FindStringSubmatch(rest); m != nil {
			return m[1]
		}
		if own := ownPlace.FindString(rest); own != "" {
			return town + own
		}
	}
	if m := beside.FindStringSubmatch(told); m != nil && !someplace.MatchString(m[1]) {
		return strings.TrimPrefix(m[1], town)
	}
	return ""
}

// WholeAddress gives a road that is called after its town its first half back:
// 石排 and 大道翠湖花园 were told as 石排大道翠湖花园.
func WholeAddress(told, town, address string) string {
	if town != "" && roadEnd.MatchString(address) && strings.Contains(told, town+address) {
		return town + address
	}
	return address
}

// VillageTold is the village or community a telling names; said is its town as
// it was said, towns all their names. Empty where there is none.
func VillageTold(told, said string, towns map[string]string) string {
	names := []string{said}
	for _, name := range towns {
		names = append(names, name, strings.TrimSuffix(strings.TrimSuffix(name, "街道"), "镇"))
	}
	told = ignoring(names).Replace(told) // a town may stand right before its village
	for _, name := range villages.FindAllString(told, 4) {
		if !noVillage.MatchString(name) {
			return name
		}
	}
	return ""
}
