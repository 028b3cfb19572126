package appointment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// book is the flow that makes an appointment.
func (e *Errand) book() *bot.Flow {
	return &bot.Flow{
		Intent: bot.BookAppointment, Name: "预约办事", NameEN: "booking an appointment", Keeps: true,
		Slots: []bot.Slot{
			bot.RelationSlot(),
			{Name: "service", Label: "业务", LabelEN: "Service", Types: []bot.EntityType{bot.Service}, Free: true,
				Why: "不同业务在不同窗口办，要先知道您办哪一项。", WhyEN: "Each service has its own window.",
				More: "不在里面也没关系，直接说业务名就行。", MoreEN: "Any other service will do, just name it.",
				Ask: e.askService, Accept: e.acceptService},
			{Name: "hall", Label: "大厅", LabelEN: "Hall", Types: []bot.EntityType{bot.Hall, bot.Town},
				Why: "每个大厅的号是分开放的。", WhyEN: "Each hall has its own places.",
				More: "每个镇街、园区都有政务大厅，说名字就行。", MoreEN: "Every town and park has a hall; just name it.",
				Hears: func(_ *bot.Form, words string) bool { return asksNearest(words) },
				Ask:   e.askHall, Accept: e.acceptHall},
			e.slotPlaces(), e.slotDays(), unlessWaiting(e.slotDate()), e.slotPart(), unlessWaiting(e.slotTime()), slotWait(),
			{Name: "name", Label: "姓名", LabelEN: "Name", Types: []bot.EntityType{bot.PersonName},
				Why: "窗口按姓名核对办理人，不会用在别处。", WhyEN: "The window checks the name of the person served.",
				Ask: askName},
			bot.PhoneSlot("请留一个手机号，大厅有变动好联系您。", "Please give a mobile number in case something changes.",
				"大厅临时有变动时要能联系到您。", "So that the hall can reach you if something changes."),
			e.slotIdentity(),
		},
		Begin: e.beginBooking, Check: e.checkBooking, Confirm: e.confirmBooking, Commit: e.commitBooking,
		Reserve: e.reserve, Release: e.giveBack,
		Gist: func(f *bot.Form) string {
			return strings.Join([]string{"预约", e.title(f.Get("service")), e.hallName(f.Get("hall"), bot.Simplified), told(f, "date"), f.Get("time")}, " ")
		},
	}
}

// told is a slot's value as it is shown to people.
func told(f *bot.Form, slot string) string {
	v, _ := f.Value(slot)
	return v.Show()
}

// beginBooking fills in who the citizen is when they book for themselves.
func (e *Errand) beginBooking(_ context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("relation") && f.Get("relation") != "本人" {
		return nil, nil
	}
	if !f.Has("name") && f.Citizen.Name != "" {
		f.Set("name", bot.Value{Value: f.Citizen.Name.Reveal()})
	}
	if !f.Has("phone") && f.Citizen.Phone != "" {
		f.Set("phone", bot.Value{Value: f.Citizen.Phone.Reveal()})
	}
	return nil, nil
}

func (e *Errand) askService(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	return bot.Prompt{
		Text:    f.Say("您要办哪一项？可以直接说业务名，比如“居住证”。", "Which service do you need? Just name it, such as \"residence permit\"."),
		Choices: e.serviceChoices(f, e.Popular),
	}, nil
}

func (e *Errand) serviceChoices(_ *bot.Form, ids []string) []bot.Choice {
	var choices []bot.Choice
	for _, id := range ids {
		if g, ok := e.guide(id); ok && g.Bookable && len(choices) < 4 {
			choices = append(choices, bot.Choice{Text: g.Title, Slot: "service", Value: bot.Value{Value: id, Shown: g.Title}})
		}
	}
	return choices
}

