package h5

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
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
	Key      string // names the booking, so that sending it again is no second one
	Errors   []formError
	Earlier  string // the day and time an appointment is moved from
	Number   string // of the appointment that is moved
}

// formError is what is wrong with a field.
type formError struct{ Field, Text string }

// Error is what is wrong with one field, for beside it.
func (c confirming) Error(field string) string {
	for _, e := range c.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Relations are for whom a citizen books.
func (c confirming) Relations() []string {
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
	v := confirming{Key: newToken(), Relation: "本人"}
	if !p.opening(w, r, &v) {
		return
	}
	who, err := p.People.Citizen(r.Context(), id)
	if err != nil {
		p.failed(w, r, "load citizen", err)
		return
	}
	v.Name, v.Phone = who.Name.Reveal(), grouped(who.Phone.Reveal())
	p.confirmForm(w, r, http.StatusOK, v)
}

func (p *Pages) confirmForm(w http.ResponseWriter, r *http.Request, status int, v confirming) {
	title := "确认预约"
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

// keyForm is what a booking's key looks like.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

func (p *Pages) book(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if !p.form(w, r) {
		return
	}
	v := confirming{
		Name: strings.TrimSpace(r.PostFormValue("name")), Phone: r.PostFormValue("phone"),
		Relation: r.PostFormValue("relation"), Key: r.PostFormValue("key"),
	}
	if !p.opening(w, r, &v) {
		return
	}
	v.check()
	if len(v.Errors) > 0 {
		p.confirmForm(w, r, http.StatusUnprocessableEntity, v)
		return
	}
	relation := v.Relation
	if relation == "本人" {
		relation = ""
	}
	a, err := p.Counter.Book(r.Context(), booking.Request{
		Citizen: id, Channel: bot.Web, Key: "h5:" + v.Key, Service: v.Service.ID, Hall: v.Hall.ID, Date: v.Date, Time: v.Time,
		Name: bot.Secret(v.Name), Phone: bot.Secret(digitsOf(v.Phone)), Relation: relation, Now: p.Clock(),
	})
	if err != nil {
		p.refused(w, r, v, err)
		return
	}
	http.Redirect(w, r, "/h5/mine/"+a.Number+"?new=1", http.StatusSeeOther)
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
	rules := p.Rules()
	week := link{"换一个时段", weekOf(v.Service.ID, v.Hall.ID)}
	if v.Number != "" {
		week.To += "?move=" + url.QueryEscape(v.Number)
	}
	halls := link{"换一个大厅", "/h5/book/" + url.PathEscape(v.Service.ID)}
	own := link{"看我的预约", "/h5/mine"}
	switch {
	case errors.Is(err, booking.ErrFull):
		p.problem(w, r, http.StatusConflict, "这个时段刚刚被约走了", "没有约成，换一个时段就行。", week, halls)
	case errors.Is(err, booking.ErrBegun), errors.Is(err, booking.ErrNoOpening):
		p.problem(w, r, http.StatusConflict, "这个时段约不了", "它已经开始，或没有放号。请换一个时段。", week, halls)
	case errors.Is(err, booking.ErrSameService):
		p.problem(w, r, http.StatusConflict, "这一天已经约过这项业务", "同一位办理人，同一天同一业务只能约一个。可以换一天，或先取消原来的。", week, own)
	case errors.Is(err, booking.ErrTooMany):
		p.problem(w, r, http.StatusConflict, "手上的预约满了", fmt.Sprintf("一位办理人最多同时有 %d 个没办的预约。先办完或取消一个，再来约。", rules.Active), own)
	case errors.Is(err, booking.ErrBanned):
		p.problem(w, r, http.StatusConflict, "预约暂停中", fmt.Sprintf("30 天内有 %d 次约了没来，预约暂停 30 天。有特殊情况可以拨 12345 申诉，也可以直接到大厅取号。", rules.NoShows))
	case errors.Is(err, booking.ErrTooLate):
		p.problem(w, r, http.StatusConflict, "来不及改了", fmt.Sprintf("离办理时间不到 %d 小时，不能改或取消。来不了请拨 12345 说明。", int(rules.CancelBefore.Hours())), own)
	case errors.Is(err, booking.ErrNotActive), errors.Is(err, booking.ErrNoAppointment):
		p.problem(w, r, http.StatusConflict, "这个预约已经取消或办完了", "需要的话可以重新约一个。", own, link{"重新预约", "/h5/book"})
	default:
		p.failed(w, r, "take a place", err)
	}
}
