package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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
