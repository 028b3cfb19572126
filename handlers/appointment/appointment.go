// Package appointment is the errand of booking a window at a service hall:
// book, change, cancel and look up, with all their wording.
//
// It refuses to decide who may have a place: that is the ledger's, inside the
// commit. What it says before is only what the citizen is likely to get.
package appointment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Calendar tells working days and the names of holidays.
type Calendar interface {
	IsWorkday(day string) bool
	// Holiday names the holiday a day off belongs to, empty if none.
	Holiday(day string) string
	// Known says whether a year's holidays and working weekends are known.
	Known(year int) bool
}

// Finder finds bookable services by a citizen's own words, best first.
type Finder interface {
	FindServices(text string, limit int) []booking.Service
}

// Guide is what the errand knows of a service.
type Guide struct {
	Title    string
	Bookable bool
	Where    string // where it is done when no window can be booked
}

// Config is what the errand is made of.
type Config struct {
	Ledger   booking.Ledger
	Halls    []booking.Hall
	Guides   map[string]Guide
	Popular  []string // service ids offered when nothing was named
	Calendar Calendar
	Finder   Finder
	// Where is where a hall stands; nil: nowhere is known.
	Where func(booking.Hall) booking.Spot
}

// Errand books, changes, cancels and looks up appointments.
type Errand struct {
	Config
	halls  atomic.Pointer[map[string]booking.Hall]
	guides atomic.Pointer[map[string]Guide]
}

// New ties the errand together.
func New(c Config) *Errand {
	e := &Errand{Config: c}
	e.SetHalls(c.Halls)
	e.SetGuides(c.Guides)
	return e
}

// SetHalls makes changed halls known.
func (e *Errand) SetHalls(halls []booking.Hall) {
	known := make(map[string]booking.Hall, len(halls))
	for _, h := range halls {
		known[h.ID] = h
	}
	e.halls.Store(&known)
}

// SetGuides makes changed services known.
func (e *Errand) SetGuides(guides map[string]Guide) { e.guides.Store(&guides) }

func (e *Errand) guide(id string) (Guide, bool) {
	g, ok := (*e.guides.Load())[id]
	return g, ok
}

func (e *Errand) hall(id string) (booking.Hall, bool) {
	h, ok := (*e.halls.Load())[id]
	return h, ok
}

// Flows are the errand's flows.
func (e *Errand) Flows() []*bot.Flow {
	return []*bot.Flow{e.book(), e.move(), e.cancel(), e.check(), e.opine(), e.appeal()}
}

// rules are those of the form's service.
func (e *Errand) rules(f *bot.Form) booking.Rules { return e.Ledger.RulesFor(f.Get("service")) }

func (e *Errand) title(service string) string {
	if g, ok := e.guide(service); ok {
		return g.Title
	}
	return service
}

// hallName names a hall; in English by its town's name in Latin letters, with
// the sign over its door.
func (e *Errand) hallName(hall string, l bot.Language) string {
	h, ok := e.hall(hall)
	switch {
	case !ok:
		return hall
	case l == bot.English && h.Town == "":
		return "City Service Centre (" + h.Name + ")"
	case l == bot.English:
		return strings.ToUpper(hall[:1]) + hall[1:] + " service centre (" + h.Name + ")"
	}
	return h.Name
}

// day reads a date back in full: 2026年12月2日（周三）.
func day(date string, l bot.Language) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	if l == bot.English {
		return t.Format("Monday, 2 January 2006")
	}
	return bot.FullDate(t)
}

// shortDay is a date on an option: 12月2日（周三）.
func shortDay(date string, l bot.Language) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	if l == bot.English {
		return t.Format("Mon 2 Jan")
	}
	return t.Format("1月2日") + "（" + bot.Weekday(t) + "）"
}

// describe is an appointment in a few lines.
func (e *Errand) describe(a booking.Appointment, l bot.Language) string {
	return l.Say("%s\n%s\n%s %s\n预约号 %s", "%s\n%s\n%s %s\nnumber %s",
		e.title(a.Service), e.hallName(a.Hall, l), day(a.Date, l), a.Time+several(a.Places, l), a.Number)
}

// oneLine is an appointment on an option.
func (e *Errand) oneLine(a booking.Appointment, l bot.Language) string {
	return fmt.Sprintf("%s %s %s", shortDay(a.Date, l), a.Time, e.title(a.Service))
}

// Forget drops the reminders of an appointment that will not be.
func (e *Errand) Forget(tx bot.Tx, number string) error { return tx.Drop(topic(number)) }

// topic groups the reminders of an appointment in the outbox.
func topic(number string) string { return "appointment:" + number }

// remind puts the reminders of an appointment in the outbox, dropping older ones.
func (e *Errand) remind(tx bot.Tx, f *bot.Form, a booking.Appointment) error {
	return e.Remind(tx, Reached{To: f.From, Language: f.Language, Styled: f.Styled}, f.Now, a)
}

// Reached is how somebody is told of their appointment.
type Reached struct {
	To       bot.Address
	Language bot.Language
	Styled   func(bot.Reply) bot.Reply // nil: as written
}

// pageTopic groups what is told of an appointment that was changed elsewhere
// than in the conversation.
func pageTopic(number string) string { return "page:" + number }

