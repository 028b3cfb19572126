package hall

import (
	"fmt"
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
	Said, Wrong string
}

// windowRow is a window with what it serves.
type windowRow struct {
	booking.Window
	Serves string
}

// mostNamed are how many of the businesses a window serves the list names.
const mostNamed = 4

// serves words what a window serves.
func serves(win booking.Window, names planNames, most int) string {
	if len(win.Groups) == 0 {
		return "全部业务"
	}
	var titles []string
	for _, g := range win.Groups[:min(len(win.Groups), most)] {
		titles = append(titles, names.group(g))
	}
	text := strings.Join(titles, "、")
	if len(win.Groups) > most {
		text += fmt.Sprintf(" 等 %d 项", len(win.Groups))
	}
	return text
}

func editPath(hall string) string { return "/hall/" + url.PathEscape(hall) + "/edit" }

func (p *Pages) editPage(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	names := namesOf(plan)
	v := editing{Who: who, Hall: h, Lat: degrees(h.Lat), Lng: degrees(h.Lng)}
	v.Said, v.Wrong = p.told(w, r)
	for _, win := range plan.Windows {
		if win.Hall == h.ID {
			v.Windows = append(v.Windows, windowRow{win, serves(win, names, mostNamed)})
		}
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
	if wrong := particulars(r.PostFormValue, &h); wrong != "" {
		p.refuse(w, r, editPath(h.ID), wrong)
		return
	}
	halls, err := p.Ledger.Halls(r.Context())
	if err != nil {
		p.failed(w, "list halls", err)
		return
	}
	if slices.ContainsFunc(halls, func(o booking.Hall) bool { return o.Name == h.Name && o.ID != h.ID && !o.Retired }) {
		p.refuse(w, r, editPath(h.ID), "已经有叫“"+h.Name+"”的大厅，名字要分得清。")
		return
	}
	p.make(w, r, proposed{Who: who, Title: "改大厅资料", Back: editPath(h.ID), Facts: factsOf(h)}, booking.Change{Hall: &h}, "大厅资料改好了。")
}

// particulars reads a form into a hall, or says what is wrong with it.
func particulars(value func(string) string, h *booking.Hall) (wrong string) {
	field := func(name string) string { return strings.TrimSpace(value(name)) }
	lat, latErr := strconv.ParseFloat(field("lat"), 64)
	lng, lngErr := strconv.ParseFloat(field("lng"), 64)
	if field("lat") == "" && field("lng") == "" {
		lat, lng, latErr, lngErr = 0, 0, nil, nil
	} else if latErr != nil || lngErr != nil || lat < 18 || lat > 54 || lng < 73 || lng > 136 {
		return "经纬度不对：纬度如 23.0208，经度如 113.7518，两个一起填或都不填。"
	}
	h.Name, h.Address, h.Phone, h.Hours, h.Access, h.Lat, h.Lng = field("name"), field("address"), field("phone"), field("hours"), field("access"), lat, lng
	for _, text := range []string{h.Name, h.Address, h.Phone, h.Hours, h.Access} {
		if len([]rune(text)) > 200 {
			return "每一项不超过 200 字。"
		}
	}
	if h.Name == "" {
		return "大厅要有名字。"
	}
	return ""
}

func factsOf(h booking.Hall) []fact {
	return []fact{{"名称", h.Name}, {"地址", h.Address}, {"电话", h.Phone}, {"开放时间", h.Hours}, {"停车和无障碍", h.Access},
		{"位置", strings.TrimSpace(degrees(h.Lat) + " " + degrees(h.Lng))}}
}
