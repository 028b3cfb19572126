// Package report is the errand of a 12345 report (投诉 举报 建议 表扬): what it
// is about, where, and whether the citizen wants to be known. It sorts by the
// dispatch catalogue and ends in a ticket with its time limit.
//
// It refuses to decide what the catalogue does not settle: such a ticket goes
// out without a department and a person dispatches it.
package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Ledger ticket.Ledger
	Towns  map[string]string // id → name
	Sorter *ticket.Sorter
}

// Errand takes reports.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	phone := bot.PhoneSlot("留个手机号，好把结果告诉您。不想留名可以回“匿名”。", "Please give a phone number for the answer, or say \"anonymous\".",
		"办理单位要向您核实和答复；不想留可以匿名。", "The body in charge may need to check with you; you can stay anonymous.")
	town := bot.TownSlot(e.Towns, "在哪个镇街？也可以发一个位置。", "In which town? You can also send a location.")
	town.Optional = true // what concerns no single town goes by its category
	phone.Needed = func(f *bot.Form) bool { return !f.Has("anonymous") }
	phone.Optional = true // who would rather not say it stays anonymous
	return &bot.Flow{
		Intent: bot.FileReport, Name: "反映诉求", NameEN: "reporting a problem",
		Slots: []bot.Slot{
			{Name: "text", Label: "事情", LabelEN: "What", Free: true, Ask: askStory, Accept: acceptStory,
				Why: "说清楚是什么事，才知道派给谁办。", WhyEN: "So that it goes to the right body."},
			town,
			{Name: "address", Label: "地点", LabelEN: "Place", Types: []bot.EntityType{bot.PostalAddress}, Free: true, Optional: true,
				Why: "到现场要找得到地方。", WhyEN: "So that the place can be found.",
				Looks:  bot.LooksLikeAddress,
				Needed: func(f *bot.Form) bool { return !f.Has("location") },
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("具体在什么地方？比如哪条路、哪个小区旁边。说不清可以回“跳过”。", "Where exactly? Say \"skip\" if you cannot tell.")}, nil
				}},
			{Name: "name", Label: "姓名", LabelEN: "Name", Types: []bot.EntityType{bot.PersonName}},
			phone,
			{Name: "anonymous", Label: "匿名", LabelEN: "Anonymous"}, {Name: "confidential", Label: "保密", LabelEN: "Confidential"}, {Name: "category"}, {Name: "type"},
			{Name: "location"}, {Name: "attachment"},
		},
		Opening: opening, Begin: e.begin, Check: e.check, Confirm: e.confirm, Commit: e.commit,
		Gist: func(f *bot.Form) string {
			return strings.TrimSpace(f.Get("type") + "：" + e.category(f.Get("category")).Name + " " + e.Towns[f.Get("town")])
		},
	}
}

func (e *Errand) category(id string) ticket.Category { return e.Sorter.Category(id) }

// begin takes the opening words as the report where they say what it is about.
func (e *Errand) begin(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("text") || utf8.RuneCountInString(f.Words) < 5 {
		return nil, nil
	}
	if e.Sorter.Sort(f.Words).Sure || utf8.RuneCountInString(matter(f.Words)) >= 4 {
		f.Set("text", bot.Value{Value: strings.TrimSpace(f.Words)})
	}
	return nil, nil
}

// matter is what is left when the words that only announce a report are taken
// away: 先帮我投诉楼上漏水 → 楼上漏水.
func matter(words string) string {
	for _, w := range []string{"我要", "我想", "我们", "我", "先", "帮", "请", "麻烦", "投诉", "投訴", "举报", "舉報", "反映", "反應", "诉求", "建议", "建議", "表扬", "问题", "事情", "情况", "一下", "一个", "一件事", "个", "要", "想", "给", "你们", "12345", "，", "。", " ", "report", "complain", "problem", "a ", "about", "i want to", "i'd like to"} {
		words = strings.ReplaceAll(words, w, "")
	}
	return words
}

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
	if utf8.RuneCountInString(text) < 4 {
		return bot.Value{}, &bot.Problem{Text: f.Say("再多说一两句，好知道派给谁办。", "A little more, please.")}, nil
	}
	if old := f.Get("text"); old != "" {
		text = old + "\n" + text
	}
	return bot.Value{Value: text}, nil, nil
}

