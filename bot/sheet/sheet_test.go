package sheet

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func want() []Row {
	return []Row{
		{2, map[string]string{"id": "a", "title": "居住证"}},
		{4, map[string]string{"id": "b", "title": "身份证,补领"}},
	}
}

func TestFormatsReadAlike(t *testing.T) {
	text := "ID,title\na,居住证\n,\nb,\"身份证,补领\"\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	for i, line := range [][]any{{"id", "Title"}, {"a", "居住证"}, {"", ""}, {"b", "身份证,补领"}} {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &line); err != nil {
			t.Fatal(err)
		}
	}
	var excel bytes.Buffer
	if err := f.Write(&excel); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{
		"csv": text, "csv with mark": "\ufeff" + text, "gb18030": string(gb), "excel": excel.String(),
		"tabs": "id\ttitle\na\t居住证\n\t\nb\t身份证,补领\n",
	} {
		got, err := Read(strings.NewReader(raw))
		if err != nil || !reflect.DeepEqual(got, want()) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	for name, raw := range map[string]string{
		"array": `[{"id":"a","n":3},{"id":"b"}]`, "lines": "{\"id\":\"a\",\"n\":3}\n{\"id\":\"b\",\"x\":null}\n",
	} {
		got, err := Read(strings.NewReader(raw))
		if err != nil || len(got) != 2 || got[0].Cells["n"] != "3" || got[1].Cells["id"] != "b" {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

func TestBadTables(t *testing.T) {
	for name, raw := range map[string]string{
		"empty": "", "blank": " \n ", "broken excel": "PK\x03\x04nothing", "nested": `{"a":{"b":1}}`, "cut": `[{"a":1`, "quote": "a,b\n\"x",
	} {
		if rows, err := Read(strings.NewReader(raw)); err == nil {
			t.Errorf("%s: read as %v", name, rows)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("id,title\na,b\n"))
	f.Add([]byte(`[{"a":1}]`))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, err := Read(bytes.NewReader(raw))
		if err == nil {
			for _, r := range rows {
				if r.Number < 1 {
					t.Fatalf("row %d", r.Number)
				}
			}
		}
	})
}
