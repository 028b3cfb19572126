package hall

import (
	"cmp"
	"fmt"
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
	Businesses  []fact // what a browser suggests
	Words       string // of the schedules looked for
	More        int    // schedules not shown
	Periods     []booking.Period
	Schedules   []scheduleRow
	Overrides   []overrideRow
	Today       string
	Weekdays    []fact
	Years       []yearRow
	Said, Wrong string
}

// yearRow is a year with what is known of its holidays.
type yearRow struct {
	Year    int
	Known   bool
	Entered string // the table an administrator entered, a line a day
}

// mostSchedules are shown at once.
const mostSchedules = 60

const calendarPath = "/hall/calendar"

func (p *Pages) calendarPage(w http.ResponseWriter, r *http.Request, who Clerk) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	v := calendar{Who: who, Halls: plan.Halls, Businesses: suggestions(groupsOf(plan)), Words: strings.TrimSpace(r.URL.Query().Get("q")), Periods: plan.Periods, Today: p.today(), Weekdays: weekdays()}
	v.Said, v.Wrong = p.told(w, r)
	names := namesOf(plan)
	for year := p.Clock().Year(); year <= p.Clock().Year()+1; year++ {
		v.Years = append(v.Years, p.yearOf(plan, year))
	}
	for _, s := range plan.Schedules {
		row := scheduleRow{s, names.hall(s.Hall), names.group(s.Group), daysOf(s.Weekdays)}
		switch {
		case v.Words != "" && !strings.Contains(row.Place+row.Title, v.Words):
		case len(v.Schedules) == mostSchedules:
			v.More++
		default:
			v.Schedules = append(v.Schedules, row)
		}
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
	group, ok := p.business(w, r, who, named{Form: calendarPath, To: calendarPath + "/period", Field: "group", All: groupsOf(plan)})
	if !ok {
		return
	}
	names := namesOf(plan)
	digits := slices.Clone(r.PostForm["weekday"])
	slices.Sort(digits)
	capacity, capacityErr := strconv.Atoi(strings.TrimSpace(r.PostFormValue("capacity")))
	s := booking.Schedule{Group: group, Hall: r.PostFormValue("hall"), Weekdays: strings.Join(slices.Compact(digits), ""),
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

func (p *Pages) yearOf(plan booking.Plan, year int) yearRow {
	row := yearRow{Year: year, Known: p.Known == nil || p.Known(year)}
	for _, d := range plan.Holidays {
		if strings.HasPrefix(d.Date, strconv.Itoa(year)) {
			row.Entered += d.Date + " " + map[bool]string{true: "班", false: "休"}[d.Work] + " " + d.Name + "\n"
		}
	}
	return row
}

// longestTable is how many days a year's table may name.
const longestTable = 80

// daysFrom reads a year's table: a line a day, 2027-02-05 休 春节.
func daysFrom(year int, text string) (days []booking.Holiday, wrong string) {
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		bad := func(why string) ([]booking.Holiday, string) {
			return nil, fmt.Sprintf("第 %d 行“%s”：%s", i+1, strings.TrimSpace(line), why)
		}
		if len(f) != 3 {
			return bad("每行写日期、休或班、节日，用空格分开，如 2027-02-05 休 春节。")
		}
		day, err := time.Parse(time.DateOnly, f[0])
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		switch {
		case err != nil || day.Year() != year:
			return bad(fmt.Sprintf("日期要是 %d 年的，写成 %d-02-05 这样。", year, year))
		case f[1] != "休" && f[1] != "班":
			return bad("第二项写“休”或“班”。")
		case f[1] == "班" && !weekend:
			return bad("只有周末才有调休上班，平日本来就上班。")
		case seen[f[0]]:
			return bad("这一天写了两次。")
		case len([]rune(f[2])) > 12:
			return bad("节日名不超过 12 字。")
		}
		seen[f[0]] = true
		days = append(days, booking.Holiday{Date: f[0], Work: f[1] == "班", Name: f[2]})
	}
	slices.SortFunc(days, func(a, b booking.Holiday) int { return cmp.Compare(a.Date, b.Date) })
	if len(days) > longestTable {
		return nil, "一年的休息和调休不会超过 80 天，请再看一看。"
	}
	return days, ""
}

// year puts the table of a year's holidays and working weekends in force.
func (p *Pages) year(w http.ResponseWriter, r *http.Request, who Clerk) {
	year, err := strconv.Atoi(r.PostFormValue("year"))
	if now := p.Clock().Year(); err != nil || year < now || year > now+1 {
		p.refuse(w, r, calendarPath, "只能写今年和明年的。")
		return
	}
	days, wrong := daysFrom(year, r.PostFormValue("days"))
	if wrong != "" {
		p.refuse(w, r, calendarPath, wrong)
		return
	}
	var off, work []string
	for _, d := range days {
		if d.Work {
			work = append(work, shortDay(d.Date))
		} else {
			off = append(off, shortDay(d.Date)+" "+d.Name)
		}
	}
	v := proposed{Who: who, Title: fmt.Sprintf("%d 年放假和调休", year), Back: calendarPath, Facts: []fact{
		{fmt.Sprintf("休息 %d 天", len(off)), strings.Join(off, "、")}, {fmt.Sprintf("周末上班 %d 天", len(work)), strings.Join(work, "、")}}}
	done := fmt.Sprintf("%d 年的放假和调休已经生效，放号和办理期限都按它算。", year)
	if len(days) == 0 {
		v.Facts, done = []fact{{"录入的表", "撤掉，按系统自带的日历"}}, fmt.Sprintf("%d 年录入的表撤掉了。", year)
	}
	p.make(w, r, v, booking.Change{Year: &booking.Year{Year: year, Days: days}}, done)
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
