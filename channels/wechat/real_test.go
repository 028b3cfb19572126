package wechat

import (
	"encoding/xml"
	"net/url"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
)

// Interfaces the real platform meets.
var (
	_ Outbound = (*platform.API)(nil)
	_ Cipher   = (*platform.Cipher)(nil)
)

// TestRealCipher: the whole way of an encrypted message with the platform's
// own cipher, and what another account's or key's envelope gets.
func TestRealCipher(t *testing.T) {
	const key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	cipher := func(app, key string) *platform.Cipher {
		c, err := platform.NewCipher(app, token, key)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ours := cipher("wx1", key)
	p := open(t, func(c *Config) { c.Cipher = ours })
	send := func(c *platform.Cipher, plain string) (int, string) {
		q, envelope := envelopeFor(t, c, plain)
		status, reply, err := p.try(q, envelope, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return status, reply
	}
	status, reply := send(ours, text("o1", 1, "预约 😀"))
	if status != 200 {
		t.Fatalf("%d %s", status, reply)
	}
	e := apart(t, reply)
	plain, err := ours.Open(e.signature, e.ts, e.nonce, e.encrypted)
	if err != nil || content(t, string(plain)) != "答：预约 😀" {
		t.Errorf("%q %v", plain, err)
	}
	for name, c := range map[string]*platform.Cipher{
		"another account": cipher("wx2", key), "another key": cipher("wx1", "0"+key[1:]),
	} {
		if status, reason := send(c, text("o1", 2, "x")); status != 403 || reason == "" {
			t.Errorf("%s: %d %q", name, status, reason)
		}
	}
	if got := p.clerk.heard(); len(got) != 1 || got[0].From.Channel != bot.WeChat {
		t.Errorf("heard %v", got)
	}
}

// sealedReply is an envelope's parts.
type sealedReply struct{ encrypted, signature, ts, nonce string }

// apart takes an envelope apart.
func apart(t testing.TB, envelope string) sealedReply {
	t.Helper()
	var e struct{ Encrypt, MsgSignature, TimeStamp, Nonce string }
	if err := xml.Unmarshal([]byte(envelope), &e); err != nil {
		t.Fatal(err)
	}
	return sealedReply{e.Encrypt, e.MsgSignature, e.TimeStamp, e.Nonce}
}

// envelopeFor makes an encrypted callback.
func envelopeFor(t testing.TB, c *platform.Cipher, plain string) (url.Values, string) {
	t.Helper()
	envelope, err := c.Seal([]byte(plain), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	e := apart(t, string(envelope))
	return url.Values{"encrypt_type": {"aes"}, "timestamp": {e.ts}, "nonce": {e.nonce}, "msg_signature": {e.signature}}, string(envelope)
}
