package wechattest

import (
	"fmt"
	"net/http"
	"time"
)

// code is what a browser comes back with from the platform's page; it serves
// once and for five minutes.
type code struct {
	openID string
	until  time.Time
	used   bool
}

// Code is what the browser of a citizen is sent back with when a page asks who
// it is.
func (s *Server) Code(openID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	name := fmt.Sprintf("CODE_%d", s.serial)
	s.codes[name] = code{openID: openID, until: s.now().Add(5 * time.Minute)}
	return name
}

// identify exchanges a code for the openid.
func (s *Server) identify(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	c, known := s.codes[q.Get("code")]
	switch {
	case q.Get("appid") != s.AppID:
		refuse(w, 40013, "invalid appid")
	case q.Get("secret") != s.Secret:
		refuse(w, 40125, "invalid appsecret")
	case q.Get("grant_type") != "authorization_code":
		refuse(w, 40002, "invalid grant_type")
	case !known:
		refuse(w, 40029, "invalid code")
	case c.used:
		refuse(w, 40163, "code been used")
	case s.now().After(c.until):
		refuse(w, 42003, "oauth_code expired")
	default:
		c.used = true
		s.codes[q.Get("code")] = c
		answer(w, map[string]any{"access_token": "A", "expires_in": 7200, "refresh_token": "R", "openid": c.openID, "scope": "snsapi_base"})
	}
}
