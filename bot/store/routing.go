package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"guanjia/bot"
	"guanjia/bot/routing"
)

// SaveOperator sets what an operator can be asked for.
func (s *Store) SaveOperator(ctx context.Context, name string, capacity int, v routing.Skills) error {
	skills, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode skills: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec(`INSERT INTO operator (staff, capacity, skills) VALUES ($1, $2, $3)
			ON CONFLICT (staff) DO UPDATE SET capacity = excluded.capacity, skills = excluded.skills`, name, capacity, string(skills))
		return err
	})
	if err != nil {
		return fmt.Errorf("save operator: %w", err)
	}
	return nil
}

// SetPresence says whether an operator is asked. What was offered to who goes
// away is free for others at once.
func (s *Store) SetPresence(ctx context.Context, name string, state routing.Presence, now time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error { return t.setPresence(name, state, now) })
	if err != nil {
		return fmt.Errorf("set presence: %w", err)
	}
	return nil
}

func (t *Tx) setPresence(name string, state routing.Presence, now time.Time) error {
	n, err := t.exec(`INSERT INTO operator (staff, state, capacity, alive_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (staff) DO UPDATE SET state = excluded.state, alive_until = CASE WHEN operator.alive_until > excluded.alive_until THEN operator.alive_until ELSE excluded.alive_until END
		WHERE operator.state <> excluded.state OR operator.alive_until < excluded.alive_until`,
		name, state, routing.UsualCapacity, millis(now.Add(routing.LeaseTime)))
	if err != nil || n == 0 {
		return err
	}
	if state != routing.On {
		if err := t.takeBack(name, now); err != nil {
			return err
		}
	}
	return t.Announce(bot.Change{At: now, Kind: bot.ChangePresence, Ref: name})
}

// takeBack frees what is offered to an operator.
func (t *Tx) takeBack(name string, now time.Time) error {
	var freed []bot.CitizenID
	err := t.rows("UPDATE handoff SET offered_to = '', offer_until = 0 WHERE status = 'waiting' AND offered_to = $1 RETURNING citizen", []any{name},
		func(scan func(...any) error) error {
			var id bot.CitizenID
			err := scan(&id)
			freed = append(freed, id)
			return err
		})
	for _, id := range freed {
		if err == nil {
			err = t.Announce(bot.Change{At: now, Kind: bot.ChangeOffered, Citizen: id})
		}
	}
	return err
}

