package intents

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/intents/linear"
)

// settled says what an intent was settled by.
type settled struct {
	by     Step
	sign   string // of danger, as the lexicon has it
	belief float64
}

// decide weighs safety, plain rules and the classifier.
func (r *Recognizer) decide(out *bot.Understanding, t *reading) settled {
	seen := r.safety.find(string(t.meant))
	masked, features := t.read(out.Entities, out.Question)
	ways := []linear.Text{{Text: masked, Extra: features}}
	if !slices.Equal(t.meant, t.r) {
		ways = append(ways, t.asHeard(out.Entities))
	}
	v := r.classifier.Judge(ways...)
	s := settled{by: ByClassifier, sign: seen.sign, belief: r.believed(clues{v, seen, features, len(t.r)}, t, out)}
	if s.belief > doubtedFrom || seen.sign != "" {
		if bare, told := r.believedAnywhere(t, out.Entities); told {
			s.belief = max((s.belief+bare)/2, bare-believedSure)
		}
	}
	if s.belief >= believedFrom {
		s.by = BySafety
		hazard := seen.hazard
		if hazard == bot.HazardNone || v.Alarm >= kindFrom {
			hazard = v.Hazard
		}
		out.Intent, out.Score, out.Decision, out.Hazard = bot.Emergency, 1, bot.Danger, hazard
		return s
	}
	if intent, ok := plainIntent(out, t, v.Ranked); ok {
		out.Intent, out.Score, out.Decision = intent, 1, bot.Accept
		s.by = ByRule
		return s
	}
	ranked := v.Ranked
	if len(ranked) == 0 {
		ranked = []bot.Ranked{{Intent: bot.OutOfScope}}
	}
	out.Intent, out.Score, out.Decision = ranked[0].Intent, ranked[0].Score, v.Decision
	out.Alternatives = append(out.Alternatives, ranked[1:min(len(ranked), 5)]...)
	r.temper(out, t)
	if out.Abusive && len(out.Entities) == 0 && out.Decision == bot.Clarify {
		out.Decision = bot.Abstain // swearing is no unclear wish
	}
	if out.Decision == bot.Abstain || out.Intent == bot.OutOfScope {
		if out.Intent != bot.OutOfScope {
			out.Alternatives = append([]bot.Ranked{{Intent: out.Intent, Score: out.Score}}, out.Alternatives...)
		}
		out.Intent, out.Decision = bot.OutOfScope, bot.Abstain
	}
	return s
}

// asHeard is what the classifier is given of an utterance taken as it was heard.
func (t *reading) asHeard(entities []bot.Entity) linear.Text {
	heard := *t
	heard.meant = t.r
	masked, features := heard.read(entities, asks(t.text))
	return linear.Text{Text: masked, Extra: features}
}

// The belief from which somebody is taken to be in danger, the one from which no
// place or name beside it makes less of it, the one above which it is worth a second
// look without them, and the one of what is no danger whatever else is said.
const (
	believedFrom  = 0.0
	believedSure  = 0.5
	doubtedFrom   = -3.0
	believedNever = -10.0
)

// kindFrom is the alarm from which the wording as a whole says the kind of
// danger better than the first sign does: 老公打我 is violence by its words.
const kindFrom = 0.1

// believed is how much speaks for danger. What a sign does not tell is no danger
// where it is denied, asked for or only counted.
func (r *Recognizer) believed(c clues, t *reading, out *bot.Understanding) float64 {
	if c.seen.sign == "" && (c.seen.denied || t.answered(out.Entities) || onlyCounts(out.Norm) || onlySecret.MatchString(out.Norm) ||
		onlyChronic.MatchString(out.Norm) || t.onlyWhere(out.Entities) || homeAlone.MatchString(out.Norm)) {
		return believedNever
	}
	return r.belief.of(c)
}

