package ticket

import (
	"regexp"
	"strconv"
	"strings"
)

// UrgencyOf reads from a telling whether it cannot wait its turn: something
// that may hurt people soon. What hurts them now is an emergency and goes
// another way before it ever is a report.
func UrgencyOf(told string) Urgency {
	for _, w := range []string{
		"漏电", "电线掉", "电线断", "井盖没了", "井盖不见", "没有井盖", "没井盖", "无井盖", "要塌", "快塌", "要倒", "快倒", "摇摇欲坠", "掉下来", "砸到", "煤气味", "漏气", "爆管", "水管爆",
		"整个小区停水", "整栋停电", "困电梯", "滑坡", "裂缝越来越大", "中毒", "拉肚子", "一群人", "好多人受伤", "摔伤", "撞伤", "老人出不了门", "急需", "马上要", "明天就要手术",
	} {
		if strings.Contains(told, w) {
			return Urgent
		}
	}
	return Normal
}

var crowds = regexp.MustCompile(`(\d{1,6}|[一二两三四五六七八九十百千几]{1,4})(?:多|来)?(?:个)?(工人|居民|学生|老人|家长|人|户|家|位|名)`)

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
