package store

import (
	"context"
	"crypto/cipher"
	"fmt"
	"time"

	"guanjia/bot"
)

// formerKeyTime bounds the look for a key that a cipher turns out to lack.
const formerKeyTime = 5 * time.Second

// citizenCipher seals under a citizen's key. While what they said goes over to
// another key it opens what is under either: who holds a cipher does not see
// when its rows change, nor does who holds rows see when their key does.
type citizenCipher struct {
	cipher.AEAD
	before cipher.AEAD // of the former key, nil where none is kept
	id     bot.CitizenID
	ring   *keyring
}

// Open implements cipher.AEAD.
func (c *citizenCipher) Open(dst, nonce, sealed, bound []byte) ([]byte, error) {
	plain, err := c.AEAD.Open(dst, nonce, sealed, bound)
	if err != nil && c.before != nil {
		plain, err = c.before.Open(dst, nonce, sealed, bound)
	}
	if err == nil || c.ring.find == nil {
		return plain, err
	}
	ctx, stop := context.WithTimeout(context.Background(), formerKeyTime)
	defer stop()
	key, before, failed := c.ring.find(ctx, c.id) // this one may be older than the rows
	if failed != nil {
		return nil, err
	}
	found, failed := c.ring.unwrapped(c.id, key, before)
	if failed != nil {
		return nil, err
	}
	for _, other := range []cipher.AEAD{found.AEAD, found.before} {
		if other == nil {
			continue
		}
		if plain, failed := other.Open(dst, nonce, sealed, bound); failed == nil {
			return plain, nil
		}
	}
	return nil, err
}

// unwrapped is the cipher of a citizen's wrapped keys.
func (k *keyring) unwrapped(citizen bot.CitizenID, wrapped, before []byte) (*citizenCipher, error) {
	c := &citizenCipher{id: citizen, ring: k}
	var err error
	if c.AEAD, _, err = k.aead(citizen, wrapped); err == nil && len(before) > 0 {
		c.before, _, err = k.aead(citizen, before)
	}
	return c, err
}

// aead opens one wrapped key of a citizen.
func (k *keyring) aead(citizen bot.CitizenID, wrapped []byte) (cipher.AEAD, suite, error) {
	if len(wrapped) == 0 {
		return nil, suite{}, ErrForgotten
	}
	key, err := k.unwrap("citizen.key", string(citizen), wrapped)
	if err != nil {
		return nil, suite{}, fmt.Errorf("unwrap citizen key: %w", err)
	}
	s, key := suiteOf(key)
	aead, err := s.aead(key)
	return aead, s, err
}

// citizenKey opens a citizen's wrapped keys, as they were read after mark was
// taken, and remembers them unless one was changed meanwhile.
func (k *keyring) citizenKey(citizen bot.CitizenID, wrapped, before []byte, mark int) (cipher.AEAD, error) {
	c, err := k.unwrapped(citizen, wrapped, before)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.changes == mark {
		k.remember(citizen, c)
	}
	return c, nil
}

// hold remembers the cipher of a key that was just made.
func (k *keyring) hold(citizen bot.CitizenID, c *citizenCipher) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.remember(citizen, c)
}

// mark is taken before a citizen's key is read from the tables.
func (k *keyring) mark() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.changes
}

// changed lets go of citizens' ciphers whose keys were changed: whoever read
// one before that does not remember it. What is sealed under a key that
// somebody remembered would be lost with it.
func (k *keyring) changed(ids []bot.CitizenID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	for _, id := range ids {
		delete(k.open, id)
	}
}

// empty lets go of all citizens' ciphers.
func (k *keyring) empty() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	clear(k.open)
}

// newKey makes a citizen's key of the installation's suite, and returns it wrapped.
func (k *keyring) newKey(citizen bot.CitizenID) (*citizenCipher, []byte, error) {
	suite := k.wraps.Load().suite
	key := randomBytes(suite.length)
	aead, err := suite.aead(key)
	if err != nil {
		return nil, nil, err
	}
	return &citizenCipher{AEAD: aead, id: citizen, ring: k}, k.wrap("citizen.key", string(citizen), suite.mark(key)), nil
}
