package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"guanjia/bot/booking"
)

// Plan and Period are booking's.
type (
	Plan   = booking.Plan
	Period = booking.Period
)

// Author is who changes what citizens are offered, and why; both are kept.
type Author struct {
	By     string
	Reason string
	At     time.Time
}

// SavePlan stores a plan; what is there already is brought up to date, nothing
// is removed. A sample never takes the place of what is real, and what is real
// takes the place of a sample.
func (s *Store) SavePlan(ctx context.Context, p Plan) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		s.planned.Add(1)
		for _, save := range []func(Plan) error{t.saveHalls, t.saveServices, t.savePeriods, t.saveWindows} {
			if err := save(p); err != nil {
				return err
			}
		}
		return t.regroup()
	})
	if err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	return nil
}

func (t *Tx) saveHalls(p Plan) error {
	for _, h := range p.Halls {
		if _, err := t.exec(`INSERT INTO hall (id, name, town, address, phone, hours, lat, lng, access, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, town = excluded.town, demo = excluded.demo,
			address = CASE excluded.address WHEN '' THEN hall.address ELSE excluded.address END,
			phone = CASE excluded.phone WHEN '' THEN hall.phone ELSE excluded.phone END,
			hours = CASE excluded.hours WHEN '' THEN hall.hours ELSE excluded.hours END,
			lat = CASE excluded.lat WHEN 0 THEN hall.lat ELSE excluded.lat END,
			lng = CASE excluded.lng WHEN 0 THEN hall.lng ELSE excluded.lng END,
			access = CASE excluded.access WHEN '' THEN hall.access ELSE excluded.access END
			WHERE hall.demo >= excluded.demo`,
			h.ID, h.Name, h.Town, h.Address, h.Phone, h.Hours, h.Lat, h.Lng, h.Access, p.Demo); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) saveServices(p Plan) error {
	for _, d := range p.Departments {
		if _, err := t.exec("INSERT INTO department (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name", d.ID, d.Name); err != nil {
			return err
		}
	}
	for _, g := range p.Groups {
		if _, err := t.exec(`INSERT INTO service_group (id, name, department, minutes) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, department = excluded.department, minutes = excluded.minutes`,
			g.ID, g.Name, g.Department, g.Minutes); err != nil {
			return err
		}
	}
	for _, v := range p.Services {
		if _, err := t.exec(`INSERT INTO service (id, title, grp, department, minutes, demo, aliases) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO UPDATE SET title = excluded.title, demo = excluded.demo,
			grp = CASE excluded.grp WHEN '' THEN service.grp ELSE excluded.grp END,
			department = CASE excluded.department WHEN '' THEN service.department ELSE excluded.department END,
			minutes = CASE excluded.minutes WHEN 0 THEN service.minutes ELSE excluded.minutes END,
			aliases = CASE excluded.aliases WHEN '' THEN service.aliases ELSE excluded.aliases END
			WHERE service.demo >= excluded.demo`, v.ID, v.Title, v.Group, v.Department, v.Minutes, p.Demo, joined(v.Aliases)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) savePeriods(p Plan) error {
	for _, v := range p.Periods {
		if _, err := t.exec(`INSERT INTO period (time, capacity, demo) VALUES ($1, $2, $3)
			ON CONFLICT (time) DO UPDATE SET capacity = excluded.capacity, demo = excluded.demo
			WHERE period.demo >= excluded.demo`, v.Time, v.Capacity, p.Demo); err != nil {
			return err
		}
	}
	for _, v := range p.Offers {
		if _, err := t.exec("INSERT INTO offer (grp, hall) VALUES ($1, $2) ON CONFLICT (grp, hall) DO NOTHING", v.Group, v.Hall); err != nil {
			return err
		}
	}
	for _, v := range p.Schedules {
		if _, err := t.exec(`INSERT INTO schedule (grp, hall, weekdays, time, capacity) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (grp, hall, weekdays, time) DO UPDATE SET capacity = excluded.capacity`,
			v.Group, v.Hall, v.Weekdays, v.Time, v.Capacity); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) saveWindows(p Plan) error {
	for _, w := range p.Windows {
		if _, err := t.exec(`INSERT INTO hall_window (hall, number, name, department, groups) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (hall, number) DO UPDATE SET name = excluded.name, department = excluded.department, groups = excluded.groups`,
			w.Hall, w.Number, w.Name, w.Department, strings.Join(w.Groups, " ")); err != nil {
			return err
		}
	}
	return nil
}

// regroup tells the diary which services share openings now.
func (t *Tx) regroup() error {
	groups, err := readGroups(t.ctx, t.query)
	if err == nil {
		t.s.diary.SetGroups(groups)
	}
	return err
}

// query reads in this commit.
func (t *Tx) query(_ context.Context, q string, each func(scan func(...any) error) error, args ...any) error {
	return t.rows(q, args, each)
}

func readGroups(ctx context.Context, read query) (map[string]string, error) {
	groups := map[string]string{}
	err := read(ctx, "SELECT id, grp FROM service WHERE grp <> ''", func(scan func(...any) error) error {
		var id, group string
		err := scan(&id, &group)
		groups[id] = group
		return err
	})
	return groups, err
}

// Plan is what is offered where and when, as it stands.
func (s *Store) Plan(ctx context.Context) (Plan, error) { return readPlan(ctx, s.rows) }

func readPlan(ctx context.Context, read query) (Plan, error) {
	var p Plan
	for _, part := range []struct {
		query string
		row   func(scan func(...any) error) error
	}{
		{"SELECT id, name FROM department ORDER BY id", func(scan func(...any) error) error {
			var d booking.Department
			err := scan(&d.ID, &d.Name)
			p.Departments = append(p.Departments, d)
			return err
		}},
		{"SELECT id, name, town, address, phone, hours, lat, lng, access, demo, retired FROM hall ORDER BY id", func(scan func(...any) error) error {
			h, err := scanHall(scan)
			p.Halls = append(p.Halls, h)
			return err
		}},
		{"SELECT id, name, department, minutes FROM service_group ORDER BY id", func(scan func(...any) error) error {
			var g booking.Group
			err := scan(&g.ID, &g.Name, &g.Department, &g.Minutes)
			p.Groups = append(p.Groups, g)
			return err
		}},
		{"SELECT id, title, grp, department, minutes, demo, retired, aliases FROM service ORDER BY id", func(scan func(...any) error) error {
			v, err := scanService(scan)
			p.Services = append(p.Services, v)
			return err
		}},
		{"SELECT hall, number, name, department, groups FROM hall_window ORDER BY hall, number", func(scan func(...any) error) error {
			var w booking.Window
			var groups string
			err := scan(&w.Hall, &w.Number, &w.Name, &w.Department, &groups)
			w.Groups = strings.Fields(groups)
			p.Windows = append(p.Windows, w)
			return err
		}},
		{"SELECT grp, hall FROM offer ORDER BY grp, hall", func(scan func(...any) error) error {
			var o booking.Offer
			err := scan(&o.Group, &o.Hall)
			p.Offers = append(p.Offers, o)
			return err
		}},
		{"SELECT time, capacity, demo FROM period ORDER BY time", func(scan func(...any) error) error {
			var v Period
			err := scan(&v.Time, &v.Capacity, &v.Demo)
			p.Periods = append(p.Periods, v)
			return err
		}},
		{"SELECT grp, hall, weekdays, time, capacity FROM schedule ORDER BY grp, hall, weekdays, time", func(scan func(...any) error) error {
			var v booking.Schedule
			err := scan(&v.Group, &v.Hall, &v.Weekdays, &v.Time, &v.Capacity)
			p.Schedules = append(p.Schedules, v)
			return err
		}},
		{"SELECT date, work, name FROM holiday ORDER BY date", func(scan func(...any) error) error {
			var v booking.Holiday
			err := scan(&v.Date, &v.Work, &v.Name)
			p.Holidays = append(p.Holidays, v)
			return err
		}},
		{"SELECT date, hall, open, name FROM day_override ORDER BY date, hall", func(scan func(...any) error) error {
			var v booking.Override
			err := scan(&v.Date, &v.Hall, &v.Open, &v.Name)
			p.Overrides = append(p.Overrides, v)
			return err
		}},
		{"SELECT id, hall, grp, from_date, to_date, from_time, to_time, reason FROM closure ORDER BY id", func(scan func(...any) error) error {
			var v booking.Closure
			err := scan(&v.ID, &v.Hall, &v.Group, &v.From, &v.To, &v.Start, &v.End, &v.Reason)
			p.Closures = append(p.Closures, v)
			return err
		}},
	} {
		if err := read(ctx, part.query, part.row); err != nil {
			return p, fmt.Errorf("read plan: %w", err)
		}
	}
	return p, nil
}

func scanHall(scan func(...any) error) (booking.Hall, error) {
	var h booking.Hall
	err := scan(&h.ID, &h.Name, &h.Town, &h.Address, &h.Phone, &h.Hours, &h.Lat, &h.Lng, &h.Access, &h.Demo, &h.Retired)
	return h, err
}

func scanService(scan func(...any) error) (booking.Service, error) {
	var v booking.Service
	var aliases string
	err := scan(&v.ID, &v.Title, &v.Group, &v.Department, &v.Minutes, &v.Demo, &v.Retired, &aliases)
	if aliases != "" {
		v.Aliases = strings.Split(aliases, "\n")
	}
	return v, err
}

// joined are a service's other names as a column keeps them.
func joined(aliases []string) string { return strings.Join(aliases, "\n") }

// digest changes when anything in a plan does that lays out openings.
func digest(p Plan) ([]byte, error) {
	halls := make([]string, len(p.Halls))
	for i, h := range p.Halls {
		halls[i] = h.ID
		if h.Retired {
			halls[i] += "!"
		}
	}
	raw, err := json.Marshal([]any{halls, p.Offered(), p.Offers, p.Periods, p.Schedules, p.Holidays, p.Overrides, p.Closures})
	sum := sha256.Sum256(raw)
	return sum[:16], err
}

// Override puts an administrator's word on a day above the calendar, for one
// hall or all, and closes or opens what is released already.
func (s *Store) Override(ctx context.Context, o booking.Override, who Author) error {
	return s.Change(ctx, booking.Change{Override: &o}, who)
}

// Shut closes a hall or a group of it for some days or hours. Whoever has an
// appointment then is still booked: see Affected.
func (s *Store) Shut(ctx context.Context, c booking.Closure, who Author) error {
	return s.Change(ctx, booking.Change{Closure: &c}, who)
}

// Reopen ends a closure.
func (s *Store) Reopen(ctx context.Context, id int64, who Author) error {
	return s.Change(ctx, booking.Change{NoClosure: id}, who)
}

func (s *Store) changePlan(ctx context.Context, subject string, who Author, what any, change func(*Tx) error) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		s.planned.Add(1)
		if err := change(t); err != nil {
			return err
		}
		if err := t.recordChange(subject, who, what); err != nil {
			return err
		}
		if err := t.auditPlan(subject, who); err != nil {
			return err
		}
		_, err := t.releaseDays(who.At)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the plan: %w", err)
	}
	return nil
}

// recordChange keeps who changed what, and why.
func (t *Tx) recordChange(subject string, who Author, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encode change: %w", err)
	}
	_, err = t.exec("INSERT INTO plan_change (at, by, subject, reason, body) VALUES ($1, $2, $3, $4, $5)",
		millis(who.At), who.By, subject, who.Reason, string(body))
	return err
}

// PlanChange is one change of plan, rules or release.
type PlanChange struct {
	ID      int64
	At      time.Time
	By      string
	Subject string
	Reason  string
	Body    string // JSON
}

// PlanChanges lists the latest changes, newest first, of a subject that begins
// so (empty: all).
func (s *Store) PlanChanges(ctx context.Context, subject string, limit int) ([]PlanChange, error) {
	var all []PlanChange
	err := s.rows(ctx, "SELECT id, at, by, subject, reason, body FROM plan_change WHERE subject >= $1 AND subject < $1 || '~' ORDER BY id DESC LIMIT $2",
		func(scan func(...any) error) error {
			var c PlanChange
			var at int64
			err := scan(&c.ID, &at, &c.By, &c.Subject, &c.Reason, &c.Body)
			c.At = fromMillis(at)
			all = append(all, c)
			return err
		}, subject, limit)
	return all, err
}

// Affected are the booked appointments that a plan's closures and overrides
// have left without an opening: their holders are to be told.
func (s *Store) Affected(ctx context.Context, now time.Time) ([]Affected, error) {
	shut := s.diary.Shut(now)
	if len(shut) == 0 {
		return nil, nil
	}
	plan, err := s.Plan(ctx)
	if err != nil {
		return nil, err
	}
	var all []Affected
	for _, e := range shut {
		reason, _ := plan.Closed(e.Place)
		a, err := s.Appointment(ctx, e.Number)
		if err != nil {
			return nil, err
		}
		all = append(all, Affected{a, cmp.Or(reason, "大厅调整")})
	}
	return all, nil
}

// Affected is an appointment whose opening was shut, and why.
type Affected struct {
	booking.Appointment
	Reason string
}
