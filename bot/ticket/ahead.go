package ticket

import (
	"time"

	"guanjia/bot"
)

// Ahead says what a citizen may expect next of a ticket and by when; empty
// where nothing more comes.
func Ahead(t Ticket, r Rules, now time.Time, l bot.Language) string {
	who := r.Names.Body(t.Life.Holder)
	by := func(at time.Time) string {
		if l == bot.English {
			return at.In(bot.Shanghai()).Format("2 January 15:04")
		}
		return at.In(bot.Shanghai()).Format("1月2日 15:04")
	}
	due := l.Date(t.DueAt)
	if t.Overdue(now) > 0 {
		return l.Say("没有按时答复您，很抱歉，已经催办"+who+"。您也可以再催一次。", "It is overdue, we are sorry; "+who+" has been urged.")
	}
	switch t.Status {
	case Accepted:
		return l.Say("正在派给负责的单位，"+due+"前答复您。", "It is being sent to the body in charge; you get an answer by "+due+".")
	case Returned, Reopened:
		return l.Say("正在重新派给负责的单位，"+due+"前答复您。", "It is being sent out again; you get an answer by "+due+".")
	case Dispatched:
		if t.Kind == Help && t.Life.AdmittedAt.IsZero() {
			return l.Say(who+"最迟 "+by(r.Clock.After(t.CreatedAt, r.Limits.Admit))+" 前告诉您怎么受理，"+due+"前办结。",
				who+" tells you by "+by(r.Clock.After(t.CreatedAt, r.Limits.Admit))+" how it is taken on; settled by "+due+".")
		}
		return l.Say("等"+who+"签收，"+by(r.Clock.After(t.Life.DispatchedAt, r.Limits.Sign))+" 前；"+due+"前答复您。", "Waiting for "+who+" to take it up; you get an answer by "+due+".")
	case Signed:
		if t.Life.ContactedAt.IsZero() && !t.Anonymous {
			return l.Say(who+"会在 "+by(r.Clock.After(t.Life.SignedAt, contactLimit(t, r.Limits)))+" 前联系您，"+due+"前答复您。",
				who+" contacts you by "+by(r.Clock.After(t.Life.SignedAt, contactLimit(t, r.Limits)))+".")
		}
		return l.Say(who+"在办，"+due+"前答复您。", who+" deals with it; you get an answer by "+due+".")
	case Processing:
		return l.Say(who+"在办，"+due+"前答复您。", who+" deals with it; you get an answer by "+due+".")
	case ExtensionRequested:
		return l.Say(who+"申请晚些答复，等 12345 中心决定；同意了会告诉您。", who+" asked for more time; you will be told.")
	case Reviewed:
		return l.Say("答复审核过了，马上发给您。", "The answer was reviewed and is on its way to you.")
	case Replied:
		return l.Say("答复写好了，12345 中心在审核，审核完马上告诉您。", "The answer is being reviewed.")
	case Closed:
		if until := r.Clock.After(t.Life.ClosedAt, r.Limits.Reopen); now.Before(until) && t.Life.Redone < r.Limits.Redos && t.Life.Satisfied != Yes {
			return l.Say("没解决的话，"+l.Date(until)+"前可以要求重新办理。", "If it is not solved, ask for it to be done again by "+l.Date(until)+".")
		}
	case Merged:
		return l.Say("和 "+t.Life.Root+" 是同一件事，一起办，有结果同样告诉您。", "It is dealt with together with "+t.Life.Root+"; you hear the result.")
	}
	return ""
}
