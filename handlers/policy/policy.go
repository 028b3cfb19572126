// Package policy is the errand of 惠企政策: finding what may fit, condition by
// condition; telling one policy with how it stands; following policies and
// being told of new and expiring ones; saying what is to come of one and
// whether it was of use.
//
// It refuses to promise: what fits "may fit", the authority decides. A policy
// whose last day passed, or whose dates nobody found, is told as such, never
// as in force.
package policy

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"guanjia/bot"
	"guanjia/bot/outreach"
	"guanjia/knowledge/policies"
	"guanjia/knowledge/words"
)

// Config is what the errand is made of.
type Config struct {
	// Policies are those in force now; they may be others at the next call.
	Policies func() *policies.Catalogue
	Ledger   outreach.Ledger
	// Commit runs a transaction of the store, for what is told unasked.
	Commit func(ctx context.Context, do func(bot.Tx) error) error
	// Style puts what is told unasked in the follower's script.
	Style bot.Styler
	// Bookable says whether a hall's window can be booked for a guide.
	Bookable func(guide string) bool
	// City knows firms; nil: facts are asked for one by one.
	City City
	// Otherwise answers what names no policy and asks for no matching.
	Otherwise *bot.Answer
}

// Errand answers on policies.
type Errand struct {
	Config
	told toldOn
}

// New ties the errand together.
func New(c Config) *Errand { return &Errand{Config: c} }

// The flows; to the outside they all serve asking for policies.
const (
	matching bot.Intent = "policy:match"
	follow   bot.Intent = "policy:follow"
	stop     bot.Intent = "policy:stop"
	notices  bot.Intent = "policy:notices"
	respond  bot.Intent = "policy:respond"
)

// prefix begins what the errand's options ask for, and its citations.
const prefix = "policy:"

// Flows are the errand's flows.
func (e *Errand) Flows() []*bot.Flow {
	flows := []*bot.Flow{e.match(), e.follow(), e.stop(), e.notices(), e.respond()}
	if e.City != nil {
		flows = append(flows, e.firm())
	}
	return flows
}

// Answer answers questions on policies.
func (e *Errand) Answer() *bot.Answer {
	return &bot.Answer{Intent: e.Otherwise.Intent, Name: e.Otherwise.Name, Reply: e.reply, Takes: e.takes}
}

// takes says whether words only tell facts that policies go by: 我们公司30人.
func (e *Errand) takes(_ bot.Topic, u *bot.Understanding) bool {
	return !u.Question && len(e.Policies().Hear(u.Text)) > 0
}

// commands are words for the errand's own deeds, folded, the narrower first.
var commands = []struct {
	any  []string
	flow bot.Intent
}{
	{[]string{"退订政策", "取消订阅政策", "不要再推政策", "取消政策提醒", "退订惠企", "取消政策订阅"}, stop},
	{[]string{"看政策提醒", "政策提醒", "看看政策通知", "政策通知"}, notices},
	{[]string{"订阅政策", "订阅惠企", "有新政策告诉我", "有新政策提醒我", "新政策通知我", "关注政策", "政策订阅"}, follow},
}

// matchingWords ask for what fits, folded; weakly those that a service guide may
// answer too.
var (
	matchingWords = words.FoldAll([]string{"适合我", "适合", "符合什么", "符合哪些", "能享受什么", "能享受哪些", "可以享受什么", "可以享受哪些", "有哪些惠企", "有什么惠企", "惠企政策有", "匹配政策", "政策匹配", "有哪些优惠政策", "有什么优惠政策"})
	weakly        = regexp.MustCompile(`(?:能|可以)申请(?:什么|哪些|啥|咩|乜)|(?:什么|哪些|啥|咩嘢?|乜嘢?|边啲|有没有|有冇)(?:扶持|优惠|惠企|企业|创业|的|嘅)*(?:补贴|政策|优惠|扶持|资助|奖励|补助)`)
)

// bare are the errand's own name and its like, which ask for nothing yet; politely
// takes out what is said around it.
var (
	bare     = words.FoldAll([]string{"惠企政策", "惠企", "企业政策", "优惠政策", "扶持政策", "补贴政策", "政策", "政策补贴", "企业补贴", "企业优惠", "企业扶持"})
	politely = strings.NewReplacer("我想", "", "我要", "", "想要", "", "请问", "", "唔该", "", "麻烦", "", "帮我", "", "问下", "", "问一下", "", "查一下", "", "看一下", "", "了解", "", "咨询", "", "看看", "", "查查", "", "问问", "", "一下", "", "问", "", "查", "", "看", "", "的", "", "嘅", "", "呢", "", "吧", "", "啊", "", "想", "", "有关", "", "关于", "")
)

