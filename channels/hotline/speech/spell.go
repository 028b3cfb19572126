package speech

import (
	"regexp"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rule is one kind of writing that is not said as it is written.
type rule struct {
	find *regexp.Regexp
	say  func(m []string) string
}

// speller writes out what is written short: numbers, dates, hours, money,
// telephone numbers, Latin letters.
type speller struct {
	rules   []rule
	lexicon *strings.Replacer
	letter  func(r rune) string
}

// measures are words of which two are 两.
const measures = "个位次件份天点年岁元块人张间户小项处页条种家号周步样"

// newSpeller makes the speller of a language.
func newSpeller(l Language) *speller {
	s := &speller{rules: rulesOf(l), letter: pinyinLetter}
	words := pronunciations
	if l == Cantonese {
		words = cantonese
		s.letter = func(r rune) string { return string(unicode.ToUpper(r)) + "，" }
	}
	s.lexicon = replacer(words)
	return s
}

// replacer prefers longer words.
func replacer(words map[string]string) *strings.Replacer {
	keys := make([]string, 0, len(words))
	for k := range words {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if len(keys[i]) != len(keys[j]) {
			return len(keys[i]) > len(keys[j])
		}
		return keys[i] < keys[j]
	})
	var pairs []string
	for _, k := range keys {
		pairs = append(pairs, k, words[k])
	}
	return strings.NewReplacer(pairs...)
}

func rulesOf(l Language) []rule {
	dialled := l == Mandarin
	number := func(m []string) string { return grouped(strings.Map(onlyDigits, m[0]), dialled) }
	return []rule{
		{regexp.MustCompile(`https?://[^\s，。；）)]+|www\.[^\s，。；）)]+`), func([]string) string { return "" }},
		{regexp.MustCompile(`(\d{3})\*{2,}(\d{4})`), func(m []string) string {
			return digitwise(m[1], dialled) + "，尾号" + digitwise(m[2], dialled)
		}},
		{regexp.MustCompile(`\*{2,}(\d{4})`), func(m []string) string { return "尾号" + digitwise(m[1], dialled) }},
		{regexp.MustCompile(`\b([A-Z]{1,3})(20\d\d)(\d{4})(\d+)\b`), func(m []string) string { // a year and a day, and what follows
			return m[1] + "，" + digitwise(m[2], dialled) + "，" + digitwise(m[3], dialled) + "，" + digitwise(m[4], dialled)
		}},
		{regexp.MustCompile(`\b([A-Z]{1,3})(\d{6,})\b`), func(m []string) string { return m[1] + "，" + grouped(m[2], dialled) }},
		{regexp.MustCompile(`(\d{4})[-/](\d{1,2})[-/](\d{1,2})`), func(m []string) string {
			return digitwise(m[1], false) + "年" + cardinal(m[2]) + "月" + cardinal(m[3]) + "日"
		}},
		{regexp.MustCompile(`(\d{4})年`), func(m []string) string { return digitwise(m[1], false) + "年" }},
		{regexp.MustCompile(`(\d{1,2}):(\d{2})\s*[-–—~至到]+\s*(\d{1,2}):(\d{2})`), func(m []string) string {
			return hour(m[1], m[2]) + "到" + hour(m[3], m[4])
		}},
		{regexp.MustCompile(`(\d{1,2}):(\d{2})`), func(m []string) string { return hour(m[1], m[2]) }},
		{regexp.MustCompile(`1[3-9]\d[- ]?\d{4}[- ]?\d{4}\b`), number},
		{regexp.MustCompile(`\b0\d{2,3}[- ]?\d{7,8}\b`), func(m []string) string {
			digits := strings.Map(onlyDigits, m[0])
			return digitwise(digits[:4], dialled) + "，" + grouped(digits[4:], dialled)
		}},
		{regexp.MustCompile(`\b(?:110|119|120|122|12\d{3}|9[56]\d{3}|10\d{3})\b([元万个人年天%])?`), func(m []string) string {
			if m[1] != "" {
				return m[0]
			}
			return digitwise(m[0], dialled)
		}},
		{regexp.MustCompile(`[¥￥]\s*(\d[\d,]*(?:\.\d+)?)`), func(m []string) string { return decimal(m[1]) + "元" }},
		{regexp.MustCompile(`(\d+(?:\.\d+)?)\s*%`), func(m []string) string { return "百分之" + decimal(m[1]) }},
		{regexp.MustCompile(`(\d+)\s*[-–—~]\s*(\d+)`), func(m []string) string { return m[1] + "到" + m[2] }},
		{regexp.MustCompile(`\b2 ?(小时|分钟|[` + measures + `])`), func(m []string) string { return two(m[1]) + m[1] }},
		{regexp.MustCompile(`\d{7,}`), number},
		{regexp.MustCompile(`\b0\d+\b`), func(m []string) string { return digitwise(m[0], dialled) }},
		{regexp.MustCompile(`\d[\d,]*(?:\.\d+)?`), func(m []string) string { return decimal(m[0]) }},
	}
}

