package knowledge

import (
	"slices"
	"strings"
)

// routed is a question taken apart: the fields asked for and what it is about.
type routed struct {
	text    []rune        // folded
	fields  []Field       // in the order asked, each once; empty: none named
	hints   []Field       // that words of the question point to
	content []rune        // the matter, cues blanked out
	soft    []bool        // runes whose absence in a guide means nothing
	sum     bool          // how much money
	fetch   bool          // where the result is to be had
	claim   bool          // how to get what is asked about
	fears   bool          // what comes of it
	idle    string        // talk that asks no office for anything; empty: none
	asks    bool          // can I, must I: conditions are to be quoted
	cued    []int         // where words that name a field begin
	entry   *entry        // what of the catalogue is asked for; nil: nothing
	town    string        // where it is to be done
	day     *Day          // and when
	known   Case          // of the guide's situations
	places  []string      // other places something is to be done in
	home    household     // whose household it speaks of
	permit  int           // where the head of a permit's name stands, 0: nowhere
	strange strange       // what of no guide's it is most like
	deeds   [][][]posting // what is to be done: groups of words, and where they stand

	words      words  // of content
	chars      runes  // of text
	plain      string // text
	wholeText  string // text without spaces and signs
	matterText string // content without them
	hardText   string // and without soft words
	bareText   string // and without single characters
	asked      int    // terms of content, each once
	askedHard  int    // those of hardText
}

var (
	mustBring = newPattern(`(旧|原来)(的|证|本|那)?.{0,4}(要不要|用不用|需不需要|还要|得)(一起|也|跟着)?(带|交|拿)|(要|需要|用|带|凭|交)(不要)?(带|提供|交|出示)?(户口本|户口簿|身份证|照片|相片|房产证|复印件|结婚证|居住证|合同|发票|证明|学历证|社保卡|体检|委托书|申请书|营业执照)(原件|复印件)?(吗|么|不|呢|没有|就行|就可以|就够|行吗|够吗|\?)`, "户身照相房复结居合发证学社体委申营旧原", "要用带凭交")
	forOther  = newPattern(`(帮|替|代)(我|他|她)?(妈妈|妈|爸爸|爸|老人|父母|爷爷|奶奶|外公|外婆|老公|老婆|孩子|小孩|儿子|女儿|朋友|家人|同事|员工|阿妈|老豆|阿爷|阿嫲|别人|母亲|父亲)(去)?(办|领|申请|认证|交|补|换|弄|搞|登记|预约|刷脸)|(我|可以|能)(帮|替|代)(他|她|佢|老人|家人|爸|妈|爷爷|奶奶).{0,4}(办|领|申请|认证|交|补|换|弄|搞|刷|登)`, "帮替代")
	sendOther = newPattern(`(让|叫|由|找)(我|他|她)?(弟|哥|姐|妹|妈|爸|老公|老婆|儿子|女儿|孩子|朋友|同事|家人|家属|亲戚|别人|侄|表).{0,3}(去|来)?(办|开|领|拿|交|补|取|弄)`, "让叫由找", "办开领拿交补取弄")
	// deadline asks by when something is to be asked for, not how long it takes.
	deadline = newPattern(`(要|需要|得|必须)(连续|累计)?(缴|交|住|注册|参保|居住|工作)满?(多久|多长时间|几个月|多少个月)|(多久|几天|几个月|多长时间|多少天)(之内|以内|内)|提前(多久|几天|多长|多少)|最晚|最迟`, "久长月天晚迟")
	// trips asks how often one has to come, and who.
	trips = newPattern(`跑(几|两|多少|一)?(趟|次|转|回)|来(几|两|多少)(趟|次|回)|(我)?一个人(去|来)|(两个人|双方|夫妻)(都|一起|同时)(要|得|去|来)`, "跑来个双夫")
	// stepwise asks for the steps beside whatever else it says: 在手机上一步步怎么点.
	stepwise = newPattern(`一步(一)?步|先点|怎么点|(之后|以后|下来|然后|申请|手续|程序|流程)(怎么|咋|如何)(走|弄|办|来)|先.{1,6}还是先|从头到尾|从.{1,8}到.{1,6}(怎么|咋|如何|都有|都要|是(个)?(什么|啥|怎))|(怎么|咋)个(顺序|走法|办法|弄法|搞法|程序|流程|手续)|(走|分|有|要)(哪|那)?几(步|道|个步骤)|先(做|干|办|弄|搞)(什么|啥|哪)|(什么|啥|怎样的?|怎么样的?|哪些)(程序|流程|步骤|顺序)|(程序|流程|步骤|顺序)(是|有)?(什么|啥|怎|哪|咋)|(都|要|得)要?做(些|点)?(什么|啥)`, "步点走先头到个几什啥程流顺怎做")
	byOther  = newPattern(`(让|叫|由|找)?(村委|村委会|居委会|社区|单位|公司|银行|家人|别人|老公|老婆|子女|儿子|女儿|朋友|亲戚|家属|我妈|我爸|爸妈|父母|中介)(可以|能|得)?(不可以|不能)?(帮|替|代)`, "帮替代")
)

