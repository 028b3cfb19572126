// Package progress is the errand of following up a request or report: how it
// stands, urging, and asking for it to be done again.
//
// It refuses to show anything for a number alone: the same citizen, or the
// last four digits of the phone too.
package progress

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Ledger ticket.Ledger
}

// Errand follows tickets up.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	return &bot.Flow{
		Intent: bot.CheckRequest, Name: "查诉求进度", NameEN: "progress of a request",
		Slots: []bot.Slot{
			{Name: "ticket_no", Label: "编号", LabelEN: "Number", Types: []bot.EntityType{bot.TicketNo}, Accept: e.acceptNumber,
				Why: "要先知道是哪一件。", WhyEN: "I need to know which one.", Needed: e.several, Ask: e.askWhich},
			{Name: "phone_tail", Label: "手机后四位", LabelEN: "Last four digits", Types: []bot.EntityType{bot.Number, bot.Phone}, Free: true,
				Why: "编号不是您本人登记的，要核对预留手机后四位才能给您看。", WhyEN: "Somebody else filed it, so I must check the phone number given.",
				Needed: e.foreign,
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("请说一下登记时手机号的后四位。", "Please give the last four digits of the phone number on it.")}, nil
				},
				Accept: e.acceptTail},
			{Name: "deed"},
		},
		Begin: e.begin, Show: e.show, Commit: e.record,
		Gist: func(f *bot.Form) string { return "查进度 " + f.Get("ticket_no") },
	}
}

// begin hears whether the citizen urges or is not satisfied, and finds the
// only open ticket where no number was told.
func (e *Errand) begin(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	switch {
	case containsAny(f.Words, "重办", "重新办", "不满意", "没解决", "冇解决", "再办一次"):
		f.Set("deed", bot.Value{Value: "redo"})
	case containsAny(f.Words, "催", "快点", "快啲", "太慢", "还没人", "冇人", "怎么还没", "點解仲未"):
		f.Set("deed", bot.Value{Value: "urge"})
	}
	if f.Has("ticket_no") || !f.Has("deed") {
		return nil, nil
	}
	mine, err := e.Ledger.Tickets(ctx, f.Citizen.ID, 2)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	if len(mine) == 1 {
		f.Set("ticket_no", bot.Value{Value: mine[0].Number})
	}
	return nil, nil
}

// several says whether something is to be done about one of several tickets.
func (e *Errand) several(f *bot.Form) bool {
	if !f.Has("deed") || f.Has("ticket_no") {
		return false
	}
	mine, err := e.Ledger.Tickets(context.Background(), f.Citizen.ID, 2)
	return err == nil && len(mine) > 1
}

func (e *Errand) askWhich(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
	mine, err := e.Ledger.Tickets(ctx, f.Citizen.ID, 4)
	if err != nil {
		return bot.Prompt{}, fmt.Errorf("list tickets: %w", err)
	}
	var choices []bot.Choice
	for _, v := range mine {
		choices = append(choices, bot.Choice{Text: v.Title + " " + v.Number, Slot: "ticket_no", Value: bot.Value{Value: v.Number}})
	}
	return bot.Prompt{Text: f.Say("是哪一件？", "Which one?"), Choices: choices, Which: true}, nil
}

