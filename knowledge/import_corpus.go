package knowledge

import (
	"encoding/json"
	"regexp"
	"strings"
)

// labelled is a line that begins with a label: 申请材料：…
var labelled = regexp.MustCompile(`^\s*(?:[-*•·]|[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．])?\s*[【\[]?([^：:】\]\s。；，,;]{2,14})[】\]]?\s*[：:]\s*(.*)$`)

// corpusGuide makes a guide of the contract's corpus form: its fields are
// read from lines that begin with a label.
func corpusGuide(row map[string]json.RawMessage) (Guide, []Fault) {
	g := Guide{ID: textOf(row, "id"), Title: textOf(row, "title"), Type: Type(textOf(row, "type"))}
	if g.Type == "" {
		g.Type = TypeGuide
	}
	for _, a := range listOf(row, "aliases") {
		if a = strings.TrimSpace(a); !placeholder(a) && a != g.Title {
			g.Aliases = append(g.Aliases, a)
		}
	}
	text := textOf(row, "text")
	if g.Title == "" && g.ID != "" && text != "" {
		g.Title = clip(strings.TrimSpace(strings.SplitN(text, "\n", 2)[0]), 60)
	}
	if g.Type == TypePolicy {
		g.Text = text
		return g, nil
	}
	return g, g.readLabels(text)
}

// readLabels fills a guide from a text with labelled lines. The words are
// kept as they stand; a line without a label belongs to the label above.
func (g *Guide) readLabels(text string) []Fault {
	var faults []Fault
	var at Field
	var loose []string
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if m := labelled.FindStringSubmatch(line); m != nil {
			if f, ok := fieldOf(m[1]); ok {
				at = f
				if placeholder(m[2]) {
					if strings.TrimSpace(m[2]) != "" {
						faults = append(faults, placeholderFault(string(f), m[2]))
					}
					continue
				}
				if f == Phone && undialable(m[2]) {
					faults = append(faults, phoneFault(m[1], m[2]))
					continue
				}
				g.word(f, labelWorth(f, m[1])+strings.TrimSpace(m[2]))
				continue
			}
			if len([]rune(m[1])) <= 6 {
				at = ""
			}
		}
		if at == "" {
			loose = append(loose, line)
			continue
		}
		g.word(at, line)
	}
	g.Text = strings.Join(loose, "\n")
	g.wordedPhones()
	return faults
}

// wordedPhones reads the numbers out of the words on the phone.
func (g *Guide) wordedPhones() {
	if p := g.Wording[Phone]; p != "" && len(g.Phone) == 0 {
		g.Phone = phoneForm.FindAllString(spaced.ReplaceAllString(p, "$1$2"), 6)
	}
}

// undialable tells dirt in the place of a number (0000swjw) from words
// (见窗口公示), which are quoted as they stand.
func undialable(v string) bool {
	return strings.ContainsAny(v, "0123456789") && !strings.ContainsFunc(v, isHan) && !phoneForm.MatchString(v) && !dialable.MatchString(v)
}

func phoneFault(field, value string) Fault {
	return Fault{Field: field, Value: clip(value, 80), Rule: RulePhone, Reason: "不是电话号码，没有收"}
}

// labelWorth keeps a label where it says more than the field does.
func labelWorth(f Field, label string) string {
	if f == TimeLimit && (strings.Contains(label, "法定") || strings.Contains(label, "承诺")) {
		return label + "："
	}
	if f == Phone && (strings.Contains(label, "投诉") || strings.Contains(label, "监督")) {
		return label + "："
	}
	return ""
}

func (g *Guide) word(f Field, s string) {
	if g.Wording == nil {
		g.Wording = map[Field]string{}
	}
	if g.Wording[f] != "" {
		s = g.Wording[f] + "\n" + s
	}
	g.Wording[f] = s
}

// labels are what fields are called in guides, parts of a label enough; the
// first that is found decides.
var labels = []struct {
	field Field
	words string
}{
	{Visits, "到现场 现场次数 跑动 到场 到办事 必须现场"},
	{Online, "网上 网办 在线 线上 网址 链接 平台 预约地址 办理网站 办理渠道 办理方式 办理形式"},
	{Proxy, "代办 委托 代理"},
	{Hours, "办公时间 上班时间 服务时间 受理时间 工作时间 办理时间 接待时间 开放时间 窗口时间 咨询时间"},
	{TimeLimit, "时限 期限 办结 周期 多久"},
	{Materials, "材料 资料 证件 清单"},
	{Fee, "收费 费用 缴费 工本费"},
	{Phone, "电话 联系方式 热线"},
	{Where, "地点 地址 窗口 受理机构 办理机构 受理部门 办理单位 受理单位"},
	{Conditions, "条件 资格 对象 范围 标准 谁能办 适用 要求"},
	{Steps, "流程 步骤 程序 怎么办 环节"},
	{Legal, "依据 法律 法规"},
	{Result, "结果 送达 领取 快递 邮寄 有效期 证照 物流"},
	{Overview, "事项名称 简介 概况 概述 说明 事项类型 实施主体 实施机关 部门 主题 服务主题"},
}

// fieldOf reads a label.
func fieldOf(label string) (Field, bool) {
	for _, l := range labels {
		for _, w := range strings.Fields(l.words) {
			if strings.Contains(label, w) {
				return l.field, true
			}
		}
	}
	return "", false
}
