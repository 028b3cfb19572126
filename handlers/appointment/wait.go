package appointment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// The slot "wait" turns a booking into a place in the waiting line: what is
// waited for as "2026-12-02 10:00", with an empty time for any period of the
// day, and "any" for any day.
const anyDay = "any"

func slotWait() bot.Slot { return bot.Slot{Name: "wait"} }

// booksNow says whether a place is to be had at once, so that a day and a
// period are needed.
func booksNow(f *bot.Form) bool { return !f.Has("wait") }

// waited is the day and period that are waited for, empty for any.
func waited(f *bot.Form) (date, clock string) {
	if strings.HasPrefix(f.Get("wait"), anyDay) {
		return "", ""
	}
	date, clock, _ = strings.Cut(f.Get("wait"), " ")
	return date, clock
}

// waitChoice offers the line of what is full.
func (e *Errand) waitChoice(f *bot.Form, date, clock string) bot.Choice {
	c := bot.Choice{Slot: "wait", Words: []string{"候补", "wait"}}
	switch {
	case date == "":
		c.Text, c.Value = f.Say("候补，哪天有号都行", "Waiting list, any day"), bot.Value{Value: anyDay + f.Get("hall"), Shown: f.Say("哪天都行", "any day")}
	case clock == "":
		c.Text = f.Say("候补%s", "Waiting list, %s", shortDay(date, f.Language))
		c.Value = bot.Value{Value: date + " ", Shown: day(date, f.Language)}
	default:
		c.Text = f.Say("候补%s %s", "Waiting list, %s %s", shortDay(date, f.Language), clock)
		c.Value = bot.Value{Value: date + " " + clock, Shown: day(date, f.Language) + " " + clock}
	}
	return c
}

// elsewhere offers the halls that have places where one has none, and its line.
func (e *Errand) elsewhere(ctx context.Context, f *bot.Form) []bot.Choice {
	all, err := e.Ledger.Openings(ctx, booking.Query{Service: f.Get("service"), After: f.Now, Free: true})
	if err != nil {
		return nil
	}
	left := map[string]int{}
	for _, o := range all {
		left[o.Hall] += o.Remaining
	}
	halls := slices.SortedFunc(maps.Keys(left), func(a, b string) int { return cmp.Or(left[b]-left[a], strings.Compare(a, b)) })
	var choices []bot.Choice
	for _, h := range halls[:min(3, len(halls))] {
		choices = append(choices, e.hallChoice(f, h))
	}
	return e.withWait(ctx, f, choices, "", "")
}

// canWait says whether the line of a day can be joined: it is released, and
// its places are merely taken.
func (e *Errand) canWait(ctx context.Context, f *bot.Form, date, clock string) bool {
	if e.rules(f).Waits == 0 {
		return false
	}
	all, err := e.Ledger.Openings(ctx, booking.Query{Service: f.Get("service"), Hall: f.Get("hall"), Date: date, After: f.Now})
	if err != nil {
		return false
	}
	for _, o := range all {
		if o.Capacity > 0 && (clock == "" || o.Time == clock) {
			return true
		}
	}
	return false
}

// withWait adds the line to what is offered instead of a full opening.
func (e *Errand) withWait(ctx context.Context, f *bot.Form, choices []bot.Choice, date, clock string) []bot.Choice {
	if len(choices) == 0 || !e.canWait(ctx, f, date, clock) {
		return choices
	}
	return append(choices, e.waitChoice(f, date, clock))
}

// confirmWait reads back what is waited for.
func (e *Errand) confirmWait(f *bot.Form) bot.Reply {
	return bot.Reply{Text: f.Say("请核对候补登记：\n业务：%s\n大厅：%s\n想要：%s\n姓名：%s\n电话：%s\n有人退号就按先后给您留 %d 分钟，并发消息给您。没问题请回“确认”。",
		"Please check the waiting list entry:\nService: %s\nHall: %s\nWanted: %s\nName: %s\nPhone: %s\nWhen a place comes free it is kept for you for %d minutes and I will tell you. If all is right, say \"confirm\".",
		e.title(f.Get("service")), e.hallName(f.Get("hall"), f.Language), told(f, "wait")+several(places(f), f.Language), f.Get("name"), bot.MaskPhone(f.Get("phone")),
		int(e.rules(f).PromotedFor.Minutes()))}
}