// believedAnywhere is how much speaks for danger in what is told beside the place
// and who tells it, if anything is. Neither makes anything more dangerous or less, but
// to the classifier both are words like others, and without them words that lean on a
// bridge or a roof say less; so each telling counts half.
func (r *Recognizer) believedAnywhere(t *reading, entities []bot.Entity) (belief float64, told bool) {
	bare := t.without(entities, bot.Town, bot.Hall, bot.PostalAddress, bot.PersonName, bot.Phone)
	if slices.Equal(bare, t.r) {
		return 0, false
	}
	var clauses []string
	for clause := range strings.FieldsFuncSeq(string(bare), func(r rune) bool { return strings.ContainsRune("，,。；;！!\n", r) }) {
		clause = strings.Join(strings.Fields(clause), "")
		for _, lead := range []string{"就在", "在", "喺", "这边", "那边", "呢边", "嗰边"} {
			clause = strings.TrimPrefix(clause, lead)
		}
		if besideDanger.Replace(clause) != "" {
			clauses = append(clauses, clause)
		}
	}
	rest := strings.Join(clauses, "，")
	if rest == "" || utf8.RuneCountInString(rest) >= len(t.r) { // each time less is told, and it ends
		return 0, false
	}
	_, settled := r.understand(bot.Utterance{Text: rest, Now: t.now})
	return settled.belief, true
}

// besideDanger takes out the words around a place, a name and a telephone number.
var besideDanger = strings.NewReplacer("我家", "", "我们", "", "我哋", "", "我", "", "地址", "", "住在", "", "住", "", "就在", "", "在", "", "喺", "", "系", "", "是", "",
	"叫", "", "姓", "", "名字", "", "手机", "", "电话", "", "号码", "", "家", "", "的", "", "东莞", "")

// without is the utterance with blanks where entities of these types stand.
func (t *reading) without(entities []bot.Entity, types ...bot.EntityType) []rune {
	rest := slices.Clone(t.r)
	for _, e := range entities {
		if slices.Contains(types, e.Type) {
			for i := e.Start; i < e.End; i++ {
				rest[i] = ' '
			}
		}
	}
	return rest
}

// onlyWhere says whether nothing is told but where one is: 我住樟木头. Who needs
// saving there says so too.
func (t *reading) onlyWhere(entities []bot.Entity) bool {
	rest := t.without(entities, bot.Town, bot.Hall, bot.PostalAddress)
	return !slices.Equal(rest, t.r) && nowhereElse.Replace(string(rest)) == ""
}

// nowhereElse takes out the words around a place.
var nowhereElse = strings.NewReplacer(" ", "", "，", "", ",", "", "。", "", "我家", "", "我们", "", "我哋", "", "我", "", "住在", "", "住", "", "就在", "", "在", "", "喺", "", "系", "", "家", "", "那边", "", "这边", "", "嗰边", "", "呢边", "", "人", "", "的", "", "东莞", "", "镇", "", "街道", "")

// answered says whether the particular that was asked for was told: 我爸叫刘国强
// is a name given, whatever its wording is like.
func (t *reading) answered(entities []bot.Entity) bool {
	return t.asked != "" && slices.ContainsFunc(entities, func(e bot.Entity) bool { return e.Type == t.asked })
}

// plainIntent are cases that need no statistics, or only a nod of them.
func plainIntent(out *bot.Understanding, t *reading, ranked []bot.Ranked) (bot.Intent, bool) {
	text := string(trimmed(t.meant))
	has := func(t bot.EntityType) bool {
		return slices.ContainsFunc(out.Entities, func(e bot.Entity) bool { return e.Type == t })
	}
	switch {
	case slices.Contains(out.Acts, bot.Person) && (t.bare || utf8.RuneCountInString(text) <= 14 && among(ranked, 2, bot.TalkToOperator)):
		return bot.TalkToOperator, true
	case has(bot.TicketNo) && containsAny(text, []string{"认领", "claim"}):
		return bot.ClaimWish, true
	case has(bot.TicketNo):
		return bot.CheckRequest, true
	case containsAny(text, []string{"撤回", "撤诉", "撤单"}) && utf8.RuneCountInString(text) <= 12 && !strings.Contains(text, "预约"):
		return bot.CheckRequest, true
	case waits.MatchString(text), unsolved.MatchString(text), solved.MatchString(text), passesOn.MatchString(text):
		return bot.CheckRequest, true
	case containsAny(text, followingUp) && followsUp.MatchString(text):
		return bot.CheckRequest, true
	case bot.ThanksGiver(text), asksPublic.MatchString(text) && !claims.MatchString(text), hides.MatchString(text):
		return bot.CheckRequest, true
	case has(bot.Hall) && containsAny(text, manned):
		return bot.AskProcedure, true
	case has(bot.AppointmentNo):
		return likeliest(ranked, bot.CheckAppointment, bot.CancelAppointment, bot.RescheduleAppointment), true
	case !out.Question && strings.Contains(text, "微实事") && works.MatchString(text):
		return bot.FileReport, true
	case (complains.MatchString(text) || praises.MatchString(text)) && !out.Question:
		return bot.FileReport, true
	case has(bot.Service) && !out.Question && asksToBook(text):
		return bot.BookAppointment, true
	case !out.Question && containsAny(text, wants) && !containsAny(text, []string{"我想帮", "帮帮他", "捐", "认领", "资助", "送给"}):
		return bot.RequestHelp, true
	case containsAny(text, wishing) && !containsAny(text, []string{"认领", "捐", "怎么", "如何", "流程", "条件", "什么"}):
		return bot.RequestHelp, true
	case containsAny(text, []string{"粤康码", "健康码", "莞e申报", "行程码", "红码", "黄码", "绿码", "health code"}):
		return bot.HealthCode, true
	case slices.Contains(greetings, text):
		return bot.Greet, true
	case slices.Contains(thanks, text):
		return bot.Thank, true
	case slices.Contains(goodbyes, text):
		return bot.Goodbye, true
	}
	return "", false
}

