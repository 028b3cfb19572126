package knowledge

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"guanjia/intents/hanzi"
)

// measures are the units a number is bound to, longer ones first.
const measures = `工作日|个月|小时|分钟|平方米|公里|厘米|毫米|周岁|万元|元|日|天|年|月|周|岁|份|张|次|寸|楼|层|号|室|栋|座|人|名|户|套|本|页|级|类|倍|折|%|块|km|cm|mm|mb|kb`

var (
	spelledNumber = regexp.MustCompile(`([零〇一二两三四五六七八九十百千万]+)(个工作日|` + measures + `)`)
	groupedDigits = regexp.MustCompile(`(\d),(\d{3})`)
	tenThousands  = regexp.MustCompile(`(\d+(?:\.\d+)?)万`)
	saidOtherwise = strings.NewReplacer("个工作日", "工作日", "周岁", "岁", "块钱", "元", "百分之", "%")
	daysAndMoney  = regexp.MustCompile(`(\d)(天|块)`)

	// factForm finds what must stand in the source as it is.
	factForm = regexp.MustCompile(`[〔\[(]\d{4}[〕\])]\d+号|\d{4}年\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}|` +
		`\d{1,2}:\d{2}|\d[\d-]{5,}\d|\d+(?:\.\d+)?(?:` + measures + `)?`)
)

// canon is a text as it is compared: width, script and case folded, spaces
// dropped, spelled numbers before a unit as figures, units by one name.
func canon(text string) string {
	var b strings.Builder
	for _, r := range fold(text) {
		if !unicode.IsSpace(r) {
			b.WriteRune(r)
		}
	}
	s := spelledNumber.ReplaceAllStringFunc(b.String(), func(found string) string {
		parts := spelledNumber.FindStringSubmatch(found)
		v, ok := hanzi.Number(parts[1])
		if !ok {
			return found
		}
		return strconv.FormatFloat(v, 'f', -1, 64) + parts[2]
	})
	s = saidOtherwise.Replace(s)
	s = groupedDigits.ReplaceAllString(s, "$1$2")
	s = tenThousands.ReplaceAllStringFunc(s, func(found string) string {
		v, err := strconv.ParseFloat(strings.TrimSuffix(found, "万"), 64)
		if err != nil {
			return found
		}
		return strconv.FormatFloat(v*10000, 'f', -1, 64)
	})
	return daysAndMoney.ReplaceAllStringFunc(s, func(found string) string {
		return found[:1] + map[string]string{"天": "日", "块": "元"}[found[1:]]
	})
}

// fact is a stretch of a sentence that must stand in its source.
type fact struct{ text string }

// factsOf lists the facts of a sentence.
func factsOf(text string) []fact {
	var out []fact
	for _, f := range factForm.FindAllString(text, -1) {
		out = append(out, fact{f})
	}
	return out
}

// standsIn counts how often the fact stands in a source by itself, not as part
// of a longer number.
func (f fact) standsIn(source string) int {
	n := 0
	want := f.text
	if f.phone() { // grouped one way or the other
		want, source = strings.ReplaceAll(want, "-", ""), strings.ReplaceAll(source, "-", "")
	}
	bare := digit(want[len(want)-1])
	for at := 0; ; {
		i := strings.Index(source[at:], want)
		if i < 0 {
			return n
		}
		i += at
		end := i + len(want)
		before := i > 0 && (digit(source[i-1]) || i > 1 && strings.IndexByte(".:", source[i-1]) >= 0 && digit(source[i-2]))
		after := end < len(source) && bare && (digit(source[end]) || end+1 < len(source) && strings.IndexByte(".:", source[end]) >= 0 && digit(source[end+1]))
		if !before && !after {
			n++
		}
		at = i + 1
	}
}

// phone says whether the fact is a long number, as phone numbers are.
func (f fact) phone() bool {
	n := 0
	for i := range len(f.text) {
		switch c := f.text[i]; {
		case digit(c):
			n++
		case c != '-':
			return false
		}
	}
	return n >= 7
}

// joined says whether a name only took a word that joins sentences for a part
// of itself: 另外银行, 到大厅.
func joined(name, source string) bool {
	r := []rune(name)
	if len(r) < 3 || !strings.ContainsRune("到去在由向往给从是外及和或与请能可找各该本当据来的为于对打电", r[1]) && !strings.ContainsRune("外", r[0]) {
		return false
	}
	return strings.Contains(source, strings.TrimLeft(string(r[2:]), "外"))
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

var (
	// namedForm finds names by how they end; the two characters before tell
	// one from another.
	namedForm  = regexp.MustCompile(`(?:\p{Han}{2})(?:派出所|委员会|办事处|管理所|车管所|医院|学校|银行|法院|大厅|中心|公司|局|厅|大道|大厦|广场|路|街|村|镇)`)
	titledForm = regexp.MustCompile(`《[^》]*》?`)
	latinForm  = regexp.MustCompile(`[a-z][a-z0-9./:@_-]{2,}`)
)

// namesAmiss finds names, titles and Latin words the source does not have.
func namesAmiss(text, source string) []string {
	var out []string
	for _, form := range []*regexp.Regexp{namedForm, titledForm, latinForm} {
		for _, name := range form.FindAllString(text, -1) {
			if !strings.Contains(source, strings.Trim(name, "《》.")) && !joined(name, source) {
				out = append(out, "原文里没有："+clip(name, 30))
			}
		}
	}
	return out
}
