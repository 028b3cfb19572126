package evaluation

import (
	"guanjia/intents/examples"
	"guanjia/intents/linear"
)

// Case is one labelled utterance to be judged.
type Case struct {
	Text   string `json:"text"`
	Intent string `json:"intent"`
	Lang   string `json:"lang,omitempty"`
	Place  string `json:"place,omitempty"` // where it stands, as file:line
}

// Guess is what was made of an utterance.
type Guess struct {
	Intent   string   // the best
	Decision string   // accept, clarify, abstain or emergency, as in the contract
	Sureness float64  // orders guesses: margin, or score when there is none
	Score    float64  // in [0, 1], said to be the probability of being right
	Next     []string // the next best, best first
}

// Judge understands one utterance.
type Judge func(text string) Guess

// Cases turns examples into cases.
func Cases(list []examples.Example) []Case {
	out := make([]Case, len(list))
	for i, e := range list {
		out[i] = Case{Text: e.Text, Intent: e.Intent, Lang: e.Lang, Place: e.Place()}
	}
	return out
}

// Learnable turns examples into what the classifier learns from. extra gives
// the features the caller finds in a text; nil for none.
func Learnable(list []examples.Example, extra func(text string) []string) []linear.Example {
	out := make([]linear.Example, len(list))
	for i, e := range list {
		out[i] = linear.Example{Text: e.Text, Label: e.Intent, Group: e.Author}
		if extra != nil {
			out[i].Extra = extra(e.Text)
		}
	}
	return out
}

// Classifier judges by the classifier alone. extra is as in Learnable.
func Classifier(m *linear.Model, extra func(text string) []string) Judge {
	return func(text string) Guess {
		var given []string
		if extra != nil {
			given = extra(text)
		}
		ranked := m.Rank(text, given...)
		g := Guess{
			Intent: ranked[0].Label, Decision: m.Decide(ranked).String(),
			Sureness: ranked[0].Margin, Score: ranked[0].Prob,
		}
		for _, r := range ranked[1:min(4, len(ranked))] {
			g.Next = append(g.Next, r.Label)
		}
		return g
	}
}
