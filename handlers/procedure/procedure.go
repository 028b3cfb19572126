// Package procedure answers questions about how things are done, from the
// service guides: the field asked for, with its source and date, and a way on
// into a booking.
//
// It refuses to say what no guide says.
package procedure

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/knowledge"
)

// Config is what the errand is made of.
type Config struct {
	Base *knowledge.Base
	// Writer composes answers from blocks of a guide; nil: they stay as the
	// guide words them.
	Writer knowledge.Writer
	// Calendar tells on which days offices work; nil: no answer speaks of a day.
	Calendar Calendar
	// Hall finds the hall of a town where a window for a guide can be booked; nil: no
	// answer speaks of one.
	Hall func(guide, town string) (Hall, bool)
	// Misses keeps questions that were not answered well; nil: nobody does.
	Misses Misses
}

// Calendar tells working days and the names of holidays.
type Calendar interface {
	IsWorkday(day string) bool
	// Holiday names the holiday a day off belongs to, empty if none.
	Holiday(day string) string
	// Known says whether the holidays of a year are known at all.
	Known(year int) bool
}

// Errand answers from the guides.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Answer answers questions on procedures.
func (e *Errand) Answer() *bot.Answer {
	return &bot.Answer{Intent: bot.AskProcedure, Name: "问办事指南", Reply: e.reply}
}

// Policy answers questions on measures for firms and founders.
func (e *Errand) Policy() *bot.Answer {
	return &bot.Answer{Intent: bot.AskPolicy, Name: "问惠企政策", Reply: e.reply}
}

// topicLife is how long a follow-up is taken to mean the last guide.
const topicLife = 30 * time.Minute

// reply asks the knowledge base and says what it found.
func (e *Errand) reply(ctx context.Context, q *bot.Query) (bot.Response, error) {
	if r, ok := e.marked(q); ok {
		return r, nil
	}
	if guide, field, ok := strings.Cut(q.Chosen, "#"); ok {
		field, all := strings.CutSuffix(field, wholeMark)
		if among, some := strings.CutPrefix(guide, amongMark); some {
			a := e.Base.Which(strings.Split(among, amongMark), knowledge.Field(field))
			if a.Decision != knowledge.Clarified { // the guides are gone meanwhile
				return e.unknown(q, a), nil
			}
			return e.which(q, a), nil
		}
		field, known, _ := strings.Cut(field, caseMark)
		tell := e.Base.FieldIn
		if all {
			tell = e.Base.WholeIn
		}
		return e.answered(q, tell(guide, knowledge.Field(field), knowledge.ParseCase(known), town(q), q.Now)), nil
	}
	if q.Understanding.Text == "" {
		return e.opening(q), nil
	}
	topic := e.topic(q)
	a := e.Base.Ask(ctx, knowledge.Question{
		Text: asked(q, topic), Now: q.Now, Topic: topic, Town: town(q), Day: e.day(q),
		Outward: func() string { return bot.Mask(q.Understanding) },
	})
	r, err := e.told(ctx, q, a)
	if a.Far != nil && r.Model == "" {
		r.Model = failure(ctx, a.Far)
	}
	return r, err
}

// told says what was found.
func (e *Errand) told(ctx context.Context, q *bot.Query, a knowledge.Answer) (bot.Response, error) {
	switch a.Decision {
	case knowledge.Answered:
		if rivals := e.rivals(q, a); len(rivals) > 1 {
			return e.among(q, a, rivals), nil
		}
		composed, outcome := e.compose(ctx, q, a)
		r := e.answered(q, composed)
		r.Model = outcome
		return r, nil
	case knowledge.Clarified:
		if a = e.alsoFound(ctx, q, a); len(a.Options) == 0 && q.During != "" {
			return e.unknown(q, a), nil // of the errand in hand, which is no guide's
		}
		return e.which(q, a), nil
	}
	if a.Guide != "" { // the guide is known and does not say
		return e.answered(q, a), nil
	}
	if a = e.alsoFound(ctx, q, a); a.Decision == knowledge.Clarified {
		return e.which(q, a), nil
	}
	return e.unknown(q, a), nil
}

// town is where the citizen says it is to be done, or said a little while ago: a
// hall's or a town's id.
func town(q *bot.Query) string {
	if id, _ := named(q); id != "" {
		return id
	}
	if q.Now.Sub(q.Topic.At) > topicLife {
		return ""
	}
	return q.Topic.Town
}

// day is the day the question names, if it names one of a year whose holidays are
// known.
func (e *Errand) day(q *bot.Query) *knowledge.Day {
	if e.Calendar == nil {
		return nil
	}
	for _, en := range q.Understanding.Entities {
		switch en.Type {
		case bot.Date, bot.DateTime, bot.DateRange, bot.DateTimeRange:
			date, _, _ := strings.Cut(en.Value, "T")
			if at, err := time.Parse(time.DateOnly, date); err == nil && e.Calendar.Known(at.Year()) {
				return &knowledge.Day{Date: date, Workday: e.Calendar.IsWorkday(date), Holiday: e.Calendar.Holiday(date)}
			}
		}
	}
	return nil
}

