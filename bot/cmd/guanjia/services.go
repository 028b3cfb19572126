package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
	"guanjia/bot/sheet"
	"guanjia/bot/store"
	"guanjia/channels/hall"
	"guanjia/intents/hanzi"
)

// servicesCommand is `guanjia services`.
type servicesCommand struct {
	Import servicesImportCommand `cmd:"" help:"Load services, halls, windows and periods from CSV, Excel or JSON: columns service_id, title, aliases, group, department, minutes, hall_id, hall, town, address, phone, hours, lat, lng, access, window, time, capacity, weekdays."`
}

type servicesImportCommand struct {
	File string `arg:"" help:"CSV, Excel or JSON; - is standard input."`
	JSON bool   `help:"The report as a JSON object."`
}

// rowFault is what was wrong in a row of services.
type rowFault struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

func (c *servicesImportCommand) run(ctx context.Context, p *program) error {
	if p.house == nil {
		p.settings.Demo = false // what is imported stands by itself
	}
	return p.withHouse(ctx, opening{}, func(h *house) error { return c.take(ctx, p, h) })
}

func (c *servicesImportCommand) take(ctx context.Context, p *program, h *house) error {
	in, _, err := p.input(c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	t, err := readServices(in)
	if err != nil {
		return usageError{err}
	}
	if !t.empty() {
		if err := h.takeServices(ctx, t, "command", c.File); err != nil {
			return err
		}
	}
	if err := c.report(p.con.out, t); err != nil {
		return err
	}
	if t.empty() {
		return usagef("nothing was taken: each of the %d rows is faulty; mend them and import the file once more", t.rows)
	}
	return nil
}

// report tells what was left out, and what came of the rest.
func (c *servicesImportCommand) report(w io.Writer, t serviceTable) error {
	if c.JSON {
		return printJSON(w, map[string]any{"rows": t.rows, "services": len(t.plan.Services), "halls": len(t.plan.Halls), "faults": t.faults})
	}
	for _, f := range t.faults {
		value := ""
		if f.Value != "" {
			value = " “" + shorten(oneLineText(f.Value), 40) + "”"
		}
		column := f.Column
		if !t.headings[column] {
			column = cmp.Or(planHeadings()[column], column)
		}
		fmt.Fprintf(w, "第 %d 行未收：%s%s %s\n", f.Row, column, value, f.Reason)
	}
	if len(t.unread) > 0 {
		fmt.Fprintf(w, "没有用到的列：%s（能用的列：guanjia services import --help）\n", strings.Join(t.unread, "、"))
	}
	_, err := fmt.Fprintf(w, "共 %d 行：收下业务 %d 项、大厅 %d 个；未收 %d 行\n", t.rows, len(t.plan.Services), len(t.plan.Halls), len(t.faults))
	return err
}

// serviceTable is a table of services as it was read.
type serviceTable struct {
	rows   int
	plan   store.Plan
	faults []rowFault
	// headings are those the table has, unread the ones that mean nothing here.
	headings map[string]bool
	unread   []string
}

// empty says whether nothing of it can be taken.
func (t serviceTable) empty() bool { return t.rows == len(t.faults) }

func readServices(in io.Reader) (serviceTable, error) {
	rows, err := sheet.Read(in)
	if err != nil {
		return serviceTable{}, err
	}
	t := serviceTable{rows: len(rows), headings: map[string]bool{}}
	for _, r := range rows {
		for heading := range r.Cells {
			t.headings[heading] = true
		}
	}
	t.unread = unread(t.headings)
	if rows, err = planColumns(rows); err != nil {
		return serviceTable{}, err
	}
	t.plan, t.faults = planOf(rows)
	t.plan.Periods = periods() // real ones, that clearing the demo leaves
	return t, nil
}

// takeServices puts what is sound of a table in force at once: it is known to
// the conversation, and what was released already gets what is new.
func (h *house) takeServices(ctx context.Context, t serviceTable, by, reason string) error {
	if err := h.store.SavePlan(ctx, t.plan); err != nil {
		return err
	}
	entry := bot.AuditEntry{At: h.clock(), Actor: by, Deed: bot.AuditServices, Reason: reason,
		Subject: fmt.Sprintf("%d services, %d halls, %d rows left out", len(t.plan.Services), len(t.plan.Halls), len(t.faults))}
	if err := h.store.Audit(ctx, entry); err != nil {
		return err
	}
	if err := h.learnPlan(ctx); err != nil {
		return err
	}
	_, err := h.store.ReleaseOpenings(ctx, h.clock())
	return err
}

// idForm is what ids of services and halls look like.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// errNoServices means that a table has none of the columns that make a plan.
var errNoServices = &sheet.Unreadable{
	English: "no row has a service_id (业务编号), a hall_id (大厅编号) or a group (号源组): look at the headings, and whether there are rows below them",
	Chinese: "表里没有业务编号（service_id），也没有大厅编号（hall_id）：请看表头，表头下面要有内容",
}

// planHeadings are the columns' Chinese headings, as the empty table has them.
func planHeadings() map[string]string {
	return map[string]string{
		"service_id": "业务编号", "title": "业务名称", "group": "号源组", "aliases": "别名", "department": "部门", "minutes": "平均办理分钟",
		"window": "窗口", "time": "时段", "capacity": "号数", "weekdays": "星期", "hours": "开放时间", "lat": "纬度", "lng": "经度", "access": "停车无障碍",
		"hall_id": "大厅编号", "hall": "大厅", "town": "镇街", "address": "地址", "phone": "电话",
	}
}

// planNames are the columns by their Chinese headings, those of other offices'
// tables among them.
func planNames() map[string]string {
	names := map[string]string{"事项编码": "service_id", "事项名称": "title", "业务": "title", "大厅名称": "hall", "窗口号": "window", "地点": "address",
		"名额": "capacity", "号源数": "capacity", "放号数": "capacity", "数量": "capacity"}
	for name, heading := range planHeadings() {
		names[heading] = name
	}
	return names
}

// unread are the headings of a table that mean nothing here.
func unread(headings map[string]bool) []string {
	names, own := planNames(), planHeadings()
	var out []string
	for heading := range headings {
		if names[heading] == "" && own[heading] == "" {
			out = append(out, heading)
		}
	}
	slices.Sort(out)
	return out
}

// daysWritten puts weekdays into figures: 周一至周五 and 1-5 are 12345.
func daysWritten(text string) string {
	const figures = "1234567"
	text = strings.NewReplacer("周", "", "星期", "", "礼拜", "", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "日", "7", "天", "7",
		"至", "-", "到", "-", "–", "-", "—", "-", "～", "-", "~", "-", "、", "", "，", "", ",", "", " ", "").Replace(text)
	return daySpan.ReplaceAllStringFunc(text, func(span string) string {
		from, to := strings.IndexByte(figures, span[0]), strings.IndexByte(figures, span[2])
		if from > to {
			return span // refused as it is
		}
		return figures[from : to+1]
	})
}

var daySpan = regexp.MustCompile(`[1-7]-[1-7]`)

// planColumns puts Chinese headings under the names of the columns. A table
// that has neither services nor halls is refused.
func planColumns(rows []sheet.Row) ([]sheet.Row, error) {
	names := planNames()
	known := false
	for _, r := range rows {
		for heading, v := range r.Cells {
			if name, ok := names[heading]; ok {
				r.Cells[name] = v
			}
		}
		if days := r.Cells["weekdays"]; days != "" {
			r.Cells["weekdays"] = daysWritten(days)
		}
		known = known || r.Cells["service_id"] != "" || r.Cells["hall_id"] != "" || r.Cells["group"] != ""
	}
	if !known {
		return nil, errNoServices
	}
	return rows, nil
}

// planOf makes a plan of rows; a faulty row is left out.
func planOf(rows []sheet.Row) (store.Plan, []rowFault) {
	r := planReader{services: map[string]booking.Service{}, halls: map[string]booking.Hall{}, groups: map[string]booking.Group{},
		windows: map[string]*booking.Window{}, schedules: map[string]booking.Schedule{}, offers: map[booking.Offer]bool{}, faults: []rowFault{}}
	for _, row := range rows {
		if column, reason := r.faultOf(row); reason != "" {
			r.faults = append(r.faults, rowFault{row.Number, column, row.Cells[column], reason})
			continue
		}
		r.take(row)
	}
	return r.plan(), r.faults
}

// planReader gathers what rows say.
type planReader struct {
	services  map[string]booking.Service
	halls     map[string]booking.Hall
	groups    map[string]booking.Group
	windows   map[string]*booking.Window // by hall and number
	schedules map[string]booking.Schedule
	offers    map[booking.Offer]bool
	faults    []rowFault
}

// faultOf is what is wrong with a row, an empty reason if nothing.
func (r *planReader) faultOf(row sheet.Row) (column, reason string) {
	c := row.Cells
	id, at := c["service_id"], c["hall_id"]
	for _, name := range []string{"service_id", "hall_id", "group"} {
		if c[name] != "" && !idForm.MatchString(c[name]) {
			return name, "编号只能用字母、数字、点、横线，最长64位"
		}
	}
	if column := lostCell(c); column != "" {
		return column, "有的字丢了（成了问号或乱码），请从原来的系统重新导出，或对着原文补上"
	}
	if column := hall.SampleCell(c); column != "" {
		return column, "这是样表里的例子，请换成自己的业务和大厅"
	}
	known := r.services[id]
	switch {
	case id == "" && at == "" && c["group"] == "":
		return "service_id", "没有业务编号，也没有大厅编号"
	case id != "" && known.ID == "" && (c["title"] == "" || utf8.RuneCountInString(c["title"]) > 200):
		return "title", "业务名为空或超过200字"
	case id != "" && c["title"] != "" && known.ID != "" && known.Title != c["title"]:
		return "title", "同一编号前面是“" + shorten(known.Title, 20) + "”"
	case at != "" && c["hall"] == "":
		return "hall", "大厅没有名字"
	case c["window"] != "" && at == "":
		return "window", "窗口要写明是哪个大厅的"
	case (c["time"] == "") != (c["capacity"] == ""):
		return "capacity", "时段和号数要一起写"
	case c["time"] != "" && booking.At("2026-01-05", c["time"]).IsZero():
		return "time", "时段写成 09:00 这样"
	case c["weekdays"] != "" && strings.Trim(c["weekdays"], "1234567") != "":
		return "weekdays", "星期用 1 到 7，周一是 1"
	}
	for _, v := range []struct {
		name      string
		low, high float64
	}{{"minutes", 1, 480}, {"capacity", 0, 10_000}, {"lat", 18, 54}, {"lng", 73, 136}} {
		if n, err := strconv.ParseFloat(c[v.name], 64); c[v.name] != "" && (err != nil || n < v.low || n > v.high) {
			return v.name, fmt.Sprintf("应是 %g 到 %g 之间的数", v.low, v.high)
		}
	}
	return "", ""
}

// lostCell is the first column of a row that came without some of its
// characters; no column of the table has a question mark of its own.
func lostCell(cells map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(planHeadings())) {
		if v := cells[name]; hanzi.Lost(v) || strings.Contains(v, "?") {
			return name
		}
	}
	return ""
}