func (e *Errand) commitWait(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	r := e.request(f)
	r.Date, r.Time = waited(f)
	w, err := e.Ledger.Wait(ctx, tx, r)
	if errors.Is(err, booking.ErrFree) {
		return nil, &bot.Problem{Text: f.Say("刚好有人退了号，不用候补，直接选一个：", "A place has just come free, so there is no need to wait:"), Clear: []string{"wait", "date", "time"}, Cause: err.Error()}
	}
	if err != nil {
		return nil, e.reason(ctx, f, err)
	}
	return []bot.Reply{{Text: f.Say("已登记候补：%s，%s，%s。\n排到了马上告诉您，给您留 %d 分钟；不想等了说“取消候补”。还要办别的吗？",
		"You are on the waiting list: %s, %s, %s.\nI will tell you at once when a place is yours, and keep it for %d minutes. Say \"leave the waiting list\" to stop. Anything else?",
		e.title(w.Service), e.hallName(w.Hall, f.Language), told(f, "wait"), int(e.rules(f).PromotedFor.Minutes()))}}, nil
}

// Proposal is what a promoted citizen is told: the booking's summary, bound to
// their yes.
func (e *Errand) Proposal(l booking.Line) bot.Proposal {
	slots := map[string]bot.Value{
		"service": {Value: l.Service, Shown: e.title(l.Service)},
		"hall":    {Value: l.Hall, Shown: e.hallName(l.Hall, bot.Simplified)},
		"date":    {Value: l.Place.Date, Shown: day(l.Place.Date, bot.Simplified)},
		"time":    {Value: l.Place.Time},
		"name":    {Value: l.Name.Reveal()},
		"phone":   {Value: l.Phone.Reveal(), Shown: bot.MaskPhone(l.Phone.Reveal())},
	}
	if l.Places > 1 {
		slots["places"] = bot.Value{Value: strconv.Itoa(l.Places)}
	}
	for name, v := range map[string]string{"relation": l.Relation, "id_number": l.IDNumber.Reveal()} {
		if v != "" {
			slots[name] = bot.Value{Value: v}
		}
	}
	until := l.Until.In(bot.Shanghai())
	return bot.Proposal{Citizen: l.Citizen, Flow: bot.BookAppointment, Key: l.Key, Slots: slots,
		Lead: func(lang bot.Language) string {
			return lang.Say("您候补的号排到了，给您留到%s %s。", "Your turn on the waiting list has come; the place is kept for you until %s %s.\n",
				bot.FullDate(until), until.Format("15:04"))
		}}
}

// waits are the citizen's places in line, in a few lines of words.
func (e *Errand) waits(ctx context.Context, f *bot.Form) ([]string, error) {
	lines, err := e.Ledger.Waits(ctx, f.Citizen.ID)
	if err != nil {
		return nil, fmt.Errorf("list waits: %w", err)
	}
	var parts []string
	for _, l := range lines {
		wanted := f.Say("哪天都行", "any day")
		if l.Date != "" {
			wanted = strings.TrimSpace(day(l.Date, f.Language) + " " + l.Time)
		}
		text := f.Say("候补：%s\n%s\n%s\n前面还有 %d 位", "Waiting list: %s\n%s\n%s\n%d before you",
			e.title(l.Service), e.hallName(l.Hall, f.Language), wanted, l.Ahead)
		if l.Status == booking.WaitHeld {
			text = f.Say("候补到号：%s\n%s\n%s %s\n为您留到 %s，要就说“预约”", "A place is kept for you: %s\n%s\n%s %s\nuntil %s",
				e.title(l.Service), e.hallName(l.Hall, f.Language), day(l.Place.Date, f.Language), l.Place.Time, l.Until.In(bot.Shanghai()).Format("15:04"))
		}
		parts = append(parts, text)
	}
	return parts, nil
}

