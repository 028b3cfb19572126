package procedure

import (
	"context"

	"guanjia/bot"
	"guanjia/knowledge"
)

// Misses keeps questions that were not answered well, for the gap report.
type Misses interface {
	Miss(ctx context.Context, tx bot.Tx, m bot.Missed) error
}

// missed notes a question that was not answered well in the turn's own commit.
func (e *Errand) missed(q *bot.Query, a knowledge.Answer, reason bot.MissReason) func(context.Context, bot.Tx) error {
	if e.Misses == nil || q.Citizen.ID == "" {
		return nil
	}
	m := bot.Missed{At: q.Now, Citizen: q.Citizen.ID, Channel: q.Channel, Reason: reason, Guide: a.Guide, Field: string(a.Field), Words: bot.Scrub(q.Understanding)}
	if len(a.Candidates) > 0 {
		m.Score = a.Candidates[0].Score
		if m.Guide == "" {
			m.Guide = a.Candidates[0].ID
		}
	}
	return func(ctx context.Context, tx bot.Tx) error { return e.Misses.Miss(ctx, tx, m) }
}

// whyAsked is why a question had to be asked back: a matter that fits but not by
// any of its names, or several that fit alike.
func whyAsked(a knowledge.Answer) bot.MissReason {
	if len(a.Options) == 1 {
		return bot.MissNoAlias
	}
	return bot.MissLowMargin
}

// The values of the options by which a citizen says what an answer was worth.
const (
	markUp   = "!up"
	markDown = "!down"
)

// marks are those options, for the eye only: on the phone they would be read
// out after every answer. A citizen may also just say so.
func marks(q *bot.Query) []bot.Choice {
	if q.Channel == bot.Hotline || q.Language == bot.English {
		return nil
	}
	return []bot.Choice{
		{Text: "有帮助", Words: []string{"有用"}, Flow: bot.AskProcedure, Value: bot.Value{Value: markUp}, Aside: true},
		{Text: "没答到点上", Words: []string{"没用"}, Flow: bot.AskProcedure, Value: bot.Value{Value: markDown}, Aside: true},
	}
}

// marked takes what a citizen says of the last answer.
func (e *Errand) marked(q *bot.Query) (bot.Response, bool) {
	up, down := q.Chosen == markUp, q.Chosen == markDown
	if q.Chosen == "" && q.Topic.Guide != "" {
		up, down = saysUp(q.Understanding.Norm), saysDown(q.Understanding.Norm)
	}
	if !up && !down {
		return bot.Response{}, false
	}
	a := knowledge.Answer{Guide: q.Topic.Guide, Field: knowledge.Field(q.Topic.Field)}
	topic := q.Topic
	about := *q
	about.Understanding.Text = firstOf(topic.Text, q.Understanding.Text)
	about.Understanding.Entities, about.Understanding.Negated = nil, nil
	if up {
		return bot.Response{Replies: []bot.Reply{{Text: "好的，谢谢您告诉我。"}}, Topic: topic, Keep: e.missed(&about, a, bot.MissUp)}, true
	}
	r := bot.Response{Topic: topic, Keep: e.missed(&about, a, bot.MissDown), Replies: []bot.Reply{{
		Text: "记下了，会有人来看这条指南。您可以换个说法再问，或者我帮您转人工。"}}}
	for _, id := range topic.Others {
		if g, ok := e.Base.Guide(id); ok && g.Current(q.Now) && len(r.Choices) < 2 {
			r.Choices = append(r.Choices, choice(knowledge.Option{Text: g.Title, Guide: id, Field: a.Field}))
		}
	}
	r.Choices = append(r.Choices, bot.Choice{Text: "转人工", Flow: bot.TalkToOperator})
	return r, true
}

func saysUp(text string) bool {
	return len([]rune(text)) <= 8 && bot.Mentions(text, "有用", "有帮助", "帮到我了", "答得好")
}

func saysDown(text string) bool {
	return len([]rune(text)) <= 12 && bot.Mentions(text, "答非所问", "没答到点上", "没帮上", "没用", "不是我要问的", "没说清楚", "答得不对", "答错了")
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
