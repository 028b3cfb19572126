package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"guanjia/bot"
	"guanjia/bot/sheet"
	"guanjia/channels/desk"
	"guanjia/knowledge"
)

// Bounds of what the page of an import shows.
const (
	mostColumns = 200
	mostSamples = 2 // cells of a column
	mostFirst   = 2 // guides as they would be told
)

// readFile reads a file of guides: as a table whose columns are what keys says
// (none: what their headings say), or, where it is in a form of ours, as it is.
func readFile(ctx context.Context, raw []byte, keys []string) (guides []knowledge.Guide, report knowledge.Report, out desk.LibraryImport, err error) {
	raw, table, err := tableOf(raw)
	if err != nil {
		return nil, report, out, desk.ErrUnusable{Sentence: "读不了这个文件：" + unreadable(err) + "。"}
	}
	if table == nil {
		guides, report, err = knowledge.Import(ctx, bytes.NewReader(raw), knowledge.FormatAuto, nil)
		if err != nil {
			err = desk.ErrUnusable{Sentence: "读不了这个文件：它不是表格，也不是写对了的 JSON 或 YAML。请选 Excel（.xlsx）或 CSV，或照样表改（" + err.Error() + "）。"}
		}
		return guides, report, out, err
	}
	header := table[0].Cells
	if len(header) > mostColumns {
		return nil, report, out, desk.ErrUnusable{Sentence: "这个表有 200 列以上，请只留要用的列。"}
	}
	if len(keys) == 0 {
		keys = knowledge.Mapping(header)
	}
	out.Columns = columnsShown(table, keys)
	for _, t := range knowledge.Targets() {
		out.Targets = append(out.Targets, desk.LibraryTarget(t))
	}
	guides, report, err = knowledge.ImportMapped(ctx, table, keys, nil)
	var mapping knowledge.ErrMapping
	if errors.As(err, &mapping) {
		out.Problem = mapping.Sentence
		return nil, report, out, nil
	}
	if err != nil {
		err = desk.ErrUnusable{Sentence: "读不了这个文件：" + err.Error()}
	}
	return guides, report, out, err
}

// unreadable says why a file cannot be read, for who chose it on a page.
func unreadable(err error) string {
	var why *sheet.Unreadable
	if errors.As(err, &why) {
		return why.Chinese
	}
	return err.Error()
}

// tableOf is a file in UTF-8, and as a table; none where it is in a form of ours.
func tableOf(file []byte) (raw []byte, table []knowledge.Record, err error) {
	plain, err := sheet.Plain(bytes.NewReader(file))
	if err != nil {
		return nil, nil, err
	}
	if raw, err = io.ReadAll(plain); err != nil {
		return nil, nil, fmt.Errorf("read table: %w", err)
	}
	if !sheet.Office(raw[:min(len(raw), 4096)]) && !knowledge.IsTable(raw) {
		return raw, knowledge.TableOf(raw), nil
	}
	lines, err := sheet.Lines(bytes.NewReader(raw))
	return raw, tableRecords(lines), err
}

// columnsShown are the columns with the first things that stand in them.
func columnsShown(table []knowledge.Record, keys []string) []desk.LibraryColumn {
	out := make([]desk.LibraryColumn, len(table[0].Cells))
	for i, h := range table[0].Cells {
		out[i].Heading = shorten(oneLineText(strings.TrimSpace(h)), 40)
		if i < len(keys) {
			out[i].Key = keys[i]
		}
		for _, r := range table[1:] {
			if len(out[i].Samples) == mostSamples {
				break
			}
			if i < len(r.Cells) && strings.TrimSpace(r.Cells[i]) != "" {
				out[i].Samples = append(out[i].Samples, shorten(oneLineText(strings.TrimSpace(r.Cells[i])), 40))
			}
		}
	}
	return out
}

// Sample implements desk.Library: a guide that answers nobody, should somebody
// take it in as it is.
func (library) Sample() [][]string {
	return [][]string{
		{"编号", "名称", "别名", "办理条件", "要带的材料", "怎么办", "办理时限", "费用", "办理地点", "受理时间", "网上办", "咨询电话", "依据", "来源", "事实时点", "状态"},
		{"sample-dog", "养犬登记（样例）", "狗证、养狗登记", "有固定住所，一户一条", "身份证\n犬只免疫证明", "带犬只到窗口登记\n当场领证", "当场", "免费", "户籍地派出所", "工作日 09:00–12:00、14:00–17:00",
			"不能网上办", "0769-12345", "《养犬管理办法》第九条", "市公安局《养犬登记办事指南》 https://example.org/dog 2026-11-24", "2026-11-24", "草稿"},
	}
}

// Examine implements desk.Library.
func (l library) Examine(raw []byte, keys []string) (desk.LibraryImport, error) {
	guides, report, out, err := readFile(context.Background(), raw, keys)
	if err == nil && out.Problem == "" {
		report, err = l.guides.Weigh(guides, report, l.clock())
	}
	if err != nil {
		return desk.LibraryImport{}, err
	}
	return l.counted(out, guides, report), nil
}

// Import implements desk.Library.
func (l library) Import(ctx context.Context, raw []byte, keys []string, by, note string) (desk.LibraryImport, error) {
	guides, report, out, err := readFile(ctx, raw, keys)
	if err != nil || out.Problem != "" {
		return out, err
	}
	if report, err = l.guides.Take(ctx, guides, report, by, note, l.clock()); err != nil {
		return out, err
	}
	err = l.records.Audit(ctx, bot.AuditEntry{At: l.clock(), Actor: by, Deed: "guide.import", Reason: note})
	return l.counted(out, guides, report), err
}

// counted puts a report in the words of the page.
func (l library) counted(out desk.LibraryImport, guides []knowledge.Guide, r knowledge.Report) desk.LibraryImport {
	out.Rows, out.Taken, out.Rejected, out.Added, out.Changed, out.Unchanged = r.Rows, r.Taken, r.Rejected, r.Added, r.Changed, r.Unchanged
	for _, f := range r.Faults {
		column := f.Field
		if column == "row" {
			column = "整行"
		}
		out.Faults = append(out.Faults, desk.LibraryFault{Row: f.Row, ID: f.ID, Column: labelOf(column), Value: shorten(oneLineText(f.Value), 40), Reason: f.Reason, Rejected: f.Rejected})
	}
	for _, c := range r.Summary() {
		out.Counts = append(out.Counts, desk.LibraryCount{N: c.N, What: c.Rule.Title()})
	}
	for _, g := range guides[:min(len(guides), mostFirst)] {
		if g.Status == knowledge.Draft { // its editor sees what will be said once it is in use
			g.Status = knowledge.Active
		}
		overview := knowledge.New([]knowledge.Guide{g}).Field(g.ID, knowledge.Overview, l.clock())
		out.First = append(out.First, desk.LibraryPreview{Channel: g.Title, Text: overview.Brief})
	}
	return out
}
