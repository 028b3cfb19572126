package hall

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// choose lists the halls, or leads a clerk to their own.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request, who Clerk) {
	if !who.Runs {
		http.Redirect(w, r, "/hall/"+url.PathEscape(who.Hall), http.StatusSeeOther)
		return
	}
	halls, err := p.Ledger.Halls(r.Context())
	if err != nil {
		p.failed(w, "list halls", err)
		return
	}
	said, wrong := p.told(w, r)
	p.render(w, http.StatusOK, "choose.html", map[string]any{"Who": who, "Halls": halls, "Said": said, "Wrong": wrong})
}

// appointmentRow is an appointment in the day's list.
type appointmentRow struct {
	booking.Appointment
	Title string
	State string
	Proxy string // who booked it for them, and whose yes there is
	Here  bool   // can check in
	Late  bool   // its grace is over: it may be marked as missed
}

// arrivalRow is a number drawn.
type arrivalRow struct {
	booking.Arrival
	Title string
}

// daily is a hall's day.
type daily struct {
	Who     Clerk
	Hall    booking.Hall
	Date    string
	Today   bool
	Said    string // what was just done
	Wrong   string // or why it was not
	Window  string // the clerk's
	Windows []booking.Window
	// Businesses are what a browser suggests for a walk-in, and Usual those that
	// most of this day's people come for.
	Businesses   []fact
	Usual        []fact
	Called       []arrivalRow
	Waiting      []arrivalRow
	Gone         []arrivalRow // called and not there: they may come yet
	Appointments []appointmentRow
	Booked       int
	Arrived      int
	Done         int
	WalkedIn     int // without an appointment, and served
	Missed       int
	Cancelled    int
	Opinions     []opinionRow
	By           sieved // which of the appointments are listed
	Kept         []keptSieve
	States       []fact
	Parts        []fact
	Keeps        bool
}

// Listed is how many appointments the day has, listed or not.
func (v daily) Listed() int { return v.Booked + v.Arrived + v.Done + v.Missed + v.Cancelled }

// Served is how many were, with an appointment or without.
func (v daily) Served() int { return v.Done + v.WalkedIn }

// Mine is the number that the clerk's own window serves, 0 for none.
func (v daily) Mine() int64 {
	for _, a := range v.Called {
		if v.Window != "" && a.Window == v.Window {
			return a.ID
		}
	}
	return 0
}

// Query is the day and the filter as an address has them.
func (v daily) Query() template.URL { return template.URL(ofDay(v.Date, v.By)) } // #nosec G203: encoded anew

const windowCookie = "guanjia_window"

func (p *Pages) day(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	date := r.URL.Query().Get("date")
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		date = p.today()
	}
	v := daily{Who: who, Hall: h, Date: date, Today: date == p.today(), By: sievedOf(r.URL.Query()), States: statesSaid, Parts: partsOfDay, Keeps: p.Sieves != nil}
	v.Said, v.Wrong = p.told(w, r)
	if c, err := r.Cookie(windowCookie); err == nil {
		v.Window, _ = url.QueryUnescape(c.Value)
	}
	err := p.fill(r.Context(), &v)
	if err == nil {
		v.Kept, err = p.keptSieves(r.Context(), who, date, v.By)
	}
	if err != nil {
		p.failed(w, "read the day", err)
		return
	}
	p.render(w, http.StatusOK, "day.html", v)
}

