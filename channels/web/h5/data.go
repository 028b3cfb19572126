package h5

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/privacy"
)

// Data is what citizens may do about what is kept of them (个人信息保护法
// articles 44–47).
type Data interface {
	Terms() []privacy.Term
	Account(ctx context.Context, id bot.CitizenID) ([]privacy.Held, error)
	// Copy writes everything the citizen may read, as a ZIP file.
	Copy(ctx context.Context, id bot.CitizenID, w io.Writer) error
	Rename(ctx context.Context, id bot.CitizenID, name bot.Secret) error
	// Unfollow ends the messages about policies.
	Unfollow(ctx context.Context, id bot.CitizenID) error
	// Consents are the citizen's separate consents.
	Consents(ctx context.Context, id bot.CitizenID) ([]privacy.Separate, error)
	// Withdraw takes one of them back; privacy.ErrNobody if none such stands.
	Withdraw(ctx context.Context, id bot.CitizenID, consent string) (privacy.Proof, error)
	// Erase deletes the citizen; privacy.OpenMatters while something is open.
	Erase(ctx context.Context, id bot.CitizenID) (privacy.Proof, error)
}

// longestName is how many characters a name may have.
const longestName = 20

// dataRow is one kind of data on the page.
type dataRow struct {
	privacy.Term
	privacy.Held
	Day string // of the oldest
}

// Kind is the kind of both parts.
func (r dataRow) Kind() privacy.Kind { return r.Held.Kind }

// dataView is the page of a citizen's own data.
type dataView struct {
	Name, Phone string
	Rows        []dataRow
	Follows     bool
	Consents    []privacy.Separate
	Error       string
	Saved       bool
}

// signed lets only those through who have signed in: whoever merely holds the
// browser may look after what it booked, and no more.
func (p *Pages) signed(next person) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, signed, err := p.visitor(r)
		switch {
		case errors.Is(err, ErrNoVisit), err == nil && !signed:
			http.Redirect(w, r, "/h5/signin?to="+url.QueryEscape("/h5/data"), http.StatusSeeOther)
		case err != nil:
			p.failed(w, r, "find visitor", err)
		default:
			next(w, r, id)
		}
	}
}

func (p *Pages) data(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	p.showData(w, r, id, http.StatusOK, dataView{Saved: r.URL.Query().Has("saved")})
}

func (p *Pages) showData(w http.ResponseWriter, r *http.Request, id bot.CitizenID, status int, v dataView) {
	who, err := p.People.Citizen(r.Context(), id)
	if err != nil {
		p.failed(w, r, "load citizen", err)
		return
	}
	if v.Name == "" {
		v.Name = who.Name.Reveal()
	}
	if v.Phone, err = p.People.Phone(r.Context(), id); err != nil {
		p.failed(w, r, "load phone", err)
		return
	}
	held, err := p.Data.Account(r.Context(), id)
	if err != nil {
		p.failed(w, r, "account for citizen", err)
		return
	}
	terms := map[privacy.Kind]privacy.Term{}
	for _, t := range p.Data.Terms() {
		terms[t.Kind] = t
	}
	for _, h := range held {
		row := dataRow{Term: terms[h.Kind], Held: h}
		if !h.Since.IsZero() {
			row.Day = h.Since.In(bot.Shanghai()).Format("2006-01-02")
		}
		v.Rows = append(v.Rows, row)
		v.Follows = v.Follows || h.Kind == privacy.Policies && h.Count > 0
	}
	if v.Consents, err = p.Data.Consents(r.Context(), id); err != nil {
		p.failed(w, r, "list separate consents", err)
		return
	}
	p.render(w, r, status, "data.html", frame{Title: "我的数据", Back: "/h5/", View: v})
}

