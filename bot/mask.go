package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// masking is a text with its particulars taken out, and what they were.
type masking struct {
	text  string
	marks map[string]string // mark → the citizen's words
}

// particularMarks are the particulars that leave the process as marks only.
func particularMarks() map[EntityType]string {
	return map[EntityType]string{
		Phone: "电话", IDNumber: "证件号", Permit: "证件号", Passport: "证件号", PersonName: "姓名",
		PostalAddress: "地址", TicketNo: "编号", AppointmentNo: "编号",
	}
}

// unheard finds particulars that the understanding did not make out: long runs
// of figures, spoken ones too, codes with figures in them, addresses of the
// net, and how people are called by their family name.
var unheard = []struct {
	mark string
	form *regexp.Regexp
}{
	{"网址", regexp.MustCompile(`[\w.+-]+@[\w.-]+|https?://\S+`)},
	{"号码", regexp.MustCompile(`[0-9０-９](?:[ \-－.,，、]?[0-9０-９]){4,}[0-9０-９xXＸ]?|[A-Za-zＡ-Ｚ]{1,3}[0-9０-９]{4,}[0-9A-Za-z]*`)},
	{"号码", regexp.MustCompile(`[〇零一二三四五六七八九幺妖洞拐勾两](?:[ ,，、]?[〇零一二三四五六七八九幺妖洞拐勾两]){4,}`)},
	{"号码", regexp.MustCompile(`[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·.]?[0-9A-Z]{5,6}`)},
	{"地址", regexp.MustCompile(`\p{Han}{2,6}(?:路|街|巷|大道|村|区|苑|园|坊|里)\p{Han}{0,3}[0-9０-９一二三四五六七八九十]+[号號栋座幢](?:[\p{Han}0-9０-９-]{0,5}(?:室|房|楼|层|单元))?`)},
	{"姓名", regexp.MustCompile(`(?:我叫|名叫|名字叫|名字是|姓名是?|叫做|我嘅名系|我个名系)[：: ]?\p{Han}{2,4}`)},
}

// mask takes the particulars out of a text.
func mask(text string, entities []Entity) masking {
	text = strings.NewReplacer("〔", "(", "〕", ")").Replace(text)
	m := masking{marks: map[string]string{}}
	n, runes := map[string]int{}, []rune(text)
	var b strings.Builder
	at := 0
	put := func(kind, words string) string {
		n[kind]++
		mark := fmt.Sprintf("〔%s%d〕", kind, n[kind])
		m.marks[mark] = words
		return mark
	}
	plain := func(words string) string {
		for _, u := range unheard {
			words = u.form.ReplaceAllStringFunc(words, func(found string) string {
				if strings.ContainsRune(found, '〔') {
					return found
				}
				return put(u.mark, found)
			})
		}
		return words
	}
	names := particularMarks()
	for _, e := range entities {
		kind, particular := names[e.Type]
		if !particular || e.Start < at || e.End > len(runes) || e.End <= e.Start {
			continue
		}
		b.WriteString(plain(string(runes[at:e.Start])) + put(kind, string(runes[e.Start:e.End])))
		at = e.End
	}
	b.WriteString(plain(string(runes[at:])))
	m.text = b.String()
	return m
}

// Mask is an utterance with its particulars taken out, as it may leave the
// process.
func Mask(u Understanding) string { return mask(u.Text, slices.Concat(u.Entities, u.Negated)).text }

// restore puts the citizen's words back in the place of their marks.
func (m masking) restore(span string) string {
	for mark, words := range m.marks {
		span = strings.ReplaceAll(span, mark, words)
	}
	return span
}

// Scrub rewrites an utterance so that it may be kept as an example: every
// particular becomes a sample of its kind, which is read as the particular was.
func Scrub(u Understanding) string {
	samples := map[string]string{
		"电话": "13800000000", "证件号": "11010519491231002X", "姓名": "张三", "地址": "某路1号", "编号": "DG202601010000", "号码": "00000", "网址": "某网址",
	}
	m := mask(u.Text, u.Entities)
	text := m.text
	for mark, words := range m.marks {
		kind := strings.TrimRight(strings.Trim(mark, "〔〕"), "0123456789")
		sample := samples[kind]
		switch {
		case kind == "编号" && strings.HasPrefix(strings.ToUpper(words), "YY"):
			sample = "YY2601010000"
		case kind == "姓名" && utf8.RuneCountInString(words) > 4 && strings.Contains(words, "叫"):
			sample = "我叫张三"
		}
		text = strings.ReplaceAll(text, mark, sample)
	}
	return strings.Join(strings.Fields(text), " ")
}

// quoted finds the words a span stands for: the stretch of the text that reads
// the same but for case, width and spaces. Empty: nowhere.
func quoted(text, span string) (words string, start int) {
	var folded []rune
	var at []int // where each folded rune stands in text, in runes
	runes := []rune(text)
	for i, r := range runes {
		if f := foldRune(r); f >= 0 {
			folded, at = append(folded, f), append(at, i)
		}
	}
	var want []rune
	for _, r := range span {
		if f := foldRune(r); f >= 0 {
			want = append(want, f)
		}
	}
	if len(want) == 0 {
		return "", 0
	}
	for i := 0; i+len(want) <= len(folded); i++ {
		if slices.Equal(folded[i:i+len(want)], want) {
			from, to := at[i], at[i+len(want)-1]+1
			return string(runes[from:to]), from
		}
	}
	return "", 0
}

// foldRune is a rune without width and case, -1 for spaces.
func foldRune(r rune) rune {
	if unicode.IsSpace(r) || r == '　' {
		return -1
	}
	if r >= '！' && r <= '～' {
		r -= 0xFEE0
	}
	return unicode.ToLower(r)
}
