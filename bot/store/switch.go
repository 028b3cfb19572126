package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"guanjia/bot"
)

const switchColumns = `id, kind, topic, text, text_en, status, until, proposed_by, proposed_at, approved_by, approved_at, end_by, ended_by, ended_at`

// ProposeSwitch keeps what an administrator proposes until another decides.
func (s *Store) ProposeSwitch(ctx context.Context, v bot.Switch) (id int64, err error) {
	if !v.Fit(v.ProposedAt) {
		return 0, bot.ErrSwitchBad
	}
	s.switches.mu.Lock()
	defer s.switches.mu.Unlock()
	err = s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.row(`INSERT INTO switch (kind, topic, text, text_en, status, until, proposed_by, proposed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
			[]any{v.Kind, v.Topic, v.Text, v.TextEN, bot.SwitchProposed, millis(v.Until), v.ProposedBy, millis(v.ProposedAt)}, &id)
		if err != nil {
			return err
		}
		v.ID = id
		return t.auditSwitch(v, v.ProposedBy, bot.AuditSwitchPropose, v.ProposedAt)
	})
	if err != nil {
		return 0, fmt.Errorf("propose switch: %w", err)
	}
	return id, s.readSwitches(context.WithoutCancel(ctx))
}

// DecideSwitch approves or refuses what waits for a second administrator: a
// switch, or its end. Who proposed it may only take it back.
func (s *Store) DecideSwitch(ctx context.Context, id int64, by string, approve bool, at time.Time) error {
	return s.turnSwitch(ctx, id, "decide switch", func(v *bot.Switch) (deed string, err error) {
		switch {
		case v.Status == bot.SwitchProposed && !approve:
			v.Status, v.EndBy, v.EndedAt = bot.SwitchRefused, by, at
			return bot.AuditSwitchRefuse, nil
		case v.Status == bot.SwitchEnding && !approve && at.Before(v.Until):
			v.Status, v.EndBy = bot.SwitchOn, ""
			return bot.AuditSwitchRefuse, nil
		case v.Status == bot.SwitchProposed && at.Before(v.Until):
			if by == v.ProposedBy {
				return "", bot.ErrSameKey
			}
			v.Status, v.ApprovedBy, v.ApprovedAt = bot.SwitchOn, by, at
			return bot.AuditSwitchApprove, nil
		case v.Status == bot.SwitchEnding && at.Before(v.Until):
			if by == v.EndBy {
				return "", bot.ErrSameKey
			}
			v.Status, v.EndedBy, v.EndedAt = bot.SwitchEnded, by, at
			return bot.AuditSwitchEnd, nil
		}
		return "", bot.ErrSwitchOver
	}, by, at)
}

// EndSwitch proposes that what is in force end before its time.
func (s *Store) EndSwitch(ctx context.Context, id int64, by string, at time.Time) error {
	return s.turnSwitch(ctx, id, "propose the end of a switch", func(v *bot.Switch) (string, error) {
		if v.Status != bot.SwitchOn || !at.Before(v.Until) {
			return "", bot.ErrSwitchOver
		}
		v.Status, v.EndBy = bot.SwitchEnding, by
		return bot.AuditSwitchEnding, nil
	}, by, at)
}

// ExpireSwitches closes what its time is over for, proposals too.
func (s *Store) ExpireSwitches(ctx context.Context, now time.Time) error {
	for _, v := range *s.switches.all.Load() {
		open := v.Status == bot.SwitchProposed || v.Status == bot.SwitchOn || v.Status == bot.SwitchEnding
		if !open || now.Before(v.Until) {
			continue
		}
		err := s.turnSwitch(ctx, v.ID, "expire switch", func(v *bot.Switch) (string, error) {
			v.EndBy, v.EndedAt = "", v.Until
			if v.Status == bot.SwitchProposed {
				v.Status = bot.SwitchRefused
			} else {
				v.Status = bot.SwitchEnded
			}
			return bot.AuditSwitchExpire, nil
		}, "system", now)
		if err != nil {
			return err
		}
	}
	return nil
}

// turnSwitch changes one switch and notes the deed in the trail, in one commit.
func (s *Store) turnSwitch(ctx context.Context, id int64, what string, turn func(*bot.Switch) (string, error), by string, at time.Time) error {
	s.switches.mu.Lock() // what is in force follows the commits in their order
	defer s.switches.mu.Unlock()
	err := s.writer.commit(ctx, func(t *Tx) error {
		var v bot.Switch
		found := false
		err := t.rows("SELECT "+switchColumns+" FROM switch WHERE id = $1", []any{id}, func(scan func(...any) error) (err error) {
			found = true
			v, err = scanSwitch(scan)
			return err
		})
		if err == nil && !found {
			err = bot.ErrSwitchOver
		}
		if err != nil {
			return err
		}
		deed, err := turn(&v)
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE switch SET status = $2, approved_by = $3, approved_at = $4, end_by = $5, ended_by = $6, ended_at = $7 WHERE id = $1",
			v.ID, v.Status, v.ApprovedBy, millis(v.ApprovedAt), v.EndBy, v.EndedBy, millis(v.EndedAt)); err != nil {
			return err
		}
		return t.auditSwitch(v, by, deed, at)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.readSwitches(context.WithoutCancel(ctx))
}

func (t *Tx) auditSwitch(v bot.Switch, by, deed string, at time.Time) error {
	reason := string(v.Kind)
	if v.Topic != "" {
		reason += ":" + string(v.Topic)
	}
	return t.Audit(bot.AuditEntry{At: at, Actor: by, Deed: deed, Subject: "switch:" + strconv.FormatInt(v.ID, 10), Reason: reason})
}

// Switches lists switches, the newest first.
func (s *Store) Switches(ctx context.Context, limit int) ([]bot.Switch, error) {
	var out []bot.Switch
	err := s.rows(ctx, "SELECT "+switchColumns+" FROM switch ORDER BY id DESC LIMIT $1", func(scan func(...any) error) error {
		v, err := scanSwitch(scan)
		out = append(out, v)
		return err
	}, limit)
	if err != nil {
		return nil, fmt.Errorf("list switches: %w", err)
	}
	return out, nil
}

// InForce implements bot.Switchboard.
func (s *Store) InForce(now time.Time) []bot.Switch {
	var out []bot.Switch
	for _, v := range *s.switches.all.Load() {
		if v.InForce(now) {
			out = append(out, v)
		}
	}
	return out
}

// readSwitches reads what may be in force, the latest approved first.
func (s *Store) readSwitches(ctx context.Context) error {
	var all []bot.Switch
	err := s.rows(ctx, "SELECT "+switchColumns+" FROM switch WHERE status IN ('proposed', 'on', 'ending') ORDER BY approved_at DESC, id DESC",
		func(scan func(...any) error) error {
			v, err := scanSwitch(scan)
			all = append(all, v)
			return err
		})
	if err != nil {
		return fmt.Errorf("read switches: %w", err)
	}
	all = slices.Clip(all)
	s.switches.all.Store(&all)
	return nil
}

func scanSwitch(scan func(...any) error) (v bot.Switch, err error) {
	var until, proposed, approved, ended int64
	err = scan(&v.ID, &v.Kind, &v.Topic, &v.Text, &v.TextEN, &v.Status, &until, &v.ProposedBy, &proposed,
		&v.ApprovedBy, &approved, &v.EndBy, &v.EndedBy, &ended)
	v.Until, v.ProposedAt, v.ApprovedAt, v.EndedAt = fromMillis(until), fromMillis(proposed), fromMillis(approved), fromMillis(ended)
	return v, err
}
