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
	Author string `json:"author,omitempty"`
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
		out[i] = Case{Text: e.Text, Intent: e.Intent, Lang: e.Lang, Author: e.Author, Place: e.Place()}
	}
	return out
}

// Reading is what the classifier is given of a text: the words with
// particulars masked, and the features found in it. The same reading must be
// given for learning and for judging; nil gives the text itself.
type Reading func(text string) (masked string, features []string)

func (r Reading) of(text string) (string, []string) {
	if r == nil {
		return text, nil
	}
	return r(text)
}

// Learnable turns examples into what the classifier learns from.
func Learnable(list []examples.Example, read Reading) []linear.Example {
	out := make([]linear.Example, len(list))
	for i, e := range list {
		masked, features := read.of(e.Text)
		out[i] = linear.Example{Text: masked, Label: e.Intent, Group: e.Author, Extra: features, Weight: e.Weight()}
	}
	return out
}

// Classifier judges by the classifier alone.
func Classifier(m *linear.Model, read Reading) Judge {
	return func(text string) Guess {
		masked, features := read.of(text)
		ranked := m.Rank(masked, features...)
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
