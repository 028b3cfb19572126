package main

import (
	"context"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/jobs"
	"guanjia/channels/desk"
	"guanjia/handlers/appointment"
	"guanjia/handlers/policy"
	"guanjia/handlers/procedure"
	"guanjia/handlers/theme"
	"guanjia/handlers/way"
	"guanjia/knowledge/policies"
	"guanjia/knowledge/themes"
	"guanjia/knowledge/ways"
)

// matters are the errands that lead beyond one guide: 一件事, 惠企政策 and the
// ways of getting things done. What
// asks for neither they leave to the guides.
func (h *house) matters(halls []booking.Hall) ([]*bot.Flow, []*bot.Answer, error) {
	data, err := openCity(h.settings, h.store, h.clock)
	if err != nil {
		return nil, nil, err
	}
	var licences theme.City
	var register policy.City
	if data != nil { // a nil *city is no nil interface
		licences, register = data, data
		h.city = data
	}
	guides := procedure.New(procedure.Config{Base: h.base, Writer: h.models.writer(), Calendar: h.calendar, Misses: h.store, Hall: h.offered.hall})
	byWay := way.New(way.Config{Ways: h.ways, Otherwise: guides.Answer()})
	together := theme.New(theme.Config{
		Themes: h.themes, Bookable: h.offered.bookable, Towns: townNames(h.towns), Halls: hallNames(halls), City: licences, Otherwise: byWay.Answer(),
	})
	h.policy = policy.New(policy.Config{
		Policies: h.policies.Catalogue, Ledger: h.store, Commit: h.store.Commit, Style: inScript,
		Bookable: h.offered.bookable, City: register, Otherwise: guides.Policy(),
	})
	return append(together.Flows(), h.policy.Flows()...), []*bot.Answer{h.bookings.OpenDays(together.Answer()), h.policy.Answer()}, nil
}

// tellPolicies takes up what was published and tells those who follow.
func (h *house) tellPolicies() jobs.Task {
	return jobs.Task{Name: "tell policies", Do: func(ctx context.Context, now time.Time) error {
		if err := h.policies.Look(); err != nil {
			return err
		}
		return h.policy.Announce(ctx, now)
	}}
}

// policyList names the policies for the desk.
func (h *house) policyList(now time.Time) []desk.Policy {
	var out []desk.Policy
	for _, p := range h.policies.Catalogue().All() {
		out = append(out, desk.Policy{ID: p.ID, Title: p.Title, Standing: p.Standing(now).Words, Published: p.Published})
	}
	return out
}

// openMatters opens what the matters are read from.
func (h *house) openMatters(dir string) (err error) {
	if h.themes, err = themes.Starter(); err != nil {
		return err
	}
	if h.ways, err = ways.Starter(); err != nil {
		return err
	}
	h.policies, err = policies.OpenShelf(dir)
	return err
}

// themed takes words that tell of a whole 一件事 for a question about it, where
// the intent layer saw a booking that nobody asked for, or nothing it was sure
// of; the words that follow or leave policies for what they are; and a way of
// getting things done that was named.
type themed struct {
	bot.Understander
	themes   *themes.Catalogue
	policies *policies.Shelf
	ways     *ways.Catalogue
}

// Understand understands, with the themes in mind.
func (m themed) Understand(u bot.Utterance) bot.Understanding {
	made := m.Understander.Understand(u)
	if made.Decision == bot.Danger || made.Abusive || made.Injection {
		return made
	}
	if appointment.AsksAppeal(u.Text) && made.Intent != bot.TalkToOperator {
		// Sure, so that it is answered in the middle of something else too.
		made.Intent, made.Decision, made.Score, made.Question = bot.CheckRequest, bot.Accept, 1, true
		return made
	}
	if appointment.HearsAppeal(u.Text) && made.Intent != bot.TalkToOperator {
		made.Intent, made.Decision = appointment.Appeal, bot.Accept
		return made
	}
	if appointment.HearsOpenDay(made) {
		made.Intent, made.Decision = bot.AskProcedure, bot.Accept
		return made
	}
	vague := made.Decision != bot.Accept || made.Intent == bot.Capability
	if vague && (m.ways.Outright(u.Text) != nil || m.ways.Named(u.Text) != nil || m.ways.Asked(u.Text) != nil) {
		made.Intent, made.Decision = bot.AskProcedure, bot.Accept
		return made
	}
	if strings.ContainsAny(u.Text, "约約号號") {
		return made
	}
	sure := made.Decision == bot.Accept && made.Intent != bot.BookAppointment && made.Intent != bot.AskPolicy
	named := made.Decision == bot.Clarify && made.Intent == bot.AskPolicy
	switch {
	case m.themes.Called(u.Text) != nil, !sure && m.themes.Find(u.Text) != nil:
		made.Intent, made.Decision = bot.AskProcedure, bot.Accept
	case policy.Hears(u.Text), named && m.policies.Catalogue().Find(u.Text) != nil:
		made.Intent, made.Decision = bot.AskPolicy, bot.Accept
	}
	return made
}
