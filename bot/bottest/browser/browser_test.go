package browser

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) { os.Exit(Run(m)) }

// TestNextBrowser: a browser that died is followed by another, and people share
// no cookies in one.
func TestNextBrowser(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("been"); err == nil {
			w.Write([]byte("again"))
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "been", Value: "1"})
		w.Write([]byte("first"))
	}))
	t.Cleanup(s.Close)
	said := func(b *Browser) string {
		tab := b.Tab(t)
		tab.Open(s.URL)
		return Eval[string](tab, "document.body.textContent")
	}
	one := Start(t)
	if said(one) != "first" || Start(t) != one || said(one) != "first" {
		t.Error("two people of one browser share cookies")
	}
	chromedp.CallBrowser(one.ctx, cdpbrowser.Crash, cdp.Empty{}) // answers with its own end
	if next := Start(t); next == one || said(next) != "first" {
		t.Error("no browser follows one that died")
	}
}

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
