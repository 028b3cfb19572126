// Package progress is the errand of following up a request or report: how it
// stands, adding to it, urging, withdrawing it, saying whether one is
// satisfied, and asking for it to be done again. A household whose wish was
// fulfilled says thanks here, and whoever fulfilled it answers, both through a
// social worker.
//
// It refuses to show anything for a number alone: the same citizen, or the
// last four digits of the phone too.
package progress

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/ticket"
)

// Config is what the errand is made of.
type Config struct {
	Ledger ticket.Ledger
	Office Office
	Thanks Thanks
	// Appeals are those against a stop of bookings.
	Appeals Appeals
}

// Appeals tells of a citizen's appeal against a stop of bookings.
type Appeals interface {
	// AsksAppeal says whether words ask what became of one.
	AsksAppeal(words string) bool
	// AppealStands says how the latest stands, where it is asked for or still
	// open; empty otherwise.
	AppealStands(ctx context.Context, f *bot.Form) (string, error)
}

// Thanks takes words between a household and whoever helped it, inside the
// turn's commit; a *ticket.Refusal says why not.
type Thanks interface {
	Say(ctx context.Context, tx bot.Tx, w ticket.Word) (ticket.Word, error)
	// Thankable are the wishes about which a citizen may say a word.
	Thankable(ctx context.Context, by bot.CitizenID, limit int) ([]ticket.Wish, error)
}

// Office carries out what a citizen does to a ticket, inside the turn's
// commit. What the life cycle does not allow is a *ticket.Refusal.
type Office interface {
	DoIn(ctx context.Context, tx bot.Tx, number string, c ticket.Command) (ticket.Ticket, error)
}

// Errand follows tickets up.
type Errand struct{ Config }

// New ties the errand together.
func New(c Config) *Errand { return &Errand{c} }

// Flow is the errand's flow.
func (e *Errand) Flow() *bot.Flow {
	return &bot.Flow{
		Intent: bot.CheckRequest, Name: "查诉求进度", NameEN: "progress of a request",
		Slots: []bot.Slot{
			{Name: "ticket_no", Label: "编号", LabelEN: "Number", Types: []bot.EntityType{bot.TicketNo}, Accept: e.acceptNumber,
				Why: "要先知道是哪一件。", WhyEN: "I need to know which one.", Needed: e.several, Ask: e.askWhich},
			{Name: "phone_tail", Label: "手机后四位", LabelEN: "Last four digits", Types: []bot.EntityType{bot.Number, bot.Phone}, Free: true,
				Why: "编号不是您本人登记的，要核对预留手机后四位才能给您看。", WhyEN: "Somebody else filed it, so I must check the phone number given.",
				Needed: e.foreign,
				Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
					return bot.Prompt{Text: f.Say("请说一下登记时手机号的后四位。", "Please give the last four digits of the phone number on it.")}, nil
				},
				Accept: e.acceptTail},
			{Name: "words", Label: "补充的话", LabelEN: "Words", Free: true, Whole: true, Needed: wordless, Ask: askWords, Accept: acceptWords,
				Why: "办的人要知道还差什么。", WhyEN: "Whoever deals with it needs to know what is missing."},
			{Name: "sensitive", Needed: touchy, Ask: askSensitive, Why: "这些是敏感信息，要单独问您。", WhyEN: "This is sensitive, so I must ask you separately."},
			{Name: "sure", Needed: func(f *bot.Form) bool { return f.Get("deed") == withdraw && f.Has("ticket_no") }, Ask: askSure},
			{Name: "deed"}, {Name: "attachment"},
		},
		Begin: e.begin, Show: e.show, Commit: e.record,
		Gist: func(f *bot.Form) string { return "查进度 " + f.Get("ticket_no") },
	}
}

// What a citizen may do to a ticket of theirs.
const (
	redo     = "redo"
	urge     = "urge"
	withdraw = "withdraw"
	add      = "supplement"
	hide     = "hide"
	thank    = "thank"
	content  = "satisfied"
)