// arrival tells on the day how a number is drawn, and where it stands once it
// is.
func (e *Errand) arrival(f *bot.Form, a booking.Appointment) string {
	if v, ahead, drawn := e.Ledger.ArrivalOf(a.Number, f.Now); drawn {
		switch v.Status {
		case booking.ArrivalCalled:
			return f.Say("正在叫您的号 %s，请到 %s 窗口。", "Your number %s is being called; please go to window %s.", v.Number, v.Window)
		case booking.ArrivalWaiting:
			return f.Say("您的号是 %s，前面还有 %d 位。", "Your number is %s; %d before you.", v.Number, ahead)
		}
		return ""
	}
	if a.Status != booking.Booked || a.Date != f.Now.In(bot.Shanghai()).Format(time.DateOnly) {
		return ""
	}
	rules := e.Ledger.RulesFor(a.Service)
	from, last := a.Starts().Add(-rules.CheckInEarly), a.Starts().Add(rules.CheckInLate)
	switch {
	case f.Now.Before(from):
		return f.Say("%s 起可以取号：到厅后在取号机上扫预约码，或输入预约号。", "From %s on you can draw a number at the hall with your appointment code or number.", from.Format("15:04"))
	case f.Now.After(last):
		return f.Say("已经过了 %s，到厅后仍可取号，排在现场取号的后面。", "It is past %s; you can still draw a number at the hall and wait with the walk-ins.", last.Format("15:04"))
	}
	return f.Say("现在可以取号：在取号机上扫预约码，或输入预约号 %s；%s 之后按现场取号排队。", "You can draw your number now at the hall with %s; after %s you wait with the walk-ins.",
		a.Number, last.Format("15:04"))
}

// today are the citizen's appointments of today that have begun and are not
// over: they may still draw their number.
func (e *Errand) today(ctx context.Context, f *bot.Form) ([]booking.Appointment, error) {
	all, err := e.Ledger.Appointments(ctx, f.Citizen.ID, true)
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	date := f.Now.In(bot.Shanghai()).Format(time.DateOnly)
	return slices.DeleteFunc(all, func(a booking.Appointment) bool { return a.Date != date || a.Starts().After(f.Now) }), nil
}

// slotWaiting is the place in line that is given up; it is never asked for.
func (e *Errand) slotWaiting() bot.Slot { return bot.Slot{Name: "waiting"} }

func unlessLeaving(s bot.Slot) bot.Slot {
	s.Needed = func(f *bot.Form) bool { return !f.Has("waiting") }
	return s
}

// beginCancel finds what is to be cancelled: a place in line where the words
// name one, or where there is nothing else.
func (e *Errand) beginCancel(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("appointment_no") {
		return nil, nil
	}
	lines, err := e.Ledger.Waits(ctx, f.Citizen.ID)
	if err != nil {
		return nil, fmt.Errorf("list waits: %w", err)
	}
	if len(lines) == 0 {
		return e.onlyOne(ctx, f)
	}
	open, err := e.mine(ctx, f)
	if err != nil {
		return nil, err
	}
	if len(open) > 0 && !strings.Contains(f.Words, "候补") && !strings.Contains(f.Words, "候補") && !strings.Contains(strings.ToLower(f.Words), "waiting list") {
		return e.onlyOne(ctx, f)
	}
	l := lines[len(lines)-1] // the latest, where there are several
	wanted := f.Say("哪天都行", "any day")
	if l.Date != "" {
		wanted = strings.TrimSpace(day(l.Date, f.Language) + " " + l.Time)
	}
	f.Set("waiting", bot.Value{Value: fmt.Sprint(l.ID), Shown: strings.Join([]string{e.title(l.Service), e.hallName(l.Hall, f.Language), wanted}, "\n")})
	return nil, nil
}

// leave gives a place in line up.
func (e *Errand) leave(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	id, err := strconv.ParseInt(f.Get("waiting"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read waiting list entry: %w", err)
	}
	if _, err := e.Ledger.Leave(ctx, tx, f.Citizen.ID, id, f.Now); err != nil {
		return nil, e.reason(ctx, f, err)
	}
	return []bot.Reply{{Text: f.Say("候补已取消。还要办别的吗？", "You have left the waiting list. Anything else?")}}, nil
}
