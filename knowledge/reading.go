package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// reading is a line of a guide as questions are held against it.
type reading struct {
	line   string   // as the guide has it; empty: only the offices' words are there
	formal []string // the same as offices word it
	quoted []string // of these, what is worth quoting: in other words than the line
	from   Field    // the field it stands under, faqPart, tipsPart or formalPart
	terms  []uint32 // in order
	plain  string   // folded, all of it
	groups []uint16 // of the thesaurus, in order
	kinds  uint16   // what sort of thing it says, see kindsIn
	size   int      // characters
}

// Parts of a guide that are no field, as they are cited.
const (
	faqPart    Field = "faq"
	tipsPart   Field = "tips"
	formalPart Field = "formal"
)

// shelf is what a guide says, line by line.
type shelf struct {
	readings []reading
	rarity   []float32 // of each group of the thesaurus among these lines
	groups   []uint16  // all of them, in order
	all      string    // all lines and names, folded
}

// shelfOf is the shelf of a guide, made when it is first asked.
func (x *index) shelfOf(i int) *shelf {
	if s := x.shelves[i].Load(); s != nil {
		return s
	}
	s := x.newShelf(&x.guides[i])
	x.shelves[i].Store(s)
	return s
}

func (x *index) newShelf(g *Guide) *shelf {
	s := &shelf{}
	put := func(from Field, line, more string) {
		if line = strings.TrimSpace(line); line != "" {
			s.readings = append(s.readings, reading{line: line, from: from, plain: string(fold(line + "\n" + more))})
		}
	}
	for _, f := range Fields() {
		if f == Overview || f == Phone {
			continue
		}
		for _, l := range g.lines(f) {
			put(f, l, "")
		}
	}
	for _, l := range g.Tips {
		put(tipsPart, l, "")
	}
	plain := canon(g.plainly())
	for _, l := range g.Formal {
		if !contradicts(l, plain) {
			s.formal(l)
		}
	}
	for _, qa := range g.FAQ {
		put(faqPart, qa.A, qa.Q)
	}
	t := thesaurusOf()
	has := make([]int, t.size)
	for k := range s.readings {
		r := &s.readings[k]
		text := []rune(r.plain)
		r.terms = x.numbered(termsOf(text))
		slices.Sort(r.terms)
		r.groups, r.kinds = t.in(text), kindsIn(r.plain)
		r.size = utf8.RuneCountInString(r.line)
		r.quoted = r.inOtherWords()
		for _, n := range r.groups {
			has[n]++
		}
	}
	s.rarity = make([]float32, t.size)
	var all strings.Builder
	for k := range s.readings {
		all.WriteString(s.readings[k].plain + "\n")
	}
	for _, c := range g.calls() {
		all.WriteString(string(fold(c)) + "\n")
	}
	s.all = all.String()
	s.groups = t.in([]rune(s.all))
	for n, k := range has {
		s.rarity[n] = float32(math.Log(1 + float64(len(s.readings))/float64(k+1)))
	}
	return s
}

// twinShare is how many of the pairs of an office's line a plain one must have to be
// the same line.
const twinShare = 0.35

// formal puts an office's line beside the plain line that says the same.
func (s *shelf) formal(line string) {
	text := string(fold(line))
	best, most := -1, float32(twinShare)
	for k := range s.readings {
		if r := &s.readings[k]; r.from != formalPart {
			if n := pairsShared(text, r.plain); n > most {
				best, most = k, n
			}
		}
	}
	if best < 0 {
		s.readings = append(s.readings, reading{formal: []string{line}, from: formalPart, plain: text})
		return
	}
	r := &s.readings[best]
	r.formal = append(r.formal, line)
	r.plain += "\n" + text
}

// plainly are all the plain lines of a guide.
func (g *Guide) plainly() string {
	own := *g
	own.Formal = nil
	return own.body()
}

// contradicts tells whether an office's line has a number that stands in no plain one:
// the plain line was changed since, and it is not quoted any more.
func contradicts(line, plain string) bool {
	return slices.ContainsFunc(factsOf(canon(line)), func(f fact) bool { return f.standsIn(plain) == 0 })
}

// pairsShared is how many of the pairs of a text stand in another, 0 to 1.
func pairsShared(text, in string) float32 {
	n, said := 0, 0
	runes := []rune(text)
	for k := 0; k+1 < len(runes); k++ {
		if (isHan(runes[k]) || isWord(runes[k])) && (isHan(runes[k+1]) || isWord(runes[k+1])) {
			n++
			if strings.Contains(in, string(runes[k:k+2])) {
				said++
			}
		}
	}
	if n == 0 {
		return 0
	}
	return float32(said) / float32(n)
}

// Sorts of things that are asked for and told.
const (
	kindMoney = iota
	kindSpan  // how long
	kindDay   // a date
	kindAge
	kindPhone
	kindShare // how it is reckoned
	kindPlace
	kindWho
	kindHow // by which way
	kindCount
)

