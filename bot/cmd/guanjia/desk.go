package main

import (
	"context"
	"time"

	"guanjia/bot"
	"guanjia/bot/jobs"
	"guanjia/channels/desk"
	"guanjia/knowledge"
)

// deskGuides answers operators from the service guides.
type deskGuides struct{ base *knowledge.Base }

// mostSuggested is how many guides an operator is shown.
const mostSuggested = 3

// Search implements desk.Guides: the answer if there is one, and what the next
// best guides say of the same field.
func (g deskGuides) Search(ctx context.Context, words string) []desk.Suggestion {
	a := g.base.Ask(ctx, knowledge.Question{Text: words, Now: bot.SystemClock()})
	out := []desk.Suggestion{}
	if a.Decision == "answer" {
		out = append(out, desk.Suggestion{Title: g.title(a.Guide), Text: firstOf(a.Brief, a.Text), Source: a.Source})
	}
	for _, o := range a.Options {
		if len(out) < mostSuggested && o.Guide != "" {
			b := g.base.Ask(ctx, knowledge.Question{Text: o.Text, Now: bot.SystemClock()})
			if b.Decision == "answer" {
				out = append(out, desk.Suggestion{Title: g.title(b.Guide), Text: firstOf(b.Brief, b.Text), Source: b.Source})
			}
		}
	}
	return out
}

func (g deskGuides) title(id string) string {
	guide, ok := g.base.Guide(id)
	if !ok {
		return id
	}
	return guide.Title
}

// deskTasks are the timed work of a live desk: what an operator who left held
// goes back to its place in the queue, and sign-ins that are over are
// forgotten.
func (h *house) deskTasks() []jobs.Task {
	return []jobs.Task{
		{Name: "requeue what absent operators hold", Do: func(ctx context.Context, now time.Time) error {
			left, err := h.store.Absent(ctx, now.Add(-desk.SessionLife), now.Add(-desk.SessionIdle))
			if err != nil {
				return err
			}
			for _, l := range left {
				if err := h.engine.Pass(ctx, l.Citizen, l.Operator, "", l.Operator+" 已离席，自动退回排队。"); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "forget sign-ins that are over", Do: func(ctx context.Context, now time.Time) error {
			return h.store.EndStaleSessions(ctx, now.Add(-desk.SessionLife), now.Add(-desk.SessionIdle))
		}},
	}
}
