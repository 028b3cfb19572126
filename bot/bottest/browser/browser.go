// Package browser drives Chromium for tests: a browser with tabs whose
// cookies are their own, what a person does in a tab, and what is looked at
// afterwards: conditions, pictures, accessibility, complaints in the console.
//
// It knows nothing of any page. A test without Chromium fails, and so does
// one whose page threw an error or broke its own content security policy.
package browser

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

const (
	pageLimit = 5 * time.Minute  // from opening a page to opening the next, and six times that in the long proofs
	waitLimit = 30 * time.Second // for one condition, on a loaded machine
	pollEvery = 20 * time.Millisecond
)

// Browser is a Chromium of its own for one test; its tabs are cheap, starting
// it is not.
type Browser struct{ ctx context.Context }

// Start starts Chromium: /usr/bin/chromium, or what CHROMIUM names.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := "/usr/bin/chromium"
	if env := os.Getenv("CHROMIUM"); env != "" {
		path = env
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("these tests need Chromium (apt install chromium, or CHROMIUM=path): %v", err)
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("force-color-profile", "srgb"),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{ctx}
}

// Tab is one page of a browser, seen by one person.
type Tab struct {
	t     testing.TB
	ctx   context.Context
	renew func() // begins the time a page may take anew
}

// Tab opens a page with cookies of its own, of a phone's size.
func (b *Browser) Tab(t testing.TB) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return follow(t, ctx)
}

// Another opens a second page of the same person.
func (tab *Tab) Another() *Tab {
	tab.t.Helper()
	ctx, cancel := chromedp.NewContext(tab.ctx)
	tab.t.Cleanup(cancel)
	return follow(tab.t, ctx)
}

// follow bounds a tab's life and fails the test over what its page complains of.
func follow(t testing.TB, ctx context.Context) *Tab {
	life := pageLimit
	if os.Getenv("GUANJIA_PROVE") != "" {
		life *= 6
	}
	ctx, cancel := context.WithCancel(ctx)
	over := time.AfterFunc(life, cancel)
	messages := chromedp.Console(ctx)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Source == "security" || strings.Contains(m.Text, "Content Security Policy") {
				t.Errorf("the page complains: %s", m)
			}
		}
	}()
	t.Cleanup(func() { over.Stop(); cancel(); <-heard })
	tab := &Tab{t, ctx, func() { over.Reset(life) }}
	tab.Window(390, 844)
	return tab
}

// In is the tab as a subtest drives it.
func (tab *Tab) In(t testing.TB) *Tab { return &Tab{t, tab.ctx, tab.renew} }

func (tab *Tab) do(what string, step chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, waitLimit)
	defer cancel()
	if err := chromedp.Do(ctx, step); err != nil {
		tab.t.Fatalf("%s: %v", what, err)
	}
}

// Open loads an address.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.renew()
	tab.do("open "+url, chromedp.Navigate(url))
}

// Reload loads the page again.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.do("reload", chromedp.Reload())
}

// Until waits for a JavaScript condition, also while the page is loaded anew;
// one that throws does not hold yet. On failure it shows what the page says.
func (tab *Tab) Until(condition string) {
	tab.t.Helper()
	ask := chromedp.Evaluate[bool]("(() => { try { return Boolean(" + condition + "); } catch { return false; } })()")
	deadline := time.Now().Add(waitLimit)
	for {
		holds, err := chromedp.Run(tab.ctx, ask)
		if holds && err == nil {
			return
		}
		if time.Now().After(deadline) || tab.ctx.Err() != nil {
			text, _ := chromedp.Run(tab.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			tab.t.Fatalf("waited in vain for %s (%v); the page says:\n%s", condition, err, text)
		}
		time.Sleep(pollEvery)
	}
}

// Eval is the value of a JavaScript expression; a promise is awaited.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	v, err := chromedp.Run(tab.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Click clicks the first element a selector finds, once it can be seen.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Focus gives an element the keyboard once it can be seen. The page does it
// itself: a node that is found from outside may have been drawn anew by the time
// it is named.
func (tab *Tab) Focus(selector string) {
	tab.t.Helper()
	tab.Until(fmt.Sprintf(`((e) => { if (!e.checkVisibility()) return false; e.focus(); return document.activeElement === e })(document.querySelector(%q))`, selector))
}

// Upload chooses files for an input.
func (tab *Tab) Upload(selector string, paths ...string) {
	tab.t.Helper()
	tab.do("choose files for "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
}

// Write puts text where the keyboard is, as an input method does.
func (tab *Tab) Write(text string) {
	tab.t.Helper()
	if _, err := chromedp.Call(tab.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		tab.t.Fatalf("write: %v", err)
	}
}

// Compose has an input method show letters it has not turned into words yet.
func (tab *Tab) Compose(letters string) {
	tab.t.Helper()
	n := int64(len(letters))
	if _, err := chromedp.Call(tab.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: letters, SelectionStart: n, SelectionEnd: n}); err != nil {
		tab.t.Fatalf("compose: %v", err)
	}
}

// Key is a key by its name in the DOM: a letter, or one of those below.
type Key string

// The keys the tests press.
const (
	Enter    Key = "Enter"
	TabKey   Key = "Tab"
	Escape   Key = "Escape"
	Down     Key = "ArrowDown"
	Up       Key = "ArrowUp"
	ShiftTab Key = "Shift+Tab"
)

// event is what pressing the key sends; codes are Windows' virtual key codes.
func (k Key) event() input.DispatchKeyEventParams {
	code := map[Key]int64{Enter: 13, TabKey: 9, ShiftTab: 9, Escape: 27, Down: 40, Up: 38}[k]
	name, shifted := strings.CutPrefix(string(k), "Shift+")
	e := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: name, Code: name, WindowsVirtualKeyCode: code}
	switch {
	case k == Enter:
		e.Text = "\r"
	case len(k) == 1:
		e.Text, e.Code, e.WindowsVirtualKeyCode = name, "", int64(strings.ToUpper(name)[0])
	}
	if shifted {
		e.Modifiers = 8
	}
	return e
}

