package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"guanjia/bot"
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
// proposal that stands is brought up to date, not made twice, and goes when
// nothing calls for it any more; what was rejected is not proposed again on the
// same day.
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
	n, groups := 0, plan.Offered()
	for _, hall := range plan.Halls {
		err := s.writer.commit(ctx, func(t *Tx) error {
			asked, err := t.askedAt(hall.ID, now)
			if err != nil {
				return err
			}
			for _, group := range groups {
				m := s.diary.Measure(group, hall.ID, control.Goal, now)
				m.NoShow, m.Serves = noShow[group], plan.Serves(group, hall.ID)
				a, ok := control.Adjust(m, now)
				if control.Mode == booking.Propose && asked.rejected[rejection{group, a.Kind}] {
					ok = false
				}
				made, err := t.tune(a, ok, control.Mode, asked.standing[group], now)
				if err != nil {
					return err
				}
				n += made
			}
			return nil
		})
		if err != nil {
			return n, fmt.Errorf("tune release at %s: %w", hall.ID, err)
		}
	}
	return n, nil
}

// rejection is a kind of adjustment of a group that somebody would not have.
type rejection struct {
	group string
	kind  booking.Kind
}

// asked is what people are being asked of a hall, and what they said no to today.
type asked struct {
	standing map[string]standing // by group
	rejected map[rejection]bool
}

// standing is a proposal that waits to be decided.
type standing struct {
	id   int64
	body string
}

func (t *Tx) askedAt(hall string, now time.Time) (asked, error) {
	v := asked{map[string]standing{}, map[rejection]bool{}}
	err := t.rows("SELECT id, grp, body FROM adjustment WHERE status = 'proposed' AND hall = $1", []any{hall}, func(scan func(...any) error) error {
		var group string
		var p standing
		err := scan(&p.id, &group, &p.body)
		v.standing[group] = p
		return err
	})
	if err != nil {
		return v, err
	}
	today := booking.At(now.In(bot.Shanghai()).Format(time.DateOnly), "00:00")
	err = t.rows("SELECT DISTINCT grp, kind FROM adjustment WHERE status = 'rejected' AND hall = $1 AND decided_at >= $2", []any{hall, millis(today)},
		func(scan func(...any) error) error {
			var r rejection
			err := scan(&r.group, &r.kind)
			v.rejected[r] = true
			return err
		})
	return v, err
}

// tune puts an adjustment, if there is one, in the place of the proposal that
// stands (id 0: none). One that says the same stays as it is, and so does its id.
func (t *Tx) tune(a booking.Adjustment, ok bool, mode booking.Mode, old standing, now time.Time) (made int, err error) {
	if ok && mode == booking.Propose && old.id != 0 {
		var was booking.Adjustment
		if err := json.Unmarshal([]byte(old.body), &was); err != nil {
			return 0, fmt.Errorf("decode adjustment: %w", err)
		}
		if reflect.DeepEqual([]any{was.Kind, was.Before, was.After}, []any{a.Kind, a.Before, a.After}) {
			return 0, nil
		}
	}
	if old.id != 0 {
		if _, err := t.exec("DELETE FROM adjustment WHERE id = $1", old.id); err != nil {
			return 0, err
		}
	}
	if !ok {
		return 0, nil
	}
	return 1, t.adjust(a, mode, now)
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
	return s.settleAdjustment(ctx, id, Proposed, who, func(t *Tx, a *booking.Adjustment) AdjustmentStatus { return t.decide(a, apply, who.At) })
}

func (t *Tx) decide(a *booking.Adjustment, apply bool, now time.Time) AdjustmentStatus {
	if !apply {
		return Rejected
	}
	a.Before, a.After = t.s.shifted(a.Before, a.After)
	a.After = t.layAll(a.After, now)
	return Applied
}

// UndoAdjustment takes an applied adjustment back: each period gets the places
// it had before; those booked meanwhile stay booked.
func (s *Store) UndoAdjustment(ctx context.Context, id int64, who Author) error {
	return s.settleAdjustment(ctx, id, Applied, who, func(t *Tx, a *booking.Adjustment) AdjustmentStatus { return t.undo(a, who.At) })
}

func (t *Tx) undo(a *booking.Adjustment, now time.Time) AdjustmentStatus {
	_, back := t.s.shifted(a.After, a.Before)
	t.layAll(back, now)
	return Undone
}

// shifted are the sheets as they stand now, and these with the difference
// between two others put in; days that are over are left out.
func (s *Store) shifted(from, to []booking.Sheet) (stand, become []booking.Sheet) {
	for i, target := range to {
		now, there := s.diary.SheetOf(target.Group, target.Hall, target.Date)
		if !there {
			continue
		}
		stand = append(stand, now)
		now.Periods = slices.Clone(now.Periods)
		for j := range now.Periods {
			p := &now.Periods[j]
			old, new := periodAt(from[i], p.Time), periodAt(target, p.Time)
			p.Capacity = max(0, p.Capacity+new.Capacity-old.Capacity)
			p.Kept = min(p.Capacity, max(0, p.Kept+new.Kept-old.Kept))
		}
		become = append(become, now)
	}
	return stand, become
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
		if err := t.settled(id, status, 0, a, who); err != nil {
			return err
		}
		return t.recordChange(fmt.Sprintf("release:%s/%s", a.Group, a.Hall), who, map[string]any{"adjustment": id, "status": status, "why": a.Why})
	})
	if err != nil {
		return fmt.Errorf("settle adjustment: %w", err)
	}
	return nil
}

// settled writes what became of an adjustment; batch is the decision over many
// that it belongs to, 0 for none.
func (t *Tx) settled(id int64, status AdjustmentStatus, batch int64, a booking.Adjustment, who Author) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode adjustment: %w", err)
	}
	_, err = t.exec("UPDATE adjustment SET status = $2, decided_by = $3, decided_at = $4, body = $5, batch = CASE WHEN CAST($6 AS BIGINT) = 0 THEN batch ELSE CAST($6 AS BIGINT) END WHERE id = $1",
		id, status, who.By, millis(who.At), string(body), batch)
	return err
}

// Adjustments lists what was proposed and done within a scope, up to limit of
// each sort, the newest of each first: what is proposed where places are short,
// what was decided, and what is proposed where they are too many. An empty
// status lists all.
func (s *Store) Adjustments(ctx context.Context, scope booking.Scope, status AdjustmentStatus, limit int) ([]Adjustment, error) {
	var all []Adjustment
	err := s.rows(ctx, `SELECT id, at, status, decided_by, decided_at, body FROM (
			SELECT id, at, status, decided_by, decided_at, body, sort, ROW_NUMBER() OVER (PARTITION BY sort ORDER BY id DESC) AS nth FROM (
				SELECT id, at, status, decided_by, decided_at, body, CASE WHEN status <> 'proposed' THEN 1 WHEN kind = 'less' THEN 2 ELSE 0 END AS sort
				FROM adjustment WHERE ($1 = '' OR status = $1)`+within("$3", "$4", "$5")+`) AS sorted) AS counted
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
		}, append([]any{string(status), limit}, scopeArgs(scope)...)...)
	return all, err
}
