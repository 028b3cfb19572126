package policy

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/outreach"
	"guanjia/knowledge/policies"
)

// follow takes down who wants to be told, with what they told of themselves.
func (e *Errand) follow() *bot.Flow {
	return &bot.Flow{
		Intent: follow, Within: bot.AskPolicy, Name: "订阅政策提醒", NameEN: "being told of new policies",
		Slots: e.facts(func(_ *bot.Form, fact string) bool { return fact == policies.Scope }),
		Check: func(_ context.Context, f *bot.Form) (*bot.Problem, error) { e.hear(f); return nil, nil },
		Confirm: func(_ context.Context, f *bot.Form) (bot.Reply, error) {
			told := e.profileShown(f)
			if told == "" {
				told = "没有限定"
			}
			return bot.Reply{Text: f.Say("请核对：\n提醒什么：新出的、还有 30 天到期的政策\n按什么挑："+told+"\n怎么告诉您：在这里发消息\n只记这几样，随时回“退订政策”就停。没问题请回“确认”。",
				"Please check: you will be told here of new policies and of those about to end. Say \"confirm\".")}, nil
		},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			s := outreach.Subscription{Citizen: f.Citizen.ID, Profile: e.profile(f), To: f.From, Language: f.Language, CreatedAt: f.Now}
			if err := e.Ledger.FollowPolicies(ctx, tx, s); err != nil {
				return nil, err
			}
			return []bot.Reply{{Text: f.Say("订好了。有新政策或快到期的，我发消息告诉您；不想收了回“退订政策”。", "Done. Say \"退订政策\" to stop.")}}, nil
		},
		Gist: func(f *bot.Form) string { return "订阅政策提醒：" + e.profileShown(f) },
	}
}

// stop ends it.
func (e *Errand) stop() *bot.Flow {
	return &bot.Flow{
		Intent: stop, Within: bot.AskPolicy, Name: "退订政策提醒", NameEN: "no longer being told of policies", Undoes: true,
		Kept: "好的，政策提醒还照旧。", KeptEN: "All right, nothing changes.",
		Begin: func(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
			on, err := e.Ledger.FollowsPolicies(ctx, f.Citizen.ID)
			if err != nil || on {
				return nil, err
			}
			return &bot.Problem{Text: f.Say("您没有订阅政策提醒，不会收到。", "You are not subscribed."), End: true}, nil
		},
		Confirm: func(_ context.Context, f *bot.Form) (bot.Reply, error) {
			return bot.Reply{Text: f.Say("退订后不再发政策提醒，确认退订吗？", "Stop telling you of policies?")}, nil
		},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			if _, err := e.Ledger.UnfollowPolicies(ctx, tx, f.Citizen.ID, f.Now); err != nil {
				return nil, err
			}
			return []bot.Reply{{Text: f.Say("退订了，还没发的提醒也撤回了。", "Done.")}}, nil
		},
	}
}

// notices shows what the citizen was told of lately; looking marks it as seen.
func (e *Errand) notices() *bot.Flow {
	return &bot.Flow{
		Intent: notices, Within: bot.AskPolicy, Name: "看政策提醒", NameEN: "policy notices",
		Slots: []bot.Slot{{Name: "policies"}},
		Begin: func(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
			mine, err := e.Ledger.PolicyNotices(ctx, f.Citizen.ID, 10)
			if err != nil {
				return nil, err
			}
			var ids []string
			for _, n := range mine {
				if e.Policies().Policy(n.Policy) != nil && len(ids) < mostListed && !strings.Contains(strings.Join(ids, ","), n.Policy) {
					ids = append(ids, n.Policy)
				}
			}
			if len(ids) == 0 {
				return &bot.Problem{Text: f.Say("还没有给您发过政策提醒。", "There are no notices."), End: true,
					Choices: []bot.Choice{{Text: f.Say("看哪些适合我", "What fits me"), Flow: matching}}}, nil
			}
			f.Set("policies", bot.Value{Value: strings.Join(ids, ",")})
			return nil, nil
		},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			if err := e.Ledger.SeePolicy(ctx, tx, f.Citizen.ID, "", f.Now); err != nil {
				return nil, err
			}
			lines := []string{f.Say("最近提醒过您的政策：", "Lately:")}
			for _, id := range strings.Split(f.Get("policies"), ",") {
				p := e.Policies().Policy(id)
				lines = append(lines, "· "+p.Title+"："+p.Standing(f.Now).Words)
			}
			return []bot.Reply{{Text: strings.Join(lines, "\n")}}, nil
		},
		After: func(f *bot.Form) ([]bot.Choice, bot.Topic) {
			var out []bot.Choice
			for _, id := range strings.Split(f.Get("policies"), ",") {
				if p := e.Policies().Policy(id); p != nil {
					out = append(out, bot.Choice{Text: "看“" + p.Title + "”", Flow: bot.AskPolicy, Value: bot.Value{Value: prefix + id}})
				}
			}
			return out, bot.Topic{Text: "惠企政策"}
		},
	}
}

