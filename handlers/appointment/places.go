package appointment

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"guanjia/bot"
)

// slotPlaces is for how many people one appointment is. It is told, never
// asked: who says nothing comes alone.
func (e *Errand) slotPlaces() bot.Slot {
	return bot.Slot{Name: "places", Label: "人数", LabelEN: "People", Finds: peopleIn,
		Accept: func(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
			n, err := strconv.Atoi(en.Value)
			if err != nil || n < 1 {
				return bot.Value{}, nil, nil
			}
			if most := e.rules(f).MaxPlaces; f.Has("service") && n > most {
				return bot.Value{}, &bot.Problem{Text: tooMany(f, most), Cause: "too many places"}, nil
			}
			return bot.Value{Value: en.Value, Shown: f.Say("%d 人", "%d people", n)}, nil, nil
		}}
}

// tooMany says how many may share an appointment, and what a larger group does.
func tooMany(f *bot.Form, most int) string {
	if most == 1 {
		return f.Say("这项业务一个预约只办一人，先按一个人约；其他人请各约一个。", "This service is booked for one person each; I go on for one.")
	}
	return f.Say("一个预约最多 %d 人，先按一个人约；可以说“%d 个人”，人更多请分开约，或者回“人工”安排团体。",
		"An appointment is for %d people at most; I go on for one. You may say \"%d people\", book several times, or ask for a person.", most, most)
}

// places is for how many people the form books.
func places(f *bot.Form) int {
	n, err := strconv.Atoi(f.Get("places"))
	if err != nil {
		return 1
	}
	return max(1, n)
}

// several says for how many people an appointment is, where it is not one.
func several(n int, l bot.Language) string {
	if n <= 1 {
		return ""
	}
	return l.Say("，%d 人", ", %d people", n)
}

var people = regexp.MustCompile(`(第)?([0-9]{1,3}|[一二两兩俩倆三仨四五六七八九十]{1,3})\s*(?:个大人|个人|個人|位(?:[^数數]|$)|人(?:[^民]|$)|口人|口子|口(?:一起|去|都))|一家([二两三四五六七八九十]+)口|\b([0-9]{1,3}|two|three|four|five|six|seven|eight|nine|ten) (?:people|persons|of us)\b|(俩|倆|仨)人`)

// peopleIn reads for how many people something is: 三个人, 一家四口.
func peopleIn(words string) string {
	m := people.FindStringSubmatch(strings.ToLower(words))
	if m == nil || m[1] != "" {
		return ""
	}
	n := numeral(m[2] + m[3] + m[4] + m[5])
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// numeral is a small number as people write it, 0 where it is none.
func numeral(text string) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	for i, word := range []string{"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"} {
		if text == word {
			return i + 2
		}
	}
	digit := map[rune]int{'一': 1, '二': 2, '两': 2, '兩': 2, '俩': 2, '倆': 2, '三': 3, '仨': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	n, last := 0, 0
	for _, r := range text {
		if r == '十' {
			n, last = 10*max(1, last), 0
			continue
		}
		if last != 0 {
			return 0 // 三四: about so many
		}
		last = digit[r]
	}
	return n + last
}
