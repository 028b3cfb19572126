package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/notify"
	"guanjia/channels/hotline"
)

// summaries tell callers in writing what was done in their call.
type summaries struct{ *house }

// mostSummed is how many things a summary names.
const mostSummed = 5

// done is what was done in a call: a line for each thing, and its number.
func (s summaries) done(ctx context.Context, citizen bot.CitizenID, since time.Time) (lines, numbers []string, err error) {
	names, err := newLister(ctx, s.store, s.base, s.clock(), false)
	if err != nil {
		return nil, nil, err
	}
	booked, err := s.store.Appointments(ctx, citizen, true)
	if err != nil {
		return nil, nil, fmt.Errorf("list appointments: %w", err)
	}
	for _, a := range booked {
		if !a.CreatedAt.Before(since) && len(lines) < mostSummed {
			lines = append(lines, fmt.Sprintf("预约“%s”：%s，%s，预约号 %s", names.title(a.Service), whenOf(a.Date, a.Time), names.hall(a.Hall), a.Number))
			numbers = append(numbers, a.Number)
		}
	}
	filed, err := s.store.Tickets(ctx, citizen, mostSummed)
	if err != nil {
		return nil, nil, fmt.Errorf("list tickets: %w", err)
	}
	for _, v := range filed {
		if !v.CreatedAt.Before(since) && len(lines) < mostSummed {
			lines = append(lines, fmt.Sprintf("登记“%s”：编号 %s，%s前答复", v.Title, v.Number, bot.Simplified.Date(v.DueAt)))
			numbers = append(numbers, v.Number)
		}
	}
	return lines, numbers, nil
}

// Summarise implements hotline.Summaries: on WeChat where the caller is known
// there, with links; else as a text message where there is a template.
func (s summaries) Summarise(ctx context.Context, citizen bot.CitizenID, from bot.Address, call string, since time.Time) error {
	lines, numbers, err := s.done(ctx, citizen, since)
	if err != nil || len(lines) == 0 {
		return err
	}
	to, known, err := s.store.AddressOf(ctx, citizen, bot.WeChat)
	if err != nil {
		return err
	}
	if !known {
		return s.byText(ctx, from, numbers)
	}
	text := "刚才电话里办好的：\n" + strings.Join(lines, "\n") + "\n查看、修改：" + strings.TrimRight(s.settings.PublicURL, "/") + "/h5/"
	return s.store.Commit(ctx, func(tx bot.Tx) error {
		return bot.Tell(tx, s.clock(), bot.Outgoing{Citizen: citizen, To: to, Reply: bot.Reply{Text: text}, Key: "call:" + call})
	})
}

// byText sends the numbers to the telephone that called.
func (s summaries) byText(ctx context.Context, from bot.Address, numbers []string) error {
	sms := s.textMessages()
	if sms == nil {
		return nil
	}
	err := sms.Notify(ctx, notify.Notice{Kind: notify.Summary, Phone: bot.Secret(strings.TrimPrefix(from.ID, hotline.Unproven)), Number: strings.Join(numbers, "、")})
	if errors.Is(err, notify.ErrNoWay) {
		return nil
	}
	return err
}
