// Package claim is the errand of volunteers, residents and firms who want to
// fulfil a wish (社会认领): they take one from the public list, or say what
// they can offer. Either goes to the social workers, who confirm and deliver.
//
// It refuses to show who made a wish.
package claim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Wishes ticket.Wishes
	Towns  map[string]string // id → name
}

// Errand takes claims and offers.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// shown is how many wishes are offered at once.
const shown = 5

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	town := bot.TownSlot(e.Towns, "想帮哪个镇街的人？哪里都行就回“都可以”。", "Which town would you like to help in? Say \"skip\" for anywhere.")
	town.Optional, town.Why = true, "按镇街配对，社工上门也方便。"
	town.Needed = func(f *bot.Form) bool { return !f.Has("wish") && f.Passed("wish") || f.Has("text") }
	return &bot.Flow{
		Intent: bot.ClaimWish, Name: "认领微心愿", NameEN: "fulfilling a wish",
		Slots: []bot.Slot{
			{Name: "wish", Label: "心愿", LabelEN: "Wish", Types: []bot.EntityType{bot.TicketNo}, Optional: true,
				Why: "认领哪一个，就把哪一个留给您。", WhyEN: "So that it is kept for you.",
				Needed: e.choosable, Ask: e.askWish, Accept: e.acceptWish},
			{Name: "text", Label: "能帮什么", LabelEN: "Offer", Free: true,
				Needed: func(f *bot.Form) bool { return !f.Has("wish") },
				Why:    "知道您能帮什么，才好配上合适的心愿。", WhyEN: "So that a fitting wish can be found.",
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("谢谢您愿意帮忙。您能帮点什么？比如出一台轮椅、陪老人看病、资助学费。", "Thank you. What can you offer?")}, nil
				},
				Accept: acceptOffer},
			town,
			bot.NameSlot("怎么称呼您或您的单位？", "What is your name or your firm's?", "社工联系您时要知道是谁。", "So that the social worker can address you."),
			bot.PhoneSlot("留个手机号，社工好联系您。", "Please give a phone number for the social worker.", "认领要由社工确认和转交。", "A social worker confirms and delivers."),
		},
		Begin: e.begin, Confirm: e.confirm, Commit: e.commit,
		Gist: func(f *bot.Form) string { return "社会认领：" + f.Get("text") + f.Get("wish") },
	}
}

// begin takes the opening words as the offer where they name one, and fills in
// who the citizen is.
func (e *Errand) begin(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if !f.Has("wish") && offers(f.Words) {
		f.Set("text", bot.Value{Value: strings.TrimSpace(f.Words)})
	}
	if !f.Has("name") && f.Citizen.Name != "" {
		f.Set("name", bot.Value{Value: f.Citizen.Name.Reveal()})
	}
	if !f.Has("phone") && f.Citizen.Phone != "" {
		phone := f.Citizen.Phone.Reveal()
		f.Set("phone", bot.Value{Value: phone, Shown: bot.MaskPhone(phone)})
	}
	return nil, nil
}

// offers says whether words already say what is given.
func offers(words string) bool {
	for _, w := range []string{"捐", "送", "出钱", "资助", "买", "提供", "陪", "donate", "give"} {
		if strings.Contains(words, w) {
			return utf8.RuneCountInString(words) >= 6
		}
	}
	return false
}

func acceptOffer(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if utf8.RuneCountInString(en.Value) < 2 {
		return bot.Value{}, &bot.Problem{Text: f.Say("再具体一点？", "A little more, please?")}, nil
	}
	return bot.Value{Value: en.Value}, nil, nil
}

// choosable says whether there is an open wish to choose, and no offer of
// another kind.
func (e *Errand) choosable(f *bot.Form) bool {
	if f.Has("text") {
		return false
	}
	open, err := e.open(context.Background(), f)
	return err == nil && len(open) > 0
}

// open are the wishes nobody has claimed, of the town told if any, not the
// citizen's own.
func (e *Errand) open(ctx context.Context, f *bot.Form) ([]ticket.Wish, error) {
	if e.Wishes == nil {
		return nil, nil
	}
	return e.Wishes.Wishes(ctx, ticket.WishQuery{Town: f.Get("town"), Open: true, Limit: shown})
}

