// Package help is the errand of asking for urgent help (民生大莞家: 急难求助
// and 微心愿): what happened, what is needed most now, for whom, where, and
// how to reach them. It ends in a ticket with its time limits.
//
// It refuses to judge who deserves help, and never asks for papers here.
package help

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Ledger ticket.Ledger
	Wishes ticket.Wishes
	Towns  map[string]string // id → name
	// Alone: nobody deals with requests here, as in the demo's terminal chat. A
	// wish then stands on the list as soon as its household has agreed to the
	// words; everywhere else it waits for a person.
	Alone bool
	// Near are the ids of the towns around a location, the nearest first.
	Near func(location string) []string
}

// Errand takes requests for help.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	town := bot.TownSlot(e.Towns, "您在哪个镇街？也可以发一个位置。", "Which town are you in? You can also send a location.").Near(e.Towns, e.Near)
	phone := bot.PhoneSlot("留个手机号，工作人员好联系您。没有电话可以回“跳过”。", "Please give a phone number so that we can reach you, or say \"skip\" if you have none.",
		"镇街 24 小时内要联系您反馈受理意见。", "The town calls you back within 24 hours.")
	name := bot.NameSlot("怎么称呼您？", "What is your name?", "联系时好称呼您。", "So that we can address you.")
	name.Free, name.Accept, name.Optional, name.Takes = true, acceptName, true, callsName
	phone.Optional = true // who has lost everything may have no phone
	flow := &bot.Flow{
		Intent: bot.RequestHelp, Name: "急难求助", NameEN: "asking for help", Keeps: true, Pressing: pressing, Soon: soon, Guide: "minsheng-wish",
		Slots: []bot.Slot{
			{Name: "text", Label: "情况", LabelEN: "What happened", Free: true,
				Why: "说清情况，帮您的人才知道先做什么。", WhyEN: "So that whoever helps knows what to do first.",
				Ask: askStory, Accept: acceptStory, Tells: tellsNeed},
			{Name: "need", Label: "最急的", LabelEN: "Most urgent need", Free: true, Optional: true, Ask: askNeed, Accept: acceptNeed, Takes: wants,
				Why: "最急的事先办。", WhyEN: "The most urgent comes first."},
			bot.RelationSlot(),
			town,
			{Name: "address", Label: "地址", LabelEN: "Address", Types: []bot.EntityType{bot.PostalAddress}, Free: true, Optional: true,
				Why: "上门看望、送东西要找得到地方，只给办理的人看。", WhyEN: "So that helpers find the place; only they see it.",
				Looks: bot.LooksLikeAddress, Takes: ticket.NamesPlace,
				Accept: acceptAddress,
				Needed: func(f *bot.Form) bool { return !f.Has("location") },
				Ask:    e.askAddress},
			name,
			phone,
			{Name: "amount", Label: "金额", LabelEN: "Amount", Types: []bot.EntityType{bot.Money, bot.Number}, Accept: acceptAmount},
			{Name: "location"}, {Name: "attachment"}, {Name: "confidential", Label: "保密", LabelEN: "Confidential"},
		},
		Opening: opening, Begin: e.begin, Check: e.check, Confirm: e.confirm, Commit: e.commit,
		Gist: func(f *bot.Form) string { return "急难求助：" + e.Towns[f.Get("town")] + " " + f.Get("need") },
	}
	privacy.Separately(flow, cannotWait, "知道怎么帮您", "so that helpers know what is needed")
	return flow
}

// cannotWait says whether asking anything more would be in the way of help: of
// an illness one asks, of nothing to eat or of bleeding one does not.
func cannotWait(told string) bool {
	return ticket.NeedOf(told).ID == "shelter" || ticket.UrgencyOf(told) == ticket.Urgent ||
		bot.Mentions(told, "昏迷", "病危", "抢救", "急救", "流血", "断药", "停药", "没药了", "发高烧", "烧到")
}

// begin takes the opening words as the story where they tell one.
func (e *Errand) begin(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("text") || !tells(f.Words) {
		return nil, nil
	}
	f.Set("text", bot.Value{Value: strings.TrimSpace(f.Words)})
	return nil, nil
}

