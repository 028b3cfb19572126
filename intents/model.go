package intents

import (
	"context"
	"fmt"
	"io/fs"

	"guanjia/bot"
	"guanjia/intents/examples"
	"guanjia/intents/linear"
)

// Model is the linear classifier as the recogniser uses it.
type Model struct{ model *linear.Model }

// Train learns from the examples of a folder, or loads what was learnt from
// the same ones from cache; an empty cache name keeps nothing.
func Train(ctx context.Context, folder fs.FS, cache string) (*Model, error) {
	list, err := examples.Load(folder)
	if err != nil {
		return nil, err
	}
	var learn []linear.Example
	for _, e := range list {
		if !e.Held {
			learn = append(learn, linear.Example{Label: e.Intent, Text: e.Text})
		}
	}
	m, err := linear.Cached(ctx, cache, learn, linear.Chinese())
	if err != nil {
		return nil, fmt.Errorf("train intents: %w", err)
	}
	return &Model{m}, nil
}

// Rank implements Classifier.
func (m *Model) Rank(text string, _ ...string) []bot.Ranked {
	return ranked(m.model.Rank(text))
}

// Decide implements Classifier.
func (m *Model) Decide(text string, _ ...string) (bot.Decision, []bot.Ranked) {
	list := m.model.Rank(text)
	switch m.model.Decide(list) {
	case linear.Accept:
		return bot.Accept, ranked(list)
	case linear.Clarify:
		return bot.Clarify, ranked(list)
	}
	return bot.Abstain, ranked(list)
}

func ranked(list []linear.Ranked) []bot.Ranked {
	out := make([]bot.Ranked, len(list))
	for i, r := range list {
		out[i] = bot.Ranked{Intent: bot.Intent(r.Label), Score: r.Prob}
	}
	return out
}
