package platform_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"guanjia/channels/wechat/wechattest"
)

// TestOtherImplementations has three implementations that are not ours seal
// what we open and open what we seal.
func TestOtherImplementations(t *testing.T) {
	c := newCipher(t)
	callback := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		var in envelope
		q := r.URL.Query()
		if err := xml.Unmarshal(raw, &in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		plain, err := c.Open(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), in.Encrypt)
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		var m struct{ FromUserName, Content string }
		if err := xml.Unmarshal(plain, &m); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := c.Seal([]byte("<xml><ToUserName>"+wechattest.CDATA(m.FromUserName)+"</ToUserName><Content>"+wechattest.CDATA("回"+m.Content)+"</Content></xml>"), time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Write(out)
	}))
	defer callback.Close()
	account := func(token string) *wechattest.Account {
		return &wechattest.Account{Callback: callback.URL, AppID: appID, Token: token, AESKey: aesKey, Name: "gh_1"}
	}
	right, wrong := account(token), account("anotherToken")
	for _, library := range wechattest.Libraries() {
		for _, text := range []string{"您好", "a", "一二三四五六七八九十😀"} {
			got, err := right.PostWith(t.Context(), library, right.Message(citizen, "text", "<Content>"+wechattest.CDATA(text)+"</Content>"))
			if err != nil {
				t.Fatalf("%s: %v", library, err)
			}
			if got[0].Status != 200 || got[0].Content != "回"+text || got[0].To != citizen {
				t.Errorf("%s: %+v", library, got[0])
			}
		}
	}
	for _, library := range wechattest.Libraries() {
		got, err := wrong.PostWith(t.Context(), library, "<xml/>")
		if err != nil || got[0].Status != http.StatusForbidden {
			t.Errorf("%s with a wrong token: %+v %v", library, got, err)
		}
	}
}

// TestAnotherClient shows that the stand-in for the API behaves as a client
// that is not ours expects.
func TestAnotherClient(t *testing.T) {
	server, _, _, _ := place(t)
	server.Wrote(citizen)
	got, err := server.CallWith(t.Context(), citizen)
	if err != nil {
		t.Fatal(err)
	}
	if got["sent"] != 0.0 || got["menu"] != 0.0 || got["stranger"] != 45015.0 {
		t.Errorf("%v", got)
	}
	if sent := server.Sent(); len(sent) != 1 || sent[0].Text != "您好" {
		t.Errorf("%+v", sent)
	}
}
