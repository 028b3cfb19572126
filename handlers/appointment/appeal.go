package appointment

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Appeal is the errand of a word against a stop of bookings after no-shows.
const Appeal bot.Intent = "appeal_no_show"

// HearsAppeal says whether words ask for a stop of bookings to be looked at
// again.
func HearsAppeal(words string) bool {
	appeal := bot.Mentions(words, "申诉", "申訴", "解除", "解封", "豁免")
	return appeal && bot.Mentions(words, "爽约", "爽約", "停约", "停約", "黑名单", "黑名單", "拉黑", "禁约", "禁約", "不让约", "不能约", "约不了", "唔俾约", "预约", "預約", "没去", "失约", "取号") || bot.Mentions(words, "爽约申诉") ||
		appeal && utf8.RuneCountInString(words) <= 5 && bot.Mentions(words, "申诉", "申訴") && !strings.ContainsAny(words, "哪边邊怎点點") // 喺边度申诉 may be of a health code
}

// appeal is the flow.
func (e *Errand) appeal() *bot.Flow {
	return &bot.Flow{
		Intent: Appeal, Within: bot.BookAppointment, Name: "停约申诉", NameEN: "appealing", Keeps: true,
		Slots: []bot.Slot{
			{Name: "name", Label: "办理人", LabelEN: "Person", Types: []bot.EntityType{bot.PersonName},
				Why: "停约是按办理人算的。", WhyEN: "Bookings are paused by person.",
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("是哪位办理人被停约了？请说预约时用的姓名。", "Whose bookings are paused? Please give the name used for booking.")}, nil
				}},
			bot.PhoneSlot("预约时留的手机号是？", "Which phone number was given with it?", "停约记录是按姓名和手机号找的。", "The record is found by name and number."),
			{Name: "id_number"},
			{Name: "words", Label: "原因", LabelEN: "Reason", Free: true,
				Why: "写清楚了，看的人才好判断。", WhyEN: "So that it can be judged.",
				// A reason tells of bookings, cancelling and halls; it asks for none.
				Hears: func(_ *bot.Form, words string) bool {
					return utf8.RuneCountInString(words) >= 8 && !bot.Mentions(words, "不申诉", "不申訴", "别申诉", "算了")
				},
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("当时为什么没来？说一两句就行，比如生病、大厅改了时间。办理人是老人或残疾人也请写上，可以申请以后都不停约。",
						"Why were the appointments missed? A sentence or two. Please say if the person is elderly or disabled: they can be exempted.")}, nil
				},
				Accept: func(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
					words := strings.TrimSpace(en.Value)
					if n := utf8.RuneCountInString(words); n < 4 || n > booking.MostWords {
						return bot.Value{}, &bot.Problem{Text: f.Say("请用 4 到 500 个字说说原因？", "Please tell why in 4 to 500 characters?"), Cause: "length"}, nil
					}
					return bot.Value{Value: words}, nil, nil
				}},
		},
		Begin: e.beginBooking, Check: e.checkAppeal,
		Confirm: func(_ context.Context, f *bot.Form) (bot.Reply, error) {
			ban, _ := e.Ledger.Banned(e.request(f))
			return bot.Reply{Text: f.Say("请核对申诉：\n办理人：%s\n电话：%s\n停约到：%s\n原因：%s\n没问题请回“确认”。", "Please check the appeal:\nPerson: %s\nPhone: %s\nPaused until: %s\nReason: %s\nIf all is right, say \"confirm\".",
				f.Get("name"), bot.MaskPhone(f.Get("phone")), lastDay(ban, f.Language), f.Get("words"))}, nil
		},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			err := e.Ledger.Appeal(ctx, tx, booking.Appeal{Citizen: f.Citizen.ID, Name: bot.Secret(f.Get("name")), Phone: bot.Secret(f.Get("phone")),
				IDNumber: bot.Secret(f.Get("id_number")), Words: bot.Secret(f.Get("words")), At: f.Now})
			if err != nil {
				return nil, e.reason(ctx, f, err)
			}
			return []bot.Reply{{Text: f.Say("申诉收到了，有人看过就把结果发给您。这段时间可以直接到大厅现场取号。还要办别的吗？",
				"Your appeal was received; you will be told the result here. Meanwhile walk-in is possible. Anything else?")}}, nil
		},
		Gist: func(f *bot.Form) string { return "停约申诉" },
	}
}

// checkAppeal makes sure that there is something to appeal against.
func (e *Errand) checkAppeal(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if !f.Has("name") || !f.Has("phone") {
		return nil, nil
	}
	if _, banned := e.Ledger.Banned(e.request(f)); !banned {
		return &bot.Problem{End: true, Cause: booking.ErrNotBanned.Error(), Text: booking.Reason(booking.ErrNotBanned, e.rules(f), f.Language),
			Choices: []bot.Choice{{Text: f.Say("预约办事", "Book an appointment"), Flow: bot.BookAppointment}}}, nil
	}
	return nil, nil
}

