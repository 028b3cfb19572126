package platform_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"testing"
	"time"

	"guanjia/channels/wechat/platform"
	"guanjia/channels/wechat/wechattest"
)

const (
	token  = "guanjiaToken"
	aesKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// envelope is a sealed message.
type envelope struct {
	Encrypt, MsgSignature, TimeStamp, Nonce string
}

func newCipher(t testing.TB) *platform.Cipher {
	t.Helper()
	c, err := platform.NewCipher(appID, token, aesKey)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEnvelopes(t *testing.T) {
	c := newCipher(t)
	account := &wechattest.Account{AppID: appID, Token: token, AESKey: aesKey, Name: "gh_1"}
	for _, message := range []string{"", "x", "<xml>您好</xml>", string(bytes.Repeat([]byte("长"), 5000))} {
		if message == "" {
			continue // the platform sends none
		}
		q, body, err := account.Request(message)
		if err != nil {
			t.Fatal(err)
		}
		var in envelope
		if err := xml.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		got, err := c.Open(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), in.Encrypt)
		if err != nil || string(got) != message {
			t.Errorf("%d bytes: %v", len(message), err)
		}
		if _, err := c.Open(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce")+"0", in.Encrypt); !errors.Is(err, platform.ErrSignature) {
			t.Errorf("another nonce: %v", err)
		}
	}
	a, b := &envelope{}, &envelope{}
	for _, out := range []*envelope{a, b} {
		raw, err := c.Seal([]byte("<xml>回</xml>"), time.Unix(1_800_000_000, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(raw, out); err != nil {
			t.Fatal(err)
		}
	}
	if a.Encrypt == b.Encrypt || a.Nonce == b.Nonce || a.TimeStamp != "1800000000" {
		t.Error("the random or the nonce is used twice")
	}
	if account.Sign(a.TimeStamp, a.Nonce, a.Encrypt) != a.MsgSignature {
		t.Error("the reply is signed wrongly")
	}
}

func TestEnvelopeOfAnotherAccount(t *testing.T) {
	other := &wechattest.Account{AppID: "wxother", Token: token, AESKey: aesKey}
	q, body, err := other.Request("<xml/>")
	if err != nil {
		t.Fatal(err)
	}
	var in envelope
	if err := xml.Unmarshal([]byte(body), &in); err != nil {
		t.Fatal(err)
	}
	if _, err := newCipher(t).Open(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), in.Encrypt); !errors.Is(err, platform.ErrEnvelope) {
		t.Errorf("%v", err)
	}
}

func TestBadKeys(t *testing.T) {
	for _, key := range []string{"", "short", aesKey + "x", "!!!!efghijklmnopqrstuvwxyz0123456789ABCDEFG"} {
		if _, err := platform.NewCipher(appID, token, key); err == nil {
			t.Errorf("%q is taken for a key", key)
		}
	}
}

func TestPlainSignature(t *testing.T) {
	account := &wechattest.Account{Token: token}
	good := account.Sign("1800000000", "abc")
	if !platform.Signed(token, good, "1800000000", "abc") || platform.Signed(token, good, "1800000001", "abc") ||
		platform.Signed("", (&wechattest.Account{}).Sign("1", "2"), "1", "2") {
		t.Error("the plain signature is checked wrongly")
	}
}

// FuzzOpen gives the cipher nonsense. Under the signature of another message it
// is never opened. Rightly signed, which needs the account's token, it never
// makes it panic or gives more than came; that altered words may open then is the
// platform's own: its CBC says nothing of who wrote, its signature does.
func FuzzOpen(f *testing.F) {
	account := &wechattest.Account{AppID: appID, Token: token, AESKey: aesKey}
	_, body, err := account.Request("<xml>您好</xml>")
	if err != nil {
		f.Fatal(err)
	}
	var in envelope
	if err := xml.Unmarshal([]byte(body), &in); err != nil {
		f.Fatal(err)
	}
	f.Add(in.Encrypt)
	f.Add("")
	f.Add("AAAA")
	c := newCipher(f)
	f.Fuzz(func(t *testing.T, encrypted string) {
		if _, err := c.Open(account.Sign("1", "2", in.Encrypt), "1", "2", encrypted); err == nil && encrypted != in.Encrypt {
			t.Fatalf("another's signature opened %q", encrypted)
		}
		if got, err := c.Open(account.Sign("1", "2", encrypted), "1", "2", encrypted); err == nil && len(got) >= len(encrypted) {
			t.Fatalf("%d bytes of %q", len(got), encrypted)
		}
	})
}
