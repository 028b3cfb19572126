package appointment

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// groupSize is how many halls one key stands for; as many groups are read out,
// and then as many halls.
const groupSize = 6

// elsewhere is the answer that leads from the halls named first to all others.
const elsewhere = "别的镇街"

// office is what a hall's name has behind the town's.
var office = regexp.MustCompile(`(?:街道|镇|鎮|园区|園區)?(?:政务|政務)服[务務]中心$`)

// byKey offers on the telephone, beside the halls named first, a key to all
// others: a town cannot be keyed.
func byKey(f *bot.Form, choices []bot.Choice) []bot.Choice {
	if f.Channel != bot.Hotline || f.Language == bot.English {
		return choices
	}
	return append(choices, bot.Choice{Text: elsewhere})
}

// furtherHalls answers the key to other halls with groups of them, and a group
// with its halls. Nil where words are neither.
func (e *Errand) furtherHalls(f *bot.Form, words string) []bot.Choice {
	if f.Channel != bot.Hotline {
		return nil
	}
	var choices []bot.Choice
	for group := range slices.Chunk(e.hallsByName(), groupSize) {
		names := make([]string, len(group))
		for i, h := range group {
			names[i] = town(h)
		}
		switch together := strings.Join(names, "、"); words {
		case elsewhere:
			choices = append(choices, bot.Choice{Text: together})
		case together:
			for _, h := range group {
				choices = append(choices, e.hallChoice(f, h.ID))
			}
		}
	}
	return choices
}

// hallsByName are the halls that are open, by their ids, which sound as their names.
func (e *Errand) hallsByName() []booking.Hall {
	halls := slices.SortedFunc(maps.Values(*e.halls.Load()), func(a, b booking.Hall) int { return cmp.Compare(a.ID, b.ID) })
	return slices.DeleteFunc(halls, func(h booking.Hall) bool { return h.Retired })
}

// town is a hall's name as people say it: 虎门.
func town(h booking.Hall) string {
	return cmp.Or(office.ReplaceAllString(h.Name, ""), h.Name)
}