// among says whether an intent is one of the first n.
func among(ranked []bot.Ranked, n int, intent bot.Intent) bool {
	return slices.ContainsFunc(ranked[:min(n, len(ranked))], func(r bot.Ranked) bool { return r.Intent == intent })
}

// likeliest is the one of some intents that is ranked first, the first of them
// where none is ranked.
func likeliest(ranked []bot.Ranked, of ...bot.Intent) bot.Intent {
	for _, r := range ranked {
		if slices.Contains(of, r.Intent) {
			return r.Intent
		}
	}
	return of[0]
}

// asksToBook hears 预约 as what is to be done, and not an appointment there is.
func asksToBook(text string) bool {
	i := strings.Index(text, "预约")
	if i < 0 || containsAny(text, []string{"取消", "改", "换", "查", "退", "我的预约", "预约号", "预约了", "已预约", "推迟", "提前", "撤", "消", "调", "投诉", "不用预约", "不预约", "别预约", "不是预约"}) {
		return false
	}
	rest := text[i+len("预约"):]
	return rest != "" && !containsAny(rest[:min(len(rest), 6)], []string{"的", "号", "成", "时", "信", "记", "单"})
}

// followsUp adds to what was reported, or takes it back.
var followsUp = regexp.MustCompile(`^(?:我|再|还|想|要|得)*补充(?:一下|一点|两句|几句|说明|照片|[:：，,])|(?:投诉|诉求|反映|举报|求助|工单)[^，。]{0,4}(?:不用办|不用管|不用处理|不用查|唔使办|唔使搞)`)

// asksPublic asks when one's own wish is public, or claimed; claims wants one of
// others'.
var (
	asksPublic = regexp.MustCompile(`心愿[^，。]{0,8}(?:什么时候|啥时候|几时|何时|哪天|多久|怎么还没|怎么还不|还没|还不)[^，。]{0,4}(?:公开|公示|挂出|挂上|放上|上名单)` +
		`|心愿[^，。]{0,6}(?:公开|公示|挂出来|挂出去|挂上去)了?(?:没|吗|未)|我[^，。]{0,8}心愿[^，。]{0,4}(?:有没有|什么时候|啥时候|几时|多久)[^，。]{0,6}认领|^(?:那|请问)?(?:大概)?(?:什么时候|啥时候|几时|多久)(?:会|能|才能|可以|先)?(?:有人)(?:来)?认领(?:呢|啊|呀|吗)?[?？]?$|^(?:那|请问)?(?:谁|哪个|边个|什么人)(?:会|来|会来|可以)?(?:帮我)?认领(?:我的?|的)?(?:呢|啊|呀|吗)?[?？]?$`)
	claims = regexp.MustCompile(`我们?(?:想|要|来|能|可以)?(?:去)?认领|(?:认领|公开)的(?:微?心愿)|哪些|怎么认领|如何认领`)
)

// hides takes one's own wish off the public list, or keeps it from there.
var hides = regexp.MustCompile(`^(?:我|那|还是|都系|算了|先|就|，)*(?:不|别|不要|不想|唔想|唔好)公开(?:了|啦|喇|吧)?(?:[，。,].{0,8})?$`)

// complains says in a clause of its own that this is a complaint.
var complains = regexp.MustCompile(`.{6}[，。,;；]我?(?:要|想|来)?(?:投诉|举报)(?:[，。,;；]|$)`)

