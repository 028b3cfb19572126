package knowledge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// What a column can be taken for besides a part of a guide.
const (
	KeyAside = ""  // kept with the guide under its own heading; nothing answers from it
	KeySkip  = "-" // left out
)

// Target is a part of a guide that a column can be taken for.
type Target struct{ Key, Label string }

// Targets lists them, those every table needs first.
func Targets() []Target {
	all := []Target{
		{"id", "编号"}, {"title", "名称"}, {"aliases", "别名"}, {"item_code", "实施编码"}, {"catalog_code", "基本编码"}, {"biz_item_code", "业务办理项编码"},
	}
	for _, f := range Fields() {
		all = append(all, Target{string(f), f.Title()})
	}
	return append(all,
		Target{"text", "整篇正文（里面有“申请材料：”这样的行）"}, Target{"department", "部门"}, Target{"area", "区域"}, Target{"theme", "主题"},
		Target{"audience", "服务对象"}, Target{"bookable", "能不能预约（是、否）"}, Target{"source", "来源"}, Target{"as_of", "事实时点"},
		Target{"effective_from", "生效日期"}, Target{"effective_to", "失效日期"}, Target{"verify", "待核"}, Target{"status", "状态"}, Target{"type", "类型"})
}

// severally says whether several columns may be taken for a part.
func severally(key string) bool {
	return key == KeyAside || key == KeySkip || key == "source" || key == "verify" || Field(key).known()
}

// Mapping guesses, by its heading, what each column of a table is. Of two that
// would be the same single thing the first is, the other is kept aside.
func Mapping(header []string) []string {
	keys, seen := make([]string, len(header)), map[string]bool{}
	for i, h := range header {
		key := columnOf(h).target()
		if !severally(key) && seen[key] {
			key = KeyAside
		}
		keys[i], seen[key] = key, true
	}
	return keys
}

// MappingSaid is Mapping where somebody says of some columns what they are, each
// as HEADING=PART, with a part's key or label. What is one thing and was said of
// a column is guessed of no other.
func MappingSaid(header, said []string) ([]string, error) {
	keys, of := Mapping(header), map[string]int{}
	for _, s := range said {
		at := strings.LastIndex(s, "=")
		if at < 1 {
			return nil, ErrMapping{fmt.Sprintf("“%s”不是“列名=指南的项”", s)}
		}
		name := strings.TrimSpace(s[:at])
		column := slices.IndexFunc(header, func(h string) bool { return heading(h) == heading(name) })
		if column < 0 {
			return nil, ErrMapping{fmt.Sprintf("表里没有“%s”这一列", name)}
		}
		key, err := targetNamed(strings.TrimSpace(s[at+1:]))
		if err != nil {
			return nil, err
		}
		keys[column] = key
		if !severally(key) {
			of[key] = column
		}
	}
	for i, key := range keys {
		if column, taken := of[key]; taken && column != i && !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, strings.TrimSpace(header[i])+"=") }) {
			keys[i] = KeyAside
		}
	}
	return keys, nil
}

// targetNamed finds a part by its key or label.
func targetNamed(name string) (string, error) {
	if name == KeySkip {
		return KeySkip, nil
	}
	var labels []string
	for _, t := range Targets() {
		label, _, _ := strings.Cut(t.Label, "（")
		if name == t.Key || name == label {
			return t.Key, nil
		}
		labels = append(labels, label)
	}
	if key := columnOf(name).target(); key != KeyAside { // as headings name it
		return key, nil
	}
	return "", ErrMapping{fmt.Sprintf("指南里没有“%s”这一项，有：%s；- 是不要这一列", name, strings.Join(labels, " "))}
}

// ImportMapped reads guides from a table whose columns are what keys says, one
// for each column of the heading.
func ImportMapped(ctx context.Context, table []Record, keys []string, progress Progress) ([]Guide, Report, error) {
	im := newImporter(ctx, progress)
	if len(table) == 0 {
		return im.done(errors.New("the table is empty"))
	}
	columns, err := columnsBy(table[0].Cells, keys)
	if err != nil {
		return im.done(err)
	}
	return im.done(im.rows(columns, table[1:]))
}

// ErrMapping carries a sentence for the one who said what the columns are.
type ErrMapping struct{ Sentence string }

// Error is the sentence.
func (e ErrMapping) Error() string { return e.Sentence }

func columnsBy(header, keys []string) ([]column, error) {
	if len(keys) != len(header) {
		return nil, ErrMapping{"列数和文件对不上，请再选一次文件"}
	}
	targets := Targets()
	columns, of := make([]column, len(header)), map[string]string{}
	for i, key := range keys {
		h := heading(header[i])
		at := slices.IndexFunc(targets, func(t Target) bool { return t.Key == key })
		switch first, twice := of[key]; {
		case at < 0 && key != KeyAside && key != KeySkip:
			return nil, ErrMapping{fmt.Sprintf("“%s”对到了指南里没有的项", h)}
		case twice && !severally(key):
			return nil, ErrMapping{fmt.Sprintf("“%s”和“%s”都对到了“%s”，只能留一列", first, h, targets[at].Label)}
		}
		of[key] = h
		columns[i] = column{heading: h, key: key}
		if Field(key).known() {
			columns[i] = column{heading: h, field: Field(key)}
		}
	}
	if of["title"] == "" || of["id"] == "" && of["item_code"] == "" {
		return nil, ErrMapping{"要有一列是“编号”或“实施编码”，还要有一列是“名称”"}
	}
	return columns, nil
}

