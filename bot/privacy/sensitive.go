package privacy

import (
	"regexp"
	"strings"

	"guanjia/bot"
)

// The kinds of sensitive particulars, in the words a citizen is asked with.
// They are those of 个人信息保护法 article 28 that people tell in a story.
const (
	health     = "病情"
	disability = "残疾情况"
	minor      = "孩子的情况"
	faith      = "宗教信仰"
	account    = "银行账号"
	past       = "不便公开的经历"
)

// telling is what tells a kind: the words, and what makes them no particular
// of a person where it stands right behind or right before them.
type telling struct {
	kind          string
	words         *regexp.Regexp
	behind, ahead []string
}

// A child is told of by who they are beside how old or in which class.
const (
	child = `(?:孩子|小孩|细路|儿子|女儿|孙子|孙女|孙仔|外孙|娃|宝宝|弟弟|妹妹|細路|兒子|女兒|孫子|孫女|老大|老二|个仔|个女)`
	young = `(?:(?:1[0-3]|[1-9]|十[一二三]?|[一二两三四五六七八九])(?:周)?[岁歲]|[一二三四五六七八九十几\d]{1,3}个(?:多)?月大|(?:读|上|念|讀)(?:紧|着|緊)?(?:小学|小學)?[一二三四五六1-6]年[级級]|(?:读|上|念|讀)(?:紧|着|緊)?(?:小学|小學|幼儿园|幼兒園))`
)

var tellings = []telling{
	{kind: health,
		words:  regexp.MustCompile(`(?i)癌|肿瘤|腫瘤|白血病|尿毒|透析|化疗|化療|放疗|肾衰|腎衰|肝硬化|乙肝|肝炎|糖尿病|高血[压壓]|心[脏臟]病|心梗|冠心病|[脑腦](?:梗|出血|溢血|瘤)|中[风風]|癫痫|癲癇|哮喘|肺结核|艾滋|愛滋|梅毒|性病|[抑忧憂][郁鬱]症|躁郁|双相|精神(?:病|分裂|障碍|障礙|失常)|自闭症|焦虑症|痴呆|帕金森|渐冻|罕见病|重病|大病|(?:[患得染](?:有|上|了|咗)|查出|确诊|確診)[^，。,；;！!？?]{0,8}(?:[病症炎瘤]|变性|變性|综合征|綜合徵|硬化|结石|結石|衰竭|萎缩|萎縮)|生病|病[倒了咗重危]|有病|慢性病|住院|手术|手術|骨折|流产|怀孕|懷孕|\b(?:cancer|leuka?emia|hiv|aids patient|diabet(?:es|ic)|dialysis|chemotherapy|tumou?r|depression|schizophrenia|dementia|epilepsy|asthma|parkinson|stroke patient|hepatitis|heart attack|in hospital|hospitali[sz]ed|surgery|pregnant|is (?:very |seriously )?(?:ill|sick))\b`),
		behind: []string{"救助", "保险", "保險", "医保", "补助", "院", "科", "防治", "部", "楼", "毒", "人太多", "难"},
		ahead:  []string{"没", "没有", "冇", "不是", "防", "毛"}},
	{kind: disability,
		words:  regexp.MustCompile(`(?i)残疾|殘疾|伤残|傷殘|瘫|癱|偏瘫|截肢|双目失明|失明|盲人|聋|聾|智力障|智障|失能|植物人|断了(?:一)?[条只](?:腿|手)|\b(?:disabled|disability|paraly[sz]ed|wheelchair[- ]bound|blind|deaf)\b`),
		behind: []string{"人通道", "通道", "人车位", "人停车", "人卫生间", "人厕所", "人设施", "人坡道", "人联合会", "人专用", "道", "坡道", "人组织", "人就业保障"},
		ahead:  []string{"系统", "系統", "交通", "网络", "网站", "无障碍", "工作"}},
	{kind: minor, words: regexp.MustCompile(child + `[^。！？!?\n]{0,10}` + young + `|` + young + `(?:的|嘅)?(?:小)?` + child + `|婴儿|嬰兒|新生儿|刚出生|刚满月|\b(?:son|daughter|child|kid|baby) (?:is |aged |of )?(?:only )?(?:[1-9]|1[0-3])\b|\b(?:[1-9]|1[0-3])[- ]years?[- ]old\b`),
		behind: []string{"车", "用品", "奶粉", "游泳"}},
	{kind: faith, words: regexp.MustCompile(`信(?:仰)?(?:佛|基督|天主|耶稣|伊斯兰|道教)|基督徒|穆斯林|佛教徒|天主教徒|\b(?:muslim|christian|buddhist)\b`)},
	{kind: account, words: regexp.MustCompile(`(?:银行卡|銀行卡|卡号|卡號|账号|帐号|賬號|账户|帐户|存折)[^\d，。]{0,8}\d[\d ]{10,22}\d`)},
	{kind: past, words: regexp.MustCompile(`刑满|坐过牢|坐過牢|坐了[^，。]{0,4}年牢|出狱|出獄|缓刑|社区矫正|戒毒|同性恋|跨性别`), behind: []string{"所附近", "中心"}},
}

// Sensitive finds the sensitive particulars of people in a telling: one of each
// kind, in the words a citizen is asked with. What is near but none (a ramp for
// the disabled, a ward, a scheme for the gravely ill) is left out. It goes by
// words and misses what is only hinted at.
func Sensitive(told string) []string {
	var kinds []string
	for _, t := range tellings {
		if t.in(told) {
			kinds = append(kinds, t.kind)
		}
	}
	return kinds
}

func (t telling) in(told string) bool {
	for _, at := range t.words.FindAllStringIndex(told, -1) {
		if !starts(told[at[1]:], t.behind) && !ends(told[:at[0]], t.ahead) {
			return true
		}
	}
	return false
}

func starts(text string, words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}

func ends(text string, words []string) bool {
	for _, w := range words {
		if strings.HasSuffix(text, w) {
			return true
		}
	}
	return false
}

// clause is a telling up to where a sentence breathes, with that mark.
var clause = regexp.MustCompile(`[^，。；！？、,;!?\n]+[，。；！？、,;!?\n]*`)

// Without is a telling without the clauses that hold sensitive particulars.
// Where a kind is told only across clauses, nothing is left of the telling.
func Without(told string) string {
	var left strings.Builder
	for _, c := range clause.FindAllString(told, -1) {
		if len(Sensitive(c)) == 0 {
			left.WriteString(c)
		}
	}
	text := strings.Trim(left.String(), "，、,;； \n")
	if len(Sensitive(text)) > 0 {
		return ""
	}
	return text
}

// Separately makes an errand ask for a consent of its own before sensitive
// particulars are filed, unless what was told cannot wait.
func Separately(flow *bot.Flow, urgent func(told string) bool, why, whyEN string) {
	flow.Sensitive = &bot.Sensitive{In: Sensitive, Without: Without, Urgent: urgent, Why: why, WhyEN: whyEN}
}
