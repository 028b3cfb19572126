package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"guanjia/bot"
	"guanjia/bot/booking"
)

// within is the condition that an adjustment is of a scope, by the parameters
// that scopeArgs gives in that order.
func within(kind, hall, groups string) string {
	return ` AND (` + kind + ` = '' OR kind = ` + kind + `) AND (` + hall + ` = '' OR hall = ` + hall + `)
		AND (` + groups + ` = '' OR REPLACE(` + groups + `, ',' || grp || ',', '') <> ` + groups + `)`
}

func scopeArgs(s booking.Scope) []any {
	groups := ""
	if s.Groups != nil {
		groups = "," + strings.Join(s.Groups, ",") + ","
	}
	return []any{string(s.Kind), s.Hall, groups}
}

// Proposals sums up what waits to be decided within a scope.
func (s *Store) Proposals(ctx context.Context, scope booking.Scope) (booking.Proposals, error) {
	v := booking.Proposals{Places: map[booking.Kind]int{}}
	err := s.rows(ctx, `SELECT kind, COUNT(*), CAST(SUM(places) AS BIGINT), MAX(id) FROM adjustment WHERE status = 'proposed'`+within("$1", "$2", "$3")+` GROUP BY kind`,
		func(scan func(...any) error) error {
			var kind booking.Kind
			var n, places int
			var last int64
			err := scan(&kind, &n, &places, &last)
			v.Count, v.Places[kind], v.UpTo = v.Count+n, places, max(v.UpTo, last)
			return err
		}, scopeArgs(scope)...)
	if err != nil {
		return v, fmt.Errorf("sum up proposals: %w", err)
	}
	return v, nil
}

// ErrNoProposals means that nothing of a scope waits to be decided.
var ErrNoProposals = errors.New("no proposals to decide")

// settleLot is how many adjustments are decided in one commit: turns of citizens
// come in between, so that none waits behind a thousand.
const settleLot = 100

// DecideAdjustments carries out or rejects the proposals of a scope, where
// places are short first, lot by lot; each commit also keeps who did it and why,
// so that what is done is told whenever the rest is cut off, and the rest waits
// on. Proposals made after scope.UpTo stay: nobody has looked at them.
func (s *Store) DecideAdjustments(ctx context.Context, scope booking.Scope, apply bool, who Author) (booking.Batch, error) {
	b := booking.Batch{At: who.At, By: who.By, Reason: who.Reason, Scope: scope, Applied: apply}
	body, err := json.Marshal(scope)
	if err != nil {
		return b, fmt.Errorf("encode scope: %w", err)
	}
	for b.Count < booking.MostDecided {
		lot := b
		err := s.writer.commit(ctx, func(t *Tx) error {
			lot = b
			return t.decideLot(&lot, string(body), who)
		})
		if errors.Is(err, errLotsOver) || errors.Is(err, ErrNoProposals) && b.Count > 0 {
			break
		}
		if err != nil {
			return b, fmt.Errorf("decide adjustments: %w", err)
		}
		if b = lot; b.Count%settleLot != 0 {
			break
		}
	}
	return b, nil
}

// errLotsOver means that somebody took the decision back while it was carried out.
var errLotsOver = errors.New("batch was undone")

// decideLot decides the next proposals of a batch and adds them to it.
func (t *Tx) decideLot(b *booking.Batch, scope string, who Author) error {
	chosen, err := t.adjustments(settleLot, `status = 'proposed' AND id <= $4`+within("$1", "$2", "$3"), append(scopeArgs(b.Scope), b.Scope.UpTo)...)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		return ErrNoProposals
	}
	for _, a := range chosen {
		b.Count, b.Places = b.Count+1, b.Places+a.Places
	}
	if b.ID == 0 {
		_, err = t.row("INSERT INTO release_batch (at, by, reason, scope, applied, count, places) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
			[]any{millis(b.At), b.By, b.Reason, scope, b.Applied, b.Count, b.Places}, &b.ID)
	} else {
		var n int64
		if n, err = t.exec("UPDATE release_batch SET count = $2, places = $3 WHERE id = $1 AND undone_by = ''", b.ID, b.Count, b.Places); err == nil && n == 0 {
			err = errLotsOver
		}
	}
	if err != nil {
		return err
	}
	for _, a := range chosen {
		status := t.decide(&a.Adjustment, b.Applied, who.At)
		if err := t.settled(a.ID, status, b.ID, a.Adjustment, who); err != nil {
			return err
		}
	}
	return t.recordBatch(*b, map[bool]string{true: bot.AuditReleaseApply, false: bot.AuditReleaseReject}[b.Applied], who)
}

