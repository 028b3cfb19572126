package h5

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// confirming is the last page before a place is taken.
type confirming struct {
	Service  booking.Service
	Hall     booking.Hall
	Date     string
	Time     string
	Name     string
	Phone    string
	Relation string
	ID       string // the id number, where the rules ask for it
	Identity bool
	Others   bool
	Consent  bool // whoever books for another says that they agree
	Agreed   bool
	Places   int    // how many people
	Most     int    // how many one appointment may be for
	Until    string // how long the place is kept; empty: it is not
	Waiting  bool   // it is a waiting line that is entered, not a place taken
	Key      string // names the booking, so that sending it again is no second one
	Errors   []formError
	Earlier  string // the day and time an appointment is moved from
	Number   string // of the appointment that is moved
}

// formError is what is wrong with a field.
type formError struct{ Field, Text string }

// Error is what is wrong with one field, for beside it.
func (c confirming) Error(field string) string { return errorOf(c.Errors, field) }

func errorOf(errs []formError, field string) string {
	for _, e := range errs {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Counts are for how many people an appointment may be.
func (c confirming) Counts() []int {
	var out []int
	for n := 1; n <= c.Most; n++ {
		out = append(out, n)
	}
	return out
}

// Relations are for whom a citizen books.
func (c confirming) Relations() []string {
	if !c.Others {
		return []string{"本人"}
	}
	return []string{"本人", "父亲", "母亲", "配偶", "子女", "祖辈", "亲属", "朋友"}
}

// opening finds the period a page is about, with room or not.
func (p *Pages) opening(w http.ResponseWriter, r *http.Request, v *confirming) bool {
	var ok bool
	if v.Service, ok = p.service(w, r); !ok {
		return false
	}
	if v.Hall, ok = p.hall(w, r); !ok {
		return false
	}
	v.Date, v.Time = r.PathValue("date"), r.PathValue("time")
	rules := p.Counter.RulesFor(v.Service.ID)
	v.Identity, v.Others, v.Consent, v.Most, v.Places = rules.Identity, rules.Others, rules.Consent, rules.MaxPlaces, max(1, v.Places)
	if booking.At(v.Date, v.Time).IsZero() {
		p.problem(w, r, http.StatusNotFound, "没有这个时段", "请重新选一个时段。", link{"选时段", weekOf(v.Service.ID, v.Hall.ID)})
		return false
	}
	return true
}

func weekOf(service, hall string) string {
	return "/h5/book/" + url.PathEscape(service) + "/" + url.PathEscape(hall)
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	v := confirming{Key: newToken()}
	if !p.opening(w, r, &v) || !p.about(w, r, id, &v) {
		return
	}
	hold, err := p.Counter.Reserve(r.Context(), v.request(id, p.Clock()))
	if err != nil {
		p.refused(w, r, v, err)
		return
	}
	v.Until = hold.Until.In(bot.Shanghai()).Format("15:04")
	p.confirmForm(w, r, http.StatusOK, v)
}

// about fills in what is known: of the person a waiting line has kept this
// place for, otherwise of the citizen.
func (p *Pages) about(w http.ResponseWriter, r *http.Request, id bot.CitizenID, v *confirming) bool {
	who, err := p.People.Citizen(r.Context(), id)
	var proven string
	if err == nil {
		proven, err = p.People.Phone(r.Context(), id)
	}
	var waits []booking.Line
	if err == nil {
		waits, err = p.Counter.Waits(r.Context(), id)
	}
	if err != nil {
		p.failed(w, r, "load citizen", err)
		return false
	}
	v.Name, v.Phone, v.Relation = who.Name.Reveal(), grouped(cmp.Or(who.Phone.Reveal(), proven)), "本人"
	for _, l := range waits {
		if l.Status == booking.WaitHeld && l.Service == v.Service.ID && l.Hall == v.Hall.ID && l.Place.Date == v.Date && l.Place.Time == v.Time {
			v.Name, v.Phone, v.Relation = l.Name.Reveal(), grouped(l.Phone.Reveal()), cmp.Or(l.Relation, "本人")
			v.Places, v.Agreed = max(1, l.Places), l.Relation != "" // they said so when they joined the line
		}
	}
	return true
}

// request is what is asked of the ledger. A parent decides for a child.
func (c confirming) request(id bot.CitizenID, now time.Time) booking.Request {
	relation := c.Relation
	if relation == "本人" {
		relation = ""
	}
	return booking.Request{
		Citizen: id, Channel: bot.Web, Key: "h5:" + c.Key, Service: c.Service.ID, Hall: c.Hall.ID, Date: c.Date, Time: c.Time,
		Name: bot.Secret(c.Name), Phone: bot.Secret(digitsOf(c.Phone)), IDNumber: bot.Secret(c.ID), Relation: relation,
		Consent: c.Agreed || relation == "子女", Places: c.Places, Now: now,
	}
}

func (p *Pages) confirmForm(w http.ResponseWriter, r *http.Request, status int, v confirming) {
	title := "确认预约"
	if v.Waiting {
		title = "登记候补"
	}
	if len(v.Errors) > 0 {
		title = "请看一看：" + title
	}
	p.render(w, r, status, "confirm.html", frame{Title: title, Back: weekOf(v.Service.ID, v.Hall.ID), View: v})
}

// grouped writes a phone number as people read it: 138 0000 0000.
func grouped(phone string) string {
	if len(phone) != 11 {
		return phone
	}
	return phone[:3] + " " + phone[3:7] + " " + phone[7:]
}

// idForm is an identity number by its length; the hall looks at the card.
var idForm = regexp.MustCompile(`^\d{17}[\dX]$`)

// keyForm is what a booking's key looks like.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

func (p *Pages) book(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if !p.form(w, r) {
		return
	}
	v, ok := p.filled(w, r, false)
	if !ok {
		return
	}
	a, err := p.Counter.Book(r.Context(), v.request(id, p.Clock()))
	if err != nil {
		p.refused(w, r, v, err)
		return
	}
	http.Redirect(w, r, "/h5/mine/"+a.Number+"?new=1", http.StatusSeeOther)
}

// filled reads the form of the last page; what is wrong with it is shown.
func (p *Pages) filled(w http.ResponseWriter, r *http.Request, waiting bool) (confirming, bool) {
	v := confirming{
		Name: strings.TrimSpace(r.PostFormValue("name")), Phone: r.PostFormValue("phone"), ID: strings.ToUpper(strings.TrimSpace(r.PostFormValue("id_number"))),
		Relation: r.PostFormValue("relation"), Key: r.PostFormValue("key"), Waiting: waiting,
		Agreed: r.PostFormValue("agreed") == "yes",
	}
	v.Places, _ = strconv.Atoi(cmp.Or(r.PostFormValue("places"), "1"))
	if !p.opening(w, r, &v) {
		return v, false
	}
	v.check()
	if len(v.Errors) > 0 {
		p.confirmForm(w, r, http.StatusUnprocessableEntity, v)
		return v, false
	}
	return v, true
}

// waitPage asks who waits for a full opening.
func (p *Pages) waitPage(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	v := confirming{Key: newToken(), Waiting: true}
	if p.opening(w, r, &v) && p.about(w, r, id, &v) {
		p.confirmForm(w, r, http.StatusOK, v)
	}
}

// wait puts a citizen in line.
func (p *Pages) wait(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if !p.form(w, r) {
		return
	}
	v, ok := p.filled(w, r, true)
	if !ok {
		return
	}
	if _, err := p.Counter.Wait(r.Context(), v.request(id, p.Clock())); err != nil {
		p.refused(w, r, v, err)
		return
	}
	http.Redirect(w, r, "/h5/mine", http.StatusSeeOther)
}

// check finds what is wrong with what was filled in.
func (c *confirming) check() {
	n := utf8.RuneCountInString(c.Name)
	if n < 2 || n > 30 || strings.ContainsFunc(c.Name, func(r rune) bool { return unicode.IsControl(r) || unicode.IsDigit(r) }) {
		c.Errors = append(c.Errors, formError{"name", "请填办理人的姓名，两个字以上，不含数字。"})
	}
	if !phoneForm.MatchString(digitsOf(c.Phone)) {
		c.Errors = append(c.Errors, formError{"phone", "请填 11 位手机号。"})
	}
	if !keyForm.MatchString(c.Key) {
		c.Key = newToken()
		c.Errors = append(c.Errors, formError{"", "页面放得太久了，请再提交一次。"})
	}
	if c.Identity && !idForm.MatchString(c.ID) {
		c.Errors = append(c.Errors, formError{"id_number", "这项业务要填办理人的 18 位身份证号。"})
	}
	if c.Places > c.Most {
		c.Errors = append(c.Errors, formError{"places", fmt.Sprintf("一个预约最多 %d 人，人更多请分开约。", c.Most)})
	}
	if c.Others && c.Consent && c.Relation != "本人" && c.Relation != "子女" && !c.Agreed {
		c.Errors = append(c.Errors, formError{"agreed", "给别人办，请先得到本人同意，再勾选。"})
	}
	if !known(c.Relations(), c.Relation) {
		c.Errors = append(c.Errors, formError{"relation", "请选给谁办。"})
	}
}

func known(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// refused says why a place was not given and where to go on.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, v confirming, err error) {
	why := booking.Reason(err, p.Counter.RulesFor(v.Service.ID), bot.Simplified)
	if why == "" {
		p.failed(w, r, "take a place", err)
		return
	}
	week := link{"换一个时段", weekOf(v.Service.ID, v.Hall.ID)}
	if v.Number != "" {
		week.To += "?move=" + url.QueryEscape(v.Number)
	}
	own := link{"看我的预约", "/h5/mine"}
	links := []link{week, {"换一个大厅", "/h5/book/" + url.PathEscape(v.Service.ID)}}
	switch {
	case errors.Is(err, booking.ErrFull) && v.Number == "":
		links = append(links, link{"登记候补", "/h5/wait/" + url.PathEscape(v.Service.ID) + "/" + url.PathEscape(v.Hall.ID) + "/" + v.Date + "/" + v.Time})
	case errors.Is(err, booking.ErrSameService), errors.Is(err, booking.ErrSameDay):
		links = []link{week, own}
	case errors.Is(err, booking.ErrTooMany), errors.Is(err, booking.ErrTooLate), errors.Is(err, booking.ErrNotActive),
		errors.Is(err, booking.ErrNoAppointment), errors.Is(err, booking.ErrTooManyWaits), errors.Is(err, booking.ErrRated), errors.Is(err, booking.ErrNotServed):
		links = []link{own}
	case errors.Is(err, booking.ErrBanned):
		links = []link{{"申诉", "/h5/appeal"}}
	case errors.Is(err, booking.ErrNotBanned):
		links = []link{{"去预约", "/h5/book"}}
	case errors.Is(err, booking.ErrAppealed):
		links = []link{own}
	}
	p.problem(w, r, http.StatusConflict, "没有办成", why, links...)
}
