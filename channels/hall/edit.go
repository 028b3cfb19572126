package hall

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"guanjia/bot/booking"
)

// editing is the page of a hall's particulars and windows.
type editing struct {
	Who         Clerk
	Hall        booking.Hall
	Lat, Lng    string
	Windows     []windowRow
	Groups      []fact
	Said, Wrong string
}

// windowRow is a window with what it serves.
type windowRow struct {
	booking.Window
	Serves string
}

// Has says whether a window serves a group by name.
func (v windowRow) Has(group string) bool { return slices.Contains(v.Groups, group) }

// windowForm is the form of a window, or of a new one.
type windowForm struct {
	Hall, Key string
	Row       windowRow
	Groups    []fact
}

func windowFormOf(hall string, row any, groups []fact) windowForm {
	v := windowForm{Hall: hall, Key: "new", Groups: groups}
	if w, ok := row.(windowRow); ok {
		v.Row, v.Key = w, "w"+w.Number
	}
	return v
}

func editPath(hall string) string { return "/hall/" + url.PathEscape(hall) + "/edit" }

func (p *Pages) editPage(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	names := namesOf(plan)
	v := editing{Who: who, Hall: h, Lat: degrees(h.Lat), Lng: degrees(h.Lng), Groups: groupsOf(plan)}
	v.Said, v.Wrong = told(w, r)
	for _, win := range plan.Windows {
		if win.Hall != h.ID {
			continue
		}
		row := windowRow{Window: win}
		for _, g := range win.Groups {
			row.Serves += names.group(g) + " "
		}
		v.Windows = append(v.Windows, row)
	}
	p.render(w, http.StatusOK, "edit.html", v)
}

func degrees(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// edit changes a hall's particulars.
func (p *Pages) edit(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	lat, latErr := strconv.ParseFloat(field("lat"), 64)
	lng, lngErr := strconv.ParseFloat(field("lng"), 64)
	if field("lat") == "" && field("lng") == "" {
		lat, lng, latErr, lngErr = 0, 0, nil, nil
	} else if latErr != nil || lngErr != nil || lat < 18 || lat > 54 || lng < 73 || lng > 136 {
		p.refuse(w, r, editPath(h.ID), "经纬度不对：纬度如 23.0208，经度如 113.7518，两个一起填或都不填。")
		return
	}
	h.Name, h.Address, h.Phone, h.Hours, h.Access, h.Lat, h.Lng = field("name"), field("address"), field("phone"), field("hours"), field("access"), lat, lng
	for _, text := range []string{h.Name, h.Address, h.Phone, h.Hours, h.Access} {
		if len([]rune(text)) > 200 {
			p.refuse(w, r, editPath(h.ID), "每一项不超过 200 字。")
			return
		}
	}
	if h.Name == "" {
		p.refuse(w, r, editPath(h.ID), "大厅要有名字。")
		return
	}
	p.make(w, r, proposed{Who: who, Title: "改大厅资料", Back: editPath(h.ID), Facts: []fact{{"名称", h.Name}, {"地址", h.Address}, {"电话", h.Phone},
		{"开放时间", h.Hours}, {"停车和无障碍", h.Access}, {"位置", strings.TrimSpace(degrees(h.Lat) + " " + degrees(h.Lng))}}},
		booking.Change{Hall: &h}, "大厅资料改好了。")
}

// window adds, changes or removes a window.
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
	if win.Number == "" || len([]rune(win.Number)) > 12 || len([]rune(win.Name+win.Department)) > 80 {
		p.refuse(w, r, editPath(h.ID), "请写窗口号，不超过 12 个字。")
		return
	}
	serves := "全部业务"
	if len(win.Groups) > 0 {
		var titles []string
		for _, g := range win.Groups {
			titles = append(titles, names.group(g))
		}
		serves = strings.Join(titles, "、")
	}
	v := proposed{Who: who, Title: "改窗口", Back: editPath(h.ID), Facts: []fact{{"大厅", h.Name}, {"窗口", win.Number}, {"名称", win.Name}, {"部门", win.Department}, {"办什么", serves}}}
	if r.PostFormValue("drop") == "yes" {
		v.Title = "撤掉窗口"
		p.make(w, r, v, booking.Change{NoWindow: &win}, "窗口 "+win.Number+" 撤掉了。")
		return
	}
	p.make(w, r, v, booking.Change{Window: &win}, "窗口 "+win.Number+" 改好了，叫号马上按新的。")
}
