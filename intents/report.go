package intents

import (
	"slices"

	"guanjia/bot"
)

// Report is an understanding in the contract's form: exactly these keys,
// arrays never null.
type Report struct {
	Intent       bot.Intent   `json:"intent"`
	Score        float64      `json:"score"`
	Decision     bot.Decision `json:"decision"`
	Alternatives []bot.Ranked `json:"alternatives"`
	Entities     []bot.Entity `json:"entities"`
}

// ReportOf puts an understanding into the contract's form.
func ReportOf(u bot.Understanding) Report {
	r := Report{Intent: u.Intent, Score: u.Score, Decision: u.Decision, Alternatives: u.Alternatives, Entities: u.Entities}
	if r.Alternatives == nil {
		r.Alternatives = []bot.Ranked{}
	}
	// A day that is none, such as 2月30号, is for flows to speak of; it has no value.
	r.Entities = slices.DeleteFunc(slices.Clone(r.Entities), func(e bot.Entity) bool { return e.Value == "" })
	if r.Entities == nil {
		r.Entities = []bot.Entity{}
	}
	for i := range r.Entities {
		if r.Entities[i].Ambiguity == nil {
			r.Entities[i].Ambiguity = []string{}
		}
	}
	return r
}