func (e *Errand) acceptService(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if en.Type == "" {
		return e.serviceByWords(f, en.Value)
	}
	if len(en.Ambiguity) > 0 {
		choices := narrowed(f.Words, e.serviceChoices(f, append([]string{en.Value}, en.Ambiguity...)))
		if len(choices) > 1 {
			return bot.Value{}, &bot.Problem{Text: f.Say("“%s”有几项，您办哪一项？", "Several services match \"%s\". Which one?", en.Text), Choices: choices, Keep: true, Which: true}, nil
		}
		if len(choices) == 1 {
			only := choices[0].Value
			only.Said = en.Text
			return only, nil, nil
		}
	}
	g, ok := e.guide(en.Value)
	if !ok {
		return bot.Value{}, &bot.Problem{Text: f.Say("没有找到这项业务，换个说法试试？", "I do not know that service. Could you put it differently?")}, nil
	}
	if !g.Bookable {
		return bot.Value{}, e.notBookable(f, en.Value, g), nil
	}
	return bot.Value{Value: en.Value, Shown: g.Title, Said: en.Text}, nil, nil
}

// hints are what tells services of one name apart, as titles and as people say it.
var hints = []struct {
	title string
	said  *regexp.Regexp
}{
	{"小孩", regexp.MustCompile(`孩|宝宝|[bB][bB]|婴儿|儿子|女儿|细路|仔仔|孙|娃|小朋友|未成年|第一次|首次|头一`)},
	{"丢失", regexp.MustCompile(`丢|不见|唔见|遗失|冇咗|没了|被偷|被抢|补办|补领`)},
	{"到期", regexp.MustCompile(`到期|过期|換領|换领|换证|換證|换新|旧证|坏|壞|磨损|消磁`)},
}

// narrowed leaves the one service that the words told of; where they told of
// several or of none, all.
func narrowed(words string, choices []bot.Choice) []bot.Choice {
	var told []bot.Choice
	for _, c := range choices {
		if hinted(words, c.Text) {
			told = append(told, c)
		}
	}
	if len(told) == 1 {
		return told
	}
	return choices
}

// hinted says whether words tell a service of that title from others of its name.
func hinted(words, title string) bool {
	for _, h := range hints {
		if strings.Contains(title, h.title) && h.said.MatchString(words) {
			return true
		}
	}
	return false
}

// named says whether the service was called by its name, or chosen: who said 社保
// or 户口 said a field, and may have meant another of its services than the one
// it usually is.
func named(f *bot.Form, title string) bool {
	v, _ := f.Value("service")
	return v.Said == "" || utf8.RuneCountInString(v.Said) > len([]rune("社保")) && strings.Contains(title, v.Said)
}

func (e *Errand) notBookable(f *bot.Form, id string, g Guide) *bot.Problem {
	text := f.Say("“%s”不在政务大厅窗口预约。", "\"%s\" is not booked at the service halls.", g.Title)
	if g.Where != "" {
		text += f.Say("办理地点：%s。", " It is done at: %s.", g.Where)
	}
	if old, had := f.Value("service"); had {
		return &bot.Problem{Text: text + f.Say("“%s”的预约还在，我们接着办。", " We go on with %s.", old.Show()), Stay: true}
	}
	return &bot.Problem{
		Text: text + f.Say("要看怎么办，还是约别的？", " Shall I explain how, or book something else?"),
		End:  true,
		Choices: []bot.Choice{
			{Text: f.Say("看怎么办", "Explain how"), Say: g.Title + "怎么办"},
			{Text: f.Say("约别的业务", "Book something else"), Flow: bot.BookAppointment},
		},
	}
}

// serviceByWords looks for a service that was not recognised by name.
func (e *Errand) serviceByWords(f *bot.Form, words string) (bot.Value, *bot.Problem, error) {
	var ids []string
	if e.Finder != nil {
		for _, s := range e.Finder.FindServices(words, 8) {
			ids = append(ids, s.ID)
		}
	}
	if choices := e.serviceChoices(f, ids); len(choices) > 0 {
		return bot.Value{}, &bot.Problem{Text: f.Say("是下面哪一项？都不是的话换个说法告诉我。", "Is it one of these? If not, please put it differently."), Choices: choices, Which: true}, nil
	}
	return bot.Value{}, &bot.Problem{
		Text:    f.Say("没有找到这项业务。您可以说业务名，比如“居住证”“身份证补领”，或从常办的里选：", "I did not find that service. Name it, or choose a common one:"),
		Choices: e.serviceChoices(f, e.Popular),
	}, nil
}