// deeds are the words that ask for each, the surest first.
func deeds() []struct {
	deed  string
	words []string
} {
	return []struct {
		deed  string
		words []string
	}{
		{redo, []string{"重办", "重新办", "不满意", "唔满意", "没解决", "冇解决", "未解决", "没有解决", "再办一次", "not satisfied", "not solved", "do it again"}},
		{thank, []string{"道谢", "回话", "转达", "谢谢帮", "感谢帮", "谢谢他们", "thanks dg", "answer dg"}},
		{hide, []string{"不公开", "不要公开", "别公开", "不想公开", "唔好公开", "keep private"}},
		{withdraw, []string{"撤回", "撤销", "撤单", "不用办了", "唔使办", "不投诉了", "取消投诉", "withdraw"}},
		{add, []string{"补充", "補充", "再说明", "加张照片", "加几张", "补张照片", "补照片", "add to", "add something", "add a picture"}},
		{urge, []string{"催", "快点", "快啲", "太慢", "还没人", "冇人", "怎么还没", "點解仲未", "hurry"}},
		{content, []string{"满意", "滿意", "解决了", "解决咗", "satisfied"}},
	}
}

// begin hears what the citizen wants done, and finds the only ticket where no
// number was told.
func (e *Errand) begin(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if e.Appeals.AsksAppeal(f.Words) {
		return nil, nil // 还没人看 urges no ticket
	}
	for _, d := range deeds() {
		if d.deed == content && bot.Mentions(f.Words, "吗", "没", "嗎", "未", "冇", "?", "？") {
			continue // it is asked, not said
		}
		if bot.Mentions(strings.ToLower(f.Words), d.words...) {
			f.Set("deed", bot.Value{Value: d.deed})
			if rest := besides(f.Words, d.words); d.deed == redo && says(rest) || (d.deed == add || d.deed == thank) && utf8.RuneCountInString(rest) >= leastWords {
				f.Set("words", bot.Value{Value: strings.TrimLeft(passOn.ReplaceAllString(rest, ""), " ，,：:")})
			}
			break
		}
	}
	if said := thanks(f.Words); said != "" && !f.Has("deed") {
		f.Set("deed", bot.Value{Value: thank})
		f.Set("words", bot.Value{Value: said})
	}
	switch {
	case f.Has("ticket_no") || !f.Has("deed"):
		return nil, nil
	case f.Get("deed") == thank:
		return e.whom(ctx, f)
	}
	mine, err := e.Ledger.Tickets(ctx, f.Citizen.ID, mostLooked)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	if deed := f.Get("deed"); deed == content || deed == redo {
		answered := slices.DeleteFunc(slices.Clone(mine), func(v ticket.Ticket) bool { return v.Status != ticket.Closed || v.Life.Satisfied == ticket.Yes })
		switch {
		case len(answered) > 0:
			mine = answered // the one they were asked about
		case deed == content:
			return &bot.Problem{Text: f.Say("谢谢您的评价。有事随时找我。", "Thank you."), End: true, Cause: "nothing waits for a verdict"}, nil
		}
	}
	if len(mine) == 1 {
		f.Set("ticket_no", bot.Value{Value: mine[0].Number})
	}
	return nil, nil
}

// whom finds the wish somebody says thanks for. Who received nothing through
// us was only polite.
func (e *Errand) whom(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	wishes, err := e.Thanks.Thankable(ctx, f.Citizen.ID, 2)
	if err != nil {
		return nil, fmt.Errorf("list wishes to thank for: %w", err)
	}
	switch len(wishes) {
	case 0:
		return &bot.Problem{Text: f.Say("不客气，您的心意难得。登记的心愿送到以后，想对帮您的人说的话，告诉我就能转达。",
			"You are welcome. Once a wish of yours has been delivered, I can pass your thanks on."), End: true, Cause: "nothing received"}, nil
	case 1:
		f.Set("ticket_no", bot.Value{Value: wishes[0].Number})
	}
	return nil, nil
}

// leastWords is the fewest characters that say something.
const leastWords = 4

