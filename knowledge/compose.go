package knowledge

import (
	"slices"
	"strconv"
	"strings"
)

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
	r.known = x.caseOf(g, r.plain, r.known)
	g = g.In(r.town).inCase(r.known)
	if e := r.entry; e != nil {
		a.Field, a.Fields = e.under, []Field{e.under}
		parts := []part{e.part(g)}
		if !e.alone {
			parts = append(parts, g.part(e.under))
		}
		a.render(g, parts)
		return a
	}
	f := x.find(i, r, g)
	a.Field, a.Fields, a.quotes, a.deciding = f.fields[0], f.fields, f.quotes, f.deciding()
	switch d, words := x.doubt(i, r, &f); {
	case d >= unsaidBar:
		a.leaveOpen(g, &f, words)
		return a
	case d >= unsureBar:
		a.unsure = true
	}
	a.render(g, f.parts)
	if s := g.open(a.Fields, r.known); s != nil && a.Decision == Answered {
		a.narrow(s)
	}
	return a
}

// found is what a guide has on a question.
type found struct {
	fields []Field // that are answered
	parts  []part
	lines  []likelihood // all of the guide's, the likeliest first
	quotes []quote
	day    bool // it is told of a day whether a hall is open
}

// How many lines decide, and how likely one must be.
const (
	decideMost  = 2
	decideLeast = 0.1
)

// deciding are the lines that most likely answer.
func (f *found) deciding() []string {
	var lines []string
	for k := range f.lines[:min(len(f.lines), decideMost)] {
		if l := &f.lines[k]; l.p >= decideLeast && l.line != "" {
			lines = append(lines, l.line)
		}
	}
	return lines
}

// find gathers what a guide has on a question, in the order in which it is told.
func (x *index) find(i int, r *routed, g *Guide) found {
	f := found{fields: x.seconded(i, r, g.wanted(r, x.owncase(i, r)))}
	for _, field := range f.fields {
		p := g.part(field)
		if first := g.told(field, r.known); len(first) > 0 {
			p.lines, p.near = append(first, p.lines...), false
		}
		if field == Hours && len(p.lines) == 0 {
			p.beside = x.hallHours(g, r.town)
		}
		f.parts = append(f.parts, p)
	}
	f.lines = x.read(i, r, f.fields)
	var extra part
	extra, f.quotes = telling(f.lines, r, g, f.parts)
	extra.leads = extra.leads || r.only(Steps) && x.adds(i, r, f.parts, extra)
	if missing := !slices.ContainsFunc(f.parts, func(p part) bool { return len(p.lines) > 0 }); missing && !(extra.shares && (extra.leads || r.asks)) {
		extra = part{} // nothing stands in for what the guide does not say
	}
	switch {
	case len(extra.lines) == 0 && r.asks:
		if x.owncase(i, r) && len(g.Result) > 0 && !slices.Contains(f.fields, Result) {
			f.fields = append(f.fields, Result)
			f.parts = append(f.parts, g.part(Result))
		}
		tips := slices.DeleteFunc(slices.Clone(g.Tips), func(l string) bool { return told(f.parts, l) })
		if len(tips) > 0 && !slices.ContainsFunc(f.parts, func(p part) bool { return p.overall }) {
			f.parts = append(f.parts, part{field: Overview, near: true, lines: tips}) // where most cases of one's own are told of
		}
	case len(extra.lines) == 0:
	case extra.leads: // what speaks of the citizen's own case goes first
		f.parts = append([]part{extra}, f.parts...)
	default:
		f.parts = append(f.parts, extra)
	}
	if told := g.openOn(r.day, r.town); told != "" && f.fields[0] == Hours {
		f.parts, f.day = append([]part{{field: Hours, lines: []string{told}, bare: true}}, f.parts...), true
	}
	f.parts = once(f.parts)
	return f
}

// hallHours are those of the halls, for a guide that can be booked there and says no
// hours of its own; empty if there are none.
func (x *index) hallHours(g *Guide, town string) string {
	if !g.Bookable || !g.Home() {
		return ""
	}
	for _, i := range x.general {
		h := x.guides[i].In(town)
		if slices.Contains(h.General, Hours) && len(h.Hours) > 0 {
			return "能预约的政务大厅：" + strings.Join(h.Hours, "；")
		}
	}
	return ""
}

