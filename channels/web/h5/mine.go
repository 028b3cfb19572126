package h5

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// row is an appointment in a list.
type row struct {
	booking.Appointment
	Title  string
	Place  string
	State  string
	Active bool
}

// rows are a citizen's appointments: those to come first, soonest first.
func (p *Pages) rows(ctx context.Context, id bot.CitizenID, active bool) ([]row, error) {
	all, err := p.Counter.Appointments(ctx, id, active)
	if err != nil {
		return nil, err
	}
	names, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]row, 0, len(all))
	for _, a := range all {
		v := names.row(a, p.Clock())
		if v.Active || !active {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b row) int {
		if c := boolFirst(a.Active, b.Active); c != 0 {
			return c
		}
		if a.Active {
			return a.Starts().Compare(b.Starts())
		}
		return b.Starts().Compare(a.Starts())
	})
	return out, nil
}

// named are the names of services and halls by id.
type named struct {
	services map[string]string
	halls    map[string]booking.Hall
}

func (p *Pages) names(ctx context.Context) (named, error) {
	n := named{map[string]string{}, map[string]booking.Hall{}}
	services, err := p.Counter.Services(ctx)
	if err != nil {
		return n, err
	}
	halls, err := p.Counter.Halls(ctx)
	if err != nil {
		return n, err
	}
	for _, s := range services {
		n.services[s.ID] = s.Title
	}
	for _, h := range halls {
		n.halls[h.ID] = h
	}
	return n, nil
}

func (n named) row(a booking.Appointment, now time.Time) row {
	v := row{Appointment: a, Title: n.services[a.Service], Place: n.halls[a.Hall].Name}
	if v.Title == "" {
		v.Title = a.Service
	}
	if v.Place == "" {
		v.Place = a.Hall
	}
	v.Active = a.Status == booking.CheckedIn || a.Status == booking.Booked && a.Starts().After(now)
	v.State = stateOf(a, now)
	return v
}

func stateOf(a booking.Appointment, now time.Time) string {
	switch a.Status {
	case booking.Booked:
		if a.Starts().After(now) {
			return "已约好"
		}
		return "时间已过"
	case booking.Cancelled:
		return "已取消"
	case booking.CheckedIn:
		return "已取号"
	case booking.Served:
		return "已办完"
	case booking.NoShow:
		return "没有到场"
	}
	return string(a.Status)
}

// listing is the page of a citizen's appointments and waiting lines.
type listing struct {
	Rows  []row
	Waits []waitRow
}

// waitRow is a place in a waiting line.
type waitRow struct {
	ID    int64
	Title string
	Place string
	When  string
	Ahead int
	Until string // a place is kept until then; empty: in line
	To    string // where it is taken
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	var v listing
	var err error
	if v.Rows, err = p.rows(r.Context(), id, false); err == nil {
		v.Waits, err = p.waitRows(r.Context(), id)
	}
	if err != nil {
		p.failed(w, r, "list appointments", err)
		return
	}
	p.render(w, r, http.StatusOK, "mine.html", frame{Title: "我的预约", Back: "/h5/", View: v})
}

func (p *Pages) waitRows(ctx context.Context, id bot.CitizenID) ([]waitRow, error) {
	lines, err := p.Counter.Waits(ctx, id)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	names, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	var out []waitRow
	for _, l := range lines {
		v := waitRow{ID: l.ID, Title: names.services[l.Service], Place: names.halls[l.Hall].Name, Ahead: l.Ahead, When: "哪天都行"}
		if l.Date != "" {
			v.When = strings.TrimSpace(fullDay(l.Date) + " " + l.Time)
		}
		switch l.Status {
		case booking.WaitOpen:
		case booking.WaitHeld:
			v.When = fullDay(l.Place.Date) + " " + l.Place.Time
			v.Until = l.Until.In(bot.Shanghai()).Format("15:04")
			v.To = weekOf(l.Service, l.Hall) + "/" + l.Place.Date + "/" + l.Place.Time
		default:
			continue
		}
		out = append(out, v)
	}
	return out, nil
}

// leave takes a citizen out of a waiting line.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err == nil {
		err = p.Counter.Leave(r.Context(), id, n)
	}
	if err != nil && !errors.Is(err, booking.ErrNoWait) && !errors.Is(err, strconv.ErrSyntax) && !errors.Is(err, strconv.ErrRange) {
		p.failed(w, r, "leave the line", err)
		return
	}
	http.Redirect(w, r, "/h5/mine", http.StatusSeeOther)
}

// rate keeps what a served citizen says of it.
func (p *Pages) rate(w http.ResponseWriter, r *http.Request, a row) {
	if !p.form(w, r) {
		return
	}
	stars, _ := strconv.Atoi(r.PostFormValue("stars"))
	o := booking.Opinion{Stars: stars, Words: bot.Secret(strings.TrimSpace(r.PostFormValue("words")))}
	if o.Validate() != nil {
		v, err := p.showing(r, a)
		if err != nil {
			p.failed(w, r, "list halls", err)
			return
		}
		v.Wrong, v.Words, v.Stars = "请选 1 到 5 分；想说的话不超过 500 字。", o.Words.Reveal(), stars
		p.render(w, r, http.StatusUnprocessableEntity, "show.html", frame{Title: "请看一看：评价", Back: "/h5/mine", View: v})
		return
	}
	if err := p.Counter.Rate(r.Context(), a.Number, o); err != nil {
		p.refused(w, r, aboutMoving(a), err)
		return
	}
	http.Redirect(w, r, "/h5/mine/"+a.Number, http.StatusSeeOther)
}

