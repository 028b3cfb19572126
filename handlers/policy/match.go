package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"guanjia/bot"
	"guanjia/knowledge/policies"
)

// match asks a few facts and says what fits and why, and what does not and why.
func (e *Errand) match() *bot.Flow {
	f := &bot.Flow{
		Intent: matching, Within: bot.AskPolicy, Name: "看哪些政策适合", NameEN: "finding what fits",
		Opening: func(f *bot.Form) string {
			if p := e.Policies().Policy(f.Get("policy")); p != nil {
				return "对照一下“" + p.Title + "”的条件。"
			}
			if told := e.profileShown(f); told != "" {
				said := "您说的记下了：" + told + "。再答几个问题就能看，拿不准的选“不确定”，不会当您不符合。"
				return f.Say(said, "Noted. A few more questions; what you are not sure of does not count against you. ")
			}
			return f.Say("答几个问题就能看，拿不准的选“不确定”，不会当您不符合。", "A few questions; what you are not sure of does not count against you. ")
		},
		Check: func(_ context.Context, f *bot.Form) (*bot.Problem, error) { e.hear(f); return nil, nil },
		Show:  func(_ context.Context, f *bot.Form) ([]bot.Reply, error) { return e.verdicts(f), nil },
		After: func(f *bot.Form) ([]bot.Choice, bot.Topic) { return e.ways(f), bot.Topic{Text: "惠企政策"} },
		Gist:  func(f *bot.Form) string { return "惠企政策匹配：" + e.profileShown(f) },
		Slots: []bot.Slot{{Name: "policy"}},
	}
	f.Slots = append(f.Slots, e.facts(func(f *bot.Form, fact string) bool {
		return e.Policies().Next(e.profile(f), f.Get("policy"), f.Now) == fact
	})...)
	return f
}

// facts are the slots of all facts; asked says when one is asked for.
func (e *Errand) facts(asked func(f *bot.Form, fact string) bool) []bot.Slot {
	var slots []bot.Slot
	for _, id := range e.Policies().Facts() {
		slots = append(slots, e.fact(id, asked))
	}
	return slots
}

func (e *Errand) fact(id string, asked func(f *bot.Form, fact string) bool) bot.Slot {
	fact, _ := e.Policies().Fact(id)
	return bot.Slot{
		Name: id, Label: fact.Label, Why: fact.Why, Free: true, Optional: true,
		Needed: func(f *bot.Form) bool { return asked(f, id) },
		Hears:  func(_ *bot.Form, words string) bool { return fact.Answer(words) != "" },
		Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
			return bot.Prompt{Text: f.Say(fact.Ask, fact.Ask), Choices: append(choices(fact), e.byCode(f)...)}, nil
		},
		Accept: func(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
			if v := fact.Answer(en.Value); v != "" {
				return bot.Value{Value: v, Shown: fact.Show(v)}, nil, nil
			}
			if len(e.Policies().Hear(en.Value)) > 0 { // about another fact: Check takes it up
				return bot.Value{}, nil, nil
			}
			return bot.Value{}, &bot.Problem{Text: f.Say("这句没对上。从下面选一个就行，拿不准选“不确定”。", "Please choose one of these."), Choices: choices(fact)}, nil
		},
	}
}

// byCode is the way round the questions for a firm that the register knows, until one of
// them was asked.
func (e *Errand) byCode(f *bot.Form) []bot.Choice {
	firm := f.Get(policies.Scope) == "firm" || f.Has("ent.type")
	if e.City == nil || !firm || f.Asked != "" && f.Asked != policies.Scope {
		return nil
	}
	return []bot.Choice{{Text: f.Say("用企业代码查", "Use the firm's code"), Flow: register}}
}

func choices(fact policies.Fact) []bot.Choice {
	var out []bot.Choice
	for _, o := range append(slices.Clip(fact.Options), policies.Option{ID: policies.Unsure, Text: "不确定"}) {
		out = append(out, bot.Choice{Text: o.Text, Slot: fact.ID, Value: bot.Value{Value: o.ID, Shown: o.Text}})
	}
	return out
}

// hear takes up what the turn's words tell of facts not answered yet.
func (e *Errand) hear(f *bot.Form) {
	if f.Words == "" {
		return
	}
	if fact, ok := e.Policies().Fact(f.Asked); ok && slices.ContainsFunc(choices(fact), func(c bot.Choice) bool { return c.Text == strings.TrimSpace(f.Words) }) {
		return // an option means its own fact only
	} else if ok && fact.Number != "" && fact.Answer(f.Words) != "" {
		return // 3个人, told of those newly taken on, is not how many there are
	}
	for id, v := range e.Policies().Hear(f.Words) {
		if fact, ok := e.Policies().Fact(id); ok && id != f.Asked && (!f.Has(id) || slices.Contains(f.Acts, bot.Correct)) {
			f.Set(id, bot.Value{Value: v, Shown: fact.Show(v)})
		}
	}
}

// profile is what the form tells; what the citizen passed over is not sure.
func (e *Errand) profile(f *bot.Form) policies.Profile {
	p := policies.Profile{}
	for _, id := range e.Policies().Facts() {
		switch {
		case f.Has(id):
			p[id] = f.Get(id)
		case f.Passed(id):
			p[id] = policies.Unsure
		}
	}
	return p
}

// profileShown is what was told, in words.
func (e *Errand) profileShown(f *bot.Form) string {
	var parts []string
	for _, id := range e.Policies().Facts() {
		if v, ok := f.Value(id); ok && v.Value != policies.Unsure {
			fact, _ := e.Policies().Fact(id)
			said := v.Show()
			if fact.YesNo {
				said = fact.Label + "：" + said
			}
			parts = append(parts, said)
		}
	}
	return strings.Join(parts, "、")
}

