package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"guanjia/bot"
)

// servedLast is how long after an operator ended a conversation a rating is of
// their service.
const servedLast = 24 * time.Hour

// KeepRating implements bot.RatingKeeper.
func (t *Tx) KeepRating(r bot.Rating) error {
	if _, err := t.row("SELECT operator, town FROM handoff WHERE citizen = $1 AND status = 'closed' AND closed_at >= $2 ORDER BY id DESC LIMIT 1",
		[]any{r.Citizen, millis(r.At.Add(-servedLast))}, &r.Operator, &r.Town); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO rating (citizen, channel, town, operator, score, at) VALUES ($1, $2, $3, $4, $5, $6)",
		r.Citizen, r.Channel, r.Town, r.Operator, r.Score, millis(r.At))
	return err
}

// ratingsSince reads how citizens found it since an instant.
func (s *Store) ratingsSince(ctx context.Context, since time.Time) ([]bot.Rating, error) {
	var out []bot.Rating
	err := s.rows(ctx, "SELECT citizen, channel, town, operator, score, at FROM rating WHERE at >= $1 ORDER BY id", func(scan func(...any) error) error {
		var v bot.Rating
		var at int64
		err := scan(&v.Citizen, &v.Channel, &v.Town, &v.Operator, &v.Score, &at)
		v.At = fromMillis(at)
		out = append(out, v)
		return err
	}, millis(since))
	if err != nil {
		return nil, fmt.Errorf("read ratings: %w", err)
	}
	return out, nil
}

// SaveSample keeps a score sheet; the same supervisor's later one of the same
// conversation takes its place.
func (s *Store) SaveSample(ctx context.Context, v bot.Sample) error {
	marks, err := json.Marshal(v.Marks)
	if err != nil {
		return fmt.Errorf("write marks: %w", err)
	}
	err = s.writer.commit(ctx, func(t *Tx) error {
		var body []byte
		if v.Words != "" {
			if body, err = t.sealJSON(v.Citizen, "sample.body", strconv.FormatInt(v.Handoff, 10)+"/"+v.By, v.Words.Reveal()); err != nil {
				return err
			}
		}
		if _, err := t.exec(`INSERT INTO sample (handoff, by_staff, citizen, operator, town, marks, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (handoff, by_staff) DO UPDATE SET marks = excluded.marks, at = excluded.at, body = excluded.body`,
			v.Handoff, v.By, v.Citizen, v.Operator, v.Town, string(marks), millis(v.At), body); err != nil {
			return err
		}
		return t.Audit(bot.AuditEntry{At: v.At, Actor: v.By, Deed: bot.AuditSample, Subject: v.Operator, Reason: strconv.FormatInt(v.Handoff, 10)})
	})
	if err != nil {
		return fmt.Errorf("keep score sheet: %w", err)
	}
	return nil
}

// Samples are the score sheets since an instant, the latest first. The words to
// a citizen who was forgotten are gone.
func (s *Store) Samples(ctx context.Context, since time.Time) ([]bot.Sample, error) {
	var out []bot.Sample
	var bodies [][]byte
	err := s.rows(ctx, "SELECT handoff, by_staff, citizen, operator, town, marks, at, body FROM sample WHERE at >= $1 ORDER BY at DESC, handoff DESC", func(scan func(...any) error) error {
		var v bot.Sample
		var at int64
		var marks string
		var body []byte
		if err := scan(&v.Handoff, &v.By, &v.Citizen, &v.Operator, &v.Town, &marks, &at, &body); err != nil {
			return err
		}
		v.At = fromMillis(at)
		out, bodies = append(out, v), append(bodies, body)
		return json.Unmarshal([]byte(marks), &out[len(out)-1].Marks)
	}, millis(since))
	for i := range out {
		if err != nil || bodies[i] == nil {
			continue
		}
		aead, fault := s.keyFunc(ctx)(out[i].Citizen)
		if err = fault; err == nil && aead != nil {
			var words string
			err = openJSON(aead, "sample.body", strconv.FormatInt(out[i].Handoff, 10)+"/"+out[i].By, bodies[i], &words)
			out[i].Words = bot.Secret(words)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("list score sheets: %w", err)
	}
	return out, nil
}

// HandoffNumbered is one handoff without its packet; found is false if there is
// none of the number.
func (s *Store) HandoffNumbered(ctx context.Context, id int64) (h bot.Handoff, found bool, err error) {
	all, err := s.handoffs(ctx, " WHERE id = $1", id)
	if err != nil || len(all) == 0 {
		return h, false, err
	}
	return all[0], true, nil
}