// praises begins with the praise of somebody, or wants to thank one of those who
// serve the public, which is a report too.
var praises = regexp.MustCompile(`^(?:我|们|想|要|帮|请|麻烦|来|特意|必须)*(?:表扬|夸一夸|夸夸)(?:一下|下)?[^，。]{3}` +
	`|^(?:我|我们)?(?:想|要)(?:好好|特别)?(?:感谢|谢谢|多谢)(?:一下|下)?[^，。]{0,16}(?:民警|交警|警察|派出所|消防|医生|护士|老师|司机|工作人员|志愿者|网格员|城管|环卫|社工|社区)`)

// works is something to be built or mended for everybody (微实事).
var works = regexp.MustCompile(`修|装|建(?:个|一|座|条)|铺|加(?:个|一|设)|改造|更换|疏通|清理|补种`)

// passesOn says something to the other side of a wish.
var passesOn = regexp.MustCompile(`^(?:我想|我要|请|帮我|麻烦)*(?:回话|道谢)(?:[ ，,:：]|$)`)

// waits asks after what was complained of some time ago and nobody has seen to.
var waits = regexp.MustCompile(`(?:上个?月|上周|上个?星期|上个?礼拜|上次|之前|早就|前几天|前阵子)我?(?:投诉|反映|举报)过?[的嘅].{2,12}(?:怎么还|点解仲|还是|到现在|至今)`)

// unsolved and solved answer that something was said to be done.
var (
	unsolved = regexp.MustCompile(`^(?:可是|但是|其实|根本|还是|仍然|仲系|都|还|问题|事情|并)*(?:没有?|未|冇)(?:有)?(?:解决|办好|处理好|搞掂)`)
	solved   = regexp.MustCompile(`^(?:我|很|非常|挺|都|还|比较|蛮|已经|问题|事情|全部|十分)*(?:满意|解决了|解决咗|搞掂咗)(?:的|了|啦|啊|，?,?谢谢.{0,3}|，?,?多谢.{0,3})?$`)
)

// followingUp is what followsUp looks for: one of these stands in whatever it
// matches.
var followingUp = []string{"补充", "不用办", "不用管", "不用处理", "不用查", "唔使办", "唔使搞"}

// manned is how people ask whether a hall is open.
var manned = []string{"有人吗", "有人么", "有人没", "有没有人", "有冇人", "有人上班", "有人在", "有人返工", "有人值班"}

// wishing is how a wish is asked to be put down, as a question or not.
var wishing = []string{"登记微心愿", "登记个微心愿", "登记一个微心愿", "申请微心愿", "申请个微心愿", "许个微心愿", "许微心愿", "许一个微心愿", "提个微心愿", "登记心愿"}

// wants are needs that cannot wait for a clarifying question: food and a roof.
var wants = []string{
	"断粮", "断炊", "揭不开锅", "没饭吃", "没有饭吃", "没东西吃", "没有东西吃", "没米下锅", "没钱吃饭", "没钱买米", "没钱买奶粉", "没奶粉", "冇饭食", "冇米", "冇钱食饭", "冇钱买奶粉",
	"无家可归", "露宿街头", "睡大街", "没地方住", "没有地方住", "冇地方住", "冇地方瞓",
}

var (
	greetings = []string{"你好", "您好", "你好啊", "你好呀", "在吗", "在么", "在不在", "有人吗", "hi", "hello", "哈喽", "嗨", "早上好", "上午好", "中午好", "下午好", "晚上好", "早晨", "早", "喂", "喂你好", "喂,你好", "hey"}
	thanks    = []string{"谢谢", "多谢", "谢谢你", "谢谢您", "唔该", "唔该晒", "多谢晒", "thanks", "thank you", "thx", "感谢", "非常感谢", "辛苦了", "麻烦你了", "好的谢谢", "好的,谢谢", "谢谢啦"}
	goodbyes  = []string{"再见", "拜拜", "bye", "goodbye", "拜", "回头见", "先这样", "没事了", "没有了谢谢", "没别的了", "冇嘢啦", "下次再聊", "88", "好的再见"}
)

