package knowledge

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// routed is a question taken apart: the fields asked for and what it is about.
type routed struct {
	text    []rune   // folded
	fields  []Field  // in the order asked, each once; empty: none named
	content []rune   // the matter, cues blanked out
	soft    []bool   // runes whose absence in a guide means nothing
	sum     bool     // how much money
	fetch   bool     // where the result is to be had
	claim   bool     // how to get what is asked about
	fears   bool     // what comes of it
	asks    bool     // can I, must I: conditions are to be quoted
	deeds   [][]term // what is to be done, by groups of words
	places  []string // other places something is to be done in
}

// notField are words in which a field's word means something else.
var notField = regexp.MustCompile(`网上买|网上购|网上被骗|网上认识|网上下单|收费权|收费站|电话卡|电话诈骗|手机号|资格证|资格认证|资格认定|法律援助|法律服务|规定学历|结果通知|委托加工|规划条件|电话亭|网上诈骗|合同期限|法律职业|身份证号|门牌号码|号码牌|车牌号码|代理记账|代理机构|条例要`)

var (
	mustBring = regexp.MustCompile(`(要|需要|用|带|凭|交)(不要)?(带|提供|交|出示)?(户口本|户口簿|身份证|照片|相片|房产证|复印件|结婚证|居住证|合同|发票|证明|学历证|社保卡|体检|委托书|申请书|营业执照)(原件|复印件)?(吗|么|不|呢|没有|\?)`)
	forOther  = regexp.MustCompile(`(帮|替|代)(我|他|她)?(妈妈|妈|爸爸|爸|老人|父母|爷爷|奶奶|外公|外婆|老公|老婆|孩子|小孩|儿子|女儿|朋友|家人|同事|员工|阿妈|老豆|阿爷|阿嫲|别人|母亲|父亲)(去)?(办|领|申请|认证|交|补|换|弄|搞|登记|预约|刷脸)|(我|可以|能)(帮|替|代)(他|她|佢|老人|家人|爸|妈|爷爷|奶奶).{0,4}(办|领|申请|认证|交|补|换|弄|搞|刷|登)`)
	sendOther = regexp.MustCompile(`(让|叫|由|找)(我|他|她)?(弟|哥|姐|妹|妈|爸|老公|老婆|儿子|女儿|孩子|朋友|同事|家人|家属|亲戚|别人|侄|表).{0,3}(去|来)?(办|开|领|拿|交|补|取|弄)`)
	// deadline asks by when something is to be asked for, not how long it takes.
	deadline = regexp.MustCompile(`(要|需要|得|必须)(连续|累计)?(缴|交|住|注册|参保|居住|工作)满?(多久|多长时间|几个月|多少个月)|(多久|几天|几个月|多长时间|多少天)(之内|以内|内)|提前(多久|几天|多长|多少)|最晚|最迟`)
	// trips asks how often one has to come, and who.
	trips = regexp.MustCompile(`跑(几|两|多少|一)?(趟|次|转|回)|来(几|两|多少)(趟|次|回)|(我)?一个人(去|来)|(两个人|双方|夫妻)(都|一起|同时)(要|得|去|来)`)
	// consequence asks what comes of it.
	consequence = regexp.MustCompile(`会(怎么样|怎样|咋样|点样|如何|有什么后果)|有什么(后果|影响)|会不会`)
	byOther     = regexp.MustCompile(`(让|叫|由|找)?(村委|村委会|居委会|社区|单位|公司|银行|家人|别人|老公|老婆|子女|儿子|女儿|朋友|亲戚|家属|我妈|我爸|爸妈|父母|中介)(可以|能|得)?(不可以|不能)?(帮|替|代)`)
	canI        = regexp.MustCompile(`能.{0,10}(吗|么|不)|可以.{0,12}(吗|么|不)|能不能|可不可以|得不得|行不行|要不要|算不算|.吗$|.不.得|有没有资格|我这种情况|还能.{1,8}吗`)
)

var (
	// howTo asks for the steps with any verb: 怎么补, 点样换.
	howTo = regexp.MustCompile(`(怎么|怎样|怎么样|如何|咋|点样?)(去|才能|可以|能)?(补|换|领|交|买|转|迁|登记|注册|提|取|约|开|停|续|签|报|缴|装|改|注销|激活|挂失|认证|备案|过户|上牌|上户|落户|入户)`)
	// howToClaim asks how money is got, not how a finished paper is fetched.
	howToClaim = regexp.MustCompile(`(金|津贴|补贴|补助|资助|救助|待遇|养老|失业|低保)(钱)?\s*(要|该)?(怎么|怎样|如何|咋|点样?)(领|拿)`)
)