// respond keeps what a citizen says is to come of a policy, or whether its
// telling was of use.
func (e *Errand) respond() *bot.Flow {
	return &bot.Flow{
		Intent: respond, Within: bot.AskPolicy, Name: "回应政策",
		Slots: []bot.Slot{{Name: "policy"}, {Name: "answer"}},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			id, a := f.Get("policy"), outreach.Answer(f.Get("answer"))
			p := e.Policies().Policy(id)
			if p == nil {
				return nil, &bot.Problem{Text: f.Say("这项政策现在查不到了。", "That policy is no longer there."), End: true}
			}
			if err := e.Ledger.SeePolicy(ctx, tx, f.Citizen.ID, id, f.Now); err != nil {
				return nil, err
			}
			if err := e.Ledger.AnswerPolicy(ctx, tx, f.Citizen.ID, id, a, f.Now); err != nil {
				return nil, err
			}
			if a != outreach.Applying {
				return []bot.Reply{{Text: f.Say("谢谢，记下了，会照着改进。", "Thank you, noted.")}}, nil
			}
			text := "记下了。怎么办：" + p.Apply + "（" + p.Where + "）。"
			if s := p.Standing(f.Now); !s.Current {
				text += "不过" + s.Words + "。"
			}
			return []bot.Reply{{Text: text, Source: source(p), Citations: citations(p)}}, nil
		},
	}
}

// toldOn remembers the day the followers were last told, so that a task that
// is called every minute looks once a day and once for each set of policies.
type toldOn struct {
	mu   sync.Mutex
	day  string
	seen *policies.Catalogue
}

// The hours within which followers are told, and for how long a policy is new.
const (
	quietUntil = 9
	quietFrom  = 20
	newFor     = 60 * 24 * time.Hour
)

// Announce tells followers of new and expiring policies that fit them or may
// fit them, by day. Doing it twice tells nobody twice.
func (e *Errand) Announce(ctx context.Context, now time.Time) error {
	now = now.In(bot.Shanghai())
	if now.Hour() < quietUntil || now.Hour() >= quietFrom {
		return nil
	}
	e.told.mu.Lock()
	defer e.told.mu.Unlock()
	c := e.Policies()
	if e.told.day == now.Format(time.DateOnly) && e.told.seen == c {
		return nil
	}
	expiring := c.Expiring(now, outreach.ExpiryNotice)
	err := e.Ledger.PolicyFollowers(ctx, func(s outreach.Subscription) error {
		return e.announceTo(ctx, s, expiring, c.New(latest(s.CreatedAt, now.Add(-newFor)), now), now)
	})
	if err != nil {
		return fmt.Errorf("tell followers of policies: %w", err)
	}
	e.told.day, e.told.seen = now.Format(time.DateOnly), c
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// announceTo tells one follower, a notice for each policy that is none of "no".
func (e *Errand) announceTo(ctx context.Context, s outreach.Subscription, expiring, fresh []*policies.Policy, now time.Time) error {
	var due []outreach.Notice
	add := func(event outreach.Event, all []*policies.Policy) {
		for _, p := range all {
			if p.Suits(s.Profile[policies.Scope]) && p.Match(s.Profile, now).Fits != policies.No {
				key := strings.Join([]string{"policy", p.ID, string(event), p.Ends(), p.Published, string(s.Citizen)}, ":")
				due = append(due, outreach.Notice{Key: key, Citizen: s.Citizen, Policy: p.ID, Event: event, At: now})
			}
		}
	}
	add(outreach.New, fresh)
	add(outreach.Expiring, expiring)
	if len(due) == 0 {
		return nil
	}
	return e.Commit(ctx, func(tx bot.Tx) error {
		for _, n := range due {
			reply := bot.Reply{Text: e.notice(n, now)}
			if e.Style != nil {
				reply = e.Style(s.Language, reply)
			}
			if err := e.Ledger.TellPolicy(ctx, tx, n, bot.Outgoing{To: s.To, Reply: reply, Due: now, From: "bot"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// notice words what a follower is told.
func (e *Errand) notice(n outreach.Notice, now time.Time) string {
	p := e.Policies().Policy(n.Policy)
	lead := "有一项新政策您可能用得上："
	if n.Event == outreach.Expiring {
		lead = "有一项政策快到期了："
	}
	return lead + "“" + p.Title + "”（" + p.Standing(now).Words + "）。\n想看条件和办法，回“看政策提醒”；不想再收，回“退订政策”。"
}
