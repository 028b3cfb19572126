package claim

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// What a claimant may want of claims they hold.
const (
	look     = "look"
	giveBack = "give back"
)

// deedOf hears what is wanted of claims there are; empty: to claim or offer.
func deedOf(words string) string {
	words = strings.ToLower(words)
	contains := func(all ...string) bool {
		for _, w := range all {
			if strings.Contains(words, w) {
				return true
			}
		}
		return false
	}
	switch {
	case contains("不帮了", "帮不了", "帮唔到") && contains("退", "放回", "不要了"):
		return giveBack
	case !contains("认领", "認領", "claim"):
		return ""
	case contains("帮不了", "帮不上", "帮唔到", "放弃", "退回", "取消认领", "不认领", "不想认领", "放回", "撤回", "退认领", "送不了", "give back", "give up", "cannot"):
		return giveBack
	case contains("我认领的", "我認領的", "我认领了", "认领过", "my claim") && contains("怎么样", "怎样", "点样", "进度", "到哪", "送到", "哪些", "哪个", "什么", "收到", "如何", "how"):
		return look
	case claimedBefore.MatchString(words): // 上次认领的那个心愿怎么样了
		return look
	case contains("我认领的", "我認領的", "my claim") && utf8.RuneCountInString(words) <= 9: // 我认领的心愿
		return look
	}
	return ""
}

// claimedBefore asks after what was claimed some time ago.
var claimedBefore = regexp.MustCompile(`(?:上次|之前|前几天|前阵子|上个?月|上周|那天|早前|已经|我)[^，。]{0,4}[认認][领領](?:过|了|咗|到)?(?:的|嘅)?[^，。]{0,8}(?:怎么样|怎样|点样|點樣|如何|进度|進度|到哪|送到|收到|好了吗|好了没|搞掂未)`)

// mostMine is how many of a citizen's claims are told.
const mostMine = 5

// mine sees to claims the citizen holds: it tells of them, or chooses the one
// to be given back.
func (e *Errand) mine(ctx context.Context, f *bot.Form, deed string) (*bot.Problem, error) {
	claims, err := e.Claims.ClaimsBy(ctx, f.Citizen.ID, mostMine)
	if err != nil {
		return nil, fmt.Errorf("list the citizen's claims: %w", err)
	}
	if len(claims) == 0 {
		return &bot.Problem{Text: f.Say("您还没有认领过心愿。想看看有哪些在等，回“认领心愿”。", "You have not claimed a wish yet."), End: true, Cause: "no claims"}, nil
	}
	texts, err := e.texts(ctx)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, c := range claims {
		if deed == look {
			lines = append(lines, f.Say("%s（%s）：%s", "%s (%s): %s", texts[c.Wish], c.Wish, f.Say(c.Status.Title(), string(c.Status))))
		}
	}
	if deed == look {
		return &bot.Problem{Text: f.Say("您认领的：\n", "Your claims:\n") + strings.Join(lines, "\n"), End: true, Cause: "told of claims"}, nil
	}
	held := binding(claims)
	if len(held) == 0 {
		return &bot.Problem{Text: f.Say("您手上没有待送达的认领，不用放回。谢谢您。", "You hold no claim that could be given back. Thank you."), End: true, Cause: "nothing to give back"}, nil
	}
	f.Set("deed", bot.Value{Value: giveBack})
	if len(held) == 1 {
		f.Set("back", bot.Value{Value: held[0].Wish, Shown: texts[held[0].Wish]})
	}
	return nil, nil
}

// binding are the claims not yet delivered or given back.
func binding(claims []ticket.Claim) []ticket.Claim {
	var held []ticket.Claim
	for _, c := range claims {
		if c.Status == ticket.ClaimHeld || c.Status == ticket.ClaimConfirmed {
			held = append(held, c)
		}
	}
	return held
}

// texts are what the wishes say, by number.
func (e *Errand) texts(ctx context.Context) (map[string]string, error) {
	all, err := e.Wishes.Wishes(ctx, ticket.WishQuery{})
	if err != nil {
		return nil, fmt.Errorf("list wishes: %w", err)
	}
	texts := map[string]string{}
	for _, w := range all {
		texts[w.Number] = w.Text
	}
	return texts, nil
}

func (e *Errand) askBack(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
	claims, err := e.Claims.ClaimsBy(ctx, f.Citizen.ID, mostMine)
	if err != nil {
		return bot.Prompt{}, fmt.Errorf("list the citizen's claims: %w", err)
	}
	texts, err := e.texts(ctx)
	if err != nil {
		return bot.Prompt{}, err
	}
	var choices []bot.Choice
	for _, c := range binding(claims) {
		choices = append(choices, bot.Choice{Text: texts[c.Wish], Slot: "back", Value: bot.Value{Value: c.Wish, Shown: texts[c.Wish]}})
	}
	return bot.Prompt{Text: f.Say("要放回哪一个？", "Which one do you give back?"), Choices: choices, Which: true}, nil
}

// release gives a claim back inside the turn's commit.
func (e *Errand) release(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	err := e.Claiming.GiveBack(ctx, tx, f.Get("back"), f.Citizen.ID, f.Now)
	var no *ticket.Refusal
	if errors.As(err, &no) {
		return nil, &bot.Problem{Text: f.Say(no.Text, "It cannot be given back any more."), End: true, Cause: no.Cause}
	}
	if err != nil {
		return nil, fmt.Errorf("give a claim back: %w", err)
	}
	return []bot.Reply{{Text: f.Say("放回好了，别人可以接着认领。有这份心就很好，谢谢您。", "It is given back; others may claim it. Thank you all the same.")}}, nil
}

// mostFitting is how many wishes are told to whoever makes an offer.
const mostFitting = 3

// met are the needs an offer in these words would meet.
func met(words string) []string { return ticket.IDs(ticket.NeedsOf(words)) }

// fit looks for open wishes that an offer fits, so that they can be claimed at
// once: number and wording of each on a line.
func (e *Errand) fit(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	needs := met(f.Get("text"))
	if len(needs) == 0 || f.Has("wish") || f.Has("deed") {
		return nil, nil
	}
	open, err := e.Wishes.Wishes(ctx, ticket.WishQuery{Town: f.Get("town"), Needs: needs, Open: true, Limit: mostFitting})
	if err != nil {
		return nil, fmt.Errorf("look for fitting wishes: %w", err)
	}
	f.Clear("fitting")
	var lines []string
	for _, w := range open {
		lines = append(lines, w.Number+" "+w.Text)
	}
	if len(lines) > 0 {
		f.Set("fitting", bot.Value{Value: strings.Join(lines, "\n")})
	}
	return nil, nil
}
