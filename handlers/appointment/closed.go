package appointment

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Rebooking is what the holder of an appointment is told whose opening the
// hall has shut: why, and the nearest place there is instead, bound to their
// yes. False: there is none to offer.
func (e *Errand) Rebooking(ctx context.Context, a booking.Appointment, reason string, now bot.Clock) (bot.Proposal, bool, error) {
	free, err := e.Ledger.Openings(ctx, booking.Query{Service: a.Service, After: now(), Free: true})
	if err != nil {
		return bot.Proposal{}, false, fmt.Errorf("list openings: %w", err)
	}
	free = slices.DeleteFunc(free, func(o booking.Opening) bool { return o.Remaining < a.Places })
	if len(free) == 0 {
		return bot.Proposal{}, false, nil
	}
	// The same hall first, then the nearest day that is no earlier, then the
	// nearest hour.
	at := minutes(a.Time)
	slices.SortStableFunc(free, func(x, y booking.Opening) int {
		return cmp.Or(other(x.Hall != a.Hall)-other(y.Hall != a.Hall), other(x.Date < a.Date)-other(y.Date < a.Date), cmp.Compare(x.Date, y.Date), abs(minutes(x.Time)-at)-abs(minutes(y.Time)-at))
	})
	o := free[0]
	key := ClosedKey(a)
	return bot.Proposal{Citizen: a.Citizen, Flow: bot.RescheduleAppointment, Key: key, Topic: topic(a.Number), Slots: map[string]bot.Value{
		"appointment_no": {Value: a.Number, Shown: e.oneLine(a, bot.Simplified)},
		"service":        {Value: a.Service, Shown: e.title(a.Service)},
		"hall":           {Value: o.Hall, Shown: e.hallName(o.Hall, bot.Simplified)},
		"date":           {Value: o.Date, Shown: day(o.Date, bot.Simplified)},
		"time":           {Value: o.Time},
	}, Lead: func(l bot.Language) string {
		return e.shut(a, reason, l) + l.Say("给您找了最近的号。", "This is the nearest place. ")
	}}, true, nil
}

// Shut is what they are told where there is nothing else to offer.
func (e *Errand) Shut(a booking.Appointment, reason string) string {
	return e.shut(a, reason, bot.Simplified) + "眼下没有别的号，每天 9:00 放新号；回“改预约”我再帮您看，或回“取消预约”。"
}

func (e *Errand) shut(a booking.Appointment, reason string, l bot.Language) string {
	return l.Say("对不住，%s %s 在%s办不了“%s”了（%s）。", "Sorry: on %s %s, %s cannot serve you for %s (%s). ",
		day(a.Date, l), a.Time, e.hallName(a.Hall, l), e.title(a.Service), reason)
}

// ClosedKey names the one message about an appointment that the hall shut.
func ClosedKey(a booking.Appointment) string {
	return fmt.Sprintf("closed:%s:%s:%s", a.Number, a.Date, a.Time)
}

func other(b bool) int {
	if b {
		return 1
	}
	return 0
}
