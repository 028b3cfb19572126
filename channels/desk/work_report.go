package desk

import (
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// stretch reads which period is asked for: ?span=day or week, ?until=date; the
// week before today where nothing is said.
func (d *Desk) stretch(r *http.Request) (from, to time.Time, span string) {
	now := d.Clock().In(bot.Shanghai())
	to = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, bot.Shanghai()).AddDate(0, 0, 1)
	if day, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("until"), bot.Shanghai()); err == nil && day.Before(to) {
		to = day.AddDate(0, 0, 1)
	}
	if span = r.URL.Query().Get("span"); span == "day" {
		return to.AddDate(0, 0, -1), to, span
	}
	return to.AddDate(0, 0, -7), to, "week"
}

func (d *Desk) period(w http.ResponseWriter, r *http.Request, who Account) (ticket.Period, string, bool) {
	if who.Actor.Role != ticket.RoleCentre {
		d.workSay(w, http.StatusForbidden, who, "报表由 12345 中心查看。")
		return ticket.Period{}, "", false
	}
	from, to, span := d.stretch(r)
	p, err := d.Work.Tickets.Period(r.Context(), from, to)
	if err != nil {
		d.fail(w, "make report", err)
		return p, span, false
	}
	return p, span, true
}

func (d *Desk) workReport(w http.ResponseWriter, r *http.Request, who Account) {
	p, span, ok := d.period(w, r, who)
	if !ok {
		return
	}
	surges, err := d.Work.Tickets.Events(r.Context(), p.From)
	if err != nil {
		d.fail(w, "list events", err)
		return
	}
	until := p.To.AddDate(0, 0, -1).Format(time.DateOnly)
	d.workShow(w, http.StatusOK, "work-report.html", "报表", who, map[string]any{
		"P": p, "Span": span, "Until": until, "Query": "?span=" + span + "&until=" + until, "Surges": surges, "Chart": template.HTML(d.chart(p)), // #nosec G203: made of numbers and names of ours
		"Before": p.From.AddDate(0, 0, -1).Format(time.DateOnly),
	})
}

// workChart is the chart sheet as a file of its own.
func (d *Desk) workChart(w http.ResponseWriter, r *http.Request, who Account) {
	p, _, ok := d.period(w, r, who)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml; charset=utf-8")
	w.Header().Set("Content-Disposition", "inline; filename=report.svg")
	fmt.Fprint(w, d.chart(p))
}

// workSurges are the events of the last day, for the desk to show.
func (d *Desk) workSurges(w http.ResponseWriter, r *http.Request, who Account) {
	if who.Actor.Role != ticket.RoleCentre {
		refuse(w, http.StatusForbidden, "突发事件由 12345 中心查看。")
		return
	}
	surges, err := d.Work.Tickets.Events(r.Context(), d.Clock().Add(-24*time.Hour))
	if err != nil {
		d.fail(w, "list events", err)
		return
	}
	type event struct {
		ID       int64     `json:"id"`
		Category string    `json:"category"`
		Town     string    `json:"town"`
		At       time.Time `json:"at"`
		Count    int       `json:"count"`
		Usual    float64   `json:"usual"`
	}
	rows := make([]event, 0, len(surges))
	for _, s := range surges {
		rows = append(rows, event{s.ID, d.category(s.Category).Name, d.Towns[s.Town], s.At, s.Count, s.Usual})
	}
	answer(w, http.StatusOK, map[string]any{"events": rows})
}

// Sizes of the chart sheet, in pixels.
const (
	chartWidth  = 920
	barsHeight  = 180
	chartMargin = 44
	trendRow    = 30
	widestBar   = 96
)

// chart draws the sheet: reports by day, then what rises beside what is usual.
func (d *Desk) chart(p ticket.Period) string {
	height := chartMargin*2 + barsHeight + 60 + max(1, len(p.Rising))*trendRow
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" class="chart" font-family="sans-serif" font-size="13">`, chartWidth, height)
	fmt.Fprintf(&b, `<title>%s 至 %s 的诉求</title>`, p.From.Format(time.DateOnly), p.To.AddDate(0, 0, -1).Format(time.DateOnly))
	d.chartDays(&b, p)
	d.chartTrends(&b, p)
	b.WriteString("</svg>")
	return b.String()
}

func (d *Desk) chartDays(b *strings.Builder, p ticket.Period) {
	most := 1
	for _, day := range p.Days {
		most = max(most, day.Help+day.Report)
	}
	fmt.Fprintf(b, `<text class="ink" fill="#51606f" x="%d" y="26">每天登记（蓝：12345 诉求，绿：民生大莞家）</text>`, chartMargin)
	width := float64(chartWidth-2*chartMargin) / float64(max(1, len(p.Days)))
	for i, day := range p.Days {
		bar := min(width*0.64, widestBar)
		x := chartMargin + (float64(i)+0.5)*width - bar/2
		base := float64(chartMargin + barsHeight)
		h1 := float64(day.Report) / float64(most) * (barsHeight - 20)
		h2 := float64(day.Help) / float64(most) * (barsHeight - 20)
		fmt.Fprintf(b, `<rect class="bar" fill="#1f5fa8" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, x, base-h1, bar, h1)
		fmt.Fprintf(b, `<rect class="leaf" fill="#2b7a4b" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, x, base-h1-h2, bar, h2)
		fmt.Fprintf(b, `<text class="ink" fill="#51606f" text-anchor="middle" x="%.1f" y="%.1f">%d</text>`, x+bar/2, base-h1-h2-6, day.Help+day.Report)
		fmt.Fprintf(b, `<text class="ink" fill="#51606f" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`, x+bar/2, base+18, day.Day[5:])
	}
}

