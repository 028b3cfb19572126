package knowledge

import (
	"cmp"
	"slices"
)

// Rule is the short stable name of what a guide breaks.
type Rule string

// The rules an import and a check go by.
const (
	RuleUnusable    Rule = "unusable"
	RuleRefused     Rule = "refused-value"
	RulePlaceholder Rule = "placeholder"
	RuleLost        Rule = "lost-characters"
	RuleDuplicate   Rule = "duplicate-name"
	RulePromise     Rule = "promise-over-legal"
	RuleLimit       Rule = "odd-limit"
	RulePhone       Rule = "phone"
	RuleAreaCode    Rule = "area-code"
	RuleSamePhone   Rule = "same-phone"
	RuleNoPhone     Rule = "no-phone"
	RuleNoWay       Rule = "no-way"
	RuleFeeBasis    Rule = "fee-basis"
	RuleUnknownFee  Rule = "unknown-fee"
	RuleExpired     Rule = "expired"
	RuleReview      Rule = "review-due"
	RuleUnverified  Rule = "unverified"
	RuleDoubt       Rule = "doubt"
	RuleNoSource    Rule = "no-source"
	RuleNoAsOf      Rule = "no-as-of"
	RuleEmpty       Rule = "empty"
	RuleNoAlias     Rule = "no-alias"
	RuleNoField     Rule = "no-field"
	RuleKind        Rule = "kind-and-promise"
	RuleVisits      Rule = "visits"
	RuleDepth       Rule = "online-depth"
	RuleFreePay     Rule = "free-and-paid"
	RulePermit      Rule = "permit-detail"
	RuleAudience    Rule = "audience-and-theme"
	RuleSample      Rule = "no-sample"
	RuleDeadLink    Rule = "dead-link"
	RuleTree        Rule = "theme-tree"
)

// Title is what a rule is called to operators.
func (r Rule) Title() string {
	switch r {
	case RuleUnusable:
		return "不能用"
	case RuleTree:
		return "一件事的决策树不对"
	case RuleLost:
		return "有字丢了"
	case RulePlaceholder:
		return "占位词当作空"
	case RuleDuplicate:
		return "名称重复"
	case RulePromise:
		return "承诺超过法定时限"
	case RuleLimit:
		return "时限写法不对"
	case RulePhone:
		return "电话拨不通"
	case RuleAreaCode:
		return "区号不对"
	case RuleSamePhone:
		return "咨询与投诉同号"
	case RuleNoPhone:
		return "没有咨询电话"
	case RuleNoWay:
		return "没有办理途径"
	case RuleFeeBasis:
		return "收费没有依据"
	case RuleUnknownFee:
		return "金额待核"
	case RuleExpired:
		return "已过有效期"
	case RuleReview:
		return "该复核了"
	case RuleUnverified:
		return "没有核实过"
	case RuleDoubt:
		return "存疑待核"
	case RuleNoSource:
		return "没有来源"
	case RuleNoAsOf:
		return "没写事实时点"
	case RuleEmpty:
		return "没有正文"
	case RuleNoAlias:
		return "没有日常说法"
	case RuleNoField:
		return "缺一项内容"
	case RuleKind:
		return "办件类型和承诺时间对不上"
	case RuleVisits:
		return "到场次数没写原因"
	case RuleDepth:
		return "网办深度和到场次数对不上"
	case RuleFreePay:
		return "免费却能网上缴费"
	case RulePermit:
		return "许可事项写得不够细"
	case RuleAudience:
		return "服务对象和主题对不上"
	case RuleSample:
		return "办理结果没有样本"
	case RuleDeadLink:
		return "网址打不开"
	}
	return "值不能用"
}

// RuleCount is how often a rule was broken.
type RuleCount struct {
	Rule Rule `json:"rule"`
	N    int  `json:"n"`
}

// countRules counts rules, the most frequent first.
func countRules[T any](list []T, rule func(T) Rule) []RuleCount {
	counts := map[Rule]int{}
	for _, x := range list {
		counts[rule(x)]++
	}
	out := make([]RuleCount, 0, len(counts))
	for r, n := range counts {
		out = append(out, RuleCount{r, n})
	}
	slices.SortFunc(out, func(a, b RuleCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Rule, b.Rule))
	})
	return out
}
