package theme

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/knowledge/themes"
)

// City is what the errand asks of the city's data.
type City interface {
	// Agreed records the citizen's yes to a look-up, and gives its id.
	Agreed(ctx context.Context, citizen bot.CitizenID, purpose string, at time.Time) (consent string, err error)
	// Held are the electronic licences of these kinds, where name and number
	// belong together; agrees says whether they do.
	Held(ctx context.Context, who LookUp, kinds []string) (held []Licence, agrees bool, err error)
}

// LookUp is about whom one asks, what for, and under which consent.
type LookUp struct {
	Citizen          bot.CitizenID
	Purpose, Consent string
	Name, IDNumber   bot.Secret
}

// Licence is an electronic licence that is held.
type Licence struct {
	Kind  string
	Valid bool // not past its last day
}

// lookUp is the flow that asks for consent and shortens a plan's papers.
const lookUp bot.Intent = "theme-licences"

// licences shortens the papers of a plan to what this citizen must hand in.
func (e *Errand) licences() *bot.Flow {
	agreed := func(f *bot.Form) bool { return f.Get("consent") == "yes" }
	name := bot.NameSlot("请问办理人姓名？", "What is your name?", "要和身份证号对得上，才查得到本人的证照。", "It must belong to the id number.")
	name.Needed = agreed
	return &bot.Flow{
		Intent: lookUp, Within: bot.AskProcedure, Name: "查电子证照", NameEN: "looking up electronic licences", Keeps: true,
		Slots: []bot.Slot{
			{Name: "theme"}, {Name: "answers"},
			{Name: "consent", Label: "同意", Free: true, Ask: e.askConsent, Accept: acceptConsent,
				Hears: func(_ *bot.Form, words string) bool { return yesNo(words) != "" },
				Why:   "查您名下有哪些电子证照，有的就不用再交原件。", WhyEN: "What you hold need not be brought."},
			name,
			{Name: "id_number", Label: "身份证号", LabelEN: "ID number", Types: []bot.EntityType{bot.IDNumber}, Needed: agreed,
				Why: "只用来核对本人、查这一次，不会显示给别人。", WhyEN: "Only for this one look-up.",
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("请发身份证号，只用于这一次核对。", "Please give the id number; it is used once.")}, nil
				},
				Accept: acceptNumber},
		},
		Check: func(_ context.Context, f *bot.Form) (*bot.Problem, error) {
			if f.Get("consent") == "no" {
				return &bot.Problem{Text: f.Say("好的，不查。按刚才的清单准备就行。", "All right, nothing is looked up. Use the list above."), End: true}, nil
			}
			return nil, nil
		},
		Show: e.shortened,
		Gist: func(*bot.Form) string { return "查电子证照" },
	}
}

func (e *Errand) askConsent(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	var names []string
	if t := e.Themes.Theme(f.Get("theme")); t != nil {
		p := t.Plan(decode(f.Get("answers")))
		for _, m := range p.Materials {
			if m.Waive == themes.ELicence {
				names = append(names, m.Name)
			}
		}
	}
	return bot.Prompt{
		Text: f.Say("要查的是：姓名和身份证号是否一致，名下有没有这几样电子证照："+strings.Join(names, "、")+"。只为算这次的材料查一次，查询会留记录。同意吗？",
			"We would check that name and id number agree and which electronic licences you hold, once, for this list. It is recorded. Do you agree?"),
		Choices: []bot.Choice{
			{Text: f.Say("同意，查一次", "I agree"), Slot: "consent", Value: bot.Value{Value: "yes"}},
			{Text: f.Say("不同意", "No"), Slot: "consent", Value: bot.Value{Value: "no"}},
		},
	}, nil
}

// acceptNumber takes an id number; on screens only its last digits show.
func acceptNumber(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if len(en.Value) != 18 {
		return bot.Value{}, &bot.Problem{Text: f.Say("身份证号是 18 位，请再看一下发过来。", "An id number has 18 characters. Once more?")}, nil
	}
	return bot.Value{Value: en.Value, Shown: "**************" + en.Value[14:]}, nil, nil
}

