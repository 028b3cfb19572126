// Package sheet reads tables as offices keep them: CSV (UTF-8 or GB 18030),
// Excel and JSON, row by row under the names of their columns.
//
// It refuses to know what the columns mean, files beyond its limits, and rows
// it cannot place; what is wrong with a value is for the caller to say.
package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Limits of a table.
const (
	MaxBytes = 64 << 20
	MaxRows  = 200_000
)

// Row is one row below the heading.
type Row struct {
	Number int // as people count in the file: the heading is 1; for JSON the first object is 1
	Cells  map[string]string
}

// Read reads a table; what it is is told by its first bytes.
func Read(r io.Reader) ([]Row, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	if len(raw) > MaxBytes {
		return nil, fmt.Errorf("table is larger than %d MiB", MaxBytes>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	var rows []Row
	switch head := bytes.TrimLeft(raw, " \t\r\n"); {
	case len(head) == 0:
		return nil, errors.New("table is empty")
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		rows, err = readExcel(raw)
	case head[0] == '[' || head[0] == '{':
		rows, err = readJSON(head)
	default:
		rows, err = readCSV(raw)
	}
	if err == nil && len(rows) > MaxRows {
		err = fmt.Errorf("table has %d rows, more than %d", len(rows), MaxRows)
	}
	return rows, err
}

func readCSV(raw []byte) ([]Row, error) {
	if !utf8.Valid(raw) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil {
			return nil, errors.New("text is neither UTF-8 nor GB 18030")
		}
		raw = decoded
	}
	in := csv.NewReader(bytes.NewReader(raw))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(first, []byte("\t")) > bytes.Count(first, []byte(",")) {
		in.Comma = '\t'
	}
	lines, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read CSV: %w", err)
	}
	return named(lines)
}

func readExcel(raw []byte) (rows []Row, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: 8 * MaxBytes, UnzipXMLSizeLimit: MaxBytes})
	if err != nil {
		return nil, fmt.Errorf("read Excel: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		return nil, fmt.Errorf("read Excel: %w", err)
	}
	return named(lines)
}

// named puts lines under the heading's names.
func named(lines [][]string) ([]Row, error) {
	if len(lines) == 0 {
		return nil, errors.New("table has no heading")
	}
	var names []string
	for _, h := range lines[0] {
		names = append(names, strings.ToLower(strings.TrimSpace(h)))
	}
	var rows []Row
	for i, line := range lines[1:] {
		cells := map[string]string{}
		for j, v := range line {
			if v = strings.TrimSpace(v); v != "" && j < len(names) && names[j] != "" {
				cells[names[j]] = v
			}
		}
		if len(cells) > 0 {
			rows = append(rows, Row{i + 2, cells})
		}
	}
	return rows, nil
}

// readJSON reads an array of objects, or objects one after the other.
func readJSON(raw []byte) ([]Row, error) {
	dec := json.NewDecoder(bufio.NewReader(bytes.NewReader(raw)))
	dec.UseNumber()
	if raw[0] == '[' {
		if _, err := dec.Token(); err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
	}
	var rows []Row
	for n := 1; dec.More(); n++ {
		var object map[string]any
		if err := dec.Decode(&object); err != nil {
			return nil, fmt.Errorf("read JSON object %d: %w", n, err)
		}
		cells := map[string]string{}
		for k, v := range object {
			switch v.(type) {
			case nil:
			case map[string]any, []any:
				return nil, fmt.Errorf("read JSON object %d: %q is not a plain value", n, k)
			default:
				cells[strings.ToLower(k)] = strings.TrimSpace(fmt.Sprint(v))
			}
		}
		rows = append(rows, Row{n, cells})
	}
	return rows, nil
}
