package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guanjia/bot"
)

// rotateLot is how many citizens' keys are sealed anew in one commit.
const rotateLot = 200

// RotateKey puts a new installation key in the place of the one in the key
// file while the service goes on: citizens' keys are sealed under the new one,
// some in each commit; the words sealed under them stay as they are. moved is
// told how many have been. When it is interrupted, both keys are in the file,
// everything opens, and calling it again goes on where it stopped. Backups
// from before need the old key: who keeps them keeps that too. cipher is what the
// new key seals with, aes or sm4; empty: what the old one did. With
// a key service the new key is in the file as that wrapped it. Citizens who come
// after it get keys of that cipher; who was there keeps theirs until Reseal.
func (s *Store) RotateKey(ctx context.Context, now time.Time, cipher string, moved func(citizens int)) error {
	s.rotating.Lock()
	defer s.rotating.Unlock()
	if err := s.ring.begin(ctx, cipher); err != nil {
		return fmt.Errorf("rotate key: %w", err)
	}
	if err := s.writer.commit(ctx, func(t *Tx) error { return t.rotateInstallation(now) }); err != nil {
		return fmt.Errorf("rotate key: %w", err)
	}
	last, done := "", 0
	for {
		n := 0
		err := s.writer.commit(ctx, func(t *Tx) (err error) {
			last, n, err = t.rotateCitizens(last)
			return err
		})
		if err != nil {
			return fmt.Errorf("rotate key: %w", err)
		}
		if done += n; moved != nil {
			moved(done)
		}
		if n < rotateLot {
			break
		}
	}
	// What the log still has under the old key goes before the key does.
	if err := s.writer.emptyLog(ctx); err != nil {
		return fmt.Errorf("rotate key: %w", err)
	}
	if err := s.ring.end(); err != nil {
		return fmt.Errorf("rotate key: %w", err)
	}
	return nil
}

// begin makes a new key, keeps both, and seals under the new one from then on.
// Where two keys are kept already, that was done before.
func (k *keyring) begin(ctx context.Context, cipher string) error {
	w := k.wraps.Load()
	suite := w.suite
	if cipher != "" {
		var err error
		if suite, err = suiteNamed(cipher); err != nil {
			return err
		}
	}
	raw, err := os.ReadFile(k.file)
	if err != nil {
		return err
	}
	if len(strings.Fields(string(raw))) > 1 {
		return nil
	}
	master := randomBytes(32)
	next := &wraps{was: w.now, suite: suite}
	if next.now, err = suite.wrapping(master); err != nil {
		return err
	}
	if next.line, err = k.keyLine(ctx, suite, master); err != nil {
		return err
	}
	if err := writeKeys(k.file, append(bytes.Clone(next.line), w.line...)); err != nil {
		return err
	}
	k.wraps.Store(next)
	return nil
}

// end forgets the old key on the disk. Who has just read something sealed
// under it may still open that.
func (k *keyring) end() error {
	return writeKeys(k.file, k.wraps.Load().line)
}

// writeKeys puts a key file in the place of another at once.
func writeKeys(file string, content []byte) error {
	part, err := os.CreateTemp(filepath.Dir(file), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // its name is gone when all went well
	_, err = part.Write(content)
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// rotateInstallation seals anew what the installation itself keeps.
func (t *Tx) rotateInstallation(now time.Time) error {
	ring := t.s.ring
	for name, plain := range map[string][]byte{proofOfKey: []byte("guanjia"), indexKey: ring.index, auditKey: ring.audit, digestSuite: []byte(ring.digests.name)} {
		if _, err := t.exec("INSERT INTO installation (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
			name, ring.wrap("installation.body", name, plain)); err != nil {
			return err
		}
	}
	if err := t.rotateFactors(); err != nil {
		return err
	}
	return t.Audit(bot.AuditEntry{At: now, Actor: "command", Deed: bot.AuditRotate}) // seals the trail's head as well
}

// rotateCitizens seals the keys of some citizens anew, those that follow one.
func (t *Tx) rotateCitizens(after string) (last string, n int, err error) {
	type keys struct {
		id          string
		key, before []byte
	}
	var all []keys
	err = t.rows("SELECT id, key, key_before FROM citizen WHERE id > $1 ORDER BY id LIMIT $2", []any{after, rotateLot}, func(scan func(...any) error) error {
		var k keys
		err := scan(&k.id, &k.key, &k.before)
		all = append(all, k)
		return err
	})
	last = after
	for _, k := range all {
		if last = k.id; err != nil {
			break
		}
		err1, err2 := t.s.ring.rewrap(k.id, &k.key), t.s.ring.rewrap(k.id, &k.before)
		if err = errors.Join(err1, err2); err == nil && len(k.key) > 0 { // not of a citizen who was forgotten
			_, err = t.exec("UPDATE citizen SET key = $1, key_before = $2 WHERE id = $3", k.key, k.before, k.id)
		}
	}
	return last, len(all), err
}

// rewrap seals a citizen's key, if there is one, under the installation's as it
// is now.
func (k *keyring) rewrap(id string, key *[]byte) error {
	if len(*key) == 0 {
		return nil
	}
	plain, err := k.unwrap("citizen.key", id, *key)
	if err == nil {
		*key = k.wrap("citizen.key", id, plain)
	}
	return err
}