// banned says to the citizen that, why and until when bookings are stopped,
// and what can be done.
func (e *Errand) banned(f *bot.Form) *bot.Problem {
	ban, _ := e.Ledger.Banned(e.request(f))
	text := booking.Reason(booking.ErrBanned, e.rules(f), f.Language)
	if !ban.Until.IsZero() {
		text += f.Say("停到%s。", " Until %s.", lastDay(ban, f.Language))
	}
	also := map[string]bot.Value{}
	for _, slot := range []string{"phone", "id_number", "relation"} {
		if v, ok := f.Value(slot); ok {
			also[slot] = v
		}
	}
	name, _ := f.Value("name")
	return &bot.Problem{Text: text, Cause: booking.ErrBanned.Error(), End: true, Choices: []bot.Choice{
		{Text: f.Say("申诉", "Appeal"), Words: []string{"申诉", "appeal"}, Flow: Appeal, Slot: "name", Value: name, Also: also},
		{Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator},
	}}
}

// pause says of a citizen's own bookings that they are stopped; empty where
// they are not.
func (e *Errand) pause(f *bot.Form) string {
	if f.Citizen.Name == "" || f.Citizen.Phone == "" {
		return ""
	}
	ban, banned := e.Ledger.Banned(booking.Request{Name: f.Citizen.Name, Phone: f.Citizen.Phone, Now: f.Now})
	if !banned {
		return ""
	}
	return f.Say("您有 %d 次约了没来，预约暂停到%s；有特殊情况可以说“停约申诉”。", "You missed %d appointments; bookings are paused until %s. Say \"停约申诉\" to appeal.",
		ban.Missed, lastDay(ban, f.Language))
}

// lastDay is the last day on which nothing can be booked.
func lastDay(ban booking.Ban, l bot.Language) string {
	return l.Date(ban.Until.AddDate(0, 0, -1))
}

// AsksAppeal says whether words ask what became of an appeal against a stop of
// bookings: 我的申诉怎么样了. Where and how to appeal is not asked so, and an
// appeal about a health code, a fine or a licence is not ours.
func AsksAppeal(words string) bool {
	if !bot.Mentions(words, "申诉", "申訴", "my appeal", "My appeal") || utf8.RuneCountInString(words) > 30 {
		return false
	}
	if bot.Mentions(words, "码", "碼", "罚", "罰", "扣分", "仲裁", "法院", "职称", "学位", "積分", "积分", "执照", "征信", "怎么申诉", "怎样申诉", "如何申诉", "点申诉", "点样申诉", "点样申訴", "哪里申诉", "哪申诉", "去哪", "边度申", "想申诉", "要申诉") {
		return false
	}
	return bot.Mentions(words, "怎么样", "怎样", "如何了", "点样", "點樣", "点了", "點呀", "点呀", "进度", "進度", "进展", "结果", "結果", "有没有", "有冇", "过了没", "过咗未", "过没过", "通过", "通過", "批了", "批咗", "看了没", "看了吗", "好了没", "好了吗", "处理", "處理", "多久", "几时", "幾時", "什么时候", "还没", "仲未", "消息", "回音", "回复", "how", "How", "status", "result", "decided")
}

// AsksAppeal implements progress.Appeals.
func (e *Errand) AsksAppeal(words string) bool { return AsksAppeal(words) }

// AppealStands implements progress.Appeals.
func (e *Errand) AppealStands(ctx context.Context, f *bot.Form) (string, error) {
	a, found, err := e.Ledger.AppealOf(ctx, f.Citizen.ID)
	if err != nil {
		return "", fmt.Errorf("find the citizen's appeal: %w", err)
	}
	if !found || a.Status != booking.AppealOpen && !AsksAppeal(f.Words) {
		return "", nil
	}
	return Stands(a, f.Language), nil
}

// Stands is how an appeal stands.
func Stands(a booking.Appeal, l bot.Language) string {
	if a.Status != booking.AppealOpen {
		return Decided(a, l)
	}
	return l.Say("您%s提交的停约申诉正在看，有结果马上告诉您。这段时间可以直接到大厅现场取号。", "Your appeal of %s is being looked at; you will be told at once. Meanwhile walk-in is possible.", l.Date(a.At))
}

// Decided is what a citizen is told of their appeal.
func Decided(a booking.Appeal, l bot.Language) string {
	text := map[booking.AppealStatus]string{
		booking.AppealGranted: l.Say("停约申诉通过了：%s之前没来的不再计算，现在就能预约。", "Your appeal was granted: what was missed before %s no longer counts, and you can book now.", l.Date(a.Decided)),
		booking.AppealExempt:  l.Say("停约申诉通过了：这位办理人以后不会因为没来而停约，现在就能预约。", "Your appeal was granted: this person's bookings will not be paused again; you can book now."),
		booking.AppealRefused: l.Say("停约申诉没有通过。停约期间可以直接到大厅现场取号；还有疑问请回“人工”。", "Your appeal was not granted. Walk-in is possible meanwhile; say \"person\" to talk to someone."),
	}[a.Status]
	return text + fmt.Sprintf(l.Say("\n说明：%s", "\nNote: %s"), a.Answer.Reveal())
}
