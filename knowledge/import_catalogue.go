package knowledge

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"guanjia/intents/hanzi"
)

// The province's service catalogue, as scraped in 2021: one object a row,
// "无" for empty, limits like 30(工作日), phones with words around them.

var (
	daysForm  = regexp.MustCompile(`^(\d{1,4})[(（](工作日|自然日)[)）]$`)
	spaced    = regexp.MustCompile(`(\d) (\d)`)
	phoneForm = regexp.MustCompile(`(400-?\d{3,4}-?\d{3,4}|0\d{2,3}[-－—–]?\d{5,8}([-－—–转]\d{1,5}){0,3}|1\d{10}|\b1[12]\d{3}\b|\b9[56]\d{3}\b|\b\d{7,8}\b)`)
)

// textOf reads a cell as text; numbers and lists are told apart from it.
func textOf(row map[string]json.RawMessage, key string) string {
	raw := row[key]
	var s string
	if len(raw) == 0 || json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

func listOf(row map[string]json.RawMessage, key string) []string {
	var list []string
	if raw := row[key]; len(raw) > 0 && json.Unmarshal(raw, &list) == nil {
		return list
	}
	if s := textOf(row, key); s != "" {
		return []string{s}
	}
	return nil
}

// cell collects the values of a row and what is wrong with them.
type cell struct {
	row    map[string]json.RawMessage
	faults []Fault
}

func (c *cell) fault(field, value string, rule Rule, reason string) {
	c.faults = append(c.faults, Fault{Field: field, Value: clip(value, 80), Rule: rule, Reason: reason})
}

// get is a value, with placeholders taken for empty. required values that
// are placeholders are reported; of the others an empty cell says enough.
func (c *cell) get(key string, required bool) string {
	s := textOf(c.row, key)
	if placeholder(s) {
		if required && s != "" {
			c.faults = append(c.faults, placeholderFault(key, s))
		}
		return ""
	}
	if lost(key, s) {
		c.faults = append(c.faults, lostFault(key, s))
		return ""
	}
	return s
}

// lost tells whether a value came without some of its characters, as files do
// that went through a program of another encoding.
func lost(key, v string) bool {
	switch key {
	case "title", "aliases", "department", "area", "TASK_NAME", "DEPT_NAME", "AREA_CODE_TEXT":
		return hanzi.LostInName(v)
	}
	return hanzi.Lost(v)
}

func lostFault(field, v string) Fault {
	return Fault{Field: field, Value: clip(v, 80), Rule: RuleLost, Reason: "有的字丢了（成了问号或乱码），没有收：请从原来的系统重新导出，或对着原文补上"}
}

// placeholder tells whether a value only fills a cell.
func placeholder(s string) bool {
	switch strings.Trim(s, " 　。.、") {
	case "", "无", "无w", "暂无", "没有", "/", "-", "--", "null", "NULL", "None", "空", "略", "详见附件", "不涉及":
		return true
	}
	return false
}

// catalogueGuide makes a guide of a row of the catalogue.
func catalogueGuide(row map[string]json.RawMessage) (Guide, []Fault) {
	c := &cell{row: row}
	g := Guide{
		ID: c.get("TASK_CODE", true), Title: strings.TrimSpace(c.get("TASK_NAME", true)),
		Type: TypeGuide, Area: c.get("AREA_CODE_TEXT", false), Department: c.get("DEPT_NAME", true),
		Nature: c.get("TASK_TYPE_TEXT", false),
		AsOf:   "2021年采集", Confidence: "imported", Extra: map[string]string{},
	}
	if g.Area == "" {
		g.Area = "广东省"
	}
	for _, key := range []string{"matter_daily", "matter_short", "subTaskName"} {
		if a := c.get(key, false); a != "" && a != g.Title && key != "subTaskName" {
			g.Aliases = append(g.Aliases, a)
		}
	}
	g.Audience = c.list("service_object_name")
	g.Theme = strings.Join(c.list("theme_category"), "、")
	for _, m := range c.list("material_intro") {
		g.Materials = append(g.Materials, Material{Name: m})
	}
	if s := c.get("accept_standard", true); s != "" {
		g.Conditions = Lines{s}
	}
	c.limits(&g)
	c.place(&g)
	g.Phone = c.phones("consult_phone")
	g.Complain = c.phones("complain_phone")
	c.ways(&g)
	for _, key := range []string{"CATAID", "ORGCODE", "CATANAME", "co_department", "online_book_addr", "URL"} {
		if s := c.get(key, false); s != "" {
			g.Extra[key] = s
		}
	}
	title := "广东政务服务网"
	if g.Department != "" {
		title += " " + g.Department
	}
	g.Sources = []Source{{Title: title, URL: c.get("URL", false)}}
	return g, c.faults
}

func (c *cell) list(key string) []string {
	var out []string
	for _, s := range listOf(c.row, key) {
		if s = strings.TrimSpace(s); !placeholder(s) {
			out = append(out, s)
		} else if s != "" {
			c.faults = append(c.faults, placeholderFault(key, s))
		}
	}
	return out
}

// limits reads the legal and the promised time. A promise longer than the
// law allows is no promise: it is kept out and reported.
func (c *cell) limits(g *Guide) {
	legal, promise := c.get("handle_time", true), c.get("handle_time_limit", true)
	g.Legally, g.Promised = c.days("handle_time", legal), c.days("handle_time_limit", promise)
	if g.Legally != nil && g.Promised != nil && g.Promised.calendar() > g.Legally.calendar() {
		c.fault("handle_time_limit", promise, RulePromise, "承诺比法定的"+legal+"还长，没有收")
		promise, g.Promised = "", nil
	}
	var parts []string
	if promise != "" {
		parts = append(parts, "承诺"+promise)
	}
	if legal != "" {
		parts = append(parts, "法定"+legal)
	}
	g.TimeLimit = strings.Join(parts, "，")
}

func (c *cell) days(key, s string) *Days {
	if s == "" {
		return nil
	}
	m := daysForm.FindStringSubmatch(s)
	if m == nil {
		c.fault(key, s, RuleLimit, "不是“几个工作日”这样的天数")
		return nil
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		c.fault(key, s, RuleLimit, "不是“几个工作日”这样的天数")
		return nil
	}
	return &Days{N: n, Working: m[2] == "工作日"}
}

// calendar is a limit in calendar days, five working days counted as seven,
// which only serves to compare two of them.
func (d Days) calendar() int {
	if !d.Working {
		return d.N
	}
	return d.N/5*7 + d.N%5
}

func (c *cell) place(g *Guide) {
	s := c.get("handle_location", true)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "办理地点："), "办理地点:")
	if s == "无线下办理窗口" {
		g.Visits = append(g.Visits, s)
		s = ""
	}
	if placeholder(s) {
		return
	}
	g.Where = strings.TrimSpace(s)
}

