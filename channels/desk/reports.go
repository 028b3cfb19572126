package desk

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
)

const (
	longestReport = 92 // days
	fewest        = 5  // open figures tell no smaller number: it may be somebody
)

// reported is what came of conversations that have something in common. It
// holds nobody's words or particulars.
type reported struct {
	Name                              string
	Came, Taken, Within15, Abandoned  int
	Rated, Good                       int // who said how it was; of them, satisfied
	waits, talks                      []time.Duration
	WaitP50, WaitP90, Talk, TakenRate int // seconds; percent
}

func (v *reported) add(h bot.Handoff) {
	v.Came++
	switch {
	case !h.TakenAt.IsZero():
		v.Taken++
		if h.Reason != bot.ReasonTaken { // then nobody waited
			wait := h.TakenAt.Sub(h.At)
			v.waits = append(v.waits, wait)
			if wait <= 15*time.Second {
				v.Within15++
			}
		}
		if !h.ClosedAt.IsZero() {
			v.talks = append(v.talks, h.ClosedAt.Sub(h.TakenAt))
		}
	case h.Status == bot.HandoffClosed:
		v.Abandoned++
	}
}

func (v *reported) rate(r bot.Rating) {
	v.Rated++
	if r.Score == bot.Good {
		v.Good++
	}
}

// Pleased is the share that was satisfied, in percent; empty where nobody said.
func (v *reported) Pleased() string {
	if v.Rated == 0 {
		return "—"
	}
	return strconv.Itoa(100 * v.Good / v.Rated)
}

func (v *reported) sum() {
	slices.Sort(v.waits)
	slices.Sort(v.talks)
	v.WaitP50, v.WaitP90, v.Talk = at(v.waits, .5), at(v.waits, .9), at(v.talks, .5)
	v.TakenRate = 100 * v.Taken / max(1, v.Settled())
}

// cells are a row of a table; the heading is reportHeading.
func (v *reported) cells() []string {
	out := []string{v.Name}
	for _, n := range []int{v.Came, v.Taken, v.Within15, v.Abandoned} {
		out = append(out, strconv.Itoa(n))
	}
	return append(out, known(v.Settled() > 0, v.TakenRate), known(v.Awaited() > 0, v.WaitP50), known(v.Awaited() > 0, v.WaitP90), known(v.Over() > 0, v.Talk), v.Pleased())
}

// Settled is how many were taken or gave up; who still waits is neither.
func (v *reported) Settled() int { return v.Taken + v.Abandoned }

// Awaited is how many of those taken had waited: the rest an operator took unasked.
func (v *reported) Awaited() int { return len(v.waits) }

// Over is how many of those taken are over.
func (v *reported) Over() int { return len(v.talks) }

// known is a figure, or a dash where there is nothing to count.
func known(is bool, n int) string {
	if !is {
		return "—"
	}
	return strconv.Itoa(n)
}

func reportHeading(of string) []string {
	return []string{of, "转人工", "已接", "15 秒内接", "没接上", "接通率 %", "等候中位数（秒）", "等候 90 分位（秒）", "接待中位数（秒）", "满意率 %"}
}

// cut is the conversations of a period seen from one side.
type cut struct {
	Title string
	Rows  []*reported
}

// report is a period seen from every side.
type report struct {
	From, To time.Time // To is the first instant after it
	Span     string
	All      *reported
	Times    cut
	Cuts     []cut
}

// reportOf counts handoffs and ratings; groups are those of each operator.
func (d *Desk) reportOf(all []bot.Handoff, ratings []bot.Rating, from, to time.Time, span string, groups map[string][]string) report {
	v := report{From: from, To: to, Span: span, All: &reported{Name: "合计"}}
	times, operators, teams, towns, channels, intents := sides{}, sides{}, sides{}, sides{}, sides{}, sides{}
	for at := from; at.Before(to); at = step(at, span) {
		times.of(timeName(at, span))
	}
	for _, h := range all {
		if h.At.Before(from) || !h.At.Before(to) {
			continue
		}
		v.All.add(h)
		times.of(timeName(h.At, span)).add(h)
		if h.Operator != "" {
			operators.of(h.Operator).add(h)
			for _, g := range groups[h.Operator] {
				teams.of(g).add(h)
			}
		}
		towns.of(cmp.Or(d.Towns[h.Town], "未说镇街")).add(h)
		channels.of(channelTitle(h.Channel)).add(h)
		intents.of(cmp.Or(errand(h), "没说要办什么")).add(h)
	}
	for _, r := range ratings {
		if r.At.Before(from) || !r.At.Before(to) || r.Operator == "" { // the bot's own are on the wall
			continue
		}
		for _, one := range []*reported{v.All, times.of(timeName(r.At, span)), operators.of(r.Operator), towns.of(cmp.Or(d.Towns[r.Town], "未说镇街")), channels.of(channelTitle(r.Channel))} {
			one.rate(r)
		}
		for _, g := range groups[r.Operator] {
			teams.of(g).rate(r)
		}
	}
	v.All.sum()
	v.Times = cut{map[string]string{"hour": "按小时", "week": "按周"}[span], times.byName()}
	if v.Times.Title == "" {
		v.Times.Title = "按天"
	}
	v.Cuts = []cut{{"按坐席", operators.most()}, {"按组", teams.most()}, {"按镇街", towns.most()}, {"按渠道", channels.most()}, {"按业务", intents.most()}}
	return v
}