// opening answers a story before anything is asked: it was heard, and what
// cannot wait for a ticket comes first.
func opening(f *bot.Form) string {
	told := f.Get("text")
	switch {
	case told == "":
		return ""
	case child.MatchString(told):
		return f.Say("你先别怕，告诉我是对的。身边没有大人、不舒服或者害怕，就打 110，警察叔叔阿姨会来帮你；也可以回“人工”，马上有人和你说话。我同时帮你登记。",
			"Do not be afraid, it was right to tell me. If no grown-up is with you, call 110, or say \"person\". I register it meanwhile. ")
	case bot.Mentions(strings.ToLower(told), "sick", "fever", "injured", "发烧", "发着烧", "高烧", "受伤", "流血", "骨折"):
		return f.Say("看病要紧，先去最近的医院，情况急就拨 120；费用的事我帮您登记。", "See a doctor first, in an emergency call 120. I will register the rest. ")
	case ticket.NeedOf(told).ID == "shelter":
		return f.Say("先解决吃住：今晚就没着落的话，回“人工”，马上有人接。我同时帮您登记。", "Food and a roof come first: say \"person\" if you have nothing for tonight. I register your request meanwhile. ")
	}
	if len(ticket.NeedsOf(told)) > 1 {
		return f.Say("这么多事压在一起，您辛苦了。我一件件帮您登记，镇街 24 小时内会联系您。", "That is a lot at once, I am sorry. I will register all of it; the town calls you within 24 hours. ")
	}
	return f.Say("您的难处我记下了，帮您登记，镇街 24 小时内会联系您。", "I am sorry to hear that. I will register it; the town calls you within 24 hours. ")
}

// child is a child who tells it: by their own age or class.
var child = regexp.MustCompile(`我(?:今年|已经|才|而家|刚)*(?:[五六七八九十5-9]|十[一二三]|1[0-3])岁|我(?:在|读|上)[一二三四五六]年级|我是小学生|我读小学`)

// soon says by when the town calls.
func soon(f *bot.Form) string {
	return f.Say("您确认以后，镇街 24 小时内会联系您；等不及就回“人工”。", "Once you have confirmed, the town calls you within 24 hours; if it cannot wait, say \"person\".")
}

// tells says whether words tell a situation rather than only ask for the errand.
func tells(words string) bool {
	n := utf8.RuneCountInString(words)
	need := ticket.NeedOf(words)
	return n >= 9 && need.ID != "" || need.Asked(words) || n >= 24
}

// tellsNeed says whether words said beside a question tell more of the need.
func tellsNeed(words string) bool { return ticket.NeedOf(words).ID != "" }

// wish is how people say what they want.
var wish = regexp.MustCompile(`[要想缺冇没帮买修换装租借治吃住送陪找]|需|申请|多点`)

// wants says whether words can be an answer to "what is needed most?".
func wants(words string) bool {
	return tellsNeed(words) || wish.MatchString(words) || utf8.RuneCountInString(words) <= 4 && !strings.ContainsAny(words, "我你他她佢的了")
}

// callsName says whether words can be an answer to "what is your name?", which a
// place is not, nor more of the story.
func callsName(words string) bool {
	l := bot.Simplified
	if !han.MatchString(words) {
		l = bot.English
	}
	return !bot.LooksLikeAddress(words) && calledBy(words, l) != ""
}

var han = regexp.MustCompile(`\p{Han}`)

func askStory(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	return bot.Prompt{Text: f.Say("您别急，慢慢说：遇到了什么难处？", "Take your time: what has happened?")}, nil
}

func acceptStory(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	text := strings.TrimSpace(en.Value)
	if utf8.RuneCountInString(text) < 3 && !tellsNeed(text) {
		return bot.Value{}, &bot.Problem{Text: f.Say("再多说一两句，比如谁遇到了困难、需要什么。", "A little more, please: who is in need, and of what?")}, nil
	}
	if old := f.Get("text"); old != "" {
		text = old + "\n" + text
	}
	return bot.Value{Value: text}, nil, nil
}

