package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/picture"
	"guanjia/bot/ticket"
)

const (
	maxWorkBody = 12 << 20 // of a form with a picture
	pictureSide = 1920     // pixels of the longer side a picture is kept at, at most
)

// workDeed carries out one step on a ticket.
func (d *Desk) workDeed(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxWorkBody)
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		d.workSay(w, http.StatusRequestEntityTooLarge, who, "内容太大，照片请不超过 10 MB。")
		return
	}
	t, steps, ok := d.seen(w, r, who)
	if !ok {
		return
	}
	c, fault := d.commandFrom(r, who)
	if fault == "" {
		c.Attachment, fault = d.pictureFrom(r, t)
	}
	if fault != "" {
		d.workCase(w, r, who, http.StatusBadRequest, workCase{T: t, Steps: steps, Error: fault, Words: r.PostFormValue("words")})
		return
	}
	reason, fault := reasonFrom(r, c.Action)
	if fault != "" {
		d.workCase(w, r, who, http.StatusBadRequest, workCase{T: t, Steps: steps, Error: fault})
		return
	}
	if !d.record(w, r, bot.AuditEntry{Actor: who.Name, Deed: string(c.Action) + " ticket", Subject: t.Number, Reason: reason}) {
		return
	}
	after, err := d.Work.Office.Do(r.Context(), t.Number, c)
	var no *ticket.Refusal
	switch {
	case errors.As(err, &no):
		d.workCase(w, r, who, http.StatusConflict, workCase{T: t, Steps: steps, Error: no.Text, Words: r.PostFormValue("words")})
	case errors.Is(err, ticket.ErrStale):
		d.workCase(w, r, who, http.StatusConflict, workCase{T: t, Steps: steps, Error: "您写的时候，同事已经办了下一步。请看过再提交，写的内容还在。", Words: r.PostFormValue("words")})
	case err != nil:
		d.fail(w, "carry out step", err)
	case c.Action == ticket.DoReveal:
		d.workCase(w, r, who, http.StatusOK, workCase{T: after, Steps: steps, Phone: grouped(after.Phone.Reveal())})
	case !who.Actor.Sees(after):
		http.Redirect(w, r, "/desk/work/", http.StatusSeeOther)
	default:
		http.Redirect(w, r, "/desk/work/ticket/"+t.Number, http.StatusSeeOther)
	}
}

// contactReasons are why somebody's number is looked at.
func contactReasons() []string {
	return []string{"联系市民办理", "市民要求回电", "核对身份", "依法调取"}
}

// reasonFrom reads why a number is looked at; nothing else asks for a reason.
func reasonFrom(r *http.Request, a ticket.Action) (reason, fault string) {
	if a != ticket.DoReveal {
		return "", ""
	}
	if reason = r.PostFormValue("reason"); !slices.Contains(contactReasons(), reason) {
		return "", "请选一个查看联系方式的原因。"
	}
	return reason, ""
}

