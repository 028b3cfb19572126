package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFindings shows that axe looks at the page and is let to.
func TestFindings(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; require-trusted-types-for 'script'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(`<!doctype html><html lang="zh"><title>页</title><main><h1>页</h1><button></button></main>`))
	}))
	t.Cleanup(s.Close)
	tab := Start(t).Tab(t)
	tab.Open(s.URL)
	got := strings.Join(tab.Findings(), "\n")
	if !strings.Contains(got, "button-name") {
		t.Errorf("a button without a name was not found: %q", got)
	}
}
