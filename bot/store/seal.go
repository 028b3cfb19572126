package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
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
	"sync/atomic"

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
	file   string
	keys   KeyService // nil: the file holds the key itself
	wraps  atomic.Pointer[wraps]
	index  []byte
	hashes sync.Pool
	audit  []byte // of the audit trail's chain
	// digests are of the blind index and the trail: of the suite the records were
	// begun with, for good, whatever they are sealed with since.
	digests suite

	find func(context.Context, bot.CitizenID) (key, before []byte, err error) // in the tables

	mu      sync.Mutex
	open    map[bot.CitizenID]cipher.AEAD
	changes int // of citizens' keys
}

const keyCacheLength = 20_000

// wraps seal citizens' keys. While the installation's key is being changed,
// what was sealed under the one before still opens.
type wraps struct {
	now, was cipher.AEAD // was is nil where the key does not change
	line     []byte      // of now, as the key file has it
	suite    suite       // of now
}

// wrap seals under the installation's key as it is now.
func (k *keyring) wrap(column, row string, plain []byte) []byte {
	return seal(k.wraps.Load().now, column, row, plain)
}

// unwrap opens what wrap sealed.
func (k *keyring) unwrap(column, row string, sealed []byte) ([]byte, error) {
	w := k.wraps.Load()
	plain, err := unseal(w.now, column, row, sealed)
	if err != nil && w.was != nil {
		plain, err = unseal(w.was, column, row, sealed)
	}
	return plain, err
}

// KeyService wraps the installation's key outside this machine, so that the key
// file alone opens nothing.
type KeyService interface {
	// Wrap's answer holds no space.
	Wrap(ctx context.Context, key []byte) (string, error)
	Unwrap(ctx context.Context, wrapped string) ([]byte, error)
}

// byService marks a key in the key file that the key service wrapped.
const byService = "kms:"

// openKeyring reads the installation's key (32 bytes, base64, or as the key
// service wrapped them), making it with mode 0600 when it is missing and may be
// made: beside records it may not. A second line is the key before it, from
// which the records are still being moved.
func openKeyring(ctx context.Context, o Options, create bool) (*keyring, error) {
	file := o.keyFile()
	k := &keyring{file: file, keys: o.Keys, open: map[bot.CitizenID]cipher.AEAD{}, digests: suites()[0]}
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf("%w: %s is missing", ErrWrongKey, file)
		}
		raw, err = k.newKeyFile(ctx, o.Cipher)
	}
	if err != nil {
		return nil, fmt.Errorf("read installation key: %w", err)
	}
	lines := strings.Fields(string(raw))
	if len(lines) == 0 || len(lines) > 2 {
		return nil, fmt.Errorf("installation key in %s is not 32 bytes in base64", file)
	}
	w := &wraps{}
	for i, line := range lines {
		suite, master, err := k.readLine(ctx, line)
		if err != nil {
			return nil, err
		}
		aead, err := suite.wrapping(master)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			w.was = aead
		} else {
			w.now, w.line, w.suite = aead, []byte(line+"\n"), suite
		}
		// Of the oldest, unless the records hold what they were begun with.
		if k.index, err = suite.derived(master, 32, "guanjia blind index"); err != nil {
			return nil, err
		}
		if k.audit, err = suite.derived(master, 32, "guanjia audit trail"); err != nil {
			return nil, err
		}
	}
	k.wraps.Store(w)
	return k, nil
}

// wrapping is the cipher for citizens' keys under an installation's key.
func (s suite) wrapping(master []byte) (cipher.AEAD, error) {
	key, err := s.derived(master, s.length, "guanjia wrap citizen keys")
	if err != nil {
		return nil, err
	}
	return s.aead(key)
}

func (s suite) derived(master []byte, length int, purpose string) ([]byte, error) {
	key, err := hkdf.Key(s.hash, master, nil, purpose, length)
	if err != nil {
		return nil, fmt.Errorf("derive key for %s: %w", purpose, err)
	}
	return key, nil
}