func (e *Errand) askHall(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	var choices []bot.Choice
	near := e.nearest(f, 4)
	for _, id := range near {
		choices = append(choices, e.hallChoice(f, id))
	}
	if len(choices) == 0 {
		for _, id := range []string{"city", "guancheng", "nancheng", "dongcheng"} {
			if _, ok := e.hall(id); ok {
				choices = append(choices, e.hallChoice(f, id))
			}
		}
	}
	taken, doubts := "", "" // said where it was gathered from hints, or from less than its name
	if title := e.title(f.Get("service")); f.Asked == "" && (hinted(f.Words, title) || !named(f, title)) {
		doubts = "service"
		taken = f.Say("办的是“"+title+"”，不对就说一声。", "This is for \""+title+"\"; tell me if not. ")
	}
	return bot.Prompt{
		Text:    taken + f.Say("去哪个大厅办？说镇街名就行，比如“虎门”“寮步”。", "Which hall? Just name the town, such as \"Humen\"."),
		Choices: byKey(f, choices),
		Doubts:  doubts,
	}, nil
}

// nearest are the halls nearest to where the citizen said they are; none where
// that is not known.
func (e *Errand) nearest(f *bot.Form, most int) []string {
	if f.Near.At.IsZero() || e.Where == nil {
		return nil
	}
	here, away := booking.Spot{Lat: f.Near.Lat, Lng: f.Near.Lng}, map[string]float64{}
	for id, h := range *e.halls.Load() {
		if at := e.Where(h); at.Known() {
			away[id] = here.Away(at)
		}
	}
	ids := slices.SortedFunc(maps.Keys(away), func(a, b string) int { return cmp.Or(cmp.Compare(away[a], away[b]), strings.Compare(a, b)) })
	return ids[:min(most, len(ids))]
}

func (e *Errand) acceptHall(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if en.Type == "" && asksNearest(en.Value) {
		p, err := e.askHall(ctx, f)
		why := f.Say("发一个位置，或说您在哪个镇街，我就知道哪个近。", "Send a location or name your town, and I know which is near.")
		if !f.Near.At.IsZero() && e.Where != nil {
			why = f.Say("按您发的位置，由近到远是：", "From where you are, the nearest first:")
		}
		return bot.Value{}, &bot.Problem{Text: why, Choices: p.Choices, Keep: true}, err
	}
	if further := e.furtherHalls(f, en.Value); en.Type == "" && len(further) > 0 {
		return bot.Value{}, &bot.Problem{Text: f.Say("去哪一个？", "Which one?"), Choices: further, Keep: true}, nil
	}
	if len(en.Ambiguity) > 0 {
		var choices []bot.Choice
		for _, id := range append([]string{en.Value}, en.Ambiguity...) {
			if _, ok := e.hall(id); ok {
				choices = append(choices, e.hallChoice(f, id))
			}
		}
		if len(choices) > 1 {
			return bot.Value{}, &bot.Problem{Text: f.Say("您说的是哪个大厅？", "Which hall do you mean?"), Choices: choices, Which: true}, nil
		}
	}
	h, ok := e.hall(en.Value)
	if !ok {
		return bot.Value{}, &bot.Problem{Text: f.Say("没有找到这个大厅。", "I do not know that hall.")}, nil
	}
	return bot.Value{Value: h.ID, Shown: e.hallName(h.ID, f.Language), Said: en.Text}, nil, nil
}

// asksNearest says whether words ask which hall is near.
func asksNearest(words string) bool {
	return bot.Mentions(strings.ToLower(words), "最近", "离我近", "離我近", "就近", "近一点", "近啲", "nearest", "closest", "near me")
}

