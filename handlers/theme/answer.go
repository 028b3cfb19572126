package theme

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/knowledge/themes"
)

// topicLife is how long a follow-up is taken to mean the last plan.
const topicLife = 30 * time.Minute

// Answer answers questions on procedures: it begins a theme where one is asked
// for as a whole, changes the plan last shown, and leaves the rest to the
// guides.
func (e *Errand) Answer() *bot.Answer {
	return &bot.Answer{Intent: e.Otherwise.Intent, Name: e.Otherwise.Name, Reply: e.reply, Takes: e.takes}
}

// takes says whether words ask for a part of the plan that was shown last, or tell
// another answer to one of its questions.
func (e *Errand) takes(topic bot.Topic, u *bot.Understanding) bool {
	t := e.Themes.Theme(strings.TrimPrefix(topic.Field, prefix))
	if t == nil || !strings.HasPrefix(topic.Field, prefix) {
		return false
	}
	return partAsked(u.Norm) != "" || tellsOtherwise(t, u)
}

// tellsOtherwise says whether words tell, or suppose, an answer to a theme's question.
func tellsOtherwise(t *themes.Theme, u *bot.Understanding) bool {
	return len(t.Hear(u.Text)) > 0 && (!u.Question || takesBack(u.Text) || supposes.MatchString(u.Norm))
}

// supposes puts another case: 那医保不够呢.
var supposes = regexp.MustCompile(`^(?:那|那么|咁|如果|要是|假如|万一)[^？?]{1,12}(?:呢|的话|怎么办|点算|会怎样)[?？]?$`)

func (e *Errand) reply(ctx context.Context, q *bot.Query) (bot.Response, error) {
	if id, part, ok := strings.Cut(strings.TrimPrefix(q.Chosen, prefix), "#"); ok && strings.HasPrefix(q.Chosen, prefix) {
		return e.part(q, id, part), nil
	}
	if strings.HasPrefix(string(q.During), prefix) && q.Chosen == "" {
		return e.during(ctx, q)
	}
	if q.Chosen != "" || q.During != "" || q.Understanding.Text == "" {
		return e.Otherwise.Reply(ctx, q)
	}
	if r, ok := e.again(q); ok {
		return r, nil
	}
	if t := e.Themes.Find(q.Understanding.Text); t != nil {
		return bot.Response{Start: &bot.Waiting{Flow: flowOf(t.ID), Text: q.Understanding.Text}}, nil
	}
	q.Topic = plain(q.Topic)
	r, err := e.Otherwise.Reply(ctx, q)
	if err != nil {
		return r, err
	}
	if t := e.Themes.OfGuide(r.Topic.Guide); t != nil && !r.Clarify && !r.Unknown && r.Topic.Field == "overview" {
		r.Choices = append(r.Choices, bot.Choice{Text: q.Say("相关的事一起办", "All that belongs to it"), Flow: flowOf(t.ID)})
	}
	return r, nil
}

// during answers a question put between a theme's own: what its plan is going
// to tell is not looked up elsewhere.
func (e *Errand) during(ctx context.Context, q *bot.Query) (bot.Response, error) {
	t := e.Themes.Theme(strings.TrimPrefix(string(q.During), prefix))
	if asked := partAsked(q.Understanding.Norm); asked != "" && t != nil {
		return ahead(t, asked, q), nil
	}
	return e.Otherwise.Reply(ctx, q)
}

// plain is a topic as the guides know it.
func plain(t bot.Topic) bot.Topic {
	if strings.HasPrefix(t.Field, prefix) {
		return bot.Topic{Guide: t.Guide, At: t.At}
	}
	return t
}

