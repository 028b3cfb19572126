package desk

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Sieves is where filters of lists are kept for their owners.
type Sieves interface {
	Sieves(ctx context.Context, staff, page string) ([]bot.Sieve, error)
	SaveSieve(ctx context.Context, staff, page string, v bot.Sieve) error
}

const (
	mostSieves = 20   // of one person
	sievedFrom = 2000 // tickets a filter looks through
	inboxPage  = "work"
)

// sieved is which of an inbox's tickets are looked at.
type sieved struct {
	Tab, Words, Town, Category string
}

func sievedOf(v url.Values) sieved {
	return sieved{v.Get("tab"), strings.TrimSpace(v.Get("words")), v.Get("town"), v.Get("category")}
}

// Any says whether anything is left out.
func (s sieved) Any() bool { return s.Words+s.Town+s.Category != "" }

// Query is the filter as an address and a kept filter have it.
func (s sieved) Query() string {
	v := url.Values{}
	for _, p := range [][2]string{{"tab", s.Tab}, {"words", s.Words}, {"town", s.Town}, {"category", s.Category}} {
		if p[1] != "" {
			v.Set(p[0], p[1])
		}
	}
	return v.Encode()
}

// through are the tickets a filter lets through.
func (s sieved) through(all []ticket.Ticket) []ticket.Ticket {
	return slices.DeleteFunc(all, func(t ticket.Ticket) bool {
		return s.Category != "" && t.Category != s.Category || s.Words != "" && !strings.Contains(t.Title+" "+t.Department+" "+t.Village, s.Words)
	})
}

// keptSieve is a kept filter as a link.
type keptSieve struct {
	Name  string
	Query template.URL
	On    bool
}

// keptSieves are an account's filters of the inbox.
func (d *Desk) keptSieves(ctx context.Context, who Account, now sieved) ([]keptSieve, error) {
	if d.Work.Sieves == nil {
		return nil, nil
	}
	all, err := d.Work.Sieves.Sieves(ctx, who.Name, inboxPage)
	var out []keptSieve
	for _, v := range all {
		q, fault := url.ParseQuery(v.Query)
		if fault != nil {
			continue
		}
		s := sievedOf(q)
		out = append(out, keptSieve{v.Name, template.URL("?" + s.Query()), s == now}) // #nosec G203: encoded anew
	}
	return out, err
}

// keepSieve keeps the filter that is looked through, or takes one away.
func (d *Desk) keepSieve(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	name := strings.TrimSpace(strings.Map(printable, r.PostFormValue("name")))
	q, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil || name == "" || utf8.RuneCountInString(name) > maxTitle {
		d.workSay(w, http.StatusUnprocessableEntity, who, "筛选要有个名字，不超过 30 字。")
		return
	}
	v := bot.Sieve{Name: name, Query: sievedOf(q).Query()}
	kept, err := d.Work.Sieves.Sieves(r.Context(), who.Name, inboxPage)
	if err == nil && v.Query != "" && len(kept) >= mostSieves && !slices.ContainsFunc(kept, func(k bot.Sieve) bool { return k.Name == name }) {
		d.workSay(w, http.StatusConflict, who, "最多存 20 个筛选，先去掉不用的。")
		return
	}
	if err == nil {
		err = d.Work.Sieves.SaveSieve(r.Context(), who.Name, inboxPage, v)
	}
	if err != nil {
		d.fail(w, "keep filter", err)
		return
	}
	http.Redirect(w, r, "/desk/work/?"+v.Query, http.StatusSeeOther)
}

// sendMany dispatches several tickets to one body. Each is a step of its own:
// what cannot be sent is named with its reason and keeps no other back.
func (d *Desk) sendMany(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		d.workSay(w, http.StatusBadRequest, who, "填写的内容太长或格式不对。")
		return
	}
	if who.Actor.Role != ticket.RoleCentre {
		d.workSay(w, http.StatusForbidden, who, "批量派单由 12345 中心来做。")
		return
	}
	to, err := ticket.ParseBody(r.PostFormValue("to"))
	numbers := r.PostForm["number"]
	if err != nil || to.Centre() || !d.knows(to) || len(numbers) == 0 || len(numbers) > mostListed {
		d.workSay(w, http.StatusUnprocessableEntity, who, "请勾选要派的件，再选派给谁。")
		return
	}
	words := bot.Secret(strings.TrimSpace(strings.Map(printable, r.PostFormValue("words"))))
	sent, left := 0, []string{}
	for _, n := range numbers {
		if !d.audit(w, r, who.Name, string(ticket.DoDispatch)+" ticket", n) {
			return
		}
		t, _, err := d.Work.Tickets.Ticket(r.Context(), n)
		if err == nil && !mayBeSent(t) {
			left = append(left, n+"：已经派出去了")
			continue
		}
		if err == nil {
			_, err = d.Work.Office.Do(r.Context(), n, ticket.Command{Action: ticket.DoDispatch, By: who.Actor, At: d.Clock(), To: to, Words: words, Seen: t.Life.Version})
		}
		var no *ticket.Refusal
		switch {
		case err == nil:
			sent++
		case errors.As(err, &no):
			left = append(left, n+"："+no.Text)
		case errors.Is(err, ticket.ErrNoTicket):
			left = append(left, n+"：没有这一件")
		case errors.Is(err, ticket.ErrStale):
			left = append(left, n+"：同事刚办了下一步")
		default:
			d.fail(w, "dispatch", err)
			return
		}
	}
	said := fmt.Sprintf("派给%s %d 件。", d.Work.Tickets.TicketRules().Names.Body(to), sent)
	if len(left) > 0 {
		said += "没有派出 " + fmt.Sprint(len(left)) + " 件：" + strings.Join(left, "；") + "。"
	}
	d.workSay(w, http.StatusOK, who, said)
}