// fill reads a hall's day.
func (p *Pages) fill(ctx context.Context, v *daily) error {
	now := p.Clock()
	services, err := p.Ledger.Services(ctx)
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, s := range services {
		titles[s.ID] = s.Title
	}
	plan, err := p.Ledger.Plan(ctx)
	if err != nil {
		return err
	}
	here := servicesAt(plan, v.Hall.ID)
	v.Businesses = suggestions(here)
	for _, win := range plan.Windows {
		if win.Hall == v.Hall.ID {
			v.Windows = append(v.Windows, win)
		}
	}
	came := map[string]int{}
	for _, a := range p.Ledger.Arrivals(v.Hall.ID, v.Date, now) {
		came[a.Service]++
		row := arrivalRow{a, titles[a.Service]}
		switch a.Status {
		case booking.ArrivalWaiting:
			v.Waiting = append(v.Waiting, row)
		case booking.ArrivalCalled:
			v.Called = append(v.Called, row)
		case booking.ArrivalGone:
			v.Gone = append(v.Gone, row)
		case booking.ArrivalServed:
			if a.Appointment == "" {
				v.WalkedIn++
			}
		}
	}
	all, err := p.Ledger.Day(ctx, v.Hall.ID, v.Date)
	if err != nil {
		return err
	}
	for _, a := range all {
		came[a.Service]++
		v.add(p.row(a, titles, v.Date, now))
	}
	v.Appointments = v.By.through(v.Appointments)
	v.Usual = usual(here, came)
	v.Opinions, err = p.opinions(ctx, v.Hall.ID, titles, nil)
	return err
}

// mostUsual are how many services a walk-in can be given a number for by one
// press.
const mostUsual = 5

// usual are the services that most people come for.
func usual(here []fact, came map[string]int) []fact {
	all := slices.DeleteFunc(slices.Clone(here), func(f fact) bool { return came[f.Name] == 0 })
	slices.SortStableFunc(all, func(a, b fact) int { return cmp.Compare(came[b.Name], came[a.Name]) })
	return all[:min(len(all), mostUsual)]
}

func (p *Pages) row(a booking.Appointment, titles map[string]string, date string, now time.Time) appointmentRow {
	rules := p.Ledger.RulesFor(a.Service)
	row := appointmentRow{Appointment: a, Title: titles[a.Service]}
	if row.Title == "" {
		row.Title = a.Service
	}
	for _, f := range statesSaid {
		if f.Name == string(a.Status) {
			row.State = f.Value
		}
	}
	row.Proxy = proxyOf(a)
	if a.Status == booking.Booked && date == now.In(bot.Shanghai()).Format(time.DateOnly) {
		row.Here = !now.Before(a.Starts().Add(-rules.CheckInEarly))
		row.Late = now.After(a.Starts().Add(rules.CheckInLate))
	}
	return row
}

func (v *daily) add(row appointmentRow) {
	v.Appointments = append(v.Appointments, row)
	switch row.Status {
	case booking.Booked:
		v.Booked++
	case booking.CheckedIn:
		v.Arrived++
	case booking.Served:
		v.Done++
	case booking.NoShow:
		v.Missed++
	case booking.Cancelled:
		v.Cancelled++
	}
}

// back returns to the day's page with what was done.
func (p *Pages) back(w http.ResponseWriter, r *http.Request, h booking.Hall, said, wrong string) {
	p.tell(w, said, wrong)
	http.Redirect(w, r, "/hall/"+url.PathEscape(h.ID), http.StatusSeeOther)
}

const (
	saidCookie  = "guanjia_said"
	wrongCookie = "guanjia_wrong"
)

// tell leaves a sentence for the next page. It is no part of the address, so
// that no link can make a page say anything.
func (p *Pages) tell(w http.ResponseWriter, said, wrong string) {
	for name, text := range map[string]string{saidCookie: said, wrongCookie: wrong} {
		if text != "" {
			http.SetCookie(w, &http.Cookie{Name: name, Value: url.QueryEscape(text), Path: "/hall/", MaxAge: 60, HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteStrictMode})
		}
	}
}

// told takes what was left for this page.
func (p *Pages) told(w http.ResponseWriter, r *http.Request) (said, wrong string) {
	take := func(name string) string {
		c, err := r.Cookie(name)
		if err != nil {
			return ""
		}
		http.SetCookie(w, &http.Cookie{Name: name, Path: "/hall/", MaxAge: -1, Secure: p.Secure})
		text, _ := url.QueryUnescape(c.Value)
		return text
	}
	return take(saidCookie), take(wrongCookie)
}

