package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"guanjia/bot/booking"
)

// AdjustmentStatus is what became of an adjustment.
type AdjustmentStatus string

// The states of an adjustment.
const (
	Proposed AdjustmentStatus = "proposed"
	Applied  AdjustmentStatus = "applied"
	Rejected AdjustmentStatus = "rejected"
	Undone   AdjustmentStatus = "undone"
)

// Adjustment is a change of release as it is kept.
type Adjustment struct {
	booking.Adjustment
	ID        int64
	At        time.Time
	Status    AdjustmentStatus
	DecidedBy string
	DecidedAt time.Time
}

// ErrDecided means that an adjustment is no longer what the deed needs it to
// be: proposed, or applied.
var ErrDecided = errors.New("adjustment was decided before")

// Control is how the dynamic release is bounded; off until somebody sets it.
func (s *Store) Control(ctx context.Context) (booking.Control, error) {
	c := booking.DefaultControl()
	err := s.rows(ctx, "SELECT body FROM release_control ORDER BY version DESC LIMIT 1", func(scan func(...any) error) error {
		var raw string
		if err := scan(&raw); err != nil {
			return err
		}
		return json.Unmarshal([]byte(raw), &c)
	})
	return c, err
}

// SaveControl puts another version of the bounds in force.
func (s *Store) SaveControl(ctx context.Context, c booking.Control, who Author) error {
	if err := c.Validate(); err != nil {
		return err
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode control: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		if _, err := t.exec("INSERT INTO release_control (at, by, reason, body) VALUES ($1, $2, $3, $4)", millis(who.At), who.By, who.Reason, string(raw)); err != nil {
			return err
		}
		return t.recordChange("control", who, c)
	})
	if err != nil {
		return fmt.Errorf("save control: %w", err)
	}
	return nil
}