// UndoBatch takes a decision over many back, lot by lot: what was applied is
// undone, as each alone would be; what was rejected waits again, unless the same
// place has another proposal by now. Cut off, it is taken up by doing it again.
func (s *Store) UndoBatch(ctx context.Context, id int64, who Author) error {
	for more := true; more; {
		err := s.writer.commit(ctx, func(t *Tx) error {
			var err error
			more, err = t.undoLot(id, who)
			return err
		})
		if err != nil {
			return fmt.Errorf("undo batch: %w", err)
		}
	}
	return nil
}

// undoLot undoes some of a batch; with the last of them the batch is undone.
func (t *Tx) undoLot(id int64, who Author) (more bool, err error) {
	found, err := t.row("SELECT id FROM release_batch WHERE id = $1 AND undone_by = ''", []any{id}, new(int64))
	if err != nil || !found {
		return false, errors.Join(err, ErrDecided)
	}
	done, err := t.adjustments(settleLot, "status = 'applied' AND batch = $1", id)
	if err != nil {
		return false, err
	}
	for _, a := range done {
		if err := t.settled(a.ID, t.undo(&a.Adjustment, who.At), 0, a.Adjustment, who); err != nil {
			return false, err
		}
	}
	if len(done) == settleLot {
		return true, nil
	}
	if _, err := t.exec("UPDATE release_batch SET undone_by = $2, undone_at = $3 WHERE id = $1", id, who.By, millis(who.At)); err != nil {
		return false, err
	}
	if _, err := t.exec(`UPDATE adjustment SET status = 'proposed', decided_by = '', decided_at = 0 WHERE status = 'rejected' AND batch = $1
		AND NOT EXISTS (SELECT 1 FROM adjustment AS o WHERE o.status = 'proposed' AND o.hall = adjustment.hall AND o.grp = adjustment.grp)`, id); err != nil {
		return false, err
	}
	return false, t.recordBatch(booking.Batch{ID: id}, bot.AuditReleaseUndo, who)
}

// adjustments are those that a condition chooses, where places are short first,
// at most so many.
func (t *Tx) adjustments(most int, condition string, args ...any) ([]Adjustment, error) {
	var all []Adjustment
	err := t.rows("SELECT id, body FROM adjustment WHERE "+condition+fmt.Sprintf(" ORDER BY CASE WHEN kind = 'less' THEN 1 ELSE 0 END, id LIMIT %d", most), args,
		func(scan func(...any) error) error {
			var a Adjustment
			var raw string
			if err := scan(&a.ID, &raw); err != nil {
				return err
			}
			all = append(all, a)
			return json.Unmarshal([]byte(raw), &all[len(all)-1].Adjustment)
		})
	return all, err
}

// recordBatch keeps a decision over many with the plan's changes and in the
// audit trail.
func (t *Tx) recordBatch(b booking.Batch, deed string, who Author) error {
	subject := fmt.Sprintf("release_batch:%d", b.ID)
	if err := t.recordChange(subject, who, map[string]any{"deed": deed, "scope": b.Scope, "count": b.Count, "places": b.Places}); err != nil {
		return err
	}
	return t.Audit(bot.AuditEntry{At: who.At, Actor: who.By, Deed: deed, Subject: subject, Reason: who.Reason})
}

// Batches lists the latest decisions over many, newest first.
func (s *Store) Batches(ctx context.Context, limit int) ([]booking.Batch, error) {
	var all []booking.Batch
	err := s.rows(ctx, "SELECT id, at, by, reason, scope, applied, count, places, undone_by, undone_at FROM release_batch ORDER BY id DESC LIMIT $1",
		func(scan func(...any) error) error {
			var b booking.Batch
			var at, undone int64
			var scope string
			if err := scan(&b.ID, &at, &b.By, &b.Reason, &scope, &b.Applied, &b.Count, &b.Places, &b.UndoneBy, &undone); err != nil {
				return err
			}
			b.At, b.UndoneAt = fromMillis(at), fromMillis(undone)
			err := json.Unmarshal([]byte(scope), &b.Scope)
			all = append(all, b)
			return err
		}, limit)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	return all, nil
}