// TableOf reads JSON or YAML that is not in a form of ours as a table: an
// object is a row, its keys are the headings. None: the file is in our own
// form, the contract's or the catalogue's, and is read as it is.
func TableOf(raw []byte) []Record {
	head := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 {
		return nil
	}
	var rows []foreignRow
	if head[0] == '{' || head[0] == '[' {
		rows = jsonRows(head)
	} else {
		rows = yamlRows(raw)
	}
	if len(rows) == 0 || rows[0].ours() {
		return nil
	}
	return tabled(rows)
}

// foreignRow is an object with its keys in their order.
type foreignRow struct {
	number int
	keys   []string
	values map[string]json.RawMessage
	fault  string
}

// ours says whether an object is in a form that is read without a mapping.
func (r foreignRow) ours() bool {
	if r.values["TASK_CODE"] != nil || r.values["TASK_NAME"] != nil || r.values["text"] != nil {
		return true
	}
	raw, err := json.Marshal(r.values)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return err == nil && d.Decode(new(Guide)) == nil
}

// jsonRows reads objects one a line, or a list of them.
func jsonRows(raw []byte) []foreignRow {
	if raw[0] == '[' {
		var all []json.RawMessage
		if json.Unmarshal(raw, &all) != nil {
			return nil
		}
		rows := make([]foreignRow, len(all))
		for i, v := range all {
			rows[i] = jsonRow(i+1, v)
		}
		return rows
	}
	var rows []foreignRow
	for i, line := range bytes.Split(raw, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			rows = append(rows, jsonRow(i+1, line))
		}
	}
	return rows
}

func jsonRow(number int, raw []byte) foreignRow {
	row := foreignRow{number: number, values: map[string]json.RawMessage{}}
	if err := row.read(json.NewDecoder(bytes.NewReader(raw))); err != nil {
		row.fault = fmt.Sprintf("不是一个 JSON 对象：%v", err)
	}
	return row
}

func (r *foreignRow) read(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(err, errors.New("开头不是 {"))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return err
		}
		if name, ok := key.(string); ok && r.values[name] == nil {
			r.keys, r.values[name] = append(r.keys, name), v
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("后面还有别的")
	}
	return nil
}

// yamlRows reads a list of mappings, at the top or under any one key.
func yamlRows(raw []byte) []foreignRow {
	var doc yaml.Node
	if yaml.Unmarshal(raw, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	list := doc.Content[0]
	if list.Kind == yaml.MappingNode {
		at := slices.IndexFunc(list.Content, func(n *yaml.Node) bool { return n.Kind == yaml.SequenceNode })
		if at < 0 {
			return nil
		}
		list = list.Content[at]
	}
	if list.Kind != yaml.SequenceNode {
		return nil
	}
	var rows []foreignRow
	for _, n := range list.Content {
		row := foreignRow{number: n.Line, values: map[string]json.RawMessage{}}
		if n.Kind != yaml.MappingNode {
			row.fault = "不是一条“名: 值”"
		}
		for i := 0; row.fault == "" && i+1 < len(n.Content); i += 2 {
			var v any
			err := n.Content[i+1].Decode(&v)
			text, also := json.Marshal(v)
			if err = errors.Join(err, also); err != nil {
				row.fault = fmt.Sprintf("读不出来：%v", err)
			}
			row.keys, row.values[n.Content[i].Value] = append(row.keys, n.Content[i].Value), text
		}
		rows = append(rows, row)
	}
	return rows
}

// tabled lays objects out under all their keys.
func tabled(rows []foreignRow) []Record {
	var header []string
	at := map[string]int{}
	for _, r := range rows {
		for _, k := range r.keys {
			if _, known := at[k]; !known {
				at[k] = len(header)
				header = append(header, k)
			}
		}
	}
	table := []Record{{Number: 0, Cells: header}}
	for _, r := range rows {
		rec := Record{Number: r.number, Cells: make([]string, len(header)), fault: r.fault}
		for k, v := range r.values {
			rec.Cells[at[k]] = cellOf(v)
		}
		table = append(table, rec)
	}
	return table
}

// cellOf is a value as a cell of a table has it: a list a line each.
func cellOf(raw json.RawMessage) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return string(raw)
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		lines := make([]string, len(v))
		for i, x := range v {
			one, _ := json.Marshal(x) // it was read from JSON
			lines[i] = cellOf(one)
		}
		return strings.Join(lines, "\n")
	case map[string]any:
		return string(raw)
	}
	return fmt.Sprint(v)
}