// check sorts the report and hears the wish to stay unknown.
func (e *Errand) check(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if slices.Contains(f.Acts, bot.Anonymous) {
		f.Set("anonymous", bot.Value{Value: "yes", Shown: f.Say("匿名", "anonymous")})
		f.Clear("name", "phone")
	}
	if slices.Contains(f.Acts, bot.Confidential) {
		f.Set("confidential", bot.Value{Value: "yes", Shown: f.Say("保密", "confidential")})
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
	sorting := e.Sorter.Sort(told)
	category := sorting.Category
	if sorting.Sure {
		f.Set("category", bot.Value{Value: category.ID, Shown: category.Name})
		if category.Confidential {
			f.Set("confidential", bot.Value{Value: "yes", Shown: f.Say("保密", "confidential")})
		}
	}
	f.Set("type", bot.Value{Value: string(ticket.TypeOf(told, category.Default))})
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
	if c := e.category(f.Get("category")); c.ID != "" {
		add("分类：", "Category: ", c.Group+"—"+c.Name)
	}
	add("镇街：", "Town: ", e.Towns[f.Get("town")])
	add("地点：", "Place: ", f.Get("address"))
	if f.Has("location") {
		lines = append(lines, f.Say("位置：已收到", "Location: received"))
	}
	if f.Has("anonymous") {
		lines = append(lines, f.Say("身份：匿名，不登记姓名电话", "You stay anonymous"))
	} else {
		add("姓名：", "Name: ", f.Get("name"))
		add("电话：", "Phone: ", bot.MaskPhone(f.Get("phone")))
	}
	if f.Has("confidential") {
		lines = append(lines, f.Say("保密：不向被反映的一方透露您", "Confidential: the other side is not told"))
	}
	if f.Has("attachment") {
		lines = append(lines, f.Say("照片：已收到", "Pictures: received"))
	}
	same, err := e.Ledger.Similar(ctx, e.draft(f))
	if err != nil && !errors.Is(err, ticket.ErrNoTicket) {
		return bot.Reply{}, fmt.Errorf("look for the same matter: %w", err)
	}
	if err == nil {
		lines = append(lines, f.Say("同样的事：附近已有人反映，%s，会合并一起办，有结果一起告诉您", "Same matter: others nearby reported it, %s; yours joins theirs and you hear the result", e.standing(f, same)))
	}
	lines = append(lines, f.Say("没问题请回“确认”。", "If all is right, say \"confirm\"."))
	return bot.Reply{Text: strings.Join(lines, "\n")}, nil
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

// draft is the ticket the form would become.
func (e *Errand) draft(f *bot.Form) ticket.Ticket {
	category := e.category(f.Get("category"))
	kind := ticket.Type(f.Get("type"))
	v := ticket.Ticket{
		Citizen: f.Citizen.ID, Channel: f.Channel, Kind: ticket.Report, Type: kind, Category: category.ID,
		Title: e.Towns[f.Get("town")] + category.Name + string(kind), Text: bot.Secret(f.Get("text")), Town: f.Get("town"),
		Address: bot.Secret(f.Get("address")), Village: ticket.VillageOf(f.Get("address")), Urgency: ticket.UrgencyOf(f.Get("text")),
		Department: category.Department, DepartmentID: category.DepartmentID, TownBranch: category.TownBody != "" && f.Has("town"),
		Anonymous: f.Has("anonymous"), Confidential: f.Has("confidential"), Status: ticket.Accepted, Key: f.Key(), CreatedAt: f.Now,
	}
	v.Life.Confidence = e.Sorter.Sort(f.Get("text")).Confidence
	if !v.Anonymous {
		v.Name, v.Phone = bot.Secret(f.Get("name")), bot.Secret(f.Get("phone"))
	}
	v.Latitude, v.Longitude = ticket.Coordinates(f.Get("location"))
	if a := f.Get("attachment"); a != "" {
		v.Attachments = strings.Split(a, ",")
	}
	return v
}

func (e *Errand) commit(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	v, err := e.Ledger.File(ctx, tx, e.draft(f))
	if err != nil {
		return nil, fmt.Errorf("file report: %w", err)
	}
	if v.Phone != "" {
		known := f.Citizen
		known.Phone = v.Phone
		if err := tx.SaveCitizen(known); err != nil {
			return nil, fmt.Errorf("remember the citizen: %w", err)
		}
	}
	if v.Life.Root != "" {
		return []bot.Reply{{Text: f.Say("收到了，编号 %s。附近已有人反映同样的事，您的合并进去一起办，分量更重；有结果马上告诉您。\n想查进度，发编号给我就行。还要办别的吗？",
			"Registered under %s. Others nearby reported the same; yours joins theirs, and you hear the result at once. Send me the number to see how it stands. Anything else?", v.Number)}}, nil
	}
	who := f.Say("12345 会派给主办单位", "12345 sends it to the body in charge")
	if v.Department != "" {
		who = f.Say("将交给%s办理", "It goes to %s", v.Department)
	}
	days := e.Ledger.TicketRules().Limits.HandleFor(v)
	return []bot.Reply{{Text: f.Say("收到了，编号 %s。\n%s，%d 个工作日内答复您（%s前）。\n想查进度或催一下，发编号给我就行。还要办别的吗？",
		"Registered under %s.\n%s; you get an answer within %d working days (by %s). Send me the number to see how it stands. Anything else?",
		v.Number, who, days.N, f.Language.Date(v.DueAt))}}, nil
}
