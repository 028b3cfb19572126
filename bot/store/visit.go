package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// ErrNoVisit means that a token is of no visit that still holds.
var ErrNoVisit = errors.New("no such visit")

// SignIn begins a visit, on the citizens' pages, of the person a proven
// address belongs to. An address that belongs to nobody joins the person of
// the browser's chat, if that person has no other address of the same
// channel; otherwise it makes a person. Visits begun before the given instant
// are over and go. Callers must have proof of the address.
func (s *Store) SignIn(ctx context.Context, token string, proven, browser bot.Address, at, over time.Time) (bot.CitizenID, error) {
	hash := sha256.Sum256([]byte(token))
	var id bot.CitizenID
	err := s.writer.commit(ctx, func(t *Tx) error {
		var err error
		if id, err = t.ownerOf(proven, browser, at); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM visit WHERE created_at < $1", millis(over)); err != nil {
			return err
		}
		_, err = t.exec("INSERT INTO visit (hash, citizen, created_at) VALUES ($1, $2, $3)", hash[:], id, millis(at))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("begin visit: %w", err)
	}
	return id, nil
}

// ownerOf finds or makes the person a proven address belongs to.
func (t *Tx) ownerOf(proven, browser bot.Address, at time.Time) (bot.CitizenID, error) {
	var id bot.CitizenID
	found, err := t.row("SELECT citizen FROM identity WHERE hash = $1", []any{t.s.addressHash(proven)}, &id)
	if err != nil || found {
		return id, err
	}
	if browser.ID != "" {
		found, err = t.row(`SELECT i.citizen FROM identity i WHERE i.hash = $1 AND NOT EXISTS (
			SELECT 1 FROM identity o WHERE o.citizen = i.citizen AND o.channel = $2)`,
			[]any{t.s.addressHash(browser), proven.Channel}, &id)
		if err != nil {
			return id, err
		}
	}
	if !found {
		id = bot.CitizenID(newID("p"))
		if err := t.newCitizen(id, at); err != nil {
			return id, err
		}
	}
	return id, t.join(id, proven)
}

// Visitor is whose visit a token is, if it was begun after began.
func (s *Store) Visitor(ctx context.Context, token string, began time.Time) (bot.CitizenID, error) {
	hash := sha256.Sum256([]byte(token))
	stmt, err := s.readTables(ctx, "SELECT citizen FROM visit WHERE hash = $1 AND created_at >= $2")
	if err != nil {
		return "", err
	}
	var id bot.CitizenID
	if err := stmt.QueryRowContext(ctx, hash[:], millis(began)).Scan(&id); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return "", ErrNoVisit
		}
		return "", fmt.Errorf("find visit: %w", err)
	}
	return id, nil
}

// SignOut ends a visit.
func (s *Store) SignOut(ctx context.Context, token string) error {
	hash := sha256.Sum256([]byte(token))
	err := s.writer.commit(ctx, func(t *Tx) error {
		_, err := t.exec("DELETE FROM visit WHERE hash = $1", hash[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("end visit: %w", err)
	}
	return nil
}

// Known is the person an address belongs to, ErrNoCitizen if nobody; asking
// makes nobody known.
func (s *Store) Known(ctx context.Context, from bot.Address) (bot.CitizenID, error) {
	return s.whose(ctx, from)
}