// done answers a deed: what it came to, or the reason it was refused.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, h booking.Hall, service, said string, err error) {
	if err == nil {
		p.back(w, r, h, said, "")
		return
	}
	if why := booking.Reason(err, p.Ledger.RulesFor(service), bot.Simplified); why != "" {
		p.back(w, r, h, "", why)
		return
	}
	p.failed(w, "deed in a hall", err)
}

// spoken are the separators people put into a number.
var spoken = regexp.MustCompile(`[\s\-—]`)

func (p *Pages) checkIn(w http.ResponseWriter, r *http.Request, _ Clerk, h booking.Hall) {
	number := strings.ToUpper(spoken.ReplaceAllString(r.PostFormValue("number"), ""))
	if number == "" {
		p.back(w, r, h, "", "请输入或扫描预约号。")
		return
	}
	v, err := p.Ledger.CheckIn(r.Context(), number, h.ID, p.Clock())
	said := "取号成功：" + v.Number
	if v.Late {
		said += "（迟到，排在现场号里）"
	}
	if why := p.whyNot(r.Context(), number, h, err); why != "" {
		p.back(w, r, h, "", why)
		return
	}
	p.done(w, r, h, v.Service, said, err)
}

// whyNot says what a clerk needs to know beyond the rule that refused a number:
// from when it may be drawn, for which day it is, or that it was typed wrong.
func (p *Pages) whyNot(ctx context.Context, number string, h booking.Hall, err error) string {
	switch {
	case errors.Is(err, booking.ErrNoAppointment) && !bot.ValidNumber(number):
		return number + " 好像有一位打错了，请再核对。"
	case errors.Is(err, booking.ErrOtherDay):
		return p.otherDay(ctx, number, h)
	case errors.Is(err, booking.ErrOtherHall):
		return p.otherHall(ctx, number)
	case !errors.Is(err, booking.ErrEarly) && !errors.Is(err, booking.ErrNotActive):
		return ""
	}
	over := errors.Is(err, booking.ErrNotActive)
	day, err := p.Ledger.Day(ctx, h.ID, p.today())
	at := slices.IndexFunc(day, func(a booking.Appointment) bool { return a.Number == number })
	switch {
	case err != nil || at < 0:
		return ""
	case over:
		for _, a := range p.Ledger.Arrivals(h.ID, p.today(), p.Clock()) {
			if a.Appointment == number && a.Status == booking.ArrivalGone {
				return "他的号 " + a.Number + " 叫过了，人不在。人来了，在“过号”里点“回来了”，接着等。"
			}
		}
		return endedAs(day[at])
	}
	due := booking.At(day[at].Date, day[at].Time)
	return "还早：这个号约的是 " + day[at].Time + "，" + due.Add(-p.Ledger.RulesFor(day[at].Service).CheckInEarly).Format("15:04") + " 起可以取。"
}

// endedAs says how an appointment of today ended, and what can be done for who
// stands there all the same; empty where nothing is known beyond the rule.
func endedAs(a booking.Appointment) string {
	switch a.Status {
	case booking.NoShow:
		return "这个 " + a.Time + " 的预约已经记了没到场。人来了，可以给他取现场号。"
	case booking.Cancelled:
		return "这个 " + a.Time + " 的预约已经取消。人来了，可以给他取现场号。"
	case booking.Served:
		return "这个 " + a.Time + " 的预约已经办完。"
	}
	return ""
}

// otherHall says where and for when an appointment is, for who came to the
// wrong hall; nothing of whose it is.
func (p *Pages) otherHall(ctx context.Context, number string) string {
	a, err := p.Ledger.Appointment(ctx, number)
	if err != nil {
		return ""
	}
	halls, err := p.Ledger.Halls(ctx)
	at := slices.IndexFunc(halls, func(h booking.Hall) bool { return h.ID == a.Hall })
	if err != nil || at < 0 {
		return ""
	}
	return "这个号约的是" + halls[at].Name + "，" + fullDay(a.Date) + " " + a.Time + "。要在这里办，可以给他取现场号。"
}

