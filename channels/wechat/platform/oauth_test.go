package platform_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"guanjia/channels/wechat/platform"
)

// TestSignInInsideWeChat exchanges a browser's code; a used one is refused.
func TestSignInInsideWeChat(t *testing.T) {
	used := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		code := q.Get("code")
		switch {
		case r.URL.Path != "/sns/oauth2/access_token" || q.Get("appid") != "wx1" || q.Get("secret") != "hush" || q.Get("grant_type") != "authorization_code":
			fmt.Fprint(w, `{"errcode":40013,"errmsg":"invalid appid"}`)
		case used[code]:
			fmt.Fprint(w, `{"errcode":40163,"errmsg":"code been used"}`)
		default:
			used[code] = true
			fmt.Fprint(w, `{"access_token":"T","expires_in":7200,"refresh_token":"R","openid":"oOne","scope":"snsapi_base"}`)
		}
	}))
	defer server.Close()
	a := platform.New(platform.Config{AppID: "wx1", Secret: "hush", BaseURL: server.URL})
	defer a.Close()
	if got, err := a.OpenID(t.Context(), "c"); err != nil || got != "oOne" {
		t.Fatalf("the code is of %q: %v", got, err)
	}
	_, err := a.OpenID(t.Context(), "c")
	var told *platform.Error
	if !errors.As(err, &told) || told.Code != 40163 || strings.Contains(err.Error(), "hush") {
		t.Errorf("a used code: %v", err)
	}
	want := "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1&redirect_uri=https%3A%2F%2Fg.example%2Fback&response_type=code&scope=snsapi_base&state=s#wechat_redirect"
	if got := a.AuthorizeURL("https://g.example/back", "s"); got != want {
		t.Errorf("the way there is %s", got)
	}
}

// saying answers every call with the same words.
type saying string

func (s saying) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}

// FuzzOpenID lets a browser come with any code and the platform answer
// anything: an openid or an error, and no error tells the secret.
func FuzzOpenID(f *testing.F) {
	f.Add("c", `{"openid":"oOne"}`)
	f.Add("&appid=x", `{"errcode":40163,"errmsg":"code been used secret=hush-hush"}`)
	f.Add("\x00", `{"openid":1}`)
	f.Add("", `[`)
	f.Fuzz(func(t *testing.T, code, answer string) {
		a := platform.New(platform.Config{AppID: "wx1", Secret: "hush-hush", HTTP: &http.Client{Transport: saying(answer)}})
		defer a.Close()
		got, err := a.OpenID(t.Context(), code)
		if (err == nil) != (got != "") {
			t.Fatalf("%q with %v", got, err)
		}
		if err != nil && strings.Contains(err.Error(), "hush-hush") && !strings.Contains(answer, "hush-hush") {
			t.Fatalf("the error tells the secret: %v", err)
		}
	})
}
