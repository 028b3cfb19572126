// Package report is the errand of a 12345 report (投诉 举报 建议 表扬): what it
// is about, where, and whether the citizen wants to be known. It sorts by the
// dispatch catalogue and ends in a ticket with its time limit: several where
// several matters were counted, and one of 民生大莞家 where public works (微实事)
// are asked for.
//
// It refuses to decide what the catalogue does not settle: such a ticket goes
// out without a department and a person dispatches it.
package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/privacy"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Ledger ticket.Ledger
	Towns  map[string]string // id → name
	Sorter *ticket.Sorter
	// Near are the ids of the towns around a location, the nearest first.
	Near func(location string) []string
}

// Errand takes reports.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	phone := bot.PhoneSlot("留个手机号，好把结果告诉您。不想留名可以回“匿名”。", "Please give a phone number for the answer, or say \"anonymous\".",
		"办理单位要向您核实和答复；不想留可以匿名。", "The body in charge may need to check with you; you can stay anonymous.")
	town := bot.TownSlot(e.Towns, "在哪个镇街？也可以发一个位置。", "In which town? You can also send a location.").Near(e.Towns, e.Near)
	town.Optional = true // what concerns no single town goes by its category
	phone.Needed = func(f *bot.Form) bool { return !f.Has("anonymous") }
	phone.Optional = true // who would rather not say it stays anonymous
	flow := &bot.Flow{
		Intent: bot.FileReport, Name: "反映诉求", NameEN: "reporting a problem", Keeps: true, Soon: e.soon,
		Slots: []bot.Slot{
			{Name: "text", Label: "事情", LabelEN: "What", Free: true, Ask: askStory, Accept: acceptStory, Tells: e.tells,
				Why: "说清楚是什么事，才知道派给谁办。", WhyEN: "So that it goes to the right body."},
			town,
			{Name: "address", Label: "地点", LabelEN: "Place", Types: []bot.EntityType{bot.PostalAddress}, Free: true, Optional: true,
				Why: "到现场要找得到地方。", WhyEN: "So that the place can be found.",
				Looks: bot.LooksLikeAddress, Takes: ticket.NamesPlace,
				Accept: ticket.AcceptAddress,
				Needed: func(f *bot.Form) bool { return !f.Has("location") && f.Get("type") != string(ticket.Praise) },
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say(cmp.Or(e.village(f), "具体在")+"什么地方？比如哪条路、哪个小区旁边。说不清可以回“跳过”。", "Where exactly? Say \"skip\" if you cannot tell.")}, nil
				}},
			{Name: "name", Label: "姓名", LabelEN: "Name", Types: []bot.EntityType{bot.PersonName}},
			phone,
			{Name: "anonymous", Label: "匿名", LabelEN: "Anonymous"}, {Name: "confidential", Label: "保密", LabelEN: "Confidential"}, {Name: "category"},
			{Name: "type", Label: "类型", LabelEN: "Kind", Finds: kindTold},
			{Name: "location"}, {Name: "attachment"},
		},
		Opening: opening, Begin: e.begin, Check: e.check, Confirm: e.confirm, Commit: e.commit,
		Gist: func(f *bot.Form) string {
			return strings.TrimSpace(f.Get("type") + "：" + e.category(f.Get("category")).Name + " " + e.Towns[f.Get("town")])
		},
	}
	privacy.Separately(flow, func(told string) bool { return ticket.UrgencyOf(told) == ticket.Urgent }, "把事情查清楚", "so that the matter can be looked into")
	return flow
}

func (e *Errand) category(id string) ticket.Category { return e.Sorter.Category(id) }

// begin takes the opening words as the report where they say what it is about.
func (e *Errand) begin(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("text") {
		return nil, nil
	}
	n := utf8.RuneCountInString(matter(f.Words))
	if n >= leastMatter || (n >= 3 || utf8.RuneCountInString(f.Words) >= 5) && e.Sorter.Sort(f.Words).Sure {
		f.Set("text", bot.Value{Value: strings.TrimSpace(f.Words)})
	}
	return nil, nil
}

