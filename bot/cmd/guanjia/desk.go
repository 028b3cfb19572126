package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"guanjia/bot"
	"guanjia/bot/jobs"
	"guanjia/bot/routing"
	"guanjia/bot/store"
	"guanjia/channels/desk"
	"guanjia/knowledge"
)

// deskGuides answers operators from the service guides.
type deskGuides struct{ base *knowledge.Base }

// mostSuggested is how many guides an operator is shown.
const mostSuggested = 3

// Search implements desk.Guides: the answer if there is one, and what the next
// best guides say of the same field.
func (g deskGuides) Search(ctx context.Context, words string, before []string) []desk.Suggestion {
	a := g.base.Ask(ctx, knowledge.Question{Text: words, History: before, Now: bot.SystemClock()})
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

// matters are what operators look up of a citizen.
func (s *service) matters() *desk.Matters {
	h := s.house
	return &desk.Matters{
		Appointments: h.store.Appointments, Tickets: h.store.Tickets,
		Names: func(ctx context.Context) (service, hall func(string) string, err error) {
			names, err := newLister(ctx, h.store, h.base, h.clock(), false)
			if err != nil {
				return nil, nil, err
			}
			return names.title, names.hall, nil
		},
	}
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
				if err := h.giveBack(ctx, l, "已离席"); err != nil {
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

// giveBack puts what an operator left back in its place, with a note of why.
func (h *house) giveBack(ctx context.Context, left bot.Handoff, why string) error {
	err := h.engine.Pass(ctx, left.Citizen, bot.Holder{Name: left.Operator}, bot.Target{}, left.Operator+" "+why+"，自动退回排队。")
	if errors.Is(err, bot.ErrNotHeld) { // it changed hands meanwhile
		return nil
	}
	return err
}

// roster is who is asked to take conversations.
type roster struct {
	*store.Store
	house *house
}

// Route implements desk.Roster.
func (r roster) Route(ctx context.Context, connected []string, settled bool) error {
	now := r.house.clock()
	if err := r.KeepAlive(ctx, connected, now); err != nil {
		return err
	}
	if settled {
		left, err := r.Forsaken(ctx, now)
		if err != nil {
			return err
		}
		for _, l := range left {
			if err := r.house.giveBack(ctx, l, "断线"); err != nil {
				return err
			}
		}
	}
	if err := r.Lapse(ctx, now); err != nil {
		return err
	}
	if on, err := r.OnDuty(ctx, now); err != nil || !on {
		return err
	}
	operators, err := r.Operators(ctx, now)
	if err != nil {
		return err
	}
	operators = routing.ByShifts(operators, r.house.duty.shifts(), now)
	waiting, err := r.Queue(ctx, now)
	if err != nil {
		return err
	}
	if r.house.settings.SIPOperatorURI != "" { // calls ring at the operators' telephones
		waiting = slices.DeleteFunc(waiting, func(w routing.Waiting) bool { return w.Channel == bot.Hotline })
	}
	offers := routing.Assign(waiting, operators)
	if len(offers) == 0 {
		return nil
	}
	return r.Offer(ctx, offers, now)
}
