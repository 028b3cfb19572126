package progress

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"guanjia/bot"
	"guanjia/bot/outcall"
	"guanjia/bot/ticket"
)

// followUp is the errand of saying whether a closed ticket is settled; it is
// begun by an answer to the question that Inquiry puts in a follow-up call.
const followUp bot.Intent = "answer_follow_up"

// What is said to a follow-up call.
const (
	settled = "yes"
	open    = "no"
	never   = "never" // be rung again
	unsaid  = "-"     // why it is not
)

// Settle is the flow that takes the answer of a follow-up call to the ticket.
func (e *Errand) Settle(no outcall.Refusals) *bot.Flow {
	return &bot.Flow{
		Intent: followUp, Within: bot.CheckRequest, Name: "回访", NameEN: "follow-up",
		Slots: []bot.Slot{
			{Name: "ticket_no"}, {Name: "verdict"}, {Name: bot.SlotBeside},
			{Name: "words", Label: "哪里没解决", LabelEN: "What is not solved", Free: true, Optional: true,
				Why: "说了差在哪，重办的人才知道从哪里接着办。", WhyEN: "So that whoever does it again knows where to begin.",
				Needed: func(f *bot.Form) bool { return f.Get("verdict") == open && !f.Has(bot.SlotBeside) },
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("抱歉，没给您办好。哪里没解决？说一两句，马上转去重办。", "Sorry. What is not solved? Tell me in a sentence, and it will be done again."),
						Choices: []bot.Choice{{Text: f.Say("不说了，直接重办", "Just do it again"), Slot: "words", Value: bot.Value{Value: unsaid}}}}, nil
				}},
		},
		Begin: func(_ context.Context, f *bot.Form) (*bot.Problem, error) {
			if !f.Has("verdict") {
				f.Set("verdict", bot.Value{Value: verdictIn(f.Words)})
			}
			if f.Get("verdict") == "" || !f.Has("ticket_no") {
				return &bot.Problem{End: true, Text: f.Say("没听明白您满不满意。", "I did not catch whether you are satisfied."), Cause: "no verdict"}, nil
			}
			if rest := besides(f.Words, verdictWords()); f.Get("verdict") == open && len([]rune(rest)) >= leastWords {
				f.Set("words", bot.Value{Value: rest})
			}
			return nil, nil
		},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			return e.settle(ctx, tx, f, no)
		},
		Hears: func(words string, beside bool) bool { return !beside && verdictIn(words) != "" },
		Gist:  func(f *bot.Form) string { return "回访 " + f.Get("ticket_no") },
	}
}

func (e *Errand) settle(ctx context.Context, tx bot.Tx, f *bot.Form, no outcall.Refusals) ([]bot.Reply, error) {
	if f.Get("verdict") == never {
		if err := no.RefuseCalls(ctx, tx, f.From.ID, f.Now); err != nil {
			return nil, err
		}
		return []bot.Reply{{Text: f.Say("好，以后不再打这个号码。打扰您了。", "Very well, this number will not be called again. Sorry for the trouble.")}}, nil
	}
	c := ticket.Command{Action: ticket.DoFollowUp, By: ticket.Actor{Role: ticket.RoleCitizen}, At: f.Now, Key: f.Key(), Words: "电话回访：满意", Satisfied: ticket.Yes, Solved: ticket.Yes}
	if f.Get("verdict") == open {
		c.Action, c.Words = ticket.DoRedo, "电话回访：没有解决"
		if w := f.Get("words"); w != "" && w != unsaid {
			c.Words = bot.Secret("电话回访：" + w)
		}
	}
	v, err := e.Office.DoIn(ctx, tx, f.Get("ticket_no"), c)
	var refused *ticket.Refusal
	switch {
	case errors.As(err, &refused):
		return nil, &bot.Problem{Text: refused.Text, End: true, Cause: refused.Cause, Choices: []bot.Choice{{Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator}}}
	case err != nil:
		return nil, fmt.Errorf("%s ticket: %w", c.Action, err)
	case c.Action == ticket.DoRedo:
		return []bot.Reply{{Text: f.Say("记下了，已经转去重新办理，%s前答复您。", "Noted; it will be done again, and you get an answer by %s.", f.Language.Date(v.DueAt))}}, nil
	}
	return []bot.Reply{{Text: f.Say("谢谢您的评价。", "Thank you for telling us.")}}, nil
}

// Inquiry is the question of a follow-up call. Whoever answers may not be who
// filed the ticket: it names the day and the end of the number, not the matter.
func (e *Errand) Inquiry(v ticket.Ticket) bot.Inquiry {
	return bot.Inquiry{
		Aside: bot.Aside{Flow: followUp, Slots: map[string]bot.Value{"ticket_no": {Value: v.Number}}},
		Question: func(l bot.Language) bot.Prompt {
			tail := v.Number[max(len(v.Number)-4, 0):]
			return bot.Prompt{
				Text: l.Say("回访您%s登记的一件诉求，编号尾号%s，已经办结。您满意吗？", "This is about the request you filed on %s, number ending in %s, which is closed. Are you satisfied?",
					l.Date(v.CreatedAt), strings.Join(strings.Split(tail, ""), " ")),
				Choices: []bot.Choice{
					{Text: l.Say("满意", "Satisfied"), Slot: "verdict", Value: bot.Value{Value: settled}},
					{Text: l.Say("没解决", "Not solved"), Slot: "verdict", Value: bot.Value{Value: open}},
					{Text: l.Say("以后别打电话回访", "Do not call me again"), Slot: "verdict", Value: bot.Value{Value: never}},
				},
			}
		},
	}
}

// verdicts are words of how it is, what denies before what it denies.
func verdicts() []struct {
	verdict string
	words   []string
} {
	return []struct {
		verdict string
		words   []string
	}{
		{never, []string{"别打", "不要打", "别再打", "不要再打", "唔好打", "唔好再打", "别回访", "不用回访", "别来电", "do not call", "don't call", "stop calling"}},
		{open, []string{"没有解决", "没解决", "冇解决", "未解决", "不满意", "唔满意", "没办好", "没有办好", "还没好", "还是一样", "没人来", "没有人来", "not satisfied", "not solved"}},
		{settled, []string{"满意", "解决了", "解决咗", "办好了", "搞掂", "可以了", "挺好", "很好", "satisfied", "solved", "fine"}},
	}
}

func verdictWords() []string {
	var all []string
	for _, v := range verdicts() {
		all = append(all, v.words...)
	}
	return all
}

// verdictIn reads how it is; empty where the words do not tell.
func verdictIn(words string) string {
	text := strings.ToLower(words)
	if bot.Mentions(text, "吗", "嗎", "?", "？") {
		return ""
	}
	for _, v := range verdicts() {
		if bot.Mentions(text, v.words...) {
			return v.verdict
		}
	}
	return ""
}
