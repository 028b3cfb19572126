package store

import (
	"context"
	"fmt"
	"time"
)

// Passkey is a security key or passkey of an account: a public key, which needs
// no sealing.
type Passkey struct {
	ID         []byte
	Name       string
	Body       []byte
	At, UsedAt time.Time
}

// Passkeys are an account's, the oldest first.
func (s *Store) Passkeys(ctx context.Context, staff string) ([]Passkey, error) {
	var out []Passkey
	err := s.rows(ctx, "SELECT id, name, body, created_at, used_at FROM passkey WHERE staff = $1 ORDER BY created_at, name", func(scan func(...any) error) error {
		var v Passkey
		var at, used int64
		var body string
		err := scan(&v.ID, &v.Name, &body, &at, &used)
		v.Body, v.At, v.UsedAt = []byte(body), fromMillis(at), fromMillis(used)
		out = append(out, v)
		return err
	}, staff)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return out, nil
}

// AddPasskey keeps a new key; one there is already stays whose it was.
func (s *Store) AddPasskey(ctx context.Context, staff string, v Passkey) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("INSERT INTO passkey (id, staff, name, body, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
			v.ID, staff, v.Name, string(v.Body), millis(v.At))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep key: %w", err)
	}
	return nil
}

// UsePasskey keeps a key as it is after it was used.
func (s *Store) UsePasskey(ctx context.Context, staff string, id, body []byte, at time.Time) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("UPDATE passkey SET body = $3, used_at = $4 WHERE id = $1 AND staff = $2", id, staff, string(body), millis(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("note use of key: %w", err)
	}
	return nil
}

// DropPasskey takes one of an account's keys away, or all of them where id is
// empty, and says how many went.
func (s *Store) DropPasskey(ctx context.Context, staff string, id []byte) (n int64, err error) {
	err = s.writer.commit(ctx, func(t *Tx) error {
		query, args := "DELETE FROM passkey WHERE staff = $1", []any{staff}
		if len(id) > 0 {
			query, args = query+" AND id = $2", append(args, id)
		}
		n, err = t.exec(query, args...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("take key away: %w", err)
	}
	return n, nil
}
