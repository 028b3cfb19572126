package kms

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guanjia/bot/kms/kmstest"
)

// open ties to a stand-in that ends with the test, with short pauses.
func open(t *testing.T) (*kmstest.Vault, *Vault) {
	t.Helper()
	stand, err := kmstest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	v, err := NewVault(stand.Address()+"/", stand.Key, stand.Token)
	if err != nil {
		t.Fatal(err)
	}
	v.pause = time.Millisecond
	return stand, v
}

func TestWrap(t *testing.T) {
	stand, v := open(t)
	ctx, key := context.Background(), []byte("0123456789abcdef0123456789abcdef")
	wrapped, err := v.Wrap(ctx, key)
	if err != nil || !strings.HasPrefix(wrapped, "vault:v1:") || strings.Contains(wrapped, string(key)) {
		t.Fatalf("%q: %v", wrapped, err)
	}
	if got, err := v.Unwrap(ctx, wrapped); err != nil || !bytes.Equal(got, key) {
		t.Fatalf("%q: %v", got, err)
	}
	asked := stand.Asked.Load()
	for _, wrong := range []string{"", "nonsense", wrapped[:len(wrapped)-8] + "AAAAAAA="} {
		if _, err := v.Unwrap(ctx, wrong); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if n := stand.Asked.Load() - asked; n != 3 {
		t.Errorf("a no was asked for again: %d calls", n)
	}
	v.token = "hvs.another"
	if _, err := v.Wrap(ctx, key); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("another's token: %v", err)
	}
}

// TestComing has the service sealed at first, and for good.
func TestComing(t *testing.T) {
	stand, v := open(t)
	stand.Sealed.Store(true)
	if _, err := v.Wrap(context.Background(), []byte("key")); err == nil || errors.Is(err, ErrRefused) || stand.Asked.Load() != tries {
		t.Errorf("sealed: %v after %d calls", err, stand.Asked.Load())
	}
	v.pause = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.Wrap(ctx, []byte("key")); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	stand.Sealed.Store(false)
	if _, err := v.Wrap(context.Background(), []byte("key")); err != nil {
		t.Errorf("unsealed: %v", err)
	}
}

// TestNonsense has a server answer what no key service does.
func TestNonsense(t *testing.T) {
	for name, body := range map[string]string{"nothing": "", "a page": "<html>", "no data": "{}", "no text": `{"data":{}}`, "not base64": `{"data":{"plaintext":"*","ciphertext":"a b"}}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(body)) }))
		v, err := NewVault(server.URL, "k", "t")
		if err != nil {
			t.Fatal(err)
		}
		v.pause = time.Millisecond
		if _, err := v.Wrap(context.Background(), []byte("key")); err == nil {
			t.Errorf("%s: wrapped", name)
		}
		if _, err := v.Unwrap(context.Background(), "x"); err == nil {
			t.Errorf("%s: unwrapped", name)
		}
		server.Close()
	}
	for _, c := range [][3]string{{"vault:8200", "k", "t"}, {"https://vault", "", "t"}, {"https://vault", "k", ""}, {"https://vault", "a/b", "t"}} {
		if _, err := NewVault(c[0], c[1], c[2]); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
}