// timeName is the part of a period an instant belongs to.
func timeName(at time.Time, span string) string {
	at = at.In(bot.Shanghai())
	switch span {
	case "hour":
		return at.Format("01-02 15 时")
	case "week":
		return at.AddDate(0, 0, -(int(at.Weekday())+6)%7).Format(time.DateOnly) + " 起"
	}
	return at.Format(time.DateOnly)
}

func step(at time.Time, span string) time.Time {
	if span == "hour" {
		return at.Add(time.Hour)
	}
	return at.AddDate(0, 0, 1)
}

func channelTitle(c bot.Channel) string {
	switch c {
	case bot.WeChat:
		return "微信"
	case bot.Web:
		return "网页"
	case bot.Hotline:
		return "热线"
	}
	return string(c)
}

type sides map[string]*reported

func (s sides) of(name string) *reported {
	if s[name] == nil {
		s[name] = &reported{Name: name}
	}
	return s[name]
}

func (s sides) byName() []*reported {
	out := slices.SortedFunc(maps.Values(s), func(a, b *reported) int { return cmp.Compare(a.Name, b.Name) })
	for _, v := range out {
		v.sum()
	}
	return out
}

// most has those with most first.
func (s sides) most() []*reported {
	out := s.byName()
	slices.SortStableFunc(out, func(a, b *reported) int { return b.Came - a.Came })
	return out
}

// reportPeriod reads which days are asked for; the last seven where nothing
// is, or what makes no sense.
func (d *Desk) reportPeriod(r *http.Request) (from, to time.Time, span string) {
	now := d.Clock().In(bot.Shanghai())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, bot.Shanghai())
	read := func(name string, otherwise time.Time) time.Time {
		day, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get(name), bot.Shanghai())
		if err != nil || day.After(today) {
			return otherwise
		}
		return day
	}
	to = read("to", today)
	from = read("from", to.AddDate(0, 0, -6))
	if from.After(to) || to.Sub(from) > longestReport*24*time.Hour {
		from = to.AddDate(0, 0, -6)
	}
	if span = r.URL.Query().Get("span"); span != "hour" && span != "week" {
		span = "day"
	}
	return from, to.AddDate(0, 0, 1), span
}

// readReport makes the report that is asked for.
func (d *Desk) readReport(w http.ResponseWriter, r *http.Request, who Account) (report, bool) {
	from, to, span := d.reportPeriod(r)
	shift, err := d.Records.ShiftSince(r.Context(), from)
	if err != nil {
		d.fail(w, "read handoffs", err)
		return report{}, false
	}
	groups := map[string][]string{}
	if d.Roster != nil {
		all, err := d.Roster.Operators(r.Context(), d.Clock())
		if err != nil {
			d.fail(w, "list operators", err)
			return report{}, false
		}
		for _, o := range all {
			groups[o.Name] = o.Groups
		}
	}
	ratings := slices.DeleteFunc(shift.Ratings, func(v bot.Rating) bool { return !who.covers(v.Town) })
	return d.reportOf(within(who, shift.Handoffs), ratings, from, to, span, groups), true
}

func (d *Desk) reportPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	v, ok := d.readReport(w, r, who)
	if !ok {
		return
	}
	last := v.To.AddDate(0, 0, -1).Format(time.DateOnly)
	d.render(w, http.StatusOK, "reports.html", map[string]any{
		"Name": who.Name, "R": v, "Last": last, "First": v.From.Format(time.DateOnly), "Chart": v.chart("broad", 920) + v.chart("slim", 320), "Most": v.most(), "Excel": d.Sheet != nil,
		"Query": template.URL("?from=" + v.From.Format(time.DateOnly) + "&to=" + last + "&span=" + v.Span), // #nosec G203: made of dates and a word of ours
	})
}

// lasted is a number of seconds in words.
func lasted(seconds int) string {
	if seconds < 60 {
		return fmt.Sprintf("%d 秒", seconds)
	}
	if m := seconds / 60; m < 60 {
		return fmt.Sprintf("%d 分 %d 秒", m, seconds%60)
	}
	return fmt.Sprintf("%d 小时 %d 分", seconds/3600, seconds/60%60)
}

