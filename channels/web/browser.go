package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net"
	"net/http"
	"time"

	"guanjia/bot"
)

// A browser is known by a random 256-bit id in a cookie. What the rest of the
// service sees of it is a digest: who reads the store cannot become the browser.
const (
	cookiePlain  = "guanjia_browser"
	cookieSecure = "__Host-guanjia_browser"
	cookieLife   = 180 * 24 * time.Hour
	idBytes      = 32
)

func (c *Chat) cookieName() string {
	if c.secure {
		return cookieSecure
	}
	return cookiePlain
}

// address reads who the browser is; ok is false without a well-formed cookie.
func (c *Chat) address(r *http.Request) (from bot.Address, ok bool) {
	cookie, err := r.Cookie(c.cookieName())
	if err != nil {
		return bot.Address{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(raw) != idBytes {
		return bot.Address{}, false
	}
	sum := sha256.Sum256(raw)
	return bot.Address{Channel: bot.Web, ID: hex.EncodeToString(sum[:])}, true
}

// meet gives a browser its id at the first visit.
func (c *Chat) meet(w http.ResponseWriter, r *http.Request) { c.Meet(w, r) }

// known is address for the API: a browser without an id is asked to load the
// page again.
func (c *Chat) known(w http.ResponseWriter, r *http.Request) (bot.Address, bool) {
	from, ok := c.address(r)
	if !ok {
		refuse(w, http.StatusUnauthorized, "页面已过期，请刷新后再发。")
	}
	return from, ok
}

// Browser is who a browser is to the chat; false without a well-formed cookie.
func (c *Chat) Browser(r *http.Request) (bot.Address, bool) { return c.address(r) }

// Peer is the IP address a request comes from.
func Peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