// says tells whether a reason is more than a sigh: 又开了 is one.
func says(reason string) bool {
	return utf8.RuneCountInString(strings.Trim(reason, "我啊呀呢啦吧了哦嘛!！ ")) >= 2
}

var number = regexp.MustCompile(`(?i)dg[\s-]?\d[\d\s-]*`)

// besides is what words say beside the number and what asks for the deed.
func besides(words string, cues []string) string {
	words = number.ReplaceAllString(words, "")
	for _, c := range append(slices.Clone(cues), "我要", "我想", "一下", "这个", "那个", "投诉", "诉求", "工单", "还是", "I want to", "I would like to", "please") {
		words = strings.ReplaceAll(words, c, "")
	}
	return strings.Trim(words, " ，,。：:、；;")
}

// passOn is how somebody asks for words to be passed on.
var passOn = regexp.MustCompile(`^(?:请|麻烦|可以|能不能|我想|想)*(?:帮我|帮忙|替我们|替我|代我)`)

// thanks are words that begin so beside a number, or thank whoever gave; a
// bare 谢谢 is only polite.
func thanks(words string) string {
	said := strings.Trim(number.ReplaceAllString(words, ""), " ，,。：:、；;")
	if !number.MatchString(words) {
		if !bot.ThanksGiver(words) {
			return ""
		}
		return passOn.ReplaceAllString(said, "")
	}
	for _, w := range []string{"谢谢", "感谢", "多谢", "谢你", "thank"} {
		if strings.HasPrefix(strings.ToLower(said), w) && utf8.RuneCountInString(said) >= utf8.RuneCountInString(w)+leastWords {
			return said
		}
	}
	return ""
}

func wordless(f *bot.Form) bool {
	return f.Has("ticket_no") && (f.Get("deed") == redo || f.Get("deed") == thank || f.Get("deed") == add && !f.Has("attachment"))
}

func askWords(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	if f.Get("deed") == thank {
		return bot.Prompt{Text: f.Say("想说什么？说一两句就行，不用写姓名和电话，社工看过就转达。", "What would you like to say? No names, please; a social worker reads it and passes it on.")}, nil
	}
	if f.Get("deed") == redo {
		return bot.Prompt{Text: f.Say("哪里没解决？说一两句，重办的人好知道差在哪。", "What is not solved? A sentence or two helps.")}, nil
	}
	return bot.Prompt{Text: f.Say("要补充什么？直接说，或者发照片。", "What would you like to add? Write it, or send a picture.")}, nil
}

func acceptWords(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	text := strings.TrimSpace(en.Value)
	if utf8.RuneCountInString(text) < 2 {
		return bot.Value{}, &bot.Problem{Text: f.Say("再多说一点？", "A little more, please?"), Cause: "too short"}, nil
	}
	return bot.Value{Value: text}, nil, nil
}

func askSure(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	return bot.Prompt{Text: f.Say("确定撤回 %s 吗？撤回后就不办了。", "Withdraw %s? Nothing more will be done about it.", f.Get("ticket_no")), Choices: []bot.Choice{
		{Text: f.Say("撤回", "Withdraw"), Slot: "sure", Value: bot.Value{Value: "yes"}, Plain: bot.Yes},
		{Text: f.Say("不撤回", "Keep it"), Slot: "sure", Value: bot.Value{Value: "no"}, Plain: bot.No},
	}}, nil
}

// several says whether something is to be done about one of several tickets.
func (e *Errand) several(f *bot.Form) bool {
	if !f.Has("deed") || f.Has("ticket_no") {
		return false
	}
	if f.Get("deed") == thank {
		return true // whom saw to who has none, or one
	}
	mine, err := e.Ledger.Tickets(context.Background(), f.Citizen.ID, 2)
	return err == nil && len(mine) > 1
}

// mostLooked is how many tickets are looked through for the one that is meant.
const mostLooked = 20

// mostAsked is how many a citizen chooses among.
const mostAsked = 4

