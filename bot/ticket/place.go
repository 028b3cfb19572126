package ticket

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
)

// AcceptAddress takes a place as it was told, a road with the whole of its
// name. What is told of it later adds to what was told before, unless the
// citizen takes that back.
func AcceptAddress(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	town, _ := f.Value("town")
	place := WholeAddress(f.Words, town.Said, strings.TrimSpace(en.Value))
	if f.Asked == "address" || furthers(f.Words, place) {
		place = answered(f.Words, town.Said, place)
	}
	if !slices.Contains(f.Acts, bot.Correct) {
		place = joined(f.Get("address"), place)
	}
	return bot.Value{Value: place, Said: en.Text}, nil, nil
}

// further is what goes on about a place: 金桔村 + 那边的鞋厂.
var further = regexp.MustCompile(`^(?:这边|那边|旁边|附近|对面|后面|前面|里面|隔壁|那个|里)?的?\p{Han}{1,8}(?:厂|店|楼|校|园|院|场|站|铺|公司|小区|工地|门口|路口|旁边|附近|对面|后面|前面|隔壁)$`)

// furthers says whether words that were not asked for are a place all the same,
// and name it closer than what was found in them.
func furthers(words, found string) bool {
	after, ok := strings.CutPrefix(bare(words), found)
	return ok && further.MatchString(after)
}

// leads are the words that lead to a place.
var leads = regexp.MustCompile(`^(?:地址|地点|具体|位置|应该|大概)?(?:我?就?(?:是|在|喺|系|住在|住))?(?:那个|嗰个)?`)

// bare is a place without the words that lead to it.
func bare(place string) string {
	return strings.TrimSpace(leads.ReplaceAllString(strings.Trim(place, " ，,。；;、！!\n"), ""))
}

// answered is all of an answer to "where?" that tells the place: the clause it
// was found in, and those after it that go on about it (新塘村那个鞋厂，叫鑫达鞋厂).
func answered(words, town, found string) string {
	var told []string
	for clause := range strings.FieldsFuncSeq(words, func(r rune) bool { return strings.ContainsRune("，,。；;！!\n ", r) }) {
		switch {
		case len(told) == 0 && strings.Contains(clause, found):
			told = append(told, bare(found+behind(clause, found)))
		case len(told) > 0 && bot.LooksLikeAddress(clause) && !tells.MatchString(clause) && clause != town && !strings.Contains(strings.Join(told, ""), clause):
			told = append(told, bare(clause))
		}
	}
	if place := strings.Join(told, "，"); place != "" && utf8.RuneCountInString(place) <= longestPlace {
		return place
	}
	return bare(found)
}

// behind is what follows a place in its clause, where it is still of the place.
func behind(clause, found string) string {
	_, rest, _ := strings.Cut(clause, found)
	if tells.MatchString(rest) || longNumber.MatchString(rest) {
		return ""
	}
	return rest
}

// longestPlace is the longest place, in characters: who says more tells a story.
const longestPlace = 40

var (
	longNumber = regexp.MustCompile(`\d{5}`)
	// tells is what stands in a telling and in no place's name.
	tells = regexp.MustCompile(`[了没冇吵臭很太都]|不|电话|手机|号码|姓|岁|投诉|反映|怎么|什么|时候|天天|每天|有人|半夜|晚上`)
	// speaks is what stands in no name that is said by itself.
	speaks = regexp.MustCompile(`[了没冇我你他她佢们很太都先吗呢吧想说讲岁怎啊哦噢就给跟和的也有那这哪谢急快]|不|什么|需要`)
)

// longestName is the longest name of a place by itself, in characters.
const longestName = 8

// NamesPlace says whether words can be an answer to "where exactly?": they tell
// something one can find, or are a short name and nothing of a sentence.
func NamesPlace(words string) bool {
	words = bare(words)
	if bot.LooksLikeAddress(words) {
		return !strings.ContainsAny(words, "吗?？") && (utf8.RuneCountInString(words) <= longestPlace)
	}
	n := utf8.RuneCountInString(words)
	return n >= 2 && n <= longestName && !speaks.MatchString(words) && bot.CalledBy(words) == "" // 陈婆婆 lives there
}

// unit is a house or a building of the road that was told before.
var unit = regexp.MustCompile(`^(?:\d|[一二三四五六七八九十]+[号栋座]|[A-Za-z]\d?[栋座])`)

// joined is what two tellings of a place say together: a village and the road in
// it, a shop and what it is beside. The later of two roads holds.
func joined(before, now string) string {
	switch v := VillageOf(before); {
	case before == "" || strings.Contains(now, before):
		return now
	case strings.Contains(before, now):
		return before
	case v == before && VillageOf(now) == "", unit.MatchString(now) && !road.MatchString(now):
		return before + now
	case v == "" && !road.MatchString(before):
		return now + "，" + before
	}
	return now
}
