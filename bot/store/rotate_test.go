package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"guanjia/bot"
)

// TestRotateKey changes the installation's key while citizens talk, breaks off
// in between, opens the records as they then are, and goes on: nothing is lost,
// addresses still lead to the same people, the trail stands, and the old key
// opens nothing any more.
func TestRotateKey(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(dir, "data.key")
	old := read(t, keyFile)
	const citizens = 3*rotateLot + 50
	ids := map[string]bot.CitizenID{}
	for i := range citizens {
		name := fmt.Sprintf("o%d", i)
		c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: name}, journalMonday)
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = c.ID
	}
	gone := talk(t, s, "gone")
	if err := s.Forget(ctx, gone.id); err != nil {
		t.Fatal(err)
	}
	var said [4]*talker
	for i := range said {
		said[i] = talk(t, s, fmt.Sprintf("talker%d", i))
	}

	stop, interrupt := context.WithCancel(ctx)
	err = s.RotateKey(stop, journalMonday, "", func(moved int) {
		if moved > rotateLot {
			interrupt()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the first try: %v", err)
	}
	if lines := strings.Fields(read(t, keyFile)); len(lines) != 2 || lines[1] != strings.TrimSpace(old) {
		t.Fatalf("%d keys are kept between", len(lines))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(ctx, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	var talking sync.WaitGroup
	for _, c := range said {
		c.s = s
		talking.Go(func() {
			for n := range 20 {
				if _, err := c.try(n); err != nil {
					t.Errorf("turn %d beside it: %v", n, err)
				}
			}
		})
	}
	if err := s.RotateKey(ctx, journalMonday, "", nil); err != nil {
		t.Fatal(err)
	}
	talking.Wait()
	if lines := strings.Fields(read(t, keyFile)); len(lines) != 1 || lines[0] == strings.TrimSpace(old) {
		t.Fatalf("%d keys are kept afterwards", len(lines))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if s, err = Open(ctx, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for name, id := range ids {
		c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: name}, journalMonday)
		if err != nil || c.ID != id {
			t.Fatalf("%s leads to %s instead of %s: %v", name, c.ID, id, err)
		}
		if _, found, err := s.AddressOf(ctx, id, bot.WeChat); err != nil || !found {
			t.Fatalf("%s's address: %v", id, err)
		}
	}
	for _, c := range said {
		c.hasTurns(s, 20)
	}
	if _, err := s.Lines(ctx, gone.id, 0, 1); !errors.Is(err, ErrForgotten) {
		t.Errorf("who was forgotten: %v", err)
	}
	if n, _, err := s.VerifyAudit(ctx); err != nil || n != 2 {
		t.Errorf("%d entries in the trail: %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyFile, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, Options{Dir: dir}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("the old key: %v", err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestRotateToSM4 changes an installation from AES to SM4 while it is open, and
// back: what was said under either is read by both, and who comes after the
// change has a key of the new cipher.
func TestRotateToSM4(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RotateKey(ctx, journalMonday, "rot13", nil); !errors.Is(err, ErrCipher) {
		t.Fatalf("an unknown cipher: %v", err)
	}
	person := func(name string) bot.CitizenID {
		c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: name}, journalMonday)
		if err != nil {
			t.Fatal(err)
		}
		c.Name = bot.Secret("名" + name)
		if err := s.Commit(ctx, func(tx bot.Tx) error { return tx.SaveCitizen(c) }); err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	ids := map[string]bot.CitizenID{"aes": person("aes")}
	lengths := map[string]int{"aes": 32, "sm4": len("sm4:") + 16, "again": 32}
	for i, step := range []struct{ cipher, name, tag string }{{"sm4", "sm4", "sm4:"}, {"", "", "sm4:"}, {"aes", "again", ""}} {
		if err := s.RotateKey(ctx, journalMonday, step.cipher, nil); err != nil {
			t.Fatal(err)
		}
		if key := read(t, filepath.Join(dir, "data.key")); strings.HasPrefix(key, "sm4:") != (step.tag != "") || len(strings.Fields(key)) != 1 {
			t.Errorf("step %d: the key file has another cipher than asked for", i)
		}
		if state, err := s.KeyState(ctx); err != nil || state.Changing {
			t.Errorf("step %d: after the change %+v: %v", i, state, err)
		}
		if step.name != "" {
			ids[step.name] = person(step.name)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err = Open(ctx, Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
		for name, id := range ids {
			if c, err := s.Citizen(ctx, id); err != nil || c.Name.Reveal() != "名"+name {
				t.Errorf("step %d: %s is %q: %v", i, name, c.Name.Reveal(), err)
			}
			var wrapped []byte
			if err := s.reads.QueryRowContext(ctx, "SELECT key FROM citizen WHERE id = ?", id).Scan(&wrapped); err != nil {
				t.Fatal(err)
			}
			if key, err := s.ring.unwrap("citizen.key", string(id), wrapped); err != nil || len(key) != lengths[name] {
				t.Errorf("step %d: the key of %s has %d bytes: %v", i, name, len(key), err)
			}
		}
	}
	if _, _, err := s.VerifyAudit(ctx); err != nil {
		t.Errorf("the trail: %v", err)
	}
	hears := func(id bot.CitizenID, lines int) {
		err := s.Commit(ctx, func(tx bot.Tx) error {
			for range lines {
				if _, err := tx.Append(bot.Line{Citizen: id, At: journalMonday, Speaker: bot.SpeakerCitizen, Channel: bot.WeChat, Text: "话"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	before, err := s.KeyState(ctx)
	if err != nil {
		t.Fatal(err)
	}
	hears(ids["sm4"], 3)
	hears(ids["again"], 2)
	state, err := s.KeyState(ctx)
	if err != nil || state.Cipher != "aes" || state.Changing || len(state.Sealed) != 2 {
		t.Fatalf("%+v: %v", state, err)
	}
	for i, want := range []SealedWith{{"aes", 2, 2}, {"sm4", 1, 3}} {
		got := state.Sealed[i]
		if got.Records -= before.Sealed[i].Records; got != want {
			t.Errorf("sealed with %+v, want %+v", got, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestBegunWithSM4: records begun with SM4 have their digests by SM3, which
// whoever opens them finds out, and which no change of keys changes; records
// begun with AES keep theirs, whatever they are sealed with later.
func TestBegunWithSM4(t *testing.T) {
	ctx := context.Background()
	from := bot.Address{Channel: bot.WeChat, ID: "o1"}
	if _, err := Begin(ctx, Options{Dir: t.TempDir(), Cipher: "rot13"}); !errors.Is(err, ErrCipher) {
		t.Fatalf("an unknown cipher: %v", err)
	}
	for begun, other := range map[string]string{"sm4": "aes", "aes": "sm4"} {
		dir := t.TempDir()
		s, err := Begin(ctx, Options{Dir: dir, Cipher: begun})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Begin(ctx, Options{Dir: dir, Cipher: other}); !errors.Is(err, ErrBegun) {
			t.Errorf("begun again: %v", err)
		}
		c, err := s.Identify(ctx, from, journalMonday)
		if err != nil {
			t.Fatal(err)
		}
		want, entry := map[string]int{}, bot.AuditEntry{At: journalMonday, Actor: "陈静", Deed: bot.AuditOpen, Subject: string(c.ID)}
		stands := func(when string, s *Store) {
			t.Helper()
			if state, err := s.Key(); err != nil || state.Digests != begun {
				t.Errorf("%s: digests of %q: %v", when, state.Digests, err)
			}
			if id, err := s.whose(ctx, from); err != nil || id != c.ID {
				t.Errorf("%s: the address is %q's, want %q: %v", when, id, c.ID, err)
			}
			if n, _, err := s.VerifyAudit(ctx); err != nil || int(n) != want["entries"] {
				t.Errorf("%s: the trail has %d entries of %d: %v", when, n, want["entries"], err)
			}
		}
		note := func(s *Store) {
			t.Helper()
			if err := s.Audit(ctx, entry); err != nil {
				t.Fatal(err)
			}
			want["entries"]++
		}
		note(s)
		mac := hmac.New(map[string]func() hash.Hash{"sm4": sm3.New, "aes": sha256.New}[begun], s.ring.index)
		mac.Write([]byte("address\x00x"))
		if got := s.ring.blind("address", "x"); !bytes.Equal(got, mac.Sum(nil)[:16]) {
			t.Errorf("begun with %s: the blind index is by another digest", begun)
		}
		stands("begun with "+begun, s)
		if err := s.RotateKey(ctx, journalMonday, other, nil); err != nil {
			t.Fatal(err)
		}
		want["entries"]++
		reading, err := Open(ctx, Options{Dir: dir, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		stands("beside the owner, "+begun+" then "+other, reading)
		if err := errors.Join(reading.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
		if s, err = Open(ctx, Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
		note(s)
		stands("opened again, "+begun+" then "+other, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
