// Package passkey has security keys and passkeys (WebAuthn) made and proven for
// accounts of the desk. What a key signs is bound to the address the desk is
// reached by, so that a page that only looks like it gets nothing.
//
// It keeps nothing: keys and challenges are handed in and out as bytes. It
// refuses addresses that are a bare number, which browsers make no keys for, and
// a key whose counter says that it was copied.
package passkey

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Errors a ceremony may end with.
var (
	// ErrAddress means that the desk is reached by an address browsers make no
	// keys for.
	ErrAddress = errors.New("keys need a host name, over TLS or on localhost")
	// ErrRefused means that what the browser sent proves nothing.
	ErrRefused = errors.New("the key proves nothing")
)

// ceremonyLife is how long a challenge may be answered.
const ceremonyLife = 5 * time.Minute

// Key is a key as it is kept.
type Key struct {
	ID   []byte
	Body []byte
}

// Ceremonies are the exchanges with browsers.
type Ceremonies struct{}

// owner is an account as the library wants it.
type owner struct {
	name string
	keys []webauthn.Credential
}

func (o owner) WebAuthnID() []byte {
	sum := sha256.Sum256([]byte("guanjia desk " + o.name))
	return sum[:]
}
func (o owner) WebAuthnName() string                       { return o.name }
func (o owner) WebAuthnDisplayName() string                { return o.name }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

func ownerOf(name string, keys []Key) (owner, error) {
	o := owner{name: name}
	for _, k := range keys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Body, &c); err != nil {
			return o, fmt.Errorf("read key: %w", err)
		}
		o.keys = append(o.keys, c)
	}
	return o, nil
}

// party is the desk by the address a request came to.
func party(r *http.Request) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || u.Host != r.Host || net.ParseIP(u.Hostname()) != nil || u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil, ErrAddress
	}
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyLife, TimeoutUVD: ceremonyLife}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "莞家政务坐席", RPOrigins: []string{u.Scheme + "://" + u.Host},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
	if err != nil {
		return nil, fmt.Errorf("set up keys: %w", err)
	}
	return w, nil
}

// BeginNew makes a challenge for a new key; state is to be handed to FinishNew.
func (Ceremonies) BeginNew(r *http.Request, name string, keys []Key) (options any, state []byte, err error) {
	w, err := party(r)
	if err != nil {
		return nil, nil, err
	}
	o, err := ownerOf(name, keys)
	if err != nil {
		return nil, nil, err
	}
	made, session, err := w.BeginRegistration(o, webauthn.WithExclusions(webauthn.Credentials(o.keys).CredentialDescriptors()),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation))
	if err != nil {
		return nil, nil, fmt.Errorf("begin a key: %w", err)
	}
	state, err = json.Marshal(session)
	return made, state, err
}

// FinishNew reads the key a browser made.
func (Ceremonies) FinishNew(r *http.Request, name string, keys []Key, state []byte) (Key, error) {
	w, o, session, err := going(r, name, keys, state)
	if err != nil {
		return Key{}, err
	}
	made, err := w.FinishRegistration(o, session, r)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return keyOf(made)
}

// BeginProof makes a challenge for one of an account's keys.
func (Ceremonies) BeginProof(r *http.Request, name string, keys []Key) (options any, state []byte, err error) {
	w, err := party(r)
	if err != nil {
		return nil, nil, err
	}
	o, err := ownerOf(name, keys)
	if err != nil {
		return nil, nil, err
	}
	asked, session, err := w.BeginLogin(o)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a key: %w", err)
	}
	state, err = json.Marshal(session)
	return asked, state, err
}

// FinishProof checks what a key signed and gives it as it is to be kept from
// now on.
func (Ceremonies) FinishProof(r *http.Request, name string, keys []Key, state []byte) (Key, error) {
	w, o, session, err := going(r, name, keys, state)
	if err != nil {
		return Key{}, err
	}
	used, err := w.FinishLogin(o, session, r)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if used.Authenticator.CloneWarning {
		return Key{}, fmt.Errorf("%w: its counter went back, it may be a copy", ErrRefused)
	}
	return keyOf(used)
}

// going takes a ceremony up where it was.
func going(r *http.Request, name string, keys []Key, state []byte) (*webauthn.WebAuthn, owner, webauthn.SessionData, error) {
	var session webauthn.SessionData
	w, err := party(r)
	var o owner
	if err == nil {
		o, err = ownerOf(name, keys)
	}
	if err == nil {
		err = json.Unmarshal(state, &session)
	}
	return w, o, session, err
}

func keyOf(c *webauthn.Credential) (Key, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return Key{}, fmt.Errorf("write key: %w", err)
	}
	return Key{ID: c.ID, Body: body}, nil
}