func (e *Errand) askWhich(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
	var choices []bot.Choice
	if f.Get("deed") == thank {
		wishes, err := e.Thanks.Thankable(ctx, f.Citizen.ID, mostAsked)
		if err != nil {
			return bot.Prompt{}, fmt.Errorf("list wishes to thank for: %w", err)
		}
		for _, w := range wishes {
			choices = append(choices, bot.Choice{Text: w.Text + " " + w.Number, Slot: "ticket_no", Value: bot.Value{Value: w.Number}})
		}
		return bot.Prompt{Text: f.Say("是哪一个心愿？", "Which wish?"), Choices: choices, Which: true}, nil
	}
	mine, err := e.Ledger.Tickets(ctx, f.Citizen.ID, mostAsked)
	if err != nil {
		return bot.Prompt{}, fmt.Errorf("list tickets: %w", err)
	}
	for _, v := range mine {
		choices = append(choices, bot.Choice{Text: v.Title + " " + v.Number, Slot: "ticket_no", Value: bot.Value{Value: v.Number}})
	}
	return bot.Prompt{Text: f.Say("是哪一件？", "Which one?"), Choices: choices, Which: true}, nil
}

func (e *Errand) acceptNumber(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if !bot.ValidNumber(en.Value) {
		return bot.Value{}, &bot.Problem{Text: f.Say("编号 %s 好像有一位打错了，请再核对一下？", "A digit of %s seems to be wrong. Please check it.", en.Value), Cause: "check digit"}, nil
	}
	if _, _, err := e.Ledger.Ticket(ctx, en.Value); errors.Is(err, ticket.ErrNoTicket) {
		return bot.Value{}, &bot.Problem{
			Text: f.Say("没有查到编号 %s，请核对一下再发给我？", "I find nothing under %s. Please check the number.", en.Value),
			End:  true, Choices: []bot.Choice{{Text: f.Say("查我名下的", "Show mine"), Flow: bot.CheckRequest}, {Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator}},
		}, nil
	} else if err != nil {
		return bot.Value{}, nil, err
	}
	return bot.Value{Value: en.Value}, nil, nil
}

func (e *Errand) foreign(f *bot.Form) bool {
	number := f.Get("ticket_no")
	if number == "" || f.Get("deed") == thank { // nothing is shown to who thanks or answers
		return false
	}
	v, _, err := e.Ledger.Ticket(context.Background(), number)
	return err != nil || v.Citizen != f.Citizen.ID
}

func (e *Errand) acceptTail(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	v, _, err := e.Ledger.Ticket(ctx, f.Get("ticket_no"))
	if err != nil {
		return bot.Value{}, nil, err
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, en.Value)
	phone := v.Phone.Reveal()
	if len(digits) < 4 || len(phone) < 4 || digits[len(digits)-4:] != phone[len(phone)-4:] {
		return bot.Value{}, &bot.Problem{Text: f.Say("后四位对不上，不能显示。请再核对一次？", "That does not match. Once more?"), Cause: "phone tail differs"}, nil
	}
	return bot.Value{Value: digits[len(digits)-4:]}, nil, nil
}

