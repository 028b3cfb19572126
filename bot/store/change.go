package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// Change changes the plan and lays out what follows from it, in one commit that
// also keeps who did it and why. A hall or a service that was a sample is real
// from then on.
func (s *Store) Change(ctx context.Context, c booking.Change, who Author) error {
	return s.changePlan(ctx, c.Subject(), who, c, func(t *Tx) error { return t.change(c) })
}

func (t *Tx) change(c booking.Change) error {
	switch {
	case c.Hall != nil:
		h := c.Hall
		n, err := t.exec("UPDATE hall SET name = $2, address = $3, phone = $4, hours = $5, lat = $6, lng = $7, access = $8, demo = 0 WHERE id = $1",
			h.ID, h.Name, h.Address, h.Phone, h.Hours, h.Lat, h.Lng, h.Access)
		return missing(n, err, "hall", h.ID)
	case c.Window != nil:
		return t.saveWindows(Plan{Windows: []booking.Window{*c.Window}})
	case c.NoWindow != nil:
		_, err := t.exec("DELETE FROM hall_window WHERE hall = $1 AND number = $2", c.NoWindow.Hall, c.NoWindow.Number)
		return err
	case c.Service != nil:
		return t.changeService(*c.Service, c.Halls)
	case c.Schedule != nil:
		return t.savePeriods(Plan{Schedules: []booking.Schedule{*c.Schedule}})
	case c.NoSchedule != nil:
		v := c.NoSchedule
		_, err := t.exec("DELETE FROM schedule WHERE grp = $1 AND hall = $2 AND weekdays = $3 AND time = $4", v.Group, v.Hall, v.Weekdays, v.Time)
		return err
	case c.Override != nil:
		o := c.Override
		_, err := t.exec(`INSERT INTO day_override (date, hall, open, name) VALUES ($1, $2, $3, $4)
			ON CONFLICT (date, hall) DO UPDATE SET open = excluded.open, name = excluded.name`, o.Date, o.Hall, o.Open, o.Name)
		return err
	case c.NoOverride != nil:
		_, err := t.exec("DELETE FROM day_override WHERE date = $1 AND hall = $2", c.NoOverride.Date, c.NoOverride.Hall)
		return err
	case c.Closure != nil:
		v := c.Closure
		_, err := t.exec("INSERT INTO closure (hall, grp, from_date, to_date, from_time, to_time, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			v.Hall, v.Group, v.From, v.To, v.Start, v.End, v.Reason)
		return err
	}
	_, err := t.exec("DELETE FROM closure WHERE id = $1", c.NoClosure)
	return err
}

// changeService changes what is known of a service and where its group is
// offered; no halls: at every one.
func (t *Tx) changeService(v booking.Service, halls []string) error {
	n, err := t.exec("UPDATE service SET department = $2, minutes = $3, demo = 0 WHERE id = $1", v.ID, v.Department, v.Minutes)
	if err := missing(n, err, "service", v.ID); err != nil {
		return err
	}
	group := cmp.Or(v.Group, v.ID)
	if _, err := t.exec("DELETE FROM offer WHERE grp = $1", group); err != nil {
		return err
	}
	var offers []booking.Offer
	for _, h := range halls {
		offers = append(offers, booking.Offer{Group: group, Hall: h})
	}
	return t.savePeriods(Plan{Offers: offers})
}

func missing(n int64, err error, what, id string) error {
	if err == nil && n == 0 {
		return fmt.Errorf("no %s %q", what, id)
	}
	return err
}

// Impact is what a change of the plan would do, without doing it.
func (s *Store) Impact(ctx context.Context, c booking.Change, now time.Time) (booking.Impact, error) {
	plan, err := s.Plan(ctx)
	if err != nil {
		return booking.Impact{}, err
	}
	return s.diary.Impact(plan, plan.With(c), s.dates(now.In(bot.Shanghai())), s.calendar()), nil
}

// auditPlan puts a change of plan or rules into the audit trail.
func (t *Tx) auditPlan(subject string, who Author) error {
	kind, _, _ := strings.Cut(subject, ":")
	return t.Audit(bot.AuditEntry{At: who.At, Actor: who.By, Deed: "change_" + kind, Subject: subject, Reason: who.Reason})
}