// most is how many came when most came.
func (v *report) most() (n int) {
	for _, row := range v.Times.Rows {
		n = max(n, row.Came)
	}
	return n
}

// chart draws how many came and were taken, by time, as wide as it is told: on
// a telephone it is drawn anew, not made smaller.
func (v *report) chart(class string, width int) template.HTML {
	const height, foot = 160, 24
	const label = 80.0 // how wide the longest name of a time is
	most := max(1, v.most())
	wide := float64(width) / float64(max(1, len(v.Times.Rows)))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" class="chart %s"><title>转人工（浅）和接上的（深），最多 %d</title>`, width, height+foot, class, most)
	every := v.namedEvery((len(v.Times.Rows)*int(label) + width - 1) / width)
	for i, row := range v.Times.Rows {
		bar(&b, "came", float64(i)*wide+wide*0.12, wide*0.76, share(row.Came, most)*(height-8), height)
		bar(&b, "taken", float64(i)*wide+wide*0.26, wide*0.48, share(row.Taken, most)*(height-8), height)
		if i%every == 0 {
			x, anchor := (float64(i)+0.5)*wide, "middle"
			if wide < label { // it would stick out at the left edge
				x, anchor = float64(i)*wide+2, "start"
				if float64(i)*wide+label > float64(width) { // and at the right one
					continue
				}
			}
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="%s">%s</text>`, x, height+foot-6, anchor, template.HTMLEscapeString(strings.TrimPrefix(row.Name, v.From.Format("2006-"))))
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // #nosec G203: made of numbers and dates of ours
}

// namedEvery is how many times go to one that is named, where no more than every
// so many can be: hours are named at the same ones each day.
func (v *report) namedEvery(atLeast int) int {
	if v.Span != "hour" {
		return max(1, atLeast)
	}
	for _, hours := range []int{1, 2, 3, 4, 6, 12} {
		if hours >= atLeast {
			return hours
		}
	}
	return (atLeast + 23) / 24 * 24
}

func share(n, of int) float64 { return float64(n) / float64(of) }

func bar(b *strings.Builder, class string, x, wide, high float64, foot int) {
	fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, x, float64(foot)-high, wide, high)
}

// tables are the report's, with headings.
func (v *report) tables() []WorkTable {
	all := []WorkTable{{Name: "合计", Rows: [][]string{reportHeading("合计"), v.All.cells()}}}
	for _, c := range append([]cut{v.Times}, v.Cuts...) {
		rows := [][]string{reportHeading(strings.TrimPrefix(c.Title, "按"))}
		for _, r := range c.Rows {
			rows = append(rows, r.cells())
		}
		all = append(all, WorkTable{Name: c.Title, Rows: rows})
	}
	return all
}

// reportFile sends the report as an Excel or a CSV file, or the open figures.
func (d *Desk) reportFile(w http.ResponseWriter, r *http.Request, who Account) {
	v, ok := d.readReport(w, r, who)
	if !ok {
		return
	}
	kind := r.PathValue("kind")
	if kind != "desk.xlsx" && kind != "desk.csv" && kind != "open.csv" || kind == "desk.xlsx" && d.Sheet == nil {
		refuse(w, http.StatusNotFound, "没有这种报表。")
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditExport, kind) {
		return
	}
	w.Header().Set("Content-Disposition", "attachment; filename="+v.From.Format(time.DateOnly)+"-"+kind)
	switch kind {
	case "desk.xlsx":
		raw, err := d.Sheet(v.tables())
		if err != nil {
			d.fail(w, "write report", err)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		w.Write(raw)
	case "open.csv":
		writeCSV(w, v.open())
	default:
		writeCSV(w, v.tables())
	}
}

// open are the figures that may be published: nobody's name, and no number so
// small that it may tell of one person.
func (v *report) open() []WorkTable {
	rows := [][]string{{"项目", "名称", "转人工", "已接"}}
	hidden := func(n int) string {
		if n > 0 && n < fewest {
			return "<" + strconv.Itoa(fewest)
		}
		return strconv.Itoa(n)
	}
	for _, c := range append([]cut{v.Times}, v.Cuts[2:]...) { // operators and groups are nobody else's business
		for _, r := range c.Rows {
			rows = append(rows, []string{strings.TrimPrefix(c.Title, "按"), r.Name, hidden(r.Came), hidden(r.Taken)})
		}
	}
	return []WorkTable{{Name: "公开数据", Rows: rows}}
}

// writeCSV writes tables one below the other, with the mark by which Excel
// knows UTF-8. A cell that a spreadsheet would take for a formula is quoted.
func writeCSV(w http.ResponseWriter, tables []WorkTable) {
	out := beginCSV(w)
	for i, t := range tables {
		if i > 0 {
			out.Write([]string{})
		}
		for _, row := range t.Rows {
			out.Write(cells(row))
		}
	}
	out.Flush() // who asked may be gone: nobody to tell
}
