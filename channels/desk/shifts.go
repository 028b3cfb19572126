package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/routing"
)

// Shifts is the plan of who is on when.
type Shifts interface {
	Shifts(ctx context.Context, from, to string) ([]routing.Shift, error)
	SaveShifts(ctx context.Context, all []routing.Shift, by string, at time.Time) error
	DropShift(ctx context.Context, v routing.Shift, by string, at time.Time) error
}

const (
	plannedDays = 14 // the page shows
	mostPlanned = 31 // days one form plans at the most
)

func (d *Desk) shiftRoutes(mux *http.ServeMux) {
	if d.Shifts == nil || d.Roster == nil {
		return
	}
	mux.HandleFunc("GET /desk/shifts", d.talking(d.shiftPage))
	mux.HandleFunc("POST /desk/shifts", d.supervising(d.planShifts))
	mux.HandleFunc("POST /desk/shifts/{id}", d.supervising(d.dropShift))
}

// shiftDay is a day of the plan.
type shiftDay struct {
	Title  string
	Shifts []shownShift
}

type shownShift struct {
	routing.Shift
	Hours string
	Mine  bool
}

// shiftForm is what was written, to be shown again with its fault.
type shiftForm struct {
	Staff                   []string
	First, Last, Begin, End string
	Group                   string
	Workdays                bool
}

func (d *Desk) shiftPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	today := d.Clock().In(bot.Shanghai()).Format(time.DateOnly)
	d.showShifts(w, r, who, http.StatusOK, shiftForm{First: today, Last: today, Begin: "09:00", End: "17:00", Workdays: true}, "")
}

// planned are the shifts of the next days an account may see: those of who it
// looks after, an operator's own town.
func (d *Desk) planned(ctx context.Context, who Account) ([]routing.Shift, []string, error) {
	people, err := d.operators(ctx, who)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, o := range people {
		names = append(names, o.Name)
	}
	today := d.Clock().In(bot.Shanghai())
	all, err := d.Shifts.Shifts(ctx, today.Format(time.DateOnly), today.AddDate(0, 0, plannedDays-1).Format(time.DateOnly))
	return slices.DeleteFunc(all, func(v routing.Shift) bool { return !slices.Contains(names, v.Staff) }), names, err
}

func (d *Desk) showShifts(w http.ResponseWriter, r *http.Request, who Account, status int, f shiftForm, fault string) {
	all, names, err := d.planned(r.Context(), who)
	if err != nil {
		d.fail(w, "list shifts", err)
		return
	}
	var days []shiftDay
	today := d.Clock().In(bot.Shanghai())
	for i := range plannedDays {
		day := today.AddDate(0, 0, i)
		row := shiftDay{Title: day.Format("1月2日 ") + "周" + string([]rune("日一二三四五六")[day.Weekday()])}
		for _, v := range all {
			if v.Day == day.Format(time.DateOnly) {
				row.Shifts = append(row.Shifts, shownShift{v, routing.Clock(v.From) + "–" + routing.Clock(v.To), v.Staff == who.Name})
			}
		}
		days = append(days, row)
	}
	d.render(w, status, "shifts.html", map[string]any{"Name": who.Name, "Days": days, "People": names, "Plans": who.supervises(), "Form": f, "Fault": fault})
}

// planShifts plans the same hours for some people on some days.
func (d *Desk) planShifts(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "填写的内容太长或格式不对。")
		return
	}
	f := shiftForm{Staff: r.PostForm["staff"], First: r.PostFormValue("first"), Last: r.PostFormValue("last"), Begin: r.PostFormValue("begin"),
		End: r.PostFormValue("end"), Group: strings.TrimSpace(r.PostFormValue("group")), Workdays: r.PostFormValue("workdays") == "yes"}
	_, names, err := d.planned(r.Context(), who)
	if err != nil {
		d.fail(w, "list operators", err)
		return
	}
	all, fault := f.shifts(names, d.Clock())
	if fault != "" {
		d.showShifts(w, r, who, http.StatusUnprocessableEntity, f, fault)
		return
	}
	if err := d.Shifts.SaveShifts(r.Context(), all, who.Name, d.Clock()); err != nil {
		d.fail(w, "plan shifts", err)
		return
	}
	http.Redirect(w, r, "/desk/shifts", http.StatusSeeOther)
}

// shifts are those a form asks for; fault is a sentence.
func (f shiftForm) shifts(names []string, now time.Time) (all []routing.Shift, fault string) {
	day := func(text string) (time.Time, error) { return time.ParseInLocation(time.DateOnly, text, bot.Shanghai()) }
	first, err1 := day(f.First)
	last, err2 := day(f.Last)
	begin, ok1 := minuteOf(f.Begin)
	end, ok2 := minuteOf(f.End)
	today := now.In(bot.Shanghai()).Format(time.DateOnly)
	switch {
	case len(f.Staff) == 0 || slices.ContainsFunc(f.Staff, func(n string) bool { return !slices.Contains(names, n) }):
		return nil, "请选排给谁。"
	case err1 != nil || err2 != nil || last.Before(first) || last.Sub(first) >= mostPlanned*24*time.Hour || f.First < today:
		return nil, "日期从今天起，一次最多排 31 天。"
	case !ok1 || !ok2 || end <= begin:
		return nil, "几点到几点要写清，结束要晚于开始；过夜的班分成两天排。"
	case utf8.RuneCountInString(f.Group) > maxGroup:
		return nil, "组名最多 20 字。"
	}
	for at := first; !at.After(last); at = at.AddDate(0, 0, 1) {
		if f.Workdays && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday) {
			continue
		}
		for _, name := range f.Staff {
			all = append(all, routing.Shift{Day: at.Format(time.DateOnly), Staff: name, Group: f.Group, From: begin, To: end})
		}
	}
	if len(all) == 0 {
		return nil, "这几天都是周末，没有排上。"
	}
	return all, ""
}

// minuteOf reads 09:30 as a minute of the day; 24:00 is its end.
func minuteOf(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	n := hour*60 + minute
	return n, ok && err1 == nil && err2 == nil && hour >= 0 && minute >= 0 && minute < 60 && n <= 24*60
}

func (d *Desk) dropShift(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	all, _, err := d.planned(r.Context(), who)
	if err != nil {
		d.fail(w, "list shifts", err)
		return
	}
	at := slices.IndexFunc(all, func(v routing.Shift) bool { return strconv.FormatInt(v.ID, 10) == r.PathValue("id") })
	if at < 0 {
		refuse(w, http.StatusNotFound, "没有这个班，可能已经取消了。")
		return
	}
	if err := d.Shifts.DropShift(r.Context(), all[at], who.Name, d.Clock()); err != nil {
		d.fail(w, "take a shift off", err)
		return
	}
	http.Redirect(w, r, "/desk/shifts", http.StatusSeeOther)
}
