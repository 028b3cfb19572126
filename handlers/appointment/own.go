package appointment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// slotNumber asks which of the citizen's appointments is meant.
func (e *Errand) slotNumber(question, questionEN string) bot.Slot {
	return bot.Slot{
		Name: "appointment_no", Label: "哪个预约", LabelEN: "Appointment", Types: []bot.EntityType{bot.AppointmentNo},
		Why: "要先知道是哪一个预约。", WhyEN: "I need to know which appointment.",
		Ask: func(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
			open, err := e.mine(ctx, f)
			if err != nil {
				return bot.Prompt{}, err
			}
			choices := make([]bot.Choice, 0, len(open))
			for _, a := range open {
				choices = append(choices, bot.Choice{Text: e.oneLine(a, f.Language), Slot: "appointment_no", Value: bot.Value{Value: a.Number, Shown: e.oneLine(a, f.Language)}})
			}
			return bot.Prompt{Text: f.Say(question, questionEN), Choices: choices, Which: len(choices) > 1}, nil
		},
		Accept: e.acceptNumber,
	}
}

// acceptNumber takes a number that is well formed; whose it is comes after.
func (e *Errand) acceptNumber(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	number := clean(en.Value)
	if !bot.ValidNumber(number) {
		return bot.Value{}, &bot.Problem{Text: f.Say("预约号 %s 好像有一位打错了，请再核对一下？", "A digit of %s seems to be wrong. Please check it.", number)}, nil
	}
	if _, err := e.Ledger.Appointment(ctx, number); errors.Is(err, booking.ErrNoAppointment) {
		return bot.Value{}, &bot.Problem{Text: f.Say("没有查到预约号 %s，请再核对一下？", "I find no appointment %s. Please check the number.", number)}, nil
	} else if err != nil {
		return bot.Value{}, nil, err
	}
	return bot.Value{Value: number, Said: number}, nil, nil
}

// slotTail asks for the last four digits of the phone: a number alone shows
// nothing to somebody else.
func (e *Errand) slotTail() bot.Slot {
	return bot.Slot{
		Name: "phone_tail", Label: "手机后四位", LabelEN: "Last four digits", Types: []bot.EntityType{bot.Number, bot.Phone}, Free: true,
		Why: "预约号不是您本人登记的，要核对预留手机后四位才能给您看。", WhyEN: "The appointment was made by someone else, so I must check the phone number given.",
		Needed: func(f *bot.Form) bool { return !f.Has("waiting") && e.foreign(context.Background(), f) },
		Ask: func(_ context.Context, f *bot.Form) (bot.Prompt, error) {
			return bot.Prompt{Text: f.Say("请说一下这个预约预留手机号的后四位。", "Please give the last four digits of the phone number on it.")}, nil
		},
		Accept: func(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
			digits := strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r
				}
				return -1
			}, en.Value)
			a, err := e.Ledger.Appointment(ctx, f.Get("appointment_no"))
			if err != nil {
				return bot.Value{}, nil, err
			}
			phone := a.Phone.Reveal()
			if len(digits) < 4 || len(phone) < 4 || digits[len(digits)-4:] != phone[len(phone)-4:] {
				return bot.Value{}, &bot.Problem{Text: f.Say("后四位对不上，不能显示这个预约。请再核对一次？", "That does not match, so I cannot show it. Once more?"), Cause: "phone tail differs"}, nil
			}
			return bot.Value{Value: digits[len(digits)-4:]}, nil, nil
		},
	}
}

// foreign says whether the appointment of the form was made by somebody else.
func (e *Errand) foreign(ctx context.Context, f *bot.Form) bool {
	number := f.Get("appointment_no")
	if number == "" {
		return false
	}
	a, err := e.Ledger.Appointment(ctx, number)
	return err != nil || a.Citizen != f.Citizen.ID
}