// Press presses a key as a keyboard does: what the page does not prevent
// happens.
func (tab *Tab) Press(k Key) {
	tab.t.Helper()
	down := k.event()
	up := down
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	for _, event := range []input.DispatchKeyEventParams{down, up} {
		if _, err := chromedp.Call(tab.ctx, input.DispatchKeyEvent, event); err != nil {
			tab.t.Fatalf("press %s: %v", k, err)
		}
	}
}

// Letters presses letters one after another, as shortcuts are.
func (tab *Tab) Letters(letters string) {
	tab.t.Helper()
	for _, l := range letters {
		tab.Press(Key(l))
	}
}

// Window gives the page a width and height in CSS pixels.
func (tab *Tab) Window(w, h int64) {
	tab.t.Helper()
	tab.do("size the window", chromedp.EmulateViewport(w, h))
}

// Scheme sets what the person prefers: light or dark.
func (tab *Tab) Scheme(name string) {
	tab.t.Helper()
	_, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	if err != nil {
		tab.t.Fatalf("prefer %s: %v", name, err)
	}
}

// Cookies are what the page's host set, those that no script may read among
// them.
func (tab *Tab) Cookies() []*http.Cookie {
	tab.t.Helper()
	got, err := chromedp.Call(tab.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		tab.t.Fatalf("read cookies: %v", err)
	}
	var all []*http.Cookie
	for _, c := range got.Cookies {
		all = append(all, &http.Cookie{Name: c.Name, Value: c.Value})
	}
	return all
}

// Notices answers whether pages may show desktop notices: granted, denied or
// prompt, as somebody chose in the browser.
func (tab *Tab) Notices(answer string) {
	tab.t.Helper()
	here, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string]("location.origin"))
	if err == nil {
		_, err = chromedp.CallBrowser(tab.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
			Permission: &cdpbrowser.PermissionDescriptor{Name: "notifications"}, Setting: cdpbrowser.PermissionSetting(answer),
			Origin: here, BrowserContextID: chromedp.FromContext(tab.ctx).BrowserContextID,
		})
	}
	if err != nil {
		tab.t.Fatalf("answer about notices: %v", err)
	}
}

// SecurityKey plugs a security key in whose owner touches it whenever it is
// asked for.
func (tab *Tab) SecurityKey() {
	tab.t.Helper()
	_, err := chromedp.Call(tab.ctx, webauthn.Enable, webauthn.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(tab.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Transport: "usb", HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
	}
	if err != nil {
		tab.t.Fatalf("plug a security key in: %v", err)
	}
}

// Settle waits until what changed is painted; what is not shown, as within a
// closed disclosure, stands still and is not waited for.
func (tab *Tab) Settle() {
	tab.t.Helper()
	Eval[bool](tab, `Promise.all(document.getAnimations().filter((a) => a.effect?.target?.checkVisibility()).map((a) => a.finished.catch(() => 0))).then(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true)))))`)
}

// Picture is the page as a PNG.
func (tab *Tab) Picture() []byte {
	tab.t.Helper()
	tab.Settle()
	png, err := chromedp.Run(tab.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		tab.t.Fatalf("take a picture: %v", err)
	}
	return png
}

// Shoot keeps a picture of the page when SHOTS names a folder for them.
func (tab *Tab) Shoot(name string) {
	tab.t.Helper()
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), tab.Picture(), 0o644); err != nil {
		tab.t.Fatal(err)
	}
}
