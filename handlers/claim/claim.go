// Package claim is the errand of volunteers, residents and firms who want to
// fulfil a wish (社会认领): what they offer, where, and how to reach them. The
// offer goes to the people who match offers and wishes.
//
// It refuses to show who made a wish.
package claim

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
)

// Config is what the errand is made of.
type Config struct {
	Towns map[string]string // id → name
}

// Errand takes offers.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	town := bot.TownSlot(e.Towns, "想帮哪个镇街的人？哪里都行就回“都可以”。", "Which town would you like to help in? Say \"skip\" for anywhere.")
	town.Optional = true
	return &bot.Flow{
		Intent: bot.ClaimWish, Name: "认领微心愿", NameEN: "fulfilling a wish",
		Slots: []bot.Slot{
			{Name: "text", Label: "能帮什么", LabelEN: "Offer", Free: true,
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("谢谢您愿意帮忙。您能帮点什么？比如出一台轮椅、陪老人看病、资助学费。", "Thank you. What can you offer?")}, nil
				},
				Accept: func(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
					if utf8.RuneCountInString(en.Value) < 2 {
						return bot.Value{}, &bot.Problem{Text: f.Say("再具体一点？", "A little more, please?")}, nil
					}
					return bot.Value{Value: en.Value}, nil, nil
				}},
			town,
			bot.NameSlot("怎么称呼您或您的单位？", "What is your name or your firm's?", "社工联系您时要知道是谁。", "So that the social worker can address you."),
			bot.PhoneSlot("留个手机号，社工好联系您。", "Please give a phone number for the social worker.", "认领要由社工确认和转交。", "A social worker confirms and delivers."),
		},
		Confirm: func(_ context.Context, f *bot.Form) (bot.Reply, error) {
			where := f.Say("都可以", "anywhere")
			if t := e.Towns[f.Get("town")]; t != "" {
				where = t
			}
			return bot.Reply{Text: f.Say("请核对：\n能帮：%s\n镇街：%s\n称呼：%s\n电话：%s\n没问题请回“确认”。", "Please check:\nOffer: %s\nTown: %s\nName: %s\nPhone: %s\nIf all is right, say \"confirm\".",
				f.Get("text"), where, f.Get("name"), bot.MaskPhone(f.Get("phone")))}, nil
		},
		Commit: func(_ context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			summary := strings.TrimSpace("社会认领：" + f.Get("text") + " " + e.Towns[f.Get("town")])
			_, err := tx.OpenHandoff(bot.Handoff{
				Citizen: f.Citizen.ID, Channel: f.Channel, Reason: bot.ReasonAsked, Priority: 2, Summary: summary,
				Intent: bot.ClaimWish, Town: f.Get("town"), Status: bot.HandoffWaiting, At: f.Now,
				Slots: map[string]string{"text": f.Get("text"), "name": bot.MaskName(f.Get("name")), "phone": bot.MaskPhone(f.Get("phone"))},
			})
			if err != nil {
				return nil, fmt.Errorf("hand the offer over: %w", err)
			}
			return []bot.Reply{{Text: f.Say("收到您的心意了。社工会和您联系，配上合适的心愿，由社工转交，双方信息都保密。", "Thank you. A social worker will contact you and match your offer; both sides stay confidential.")}}, nil
		},
		Gist: func(f *bot.Form) string { return "社会认领：" + f.Get("text") },
	}
}