// onlyOne fills in the appointment where there is just one, and ends the
// errand where there is none.
func (e *Errand) onlyOne(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if f.Has("appointment_no") {
		return nil, nil
	}
	open, err := e.mine(ctx, f)
	if err != nil {
		return nil, err
	}
	switch len(open) {
	case 0:
		return &bot.Problem{
			Text: f.Say("您名下没有还没办的预约。要约一个吗？", "You have no open appointments. Shall I book one?"), End: true,
			Choices: []bot.Choice{{Text: f.Say("预约办事", "Book an appointment"), Flow: bot.BookAppointment}},
		}, nil
	case 1:
		f.Set("appointment_no", bot.Value{Value: open[0].Number, Shown: e.oneLine(open[0], f.Language)})
	}
	return nil, nil
}

// current loads the form's appointment, a Problem when it can no longer be changed.
func (e *Errand) current(ctx context.Context, f *bot.Form) (booking.Appointment, *bot.Problem, error) {
	a, err := e.Ledger.Appointment(ctx, f.Get("appointment_no"))
	if err == nil {
		err = e.Ledger.Changeable(a.Number, f.Now)
	}
	if err == nil {
		return a, nil, nil
	}
	var p *bot.Problem
	if errors.As(e.reason(ctx, f, err), &p) {
		return a, p, nil
	}
	return a, nil, err
}

// cancel is the flow that gives an appointment up.
func (e *Errand) cancel() *bot.Flow {
	return &bot.Flow{
		Intent: bot.CancelAppointment, Name: "取消预约", NameEN: "cancelling an appointment", Undoes: true,
		Kept: "好的，预约都保留着，没有取消。", KeptEN: "All right, nothing was cancelled.",
		Slots: []bot.Slot{e.slotWaiting(), unlessLeaving(e.slotNumber("要取消哪一个？", "Which one shall I cancel?")), e.slotTail()},
		Begin: e.beginCancel, Check: e.checkOwn,
		Confirm: func(ctx context.Context, f *bot.Form) (bot.Reply, error) {
			if f.Has("waiting") {
				return bot.Reply{Text: f.Say("要取消的候补是：\n%s\n确认取消吗？", "This entry of the waiting list will go:\n%s\nShall I?", told(f, "waiting"))}, nil
			}
			a, p, err := e.current(ctx, f)
			if err != nil {
				return bot.Reply{}, err
			}
			if p != nil {
				return bot.Reply{}, p
			}
			return bot.Reply{Text: f.Say("要取消的是：\n%s\n确认取消吗？", "This will be cancelled:\n%s\nShall I?", e.describe(a, f.Language))}, nil
		},
		Commit: func(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
			if f.Has("waiting") {
				return e.leave(ctx, tx, f)
			}
			a, err := e.Ledger.Cancel(ctx, tx, f.Get("appointment_no"), f.Now)
			if err != nil {
				return nil, e.reason(ctx, f, err)
			}
			if err := tx.Drop(topic(a.Number)); err != nil {
				return nil, fmt.Errorf("drop reminders: %w", err)
			}
			return []bot.Reply{{Text: f.Say("已取消 %s %s 的“%s”预约，号已放回。还要办别的吗？", "Your appointment on %s %s for %s is cancelled. Anything else?",
				day(a.Date, f.Language), a.Time, e.title(a.Service))}}, nil
		},
		Gist: func(f *bot.Form) string { return "取消预约 " + f.Get("appointment_no") },
	}
}

// checkOwn stops early when the appointment cannot be changed any more.
func (e *Errand) checkOwn(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if !f.Has("appointment_no") || e.foreign(ctx, f) && !f.Has("phone_tail") {
		return nil, nil
	}
	_, p, err := e.current(ctx, f)
	return p, err
}

