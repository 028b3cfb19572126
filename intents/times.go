package intents

import (
	"slices"
	"strings"

	"guanjia/bot"
)

// times finds dates, times, ranges and durations.
func (t *reading) times() []candidate {
	var out []candidate
	if !slices.ContainsFunc(t.r, isHan) {
		if out = t.englishTimes(); len(out) > 0 {
			return out
		}
	}
	for _, e := range t.calendar.Find(string(t.original), t.now) {
		entity := t.entity(bot.EntityType(e.Kind), e.Start, e.End, e.Value)
		entity.EndValue, entity.Grain = e.EndValue, bot.Grain(e.Grain)
		if e.Ambiguity != nil {
			entity.Ambiguity = e.Ambiguity
		}
		out = append(out, candidate{entity, 70})
	}
	if len(out) == 0 {
		out = t.bareTimes()
	}
	return out
}

// bareTimes reads a bare figure as the day or the hour that was asked for.
func (t *reading) bareTimes() []candidate {
	text := strings.Trim(string(t.r), " 。.，,吧啦呀啊嘅的那就")
	if n := len([]rune(text)); n == 0 || n > 3 {
		return nil
	}
	suffix := ""
	switch t.asked {
	case bot.Date:
		suffix = "号"
	case bot.Time:
		suffix = "点"
	default:
		return nil
	}
	at := strings.Index(string(t.r), text)
	start := len([]rune(string(t.r)[:at]))
	for _, e := range t.calendar.Find(text+suffix, t.now) {
		if e.Start != 0 || e.Invalid {
			continue
		}
		entity := t.entity(bot.EntityType(e.Kind), start, start+len([]rune(text)), e.Value)
		entity.Grain = bot.Grain(e.Grain)
		if e.Ambiguity != nil {
			entity.Ambiguity = e.Ambiguity
		}
		return []candidate{{entity, 70}}
	}
	return nil
}