// phones finds the numbers in a cell. Without one, the cell is dirt.
func (c *cell) phones(key string) []string {
	s := c.get(key, true)
	if s == "" {
		return nil
	}
	var out []string
	for _, m := range phoneForm.FindAllString(spaced.ReplaceAllString(s, "$1$2"), 12) {
		out = appendOnce(out, m)
	}
	if out == nil {
		c.faults = append(c.faults, phoneFault(key, s))
		return nil
	}
	if strings.Contains(s, "123456") && len(out) == 1 {
		c.fault(key, s, RulePhone, "像是随手填的号码，没有收")
		return nil
	}
	for _, p := range out {
		if len(p) == 8 && p[0] != '0' && !strings.HasPrefix(p, "1") {
			c.fault(key, p, RuleAreaCode, "没有区号")
		}
		if strings.HasPrefix(p, "029") {
			c.fault(key, p, RuleAreaCode, "是外省的区号")
		}
	}
	return out
}

// ways reads how a thing can be done: visits, online, by post.
func (c *cell) ways(g *Guide) {
	if n := c.get("visit_number", false); n != "" {
		g.Visits = append(g.Visits, "到办事现场次数："+n)
	}
	if p := c.get("bear_paltform", false); p != "" {
		g.Online = append(g.Online, p)
	}
	if u := c.get("URL", false); strings.HasPrefix(u, "http") {
		g.Online = append(g.Online, u)
	}
	switch c.get("courier_service", false) {
	case "是":
		g.Result = append(g.Result, "支持物流快递")
	case "否", "不支持":
		g.Result = append(g.Result, "不支持物流快递")
	}
}