// move is the flow that changes an appointment's day, period or hall.
func (e *Errand) move() *bot.Flow {
	return &bot.Flow{
		Intent: bot.RescheduleAppointment, Name: "改预约时间", NameEN: "changing an appointment",
		Kept: "好的，不改了，原来的预约还在。", KeptEN: "All right, the appointment stays as it is.",
		Slots: []bot.Slot{
			e.slotNumber("要改哪一个？", "Which one shall I change?"), e.slotTail(),
			{Name: "service", Types: nil},
			{Name: "hall", Label: "大厅", LabelEN: "Hall", Types: []bot.EntityType{bot.Hall, bot.Town}, Accept: e.acceptHall},
			e.slotDays(), e.slotDate(), e.slotPart(), e.slotTime(),
		},
		Begin: e.beginMove, Check: e.checkMove, Confirm: e.confirmMove, Commit: e.commitMove,
		Reserve: e.reserveMove, Release: e.giveBack,
		Gist: func(f *bot.Form) string {
			return "改预约 " + f.Get("appointment_no") + " 到 " + told(f, "date") + " " + f.Get("time")
		},
	}
}

// beginMove finds the appointment. For how many people it is does not change: who
// stays at home needs no new number, and who comes besides needs one.
func (e *Errand) beginMove(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	p, err := e.onlyOne(ctx, f)
	if p != nil || err != nil || peopleIn(f.Words) == "" || f.Has("date") || f.Has("days") || f.Has("time") || f.Has("part") || f.Has("hall") {
		return p, err
	}
	return &bot.Problem{Text: f.Say("人数不用改：少来人，照原来的号办就行；多来人，请再约一个。原来的预约还在。",
		"The number of people need not be changed: if fewer come, your number stands; for more, please book another. Your appointment stays."), End: true}, nil
}

// checkMove fills in what stays as it is and then checks like a booking.
func (e *Errand) checkMove(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	if p, err := e.checkOwn(ctx, f); p != nil || err != nil || !f.Has("appointment_no") {
		return p, err
	}
	a, err := e.Ledger.Appointment(ctx, f.Get("appointment_no"))
	if err != nil {
		return nil, err
	}
	f.Set("service", bot.Value{Value: a.Service, Shown: e.title(a.Service)})
	if a.Places > 1 {
		f.Set("places", bot.Value{Value: strconv.Itoa(a.Places)})
	}
	if !f.Has("hall") {
		f.Set("hall", bot.Value{Value: a.Hall, Shown: e.hallName(a.Hall, f.Language)})
	}
	if !f.Has("date") && (f.Has("time") || f.Has("part")) && !f.Refused("date") { // only another time: the day stays
		f.Set("date", bot.Value{Value: a.Date, Shown: day(a.Date, f.Language)})
	}
	if !f.Has("date") && !f.Has("days") && f.Get("hall") != a.Hall && len(f.Avoids("date"))+len(f.Avoids("time")) == 0 { // only another hall
		f.Set("date", bot.Value{Value: a.Date, Shown: day(a.Date, f.Language)})
		f.Set("time", bot.Value{Value: a.Time})
	}
	return e.checkPeriod(ctx, f)
}

func (e *Errand) confirmMove(ctx context.Context, f *bot.Form) (bot.Reply, error) {
	a, err := e.Ledger.Appointment(ctx, f.Get("appointment_no"))
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Reply{Text: f.Say("请核对改动：\n业务：%s\n原来：%s %s，%s\n改到：%s %s，%s\n姓名：%s\n电话：%s\n没问题请回“确认”。",
		"Please check:\nService: %s\nFrom: %s %s, %s\nTo: %s %s, %s\nName: %s\nPhone: %s\nIf all is right, say \"confirm\".",
		e.title(a.Service), day(a.Date, f.Language), a.Time, e.hallName(a.Hall, f.Language),
		day(f.Get("date"), f.Language), f.Get("time"), e.hallName(f.Get("hall"), f.Language),
		a.Name.Reveal(), bot.MaskPhone(a.Phone.Reveal()))}, nil
}

