package knowledge

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"guanjia/intents/hanzi"
)

// yaml reads a file of our own form. A guide that does not decode is
// reported by itself; the others are taken.
func (im *importer) yaml(in io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(in, 32<<20+1))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if len(raw) > 32<<20 {
		return errors.New("a YAML file may have 32 MiB at most; split it or use JSON lines")
	}
	var doc struct {
		Sources map[string]Source `yaml:"sources"`
		Guides  []yaml.Node       `yaml:"guides"`
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&doc); err != nil {
		return fmt.Errorf("decode YAML: %w", err)
	}
	for i := range doc.Guides {
		if err := im.count(doc.Guides[i].Line, 0); err != nil {
			return err
		}
		im.node(&doc.Guides[i], doc.Sources)
	}
	return nil
}

func (im *importer) node(n *yaml.Node, sources map[string]Source) {
	raw, err := yaml.Marshal(n)
	im.held = raw
	var g Guide
	if err == nil {
		d := yaml.NewDecoder(bytes.NewReader(raw))
		d.KnownFields(true)
		err = d.Decode(&g)
	}
	if err != nil {
		im.reject(g.ID, Fault{Field: "row", Rule: RuleUnusable, Reason: fmt.Sprintf("不是一条指南：%v", err)})
		return
	}
	if hanzi.Lost(string(raw)) {
		im.reject(g.ID, lostFault("row", g.Title))
		return
	}
	var faults []Fault
	for _, id := range g.SourceIDs {
		if s, ok := sources[id]; ok {
			g.Sources = append(g.Sources, s)
		} else {
			faults = append(faults, Fault{Field: "source", Value: id, Rule: RuleNoSource, Reason: "来源表里没有这个编号"})
		}
	}
	im.take(g, faults)
}

// csv reads a table whose header names our fields, or Chinese labels as they
// stand in guides (事项名称, 申请材料 …).
func (im *importer) csv(in io.Reader) error {
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("read the header: %w", err)
	}
	columns, err := columnsOf(header)
	if err != nil {
		return err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var parse *csv.ParseError
		if err != nil && !errors.As(err, &parse) {
			return fmt.Errorf("read after line %d: %w", im.row, err)
		}
		line := 0
		if parse != nil {
			line = parse.StartLine
		} else {
			line, _ = r.FieldPos(0)
		}
		if err := im.count(line, len(strings.Join(record, ","))); err != nil {
			return err
		}
		if parse != nil {
			im.refuse("读不出这一行：%v", parse.Err)
			continue
		}
		im.record(columns, record)
	}
}

// table reads lines that came out of a spreadsheet; empty ones are no rows.
func (im *importer) table(lines []Record) error {
	if len(lines) == 0 {
		return errors.New("the table is empty")
	}
	columns, err := columnsOf(lines[0].Cells)
	if err != nil {
		return err
	}
	return im.rows(columns, lines[1:])
}

// rows reads the lines below a heading.
func (im *importer) rows(columns []column, lines []Record) error {
	for _, l := range lines {
		text := strings.Join(l.Cells, "")
		if strings.TrimSpace(text) == "" && l.fault == "" {
			continue
		}
		if err := im.count(l.Number, len(text)); err != nil {
			return err
		}
		if l.fault != "" {
			im.refuse("%s", l.fault)
			continue
		}
		im.record(columns, l.Cells)
	}
	return nil
}

// column is what a heading of a table stands for.
type column struct {
	heading string
	key     string // of the guide itself: id, title … ; empty: a field or something else
	field   Field
}

