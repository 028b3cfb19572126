package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

const guideColumns = "guide, version, body, hash, at, by_staff, note"

// GuideVersions reads the last version of every guide, in the order in which
// they first came.
func (s *Store) GuideVersions(ctx context.Context) ([]bot.GuideVersion, error) {
	return s.guideRows(ctx, "SELECT "+guideColumns+` FROM guide_version v
		WHERE version = (SELECT MAX(version) FROM guide_version WHERE guide = v.guide)
		ORDER BY (SELECT MIN(seq) FROM guide_version WHERE guide = v.guide)`)
}

// GuideHistory reads all versions of a guide, the newest first.
func (s *Store) GuideHistory(ctx context.Context, guide string) ([]bot.GuideVersion, error) {
	return s.guideRows(ctx, "SELECT "+guideColumns+" FROM guide_version WHERE guide = $1 ORDER BY version DESC", guide)
}

func (s *Store) guideRows(ctx context.Context, query string, args ...any) ([]bot.GuideVersion, error) {
	var out []bot.GuideVersion
	err := s.rows(ctx, query, func(scan func(...any) error) error {
		var v bot.GuideVersion
		var at int64
		err := scan(&v.Guide, &v.Version, &v.Body, &v.Hash, &at, &v.By, &v.Note)
		v.At = fromMillis(at)
		out = append(out, v)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("read guides: %w", err)
	}
	return out, nil
}

// GuideSeq grows with every version that is kept: who remembers it knows
// whether there is something new.
func (s *Store) GuideSeq(ctx context.Context) (int64, error) {
	var seq int64
	err := s.rows(ctx, "SELECT COALESCE(MAX(seq), 0) FROM guide_version", func(scan func(...any) error) error { return scan(&seq) })
	if err != nil {
		return 0, fmt.Errorf("read guides: %w", err)
	}
	return seq, nil
}

// KeepGuides adds versions, all or none. Each must be the next of its guide;
// otherwise somebody was quicker and it is bot.ErrGuideChanged.
func (s *Store) KeepGuides(ctx context.Context, versions []bot.GuideVersion) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		var seq int64
		if _, err := t.row("SELECT COALESCE(MAX(seq), 0) FROM guide_version", nil, &seq); err != nil {
			return err
		}
		for _, v := range versions {
			var last int
			if _, err := t.row("SELECT COALESCE(MAX(version), 0) FROM guide_version WHERE guide = $1", []any{v.Guide}, &last); err != nil {
				return err
			}
			if v.Version != last+1 {
				return bot.ErrGuideChanged
			}
			seq++
			if _, err := t.exec("INSERT INTO guide_version (seq, "+guideColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
				seq, v.Guide, v.Version, string(v.Body), v.Hash, millis(v.At), v.By, v.Note); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, bot.ErrGuideChanged) {
		return fmt.Errorf("keep guides: %w", err)
	}
	return err
}

// missedWords is what is sealed of a missed question.
type missedWords struct {
	Words string `json:"words"`
}

// Miss keeps a question that was not answered well, in the turn's own commit.
func (s *Store) Miss(_ context.Context, tx bot.Tx, m bot.Missed) error {
	t, err := in(tx)
	if err != nil {
		return err
	}
	var id int64
	if _, err := t.row("SELECT COALESCE(MAX(id), 0) + 1 FROM missed", nil, &id); err != nil {
		return err
	}
	body, err := t.sealJSON(m.Citizen, "missed.body", rowID(id), missedWords{m.Words})
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO missed (id, at, citizen, channel, reason, guide, field, score, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		id, millis(m.At), m.Citizen, m.Channel, m.Reason, m.Guide, m.Field, int64(m.Score*1000), body)
	return err
}

// MissedSince reads what was not answered well since an instant, the newest
// first, at most limit. What a citizen who was deleted once asked is left out.
func (s *Store) MissedSince(ctx context.Context, since time.Time, limit int) ([]bot.Missed, error) {
	type row struct {
		id   int64
		m    bot.Missed
		body []byte
	}
	var rows []row
	err := s.rows(ctx, `SELECT id, at, citizen, channel, reason, guide, field, score, body FROM missed
		WHERE at >= $1 ORDER BY id DESC LIMIT $2`, func(scan func(...any) error) error {
		var r row
		var at, score int64
		err := scan(&r.id, &at, &r.m.Citizen, &r.m.Channel, &r.m.Reason, &r.m.Guide, &r.m.Field, &score, &r.body)
		r.m.At, r.m.Score = fromMillis(at), float64(score)/1000
		rows = append(rows, r)
		return err
	}, millis(since), limit)
	if err != nil {
		return nil, fmt.Errorf("read missed questions: %w", err)
	}
	out := make([]bot.Missed, 0, len(rows))
	for _, r := range rows {
		aead, err := s.keyFunc(ctx)(r.m.Citizen)
		if err != nil {
			return nil, err
		}
		if aead == nil { // deleted
			continue
		}
		var w missedWords
		if err := openJSON(aead, "missed.body", rowID(r.id), r.body, &w); err != nil {
			return nil, err
		}
		r.m.Words = w.Words
		out = append(out, r.m)
	}
	return out, nil
}