func (k *keyring) newKeyFile(ctx context.Context, cipher string) ([]byte, error) {
	suite, err := suiteNamed(cmp.Or(cipher, suites()[0].name))
	if err != nil {
		return nil, err
	}
	raw, err := k.keyLine(ctx, suite, randomBytes(32))
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(k.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return raw, syncDir(filepath.Dir(k.file))
}

// keyLine is a key as the key file has it: wrapped, where there is a service.
func (k *keyring) keyLine(ctx context.Context, s suite, master []byte) ([]byte, error) {
	if k.keys == nil {
		return []byte(s.tag + base64.StdEncoding.EncodeToString(master) + "\n"), nil
	}
	wrapped, err := k.keys.Wrap(ctx, master)
	return []byte(s.tag + byService + wrapped + "\n"), err
}

// readLine is the key of a line.
func (k *keyring) readLine(ctx context.Context, line string) (s suite, master []byte, err error) {
	s, line = tagged(line)
	wrapped, outside := strings.CutPrefix(line, byService)
	switch {
	case !outside:
		master, err = base64.StdEncoding.DecodeString(line)
	case k.keys == nil:
		return s, nil, fmt.Errorf("installation key in %s is wrapped by a key service: set kms_url", k.file)
	default:
		if master, err = k.keys.Unwrap(ctx, wrapped); err != nil {
			return s, nil, fmt.Errorf("installation key in %s: %w", k.file, err)
		}
	}
	if err != nil || len(master) != 32 {
		return s, nil, fmt.Errorf("installation key in %s is not 32 bytes in base64", k.file)
	}
	return s, master, nil
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

// remember keeps a citizen's cipher in memory. The caller holds the lock.
func (k *keyring) remember(citizen bot.CitizenID, aead cipher.AEAD) {
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

// blind is the index under which a particular can be found without being read.
func (k *keyring) blind(kind, value string) []byte {
	h, ok := k.hashes.Get().(hash.Hash) // a used one has the key worked in
	if !ok {
		h = hmac.New(k.digests.hash, k.index)
	}
	h.Write([]byte(kind + "\x00" + value))
	sum := h.Sum(make([]byte, 0, h.Size()))[:16]
	h.Reset()
	k.hashes.Put(h)
	return sum
}

// What the records hold of the installation's key, by name: what a key is held
// against, and the keys that stay the same when it is changed.
const (
	proofOfKey = "key"
	indexKey   = "index_key"
	auditKey   = "audit_key"
	// digestSuite names the suite whose digests the records were begun with; none: the
	// first. It is sealed, so that who has the database alone cannot choose another.
	digestSuite = "digests"
)

// prove finds out whether this is the key the records were sealed with; the
// first time it leaves what later keys are held against.
func (k *keyring) prove(ctx context.Context, db *sql.DB, d *dialect, begin bool) error {
	found, err := k.kept(ctx, db, d, proofOfKey)
	if err == nil && found == nil && begin {
		k.digests = k.wraps.Load().suite
		_, err = db.ExecContext(ctx, d.bind("INSERT INTO installation (name, body) VALUES ($1, $2), ($3, $4)"),
			proofOfKey, k.wrap("installation.body", proofOfKey, []byte("guanjia")), digestSuite, k.wrap("installation.body", digestSuite, []byte(k.digests.name)))
		if err != nil {
			return fmt.Errorf("begin records: %w", err)
		}
		return nil
	}
	if err == nil && found == nil {
		err = sql.ErrNoRows
	}
	if errors.Is(err, ErrSealed) {
		return ErrWrongKey
	}
	if err != nil {
		return fmt.Errorf("prove installation key: %w", err)
	}
	for name, key := range map[string]*[]byte{indexKey: &k.index, auditKey: &k.audit} {
		kept, err := k.kept(ctx, db, d, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if kept != nil {
			*key = kept
		}
	}
	name, err := k.kept(ctx, db, d, digestSuite)
	if err == nil && name != nil {
		k.digests, err = suiteNamed(string(name))
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", digestSuite, err)
	}
	return nil
}

// kept opens what the records hold under a name, nil if nothing.
func (k *keyring) kept(ctx context.Context, db *sql.DB, d *dialect, name string) ([]byte, error) {
	var body []byte
	err := db.QueryRowContext(ctx, d.bind("SELECT body FROM installation WHERE name = $1"), name).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return k.unwrap("installation.body", name, body)
}

// seal encrypts and binds to the column and the row it is for.
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
	raw, err := t.w.encoder.encode(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", column, err)
	}
	return seal(aead, column, row, raw), nil
}

// encoder encodes one value after another in the same room.
type encoder struct {
	room bytes.Buffer
	json *json.Encoder
}

func newEncoder() *encoder {
	e := &encoder{}
	e.json = json.NewEncoder(&e.room)
	e.json.SetEscapeHTML(false)
	return e
}

// encode is a value in JSON, until the next is encoded.
func (e *encoder) encode(v any) ([]byte, error) {
	const most = 1 << 20 // of room that is kept
	if e.room.Cap() > most {
		*e = *newEncoder()
	}
	e.room.Reset()
	if err := e.json.Encode(v); err != nil {
		*e = *newEncoder() // it would fail from now on
		return nil, err
	}
	return bytes.TrimSuffix(e.room.Bytes(), []byte("\n")), nil
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
