// Package theme is the errand of 一件事: one matter of life that touches
// several departments. It hears what was told already, asks only what still
// changes the outcome, and ends in one plan: matters, papers, steps, visits,
// with the booking of what needs a window.
//
// It refuses to ask what the words answered, to guess for who is not sure
// (all that may be needed is listed as such), and to pass off as known what
// the theme lists as a gap. What is no theme it leaves to the guides.
package theme

import (
	"context"
	"slices"
	"strings"

	"guanjia/bot"
	"guanjia/knowledge/themes"
)

// Config is what the errand is made of.
type Config struct {
	Themes *themes.Catalogue
	// Bookable says whether a hall's window can be booked for a guide.
	Bookable func(guide string) bool
	// Towns are the towns' names by id, Halls the names of their halls.
	Towns, Halls map[string]string
	// City answers from the city's data; nil: nothing is looked up.
	City City
	// Otherwise answers what asks for no theme.
	Otherwise *bot.Answer
}

// Errand leads through themes.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// flowOf names a theme's flow.
func flowOf(id string) bot.Intent { return bot.Intent(prefix + id) }

// prefix begins the names of the errand's flows and of what its options ask for.
const prefix = "theme:"

// Flows are the themes, a flow each.
func (e *Errand) Flows() []*bot.Flow {
	var flows []*bot.Flow
	for _, t := range e.Themes.All() {
		flows = append(flows, e.flow(t))
	}
	if e.City != nil {
		flows = append(flows, e.licences())
	}
	return flows
}

// flow puts the questions of a theme and shows the plan.
func (e *Errand) flow(t *themes.Theme) *bot.Flow {
	f := &bot.Flow{
		Intent: flowOf(t.ID), Within: bot.AskProcedure, Name: t.Title,
		Opening: func(f *bot.Form) string { return e.opening(t, f) },
		Check:   func(_ context.Context, f *bot.Form) (*bot.Problem, error) { return nil, hear(t, f) },
		Show: func(_ context.Context, f *bot.Form) ([]bot.Reply, error) {
			return e.tell(t.Plan(answers(t, f)), f), nil
		},
		After: func(f *bot.Form) ([]bot.Choice, bot.Topic) { return e.after(t, answers(t, f), f.Get("town")) },
		Gist:  func(f *bot.Form) string { return "一件事：" + t.Title + " " + told(t, f) },
	}
	for i := range t.Questions {
		f.Slots = append(f.Slots, e.slot(t, &t.Questions[i]))
	}
	f.Slots = append(f.Slots, e.town())
	return f
}

// opening is said once before the first question: what will come of it, and
// what was heard already.
func (e *Errand) opening(t *themes.Theme, f *bot.Form) string {
	said := t.Gentle
	if heard := told(t, f); heard != "" {
		said += "“" + t.Title + "”我来帮您理一遍。您说的记下了：" + heard + "。"
	} else {
		said += "“" + t.Title + "”我来帮您理一遍，答几个问题就出清单，拿不准的选“不确定”。"
	}
	return f.Say(said, said)
}

// told lists what is answered so far.
func told(t *themes.Theme, f *bot.Form) string {
	var parts []string
	for _, q := range t.Questions {
		if v, ok := f.Value(q.ID); ok && v.Value != themes.Unsure {
			parts = append(parts, v.Show())
		}
	}
	if v, ok := f.Value("town"); ok {
		parts = append(parts, "在"+v.Show())
	}
	return strings.Join(parts, "、")
}

// town is a shared particular: never asked, taken up where it was told.
func (e *Errand) town() bot.Slot {
	return bot.Slot{
		Name: "town", Label: "镇街", Types: []bot.EntityType{bot.Town, bot.Hall},
		Accept: func(_ context.Context, _ *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
			if name, ok := e.Towns[en.Value]; ok {
				return bot.Value{Value: en.Value, Shown: name, Said: en.Text}, nil, nil
			}
			return bot.Value{}, nil, nil
		},
	}
}

