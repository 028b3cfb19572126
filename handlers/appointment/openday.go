package appointment

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// HearsOpenDay says whether words ask nothing but whether a day is worked:
// 下周六上班吗, 元旦放假吗.
func HearsOpenDay(u bot.Understanding) bool {
	if utf8.RuneCountInString(u.Text) > 24 || !u.Question || openDay(u) == "" {
		return false
	}
	if slices.ContainsFunc(u.Entities, func(e bot.Entity) bool { return e.Type == bot.Service }) {
		return false
	}
	return bot.Mentions(u.Text, "上班", "上不上班", "返工", "开门", "開門", "放假", "放不放假", "开不开", "開唔開", "营业", "開放", "开放吗")
}

// openDay is the day that is asked for, empty if none or several are.
func openDay(u bot.Understanding) string {
	day := ""
	for _, e := range u.Entities {
		switch e.Type {
		case bot.Date, bot.DateTime, bot.DateTimeRange:
			if day != "" {
				return ""
			}
			day, _, _ = strings.Cut(e.Value, "T")
		}
	}
	return day
}

// OpenDays answers whether a day is worked, by the year's table and by what is
// released; how a weekend is served beyond that is left to the guides.
func (e *Errand) OpenDays(otherwise *bot.Answer) *bot.Answer {
	return &bot.Answer{Intent: otherwise.Intent, Name: otherwise.Name, Takes: otherwise.Takes, Reply: func(ctx context.Context, q *bot.Query) (bot.Response, error) {
		if q.Chosen != "" || !HearsOpenDay(q.Understanding) {
			return otherwise.Reply(ctx, q)
		}
		date := openDay(q.Understanding)
		open, err := e.Ledger.Openings(ctx, booking.Query{Hall: e.hallAsked(q), Date: date, Limit: 1})
		if err != nil {
			return bot.Response{}, err
		}
		text, settled := e.openDay(q, date, len(open) > 0)
		if settled {
			return bot.Response{Replies: []bot.Reply{{Text: text}}, Choices: []bot.Choice{{Text: q.Say("预约办事", "Book a window"), Flow: bot.BookAppointment}}}, nil
		}
		more, err := otherwise.Reply(ctx, q)
		if err == nil && len(more.Replies) > 0 && !more.Unknown && !more.Clarify {
			more.Replies[0].Text = text + "\n" + more.Replies[0].Text
			return more, nil
		}
		return bot.Response{Replies: []bot.Reply{{Text: text}}}, err
	}}
}

// openDay says whether a day is worked; settled is false where it is a plain
// weekend, on which some halls open all the same.
func (e *Errand) openDay(q *bot.Query, date string, released bool) (text string, settled bool) {
	at, err := time.Parse(time.DateOnly, date)
	weekend := err == nil && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday)
	on := day(date, q.Language)
	unsure := ""
	if err == nil && !e.Calendar.Known(at.Year()) {
		unsure = q.Say("（%d 年的放假和调休还没有公布，公布后以它为准。）", " (The holidays of %d are not announced yet.)", at.Year())
	}
	switch {
	case e.Calendar.IsWorkday(date) && weekend:
		return q.Say("%s上班，是调休的工作日。", "%s is worked, in place of a day off.", on) + unsure, true
	case e.Calendar.IsWorkday(date):
		return q.Say("%s上班。", "The halls work on %s.", on) + unsure, true
	case released:
		return q.Say("%s有大厅加开，可以预约。", "Some halls open on %s; you can book.", on), true
	}
	name := e.Calendar.Holiday(date)
	if name == "" {
		return q.Say("%s是周末，不是工作日。", "%s is a weekend.", on) + unsure, false
	}
	next := at
	for range 30 {
		if next = next.AddDate(0, 0, 1); e.Calendar.IsWorkday(next.Format(time.DateOnly)) {
			break
		}
	}
	return q.Say("%s是%s假期，大厅不开。之后第一个工作日是%s。", "%s is a holiday (%s); the halls are closed. The next working day is %s.", on, name, day(next.Format(time.DateOnly), q.Language)) + unsure, true
}

// hallAsked is the hall that a question names, empty if none.
func (e *Errand) hallAsked(q *bot.Query) string {
	for _, en := range q.Understanding.Entities {
		if _, known := e.hall(en.Value); known && (en.Type == bot.Hall || en.Type == bot.Town) {
			return en.Value
		}
	}
	return ""
}
