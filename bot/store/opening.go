package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// ReleaseOpenings makes the openings of every day that the rules release at
// now, as the plan stands: services and halls that came later are added to
// days released before, and what was shut since is closed. It returns the days
// it made openings for; doing it again changes nothing. Openings of a sample
// service, hall or period are samples.
func (s *Store) ReleaseOpenings(ctx context.Context, now time.Time) ([]string, error) {
	key := s.releaseKey(now)
	s.mu.Lock()
	done := s.laid == key
	s.mu.Unlock()
	if done {
		return nil, nil
	}
	var made []string
	err := s.writer.commit(ctx, func(t *Tx) error {
		var err error
		made, err = t.releaseDays(now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("release openings: %w", err)
	}
	s.mu.Lock()
	s.laid = key
	s.mu.Unlock()
	return made, nil
}

// releaseKey is the same as long as there is nothing to release.
func (s *Store) releaseKey(now time.Time) string {
	dates := s.dates(now.In(bot.Shanghai()))
	if len(dates) == 0 {
		return "none"
	}
	book := s.diary.Rules()
	key := fmt.Sprintf("%s %s %d %d", dates[0], dates[len(dates)-1], book.Version, s.planned.Load())
	for _, date := range dates {
		key += string(book.ReleasedBy(date, now))
	}
	return key
}

func (t *Tx) releaseDays(now time.Time) (made []string, err error) {
	now = now.In(bot.Shanghai())
	s := t.s
	s.diary.ForgetBefore(now.AddDate(0, 0, -1).Format(time.DateOnly))
	plan, err := readPlan(t.ctx, t.query)
	if err != nil {
		return nil, err
	}
	sum, err := digest(plan)
	if err != nil {
		return nil, err
	}
	for _, date := range s.dates(now) {
		n, err := t.exec(`INSERT INTO release (date, at, plan) VALUES ($1, $2, $3)
			ON CONFLICT (date) DO UPDATE SET at = excluded.at, plan = excluded.plan WHERE release.plan <> excluded.plan`,
			date, millis(now), append(sum, s.diary.Rules().ReleasedBy(date, now)...))
		if err != nil {
			return nil, err
		}
		if n > 0 && t.layDay(&plan, date, now) {
			made = append(made, date)
		}
	}
	t.persist()
	return made, nil
}

// dates are the days whose openings are there at now by the rules for all, or
// by those of some service.
func (s *Store) dates(now time.Time) []string {
	book := s.diary.Rules()
	last := book.Default.LastReleased(now).AddDate(0, 0, book.Furthest()-book.Default.ReleaseDays).Format(time.DateOnly)
	var days []string
	for day := now; day.Format(time.DateOnly) <= last; day = day.AddDate(0, 0, 1) {
		days = append(days, day.Format(time.DateOnly))
	}
	return days
}

// layDay lays the sheets of a day and says whether that made openings.
func (t *Tx) layDay(plan *Plan, date string, now time.Time) bool {
	d := t.s.diary
	book := d.Rules()
	made := false
	for _, planned := range plan.Day(date, t.s.calendar(), func(group string) int { return book.For(group).WalkIns }) {
		if !book.For(planned.Group).Released(date, now) {
			continue
		}
		old, there := d.SheetOf(planned.Group, planned.Hall, date)
		sheet := old.Merged(planned)
		sheet.Group, sheet.Hall, sheet.Date = planned.Group, planned.Hall, date
		if there && same(old, sheet) || len(sheet.Periods) == 0 {
			continue
		}
		made = made || len(sheet.Periods) > len(old.Periods)
		d.Lay(sheet, now)
	}
	return made
}

func same(a, b booking.Sheet) bool { return writePeriods(a.Periods) == writePeriods(b.Periods) }

// weekends is a calendar that knows weekends only.
type weekends struct{}

// IsWorkday implements booking.Calendar.
func (weekends) IsWorkday(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	return err == nil && t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

func (s *Store) calendar() booking.Calendar {
	if s.days != nil {
		return s.days
	}
	return weekends{}
}

// Openings implements booking.Ledger.
func (s *Store) Openings(ctx context.Context, q booking.Query) ([]booking.Opening, error) {
	if s.diary != nil {
		return s.diary.Openings(q), nil
	}
	d, err := s.loadDiary(ctx, s.rows, q.After) // beside the owner: as the records are now
	if err != nil {
		return nil, fmt.Errorf("list openings: %w", err)
	}
	return d.Openings(q), nil
}

// Filled sums up, by hall and day, the openings of a service (empty: of all)
// that begin after a time.
func (s *Store) Filled(service string, after time.Time) []booking.Fill {
	return s.diary.Filled(service, after)
}

// Halls lists the halls.
func (s *Store) Halls(ctx context.Context) ([]booking.Hall, error) {
	p, err := s.Plan(ctx)
	return p.Halls, err
}

// Services lists what can be booked.
func (s *Store) Services(ctx context.Context) ([]booking.Service, error) {
	p, err := s.Plan(ctx)
	return p.Services, err
}
