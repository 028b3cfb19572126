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
	err = s.RotateKey(stop, journalMonday, func(moved int) {
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
	if err := s.RotateKey(ctx, journalMonday, nil); err != nil {
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