var asksFor = [kindCount]pattern{
	kindMoney: newPattern(`钱|费|多少元|几块|贵|几多$|金额|收不收|块`, "钱费元块贵多额收"),
	kindSpan:  newPattern(`多久|几天|多少天|几个月|多少个月|几年|多少年|多长|多少日|几日|几个工作日|啥时候|什么时候|何时|限期|期限|最长|最快|年头`, "久几天月年长日时限最"),
	kindDay:   newPattern(`哪天|几号|哪一天|什么时候|啥时候|何时|哪个月|几月|哪年|从什么|截止|日期|期间`, "哪几时什截日期"),
	kindAge:   newPattern(`几岁|多大|岁|年龄|年纪`, "几多岁年"),
	kindPhone: newPattern(`电话|号码|热线|打哪|拨哪|打给谁`, "电号热打拨"),
	kindShare: newPattern(`怎么算|怎样算|如何算|咋算|公式|比例|百分|标准|按什么`, "算公比百标按"),
	kindPlace: newPattern(`哪里|哪儿|在哪|去哪|哪个(地方|部门|单位|窗口|网点|镇)|什么地方|到哪|边度|递到`, "哪地边递"),
	kindWho:   newPattern(`谁|哪个人|什么人|哪些人|本人|代|帮|替|陪|一起`, "谁哪什本代帮替陪一"),
	kindHow:   newPattern(`网上|手机|线上|小程序|app|自助|邮寄|寄|快递|微信|哪点|哪里点`, "网手线小a自邮寄快微点"),
}

var tells = [kindCount]*automaton{
	kindMoney: newAutomaton(`[0-9]元|免费|工本费|费用|由.{0,6}(出|付|缴|交)|承担`),
	kindSpan:  newAutomaton(`[0-9](个)?(天|日|工作日|个月|年|小时)|当场|即时|即办|长期|马上|次月|下个月`),
	kindDay:   newAutomaton(`[0-9]{4}[年-][0-9]+|[0-9]+月[0-9]+日|次月|次年|每天|周[一二三四五六日]|当月|那个月`),
	kindAge:   newAutomaton(`[0-9](周)?岁`),
	kindPhone: newAutomaton(`1[12][0-9]{1,3}|[0-9]{7,}`),
	kindShare: newAutomaton(`÷|×|%|除以|乘|比例|基数|平均`),
	kindPlace: newAutomaton(`窗口|大厅|派出所|分局|网点|中心|社区|医院|机构|登记处|户籍地|所在地|任一`),
	kindWho:   newAutomaton(`本人|监护人|近亲属|委托|代办|代|双方|一方|陪|家人`),
	kindHow:   newAutomaton(`网上|线上|小程序|app|自助|邮寄|快递|ems|粤省事|平台|公众号|12123`),
}

// kindsIn are the sorts of things a folded line tells, as bits.
func kindsIn(text string) uint16 {
	var kinds uint16
	runes := []rune(text)
	for k := range tells {
		if tells[k].in(runes) {
			kinds |= 1 << k
		}
	}
	return kinds
}

// leafCount is how many leaves a reading is judged by.
const leafCount = 14 + kindCount

// leaves are what speaks for each line of a guide that a question asks for it.
func (x *index) leaves(i int, r *routed, s *shelf, fields []Field) [][leafCount]float32 {
	asked := x.askedOf(i, r)
	var all float32
	for _, a := range asked {
		all += a.weight
	}
	particular := x.particular(i, r)
	masked := x.masked(i, r.text)
	groups := thesaurusOf().in([]rune(masked))
	var allGroups float32
	for _, n := range groups {
		allGroups += s.rarity[n]
	}
	manners := manner().likely(masked)
	var kinds uint16
	for k := range asksFor {
		if asksFor[k].fits(r) {
			kinds |= 1 << k
		}
	}
	out := make([][leafCount]float32, len(s.readings))
	for k := range s.readings {
		d := &s.readings[k]
		var said, same float32
		for _, a := range asked {
			if _, in := slices.BinarySearch(d.terms, a.number); in && a.known {
				said += a.weight
			}
		}
		for _, n := range groups {
			if _, in := slices.BinarySearch(d.groups, n); in {
				same += s.rarity[n]
			}
		}
		l := &out[k]
		if all > 0 {
			l[0] = said / all
		}
		l[1] = min(3, said/x.unseen) / 3
		l[2] = min(3, shares(d.plain, particular)/x.unseen) / 3
		if allGroups > 0 {
			l[3] = same / allGroups
		}
		l[4] = min(4, same) / 4
		at := d.from
		if p, ok := manners[at]; ok {
			l[5] = float32(max(-6, math.Log(p+1e-9))) / 6
		} else {
			l[5] = -0.4
		}
		l[6] = when(slices.Contains(r.fields, at), 1, 0)
		l[7] = when(slices.Contains(fields, at), 1, 0)
		l[8] = when(at == tipsPart, 1, 0)
		l[9] = when(at == faqPart, 1, 0)
		l[10] = when(at == formalPart, 1, 0)
		l[11] = float32(min(d.size, 60)) / 60
		l[12] = when(r.asks && at == Conditions, 1, 0)
		l[13] = when(at == Materials, 1, 0)
		for n := range kindCount {
			bit := uint16(1) << n
			l[14+n] = when(kinds&bit != 0 && d.kinds&bit != 0, 1, 0)
		}
	}
	return out
}