func (e *Errand) hallChoice(f *bot.Form, id string) bot.Choice {
	name := e.hallName(id, f.Language)
	return bot.Choice{Text: name, Slot: "hall", Value: bot.Value{Value: id, Shown: name}}
}

func askName(_ context.Context, f *bot.Form) (bot.Prompt, error) {
	if r := f.Get("relation"); r != "" && r != "本人" {
		return bot.Prompt{Text: f.Say("办理人（您的%s）叫什么名字？窗口按办理人核对。", "What is the name of the person served?", r)}, nil
	}
	p := bot.Prompt{Text: f.Say("请问办理人的姓名？", "What is your name?")}
	if n := f.From.ID; f.Channel == bot.Hotline && len(n) > 4 && strings.Trim(n, "0123456789") == "" {
		// A name cannot be keyed: the window then asks for it, and finds the
		// appointment by its number.
		p.Choices = []bot.Choice{{Text: f.Say("先不报姓名，到窗口再说", "Give the name at the window"), Slot: "name", Value: bot.Value{Value: bot.CallerName(n)}}}
	}
	return p, nil
}

// checkBooking makes sure the chosen period is still there before the
// citizen is asked for more.
func (e *Errand) checkBooking(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if r := f.Get("relation"); r != "" && r != "本人" && f.Has("service") && !e.rules(f).Others {
		return e.problem(ctx, f, booking.ErrOthers)
	}
	if most := e.rules(f).MaxPlaces; f.Has("service") && places(f) > most {
		f.Clear("places")
		return &bot.Problem{Text: tooMany(f, most), Cause: booking.ErrTooManyPlaces.Error()}, nil
	}
	if p, err := e.withinLimits(ctx, f); p != nil || err != nil {
		return p, err
	}
	if !booksNow(f) {
		if hall, any := strings.CutPrefix(f.Get("wait"), anyDay); any && !f.Has("hall") {
			f.Set("hall", bot.Value{Value: hall, Shown: e.hallName(hall, f.Language)})
		}
		return nil, nil
	}
	return e.checkPeriod(ctx, f)
}

// withinLimits tells a citizen early what the ledger would refuse at the end.
func (e *Errand) withinLimits(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if !f.Has("name") || !f.Has("phone") {
		return nil, nil
	}
	if _, banned := e.Ledger.Banned(e.request(f)); banned {
		return e.banned(f), nil
	}
	open, err := e.mine(ctx, f)
	if err != nil {
		return nil, err
	}
	active, sameDay := 0, false
	for _, a := range open {
		if a.Name.Reveal() != f.Get("name") || a.Phone.Reveal() != f.Get("phone") {
			continue
		}
		active++
		sameDay = sameDay || a.Service == f.Get("service") && a.Date == f.Get("date")
	}
	refused := error(nil)
	switch {
	case active >= e.rules(f).Active:
		refused = booking.ErrTooMany
	case sameDay && e.rules(f).PerServiceDay <= 1:
		refused = booking.ErrSameService
	default:
		return nil, nil
	}
	return e.problem(ctx, f, refused)
}

// problem puts a refusal as the engine takes it.
func (e *Errand) problem(ctx context.Context, f *bot.Form, refused error) (*bot.Problem, error) {
	var p *bot.Problem
	if errors.As(e.reason(ctx, f, refused), &p) {
		return p, nil
	}
	return nil, refused
}

// slotIdentity asks for an id number where a service's rules want one; told
// without need it is not kept.
func (e *Errand) slotIdentity() bot.Slot {
	return bot.Slot{Name: "id_number", Label: "证件号", LabelEN: "ID number", Types: []bot.EntityType{bot.IDNumber},
		Why: "这项业务按规定要核对办理人的身份。", WhyEN: "This service must check the identity of the person served.",
		Needed: func(f *bot.Form) bool { return e.rules(f).Identity },
		Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
			return bot.Prompt{Text: f.Say("请报一下办理人的身份证号。", "Please give the id number of the person served.")}, nil
		},
		Accept: func(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
			if !e.rules(f).Identity {
				return bot.Value{}, nil, nil
			}
			return bot.Value{Value: en.Value, Shown: bot.MaskID(en.Value), Said: bot.MaskID(en.Value)}, nil, nil
		}}
}

