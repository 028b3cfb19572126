package store

import (
	"context"
	"fmt"
	"time"

	"guanjia/bot"
)

// Mention tells colleagues that a note names them; naming somebody again is
// one notice.
func (s *Store) Mention(ctx context.Context, citizen bot.CitizenID, by string, names []string, at time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, name := range names {
			if _, err := t.exec(`INSERT INTO mention (citizen, staff, by_staff, at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (citizen, staff) DO UPDATE SET by_staff = excluded.by_staff, at = excluded.at`, citizen, name, by, millis(at)); err != nil {
				return err
			}
			if err := t.Announce(bot.Change{At: at, Kind: bot.ChangeMention, Citizen: citizen, Ref: name}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mention colleagues: %w", err)
	}
	return nil
}

// Mentions are the notices somebody has not looked at, the latest first.
func (s *Store) Mentions(ctx context.Context, staff string) ([]bot.Mention, error) {
	var out []bot.Mention
	err := s.rows(ctx, "SELECT citizen, by_staff, at FROM mention WHERE staff = $1 ORDER BY at DESC LIMIT 50", func(scan func(...any) error) error {
		var v bot.Mention
		var at int64
		err := scan(&v.Citizen, &v.By, &at)
		v.At = fromMillis(at)
		out = append(out, v)
		return err
	}, staff)
	if err != nil {
		return nil, fmt.Errorf("list mentions: %w", err)
	}
	return out, nil
}

// Looked takes a notice away: who was named has opened the conversation.
func (s *Store) Looked(ctx context.Context, citizen bot.CitizenID, staff string) error {
	named, err := s.anyOf(ctx, "SELECT 1 FROM mention WHERE citizen = $1 AND staff = $2", citizen, staff)
	if err == nil && named { // most looks take no notice away, and need not wait for the disk
		err = s.writer.commit(ctx, func(t *Tx) error {
			_, err := t.exec("DELETE FROM mention WHERE citizen = $1 AND staff = $2", citizen, staff)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("take a mention away: %w", err)
	}
	return nil
}
