package knowledge

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"guanjia/intents/hanzi"
)

// Format is the form of an import.
type Format string

// The formats.
const (
	FormatAuto  Format = ""      // told by the first bytes
	FormatJSONL Format = "jsonl" // a guide a line: the contract's corpus, the province's catalogue, or our own fields
	FormatYAML  Format = "yaml"  // our own files
	FormatCSV   Format = "csv"   // with a header of our field names or Chinese labels
)

// Limits of an import: beyond them it is refused rather than half done.
const (
	maxRow  = 4 << 20   // bytes of one row
	maxRows = 200_000   // guides
	maxFile = 512 << 20 // bytes
)

// RowFault is what was wrong in a row.
type RowFault struct {
	Row      int    `json:"row"` // the line in the file, from 1; a heading counts
	ID       string `json:"id,omitempty"`
	Field    string `json:"field"`
	Value    string `json:"value,omitempty"`
	Rule     Rule   `json:"rule"`
	Reason   string `json:"reason"`
	Rejected bool   `json:"rejected"` // the whole row was left out
}

// Report is what an import came to.
type Report struct {
	Rows     int `json:"rows"`
	Taken    int `json:"taken"`
	Rejected int `json:"rejected"`
	// Of those taken, against what the store held before.
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`

	Faults []RowFault `json:"faults"` // in order of rows
}

// Summary counts what was wrong by rule, the most frequent first.
func (r Report) Summary() []RuleCount {
	return countRules(r.Faults, func(f RowFault) Rule { return f.Rule })
}

// Progress is told how many rows were read, and how many bytes.
type Progress func(rows int, bytes int64)

// Import reads guides. A bad row is reported and left out, the rest is taken;
// dirt in a row (无 for empty, letters in a phone number, a promise longer
// than the law allows) is kept out of the guide's fields and reported. An
// error means that nothing could be read.
func Import(ctx context.Context, r io.Reader, format Format, progress Progress) ([]Guide, Report, error) {
	in := bufio.NewReaderSize(io.LimitReader(r, maxFile+1), 64<<10)
	if format == FormatAuto {
		format = sniff(in)
	}
	im := newImporter(ctx, progress)
	switch format {
	case FormatJSONL:
		return im.done(im.lines(in))
	case FormatYAML:
		return im.done(im.yaml(in))
	case FormatCSV:
		return im.done(im.csv(in))
	}
	return im.done(fmt.Errorf("unknown format %q", format))
}

// Record is one line of a table that somebody else has read, the heading
// first.
type Record struct {
	Number int // of the line in the file, from 1
	Cells  []string
	fault  string // why it could not be read
}

// ImportTable reads guides from a table, by the rules of a CSV file.
func ImportTable(ctx context.Context, table []Record, progress Progress) ([]Guide, Report, error) {
	im := newImporter(ctx, progress)
	return im.done(im.table(table))
}

// IsTable says whether a file is CSV, by its first bytes.
func IsTable(raw []byte) bool { return sniff(bufio.NewReader(bytes.NewReader(raw))) == FormatCSV }

// sniff tells the format by the first bytes.
func sniff(in *bufio.Reader) Format {
	head, _ := in.Peek(4096)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		return FormatJSONL
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	first := string(line)
	if strings.Contains(first, ",") && !strings.HasPrefix(first, "#") && !strings.Contains(first, ": ") {
		return FormatCSV
	}
	return FormatYAML
}

type importer struct {
	ctx      context.Context
	progress Progress
	guides   []Guide
	report   Report
	seen     map[string]int // the row of each id
	row      int            // the line of the file that is being read
	held     []byte         // what stands there
	bytes    int64
}

func newImporter(ctx context.Context, progress Progress) *importer {
	return &importer{ctx: ctx, progress: progress, seen: map[string]int{}, report: Report{Faults: []RowFault{}}}
}

// done closes the report.
func (im *importer) done(err error) ([]Guide, Report, error) {
	if err != nil {
		return nil, im.report, fmt.Errorf("import guides: %w", err)
	}
	im.report.Taken = len(im.guides)
	return im.guides, im.report, nil
}

// take checks a guide and keeps it, or reports why not.
func (im *importer) take(g Guide, faults []Fault) {
	for _, f := range faults {
		im.fault(g.ID, f, false)
	}
	if bad := g.check(); len(bad) > 0 {
		im.reject(g.ID, bad...)
		return
	}
	if first, twice := im.seen[g.ID]; twice {
		im.reject(g.ID, Fault{Field: "id", Value: g.ID, Rule: RuleUnusable, Reason: fmt.Sprintf("编号在第 %d 行已经有了", first)})
		return
	}
	im.seen[g.ID] = im.row
	g.seal(im.held)
	g.Faults = append(g.Faults, faults...)
	im.guides = append(im.guides, g)
}

// reject leaves the row out, for these faults.
func (im *importer) reject(id string, faults ...Fault) {
	for _, f := range faults {
		im.fault(id, f, true)
	}
	im.report.Rejected++
}

// refuse leaves out a row of which not even the id could be read.
func (im *importer) refuse(format string, args ...any) {
	im.reject("", Fault{Field: "row", Rule: RuleUnusable, Reason: fmt.Sprintf(format, args...)})
}

func (im *importer) fault(id string, f Fault, rejected bool) {
	im.report.Faults = append(im.report.Faults, RowFault{
		Row: im.row, ID: clip(id, 80), Field: f.Field, Value: f.Value, Rule: f.Rule, Reason: f.Reason, Rejected: rejected,
	})
}

// count counts the row on a line of the file and says whether to go on.
func (im *importer) count(line, size int) error {
	im.row = line
	im.report.Rows++
	im.bytes += int64(size)
	if im.report.Rows > maxRows {
		return fmt.Errorf("more than %d rows", maxRows)
	}
	if im.bytes > maxFile {
		return fmt.Errorf("more than %d bytes", int64(maxFile))
	}
	if im.progress != nil && (im.report.Rows%100 == 0 || im.report.Rows == 1) {
		im.progress(im.report.Rows, im.bytes)
	}
	return im.ctx.Err()
}

// lines reads one JSON object a line.
func (im *importer) lines(in *bufio.Reader) error {
	for n := 1; ; n++ {
		line, long, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read line %d: %w", n, err)
		}
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
		if len(line) > 0 || long {
			if err := im.count(n, len(line)); err != nil {
				return err
			}
			im.line(line, long)
		}
		if err != nil {
			return nil
		}
	}
}

func (im *importer) line(line []byte, long bool) {
	im.held = line
	switch {
	case long:
		im.refuse("一行超过 %d MiB", maxRow>>20)
		return
	case !utf8.Valid(line):
		im.refuse("不是 UTF-8 编码")
		return
	}
	var row map[string]json.RawMessage
	if err := json.Unmarshal(line, &row); err != nil {
		im.refuse("不是一个 JSON 对象：%v", err)
		return
	}
	switch {
	case row["TASK_CODE"] != nil || row["TASK_NAME"] != nil:
		im.take(catalogueGuide(row))
	case row["text"] != nil || !ownFields(row):
		g, faults := corpusGuide(row)
		if text := textOf(row, "text"); lost("title", g.Title) || hanzi.Lost(text) {
			im.reject(g.ID, lostFault("row", g.Title))
			return
		}
		im.take(g, faults)
	default:
		var g Guide
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&g); err != nil {
			im.refuse("不是一条指南：%v", err)
			return
		}
		if hanzi.Lost(string(line)) {
			im.reject(g.ID, lostFault("row", g.Title))
			return
		}
		im.take(g, nil)
	}
}

// ownFields tells our own form from the contract's: it has fields beyond
// those of a corpus.
func ownFields(row map[string]json.RawMessage) bool {
	for k := range row {
		switch k {
		case "id", "title", "aliases", "text", "type":
		default:
			return true
		}
	}
	return false
}

// readLine reads a line of any length; of one that is too long only that is
// told.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxRow {
			long = true
			line = nil
		}
		if !long {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}