// again goes on about the plan that was shown last: it tells the part that is
// asked for, and changes the plan where the words tell another answer to one of
// its questions.
func (e *Errand) again(q *bot.Query) (bot.Response, bool) {
	id, ok := strings.CutPrefix(q.Topic.Field, prefix)
	t := e.Themes.Theme(id)
	if !ok || t == nil || q.Now.Sub(q.Topic.At) > topicLife {
		return bot.Response{}, false
	}
	known, town := shown(t, q.Topic.Others)
	if asked := partAsked(q.Understanding.Norm); asked != "" {
		p := t.Plan(known)
		choices, _ := e.after(t, known, town)
		topic := q.Topic
		topic.At = q.Now
		return bot.Response{Replies: []bot.Reply{e.tellPart(p, asked, q)}, Choices: choices, Topic: topic}, true
	}
	if !tellsOtherwise(t, &q.Understanding) {
		return bot.Response{}, false
	}
	slots := map[string]bot.Value{}
	for question, option := range known {
		slots[question] = value(find(t, question), option)
	}
	if name, ok := e.Towns[town]; ok {
		slots["town"] = bot.Value{Value: town, Shown: name}
	}
	for question, option := range t.Hear(q.Understanding.Text) {
		slots[question] = value(find(t, question), option)
	}
	return bot.Response{Start: &bot.Waiting{Flow: flowOf(t.ID), Slots: slots, Text: q.Understanding.Text}}, true
}

// shown are the answers a plan was made of, as its topic keeps them, and the town.
func shown(t *themes.Theme, kept []string) (known themes.Answers, town string) {
	known = themes.Answers{}
	for _, pair := range kept {
		question, option, _ := strings.Cut(pair, "=")
		switch {
		case find(t, question) != nil:
			known[question] = option
		case question == "town":
			town = option
		}
	}
	return known, town
}

// after offers what follows a plan: windows to book, the theme that fits
// better, what to mind, another answer.
func (e *Errand) after(t *themes.Theme, a themes.Answers, town string) ([]bot.Choice, bot.Topic) {
	p := t.Plan(a)
	choices := e.bookings(p, town)
	if other := e.Themes.Theme(p.Goto); other != nil {
		choices = append([]bot.Choice{{Text: "看“" + other.Title + "”", Flow: flowOf(other.ID)}}, choices...)
	}
	if e.City != nil && slices.ContainsFunc(p.Materials, func(m themes.Paper) bool { return m.Waive == themes.ELicence }) {
		choices = append(choices, bot.Choice{Text: "查电子证照，看能少交哪些", Flow: lookUp, Slot: "theme", Value: bot.Value{Value: t.ID},
			Also: map[string]bot.Value{"answers": {Value: encode(a)}}})
	}
	if len(t.Tips) > 0 || t.Calendar != "" {
		choices = append(choices, bot.Choice{Text: "要留意什么", Flow: bot.AskProcedure, Value: bot.Value{Value: prefix + t.ID + "#tips"}})
	}
	choices = append(choices, bot.Choice{Text: "情况变了，重新答", Flow: flowOf(t.ID)})
	topic := bot.Topic{Guide: t.Guide, Field: prefix + t.ID, Text: t.Title, Open: true, Of: bot.AskProcedure}
	for question, option := range a {
		topic.Others = append(topic.Others, question+"="+option)
	}
	if town != "" {
		topic.Others = append(topic.Others, "town="+town)
	}
	slices.Sort(topic.Others)
	return choices, topic
}

// mostBookings is how many windows are offered at once.
const mostBookings = 3

// bookings leads from the plan's windows into an appointment, with the service
// and, where a town was told, the hall filled in.
func (e *Errand) bookings(p themes.Plan, town string) []bot.Choice {
	var out []bot.Choice
	seen := map[string]bool{}
	for _, m := range p.Items {
		if !m.Window || m.Maybe || seen[m.Guide] || len(out) == mostBookings || m.Guide == "" || !e.Bookable(m.Guide) {
			continue
		}
		seen[m.Guide] = true
		c := bot.Choice{Text: "预约窗口：" + m.Name, Flow: bot.BookAppointment, Slot: "service", Value: bot.Value{Value: m.Guide, Shown: m.Name}}
		if name, ok := e.Halls[town]; ok {
			c.Also = map[string]bot.Value{"hall": {Value: town, Shown: name}}
		}
		out = append(out, c)
	}
	return out
}

// part answers what an option of a plan asks for.
func (e *Errand) part(q *bot.Query, id, part string) bot.Response {
	t := e.Themes.Theme(id)
	if t == nil || part != "tips" {
		return bot.Response{Unknown: true}
	}
	lines := append([]string{}, t.Tips...)
	if t.Calendar != "" {
		lines = append(lines, t.Calendar)
	}
	return bot.Response{
		Replies: []bot.Reply{{Text: "办“" + t.Title + "”要留意：\n" + bulleted(lines), Source: source(t), Citations: []string{prefix + t.ID}}},
		Topic:   q.Topic,
	}
}