// dataCopy sends the citizen's copy; it is made whole first, so that a fault
// is a page and not half a file.
func (p *Pages) dataCopy(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	var file bytes.Buffer
	if err := p.Data.Copy(r.Context(), id, &file); err != nil {
		p.failed(w, r, "copy citizen's data", err)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="my-data-`+p.Clock().In(bot.Shanghai()).Format("20060102")+`.zip"`)
	w.Write(file.Bytes())
}

func (p *Pages) rename(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if !p.form(w, r) {
		return
	}
	name := strings.Join(strings.Fields(r.PostFormValue("name")), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > longestName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' }) {
		p.showData(w, r, id, http.StatusUnprocessableEntity, dataView{Name: name, Error: "请填 1 到 20 个字的姓名。"})
		return
	}
	if err := p.Data.Rename(r.Context(), id, bot.Secret(name)); err != nil {
		p.failed(w, r, "correct name", err)
		return
	}
	http.Redirect(w, r, "/h5/data?saved=1", http.StatusSeeOther)
}

func (p *Pages) unfollow(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if err := p.Data.Unfollow(r.Context(), id); err != nil {
		p.failed(w, r, "unfollow policies", err)
		return
	}
	http.Redirect(w, r, "/h5/data?saved=1", http.StatusSeeOther)
}

// withdraw takes a separate consent back and shows the proof. Pressed twice it
// shows the page as it stands.
func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if !p.form(w, r) {
		return
	}
	consent := r.PostFormValue("consent")
	proof, err := p.Data.Withdraw(r.Context(), id, consent)
	switch {
	case errors.Is(err, privacy.ErrNobody):
		http.Redirect(w, r, "/h5/data", http.StatusSeeOther)
	case err != nil:
		p.failed(w, r, "withdraw consent", err)
	default:
		v := withdrawal{Proof: proof}
		all, err := p.Data.Consents(r.Context(), id)
		if err != nil { // it is taken back all the same, and the proof is shown
			p.Log.Error("read consents", "citizen", id, "error", err)
		}
		for _, c := range all {
			if c.ID == consent {
				v.Sensitive, v.What, v.Errand = c.About == bot.OfSensitive, c.What, c.Errand
			}
		}
		p.render(w, r, http.StatusOK, "withdrawn.html", frame{Title: "已经撤回", Back: "/h5/data", View: v})
	}
}

// withdrawal is a consent that was taken back: a guardian's, or one's own to
// writing down particulars of some kinds for an errand.
type withdrawal struct {
	privacy.Proof
	Sensitive    bool
	What, Errand string
}

// erasing is the page that asks whether a deletion is meant, or says what is
// still open.
type erasing struct {
	Open []openMatter
}

// openMatter is what has to end first and where that is done.
type openMatter struct {
	What, How string
	To        template.URL
}

func (p *Pages) erasePage(w http.ResponseWriter, r *http.Request, _ bot.CitizenID) {
	p.render(w, r, http.StatusOK, "erase.html", frame{Title: "删除我的数据", Back: "/h5/data", View: erasing{}})
}

// erase deletes the citizen and shows the proof. The visit is over by it.
func (p *Pages) erase(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	if !p.form(w, r) {
		return
	}
	if r.PostFormValue("sure") != "yes" {
		p.render(w, r, http.StatusUnprocessableEntity, "erase.html", frame{Title: "请先勾选确认", Back: "/h5/data", View: erasing{}})
		return
	}
	proof, err := p.Data.Erase(r.Context(), id)
	var open privacy.OpenMatters
	switch {
	case errors.As(err, &open):
		v := erasing{}
		for _, m := range open {
			v.Open = append(v.Open, p.matterOf(m))
		}
		p.render(w, r, http.StatusConflict, "erase.html", frame{Title: "还有事情没办完", Back: "/h5/data", View: v})
		return
	case errors.Is(err, privacy.ErrNobody): // pressed twice
	case err != nil:
		p.failed(w, r, "erase citizen", err)
		return
	}
	p.keep(w, "", -time.Second)
	p.render(w, r, http.StatusOK, "erased.html", frame{Title: "已经删除", Back: "/h5/", View: proof})
}

// matterOf says what an open matter is and how it ends.
func (p *Pages) matterOf(m privacy.Matter) openMatter {
	switch m.Kind {
	case privacy.Appointments:
		if m.Number == "" {
			return openMatter{"还在排候补", "不等了就退出", "/h5/mine"}
		}
		return openMatter{"预约 " + m.Number, "先取消，或办完再删", template.URL("/h5/mine/" + m.Number)}
	case privacy.Tickets:
		return openMatter{"诉求 " + m.Number, "先撤回，或等办结", template.URL("/h5/requests/" + m.Number)}
	case privacy.Claims:
		return openMatter{"认领的心愿 " + m.Number, "先放弃认领，或等送达；跟助手说“放弃认领”就行", p.ask()}
	}
	return openMatter{"正在和人工对话", "等人工结束后再删", p.ask()}
}
