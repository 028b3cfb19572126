package knowledge

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// spokenMost is how long a spoken answer may be, in characters.
const spokenMost = 60

// spokenItems is how many items of a list are spoken at once.
const spokenItems = 3

var webAddress = regexp.MustCompile(`https?://\S+|www\.\S+|[a-z0-9.-]+\.(cn|com|gov|net|org)\S*`)

// Signs that are not read out, and numbers of telephones as they are.
var (
	forTheEar = strings.NewReplacer("\n", "，", "→", "，", "“", "", "”", "", " ", "")
	byDigit   = strings.NewReplacer("0", "零", "1", "幺", "2", "二", "3", "三", "4", "四", "5", "五",
		"6", "六", "7", "七", "8", "八", "9", "九", "-", "")
)

// spoken words the first parts for the ear: the value first, no addresses of
// pages, phone numbers digit by digit, at most spokenMost characters.
func (g *Guide) spoken(parts []part) string {
	p := parts[0]
	if len(p.lines) == 0 {
		return spokenLimit("指南未写明"+p.wanting()+"，可以拨"+digits(g.ask())+"问。", spokenMost)
	}
	var s string
	switch {
	case p.overall:
		s = strings.Join(p.lines, "。")
	case p.near:
		s = p.lines[0]
	case p.field == Materials:
		s = "带" + few(g.materialNames(p), "样")
	case p.field == Steps:
		s = few(p.lines, "步")
	case p.field == Conditions, p.field == Legal, p.field == Online:
		s = few(p.lines, "条")
	case p.field == Phone:
		s = "请拨" + digits(strings.Join(p.lines, "，或"))
	default:
		s = strings.Join(p.lines, "，")
	}
	s = strings.TrimRight(s, "。；，") + "。"
	what := p.field.Title()
	if p.near || p.overall {
		what = "指南"
	}
	if len([]rune(s))+len([]rune(g.Title+what))+2 <= spokenMost/2 {
		s += "这是" + g.Title + "的" + what + "。"
	}
	if !g.Home() {
		whose := "这是" + g.Area + "的指南。"
		return spokenLimit(s, spokenMost-len([]rune(whose))) + whose
	}
	return spokenLimit(s, spokenMost)
}

// spokenChoice asks which of some titles is meant, naming as many as fit.
func spokenChoice(titles []string) string {
	s := "您问的是" + titles[0]
	for _, t := range titles[1:] {
		if len([]rune(s+"，还是"+t+"？")) > spokenMost {
			break
		}
		s += "，还是" + t
	}
	return spokenLimit(s+"？", spokenMost)
}

func (g *Guide) materialNames(p part) []string {
	if len(g.Wording) > 0 || len(g.Materials) == 0 {
		return p.lines
	}
	names := make([]string, len(g.Materials))
	for i, m := range g.Materials {
		names[i] = m.Name
	}
	return names
}

// sayMore is how to hear the rest of a list.
const sayMore = "，要听就说还有呢"

// few are the first of a list and how many more there are.
func few(lines []string, unit string) string {
	if len(lines) <= spokenItems {
		return strings.Join(lines, "，")
	}
	return strings.Join(lines[:spokenItems], "，") + "，还有" + strconv.Itoa(len(lines)-spokenItems) + unit + sayMore
}

// unspoken is what spoken leaves of a list; empty where it leaves nothing.
func (g *Guide) unspoken(f Field) string {
	p := g.part(f)
	if p.overall || len(p.lines) <= spokenItems {
		return ""
	}
	lines := p.lines
	if f == Materials {
		lines = g.materialNames(p)
	}
	return spokenLimit(strings.Join(lines[spokenItems:], "，")+"。就这些。", spokenMost)
}

// spokenLimit makes a text fit for the ear and cuts it at a pause.
func spokenLimit(s string, most int) string {
	if strings.ContainsAny(s, "./") {
		s = webAddress.ReplaceAllString(s, "")
	}
	if strings.ContainsAny(s, "0123456789") {
		s = readPhones(s)
	}
	s = forTheEar.Replace(s)
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	if i := strings.LastIndex(s, "，还有"); i > 0 && strings.HasSuffix(s, sayMore+"。") {
		tail := s[i:]
		room := most - len([]rune(tail))
		if room >= 15 {
			return cutAtPause([]rune(s[:i]), room) + tail
		}
	}
	return cutAtPause(r, most-1) + "。"
}

// readPhones reads the numbers of telephones in a text digit by digit: those
// of three digits only after 拨 or 打, none before a unit.
func readPhones(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		j := i
		for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '-' && j+1 < len(s) && s[j+1] >= '0' && s[j+1] <= '9') {
			j++
		}
		if isPhone(s[i:j]) && !measured(s[j:]) && (j-i > 3 || dialled(s[:i])) && (i == 0 || !isLetter(s[i-1])) {
			b.WriteString(s[done:i])
			b.WriteString(digits(s[i:j]))
			done = j
		}
		i = j
	}
	b.WriteString(s[done:])
	return b.String()
}

// isPhone says whether digits are the number of a telephone.
func isPhone(s string) bool {
	plain := strings.Replace(s, "-", "", 1)
	switch n := len(plain); {
	case strings.Contains(plain, "-"):
		return false
	case n == 3:
		return plain == "110" || plain == "119" || plain == "120" || plain == "122"
	case n == 5:
		return strings.HasPrefix(plain, "11") || strings.HasPrefix(plain, "12") || strings.HasPrefix(plain, "95") || strings.HasPrefix(plain, "96")
	case n == 11:
		return plain[0] == '1' && plain == s || plain[0] == '0'
	}
	return plain[0] == '0' && len(plain) >= 10 && len(plain) <= 12
}

// measured says whether what follows a number is a unit.
func measured(after string) bool {
	r, _ := utf8.DecodeRuneInString(after)
	return strings.ContainsRune("元日天年月人条项万千个%.", r) && r != utf8.RuneError
}

func dialled(before string) bool {
	return strings.HasSuffix(before, "拨") || strings.HasSuffix(before, "打")
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// cutAtPause cuts at the last pause that leaves most of the room used, between a
// label and what it labels only where there is no other; a number is never cut
// in two.
func cutAtPause(r []rune, most int) string {
	if len(r) <= most {
		return string(r)
	}
	for _, pauses := range []string{"，。；、,;（(", "：:"} {
		for i := most; i > most/2; i-- {
			if strings.ContainsRune(pauses, r[i]) {
				return string(r[:i])
			}
		}
	}
	for most > 1 && unicode.IsDigit(r[most-1]) && unicode.IsDigit(r[most]) {
		most--
	}
	return string(r[:most])
}

// digits reads a number digit by digit, as numbers of telephones are read.
func digits(s string) string { return byDigit.Replace(s) }
