package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
)

// mostOpenLessons is how many lessons of one citizen may wait to be
// looked at: nobody fills the list by themselves.
const mostOpenLessons = 20

// ErrNoLesson means there is no lesson of a number that is still to
// be decided.
var ErrNoLesson = errors.New("no such lesson to decide")

// lessonBody is what is sealed of a lesson.
type lessonBody struct {
	Text string `json:"text"`
}

// KeepLesson implements bot.LessonKeeper.
func (t *Tx) KeepLesson(c bot.Lesson) error {
	digest := t.s.ring.blind("lesson", strings.ToLower(strings.Join(strings.Fields(c.Text), ""))+"\x00"+string(c.Intent))
	n, err := t.exec("UPDATE lesson SET times = times + 1 WHERE digest = $1 AND status = 'open'", digest)
	if err != nil || n > 0 {
		return err
	}
	open := 0
	if _, err := t.row("SELECT COUNT(*) FROM lesson WHERE citizen = $1 AND status = 'open'", []any{c.Citizen}, &open); err != nil {
		return err
	}
	if open >= mostOpenLessons {
		return nil
	}
	id := t.w.next.lesson
	body, err := t.sealJSON(c.Citizen, "lesson.body", rowID(id), lessonBody{c.Text})
	if err != nil {
		return err
	}
	t.w.next.lesson++
	_, err = t.exec(`INSERT INTO lesson (id, citizen, operator, was, intent, times, status, at, digest, body)
		VALUES ($1, $2, $3, $4, $5, 1, 'open', $6, $7, $8)`, id, c.Citizen, c.By, c.Was, c.Intent, millis(c.At), digest, body)
	return err
}

// Lessons lists lessons of a status, those said most often first; an
// empty status lists all. Those of forgotten citizens are left out.
func (s *Store) Lessons(ctx context.Context, status bot.LessonStatus, limit int) ([]bot.Lesson, error) {
	type sealed struct {
		bot.Lesson
		body []byte
	}
	var found []sealed
	err := s.rows(ctx, `SELECT id, citizen, operator, was, intent, times, status, decider, at, body FROM lesson
		WHERE $1 = '' OR status = $1 ORDER BY times DESC, id LIMIT $2`, func(scan func(...any) error) error {
		var c sealed
		var at int64
		err := scan(&c.ID, &c.Citizen, &c.By, &c.Was, &c.Intent, &c.Times, &c.Status, &c.Decider, &at, &c.body)
		c.At = fromMillis(at)
		found = append(found, c)
		return err
	}, status, limit)
	if err != nil {
		return nil, fmt.Errorf("list lessons: %w", err)
	}
	var out []bot.Lesson
	for _, c := range found {
		aead, err := s.keyFunc(ctx)(c.Citizen)
		if err != nil {
			return nil, err
		}
		if aead == nil {
			continue
		}
		var body lessonBody
		if err := openJSON(aead, "lesson.body", rowID(c.ID), c.body, &body); err != nil {
			return nil, err
		}
		c.Text = body.Text
		out = append(out, c.Lesson)
	}
	return out, nil
}

// DecideLesson accepts or rejects a lesson; one that was accepted and
// not learnt yet may be decided again.
func (s *Store) DecideLesson(ctx context.Context, id int64, v bot.Verdict) error {
	status := bot.LessonRejected
	if v.Accept {
		status = bot.LessonAccepted
	}
	return s.writer.commit(ctx, func(t *Tx) error {
		var citizen bot.CitizenID
		var intent bot.Intent
		found, err := t.row("SELECT citizen, intent FROM lesson WHERE id = $1 AND status IN ('open', 'accepted')", []any{id}, &citizen, &intent)
		switch {
		case err != nil:
			return err
		case !found:
			return ErrNoLesson
		case v.Intent != "":
			intent = v.Intent
		}
		if v.Accept && intent == "" {
			return fmt.Errorf("%w: it names no intent", ErrNoLesson)
		}
		if v.Text != "" {
			body, err := t.sealJSON(citizen, "lesson.body", rowID(id), lessonBody{v.Text})
			if err != nil {
				return err
			}
			if _, err := t.exec("UPDATE lesson SET body = $2 WHERE id = $1", id, body); err != nil {
				return err
			}
		}
		_, err = t.exec("UPDATE lesson SET status = $2, intent = $3, decider = $4, decided_at = $5 WHERE id = $1", id, status, intent, v.By, millis(v.At))
		return err
	})
}

// Learnt marks accepted lessons as known to the model in service.
func (s *Store) Learnt(ctx context.Context, ids []int64, at time.Time) error {
	return s.writer.commit(ctx, func(t *Tx) error {
		for _, id := range ids {
			if _, err := t.exec("UPDATE lesson SET status = 'learnt', decided_at = $2 WHERE id = $1 AND status = 'accepted'", id, millis(at)); err != nil {
				return err
			}
		}
		return nil
	})
}
