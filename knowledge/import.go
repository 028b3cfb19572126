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
	Row      int    `json:"row"` // 1 is the first guide
	ID       string `json:"id,omitempty"`
	Field    string `json:"field"`
	Value    string `json:"value,omitempty"`
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
	im := &importer{ctx: ctx, progress: progress, seen: map[string]int{}}
	var err error
	switch format {
	case FormatJSONL:
		err = im.lines(in)
	case FormatYAML:
		err = im.yaml(in)
	case FormatCSV:
		err = im.csv(in)
	default:
		err = fmt.Errorf("unknown format %q", format)
	}
	if err != nil {
		return nil, im.report, fmt.Errorf("import guides: %w", err)
	}
	im.report.Taken = len(im.guides)
	return im.guides, im.report, nil
}

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
	seen     map[string]int
	bytes    int64
}

// take checks a guide and keeps it, or reports why not.
func (im *importer) take(g Guide, faults []Fault) {
	row := im.report.Rows
	for _, f := range faults {
		im.report.Faults = append(im.report.Faults, RowFault{Row: row, ID: g.ID, Field: f.Field, Value: f.Value, Reason: f.Reason})
	}
	if bad := g.check(); len(bad) > 0 {
		for _, f := range bad {
			im.reject(g.ID, f)
		}
		im.report.Rejected++
		return
	}
	if first, twice := im.seen[g.ID]; twice {
		im.reject(g.ID, Fault{Field: "id", Value: g.ID, Reason: fmt.Sprintf("stands already in row %d", first)})
		im.report.Rejected++
		return
	}
	im.seen[g.ID] = row
	g.Faults = append(g.Faults, faults...)
	im.guides = append(im.guides, g)
}

func (im *importer) reject(id string, f Fault) {
	im.report.Faults = append(im.report.Faults, RowFault{Row: im.report.Rows, ID: clip(id, 80), Field: f.Field, Value: f.Value, Reason: f.Reason, Rejected: true})
}

// row counts a row and says whether to go on.
func (im *importer) row(size int) error {
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
	for {
		line, long, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read row %d: %w", im.report.Rows+1, err)
		}
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
		if len(line) > 0 || long {
			if err := im.row(len(line)); err != nil {
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
	refuse := func(reason string) {
		im.reject("", Fault{Field: "row", Reason: reason})
		im.report.Rejected++
	}
	switch {
	case long:
		refuse(fmt.Sprintf("longer than %d bytes", maxRow))
		return
	case !utf8.Valid(line):
		refuse("is not UTF-8")
		return
	}
	var row map[string]json.RawMessage
	if err := json.Unmarshal(line, &row); err != nil {
		refuse("is not a JSON object: " + err.Error())
		return
	}
	switch {
	case row["TASK_CODE"] != nil || row["TASK_NAME"] != nil:
		im.take(catalogueGuide(row))
	case row["text"] != nil || !ownFields(row):
		im.take(corpusGuide(row))
	default:
		var g Guide
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&g); err != nil {
			refuse("is not a guide: " + err.Error())
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
