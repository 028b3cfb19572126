package desk

import (
	"context"
	"net/http"
	"time"

	"guanjia/bot/outreach"
)

// Outreach is what the page of policies reads.
type Outreach interface {
	PolicyFigures(ctx context.Context, now time.Time) ([]outreach.Figures, error)
	OverdueNotices(ctx context.Context, now time.Time, limit int) ([]outreach.Notice, error)
}

// Policy is a policy as the page names it.
type Policy struct {
	ID, Title, Standing string
	Published           string // the day; empty: it came with the program
}

// Policies is what the page of policies is made of.
type Policies struct {
	List     func(now time.Time) []Policy
	Outreach Outreach
}

// mostOverdue is how many overdue notices the page lists.
const mostOverdue = 200

// policyRow is a policy with what came of it.
type policyRow struct {
	Policy
	outreach.Figures
}

// overdueRow is a notice that was not reached or not looked at in time. Whom
// it was for is told by our own id only.
type overdueRow struct {
	Policy, Citizen, Event, State, Since string
}

// policyPage shows every policy with what came of it, and who was not reached
// or did not look in time (督查).
func (d *Desk) policyPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	now := d.Clock()
	figures, err := d.Policies.Outreach.PolicyFigures(r.Context(), now)
	if err != nil {
		d.fail(w, "count what came of policies", err)
		return
	}
	overdue, err := d.Policies.Outreach.OverdueNotices(r.Context(), now, mostOverdue)
	if err != nil {
		d.fail(w, "list overdue notices", err)
		return
	}
	of := make(map[string]outreach.Figures, len(figures))
	for _, f := range figures {
		of[f.Policy] = f
	}
	var rows []policyRow
	titles := map[string]string{}
	for _, p := range d.Policies.List(now) {
		titles[p.ID] = p.Title
		rows = append(rows, policyRow{p, of[p.ID]})
	}
	var late []overdueRow
	for _, n := range overdue {
		late = append(late, overdueRow{
			Policy: titles[n.Policy], Citizen: string(n.Citizen), Event: eventTitle(n.Event),
			State: stateTitle(n.State(now)), Since: n.At.Format("1月2日 15:04"),
		})
	}
	d.render(w, http.StatusOK, "policies.html", map[string]any{"Name": who.Name, "Rows": rows, "Late": late})
}

func eventTitle(e outreach.Event) string {
	if e == outreach.Expiring {
		return "快到期"
	}
	return "新政策"
}

func stateTitle(s outreach.State) string {
	if s == outreach.Unreached {
		return "没有送到"
	}
	return "送到了，没有看"
}
