package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"guanjia/bot"
)

// ErrNoCitizen means there is no such person.
var ErrNoCitizen = errors.New("no such citizen")

// profile is what is sealed of a citizen.
type profile struct {
	Name     string       `json:"name,omitempty"`
	Phone    string       `json:"phone,omitempty"`
	Language bot.Language `json:"language,omitempty"`
}

// Identify implements bot.Store.
func (s *Store) Identify(ctx context.Context, from bot.Address, at time.Time) (bot.Citizen, error) {
	id, err := s.whose(ctx, from)
	if errors.Is(err, ErrNoCitizen) {
		id = bot.CitizenID(newID("p"))
		err = s.Enrol(ctx, id, at, from)
		if err == nil {
			id, err = s.whose(ctx, from) // another message may have come first
		}
	}
	if err != nil {
		return bot.Citizen{}, err
	}
	return s.Citizen(ctx, id)
}

// newID is a random id of 80 bits behind a letter for its kind.
func newID(kind string) string {
	return kind + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(randomBytes(10)))
}

// whose is the citizen an address belongs to, ErrNoCitizen if nobody's.
func (s *Store) whose(ctx context.Context, from bot.Address) (bot.CitizenID, error) {
	hash := s.addressHash(from)
	s.mu.Lock()
	id, ok := s.known[string(hash)]
	s.mu.Unlock()
	if ok {
		return id, nil
	}
	stmt, err := s.readTables(ctx, "SELECT citizen FROM identity WHERE hash = $1")
	if err != nil {
		return "", err
	}
	if err := stmt.QueryRowContext(ctx, hash).Scan(&id); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return "", ErrNoCitizen
		}
		return "", fmt.Errorf("find identity: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) > 100_000 {
		clear(s.known)
	}
	s.known[string(hash)] = id
	return id, nil
}

func (s *Store) addressHash(a bot.Address) []byte {
	return s.ring.blind("address:"+string(a.Channel), a.ID)
}

// Enrol makes a citizen with the given id, or finds it, and joins addresses
// to it that belong to nobody yet. Callers must have proof that the addresses
// are the same person's.
func (s *Store) Enrol(ctx context.Context, id bot.CitizenID, at time.Time, addresses ...bot.Address) error {
	err := s.writer.commit(ctx, func(t *Tx) error {
		for _, a := range addresses {
			var owner string
			found, err := t.row("SELECT citizen FROM identity WHERE hash = $1", []any{s.addressHash(a)}, &owner)
			if err != nil || found && len(addresses) == 1 {
				return err
			}
		}
		if err := t.newCitizen(id, at); err != nil {
			return err
		}
		for _, a := range addresses {
			if err := t.join(id, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("enrol citizen: %w", err)
	}
	return nil
}

func (t *Tx) newCitizen(id bot.CitizenID, at time.Time) error {
	var there int
	found, err := t.row("SELECT 1 FROM citizen WHERE id = $1", []any{id}, &there)
	if err != nil || found {
		return err
	}
	aead, key, err := t.s.ring.newKey(id)
	if err != nil {
		return err
	}
	t.s.ring.hold(id, aead)
	_, err = t.exec("INSERT INTO citizen (id, created_at, key) VALUES ($1, $2, $3)", id, millis(at), key)
	return err
}

func (t *Tx) join(id bot.CitizenID, a bot.Address) error {
	hash := t.s.addressHash(a)
	body, err := t.sealJSON(id, "identity.body", string(hash), a)
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO identity (hash, channel, citizen, body) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING",
		hash, a.Channel, id, body)
	return err
}

// Citizen loads a person.
func (s *Store) Citizen(ctx context.Context, id bot.CitizenID) (bot.Citizen, error) {
	c, changes, ok := s.people.get(id)
	if ok {
		return c, nil
	}
	if s.unwritten.citizen(id) {
		if err := s.Settle(ctx); err != nil {
			return c, fmt.Errorf("load citizen: %w", err)
		}
	}
	c, err := s.loadCitizen(ctx, id)
	if err == nil && s.writer != nil {
		s.people.keep(c, changes)
	}
	return c, err
}

func (s *Store) loadCitizen(ctx context.Context, id bot.CitizenID) (bot.Citizen, error) {
	stmt, err := s.readTables(ctx, "SELECT created_at, key, key_before, body, simulated FROM citizen WHERE id = $1")
	if err != nil {
		return bot.Citizen{}, err
	}
	c := bot.Citizen{ID: id}
	var created int64
	var wrapped, before, body []byte
	mark := s.ring.mark()
	if err := stmt.QueryRowContext(ctx, id).Scan(&created, &wrapped, &before, &body, &c.Simulated); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return c, ErrNoCitizen
		}
		return c, fmt.Errorf("load citizen: %w", err)
	}
	c.CreatedAt = fromMillis(created)
	if len(body) == 0 {
		return c, nil
	}
	aead := s.ring.cached(id)
	if aead == nil {
		if aead, err = s.ring.citizenKey(id, wrapped, before, mark); err != nil {
			return c, err
		}
	}
	var p profile
	if err := openJSON(aead, "citizen.body", string(id), body, &p); err != nil {
		return c, err
	}
	c.Name, c.Phone, c.Language = bot.Secret(p.Name), bot.Secret(p.Phone), p.Language
	return c, nil
}