// tells says whether words said beside a question tell more of the matter.
func (e *Errand) tells(words string) bool {
	return e.Sorter.Sort(e.matter(words)).Sure || ticket.UrgencyOf(words) == ticket.Urgent || ticket.WantsSecret(words)
}

// matter is what is left when the words that only announce a report are taken
// away: 先帮我投诉楼上漏水 → 楼上漏水.
func matter(words string) string {
	for _, w := range []string{"我要", "我想", "我们", "我", "先", "帮", "请", "麻烦", "投诉", "投訴", "举报", "舉報", "反映", "反應", "诉求", "建议", "建議", "表扬", "问题", "事情", "情况", "一下", "一个", "一件事", "个", "要", "想", "给", "你们", "12345", "，", "。", " ", "report", "complain", "problem", "a ", "about", "i want to", "i'd like to"} {
		words = strings.ReplaceAll(words, w, "")
	}
	return words
}

// kindTold is the kind of report that somebody says it is, other than they read:
// 类型不对，是举报; 我这是建议，不是投诉.
func kindTold(words string) string {
	if m := itsKind.FindStringSubmatch(words); m != nil {
		return m[1] + m[2]
	}
	return ""
}

var itsKind = regexp.MustCompile(`类型[^。！？]{0,6}(?:是|系|改成|改为|改做|换成|选)(投诉|举报|咨询|建议|表扬)|` +
	`^(?:不对|错了|我)?[，, ]*(?:我)?(?:这个?|呢个|它)?(?:不是|唔系|唔係)(?:投诉|举报|咨询|建议|表扬)[，, ]*(?:这|我这|应该)?(?:是|系|係)(投诉|举报|咨询|建议|表扬)`)

// opening answers a story before the first question to it.
func opening(f *bot.Form) string {
	switch {
	case !f.Has("text"):
		return ""
	case f.Get("type") == string(ticket.Praise):
		return f.Say("这份心意一定转到。", "We will pass it on. ")
	case f.Get("type") == string(ticket.Suggestion):
		return f.Say("建议收到，我帮您交办。", "Thank you for the suggestion. ")
	}
	return f.Say("听着确实糟心，我帮您登记交办。", "I am sorry about that; I will pass it on. ")
}

func askStory(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	return bot.Prompt{Text: f.Say("请说说是什么事、什么时候的。有照片可以直接发。", "What is it about, and when? You can send pictures.")}, nil
}

func acceptStory(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	text := strings.TrimSpace(en.Value)
	before := f.Get("text")
	if told := f.Told(); before == "" && len(told) > 1 && utf8.RuneCountInString(matter(told[0])) >= 2 {
		before = told[0] // 投诉物业, and then what it is they did
	}
	if before == "" && utf8.RuneCountInString(text) < 4 {
		return bot.Value{}, &bot.Problem{Text: f.Say("再多说一两句，好知道派给谁办。", "A little more, please.")}, nil
	}
	if before != "" {
		text = before + "\n" + text
	}
	return bot.Value{Value: text}, nil, nil
}

