package hall

import (
	"net/http"
	"slices"
	"strings"

	"guanjia/bot/booking"
)

// mostGroups are offered to be ticked at once.
const mostGroups = 40

// windowing is the page of a window, or of a new one.
type windowing struct {
	Who    Clerk
	Hall   booking.Hall
	Window booking.Window
	New    bool
	Was    string // the number it has, where it is to have another
	Chosen []fact // businesses it serves, by id and name
	Words  string
	Found  []fact // others that the words name
	More   int    // and how many are not shown
	// Departments are those there are.
	Departments []string
	Wrong       string
}

// find fills in what can be ticked.
func (v *windowing) find(plan booking.Plan) {
	names := namesOf(plan)
	for _, g := range v.Window.Groups {
		v.Chosen = append(v.Chosen, fact{g, names.group(g)})
	}
	for _, g := range groupsOf(plan) {
		if slices.Contains(v.Window.Groups, g.Name) || v.Words != "" && !strings.Contains(g.Value, v.Words) && g.Name != v.Words {
			continue
		}
		if len(v.Found) == mostGroups {
			v.More++
			continue
		}
		v.Found = append(v.Found, g)
	}
	for _, d := range departmentsOf(plan) {
		v.Departments = append(v.Departments, d.Name)
	}
}

func (p *Pages) windowPage(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	v := windowing{Who: who, Hall: h, New: true}
	_, v.Wrong = p.told(w, r)
	if number := r.URL.Query().Get("number"); number != "" {
		i := slices.IndexFunc(plan.Windows, func(o booking.Window) bool { return o.Hall == h.ID && o.Number == number })
		if i < 0 {
			p.trouble(w, http.StatusNotFound, "没有这个窗口", editPath(h.ID))
			return
		}
		v.Window, v.Was, v.New = plan.Windows[i], number, false
	}
	v.find(plan)
	p.render(w, http.StatusOK, "window.html", v)
}

// window adds, changes or removes a window, or looks for what it could serve.
func (p *Pages) window(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	if err := r.ParseForm(); err != nil {
		p.refuse(w, r, editPath(h.ID), "填写的内容太长。")
		return
	}
	names := namesOf(plan)
	win := booking.Window{Hall: h.ID, Number: strings.TrimSpace(r.PostFormValue("number")), Name: strings.TrimSpace(r.PostFormValue("name")),
		Department: strings.TrimSpace(r.PostFormValue("department")), Groups: slices.DeleteFunc(slices.Clone(r.PostForm["group"]), func(g string) bool { return names.groups[g] == "" })}
	there := func(number string) bool {
		return slices.ContainsFunc(plan.Windows, func(o booking.Window) bool { return o.Hall == h.ID && o.Number == number })
	}
	form := windowing{Who: who, Hall: h, Window: win, New: r.PostFormValue("new") == "yes", Was: r.PostFormValue("was"), Words: strings.TrimSpace(r.PostFormValue("q"))}
	switch {
	case r.PostFormValue("find") == "yes":
		form.find(plan)
		p.render(w, http.StatusOK, "window.html", form)
		return
	case win.Number == "" || len([]rune(win.Number)) > 12 || len([]rune(win.Name+win.Department)) > 80:
		form.Wrong = "请写窗口号，不超过 12 个字。"
	case !form.New && !there(form.Was):
		p.refuse(w, r, editPath(h.ID), "没有这个窗口了，请重新选。")
		return
	case win.Number != form.Was && there(win.Number):
		form.Wrong = "已经有 " + win.Number + " 号窗口了，请换一个号，或去改那个窗口。"
	}
	if form.Wrong != "" {
		form.find(plan)
		p.render(w, http.StatusUnprocessableEntity, "window.html", form)
		return
	}
	v := proposed{Who: who, Title: "改窗口", Back: editPath(h.ID), Facts: []fact{{"大厅", h.Name}, {"窗口", win.Number}, {"名称", win.Name}, {"部门", win.Department},
		{"办什么", serves(win, names, len(win.Groups))}}}
	switch {
	case r.PostFormValue("drop") == "yes":
		v.Title, v.Facts = "撤掉窗口", []fact{{"大厅", h.Name}, {"窗口", form.Was}}
		p.make(w, r, v, booking.Change{NoWindow: &booking.Window{Hall: h.ID, Number: form.Was}}, "窗口 "+form.Was+" 撤掉了。")
	case form.New:
		v.Title = "加窗口"
		p.make(w, r, v, booking.Change{Window: &win}, "窗口 "+win.Number+" 加好了，马上可以叫号。")
	case win.Number != form.Was:
		v.Facts = append(v.Facts, fact{"原来是", form.Was + " 号窗口"})
		p.make(w, r, v, booking.Change{Window: &win, NoWindow: &booking.Window{Hall: h.ID, Number: form.Was}}, "窗口 "+form.Was+" 改成 "+win.Number+" 了，叫号马上按新的。")
	default:
		p.make(w, r, v, booking.Change{Window: &win}, "窗口 "+win.Number+" 改好了，叫号马上按新的。")
	}
}