// take adds a sound row.
func (r *planReader) take(row sheet.Row) {
	c := row.Cells
	number := func(name string) float64 { n, _ := strconv.ParseFloat(c[name], 64); return n }
	id, at, group := c["service_id"], c["hall_id"], c["group"]
	if id != "" {
		v := r.services[id]
		v.ID, v.Title, v.Group, v.Department = id, firstOf(c["title"], v.Title), firstOf(group, v.Group), firstOf(c["department"], v.Department)
		v.Minutes = max(v.Minutes, int(number("minutes")))
		for _, name := range hall.AliasesFrom(c["aliases"]) {
			if !slices.Contains(v.Aliases, name) {
				v.Aliases = append(v.Aliases, name)
			}
		}
		r.services[id] = v
	}
	if group != "" {
		g := r.groups[group]
		g.ID, g.Name, g.Department, g.Minutes = group, firstOf(g.Name, group), firstOf(c["department"], g.Department), max(g.Minutes, int(number("minutes")))
		r.groups[group] = g
	}
	if at != "" {
		h := r.halls[at]
		r.halls[at] = booking.Hall{ID: at, Name: firstOf(c["hall"], h.Name), Town: firstOf(c["town"], h.Town), Address: firstOf(c["address"], h.Address),
			Phone: firstOf(c["phone"], h.Phone), Hours: firstOf(c["hours"], h.Hours), Access: firstOf(c["access"], h.Access),
			Lat: max(h.Lat, number("lat")), Lng: max(h.Lng, number("lng"))}
	}
	offered := firstOf(group, r.services[id].Group, id)
	if at != "" && offered != "" {
		r.offers[booking.Offer{Group: offered, Hall: at}] = true
	}
	if c["window"] != "" {
		key := at + "\x00" + c["window"]
		if r.windows[key] == nil {
			r.windows[key] = &booking.Window{Hall: at, Number: c["window"], Department: c["department"]}
		}
		if offered != "" && !slices.Contains(r.windows[key].Groups, offered) {
			r.windows[key].Groups = append(r.windows[key].Groups, offered)
		}
	}
	if c["time"] != "" {
		v := booking.Schedule{Group: offered, Hall: at, Weekdays: c["weekdays"], Time: c["time"], Capacity: int(number("capacity"))}
		r.schedules[strings.Join([]string{v.Group, v.Hall, v.Weekdays, v.Time}, "\x00")] = v
	}
}

// plan is what was read, in order.
func (r *planReader) plan() store.Plan {
	var p store.Plan
	for _, id := range slices.Sorted(maps.Keys(r.services)) {
		p.Services = append(p.Services, r.services[id])
	}
	for _, id := range slices.Sorted(maps.Keys(r.halls)) {
		p.Halls = append(p.Halls, r.halls[id])
	}
	for _, id := range slices.Sorted(maps.Keys(r.groups)) {
		p.Groups = append(p.Groups, r.groups[id])
	}
	for _, key := range slices.Sorted(maps.Keys(r.windows)) {
		p.Windows = append(p.Windows, *r.windows[key])
	}
	for _, key := range slices.Sorted(maps.Keys(r.schedules)) {
		p.Schedules = append(p.Schedules, r.schedules[key])
	}
	p.Offers = slices.SortedFunc(maps.Keys(r.offers), func(a, b booking.Offer) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Hall, b.Hall))
	})
	return p
}
