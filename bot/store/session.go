package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// SignIn is a session of an account, known by the beginning of its token's
// hash, from which the token cannot be had.
type SignIn struct {
	ID   string
	At   time.Time
	Seen time.Time
	This bool // it is the one that asks
}

// signInID is how many bytes of the hash name a session.
const signInID = 8

// SignIns lists an account's sessions that hold still, the newest first.
func (s *Store) SignIns(ctx context.Context, staff, token string, began, used time.Time) ([]SignIn, error) {
	hash := sha256.Sum256([]byte(token))
	own := hex.EncodeToString(hash[:signInID])
	var out []SignIn
	err := s.rows(ctx, `SELECT LOWER(HEX(SUBSTR(hash, 1, 8))), created_at, seen_at FROM session
		WHERE staff = $1 AND stage = '' AND created_at >= $2 AND seen_at >= $3 ORDER BY created_at DESC`, func(scan func(...any) error) error {
		var v SignIn
		var at, seen int64
		err := scan(&v.ID, &at, &seen)
		v.At, v.Seen, v.This = fromMillis(at), fromMillis(seen), v.ID == own
		out = append(out, v)
		return err
	}, staff, millis(began), millis(used))
	if err != nil {
		return nil, fmt.Errorf("list sign-ins: %w", err)
	}
	return out, nil
}

// EndSignIn ends one of an account's sessions, or all but the one whose token
// is given where id is empty. It says how many it ended.
func (s *Store) EndSignIn(ctx context.Context, staff, id, token string) (ended int64, err error) {
	hash := sha256.Sum256([]byte(token))
	err = s.writer.commit(ctx, func(t *Tx) (err error) {
		if id == "" {
			ended, err = t.exec("DELETE FROM session WHERE staff = $1 AND hash <> $2", staff, hash[:])
			return err
		}
		ended, err = t.exec("DELETE FROM session WHERE staff = $1 AND LOWER(HEX(SUBSTR(hash, 1, 8))) = $2", staff, id)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("end sign-in: %w", err)
	}
	return ended, nil
}