func askNeed(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	var choices []bot.Choice
	for _, n := range ticket.Needs() {
		choices = append(choices, bot.Choice{Text: f.Say(n.Name, n.NameEN), Slot: "need", Value: bot.Value{Value: n.Name}})
		if len(choices) == 6 {
			break
		}
	}
	return bot.Prompt{Text: f.Say("现在最急着要解决的是什么？", "What is needed most right now?"), Choices: choices}, nil
}

func acceptNeed(_ context.Context, _ *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if n := ticket.NeedOf(en.Value); n.ID != "" {
		return bot.Value{Value: n.Name, Said: en.Value}, nil, nil
	}
	if called.MatchString(en.Value) {
		return bot.Value{}, nil, nil // a name is no need
	}
	return bot.Value{Value: strings.TrimSpace(en.Value)}, nil, nil
}

// called is how people say their name; beforeName and besideName are what stands
// by it.
var (
	called     = regexp.MustCompile(`^(?:我姓|我叫|我系|叫我|免贵姓|my name is|i am )`)
	beforeName = regexp.MustCompile(`(?i)^(?:我姓|我叫|我系|我是|叫我|叫|免贵姓|姓|my name is|i am|i'm)\s*`)
	besideName = regexp.MustCompile(`[\d\s+，,。.-]+`)
	sum        = regexp.MustCompile(`\d[千百万]?[元块]`)
)

// mostName is the longest name, in characters.
const mostName = 20

// acceptName takes a person's name, or whatever short words somebody wants to
// be called by: 小赵, Maria.
func acceptName(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if en.Type != "" {
		return bot.Value{Value: en.Value, Said: en.Text}, nil, nil
	}
	name := calledBy(en.Value, f.Language)
	return bot.Value{Value: name, Said: name}, nil, nil
}

// calledBy is what short words say somebody is called, empty where they say
// something else.
func calledBy(words string, l bot.Language) string {
	if sum.MatchString(words) {
		return "" // 大概15000元
	}
	name := beforeName.ReplaceAllString(strings.Trim(words, "+-，,。. 0123456789"), "")
	name = besideName.ReplaceAllString(name, "")
	if n := utf8.RuneCountInString(name); n > mostName || n > 5 && l != bot.English {
		return ""
	}
	return name
}

// leastAmount is what a household asks for at least, in yuan: less is a way of
// speaking (塌了一块).
const leastAmount = 10

// acceptAmount takes a sum that is needed, not one that was given or earned.
func acceptAmount(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	amount := ticket.AmountNeeded(f.Words)
	if amount < leastAmount {
		return bot.Value{}, nil, nil
	}
	return bot.Value{Value: yuan(amount), Said: en.Text}, nil, nil
}

