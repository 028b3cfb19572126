package hall

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"guanjia/bot/booking"
)

// mostTuned of each sort are shown at once.
const mostTuned = 20

// Tuned is a change of release that the control proposed or made.
type Tuned struct {
	booking.Adjustment
	ID     int64
	At     time.Time
	Status string // proposed, applied, rejected, undone
	By     string
}

// tunedRow is one with its names.
type tunedRow struct {
	Tuned
	Place, Title, State string
}

// tunedList are those of one sort.
type tunedList struct {
	Title, None string
	Rows        []tunedRow
}

// tuning is the page of the dynamic release.
type tuning struct {
	Who         Clerk
	Mode        booking.Mode
	Goal        int
	Lists       []tunedList
	Said, Wrong string
}

const releasePath = "/hall/release"

func (p *Pages) releasePage(w http.ResponseWriter, r *http.Request, who Clerk) {
	c, err := p.Keeper.Control(r.Context())
	var all []Tuned
	var plan booking.Plan
	if err == nil {
		all, err = p.Keeper.Tuned(r.Context(), mostTuned)
	}
	if err == nil {
		plan, err = p.Ledger.Plan(r.Context())
	}
	if err != nil {
		p.failed(w, "read the dynamic release", err)
		return
	}
	names := namesOf(plan)
	v := tuning{Who: who, Mode: c.Mode, Goal: c.Goal}
	v.Said, v.Wrong = told(w, r)
	v.Lists = []tunedList{
		{Title: "号不够的，等您决定", None: "没有号不够的业务。开了之后，紧张的业务会出现在这里。"},
		{Title: "做过的", None: "还没有做过调整。"},
		{Title: "号用不完的，等您决定", None: "没有号用不完的业务。"},
	}
	for _, a := range all {
		list := &v.Lists[0]
		switch {
		case a.Status != "proposed":
			list = &v.Lists[1]
		case a.Kind == booking.Less:
			list = &v.Lists[2]
		}
		list.Rows = append(list.Rows, tunedRow{a, names.hall(a.Hall), names.group(a.Group),
			map[string]string{"proposed": "等决定", "applied": "已执行", "rejected": "没采纳", "undone": "已撤回"}[a.Status]})
	}
	for i := range v.Lists {
		if len(v.Lists[i].Rows) == mostTuned {
			v.Lists[i].Title += "（最近的 20 条）"
		}
	}
	p.render(w, http.StatusOK, "release.html", v)
}

// control says what the dynamic release does with what it finds.
func (p *Pages) control(w http.ResponseWriter, r *http.Request, who Clerk) {
	c, err := p.Keeper.Control(r.Context())
	if err != nil {
		p.failed(w, "read the dynamic release", err)
		return
	}
	c.Mode = booking.Mode(r.PostFormValue("mode"))
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	switch {
	case reason == "" || len([]rune(reason)) > longestReason:
		p.refuse(w, r, releasePath, "请写明为什么改，不超过 100 字。")
		return
	case c.Validate() != nil:
		p.refuse(w, r, releasePath, "请重新选方式。")
		return
	}
	if err := p.Keeper.SaveControl(r.Context(), c, who.Name, reason); err != nil {
		p.failed(w, "save the control", err)
		return
	}
	tell(w, "已经改好，从下一个十分钟起。", "")
	http.Redirect(w, r, releasePath, http.StatusSeeOther)
}

// tune carries a proposal out, rejects it, or takes back what was done.
func (p *Pages) tune(w http.ResponseWriter, r *http.Request, who Clerk) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	deed := r.PostFormValue("deed")
	words := map[string]string{"apply": "已经执行。", "reject": "没有采纳。", "undo": "已经撤回，约好的不受影响。"}
	if err != nil || words[deed] == "" {
		p.refuse(w, r, releasePath, "没有这一条。")
		return
	}
	settled, err := p.Keeper.Tune(r.Context(), id, deed, who.Name)
	switch {
	case err != nil:
		p.failed(w, "settle an adjustment", err)
		return
	case !settled:
		p.refuse(w, r, releasePath, "这一条已经有人处理了。")
		return
	}
	tell(w, words[deed], "")
	http.Redirect(w, r, releasePath, http.StatusSeeOther)
}
