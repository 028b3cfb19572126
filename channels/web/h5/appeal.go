package h5

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// appealing is the page of a word against a stop of bookings.
type appealing struct {
	Name   string
	Phone  string
	ID     string
	Words  string
	Errors []formError
}

// Error is what is wrong with one field, for beside it.
func (v appealing) Error(field string) string { return errorOf(v.Errors, field) }

func (p *Pages) appealPage(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	var about confirming
	if !p.about(w, r, id, &about) {
		return
	}
	p.appealForm(w, r, http.StatusOK, appealing{Name: about.Name, Phone: about.Phone})
}

func (p *Pages) appealForm(w http.ResponseWriter, r *http.Request, status int, v appealing) {
	title := "停约申诉"
	if len(v.Errors) > 0 {
		title = "请看一看：" + title
	}
	p.render(w, r, status, "appeal.html", frame{Title: title, Back: "/h5/mine", View: v})
}

func (p *Pages) appeal(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if !p.form(w, r) {
		return
	}
	v := appealing{Name: strings.TrimSpace(r.PostFormValue("name")), Phone: r.PostFormValue("phone"),
		ID: strings.ToUpper(strings.TrimSpace(r.PostFormValue("id_number"))), Words: strings.TrimSpace(r.PostFormValue("words"))}
	if utf8.RuneCountInString(v.Name) < 2 || utf8.RuneCountInString(v.Name) > 30 {
		v.Errors = append(v.Errors, formError{"name", "请填预约时用的姓名。"})
	}
	if !phoneForm.MatchString(digitsOf(v.Phone)) {
		v.Errors = append(v.Errors, formError{"phone", "请填预约时留的 11 位手机号。"})
	}
	if v.ID != "" && !idForm.MatchString(v.ID) {
		v.Errors = append(v.Errors, formError{"id_number", "身份证号是 18 位；预约时没填过就不用填。"})
	}
	if n := utf8.RuneCountInString(v.Words); n < 4 || n > booking.MostWords {
		v.Errors = append(v.Errors, formError{"words", "请用 4 到 500 个字说说原因。"})
	}
	if len(v.Errors) > 0 {
		p.appealForm(w, r, http.StatusUnprocessableEntity, v)
		return
	}
	err := p.Counter.Appeal(r.Context(), booking.Appeal{Citizen: id, Name: bot.Secret(v.Name), Phone: bot.Secret(digitsOf(v.Phone)),
		IDNumber: bot.Secret(v.ID), Words: bot.Secret(v.Words), At: p.Clock()})
	if err != nil {
		p.refused(w, r, confirming{}, err)
		return
	}
	p.problem(w, r, http.StatusOK, "申诉收到了", "有人看过就告诉您结果：微信里能收到消息的发到微信，其他的可以再来这里问。这段时间可以直接到大厅现场取号。", link{"我的预约", "/h5/mine"})
}