// check sorts the report and hears the wish to stay unknown.
func (e *Errand) check(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if slices.Contains(f.Acts, bot.Anonymous) {
		f.Set("anonymous", bot.Value{Value: "yes", Shown: f.Say("匿名", "anonymous")})
		f.Clear("name", "phone")
	}
	if slices.Contains(f.Acts, bot.Confidential) || ticket.WantsSecret(f.Words) {
		f.Set("confidential", bot.Value{Value: "yes", Shown: f.Say("保密", "confidential"), Said: f.Words})
	}
	if name := bot.CalledBy(f.Words); f.Asked == "phone" && f.Has("phone") && !f.Has("name") && name != "" {
		f.Set("name", bot.Value{Value: name, Said: name}) // 小周 13611112222
	}
	if f.Has("phone") && f.Has("anonymous") && !slices.Contains(f.Acts, bot.Anonymous) {
		f.Clear("anonymous") // who gives a number wants to be reached after all
	}
	if f.Passed("phone") && !f.Has("phone") {
		f.Set("anonymous", bot.Value{Value: "yes", Shown: f.Say("匿名", "anonymous")})
		f.Clear("name")
	}
	if !f.Has("phone") && !f.Has("anonymous") && f.Citizen.Phone != "" {
		p := f.Citizen.Phone.Reveal()
		f.Set("phone", bot.Value{Value: p, Shown: bot.MaskPhone(p)})
	}
	if !f.Has("text") {
		return nil, nil
	}
	told := f.Get("text")
	sorting := e.concerns(told)[0].sorting
	category := sorting.Category
	if sorting.Sure {
		f.Set("category", bot.Value{Value: category.ID, Shown: category.Name})
		if category.Confidential && !f.Has("confidential") {
			f.Set("confidential", bot.Value{Value: "yes", Shown: f.Say("保密", "confidential")})
		}
	}
	if kind, _ := f.Value("type"); kind.Said == "" { // not by the citizen's own word
		f.Set("type", bot.Value{Value: string(ticket.TypeOf(told, category.Default))})
	}
	if publicWorks(f) {
		f.Set("category", bot.Value{Value: ticket.NeedWorks, Shown: ticket.NeedByID(ticket.NeedWorks).Name})
		f.Set("type", bot.Value{Value: string(ticket.Suggestion)})
		if secret, _ := f.Value("confidential"); secret.Said == "" && !ticket.WantsSecret(told) { // by the category alone
			f.Clear("confidential")
		}
	}
	if town, ok := f.Value("town"); ok && !f.Has("address") {
		if place := ticket.PlaceTold(told, town.Said); place != "" {
			f.Set("address", bot.Value{Value: place, Said: place})
		}
	}
	return nil, nil
}

func (e *Errand) confirm(ctx context.Context, f *bot.Form) (bot.Reply, error) {
	lines := []string{f.Say("请核对，我就帮您交办：", "Please check:")}
	add := func(zh, en, v string) {
		if v != "" {
			lines = append(lines, f.Say(zh, en)+v)
		}
	}
	add("事情：", "About: ", clip(f.Get("text"), 80))
	add("类型：", "Kind: ", ticket.Type(f.Get("type")).Name(f.Language))
	drafts := e.drafts(f)
	switch c := e.category(f.Get("category")); {
	case len(drafts) > 1:
		lines = append(lines, f.Say("一共 %d 件，分开交办：", "%d matters, each goes its own way:", len(drafts)))
		for _, v := range drafts {
			lines = append(lines, "· "+e.sent(f, v))
		}
	case publicWorks(f):
		add("分类：", "Category: ", f.Say("民生大莞家—微实事", "small public works"))
	case c.ID != "":
		add("分类：", "Category: ", c.Group+"—"+c.Name)
	}
	add("镇街：", "Town: ", e.town(f))
	add("地点：", "Place: ", f.Get("address"))
	if f.Has("location") {
		lines = append(lines, f.Say("位置：已收到", "Location: received"))
	}
	if f.Has("anonymous") {
		lines = append(lines, f.Say("身份：匿名，不登记姓名电话", "You stay anonymous"))
	} else {
		add("姓名：", "Name: ", f.Get("name"))
		add("电话：", "Phone: ", bot.MaskPhone(f.Get("phone")))
		add("怎么联系：", "How to reach you: ", ticket.ContactWish(f.Get("text")))
	}
	if f.Has("confidential") {
		lines = append(lines, f.Say("保密：不向被反映的一方透露您", "Confidential: the other side is not told"))
	}
	if f.Has("attachment") {
		lines = append(lines, f.Say("照片：已收到", "Pictures: received"))
	}
	for _, v := range drafts {
		same, err := e.Ledger.Similar(ctx, v)
		if errors.Is(err, ticket.ErrNoTicket) {
			continue
		}
		if err != nil {
			return bot.Reply{}, fmt.Errorf("look for the same matter: %w", err)
		}
		lines = append(lines, f.Say("同样的事：附近已有人反映，%s，会合并一起办，有结果一起告诉您", "Same matter: others nearby reported it, %s; yours joins theirs and you hear the result", e.standing(f, same)))
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

// standing says how another's ticket of the same matter stands, and nothing
// of whose it is.
func (e *Errand) standing(f *bot.Form, v ticket.Ticket) string {
	who := f.Say("待派单", "not dispatched yet")
	if !v.Life.Holder.Centre() {
		who = e.Ledger.TicketRules().Names.Body(v.Life.Holder) + f.Say("在办", " is on it")
	}
	return f.Say("现在%s，%s前答复", "now %s, answer due by %s", who, f.Language.Date(v.DueAt))
}

func clip(text string, n int) string {
	r := []rune(strings.ReplaceAll(text, "\n", " "))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n]) + "…"
}