// checkPeriod makes sure that the day and period told are there to be had.
func (e *Errand) checkPeriod(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if !f.Has("service") || !f.Has("hall") || !f.Has("date") {
		return nil, nil
	}
	free, err := e.free(ctx, f)
	if err != nil {
		return nil, err
	}
	if len(free) == 0 {
		return e.dayGone(ctx, f)
	}
	if !f.Has("time") {
		return nil, nil
	}
	if slices.ContainsFunc(free, func(o booking.Opening) bool { return o.Time == f.Get("time") }) {
		return nil, nil
	}
	wanted := f.Get("time")
	choices := timeChoices(near(free, wanted, 6))
	return &bot.Problem{
		Text:  e.noSuchTime(ctx, f, wanted),
		Clear: []string{"time"}, Choices: e.withWait(ctx, f, choices, f.Get("date"), wanted), Cause: "period not free",
	}, nil
}

// noSuchTime says why a period cannot be had.
func (e *Errand) noSuchTime(ctx context.Context, f *bot.Form, clock string) string {
	date := f.Get("date")
	all, err := e.Ledger.Openings(ctx, booking.Query{Service: f.Get("service"), Hall: f.Get("hall"), Date: date})
	full := err == nil && slices.ContainsFunc(all, func(o booking.Opening) bool { return o.Time == clock })
	switch {
	case !booking.At(date, clock).After(f.Now):
		return f.Say("%s %s 已经过了，当天还有这些：", "%s %s is past. On that day there is still:", day(date, f.Language), clock)
	case minutes(clock) < 8*60 || minutes(clock) >= 18*60:
		return f.Say("%s大厅不开门，%s还有这些时段：", "The halls are closed at %s. On %s there is:", clock, day(date, f.Language))
	}
	if full {
		return f.Say("%s %s 约满了，当天还有这些：", "%s %s is full. On that day there is still:", day(date, f.Language), clock)
	}
	return f.Say("%s %s 不放号，当天有这些时段：", "%s %s is not a period that can be booked. On that day there is:", day(date, f.Language), clock)
}

// near are the n openings closest to a time, in order.
func near(free []booking.Opening, clock string, n int) []booking.Opening {
	if len(free) <= n {
		return free
	}
	at := minutes(clock)
	sorted := slices.Clone(free)
	slices.SortStableFunc(sorted, func(a, b booking.Opening) int {
		return abs(minutes(a.Time)-at) - abs(minutes(b.Time)-at)
	})
	sorted = sorted[:n]
	slices.SortFunc(sorted, func(a, b booking.Opening) int { return strings.Compare(a.Time, b.Time) })
	return sorted
}

func minutes(clock string) int {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return 0
	}
	return t.Hour()*60 + t.Minute()
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

func (e *Errand) confirmBooking(_ context.Context, f *bot.Form) (bot.Reply, error) {
	if !booksNow(f) {
		return e.confirmWait(f), nil
	}
	var b strings.Builder
	b.WriteString(f.Say("请核对：", "Please check:"))
	line := func(zh, en, value string) {
		fmt.Fprintf(&b, "\n%s%s", f.Say(zh, en), value)
	}
	line("业务：", "Service: ", e.title(f.Get("service")))
	line("大厅：", "Hall: ", e.hallName(f.Get("hall"), f.Language))
	line("时间：", "Time: ", day(f.Get("date"), f.Language)+" "+f.Get("time"))
	if r := f.Get("relation"); r != "" && r != "本人" {
		whose := f.Say("（您的"+r+"，您确认已征得同意）", " (you say that they agree)")
		switch {
		case !e.rules(f).Consent && r != "子女":
			whose = f.Say("（您的"+r+"）", "")
		case r == "子女": // parents decide for their children
			whose = f.Say("（您的子女）", " (your child)")
		}
		line("办理人：", "Person served: ", f.Get("name")+whose)
	} else {
		line("姓名：", "Name: ", f.Get("name"))
	}
	if n := places(f); n > 1 {
		line("人数：", "People: ", f.Say("%d 人", "%d", n))
	}
	line("电话：", "Phone: ", bot.MaskPhone(f.Get("phone")))
	if n := f.Get("id_number"); n != "" {
		line("证件号：", "ID number: ", bot.MaskID(n))
	}
	b.WriteString(f.Say("\n没问题请回“确认”。", "\nIf all is right, say \"confirm\"."))
	return bot.Reply{Text: b.String()}, nil
}