// figure drops what is none.
func figure(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// grouped writes a number as it is read aloud: 138 0000 0000.
func grouped(phone string) string {
	if len(phone) != 11 {
		return phone
	}
	return phone[:3] + " " + phone[3:7] + " " + phone[7:]
}

// commandFrom reads the form; fault is a sentence.
func (d *Desk) commandFrom(r *http.Request, who Account) (c ticket.Command, fault string) {
	c = ticket.Command{
		Action: ticket.Action(r.PathValue("action")), By: who.Actor, At: d.Clock(),
		Words: bot.Secret(strings.TrimSpace(strings.Map(printable, r.PostFormValue("words")))),
		Into:  strings.ToUpper(strings.TrimSpace(r.PostFormValue("into"))), Category: r.PostFormValue("category"),
		Way: ticket.Way(r.PostFormValue("way")), Finding: ticket.Finding(r.PostFormValue("finding")),
		Satisfied: ticket.Verdict(r.PostFormValue("satisfied")), Solved: ticket.Verdict(r.PostFormValue("satisfied")),
	}
	if c.Category != "" {
		found := d.category(c.Category)
		if found.DepartmentID == "" {
			return c, "没有这个分类。"
		}
		c.Department = found.Department
	}
	var err error
	if c.To, err = ticket.ParseBody(r.PostFormValue("to")); err != nil || !d.knows(c.To) {
		return c, "没有这个单位。"
	}
	if v := r.PostFormValue("until"); v != "" {
		if c.Until, err = time.ParseInLocation(time.DateOnly, v, bot.Shanghai()); err != nil {
			return c, "日期要写成 2026-12-02 这样。"
		}
		c.Until = c.Until.Add(24*time.Hour - time.Second)
	}
	if v := strings.TrimSpace(r.PostFormValue("amount")); v != "" {
		if c.Amount, err = strconv.ParseFloat(v, 64); err != nil || c.Amount < 0 || c.Amount > 10_000_000 {
			return c, "金额要写成数字，单位元。"
		}
	}
	if v := r.PostFormValue("seen"); v != "" {
		if c.Seen, err = strconv.ParseInt(v, 10, 64); err != nil {
			return c, "页面过期了，请刷新。"
		}
		c.Key = fmt.Sprintf("%s:%s:%s", who.Name, c.Action, v)
	}
	return c, ""
}

// knows says whether a body is one of the city's.
func (d *Desk) knows(b ticket.Body) bool {
	n := d.Work.Tickets.TicketRules().Names
	return (b.Department == "" || n.Departments[b.Department] != "") && (b.Town == "" || n.Towns[b.Town] != "")
}

// pictureFrom keeps the form's picture, if there is one, with the ticket's
// citizen. It is drawn anew: where it was taken, and by what, does not stay in it.
func (d *Desk) pictureFrom(r *http.Request, t ticket.Ticket) (id, fault string) {
	clean, kind, err := picture.FromForm(r, "picture", pictureSide)
	switch {
	case errors.Is(err, picture.ErrNone):
		return "", ""
	case errors.Is(err, picture.ErrCut):
		return "", "照片没有传完，请再发一次。"
	case err != nil:
		return "", "照片打不开，请发 JPG 或 PNG。"
	}
	if id, err = d.Work.Keep(r.Context(), t.Citizen, bot.Attachment{Kind: "image", Type: kind, Name: "visit", Bytes: clean}, d.Clock()); err != nil {
		d.Log.Error("keep picture", "error", err)
		return "", "照片没有存上，请再发一次。"
	}
	return id, ""
}

// workClaims lists the claims a town's social workers have to settle.
func (d *Desk) workClaims(w http.ResponseWriter, r *http.Request, who Account) {
	town := who.Actor.Body.Town
	if !who.Actor.MaySettle(town) {
		d.workSay(w, http.StatusForbidden, who, "认领由当地社工确认和转交。")
		return
	}
	claims, err := d.Work.Tickets.ClaimsIn(r.Context(), town, mostListed)
	if err != nil {
		d.fail(w, "list claims", err)
		return
	}
	wishes, err := d.Work.Tickets.Wishes(r.Context(), ticket.WishQuery{Town: town})
	if err != nil {
		d.fail(w, "list wishes", err)
		return
	}
	donors, err := d.Work.Tickets.Donors(r.Context(), nil, town, mostListed)
	if err != nil {
		d.fail(w, "list donors", err)
		return
	}
	pending, err := d.pending(r.Context(), town)
	if err != nil {
		d.fail(w, "list wishes not public yet", err)
		return
	}
	words, err := d.waitingWords(r.Context(), town)
	if err != nil {
		d.fail(w, "list words to pass on", err)
		return
	}
	texts := map[string]string{}
	for _, v := range wishes {
		texts[v.Number] = v.Text
	}
	d.workShow(w, http.StatusOK, "work-claims.html", "认领", who, map[string]any{"Pending": pending, "Words": words, "Claims": claims, "Texts": texts, "Donors": donors})
}

// waitingWord is a word of one side of a wish, with what may be passed on of it.
type waitingWord struct {
	ticket.Word
	Clean string
}

func (d *Desk) waitingWords(ctx context.Context, town string) ([]waitingWord, error) {
	all, err := d.Work.Tickets.WordsWaiting(ctx, town, mostListed)
	if err != nil {
		return nil, err
	}
	var out []waitingWord
	for _, v := range all {
		t, _, err := d.Work.Tickets.Ticket(ctx, v.Wish)
		if err != nil {
			return nil, err
		}
		claims, err := d.Work.Tickets.Claims(ctx, v.Wish)
		if err != nil {
			return nil, err
		}
		out = append(out, waitingWord{v, v.Clean(t, claims)})
	}
	return out, nil
}

// workWord passes a word on, or keeps it back.
func (d *Desk) workWord(w http.ResponseWriter, r *http.Request, who Account) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		d.workSay(w, http.StatusNotFound, who, "没有这一句。")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	words := strings.TrimSpace(strings.Map(printable, r.PostFormValue("words")))
	number := r.PathValue("number")
	if !d.settles(w, r, who, number) || !d.audit(w, r, who.Name, r.PathValue("action")+" word", number) {
		return
	}
	switch r.PathValue("action") {
	case "pass":
		err = d.Work.Claiming.PassOn(r.Context(), id, who.Actor, bot.Secret(words), d.Clock())
	case "keep":
		err = d.Work.Claiming.KeepBack(r.Context(), id, who.Actor, words, d.Clock())
	default:
		err = &ticket.Refusal{Text: "没有这个操作。", Cause: "unknown deed on a word"}
	}
	d.settled(w, r, who, err)
}

