package booking

import (
	"slices"
	"time"

	"guanjia/bot"
)

// Rules bound who may book what, and how. They are data an administrator can
// change: see RuleBook.
type Rules struct {
	PerServiceDay int           // active appointments of a person for one service and day
	PerDay        int           // active appointments of a person on one day; 0: no bound of its own
	Active        int           // active appointments of a person at once
	MaxPlaces     int           // places of one appointment: more than one for a group
	BookBefore    time.Duration // no booking later than this before the period
	CancelBefore  time.Duration // no cancelling or moving later than this before the period
	NoShows       int           // this many no-shows …
	NoShowWindow  time.Duration // … within this time …
	Ban           time.Duration // … stop booking for this long
	ExemptAge     int           // who is as old by their id number is never stopped; 0: no age is looked at
	ReleaseAt     time.Duration // after midnight, when the next day is released
	ReleaseDays   int           // calendar days ahead that are released
	RemindBefore  []time.Duration
	HoldFor       time.Duration // how long a place is kept while the citizen confirms
	PromotedFor   time.Duration // how long one is kept for who is next on the waiting list
	Waits         int           // places in waiting lines of a citizen at once
	CheckInEarly  time.Duration // before the period from which a number can be drawn
	CheckInLate   time.Duration // after its begin until which it counts as in time
	WalkIns       int           // percent of the places kept for who walks in
	Identity      bool          // an id number must be given
	Others        bool          // one may book for somebody else
	Consent       bool          // … and says that they agree
	ownRelease    bool          // released otherwise than the rest
}

// DefaultRules are the demo's, and an installation's until it sets its own.
func DefaultRules() Rules {
	return Rules{
		PerServiceDay: 1, Active: 3, MaxPlaces: 5, CancelBefore: 2 * time.Hour,
		NoShows: 3, NoShowWindow: 30 * 24 * time.Hour, Ban: 30 * 24 * time.Hour, ExemptAge: 60,
		ReleaseAt: 9 * time.Hour, ReleaseDays: 7,
		RemindBefore: []time.Duration{24 * time.Hour, 2 * time.Hour},
		HoldFor:      5 * time.Minute, PromotedFor: 30 * time.Minute, Waits: 3,
		CheckInEarly: 30 * time.Minute, CheckInLate: 30 * time.Minute,
		Others: true, Consent: true,
	}
}

// Released says whether a day's openings are released at now.
func (r Rules) Released(date string, now time.Time) bool {
	return date <= r.LastReleased(now).Format(time.DateOnly)
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
// day: ErrSameService, ErrSameDay, ErrTooMany, ErrBanned, or nil.
func (r Rules) Allow(own []Standing, service, date string, now time.Time) error {
	today := now.In(bot.Shanghai()).Format(time.DateOnly)
	same, day, active := 0, 0, 0
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
			if s.Date == date {
				day++
				if s.Service == service {
					same++
				}
			}
		}
	}
	switch {
	case same >= r.PerServiceDay:
		return ErrSameService
	case r.PerDay > 0 && day >= r.PerDay:
		return ErrSameDay
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
