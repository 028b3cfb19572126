package wechat

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// seals is a cipher for tests: it signs as safe mode does and "encrypts" by
// base64. The real one is tested in platform, and with it here.
type seals struct{}

func seal(ts, nonce, encrypted string) string {
	sum := sha256.Sum256([]byte(token + ts + nonce + encrypted))
	return hex.EncodeToString(sum[:])
}

func (seals) Open(signature, timestamp, nonce, encrypted string) ([]byte, error) {
	if signature != seal(timestamp, nonce, encrypted) {
		return nil, errors.New("signature does not match")
	}
	return base64.StdEncoding.DecodeString(encrypted)
}

func (seals) Seal(plain []byte, at time.Time) ([]byte, error) {
	return fmt.Appendf(nil, "<xml><Encrypt><![CDATA[%s]]></Encrypt><TimeStamp>%d</TimeStamp></xml>", base64.StdEncoding.EncodeToString(plain), at.Unix()), nil
}

// sealed makes an encrypted body and the query it comes with, without the
// plain signature, which the platform does not always send.
func sealed(at time.Time, nonce, plain string) (url.Values, string) {
	encrypted := base64.StdEncoding.EncodeToString([]byte(plain))
	ts := strconv.FormatInt(at.Unix(), 10)
	q := url.Values{"encrypt_type": {"aes"}, "timestamp": {ts}, "nonce": {nonce}, "msg_signature": {seal(ts, nonce, encrypted)}}
	return q, "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt></xml>"
}

// unseal opens what Seal made.
func unseal(body string) string {
	m, err := parse([]byte(body))
	if err != nil {
		return ""
	}
	b, _ := base64.StdEncoding.DecodeString(m.Encrypt)
	return string(b)
}