// TellMoved says in the conversation, which named the old time, what became of
// an appointment on the citizen's page.
func (e *Errand) TellMoved(tx bot.Tx, to Reached, now time.Time, a booking.Appointment) error {
	return e.tellChanged(tx, to, now, a, to.Language.Say("您在网页上改好了：%s，%s %s，%s。预约号 %s 不变。",
		"You moved it on the page: %s, %s %s, %s. The number %s stays.",
		e.title(a.Service), day(a.Date, to.Language), a.Time, e.hallName(a.Hall, to.Language), a.Number))
}

// TellCancelled is TellMoved of one that was cancelled.
func (e *Errand) TellCancelled(tx bot.Tx, to Reached, now time.Time, a booking.Appointment) error {
	return e.tellChanged(tx, to, now, a, to.Language.Say("您在网页上取消了：%s，%s %s，预约号 %s。号已放回。",
		"You cancelled it on the page: %s, %s %s, number %s.", e.title(a.Service), day(a.Date, to.Language), a.Time, a.Number))
}

// tellChanged tells the last change only, in writing: nobody is called for it.
func (e *Errand) tellChanged(tx bot.Tx, to Reached, now time.Time, a booking.Appointment, text string) error {
	if to.To.ID == "" || to.To.Channel == bot.Hotline {
		return nil
	}
	if err := tx.Drop(pageTopic(a.Number)); err != nil {
		return fmt.Errorf("drop what was told before: %w", err)
	}
	out := bot.Outgoing{Citizen: a.Citizen, To: to.To, Reply: bot.Reply{Text: text}, Due: now, Topic: pageTopic(a.Number),
		Key: fmt.Sprintf("page:%s:%s:%s:%s:%s:%d", a.Number, a.Status, a.Hall, a.Date, a.Time, now.Unix())}
	if err := bot.Tell(tx, now, out); err != nil {
		return fmt.Errorf("tell of a change: %w", err)
	}
	return nil
}

// Remind is remind of an appointment that was made elsewhere than in a
// conversation.
func (e *Errand) Remind(tx bot.Tx, to Reached, now time.Time, a booking.Appointment) error {
	if err := tx.Drop(topic(a.Number)); err != nil {
		return fmt.Errorf("drop old reminders: %w", err)
	}
	for _, before := range e.Ledger.RulesFor(a.Service).RemindBefore {
		due := a.Starts().Add(-before)
		if !due.After(now) {
			continue
		}
		reply := bot.Reply{Text: to.Language.Say("提醒您：%s %s 在%s办“%s”，预约号 %s。请提前 15 分钟到厅取号，带好材料。来不了请告诉我取消。",
			"Reminder: %s %s at %s for %s, number %s. Please come 15 minutes early with your papers, or tell me to cancel.",
			day(a.Date, to.Language), a.Time, e.hallName(a.Hall, to.Language), e.title(a.Service), a.Number)}
		if to.Styled != nil {
			reply = to.Styled(reply)
		}
		err := bot.Tell(tx, now, bot.Outgoing{
			Citizen: a.Citizen, To: to.To, Reply: reply, Due: due, Topic: topic(a.Number),
			Key: fmt.Sprintf("remind:%s:%s:%s:%s", a.Number, a.Date, a.Time, before),
		})
		if err != nil {
			return fmt.Errorf("put reminder: %w", err)
		}
	}
	return nil
}

// reason turns a refusal of the ledger into the citizen's sentence and a way on.
func (e *Errand) reason(ctx context.Context, f *bot.Form, err error) error {
	p := &bot.Problem{Cause: err.Error(), Text: booking.Reason(err, e.rules(f), f.Language)}
	switch {
	case errors.Is(err, booking.ErrFull), errors.Is(err, booking.ErrBegun), errors.Is(err, booking.ErrNoOpening):
		p.Text = f.Say("抱歉，这个时段刚刚被约走或已过时间，没有约成。您填的都还在，换一个时段就行：", "Sorry, that period has just been taken or has passed. What you told me is kept; please choose another:")
		p.Clear = []string{"time"}
		if choices, cErr := e.periodChoices(ctx, f); cErr == nil && len(choices) > 0 {
			p.Choices = choices
		} else {
			p.Clear = []string{"date", "time"}
			p.Text = f.Say("抱歉，这一天刚刚约满了，没有约成。您填的都还在，换一天就行。", "Sorry, that day has just filled up. What you told me is kept; please choose another day.")
		}
	case errors.Is(err, booking.ErrSameService), errors.Is(err, booking.ErrSameDay), errors.Is(err, booking.ErrNotReleased), errors.Is(err, booking.ErrTooShort):
		p.Clear = []string{"date", "time", "wait"}
	case errors.Is(err, booking.ErrIdentity):
		p.Clear = []string{"id_number"}
	case errors.Is(err, booking.ErrTooMany):
		p.End = true
		p.Choices = []bot.Choice{{Text: f.Say("查我的预约", "My appointments"), Flow: bot.CheckAppointment}, {Text: f.Say("转人工", "A person"), Flow: bot.TalkToOperator}}
	case errors.Is(err, booking.ErrBanned):
		return e.banned(f)
	default:
		if p.Text == "" {
			return err
		}
		p.End = true
	}
	return p
}

// mine are the citizen's active appointments that have not begun.
func (e *Errand) mine(ctx context.Context, f *bot.Form) ([]booking.Appointment, error) {
	all, err := e.Ledger.Appointments(ctx, f.Citizen.ID, true)
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	var open []booking.Appointment
	for _, a := range all {
		if a.Starts().After(f.Now) {
			open = append(open, a)
		}
	}
	return open, nil
}

func clean(number string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "—", "").Replace(number))
}
