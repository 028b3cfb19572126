package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"guanjia/bot"
)

// packet is what is sealed of a handoff.
type packet struct {
	Summary string            `json:"summary"`
	Slots   map[string]string `json:"slots,omitempty"`
	Tried   []string          `json:"tried,omitempty"`
	Note    string            `json:"note,omitempty"`
}

// OpenHandoff implements bot.Tx. An open handoff of the citizen is kept; a
// more urgent reason moves it forward.
func (t *Tx) OpenHandoff(h bot.Handoff) (int, error) {
	var id int64
	found, err := t.row("SELECT id FROM handoff WHERE citizen = $1 AND status <> 'closed'", []any{h.Citizen}, &id)
	if err != nil {
		return 0, err
	}
	if found {
		err = t.raiseHandoff(id, h)
	} else {
		id, err = t.newHandoff(h)
	}
	if err != nil {
		return 0, err
	}
	place := 0
	_, err = t.row(`SELECT COUNT(*) FROM handoff a, handoff b WHERE b.id = $1 AND a.status = 'waiting' AND (a.parted_at = 0 OR a.id = b.id)
		AND (a.priority < b.priority OR a.priority = b.priority AND a.id <= b.id)`, []any{id}, &place)
	return place, err
}

func (t *Tx) newHandoff(h bot.Handoff) (int64, error) {
	id := t.w.next.handoff
	body, err := t.sealJSON(h.Citizen, "handoff.body", rowID(id), packet{Summary: h.Summary, Slots: h.Slots, Tried: h.Tried})
	if err != nil {
		return 0, err
	}
	t.w.next.handoff++
	if _, err := t.exec(`INSERT INTO handoff (id, citizen, channel, reason, priority, intent, town, status, at, body, language)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id, h.Citizen, h.Channel, h.Reason, h.Priority, h.Intent, h.Town, bot.HandoffWaiting, millis(h.At), body, h.Language); err != nil {
		return 0, err
	}
	return id, t.Announce(bot.Change{At: h.At, Kind: bot.ChangeQueued, Citizen: h.Citizen, Ref: strconv.FormatInt(id, 10)})
}

func (t *Tx) raiseHandoff(id int64, h bot.Handoff) error {
	if h.Town != "" { // told meanwhile, or where what is more urgent is
		if _, err := t.exec("UPDATE handoff SET town = $2 WHERE id = $1 AND (town = '' OR priority > $3)", id, h.Town, h.Priority); err != nil {
			return err
		}
	}
	body, err := t.sealJSON(h.Citizen, "handoff.body", rowID(id), packet{Summary: h.Summary, Slots: h.Slots, Tried: h.Tried})
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE handoff SET priority = $2, reason = $3, body = $4 WHERE id = $1 AND priority > $2",
		id, h.Priority, h.Reason, body)
	return err
}

// PartHandoff implements bot.Tx.
func (t *Tx) PartHandoff(citizen bot.CitizenID, gone bool, at time.Time) error {
	parted := int64(0)
	if gone {
		parted = millis(at)
	}
	n, err := t.exec("UPDATE handoff SET parted_at = $2 WHERE citizen = $1 AND status = 'waiting'", citizen, parted)
	if err != nil || n == 0 {
		return err
	}
	return t.Announce(bot.Change{At: at, Kind: bot.ChangeQueued, Citizen: citizen})
}

// TakeHandoff implements bot.Tx.
func (t *Tx) TakeHandoff(citizen bot.CitizenID, operator string, at time.Time) error {
	var asked string
	found, err := t.row("SELECT offered_to FROM handoff WHERE citizen = $1 AND status = 'waiting' AND offer_until > $2", []any{citizen, millis(at)}, &asked)
	if err == nil && found && asked != "" && asked != operator {
		err = bot.ErrOffered
	}
	if err != nil {
		return err
	}
	n, err := t.exec(`UPDATE handoff SET status = 'taken', operator = $2, taken_at = $3, offered_to = '', offer_until = 0
		WHERE citizen = $1 AND status = 'waiting'`, citizen, operator, millis(at))
	if err != nil || n == 0 {
		return err
	}
	return t.Announce(bot.Change{At: at, Kind: bot.ChangeTaken, Citizen: citizen})
}

// PassHandoff implements bot.Tx. Its place in the queue is by number, so that
// one that goes back stands where it stood.
func (t *Tx) PassHandoff(citizen bot.CitizenID, to bot.Target, at time.Time) error {
	status, kind := bot.HandoffTaken, bot.ChangeTaken
	if to.Operator == "" {
		status, kind = bot.HandoffWaiting, bot.ChangeQueued
	}
	n, err := t.exec(`UPDATE handoff SET status = $2, operator = $3, wanted = $4, town = CASE WHEN $5 = '' THEN town ELSE $5 END
		WHERE citizen = $1 AND status = 'taken'`, citizen, status, to.Operator, to.Group, to.Town)
	if err != nil || n == 0 {
		return err
	}
	return t.Announce(bot.Change{At: at, Kind: kind, Citizen: citizen})
}

// Absent lists conversations held by desk accounts that have no session used
// since used and begun since began: nobody is there to go on with them.
func (s *Store) Absent(ctx context.Context, began, used time.Time) ([]bot.Handoff, error) {
	var out []bot.Handoff
	err := s.rows(ctx, `SELECT citizen, operator FROM handoff WHERE status = 'taken' AND operator IN (SELECT name FROM staff)
		AND operator NOT IN (SELECT staff FROM session WHERE stage = '' AND created_at >= $1 AND seen_at >= $2) ORDER BY id`,
		func(scan func(...any) error) error {
			var h bot.Handoff
			err := scan(&h.Citizen, &h.Operator)
			out = append(out, h)
			return err
		}, millis(began), millis(used))
	if err != nil {
		return nil, fmt.Errorf("find conversations nobody is at: %w", err)
	}
	return out, nil
}

// Present lists the desk accounts with a session used since used and begun
// since began.
func (s *Store) Present(ctx context.Context, began, used time.Time) ([]string, error) {
	var out []string
	err := s.rows(ctx, "SELECT DISTINCT staff FROM session WHERE stage = '' AND created_at >= $1 AND seen_at >= $2 ORDER BY staff",
		func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			out = append(out, name)
			return err
		}, millis(began), millis(used))
	return out, err
}

// LastHandoff is a citizen's latest handoff without its packet; found is false
// if there was none.
func (s *Store) LastHandoff(ctx context.Context, citizen bot.CitizenID) (h bot.Handoff, found bool, err error) {
	err = s.rows(ctx, "SELECT id, status, operator, town, at, taken_at, closed_at FROM handoff WHERE citizen = $1 ORDER BY id DESC LIMIT 1",
		func(scan func(...any) error) error {
			var at, taken, closed int64
			err := scan(&h.ID, &h.Status, &h.Operator, &h.Town, &at, &taken, &closed)
			h.Citizen, h.At, h.TakenAt, h.ClosedAt = citizen, fromMillis(at), fromMillis(taken), fromMillis(closed)
			found = true
			return err
		}, citizen)
	if err != nil {
		return h, false, fmt.Errorf("find handoff: %w", err)
	}
	return h, found, nil
}

// CloseHandoff implements bot.Tx.
func (t *Tx) CloseHandoff(citizen bot.CitizenID, note string, at time.Time) error {
	var id int64
	var body []byte
	found, err := t.row("SELECT id, body FROM handoff WHERE citizen = $1 AND status <> 'closed'", []any{citizen}, &id, &body)
	if err != nil || !found {
		return err
	}
	aead, err := t.key(citizen)
	if err != nil {
		return err
	}
	var p packet
	if err := openJSON(aead, "handoff.body", rowID(id), body, &p); err != nil {
		return err
	}
	p.Note = note
	if body, err = t.sealJSON(citizen, "handoff.body", rowID(id), p); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE handoff SET status = 'closed', closed_at = $2, body = $3 WHERE id = $1", id, millis(at), body); err != nil {
		return err
	}
	return t.Announce(bot.Change{At: at, Kind: bot.ChangeClosed, Citizen: citizen, Ref: strconv.FormatInt(id, 10)})
}

// Handoffs lists handoffs, first in line first; open ones only if asked.
func (s *Store) Handoffs(ctx context.Context, open bool, limit int) ([]bot.Handoff, error) {
	where := ""
	if open {
		where = " WHERE status <> 'closed'"
	}
	return s.handoffs(ctx, where+" ORDER BY CASE status WHEN 'waiting' THEN 0 WHEN 'taken' THEN 1 ELSE 2 END, priority, id LIMIT $1", limit)
}

// OpenHandoff is a citizen's open handoff; found is false if there is none.
func (s *Store) OpenHandoff(ctx context.Context, citizen bot.CitizenID) (h bot.Handoff, found bool, err error) {
	all, err := s.handoffs(ctx, " WHERE citizen = $1 AND status <> 'closed'", citizen)
	if err != nil || len(all) == 0 {
		return h, false, err
	}
	return all[0], true, nil
}

func (s *Store) handoffs(ctx context.Context, where string, args ...any) ([]bot.Handoff, error) {
	type sealed struct {
		h    bot.Handoff
		body []byte
	}
	var found []sealed
	err := s.rows(ctx, `SELECT id, citizen, channel, reason, priority, intent, town, status, operator, at, taken_at, closed_at, body,
		language, wanted, offered_to, offer_until, parted_at FROM handoff`+where, func(scan func(...any) error) error {
		var r sealed
		var at, taken, closed, offered, parted int64
		if err := scan(&r.h.ID, &r.h.Citizen, &r.h.Channel, &r.h.Reason, &r.h.Priority, &r.h.Intent, &r.h.Town,
			&r.h.Status, &r.h.Operator, &at, &taken, &closed, &r.body,
			&r.h.Language, &r.h.Wanted, &r.h.Offered, &offered, &parted); err != nil {
			return err
		}
		r.h.At, r.h.TakenAt, r.h.ClosedAt = fromMillis(at), fromMillis(taken), fromMillis(closed)
		r.h.OfferUntil, r.h.Parted = fromMillis(offered), fromMillis(parted)
		found = append(found, r)
		return nil
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list handoffs: %w", err)
	}
	out := make([]bot.Handoff, 0, len(found))
	for _, r := range found {
		aead, err := s.keyFunc(ctx)(r.h.Citizen)
		if err != nil {
			return nil, err
		}
		var p packet
		if aead != nil {
			if err := openJSON(aead, "handoff.body", rowID(r.h.ID), r.body, &p); err != nil {
				return nil, err
			}
		}
		r.h.Summary, r.h.Slots, r.h.Tried, r.h.Note = p.Summary, p.Slots, p.Tried, p.Note
		out = append(out, r.h)
	}
	return out, nil
}