// topic is what the question may refer to: the service of the booking it
// interrupts, else what was talked about a little while ago.
func (e *Errand) topic(q *bot.Query) knowledge.Topic {
	if s, ok := q.Value("service"); ok && s.Value != "" {
		if namesAnother(q, s.Value) {
			return knowledge.Topic{}
		}
		return knowledge.Topic{Guide: s.Value}
	}
	if q.Guide != "" {
		return knowledge.Topic{Guide: q.Guide}
	}
	t := q.Topic
	if q.Now.Sub(t.At) > topicLife {
		return knowledge.Topic{}
	}
	return knowledge.Topic{Guide: t.Guide, Field: knowledge.Field(t.Field), Others: t.Others, Text: t.Text, Case: t.Case}
}

// namesAnother says whether the question names a service, and not this one.
func namesAnother(q *bot.Query, service string) bool {
	if toBring.MatchString(q.Understanding.Norm) {
		return false // 身份证要带吗: what is brought is no errand
	}
	another := false
	for _, en := range q.Understanding.Entities {
		if en.Type == bot.Service {
			if en.Value == service || slices.Contains(en.Ambiguity, service) {
				return false
			}
			another = true
		}
	}
	return another
}

// toBring asks of one thing whether it is to be brought along, and names no errand:
// 身份证要带吗.
var toBring = regexp.MustCompile(`^[^办辦]{2,8}?(?:要不要|需不需要|用不用|使唔使|要|需要|用|使)(?:带|帶|攞|拿|交|准备)(?:吗|嘛|么|不|唔|埋|上|去|来|啊|呀)*[?？]?$`)

// asked is what the question asks of the guide at hand: one that only names a
// town, where it is done there, or when, if that was asked before; one whether a thing is to be brought, what is; of
// who has no use of a phone, where the window is; of what somebody has, who may.
func asked(q *bot.Query, known knowledge.Topic) string {
	text := q.Understanding.Norm
	_, said := named(q)
	switch {
	case known.Guide == "":
	case toBring.MatchString(text):
		return "要带什么材料"
	case bot.HasNoPhone(text):
		return "可以去窗口办吗，在哪里办"
	case bot.TellsWhatOneHas(text):
		return "谁能办"
	case said != "" && there.MatchString(strings.Replace(text, said, "\x00", 1)):
		if known.Field == knowledge.Hours {
			return "几点上班"
		}
		return "在哪里办"
	}
	return text
}

// opening is what the menu's button says.
func (e *Errand) opening(q *bot.Query) bot.Response {
	return bot.Response{
		Replies: []bot.Reply{{Text: q.Say("您想问哪件事怎么办？直接说就行，比如“身份证丢了怎么补”“居住证要带什么材料”。",
			"What would you like to know? For example: \"how do I replace a lost ID card\".")}},
		Choices: []bot.Choice{
			{Text: q.Say("居住证怎么办", "Residence permit"), Say: "居住证怎么办"},
			{Text: q.Say("身份证丢了怎么补", "Lost ID card"), Say: "身份证丢了怎么补"},
		},
	}
}

// caseMark begins what is known of the guide's situations in the value of an
// option.
const caseMark = "@"

// amongMark goes before each guide of an option that leaves several.
const amongMark = "|"

// wholeMark ends the value of an option that shows the whole of an answer.
const wholeMark = "#all"

// answered says as much as a phone's screen holds, with ways to the rest, and
// offers the booking where a window can be booked.
func (e *Errand) answered(q *bot.Query, a knowledge.Answer) bot.Response {
	text := a.Brief
	if q.Language == bot.English {
		text = e.inEnglish(a, text)
	}
	if line := e.inTown(q, a); line != "" {
		text += "\n" + line
	}
	r := bot.Response{
		Replies: []bot.Reply{{Text: text, Spoken: a.Spoken, Source: a.Source, Citations: a.Citations}},
		Topic:   topicOf(q, a),
	}
	if q.During != "" {
		return r
	}
	if a.Narrow != "" && q.Language != bot.English && q.Channel != bot.Hotline {
		r.Replies[0].Text += "\n" + a.Narrow
		for _, o := range a.Options {
			r.Choices = append(r.Choices, choice(o))
		}
	}
	r.Choices = append(r.Choices, e.more(q, a)...)
	if a.Bookable {
		g, _ := e.Base.Guide(a.Guide)
		c := bot.Choice{
			Text: q.Say("帮我预约", "Book it for me"), Flow: bot.BookAppointment, Slot: "service",
			Value: bot.Value{Value: a.Guide, Shown: g.Title},
		}
		if hall, ok := e.hall(a.Guide, town(q)); ok {
			c.Also = map[string]bot.Value{"hall": {Value: hall.ID, Shown: hall.Name}}
		}
		r.Choices = append(r.Choices, c)
	}
	if a.Decision == knowledge.Answered {
		r.Choices = append(r.Choices, marks(q)...)
	} else {
		r.Keep = e.missed(q, a, bot.MissNoField)
	}
	return r
}

