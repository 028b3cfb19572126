package signal

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/icholy/digest"
)

// realm is what callers who must prove themselves are asked for.
const realm = "12345"

// nonceLife is how long a challenge can be answered.
const nonceLife = 5 * time.Minute

// nonces are the challenges given out; the value is the highest count seen, so
// that an answer overheard cannot be used again.
type nonces struct {
	mu    sync.Mutex
	given map[string]*nonce
}

type nonce struct {
	at    time.Time
	count int
}

// maxNonces bounds what challenges cost.
const maxNonces = 10_000

func newNonces() *nonces { return &nonces{given: map[string]*nonce{}} }

func (n *nonces) give(now time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.given) >= maxNonces {
		clear(n.given)
	}
	word := newTag()
	n.given[word] = &nonce{at: now}
	return word
}

// use takes a count of a challenge; false where it is unknown, old or seen.
func (n *nonces) use(word string, count int, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	g := n.given[word]
	if g == nil || now.Sub(g.at) > nonceLife || count <= g.count {
		return false
	}
	g.count = count
	return true
}

func (n *nonces) sweep(now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for word, g := range n.given {
		if now.Sub(g.at) > nonceLife {
			delete(n.given, word)
		}
	}
}

// authentic says whether the caller is who may call, where digest is asked
// for; otherwise it has answered with a challenge.
func (e *Endpoint) authentic(tx *serverTx) bool {
	if len(e.config.Users) == 0 {
		return true
	}
	stale := false
	if v, n := tx.env.get("authorization"); n > 0 {
		given, err := digest.ParseCredentials(v)
		if err != nil {
			e.respond(tx, 400, "Malformed Authorization")
			return false
		}
		password, known := e.config.Users[given.Username]
		if known && given.Realm == realm && given.URI == tx.env.uri && proves(given, tx.env.method, password) {
			if e.nonces.use(given.Nonce, given.Nc, time.Now()) {
				return true
			}
			stale = true
		}
	}
	challenge := fmt.Sprintf(`Digest realm=%q, nonce=%q, qop="auth", algorithm=MD5`, realm, e.nonces.give(time.Now()))
	if stale {
		challenge += ", stale=true"
	}
	e.respond(tx, 401, "Unauthorized", field{"WWW-Authenticate", challenge})
	return false
}

// proves says whether an answer to a challenge was made with the password.
func proves(given *digest.Credentials, method, password string) bool {
	if given.QOP != "auth" {
		return false
	}
	want, err := digest.Digest(&digest.Challenge{Realm: realm, Nonce: given.Nonce, QOP: []string{"auth"}, Algorithm: "MD5", Opaque: given.Opaque},
		digest.Options{Method: method, URI: given.URI, Username: given.Username, Password: password, Cnonce: given.Cnonce, Count: given.Nc})
	return err == nil && subtle.ConstantTimeCompare([]byte(want.Response), []byte(given.Response)) == 1
}

// prove answers a challenge of the other side.
func prove(a *answer, method, uri, user, password string) (*field, error) {
	header, reply := "www-authenticate", "Authorization"
	if a.status() == 407 {
		header, reply = "proxy-authenticate", "Proxy-Authorization"
	}
	v, n := a.env.get(header)
	if n == 0 {
		return nil, errors.New("challenged without a challenge")
	}
	challenge, err := digest.ParseChallenge(v)
	if err != nil {
		return nil, errors.New("a challenge that cannot be read")
	}
	given, err := digest.Digest(challenge, digest.Options{Method: method, URI: uri, Username: user, Password: password, Count: 1})
	if err != nil {
		return nil, errors.New("a challenge that cannot be answered")
	}
	return &field{reply, given.String()}, nil
}
