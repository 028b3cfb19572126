package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/routing"
)

// Telephone is the line as operators use it, each at their own extension.
type Telephone interface {
	// Answer rings the operator's telephone for a caller.
	Answer(ctx context.Context, citizen bot.CitizenID, operator string) error
	// Hold keeps the caller waiting, or takes them back.
	Hold(citizen bot.CitizenID, operator string, on bool) error
	// PassOn rings a colleague, whose call it is once they accept.
	PassOn(ctx context.Context, citizen bot.CitizenID, operator, colleague string) error
	// Release ends the operator's part of a call.
	Release(citizen bot.CitizenID, operator string) error
	// WrapUp is the caller of the latest call that the operator still has to
	// write up, false where there is none; WroteUp is that it was done.
	WrapUp(ctx context.Context, operator string) (bot.CitizenID, bool, error)
	WroteUp(ctx context.Context, operator string, citizen bot.CitizenID) error
}

// Why something cannot be done to a call.
var (
	ErrCallOver      = errors.New("the call is over")
	ErrCallEngaged   = errors.New("the call is taken or rings elsewhere")
	ErrCallNotTheirs = errors.New("the call is somebody else's")
	ErrNoTelephone   = errors.New("no telephone is known")
	ErrCallWrapUp    = errors.New("the last call is not written up")
)

// ways are how a call came out, for its wrap-up.
func ways() []string {
	return []string{"已解答", "已登记诉求", "已约好办理", "要再联系", "打错或无声"}
}

// calledBy are the calls that an operator has or can take.
func (d *Desk) calledBy(ctx context.Context, who Account) (mine *LiveCall, waiting []LiveCall, err error) {
	for _, c := range d.Calls.Live() {
		if c.Operator == who.Name {
			mine = &c
			continue
		}
		if c.Handling != bot.Queued || c.Operator != "" {
			continue
		}
		reached, err := d.reaches(ctx, who, c.Citizen)
		if err != nil {
			return nil, nil, err
		}
		if reached {
			waiting = append(waiting, c)
		}
	}
	return mine, waiting, nil
}

// phonePage is an operator's telephone: the call they have with its words, who
// waits, and what they still have to write up.
func (d *Desk) phonePage(w http.ResponseWriter, r *http.Request, who Account) {
	d.showPhone(w, r, who, http.StatusOK, "")
}

func (d *Desk) showPhone(w http.ResponseWriter, r *http.Request, who Account, status int, fault string) {
	d.used(r)
	mine, waiting, err := d.calledBy(r.Context(), who)
	v := map[string]any{"Name": who.Name, "Mine": mine, "Waiting": waiting, "Fault": fault, "Ways": ways()}
	if err == nil && mine != nil {
		var lines []line
		lines, err = d.spoken(r.Context(), mine.Citizen)
		slices.Reverse(lines) // what was said last is what is needed
		v["Lines"] = lines
		if err == nil && !d.opened(w, r, who, mine.Citizen) {
			return
		}
	}
	if err == nil {
		v["Colleagues"], v["Telephone"], err = d.telephones(r.Context(), who)
	}
	owed, owes := bot.CitizenID(""), false
	if err == nil {
		owed, owes, err = d.Calls.Telephone.WrapUp(r.Context(), who.Name)
	}
	if err != nil {
		d.fail(w, "read calls", err)
		return
	}
	if owes {
		v["Owed"], v["Caller"] = owed, d.name(r.Context(), owed)
	}
	d.render(w, status, "phone.html", v)
}

// opened has it in the audit trail, once an hour, that somebody reads the words
// of a call; false means that the request was refused.
func (d *Desk) opened(w http.ResponseWriter, r *http.Request, who Account, citizen bot.CitizenID) bool {
	if d.hearings.granted(who.Name, string(citizen), d.Clock()) {
		return true
	}
	if !d.audit(w, r, who.Name, bot.AuditOpen, string(citizen)) {
		return false
	}
	d.hearings.grant(who.Name, string(citizen), d.Clock())
	return true
}

