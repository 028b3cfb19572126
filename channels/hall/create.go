package hall

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"guanjia/bot/booking"
)

// idForm is what ids of halls and services look like, as in an import.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// taken are ids that the pages' own addresses have.
var taken = []string{"new", "board", "rules", "appeals", "exempt", "closures", "release", "calendar", "services", "departments", "static"}

const (
	newHallPath    = "/hall/new"
	newServicePath = "/hall/services/new"
	badID          = "编号用英文字母、数字、点、横线，字母或数字开头，最长 64 个；定了就不能改。"
)

// founding is the page of a new hall.
type founding struct {
	Who      Clerk
	Hall     booking.Hall
	Lat, Lng string
	Wrong    string
}

func (p *Pages) newHallPage(w http.ResponseWriter, _ *http.Request, who Clerk) {
	p.render(w, http.StatusOK, "newhall.html", founding{Who: who})
}

// newHall opens a hall: everything that is offered at every hall is released
// there at once.
func (p *Pages) newHall(w http.ResponseWriter, r *http.Request, who Clerk) {
	halls, err := p.Ledger.Halls(r.Context())
	if err != nil {
		p.failed(w, "list halls", err)
		return
	}
	h := booking.Hall{ID: strings.TrimSpace(r.PostFormValue("id")), Town: strings.TrimSpace(r.PostFormValue("town"))}
	wrong := particulars(r.PostFormValue, &h)
	switch {
	case !idForm.MatchString(h.ID) || slices.Contains(taken, h.ID):
		wrong = badID
	case slices.ContainsFunc(halls, func(o booking.Hall) bool { return o.ID == h.ID }):
		wrong = "编号 " + h.ID + " 已经有了，停用的大厅也占着编号：到它的资料页可以恢复。"
	case slices.ContainsFunc(halls, func(o booking.Hall) bool { return o.Name == h.Name && !o.Retired }):
		wrong = "已经有叫“" + h.Name + "”的大厅，名字要分得清。"
	}
	if wrong != "" {
		p.render(w, http.StatusUnprocessableEntity, "newhall.html", founding{Who: who, Hall: h, Lat: r.PostFormValue("lat"), Lng: r.PostFormValue("lng"), Wrong: wrong})
		return
	}
	p.make(w, r, proposed{Who: who, Title: "新开大厅", Back: "/hall/", Facts: append([]fact{{"编号", h.ID}}, factsOf(h)...)},
		booking.Change{NewHall: &h}, h.Name+"开好了：全市都办的业务马上在这里放号。")
}

// retireHall ends a hall, or opens it again.
func (p *Pages) retireHall(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	if !who.Runs {
		p.trouble(w, http.StatusForbidden, "停用大厅只有预约管理员能做", editPath(h.ID))
		return
	}
	v := proposed{Who: who, Title: "停用大厅", Back: editPath(h.ID), Facts: []fact{{"大厅", h.Name}}}
	done := h.Name + "停用了：不再放号，约了的人会收到改约的消息。"
	if h.Retired {
		v.Title, done = "恢复大厅", h.Name+"恢复了，马上放号。"
	}
	h.Retired = !h.Retired
	p.make(w, r, v, booking.Change{Hall: &h}, done)
}

// adding is the page of a new service.
type adding struct {
	Who         Clerk
	Service     booking.Service
	Minutes     string
	Groups      []fact // that a browser suggests
	Shares      string // the words for the group whose openings it shares
	Departments []booking.Department
	Halls       []offerRow
	Wrong       string
}

func (p *Pages) newServicePage(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	p.render(w, http.StatusOK, "newservice.html", addingTo(plan, who))
}

func addingTo(plan booking.Plan, who Clerk) adding {
	v := adding{Who: who, Minutes: "0", Groups: suggestions(sharedBy(plan)), Departments: departmentsOf(plan)}
	for _, h := range plan.Halls {
		if !h.Retired {
			v.Halls = append(v.Halls, offerRow{h, false})
		}
	}
	return v
}

// sharedBy are the groups whose openings services share, by id and name.
func sharedBy(plan booking.Plan) []fact {
	var all []fact
	for _, g := range plan.Groups {
		all = append(all, fact{g.ID, g.Name})
	}
	return all
}

