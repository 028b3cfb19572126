package appointment

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// The slots of a day and a period; the spans only narrow what is offered.
func (e *Errand) slotDays() bot.Slot {
	return bot.Slot{Name: "days", Types: []bot.EntityType{bot.DateRange}, Accept: e.acceptDays}
}

func (e *Errand) slotDate() bot.Slot {
	return bot.Slot{Name: "date", Label: "日期", LabelEN: "Date", Types: []bot.EntityType{bot.Date},
		Why: "号是按天放的。", WhyEN: "Places are given by day.",
		More: "能约的就是这几天，每天 9:00 再放第七天的新号；也可以换个大厅。", MoreEN: "These are all; every day at 9:00 one more is released. Another hall may have others.",
		Ask: e.askDate, Accept: e.acceptDate}
}

// unlessWaiting asks for a slot only where a place is to be had at once.
func unlessWaiting(s bot.Slot) bot.Slot {
	s.Needed = booksNow
	return s
}

func (e *Errand) slotPart() bot.Slot {
	return bot.Slot{Name: "part", Types: []bot.EntityType{bot.TimeRange}, Accept: e.acceptPart}
}

func (e *Errand) slotTime() bot.Slot {
	return bot.Slot{Name: "time", Label: "时段", LabelEN: "Time", Types: []bot.EntityType{bot.Time},
		Why: "每个时段的窗口有限，按时段叫号。", WhyEN: "Each period has a limited number of places.",
		More: "这一天能约的就是这些，也可以换一天。", MoreEN: "These are all on that day; another day is possible too.",
		Ask: e.askTime, Accept: e.acceptTime}
}

// free are the openings with places on the form's day that fit what the
// citizen wants and does not want.
func (e *Errand) free(ctx context.Context, f *bot.Form) ([]booking.Opening, error) {
	return e.openings(ctx, f, f.Get("date"))
}

// openings are those of the form's service and hall that have a place left, or
// one the citizen holds; an empty date means all days.
func (e *Errand) openings(ctx context.Context, f *bot.Form, date string) ([]booking.Opening, error) {
	all, err := e.Ledger.Openings(ctx, booking.Query{Service: f.Get("service"), Hall: f.Get("hall"), Date: date, After: f.Now})
	if err != nil {
		return nil, fmt.Errorf("list openings: %w", err)
	}
	held := e.Ledger.Held(f.Citizen.ID)
	return slices.DeleteFunc(all, func(o booking.Opening) bool {
		return o.Remaining < places(f) && !slices.ContainsFunc(held, func(h booking.Hold) bool {
			return h.Service == f.Get("service") && h.Hall == o.Hall && h.Date == o.Date && h.Time == o.Time && o.Remaining+h.Places >= places(f)
		})
	}), nil
}

// fitting keeps the openings inside the part of the day that was asked for
// and outside those refused.
func fitting(f *bot.Form, all []booking.Opening) []booking.Opening {
	part, has := f.Value("part")
	return slices.DeleteFunc(slices.Clone(all), func(o booking.Opening) bool {
		if has && part.Value != "" && (o.Time < part.Value || o.Time >= part.End) {
			return true
		}
		for _, v := range append(f.Avoids("part"), f.Avoids("time")...) {
			if o.Time == v.Value || v.End != "" && o.Time >= v.Value && o.Time < v.End {
				return true
			}
		}
		return false
	})
}

// days are the days with places for the form's service and hall, with how many.
func (e *Errand) days(ctx context.Context, f *bot.Form) ([]string, map[string]int, error) {
	all, err := e.openings(ctx, f, "")
	if err != nil {
		return nil, nil, err
	}
	left := map[string]int{}
	var days []string
	for _, o := range all {
		if slices.ContainsFunc(f.Avoids("date"), func(v bot.Value) bool {
			return o.Date == v.Value || v.End != "" && o.Date >= v.Value && o.Date < v.End
		}) {
			continue
		}
		if left[o.Date] == 0 {
			days = append(days, o.Date)
		}
		left[o.Date] += o.Remaining
	}
	return days, left, nil
}

