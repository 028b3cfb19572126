package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
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
	utf16 := func(end unicode.Endianness) string {
		raw, err := unicode.UTF16(end, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, raw := range map[string]string{
		"utf-16 of Windows": utf16(unicode.LittleEndian), "utf-16": utf16(unicode.BigEndian),
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

// zipped is an archive of files that say they are so long.
func zipped(t *testing.T, size uint64, names ...string) string {
	t.Helper()
	var raw bytes.Buffer
	z := zip.NewWriter(&raw)
	for _, name := range names {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: name, UncompressedSize64: size}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return raw.String()
}

// TestUnreadableFilesSayWhatToDo: whatever people choose for a table, they are
// told in both languages what it is and what to do instead.
func TestUnreadableFilesSayWhatToDo(t *testing.T) {
	blank, err := WriteExcel(Table{Name: "空", Rows: nil})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ raw, english, chinese string }{
		"xls":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "save it as an Excel workbook (.xlsx)", "另存为“Excel 工作簿（.xlsx）”"},
		"pdf":         {"%PDF-1.7\n%\xe2\xe3", "PDF", "PDF"},
		"picture":     {"\x89PNG\r\n\x1a\n", "picture", "图片"},
		"docx":        {zipped(t, 10, "[Content_Types].xml", "word/document.xml"), "copy the table into a spreadsheet", "复制到 Excel"},
		"xlsb":        {zipped(t, 10, "xl/workbook.bin"), ".xlsb", ".xlsb"},
		"archive":     {zipped(t, 10, "a.csv"), "unpack it", "请解压"},
		"bomb":        {zipped(t, maxUnpacked/2+1, "xl/workbook.xml", "xl/worksheets/sheet1.xml"), "unpacks to more than", "解开后超过"},
		"not whole":   {"PK\x03\x04nothing", "not whole", "不完整"},
		"empty":       {"", "empty", "空的"},
		"blank":       {" \n", "empty", "空的"},
		"empty sheet": {string(blank), "first sheet", "第一张工作表是空的"},
		"web page":    {"\ufeff<html><table><tr><td>", "web page", "网页"},
		"no mark":     {"a\x00,\x00b\x00", "CSV UTF-8", "CSV UTF-8"},
		"other bytes": {"a,b\n\xff\xff\xff", "CSV UTF-8", "CSV UTF-8"},
		"quote":       {"a,b\n\"x", "line 2", "第 2 行的引号"},
		"cut":         {`[{"a":1}, {"a"`, "object 2", "第 2 条写得不对"},
		"nested":      {`{"a":{"b":1}}`, "not a plain value", "还有一层"},
	} {
		_, err := Read(strings.NewReader(c.raw))
		var why *Unreadable
		if !errors.As(err, &why) || !strings.Contains(why.English, c.english) || !strings.Contains(why.Chinese, c.chinese) || strings.ContainsAny(why.English, "\n") {
			t.Errorf("%s: %v, %+v", name, err, why)
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
