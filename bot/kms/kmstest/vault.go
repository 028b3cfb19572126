// Package kmstest stands in for a Vault with a transit engine: it encrypts and
// decrypts for who has the token, and answers as the documentation of Vault's
// HTTP interface says where something is wrong. It is for tests only.
package kmstest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
)

// Vault is one engine with one key.
type Vault struct {
	*httptest.Server
	Token, Key string
	// Sealed has it answer as one that nobody has unsealed.
	Sealed atomic.Bool
	// Asked counts what it was asked.
	Asked atomic.Int64
	aead  cipher.AEAD
}

// Start has one listen until it is closed.
func Start() (*Vault, error) {
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	v := &Vault{Token: "hvs." + rand.Text(), Key: "guanjia"}
	if v.aead, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	v.Server = httptest.NewServer(v)
	return v, nil
}

// Address is the engine's.
func (v *Vault) Address() string { return v.URL + "/v1/transit" }

// ServeHTTP answers POST /v1/transit/{encrypt,decrypt}/KEY.
func (v *Vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.Asked.Add(1)
	deed, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/transit/"), "/")
	var in struct{ Plaintext, Ciphertext string }
	switch err := json.NewDecoder(r.Body).Decode(&in); {
	case v.Sealed.Load():
		refuse(w, http.StatusServiceUnavailable, "Vault is sealed")
	case r.Header.Get("X-Vault-Token") != v.Token:
		refuse(w, http.StatusForbidden, "permission denied")
	case r.Method != http.MethodPost || deed != "encrypt" && deed != "decrypt":
		refuse(w, http.StatusMethodNotAllowed, "unsupported operation")
	case err != nil:
		refuse(w, http.StatusBadRequest, "error parsing JSON")
	case key != v.Key:
		refuse(w, http.StatusBadRequest, "encryption key not found")
	case deed == "encrypt":
		plain, err := base64.StdEncoding.DecodeString(in.Plaintext)
		if err != nil {
			refuse(w, http.StatusBadRequest, "failed to base64-decode plaintext")
			return
		}
		nonce := make([]byte, v.aead.NonceSize())
		rand.Read(nonce)
		answer(w, map[string]any{"ciphertext": "vault:v1:" + base64.StdEncoding.EncodeToString(v.aead.Seal(nonce, nonce, plain, nil)), "key_version": 1})
	default:
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(in.Ciphertext, "vault:v1:"))
		if err != nil || len(raw) < v.aead.NonceSize() {
			refuse(w, http.StatusBadRequest, "invalid ciphertext: no prefix")
			return
		}
		plain, err := v.aead.Open(nil, raw[:v.aead.NonceSize()], raw[v.aead.NonceSize():], nil)
		if err != nil {
			refuse(w, http.StatusBadRequest, "cipher: message authentication failed")
			return
		}
		answer(w, map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)})
	}
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string][]string{"errors": {why}})
}

func answer(w http.ResponseWriter, data map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"request_id": rand.Text(), "lease_id": "", "renewable": false, "data": data})
}
