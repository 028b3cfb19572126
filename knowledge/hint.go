package knowledge

import (
	"slices"
	"strings"
)

// hint is a word that points to a field without asking for it: 能不能在手机上
// 弄 asks whether, and 手机 says of what.
type hint struct {
	field Field
	form  pattern
	alone bool // only where no field is asked for by itself
}

// hints are tried in this order.
var hints = []hint{
	{Online, newPattern(`网上|线上|手机|小程序|公众号|app|网站|平台|软件|在家|上网|微信|自助机|i莞家|粤[省居医商税][事码保通]|(网上|线上|在线)?预约(吗|么|不)|能(约|预约)`, "网线手小公a平软家上微自莞粤约"), false},
	{Where, newPattern(placeForm+`.{0,6}(可以|能|行|得)?.{0,3}(吗|么|不)[?？]?$|(哪个|什么)(部门|单位)|归谁|机器|自助|东莞([^户籍人].{0,7})?(吗|么|不)[?？]?$`, "村社大服派窗银居警医民车税哪什归莞机自"), true},
	{Proxy, newPattern(`(`+kinForm+`)(他|她)?(能不能|可不可以|能|可以|来|去)?(帮|替|代|去(办|领|拿|交|弄|补|报|申))|(帮|替|代)(我|他|她|佢|老人|`+kinForm+`)[^查看问找写算]|(让|叫|由|找|请)(我|他|她)?(`+kinForm+`)(可以|能)?[去来帮替代办领拿交弄做申带跑签认报补刷搞]`, "帮替代去让叫由找请"), false},
	{Visits, newPattern(`本人|亲自|自己去|一个人去|到场|现场|跑|去(窗口|大厅)`, "本亲自一到现跑去"), true},
	{Result, newPattern(comesIn, "钱"), true},
	{Fee, newPattern(`钱|费`, "钱费"), true},
	{TimeLimit, newPattern(`多久|很久|久吗|快吗|几天|当天|加急|马上|今天|明天`, "久快几当加马今明"), true},
	{Result, newPattern(`寄|有效|过期|领到|到手|电子版|电子证`, "寄有过领到电"), true},
	{Where, newPattern(`就近|附近|户籍地|老家.{0,4}(办|能|可以|行|做)|户口所在|(派出所|大厅|银行|窗口|社区|村委)(能|可以|办)`, "近户老派大银窗社村"), true},
	{Materials, newPattern(`材料|证明|原件|复印|照片|户口簿|发票|合同`, "材证原复照户发合"), true},
}

// comesIn is money that somebody hopes for, not pays.
const comesIn = `(马上|能|会|可以|有没有|有|给)(给|发|补|领|拿)(的)?(点|一点|些)?钱|有(没有)?(什么)?钱(补|领|拿)|给钱的`

// placeForm are places where things are done, for a pattern.
const placeForm = `(村委会|村委|村里|村上|居委会|社区|警务室|派出所|社保局|社保分局|民政局|税务局|车管所|大厅|服务中心|窗口|银行|网点|医院)`

// kinForm are the people who may go in somebody's place, for a pattern.
var kinForm = strings.Join(append(strings.Fields(kin), strings.Fields(`我妈 我爸 妈妈 爸爸 妈 爸 老公 老婆 丈夫 妻子 父母 爸妈 儿子 女儿 孩子 小孩 哥 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 朋友 同事 家人 家属 亲戚 别人 他人 人家 监护人 律师 中介 单位 公司`)...), "|")

// hint notes the fields that words of the question point to.
func (r *routed) hint() {
	alone := len(r.fields) == 0 || r.only(Conditions) && r.asks
	for i := range hints {
		h := &hints[i]
		if slices.Contains(r.fields, h.field) || !h.form.fits(r) || h.field == Online && r.says(notOnline) {
			continue
		}
		if h.alone && !alone && !r.apart(h) {
			continue
		}
		if h.field == Fee && slices.Contains(r.hints, Result) {
			continue
		}
		r.hints = append(r.hints, h.field)
	}
}

// apart tells whether a hint stands in a clause of its own that asks for a yes or no and
// names no field: 要几多钱，机器上能做吗 asks for both.
func (r *routed) apart(h *hint) bool {
	for from := 0; from < len(r.text); {
		to := from
		for to < len(r.text) && (isHan(r.text[to]) || isWord(r.text[to])) {
			to++
		}
		clause := r.text[from:to]
		named := slices.ContainsFunc(r.cued, func(at int) bool { return at >= from && at < to })
		if !named && len(clause) > 3 && yesOrNo(clause) && h.form.auto.in(clause) {
			return true
		}
		from = to + 1
	}
	return false
}

// yesOrNo tells whether a clause asks for a yes or no.
func yesOrNo(clause []rune) bool {
	c := routed{text: clause, plain: string(clause)}
	c.chars = *runesOf(clause)
	return c.canI()
}

// notOnline are words in which those of the net mean something else.
var notOnline = []string{"网上买", "网上购", "网上被骗", "网上认识", "网上下单", "手机号", "手机卡", "网上诈骗", "网购", "开网店", "微信群", "手机不会", "不会弄手机", "不会用手机", "没有手机", "没手机", "不懂手机", "弄不来手机"}

// hinted puts the fields that are hinted at in their place among those asked
// for: a guide that says nothing on them is not asked. Where something is done
// on the net is no hall.
func (g *Guide) hinted(r *routed) []Field {
	fields := slices.Clone(r.fields[:min(3, len(r.fields))])
	bare := len(fields) == 0 || r.only(Conditions) && r.asks
	hints := r.hints
	if bare && !slices.Contains(hints, Online) && g.namesWay(r) {
		hints = append([]Field{Online}, hints...)
	}
	for _, h := range hints {
		if len(g.lines(h)) == 0 || slices.Contains(fields, h) {
			continue
		}
		where := slices.Index(fields, Where)
		switch {
		case h == Online && where >= 0:
			fields[where] = Online
		case bare:
			if fields = append([]Field{h}, fields...); len(fields) == 1 && r.asks {
				fields = append(fields, Conditions)
			}
			bare = false
		default:
			fields = append(fields, h)
		}
	}
	if at := slices.Index(fields, Online); r.asks && at > 0 && fields[0] == Conditions { // 能不能在家办 asks for the way
		fields = slices.Insert(slices.Delete(fields, at, at+1), 0, Online)
	}
	return fields[:min(3, len(fields))]
}

// namesWay tells whether a question names one of the guide's own ways on the
// net: 12306, 粤居码.
func (g *Guide) namesWay(r *routed) bool {
	for _, line := range g.Online {
		for _, name := range strings.FieldsFunc(string(fold(line)), func(c rune) bool { return !isHan(c) && !isWord(c) || strings.ContainsRune("的和或拨", c) }) {
			if len([]rune(name)) >= 3 && strings.Contains(r.plain, name) {
				return true
			}
			run := strings.TrimFunc(name, isHan)
			if len(run) >= 4 && strings.Contains(r.plain, run) {
				return true
			}
		}
	}
	return false
}