// counted is a number with its unit: how old, how long, how many. It is
// particular to the citizen and names no matter.
var counted = regexp.MustCompile(`[0-9一二三四五六七八九十两半几百]+多?个?(岁|年|个月|月|天|周|小时|次|张|块|元|万|里|号|日)(多|半|前|后|内|了|以上|以下)?`)

// route takes a question apart.
func (x *index) route(question string) routed {
	text := fold(question)
	r := routed{text: text, content: append([]rune(nil), text...), soft: make([]bool, len(text))}
	s := string(text)
	masked := text
	if notField.MatchString(s) {
		masked = maskField(text)
	}
	for _, c := range x.lexicon.spans(masked) {
		r.cue(c, x.isGuarded(text, c))
	}
	for _, at := range counted.FindAllStringIndex(s, -1) {
		r.soften(utf8.RuneCountInString(s[:at[0]]), utf8.RuneCountInString(s[:at[1]]))
	}
	r.build(s)
	r.fears = consequence.MatchString(s)
	r.asks = r.fears || canI.MatchString(s)
	return r
}

// cue takes a cue for what it says: a field, a soft word, or nothing. Guarded
// ones are part of a guide's name there.
func (r *routed) cue(c span, guarded bool) {
	if c.field != "" && (!guarded || c.keep && len(r.fields) == 0) {
		r.ask(c.field)
		if said := string(r.text[c.from:c.to]); c.field == Result {
			r.fetch = r.fetch || strings.ContainsRune(said, '哪')
			r.claim = r.claim || strings.HasPrefix(said, "怎么")
			r.sum = r.sum || strings.ContainsAny(said, "钱补报额")
		}
	}
	if c.soft && !guarded || c.keep && c.field != "" { // 低 is soft, in 低保 it is not
		r.soften(c.from, c.to)
	}
	if c.soft || c.keep || guarded {
		return
	}
	for i := c.from; i < c.to; i++ {
		r.content[i] = ' '
	}
}

func (r *routed) soften(from, to int) {
	for i := from; i < to; i++ {
		r.soft[i] = true
	}
}

// build reads fields from how the question is built.
func (r *routed) build(s string) {
	if r.only(Result) && howToClaim.MatchString(s) {
		r.fields = []Field{Steps}
	}
	r.phrased(s)
	if len(r.fields) == 0 && howTo.MatchString(s) {
		r.ask(Steps)
	}
	if mustBring.MatchString(s) {
		r.ask(Materials)
	}
	if forOther.MatchString(s) || byOther.MatchString(s) || sendOther.MatchString(s) {
		r.ask(Proxy)
	}
	if (r.only(TimeLimit) || r.only(Conditions)) && deadline.MatchString(s) {
		r.fields = []Field{Conditions, TimeLimit}
	}
	if trips.MatchString(s) {
		r.ask(Visits)
	}
}

func (r *routed) only(f Field) bool { return len(r.fields) == 1 && r.fields[0] == f }

func (r *routed) ask(f Field) {
	if !slices.Contains(r.fields, f) {
		r.fields = append(r.fields, f)
	}
}

// isGuarded tells whether a cue is part of a guide's name at this place.
func (x *index) isGuarded(text []rune, s span) bool {
	if s.from > 0 {
		if _, ok := x.guarded[string(text[s.from-1:s.to])]; ok {
			return true
		}
	}
	if s.to < len(text) {
		if _, ok := x.guarded[string(text[s.from:s.to+1])]; ok {
			return true
		}
	}
	return false
}

// maskField hides phrases in which a field's word means something else.
func maskField(text []rune) []rune {
	s := string(text)
	for _, m := range notField.FindAllString(s, -1) {
		s = strings.ReplaceAll(s, m, strings.Repeat("\x00", len([]rune(m))))
	}
	return []rune(s)
}

// matter is what the question is about, without spaces.
func (r *routed) matter() string { return squeeze(r.content) }

// fieldsInDoubt reads from a doubt's sentence which fields it touches.
func fieldsInDoubt(note string) []Field {
	cues := []struct {
		field Field
		words string
	}{
		{TimeLimit, "时限 日期 期限 多久 工作日"}, {Fee, "费 金额 价"}, {Where, "地址 地点 名单"},
		{Phone, "电话"}, {Hours, "假日 上班"}, {Conditions, "条件 年限 门槛 户籍 范围 情形 月数"},
		{Materials, "材料 照片"}, {Online, "网办 线上 入口 小程序"}, {Steps, "流程"},
		{Result, "标准 比例 限额 额度 金额"}, {Legal, "文件 续期 修订"},
	}
	var fields []Field
	for _, c := range cues {
		for _, w := range strings.Fields(c.words) {
			if strings.Contains(note, w) {
				fields = append(fields, c.field)
				break
			}
		}
	}
	return fields
}
