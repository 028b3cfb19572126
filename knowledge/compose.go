package knowledge

import (
	"strconv"
	"strings"
)

// answerLimit keeps an answer to what a WeChat message carries well, in
// characters.
const answerLimit = 580

// compose words the fields of a question from one guide. Nothing is inferred:
// every line stands in the guide, and what it does not say is said to be
// missing, with a number to ask.
func (x *index) compose(i int, r *routed) Answer {
	g := &x.guides[i]
	a := Answer{Decision: Answered, Guide: g.ID, Bookable: g.Bookable && g.Home()}
	if g.Type == TypePolicy {
		x.quotePolicy(i, r, &a)
		return a
	}
	fields := x.wanted(g, r)
	parts := make([]part, 0, len(fields)+1)
	for _, f := range fields {
		parts = append(parts, g.part(f))
	}
	if extra := x.telling(g, r, parts); len(extra.lines) > 0 {
		parts = append(parts, extra)
	}
	a.Fields, a.Field = fields, fields[0]
	a.render(g, parts)
	return a
}

// part is what a guide says on one field.
type part struct {
	field   Field
	lines   []string
	near    bool // not the field itself: other lines of the guide on it
	overall bool // an overview: lines carry their own labels
}

// wanted are the fields to answer; a yes-or-no question is answered from
// the conditions.
func (x *index) wanted(g *Guide, r *routed) []Field {
	fields := r.fields
	if len(fields) > 3 {
		fields = fields[:3]
	}
	if len(fields) == 0 && r.asks && len(x.particular(g, r)) > 0 {
		fields = []Field{Conditions}
		if len(g.Result) > 0 {
			fields = append(fields, Result)
		}
	}
	if len(fields) == 0 {
		fields = []Field{Overview}
	}
	return fields
}

func (g *Guide) part(f Field) part {
	if f == Overview {
		return part{field: f, lines: g.overview(), overall: true}
	}
	if lines := g.lines(f); len(lines) > 0 {
		if f == Steps && len(g.Online) > 0 && len(g.Wording) == 0 {
			lines = append(append([]string(nil), lines...), "线上："+strings.Join(g.Online, "、"))
		}
		if f == TimeLimit && strings.Contains(lines[0], "上述") {
			lines = append(append([]string(nil), lines...), g.Steps...)
		}
		return part{field: f, lines: lines}
	}
	if lines := g.near(f); len(lines) > 0 {
		return part{field: f, lines: lines, near: true}
	}
	return part{field: f}
}

// overview is the guide in a few labelled lines.
func (g *Guide) overview() []string {
	var lines []string
	add := func(label string, f Field, sep string, most int) {
		l := g.lines(f)
		if len(l) == 0 {
			return
		}
		if len(l) > most {
			l = append(append([]string(nil), l[:most]...), "等")
		}
		lines = append(lines, label+"："+strings.Join(l, sep))
	}
	if w := g.Wording[Overview]; w != "" {
		lines = append(lines, strings.Split(w, "\n")...)
	}
	if g.Text != "" && g.Type != TypePolicy {
		lines = append(lines, clip(strings.TrimSpace(g.Text), 200))
	}
	add("谁能办", Conditions, "；", 4)
	add("要带", Materials, "、", 6)
	add("怎么办", Steps, " → ", 8)
	add("多久", TimeLimit, "", 3)
	add("费用", Fee, "", 3)
	add("在哪办", Where, "", 3)
	add("线上", Online, "、", 5)
	if len(g.Tips) > 0 {
		lines = append(lines, "留意："+strings.Join(g.Tips, "；"))
	}
	return lines
}

// nearCues are words by which a line speaks of a field though it stands
// under another.
func nearCues(f Field) []string {
	switch f {
	case Proxy:
		return []string{"代办", "代理", "委托", "监护人", "代为", "近亲属", "代操作", "代报"}
	case Visits:
		return []string{"本人到", "到场", "亲自", "现场", "到窗口", "不必同时", "全流程网办", "上门"}
	case Result:
		return []string{"自取", "邮寄", "有效期", "领证", "发证", "发放", "电子证照", "拨付", "领卡"}
	case Hours:
		return []string{"周六", "周日", "周末", "上班", "24小时", "工作日上午", "受理时间"}
	case Online:
		return []string{"线上", "网上", "小程序", "全程网办", "粤省事", "APP"}
	case Fee:
		return []string{"收费", "免费", "工本费", "元/", "费用"}
	case TimeLimit:
		return []string{"工作日", "日内", "当场", "即时"}
	case Where:
		return []string{"窗口", "大厅", "派出所", "中心"}
	}
	return nil
}

// near are lines under other fields that speak of f.
func (g *Guide) near(f Field) []string {
	var lines []string
	for _, other := range Fields() {
		if other == f || other == Legal || other == Phone {
			continue
		}
		lines = appendNear(lines, g.lines(other), f)
	}
	lines = appendNear(lines, g.Tips, f)
	if g.Text != "" {
		lines = appendNear(lines, sentences(g.Text), f)
	}
	return lines[:min(len(lines), 3)]
}

func appendNear(lines, from []string, f Field) []string {
	for _, l := range from {
		for _, cue := range nearCues(f) {
			if strings.Contains(l, cue) {
				lines = append(lines, clip(strings.TrimSpace(l), 160))
				break
			}
		}
	}
	return lines
}

