package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"

	"guanjia/bot"
)

// Meet is who a browser is to the chat; one that comes for the first time is
// given its id with the answer. Pages beside the chat use it, so that what was
// done on them and what is said in the chat are one person's.
func (c *Chat) Meet(w http.ResponseWriter, r *http.Request) bot.Address {
	if from, ok := c.address(r); ok {
		return from
	}
	id := make([]byte, idBytes)
	rand.Read(id) // never fails: the runtime aborts instead
	http.SetCookie(w, &http.Cookie{
		Name: c.cookieName(), Value: base64.RawURLEncoding.EncodeToString(id), Path: "/",
		MaxAge: int(cookieLife.Seconds()), HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	})
	sum := sha256.Sum256(id)
	return bot.Address{Channel: bot.Web, ID: hex.EncodeToString(sum[:])}
}
