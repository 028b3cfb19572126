// Package help is the errand of asking for urgent help (民生大莞家: 急难求助
// and 微心愿): what happened, what is needed most now, for whom, where, and
// how to reach them. It ends in a ticket with its time limits.
//
// It refuses to judge who deserves help, and never asks for papers here.
package help

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Ledger   ticket.Ledger
	Calendar ticket.WorkCalendar
	Towns    map[string]string // id → name
}

// need is a kind of help with the words that point to it.
type need struct {
	id, name string
	urgent   bool
	words    []string
}

func needs() []need {
	return []need{
		{"shelter", "吃饭住处", true, []string{"没饭吃", "没吃的", "没有吃的", "饿", "没地方住", "没有地方住", "流落", "露宿", "睡街", "被赶出来", "无家可归", "断粮", "冇饭食", "冇地方住", "揭不开锅", "烧了", "塌了", "水浸"}},
		{"medical", "看病用药", true, []string{"病", "医院", "手术", "药", "住院", "癌", "白血病", "治疗", "透析", "尿毒症", "医药费", "医疗费", "受伤", "烧伤", "睇医生"}},
		{"schooling", "孩子上学", false, []string{"学费", "上学", "读书", "书包", "文具", "上网课", "失学", "大学", "课本", "学习桌", "书桌"}},
		{"aids", "轮椅等辅具", false, []string{"轮椅", "拐杖", "助听器", "护理床", "辅具", "假肢", "尿不湿", "防滑"}},
		{"care", "照料陪伴", false, []string{"没人照顾", "独居", "行动不便", "瘫痪", "照料", "陪伴", "送饭", "理发", "冇人照顾", "失能"}},
		{"work", "找工作", false, []string{"失业", "找工作", "没工作", "下岗", "冇工做"}},
		{"repair", "房屋维修", false, []string{"漏雨", "漏水", "屋顶", "危房", "修房", "线路老化"}},
		{"goods", "生活用品", false, []string{"棉被", "被子", "衣服", "风扇", "冰箱", "洗衣机", "米油", "电饭煲", "床", "奶粉", "生活用品"}},
		{"mind", "心理疏导", false, []string{"心理", "抑郁", "失眠", "压力", "情绪"}},
		{"money", "生活费", false, []string{"钱", "生活费", "困难", "低保", "欠债", "穷", "交不起", "房租"}},
	}
}

// Errand takes requests for help.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	town := bot.TownSlot(e.Towns, "您在哪个镇街？也可以发一个位置。", "Which town are you in? You can also send a location.")
	return &bot.Flow{
		Intent: bot.RequestHelp, Name: "急难求助", NameEN: "asking for help",
		Slots: []bot.Slot{
			{Name: "text", Label: "情况", LabelEN: "What happened", Free: true,
				Why: "说清情况，帮您的人才知道先做什么。", WhyEN: "So that whoever helps knows what to do first.",
				Ask: askStory, Accept: acceptStory},
			{Name: "need", Label: "最急的", LabelEN: "Most urgent need", Free: true, Ask: askNeed, Accept: acceptNeed,
				Why: "最急的事先办。", WhyEN: "The most urgent comes first."},
			{Name: "relation", Types: []bot.EntityType{bot.Relation}},
			town,
			{Name: "address", Label: "地址", LabelEN: "Address", Types: []bot.EntityType{bot.PostalAddress}, Free: true, Optional: true,
				Why: "上门看望、送东西要找得到地方，只给办理的人看。", WhyEN: "So that helpers find the place; only they see it.",
				Needed: func(f *bot.Form) bool { return !f.Has("location") },
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("在哪个村（社区）、什么路几号？不方便说可以回“跳过”。", "Which village and street? Say \"skip\" if you would rather not.")}, nil
				}},
			bot.NameSlot("怎么称呼您？", "What is your name?", "联系时好称呼您。", "So that we can address you."),
			bot.PhoneSlot("留个手机号，工作人员好联系您。", "Please give a phone number so that we can reach you.",
				"镇街 24 小时内要联系您反馈受理意见。", "The town calls you back within 24 hours."),
			{Name: "amount", Label: "金额", LabelEN: "Amount", Types: []bot.EntityType{bot.Money}},
			{Name: "location"}, {Name: "attachment"},
		},
		Begin: e.begin, Check: e.check, Confirm: e.confirm, Commit: e.commit,
		Gist: func(f *bot.Form) string { return "急难求助：" + e.Towns[f.Get("town")] + " " + f.Get("need") },
	}
}

// begin takes the opening words as the story where they tell one.
func (e *Errand) begin(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("text") || !tells(f.Words) {
		return nil, nil
	}
	f.Set("text", bot.Value{Value: strings.TrimSpace(f.Words)})
	return nil, nil
}

// tells says whether words tell a situation rather than only ask for the errand.
func tells(words string) bool {
	if utf8.RuneCountInString(words) < 9 {
		return false
	}
	return findNeed(words).id != ""
}

func findNeed(words string) need {
	for _, n := range needs() {
		for _, w := range n.words {
			if strings.Contains(words, w) {
				return n
			}
		}
	}
	return need{}
}

func askStory(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	return bot.Prompt{Text: f.Say("您别急，慢慢说：遇到了什么难处？", "Take your time: what has happened?")}, nil
}

