package intents

import (
	"slices"
	"strings"

	"guanjia/bot"
)

// mostLately bounds what is kept of words that many say, some 2 KB each.
const mostLately = 1024

// Remembering is the recogniser that keeps what it made of words that many
// say, for serving; what measures goes without.
func (r *Recognizer) Remembering() *Recognizer {
	by := *r
	by.lately = bot.NewRecent[bot.Understanding](mostLately)
	return &by
}

// key is all that the understanding of an utterance depends on besides the
// time; what depends on the time is not kept.
func key(u bot.Utterance) string {
	var b strings.Builder
	b.WriteString(u.Text)
	b.WriteByte(0)
	b.WriteString(string(u.Asked))
	for _, o := range u.Open {
		b.WriteByte(1)
		b.WriteString(string(o))
	}
	for _, o := range u.Options {
		b.WriteByte(2)
		b.WriteString(o)
	}
	return b.String()
}

// common tells whether what was understood may be kept for others who say the
// same: nothing of it is a person's or was read by the calendar, and nobody is
// in danger.
func common(u bot.Utterance, made *bot.Understanding) bool {
	if u.Asked == bot.Date || u.Asked == bot.Time {
		return false
	}
	return made.Decision != bot.Danger && made.Digits == "" && !slices.ContainsFunc(made.Entities, particular) && !slices.ContainsFunc(made.Negated, particular)
}

// particular tells whether an entity is other than what everybody names.
func particular(e bot.Entity) bool {
	switch e.Type {
	case bot.Town, bot.Hall, bot.Service, bot.Relation, bot.Department:
		return false
	}
	return true
}

// apart is an understanding whose lists are the caller's to change.
func apart(made bot.Understanding) bot.Understanding {
	made.Alternatives = slices.Clone(made.Alternatives)
	made.Entities = slices.Clone(made.Entities)
	made.Acts = slices.Clone(made.Acts)
	made.Negated = slices.Clone(made.Negated)
	made.Corrected = slices.Clone(made.Corrected)
	return made
}
