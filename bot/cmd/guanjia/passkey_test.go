package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guanjia/bot/bottest/browser"
	"guanjia/bot/store"
)

// TestSecurityKey signs a supervisor in, who must have a second factor, with a
// security key in Chromium: set up after the password, asked for from then on; a
// password alone neither gets in nor adds a key, and an address without a name
// is told so.
func TestSecurityKey(t *testing.T) {
	s, clock := insideService(t, "desk_second_factor", "supervisors")
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	if err := addStaff(t.Context(), s.house, store.Staff{Name: "班长", Role: "supervisor"}, theirPassword); err != nil {
		t.Fatal(err)
	}
	base := strings.Replace(door.URL, "127.0.0.1", "localhost", 1)
	tab := browser.Start(t).Tab(t)
	tab.SecurityKey()
	password := func() {
		t.Helper()
		tab.Open(base + "/desk/login")
		tab.Focus("#name")
		tab.Write("班长")
		tab.Focus("#password")
		tab.Write(theirPassword)
		tab.Press(browser.Enter)
	}
	password()
	tab.Until(`location.pathname === "/desk/factor/enrol"`)
	tab.Focus("#key-name")
	tab.Write("办公桌的密钥")
	tab.Press(browser.Enter)
	tab.Until(`location.pathname === "/desk/signins" && document.body.textContent.includes("办公桌的密钥")`)
	looks(t, tab, "desk-keys", 320, 1280)
	keys, err := s.house.store.Passkeys(t.Context(), "班长")
	if err != nil || len(keys) != 1 || !keys[0].UsedAt.IsZero() {
		t.Fatalf("kept: %d, %v", len(keys), err)
	}
	tab.Open(base + "/desk/")
	tab.Until(`document.getElementById("state").textContent === "在线"`)
	tab.Click("form[action='/desk/logout'] button")
	tab.Until(`location.pathname === "/desk/login"`)

	clock.move(clock.Now().Add(time.Hour))
	password()
	tab.Until(`location.pathname === "/desk/factor" && document.getElementById("key-use").checkVisibility()`)
	looks(t, tab, "desk-key-asked", 320)
	if refused := browser.Eval[int](tab, `fetch("/desk/passkey/new/ask", { method: "POST" }).then((r) => r.status)`); refused != 409 {
		t.Errorf("a new key on a password alone: %d", refused)
	}
	if refused := browser.Eval[int](tab, `fetch("/desk/passkey", { method: "POST", body: "{}" }).then((r) => r.status)`); refused != 409 {
		t.Errorf("a proof that nobody asked for: %d", refused)
	}
	if refused := browser.Eval[int](tab, `fetch("/desk/passkey/ask", { method: "POST" }).then(() => fetch("/desk/passkey", { method: "POST", body: "{}" })).then((r) => r.status)`); refused != 401 {
		t.Errorf("a proof of nothing: %d", refused)
	}
	tab.Click("#key-use")
	tab.Until(`location.pathname === "/desk/"`)
	if keys, err = s.house.store.Passkeys(t.Context(), "班长"); err != nil || keys[0].UsedAt.IsZero() {
		t.Errorf("its use is not noted: %v", err)
	}

	c := newClient(t, door.URL) // by number: browsers make no keys for it
	must(t, c.signIn("班长", theirPassword), 303)
	must(t, c.get("/desk/queue"), 401)
	if got := c.post("/desk/passkey/ask", object{}); got.status != 422 || !strings.Contains(got.text, "域名") {
		t.Errorf("by an address without a name: %d %s", got.status, got.text)
	}
	tab.Open(base + "/desk/signins")
	tab.Click("form[action='/desk/passkey/off'] button")
	tab.Until(`location.pathname === "/desk/signins" && !document.body.textContent.includes("办公桌的密钥")`)
}
