package knowledge

import "regexp"

// phrasing asks for a field by its build and not by fixed words.
type phrasing struct {
	field Field
	form  *regexp.Regexp
}

// phrasings are tried where the words name no field, or only ask can-I.
var phrasings = []phrasing{
	{Materials, regexp.MustCompile(`(要不要|需不需要|用不用|要带|需要带|只带|光带)(带|交|提供|拿)?(户口簿|身份证|照片|相片|房产证|复印件|结婚证|居住证|合同|发票|证明|学历证|社保卡|委托书|申请书|营业执照|驾驶证|出生证)`)},
	{Materials, regexp.MustCompile(`(拿|带|备齐?|准备|备好)(些|点|好)?(什么|啥|哪些)|所需(的)?(文件|材料|资料)|几张(照片|相片)`)},
	{Fee, regexp.MustCompile(`(花|掏|扣|交|出)(多少|几多)($|[?？呢啊呀])|缴费吗|需要缴费|要缴费|收费多少`)},
	{Result, regexp.MustCompile(`(津贴|补贴|补助|资助|救助金?|失业金|养老金|低保金?)(能|可以)?(有|是|给|发|领|拿)?(多少|几多)`)},
	{Result, regexp.MustCompile(`办好(了|后|以后)?(怎么|咋|如何|怎样)(给|拿|取|领|寄|通知)|短信通知|有效(多少|几)(年|个月|天)|(多久|多少年|几年)(就|会|才)?过期|(发|领|拿)(得|到)?(几|多少)个月|领到多少|(发|领|拿)到?多少(钱|元)?($|[?？呢啊呀])`)},
	{TimeLimit, regexp.MustCompile(`(啥时候|什么时候|何时)(才|会)?(能|可以|能够)?(下来|拿|取|好|出|领|办好|到账)|最快什么时候|[好多]长时间|多少日(可以|能|才|拿|好)|明天能(拿|取|好)`)},
	{Hours, regexp.MustCompile(`(国庆|春节|五一|元旦|中秋|清明|端午|过年|节日|放假)(期间|那天|当天)?(能办|可以办|开门|上班|办吗|有人|开不开)`)},
	{Where, regexp.MustCompile(`上哪|办理点|受理点|(派出所|大厅|窗口|银行).{0,3}还是|还是.{0,3}(派出所|大厅|窗口|银行)|(离我|附近).{0,4}(近|哪|地方)|镇(上|里|街)能办`)},
	{Online, regexp.MustCompile(`(手机|微信|支付宝|粤省事|小程序|电脑|公众号)(上|里)?(能|可以|可不可以|能不能|搞|办|申请|弄|操作)|在家(里)?(申请|办|弄|搞)`)},
	{Visits, regexp.MustCompile(`(必须|一定要|要不要|需不需要|是不是要|非要)(我|本人)?(自己|亲自)?(去|到|来)(窗口|大厅|现场|场|一趟)?|(必须|一定要)(我|本人)|不(去|到)(大厅|窗口|现场)|人不(到|去|来)|谁(陪着?)?去|(我|本人)自己去`)},
	{Proxy, regexp.MustCompile(`托(人|别人|朋友|熟人)|代(取|拿|交|签)|找(中介|别人|人|熟人)(代|帮)?(办|弄|搞|跑)`)},
	{Phone, regexp.MustCompile(`联系谁|找谁联系|怎么联系`)},
	{Steps, regexp.MustCompile(`[哪几]几?步|办(事|理)?指引|(怎样|如何|咋|怎么)(操作|申请|办理|开始)|先去哪`)},
	{Conditions, regexp.MustCompile(`够不够格|(哪些|什么)情况(下)?(不能|不可以|能|可以|才能)|(能|可以)不限`)},
}

// phrased takes the field of the first phrasing that fits, in the place of a bare
// can-I.
func (r *routed) phrased(s string) {
	bare := r.only(Conditions) && canI.MatchString(s)
	if len(r.fields) > 0 && !bare {
		return
	}
	for _, p := range phrasings {
		if p.form.MatchString(s) {
			r.fields = []Field{p.field}
			return
		}
	}
}