func yuan(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// askAddress asks for no more than the story left open.
func (e *Errand) askAddress(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	if v := e.village(f); v != "" {
		return bot.Prompt{Text: f.Say(v+"什么路几号？不方便说可以回“跳过”。", "Which street in "+v+"? Say \"skip\" if you would rather not.")}, nil
	}
	return bot.Prompt{Text: f.Say("在哪个村（社区）、什么路几号？不方便说可以回“跳过”。", "Which village and street? Say \"skip\" if you would rather not.")}, nil
}

// village is the village or community told, with the address or in the story.
func (e *Errand) village(f *bot.Form) string {
	town, _ := f.Value("town")
	return cmp.Or(ticket.VillageOf(f.Get("address")), ticket.VillageTold(f.Get("text"), town.Said, e.Towns))
}

// check draws from the story what need not be asked.
func (e *Errand) check(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("text") && !f.Has("need") {
		if n := ticket.NeedOf(f.Get("text")); n.ID != "" {
			f.Set("need", bot.Value{Value: n.Name})
		}
	}
	if amount := ticket.AmountNeeded(f.Get("text")); amount >= leastAmount && !f.Has("amount") {
		f.Set("amount", bot.Value{Value: yuan(amount)})
	}
	if slices.Contains(f.Acts, bot.Confidential) || ticket.WantsSecret(f.Words) {
		f.Set("confidential", bot.Value{Value: "yes", Shown: f.Say("保密", "confidential")})
	}
	if name := calledBy(f.Words, f.Language); f.Asked == "name" && !f.Has("name") && !f.Passed("name") && name != "" {
		f.Set("name", bot.Value{Value: name, Said: name}) // with the phone number in one breath
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
	add("最急的：", "Most urgent: ", f.Say(f.Get("need"), kindOf(f).NameEN))
	add("还需要：", "Also: ", names(f, besides(f)))
	if f.Has("amount") {
		add("金额：", "Amount: ", f.Say("约 %s 元", "about ¥%s", f.Get("amount")))
	}
	if r := f.Get("relation"); r != "" && r != "本人" {
		add("帮谁：", "For: ", f.Say("您的"+r, r))
	}
	add("镇街：", "Town: ", e.town(f))
	add("地址：", "Address: ", f.Get("address"))
	if f.Has("location") {
		lines = append(lines, f.Say("位置：已收到", "Location: received"))
	}
	add("称呼：", "Name: ", f.Get("name"))
	add("电话：", "Phone: ", bot.MaskPhone(f.Get("phone")))
	add("怎么联系：", "How to reach you: ", ticket.ContactWish(f.Get("text")))
	if f.Has("attachment") {
		lines = append(lines, f.Say("照片：已收到", "Pictures: received"))
	}
	if f.Has("confidential") {
		lines = append(lines, f.Say("保密：不公开，只有办理的人看得到", "Confidential: not published; only those who deal with it see it"))
	}
	if e.claimable(f) {
		lines = append(lines, f.Say("认领：镇街先看政策和慈善资金，还不够才公开请人认领。公开时只写“%s”，没有您的姓名、电话和地址。不想公开请回“保密”。",
			"Claiming: policies and the fund come first; what is still lacking is published as \"%s\" without your name, phone or address; say \"confidential\" if you would rather not.", e.wish(f)))
	}
	lines = append(lines, f.Closing())
	return bot.Reply{Text: strings.Join(lines, "\n")}, nil
}

// town names the form's town; in English in Latin letters.
func (e *Errand) town(f *bot.Form) string {
	id := f.Get("town")
	if f.Language == bot.English && id != "" {
		return strings.ToUpper(id[:1]) + id[1:]
	}
	return e.Towns[id]
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
		Citizen: f.Citizen.ID, Channel: f.Channel, Kind: ticket.Help, Type: ticket.Assistance, Category: kindOf(f).ID,
		Title: title(e.Towns[f.Get("town")], f.Get("need")), Text: bot.Secret(f.Get("text")), Town: f.Get("town"),
		Address: bot.Secret(f.Get("address")), Name: bot.Secret(f.Get("name")), Phone: bot.Secret(f.Get("phone")),
		Urgency: urgency(f), Department: e.Towns[f.Get("town")] + "公共服务办", Relation: f.Get("relation"),
		Status: ticket.Accepted, Key: f.Key(), CreatedAt: f.Now, Village: e.village(f),
		Affected: ticket.Affected(f.Get("text")), ContactWish: bot.Secret(ticket.ContactWish(f.Get("text"))),
		Confidential: f.Has("confidential"),
	}
	for _, n := range besides(f) {
		v.Needs = append(v.Needs, n.ID)
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
	if e.claimable(f) {
		wish := ticket.Wish{
			Number: filed.Number, Town: filed.Town, Category: filed.Category, Needs: ticket.IDs(ticket.Shared(needs(f))), Text: e.wish(f), Amount: filed.Amount,
			Status: ticket.WishPending, CreatedAt: f.Now,
		}
		if e.Alone {
			wish.Status = ticket.WishOpen
		}
		if err := e.Wishes.KeepWish(ctx, tx, wish); err != nil {
			return nil, fmt.Errorf("keep wish: %w", err)
		}
	}
	known := f.Citizen
	known.Name, known.Phone = v.Name, v.Phone
	if err := tx.SaveCitizen(known); err != nil {
		return nil, fmt.Errorf("remember the citizen: %w", err)
	}
	reach, reachEN := "联系您、反馈受理意见", "contacts you"
	switch {
	case v.Phone != "":
	case f.Channel == bot.Hotline:
		reach, reachEN = "有受理意见，再打 12345 报编号就能听到", "answers; call 12345 with the number to hear it"
	default:
		reach, reachEN = "在这里回您受理意见", "answers you here"
	}
	said := bot.Reply{Text: f.Say("登记好了，编号 %s。\n%s会在 24 小时内"+reach+"；一般 5 个工作日内办结（%s前）。\n情况变急随时告诉我或回“人工”；有生命危险请拨 110、120。想查进度，发编号给我就行。",
		"Registered under %s.\n%s "+reachEN+" within 24 hours; usually settled within 5 working days (by %s). Tell me at once if it gets worse; in danger call 110 or 120.",
		filed.Number, e.town(f), f.Language.Date(filed.DueAt))}
	page := f.OnPage("/h5/requests/" + filed.Number)
	if hint := policies(f); hint != "" {
		return []bot.Reply{said, {Text: hint, Options: page}}, nil
	}
	said.Options = page
	return []bot.Reply{said}, nil
}

// mostPolicies is how many policies a citizen is told of at once.
const mostPolicies = 3

// acceptAddress takes a place. Of a story that tells only the village, the
// story keeps it and the road is still asked for.
func acceptAddress(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if place := strings.TrimSpace(en.Value); f.Asked == "" && !f.Has("text") && tells(f.Words) && ticket.VillageOf(place) == place {
		return bot.Value{}, nil, nil
	}
	return ticket.AcceptAddress(ctx, f, en)
}

// policies tells which present policies may fit what was told, and why.
func policies(f *bot.Form) string {
	fitting := ticket.Suggest(f.Get("text") + "\n" + f.Get("need"))
	if len(fitting) == 0 || f.Language == bot.English {
		return ""
	}
	lines := []string{"按您说的，这些政策可能用得上，工作人员会帮您核对："}
	for _, s := range fitting[:min(len(fitting), mostPolicies)] {
		lines = append(lines, "· "+s.Policy.Name+"："+s.Policy.Reason)
	}
	return strings.Join(lines, "\n")
}

// kindOf is the kind of help the form asks for.
func kindOf(f *bot.Form) ticket.Need {
	for _, n := range ticket.Needs() {
		if n.Name == f.Get("need") {
			return n
		}
	}
	return ticket.NeedOf(f.Get("text") + f.Get("need"))
}

// besides are the other kinds of help told.
func besides(f *bot.Form) []ticket.Need {
	first := kindOf(f).ID
	return slices.DeleteFunc(ticket.NeedsOf(f.Get("text")), func(n ticket.Need) bool { return n.ID == first })
}

// needs are all kinds of help told, the one the request is sorted by first.
func needs(f *bot.Form) []ticket.Need { return append([]ticket.Need{kindOf(f)}, besides(f)...) }

func names(f *bot.Form, needs []ticket.Need) string {
	var all []string
	for _, n := range needs {
		all = append(all, f.Say(n.Name, n.NameEN))
	}
	return strings.Join(all, f.Say("、", ", "))
}

// claimable says whether the wish may one day stand on the public list.
func (e *Errand) claimable(f *bot.Form) bool {
	amount, _ := strconv.ParseFloat(f.Get("amount"), 64)
	return e.Wishes != nil && ticket.Claimable(ticket.Ticket{
		Kind: ticket.Help, Category: kindOf(f).ID, Confidential: f.Has("confidential"), Amount: amount, Urgency: urgency(f), Town: f.Get("town"),
	}, e.Ledger.TicketRules().Limits)
}

// wish words a wish for the public list.
func (e *Errand) wish(f *bot.Form) string {
	amount, _ := strconv.ParseFloat(f.Get("amount"), 64)
	return ticket.WishText(e.Towns[f.Get("town")], needs(f), f.Get("text"), amount)
}

func title(town, need string) string {
	if utf8.RuneCountInString(need) > 8 {
		need = "急难"
	}
	return town + need + "求助"
}

// pressing says whether a need told cannot wait.
func pressing(told string) bool {
	return ticket.NeedOf(told).Urgent || ticket.UrgencyOf(told) == ticket.Urgent
}

func urgency(f *bot.Form) ticket.Urgency {
	if pressing(f.Get("text")) || kindOf(f).Urgent || child.MatchString(f.Get("text")) {
		return ticket.Urgent
	}
	return ticket.Normal
}