// show tells how things stand; an urging or a redo is a deed and is left to record.
func (e *Errand) show(ctx context.Context, f *bot.Form) ([]bot.Reply, error) {
	if f.Has("deed") && f.Has("ticket_no") {
		return nil, nil
	}
	if n := f.Get("ticket_no"); n != "" {
		v, steps, err := e.Ledger.Ticket(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("load ticket: %w", err)
		}
		return []bot.Reply{{Text: describe(f, v, steps, e.Ledger.TicketRules()), Options: pages(f, v)}}, nil
	}
	appeal, err := e.Appeals.AppealStands(ctx, f)
	if err != nil {
		return nil, err
	}
	asked := e.Appeals.AsksAppeal(f.Words)
	if asked && appeal != "" {
		return []bot.Reply{{Text: appeal}}, nil
	}
	mine, err := e.Ledger.Tickets(ctx, f.Citizen.ID, 5)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	if len(mine) == 0 {
		if appeal != "" {
			return []bot.Reply{{Text: appeal}}, nil
		}
		if asked {
			return nil, &bot.Problem{End: true, Cause: "no appeal", Choices: []bot.Choice{{Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator}},
				Text: f.Say("您在这里没有提过停约申诉。预约被暂停了，说“停约申诉”就能提；健康码、罚单这些别的申诉，请说是哪一种。",
					"You have made no appeal against a pause of bookings here. Say \"停约申诉\" to make one; for other appeals please say which.")}
		}
		text := f.Say("您名下没有登记过的求助或诉求。有编号的话发给我，也能查。", "Nothing is registered under your name. If you have a number, send it to me.")
		anew := bot.Choice{Text: f.Say("反映诉求", "Report a problem"), Flow: bot.FileReport}
		waited := grieves(f.Words)
		if waited || namesMatter(f.Words) { // it is told already
			anew = bot.Choice{Text: f.Say("重新登记", "Register it again"), Flow: bot.FileReport, Slot: "text", Value: bot.Value{Value: f.Words}, Words: []string{"没有编号", "没有号", "没编号", "没号", "冇编号", "冇号", "编号忘", "编号不", "no number"}}
			text = f.Say("您名下没有登记过的求助或诉求。有编号的话发给我，也能查；没有就重新登记一次。", "Nothing is registered under your name. Send me a number if you have one; otherwise I can register it now.")
		}
		if waited {
			text = f.Say("等了这么久没有回音，是我们的不是。您名下在这里没有登记过，可能是打电话报的：有编号的话发给我，我马上查；没有就重新登记一次，我盯着办，或者回“人工”。",
				"I am sorry that nobody got back to you. Nothing is registered here under your name: send me a number if you have one, tell me again what it is about, or say \"person\".")
		}
		return nil, &bot.Problem{Text: text, End: true, Choices: []bot.Choice{anew, {Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator}}}
	}
	parts := []string{f.Say("您登记的有 %d 件：", "You have %d:", len(mine))}
	for _, v := range mine {
		parts = append(parts, f.Say("%s %s\n%s", "%s %s\n%s", v.Number, v.Title, standing(f, v)+e.public(f, v)))
	}
	if appeal != "" {
		parts = append(parts, appeal)
	}
	parts = append(parts, f.Say("想催一下就说“催一下”。", "Say \"please hurry\" to urge."))
	return []bot.Reply{{Text: strings.Join(parts, "\n\n"), Options: f.OnPage("/h5/requests")}}, nil
}

// public says how far a wish is from the public list, on a line of its own.
func (e *Errand) public(f *bot.Form, v ticket.Ticket) string {
	rules := e.Ledger.TicketRules()
	if !v.Open() || !ticket.Claimable(v, rules.Limits) {
		return ""
	}
	for _, s := range ticket.Stages(v, rules.Limits, nil) {
		if s.Way == ticket.WayClaim {
			return "\n" + s.Way.Name(f.Language) + f.Say("：", ": ") + s.State(v, rules, f.Language)
		}
	}
	return ""
}

// pages lead to a ticket's own page, which shows nothing to anybody else.
func pages(f *bot.Form, v ticket.Ticket) []bot.Option {
	if v.Citizen != f.Citizen.ID {
		return nil
	}
	return f.OnPage("/h5/requests/" + v.Number)
}

// grieves says whether somebody who asks has waited in vain.
func grieves(words string) bool {
	return bot.Mentions(words, "踢皮球", "到现在", "一个电话都没有", "没人理", "没人管", "冇人理", "推来推去", "推诿", "石沉大海", "没有下文", "没下文", "没回音", "没消息", "多少次", "几次了", "好几次", "还没", "仲未")
}

// namesMatter says whether a question how it stands says what it is about: 上次我
// 报的路灯坏了修好没.
func namesMatter(words string) bool {
	return utf8.RuneCountInString(aboutProgress.ReplaceAllString(words, "")) >= 4
}

