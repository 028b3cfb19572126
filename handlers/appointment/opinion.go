package appointment

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// rate is the errand of saying how it was at the hall; it is begun by an
// answer to the question that Ask puts.
const rate bot.Intent = "rate_appointment"

// opine is the flow that keeps what a served citizen says of it.
func (e *Errand) opine() *bot.Flow {
	return &bot.Flow{
		Intent: rate, Within: bot.CheckAppointment, Name: "评价这次办理", NameEN: "rating the visit",
		Slots: []bot.Slot{
			{Name: "appointment_no"}, {Name: "stars"}, {Name: bot.SlotBeside},
			{Name: "words", Label: "哪里没办好", LabelEN: "What went wrong", Free: true, Optional: true,
				Why: "说了具体的，大厅才知道改哪里。", WhyEN: "So that the hall knows what to change.",
				Needed: func(f *bot.Form) bool { return f.Get("stars") <= "2" && !f.Has(bot.SlotBeside) },
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("抱歉，没让您满意。哪里没办好？说一两句转给大厅；不想说回“跳过”。",
						"Sorry that you were not satisfied. What went wrong? A sentence goes to the hall; or say \"skip\".")}, nil
				}},
		},
		Begin: func(_ context.Context, f *bot.Form) (*bot.Problem, error) {
			stars, words := opinionIn(f.Words)
			if !f.Has("stars") && stars > 0 {
				f.Set("stars", bot.Value{Value: string(rune('0' + stars))})
			}
			if words != "" {
				f.Set("words", bot.Value{Value: words})
			}
			if !f.Has("stars") || !f.Has("appointment_no") {
				return &bot.Problem{End: true, Text: f.Say("没听明白您的评价，请回 1 到 5 分。", "Please answer with 1 to 5."), Cause: "no opinion"}, nil
			}
			return nil, nil
		},
		Commit: e.commitOpinion,
		Hears: func(words string, beside bool) bool {
			stars, _ := opinionIn(words)
			return stars > 0 && (!beside || !bare(words)) && !complains(words)
		},
		Gist: func(f *bot.Form) string { return "评价 " + f.Get("appointment_no") },
	}
}

func (e *Errand) commitOpinion(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	o := booking.Opinion{Stars: int(f.Get("stars")[0] - '0'), Words: bot.Secret(clip(f.Get("words"))), At: f.Now}
	if err := e.Ledger.Rate(ctx, tx, f.Get("appointment_no"), o); err != nil {
		return nil, e.reason(ctx, f, err)
	}
	switch {
	case o.Stars <= 2 && o.Words != "":
		return []bot.Reply{{Text: f.Say("记下了，转给大厅改进。要人跟您联系就回“人工”。", "Noted; the hall will read it. Say \"person\" if you want to talk to someone.")}}, nil
	case o.Stars <= 2:
		return []bot.Reply{{Text: f.Say("记下了，没让您满意，抱歉。", "Noted. We are sorry.")}}, nil
	}
	return []bot.Reply{{Text: f.Say("谢谢您的评价。", "Thank you for telling us.")}}, nil
}

func clip(words string) string {
	r := []rune(words)
	return string(r[:min(len(r), booking.MostWords)])
}

// Inquiry is the question that a citizen is asked once after they were served.
func (e *Errand) Inquiry(a booking.Appointment) bot.Inquiry {
	return bot.Inquiry{
		Citizen: a.Citizen, Key: "opinion:" + a.Number, Topic: OpinionTopic(a.Number),
		Aside: bot.Aside{Flow: rate, Slots: map[string]bot.Value{"appointment_no": {Value: a.Number}}},
		Question: func(l bot.Language) bot.Prompt {
			p := bot.Prompt{Text: l.Say("您在%s办的“%s”，办得怎么样？回 1–5 分，或者直接说两句。", "How was your visit to %s for %s? Answer with 1 to 5, or in your own words.",
				e.hallName(a.Hall, l), e.title(a.Service))}
			for _, c := range []struct{ stars, zh, en string }{
				{"5", "5分 很满意", "5 very good"}, {"4", "4分 满意", "4 good"}, {"3", "3分 一般", "3 fair"}, {"2", "2分 不满意", "2 bad"}, {"1", "1分 很不满意", "1 very bad"}} {
				p.Choices = append(p.Choices, bot.Choice{Text: l.Say(c.zh, c.en), Slot: "stars", Value: bot.Value{Value: c.stars}})
			}
			return p
		},
	}
}

// OpinionTopic groups what is asked of a visit in the outbox.
func OpinionTopic(number string) string { return "opinion:" + number }

