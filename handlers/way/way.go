// Package way answers how things get done without a queue: can I do it from
// home, how, and if not, where.
//
// It refuses to speak where a service guide answers: only a way's own name, and what
// is asked for outright, comes before the guides.
package way

import (
	"context"
	"fmt"
	"strings"

	"guanjia/bot"
	"guanjia/knowledge/ways"
)

// Config is what the errand is made of.
type Config struct {
	Ways *ways.Catalogue
	// Otherwise answers what asks for no way.
	Otherwise *bot.Answer
}

// Errand answers on ways.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// prefix begins the citations of ways.
const prefix = "way:"

// Answer answers questions on procedures.
func (e *Errand) Answer() *bot.Answer {
	return &bot.Answer{Intent: e.Otherwise.Intent, Name: e.Otherwise.Name, Reply: e.reply}
}

func (e *Errand) reply(ctx context.Context, q *bot.Query) (bot.Response, error) {
	text := q.Understanding.Text
	if q.Chosen == "" && text != "" {
		if w := e.Ways.Outright(text); w != nil {
			return answer(q, w), nil
		}
		if w := e.Ways.Named(text); w != nil && !about(q, w) {
			return answer(q, w), nil
		}
	}
	r, err := e.Otherwise.Reply(ctx, q)
	lost := r.Unknown || r.Clarify // the guides do not know either which of them
	if err != nil || !lost || q.Chosen != "" || text == "" {
		return r, err
	}
	if w := e.Ways.Asked(text); w != nil && !about(q, w) {
		return answer(q, w), nil
	}
	return r, nil
}

// about says whether the question is about a service rather than the way: then
// its guide knows better whether it can be done so.
func about(q *bot.Query, w *ways.Way) bool {
	for _, en := range q.Understanding.Entities {
		if en.Type == bot.Service && en.Value != w.Guide {
			return true
		}
	}
	return false
}

// answer tells whether, how, and where else.
func answer(q *bot.Query, w *ways.Way) bot.Response {
	lines := []string{w.Title, "能在家办吗：" + w.Home.Words() + "。" + w.Answer, "怎么办："}
	for _, h := range w.How {
		lines = append(lines, "· "+h)
	}
	lines = append(lines, "不行的话："+w.Otherwise)
	if len(w.Facts) > 0 {
		lines = append(lines, "留意："+strings.Join(w.Facts, "；"))
	}
	if len(w.Gaps) > 0 {
		lines = append(lines, "还没有核实到："+strings.Join(w.Gaps, "；"))
	}
	if w.Next != "" {
		lines = append(lines, w.Next+"。")
	}
	cites := []string{prefix + w.ID}
	if w.Guide != "" {
		cites = append(cites, w.Guide+"#overview")
	}
	r := bot.Response{
		Replies: []bot.Reply{{Text: strings.Join(lines, "\n"), Spoken: w.Answer + "。不行的话，" + w.Otherwise + "。", Source: source(w), Citations: cites}},
		Topic:   bot.Topic{Guide: w.Guide, Text: w.Title},
	}
	if q.During == "" {
		r.Choices = choices(q, w)
	}
	return r
}

func choices(q *bot.Query, w *ways.Way) []bot.Choice {
	var out []bot.Choice
	for _, id := range w.Themes {
		out = append(out, bot.Choice{Text: map[string]string{"points-school": "积分入学", "school-entry": "户籍、优待入学"}[id], Flow: bot.Intent("theme:" + id)})
	}
	if w.Guide != "" {
		out = append(out, bot.Choice{Text: q.Say("看办事指南", "The guide"), Flow: bot.AskProcedure, Value: bot.Value{Value: w.Guide + "#overview"}})
	}
	if w.Book {
		out = append(out, bot.Choice{Text: q.Say("帮我预约", "Book it for me"), Flow: bot.BookAppointment})
	}
	return out
}

func source(w *ways.Way) string {
	text := "来源：" + w.Sources[0]
	if n := len(w.Sources); n > 1 {
		text += fmt.Sprintf("等%d份资料", n)
	}
	return text + "（" + w.AsOf + "）"
}
