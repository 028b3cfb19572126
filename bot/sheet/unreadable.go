package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Unreadable is why a file is no table that can be read here, and what to do
// instead, for who chose it.
type Unreadable struct {
	English string // a clause, for commands and logs
	Chinese string // the same for pages, without a full stop
}

// Error is the English clause.
func (e *Unreadable) Error() string { return e.English }

// unreadable words it, in both languages.
func unreadable(english, chinese string) error { return &Unreadable{english, chinese} }

func errEmpty() error {
	return unreadable("the file is empty: save the table once more and take that file", "文件里面是空的，请打开看看有没有内容，存好再选一次")
}

// foreignForm is a kind of file that is chosen for a table and is none.
type foreignForm struct{ begins, english, chinese string }

// foreignForms are known by their first bytes.
func foreignForms() []foreignForm {
	return []foreignForm{
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an old Excel or Word file (.xls, .doc), or one with a password: open it, take the password away and save it as an Excel workbook (.xlsx)",
			"这是旧版的 Excel 或 Word（.xls、.doc），或者加了密码，请打开它，取消密码，另存为“Excel 工作簿（.xlsx）”再选"},
		{"%PDF-", "this is a PDF, whose tables cannot be read: take the spreadsheet it was made from (.xlsx or CSV), or copy the table into one",
			"这是 PDF，里面的表读不出来，请选做成 PDF 之前的 Excel（.xlsx）或 CSV，没有的话把内容抄进 Excel"},
		{"\xff\xd8\xff", "this is a picture: write what it shows into a spreadsheet (.xlsx or CSV)", "这是图片，请把上面的内容抄进 Excel（.xlsx）或 CSV 再选"},
		{"\x89PNG", "this is a picture: write what it shows into a spreadsheet (.xlsx or CSV)", "这是图片，请把上面的内容抄进 Excel（.xlsx）或 CSV 再选"},
		{"Rar!", "this is an archive: unpack it and take the table within", "这是压缩包，请解压，选里面的表格"},
		{"7z\xbc\xaf\x27\x1c", "this is an archive: unpack it and take the table within", "这是压缩包，请解压，选里面的表格"},
		{"\x1f\x8b", "this is an archive: unpack it and take the table within", "这是压缩包，请解压，选里面的表格"},
	}
}

// Plain looks at how a file begins: an empty one, or one of a form that is no
// table, is refused as Unreadable, UTF-16 with its mark is put into UTF-8, all else passes as it is.
func Plain(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read table: %w", err)
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))) == 0 && err != nil {
		return nil, errEmpty()
	}
	for _, f := range foreignForms() {
		if bytes.HasPrefix(head, []byte(f.begins)) {
			return nil, unreadable(f.english, f.chinese)
		}
	}
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		utf8 := transform.NewReader(in, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder())
		return bufio.NewReaderSize(utf8, 64<<10), nil
	case bytes.HasPrefix(head, []byte(excelMark)):
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")), bytes.HasPrefix(text, []byte("<table")):
		return nil, unreadable("this is a web page, as some programs export it under the name of .xls: open it in Excel and save it as an Excel workbook (.xlsx)",
			"这是网页（有的系统导出的“.xls”其实是网页），请用 Excel 打开，另存为“Excel 工作簿（.xlsx）”再选")
	case bytes.IndexByte(head, 0) >= 0:
		return nil, errNoText()
	}
	return in, nil
}

func errNoText() error {
	return unreadable("this is neither a spreadsheet nor text in UTF-8 or GB 18030: save the table as an Excel workbook (.xlsx) or as “CSV UTF-8”",
		"这不是表格，文字编码也不是 UTF-8 或 GB 18030，请在 Excel 里另存为“Excel 工作簿（.xlsx）”或“CSV UTF-8”再选")
}

// packed says why a ZIP archive is no Excel workbook that can be read, if so.
func packed(raw []byte) error {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return errDamaged()
	}
	var size uint64
	var workbook, binary, word, open bool
	for _, f := range z.File {
		size += f.UncompressedSize64
		switch {
		case f.Name == "xl/workbook.xml":
			workbook = true
		case f.Name == "xl/workbook.bin":
			binary = true
		case strings.HasPrefix(f.Name, "word/"), strings.HasPrefix(f.Name, "ppt/"):
			word = true
		case f.Name == "content.xml":
			open = true
		}
	}
	switch {
	case size > maxUnpacked:
		return unreadable(fmt.Sprintf("the file unpacks to more than %d MB: leave only the table in it, without pictures, or divide it", maxUnpacked>>20),
			fmt.Sprintf("文件解开后超过 %d MB，请只留要导入的那张表，去掉图片，或分成几个", maxUnpacked>>20))
	case binary || open:
		return unreadable("this spreadsheet is of another form (.xlsb, .ods): save it as an Excel workbook (.xlsx)", "这种表格（.xlsb、.ods）读不了，请另存为“Excel 工作簿（.xlsx）”再选")
	case word:
		return unreadable("this is a Word or PowerPoint file: copy the table into a spreadsheet and save it as .xlsx", "这是 Word 或 PPT，请把里面的表格复制到 Excel，存成 .xlsx 再选")
	case !workbook:
		return unreadable("this is an archive: unpack it and take the table within", "这是压缩包，请解压，选里面的表格")
	}
	return nil
}

func errDamaged() error {
	return unreadable("the Excel file is damaged or not whole: open it in Excel and save it once more", "这个 Excel 文件坏了或不完整，请用 Excel 打开，另存一份再选")
}
