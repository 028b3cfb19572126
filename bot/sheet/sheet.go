// Package sheet reads tables as offices keep them: CSV (UTF-8 or GB 18030),
// Excel and JSON, row by row under the names of their columns, or line by line
// as they stand.
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

	maxUnpacked = 8 * MaxBytes // of an Excel file
)

// Row is one row below the heading.
type Row struct {
	Number int // as people count in the file: the heading is 1; for JSON the first object is 1
	Cells  map[string]string
}

// Line is one line as it stands, the heading among them.
type Line struct {
	Number int // as people count in the file, from 1
	Cells  []string
}

// excelMark is how an Excel file begins.
const excelMark = "PK\x03\x04"

// Office tells by the first bytes of a file whether it is Excel, or text in
// GB 18030 as Excel saves CSV: forms that a plain reader cannot take.
func Office(head []byte) bool {
	if bytes.HasPrefix(head, []byte(excelMark)) {
		return true
	}
	for cut := range min(utf8.UTFMax, len(head)+1) { // head may end within a character
		if utf8.Valid(head[:len(head)-cut]) {
			return false
		}
	}
	return true
}

// Read reads a table; what it is is told by its first bytes.
func Read(r io.Reader) ([]Row, error) {
	raw, err := load(r)
	if err != nil {
		return nil, err
	}
	var rows []Row
	if head := bytes.TrimLeft(raw, " \t\r\n"); head[0] == '[' || head[0] == '{' {
		rows, err = readJSON(head)
	} else {
		var lines []Line
		if lines, err = linesOf(raw); err == nil {
			rows, err = named(lines)
		}
	}
	if err == nil && len(rows) > MaxRows {
		err = tooManyRows(len(rows))
	}
	return rows, err
}

// Lines reads CSV or Excel line by line.
func Lines(r io.Reader) ([]Line, error) {
	raw, err := load(r)
	if err != nil {
		return nil, err
	}
	lines, err := linesOf(raw)
	if err == nil && len(lines) > MaxRows {
		err = tooManyRows(len(lines))
	}
	return lines, err
}

func tooManyRows(n int) error {
	return unreadable(fmt.Sprintf("the table has %d rows, more than %d: divide it", n, MaxRows), fmt.Sprintf("这张表有 %d 行，最多 %d 行，请分成几个", n, MaxRows))
}

// load reads the whole of a table that is not empty.
func load(r io.Reader) ([]byte, error) {
	plain, err := Plain(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(plain, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	if len(raw) > MaxBytes {
		return nil, unreadable(fmt.Sprintf("the table is larger than %d MB: divide it", MaxBytes>>20), fmt.Sprintf("文件超过 %d MB，请分成几个", MaxBytes>>20))
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, errEmpty()
	}
	return raw, nil
}

func linesOf(raw []byte) ([]Line, error) {
	if bytes.HasPrefix(raw, []byte(excelMark)) {
		return readExcel(raw)
	}
	return readCSV(raw)
}

func readCSV(raw []byte) ([]Line, error) {
	if !utf8.Valid(raw) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil || bytes.Count(decoded, []byte("\ufffd")) > utf8.RuneCount(decoded)/100 {
			return nil, errNoText()
		}
		raw = decoded // a character here and there may be lost: who reads the row tells it (hanzi.Lost)
	}
	in := csv.NewReader(bytes.NewReader(raw))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(first, []byte("\t")) > bytes.Count(first, []byte(",")) {
		in.Comma = '\t'
	}
	var lines []Line
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		} else if err != nil {
			return nil, faultyCSV(err)
		}
		number, _ := in.FieldPos(0)
		lines = append(lines, Line{number, cells})
	}
}

// faultyCSV says in which line a CSV file cannot be told apart.
func faultyCSV(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return fmt.Errorf("read CSV: %w", err)
	}
	return unreadable(fmt.Sprintf("read CSV: %v", err), fmt.Sprintf("第 %d 行的引号没有配好，请在 Excel 里打开看看，另存一份再选", at.StartLine))
}

func readExcel(raw []byte) (lines []Line, err error) {
	if err := packed(raw); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: MaxBytes})
	if err != nil {
		return nil, errDamaged()
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		return nil, errDamaged()
	}
	if len(rows) == 0 {
		return nil, unreadable("the first sheet of the workbook is empty, and only the first is read: put the table there", "第一张工作表是空的，只读第一张，请把要导入的表放到最前面")
	}
	for i, cells := range rows {
		lines = append(lines, Line{i + 1, cells})
	}
	return lines, nil
}

// named puts lines under the heading's names.
func named(lines []Line) ([]Row, error) {
	if len(lines) == 0 {
		return nil, errEmpty()
	}
	var names []string
	for _, h := range lines[0].Cells {
		names = append(names, strings.ToLower(strings.TrimSpace(h)))
	}
	var rows []Row
	for _, line := range lines[1:] {
		cells := map[string]string{}
		for j, v := range line.Cells {
			if v = strings.TrimSpace(v); v != "" && j < len(names) && names[j] != "" {
				cells[names[j]] = v
			}
		}
		if len(cells) > 0 {
			rows = append(rows, Row{line.Number, cells})
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
			return nil, faultyJSON(1, err)
		}
	}
	var rows []Row
	for n := 1; dec.More(); n++ {
		var object map[string]any
		if err := dec.Decode(&object); err != nil {
			return nil, faultyJSON(n, err)
		}
		cells := map[string]string{}
		for k, v := range object {
			switch v.(type) {
			case nil:
			case map[string]any, []any:
				return nil, unreadable(fmt.Sprintf("read JSON object %d: %q is not a plain value", n, k), fmt.Sprintf("JSON 第 %d 条的“%s”里还有一层，每一项只能是文字或数", n, k))
			default:
				cells[strings.ToLower(k)] = strings.TrimSpace(fmt.Sprint(v))
			}
		}
		rows = append(rows, Row{n, cells})
	}
	return rows, nil
}

func faultyJSON(n int, err error) error {
	return unreadable(fmt.Sprintf("read JSON object %d: %v", n, err), fmt.Sprintf("JSON 第 %d 条写得不对，一条一个 {…}，括号和引号要配好", n))
}