// command is the flow that words ask for, empty if none.
func command(said string) bot.Intent {
	for _, c := range commands {
		if words.ContainsAny(said, c.any) {
			return c.flow
		}
	}
	return ""
}

// Hears says whether words are for this errand, however unsure the intent
// layer is of them.
func Hears(text string) bool {
	said := words.Fold(text)
	return command(said) != "" || words.ContainsAny(said, matchingWords) && words.ContainsAny(said, []string{"补贴", "政策", "优惠", "惠企"})
}

func (e *Errand) reply(ctx context.Context, q *bot.Query) (bot.Response, error) {
	if id, ok := strings.CutPrefix(q.Chosen, prefix); ok {
		if p := e.Policies().Policy(id); p != nil {
			return e.tell(q, p), nil
		}
		return bot.Response{Unknown: true}, nil
	}
	text := q.Understanding.Text
	if q.Chosen != "" {
		return e.Otherwise.Reply(ctx, q)
	}
	said := words.Fold(text)
	if text == "" || q.During == "" && slices.Contains(bare, politely.Replace(said)) { // the menu's button, or its words
		return e.opening(q), nil
	}
	if flow := command(said); flow != "" && q.During == "" {
		return bot.Response{Start: &bot.Waiting{Flow: flow, Text: text}}, nil
	}
	if p := e.Policies().Find(text); p != nil {
		return e.named(ctx, q, p)
	}
	if q.During == "" && words.ContainsAny(said, matchingWords) {
		return bot.Response{Start: &bot.Waiting{Flow: matching, Text: text}}, nil
	}
	r, err := e.Otherwise.Reply(ctx, q)
	if err == nil && q.During == "" && r.Unknown && e.takes(q.Topic, &q.Understanding) {
		return bot.Response{Start: &bot.Waiting{Flow: matching, Text: text}}, nil
	}
	if err == nil && q.During == "" && r.Unknown && !weakly.MatchString(said) {
		r.Choices = e.near(q, text)
	}
	if err != nil || q.During != "" || !weakly.MatchString(said) {
		return r, err
	}
	if r.Unknown || r.Clarify {
		return bot.Response{Start: &bot.Waiting{Flow: matching, Text: text}}, nil
	}
	r.Choices = append(r.Choices, bot.Choice{Text: q.Say("看哪些适合我", "What fits me"), Flow: matching})
	return r, nil
}

// mostNear is how many policies are offered beside an answer that is not known.
const mostNear = 3

// near offers the policies whose names come nearest to what nobody knows, what may fit,
// and a person.
func (e *Errand) near(q *bot.Query, text string) []bot.Choice {
	var out []bot.Choice
	for _, p := range e.Policies().Like(text, mostNear) {
		out = append(out, bot.Choice{Text: p.Title, Flow: bot.AskPolicy, Value: bot.Value{Value: prefix + p.ID}})
	}
	return append(out, bot.Choice{Text: q.Say("看哪些适合我", "What fits me"), Flow: matching}, bot.Choice{Text: q.Say("转人工", "A person"), Flow: bot.TalkToOperator})
}

// opening is what the menu's button says.
func (e *Errand) opening(q *bot.Query) bot.Response {
	r := bot.Response{
		Replies: []bot.Reply{{Text: q.Say("想知道哪项政策？可以直接说名字，比如“六税两费”；也可以答几个问题，看哪些可能适合您。", "Name a policy, or answer a few questions to see what may fit.")}},
		Topic:   bot.Topic{Of: bot.AskPolicy},
		Choices: []bot.Choice{
			{Text: q.Say("看哪些适合我", "What fits me"), Flow: matching},
			{Text: q.Say("有新政策告诉我", "Tell me of new ones"), Flow: follow},
		},
	}
	if e.City != nil {
		r.Choices = append(r.Choices, bot.Choice{Text: q.Say("用企业代码查", "Use the firm's code"), Flow: register})
	}
	return r
}

// named answers on a policy that was named: where a service guide stands for
// it, the guide speaks first.
func (e *Errand) named(ctx context.Context, q *bot.Query, p *policies.Policy) (bot.Response, error) {
	if p.Guide != "" && !p.Standing(q.Now).Current {
		r, err := e.Otherwise.Reply(ctx, q)
		if err != nil || !r.Unknown && !r.Clarify {
			if err == nil && q.During == "" {
				r.Choices = append(r.Choices, check(q.Form, p))
			}
			return r, err
		}
	}
	return e.tell(q, p), nil
}

