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

// DecideAdjustments carries out or rejects the proposals of a scope, where
// places are short first, in one commit that also keeps who did it and why.
// Proposals made after scope.UpTo stay: nobody has looked at them.
func (s *Store) DecideAdjustments(ctx context.Context, scope booking.Scope, apply bool, who Author) (booking.Batch, error) {
	b := booking.Batch{At: who.At, By: who.By, Reason: who.Reason, Scope: scope, Applied: apply}
	body, err := json.Marshal(scope)
	if err != nil {
		return b, fmt.Errorf("encode scope: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		b.Count, b.Places = 0, 0
		chosen, err := t.adjustments(`status = 'proposed' AND id <= $4`+within("$1", "$2", "$3"), append(scopeArgs(scope), scope.UpTo)...)
		if err != nil {
			return err
		}
		if len(chosen) == 0 {
			return ErrNoProposals
		}
		for _, a := range chosen {
			b.Count, b.Places = b.Count+1, b.Places+a.Places
		}
		if _, err := t.row("INSERT INTO release_batch (at, by, reason, scope, applied, count, places) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
			[]any{millis(b.At), b.By, b.Reason, string(body), b.Applied, b.Count, b.Places}, &b.ID); err != nil {
			return err
		}
		for _, a := range chosen {
			status := t.decide(&a.Adjustment, apply, who.At)
			if err := t.settled(a.ID, status, b.ID, a.Adjustment, who); err != nil {
				return err
			}
		}
		return t.recordBatch(b, map[bool]string{true: bot.AuditReleaseApply, false: bot.AuditReleaseReject}[apply], who)
	})
	if err != nil {
		return b, fmt.Errorf("decide adjustments: %w", err)
	}
	return b, nil
}

// UndoBatch takes a decision over many back: what was applied is undone, as
// each alone would be; what was rejected waits again, unless the same place has
// another proposal by now.
func (s *Store) UndoBatch(ctx context.Context, id int64, who Author) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("UPDATE release_batch SET undone_by = $2, undone_at = $3 WHERE id = $1 AND undone_by = ''", id, who.By, millis(who.At))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrDecided
		}
		done, err := t.adjustments("status = 'applied' AND batch = $1", id)
		if err != nil {
			return err
		}
		for _, a := range done {
			if err := t.settled(a.ID, t.undo(&a.Adjustment, who.At), 0, a.Adjustment, who); err != nil {
				return err
			}
		}
		if _, err := t.exec(`UPDATE adjustment SET status = 'proposed', decided_by = '', decided_at = 0 WHERE status = 'rejected' AND batch = $1
			AND NOT EXISTS (SELECT 1 FROM adjustment AS o WHERE o.status = 'proposed' AND o.hall = adjustment.hall AND o.grp = adjustment.grp)`, id); err != nil {
			return err
		}
		return t.recordBatch(booking.Batch{ID: id}, bot.AuditReleaseUndo, who)
	})
	if err != nil {
		return fmt.Errorf("undo batch: %w", err)
	}
	return nil
}

// adjustments are those that a condition chooses, where places are short first,
// at most as many as are decided at once.
func (t *Tx) adjustments(condition string, args ...any) ([]Adjustment, error) {
	var all []Adjustment
	err := t.rows("SELECT id, body FROM adjustment WHERE "+condition+fmt.Sprintf(" ORDER BY CASE WHEN kind = 'less' THEN 1 ELSE 0 END, id LIMIT %d", booking.MostDecided), args,
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