// otherDay says for when an appointment of a later day is, so that the clerk can
// tell who stands there. Empty where it is not found on the days released.
func (p *Pages) otherDay(ctx context.Context, number string, h booking.Hall) string {
	now := p.Clock().In(bot.Shanghai())
	for n := range p.Ledger.RulesFor("").ReleaseDays {
		date := now.AddDate(0, 0, n+1).Format(time.DateOnly)
		day, err := p.Ledger.Day(ctx, h.ID, date)
		if err != nil {
			return ""
		}
		for _, a := range day {
			if a.Number == number {
				return "这个号约的是 " + fullDay(a.Date) + " " + a.Time + "，不是今天。请那天再来，或先改期。"
			}
		}
	}
	return ""
}

// walkIn draws a number for who came without an appointment.
func (p *Pages) walkIn(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read the plan", err)
		return
	}
	day := "/hall/" + url.PathEscape(h.ID)
	here := servicesAt(plan, h.ID)
	service, ok := p.business(w, r, who, named{Form: day, To: day + "/walkin", Field: "service", All: here})
	if !ok {
		return
	}
	at := slices.IndexFunc(here, func(f fact) bool { return f.Name == service })
	if at < 0 {
		p.back(w, r, h, "", "请写要办的业务，写几个字就行。")
		return
	}
	v, err := p.Ledger.WalkIn(r.Context(), service, h.ID, p.Clock())
	p.done(w, r, h, service, "现场号："+v.Number+"，"+here[at].Value, err) // a few letters may have found another business
}

// call gives the clerk's window the next number it serves.
func (p *Pages) call(w http.ResponseWriter, r *http.Request, _ Clerk, h booking.Hall) {
	window := strings.TrimSpace(r.PostFormValue("window"))
	if window == "" || len([]rune(window)) > 12 {
		p.back(w, r, h, "", "请先写您的窗口号。")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: windowCookie, Value: url.QueryEscape(window), Path: "/hall/", MaxAge: 12 * 3600, HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteStrictMode})
	plan, err := p.Ledger.Plan(r.Context())
	if err != nil {
		p.failed(w, "read windows", err)
		return
	}
	var groups []string
	for _, win := range plan.Windows {
		if win.Hall == h.ID && win.Number == window {
			groups = win.Groups
		}
	}
	v, err := p.Ledger.CallNext(r.Context(), h.ID, window, groups, p.Clock())
	p.done(w, r, h, v.Service, "请 "+v.Number+" 到 "+window+" 号窗口", err)
}

// arrival calls a number again, or settles it. Numbers of another hall are
// nobody's here.
func (p *Pages) arrival(w http.ResponseWriter, r *http.Request, _ Clerk, h booking.Hall) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	here := slices.ContainsFunc(p.Ledger.Arrivals(h.ID, p.today(), p.Clock()), func(a booking.Arrival) bool { return a.ID == id })
	if err != nil || !here {
		p.back(w, r, h, "", "没有这个号。")
		return
	}
	var v booking.Arrival
	var said string
	switch now := p.Clock(); r.PathValue("deed") {
	case "recall":
		v, err = p.Ledger.Recall(r.Context(), id, now)
		said = "再叫一次："
	case "served":
		v, err = p.Ledger.EndArrival(r.Context(), id, booking.ArrivalServed, now)
		said = "办完："
	case "gone":
		v, err = p.Ledger.EndArrival(r.Context(), id, booking.ArrivalGone, now)
		said = "过号："
	case "back":
		v, err = p.Ledger.ReturnArrival(r.Context(), id, now)
		said = "人回来了，接着等："
	default:
		http.NotFound(w, r)
		return
	}
	p.done(w, r, h, v.Service, said+v.Number, err)
}