// TuneRelease looks at every group at every hall and proposes or applies what
// the control in force says. It returns how many adjustments that made. A
// proposal that stands is brought up to date, not made twice.
func (s *Store) TuneRelease(ctx context.Context, now time.Time) (int, error) {
	control, err := s.Control(ctx)
	if err != nil || control.Mode == booking.Off {
		return 0, err
	}
	plan, err := s.Plan(ctx)
	if err != nil {
		return 0, err
	}
	noShow, err := s.noShows(ctx, now)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, hall := range plan.Halls {
		err := s.writer.commit(ctx, func(t *Tx) error {
			for _, group := range plan.Offered() {
				m := s.diary.Measure(group, hall.ID, control.Goal, now)
				m.NoShow, m.Serves = noShow[group], plan.Serves(group, hall.ID)
				a, ok := control.Adjust(m, now)
				if !ok {
					continue
				}
				if err := t.adjust(a, control.Mode, now); err != nil {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil {
			return n, fmt.Errorf("tune release at %s: %w", hall.ID, err)
		}
	}
	return n, nil
}

// noShows are the shares of each group's appointments of the last four weeks
// that were missed.
func (s *Store) noShows(ctx context.Context, now time.Time) (map[string]float64, error) {
	share := map[string]float64{}
	today := now.Format(time.DateOnly)
	err := s.rows(ctx, `SELECT grp, SUM(CASE WHEN status = 'no_show' THEN 1 ELSE 0 END) * 1.0 / COUNT(*) FROM appointment
		WHERE status <> 'cancelled' AND date >= $1 AND date < $2 GROUP BY grp`, func(scan func(...any) error) error {
		var group string
		var missed float64
		err := scan(&group, &missed)
		share[group] = missed
		return err
	}, now.AddDate(0, 0, -28).Format(time.DateOnly), today)
	if err != nil {
		return nil, fmt.Errorf("count no-shows: %w", err)
	}
	return share, nil
}

// adjust keeps an adjustment, and carries it out where that is the mode.
func (t *Tx) adjust(a booking.Adjustment, mode booking.Mode, now time.Time) error {
	status, by := Proposed, ""
	if mode == booking.Apply {
		status, by = Applied, "自动"
		a.After = t.layAll(a.After, now)
	}
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode adjustment: %w", err)
	}
	if _, err := t.exec("DELETE FROM adjustment WHERE status = 'proposed' AND grp = $1 AND hall = $2", a.Group, a.Hall); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO adjustment (at, grp, hall, kind, places, why, status, decided_by, decided_at, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		millis(now), a.Group, a.Hall, a.Kind, a.Places, a.Why, status, by, millis(now), string(body))
	return err
}

// layAll puts sheets in force and returns what they became.
func (t *Tx) layAll(sheets []booking.Sheet, now time.Time) []booking.Sheet {
	laid := make([]booking.Sheet, len(sheets))
	for i, s := range sheets {
		laid[i] = t.s.diary.Lay(s, now)
	}
	t.persist()
	return laid
}

// DecideAdjustment carries a proposal out, or rejects it.
func (s *Store) DecideAdjustment(ctx context.Context, id int64, apply bool, who Author) error {
	return s.settleAdjustment(ctx, id, Proposed, who, func(t *Tx, a *booking.Adjustment) AdjustmentStatus {
		if !apply {
			return Rejected
		}
		a.After = t.layAll(a.After, who.At)
		return Applied
	})
}

// UndoAdjustment takes an applied adjustment back: each period gets the places
// it had before; those booked meanwhile stay booked.
func (s *Store) UndoAdjustment(ctx context.Context, id int64, who Author) error {
	return s.settleAdjustment(ctx, id, Applied, who, func(t *Tx, a *booking.Adjustment) AdjustmentStatus {
		t.layAll(s.reversed(a), who.At)
		return Undone
	})
}

// reversed are the sheets as they stand now with an adjustment's difference
// taken out.
func (s *Store) reversed(a *booking.Adjustment) []booking.Sheet {
	var back []booking.Sheet
	for i, after := range a.After {
		now, there := s.diary.SheetOf(after.Group, after.Hall, after.Date)
		if !there {
			continue // the day is over
		}
		for j := range now.Periods {
			p := &now.Periods[j]
			old, new := periodAt(a.Before[i], p.Time), periodAt(after, p.Time)
			p.Capacity = max(0, p.Capacity+old.Capacity-new.Capacity)
			p.Kept = min(p.Capacity, max(0, p.Kept+old.Kept-new.Kept))
		}
		back = append(back, now)
	}
	return back
}

func periodAt(s booking.Sheet, clock string) booking.Period {
	i := slices.IndexFunc(s.Periods, func(p booking.Period) bool { return p.Time == clock })
	if i < 0 {
		return booking.Period{}
	}
	return s.Periods[i]
}

func (s *Store) settleAdjustment(ctx context.Context, id int64, from AdjustmentStatus, who Author, deed func(*Tx, *booking.Adjustment) AdjustmentStatus) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		var raw string
		found, err := t.row("SELECT body FROM adjustment WHERE id = $1 AND status = $2", []any{id, from}, &raw)
		if err != nil {
			return err
		}
		if !found {
			return ErrDecided
		}
		var a booking.Adjustment
		if err := json.Unmarshal([]byte(raw), &a); err != nil {
			return fmt.Errorf("decode adjustment: %w", err)
		}
		status := deed(t, &a)
		body, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("encode adjustment: %w", err)
		}
		if _, err := t.exec("UPDATE adjustment SET status = $2, decided_by = $3, decided_at = $4, body = $5 WHERE id = $1",
			id, status, who.By, millis(who.At), string(body)); err != nil {
			return err
		}
		return t.recordChange(fmt.Sprintf("release:%s/%s", a.Group, a.Hall), who, map[string]any{"adjustment": id, "status": status, "why": a.Why})
	})
	if err != nil {
		return fmt.Errorf("settle adjustment: %w", err)
	}
	return nil
}

// Adjustments lists what was proposed and done, up to limit of each sort, the
// newest of each first: what is proposed where places are short, what was
// decided, and what is proposed where they are too many. An empty status lists
// all.
func (s *Store) Adjustments(ctx context.Context, status AdjustmentStatus, limit int) ([]Adjustment, error) {
	var all []Adjustment
	err := s.rows(ctx, `SELECT id, at, status, decided_by, decided_at, body FROM (
			SELECT id, at, status, decided_by, decided_at, body, sort, ROW_NUMBER() OVER (PARTITION BY sort ORDER BY id DESC) AS nth FROM (
				SELECT id, at, status, decided_by, decided_at, body, CASE WHEN status <> 'proposed' THEN 1 WHEN kind = 'less' THEN 2 ELSE 0 END AS sort
				FROM adjustment WHERE $1 = '' OR status = $1) AS sorted) AS counted
		WHERE nth <= $2 ORDER BY sort, id DESC`,
		func(scan func(...any) error) error {
			var a Adjustment
			var at, decided int64
			var raw string
			if err := scan(&a.ID, &at, &a.Status, &a.DecidedBy, &decided, &raw); err != nil {
				return err
			}
			a.At, a.DecidedAt = fromMillis(at), fromMillis(decided)
			all = append(all, a)
			return json.Unmarshal([]byte(raw), &all[len(all)-1].Adjustment)
		}, string(cmp.Or(status, "")), limit)
	return all, err
}