func containsAny(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func (e *Errand) acceptNumber(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if !bot.ValidNumber(en.Value) {
		return bot.Value{}, &bot.Problem{Text: f.Say("编号 %s 好像有一位打错了，请再核对一下？", "A digit of %s seems to be wrong. Please check it.", en.Value), Cause: "check digit"}, nil
	}
	if _, _, err := e.Ledger.Ticket(ctx, en.Value); errors.Is(err, ticket.ErrNoTicket) {
		return bot.Value{}, &bot.Problem{
			Text: f.Say("没有查到编号 %s，请核对一下再发给我？", "I find nothing under %s. Please check the number.", en.Value),
			End:  true, Choices: []bot.Choice{{Text: f.Say("查我名下的", "Show mine"), Flow: bot.CheckRequest}, {Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator}},
		}, nil
	} else if err != nil {
		return bot.Value{}, nil, err
	}
	return bot.Value{Value: en.Value}, nil, nil
}

func (e *Errand) foreign(f *bot.Form) bool {
	number := f.Get("ticket_no")
	if number == "" {
		return false
	}
	v, _, err := e.Ledger.Ticket(context.Background(), number)
	return err != nil || v.Citizen != f.Citizen.ID
}

func (e *Errand) acceptTail(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	v, _, err := e.Ledger.Ticket(ctx, f.Get("ticket_no"))
	if err != nil {
		return bot.Value{}, nil, err
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, en.Value)
	phone := v.Phone.Reveal()
	if len(digits) < 4 || len(phone) < 4 || digits[len(digits)-4:] != phone[len(phone)-4:] {
		return bot.Value{}, &bot.Problem{Text: f.Say("后四位对不上，不能显示。请再核对一次？", "That does not match. Once more?"), Cause: "phone tail differs"}, nil
	}
	return bot.Value{Value: digits[len(digits)-4:]}, nil, nil
}

// show tells how things stand; an urging or a redo is a deed and is left to record.
func (e *Errand) show(ctx context.Context, f *bot.Form) ([]bot.Reply, error) {
	if f.Has("deed") && f.Has("ticket_no") {
		return nil, nil
	}
	if n := f.Get("ticket_no"); n != "" {
		v, steps, err := e.Ledger.Ticket(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("load ticket: %w", err)
		}
		return []bot.Reply{{Text: describe(f, v, steps)}}, nil
	}
	mine, err := e.Ledger.Tickets(ctx, f.Citizen.ID, 5)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	if len(mine) == 0 {
		return []bot.Reply{{Text: f.Say("您名下没有登记过的求助或诉求。有编号的话发给我，也能查。", "Nothing is registered under your name. If you have a number, send it to me.")}}, nil
	}
	parts := []string{f.Say("您登记的有 %d 件：", "You have %d:", len(mine))}
	for _, v := range mine {
		parts = append(parts, f.Say("%s %s\n%s，%s前答复", "%s %s\n%s, answer due by %s", v.Number, v.Title, v.Status.Name(f.Language), f.Language.Date(v.DueAt)))
	}
	parts = append(parts, f.Say("想催一下就说“催一下”。", "Say \"please hurry\" to urge."))
	return []bot.Reply{{Text: strings.Join(parts, "\n\n")}}, nil
}

func describe(f *bot.Form, v ticket.Ticket, steps []ticket.Step) string {
	lines := []string{
		f.Say("%s %s", "%s %s", v.Number, v.Title),
		f.Say("现在：%s", "Now: %s", v.Status.Name(f.Language)),
	}
	if v.Department != "" {
		lines = append(lines, f.Say("主办：%s", "In charge: %s", v.Department))
	}
	lines = append(lines, f.Say("答复期限：%s", "Due: %s", f.Language.Date(v.DueAt)))
	for _, s := range steps {
		lines = append(lines, s.At.In(bot.Shanghai()).Format("01-02 15:04")+" "+s.Status.Name(f.Language))
	}
	return strings.Join(lines, "\n")
}

// record writes the urging, or the wish to have it done again. What has not
// been answered yet cannot be done again: the wish is kept and it is urged.
func (e *Errand) record(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	number := f.Get("ticket_no")
	v, _, err := e.Ledger.Ticket(ctx, number)
	if err != nil {
		return nil, fmt.Errorf("load ticket: %w", err)
	}
	step := ticket.Step{At: f.Now, By: "citizen", Note: bot.Secret("催办：" + f.Words)}
	text := f.Say("已帮您催办 %s，记录马上送到主办单位。现在%s，%s前答复您。", "I have urged %s. It is now: %s; you get an answer by %s.",
		number, v.Status.Name(f.Language), f.Language.Date(v.DueAt))
	if f.Get("deed") == "redo" {
		step.Note = bot.Secret("市民不满意，要求重办：" + f.Words)
		text = f.Say("%s 还在办（%s），您的意见我先记下并帮您催办，%s前答复您。", "%s is still being dealt with (%s). I have noted your view and urged it; you get an answer by %s.",
			number, v.Status.Name(f.Language), f.Language.Date(v.DueAt))
		if v.Status == ticket.Closed || v.Status == ticket.Replied || v.Status == ticket.Reviewed {
			step.Status = ticket.Reopened
			text = f.Say("已记下您对 %s 不满意，转为重新办理，审核人员会联系您。", "I have recorded that you want %s done again; a reviewer will contact you.", number)
		}
	}
	if err := e.Ledger.AddStep(ctx, tx, number, step); err != nil {
		return nil, fmt.Errorf("record step: %w", err)
	}
	return []bot.Reply{{Text: text}}, nil
}