// scored finds a mark out of five: 5分, 打4分, 五星; alone, the number will do.
// 等了5分钟 is none.
var (
	scored = regexp.MustCompile(`(?:^|[^0-9一二三四五六七八九十])([1-5一二两兩三四五])\s*(?:分(?:[^钟鐘]|$)|颗?星(?:[^期]|$)|顆星|stars?)`)
	alone  = regexp.MustCompile(`^([1-5一二两三四五])$|^([1-5])[\s，,。.、]`)
	marks  = strings.NewReplacer("一", "1", "二", "2", "两", "2", "兩", "2", "三", "3", "四", "4", "五", "5")
)

// opinions are words of how it was, from the surest on: what denies before
// what it denies.
func opinions() []struct {
	stars int
	words []string
} {
	return []struct {
		stars int
		words []string
	}{
		{1, []string{"很不满意", "非常不满意", "十分不满意", "太不满意", "好唔满意", "非常差", "很差", "太差", "好差", "极差", "差劲", "恶劣", "糟透", "垃圾", "very bad", "terrible", "awful"}},
		{2, []string{"不太满意", "不满意", "唔满意", "不怎么样", "不咋样", "不好", "唔好", "不行", "没办好", "态度差", "态度不好", "效率低", "太慢", "差评", "失望", "not good", "not satisfied", "bad", "poor"}},
		{3, []string{"一般", "还行", "还可以", "还好", "凑合", "马马虎虎", "普普通通", "麻麻地", "过得去", "so-so", "so so", "fair", "average"}},
		{5, []string{"非常满意", "很满意", "十分满意", "特别满意", "好满意", "超满意", "非常好", "很好", "特别好", "太好了", "好评", "点赞", "赞", "完美", "棒", "very good", "very satisfied", "excellent", "great", "perfect"}},
		{4, []string{"满意", "挺好", "蛮好", "不错", "几好", "顺利", "挺快", "很快", "good", "satisfied", "fine", "ok"}},
	}
}

// simpler writes the few characters that opinions are told in as they are
// listed, and drops what only sounds like one.
var simpler = strings.NewReplacer("滿", "满", "還", "还", "沒", "没", "評", "评", "讚", "赞", "態", "态", "惡", "恶", "極", "极", "順", "顺", "錯", "错", "麼", "么",
	"湊", "凑", "幾", "几", "馬", "马", "過", "过", "不好意思", "", "唔好意思", "")

// opinionIn reads how it was: 1 to 5, or 0 where the words tell none, and what
// they say besides.
func opinionIn(words string) (stars int, besides string) {
	text := strings.ToLower(strings.TrimSpace(simpler.Replace(words)))
	rest := text
	for _, mark := range []*regexp.Regexp{scored, alone} {
		if m := mark.FindStringSubmatch(text); m != nil && stars == 0 {
			stars = int(marks.Replace(strings.Join(m[1:], ""))[0] - '0')
			rest = strings.Replace(text, strings.TrimSpace(m[0]), "", 1)
		}
	}
	if word, told := opinionWord(text); word != "" {
		if stars == 0 {
			stars = told
		}
		rest = strings.Replace(rest, word, "", 1)
	}
	if stars == 0 || utf8.RuneCountInString(strings.Trim(rest, " ，,。.、；;！!的吧啦了打给我就")) < 3 {
		return stars, ""
	}
	return stars, strings.TrimSpace(words)
}

// opinionWord finds the surest word of how it was.
func opinionWord(text string) (string, int) {
	for _, o := range opinions() {
		for _, w := range o.words {
			if at := strings.Index(text, w); at >= 0 && (w[0] >= utf8.RuneSelf || apart(text, at, len(w))) {
				return w, o.stars
			}
		}
	}
	return "", 0
}

// apart says whether Latin words stand by themselves: there is no ok in book.
func apart(text string, at, n int) bool {
	letter := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= 'a' && text[i] <= 'z' }
	return !letter(at-1) && !letter(at+n)
}

// complains says whether words ask for more than to be noted.
func complains(words string) bool {
	for _, w := range []string{"投诉", "投訴", "举报", "舉報", "complain"} {
		if strings.Contains(strings.ToLower(words), w) {
			return true
		}
	}
	return false
}

// bare says whether words are a mark or a word that may answer another question
// as well.
func bare(words string) bool {
	text := strings.ToLower(simpler.Replace(words))
	for _, w := range []string{"满意", "分", "星", "评", "态度", "服务", "窗口", "大厅", "办得", "satisf", "star", "service"} {
		if strings.Contains(text, w) {
			return false
		}
	}
	return true
}