// two is 二 before 号 and 年 and 月's neighbours, 两 before what is counted.
func two(measure string) string {
	if strings.ContainsAny(measure, "号年") {
		return "二"
	}
	return "两"
}

func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// hour reads 15:00 and 9:30.
func hour(h, m string) string {
	out := cardinal(h) + "点"
	if strings.TrimLeft(h, "0") == "2" {
		out = "两点"
	}
	switch m {
	case "00":
		return out
	case "30":
		return out + "半"
	}
	if m[0] == '0' {
		return out + "零" + cardinal(m) + "分"
	}
	return out + cardinal(m) + "分"
}

// circled are numbers in circles.
var circled = strings.NewReplacer("”“", "，", "」「", "，", "①", "一，", "②", "二，", "③", "三，", "④", "四，", "⑤", "五，", "⑥", "六，", "⑦", "七，", "⑧", "八，", "⑨", "九，",
	"【", "，", "】", "，", "「", "", "」", "", "“", "", "”", "", "《", "", "》", "", "*", "", "#", "井号", "·", "，", "●", "，", "→", "到", "&", "和", "+", "加", "　", " ", "/", "或", "（", "，", "）前", "前", "）", "，", "(", "，", ")", "，")

// pauses are several in a row, of which the last is kept.
var pauses = regexp.MustCompile(`[，、：]+([，、。；：！？\n])`)

// spell writes a sentence as it is said.
func (s *speller) spell(text string) string {
	for _, r := range s.rules {
		text = r.find.ReplaceAllStringFunc(text, func(found string) string { return r.say(r.find.FindStringSubmatch(found)) })
	}
	text = pauses.ReplaceAllString(s.latin(circled.Replace(text)), "$1")
	return strings.Join(strings.Fields(s.lexicon.Replace(text)), " ")
}

var latinWord = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]*`)

// latin says Latin words by their Chinese name or letter by letter.
func (s *speller) latin(text string) string {
	return latinWord.ReplaceAllStringFunc(text, func(w string) string {
		if name, ok := said[strings.ToLower(w)]; ok && !latinWord.MatchString(name) {
			return name
		}
		var b strings.Builder
		for _, r := range w {
			b.WriteString(s.letter(r))
		}
		return b.String()
	})
}

func pinyinLetter(r rune) string {
	r = unicode.ToLower(r)
	if r < 'a' || r > 'z' {
		return string(r)
	}
	return letters[r-'a'] + " "
}

// Lengths of what is said in one piece, in characters: the first short, so
// that it is heard at once.
const (
	firstPiece   = 24
	longestPiece = 60
)

// Sentences cuts a text into the pieces it is said in.
func Sentences(text string) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if piece := strings.TrimSpace(b.String()); strings.ContainsFunc(piece, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			out = append(out, piece)
		}
		b.Reset()
	}
	for i, r := range text {
		b.WriteRune(r)
		n := utf8.RuneCountInString(b.String())
		limit := longestPiece
		if len(out) == 0 {
			limit = firstPiece
		}
		switch {
		case strings.ContainsRune("。！？!?；;\n", r), r == '.' && (i+1 == len(text) || text[i+1] == ' '):
			flush()
		case n >= limit && strings.ContainsRune("，,、：:", r):
			flush()
		}
	}
	flush()
	return out
}
