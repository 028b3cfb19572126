package platform

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// tokens keeps the access token (stable_token, so that other users of the
// account's token are not turned out). Whoever needs one while it is being
// fetched waits for the same fetch.
type tokens struct {
	api *API

	mu      sync.Mutex
	token   string
	expires time.Time
	refused string    // by the platform, whatever others still share
	fetch   *fetch    // under way, nil if none
	failed  time.Time // of the last failure, for the pause after it
	cause   error
	misses  int
}

// fetch is one call for a token.
type fetch struct {
	done  chan struct{}
	token string
	err   error
}

// Times of the token.
const (
	renewBefore  = 5 * time.Minute // the old token holds so long beside the new one
	fetchTime    = 5 * time.Second
	firstPause   = time.Second // after a failure, doubled with each further one
	longestPause = time.Minute
)

// get returns a token that is good for a while.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	now := t.api.clock()
	switch {
	case t.token != "" && now.Before(t.expires.Add(-renewBefore)):
		defer t.mu.Unlock()
		return t.token, nil
	case t.fetch == nil && t.misses > 0 && now.Before(t.failed.Add(t.pause())):
		defer t.mu.Unlock()
		if t.token != "" && now.Before(t.expires) {
			return t.token, nil
		}
		return "", t.cause
	case t.fetch == nil:
		t.fetch = &fetch{done: make(chan struct{})}
		t.api.work.Go(func() { t.run(t.fetch) })
	}
	f := t.fetch
	t.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (t *tokens) pause() time.Duration {
	return min(firstPause<<min(t.misses-1, 10), longestPause)
}

// drop forgets a token the platform refused, unless it was renewed since.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused = token
	if t.token == token {
		t.token = ""
	}
}

// run fetches a token; it outlives the caller that asked for it, because
// others wait for it too.
func (t *tokens) run(f *fetch) {
	ctx, cancel := context.WithTimeout(t.api.base, fetchTime)
	defer cancel()
	token, life, err := t.find(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.api.clock()
	if err != nil {
		t.failed, t.cause = now, err
		t.misses++
		if t.token != "" && now.Before(t.expires) { // the old one still holds
			token, err = t.token, nil
		}
	} else {
		t.token, t.expires, t.misses, t.cause = token, now.Add(life), 0, nil
	}
	f.token, f.err = token, err
	t.fetch = nil
	close(f.done)
}

// find takes the token that another instance shared, or fetches one and shares
// it.
func (t *tokens) find(ctx context.Context) (string, time.Duration, error) {
	shared := t.api.shared
	if shared == nil {
		return t.ask(ctx)
	}
	t.mu.Lock()
	refused := t.refused
	t.mu.Unlock()
	now := t.api.clock()
	if token, expires := shared.Token(ctx, t.api.appID); token != "" && token != refused && now.Before(expires.Add(-renewBefore)) {
		return token, expires.Sub(now), nil
	}
	token, life, err := t.ask(ctx)
	if err == nil {
		shared.KeepToken(ctx, t.api.appID, token, t.api.clock().Add(life))
	}
	return token, life, err
}

func (t *tokens) ask(ctx context.Context) (string, time.Duration, error) {
	var out struct {
		refusal
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	body := map[string]any{"grant_type": "client_credential", "appid": t.api.appID, "secret": t.api.secret, "force_refresh": false}
	if err := t.api.exchange(ctx, http.MethodPost, "/cgi-bin/stable_token", nil, body, &out); err != nil {
		return "", 0, notUnknown(err)
	}
	if out.AccessToken == "" || out.ExpiresIn <= 0 {
		return "", 0, errors.New("fetch access token: the answer holds none")
	}
	return out.AccessToken, time.Duration(out.ExpiresIn) * time.Second, nil
}
