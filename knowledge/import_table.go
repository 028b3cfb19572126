package knowledge

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
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
		if err := im.row(0); err != nil {
			return err
		}
		im.node(&doc.Guides[i], doc.Sources)
	}
	return nil
}

func (im *importer) node(n *yaml.Node, sources map[string]Source) {
	raw, err := yaml.Marshal(n)
	var g Guide
	if err == nil {
		d := yaml.NewDecoder(bytes.NewReader(raw))
		d.KnownFields(true)
		err = d.Decode(&g)
	}
	if err != nil {
		im.reject(g.ID, Fault{Field: "row", Reason: fmt.Sprintf("line %d: is not a guide: %v", n.Line, err)})
		im.report.Rejected++
		return
	}
	var faults []Fault
	for _, id := range g.SourceIDs {
		if s, ok := sources[id]; ok {
			g.Sources = append(g.Sources, s)
		} else {
			faults = append(faults, Fault{Field: "source", Value: id, Reason: "is not among the sources"})
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
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	columns, err := columnsOf(header)
	if err != nil {
		return err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err2 := im.row(len(strings.Join(record, ","))); err2 != nil {
			return err2
		}
		if err != nil {
			im.reject("", Fault{Field: "row", Reason: err.Error()})
			im.report.Rejected++
			var parse *csv.ParseError
			if !errors.As(err, &parse) {
				return fmt.Errorf("read row %d: %w", im.report.Rows, err)
			}
			continue
		}
		im.record(columns, record)
	}
}

// columnsOf reads a header: each column is "id", "title", "aliases",
// "type", "text", "area" or a field's label.
func columnsOf(header []string) ([]string, error) {
	columns := make([]string, len(header))
	known := map[string]bool{}
	for i, h := range header {
		h = strings.TrimSpace(h)
		switch {
		case h == "id" || h == "编码" || h == "事项编码" || h == "实施编码":
			columns[i] = "id"
		case h == "title" || h == "名称" || h == "事项名称" || h == "标题":
			columns[i] = "title"
		case h == "aliases" || h == "别名" || h == "日常用语" || h == "简称":
			columns[i] = "aliases"
		case h == "type" || h == "text":
			columns[i] = h
		case Field(h).known():
			columns[i] = "申请" + Field(h).Title() + "\x00" + h
		default:
			columns[i] = h
		}
		known[columns[i]] = true
	}
	if !known["id"] || !known["title"] {
		return nil, errors.New("the header has no columns id and title (编码, 事项名称)")
	}
	return columns, nil
}

func (im *importer) record(columns, record []string) {
	g := Guide{Type: TypeGuide, Wording: map[Field]string{}}
	var faults []Fault
	for i, v := range record {
		if i >= len(columns) {
			faults = append(faults, Fault{Field: "row", Value: clip(v, 80), Reason: "has more cells than the header"})
			break
		}
		if v = strings.TrimSpace(v); !utf8.ValidString(v) {
			im.reject(g.ID, Fault{Field: columns[i], Reason: "is not UTF-8"})
			im.report.Rejected++
			return
		}
		faults = append(faults, g.column(columns[i], v)...)
	}
	if len(g.Wording) == 0 {
		g.Wording = nil
	}
	im.take(g, faults)
}

// column puts one cell of a table in its place.
func (g *Guide) column(column, v string) []Fault {
	if placeholder(v) {
		if v != "" {
			return []Fault{{Field: column, Value: v, Reason: "placeholder, taken as empty"}}
		}
		return nil
	}
	switch column {
	case "id":
		g.ID = v
	case "title":
		g.Title = v
	case "type":
		g.Type = Type(v)
	case "aliases":
		g.Aliases = strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune("，,;；、|", r) })
	case "text":
		return g.readLabels(v)
	default:
		if _, own, ok := strings.Cut(column, "\x00"); ok {
			g.word(Field(own), v)
		} else if f, ok := fieldOf(column); ok {
			g.word(f, v)
		} else {
			if g.Extra == nil {
				g.Extra = map[string]string{}
			}
			g.Extra[column] = v
		}
	}
	if p := g.Wording[Phone]; p != "" && len(g.Phone) == 0 {
		g.Phone = phoneForm.FindAllString(p, 6)
	}
	return nil
}
