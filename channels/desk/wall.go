package desk

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"

	"guanjia/bot"
)

// figures are what the wall shows of today: no words, nobody's name but
// colleagues'.
type figures struct {
	At        time.Time `json:"at"`
	Town      string    `json:"town"` // of which alone they are; empty: of the city
	Waiting   int       `json:"waiting"`
	Urgent    int       `json:"urgent"`
	Held      int       `json:"held"`
	Longest   int       `json:"longest"` // seconds the first in line has waited
	Rated     int       `json:"rated"`   // who was asked how it went and said
	Good      int       `json:"good"`    // of them, satisfied
	Offered   int       `json:"offered"` // handoffs begun today
	Taken     int       `json:"taken"`
	Unasked   int       `json:"unasked"`   // of those taken, by an operator while nobody waited
	Abandoned int       `json:"abandoned"` // over before anybody took them
	Within15  int       `json:"within_15"` // taken within 15 s, of those taken who waited
	WaitP50   int       `json:"wait_p50"`  // seconds
	WaitP90   int       `json:"wait_p90"`
	// Of a town it is not known who wrote before a person was asked for.
	Conversations int     `json:"conversations"` // citizens who wrote today
	BotAlone      int     `json:"bot_alone"`     // of them, those the bot served alone
	Operators     []tally `json:"operators"`
	Channels      []tally `json:"channels"`
	Towns         []tally `json:"towns"`
	Reasons       []tally `json:"reasons"`
	Hours         []tally `json:"hours"`
}

// tally is a name and how many.
type tally struct {
	Name string `json:"name"`
	Now  int    `json:"now"`  // held or waiting now
	Day  int    `json:"day"`  // today
	Lost int    `json:"lost"` // of today, over before anybody took them
	// Of those who said how it was today, and who were satisfied.
	Rated int `json:"rated"`
	Good  int `json:"good"`
}

func (d *Desk) wallPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	d.render(w, http.StatusOK, "wall.html", map[string]any{"Name": who.Name})
}

// wall answers today's figures.
func (d *Desk) wall(w http.ResponseWriter, r *http.Request, who Account) {
	now := d.Clock().In(bot.Shanghai())
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, bot.Shanghai())
	shift, err := d.Records.ShiftSince(r.Context(), midnight)
	if err != nil {
		d.fail(w, "read the shift", err)
		return
	}
	shift.Handoffs = within(who, shift.Handoffs)
	shift.Ratings = slices.DeleteFunc(shift.Ratings, func(v bot.Rating) bool { return !who.covers(v.Town) })
	f := d.count(shift, midnight, now)
	if !who.citywide() {
		f.Town, f.Conversations, f.BotAlone = d.Towns[who.Town], 0, 0
	}
	answer(w, http.StatusOK, f)
}

// count makes figures of a shift.
func (d *Desk) count(shift bot.Shift, since, now time.Time) figures {
	f := figures{At: now, Conversations: shift.Conversations}
	operators, channels, towns, reasons, hours := tallies{}, tallies{}, tallies{}, tallies{}, tallies{}
	var waits []time.Duration
	served := map[bot.CitizenID]bool{}
	for _, h := range shift.Handoffs {
		open := h.Status != bot.HandoffClosed
		f.standing(h, now)
		if h.Operator != "" {
			operators.add(h.Operator, h.Status == bot.HandoffTaken, !h.TakenAt.Before(since))
		}
		if h.At.Before(since) {
			continue
		}
		served[h.Citizen] = true
		f.Offered++
		channels.add(string(h.Channel), open, true)
		reasons.add(h.Reason.Title(), open, true)
		towns.add(cmp.Or(d.Towns[h.Town], "未说镇街"), open, true)
		hours.add(h.At.In(bot.Shanghai()).Format("15 时"), open, true)
		switch {
		case !h.TakenAt.IsZero():
			f.Taken++
			if h.Reason == bot.ReasonTaken {
				f.Unasked++
				break
			}
			wait := h.TakenAt.Sub(h.At)
			waits = append(waits, wait)
			if wait <= 15*time.Second {
				f.Within15++
			}
		case !open:
			f.Abandoned++
			channels.lose(string(h.Channel))
			towns.lose(cmp.Or(d.Towns[h.Town], "未说镇街"))
		}
	}
	for _, r := range shift.Ratings {
		f.Rated++
		if r.Score == bot.Good {
			f.Good++
		}
		if r.Operator != "" { // as the reports count them
			channels.rate(string(r.Channel), r.Score)
			operators.rate(r.Operator, r.Score)
			towns.rate(cmp.Or(d.Towns[r.Town], "未说镇街"), r.Score)
		}
	}
	slices.Sort(waits)
	f.WaitP50, f.WaitP90 = at(waits, .5), at(waits, .9)
	f.BotAlone = max(0, f.Conversations-len(served))
	f.Operators, f.Channels, f.Towns, f.Reasons, f.Hours = operators.most(), channels.most(), towns.most(), reasons.most(), hours.byName()
	return f
}

// standing counts what waits and is held now.
func (f *figures) standing(h bot.Handoff, now time.Time) {
	switch h.Status {
	case bot.HandoffWaiting:
		f.Waiting++
		f.Longest = max(f.Longest, int(now.Sub(h.At).Seconds()))
		if h.Priority == 0 {
			f.Urgent++
		}
	case bot.HandoffTaken:
		f.Held++
	}
}

// at is a part of sorted waits, in seconds.
func at(waits []time.Duration, part float64) int {
	if len(waits) == 0 {
		return 0
	}
	return int(waits[min(len(waits)-1, int(part*float64(len(waits))))].Seconds())
}

type tallies map[string]tally

func (t tallies) add(name string, now, day bool) {
	v := t[name]
	v.Name = name
	if now {
		v.Now++
	}
	if day {
		v.Day++
	}
	t[name] = v
}

func (t tallies) lose(name string) {
	v := t[name]
	v.Name = name
	v.Lost++
	t[name] = v
}

func (t tallies) rate(name string, s bot.Score) {
	v := t[name]
	v.Name = name
	v.Rated++
	if s == bot.Good {
		v.Good++
	}
	t[name] = v
}

// most are those with most today first.
func (t tallies) most() []tally {
	return t.sorted(func(a, b tally) int { return cmp.Or(b.Day-a.Day, cmp.Compare(a.Name, b.Name)) })
}

// sorted are all of them; of none the page is told an empty list.
func (t tallies) sorted(by func(a, b tally) int) []tally {
	return append([]tally{}, slices.SortedFunc(maps.Values(t), by)...)
}

func (t tallies) byName() []tally {
	return t.sorted(func(a, b tally) int { return cmp.Compare(a.Name, b.Name) })
}
