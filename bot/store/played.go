package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
)

// AddPlayed makes the accounts of simulated operators; they go with ClearDemo.
func (s *Store) AddPlayed(ctx context.Context, all []Staff) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, v := range all {
			n, err := t.exec(`INSERT INTO staff (name, role, secret, created_at, simulated) VALUES ($1, $2, $3, $4, 1)
				ON CONFLICT (name) DO UPDATE SET secret = excluded.secret WHERE staff.simulated = 1`, v.Name, v.Role, v.Secret, millis(v.CreatedAt))
			if err != nil {
				return err
			}
			if n == 0 {
				return ErrStaffExists // somebody's
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add simulated operators: %w", err)
	}
	return nil
}

// PlayedDay is how a day that was pressed into minutes is laid out: of the citizens
// who came after Began a part has come by At, in the order in which they came, and
// their talks go so many times Slower than they were played, as far as they are
// over by Now.
type PlayedDay struct {
	Began, Now time.Time
	At         func(part float64) time.Time
	Slower     int64
}

// Spread lays what simulated citizens said and asked a person for over a longer
// span, so that a day that was pressed into minutes reads like a day: each
// citizen's talk is moved as a whole, and at a person's pace.
func (s *Store) Spread(ctx context.Context, day PlayedDay) error {
	if !day.Began.Before(day.Now) || day.At == nil || day.Slower < 1 {
		return fmt.Errorf("spread a played day: no time between %s and %s", day.Began, day.Now)
	}
	if err := s.Settle(ctx); err != nil {
		return fmt.Errorf("spread a played day: %w", err)
	}
	err := s.writer.commit(ctx, func(t *Tx) error {
		var talks []playedTalk
		err := t.rows("SELECT citizen, MIN(at), MAX(at) FROM line WHERE "+ofSimulated+" AND at >= $1 GROUP BY citizen ORDER BY MIN(at), citizen", []any{millis(day.Began)},
			func(scan func(...any) error) error {
				var v playedTalk
				err := scan(&v.citizen, &v.first, &v.last)
				talks = append(talks, v)
				return err
			})
		if err != nil {
			return err
		}
		for i, v := range talks {
			at, slower := day.lay(v, (float64(i)+.5)/float64(len(talks)))
			for _, query := range []string{
				"UPDATE line SET at = $2 + (at - $3) * $4 / 1000 WHERE citizen = $1 AND at >= $3",
				"UPDATE rating SET at = $2 + (at - $3) * $4 / 1000 WHERE citizen = $1 AND at >= $3",
				`UPDATE handoff SET at = $2 + (at - $3) * $4 / 1000, taken_at = CASE WHEN taken_at = 0 THEN 0 ELSE $2 + (taken_at - $3) * $4 / 1000 END,
					closed_at = CASE WHEN closed_at = 0 THEN 0 ELSE $2 + (closed_at - $3) * $4 / 1000 END WHERE citizen = $1 AND at >= $3 AND status = 'closed'`,
			} {
				if _, err := t.exec(query, v.citizen, at, v.first, slower); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("spread a played day: %w", err)
	}
	s.recent.clear()
	return nil
}

// playedTalk is when a citizen's first and last words were, in ms.
type playedTalk struct {
	citizen     bot.CitizenID
	first, last int64
}

// farewell is how long after the last words what belongs to a talk may still be
// written, in ms.
const farewell = 2000

// lay says when a talk begins in the day it is laid over, that part of all having
// begun before, and how many thousandths slower than it was played it goes.
func (d PlayedDay) lay(v playedTalk, part float64) (at, slower int64) {
	at = min(millis(d.At(part)), millis(d.Now)-(v.last-v.first+farewell)) // over by now
	slower = 1000 * d.Slower
	if left := 1000 * (millis(d.Now) - at) / (v.last - v.first + farewell); slower > left {
		slower = max(left, 1000)
	}
	return at, slower
}