// once leaves out what was told before: the ways on the net behind steps and place
// both, a line that another says in nearly the same words.
func once(parts []part) []part {
	ways := slices.ContainsFunc(parts, func(p part) bool { return p.field == Online && len(p.lines) > 0 })
	for i := range parts {
		p := &parts[i]
		if ways {
			p.also = ""
		}
		ways = ways || p.also != ""
		if !p.near {
			continue // a field is told whole
		}
		var lines []string
		for _, l := range p.lines {
			if !slices.ContainsFunc(lines, func(had string) bool { return repeats(l, had) }) {
				lines = append(lines, l)
			}
		}
		p.lines = lines
	}
	return parts
}

// repeatShare is how many of its pairs a line shares with one that says the same.
const repeatShare = 0.7

// repeats tells whether a line says what was said, in nearly the same words and with
// no other number.
func repeats(line, said string) bool {
	return pairsShared(string(fold(line)), string(fold(said))) >= repeatShare && !contradicts(line, canon(said))
}

// seconded adds the field that a question's manner asks for to those its words name,
// where the guide has something on it.
func (x *index) seconded(i int, r *routed, fields []Field) []Field {
	missing := !slices.ContainsFunc(fields, func(f Field) bool { return slices.Contains(x.told[i], f) })
	if len(fields) > 2 || len(r.text) == 0 || missing || len(fields) == 1 && fields[0] == Phone { // what the guide does not have is said to be missing
		return fields
	}
	f, sure := manner().second(x.masked(i, r.text), fields)
	if !sure || !slices.Contains(x.told[i], f) {
		return fields
	}
	if g := &x.guides[i]; f == Result && slices.Contains(fields, Fee) && !g.pays() {
		return fields // how much is not how a paper is had
	}
	return append(fields, f)
}

// narrow offers the choices of a situation that changes what was told.
func (a *Answer) narrow(s *Situation) {
	a.Narrow = s.Ask
	for _, o := range s.Options[:min(len(s.Options), 4)] {
		a.Options = append(a.Options, Option{Text: o.Label, Guide: a.Guide, Field: a.Field, Case: s.ID + "=" + o.ID})
	}
}

// owncase tells whether a question asks can-I of something particular and
// names no field.
func (x *index) owncase(i int, r *routed) bool {
	return len(r.fields) == 0 && r.asks && len(x.particular(i, r)) > 0
}

// part is what a guide says on one field.
type part struct {
	field   Field
	lines   []string
	near    bool   // not the field itself: other lines of the guide on it
	also    string // a line below the list
	bare    bool   // lines that need no label
	leads   bool   // lines on what is particular in the question, told first
	from    Field  // where those stand; empty: among the tips
	beside  string // what another guide has, where this one has nothing
	shares  bool   // those have a word of the question, or one for the same thing
	overall bool   // an overview: lines carry their own labels
	lacks   string // what is missing, where it is no whole field
}

// wanted are the fields to answer; a yes-or-no question on nothing else is
// answered from the conditions.
func (g *Guide) wanted(r *routed, owncase bool) []Field {
	if fields := g.hinted(r); len(fields) > 0 {
		return g.sums(fields, r)
	}
	if owncase {
		return []Field{Conditions}
	}
	return []Field{Overview}
}