var (
	// howTo asks for the steps with any verb: 怎么补, 点样换.
	howTo = newPattern(`(怎么|怎样|怎么样|如何|咋|点样?)(去|才能|可以|能)?(补|换|领|交|买|转|迁|登记|注册|提|取|约|开|停|续|签|报|缴|装|改|注销|激活|挂失|认证|备案|过户|上牌|上户|落户|入户|预约|申请|操作|做|办|弄|搞|整|销|投诉|救)`, "怎如咋点")
	// howToClaim asks how money is got, not how a finished paper is fetched.
	howToClaim = newPattern(`(金|津贴|补贴|补助|资助|救助|待遇|养老|失业|低保)(钱)?\s*(要|该)?(怎么|怎样|如何|咋|点样?)(领|拿)`, "领拿")
)

// lapsed tells of what was not done in time: 忘了认证，停了怎么办.
var lapsed = newPattern(`忘(了|记|做)|不记得|(停|断|逾期|晚|错过)了|错过`, "忘停断逾晚错记")

// consequences ask what comes of something.
var consequences = []string{"会怎么样", "会怎样", "会咋样", "会点样", "会如何", "会有什么后果", "有什么后果", "有什么影响", "会不会"}

// canIs ask for a yes or no, or for one of two.
var canIs = []string{"能不能", "可不可以", "得不得", "行不行", "要不要", "算不算", "有没有资格", "我这种情况", "还是", "是不是", "一回事"}

// mayWords ask whether, barWords for the bar that is set.
var (
	mayWords = []string{"能不能", "可不可以", "可以吗", "行不行", "得不得"}
	barWords = []string{"条件", "资格", "要求", "符合", "门槛", "谁能", "谁可以"}
)

func (r *routed) says(words []string) bool {
	for _, w := range words {
		if strings.Contains(r.plain, w) {
			return true
		}
	}
	return false
}