// KeepAlive extends the leases of operators with a page connected. Those that
// hold long enough are not written.
func (s *Store) KeepAlive(ctx context.Context, names []string, now time.Time) error {
	alive := map[string]bool{}
	err := s.rows(ctx, "SELECT staff FROM operator WHERE alive_until > $1", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		alive[name] = true
		return err
	}, millis(now.Add(routing.LeaseTime*2/3)))
	if err != nil {
		return fmt.Errorf("read leases: %w", err)
	}
	var late []string
	for _, n := range names {
		if !alive[n] {
			late = append(late, n)
		}
	}
	if len(late) == 0 {
		return nil
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		for _, n := range late {
			if _, err := t.exec(`INSERT INTO operator (staff, capacity, alive_until) VALUES ($1, $2, $3)
				ON CONFLICT (staff) DO UPDATE SET alive_until = CASE WHEN operator.alive_until > excluded.alive_until THEN operator.alive_until ELSE excluded.alive_until END`,
				n, routing.UsualCapacity, millis(now.Add(routing.LeaseTime))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("extend leases: %w", err)
	}
	return nil
}

// Forsaken lists conversations held by operators whose lease is over; whoever
// has just taken one is there, page or none.
func (s *Store) Forsaken(ctx context.Context, now time.Time) ([]bot.Handoff, error) {
	var out []bot.Handoff
	err := s.rows(ctx, `SELECT h.citizen, h.operator FROM handoff h JOIN operator o ON o.staff = h.operator
		WHERE h.status = 'taken' AND o.alive_until > 0 AND o.alive_until <= $1 AND h.taken_at <= $2 ORDER BY h.id`,
		func(scan func(...any) error) error {
			var h bot.Handoff
			err := scan(&h.Citizen, &h.Operator)
			out = append(out, h)
			return err
		}, millis(now), millis(now.Add(-routing.LeaseTime)))
	if err != nil {
		return nil, fmt.Errorf("find forsaken conversations: %w", err)
	}
	return out, nil
}

// Lapse takes back offers that were not taken in time; who was asked is away.
func (s *Store) Lapse(ctx context.Context, now time.Time) error {
	missed := map[string]bool{}
	err := s.rows(ctx, "SELECT DISTINCT offered_to FROM handoff WHERE status = 'waiting' AND offered_to <> '' AND offer_until <= $1",
		func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			missed[name] = true
			return err
		}, millis(now))
	if err != nil || len(missed) == 0 {
		return err
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		for name := range missed {
			if err := t.setPresence(name, routing.Away, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take back offers: %w", err)
	}
	return nil
}

// Offer makes offers of what waits still and is offered to nobody.
func (s *Store) Offer(ctx context.Context, offers []routing.Offer, now time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, o := range offers {
			n, err := t.exec("UPDATE handoff SET offered_to = $2, offer_until = $3 WHERE id = $1 AND status = 'waiting' AND offered_to = ''",
				o.Handoff, o.Operator, millis(now.Add(routing.OfferTime)))
			if err != nil {
				return err
			}
			if n == 0 {
				continue // taken meanwhile
			}
			if _, err := t.exec("UPDATE operator SET asked_at = $2 WHERE staff = $1", o.Operator, millis(now)); err != nil {
				return err
			}
			if err := t.Announce(bot.Change{At: now, Kind: bot.ChangeOffered, Citizen: o.Citizen, Ref: o.Operator}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("make offers: %w", err)
	}
	return nil
}

// Operators lists who works at conversations, with how they stand now.
func (s *Store) Operators(ctx context.Context, now time.Time) ([]routing.Operator, error) {
	var out []routing.Operator
	err := s.rows(ctx, `SELECT s.name, s.town, COALESCE(o.state, 'away'), COALESCE(o.capacity, $2), COALESCE(o.skills, '{}'), COALESCE(o.alive_until, 0), COALESCE(o.asked_at, 0),
		(SELECT COUNT(*) FROM handoff h WHERE h.status <> 'closed' AND (h.status = 'taken' AND h.operator = s.name OR h.status = 'waiting' AND h.offered_to = s.name AND h.offer_until > $1))
		FROM staff s LEFT JOIN operator o ON o.staff = s.name WHERE s.role IN ('operator', 'supervisor', 'administrator') ORDER BY s.name`,
		func(scan func(...any) error) error {
			var o routing.Operator
			var skills string
			var alive, asked int64
			if err := scan(&o.Name, &o.Town, &o.Presence, &o.Capacity, &skills, &alive, &asked, &o.Load); err != nil {
				return err
			}
			if alive <= millis(now) {
				o.Presence = routing.Off
			}
			o.Asked = fromMillis(asked)
			out = append(out, o)
			return json.Unmarshal([]byte(skills), &out[len(out)-1].Skills)
		}, millis(now), routing.UsualCapacity)
	if err != nil {
		return nil, fmt.Errorf("list operators: %w", err)
	}
	return out, nil
}

// Presence is whether an operator is asked.
func (s *Store) Presence(ctx context.Context, name string, now time.Time) (routing.Presence, error) {
	state := routing.Away
	err := s.rows(ctx, "SELECT state FROM operator WHERE staff = $1", func(scan func(...any) error) error { return scan(&state) }, name)
	if err != nil {
		return state, fmt.Errorf("read presence: %w", err)
	}
	return state, nil
}

// OnDuty says whether anybody is asked at all.
func (s *Store) OnDuty(ctx context.Context, now time.Time) (bool, error) {
	n := 0
	err := s.rows(ctx, "SELECT COUNT(*) FROM operator WHERE state = 'on' AND alive_until > $1", func(scan func(...any) error) error {
		return scan(&n)
	}, millis(now))
	if err != nil {
		return false, fmt.Errorf("count who is on duty: %w", err)
	}
	return n > 0, nil
}

// Queue lists what waits, first in line first, without packets.
func (s *Store) Queue(ctx context.Context, now time.Time) ([]routing.Waiting, error) {
	var out []routing.Waiting
	err := s.rows(ctx, `SELECT id, citizen, channel, priority, at, language, intent, town, wanted, CASE WHEN offer_until > $1 THEN offered_to ELSE '' END
		FROM handoff WHERE status = 'waiting' ORDER BY priority, id`, func(scan func(...any) error) error {
		var w routing.Waiting
		var at int64
		err := scan(&w.Handoff, &w.Citizen, &w.Channel, &w.Priority, &at, &w.Language, &w.Topic, &w.Town, &w.Group, &w.Offered)
		w.Since = fromMillis(at)
		out = append(out, w)
		return err
	}, millis(now))
	if err != nil {
		return nil, fmt.Errorf("list the queue: %w", err)
	}
	return out, nil
}
