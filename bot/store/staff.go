package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrNoStaff means there is no such desk account.
var ErrNoStaff = errors.New("no such account")

// ErrStaffExists means the account's name is taken.
var ErrStaffExists = errors.New("account exists already")

// Staff is a desk account. Secret is the password's argon2id hash.
type Staff struct {
	Name      string
	Role      string // administrator, operator, centre, department, town, village, social_worker
	Secret    string
	CreatedAt time.Time
	// GivenAt is when somebody else gave it this password; zero where it is of
	// the account's own choosing.
	GivenAt time.Time
	// Whom a worker works for; see ticket.Body.
	Department string
	Town       string
	Village    string
	// Stage of the session it was found by; empty: fully signed in.
	Stage string
	// Simulated accounts are played, and see nobody but simulated citizens.
	Simulated bool
}

// AddStaff makes a desk account.
func (s *Store) AddStaff(ctx context.Context, v Staff) error {
	return s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec(`INSERT INTO staff (name, role, secret, created_at, department, town, village, given_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`,
			v.Name, v.Role, v.Secret, millis(v.CreatedAt), v.Department, v.Town, v.Village, millis(v.GivenAt))
		if err == nil && n == 0 {
			return ErrStaffExists
		}
		return err
	})
}

// ResetStaff sets a new password hash and ends the account's sessions, all but
// the one whose token is given. givenAt is zero where the account chose it.
func (s *Store) ResetStaff(ctx context.Context, name, secret, token string, givenAt time.Time) error {
	own := sha256.Sum256([]byte(token))
	return s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("UPDATE staff SET secret = $2, given_at = $3 WHERE name = $1", name, secret, millis(givenAt))
		if err == nil && n == 0 {
			return ErrNoStaff
		}
		if err != nil {
			return err
		}
		_, err = t.exec("DELETE FROM session WHERE staff = $1 AND hash <> $2", name, own[:])
		return err
	})
}

// Staff lists the desk accounts.
func (s *Store) Staff(ctx context.Context) ([]Staff, error) {
	var out []Staff
	err := s.rows(ctx, "SELECT name, role, secret, created_at, department, town, village, simulated, given_at FROM staff ORDER BY name", func(scan func(...any) error) error {
		var v Staff
		var at, givenAt int64
		if err := scan(&v.Name, &v.Role, &v.Secret, &at, &v.Department, &v.Town, &v.Village, &v.Simulated, &givenAt); err != nil {
			return err
		}
		v.CreatedAt, v.GivenAt = fromMillis(at), fromMillis(givenAt)
		out = append(out, v)
		return nil
	})
	return out, err
}

// StaffMember is one desk account.
func (s *Store) StaffMember(ctx context.Context, name string) (Staff, error) {
	v := Staff{Name: name}
	var at, givenAt int64
	stmt, err := s.readTables(ctx, "SELECT role, secret, created_at, department, town, village, simulated, given_at FROM staff WHERE name = $1")
	if err != nil {
		return v, err
	}
	err = stmt.QueryRowContext(ctx, name).Scan(&v.Role, &v.Secret, &at, &v.Department, &v.Town, &v.Village, &v.Simulated, &givenAt)
	if errors.Is(err, sql.ErrNoRows) {
		return v, ErrNoStaff
	}
	v.CreatedAt, v.GivenAt = fromMillis(at), fromMillis(givenAt)
	return v, err
}

// StartSession keeps a session under the hash of its token; stage is empty for
// who is fully signed in.
func (s *Store) StartSession(ctx context.Context, token, staff, stage string, at time.Time) error {
	hash := sha256.Sum256([]byte(token))
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("INSERT INTO session (hash, staff, stage, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)", hash[:], staff, stage, millis(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	return nil
}

// Session finds whose session a token is, if it was begun after began and
// last used after seen.
func (s *Store) Session(ctx context.Context, token string, began, seen time.Time) (Staff, error) {
	hash := sha256.Sum256([]byte(token))
	var name, stage string
	stmt, err := s.readTables(ctx, "SELECT staff, stage FROM session WHERE hash = $1 AND created_at >= $2 AND seen_at >= $3")
	if err != nil {
		return Staff{}, err
	}
	if err := stmt.QueryRowContext(ctx, hash[:], millis(began), millis(seen)).Scan(&name, &stage); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return Staff{}, ErrNoStaff
		}
		return Staff{}, err
	}
	v, err := s.StaffMember(ctx, name)
	v.Stage = stage
	return v, err
}

// usedGrain is how exactly is kept when a session was used last: who works
// asks many times a minute, and each note would wait for the disk.
const usedGrain = 30 * time.Second

// SessionUsed notes that a session was used, to half a minute.
func (s *Store) SessionUsed(ctx context.Context, token string, at time.Time) error {
	hash := sha256.Sum256([]byte(token))
	older, err := s.anyOf(ctx, "SELECT 1 FROM session WHERE hash = $1 AND seen_at <= $2", hash[:], millis(at.Add(-usedGrain)))
	if err != nil || !older {
		return err
	}
	return s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("UPDATE session SET seen_at = $2 WHERE hash = $1 AND seen_at < $2", hash[:], millis(at))
		return err
	})
}

// EndSession signs a session out.
func (s *Store) EndSession(ctx context.Context, token string) error {
	hash := sha256.Sum256([]byte(token))
	return s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("DELETE FROM session WHERE hash = $1", hash[:])
		return err
	})
}
