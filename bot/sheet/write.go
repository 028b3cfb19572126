package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Table is one sheet of an Excel file: a heading and rows. Cells that are
// plain numbers are written as numbers, everything else as text: no cell is
// ever a formula.
type Table struct {
	Name string
	Rows [][]string
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
		if err := fillSheet(f, t); err != nil {
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