// canI tells whether a question asks for a yes or no: it ends in 吗, or a 能 or
// 可以 is followed by 吗, 么 or 不 before long.
func (r *routed) canI() bool {
	if !r.hasAny([]rune("能可吗得行要算有我")) {
		return false
	}
	text := r.text
	for len(text) > 0 && !isHan(text[len(text)-1]) && !isWord(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	if n := len(text); n > 1 && (text[n-1] == '吗' || n > 3 && text[n-1] == '不' && text[n-2] != '了') {
		return true
	}
	for i, c := range text {
		switch {
		case c == '能' && asksWithin(text[i+1:], 11), c == '可' && i+1 < len(text) && text[i+1] == '以' && asksWithin(text[i+2:], 13):
			return true
		case c == '不' && i > 0 && i+2 < len(text) && text[i+1] != text[i-1] && text[i+2] == '得': // 补不补得
			return true
		}
	}
	return r.says(canIs)
}

func asksWithin(text []rune, most int) bool {
	for _, c := range text[:min(most, len(text))] {
		if c == '吗' || c == '么' || c == '不' {
			return true
		}
	}
	return false
}

// counted finds numbers with their units: how old, how long, how many. They
// are particular to the citizen and name no matter.
func counted(text []rune, found func(from, to int)) {
	for i := 0; i < len(text); i++ {
		j := i
		for j < len(text) && strings.ContainsRune("0123456789一二三四五六七八九十两半几百", text[j]) {
			j++
		}
		if j == i {
			continue
		}
		k := skip(text, skip(text, j, "多"), "个")
		if k < len(text) && strings.ContainsRune("岁年月天周次张块元万里号日", text[k]) {
			k = skip(text, k+1, "多半前后内了")
			found(i, k)
		} else if k+1 < len(text) && text[k] == '小' && text[k+1] == '时' {
			found(i, k+2)
		} else if j-i > 1 && isHan(text[i]) {
			found(i, j) // a number alone: 五十八了
		}
		i = max(i, j-1)
	}
}

// skip steps over a character of the set, if it stands at i.
func skip(text []rune, i int, set string) int {
	if i < len(text) && strings.ContainsRune(set, text[i]) {
		return i + 1
	}
	return i
}

// route takes a question apart.
func (x *index) route(question string) routed {
	text := fold(gloss(question))
	x.mend(text)
	r := routed{text: text, content: append([]rune(nil), text...), soft: make([]bool, len(text)), plain: string(text)}
	r.chars = *runesOf(text)
	for _, c := range x.lexicon.spans(text) {
		r.cue(c, x.isGuarded(text, c))
	}
	counted(text, r.soften)
	r.build()
	r.catalogued()
	r.fears = r.hasAny([]rune("会有")) && r.says(consequences) || lapsed.fits(&r)
	r.asks = r.fears || r.canI()
	if r.idle = idle.in(&r); twoWays.fits(&r) {
		r.idle = ""
	}
	r.hint()
	r.settle()
	r.places, r.permit, r.home = r.placesOf(), r.permitOf(), householdOf(r.plain)
	r.words = x.words(r.content)
	return r
}

// settle works out the forms of the matter that names are held against.
func (r *routed) settle() {
	r.wholeText, r.matterText = squeeze(r.text), squeeze(r.content)
	rest := append([]rune(nil), r.content...)
	for i := range rest {
		if r.soft[i] {
			rest[i] = ' '
		}
	}
	r.hardText = squeeze(rest)
	for i := range rest { // a character alone names nothing
		alone := (i == 0 || !isHan(rest[i-1])) && (i+1 == len(rest) || !isHan(rest[i+1]))
		if isHan(rest[i]) && alone {
			rest[i] = ' '
		}
	}
	r.bareText = squeeze(rest)
}

// cue takes a cue for what it says: a field, a soft word, or nothing. Guarded
// ones are part of a guide's name there.
func (r *routed) cue(c span, guarded bool) {
	if c.field != "" && (!guarded || c.keep && len(r.fields) == 0) && !(c.field == Online && r.unable(c.from)) {
		r.ask(c.field)
		r.cued = append(r.cued, c.from)
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

// unable tells whether what stands before a place says that somebody cannot do or has
// not what follows: 不会用手机 asks for no way by telephone.
func (r *routed) unable(at int) bool {
	before := string(r.text[max(0, at-2):at])
	return strings.HasSuffix(before, "不会") || strings.HasSuffix(before, "不懂") || strings.HasSuffix(before, "没有") || strings.HasSuffix(before, "没")
}

func (r *routed) soften(from, to int) {
	for i := from; i < to; i++ {
		r.soft[i] = true
	}
}

// build reads fields from how the question is built.
func (r *routed) build() {
	if r.only(Result) && howToClaim.fits(r) {
		r.fields = []Field{Steps}
	}
	r.phrased()
	if len(r.fields) == 0 && howTo.fits(r) {
		r.ask(Steps)
	}
	if mustBring.fits(r) {
		r.ask(Materials)
	}
	if forOther.fits(r) || byOther.fits(r) || sendOther.fits(r) {
		r.ask(Proxy)
		if len(r.fields) > 2 && r.says(mayWords) && !r.says(barWords) { // 能不能叫人代领 asks for no condition beside the fee
			r.fields = slices.DeleteFunc(r.fields, func(f Field) bool { return f == Conditions })
		}
	}
	if (r.only(TimeLimit) || r.only(Conditions)) && deadline.fits(r) {
		r.fields = []Field{Conditions, TimeLimit}
	}
	if trips.fits(r) {
		r.ask(Visits)
	}
	if stepwise.fits(r) && !slices.Contains(r.fields, Steps) {
		r.fields = append([]Field{Steps}, slices.DeleteFunc(r.fields, func(f Field) bool { return f == Where })...)
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
		if _, ok := x.guarded[runTerm(text[s.from-1:s.to])]; ok {
			return true
		}
	}
	if s.to < len(text) {
		if _, ok := x.guarded[runTerm(text[s.from:s.to+1])]; ok {
			return true
		}
	}
	return false
}

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