// telephones are the colleagues who are there and have a telephone, and the
// account's own.
func (d *Desk) telephones(ctx context.Context, who Account) (colleagues []string, own string, err error) {
	if d.Roster == nil {
		return nil, "", nil
	}
	all, err := d.Roster.Operators(ctx, d.Clock())
	for _, o := range all {
		switch {
		case o.Name == who.Name:
			own = o.Telephone
		case o.Telephone != "" && o.Presence != routing.Off:
			colleagues = append(colleagues, o.Name)
		}
	}
	return colleagues, own, err
}

// phoneDeed is what an operator does with a call, or writes of one.
func (d *Desk) phoneDeed(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	citizen, deed := bot.CitizenID(r.PathValue("citizen")), r.PathValue("deed")
	reached, err := d.reaches(r.Context(), who, citizen)
	if err == nil && deed == "wrapup" && !reached { // a call that went to a colleague since
		var owed bot.CitizenID
		owed, reached, err = d.Calls.Telephone.WrapUp(r.Context(), who.Name)
		reached = reached && owed == citizen
	}
	if err != nil || !reached {
		refuse(w, http.StatusNotFound, "没有这通电话。")
		return
	}
	t := d.Calls.Telephone
	switch deed {
	case "answer":
		err = t.Answer(r.Context(), citizen, who.Name)
	case "hold", "resume":
		err = t.Hold(citizen, who.Name, deed == "hold")
	case "pass":
		err = d.passCall(r, citizen, who)
	case "release":
		err = t.Release(citizen, who.Name)
	case "wrapup":
		d.wrapUp(w, r, citizen, who)
		return
	default:
		refuse(w, http.StatusNotFound, "没有这个操作。")
		return
	}
	if err != nil {
		d.callFault(w, r, who, err)
		return
	}
	if !d.audit(w, r, who.Name, "call_"+deed, string(citizen)) {
		return
	}
	http.Redirect(w, r, "/desk/phone", http.StatusSeeOther)
}

// passCall rings a colleague who may see the caller's conversation.
func (d *Desk) passCall(r *http.Request, citizen bot.CitizenID, who Account) error {
	to := r.PostFormValue("to")
	colleagues, _, err := d.telephones(r.Context(), who)
	if err == nil && !slices.Contains(colleagues, to) {
		err = errAbsent
	}
	if err == nil {
		_, err = d.receives(r.Context(), citizen, who.Name, to)
	}
	if err == nil {
		err = d.Calls.Telephone.PassOn(r.Context(), citizen, who.Name, to)
	}
	return err
}

func (d *Desk) callFault(w http.ResponseWriter, r *http.Request, who Account, err error) {
	for known, words := range map[error]string{
		ErrCallOver: "这通电话已经结束。", ErrCallEngaged: "这通电话已经有人接，或者正在振铃。", ErrCallNotTheirs: "这通电话不在您手上。",
		ErrNoTelephone: "还没有设分机号，请班长在“人员”里填上。", ErrCallWrapUp: "请先写完上一通电话的小结。",
		errAbsent: "这位同事现在不在岗，或者没有分机。", errElsewhere: "这位同事只接待另一个镇街的市民。",
	} {
		if errors.Is(err, known) {
			d.showPhone(w, r, who, http.StatusConflict, words)
			return
		}
	}
	d.fail(w, "act on a call", err)
}

// wrapUp keeps how a call came out, and what the operator notes of it.
func (d *Desk) wrapUp(w http.ResponseWriter, r *http.Request, citizen bot.CitizenID, who Account) {
	way := r.PostFormValue("way")
	text := strings.TrimSpace(strings.Map(printable, r.PostFormValue("text")))
	if !slices.Contains(ways(), way) || utf8.RuneCountInString(text) > maxWords {
		d.showPhone(w, r, who, http.StatusUnprocessableEntity, "请选一个结果；要写的话最多 2000 字。")
		return
	}
	note := "通话小结：" + way
	if text != "" {
		note += "。" + text
	}
	lock := d.lockOf(citizen)
	lock.Lock()
	err := d.note(r.Context(), citizen, who.Name, asked{Text: note})
	lock.Unlock()
	if err == nil {
		err = d.Calls.Telephone.WroteUp(r.Context(), who.Name, citizen)
	}
	if err != nil {
		d.fail(w, "write a call up", err)
		return
	}
	http.Redirect(w, r, "/desk/phone", http.StatusSeeOther)
}