// slot is one question of a theme.
func (e *Errand) slot(t *themes.Theme, q *themes.Question) bot.Slot {
	return bot.Slot{
		Name: q.ID, Label: q.Label, Why: q.Why, Free: true, Optional: true,
		Needed: func(f *bot.Form) bool {
			next := t.Next(answers(t, f))
			return next != nil && next.ID == q.ID
		},
		Hears: func(_ *bot.Form, words string) bool { return t.Answer(q.ID, words) != "" || len(t.Hear(words)) > 0 },
		Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
			ask := noted(t, q, f) + q.Ask
			return bot.Prompt{Text: f.Say(ask, ask), Choices: choices(q)}, nil
		},
		Accept: func(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
			if id := t.Answer(q.ID, en.Value); id != "" {
				return value(q, id), nil, nil
			}
			if len(t.Hear(en.Value)) > 0 { // about another question: Check takes it up
				return bot.Value{}, nil, nil
			}
			return bot.Value{}, &bot.Problem{Text: f.Say("这句没对上。从下面选一个就行，拿不准选“不确定”。", "Please choose one of these."), Choices: choices(q)}, nil
		},
	}
}

// noted says what was heard of other questions, where this one is asked again.
func noted(t *themes.Theme, q *themes.Question, f *bot.Form) string {
	if f.Asked != q.ID || f.Words == "" || tapped(t, f) {
		return ""
	}
	heard := t.Hear(f.Words)
	var parts []string
	for i := range t.Questions {
		if other := &t.Questions[i]; other.ID != q.ID && heard[other.ID] != "" && f.Get(other.ID) == heard[other.ID] {
			parts = append(parts, value(other, heard[other.ID]).Shown)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "记下了：" + strings.Join(parts, "、") + "。"
}

func choices(q *themes.Question) []bot.Choice {
	var out []bot.Choice
	for _, o := range q.Options {
		out = append(out, bot.Choice{Text: o.Text, Slot: q.ID, Value: value(q, o.ID)})
	}
	return append(out, bot.Choice{Text: unsure, Slot: q.ID, Value: value(q, themes.Unsure)})
}

const unsure = "不确定"

// value is an answer as a slot keeps it.
func value(q *themes.Question, id string) bot.Value {
	if o, ok := q.Option(id); ok {
		return bot.Value{Value: id, Shown: o.Text}
	}
	return bot.Value{Value: themes.Unsure, Shown: unsure}
}

// answers are the form's; what the citizen would not say is not sure.
func answers(t *themes.Theme, f *bot.Form) themes.Answers {
	a := themes.Answers{}
	for _, q := range t.Questions {
		switch {
		case f.Has(q.ID):
			a[q.ID] = f.Get(q.ID)
		case f.Passed(q.ID):
			a[q.ID] = themes.Unsure
		}
	}
	return a
}

// hear takes up what the turn's words tell of any question: what is open, and,
// where the words take something back, what was answered before.
func hear(t *themes.Theme, f *bot.Form) error {
	if f.Words == "" || tapped(t, f) {
		return nil
	}
	back := slices.Contains(f.Acts, bot.Correct) || takesBack(f.Words)
	for question, option := range t.Hear(f.Words) {
		if f.Has(question) && !back || question == f.Asked {
			continue
		}
		f.Set(question, value(find(t, question), option))
	}
	return nil
}

// tapped says whether the words are an option as it was offered: it means its
// own question only.
func tapped(t *themes.Theme, f *bot.Form) bool {
	q := find(t, f.Asked)
	return q != nil && slices.ContainsFunc(choices(q), func(c bot.Choice) bool { return c.Text == strings.TrimSpace(f.Words) })
}

func find(t *themes.Theme, question string) *themes.Question {
	for i := range t.Questions {
		if t.Questions[i].ID == question {
			return &t.Questions[i]
		}
	}
	return nil
}

func takesBack(words string) bool {
	return slices.ContainsFunc([]string{"不对", "不對", "说错", "說錯", "其实", "其實", "改成", "改为", "应该是", "應該是", "更正", "搞错", "唔系", "唔係"}, func(w string) bool { return strings.Contains(words, w) })
}
