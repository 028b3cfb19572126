package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"guanjia/bot"
)

// uploadBody names where a waiting file is sealed.
const uploadBody = "upload.body"

// KeepUpload keeps a file that waits for a yes, in place of the one the same
// person chose before on that page.
func (s *Store) KeepUpload(ctx context.Context, staff, page string, u bot.Upload) error {
	plain, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	sealed := s.ring.wrap(uploadBody, page+"/"+staff, plain)
	err = s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec(`INSERT INTO upload (staff, page, until, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (staff, page) DO UPDATE SET until = excluded.until, body = excluded.body`, staff, page, millis(u.Until), sealed)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	return nil
}

// Upload is the file that waits; false when there is none, or not any more. One
// that was sealed under a key that has been changed since is gone too: it is
// chosen again.
func (s *Store) Upload(ctx context.Context, staff, page string, now time.Time) (u bot.Upload, waits bool, err error) {
	err = s.rows(ctx, "SELECT body FROM upload WHERE staff = $1 AND page = $2 AND until > $3", func(scan func(...any) error) error {
		var sealed []byte
		if err := scan(&sealed); err != nil {
			return err
		}
		if plain, err := s.ring.unwrap(uploadBody, page+"/"+staff, sealed); err == nil {
			waits = json.Unmarshal(plain, &u) == nil
		}
		return nil
	}, staff, page, millis(now))
	if err != nil {
		return bot.Upload{}, false, fmt.Errorf("read upload: %w", err)
	}
	return u, waits, nil
}

// DropUpload forgets the file that waited.
func (s *Store) DropUpload(ctx context.Context, staff, page string) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("DELETE FROM upload WHERE staff = $1 AND page = $2", staff, page)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop upload: %w", err)
	}
	return nil
}