// newService adds a service: to a group, whose openings it shares, or with
// openings of its own.
func (p *Pages) newService(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	if err := r.ParseForm(); err != nil {
		p.refuse(w, r, newServicePath, "填写的内容太长。")
		return
	}
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	minutes, minutesErr := strconv.Atoi(cmp.Or(field("minutes"), "0"))
	s := booking.Service{ID: field("id"), Title: field("title"), Group: field("group"), Department: field("department"), Minutes: minutes, Aliases: AliasesFrom(field("aliases"))}
	v := addingTo(plan, who)
	v.Service, v.Minutes = s, field("minutes")
	var halls, names []string
	for i, h := range v.Halls {
		if slices.Contains(r.PostForm["hall"], h.ID) {
			v.Halls[i].Offered = true
			halls, names = append(halls, h.ID), append(names, h.Name)
		}
	}
	if v.Shares = field("business"); s.Group == "" && v.Shares != "" {
		if len(matching(sharedBy(plan), v.Shares)) == 0 {
			v.Wrong = "没有名字里有“" + shortened(v.Shares) + "”的号源组，换几个字，或不写。"
			p.render(w, http.StatusUnprocessableEntity, "newservice.html", v)
			return
		}
		var ok bool
		if s.Group, ok = p.business(w, r, who, named{Form: newServicePath, To: newServicePath, Field: "group", All: sharedBy(plan)}); !ok {
			return
		}
		r.PostForm.Set("group", s.Group)
	}
	group := func(g booking.Group) bool { return g.ID == s.Group }
	switch {
	case !idForm.MatchString(s.ID) || s.ID == "new":
		v.Wrong = badID
	case slices.ContainsFunc(plan.Services, func(o booking.Service) bool { return o.ID == s.ID }):
		v.Wrong = "编号 " + s.ID + " 已经有了。停办的业务也占着编号：到它的页面可以恢复。"
	case s.Title == "" || len([]rune(s.Title)) > 80 || len([]rune(s.Department)) > 80:
		v.Wrong = "请写业务名称；名称和部门各不超过 80 字。"
	case !sound(s.Aliases):
		v.Wrong = badAliases
	case minutesErr != nil || minutes < 0 || minutes > 480:
		v.Wrong = "平均办理分钟是 0 到 480 的整数，0 为不知道。"
	case s.Group != "" && !slices.ContainsFunc(plan.Groups, group):
		v.Wrong = "请重新选号源组。"
	}
	if v.Wrong != "" {
		p.render(w, http.StatusUnprocessableEntity, "newservice.html", v)
		return
	}
	where, own := "全部大厅", "自己的号源"
	switch {
	case s.Group != "":
		own = "和“" + plan.Groups[slices.IndexFunc(plan.Groups, group)].Name + "”共用号源"
		where, halls = "和这一组一样", nil
	case len(halls) > 0 && len(halls) < len(v.Halls):
		where = fmt.Sprintf("%d 个大厅：%s", len(names), strings.Join(names, "、"))
	default:
		halls = nil
	}
	p.make(w, r, proposed{Who: who, Title: "新业务", Back: "/hall/services", Facts: []fact{{"编号", s.ID}, {"名称", s.Title}, {"别名", strings.Join(s.Aliases, "、")}, {"号源", own},
		{"部门", s.Department}, {"平均办理", strconv.Itoa(s.Minutes) + " 分钟"}, {"在哪里办", where}}},
		booking.Change{NewService: &s, Halls: halls}, "“"+s.Title+"”加好了，市民马上能约。")
}

// retireService ends a service, or offers it again.
func (p *Pages) retireService(w http.ResponseWriter, r *http.Request, who Clerk) {
	v, ok := p.serviceOf(w, r, who)
	if !ok {
		return
	}
	s := v.Service
	change := proposed{Who: who, Title: "停办业务", Back: servicePath(s.ID), Facts: []fact{{"业务", s.Title}}}
	done := "“" + s.Title + "”停办了，市民不能再约。"
	if s.Retired {
		change.Title, done = "恢复业务", "“"+s.Title+"”恢复了，市民马上能约。"
	} else if s.Group != "" {
		change.Facts = append(change.Facts, fact{"号源", "和别的业务共用，不收回；已经约的照常办"})
	}
	s.Retired = !s.Retired
	var halls []string
	if !v.All {
		for _, h := range v.Halls {
			if h.Offered {
				halls = append(halls, h.ID)
			}
		}
	}
	p.make(w, r, change, booking.Change{Service: &s, Halls: halls}, done)
}

