package sheet

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

// TestWriteExcel reads back what was written: numbers as numbers, and what
// begins like a formula as the text it is.
func TestWriteExcel(t *testing.T) {
	raw, err := WriteExcel(Table{Name: "汇总", Rows: [][]string{{"项目", "数"}, {"登记", "12"}, {"=1+1", "0769"}, {"空", ""}}}, Table{Name: "每天", Chart: "每天登记", Rows: [][]string{{"日期", "件"}, {"2026-11-26", "33"}}}, Table{Name: "空", Chart: "没有"})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Read(bytes.NewReader(raw))
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if rows[0].Cells["数"] != "12" || rows[1].Cells["项目"] != "=1+1" || rows[1].Cells["数"] != "0769" || rows[2].Cells["数"] != "" {
		t.Errorf("%+v", rows)
	}
	packed, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	charts := 0
	for _, part := range packed.File {
		if strings.HasPrefix(part.Name, "xl/charts/chart") {
			charts++
		}
	}
	if charts != 1 {
		t.Errorf("%d charts, not one", charts)
	}
}
