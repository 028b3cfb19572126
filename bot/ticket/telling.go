package ticket

import (
	"strings"
	"time"

	"guanjia/bot"
)

// notices are who is to be told of a command: the citizen of each step they
// wait for, the body that has something to do, the centre where it decides.
func notices(before, t Ticket, c Command, r Rules) []Notice {
	var out []Notice
	if say, ok := telling(t, c, r); ok {
		out = append(out, Notice{Citizen: true, Text: say})
	}
	switch c.Action {
	case DoMatch:
		if c.By.Role == RoleBot && !t.Life.Holder.Centre() {
			out = append(out, Notice{To: t.Life.Holder})
		}
	case DoDispatch, DoSupervise, DoUrge, DoSupplement, DoGrant, DoRefuse, DoSendBack:
		if !t.Life.Holder.Centre() {
			out = append(out, Notice{To: t.Life.Holder})
		}
	case DoReturn, DoExtend, DoReply, DoRedo:
		out = append(out, Notice{})
	case DoWithdraw:
		if !before.Life.Holder.Centre() {
			out = append(out, Notice{To: before.Life.Holder})
		}
	case DoAlarm:
		if !t.Life.Holder.Centre() {
			out = append(out, Notice{To: t.Life.Holder, Alarm: c.Alarm.Kind})
		}
		if c.Alarm.Centre || t.Life.Holder.Centre() {
			out = append(out, Notice{Alarm: c.Alarm.Kind})
		}
	}
	return out
}

// telling is what the citizen hears of a step, false where they are told
// nothing: what they did themselves, and what goes on inside.
func telling(t Ticket, c Command, r Rules) (Telling, bool) {
	n, who := t.Number, r.Names.Body(t.Life.Holder)
	due := func(l bot.Language) string { return l.Date(t.DueAt) }
	say := func(zh, en string) (Telling, bool) { return Telling{Zh: zh, En: en}, true }
	if c.By.Role == RoleCitizen {
		return Telling{}, false
	}
	words := strings.TrimSpace(c.Words.Reveal())
	switch c.Action {
	case DoReject:
		return say(n+" 这件事 12345 受理不了："+words+"\n需要人工解释，请回“人工”。", n+" cannot be taken on: "+words)
	case DoDispatch:
		if c.By.Role == RoleBot {
			return Telling{}, false // the citizen was told the body when they filed it
		}
		return say(n+" 现在由"+who+"办理，"+due(bot.Simplified)+"前答复您。", n+" is now with "+who+"; you get an answer by "+due(bot.English)+".")
	case DoSign:
		return say(n+" "+who+"已签收，会联系您。", n+" was taken up by "+who+"; they will contact you.")
	case DoAdmit:
		return say(n+" "+who+"的受理意见："+words, n+": "+who+" says: "+words)
	case DoPublish:
		w := WishOf(t, r.Names, c.At)
		return say(n+" 现在公开请人认领了，写的是“"+w.Text+"”，没有您的姓名、电话和地址。"+r.Limits.Claim.Wait.Title()+"没人认领，由"+who+"接着办。不想公开，回“不公开 "+n+"”。",
			n+" is now on the public list as \""+w.Text+"\", without your name, phone or address. Say \"keep private "+n+"\" if you would rather not.")
	case DoGrant:
		return say(n+" 办理需要更多时间，最晚 "+due(bot.Simplified)+"答复您，抱歉让您久等。", n+" takes longer; you get an answer by "+due(bot.English)+". Sorry for the wait.")
	case DoWorks:
		return say(n+" 已列为微实事，"+due(bot.Simplified)+"前完工。", n+" has become a public works project, to be done by "+due(bot.English)+".")
	case DoClose:
		return Telling{
			Zh:      n + " 办好了。" + answerOf(t) + "\n满意吗？没解决请告诉我原因，可以重新办理（" + bot.Simplified.Date(r.Clock.After(t.Life.ClosedAt, r.Limits.Reopen)) + "前）。",
			En:      n + " is done. " + answerOf(t) + "\nAre you satisfied? If not, tell me why and it will be done again (until " + bot.English.Date(r.Clock.After(t.Life.ClosedAt, r.Limits.Reopen)) + ").",
			Options: []string{"满意 " + n, "没解决 " + n},
		}, true
	case DoPass:
		return say(n+" 反映的事办好了。"+answerOf(t)+"\n还没解决请告诉我，会重新办理。", n+" is done. "+answerOf(t)+"\nIf it is not, tell me and it will be done again.")
	case DoMerge:
		return say(n+" 和 "+c.Into+" 是同一件事，合并一起办，有结果同样告诉您。", n+" is the same matter as "+c.Into+"; they are dealt with together and you will hear the result.")
	case DoRedo:
		return say(n+" 回访得知没有解决，已转为重新办理，"+due(bot.Simplified)+"前答复您。", n+" will be done again; you get an answer by "+due(bot.English)+".")
	case DoWithdraw:
		return say(n+" 已按您的意思撤回。", n+" was withdrawn as you wished.")
	case DoAlarm:
		if c.Alarm.Kind == AlarmRed {
			return say(n+" 没有按时答复您，很抱歉，已催办"+who+"。", n+" was not answered in time. We are sorry; "+who+" has been urged.")
		}
	}
	return Telling{}, false
}

// ForCitizen says whether a step is shown to its citizen; what goes on inside
// is left out.
func (s Step) ForCitizen() bool { return s.Action.Told() != "" }

// Told names a step as its citizen reads it; empty: it is not for them.
func (a Action) Told() string {
	switch a {
	case DoFile:
		return "受理"
	case DoReply:
		return "写好答复，送审"
	case DoDispatch, DoSign, DoAdmit, DoContact, DoVisit, DoVerify, DoClose, DoRedo, DoUrge, DoSupplement, DoGrant, DoMerge, DoWithdraw,
		DoReject, DoPay, DoPublish, DoHide:
		return a.Title()
	}
	return ""
}

// answerOf is the reply a citizen gets with the closing.
func answerOf(t Ticket) string {
	if t.Answer == "" {
		return ""
	}
	return "答复：" + t.Answer.Reveal()
}

// For picks the telling in a language.
func (t Telling) For(l bot.Language) bot.Reply {
	r := bot.Reply{Text: l.Say(t.Zh, t.En)}
	for _, o := range t.Options {
		r.Options = append(r.Options, bot.Option{Text: o})
	}
	return r
}

// Overdue is how long a ticket that is open is over its time, 0 if it is not.
func (t Ticket) Overdue(now time.Time) time.Duration {
	if !t.Open() || !now.After(t.DueAt) {
		return 0
	}
	return now.Sub(t.DueAt)
}