func (e *Errand) askWish(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
	open, err := e.open(ctx, f)
	if err != nil {
		return bot.Prompt{}, err
	}
	var choices []bot.Choice
	for _, w := range open {
		choices = append(choices, bot.Choice{Text: w.Text, Slot: "wish", Value: bot.Value{Value: w.Number, Shown: w.Text}})
	}
	return bot.Prompt{
		Text:    f.Say("谢谢您愿意帮忙。这些心愿在等人认领，选哪一个？都不合适就回“都不是”，告诉我您能帮什么。", "Thank you. These wishes are waiting. Which one? Say \"none\" to tell me what else you can offer."),
		Choices: choices,
	}, nil
}

func (e *Errand) acceptWish(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	all, err := e.Wishes.Wishes(ctx, ticket.WishQuery{Open: true})
	if err != nil {
		return bot.Value{}, nil, err
	}
	for _, w := range all {
		if w.Number == en.Value {
			return bot.Value{Value: w.Number, Shown: w.Text}, nil, nil
		}
	}
	return bot.Value{}, &bot.Problem{Text: f.Say("这个心愿不在等认领的名单上。", "That wish is not on the list."), Cause: "no such open wish"}, nil
}

func (e *Errand) confirm(_ context.Context, f *bot.Form) (bot.Reply, error) {
	what := f.Say("能帮：", "Offer: ") + f.Get("text")
	if v, ok := f.Value("wish"); ok {
		what = f.Say("心愿：", "Wish: ") + v.Show()
	} else if t := e.Towns[f.Get("town")]; t != "" {
		what += f.Say("\n镇街：", "\nTown: ") + t
	}
	return bot.Reply{Text: f.Say("请核对：\n%s\n称呼：%s\n电话：%s\n没问题请回“确认”。", "Please check:\n%s\nName: %s\nPhone: %s\nIf all is right, say \"confirm\".",
		what, f.Get("name"), bot.MaskPhone(f.Get("phone")))}, nil
}

func (e *Errand) commit(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	number := f.Get("wish")
	summary := strings.TrimSpace("社会认领：" + f.Get("text") + " " + e.Towns[f.Get("town")])
	said := f.Say("收到您的心意了。社工会和您联系，配上合适的心愿，由社工转交，双方信息都保密。", "Thank you. A social worker will contact you and match your offer; both sides stay confidential.")
	if number != "" {
		w, err := e.Wishes.ClaimWish(ctx, tx, number, f.Citizen.ID, f.Now)
		if errors.Is(err, ticket.ErrClaimed) || errors.Is(err, ticket.ErrNoTicket) {
			return nil, &bot.Problem{Text: f.Say("这个心愿刚被别人认领了，谢谢您。", "Somebody else has just claimed it, thank you."), Clear: []string{"wish"}, Cause: err.Error()}
		}
		if err != nil {
			return nil, fmt.Errorf("claim wish: %w", err)
		}
		summary = "社会认领：" + number + " " + w.Text
		said = f.Say("认领好了：%s（编号 %s）。社工会和您联系，由社工转交，双方信息都保密。", "Claimed: %s (%s). A social worker will contact you and deliver; both sides stay confidential.", w.Text, number)
	}
	_, err := tx.OpenHandoff(bot.Handoff{
		Citizen: f.Citizen.ID, Channel: f.Channel, Reason: bot.ReasonAsked, Priority: 2, Summary: summary,
		Intent: bot.ClaimWish, Town: f.Get("town"), Status: bot.HandoffWaiting, At: f.Now,
		Slots: map[string]string{"text": f.Get("text"), "wish": number, "name": bot.MaskName(f.Get("name")), "phone": bot.MaskPhone(f.Get("phone"))},
	})
	if err != nil {
		return nil, fmt.Errorf("hand the offer over: %w", err)
	}
	return []bot.Reply{{Text: said}}, nil
}