// reserveMove keeps the place the citizen's own appointment is to go to.
func (e *Errand) reserveMove(ctx context.Context, tx bot.Tx, f *bot.Form) error {
	a, err := e.Ledger.Appointment(ctx, f.Get("appointment_no"))
	if err != nil {
		return err
	}
	r := e.request(f)
	if a.Citizen != f.Citizen.ID || a.Hall == r.Hall && a.Date == r.Date && a.Time == r.Time {
		return nil
	}
	if _, err := e.Ledger.Reserve(ctx, tx, r); err != nil {
		return e.reason(ctx, f, err)
	}
	return nil
}

func (e *Errand) commitMove(ctx context.Context, tx bot.Tx, f *bot.Form) ([]bot.Reply, error) {
	a, err := e.Ledger.Move(ctx, tx, f.Get("appointment_no"), f.Get("hall"), f.Get("date"), f.Get("time"), f.Now)
	if err != nil {
		return nil, e.reason(ctx, f, err)
	}
	if err := e.remind(tx, f, a); err != nil {
		return nil, err
	}
	return []bot.Reply{{Text: f.Say("改好了，预约号不变：\n%s\n原来的号已放回。还要办别的吗？", "Changed; the number stays the same:\n%s\nAnything else?", e.describe(a, f.Language))}}, nil
}

// check is the flow that shows the citizen's appointments, or one by number.
func (e *Errand) check() *bot.Flow {
	number := e.slotNumber("", "")
	number.Ask = nil
	return &bot.Flow{
		Intent: bot.CheckAppointment, Name: "查我的预约", NameEN: "my appointments",
		Slots: []bot.Slot{number, e.slotTail()},
		Show:  e.show,
		Gist:  func(f *bot.Form) string { return "查预约 " + f.Get("appointment_no") },
	}
}

// show lists what the citizen has booked.
func (e *Errand) show(ctx context.Context, f *bot.Form) ([]bot.Reply, error) {
	if n := f.Get("appointment_no"); n != "" {
		a, err := e.Ledger.Appointment(ctx, n)
		if err != nil {
			return nil, err
		}
		text := e.describe(a, f.Language) + "\n" + statusWords(a.Status, f.Language)
		if now := e.arrival(f, a); now != "" {
			text += "\n" + now
		}
		return []bot.Reply{{Text: text}}, nil
	}
	open, err := e.mine(ctx, f)
	if err != nil {
		return nil, err
	}
	today, err := e.today(ctx, f)
	if err != nil {
		return nil, err
	}
	open = append(today, open...)
	lines, err := e.waits(ctx, f)
	if err != nil {
		return nil, err
	}
	paused := e.pause(f)
	if len(open)+len(lines) == 0 {
		return []bot.Reply{{Text: f.Say("您名下没有还没办的预约。用别的微信或电话约过的，发预约号给我能查；想约的话，告诉我业务名就行。", "You have no open appointments. If you booked from elsewhere, send me the number; or name a service to book one.")}, {Text: paused}}, nil
	}
	var parts []string
	if paused != "" {
		parts = append(parts, paused)
	}
	if len(open) > 0 {
		parts = append(parts, f.Say("您有 %d 个预约：", "You have %d appointment(s):", len(open)))
	}
	for _, a := range open {
		text := e.describe(a, f.Language)
		if now := e.arrival(f, a); now != "" {
			text += "\n" + now
		}
		parts = append(parts, text)
	}
	parts = append(parts, lines...)
	parts = append(parts, f.Say("要改时间或取消，直接告诉我。", "Tell me to change or cancel."))
	return []bot.Reply{{Text: strings.Join(parts, "\n\n")}}, nil
}

func statusWords(s booking.Status, l bot.Language) string {
	switch s {
	case booking.Booked:
		return l.Say("状态：已预约", "Booked")
	case booking.Cancelled:
		return l.Say("状态：已取消", "Cancelled")
	case booking.CheckedIn:
		return l.Say("状态：已取号", "Checked in")
	case booking.Served:
		return l.Say("状态：已办理", "Served")
	}
	return l.Say("状态：过号未到", "Missed")
}
