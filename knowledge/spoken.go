package knowledge

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// spokenMost is how long a spoken answer may be, in characters.
const spokenMost = 60

// spokenItems is how many items of a list are spoken at once.
const spokenItems = 3

var (
	webAddress = regexp.MustCompile(`https?://\S+|www\.\S+|[a-z0-9.-]+\.(cn|com|gov|net|org)\S*`)
	// A number of telephones, with what shows that it is one, or is none.
	phoneLike = regexp.MustCompile(`(拨打?|打)?\b(1[12][0-9]{3}|9[56][0-9]{3}|0[0-9]{2,3}-?[0-9]{7,8}|1[0-9]{10}|110|119|120|122)([元日天年月人条项万千个%.]?)`)
)

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
		return spokenLimit("指南未写明"+p.field.missing()+"，可以拨"+digits(g.ask())+"问。", spokenMost)
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
	if name := g.Title + p.field.Title(); len([]rune(s))+len([]rune(name))+2 <= spokenMost/2 {
		s += "这是" + g.Title + "的" + p.field.Title() + "。"
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

// spokenLimit makes a text fit for the ear and cuts it at a pause.
func spokenLimit(s string, most int) string {
	if strings.ContainsAny(s, "./") {
		s = webAddress.ReplaceAllString(s, "")
	}
	if strings.ContainsAny(s, "0123456789") {
		s = phoneLike.ReplaceAllStringFunc(s, readPhone)
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

// readPhone reads a number digit by digit where it is one to dial: three
// digits only after 拨 or 打, none before a unit.
func readPhone(s string) string {
	m := phoneLike.FindStringSubmatch(s)
	if m[3] != "" || len(m[2]) == 3 && m[1] == "" {
		return s
	}
	return m[1] + digits(m[2])
}

// cutAtPause cuts at the last pause that leaves most of the room used;
// a number is never cut in two.
func cutAtPause(r []rune, most int) string {
	if len(r) <= most {
		return string(r)
	}
	for i := most; i > most/2; i-- {
		if strings.ContainsRune("，。；、,;：:（(", r[i]) {
			return string(r[:i])
		}
	}
	for most > 1 && unicode.IsDigit(r[most-1]) && unicode.IsDigit(r[most]) {
		most--
	}
	return string(r[:most])
}

// digits reads a number digit by digit, as numbers of telephones are read.
func digits(s string) string { return byDigit.Replace(s) }