func (e *Errand) dayChoices(ctx context.Context, f *bot.Form, keep func(date string) bool) ([]bot.Choice, error) {
	days, _, err := e.days(ctx, f)
	if err != nil {
		return nil, err
	}
	var choices []bot.Choice
	for _, d := range days {
		if keep == nil || keep(d) {
			choices = append(choices, bot.Choice{Text: shortDay(d, f.Language), Slot: "date", Value: bot.Value{Value: d, Shown: day(d, f.Language)}})
		}
	}
	return choices, nil
}

func (e *Errand) askDate(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
	lead := f.Say("哪天去？这几天有号：", "Which day? These have places:")
	if span, ok := f.Value("days"); ok {
		choices, err := e.dayChoices(ctx, f, func(d string) bool { return d >= span.Value && d < span.End })
		if err != nil || len(choices) > 0 {
			return bot.Prompt{Text: lead, Choices: choices}, err
		}
		lead = f.Say("%s没有号，别的日子有：", "Nothing is left %s. Other days:", span.Said)
		f.Clear("days")
	}
	choices, err := e.dayChoices(ctx, f, nil)
	if err != nil {
		return bot.Prompt{}, err
	}
	if len(choices) == 0 {
		return bot.Prompt{}, e.noDays(ctx, f)
	}
	return bot.Prompt{Text: lead, Choices: choices}, nil
}

// noDays says that a hall has nothing left, and what to do.
func (e *Errand) noDays(ctx context.Context, f *bot.Form) *bot.Problem {
	return &bot.Problem{
		Text: f.Say("%s的“%s”这几天都约满了。每天 9:00 放第七天的新号；也可以换个大厅。", "%s has no places left for %s. New ones are released daily at 9:00; or choose another hall.",
			e.hallName(f.Get("hall"), f.Language), e.title(f.Get("service"))),
		Clear: []string{"hall", "date", "time"}, Choices: e.elsewhere(ctx, f), Cause: "no days left",
	}
}

// acceptDate takes a day that can be booked; otherwise it says why not and
// offers the nearest that can.
func (e *Errand) acceptDate(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	today := f.Now.In(bot.Shanghai()).Format(time.DateOnly)
	if en.Value < today && aside(f, "date") {
		return bot.Value{}, nil, nil
	}
	if len(en.Ambiguity) > 0 {
		if v, p, err := e.whichDay(ctx, f, en); p != nil || err != nil || v.Value != "" {
			return v, p, err
		}
	}
	_, err := time.Parse(time.DateOnly, en.Value)
	why := ""
	switch last := e.rules(f).LastReleased(f.Now).Format(time.DateOnly); {
	case en.Value == "" || err != nil:
		why = f.Say("没有“%s”这一天。", "There is no such day as \"%s\".", en.Text)
	case en.Value < today:
		why = f.Say("%s已经过去了。", "%s is past.", day(en.Value, f.Language))
	case e.Calendar != nil && !e.Calendar.IsWorkday(en.Value) && !e.opens(ctx, f, en.Value):
		why = e.closed(f, en.Value)
	case en.Value > last:
		why = e.notYet(f, en.Value)
	}
	if why != "" {
		return e.otherDays(ctx, f, why, en.Value)
	}
	if f.Has("service") && f.Has("hall") {
		days, _, err := e.days(ctx, f)
		if err != nil {
			return bot.Value{}, nil, err
		}
		if !slices.Contains(days, en.Value) {
			why := f.Say("%s已经没有号了。", "There is nothing left on %s.", day(en.Value, f.Language))
			return e.otherDays(ctx, f, why, en.Value)
		}
	}
	f.Clear("wait")
	return bot.Value{Value: en.Value, Shown: day(en.Value, f.Language), Said: en.Text}, nil, nil
}

// opens says whether a hall has openings of the service on a day off.
func (e *Errand) opens(ctx context.Context, f *bot.Form, date string) bool {
	if !f.Has("service") {
		return false
	}
	all, err := e.Ledger.Openings(ctx, booking.Query{Service: f.Get("service"), Hall: f.Get("hall"), Date: date, Limit: 1})
	return err == nil && len(all) > 0
}

