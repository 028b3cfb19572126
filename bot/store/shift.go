package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/routing"
)

// Shifts lists those of the days from one to another, both included.
func (s *Store) Shifts(ctx context.Context, from, to string) ([]routing.Shift, error) {
	var out []routing.Shift
	err := s.rows(ctx, "SELECT id, day, staff, team, begins, ends FROM shift WHERE day >= $1 AND day <= $2 ORDER BY day, begins, staff, team",
		func(scan func(...any) error) error {
			var v routing.Shift
			err := scan(&v.ID, &v.Day, &v.Staff, &v.Group, &v.From, &v.To)
			out = append(out, v)
			return err
		}, from, to)
	if err != nil {
		return nil, fmt.Errorf("list shifts: %w", err)
	}
	return out, nil
}

// SaveShifts plans shifts; one that begins when another of the same person and
// group does takes its place.
func (s *Store) SaveShifts(ctx context.Context, all []routing.Shift, by string, at time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, v := range all {
			if _, err := t.exec(`INSERT INTO shift (day, staff, team, begins, ends, by_staff) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (day, staff, team, begins) DO UPDATE SET ends = excluded.ends, by_staff = excluded.by_staff`,
				v.Day, v.Staff, v.Group, v.From, v.To, by); err != nil {
				return err
			}
			if err := t.Audit(bot.AuditEntry{At: at, Actor: by, Deed: bot.AuditShift, Subject: v.Staff, Reason: v.String()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("plan shifts: %w", err)
	}
	return nil
}

// DropShift takes a shift off the plan.
func (s *Store) DropShift(ctx context.Context, v routing.Shift, by string, at time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		if _, err := t.exec("DELETE FROM shift WHERE id = $1", v.ID); err != nil {
			return err
		}
		return t.Audit(bot.AuditEntry{At: at, Actor: by, Deed: bot.AuditShift, Subject: v.Staff, Reason: "off " + v.String()})
	})
	if err != nil {
		return fmt.Errorf("take a shift off: %w", err)
	}
	return nil
}