func (d *Desk) chartTrends(b *strings.Builder, p ticket.Period) {
	y := chartMargin + barsHeight + 76
	head := "比往常多的（深色：这段时间，浅色：往常）"
	if len(p.Rising) == 0 {
		head = "这段时间没有比往常明显多的"
	}
	fmt.Fprintf(b, `<text class="ink" fill="#51606f" x="%d" y="%d">%s</text>`, chartMargin, y-14, head)
	most := 1
	for _, t := range p.Rising {
		most = max(most, t.Now)
	}
	const label = 300
	for i, t := range p.Rising {
		top := y + i*trendRow
		full := float64(chartWidth - 2*chartMargin - label - 60)
		name := d.Towns[t.Town] + " " + d.category(t.Category).Name
		fmt.Fprintf(b, `<text class="ink" fill="#51606f" x="%d" y="%d">%s</text>`, chartMargin, top+14, template.HTMLEscapeString(name))
		fmt.Fprintf(b, `<rect class="bar" fill="#1f5fa8" x="%d" y="%d" width="%.1f" height="10"/>`, chartMargin+label, top+2, full*float64(t.Now)/float64(most))
		fmt.Fprintf(b, `<rect class="pale" fill="#8794a1" x="%d" y="%d" width="%.1f" height="6"/>`, chartMargin+label, top+14, full*t.Before/float64(most))
		fmt.Fprintf(b, `<text class="ink" fill="#51606f" x="%.1f" y="%d">%d</text>`, float64(chartMargin+label)+full*float64(t.Now)/float64(most)+8, top+12, t.Now)
	}
}

// workSheet is the report as an Excel file.
func (d *Desk) workSheet(w http.ResponseWriter, r *http.Request, who Account) {
	p, _, ok := d.period(w, r, who)
	if !ok {
		return
	}
	if d.Work.Sheet == nil {
		d.workSay(w, http.StatusNotFound, who, "这里没有装表格功能。")
		return
	}
	raw, err := d.Work.Sheet(d.tables(p))
	if err != nil {
		d.fail(w, "write sheet", err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", "attachment; filename=report-"+p.From.Format(time.DateOnly)+".xlsx")
	w.Write(raw)
}

// WorkTable is one sheet of the report.
type WorkTable struct {
	Name  string
	Rows  [][]string
	Chart string // title of a chart of its figures; empty: none
}

func (d *Desk) tables(p ticket.Period) []WorkTable {
	n := strconv.Itoa
	percent := func(v float64, any bool) string {
		if !any {
			return ""
		}
		return fmt.Sprintf("%.1f", v*100)
	}
	names := d.Work.Tickets.TicketRules().Names
	sum := WorkTable{Name: "汇总", Rows: [][]string{{"项目", "数"}, {"登记", n(p.Filed)}, {"办结", n(p.Closed)}, {"在办", n(p.Open)}, {"逾期", n(p.Overdue)},
		{"合并", n(p.Linked)}, {"重办", n(p.Redone)}, {"满意", n(p.Satisfied)}, {"不满意", n(p.Dissatisfied)}, {"满意率（%）", percent(p.Satisfaction())}}}
	for _, t := range []ticket.Type{ticket.Assistance, ticket.Inquiry, ticket.Complaint, ticket.Tipoff, ticket.Suggestion, ticket.Praise} {
		sum.Rows = append(sum.Rows, []string{string(t), n(p.Types[t])})
	}
	days := WorkTable{Name: "每天", Chart: "每天登记", Rows: [][]string{{"日期", "民生大莞家", "12345"}}}
	for _, v := range p.Days {
		days.Rows = append(days.Rows, []string{v.Day, n(v.Help), n(v.Report)})
	}
	rising := WorkTable{Name: "上升", Rows: [][]string{{"镇街", "分类", "这段时间", "往常", "编号"}}}
	for _, t := range p.Rising {
		rising.Rows = append(rising.Rows, []string{d.Towns[t.Town], d.category(t.Category).Name, n(t.Now), fmt.Sprintf("%.1f", t.Before), strings.Join(t.Numbers, " ")})
	}
	bodies := WorkTable{Name: "单位", Rows: [][]string{{"单位", "收到", "办结", "逾期", "退单", "满意", "不满意", "满意率（%）"}}}
	for _, s := range p.Scores {
		body, _ := ticket.ParseBody(s.Body)
		bodies.Rows = append(bodies.Rows, []string{names.Body(body), n(s.Filed), n(s.Closed), n(s.Late), n(s.Returned), n(s.Satisfied), n(s.Dissatisfied), percent(s.Satisfaction())})
	}
	repeats := WorkTable{Name: "重复", Rows: [][]string{{"编号", "事项", "反映次数", "重办次数", "状态"}}}
	for _, v := range p.Repeats {
		repeats.Rows = append(repeats.Rows, []string{v.Number, v.Title, n(v.Reports), n(v.Redone), v.Status.Title()})
	}
	return []WorkTable{sum, days, rising, bodies, repeats}
}
