package wechat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"**重要**：带 `身份证`":          "重要：带 身份证",
		"# 材料\n## 一、二":            "材料\n一、二",
		"* 身份证\n+ 户口本\n- 照片":      "· 身份证\n· 户口本\n- 照片",
		"手机 138****5678":          "手机 138****5678",
		"138****5678和139****1234": "138****5678和139****1234",
		"138**5678 与 139**1234":   "138**5678 与 139**1234",
		"**138****5678**":         "138****5678",
		"2 * 3 * 4":               "2 * 3 * 4",
		"看[指南](https://a.example/x?a=1)和[表](https://b.example)。": `看<a href="https://a.example/x?a=1">指南</a>和<a href="https://b.example">表</a>。`,
		"[注](见下)":           "[注](见下)",
		"#12345":            "#12345",
		"```\ncode\n```":    "code",
		"__init__ a_b_c":    "init a_b_c",
		"a ** b ** c **d**": "a ** b ** c d",
		"没有记号":              "没有记号",
		"****":              "****",
		"[[a](http":         "[[a](http",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	link := `<a href="https://a.example/` + strings.Repeat("x", 60) + `">办。理</a>`
	for name, text := range map[string]string{
		"lines": strings.Repeat("第一行的内容比较长一些\n", 30), "sentences": strings.Repeat("这是一句话。", 60),
		"no stop": strings.Repeat("长", 300), "emoji": strings.Repeat("👨‍👩‍👧", 40),
		"links": strings.Repeat("请看"+link+"。", 12), "short": "短", "empty": "",
	} {
		parts := split(text, 200)
		for i, p := range parts {
			if len(p) > 200 || !utf8.ValidString(p) {
				t.Errorf("%s: part %d has %d bytes, valid %v", name, i, len(p), utf8.ValidString(p))
			}
			if strings.Count(p, "<a ") != strings.Count(p, "</a>") {
				t.Errorf("%s: part %d cuts a link: %q", name, i, p)
			}
			if name == "sentences" && !strings.HasSuffix(p, "。") {
				t.Errorf("part %d ends inside a sentence: %q", i, p)
			}
		}
		squeeze := strings.NewReplacer("\n", "")
		if got := squeeze.Replace(strings.Join(parts, "")); got != squeeze.Replace(text) {
			t.Errorf("%s: something was lost", name)
		}
	}
}

// FuzzSplit holds that nothing is lost and every part fits.
func FuzzSplit(f *testing.F) {
	f.Add("请看<a href=\"https://a.example\">这里</a>。谢谢", 20)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = 16 + abs(most)%200
		text = plain(text)
		parts := split(text, most)
		strip := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r == ' ' || r == '\n' {
					return -1
				}
				return r
			}, s)
		}
		if utf8.ValidString(text) && strip(strings.Join(parts, "")) != strip(text) {
			t.Errorf("%q became %q", text, parts)
		}
		for _, p := range parts {
			if len(p) > most {
				t.Errorf("%d bytes of at most %d", len(p), most)
			}
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}
