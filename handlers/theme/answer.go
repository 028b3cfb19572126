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
	return &bot.Answer{Intent: e.Otherwise.Intent, Name: e.Otherwise.Name, Reply: e.reply}
}

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
	if asksPlan.MatchString(q.Understanding.Norm) {
		return bot.Response{Replies: []bot.Reply{{Text: q.Say("先办什么、要带什么、多久、去哪办，答完就一起列给您。", "What comes first, what to bring, how long it takes and where: all of it is listed once these are answered.")}}, Topic: q.Topic}, nil
	}
	return e.Otherwise.Reply(ctx, q)
}

// asksPlan are questions to the matter in hand that name no other.
var asksPlan = regexp.MustCompile(`^(?:那|那么|咁|请问|我|一共|总共|大概|都|全部)*(?:要|需要|使)?(?:带|准备|交|提交)?(?:什么|哪些|啥|咩|乜嘢|乜)(?:材料|资料|证件|东西|手续|文件|嘢)?(?:呢|啊|呀)?[?？]?$|` +
	`^(?:那|那么|咁|请问|我|一共|总共|大概|全部|办|办好|办完|搞掂|要|需要)*(?:多久|几耐|多长时间|几天|几日|多少天)(?:能|可以|先)?(?:办好|办完|办下来|拿到|搞掂|好)?(?:呢|啊|呀)?[?？]?$|` +
	`^(?:那|那么|咁|请问|我|要|应该|喺|在|去)*(?:哪里|哪儿|哪|边度|什么地方)(?:办|办理|搞)?(?:呢|啊|呀)?[?？]?$|` +
	`^(?:那|那么|咁|请问|我|应该|要)*(?:先|首先|第一步|顺序)(?:要|应该)?(?:是|系)?(?:办|做|搞|去)?(?:哪|哪个|哪样|哪件|什么|啥|边个|边样|咩|怎么走|怎样)(?:呢|啊|呀|先)?[?？]?$`)

// plain is a topic as the guides know it.
func plain(t bot.Topic) bot.Topic {
	if strings.HasPrefix(t.Field, prefix) {
		return bot.Topic{Guide: t.Guide, At: t.At}
	}
	return t
}

// again changes the plan that was shown last, where the words tell another
// answer to one of its questions.
func (e *Errand) again(q *bot.Query) (bot.Response, bool) {
	id, ok := strings.CutPrefix(q.Topic.Field, prefix)
	t := e.Themes.Theme(id)
	if !ok || t == nil || q.Now.Sub(q.Topic.At) > topicLife {
		return bot.Response{}, false
	}
	words := q.Understanding.Text
	heard := t.Hear(words)
	if len(heard) == 0 || q.Understanding.Question && !takesBack(words) {
		return bot.Response{}, false
	}
	slots := map[string]bot.Value{}
	for _, pair := range q.Topic.Others {
		if question, option, ok := strings.Cut(pair, "="); ok && find(t, question) != nil {
			slots[question] = value(find(t, question), option)
		} else if name, known := e.Towns[option]; known && question == "town" {
			slots[question] = bot.Value{Value: option, Shown: name}
		}
	}
	for question, option := range heard {
		slots[question] = value(find(t, question), option)
	}
	return bot.Response{Start: &bot.Waiting{Flow: flowOf(t.ID), Slots: slots, Text: words}}, true
}

// after offers what follows a plan: windows to book, the theme that fits
// better, what to mind, another answer.
func (e *Errand) after(t *themes.Theme, f *bot.Form) ([]bot.Choice, bot.Topic) {
	a := answers(t, f)
	p := t.Plan(a)
	choices := e.bookings(p, f)
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
	topic := bot.Topic{Guide: t.Guide, Field: prefix + t.ID, Text: t.Title, Open: true}
	for question, option := range a {
		topic.Others = append(topic.Others, question+"="+option)
	}
	if town := f.Get("town"); town != "" {
		topic.Others = append(topic.Others, "town="+town)
	}
	slices.Sort(topic.Others)
	return choices, topic
}

// mostBookings is how many windows are offered at once.
const mostBookings = 3

// bookings leads from the plan's windows into an appointment, with the service
// and, where a town was told, the hall filled in.
func (e *Errand) bookings(p themes.Plan, f *bot.Form) []bot.Choice {
	var out []bot.Choice
	seen := map[string]bool{}
	for _, m := range p.Items {
		if !m.Window || m.Maybe || seen[m.Guide] || len(out) == mostBookings || m.Guide == "" || !e.Bookable(m.Guide) {
			continue
		}
		seen[m.Guide] = true
		c := bot.Choice{Text: "预约窗口：" + m.Name, Flow: bot.BookAppointment, Slot: "service", Value: bot.Value{Value: m.Guide, Shown: m.Name}}
		if name, ok := e.Halls[f.Get("town")]; ok {
			c.Also = map[string]bot.Value{"hall": {Value: f.Get("town"), Shown: name}}
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
