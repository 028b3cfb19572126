package knowledge

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What fits. A whole answer is what one WeChat message carries well, a brief
// one a phone's screen without scrolling.
const (
	answerLimit = 580 // characters of a whole answer
	briefBeside = 2   // lines beside the fields asked for, in a brief answer
	briefQuotes = 1   // of offices' words, in a brief answer
	wholeItems  = 8   // of a list in an overview
	briefItems  = 5   // of a list in a brief answer
)

// render words the parts for each channel and cites them.
func (a *Answer) render(g *Guide, parts []part) {
	told, care := false, false
	for _, p := range parts {
		if len(p.lines) == 0 {
			continue
		}
		told = true
		a.Citations = appendOnce(a.Citations, g.ID+"#"+string(p.cited()))
		care = care || g.doubted(p.field) || p.overall && len(g.Verify) > 0
	}
	if !told {
		a.Decision, a.Citations = Abstained, nil
	} else {
		a.Source = g.source()
	}
	notes := g.notes(told && care)
	a.Text = trimLong(quoted(g.worded(a.caveat(), parts, wholeItems*4), a.quotes) + notes)
	a.Brief = trimLong(quoted(g.worded(a.caveat(), a.brief(g, parts), briefItems), a.quotes[:min(len(a.quotes), briefQuotes)]) + notes)
	if a.Spoken = g.spoken(parts); told && parts[0].overall && len(a.deciding) > 0 {
		a.Spoken = g.spoken([]part{{field: Overview, lines: a.deciding, overall: true}})
	}
	if a.unsure && told {
		a.Spoken = spokenLimit("指南没有直接写，相关的是："+a.Spoken, spokenMost)
	}
}

// caveat goes before what may not be an answer.
func (a *Answer) caveat() string {
	if a.unsure {
		return "您问的这一点，指南没有直接写，相关的是：\n"
	}
	return ""
}

// worded are the parts below the guide's title and a caveat.
func (g *Guide) worded(caveat string, parts []part, most int) string {
	var b strings.Builder
	b.WriteString(g.Title + "\n" + caveat)
	for _, p := range parts {
		if len(p.lines) == 0 {
			b.WriteString("指南未写明" + p.wanting() + "，可拨" + g.ask() + "问。\n")
			if p.beside != "" {
				b.WriteString(p.beside + "\n")
			}
			continue
		}
		p.write(&b, most)
	}
	return b.String()
}

// notes are what an answer is to be taken with.
func (g *Guide) notes(care bool) string {
	s := ""
	if care {
		s += "这一项还没核实到最新，去之前先拨" + g.ask() + "问一声更稳妥。\n"
	}
	if !g.Home() {
		s += "这是" + g.Area + "的指南，东莞的办法可能不同，可拨12345确认。\n"
	}
	return s
}

// brief puts the gist in the place of an overview, and of what else has to do with the
// question the likeliest. The lines that decide are never left out: those that would be
// go first.
func (a *Answer) brief(g *Guide, parts []part) []part {
	out := slices.Clone(parts)
	for i := range out {
		p := &out[i]
		switch {
		case p.overall && len(g.lines(Steps)) > 0:
			p.lines = g.gist()
		case p.near && p.field == Overview:
			p.lines = p.lines[:min(len(p.lines), briefBeside)]
		}
	}
	first := part{field: Overview, near: true, leads: true}
	for _, l := range a.deciding {
		if told(parts, l) && !told(shown(out), l) {
			first.lines = append(first.lines, l)
		}
	}
	if len(first.lines) > 0 {
		out = append([]part{first}, out...)
	}
	return out
}

// shown are parts without what a brief answer cuts from their lists.
func shown(parts []part) []part {
	out := slices.Clone(parts)
	for i := range out {
		if p := &out[i]; !p.overall && len(p.lines) > briefItems+1 {
			p.lines = p.lines[:briefItems]
		}
	}
	return out
}

// cited is the part of the guide that is quoted.
func (p part) cited() Field {
	if p.from != "" {
		return p.from
	}
	if p.near && p.field == Overview {
		return "tips"
	}
	return p.field
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// write words a part in plain lines, of a list at most so many items.
func (p part) write(b *strings.Builder, most int) {
	lines, more := p.lines, ""
	if !p.overall && len(lines) > most+1 { // one more costs no more than saying so
		more = p.field.more(len(lines) - most)
		lines = lines[:most]
	}
	title := p.field.Title() + "："
	switch {
	case p.overall, p.bare:
		b.WriteString(strings.Join(lines, "\n") + "\n")
	case p.leads:
		b.WriteString("跟您问的有关：" + strings.Join(lines, "；") + "\n")
	case p.near && p.field == Overview:
		b.WriteString("另外：" + strings.Join(lines, "；") + "\n")
	case p.near:
		b.WriteString(title + "指南没有单列，相关的写着“" + strings.Join(lines, "”“") + "”\n")
	case len(lines) == 1 && more == "":
		b.WriteString(title + lines[0] + "\n")
	case p.field == Phone || p.field == Online:
		b.WriteString(title + strings.Join(lines, "、") + more + "\n")
	default:
		b.WriteString(title + "\n")
		for i, l := range lines {
			b.WriteString(strconv.Itoa(i+1) + ". " + l + "\n")
		}
		if more != "" {
			b.WriteString(strings.TrimPrefix(more, "，") + "\n")
		}
	}
	if p.also != "" {
		b.WriteString(p.also + "\n")
	}
}

// wanting is what the guide does not say.
func (p part) wanting() string { return firstOf(p.lacks, p.field.missing()) }

// ask is the number to ask about a guide.
func (g *Guide) ask() string {
	for _, p := range g.Phone {
		if len(p) >= 5 && p[0] >= '0' && p[0] <= '9' {
			return p
		}
	}
	return "12345"
}

// source is the quiet line under an answer.
func (g *Guide) source() string {
	s := "来源：" + firstOf(g.Department, g.Area, "导入的办事指南")
	if n := len(g.Sources); n > 0 {
		s = "来源：" + g.Sources[0].Title
		if n > 1 {
			s += "等" + strconv.Itoa(n) + "份资料"
		}
	}
	if g.AsOf != "" {
		s += "（" + g.AsOf + "）"
	}
	if g.VerifiedAt != "" {
		s += "，" + g.checker() + string(g.VerifiedAt) + " 核对"
	}
	return s
}

// body is how the name of an office ends, and is longer than a person's where
// people's names end so too.
var body = regexp.MustCompile(`(?:局|中心|政府|街道|法院|检察院|公司|银行|医院|办公室)$|^.{3,}(?:委|办|所|站|队|会|厅|部|处|科|院)$`)

// checker is the body that checked the guide, empty where none is known: a
// person's name is no citizen's business.
func (g *Guide) checker() string {
	if !body.MatchString(g.VerifiedBy) {
		return ""
	}
	return g.VerifiedBy + " "
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// trimLong cuts an answer at a line end.
func trimLong(s string) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= answerLimit {
		return s
	}
	cut := string([]rune(s)[:answerLimit])
	if at := strings.LastIndexAny(cut, "\n；。"); at > len(cut)/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, "\n；") + "\n内容较长，可以接着问其中一项，比如材料、费用、地点。"
}
