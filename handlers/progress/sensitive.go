package progress

import (
	"context"
	"fmt"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

// touchy says whether what is to be added tells sensitive particulars that were
// not agreed to with the request: they are asked about alone, unless they cannot
// wait (个人信息保护法 articles 13 and 29).
func touchy(f *bot.Form) bool {
	switch f.Get("deed") {
	case add, redo, urge:
		return f.Has("ticket_no") && (f.Has("words") || !wordless(f)) && len(sensitive(f)) > 0
	}
	return false
}

func sensitive(f *bot.Form) []string {
	words := wordsOf(f)
	if ticket.UrgencyOf(words) == ticket.Urgent {
		return nil
	}
	return privacy.Sensitive(words)
}

func askSensitive(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	return bot.Prompt{Text: questionOf(f), Choices: []bot.Choice{
		{Text: f.Say("同意写上", "I agree"), Slot: "sensitive", Value: bot.Value{Value: "yes"}, Plain: bot.Yes},
		{Text: f.Say("不写", "Leave out"), Slot: "sensitive", Value: bot.Value{Value: "no"}, Plain: bot.No},
	}}, nil
}

func questionOf(f *bot.Form) string {
	a := privacy.Addition{Kinds: sensitive(f)}
	if f.Channel == bot.Hotline {
		return f.Say("您说到了%s，写上只给经办的人看。写上请说“同意”，不写请说“不写”。", "You told sensitive particulars (%s); only those who deal with it read them. Say \"I agree\" or \"leave out\".", a.What())
	}
	if f.Language != bot.English {
		return a.Question() + "写上请回“同意写上”，不写请回“不写”。"
	}
	return fmt.Sprintf("Some of this is sensitive (%s), so I ask separately: it is included so that the matter can be dealt with, only those who do read it, and it is never published. Without it your words are taken all the same. Say \"I agree\" or \"leave out\".", a.What())
}

// agreed is what goes into the record, with the yes to what is sensitive in it
// kept, or without that.
func agreed(tx bot.Tx, f *bot.Form, number string) (string, error) {
	words := wordsOf(f)
	switch f.Get("sensitive") {
	case "yes":
		yes := privacy.Addition{Number: number, Key: f.Key(), Kinds: sensitive(f)}.Agreed(f.Citizen.ID, "补充 "+f.Get("ticket_no"), "本人", questionOf(f), f.Channel, f.Now)
		if err := tx.Consent(yes); err != nil {
			return "", fmt.Errorf("keep consent: %w", err)
		}
	case "no":
		left := privacy.Without(words)
		if left == "" && f.Has("attachment") {
			left = "补充照片"
		}
		if left == "" {
			return "", &bot.Problem{Text: f.Say("好，这些不写，也就没有补充别的。想换个说法，再说“补充”。", "All right, nothing was added. To say it in other words, say \"add to\"."), End: true, Cause: "nothing left"}
		}
		words = left
	}
	return words, nil
}
