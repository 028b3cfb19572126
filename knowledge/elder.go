package knowledge

import (
	"regexp"

	"guanjia/intents/hanzi"
)

// aged tells how old somebody is who is of an age for the elders' benefits.
var aged = regexp.MustCompile(`(1?[0-9]{2}|[六七八九]十[一二三四五六七八九]?|一?百[零〇]?[一二三四五六七八九]?)(?:多|几)?(?:个)?(?:周岁|岁|了|啦|咗|有多)`)

// maybeHad asks what may be had, without saying of which office.
var maybeHad = regexp.MustCompile(`(?:领|攞|拿|享受|申请|得到)(?:到|得|些|点|的)*(?:什么|咩|乜|啥|哪些|几多|多少|边啲)|(?:有|冇|没)[^，。]{0,4}(?:什么|咩|乜|啥|哪些|冇)?[^，。]{0,4}(?:补贴|津贴|福利|优待|待遇|补助|优惠|照顾|着数)|(?:政府|国家|社区|村里|居委会?)[^，。]{0,8}(?:钱|补)|(?:补贴|津贴|福利|优待|补助)[^，。]{0,4}(?:吗|么|嘛|未)`)

// From what age on the elders' allowance is had, and what the guides offer before.
const (
	allowanceAge = 70
	elderAge     = 60
)

// elders is the matter of a question that tells the age of an old person and asks what
// they may have: 阿婆今年90岁能领什么. Empty where it does not.
func elders(question string) string {
	said := aged.FindStringSubmatch(question)
	if said == nil || !maybeHad.MatchString(question) {
		return ""
	}
	age, ok := hanzi.Number(said[1])
	switch {
	case said[1] == "百":
		return "高龄津贴"
	case !ok || age < elderAge || age >= 120:
		return ""
	case age < allowanceAge:
		return "敬老优待卡"
	}
	return "高龄津贴"
}
