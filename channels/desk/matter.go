package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/ticket"
)

// Matters is what a citizen has with the city: looked up and, of a ticket
// nobody has yet, sent to whom it belongs, without leaving the conversation.
type Matters struct {
	Appointments func(ctx context.Context, citizen bot.CitizenID, active bool) ([]booking.Appointment, error)
	Tickets      func(ctx context.Context, citizen bot.CitizenID, limit int) ([]ticket.Ticket, error)
	// Names are those citizens know services and halls by, of their ids.
	Names func(ctx context.Context) (service, hall func(id string) string, err error)
}

// mostMatters is how many of each are shown.
const mostMatters = 20

// booked is an appointment as the page shows it.
type booked struct {
	Number  string `json:"number"`
	Service string `json:"service"`
	Where   string `json:"where"`
	When    string `json:"when"`
	Who     string `json:"who"`
	Status  string `json:"status"`
}

// filed is a ticket as the page shows it.
type filed struct {
	Number  string     `json:"number"`
	Title   string     `json:"title"`
	Type    string     `json:"type"`
	Status  string     `json:"status"`
	Holder  string     `json:"holder"`
	Due     *time.Time `json:"due"`
	Bodies  []choice   `json:"bodies"` // whom it can be sent to; empty: it is under way
	Version int64      `json:"version"`
	Page    bool       `json:"page"` // the account has the ticket's own page
}

// matters lists a citizen's appointments and tickets, newest first.
func (d *Desk) matters(w http.ResponseWriter, r *http.Request, who Account) {
	id := bot.CitizenID(r.PathValue("citizen"))
	conv, ok := d.known(w, r, who, id)
	if !ok || !d.audit(w, r, who.Name, bot.AuditMatters, string(id)) {
		return
	}
	d.used(r)
	appointments, err := d.Matters.Appointments(r.Context(), id, false)
	if err != nil {
		d.fail(w, "list appointments", err)
		return
	}
	tickets, err := d.Matters.Tickets(r.Context(), id, mostMatters)
	if err != nil {
		d.fail(w, "list tickets", err)
		return
	}
	service, hall, err := d.Matters.Names(r.Context())
	if err != nil {
		d.fail(w, "name services", err)
		return
	}
	body := map[string]any{"appointments": bookedOf(appointments, service, hall)}
	out := []filed{}
	for _, t := range tickets {
		out = append(out, d.filedOf(t, who, holds(conv, who)))
	}
	body["tickets"] = out
	answer(w, http.StatusOK, body)
}

// holds says whether the conversation is in an account's hands.
func holds(conv bot.Conversation, who Account) bool {
	return conv.Handling == bot.ByPerson && conv.Operator == who.Name
}

func bookedOf(all []booking.Appointment, service, hall func(string) string) []booked {
	out := []booked{}
	for i := len(all) - 1; i >= 0 && len(out) < mostMatters; i-- {
		a := all[i]
		out = append(out, booked{Number: a.Number, Service: service(a.Service), Where: hall(a.Hall),
			When: a.Date + " " + a.Time, Who: bot.MaskName(a.Name.Reveal()), Status: bookedTitle(a.Status)})
	}
	return out
}

func bookedTitle(s booking.Status) string {
	switch s {
	case booking.Booked:
		return "已约"
	case booking.Cancelled:
		return "已取消"
	case booking.CheckedIn:
		return "已取号"
	case booking.Served:
		return "已办"
	case booking.NoShow:
		return "未到"
	}
	return string(s)
}

func (d *Desk) filedOf(t ticket.Ticket, who Account, held bool) filed {
	v := filed{Number: t.Number, Title: t.Title, Type: string(t.Type), Status: t.Status.Title(), Version: t.Life.Version,
		Bodies: []choice{}, Page: works(who) && who.Actor.Sees(t)}
	if !t.DueAt.IsZero() {
		v.Due = &t.DueAt
	}
	if d.Work == nil {
		return v
	}
	names := d.Work.Tickets.TicketRules().Names
	if !t.Life.Holder.Centre() {
		v.Holder = names.Body(t.Life.Holder)
	}
	if held && mayBeSent(t) {
		for _, b := range d.bodiesFor(centre(who), t) {
			v.Bodies = append(v.Bodies, choice{b.String(), names.Body(b)})
		}
	}
	return v
}

// centre is an operator as the hotline's centre: whose citizen is on the line
// sends on what they filed.
func centre(who Account) ticket.Actor { return ticket.Actor{Role: ticket.RoleCentre, Name: who.Name} }

// mayBeSent says whether nobody has a ticket yet.
func mayBeSent(t ticket.Ticket) bool {
	switch t.Status {
	case ticket.Accepted, ticket.Returned, ticket.Reopened:
		return t.Life.Root == ""
	}
	return false
}

// dispatch sends a ticket of the citizen whose conversation an operator holds
// to whom it belongs.
func (d *Desk) dispatch(w http.ResponseWriter, r *http.Request, who Account) {
	var a struct {
		To    string `json:"to"`
		Words string `json:"words"`
		Seen  int64  `json:"seen"`
	}
	if !read(w, r, &a) {
		return
	}
	id := bot.CitizenID(r.PathValue("citizen"))
	conv, ok := d.known(w, r, who, id)
	if !ok {
		return
	}
	if !holds(conv, who) {
		refuse(w, http.StatusConflict, d.holder(r, id, who.Name))
		return
	}
	t, _, err := d.Work.Tickets.Ticket(r.Context(), r.PathValue("number"))
	if errors.Is(err, ticket.ErrNoTicket) || err == nil && t.Citizen != id {
		refuse(w, http.StatusNotFound, "这位市民没有这一件。")
		return
	}
	if err != nil {
		d.fail(w, "load ticket", err)
		return
	}
	to, err := ticket.ParseBody(a.To)
	if err != nil || to.Centre() || !d.knows(to) {
		refuse(w, http.StatusUnprocessableEntity, "没有这个单位。")
		return
	}
	d.used(r)
	if !d.audit(w, r, who.Name, string(ticket.DoDispatch)+" ticket", t.Number) {
		return
	}
	_, err = d.Work.Office.Do(r.Context(), t.Number, ticket.Command{
		Action: ticket.DoDispatch, By: centre(who), At: d.Clock(), To: to, Seen: a.Seen,
		Words: bot.Secret(strings.TrimSpace(strings.Map(printable, a.Words))),
	})
	var no *ticket.Refusal
	switch {
	case err == nil:
		answer(w, http.StatusOK, map[string]bool{"ok": true})
	case errors.As(err, &no):
		refuse(w, http.StatusConflict, no.Text)
	case errors.Is(err, ticket.ErrStale):
		refuse(w, http.StatusConflict, "同事已经办了下一步，请看过再派。")
	default:
		d.fail(w, "dispatch", err)
	}
}
