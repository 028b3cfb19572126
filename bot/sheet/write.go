package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode"

	"github.com/xuri/excelize/v2"
)

// Table is one sheet of an Excel file: a heading and rows. Cells that are
// plain numbers are written as numbers, everything else as text: no cell is
// ever a formula.
type Table struct {
	Name string
	Rows [][]string
	// Chart draws the columns of figures against the first column, beside
	// them; empty: none. It is the chart's title.
	Chart string
}

// WriteExcel writes tables as an Excel file, one sheet each.
func WriteExcel(tables ...Table) (raw []byte, err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	for i, t := range tables {
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), t.Name)
		} else {
			_, err = f.NewSheet(t.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("make sheet: %w", err)
		}
		if err := errors.Join(fillSheet(f, t), fit(f, t), draw(f, t)); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("write Excel: %w", err)
	}
	return out.Bytes(), nil
}

func fillSheet(f *excelize.File, t Table) error {
	for y, row := range t.Rows {
		cells := make([]any, len(row))
		for x, text := range row {
			cells[x] = text
			if n, err := strconv.ParseFloat(text, 64); err == nil && y > 0 && len(text) < 12 && text != "" && (text[0] != '0' || len(text) == 1 || text[1] == '.') {
				cells[x] = n
			}
		}
		at, err := excelize.CoordinatesToCellName(1, y+1)
		if err != nil {
			return fmt.Errorf("name cell: %w", err)
		}
		if err := f.SetSheetRow(t.Name, at, &cells); err != nil {
			return fmt.Errorf("write row: %w", err)
		}
	}
	return nil
}

// widest is how wide a column grows, in characters.
const widest = 60

// fit makes each column as wide as what stands in it.
func fit(f *excelize.File, t Table) error {
	widths := map[int]int{}
	for _, row := range t.Rows {
		for x, text := range row {
			n := 2
			for _, c := range text {
				n++
				if unicode.Is(unicode.Han, c) {
					n++ // takes two places
				}
			}
			widths[x] = min(max(widths[x], n), widest)
		}
	}
	for x, n := range widths {
		column, err := excelize.ColumnNumberToName(x + 1)
		if err == nil {
			err = f.SetColWidth(t.Name, column, column, float64(n))
		}
		if err != nil {
			return fmt.Errorf("set width: %w", err)
		}
	}
	return nil
}

// draw puts a table's chart beside it.
func draw(f *excelize.File, t Table) error {
	if t.Chart == "" || len(t.Rows) < 2 {
		return nil
	}
	last := len(t.Rows)
	c := excelize.Chart{Type: excelize.Col, Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: t.Chart}}}, Legend: excelize.ChartLegend{Position: "bottom"}}
	for x := 1; x < len(t.Rows[0]); x++ {
		column, err := excelize.ColumnNumberToName(x + 1)
		if err != nil {
			return fmt.Errorf("name column: %w", err)
		}
		c.Series = append(c.Series, excelize.ChartSeries{
			Name:       fmt.Sprintf("'%s'!$%s$1", t.Name, column),
			Categories: fmt.Sprintf("'%s'!$A$2:$A$%d", t.Name, last),
			Values:     fmt.Sprintf("'%s'!$%s$2:$%s$%d", t.Name, column, column, last),
		})
	}
	at, err := excelize.CoordinatesToCellName(len(t.Rows[0])+2, 2)
	if err != nil {
		return fmt.Errorf("name cell: %w", err)
	}
	if err := f.AddChart(t.Name, at, &c); err != nil {
		return fmt.Errorf("draw chart: %w", err)
	}
	return nil
}
