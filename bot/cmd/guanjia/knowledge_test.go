package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// workbook is a smallest Excel file of one sheet with these cells.
func workbook(t *testing.T, rows [][]string) string {
	t.Helper()
	var sheet strings.Builder
	sheet.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for _, row := range rows {
		sheet.WriteString("<row>")
		for _, cell := range row {
			sheet.WriteString(`<c t="inlineStr"><is><t>` + cell + `</t></is></c>`)
		}
		sheet.WriteString("</row>")
	}
	sheet.WriteString("</sheetData></worksheet>")
	const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const pack = "http://schemas.openxmlformats.org/package/2006/"
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="` + pack + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + pack + `relationships"><Relationship Id="r1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` + relations + `"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + pack + `relationships"><Relationship Id="r1" Type="` + relations + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", sheet.String()},
	} {
		w, err := z.Create(part[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(part[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A spreadsheet is taken as it is saved: Excel, or CSV in the office's
// encoding. The report names the row as the office counts it.
func TestImportSpreadsheets(t *testing.T) {
	rows := [][]string{
		{"事项编码", "事项名称", "日常用语", "申请材料", "收费标准", "咨询电话"},
		{"k1", "打井备案", "挖井", "申请表", "30元", "0000swjw"},
		{"", "没有编号", "", "", "", ""},
		{"k2", "养蜂登记", "养蜜蜂", "无", "免费", "0769-22001234"},
	}
	var text strings.Builder
	for _, r := range rows {
		text.WriteString(strings.Join(r, ",") + "\r\n")
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text.String())
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"utf8.csv": text.String(), "gb.csv": gb, "office.xlsx": workbook(t, rows)} {
		dir := t.TempDir()
		file := filepath.Join(dir, name)
		write(t, file, raw)
		r := guanjia(t, "", "knowledge", "import", file, "--data", dir)
		if r.status != 0 {
			t.Fatalf("%s: %s", name, r.err)
		}
		for _, want := range []string{
			"第 2 行 k1：咨询电话 “0000swjw”不是电话号码，没有收", "第 3 行：整行未收，id 编号不能空",
			"第 4 行 k2：申请材料 “无”是占位词，当作空", "共 3 条：收下 2（新增 2，更新 0，没有变化 0），未收 1；有问题 3 处",
		} {
			if !strings.Contains(r.out, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, r.out)
			}
		}
		if !strings.Contains(r.err, "100%") || !strings.Contains(r.err, "3 行") {
			t.Errorf("%s: no progress in %q", name, r.err)
		}
		again := guanjia(t, "", "knowledge", "import", file, "--data", dir)
		if !strings.Contains(again.out, "新增 0，更新 0，没有变化 2") {
			t.Errorf("%s: again: %s", name, again.out)
		}
		ask := lines(t, guanjia(t, "", "knowledge", "ask", "挖井多少钱", "--json", "--data", dir))[0]
		if ask["guide"] != "k1" || ask["field"] != "fee" || !strings.Contains(ask["text"].(string), "30元") {
			t.Errorf("%s: %v", name, ask)
		}
		lint := guanjia(t, "", "knowledge", "lint", "--data", dir)
		if !strings.Contains(lint.out, "警告 k1（打井备案）咨询电话：\"0000swjw\"不是电话号码") {
			t.Errorf("%s: lint: %s", name, lint.out)
		}
	}
}

func TestImportRefusesInOneLine(t *testing.T) {
	dir := t.TempDir()
	for name, raw := range map[string]string{
		"broken.xlsx": "PK\x03\x04nothing", "empty.csv": "", "nameless.csv": "甲,乙\n1,2\n", "broken.yaml": "guides: [",
	} {
		file := filepath.Join(dir, name)
		write(t, file, raw)
		r := guanjia(t, "", "knowledge", "import", file, "--data", dir)
		message := r.err[strings.LastIndex(strings.TrimSpace(r.err), "\n")+1:]
		if r.status != 2 || r.out != "" || len(strings.TrimSpace(message)) < 10 {
			t.Errorf("%s: exit %d, %q, %q", name, r.status, r.out, r.err)
		}
	}
	if r := guanjia(t, "", "knowledge", "import", filepath.Join(dir, "none"), "--data", dir); r.status != 2 {
		t.Errorf("a file that is not there: exit %d, %s", r.status, r.err)
	}
	if _, err := os.Stat(filepath.Join(dir, "knowledge")); err == nil {
		t.Error("something was written")
	}
}

// What is no longer in force answers neither in a conversation nor in a score.
func TestEvalMindsDates(t *testing.T) {
	dir := t.TempDir()
	guides, questions := filepath.Join(dir, "g.yaml"), filepath.Join(dir, "q.jsonl")
	write(t, guides, "guides:\n- {id: k1, title: 打井备案, fee: 30元, effective_to: 2026-11-30}\n")
	write(t, questions, `{"q":"打井备案多少钱","gold":["k1"],"field":"fee","answer_has":["30元"]}`)
	for now, want := range map[string]float64{"2026-11-30T10:00:00+08:00": 1, "2026-12-01T10:00:00+08:00": 0} {
		score := lines(t, guanjia(t, "", "knowledge", "eval", "--corpus", guides, "--questions", questions, "--now", now))[0]
		if score["answered_right"] != want {
			t.Errorf("at %s: %v", now, score)
		}
	}
}

// A score that fell below the baseline's ends with status 1, and says which.
func TestEvalAgainstABaseline(t *testing.T) {
	dir := t.TempDir()
	questions, baseline := filepath.Join(dir, "q.jsonl"), filepath.Join(dir, "was.json")
	write(t, questions, `{"q":"护照多少钱","gold":["passport"],"answer_has":["120元"]}`)
	r := guanjia(t, "", "knowledge", "eval", "--questions", questions, "--intervals", "--data", dir)
	if r.status != 0 || !strings.Contains(r.out, `"ci95"`) {
		t.Fatalf("exit %d: %s %s", r.status, r.out, r.err)
	}
	write(t, baseline, r.out)
	if r := guanjia(t, "", "knowledge", "eval", "--questions", questions, "--baseline", baseline, "--data", dir); r.status != 0 {
		t.Errorf("no worse, exit %d: %s", r.status, r.err)
	}
	write(t, questions, `{"q":"护照多少钱","gold":["passport"],"answer_has":["121元"]}`)
	r = guanjia(t, "", "knowledge", "eval", "--questions", questions, "--baseline", baseline, "--data", dir)
	if r.status != 1 || !strings.Contains(r.err, "answered_right") || !strings.Contains(r.out, `"answered_right":0`) {
		t.Errorf("worse, exit %d: %s %s", r.status, r.out, r.err)
	}
}

// On the phone an answer is for the ear: short, the value first, no pages.
func TestPhoneAnswersAreForTheEar(t *testing.T) {
	out := talk(t, "",
		`{"text":"身份证丢了补办多少钱","channel":"phone"}`, `{"text":"身份证丢了补办要带什么材料","channel":"phone"}`,
		`{"text":"低保怎么申请","channel":"phone"}`, `{"text":"还有呢","channel":"phone"}`)
	for i, o := range out {
		text, _ := replies(o)
		if n := utf8.RuneCountInString(strings.TrimSpace(text)); n == 0 || n > 60 || strings.Contains(text, "http") || strings.Contains(text, "来源") {
			t.Errorf("%d: %d characters: %s", i, n, text)
		}
	}
	if text, _ := replies(out[0]); !strings.HasPrefix(text, "40元") {
		t.Errorf("the value does not come first: %s", text)
	}
	if text, _ := replies(out[2]); !strings.Contains(text, "还有") {
		t.Errorf("a long list says nothing of the rest: %s", text)
	}
}

// TestImportMapped: a table under headings of an office's own is read by what the
// caller says of its columns.
func TestImportMapped(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "t.csv")
	if err := os.WriteFile(file, []byte("流水号,事项全称,俗称,要件\nd-1,遛狗证办理,狗证,主人身份证\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := guanjia(t, "", "--data", dir, "knowledge", "import", file, "--map", "流水号=没有这项"); got.status != 2 || !strings.Contains(got.err, "没有这项") {
		t.Errorf("a part there is not: %d %s", got.status, got.err)
	}
	got := guanjia(t, "", "--data", dir, "knowledge", "import", file, "--map", "流水号=编号", "--map", "事项全称=名称", "--map", "俗称=aliases", "--map", "要件=要带的材料", "--json")
	if got.status != 0 || !strings.Contains(got.out, `"taken":1`) {
		t.Fatalf("%d %s %s", got.status, got.out, got.err)
	}
	if got := guanjia(t, "", "--data", dir, "knowledge", "ask", "办狗证要带什么材料", "--json"); !strings.Contains(got.out, `"guide":"d-1"`) || !strings.Contains(got.out, "主人身份证") {
		t.Errorf("asked: %s %s", got.out, got.err)
	}
	if got := guanjia(t, "{\"id\":\"a\",\"title\":\"b\",\"text\":\"c\",\"type\":\"guide\"}\n", "--data", dir, "knowledge", "import", "-", "--map", "a=编号"); got.status != 2 {
		t.Errorf("a file that is no table: %d", got.status)
	}
}