// temper keeps the classifier from acting where the utterance holds nothing
// but particulars or words in context: those mean something only to a flow.
func (r *Recognizer) temper(out *bot.Understanding, t *reading) {
	rest := out.Norm
	for _, e := range out.Entities {
		rest = strings.Replace(rest, strings.ToLower(e.Text), "", 1)
	}
	counted := onlyCounts(out.Norm)
	if !t.bare && !onlyFillers(rest) && !counted {
		return
	}
	if len(out.Entities) == 0 && len(out.Acts) == 0 && !counted {
		return
	}
	if len(out.Entities) == 0 && (out.Intent == bot.Greet || out.Intent == bot.Thank || out.Intent == bot.Goodbye) {
		return
	}
	switch {
	case hasOnly(out.Entities, bot.Service, bot.Relation) && hasAny(out.Entities, bot.Service):
		if out.Decision == bot.Accept && !out.Question && !(out.Intent == bot.RequestHelp && strings.Contains(out.Norm, "求助")) {
			out.Decision = bot.Clarify // 求助 names a guide too, and is the errand itself
		}
	case out.Intent == bot.BookAppointment && hasAny(out.Entities, bot.Service) && hasAny(out.Entities, whenAndWhere()...):
		// A service with a day or a hall is what people want to book.
	default:
		out.Alternatives = append([]bot.Ranked{{Intent: out.Intent, Score: out.Score}}, out.Alternatives...)
		out.Intent, out.Decision = bot.OutOfScope, bot.Abstain
	}
}

// bareCount is nothing but how many: 3个人, 我们一家四口, 就我一个人. It answers a
// question: the 人 in it asks for nobody, and being alone is no danger.
var bareCount = regexp.MustCompile(`^(就|只有|大概|一共|总共|我们|一家|全家|差不多|有|才)*[0-9一二两三四五六七八九十百几]+(来|多)?((个|位|名|口|家)(人|员工|孩子|小孩|大人|老人)?|人|员工)(吧|左右|啊|呢)?[。.]?$|^(就|只有|是|家里就)?我(一个人|自己一个|自己)(住|去|来|办)?[。.]?$`)

// onlySecret is nothing but the wish that others should not know, which by
// itself is no danger: 我不想让村里人知道.
var onlySecret = regexp.MustCompile(`^我?(?:不想|不要|别|千万别|唔想|唔好)(?:让|给|被|俾)[^，。,！!]{1,6}(?:知道|知|晓得)(?:我家困难|我求助)?[。.]?$`)

// onlyChronic is nothing but an illness somebody lives with: 我妈有哮喘. What it
// does to them at this moment would be told with it.
var onlyChronic = regexp.MustCompile(`^(?:我|我家|家里)?(?:妈妈?|爸爸?|老公|老婆|儿子|女儿|孩子|小孩|奶奶|爷爷|外婆|外公|老人家?|阿婆|阿公|老豆|阿妈)?(?:一直|本来|以前就)?(?:有|患有|得了)(?:哮喘|高血压|高血糖|糖尿病|心脏病|冠心病|癫痫|慢阻肺|尿毒症)(?:病)?(?:很多年|好多年|多年|几年)?(?:了)?[。.]?$`)

// homeAlone is nothing but that the grown-ups are not back yet: whoever says so is
// comforted (see bot), and is lost no one.
var homeAlone = regexp.MustCompile(`^(?:我)?(?:妈妈|爸爸|爸妈|妈咪|大人|奶奶|外婆)(?:还|都|仲)?(?:没|没有|未)(?:有)?(?:回来|回家|下班|返屋企|返)[，,。 ]?就?我?(?:一个人|自己)(?:一个人)?(?:在家|喺屋企)[。.！!]*$`)

// onlyCounts says whether an utterance is nothing but how many. Whatever
// bareCount matches holds one of these.
func onlyCounts(text string) bool {
	return (strings.ContainsAny(text, "个位名口家人员") || strings.Contains(text, "自己")) && bareCount.MatchString(text)
}

// whenAndWhere are the particulars that make a named service an appointment.
func whenAndWhere() []bot.EntityType {
	return []bot.EntityType{bot.Date, bot.DateTime, bot.DateTimeRange, bot.DateRange, bot.Time, bot.TimeRange, bot.Town, bot.Hall}
}

func hasAny(entities []bot.Entity, types ...bot.EntityType) bool {
	return slices.ContainsFunc(entities, func(e bot.Entity) bool { return slices.Contains(types, e.Type) })
}

func hasOnly(entities []bot.Entity, types ...bot.EntityType) bool {
	return len(entities) > 0 && !slices.ContainsFunc(entities, func(e bot.Entity) bool { return !slices.Contains(types, e.Type) })
}
