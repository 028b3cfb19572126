package h5

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// cell is a period of a day.
type cell struct {
	To    string // where choosing it leads; empty: it cannot be chosen
	Wait  string // where one waits for it; empty: one cannot
	Free  int
	There bool // there is such an opening
	Label string
}

// weekRow is a period over the days.
type weekRow struct {
	Time  string
	Cells []cell
}

// weekDay heads a column.
type weekDay struct{ Date, Weekday string }

// weekly is the page of choosing when.
type weekly struct {
	Service booking.Service
	Hall    booking.Hall
	Days    []weekDay
	Rows    []weekRow
	Free    int
	Move    string
	Release string // when the next day is released
	Today   string
}

func (p *Pages) hall(w http.ResponseWriter, r *http.Request) (booking.Hall, bool) {
	h, found, err := p.hallOf(r, r.PathValue("hall"))
	if err != nil {
		p.failed(w, r, "list halls", err)
		return h, false
	}
	if !found {
		p.problem(w, r, http.StatusNotFound, "没有找到这个大厅", "请重新选一个大厅。", link{"选大厅", "/h5/book/" + url.PathEscape(r.PathValue("service"))})
	}
	return h, found
}

func (p *Pages) hallOf(r *http.Request, id string) (booking.Hall, bool, error) {
	halls, err := p.Counter.Halls(r.Context())
	if err != nil {
		return booking.Hall{}, false, err
	}
	at := slices.IndexFunc(halls, func(h booking.Hall) bool { return h.ID == id })
	if at < 0 {
		return booking.Hall{}, false, nil
	}
	return halls[at], true, nil
}

func (p *Pages) week(w http.ResponseWriter, r *http.Request) {
	s, ok := p.service(w, r)
	if !ok {
		return
	}
	h, ok := p.hall(w, r)
	if !ok {
		return
	}
	openings, err := p.Counter.Openings(r.Context(), booking.Query{Service: s.ID, Hall: h.ID, After: p.Clock()})
	if err != nil {
		p.failed(w, r, "list openings", err)
		return
	}
	v := weekly{Service: s, Hall: h, Move: r.URL.Query().Get("move"), Release: p.release(s.ID),
		Today: p.Clock().In(bot.Shanghai()).Format(time.DateOnly)}
	v.lay(openings)
	back := "/h5/book/" + s.ID
	if v.Move != "" {
		back = "/h5/mine/" + url.PathEscape(v.Move)
	}
	p.render(w, r, http.StatusOK, "week.html", frame{Title: "选日期和时段", Back: back, View: v})
}

// lay puts openings into a table of periods by days.
func (v *weekly) lay(openings []booking.Opening) {
	var dates, times []string
	at := map[[2]string]booking.Opening{}
	for _, o := range openings {
		dates, times = append(dates, o.Date), append(times, o.Time)
		at[[2]string{o.Date, o.Time}] = o
	}
	slices.Sort(dates)
	slices.Sort(times)
	dates, times = slices.Compact(dates), slices.Compact(times)
	for _, date := range dates {
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			continue
		}
		name := bot.Weekday(day)
		if date == v.Today {
			name = "今天"
		}
		v.Days = append(v.Days, weekDay{date, name})
	}
	for _, clock := range times {
		row := weekRow{Time: clock}
		for _, d := range v.Days {
			o, there := at[[2]string{d.Date, clock}]
			row.Cells = append(row.Cells, v.cell(o, there))
		}
		v.Rows = append(v.Rows, row)
	}
}

func (v *weekly) cell(o booking.Opening, there bool) cell {
	if !there {
		return cell{Label: "不办理"}
	}
	v.Free += o.Remaining
	c := cell{Free: o.Remaining, There: true}
	if o.Remaining == 0 {
		c.Label = fmt.Sprintf("%s %s 已约满", fullDay(o.Date), o.Time)
		if v.Move == "" {
			c.Wait = "/h5/wait/" + url.PathEscape(o.Service) + "/" + url.PathEscape(o.Hall) + "/" + o.Date + "/" + o.Time
		}
		return c
	}
	c.Label = fmt.Sprintf("%s %s，还有 %d 个号", fullDay(o.Date), o.Time, o.Remaining)
	c.To = "/h5/book/" + url.PathEscape(o.Service) + "/" + url.PathEscape(o.Hall) + "/" + o.Date + "/" + o.Time
	if v.Move != "" {
		c.To = "/h5/mine/" + url.PathEscape(v.Move) + "/move?" + url.Values{"hall": {o.Hall}, "date": {o.Date}, "time": {o.Time}}.Encode()
	}
	return c
}

// release says when the next day's places of a service come.
func (p *Pages) release(service string) string {
	rules := p.Counter.RulesFor(service)
	now := p.Clock().In(bot.Shanghai())
	next := rules.LastReleased(now).AddDate(0, 0, 1)
	at := next.AddDate(0, 0, -rules.ReleaseDays).Add(rules.ReleaseAt)
	day := "今天"
	if at.YearDay() != now.YearDay() {
		day = "明天"
	}
	return fmt.Sprintf("%s %s 放%s（%s）的号", day, at.Format("15:04"), next.Format("1月2日"), bot.Weekday(next))
}
