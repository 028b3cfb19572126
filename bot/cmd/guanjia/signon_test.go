package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"guanjia/bot/store"
)

// issuer stands in for the city's identity provider: discovery, keys, the
// authorisation page with somebody signed in there, and the token endpoint,
// which holds callers to PKCE and to using a code once.
type issuer struct {
	*httptest.Server
	t      *testing.T
	key    *rsa.PrivateKey
	now    func() time.Time
	who    string
	twist  func(claims map[string]any) // what is wrong with its tokens
	forged *rsa.PrivateKey             // signs instead of key
	asked  url.Values                  // what the browser came with
	taken  map[string]bool
}

func standInIssuer(t *testing.T, now func() time.Time) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, now: now, taken: map[string]bool{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, object{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, object{"keys": []object{{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		i.asked = r.URL.Query()
		back, _ := url.Parse(i.asked.Get("redirect_uri"))
		back.RawQuery = url.Values{"code": {"code-" + i.asked.Get("state")}, "state": {i.asked.Get("state")}}.Encode()
		http.Redirect(w, r, back.String(), http.StatusSeeOther)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		code := r.PostFormValue("code")
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if id != "desk" || secret != "hush" || i.taken[code] || code != "code-"+i.asked.Get("state") || b64(sum[:]) != i.asked.Get("code_challenge") || i.asked.Get("code_challenge_method") != "S256" {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, object{"error": "invalid_grant"})
			return
		}
		i.taken[code] = true
		answer(w, object{"access_token": "a", "token_type": "Bearer", "id_token": i.token()})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func (i *issuer) token() string {
	claims := map[string]any{"iss": i.URL, "aud": "desk", "sub": "s-1", "preferred_username": i.who, "nonce": i.asked.Get("nonce"),
		"iat": i.now().Unix(), "exp": i.now().Add(time.Minute).Unix()}
	if i.twist != nil {
		i.twist(claims)
	}
	head, _ := json.Marshal(object{"alg": "RS256", "kid": "k1", "typ": "JWT"})
	body, _ := json.Marshal(claims)
	signed := b64(head) + "." + b64(body)
	key := i.key
	if i.forged != nil {
		key = i.forged
	}
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		i.t.Error(err)
	}
	return signed + "." + b64(sig)
}

// TestCitySignOn signs on with a stand-in identity provider, rightly and in
// every way that must not do.
func TestCitySignOn(t *testing.T) {
	clock := &standingClock{now: tuesday()}
	city := standInIssuer(t, clock.Now)
	var inner http.Handler
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r) }))
	t.Cleanup(door.Close)
	s, own := insideService(t, "oidc_issuer", city.URL, "oidc_client_id", "desk", "oidc_client_secret", "hush", "oidc_redirect", door.URL+"/desk/city/back", "desk_second_factor", "supervisors")
	inner = s.inner()
	for name, kind := range map[string]string{"小陈": "operator", "班长": "supervisor"} {
		if err := addStaff(t.Context(), s.house, store.Staff{Name: name, Role: kind}, theirPassword); err != nil {
			t.Fatal(err)
		}
	}
	// trip goes to the provider and gives the address it sends the browser back to.
	trip := func(c *client) string {
		t.Helper()
		got := c.get("/desk/city")
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), city.URL+"/authorize?") {
			t.Fatalf("the way there: %d to %q", got.status, got.header.Get("Location"))
		}
		back := newClient(t, city.URL).get(strings.TrimPrefix(got.header.Get("Location"), city.URL))
		return strings.TrimPrefix(back.header.Get("Location"), door.URL)
	}
	c := newClient(t, door.URL)
	if got := c.get("/desk/login"); !strings.Contains(got.text, `href="/desk/city"`) {
		t.Error("the sign-in page does not offer it")
	}
	city.who = "小陈"
	back := trip(c)
	if stolen := newClient(t, door.URL).get(back); stolen.status != http.StatusUnauthorized {
		t.Errorf("in a browser that did not begin the trip: %d", stolen.status)
	}
	if got := c.get(back); got.status != http.StatusOK || !strings.Contains(got.text, `content="0; url=/desk/"`) || !strings.Contains(strings.Join(got.header.Values("Set-Cookie"), ";"), "guanjia_desk=") {
		t.Fatalf("back: %d %s", got.status, got.text)
	}
	must(t, c.get("/desk/queue"), 200)
	must(t, c.get("/desk/wall"), 403)
	must(t, c.get(back), 401) // again

	fresh := func() *client { return newClient(t, door.URL) }
	city.who = "班长"
	c = fresh()
	if got := c.get(trip(c)); got.status != http.StatusOK || !strings.Contains(got.text, "url=/desk/factor") {
		t.Errorf("who must have a second factor: %d %s", got.status, got.text)
	}
	must(t, c.get("/desk/queue"), 401)
	city.who = "陌生人"
	c = fresh()
	must(t, c.get(trip(c)), 403) // known to the city, not here
	if all, err := s.house.store.Staff(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d accounts: %v", len(all), err)
	}
	city.who = "小陈"
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string]func(){
		"another's nonce":    func() { city.twist = func(c map[string]any) { c["nonce"] = "another" } },
		"no nonce":           func() { city.twist = func(c map[string]any) { delete(c, "nonce") } },
		"another's audience": func() { city.twist = func(c map[string]any) { c["aud"] = "hospital" } },
		"another issuer":     func() { city.twist = func(c map[string]any) { c["iss"] = "https://elsewhere.example" } },
		"an old token":       func() { city.twist = func(c map[string]any) { c["exp"] = own.Now().Add(-time.Hour).Unix() } },
		"no name":            func() { city.twist = func(c map[string]any) { delete(c, "preferred_username") } },
		"a forged signature": func() { city.forged = other },
	} {
		city.twist, city.forged = nil, nil
		wrong()
		c = fresh()
		if got := c.get(trip(c)); got.status != http.StatusUnauthorized || strings.Contains(strings.Join(got.header.Values("Set-Cookie"), ";"), "guanjia_desk=") {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	city.twist, city.forged = nil, nil
	c = fresh()
	back = trip(c)
	must(t, c.get(strings.Replace(back, "state=", "state=x", 1)), 401) // and with it the trip is over
	must(t, c.get(back), 401)
	c = fresh()
	back = trip(c)
	own.move(own.Now().Add(11 * time.Minute))
	must(t, c.get(back), 401)
	city.Close()
	c = fresh()
	trips := c.get("/desk/city") // what was found is known; the way back fails in words
	if got := c.get("/desk/city/back?code=a&state=" + stateOf(trips.header.Get("Location"))); got.status != http.StatusUnauthorized || !strings.Contains(got.text, "没有成功") {
		t.Errorf("while the provider is down: %d", got.status)
	}
}

func stateOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Query().Get("state")
}