// owned is a handler of a page about somebody's own appointment.
type owned func(w http.ResponseWriter, r *http.Request, a row)

// own lets the owner of an appointment through; to everybody else it is as if
// there were none.
func (p *Pages) own(next owned) http.HandlerFunc {
	return p.mine(func(w http.ResponseWriter, r *http.Request, id bot.CitizenID) {
		all, err := p.rows(r.Context(), id, false)
		if err != nil {
			p.failed(w, r, "list appointments", err)
			return
		}
		at := slices.IndexFunc(all, func(v row) bool { return v.Number == r.PathValue("number") })
		if at < 0 {
			p.problem(w, r, http.StatusNotFound, "没有找到这个预约", "它可能是用别的手机号约的，请用那个手机号登录。", link{"我的预约", "/h5/mine"})
			return
		}
		next(w, r, all[at])
	})
}

// showing is the page of one appointment.
type showing struct {
	row
	Address    string
	New        bool
	Moved      bool
	Changeable bool
	Hours      int    // before which it can be changed
	Drawn      string // the number drawn in the hall
	Ahead      int
	Window     string // where it is called; empty: not yet
	Rateable   bool
	Wrong      string // with what was said of it
	Words      string
	Stars      int
}

// showing is an appointment as its page shows it.
func (p *Pages) showing(r *http.Request, a row) (showing, error) {
	h, _, err := p.hallOf(r, a.Hall)
	if err != nil {
		return showing{}, err
	}
	rules := p.Counter.RulesFor(a.Service)
	v := showing{row: a, Address: h.Address, New: r.URL.Query().Has("new"), Moved: r.URL.Query().Has("moved"),
		Changeable: a.Status == booking.Booked && a.Active && rules.Changeable(a.Starts(), p.Clock()), Hours: int(rules.CancelBefore.Hours())}
	v.Rateable = a.Status == booking.Served && a.Rating == 0
	if drawn, ahead, ok := p.Counter.ArrivalOf(a.Number); ok && a.Status == booking.CheckedIn {
		v.Drawn, v.Ahead = drawn.Number, ahead
		if drawn.Status == booking.ArrivalCalled {
			v.Window = drawn.Window
		}
	}
	return v, nil
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, a row) {
	v, err := p.showing(r, a)
	if err != nil {
		p.failed(w, r, "list halls", err)
		return
	}
	title := "预约 " + a.Number
	switch {
	case v.New:
		title = "约好了"
	case v.Moved:
		title = "改好了"
	}
	p.render(w, r, http.StatusOK, "show.html", frame{Title: title, Back: "/h5/mine", View: v})
}

func (p *Pages) cancelPage(w http.ResponseWriter, r *http.Request, a row) {
	p.render(w, r, http.StatusOK, "cancel.html", frame{Title: "取消预约", Back: "/h5/mine/" + a.Number, View: a})
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request, a row) {
	if a.Status != booking.Cancelled { // pressed twice: it is what was wanted
		if _, err := p.Counter.Cancel(r.Context(), a.Number); err != nil {
			p.refused(w, r, aboutMoving(a), err)
			return
		}
	}
	http.Redirect(w, r, "/h5/mine/"+a.Number, http.StatusSeeOther)
}

func aboutMoving(a row) confirming {
	return confirming{Service: booking.Service{ID: a.Service, Title: a.Title}, Hall: booking.Hall{ID: a.Hall, Name: a.Place},
		Date: a.Date, Time: a.Time, Number: a.Number, Earlier: fullDay(a.Date) + " " + a.Time}
}

// movePage asks when, and then whether that is meant.
func (p *Pages) movePage(w http.ResponseWriter, r *http.Request, a row) {
	q := r.URL.Query()
	if q.Get("date") == "" {
		http.Redirect(w, r, weekOf(a.Service, a.Hall)+"?move="+url.QueryEscape(a.Number), http.StatusSeeOther)
		return
	}
	h, found, err := p.hallOf(r, q.Get("hall"))
	if err != nil {
		p.failed(w, r, "list halls", err)
		return
	}
	v := aboutMoving(a)
	v.Hall, v.Date, v.Time = h, q.Get("date"), q.Get("time")
	if !found || booking.At(v.Date, v.Time).IsZero() {
		p.problem(w, r, http.StatusNotFound, "没有这个时段", "请重新选一个时段。", link{"选时段", "/h5/mine/" + a.Number + "/move"})
		return
	}
	p.render(w, r, http.StatusOK, "move.html", frame{Title: "改时间", Back: weekOf(a.Service, h.ID) + "?move=" + url.QueryEscape(a.Number), View: v})
}

func (p *Pages) move(w http.ResponseWriter, r *http.Request, a row) {
	if !p.form(w, r) {
		return
	}
	hall, date, clock := r.PostFormValue("hall"), r.PostFormValue("date"), r.PostFormValue("time")
	if _, err := p.Counter.Move(r.Context(), a.Number, hall, date, clock); err != nil {
		v := aboutMoving(a)
		p.refused(w, r, v, err)
		return
	}
	http.Redirect(w, r, "/h5/mine/"+a.Number+"?moved=1", http.StatusSeeOther)
}