// departmentRow is a department and what belongs to it.
type departmentRow struct {
	booking.Department
	Services, Windows int
	Listed            bool // it is kept for itself; others are only named by what belongs to them
}

// bodies is the page of departments.
type bodies struct {
	Who         Clerk
	Rows        []departmentRow
	Said, Wrong string
}

// departmentsOf are a plan's departments: those kept, and those that services,
// groups and windows name.
func departmentsOf(plan booking.Plan) []booking.Department {
	all := slices.Clone(plan.Departments)
	add := func(name string) {
		if name != "" && !slices.ContainsFunc(all, func(d booking.Department) bool { return d.ID == name || d.Name == name }) {
			all = append(all, booking.Department{ID: name, Name: name})
		}
	}
	for _, s := range plan.Services {
		add(s.Department)
	}
	for _, w := range plan.Windows {
		add(w.Department)
	}
	slices.SortFunc(all, func(a, b booking.Department) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func rowsOf(plan booking.Plan) []departmentRow {
	var rows []departmentRow
	for _, d := range departmentsOf(plan) {
		row := departmentRow{Department: d, Listed: slices.Contains(plan.Departments, d)}
		for _, s := range plan.Services {
			if s.Department == d.ID || s.Department == d.Name {
				row.Services++
			}
		}
		for _, w := range plan.Windows {
			if w.Department == d.ID || w.Department == d.Name {
				row.Windows++
			}
		}
		rows = append(rows, row)
	}
	return rows
}

const departmentsPath = "/hall/departments"

func (p *Pages) departmentsPage(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	v := bodies{Who: who, Rows: rowsOf(plan)}
	v.Said, v.Wrong = p.told(w, r)
	p.render(w, http.StatusOK, "departments.html", v)
}

// department adds a department, gives one another name, or removes one that
// nothing belongs to.
func (p *Pages) department(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	name, to := strings.TrimSpace(r.PostFormValue("name")), strings.TrimSpace(r.PostFormValue("to"))
	rows := rowsOf(plan)
	i := slices.IndexFunc(rows, func(d departmentRow) bool { return d.Name == name })
	d := booking.Department{ID: name, Name: name}
	if r.PostFormValue("drop") == "yes" {
		switch {
		case i < 0 || !rows[i].Listed:
			p.refuse(w, r, departmentsPath, "没有这个部门。")
		case rows[i].Services+rows[i].Windows > 0:
			p.refuse(w, r, departmentsPath, fmt.Sprintf("“%s”还有 %d 项业务、%d 个窗口，先把它们改到别的部门。", name, rows[i].Services, rows[i].Windows))
		default:
			p.make(w, r, proposed{Who: who, Title: "撤销部门", Back: departmentsPath, Facts: []fact{{"部门", name}}},
				booking.Change{NoDepartment: &rows[i].Department}, "“"+name+"”撤销了。")
		}
		return
	}
	if r.PostFormValue("rename") == "yes" {
		taken := func(d departmentRow) bool { return d.Name == to || d.ID == to }
		switch {
		case i < 0:
			p.refuse(w, r, departmentsPath, "没有这个部门。")
		case to == "" || len([]rune(to)) > 40:
			p.refuse(w, r, departmentsPath, "请写部门的新名称，不超过 40 字。")
		case slices.ContainsFunc(rows, taken):
			p.refuse(w, r, departmentsPath, "已经有“"+to+"”了，名字要分得清。")
		default:
			p.make(w, r, proposed{Who: who, Title: "部门改名", Back: departmentsPath, Facts: []fact{{"现在", name}, {"改成", to},
				{"跟着改", fmt.Sprintf("%d 项业务、%d 个窗口", rows[i].Services, rows[i].Windows)}}},
				booking.Change{Renamed: &booking.Renaming{Department: rows[i].Department, To: to}}, "“"+name+"”改名为“"+to+"”了。")
		}
		return
	}
	switch {
	case name == "" || len([]rune(name)) > 40:
		p.refuse(w, r, departmentsPath, "请写部门名称，不超过 40 字。")
	case i >= 0 && rows[i].Listed:
		p.refuse(w, r, departmentsPath, "已经有“"+name+"”了。")
	default:
		p.make(w, r, proposed{Who: who, Title: "新部门", Back: departmentsPath, Facts: []fact{{"部门", name}}},
			booking.Change{Department: &d}, "“"+name+"”加好了，窗口和业务可以选它。")
	}
}