func (p *Pages) missed(w http.ResponseWriter, r *http.Request, _ Clerk, h booking.Hall) {
	number := r.PostFormValue("number")
	all, err := p.Ledger.Day(r.Context(), h.ID, p.today())
	if err != nil {
		p.failed(w, "read the day", err)
		return
	}
	at := slices.IndexFunc(all, func(a booking.Appointment) bool { return a.Number == number })
	if at < 0 {
		p.back(w, r, h, "", "今天这里没有这个预约。")
		return
	}
	err = p.Ledger.MarkMissed(r.Context(), number, p.Clock())
	if errors.Is(err, booking.ErrEarly) {
		p.back(w, r, h, "", "还没过迟到的时限，人可能还会来。")
		return
	}
	p.done(w, r, h, all[at].Service, "记为未到场："+number, err)
}

// proxyOf says that somebody else booked for the person served, and by whose
// yes.
func proxyOf(a booking.Appointment) string {
	if a.Relation == "" || a.Relation == "本人" {
		return ""
	}
	at := a.Consent.At.In(bot.Shanghai()).Format("1 月 2 日 15:04")
	switch a.Consent.By {
	case booking.ByPerson:
		return "代" + a.Relation + "约，" + at + " 说明本人同意"
	case booking.ByGuardian:
		return "代子女约，" + at + " 以父母身份同意"
	}
	return "代" + a.Relation + "约，没有同意的记录"
}

// export is the day as a table for a spreadsheet; who takes it is kept in the
// audit trail, because it names people.
func (p *Pages) export(w http.ResponseWriter, r *http.Request, who Clerk, h booking.Hall) {
	v := daily{Hall: h, Date: r.URL.Query().Get("date"), By: sievedOf(r.URL.Query())}
	if _, err := time.Parse(time.DateOnly, v.Date); err != nil {
		v.Date = p.today()
	}
	err := p.fill(r.Context(), &v)
	if err == nil && p.Audit != nil {
		err = p.Audit(r.Context(), bot.AuditEntry{At: p.Clock(), Actor: who.Name, Deed: "export_day", Subject: h.ID, Reason: v.Date})
	}
	if err != nil {
		p.failed(w, "export the day", err)
		return
	}
	rows := [][]string{{"时段", "预约号", "业务", "办理人", "代约和同意", "人数", "电话", "状态", "评分"}}
	for _, a := range v.Appointments {
		rows = append(rows, []string{a.Time, a.Number, a.Title, bot.MaskName(a.Name.Reveal()), a.Proxy, strconv.Itoa(a.Places), bot.MaskPhone(a.Phone.Reveal()), a.State, stars(a.Rating)})
	}
	raw, err := p.Excel(v.Date, rows)
	if err != nil {
		p.failed(w, "export the day", err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="`+h.ID+"-"+v.Date+`.xlsx"`)
	w.Write(raw)
}

// shown is the screen on the wall: numbers and windows, nobody's name.
type shown struct {
	Hall    booking.Hall
	Now     string
	Called  []booking.Arrival
	Waiting int
	Next    []string
}

// mostShown is how many called numbers fit the screen.
const mostShown = 8

func (p *Pages) screen(w http.ResponseWriter, r *http.Request, _ Clerk, h booking.Hall) {
	now := p.Clock()
	v := shown{Hall: h, Now: now.In(bot.Shanghai()).Format("15:04")}
	for _, a := range p.Ledger.Arrivals(h.ID, p.today(), now) {
		switch {
		case a.Status == booking.ArrivalCalled && len(v.Called) < mostShown:
			v.Called = append(v.Called, a)
		case a.Status == booking.ArrivalWaiting:
			v.Waiting++
			if len(v.Next) < mostShown {
				v.Next = append(v.Next, a.Number)
			}
		}
	}
	w.Header().Set("Refresh", "5")
	p.render(w, http.StatusOK, "screen.html", v)
}