func acceptStory(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	text := strings.TrimSpace(en.Value)
	if utf8.RuneCountInString(text) < 3 {
		return bot.Value{}, &bot.Problem{Text: f.Say("再多说一两句，比如谁遇到了困难、需要什么。", "A little more, please: who is in need, and of what?")}, nil
	}
	if old := f.Get("text"); old != "" {
		text = old + "\n" + text
	}
	return bot.Value{Value: text}, nil, nil
}

func askNeed(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	var choices []bot.Choice
	for _, n := range needs() {
		choices = append(choices, bot.Choice{Text: n.name, Slot: "need", Value: bot.Value{Value: n.name}})
		if len(choices) == 6 {
			break
		}
	}
	return bot.Prompt{Text: f.Say("现在最急着要解决的是什么？", "What is needed most right now?"), Choices: choices}, nil
}

func acceptNeed(_ context.Context, _ *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if n := findNeed(en.Value); n.id != "" {
		return bot.Value{Value: n.name, Said: en.Value}, nil, nil
	}
	return bot.Value{Value: strings.TrimSpace(en.Value)}, nil, nil
}

// check draws from the story what need not be asked.
func (e *Errand) check(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("text") && !f.Has("need") {
		if n := findNeed(f.Get("text")); n.id != "" {
			f.Set("need", bot.Value{Value: n.name})
		}
	}
	if !f.Has("name") && f.Citizen.Name != "" {
		f.Set("name", bot.Value{Value: f.Citizen.Name.Reveal()})
	}
	if !f.Has("phone") && f.Citizen.Phone != "" {
		p := f.Citizen.Phone.Reveal()
		f.Set("phone", bot.Value{Value: p, Shown: bot.MaskPhone(p)})
	}
	return nil, nil
}

func (e *Errand) confirm(_ context.Context, f *bot.Form) (bot.Reply, error) {
	lines := []string{f.Say("请核对，我就帮您登记：", "Please check:")}
	add := func(zh, en, v string) {
		if v != "" {
			lines = append(lines, f.Say(zh, en)+v)
		}
	}
	add("情况：", "Situation: ", clip(f.Get("text"), 80))
	add("最急的：", "Most urgent: ", f.Get("need"))
	if r := f.Get("relation"); r != "" && r != "本人" {
		add("帮谁：", "For: ", f.Say("您的"+r, r))
	}
	add("镇街：", "Town: ", e.Towns[f.Get("town")])
	add("地址：", "Address: ", f.Get("address"))
	if f.Has("location") {
		lines = append(lines, f.Say("位置：已收到", "Location: received"))
	}
	add("称呼：", "Name: ", f.Get("name"))
	add("电话：", "Phone: ", bot.MaskPhone(f.Get("phone")))
	if f.Has("attachment") {
		lines = append(lines, f.Say("照片：已收到", "Pictures: received"))
	}
	lines = append(lines, f.Say("没问题请回“确认”。", "If all is right, say \"confirm\"."))
	return bot.Reply{Text: strings.Join(lines, "\n")}, nil
}

// clip shortens a long telling for reading back; the ticket keeps it whole.
func clip(text string, n int) string {
	r := []rune(strings.ReplaceAll(text, "\n", " "))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n]) + "…"
}

func (e *Errand) commit(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	v := ticket.Ticket{
		Citizen: f.Citizen.ID, Channel: f.Channel, Kind: ticket.Help, Type: ticket.Assistance, Category: "help",
		Title: title(e.Towns[f.Get("town")], f.Get("need")), Text: bot.Secret(f.Get("text")), Town: f.Get("town"),
		Address: bot.Secret(f.Get("address")), Name: bot.Secret(f.Get("name")), Phone: bot.Secret(f.Get("phone")),
		Urgency: urgency(f), Department: e.Towns[f.Get("town")] + "公共服务办", Relation: f.Get("relation"),
		Status: ticket.Accepted, Key: f.Key(), CreatedAt: f.Now, DueAt: ticket.Due(f.Now, ticket.Help, ticket.Assistance, e.Calendar),
	}
	v.Latitude, v.Longitude = ticket.Coordinates(f.Get("location"))
	v.Amount, _ = strconv.ParseFloat(f.Get("amount"), 64)
	if a := f.Get("attachment"); a != "" {
		v.Attachments = strings.Split(a, ",")
	}
	filed, err := e.Ledger.File(ctx, tx, v)
	if err != nil {
		return nil, fmt.Errorf("file request for help: %w", err)
	}
	known := f.Citizen
	known.Name, known.Phone = v.Name, v.Phone
	if err := tx.SaveCitizen(known); err != nil {
		return nil, fmt.Errorf("remember the citizen: %w", err)
	}
	return []bot.Reply{{Text: f.Say("登记好了，编号 %s。\n%s会在 24 小时内联系您、反馈受理意见；一般 5 个工作日内办结（%s前）。\n情况变急随时告诉我或回“人工”；有生命危险请拨 110、120。想查进度，发编号给我就行。",
		"Registered under %s.\n%s contacts you within 24 hours; usually settled within 5 working days (by %s). Tell me at once if it gets worse; in danger call 110 or 120.",
		filed.Number, e.Towns[f.Get("town")], bot.FullDate(filed.DueAt))}}, nil
}

func title(town, need string) string {
	if utf8.RuneCountInString(need) > 8 {
		need = "急难"
	}
	return town + need + "求助"
}

func urgency(f *bot.Form) ticket.Urgency {
	if n := findNeed(f.Get("text")); n.urgent {
		return ticket.Urgent
	}
	for _, n := range needs() {
		if n.name == f.Get("need") && n.urgent {
			return ticket.Urgent
		}
	}
	return ticket.Normal
}