// leafWeights are those of a softmax over the lines of the right guide, learnt from
// our own questions (TestReadingIsLearnt -learn).
var leafWeights = [leafCount]float32{2.08, 3.89, 1.05, -0.78, 4.01, 2.13, 1.82, 1.62, 0.84, -0.94, 0.50, 0.70, -1.37, 0.52, 1.49, 1.89, 1.07, 1.00, 3.74, 1.87, 1.52, 0.93, 0.10}

// likelihood is a line with how likely a question asks for it, among all of its guide.
type likelihood struct {
	*reading
	p      float32
	leaves *[leafCount]float32
}

// shares tells whether a line has a word of the question, or one for the same thing.
func (l *likelihood) shares() bool { return l.leaves[0] > 0 || l.leaves[4] > 0 }

// read puts the lines of a guide in order by how likely a question asks for each.
func (x *index) read(i int, r *routed, fields []Field) []likelihood {
	if len(r.text) == 0 {
		return nil // a field was chosen, nothing was asked
	}
	s := x.shelfOf(i)
	leaves := x.leaves(i, r, s, fields)
	out := make([]likelihood, len(leaves))
	sum := 0.0
	for k := range leaves {
		z := 0.0
		for n, v := range leaves[k] {
			z += float64(v * leafWeights[n])
		}
		out[k] = likelihood{&s.readings[k], float32(math.Exp(z)), &leaves[k]}
		sum += math.Exp(z)
	}
	for k := range out {
		out[k].p /= float32(sum)
	}
	slices.SortStableFunc(out, func(a, b likelihood) int { return cmp.Compare(b.p, a.p) })
	return out
}

// How many lines are told beside the fields that were asked for, and how likely one
// must be. The likeliest goes first where it is at least readLeads.
const (
	readMost  = 5
	readLeast = 0.015
	readLeads = 0.3
)

// otherWords is up to how many shared pairs an office's line is in other words than
// the plain one, and quoted.
const otherWords = 0.8

// telling are the lines that a question most likely asks for, whatever field they
// stand under, beyond what the parts tell, and the offices' words for any of them.
func telling(lines []likelihood, r *routed, g *Guide, parts []part) (p part, quotes []quote) {
	p = part{field: Overview, near: true}
	for k, d := range lines {
		if k == readMost || d.p < readLeast {
			break
		}
		if !g.still(d.reading) {
			continue
		}
		line := d.says()
		if !told(append(lists(parts), p), line) {
			if len(p.lines) == 0 {
				p.from, p.leads = d.from, d.p >= readLeads && !r.valued(parts)
			}
			p.lines, p.shares = append(p.lines, line), p.shares || d.shares()
		}
		for _, f := range d.quoted {
			quotes = append(quotes, quote{line, f})
		}
	}
	return p, quotes
}

// says is a line as it is told: in plain words where the guide has them.
func (d *reading) says() string {
	if d.line != "" || len(d.formal) == 0 {
		return d.line
	}
	return d.formal[0]
}

// inOtherWords are the offices' lines that differ from what is told.
func (d *reading) inOtherWords() []string {
	said := string(fold(d.says()))
	return slices.DeleteFunc(slices.Clone(d.formal), func(f string) bool { return pairsShared(string(fold(f)), said) >= otherWords })
}

// lists are parts without overviews: a line that answers is not left to be found in one.
func lists(parts []part) []part {
	return slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.overall })
}

// quote is what offices say for a plain line.
type quote struct{ line, formal string }

// quoted puts the offices' words behind the plain ones in a text.
func quoted(text string, quotes []quote) string {
	for _, q := range quotes {
		if !strings.Contains(text, q.formal) {
			text = strings.Replace(text, q.line, q.line+"（原文：“"+q.formal+"”）", 1)
		}
	}
	return text
}

// still tells whether a line is the guide's in the town and the case at hand.
func (g *Guide) still(d *reading) bool {
	switch d.from {
	case faqPart, formalPart:
		return true
	case tipsPart:
		return slices.Contains(g.Tips, d.line)
	}
	return slices.Contains(g.lines(d.from), d.line)
}