// SaveCitizen implements bot.Tx.
func (t *Tx) SaveCitizen(c bot.Citizen) error {
	body, err := t.sealJSON(c.ID, "citizen.body", string(c.ID),
		profile{Name: c.Name.Reveal(), Phone: c.Phone.Reveal(), Language: c.Language})
	if err != nil {
		return err
	}
	t.leave(&citizenEntry{c.ID, body})
	return nil
}

// key is the citizen's cipher for reading outside a commit.
func (s *Store) key(ctx context.Context, id bot.CitizenID) (cipher.AEAD, error) {
	if aead := s.ring.cached(id); aead != nil {
		return aead, nil
	}
	mark := s.ring.mark()
	wrapped, before, err := s.wrappedKeys(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.ring.citizenKey(id, wrapped, before, mark)
}

const keysOfCitizen = "SELECT key, key_before FROM citizen WHERE id = $1"

// wrappedKeys are the citizen's key, and the former one where it is kept.
func (s *Store) wrappedKeys(ctx context.Context, id bot.CitizenID) (key, before []byte, err error) {
	stmt, err := s.readTables(ctx, keysOfCitizen)
	if err != nil {
		return nil, nil, err
	}
	if err := stmt.QueryRowContext(ctx, id).Scan(&key, &before); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil, ErrNoCitizen
		}
		return nil, nil, fmt.Errorf("load citizen key: %w", err)
	}
	return key, before, nil
}

// key is the citizen's cipher inside a commit.
func (t *Tx) key(id bot.CitizenID) (cipher.AEAD, error) {
	if c := t.w.rekeyed[id]; c != nil {
		return c, nil
	}
	if aead := t.s.ring.cached(id); aead != nil && !t.w.gone {
		return aead, nil
	}
	mark := t.s.ring.mark()
	var wrapped, before []byte
	found, err := t.w.row(t.ctx, keysOfCitizen, []any{id}, &wrapped, &before)
	if err != nil {
		return nil, fmt.Errorf("load citizen key: %w", err)
	}
	if !found {
		return nil, ErrNoCitizen
	}
	return t.s.ring.citizenKey(id, wrapped, before, mark)
}

// AddressOf is the citizen's address on a channel, false if there is none.
func (s *Store) AddressOf(ctx context.Context, id bot.CitizenID, channel bot.Channel) (bot.Address, bool, error) {
	var found bot.Address
	ok := false
	aead, err := s.key(ctx, id)
	if err != nil {
		return found, false, err
	}
	err = s.rowsOf(ctx, "SELECT hash, body FROM identity WHERE citizen = $1 AND channel = $2", func(scan func(...any) error) error {
		var hash, body []byte
		if err := scan(&hash, &body); err != nil {
			return err
		}
		raw, err := unseal(aead, "identity.body", string(hash), body)
		if err != nil {
			return err
		}
		ok = true
		return json.Unmarshal(raw, &found)
	}, id, channel)
	return found, ok, err
}