// aside says whether a time is only part of a story: nobody was asked for it,
// and much else was said.
func aside(f *bot.Form, slot string) bool {
	return f.Asked != slot && utf8.RuneCountInString(f.Words) > 24
}

func (e *Errand) closed(f *bot.Form, date string) string {
	if name := e.Calendar.Holiday(date); name != "" {
		return f.Say("%s是%s假期，大厅不开。", "%s is a holiday (%s); the halls are closed.", day(date, f.Language), name)
	}
	// Some halls are open at weekends for who comes without an appointment.
	return f.Say("%s是周末，没有放号。", "%s is a weekend; no places are released for it.", day(date, f.Language))
}

// notYet says when the places of a far day come out.
func (e *Errand) notYet(f *bot.Form, date string) string {
	at := booking.At(date, "00:00").AddDate(0, 0, -e.rules(f).ReleaseDays).Add(e.rules(f).ReleaseAt)
	return f.Say("%s的号要到%s %s 才放。", "Places for %s are released on %s at %s.",
		day(date, f.Language), day(at.Format(time.DateOnly), f.Language), at.Format("15:04"))
}

// whichDay settles a day told in a way that may mean two. An empty value and
// no problem: the first reading stands.
func (e *Errand) whichDay(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	readings := append([]string{en.Value}, en.Ambiguity...)
	today := f.Now.In(bot.Shanghai()).Format(time.DateOnly)
	readings = slices.DeleteFunc(readings, func(d string) bool {
		return d < today || e.Calendar != nil && !e.Calendar.IsWorkday(d) && !e.opens(ctx, f, d)
	})
	if f.Has("service") && f.Has("hall") {
		days, _, err := e.days(ctx, f)
		if err != nil {
			return bot.Value{}, nil, err
		}
		readings = slices.DeleteFunc(readings, func(d string) bool { return !slices.Contains(days, d) })
	}
	switch len(readings) {
	case 0:
		return bot.Value{}, nil, nil
	case 1:
		return bot.Value{Value: readings[0], Shown: day(readings[0], f.Language), Said: en.Text}, nil, nil
	}
	var choices []bot.Choice
	for _, d := range readings {
		choices = append(choices, bot.Choice{Text: shortDay(d, f.Language), Slot: "date", Value: bot.Value{Value: d, Shown: day(d, f.Language)}})
	}
	return bot.Value{}, &bot.Problem{Text: f.Say("“%s”定哪一天？", "Which day do you mean by \"%s\"?", en.Text), Choices: choices, Which: true}, nil
}

// acceptDays keeps a span of days ("next week") to choose within.
func (e *Errand) acceptDays(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if en.EndValue <= f.Now.In(bot.Shanghai()).Format(time.DateOnly) && aside(f, "date") {
		return bot.Value{}, nil, nil
	}
	if d := f.Get("date"); d != "" && (d < en.Value || d >= en.EndValue) {
		f.Clear("date", "time")
	}
	return bot.Value{Value: en.Value, End: en.EndValue, Said: en.Text}, nil, nil
}

// otherDays refuses a day and offers those nearest to it.
func (e *Errand) otherDays(ctx context.Context, f *bot.Form, why, date string) (bot.Value, *bot.Problem, error) {
	if !f.Has("service") || !f.Has("hall") {
		return bot.Value{}, &bot.Problem{Text: why + f.Say("换一天吧，工作日都可以，最远约到%s。", " Please choose a working day up to %s.",
			day(e.rules(f).LastReleased(f.Now).Format(time.DateOnly), f.Language))}, nil
	}
	choices, err := e.dayChoices(ctx, f, func(d string) bool { return d != date })
	if err != nil {
		return bot.Value{}, nil, err
	}
	if len(choices) == 0 {
		return bot.Value{}, e.noDays(ctx, f), nil
	}
	return bot.Value{}, &bot.Problem{Text: why + f.Say("这几天有号：", " These days have places:"), Choices: e.withWait(ctx, f, choices, date, "")}, nil
}