// sums puts what a guide pays in the place of what it costs, or the other way
// round, where the words "how much" must mean that one: 津贴多少钱, 补证多少钱.
func (g *Guide) sums(fields []Field, r *routed) []Field {
	pays := g.pays()
	costs := strings.Contains(strings.Join(g.lines(Fee), ""), "元")
	for i, f := range fields {
		switch {
		case f == Result && r.fetch && len(g.lines(Where)) > 0 && !slices.Contains(fields, Where):
			fields[i] = Where
			if len(g.lines(Result)) > 0 {
				fields = append(fields, Result)
			}
			return fields
		case f == Result && r.claim && pays && !slices.Contains(fields, Steps):
			fields[i] = Steps // money is claimed, only papers are fetched
		case f == Where && pays && r.says(paidInto) && !slices.Contains(fields, Result):
			return slices.Insert(fields, i, Result)
		case f == TimeLimit && r.says(paidOver) && len(g.lines(Result)) > 0 && !slices.Contains(fields, Result):
			return slices.Insert(fields, i, Result)
		case f == Result && r.sum && !pays && costs && !slices.Contains(fields, Fee):
			fields[i] = Fee
		case f == Fee && pays && !costs && !slices.Contains(fields, Result):
			return slices.Insert(fields, i, Result)
		}
	}
	return fields
}

// pays tells whether money is what a guide brings.
func (g *Guide) pays() bool { return strings.Contains(strings.Join(g.lines(Result), ""), "元") }

// paidOver are words by which "how long" is of what is had and not of the wait:
// 津贴多少天, 从什么时候发.
var paidOver = []string{"津贴", "假", "发", "领几", "领多", "有效", "管多", "用多"}

// paidInto are words by which "where" is of the money: 补贴打到哪里.
var paidInto = []string{"打到", "发到", "到账", "到哪个卡", "哪张卡", "哪个账户"}

func (g *Guide) part(f Field) part {
	if f == Overview {
		return part{field: f, lines: g.overview(wholeItems), overall: true}
	}
	if lines := g.lines(f); len(lines) > 0 {
		p := part{field: f, lines: lines}
		if (f == Steps || f == Where) && len(g.Online) > 0 && len(g.Wording) == 0 { // where to do it is a page as well as a place
			p.also = "网上办：" + strings.Join(g.Online, "、")
		}
		return p
	}
	if lines := g.near(f); len(lines) > 0 {
		return part{field: f, lines: lines, near: true}
	}
	return part{field: f}
}

// overview is the guide in a few labelled lines; most is how many items of a
// list are named.
func (g *Guide) overview(most int) []string {
	var lines []string
	add := func(label string, f Field, sep string) {
		l := g.lines(f)
		if len(l) == 0 {
			return
		}
		more := ""
		if len(l) > most {
			more = f.more(len(l) - most)
			l = l[:most]
		}
		lines = append(lines, label+"："+strings.Join(l, sep)+more)
	}
	if w := g.Wording[Overview]; w != "" {
		lines = append(lines, strings.Split(w, "\n")...)
	}
	if g.Text != "" && g.Type != TypePolicy {
		lines = append(lines, clip(strings.TrimSpace(g.Text), 200))
	}
	add("谁能办", Conditions, "；")
	if strings.Contains(strings.Join(g.Result, ""), "元") {
		add("能得到", Result, "；")
	}
	add("要带", Materials, "、")
	add("怎么办", Steps, " → ")
	add("多久", TimeLimit, "；")
	add("费用", Fee, "；")
	add("在哪办", Where, "；")
	add("网上", Online, "、")
	if len(g.Tips) > 0 {
		lines = append(lines, "留意："+strings.Join(g.Tips, "；"))
	}
	return lines
}