// headings are the Chinese headings of a guide's own keys.
func headings() map[string]string {
	return map[string]string{
		"编码": "id", "事项编码": "id", "编号": "id",
		"实施编码": "item_code", "基本编码": "catalog_code", "业务办理项编码": "biz_item_code",
		"名称": "title", "事项名称": "title", "标题": "title",
		"别名": "aliases", "日常用语": "aliases", "简称": "aliases", "市民说法": "aliases",
		"正文": "text", "区域": "area", "实施主体": "department", "部门": "department", "主题": "theme",
		"服务对象": "audience", "可预约": "bookable", "事实时点": "as_of", "来源": "source",
		"生效日期": "effective_from", "失效日期": "effective_to", "有效期至": "effective_to", "核实日期": "verified_at", "核实单位": "verified_by", "待核": "verify", "状态": "status",
	}
}

// columnsOf reads a heading: what each of its columns is.
func columnsOf(header []string) ([]column, error) {
	columns := make([]column, len(header))
	known := map[string]bool{}
	var strange []string
	for i, h := range header {
		columns[i] = columnOf(h)
		known[columns[i].key] = true
		if columns[i].target() == "" && columns[i].heading != "" {
			strange = append(strange, columns[i].heading)
		}
	}
	if !known["id"] && !known["item_code"] || !known["title"] {
		text := "表头里要有 id 和 title 两列（也可写“事项编码”或“实施编码”，“事项名称”）"
		if len(strange) > 0 {
			text += "；没认出的列：" + strings.Join(strange, "、")
		}
		return nil, errors.New(text)
	}
	return columns, nil
}

// columnOf reads a heading: a guide's own key, a field's name or its label.
func columnOf(h string) column {
	c := column{heading: heading(h)}
	switch own, low := headings()[c.heading], strings.ToLower(c.heading); {
	case own != "":
		c.key = own
	case ownKey(low):
		c.key = low
	case Field(low).known():
		c.field = Field(low)
	default:
		c.field, _ = fieldOf(c.heading)
	}
	return c
}

