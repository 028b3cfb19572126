package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
)

// Factor is an account's second factor. Without one, or until it is confirmed,
// ConfirmedAt is zero.
type Factor struct {
	Secret      []byte
	ConfirmedAt time.Time
	Recovery    int // codes that are left
}

// factorSecret names where a secret is sealed.
const factorSecret = "factor.secret"

// Factor reads an account's second factor; without one it is empty.
func (s *Store) Factor(ctx context.Context, staff string) (Factor, error) {
	var v Factor
	err := s.rows(ctx, "SELECT secret, confirmed_at, (SELECT COUNT(*) FROM recovery r WHERE r.staff = f.staff) FROM factor f WHERE staff = $1",
		func(scan func(...any) error) error {
			var sealed []byte
			var at int64
			if err := scan(&sealed, &at, &v.Recovery); err != nil {
				return err
			}
			v.ConfirmedAt = fromMillis(at)
			var err error
			v.Secret, err = s.ring.unwrap(factorSecret, staff, sealed)
			return err
		}, staff)
	if err != nil {
		return Factor{}, fmt.Errorf("read second factor: %w", err)
	}
	return v, nil
}

// OfferFactor keeps a secret for an account to confirm. One that is there
// already stays.
func (s *Store) OfferFactor(ctx context.Context, staff string, secret []byte) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("INSERT INTO factor (staff, secret) VALUES ($1, $2) ON CONFLICT (staff) DO NOTHING", staff, s.ring.wrap(factorSecret, staff, secret))
		return err
	})
	if err != nil {
		return fmt.Errorf("offer second factor: %w", err)
	}
	return nil
}

// ConfirmFactor takes an offered secret into use with its recovery codes; false
// if it was confirmed before.
func (s *Store) ConfirmFactor(ctx context.Context, staff string, step int64, recovery []string, at time.Time) (done bool, err error) {
	err = s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("UPDATE factor SET confirmed_at = $2, last_step = $3 WHERE staff = $1 AND confirmed_at = 0", staff, millis(at), step)
		if done = n == 1; err != nil || !done {
			return err
		}
		for _, code := range recovery {
			hash := sha256.Sum256([]byte(code)) // 80 random bits each: a slow hash would add nothing
			if _, err := t.exec("INSERT INTO recovery (staff, hash) VALUES ($1, $2)", staff, hash[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("confirm second factor: %w", err)
	}
	return done, nil
}

// UseStep takes the code of a step, which is then worth nothing, like those
// before it; false if it was taken already.
func (s *Store) UseStep(ctx context.Context, staff string, step int64) (fresh bool, err error) {
	err = s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("UPDATE factor SET last_step = $2 WHERE staff = $1 AND confirmed_at > 0 AND last_step < $2", staff, step)
		fresh = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take code: %w", err)
	}
	return fresh, nil
}

// UseRecovery takes a recovery code, once.
func (s *Store) UseRecovery(ctx context.Context, staff, code string) (found bool, err error) {
	hash := sha256.Sum256([]byte(code))
	err = s.writer.commit(ctx, func(t *Tx) error {
		n, err := t.exec("DELETE FROM recovery WHERE staff = $1 AND hash = $2", staff, hash[:])
		found = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take recovery code: %w", err)
	}
	return found, nil
}

// DropFactor takes a second factor away.
func (s *Store) DropFactor(ctx context.Context, staff string) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		if _, err := t.exec("DELETE FROM recovery WHERE staff = $1", staff); err != nil {
			return err
		}
		_, err := t.exec("DELETE FROM factor WHERE staff = $1", staff)
		return err
	})
	if err != nil {
		return fmt.Errorf("take second factor away: %w", err)
	}
	return nil
}

// rotateFactors seals the secrets anew under the installation's new key.
func (t *Tx) rotateFactors() error {
	sealed := map[string][]byte{}
	err := t.rows("SELECT staff, secret FROM factor", nil, func(scan func(...any) error) error {
		var staff string
		var secret []byte
		err := scan(&staff, &secret)
		sealed[staff] = secret
		return err
	})
	for staff, secret := range sealed {
		if err != nil {
			break
		}
		var plain []byte
		if plain, err = t.s.ring.unwrap(factorSecret, staff, secret); err == nil {
			_, err = t.exec("UPDATE factor SET secret = $2 WHERE staff = $1", staff, t.s.ring.wrap(factorSecret, staff, plain))
		}
	}
	return err
}