// gist is the guide on a part of a phone's screen: what most people ask.
func (g *Guide) gist() []string {
	var lines []string
	if w := g.Wording[Overview]; w != "" {
		lines = append(lines, clip(oneLine(w), 60))
	} else if g.Text != "" {
		lines = append(lines, clip(oneLine(g.Text), 80))
	}
	if pays := strings.Join(g.Result, "；"); strings.Contains(pays, "元") {
		lines = append(lines, "能得到："+clip(pays, 90))
	}
	if n := len(g.Materials); n > 0 && g.Wording[Materials] == "" {
		var names []string
		for _, m := range g.Materials[:min(n, 4)] {
			names = append(names, m.Name)
		}
		lines = append(lines, "要带："+strings.Join(names, "、")+Materials.more(n-len(names)))
	} else if l := g.lines(Materials); len(l) > 0 {
		lines = append(lines, "要带："+clip(strings.Join(l, "、"), 60))
	}
	if l := g.lines(Steps); len(l) > 0 {
		lines = append(lines, "第一步："+clip(l[0], 40)+Steps.more(len(l)-1))
	}
	for _, f := range []struct {
		label string
		field Field
	}{{"多久", TimeLimit}, {"费用", Fee}, {"在哪办", Where}} {
		l := g.lines(f.field)
		if g.Plain[f.field] != "" && g.Wording[f.field] == "" {
			l = g.official(f.field) // both would say it twice
		}
		if len(l) > 0 {
			lines = append(lines, f.label+"："+clip(strings.Join(l, "；"), 50))
		}
	}
	if len(lines) == 0 {
		return g.overview(briefItems)
	}
	return lines
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// more says how many items of a list are not named here.
func (f Field) more(n int) string {
	if n <= 0 {
		return ""
	}
	unit := "条"
	switch f {
	case Materials:
		unit = "样"
	case Steps:
		unit = "步"
	case Online, Where:
		unit = "处"
	}
	return "，还有 " + strconv.Itoa(n) + " " + unit
}

// nearCues are words by which a line speaks of a field though it stands
// under another.
func nearCues(f Field) []string {
	switch f {
	case Proxy:
		return []string{"代办", "代理", "委托", "监护人", "代为", "近亲属", "代操作", "代报", "亲自", "本人到"}
	case Visits:
		return []string{"本人到", "陪", "代办", "到场", "亲自", "现场", "到窗口", "不必同时", "全流程网办", "上门"}
	case Result:
		return []string{"自取", "邮寄", "领", "有效期", "领证", "发证", "发放", "电子证照", "拨付", "领卡"}
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

// valued tells whether a field that the question names by itself is answered:
// its value comes first then, whatever else has to do with it.
func (r *routed) valued(parts []part) bool {
	named := len(r.fields) > 0 && !(r.only(Conditions) && r.asks)
	return named && len(parts) > 0 && len(parts[0].lines) > 0 && !parts[0].near && !parts[0].overall
}

// A pair is a common word of a guide's matter where at least so many of its
// names, and one in so many, have it.
const (
	commonCalls = 3
	commonShare = 7
)

// commonOf are the terms of a guide's matter, by number and in order: those
// of its title and those of several of its other names.
func (x *index) commonOf(g *Guide) []uint32 {
	calls := map[term]int{}
	var common []uint32
	names := g.calls()
	many := max(commonCalls, len(names)/commonShare)
	for i, c := range names {
		for _, t := range termsOf(fold(c)) {
			if calls[t]++; i == 0 || calls[t] == many {
				if n, known := x.terms.number(t); known {
					common = append(common, n)
				}
			}
		}
	}
	slices.Sort(common)
	return slices.Compact(common)
}

// rareChar is how rare a character must be to tell something by itself.
const rareChar = 0.55

// trait is something particular in a question.
type trait struct {
	text   string
	weight float32
}

// particular are the pairs and numbers of a question that are no common part
// of what the guide is called.
func (x *index) particular(i int, r *routed) []trait {
	var out []trait
	put := func(text []rune, w *word) {
		if w.known {
			if _, common := slices.BinarySearch(x.common[i], w.number); common {
				return
			}
		}
		s := string(text)
		if !slices.ContainsFunc(out, func(o trait) bool { return o.text == s }) {
			out = append(out, trait{s, x.weight(w)})
		}
	}
	text := r.content
	for k := 0; k < len(text); k++ {
		switch {
		case k+1 < len(text) && isHan(text[k]) && isHan(text[k+1]):
			put(text[k:k+2], &r.words.pairs[k])
			if w := &r.words.chars[k]; w.idf > rareChar*x.unseen && !r.soft[k] {
				put(text[k:k+1], w)
			}
		case isWord(text[k]):
			j := k
			for j < len(text) && isWord(text[j]) {
				j++
			}
			put(text[k:j], &r.words.chars[k])
			k = j - 1
		}
	}
	return out
}

// shares is how much of what is particular a line has.
func shares(line string, particular []trait) float32 {
	var score float32
	for _, t := range particular {
		if strings.Contains(line, t.text) {
			score += t.weight
		}
	}
	return score
}