// more are the ways to what a brief answer leaves out.
func (e *Errand) more(q *bot.Query, a knowledge.Answer) []bot.Choice {
	if a.Decision != knowledge.Answered || a.Brief == a.Text {
		return nil
	}
	if a.Field != knowledge.Overview {
		return []bot.Choice{ways(a.Guide, string(a.Field)+wholeMark, q.Say("看全部", "See all"))}
	}
	return []bot.Choice{
		ways(a.Guide, string(knowledge.Materials)+wholeMark, q.Say("要带什么", "What to bring")),
		ways(a.Guide, string(knowledge.Steps)+wholeMark, q.Say("怎么办", "Steps")),
		ways(a.Guide, string(knowledge.Conditions)+wholeMark, q.Say("谁能办", "Who can apply")),
	}
}

func ways(guide, field, text string) bot.Choice {
	return bot.Choice{Text: text, Flow: bot.AskProcedure, Value: bot.Value{Value: guide + "#" + field}}
}

func topicOf(q *bot.Query, a knowledge.Answer) bot.Topic {
	title := ""
	for _, c := range a.Candidates {
		if c.ID == a.Topic.Guide {
			title = c.Title
		}
	}
	return bot.Topic{Guide: a.Topic.Guide, Title: title, Field: string(a.Topic.Field), Others: a.Topic.Others, Text: a.Topic.Text, Case: a.Topic.Case, Town: town(q)}
}

// nearly is how much less sure a candidate may be than the best and still be
// what was meant, where the word used names both.
const nearly = 0.12

// rivals are the guides that the service's name, as the citizen used it, fits
// as well as the answer's: "身份证" is to be lost, expired or new.
func (e *Errand) rivals(q *bot.Query, a knowledge.Answer) []string {
	var named []string
	for _, en := range q.Understanding.Entities {
		if en.Type == bot.Service && len(en.Ambiguity) > 0 {
			named = append([]string{en.Value}, en.Ambiguity...)
		}
	}
	if !slices.Contains(named, a.Guide) || len(a.Candidates) == 0 {
		return nil
	}
	best := a.Candidates[0].Score
	var rivals []string
	for _, c := range a.Candidates {
		if slices.Contains(named, c.ID) && c.Score >= best-nearly && len(rivals) < 4 {
			rivals = append(rivals, c.ID)
		}
	}
	return rivals
}

// among asks which of the guides is meant; the field stays what was asked.
func (e *Errand) among(q *bot.Query, a knowledge.Answer, guides []string) bot.Response {
	r := bot.Response{Clarify: true, Replies: []bot.Reply{{Text: q.Say("您问的是哪一项？", "Which of these do you mean?")}}}
	for _, id := range guides {
		if g, ok := e.Base.Guide(id); ok {
			r.Choices = append(r.Choices, choice(knowledge.Option{Text: g.Title, Guide: id, Field: a.Field}))
		}
	}
	r.Topic = bot.Topic{Field: string(a.Field), Others: guides, Text: a.Topic.Text}
	return r
}

// which asks the question that tells the candidates apart.
func (e *Errand) which(q *bot.Query, a knowledge.Answer) bot.Response {
	text := a.Clarify
	if q.Language == bot.English {
		text = "Which of these do you mean?"
		if len(a.Options) == 0 {
			text = "Which matter do you ask about? Just name it, for example \"residence permit\"."
		}
	}
	r := bot.Response{Clarify: true, Replies: []bot.Reply{{Text: text, Spoken: a.Spoken}}, Topic: topicOf(q, a), Keep: e.missed(q, a, whyAsked(a))}
	for _, o := range a.Options {
		r.Choices = append(r.Choices, choice(o))
	}
	return r
}

// choice is an option that answers a field of a guide when it is chosen.
func choice(o knowledge.Option) bot.Choice {
	field := o.Field
	if len(o.Among) > 0 {
		return ways(amongMark+strings.Join(o.Among, amongMark), string(field), o.Text)
	}
	if field == "" {
		field = knowledge.Overview
	}
	if o.Case != "" {
		return ways(o.Guide, string(field)+caseMark+o.Case, o.Text)
	}
	return ways(o.Guide, string(field), o.Text)
}

// unknown says so, with the nearest titles and a person.
func (e *Errand) unknown(q *bot.Query, a knowledge.Answer) bot.Response {
	r := bot.Response{Unknown: true, Topic: topicOf(q, a), Keep: e.missed(q, a, bot.MissNoGuide), Replies: []bot.Reply{{
		Text: q.Say("这件事我没有查到可靠的依据，不敢乱说。可以拨 12345 问，或者我帮您转人工。",
			"I have no reliable source for this and will not guess. Please call 12345, or I can get you a person."),
		Spoken: a.Spoken,
	}}}
	for _, o := range a.Options {
		r.Choices = append(r.Choices, choice(o))
	}
	r.Choices = append(r.Choices, bot.Choice{Text: q.Say("转人工", "A person"), Flow: bot.TalkToOperator})
	return r
}
