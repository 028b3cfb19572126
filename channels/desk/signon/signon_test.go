package signon

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// provider answers as an identity provider whose key we do not have; its token
// endpoint says whatever it is given.
type provider struct{ token string }

func (p provider) RoundTrip(r *http.Request) (*http.Response, error) {
	body := p.token
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		body = `{"issuer":"https://id.example","authorization_endpoint":"https://id.example/a","token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys","id_token_signing_alg_values_supported":["RS256"]}`
	case "/keys":
		body = `{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"k","n":"` + base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\xc3", 256))) + `","e":"AQAB"}]}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// FuzzFinish comes back from the provider with anything, and lets the token
// endpoint answer anything: nobody is signed on without the provider's
// signature, and no trip is taken twice.
func FuzzFinish(f *testing.F) {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims := part(`{"iss":"https://id.example","aud":"us","exp":4102444800,"preferred_username":"admin"}`)
	token := func(id string) string {
		raw, err := json.Marshal(map[string]string{"access_token": "t", "token_type": "Bearer", "id_token": id})
		if err != nil {
			f.Fatal(err)
		}
		return string(raw)
	}
	f.Add("", "code", token(part(`{"alg":"none"}`)+"."+claims+"."))
	f.Add("", "code", token(part(`{"alg":"RS256","kid":"k"}`)+"."+claims+"."+part("signature")))
	f.Add("", "code", token(part(`{"alg":"HS256","kid":"k"}`)+"."+claims+"."+part("signature")))
	f.Add("another", "code", "{}")
	f.Add("", "", `{"access_token":1}`)
	f.Add("", "code", `{`)
	f.Fuzz(func(t *testing.T, state, code, answer string) {
		p := New(Config{Issuer: "https://id.example", ClientID: "us", Redirect: "https://g.example/back", Claim: "preferred_username", Clock: time.Now})
		p.client.Transport = provider{answer}
		name, address, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if state == "" {
			state = u.Query().Get("state")
		}
		for range 2 {
			if who, err := p.Finish(t.Context(), name, state, code); err == nil || who != "" {
				t.Fatalf("%q is signed on", who)
			}
		}
		if len(p.trips) > 0 {
			t.Fatal("the trip can be taken again")
		}
	})
}
