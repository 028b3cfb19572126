package appointment

import (
	"context"

	"guanjia/bot"
	"guanjia/bot/outcall"
)

// heed is the errand of answering a call that reminds of an appointment.
const heed bot.Intent = "heed_reminder"

// Heed is the flow that hears what is said to a call that reminds: that it was
// heard, or that the number is not to be rung again.
func (e *Errand) Heed(no outcall.Refusals) *bot.Flow {
	return &bot.Flow{
		Intent: heed, Within: bot.CheckAppointment, Name: "预约提醒", NameEN: "reminder",
		Slots: []bot.Slot{{Name: "heed"}, {Name: bot.SlotBeside}},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			if f.Get("heed") != "never" {
				return []bot.Reply{{Text: f.Say("好，到时见。", "Good, see you then.")}}, nil
			}
			if err := no.RefuseCalls(ctx, tx, f.From.ID, f.Now); err != nil {
				return nil, err
			}
			return []bot.Reply{{Text: f.Say("好，以后不再打这个号码，预约照旧有效。打扰您了。", "Very well, this number will not be called again; the appointment stands.")}}, nil
		},
		Hears: func(string, bool) bool { return false },
		Gist:  func(*bot.Form) string { return "预约提醒" },
	}
}

// Reminding is what a call that reminds says: the reminder as it was written.
func (e *Errand) Reminding(text string) bot.Inquiry {
	return bot.Inquiry{
		Aside: bot.Aside{Flow: heed},
		Question: func(l bot.Language) bot.Prompt {
			return bot.Prompt{Text: text, Choices: []bot.Choice{
				{Text: l.Say("知道了", "I know"), Slot: "heed", Value: bot.Value{Value: "yes"}},
				{Text: l.Say("以后别打电话提醒", "Do not call me again"), Slot: "heed", Value: bot.Value{Value: "never"}},
			}}
		},
	}
}
