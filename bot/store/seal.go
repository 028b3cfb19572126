package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"guanjia/bot"
)

// ErrSealed means a sealed value could not be opened: the wrong key, or bytes
// that were changed or moved to another row.
var ErrSealed = errors.New("sealed value cannot be opened")

// ErrWrongKey means that the installation's key is missing or is not the one
// the records were sealed with.
var ErrWrongKey = errors.New("installation key does not open these records")

// ErrForgotten means that the citizen's key was destroyed: what was sealed
// under it cannot be read by anyone again.
var ErrForgotten = errors.New("citizen's records were destroyed")

// keyring wraps each citizen's key with the installation's. Without a
// citizen's key nothing sealed under it can be read again: destroying it is
// deleting.
type keyring struct {
	wrap   cipher.AEAD
	index  []byte
	hashes sync.Pool
	audit  []byte // of the audit trail's chain

	mu   sync.Mutex
	open map[bot.CitizenID]cipher.AEAD
}

const keyCacheLength = 20_000

// openKeyring reads the installation's key (32 bytes, base64), making it with
// mode 0600 when it is missing and may be made: beside records it may not.
func openKeyring(file string, create bool) (*keyring, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf("%w: %s is missing", ErrWrongKey, file)
		}
		raw, err = newKeyFile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read installation key: %w", err)
	}
	master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(master) != 32 {
		return nil, fmt.Errorf("installation key in %s is not 32 bytes in base64", file)
	}
	wrapKey, err := hkdf.Key(sha256.New, master, nil, "guanjia wrap citizen keys", 32)
	if err != nil {
		return nil, fmt.Errorf("derive wrapping key: %w", err)
	}
	index, err := hkdf.Key(sha256.New, master, nil, "guanjia blind index", 32)
	if err != nil {
		return nil, fmt.Errorf("derive index key: %w", err)
	}
	audit, err := hkdf.Key(sha256.New, master, nil, "guanjia audit trail", 32)
	if err != nil {
		return nil, fmt.Errorf("derive audit key: %w", err)
	}
	wrap, err := newAEAD(wrapKey)
	if err != nil {
		return nil, err
	}
	return &keyring{wrap: wrap, index: index, audit: audit, open: map[bot.CitizenID]cipher.AEAD{}}, nil
}

func newKeyFile(file string) ([]byte, error) {
	raw := []byte(base64.StdEncoding.EncodeToString(randomBytes(32)) + "\n")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return raw, syncDir(filepath.Dir(file))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, see crypto/rand
	return b
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// newKey makes a citizen's key and returns it wrapped.
func (k *keyring) newKey(citizen bot.CitizenID) ([]byte, error) {
	key := randomBytes(32)
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	k.remember(citizen, aead)
	return seal(k.wrap, "citizen.key", string(citizen), key), nil
}

func (k *keyring) remember(citizen bot.CitizenID, aead cipher.AEAD) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.open) >= keyCacheLength {
		clear(k.open)
	}
	k.open[citizen] = aead
}

func (k *keyring) cached(citizen bot.CitizenID) cipher.AEAD {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.open[citizen]
}

// drop takes a citizen's cipher out of memory.
func (k *keyring) drop(citizen bot.CitizenID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.open, citizen)
}

// unwrap opens a citizen's wrapped key.
func (k *keyring) unwrap(citizen bot.CitizenID, wrapped []byte) (cipher.AEAD, error) {
	if len(wrapped) == 0 {
		return nil, ErrForgotten
	}
	key, err := unseal(k.wrap, "citizen.key", string(citizen), wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap citizen key: %w", err)
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	k.remember(citizen, aead)
	return aead, nil
}

// blind is the index under which a particular can be found without being read.
func (k *keyring) blind(kind, value string) []byte {
	h, ok := k.hashes.Get().(hash.Hash) // a used one has the key worked in
	if !ok {
		h = hmac.New(sha256.New, k.index)
	}
	h.Write([]byte(kind + "\x00" + value))
	sum := h.Sum(make([]byte, 0, sha256.Size))[:16]
	h.Reset()
	k.hashes.Put(h)
	return sum
}

// prove finds out whether this is the key the records were sealed with; the
// first time it leaves what later keys are held against.
func (k *keyring) prove(ctx context.Context, db *sql.DB, begin bool) error {
	var body []byte
	err := db.QueryRowContext(ctx, "SELECT body FROM installation WHERE name = 'key'").Scan(&body)
	if errors.Is(err, sql.ErrNoRows) && begin {
		_, err = db.ExecContext(ctx, "INSERT INTO installation (name, body) VALUES ('key', ?)", seal(k.wrap, "installation.body", "key", []byte("guanjia")))
		if err != nil {
			return fmt.Errorf("begin records: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("prove installation key: %w", err)
	}
	if _, err := unseal(k.wrap, "installation.body", "key", body); err != nil {
		return ErrWrongKey
	}
	return nil
}

// seal encrypts with AES-256-GCM, bound to the column and the row it is for.
func seal(aead cipher.AEAD, column, row string, plain []byte) []byte {
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	rand.Read(nonce) // never fails, see crypto/rand
	return aead.Seal(nonce, nonce, plain, []byte(column+"/"+row))
}

func unseal(aead cipher.AEAD, column, row string, sealed []byte) ([]byte, error) {
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, ErrSealed
	}
	plain, err := aead.Open(nil, sealed[:n], sealed[n:], []byte(column+"/"+row))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// sealJSON seals a value for a column of a row of the citizen.
func (t *Tx) sealJSON(citizen bot.CitizenID, column, row string, v any) ([]byte, error) {
	aead, err := t.key(citizen)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", column, err)
	}
	return seal(aead, column, row, raw), nil
}

// openJSON opens what sealJSON sealed.
func openJSON(aead cipher.AEAD, column, row string, sealed []byte, into any) error {
	raw, err := unseal(aead, column, row, sealed)
	if err != nil {
		return fmt.Errorf("open %s: %w", column, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("decode %s: %w", column, err)
	}
	return nil
}

func rowID(id int64) string { return strconv.FormatInt(id, 10) }
