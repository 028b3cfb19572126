// Package signon lets colleagues sign on with the city's identity provider
// (OpenID Connect, authorisation code with PKCE). It says who came back and
// refuses to say what they may do: that is the desk's accounts' matter.
//
// A trip to the provider is taken once, by the browser that began it, within
// ten minutes; state, nonce and verifier stay here. Trips do not outlive the
// process: whoever is on the way meanwhile begins again.
package signon

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config says where the provider is and who we are to it.
type Config struct {
	Issuer   string
	ClientID string
	Secret   string
	Redirect string // the address the provider sends browsers back to
	// Claim holds the account's name: preferred_username, or another.
	Claim string
	Clock func() time.Time
}

// ErrTrip means that nobody began such a trip, or that it is over.
var ErrTrip = errors.New("no such trip to the identity provider")

const (
	tripTime  = 10 * time.Minute
	mostTrips = 1000 // on the way at once; the oldest give way
	callLimit = 10 * time.Second
)

// trip is what we know of a browser on its way.
type trip struct {
	state, nonce, verifier string
	begun                  time.Time
}

// Provider is the city's identity provider.
type Provider struct {
	Config
	client *http.Client
	mu     sync.Mutex
	found  *oidc.Provider // once discovered
	trips  map[string]trip
}

// New makes a provider; nothing is asked of it yet.
func New(c Config) *Provider {
	return &Provider{Config: c, trips: map[string]trip{}, client: &http.Client{Timeout: callLimit, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // an identity provider's interfaces do not move
	}}}
}

// Begin begins a trip: its name for the browser to keep, and where it goes.
func (p *Provider) Begin(ctx context.Context) (name, address string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", "", err
	}
	t := trip{rand.Text(), rand.Text(), oauth2.GenerateVerifier(), p.Clock()}
	name = rand.Text()
	p.keep(name, t)
	return name, p.oauth(found).AuthCodeURL(t.state, oidc.Nonce(t.nonce), oauth2.S256ChallengeOption(t.verifier)), nil
}

// Finish ends a trip and says whose it was: the value of the claim.
func (p *Provider) Finish(ctx context.Context, name, state, code string) (who string, err error) {
	t, ok := p.take(name)
	if !ok || subtle.ConstantTimeCompare([]byte(t.state), []byte(state)) != 1 || code == "" {
		return "", ErrTrip
	}
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	ctx, end := context.WithTimeout(oidc.ClientContext(ctx, p.client), callLimit)
	defer end()
	token, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(t.verifier))
	if err != nil {
		return "", fmt.Errorf("exchange code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: p.Clock}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("verify id token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(t.nonce)) != 1 {
		return "", fmt.Errorf("the id token is of another trip: %w", ErrTrip)
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return "", fmt.Errorf("read claims: %w", err)
	}
	if who, _ = claims[p.Claim].(string); who == "" {
		return "", fmt.Errorf("the id token has no claim %q", p.Claim)
	}
	return who, nil
}

// discover asks the provider once where its parts are.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	found := p.found
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	// What is found is used after this request, its keys are fetched with the
	// same client.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("find identity provider: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = found
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, RedirectURL: p.Redirect, Endpoint: found.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

func (p *Provider) keep(name string, t trip) {
	p.mu.Lock()
	defer p.mu.Unlock()
	oldest := ""
	for n, other := range p.trips {
		if t.begun.Sub(other.begun) > tripTime {
			delete(p.trips, n)
		} else if oldest == "" || other.begun.Before(p.trips[oldest].begun) {
			oldest = n
		}
	}
	if len(p.trips) >= mostTrips {
		delete(p.trips, oldest)
	}
	p.trips[name] = t
}

func (p *Provider) take(name string) (trip, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.trips[name]
	delete(p.trips, name)
	return t, ok && p.Clock().Sub(t.begun) <= tripTime
}