// village is the village or community told, with the address or in the story.
func (e *Errand) village(f *bot.Form) string {
	town, _ := f.Value("town")
	return cmp.Or(ticket.VillageOf(f.Get("address")), ticket.VillageTold(f.Get("text"), town.Said, e.Towns))
}

// drafts are the tickets the form would become: one for each concern told.
func (e *Errand) drafts(f *bot.Form) []ticket.Ticket {
	if publicWorks(f) {
		return []ticket.Ticket{e.works(f)}
	}
	concerns := e.concerns(f.Get("text"))
	all := make([]ticket.Ticket, 0, len(concerns))
	for i, c := range concerns {
		v := e.draft(f, c)
		if i > 0 {
			v.Key += fmt.Sprintf("/%d", i+1)
		}
		all = append(all, v)
	}
	return all
}

// filled is what every ticket of the form has.
func (e *Errand) filled(f *bot.Form) ticket.Ticket {
	told := f.Get("text")
	v := ticket.Ticket{
		Citizen: f.Citizen.ID, Channel: f.Channel, Kind: ticket.Report, Text: bot.Secret(told), Town: f.Get("town"),
		Address: bot.Secret(f.Get("address")), Village: e.village(f), Urgency: ticket.UrgencyOf(told),
		Anonymous: f.Has("anonymous"), Confidential: f.Has("confidential"), Status: ticket.Accepted, Key: f.Key(), CreatedAt: f.Now,
		Affected: ticket.Affected(told),
	}
	if !v.Anonymous {
		v.Name, v.Phone, v.ContactWish = bot.Secret(f.Get("name")), bot.Secret(f.Get("phone")), bot.Secret(ticket.ContactWish(told))
	}
	v.Latitude, v.Longitude = ticket.Coordinates(f.Get("location"))
	if a := f.Get("attachment"); a != "" {
		v.Attachments = strings.Split(a, ",")
	}
	return v
}

// draft is the ticket of one concern.
func (e *Errand) draft(f *bot.Form, c concern) ticket.Ticket {
	v := e.filled(f)
	var category ticket.Category
	if c.sorting.Sure {
		category = c.sorting.Category
	}
	told := cmp.Or(c.text, f.Get("text"))
	v.Type, v.Category = ticket.TypeOf(told, c.sorting.Category.Default), category.ID
	v.Title = e.Towns[v.Town] + category.Name + string(v.Type)
	if c.text != "" {
		v.Text = bot.Secret(c.text + "\n原话：" + f.Get("text"))
	}
	v.Department, v.DepartmentID, v.TownBranch = category.Department, category.DepartmentID, category.TownBody != "" && f.Has("town")
	v.Confidential = v.Confidential || category.Confidential
	v.Life.Confidence, v.Reasons = c.sorting.Confidence, c.sorting.Reasons
	return v
}

// works is the ticket of public works: the town's, in 民生大莞家.
func (e *Errand) works(f *bot.Form) ticket.Ticket {
	v := e.filled(f)
	v.Kind, v.Type, v.Category = ticket.Help, ticket.Suggestion, ticket.NeedWorks
	v.Title, v.Department = e.Towns[v.Town]+"微实事建议", e.Towns[v.Town]+"公共服务办"
	return v
}