// heading is a heading without what surrounds it.
func heading(h string) string { return strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")) }

// target is the part of a guide that a column is.
func (c column) target() string { return c.key + string(c.field) } // one of them is empty

func ownKey(h string) bool {
	for _, k := range headings() {
		if k == h {
			return true
		}
	}
	return h == "type"
}

// statusNamed is a status by its own word or that of the form.
func statusNamed(v string) Status {
	for _, s := range statuses() {
		if name, _, _ := strings.Cut(s.Label, "，"); v == name {
			return Status(s.Key)
		}
	}
	return Status(v)
}

func (im *importer) record(columns []column, record []string) {
	im.held = []byte(strings.Join(record, "\t"))
	g := Guide{Type: TypeGuide}
	var faults []Fault
	for i, v := range record {
		v = strings.TrimSpace(v)
		switch {
		case i >= len(columns) && v == "":
			continue
		case i >= len(columns):
			faults = append(faults, Fault{Field: "row", Value: clip(v, 80), Rule: RuleRefused, Reason: "比表头多出来的格子，没有收"})
			continue
		case !utf8.ValidString(v):
			im.reject(g.ID, Fault{Field: columns[i].heading, Rule: RuleUnusable, Reason: "不是 UTF-8 编码"})
			return
		case columns[i].key == KeySkip:
			continue
		case placeholder(v):
			if v != "" {
				faults = append(faults, placeholderFault(columns[i].heading, v))
			}
			continue
		case lost(columns[i].key, v):
			faults = append(faults, lostFault(columns[i].heading, v))
			continue
		}
		faults = append(faults, g.cell(columns[i], v)...)
	}
	if f, broken := g.longPromise(); broken {
		faults = append(faults, f)
	}
	g.ID = firstOf(g.ID, g.Codes.Item) // a catalogue's rows have no other number
	g.wordedPhones()
	im.take(g, faults)
}

// cell puts one cell of a table in its place.
func (g *Guide) cell(c column, v string) []Fault {
	switch c.key {
	case KeyAside:
		switch {
		case c.field == Phone && undialable(v):
			return []Fault{phoneFault(c.heading, v)}
		case c.field != "":
			g.word(c.field, labelWorth(c.field, c.heading)+v)
			g.limit(c, v)
		default:
			g.keep(c.heading, v)
		}
	case "text":
		return g.readLabels(v)
	case "aliases":
		g.Aliases = listed(v)
	case "audience":
		g.Audience = listed(v)
	case "source":
		for _, l := range linesIn(v) {
			g.Sources = append(g.Sources, sourceIn(l))
		}
	case "status":
		g.Status = statusNamed(v)
	case "verify":
		g.Verify = append(g.Verify, Doubt{Note: v, Fields: fieldsInDoubt(v)})
	case "bookable":
		return g.bookableFrom(c.heading, v)
	default:
		*g.plain(c.key) = v
	}
	return nil
}

// tableDays is a number of days as tables have it: 5个工作日, 20(工作日), 60日.
var tableDays = regexp.MustCompile(`^(\d{1,4})\s*个?\s*[(（]?\s*(工作日|自然日|日|天)`)

// limit notes the number of days of a column of legal or promised time.
func (g *Guide) limit(c column, v string) {
	m := tableDays.FindStringSubmatch(v)
	if c.field != TimeLimit || m == nil {
		return
	}
	n, err := strconv.Atoi(m[1])
	days := &Days{N: n, Working: m[2] == "工作日"}
	switch {
	case err != nil:
	case strings.Contains(c.heading, "法定"):
		g.Legally = days
	case strings.Contains(c.heading, "承诺"):
		g.Promised = days
	}
}

// longPromise takes out a promise that is longer than the law allows: it is none.
func (g *Guide) longPromise() (Fault, bool) {
	if g.Legally == nil || g.Promised == nil || g.Promised.calendar() <= g.Legally.calendar() {
		return Fault{}, false
	}
	var kept, out []string
	for line := range strings.SplitSeq(g.Wording[TimeLimit], "\n") {
		if label, _, _ := strings.Cut(line, "："); strings.Contains(label, "承诺") {
			out = append(out, line)
		} else {
			kept = append(kept, line)
		}
	}
	g.Promised, g.Wording[TimeLimit] = nil, strings.Join(kept, "\n")
	return Fault{Field: string(TimeLimit), Value: clip(strings.Join(out, "；"), 80), Rule: RulePromise, Reason: "承诺比法定的还长，没有收"}, true
}

// plain is where a key of plain text is kept.
func (g *Guide) plain(key string) *string {
	switch key {
	case "id":
		return &g.ID
	case "title":
		return &g.Title
	case "type":
		return (*string)(&g.Type)
	case "status":
		return (*string)(&g.Status)
	case "item_code":
		return &g.Codes.Item
	case "catalog_code":
		return &g.Codes.Catalog
	case "biz_item_code":
		return &g.Codes.BizItem
	case "area":
		return &g.Area
	case "department":
		return &g.Department
	case "theme":
		return &g.Theme
	case "effective_from":
		return (*string)(&g.EffectiveFrom)
	case "effective_to":
		return (*string)(&g.EffectiveTo)
	case "verified_at":
		return (*string)(&g.VerifiedAt)
	case "verified_by":
		return &g.VerifiedBy
	}
	return &g.AsOf
}

func (g *Guide) bookableFrom(heading, v string) []Fault {
	switch strings.ToLower(v) {
	case "是", "可", "可以", "能", "true", "yes", "1", "y":
		g.Bookable = true
	case "否", "不可", "不可以", "不能", "false", "no", "0", "n":
	default:
		return []Fault{{Field: heading, Value: clip(v, 80), Rule: RuleRefused, Reason: "只认“是”和“否”，当作否"}}
	}
	return nil
}

// keep keeps what we have no field for.
func (g *Guide) keep(key, v string) {
	if key == "" {
		return
	}
	if g.Extra == nil {
		g.Extra = map[string]string{}
	}
	g.Extra[key] = v
}

// listed cuts a cell that holds several words.
func listed(v string) []string {
	parts := strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune("，,;；、|\n", r) })
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
