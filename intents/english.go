package intents

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"guanjia/bot"
)

// English days and hours, as visitors write them: tomorrow 3pm, next Friday
// morning, December 2 at 10:30. Weeks start on Monday, a bare weekday is the
// next one to come, and a bare hour falls within opening hours.

// word is one word of Latin letters or figures, with where it stands.
type word struct {
	text       string
	start, end int
}

// latinWords cuts an utterance into words.
func (t *reading) latinWords() []word {
	var words []word
	for i := 0; i < len(t.r); {
		if !latin(t.r[i]) && !figure(t.r[i]) {
			i++
			continue
		}
		j := i
		for j < len(t.r) && (latin(t.r[j]) || figure(t.r[j]) || t.r[j] == ':' && figure(t.at(j+1))) {
			j++
		}
		words = append(words, word{string(t.r[i:j]), i, j})
		i = j
	}
	return words
}

// englishTimes finds days, hours and parts of the day.
func (t *reading) englishTimes() []candidate {
	words := t.latinWords()
	var out []candidate
	for i := 0; i < len(words); {
		e, n := t.englishAt(words, i)
		if n == 0 {
			i++
			continue
		}
		out = append(out, candidate{e, 72})
		i += n
	}
	return out
}

// englishAt reads a day, an hour, or both, at word i.
func (t *reading) englishAt(words []word, i int) (bot.Entity, int) {
	day, n := t.englishDay(words, i)
	k := i + n
	for n > 0 && k < len(words) && (words[k].text == "at" || words[k].text == "in" || words[k].text == "the") {
		k++
	}
	clock, end, m := englishClock(words, k)
	switch {
	case n > 0 && m > 0 && end == "":
		e := t.entity(bot.DateTime, words[i].start, words[k+m-1].end, day.Format(time.DateOnly)+"T"+clock)
		e.Grain = clockGrain(words[k])
		return e, k + m - i
	case n > 0 && m > 0:
		e := t.entity(bot.DateTimeRange, words[i].start, words[k+m-1].end, day.Format(time.DateOnly)+"T"+clock)
		e.EndValue, e.Grain = day.Format(time.DateOnly)+"T"+end, bot.GrainHour
		return e, k + m - i
	case n > 0:
		e := t.entity(bot.Date, words[i].start, words[i+n-1].end, day.Format(time.DateOnly))
		e.Grain = bot.GrainDay
		return e, n
	case m > 0 && end == "":
		e := t.entity(bot.Time, words[k].start, words[k+m-1].end, clock)
		e.Grain = clockGrain(words[k])
		return e, m
	case m > 0:
		e := t.entity(bot.TimeRange, words[k].start, words[k+m-1].end, clock)
		e.EndValue, e.Grain = end, bot.GrainHour
		return e, m
	}
	return bot.Entity{}, 0
}

// clockGrain is how exactly an hour was told: 10:30 to the minute, 3pm not.
func clockGrain(w word) bot.Grain {
	if strings.Contains(w.text, ":") {
		return bot.GrainMinute
	}
	return bot.GrainHour
}

// englishDay reads a day at word i, and how many words it took.
func (t *reading) englishDay(words []word, i int) (time.Time, int) {
	at := func(k int) string {
		if k < len(words) {
			return words[k].text
		}
		return ""
	}
	today := t.now.In(bot.Shanghai())
	switch {
	case at(i) == "today":
		return today, 1
	case at(i) == "tomorrow":
		return today.AddDate(0, 0, 1), 1
	case at(i) == "day" && at(i+1) == "after" && at(i+2) == "tomorrow":
		return today.AddDate(0, 0, 2), 3
	}
	if d, ok := weekday(at(i)); ok {
		return comingWeekday(today, d), 1
	}
	if d, ok := weekday(at(i + 1)); ok && (at(i) == "next" || at(i) == "this") {
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		if at(i) == "next" {
			monday = monday.AddDate(0, 0, 7)
		}
		return monday.AddDate(0, 0, (int(d)+6)%7), 2
	}
	if m, ok := month(at(i)); ok {
		if d, ok := dayOfMonth(at(i + 1)); ok {
			return comingDate(today, m, d), 2
		}
	}
	if d, ok := dayOfMonth(at(i)); ok {
		k := i + 1
		if at(k) == "of" {
			k++
		}
		if m, ok := month(at(k)); ok {
			return comingDate(today, m, d), k + 1 - i
		}
	}
	return time.Time{}, 0
}

// comingWeekday is the next such day, today included.
func comingWeekday(today time.Time, d time.Weekday) time.Time {
	return today.AddDate(0, 0, (int(d)-int(today.Weekday())+7)%7)
}

// comingDate is the date this year, or next year once it has passed.
func comingDate(today time.Time, m time.Month, d int) time.Time {
	t := time.Date(today.Year(), m, d, 0, 0, 0, 0, today.Location())
	if t.Format(time.DateOnly) < today.Format(time.DateOnly) {
		t = t.AddDate(1, 0, 0)
	}
	return t
}

func weekday(s string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if s == name || len(s) >= 3 && len(s) <= 5 && strings.HasPrefix(name, s) && s != "sun" && s != "sat" {
			return d, true
		}
	}
	return 0, false
}

func month(s string) (time.Month, bool) {
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		if s == name || len(s) >= 3 && len(s) <= 4 && strings.HasPrefix(name, s) {
			return m, true
		}
	}
	return 0, false
}

// dayOfMonth reads 2, 2nd, 21st.
func dayOfMonth(s string) (int, bool) {
	digits := strings.TrimRightFunc(s, unicode.IsLetter)
	switch s[len(digits):] {
	case "", "st", "nd", "rd", "th":
	default:
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 1 && n <= 31
}

// englishClock reads an hour or a part of the day at word i; end is set for a
// part of the day and exclusive.
func englishClock(words []word, i int) (clock, end string, n int) {
	at := func(k int) string {
		if k < len(words) {
			return words[k].text
		}
		return ""
	}
	switch at(i) {
	case "morning":
		return "08:00", "12:00", 1
	case "noon":
		return "12:00", "", 1
	case "afternoon":
		return "12:00", "18:00", 1
	case "evening", "tonight":
		return "18:00", "24:00", 1
	}
	s, half := at(i), ""
	for _, mark := range []string{"am", "pm"} {
		if strings.HasSuffix(s, mark) && len(s) > 2 {
			s, half = strings.TrimSuffix(s, mark), mark
		}
	}
	hour, minute, colon := strings.Cut(s, ":")
	h, err := strconv.Atoi(hour)
	if err != nil || h < 0 || h > 23 || len(hour) > 2 {
		return "", "", 0
	}
	m := 0
	if colon {
		if m, err = strconv.Atoi(minute); err != nil || m > 59 || len(minute) != 2 {
			return "", "", 0
		}
	}
	n = 1
	switch next := at(i + 1); {
	case half != "":
	case next == "am" || next == "pm":
		half, n = next, 2
	case next == "o" && at(i+2) == "clock":
		n = 3
	}
	switch {
	case half == "" && !colon && n == 1:
		return "", "", 0 // a bare figure may be anything
	case half == "pm" && h < 12, half == "" && h >= 1 && h <= 6:
		h += 12
	case half == "am" && h == 12:
		h = 0
	}
	return fmt.Sprintf("%02d:%02d", h, m), "", n
}
