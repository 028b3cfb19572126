package store

import (
	"context"
	"encoding/base64"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/bot/kms"
	"guanjia/bot/kms/kmstest"
)

// TestKeyService begins records with a key in the file, has a key service wrap
// the next one, and holds that from then on nothing opens without the service:
// not with the file alone, not for another's token, not while it is sealed.
func TestKeyService(t *testing.T) {
	ctx := context.Background()
	vault, err := kmstest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vault.Close)
	keys := func(token string) KeyService {
		v, err := kms.NewVault(vault.Address(), vault.Key, token)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "data.key")
	s, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: "o1"}, journalMonday)
	if err != nil {
		t.Fatal(err)
	}
	again := func(o Options) error {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		o.Dir = dir
		next, err := Open(ctx, o)
		if err == nil {
			s = next
		}
		return err
	}
	if err := again(Options{Keys: keys(vault.Token)}); err != nil {
		t.Fatalf("a key in the file beside a service: %v", err)
	}
	before := read(t, file)
	stop, cancel := context.WithCancel(ctx)
	cancel()
	vault.Sealed.Store(true)
	if err := s.RotateKey(stop, journalMonday, "", nil); err == nil || read(t, file) != before {
		t.Fatalf("rotated without the service: %v", err)
	}
	vault.Sealed.Store(false)
	for range 2 {
		if err := s.RotateKey(ctx, journalMonday, "sm4", nil); err != nil {
			t.Fatal(err)
		}
		line := strings.TrimSpace(read(t, file))
		wrapped, ok := strings.CutPrefix(line, "sm4:kms:")
		if !ok || strings.ContainsAny(line, " \n") {
			t.Fatalf("the key file holds no key of the service")
		}
		plain, err := keys(vault.Token).Unwrap(ctx, wrapped)
		if err != nil || strings.Contains(line, base64.StdEncoding.EncodeToString(plain)) {
			t.Fatalf("the key stands in the file: %v", err)
		}
	}
	if err := again(Options{}); err == nil || !strings.Contains(err.Error(), "kms_url") {
		t.Fatalf("with the file alone: %v", err)
	}
	if _, err := Open(ctx, Options{Dir: dir, Keys: keys("hvs.another")}); !errors.Is(err, kms.ErrRefused) {
		t.Fatalf("with another's token: %v", err)
	}
	vault.Sealed.Store(true)
	soon, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Open(soon, Options{Dir: dir, Keys: keys(vault.Token)}); err == nil || errors.Is(err, ErrWrongKey) {
		t.Fatalf("while it is sealed: %v", err)
	}
	vault.Sealed.Store(false)
	if s, err = Open(ctx, Options{Dir: dir, Keys: keys(vault.Token)}); err != nil {
		t.Fatal(err)
	}
	vault.Sealed.Store(true) // who runs needs it no more
	if same, err := s.Identify(ctx, bot.Address{Channel: bot.WeChat, ID: "o1"}, journalMonday); err != nil || same.ID != c.ID {
		t.Errorf("%s leads to %s: %v", c.ID, same.ID, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKeyServiceFromTheBeginning makes records whose key was never in the clear.
func TestKeyServiceFromTheBeginning(t *testing.T) {
	ctx := context.Background()
	vault, err := kmstest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vault.Close)
	keys, err := kms.NewVault(vault.Address(), vault.Key, vault.Token)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s, err := Open(ctx, Options{Dir: dir, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if line := read(t, filepath.Join(dir, "data.key")); !strings.HasPrefix(line, "kms:vault:v1:") {
		t.Error("the key file holds no key of the service")
	}
	if s, err = Open(ctx, Options{Dir: dir, Keys: keys}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
