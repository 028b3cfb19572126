package booking

import (
	"slices"
	"time"

	"guanjia/bot"
)

// Rules bound who may book what. They are data an administrator can change.
type Rules struct {
	PerServiceDay int           // active appointments of a person for one service and day
	Active        int           // active appointments of a person at once
	CancelBefore  time.Duration // no cancelling or moving later than this before the period
	NoShows       int           // this many no-shows …
	NoShowWindow  time.Duration // … within this time …
	Ban           time.Duration // … stop booking for this long
	ReleaseAt     time.Duration // after midnight, when the next day is released
	ReleaseDays   int           // calendar days ahead that are released
	RemindBefore  []time.Duration
}

// DefaultRules are the demo's, and an installation's until it sets its own.
func DefaultRules() Rules {
	return Rules{
		PerServiceDay: 1, Active: 3, CancelBefore: 2 * time.Hour,
		NoShows: 3, NoShowWindow: 30 * 24 * time.Hour, Ban: 30 * 24 * time.Hour,
		ReleaseAt: 9 * time.Hour, ReleaseDays: 7,
		RemindBefore: []time.Duration{24 * time.Hour, 2 * time.Hour},
	}
}

// LastReleased is the last day whose openings are released at now.
func (r Rules) LastReleased(now time.Time) time.Time {
	now = now.In(bot.Shanghai())
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, bot.Shanghai())
	if now.Sub(day) >= r.ReleaseAt {
		return day.AddDate(0, 0, r.ReleaseDays)
	}
	return day.AddDate(0, 0, r.ReleaseDays-1)
}

// Standing is what counts of a person's appointment when they book another.
type Standing struct {
	Service string
	Date    string
	Status  Status
}

// Since is the first day whose appointments can still count at now.
func (r Rules) Since(now time.Time) string {
	return now.In(bot.Shanghai()).Add(-r.NoShowWindow - r.Ban).Format(time.DateOnly)
}

// Allow says why a person with these standings may not book a service on a
// day: ErrSameService, ErrTooMany, ErrBanned, or nil.
func (r Rules) Allow(own []Standing, service, date string, now time.Time) error {
	today := now.In(bot.Shanghai()).Format(time.DateOnly)
	same, active := 0, 0
	var missed []string
	for _, s := range own {
		switch s.Status {
		case NoShow:
			missed = append(missed, s.Date)
		case Booked, CheckedIn:
			if s.Date < today {
				continue
			}
			active++
			if s.Service == service && s.Date == date {
				same++
			}
		}
	}
	switch {
	case same >= r.PerServiceDay:
		return ErrSameService
	case active >= r.Active:
		return ErrTooMany
	case now.Before(r.bannedUntil(missed)):
		return ErrBanned
	}
	return nil
}

// bannedUntil is the end of the last stop that missed days brought about,
// zero if there was none. A day missed counts from its end.
func (r Rules) bannedUntil(missed []string) time.Time {
	slices.Sort(missed)
	var until time.Time
	for last := r.NoShows - 1; last >= 0 && last < len(missed); last++ {
		first := endOf(missed[last-r.NoShows+1])
		if end := endOf(missed[last]); end.Sub(first) <= r.NoShowWindow {
			until = end.Add(r.Ban)
		}
	}
	return until
}

func endOf(date string) time.Time { return At(date, "00:00").AddDate(0, 0, 1) }

// Changeable says whether an appointment beginning at start can still be
// cancelled or moved.
func (r Rules) Changeable(start, now time.Time) bool { return !now.After(start.Add(-r.CancelBefore)) }
