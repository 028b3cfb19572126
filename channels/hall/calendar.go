package hall

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot/booking"
)

// scheduleRow is a schedule with its names.
type scheduleRow struct {
	booking.Schedule
	Place, Title, Days string
}

// overrideRow is a day that somebody opened or closed.
type overrideRow struct {
	booking.Override
	Place string
}

// calendar is the page of when is open.
type calendar struct {
	Who         Clerk
	Halls       []booking.Hall
	Groups      []fact // id and name
	Periods     []booking.Period
	Schedules   []scheduleRow
	Overrides   []overrideRow
	Today       string
	Weekdays    []fact
	Said, Wrong string
}

const calendarPath = "/hall/calendar"

func (p *Pages) calendarPage(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	v := calendar{Who: who, Halls: plan.Halls, Groups: groupsOf(plan), Periods: plan.Periods, Today: p.today(), Weekdays: weekdays()}
	v.Said, v.Wrong = told(w, r)
	names := namesOf(plan)
	for _, s := range plan.Schedules {
		v.Schedules = append(v.Schedules, scheduleRow{s, names.hall(s.Hall), names.group(s.Group), daysOf(s.Weekdays)})
	}
	for _, o := range plan.Overrides {
		if o.Date >= v.Today {
			v.Overrides = append(v.Overrides, overrideRow{o, names.hall(o.Hall)})
		}
	}
	p.render(w, http.StatusOK, "calendar.html", v)
}

func weekdays() []fact {
	return []fact{{"1", "周一"}, {"2", "周二"}, {"3", "周三"}, {"4", "周四"}, {"5", "周五"}, {"6", "周六"}, {"7", "周日"}}
}

// daysOf words the weekdays of a schedule.
func daysOf(digits string) string {
	var days []string
	for _, d := range weekdays() {
		if strings.Contains(digits, d.Name) {
			days = append(days, d.Value)
		}
	}
	return cmp.Or(strings.Join(days, "、"), "每个工作日")
}

// planNames are a plan's names by id.
type planNames struct{ halls, groups map[string]string }

func namesOf(plan booking.Plan) planNames {
	n := planNames{map[string]string{}, map[string]string{}}
	for _, h := range plan.Halls {
		n.halls[h.ID] = h.Name
	}
	for _, g := range groupsOf(plan) {
		n.groups[g.Name] = g.Value
	}
	return n
}

func (n planNames) hall(id string) string {
	if id == "" {
		return "全部大厅"
	}
	return cmp.Or(n.halls[id], id)
}

func (n planNames) group(id string) string {
	if id == "" {
		return "全部业务"
	}
	return cmp.Or(n.groups[id], id)
}

// groupsOf are what shares openings, by id: a group by its name, a service of
// no group by its title.
func groupsOf(plan booking.Plan) []fact {
	var all []fact
	for _, g := range plan.Groups {
		all = append(all, fact{g.ID, g.Name})
	}
	for _, s := range plan.Services {
		if s.Group == "" {
			all = append(all, fact{s.ID, s.Title})
		}
	}
	slices.SortFunc(all, func(a, b fact) int { return cmp.Compare(a.Value, b.Value) })
	return all
}

// schedule gives a period its places, or takes that back.
func (p *Pages) schedule(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	if err := r.ParseForm(); err != nil {
		p.refuse(w, r, calendarPath, "填写的内容太长。")
		return
	}
	names := namesOf(plan)
	digits := slices.Clone(r.PostForm["weekday"])
	slices.Sort(digits)
	capacity, capacityErr := strconv.Atoi(strings.TrimSpace(r.PostFormValue("capacity")))
	s := booking.Schedule{Group: r.PostFormValue("group"), Hall: r.PostFormValue("hall"), Weekdays: strings.Join(slices.Compact(digits), ""),
		Time: strings.TrimSpace(r.PostFormValue("time")), Capacity: capacity}
	switch {
	case booking.At("2026-01-05", s.Time).IsZero():
		p.refuse(w, r, calendarPath, "时段写成 09:00 这样。")
		return
	case capacityErr != nil || capacity < 0 || capacity > 10_000:
		p.refuse(w, r, calendarPath, "号数是 0 到 10000 的整数，0 为不放。")
		return
	case strings.Trim(s.Weekdays, "1234567") != "" || s.Hall != "" && names.halls[s.Hall] == "" || s.Group != "" && names.groups[s.Group] == "":
		p.refuse(w, r, calendarPath, "请重新选大厅、业务和星期。")
		return
	}
	c, title, done := booking.Change{Schedule: &s}, "改时段和号数", "已经改好，从之后放的号起；新开的时段马上放出。"
	if r.PostFormValue("drop") == "yes" {
		c, title, done = booking.Change{NoSchedule: &s}, "删去这条安排", "已经删去，从之后放的号起。"
	}
	p.make(w, r, proposed{Who: who, Title: title, Back: calendarPath, Facts: []fact{
		{"大厅", names.hall(s.Hall)}, {"业务", names.group(s.Group)}, {"星期", daysOf(s.Weekdays)}, {"时段", s.Time}, {"号数", strconv.Itoa(s.Capacity)}}}, c, done)
}

// override puts a word on one day above the calendar, or takes it back.
func (p *Pages) override(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	names := namesOf(plan)
	o := booking.Override{Date: r.PostFormValue("date"), Hall: r.PostFormValue("hall"), Open: r.PostFormValue("open") == "yes", Name: strings.TrimSpace(r.PostFormValue("name"))}
	day, err := time.Parse(time.DateOnly, o.Date)
	switch {
	case err != nil || o.Date < p.today() || day.After(p.Clock().AddDate(2, 0, 0)):
		p.refuse(w, r, calendarPath, "日期不对：从今天起，两年以内。")
		return
	case o.Hall != "" && names.halls[o.Hall] == "":
		p.refuse(w, r, calendarPath, "请重新选大厅。")
		return
	case o.Name == "" || len([]rune(o.Name)) > longestReason:
		p.refuse(w, r, calendarPath, "请写明为什么开或不开，市民会看到，不超过 100 字。")
		return
	}
	open := map[bool]string{true: "开", false: "不开"}[o.Open]
	v := proposed{Who: who, Title: "这一天" + open, Back: calendarPath, Facts: []fact{{"日期", fullDay(o.Date)}, {"大厅", names.hall(o.Hall)}, {"开不开", open}, {"对市民说", o.Name}}}
	c, done := booking.Change{Override: &o}, "已经改好。"
	if r.PostFormValue("drop") == "yes" {
		v.Title = "撤回这一天的安排"
		done = "已经撤回。"
		if o.Open { // what was opened for it is shut, so that whoever booked is told
			o.Open, o.Name = false, "撤回加开："+o.Name
		} else {
			c = booking.Change{NoOverride: &o}
		}
	}
	p.make(w, r, v, c, done)
}