// check offers to hold one policy against what the citizen tells.
func check(f *bot.Form, p *policies.Policy) bot.Choice {
	return bot.Choice{Text: f.Say("看我符不符合", "Do I qualify"), Flow: matching, Slot: "policy", Value: bot.Value{Value: p.ID, Shown: p.Title}}
}

// tell tells one policy, with how it stands before all else.
func (e *Errand) tell(q *bot.Query, p *policies.Policy) bot.Response {
	s := p.Standing(q.Now)
	r := bot.Response{
		Replies: []bot.Reply{{Text: detail(p, s), Spoken: spoken(p, s), Source: source(p), Citations: citations(p)}},
		Topic:   bot.Topic{Guide: p.Guide, Text: p.Title},
	}
	if q.During != "" {
		return r
	}
	r.Choices = []bot.Choice{check(q.Form, p)}
	if p.Guide != "" && e.Bookable(p.Guide) {
		r.Choices = append(r.Choices, bot.Choice{Text: q.Say("预约窗口", "Book a window"), Flow: bot.BookAppointment, Slot: "service", Value: bot.Value{Value: p.Guide, Shown: p.Title}})
	}
	if p.Theme != "" {
		r.Choices = append(r.Choices, bot.Choice{Text: q.Say("一步步带我办", "Lead me through"), Flow: bot.Intent("theme:" + p.Theme)})
	}
	r.Choices = append(r.Choices, answerChoice(q.Form, p.ID, "我要申请", outreach.Applying), answerChoice(q.Form, p.ID, "有用", outreach.Useful), answerChoice(q.Form, p.ID, "没帮上", outreach.Useless))
	return r
}

func answerChoice(f *bot.Form, policy, text string, a outreach.Answer) bot.Choice {
	return bot.Choice{Text: f.Say(text, ""), Flow: respond, Slot: "policy", Value: bot.Value{Value: policy}, Also: map[string]bot.Value{"answer": {Value: string(a)}}}
}

// detail words a policy. Amounts of what is not in force are told as the
// paper's, not as today's.
func detail(p *policies.Policy, s policies.Standing) string {
	gives := "给什么："
	if !s.Current {
		gives = "资料写的："
	}
	lines := []string{p.Title, "现在还有吗：" + s.Words, "给谁：" + p.Who, gives + p.Benefit, "条件" + logic(p) + "："}
	for _, c := range p.Conditions {
		lines = append(lines, "· "+c.Text)
	}
	lines = append(lines, "怎么办："+p.Apply+"（"+p.Where+"）")
	if len(p.Basis) > 0 {
		lines = append(lines, "依据："+strings.Join(p.Basis, "、"))
	}
	if len(p.Old) > 0 {
		lines = append(lines, "以前的口径，已不执行："+strings.Join(p.Old, "；"))
	}
	if len(p.Gaps) > 0 {
		lines = append(lines, "还没有核实到："+strings.Join(p.Gaps, "；"))
	}
	return strings.Join(lines, "\n")
}

func logic(p *policies.Policy) string {
	if len(p.Conditions) < 2 {
		return ""
	}
	if p.Logic == "any" {
		return "（满足一条就行）"
	}
	return "（都要满足）"
}

// spoken is a policy in two sentences for the phone.
func spoken(p *policies.Policy, s policies.Standing) string {
	if !s.Current {
		return p.Title + "，" + s.Words + "。"
	}
	benefit := []rune(p.Benefit)
	if at := slices.IndexFunc(benefit, func(r rune) bool { return r == '；' || r == '，' }); at > 0 {
		benefit = benefit[:at]
	}
	return p.Title + "，" + s.Words + "。" + string(benefit) + "。"
}

func source(p *policies.Policy) string {
	if len(p.Sources) == 0 {
		return ""
	}
	text := "来源：" + p.Sources[0]
	if len(p.Sources) > 1 {
		text += "等" + string(rune('0'+min(len(p.Sources), 9))) + "份资料"
	}
	return text + "（" + p.AsOf + "）"
}

func citations(p *policies.Policy) []string {
	out := []string{prefix + p.ID}
	if p.Guide != "" {
		out = append(out, p.Guide+"#overview")
	}
	return out
}
