package knowledge

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// entry is something of a service's entry in the catalogue that has no field of its
// own and is asked for now and then: its code, the sample of a form, what a fee is
// founded on. What the guide does not have is said to be missing, and never answered
// by something near it.
type entry struct {
	title  string
	form   pattern
	under  Field // the field it belongs to
	alone  bool  // nothing else is answered with it
	tell   func(g *Guide) string
	own    bool // a matter by itself, whatever guide it is asked of
	verbal bool // its words begin with what is done, which is the matter's
}

var entries = []entry{
	{"实施编码", newPattern(`(实施|事项|基本|办理项|业务)(的)?(编码|代码|编号)`, "编代"), Legal, true, func(g *Guide) string { return g.Codes.Item }, false, false},
	{"样表和空白表", newPattern(`样表|样本|范本|范例|填写样例|填表说明|空白(的)?(表|申请)|(申请)?(表|表格)(在|从|到|去)?(哪里|哪儿|哪|什么地方)?(可以|能)?(下载|打印)|下载.{0,6}表`, "样范填空表载"), Materials, true, (*Guide).samples, false, false},
	{"收费依据", newPattern(`(收费|费用|收钱)(的)?(标准)?(的)?(依据|文件|根据)|(凭|依据|根据)什么收(费|钱)`, "依据凭文根"), Fee, false, (*Guide).feeBasis, false, false},
	{"要交哪些税、交多少", newPattern(`(交|缴|要|收|扣)(得|的)?(几样|几种|哪些|哪几样|哪几种|什么|啥|多少|几多)(个)?税|税(费|金|钱)?(一共|总共)?(要|得|是|大概)?(交|缴|收)?(多少|几多|怎么算|几个点|几样)|(要不要|用不用|需不需要|使唔使)(再)?(交|缴)税`, "税"), Fee, false, (*Guide).taxes, false, false},
	{"投诉电话", newPattern(`(投诉|监督|举报)(的)?(电话|热线|号码)`, "投监举"), Phone, false, func(g *Guide) string { return strings.Join(g.Complain, "、") }, true, false},
	{"受理范围", newPattern(`(受理|办理|通办|适用)(的)?范围`, "范"), Conditions, false, func(g *Guide) string { return firstOf(g.Scope, g.Who) }, false, false},
	{"主管部门", newPattern(`(哪个|什么|哪些|啥)(部门|单位|局|机关)(在)?(管|负责|主管|审批)|(主管|负责)(的)?(部门|单位)|归(谁|哪个(部门|单位|局))(来)?管|(是)?谁主管`, "管负主审"), Where, false, func(g *Guide) string { return g.Department }, false, false},
	{"可以办几次", newPattern(`(能|可以|可|允许|准)(申请|提取|领取|领|提|取|办|换|签|约|考|报|用|享受)(得)?(取)?(几|多少|几多)(次|回)|(提取|领取|申请|提|取|领|办|做|认证|签|换)(几|多少|几多)(次|回)`, "次回"), Conditions, false, (*Guide).howOften, false, true},
	{"行政复议和诉讼的办法", newPattern(`行政复议|行政诉讼|(申请|提起)复议`, "复诉"), Legal, true, func(g *Guide) string { return g.Remedy }, true, false},
}

// often is how a guide tells how often something is done.
var often = newAutomaton(`(每|一|1)[0-9一二两三四五六]*(个)?(年|月|季度|周岁|季).{0,8}[一0-9两]次|(只能|最多|限|可以|能).{0,6}[一0-9两]次|次数`)

// howOften are the lines that tell how often something may or must be done.
func (g *Guide) howOften() string {
	var all []string
	for _, f := range []Field{Conditions, Steps, Result} {
		for _, l := range g.lines(f) {
			if often.in([]rune(string(fold(l)))) {
				all = append(all, l)
			}
		}
	}
	return strings.Join(all, "；")
}

// samples are the forms a guide has addresses of.
func (g *Guide) samples() string {
	var all []string
	for _, m := range g.Materials {
		if m.SampleURL != "" {
			all = append(all, m.Name+" "+m.SampleURL)
		}
	}
	return strings.Join(all, "；")
}

// feeBasis is what the charges are founded on.
func (g *Guide) feeBasis() string {
	var all []string
	for _, f := range g.Fees {
		if f.Basis != "" {
			all = append(all, f.Item+"："+f.Basis)
		}
	}
	return strings.Join(all, "；")
}

// taxes are what a guide says of them with a figure, or that there are none.
func (g *Guide) taxes() string {
	var all []string
	for _, l := range append(g.lines(Fee), g.Tips...) {
		if strings.Contains(l, "税") && (strings.ContainsAny(l, "0123456789%") && !strings.Contains(l, "另计") || strings.Contains(l, "免税")) {
			all = append(all, l)
		}
	}
	return strings.Join(all, "；")
}

// catalogued notes what of the catalogue a question asks for, and takes the words for it
// out of its matter.
func (r *routed) catalogued() {
	for i := range entries {
		e := &entries[i]
		said := e.form.in(r)
		if said == "" {
			continue
		}
		r.entry, r.fields = e, []Field{e.under}
		if i := strings.IndexAny(said, "几多"); i > 0 && e.verbal {
			said = said[i:] // what is done how often stays
		}
		at := utf8.RuneCountInString(r.plain[:strings.Index(r.plain, said)])
		for k := range utf8.RuneCountInString(said) {
			r.content[at+k] = ' '
		}
		return
	}
}

// part tells an entry, or that the guide does not have it.
func (e *entry) part(g *Guide) part {
	p := part{field: e.under, bare: true}
	if told := e.tell(g); told != "" {
		p.lines = []string{e.title + "：" + told}
	} else {
		p.lacks = e.title
	}
	return p
}

// Lack is something that guides do not have, with those that do not.
type Lack struct {
	Title  string
	Guides []string // ids, in the order of the guides
}

// Lacks are the things that the city's own guides in force do not have: fields a
// citizen asks for, entries of the catalogue, and what those who keep guides need to
// know of a source. What most of them lack goes first. Whoever asks for one is told
// that it is missing and whom to call.
func Lacks(guides []Guide) []Lack {
	var all []Lack
	add := func(title string, lacks func(g *Guide) bool) {
		l := Lack{Title: title}
		for i := range guides {
			if g := &guides[i]; g.Status == Active && g.Type != TypePolicy && g.Home() && lacks(g) {
				l.Guides = append(l.Guides, g.ID)
			}
		}
		if len(l.Guides) > 0 {
			all = append(all, l)
		}
	}
	for _, f := range Fields() {
		if f != Overview {
			add(f.Title(), func(g *Guide) bool { return len(g.lines(f)) == 0 && g.Text == "" })
		}
	}
	for _, e := range entries {
		add(e.title, func(g *Guide) bool {
			return e.tell(g) == "" && (e.under != Fee || len(g.Fees) > 0) && (e.under != Materials || len(g.Materials) > 0)
		})
	}
	add("来源是哪天取的", func(g *Guide) bool {
		return len(g.Sources) == 0 || slices.ContainsFunc(g.Sources, func(s Source) bool { return s.FetchedAt == "" })
	})
	add("有人核实过", func(g *Guide) bool { return g.VerifiedAt == "" })
	slices.SortStableFunc(all, func(a, b Lack) int { return len(b.Guides) - len(a.Guides) })
	return all
}
