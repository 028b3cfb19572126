package intents

import (
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
)

// decide weighs safety, plain rules and the classifier.
func (r *Recognizer) decide(out *bot.Understanding, t *reading) {
	seen := r.safety.find(out.Norm)
	if seen.sign != "" {
		out.Intent, out.Score, out.Decision, out.Hazard = bot.Emergency, 1, bot.Danger, seen.hazard
		return
	}
	if intent, ok := plainIntent(out); ok {
		out.Intent, out.Score, out.Decision = intent, 1, bot.Accept
		return
	}
	masked, features := t.read(out.Entities, out.Question)
	decision, ranked := r.classifier.Decide(masked, features...)
	if !seen.denied && !t.answered(out.Entities) && grave(ranked) {
		out.Intent, out.Score, out.Decision = bot.Emergency, ranked[0].Score, bot.Danger
		return
	}
	ranked = slices.DeleteFunc(slices.Clone(ranked), func(x bot.Ranked) bool { return x.Intent == bot.Emergency })
	if len(ranked) == 0 {
		ranked = []bot.Ranked{{Intent: bot.OutOfScope}}
	}
	out.Intent, out.Score, out.Decision = ranked[0].Intent, ranked[0].Score, decision
	out.Alternatives = append(out.Alternatives, ranked[1:min(len(ranked), 5)]...)
	r.temper(out, t)
	if out.Decision == bot.Abstain || out.Intent == bot.OutOfScope {
		if out.Intent != bot.OutOfScope {
			out.Alternatives = append([]bot.Ranked{{Intent: out.Intent, Score: out.Score}}, out.Alternatives...)
		}
		out.Intent, out.Decision = bot.OutOfScope, bot.Abstain
	}
}

// graveFrom is the probability from which the classifier's word alone that
// somebody is in danger is believed. Rules miss what nobody foresaw: on 203
// emergencies they were not written from they found 62 in 100, with the
// classifier 93.
const graveFrom = 0.6

// answered says whether the particular that was asked for was told: 我爸叫刘国强
// is a name given, whatever its wording is like.
func (t *reading) answered(entities []bot.Entity) bool {
	return t.asked != "" && slices.ContainsFunc(entities, func(e bot.Entity) bool { return e.Type == t.asked })
}

// grave says whether the wording as a whole tells of danger.
func grave(ranked []bot.Ranked) bool {
	return len(ranked) > 0 && ranked[0].Intent == bot.Emergency && ranked[0].Score >= graveFrom
}

// plainIntent are cases that need no statistics.
func plainIntent(out *bot.Understanding) (bot.Intent, bool) {
	text := string(trimmed([]rune(out.Norm)))
	has := func(t bot.EntityType) bool {
		return slices.ContainsFunc(out.Entities, func(e bot.Entity) bool { return e.Type == t })
	}
	switch {
	case slices.Contains(out.Acts, bot.Person) && utf8.RuneCountInString(text) <= 14:
		return bot.TalkToOperator, true
	case has(bot.TicketNo):
		return bot.CheckRequest, true
	case has(bot.AppointmentNo) && containsAny(text, []string{"取消", "退掉", "退了", "唔要", "不去了", "cancel"}):
		return bot.CancelAppointment, true
	case has(bot.AppointmentNo) && containsAny(text, []string{"改", "换", "推迟", "提前", "延后", "change", "reschedule"}):
		return bot.RescheduleAppointment, true
	case has(bot.AppointmentNo):
		return bot.CheckAppointment, true
	case has(bot.Service) && !out.Question && asksToBook(text):
		return bot.BookAppointment, true
	case !out.Question && containsAny(text, wants) && !containsAny(text, []string{"我想帮", "帮帮他", "捐", "认领", "资助", "送给"}):
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

// asksToBook hears 预约 as what is to be done, and not an appointment there is.
func asksToBook(text string) bool {
	i := strings.Index(text, "预约")
	if i < 0 || containsAny(text, []string{"取消", "改", "换", "查", "退", "我的预约", "预约号", "预约了", "已预约", "推迟", "提前", "投诉", "不用预约", "不预约", "别预约", "不是预约"}) {
		return false
	}
	rest := text[i+len("预约"):]
	return rest != "" && !containsAny(rest[:min(len(rest), 6)], []string{"的", "号", "成", "时", "信", "记", "单"})
}

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
	if !t.bare && !onlyFillers(rest) {
		return
	}
	if len(out.Entities) == 0 && len(out.Acts) == 0 {
		return
	}
	if len(out.Entities) == 0 && (out.Intent == bot.Greet || out.Intent == bot.Thank || out.Intent == bot.Goodbye) {
		return
	}
	switch {
	case hasOnly(out.Entities, bot.Service):
		if out.Decision == bot.Accept && !out.Question {
			out.Decision = bot.Clarify
		}
	case out.Intent == bot.BookAppointment && hasAny(out.Entities, bot.Service) && hasAny(out.Entities, whenAndWhere()...):
		// A service with a day or a hall is what people want to book.
	default:
		out.Alternatives = append([]bot.Ranked{{Intent: out.Intent, Score: out.Score}}, out.Alternatives...)
		out.Intent, out.Decision = bot.OutOfScope, bot.Abstain
	}
}

// whenAndWhere are the particulars that make a named service an appointment.
func whenAndWhere() []bot.EntityType {
	return []bot.EntityType{bot.Date, bot.DateTime, bot.DateTimeRange, bot.DateRange, bot.Time, bot.TimeRange, bot.Town, bot.Hall}
}

func hasAny(entities []bot.Entity, types ...bot.EntityType) bool {
	return slices.ContainsFunc(entities, func(e bot.Entity) bool { return slices.Contains(types, e.Type) })
}

func hasOnly(entities []bot.Entity, t bot.EntityType) bool {
	return len(entities) > 0 && !slices.ContainsFunc(entities, func(e bot.Entity) bool { return e.Type != t })
}