// sent is a ticket in a line: what it is and who gets it.
func (e *Errand) sent(f *bot.Form, v ticket.Ticket) string {
	body := e.body(v)
	if body == "" {
		return f.Say("还有一件，由 12345 派给主办单位", "one more: 12345 sends it to the body in charge")
	}
	return f.Say("%s，交给%s", "%s: goes to %s", e.category(v.Category).Name, body)
}

// body names who gets a ticket, empty where a person will say.
func (e *Errand) body(v ticket.Ticket) string {
	if to, ok := ticket.Route(v); ok {
		return e.Ledger.TicketRules().Names.Body(to)
	}
	return v.Department
}

func (e *Errand) commit(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	var filed []ticket.Ticket
	for _, draft := range e.drafts(f) {
		v, err := e.Ledger.File(ctx, tx, draft)
		if err != nil {
			return nil, fmt.Errorf("file report: %w", err)
		}
		filed = append(filed, v)
	}
	if phone := filed[0].Phone; phone != "" {
		known := f.Citizen
		known.Phone = phone
		if err := tx.SaveCitizen(known); err != nil {
			return nil, fmt.Errorf("remember the citizen: %w", err)
		}
	}
	if len(filed) > 1 {
		return []bot.Reply{{Text: e.severally(f, filed), Options: f.OnPage("/h5/requests")}}, nil
	}
	return []bot.Reply{{Text: e.receipt(f, filed[0]), Options: f.OnPage("/h5/requests/" + filed[0].Number)}}, nil
}

// receipt tells the citizen the number, who gets it and by when they hear.
func (e *Errand) receipt(f *bot.Form, v ticket.Ticket) string {
	if v.Life.Root != "" {
		return f.Say("收到了，编号 %s。附近已有人反映同样的事，您的合并进去一起办，分量更重；有结果马上告诉您。\n想查进度，发编号给我就行。还要办别的吗？",
			"Registered under %s. Others nearby reported the same; yours joins theirs, and you hear the result at once. Send me the number to see how it stands. Anything else?", v.Number)
	}
	who := f.Say("12345 会派给主办单位", "12345 sends it to the body in charge")
	if body := e.body(v); body != "" {
		who = f.Say("将交给%s办理", "It goes to %s", body)
	}
	days := e.Ledger.TicketRules().Limits.HandleFor(v)
	if v.Urgency != ticket.Normal {
		who = f.Say("有危险的事先办，已标成急件。", "It is dangerous and marked urgent. ") + who
	}
	return f.Say("收到了，编号 %s。\n%s，%d 个工作日内答复您（%s前）。\n想查进度或催一下，发编号给我就行。还要办别的吗？",
		"Registered under %s.\n%s; you get an answer within %d working days (by %s). Send me the number to see how it stands. Anything else?",
		v.Number, who, days.N, f.Language.Date(v.DueAt))
}

// soon says by when an answer comes once the report is filed.
func (e *Errand) soon(f *bot.Form) string {
	days := e.Ledger.TicketRules().Limits.HandleFor(ticket.Ticket{Kind: ticket.Report, Type: ticket.Complaint})
	return f.Say("您确认以后就派下去办，投诉、举报 %d 个工作日内答复您；有危险的先办。", "Once you have confirmed it goes out at once; you get an answer within %d working days, sooner where it is dangerous.", days.N)
}

// severally is the receipt of several matters.
func (e *Errand) severally(f *bot.Form, filed []ticket.Ticket) string {
	lines := []string{f.Say("收到了，%d 件分开办：", "Registered, %d matters:", len(filed))}
	latest := filed[0].DueAt
	for _, v := range filed {
		lines = append(lines, v.Number+" "+e.sent(f, v))
		if v.DueAt.After(latest) {
			latest = v.DueAt
		}
	}
	return strings.Join(append(lines, f.Say("最晚 %s前都答复您。想查哪一件，发编号给我就行。", "You hear of all of them by %s. Send me a number to see how one stands.", f.Language.Date(latest))), "\n")
}