// aboutProgress is all that only asks how something stands.
var aboutProgress = regexp.MustCompile(`(?i)[^\p{Han}]|我|你|您|佢|们|哋|帮|请|麻烦|想|要|查|看|问|一下|下|进度|進度|进展|结果|结|情况|怎么样|点样|怎样|了|吗|没|未|有|冇|嘅|的|那个|呢个|上次|之前|前几天|报|反映|投诉|投訴|登记|申请|提交|求助|诉求|訴求|心愿|工单|单|编号|号|好|办|处理|到|哪|边|步|多久|几时|什么|时候|能|会|得|啊|呀|呢`)

// standing is a ticket's state in a line, with its time while it is open.
func standing(f *bot.Form, v ticket.Ticket) string {
	if !v.Open() {
		return v.Status.Name(f.Language)
	}
	return f.Say("%s，%s前答复", "%s, answer due by %s", v.Status.Name(f.Language), f.Language.Date(v.DueAt))
}

func describe(f *bot.Form, v ticket.Ticket, steps []ticket.Step, rules ticket.Rules) string {
	lines := []string{
		f.Say("%s %s", "%s %s", v.Number, v.Title),
		f.Say("现在：%s", "Now: %s", v.Status.Name(f.Language)),
	}
	switch {
	case v.Life.Root != "":
		lines = append(lines, f.Say("和 %s 是同一件事，一起办", "The same matter as %s", v.Life.Root))
	case !v.Life.Holder.Centre():
		lines = append(lines, f.Say("主办：%s", "In charge: %s", rules.Names.Body(v.Life.Holder)))
	case v.Department != "":
		lines = append(lines, f.Say("主办：%s", "In charge: %s", v.Department))
	}
	if v.Life.Linked > 0 {
		lines = append(lines, f.Say("还有 %d 位反映同样的事", "%d others reported the same", v.Life.Linked))
	}
	if v.Open() {
		lines = append(lines, f.Say("答复期限：%s", "Due: %s", f.Language.Date(v.DueAt)))
	}
	if next := ticket.Ahead(v, rules, f.Now, f.Language); next != "" {
		lines = append(lines, f.Say("接下来：", "Next: ")+next)
	}
	if v.Answer != "" && !v.Open() {
		lines = append(lines, f.Say("答复：", "Answer: ")+v.Answer.Reveal())
	}
	if v.Kind == ticket.Help && v.Open() && !v.Life.Holder.Centre() {
		lines = append(lines, f.Say("怎么帮，按顺序：", "How you are helped, in order:"))
		for _, s := range ticket.Stages(v, rules.Limits, nil) {
			lines = append(lines, s.Way.Name(f.Language)+f.Say("：", ": ")+s.State(v, rules, f.Language))
		}
	}
	for _, s := range steps {
		if s.ForCitizen() {
			lines = append(lines, s.At.In(bot.Shanghai()).Format("01-02 15:04")+" "+s.Action.Told())
		}
	}
	return strings.Join(lines, "\n")
}

