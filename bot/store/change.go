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
	case c.NewHall != nil:
		h := c.NewHall
		n, err := t.exec(`INSERT INTO hall (id, name, town, address, phone, hours, lat, lng, access, demo)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT (id) DO NOTHING`,
			h.ID, h.Name, h.Town, h.Address, h.Phone, h.Hours, h.Lat, h.Lng, h.Access)
		return missing(n, err, "free id for hall", h.ID)
	case c.NewService != nil:
		return t.addService(*c.NewService, c.Halls)
	case c.Department != nil:
		d := c.Department
		n, err := t.exec("INSERT INTO department (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", d.ID, d.Name)
		return missing(n, err, "free id for department", d.ID)
	case c.NoDepartment != nil:
		return t.dropDepartment(c.NoDepartment.ID)
	case c.Renamed != nil:
		return t.renameDepartment(*c.Renamed)
	case c.Year != nil:
		return t.saveYear(*c.Year)
	case c.Hall != nil:
		h := c.Hall
		n, err := t.exec(`UPDATE hall SET name = $2, address = $3, phone = $4, hours = $5, lat = $6, lng = $7, access = $8, retired = $9, demo = 0
			WHERE id = $1`, h.ID, h.Name, h.Address, h.Phone, h.Hours, h.Lat, h.Lng, h.Access, h.Retired)
		return missing(n, err, "hall", h.ID)
	case c.Window != nil && c.NoWindow != nil:
		return t.renumberWindow(*c.NoWindow, *c.Window)
	case c.Window != nil:
		return t.saveWindows(Plan{Windows: []booking.Window{*c.Window}})
	case c.NoWindow != nil:
		return t.dropWindow(*c.NoWindow)
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

// addService adds a service: in the openings of a group, or in its own at halls.
func (t *Tx) addService(v booking.Service, halls []string) error {
	n, err := t.exec(`INSERT INTO service (id, title, grp, department, minutes, aliases, demo) VALUES ($1, $2, $3, $4, $5, $6, 0)
		ON CONFLICT (id) DO NOTHING`, v.ID, v.Title, v.Group, v.Department, v.Minutes, joined(v.Aliases))
	if err := missing(n, err, "free id for service", v.ID); err != nil {
		return err
	}
	if v.Group == "" {
		if err := t.offerAt(v.ID, halls); err != nil {
			return err
		}
	}
	return t.regroup()
}

// dropDepartment removes a department that nothing belongs to.
func (t *Tx) dropDepartment(id string) error {
	n, err := t.exec(`DELETE FROM department WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM service WHERE department = $1)
		AND NOT EXISTS (SELECT 1 FROM service_group WHERE department = $1) AND NOT EXISTS (SELECT 1 FROM hall_window WHERE department = $1)`, id)
	return missing(n, err, "unused department", id)
}

// renameDepartment gives a department another name in every row that has it.
func (t *Tx) renameDepartment(r booking.Renaming) error {
	d := r.Department
	if _, err := t.exec("UPDATE department SET id = CASE id WHEN name THEN $3 ELSE id END, name = $3 WHERE id = $1 AND name = $2", d.ID, d.Name, r.To); err != nil {
		return err
	}
	for _, rows := range []string{"service", "service_group", "hall_window"} {
		if _, err := t.exec("UPDATE "+rows+" SET department = $2 WHERE department = $1", d.Name, r.To); err != nil {
			return err
		}
	}
	return nil
}

// renumberWindow puts a window in the place of another, whose number is free
// from then on.
func (t *Tx) renumberWindow(was, becomes booking.Window) error {
	if err := t.dropWindow(was); err != nil {
		return err
	}
	n, err := t.exec("INSERT INTO hall_window (hall, number, name, department, groups) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hall, number) DO NOTHING",
		becomes.Hall, becomes.Number, becomes.Name, becomes.Department, strings.Join(becomes.Groups, " "))
	return missing(n, err, "free number for window", becomes.Number)
}

func (t *Tx) dropWindow(w booking.Window) error {
	_, err := t.exec("DELETE FROM hall_window WHERE hall = $1 AND number = $2", w.Hall, w.Number)
	return err
}

// saveYear puts a year's table in place of the one before.
func (t *Tx) saveYear(y booking.Year) error {
	if _, err := t.exec("DELETE FROM holiday WHERE date >= $1 AND date < $2", fmt.Sprintf("%04d", y.Year), fmt.Sprintf("%04d", y.Year+1)); err != nil {
		return err
	}
	for _, d := range y.Days {
		if _, err := t.exec("INSERT INTO holiday (date, work, name) VALUES ($1, $2, $3)", d.Date, d.Work, d.Name); err != nil {
			return err
		}
	}
	return nil
}

// changeService changes what is known of a service and where its group is
// offered; no halls: at every one.
func (t *Tx) changeService(v booking.Service, halls []string) error {
	n, err := t.exec(`UPDATE service SET title = CASE $2 WHEN '' THEN title ELSE $2 END, department = $3, minutes = $4, retired = $5, aliases = $6, demo = 0
		WHERE id = $1`, v.ID, v.Title, v.Department, v.Minutes, v.Retired, joined(v.Aliases))
	if err := missing(n, err, "service", v.ID); err != nil {
		return err
	}
	return t.offerAt(cmp.Or(v.Group, v.ID), halls)
}

func (t *Tx) offerAt(group string, halls []string) error {
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
	if !plan.Lays(c) {
		return booking.Impact{}, nil
	}
	was, becomes := plan.Both(c)
	return s.diary.Impact(was, becomes, s.dates(now.In(bot.Shanghai())), s.calendar()), nil
}

// auditPlan puts a change of plan or rules into the audit trail.
func (t *Tx) auditPlan(subject string, who Author) error {
	kind, _, _ := strings.Cut(subject, ":")
	return t.Audit(bot.AuditEntry{At: who.At, Actor: who.By, Deed: "change_" + kind, Subject: subject, Reason: who.Reason})
}
