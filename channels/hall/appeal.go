package hall

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// mostAppeals are shown at once, those decided among them.
const mostAppeals = 100

// appealRow is an appeal as the page shows it.
type appealRow struct {
	booking.Appeal
	Last  string // the last day of the stop
	State string
}

// Why is the citizen's reason, Told what they were answered.
func (a appealRow) Why() string  { return a.Words.Reveal() }
func (a appealRow) Told() string { return a.Answer.Reveal() }

// appealing is the page of appeals.
type appealing struct {
	Who           Clerk
	Open, Decided []appealRow
	Said, Wrong   string
}

func (p *Pages) appealsPage(w http.ResponseWriter, r *http.Request, who Clerk) {
	all, err := p.Ledger.Appeals(r.Context(), mostAppeals)
	if err != nil {
		p.failed(w, "list appeals", err)
		return
	}
	v := appealing{Who: who}
	v.Said, v.Wrong = p.told(w, r)
	for _, a := range all {
		row := appealRow{Appeal: a, Last: bot.FullDate(a.Ban.Until.AddDate(0, 0, -1)),
			State: map[booking.AppealStatus]string{booking.AppealGranted: "通过", booking.AppealExempt: "通过，以后不停约", booking.AppealRefused: "没有通过"}[a.Status]}
		if a.Status == booking.AppealOpen {
			v.Open = append(v.Open, row)
		} else {
			v.Decided = append(v.Decided, row)
		}
	}
	p.render(w, http.StatusOK, "appeals.html", v)
}

func (p *Pages) decideAppeal(w http.ResponseWriter, r *http.Request, who Clerk) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	answer := strings.TrimSpace(r.PostFormValue("answer"))
	status := booking.AppealStatus(r.PostFormValue("verdict"))
	back := func(said, wrong string) {
		p.tell(w, said, wrong)
		http.Redirect(w, r, "/hall/appeals", http.StatusSeeOther)
	}
	switch {
	case err != nil:
		back("", "没有这个申诉。")
		return
	case answer == "" || len([]rune(answer)) > 200:
		back("", "请写一句给市民的说明，不超过 200 字。")
		return
	case status != booking.AppealGranted && status != booking.AppealExempt && status != booking.AppealRefused:
		back("", "请选一个结果。")
		return
	}
	switch err := p.Keeper.DecideAppeal(r.Context(), id, status, who.Name, answer); {
	case errors.Is(err, booking.ErrNoAppeal):
		back("", "这个申诉已经处理过了。")
	case err != nil:
		p.failed(w, "decide an appeal", err)
	default:
		back("已经处理，结果会告诉市民。", "")
	}
}

// exempt keeps no-shows from ever stopping the person of an appointment.
func (p *Pages) exempt(w http.ResponseWriter, r *http.Request, who Clerk) {
	number := strings.ToUpper(spoken.ReplaceAllString(r.PostFormValue("number"), ""))
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	said, wrong := "已经豁免：以后不会因为没来而停约。", ""
	if number == "" || reason == "" || len([]rune(reason)) > 100 {
		said, wrong = "", "请写预约号和原因。"
	} else if err := p.Keeper.Exempt(r.Context(), number, who.Name, reason); errors.Is(err, booking.ErrNoAppointment) {
		said, wrong = "", "没有这个预约号。"
	} else if err != nil {
		p.failed(w, "exempt a person", err)
		return
	}
	p.tell(w, said, wrong)
	http.Redirect(w, r, "/hall/appeals", http.StatusSeeOther)
}