// record does what the citizen wants done. What has not been answered yet
// cannot be done again: it is urged, and the view kept.
func (e *Errand) record(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	n := f.Get("ticket_no")
	if f.Get("sure") == "no" {
		return []bot.Reply{{Text: f.Say("好，%s 接着办。", "Very well, %s goes on.", n)}}, nil
	}
	deed := f.Get("deed")
	if deed == thank {
		return e.say(ctx, tx, f)
	}
	v, _, err := e.Ledger.Ticket(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("load ticket: %w", err)
	}
	if deed == redo && v.Open() {
		deed = urge
	}
	if v.Life.Root != "" && (deed == redo || deed == urge || deed == add) {
		n = v.Life.Root // what is asked of a part is asked of the whole
	}
	words, err := agreed(tx, f, n)
	if err != nil {
		return nil, err
	}
	c := ticket.Command{
		Action: actions()[deed], By: ticket.Actor{Role: ticket.RoleCitizen}, At: f.Now, Key: f.Key(),
		Words: bot.Secret(words), Solved: ticket.Yes, Satisfied: ticket.Yes,
	}
	c.Attachment, _, _ = strings.Cut(f.Get("attachment"), ",")
	after, err := e.Office.DoIn(ctx, tx, n, c)
	var no *ticket.Refusal
	if errors.As(err, &no) && deed == content && v.Open() {
		return nil, &bot.Problem{Text: f.Say("%s 还在办，办好了会问您满不满意。", "%s is still being dealt with; you will be asked when it is done.", n), End: true, Cause: no.Cause}
	}
	if errors.As(err, &no) {
		return nil, &bot.Problem{Text: no.Text, End: true, Cause: no.Cause, Choices: []bot.Choice{
			{Text: f.Say("查进度", "How it stands"), Flow: bot.CheckRequest}, {Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator}}}
	}
	if err != nil {
		return nil, fmt.Errorf("%s ticket: %w", c.Action, err)
	}
	return []bot.Reply{{Text: said(f, f.Get("deed"), deed, after)}}, nil
}

// say takes a word for the other side of a wish.
func (e *Errand) say(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	_, err := e.Thanks.Say(ctx, tx, ticket.Word{Wish: f.Get("ticket_no"), By: f.Citizen.ID, Text: bot.Secret(f.Get("words")), At: f.Now, Key: f.Key()})
	var no *ticket.Refusal
	if errors.As(err, &no) {
		return nil, &bot.Problem{Text: f.Say(no.Text, "There is nothing under that number to pass on."), End: true, Cause: no.Cause}
	}
	if err != nil {
		return nil, fmt.Errorf("pass thanks on: %w", err)
	}
	return []bot.Reply{{Text: f.Say("收到，“%s”这句话社工看过就转达，不带姓名和电话。", "Thank you; a social worker reads \"%s\" and passes it on, without names.", f.Get("words"))}}, nil
}

func actions() map[string]ticket.Action {
	return map[string]ticket.Action{redo: ticket.DoRedo, urge: ticket.DoUrge, withdraw: ticket.DoWithdraw, add: ticket.DoSupplement, hide: ticket.DoHide, content: ticket.DoFollowUp}
}

// wordsOf is what goes into the record: the reason, or all that was said.
func wordsOf(f *bot.Form) string {
	if w := f.Get("words"); w != "" {
		return w
	}
	if f.Has("attachment") {
		return "补充照片"
	}
	return strings.Join(f.Told(), "\n")
}

// said tells the citizen what came of a deed.
func said(f *bot.Form, asked, deed string, v ticket.Ticket) string {
	due := f.Language.Date(v.DueAt)
	switch {
	case asked == redo && deed == urge:
		return f.Say("%s 还在办（%s），您的意见我先记下并帮您催办，%s前答复您。", "%s is still being dealt with (%s). I have noted your view and urged it; you get an answer by %s.",
			v.Number, v.Status.Name(f.Language), due)
	case deed == redo:
		return f.Say("已记下您对 %s 不满意，转为重新办理，审核人员会联系您，%s前答复。", "I have recorded that you want %s done again; a reviewer will contact you, and you get an answer by %s.", v.Number, due)
	case deed == withdraw:
		return f.Say("%s 已撤回。以后还有事，随时告诉我。", "%s is withdrawn.", v.Number)
	case deed == hide:
		return f.Say("好，%s 不公开请人认领，镇街照样接着办。", "%s is kept off the public list and goes on all the same.", v.Number)
	case deed == add:
		return f.Say("补充好了，已附在 %s 里，办的人马上看得到。", "Added to %s; whoever deals with it sees it at once.", v.Number)
	case deed == content:
		return f.Say("谢谢您的评价，%s 归档了。", "Thank you; %s is filed away.", v.Number)
	}
	return f.Say("已帮您催办 %s，记录马上送到主办单位。现在%s，%s前答复您。", "I have urged %s. It is now: %s; you get an answer by %s.",
		v.Number, v.Status.Name(f.Language), due)
}