func acceptConsent(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if v := yesNo(en.Value); v != "" {
		return bot.Value{Value: v}, nil, nil
	}
	return bot.Value{}, &bot.Problem{Text: f.Say("要您明确同意才能查。同意吗？", "Do you agree?")}, nil
}

// yesNo hears a plain consent or refusal; nothing vague is a consent.
func yesNo(words string) string {
	words = strings.TrimRight(strings.TrimSpace(words), "。.！! ")
	switch {
	case slices.Contains([]string{"不同意", "不用", "不查", "不要", "不", "唔同意", "no"}, words):
		return "no"
	case slices.Contains([]string{"同意", "同意，查一次", "我同意", "好的，同意", "同意查", "I agree", "agree", "yes"}, words):
		return "yes"
	}
	return ""
}

// shortened looks up, once, and says what is still to be handed in and why.
func (e *Errand) shortened(ctx context.Context, f *bot.Form) ([]bot.Reply, error) {
	t := e.Themes.Theme(f.Get("theme"))
	if t == nil || e.City == nil {
		return []bot.Reply{{Text: f.Say("现在查不了，按刚才的清单准备就行。", "It cannot be looked up now.")}}, nil
	}
	p := t.Plan(decode(f.Get("answers")))
	var kinds []string
	for _, m := range p.Materials {
		if m.Waive == themes.ELicence && !slices.Contains(kinds, m.Licence) {
			kinds = append(kinds, m.Licence)
		}
	}
	purpose := prefix + t.ID
	consent, err := e.City.Agreed(ctx, f.Citizen.ID, purpose, f.Now)
	if err != nil {
		return nil, fmt.Errorf("record consent: %w", err)
	}
	held, agrees, err := e.City.Held(ctx, LookUp{f.Citizen.ID, purpose, consent, bot.Secret(f.Get("name")), bot.Secret(f.Get("id_number"))}, kinds)
	switch {
	case err != nil: // noted by the client; the list as it was still holds
		return []bot.Reply{{Text: f.Say("电子证照现在查不到，不影响办事：按刚才的清单，把原件带上就行。", "It cannot be looked up right now; bring the originals.")}}, nil
	case !agrees:
		return []bot.Reply{{Text: f.Say("姓名和身份证号对不上，没有查证照。按刚才的清单准备，或者重新来一次。", "Name and id number do not belong together; nothing was looked up.")}}, nil
	}
	return []bot.Reply{{Text: remaining(p, held), Source: "来源：政务数据平台电子证照，刚刚查询", Citations: []string{prefix + t.ID}}}, nil
}

// remaining is the list of papers by what was found.
func remaining(p themes.Plan, held []Licence) string {
	var free, bring []string
	for _, m := range p.Materials {
		at := slices.IndexFunc(held, func(l Licence) bool { return l.Kind == m.Licence })
		switch {
		case m.Waive == themes.Needed:
			bring = append(bring, m.Name)
		case m.Waive != themes.ELicence:
		case at >= 0 && held[at].Valid:
			free = append(free, m.Name)
		case at >= 0:
			bring = append(bring, m.Name+"（电子证照已过期，带有效的原件）")
		default:
			bring = append(bring, m.Name+"（没有查到电子证照，带原件）")
		}
	}
	lines := []string{fmt.Sprintf("查好了。本来 %d 样，您要交的只有 %d 样：", len(p.Materials), len(bring))}
	if len(bring) == 0 {
		lines = []string{fmt.Sprintf("查好了。本来 %d 样，您一样都不用交。", len(p.Materials))}
	} else {
		lines = append(lines, bulleted(bring))
	}
	if len(free) > 0 {
		lines = append(lines, "不用交，因为有有效的电子证照："+strings.Join(free, "、"))
	}
	return strings.Join(append(lines, "其余由系统生成或部门之间核对。"), "\n")
}

// encode and decode keep a theme's answers in one slot.
func encode(a themes.Answers) string {
	var pairs []string
	for q, o := range a {
		pairs = append(pairs, q+"="+o)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ";")
}

func decode(text string) themes.Answers {
	a := themes.Answers{}
	for pair := range strings.SplitSeq(text, ";") {
		if q, o, ok := strings.Cut(pair, "="); ok {
			a[q] = o
		}
	}
	return a
}