// telling are tips and other lines that speak of what is particular in the
// question (主动辞职, 带押), beyond the guide's own name.
func (x *index) telling(g *Guide, r *routed, parts []part) part {
	particular := x.particular(g, r)
	if len(particular) == 0 {
		return part{}
	}
	said := map[string]bool{}
	for _, p := range parts {
		for _, l := range p.lines {
			said[l] = true
		}
		if p.overall {
			return part{}
		}
	}
	var best [2]struct {
		line  string
		score float32
	}
	consider := func(line string) {
		if said[line] {
			return
		}
		score := x.shares(line, particular)
		if score > best[0].score {
			best[1], best[0] = best[0], struct {
				line  string
				score float32
			}{line, score}
		} else if score > best[1].score {
			best[1].line, best[1].score = line, score
		}
	}
	for _, l := range g.Tips {
		consider(l)
	}
	for _, f := range []Field{Conditions, Materials, Steps, TimeLimit, Fee, Result, Proxy} {
		for _, l := range g.lines(f) {
			consider(l)
		}
	}
	p := part{field: Overview, near: true}
	for _, b := range best {
		if b.score > 0 && b.score >= 0.6*best[0].score {
			p.lines = append(p.lines, b.line)
		}
	}
	return p
}

// particular are the pairs and numbers of a question that are not part of
// the guide's title.
func (x *index) particular(g *Guide, r *routed) map[term]bool {
	title := map[term]bool{}
	eachTerm(fold(g.Title), func(t term) { title[t] = true })
	out := map[term]bool{}
	eachTerm(r.content, func(t term) {
		if kind := t & kindMask; (kind == kindPair || kind == kindRun) && !title[t] {
			out[t] = true
		}
	})
	return out
}

func (x *index) shares(line string, particular map[term]bool) float32 {
	var score float32
	seen := map[term]bool{}
	eachTerm(fold(line), func(t term) {
		if particular[t] && !seen[t] {
			seen[t] = true
			score += x.weight(t)
		}
	})
	return score
}

// render words the parts for each channel and cites them.
func (a *Answer) render(g *Guide, parts []part) {
	var b strings.Builder
	b.WriteString(g.Title)
	b.WriteByte('\n')
	told, care := 0, false
	for _, p := range parts {
		if len(p.lines) == 0 {
			b.WriteString(g.lacks(p.field))
			b.WriteByte('\n')
			continue
		}
		told++
		a.Citations = appendOnce(a.Citations, g.ID+"#"+string(p.cited(g)))
		care = care || g.doubted(p.field) || p.overall && len(g.Verify) > 0
		p.write(&b)
	}
	if told == 0 {
		a.Decision, a.Citations = Abstained, nil
	} else {
		a.Source = g.source()
		if care {
			b.WriteString("这一项还没核实到最新，去之前先拨" + g.ask() + "问一声更稳妥。\n")
		}
	}
	if !g.Home() {
		b.WriteString("这是" + g.Area + "的指南，东莞的办法可能不同，可拨12345确认。\n")
	}
	a.Text = trimLong(strings.TrimSpace(b.String()))
	a.Spoken = g.spoken(parts)
}

func (p part) cited(g *Guide) Field {
	if p.near && p.field == Overview {
		return "tips"
	}
	return p.field
}

func appendOnce(list []string, s string) []string {
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}

// write words a part in plain lines.
func (p part) write(b *strings.Builder) {
	switch {
	case p.overall:
		for _, l := range p.lines {
			b.WriteString(l + "\n")
		}
	case p.near && p.field == Overview:
		b.WriteString("另外：" + strings.Join(p.lines, "；") + "\n")
	case p.near:
		b.WriteString(p.field.Title() + "：指南没有单列，相关的写着“" + strings.Join(p.lines, "”“") + "”\n")
	case len(p.lines) == 1:
		b.WriteString(p.field.Title() + "：" + p.lines[0] + "\n")
	case p.field == Phone || p.field == Online:
		b.WriteString(p.field.Title() + "：" + strings.Join(p.lines, "、") + "\n")
	default:
		b.WriteString(p.field.Title() + "：\n")
		for i, l := range p.lines {
			b.WriteString(strconv.Itoa(i+1) + ". " + l + "\n")
		}
	}
}

// lacks says that the guide does not say.
func (g *Guide) lacks(f Field) string {
	return "指南未写明" + f.missing() + "，可拨" + g.ask() + "问。"
}

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
	var titles []string
	for _, s := range g.Sources {
		if len(titles) == 2 {
			titles[1] += "等"
			break
		}
		titles = append(titles, s.Title)
	}
	s := "来源：" + strings.Join(titles, "、")
	if len(titles) == 0 {
		s = "来源：" + firstOf(g.Department, g.Area, "导入的办事指南")
	}
	if g.AsOf != "" {
		s += "（" + g.AsOf + "）"
	}
	return s
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
	r := []rune(s)
	if len(r) <= answerLimit {
		return s
	}
	cut := string(r[:answerLimit])
	if at := strings.LastIndexAny(cut, "\n；。"); at > len(cut)/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, "\n；") + "\n…内容较多，可接着问其中一项，比如材料、费用、地点。"
}
