package knowledge

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// spokenMost is how long a spoken answer may be, in characters.
const spokenMost = 60

var (
	webAddress = regexp.MustCompile(`https?://\S+|www\.\S+|[a-z0-9.-]+\.(cn|com|gov|net|org)\S*`)
	phoneLike  = regexp.MustCompile(`\b(1[12][0-9]{3}|9[56][0-9]{3}|0[0-9]{2,3}-?[0-9]{7,8}|1[0-9]{10}|110|119|120|122)\b`)
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
	default:
		s = strings.Join(p.lines, "，")
	}
	s = strings.TrimRight(s, "。；，") + "。"
	if name := g.Title + p.field.Title(); len([]rune(s))+len([]rune(name))+2 <= spokenMost/2 {
		s += "这是" + g.Title + "的" + p.field.Title() + "。"
	}
	return spokenLimit(s, spokenMost)
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

// few are the first three of a list and how many more there are.
func few(lines []string, unit string) string {
	if len(lines) <= 3 {
		return strings.Join(lines, "，")
	}
	return strings.Join(lines[:3], "，") + "，还有" + strconv.Itoa(len(lines)-3) + unit + "，要我发到微信吗"
}

// spokenLimit makes a text fit for the ear and cuts it at a pause.
func spokenLimit(s string, most int) string {
	s = webAddress.ReplaceAllString(s, "")
	s = phoneLike.ReplaceAllStringFunc(s, digits)
	s = strings.NewReplacer("\n", "，", "→", "，", "“", "", "”", "", " ", "").Replace(s)
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	if i := strings.Index(s, "，还有"); i > 0 && strings.HasSuffix(s, "要我发到微信吗。") {
		tail := s[i:]
		room := most - len([]rune(tail))
		if room >= 15 {
			return cutAtPause([]rune(s[:i]), room) + tail
		}
	}
	return cutAtPause(r, most-1) + "。"
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
func digits(s string) string {
	return strings.NewReplacer("0", "零", "1", "幺", "2", "二", "3", "三", "4", "四", "5", "五",
		"6", "六", "7", "七", "8", "八", "9", "九", "-", "").Replace(s)
}