// mostListed is how many policies one message names.
const mostListed = 4

// verdicts says what fits, what may, and what does not, with the reasons.
func (e *Errand) verdicts(f *bot.Form) []bot.Reply {
	if p := e.Policies().Policy(f.Get("policy")); p != nil {
		return []bot.Reply{alone(f, p.Match(e.profile(f), f.Now))}
	}
	var fits, open, not []policies.Verdict
	for _, v := range e.Policies().Match(e.profile(f), f.Now) {
		switch v.Fits {
		case policies.Yes:
			fits = append(fits, v)
		case policies.Unknown:
			open = append(open, v)
		default:
			not = append(not, v)
		}
	}
	first := listed(fits, policies.Yes, "可能符合的有 %d 项，因为：", "按您说的，没有一项已经完全对上。")
	if f.Channel == bot.Hotline {
		return []bot.Reply{{Text: short(fits, open), Citations: cited(fits)}}
	}
	replies := []bot.Reply{{Text: first, Citations: cited(fits)}}
	if len(open) > 0 {
		replies = append(replies, bot.Reply{Text: listed(open, policies.Unknown, "还要看条件的有 %d 项：", "")})
	}
	last := "是不是符合，以受理部门审核为准。"
	if len(not) > 0 {
		last = listed(not, policies.No, "不符合的有 %d 项，差在：", "") + "\n" + last
	}
	return append(replies, bot.Reply{Text: last})
}

func cited(all []policies.Verdict) []string {
	var out []string
	for _, v := range all[:min(mostListed, len(all))] {
		out = append(out, prefix+v.Policy.ID)
	}
	return out
}

// listed names policies with how they stand and the conditions that decide.
func listed(all []policies.Verdict, why policies.Truth, head, none string) string {
	if len(all) == 0 {
		return none
	}
	lines := []string{fmt.Sprintf(head, len(all))}
	for i, v := range all {
		if i == mostListed {
			lines = append(lines, fmt.Sprintf("还有 %d 项，想看哪项直接说名字", len(all)-mostListed))
			break
		}
		why := reasons(v, why)
		if !v.Standing.Current && v.Fits == policies.Yes {
			why = append(why, "但"+v.Standing.Words)
		}
		lines = append(lines, "· "+v.Policy.Title+"："+strings.Join(why, "；"))
	}
	return strings.Join(lines, "\n")
}

// reasons are the conditions with that outcome.
func reasons(v policies.Verdict, why policies.Truth) []string {
	var out []string
	for _, r := range v.Reasons {
		if r.Holds == why {
			out = append(out, r.Text)
		}
	}
	return out
}

// alone tells one policy condition by condition.
func alone(f *bot.Form, v policies.Verdict) bot.Reply {
	head := map[policies.Truth]string{
		policies.Yes: "“%s”的条件您说的都对上了。", policies.Unknown: "“%s”还有条件没定：", policies.No: "“%s”按您说的不符合：",
	}[v.Fits]
	lines := []string{fmt.Sprintf(head, v.Policy.Title)}
	for _, r := range v.Reasons {
		lines = append(lines, map[policies.Truth]string{policies.Yes: "✓ ", policies.Unknown: "？ ", policies.No: "✗ "}[r.Holds]+r.Text)
	}
	lines = append(lines, "现在还有吗："+v.Standing.Words)
	if v.Fits != policies.No {
		lines = append(lines, "怎么办："+v.Policy.Apply+"（"+v.Policy.Where+"）")
	}
	lines = append(lines, "是不是符合，以受理部门审核为准。")
	said := fmt.Sprintf(strings.TrimSuffix(head, "："), v.Policy.Title) + "。" + v.Standing.Words + "。"
	return bot.Reply{Text: strings.Join(lines, "\n"), Spoken: said, Source: source(v.Policy), Citations: citations(v.Policy)}
}

// short is the outcome for the phone.
func short(fits, open []policies.Verdict) string {
	if len(fits) == 0 {
		return fmt.Sprintf("没有一项已经完全对上，还有 %d 项要再看条件。详细的在微信里问我。", len(open))
	}
	var names []string
	for _, v := range fits[:min(3, len(fits))] {
		names = append(names, v.Policy.Title)
	}
	return fmt.Sprintf("可能符合 %d 项，比如%s。是不是符合以审核为准，详细的在微信里问我。", len(fits), strings.Join(names, "、"))
}

// ways leads on: to the policies that fit, and to being told of new ones.
func (e *Errand) ways(f *bot.Form) []bot.Choice {
	var out []bot.Choice
	if p := e.Policies().Policy(f.Get("policy")); p != nil {
		out = append(out, bot.Choice{Text: "看“" + p.Title + "”", Flow: bot.AskPolicy, Value: bot.Value{Value: prefix + p.ID}}, answerChoice(f, p.ID, "我要申请", "applying"))
		return append(out, bot.Choice{Text: f.Say("看别的哪些适合我", "Others that fit"), Flow: matching})
	}
	for _, v := range e.Policies().Match(e.profile(f), f.Now) {
		if v.Fits != policies.No && len(out) < 3 {
			out = append(out, bot.Choice{Text: "看“" + v.Policy.Title + "”", Flow: bot.AskPolicy, Value: bot.Value{Value: prefix + v.Policy.ID}})
		}
	}
	told := map[string]bot.Value{}
	for _, id := range e.Policies().Facts() {
		if v, ok := f.Value(id); ok && id != policies.Scope {
			told[id] = v
		}
	}
	c := bot.Choice{Text: f.Say("有新政策告诉我", "Tell me of new ones"), Flow: follow, Also: told}
	if scope, ok := f.Value(policies.Scope); ok {
		c.Slot, c.Value = policies.Scope, scope
	}
	return append(out, c)
}