// pendingWish is a wish that is not public, and why.
type pendingWish struct {
	ticket.Wish
	Why   string
	Ready bool // only a person's look is missing
}

// pending are a town's wishes that are not public yet, those that only wait
// for a look first.
func (d *Desk) pending(ctx context.Context, town string) ([]pendingWish, error) {
	wishes, err := d.Work.Tickets.Wishes(ctx, ticket.WishQuery{Town: town, Pending: true, Limit: mostListed})
	if err != nil {
		return nil, err
	}
	rules := d.Work.Tickets.TicketRules()
	looker := ticket.Actor{Role: ticket.RoleCentre}
	var out []pendingWish
	for _, v := range wishes {
		t, _, err := d.Work.Tickets.Ticket(ctx, v.Number)
		if err != nil {
			return nil, err
		}
		p := pendingWish{Wish: v, Why: ticket.Private(t, rules, bot.Simplified), Ready: slices.Contains(ticket.Allowed(t, looker, rules, d.Clock()), ticket.DoPublish)}
		p.Text = ticket.WishOf(t, rules.Names, v.CreatedAt).Text
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b pendingWish) int {
		switch {
		case a.Ready == b.Ready:
			return 0
		case a.Ready:
			return -1
		}
		return 1
	})
	return out, nil
}

// workPublish puts a wish on the public list: the word of whoever looked at it.
func (d *Desk) workPublish(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	number := r.PathValue("number")
	if !d.settles(w, r, who, number) || !d.audit(w, r, who.Name, "publish wish", number) {
		return
	}
	_, err := d.Work.Office.Do(r.Context(), number, ticket.Command{
		Action: ticket.DoPublish, By: who.Actor, At: d.Clock(), Words: bot.Secret(strings.TrimSpace(strings.Map(printable, r.PostFormValue("words")))),
	})
	d.settled(w, r, who, err)
}

func (d *Desk) workSettle(w http.ResponseWriter, r *http.Request, who Account) {
	id, err := strconv.ParseInt(r.PathValue("claim"), 10, 64)
	if err != nil {
		d.workSay(w, http.StatusNotFound, who, "没有这一条认领。")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	number, now := r.PathValue("number"), d.Clock()
	if !d.settles(w, r, who, number) {
		return
	}
	words := strings.TrimSpace(strings.Map(printable, r.PostFormValue("words")))
	if !d.audit(w, r, who.Name, r.PathValue("action")+" claim", number) {
		return
	}
	switch r.PathValue("action") {
	case "confirm":
		err = d.Work.Claiming.Confirm(r.Context(), number, id, who.Actor, now)
	case "deliver":
		err = d.Work.Claiming.Deliver(r.Context(), number, id, who.Actor, bot.Secret(words), bot.Secret(strings.TrimSpace(r.PostFormValue("thanks"))), now)
	case "release":
		if words == "" {
			words = "没有联系上"
		}
		err = d.Work.Claiming.Release(r.Context(), number, id, who.Actor, words, now)
	default:
		err = &ticket.Refusal{Text: "没有这个操作。", Cause: "unknown deed on a claim"}
	}
	d.settled(w, r, who, err)
}

// settles says whether a wish is of those that an account deals with; to others
// there is no such wish.
func (d *Desk) settles(w http.ResponseWriter, r *http.Request, who Account, number string) bool {
	t, _, err := d.Work.Tickets.Ticket(r.Context(), number)
	switch {
	case errors.Is(err, ticket.ErrNoTicket) || err == nil && !who.Actor.MaySettle(t.Town):
		d.workSay(w, http.StatusNotFound, who, "您的清单里没有这一件。")
	case err != nil:
		d.fail(w, "load ticket", err)
	default:
		return true
	}
	return false
}

// settled goes back to the list of claims, or says what was wrong.
func (d *Desk) settled(w http.ResponseWriter, r *http.Request, who Account, err error) {
	var no *ticket.Refusal
	switch {
	case errors.As(err, &no):
		d.workSay(w, http.StatusConflict, who, no.Text)
	case errors.Is(err, ticket.ErrNoTicket):
		d.workSay(w, http.StatusNotFound, who, "没有这个心愿。")
	case err != nil:
		d.fail(w, "settle claim", err)
	default:
		http.Redirect(w, r, "/desk/work/claims", http.StatusSeeOther)
	}
}
