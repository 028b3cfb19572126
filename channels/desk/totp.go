package desk

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505: RFC 6238's default, and the only one authenticator apps all know
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Codes of a second factor as of RFC 6238 with its defaults, which is what
// authenticator apps speak.
const (
	codeStep   = 30 * time.Second
	codeDigits = 6
	codeDrift  = 1  // steps a telephone's clock may be off either way
	codeSecret = 20 // bytes
)

// stepOf is the number of the step an instant lies in.
func stepOf(at time.Time) int64 { return at.Unix() / int64(codeStep.Seconds()) }

// codeOf is the code of a step.
func codeOf(secret []byte, step int64, digits int) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, secret)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	mod := uint32(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

// stepFor is the step whose code was given, a clock's drift around now; 0 if it
// is none of them.
func stepFor(secret []byte, code string, now time.Time) int64 {
	var found int64
	for step := stepOf(now) - codeDrift; step <= stepOf(now)+codeDrift; step++ {
		if subtle.ConstantTimeCompare([]byte(codeOf(secret, step, codeDigits)), []byte(code)) == 1 {
			found = step
		}
	}
	return found
}

func spelled(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// keyAddress is what an authenticator app reads from the picture.
func keyAddress(name string, secret []byte) string {
	q := url.Values{"secret": {spelled(secret)}, "issuer": {"莞家政务"}}
	return "otpauth://totp/" + url.PathEscape("莞家政务:"+name) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
