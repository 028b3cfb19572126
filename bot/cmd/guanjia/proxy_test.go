package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"guanjia/config"
)

func TestProxied(t *testing.T) {
	for name, c := range map[string]struct {
		trusted, peer string
		forwarded     []string
		want          string
	}{
		"none trusted":            {"", "10.0.0.1:9", []string{"203.0.113.7"}, "10.0.0.1:9"},
		"a stranger's words":      {"10.0.0.0/8", "198.51.100.1:9", []string{"203.0.113.7"}, "198.51.100.1:9"},
		"through one":             {"10.0.0.0/8", "10.0.0.1:9", []string{"203.0.113.7"}, "203.0.113.7:0"},
		"through two":             {"10.0.0.0/8, 127.0.0.0/8", "127.0.0.1:9", []string{"203.0.113.7, 10.1.1.1"}, "203.0.113.7:0"},
		"two headers":             {"10.0.0.0/8", "10.0.0.1:9", []string{"1.2.3.4", "203.0.113.7"}, "203.0.113.7:0"},
		"the citizen's own words": {"10.0.0.0/8", "10.0.0.1:9", []string{"127.0.0.1, 203.0.113.7"}, "203.0.113.7:0"},
		"no header":               {"10.0.0.0/8", "10.0.0.1:9", nil, "10.0.0.1:9"},
		"nonsense":                {"10.0.0.0/8", "10.0.0.1:9", []string{"203.0.113.7, unknown"}, "10.0.0.1:9"},
		"mapped":                  {"10.0.0.0/8", "[::ffff:10.0.0.1]:9", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.forwarded
		got := ""
		proxied(prefixes(c.trusted), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(nil, r)
		if got != c.want {
			t.Errorf("%s: it comes from %s, want %s", name, got, c.want)
		}
	}
}

func TestStrictTransport(t *testing.T) {
	for public, want := range map[string]string{"https://gj.example.cn": "max-age=31536000; includeSubDomains", "http://127.0.0.1:8080": "", "": ""} {
		d := &doors{settings: config.Settings{PublicURL: public}}
		w := httptest.NewRecorder()
		d.strict(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("%q: %q", public, got)
		}
	}
}