// dayGone refuses a day on which nothing is left.
func (e *Errand) dayGone(ctx context.Context, f *bot.Form) (*bot.Problem, error) {
	date := f.Get("date")
	why := f.Say("%s在%s已经没有号了。", "There is nothing left on %s at %s.", day(date, f.Language), e.hallName(f.Get("hall"), f.Language))
	if date < f.Now.In(bot.Shanghai()).Format(time.DateOnly) {
		why = f.Say("%s已经过去了。", "%s is past.", day(date, f.Language))
	}
	_, p, err := e.otherDays(ctx, f, why, date)
	if p != nil && len(p.Clear) == 0 {
		p.Clear = []string{"date", "time"}
	}
	return p, err
}

// acceptPart keeps the part of the day the citizen wants. Halls open at nine,
// so the early morning means the morning; the evening is refused.
func (e *Errand) acceptPart(_ context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if en.Value >= "17:30" {
		return bot.Value{}, &bot.Problem{Text: f.Say("晚上大厅不开门，白天的时段可以约。", "The halls are closed in the evening.")}, nil
	}
	if en.Value < "08:00" {
		en.Value, en.EndValue = "08:00", "12:00"
	}
	if t := f.Get("time"); t != "" && (t < en.Value || t >= en.EndValue) {
		f.Clear("time")
	}
	return bot.Value{Value: en.Value, End: en.EndValue, Said: en.Text}, nil, nil
}

func (e *Errand) periodChoices(ctx context.Context, f *bot.Form) ([]bot.Choice, error) {
	free, err := e.free(ctx, f)
	if err != nil {
		return nil, err
	}
	fit := fitting(f, free)
	if len(fit) == 0 {
		fit = free
	}
	return timeChoices(fit), nil
}

func timeChoices(openings []booking.Opening) []bot.Choice {
	var choices []bot.Choice
	for _, o := range openings {
		choices = append(choices, bot.Choice{Text: o.Time, Slot: "time", Value: bot.Value{Value: o.Time}})
	}
	return choices
}

func (e *Errand) askTime(ctx context.Context, f *bot.Form) (bot.Prompt, error) {
	free, err := e.free(ctx, f)
	if err != nil {
		return bot.Prompt{}, err
	}
	fit := fitting(f, free)
	lead := f.Say("%s这些时段有号，选哪个？", "On %s these periods have places. Which one?", day(f.Get("date"), f.Language))
	if len(fit) == 0 && len(free) > 0 {
		fit = free
		lead = f.Say("%s那个时间没有号了，还有这些：", "Nothing is left then on %s, but there is:", day(f.Get("date"), f.Language))
		f.Clear("part")
	}
	if len(fit) == 0 {
		p, err := e.dayGone(ctx, f)
		if err != nil {
			return bot.Prompt{}, err
		}
		return bot.Prompt{}, p
	}
	if _, told := f.Value("part"); told && len(fit) == 1 && len(free) > 1 {
		f.Set("time", bot.Value{Value: fit[0].Time}) // the only period inside what was told
		return bot.Prompt{}, nil
	}
	return bot.Prompt{Text: lead, Choices: timeChoices(fit)}, nil
}

// acceptTime takes a time that is the beginning of a period, in any of the
// readings the words allow; checkBooking sees to the rest.
func (e *Errand) acceptTime(ctx context.Context, f *bot.Form, en bot.Entity) (bot.Value, *bot.Problem, error) {
	if !f.Has("service") || !f.Has("hall") || !f.Has("date") {
		return bot.Value{Value: en.Value, Said: en.Text}, nil, nil
	}
	free, err := e.free(ctx, f)
	if err != nil {
		return bot.Value{}, nil, err
	}
	for _, reading := range append([]string{en.Value}, en.Ambiguity...) {
		for _, o := range free {
			if o.Time == reading {
				f.Clear("wait")
				return bot.Value{Value: reading, Said: en.Text}, nil, nil
			}
		}
	}
	if len(free) == 0 {
		return bot.Value{Value: en.Value, Said: en.Text}, nil, nil
	}
	return bot.Value{}, &bot.Problem{
		Text:    e.noSuchTime(ctx, f, en.Value),
		Choices: e.withWait(ctx, f, timeChoices(near(fitting(f, free), en.Value, 6)), f.Get("date"), en.Value),
	}, nil
}
