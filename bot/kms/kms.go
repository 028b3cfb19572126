// Package kms has a key management service wrap the installation's key, so that
// the key file alone opens nothing. It speaks the transit interface of
// HashiCorp Vault (developer.hashicorp.com/vault/api-docs/secret/transit), which
// OpenBao and several clouds' gateways speak too.
//
// It refuses to keep a key, and to go on with one that the service did not give.
package kms

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrRefused means that the service gave a definite no: the token may not, the
// key is not there, or the wrapped key is not one of its own.
var ErrRefused = errors.New("the key service refuses")

// Times of a call. A service that is opening waits for it; nothing else does.
const (
	tryFor = 5 * time.Second
	tries  = 3
	pause  = time.Second
	most   = 1 << 16 // bytes of an answer
)

// Vault is a key of a transit engine.
type Vault struct {
	address string // up to the engine: https://vault:8200/v1/transit
	key     string
	token   string
	client  *http.Client
	pause   time.Duration
}

// NewVault ties to a key by the engine's address, as https://vault:8200/v1/transit.
func NewVault(address, key, token string) (*Vault, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("kms_url is not an http or https address")
	}
	if key == "" || strings.ContainsAny(key, "/?#") || token == "" {
		return nil, errors.New("kms_url needs kms_key, a name, and kms_token")
	}
	return &Vault{address: strings.TrimRight(address, "/"), key: key, token: token, pause: pause, client: &http.Client{
		Timeout:       tryFor,
		Transport:     &http.Transport{DialContext: (&net.Dialer{Timeout: tryFor}).DialContext, TLSHandshakeTimeout: tryFor, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a token goes nowhere else
	}}, nil
}

// Wrap has a key encrypted. What comes back holds no space.
func (v *Vault) Wrap(ctx context.Context, key []byte) (string, error) {
	var got struct {
		Ciphertext string `json:"ciphertext"`
	}
	err := v.ask(ctx, "encrypt", map[string]string{"plaintext": base64.StdEncoding.EncodeToString(key)}, &got)
	if err == nil && (got.Ciphertext == "" || strings.ContainsAny(got.Ciphertext, " \t\r\n")) {
		err = errors.New("the key service answers without a ciphertext")
	}
	if err != nil {
		return "", fmt.Errorf("wrap key: %w", err)
	}
	return got.Ciphertext, nil
}

// Unwrap has what Wrap gave decrypted.
func (v *Vault) Unwrap(ctx context.Context, wrapped string) ([]byte, error) {
	var got struct {
		Plaintext string `json:"plaintext"`
	}
	if err := v.ask(ctx, "decrypt", map[string]string{"ciphertext": wrapped}, &got); err != nil {
		return nil, fmt.Errorf("unwrap key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(got.Plaintext)
	if err != nil || len(key) == 0 {
		return nil, errors.New("unwrap key: the key service answers without a plaintext")
	}
	return key, nil
}

// ask calls until there is an answer that is final, a few times at the most: a
// service that is sealed or starting up may come.
func (v *Vault) ask(ctx context.Context, deed string, body map[string]string, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		if err = v.once(ctx, deed, raw, into); err == nil || errors.Is(err, ErrRefused) || try == tries {
			return err
		}
		select {
		case <-time.After(v.pause):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

func (v *Vault) once(ctx context.Context, deed string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.address+"/"+deed+"/"+v.key, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Vault-Token", v.token)
	r.Header.Set("X-Vault-Request", "true") // asked for by agents that guard against forged requests
	res, err := v.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return err
	}
	switch {
	case res.StatusCode == http.StatusOK:
		var got struct {
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			return fmt.Errorf("the key service's answer: %w", err)
		}
		if err := json.Unmarshal(got.Data, into); err != nil {
			return fmt.Errorf("the key service's answer: %w", err)
		}
		return nil
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("the key service answers %d", res.StatusCode) // 503: sealed
	}
	return fmt.Errorf("%w: %d%s", ErrRefused, res.StatusCode, why(raw))
}

// why is what the service says of its no.
func why(raw []byte) string {
	var got struct {
		Errors []string `json:"errors"`
	}
	if json.Unmarshal(raw, &got) != nil || len(got.Errors) == 0 {
		return ""
	}
	return ": " + strings.TrimSpace(strings.Join(got.Errors, "; "))
}