// request is what the form asks of the ledger.
func (e *Errand) request(f *bot.Form) booking.Request {
	return booking.Request{
		Citizen: f.Citizen.ID, Channel: f.Channel, Key: f.Key(), Service: f.Get("service"), Hall: f.Get("hall"),
		Date: f.Get("date"), Time: f.Get("time"), Name: bot.Secret(f.Get("name")), Phone: bot.Secret(f.Get("phone")),
		IDNumber: bot.Secret(f.Get("id_number")), Relation: f.Get("relation"), Places: places(f), Now: f.Now,
		Consent: true, // the summary that is confirmed asks for it
	}
}

// reserve keeps the place that the summary reads back.
func (e *Errand) reserve(ctx context.Context, tx bot.Tx, f *bot.Form) error {
	if !booksNow(f) {
		return nil
	}
	if _, err := e.Ledger.Reserve(ctx, tx, e.request(f)); err != nil {
		return e.reason(ctx, f, err)
	}
	return nil
}

func (e *Errand) giveBack(ctx context.Context, tx bot.Tx, f *bot.Form) error {
	return e.Ledger.GiveBack(ctx, tx, f.Citizen.ID, f.Key(), f.Now)
}

func (e *Errand) commitBooking(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	if !booksNow(f) {
		return e.commitWait(ctx, tx, f)
	}
	a, err := e.Ledger.Book(ctx, tx, e.request(f))
	if err != nil {
		return nil, e.reason(ctx, f, err)
	}
	if err := e.remind(tx, f, a); err != nil {
		return nil, err
	}
	if r := f.Get("relation"); r == "" || r == "本人" {
		known := f.Citizen
		known.Name, known.Phone = a.Name, a.Phone
		if err := tx.SaveCitizen(known); err != nil {
			return nil, fmt.Errorf("remember the citizen: %w", err)
		}
	}
	if a.Places > 1 {
		text := f.Say("约好了，%d 人一个预约号 %s。\n%s %s，%s，%s。\n请各自带好材料，一起提前 15 分钟到厅取一个号；要改要取消，直接告诉我（开始前 %d 小时内不能取消）。还要办别的吗？",
			"Booked for %d people. The number is %s.\n%s %s, %s, %s.\nPlease come together 15 minutes early, each with their papers. Tell me to change or cancel, up to %d hours before. Anything else?",
			a.Places, a.Number, day(a.Date, f.Language), a.Time, e.hallName(a.Hall, f.Language), e.title(a.Service), int(e.rules(f).CancelBefore.Hours()))
		return []bot.Reply{{Text: text}}, nil
	}
	text := f.Say("约好了，预约号 %s。\n%s %s，%s，%s。\n请带好材料，提前 15 分钟到厅取号；要改要取消，直接告诉我（开始前 %d 小时内不能取消）。还要办别的吗？",
		"Booked. Your number is %s.\n%s %s, %s, %s.\nPlease come 15 minutes early with your papers. Tell me to change or cancel, up to %d hours before. Anything else?",
		a.Number, day(a.Date, f.Language), a.Time, e.hallName(a.Hall, f.Language), e.title(a.Service), int(e.rules(f).CancelBefore.Hours()))
	return []bot.Reply{{Text: text}}, nil
}
