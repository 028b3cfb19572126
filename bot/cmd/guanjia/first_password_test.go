package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"guanjia/bot/store"
)

// TestGivenPasswordOpensNothing asks every route of the inner door as every role
// that has signed in with a password somebody gave it: all is answered as to a
// stranger, but for the page where a password of one's own is chosen.
func TestGivenPasswordOpensNothing(t *testing.T) {
	s, _ := insideService(t)
	s.desk.GivenLife = 7 * 24 * time.Hour
	v := s.settled(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	callers := s.callers(t, door.URL)
	for _, c := range callers[1:] {
		if err := s.house.store.EndSession(t.Context(), c.token); err != nil {
			t.Fatal(err)
		}
	}
	leads := map[string]string{"/desk/": "/desk/password", "/desk/login": "/desk/password", "/desk/factor": "/desk/password", "/desk/factor/enrol": "/desk/password"}
	for _, row := range v.rights() {
		if row[2] == notAsked {
			continue
		}
		wantStatus, wantWhere, _ := callers[0].ask(row)
		for _, c := range callers[1:] {
			token := "half-of-" + strings.ReplaceAll(c.role.name, " ", "-")
			if err := s.house.store.StartSession(t.Context(), token, c.role.name, "own", s.house.clock()); err != nil {
				t.Fatal(err)
			}
			half := &caller{t: t, s: s, role: c.role, base: c.base, token: token}
			status, where, text := half.ask(row)
			if err := s.house.store.EndSession(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			for _, secret := range v.secrets {
				if strings.Contains(text, secret) && !strings.Contains(row[1], secret) {
					t.Errorf("%s %s tells %s of %q", row[0], row[1], c.role.name, secret)
				}
			}
			switch to := leads[row[1]]; {
			case row[0] == "GET /desk/password" && status == http.StatusOK, row[0] == "POST /desk/password" && status == http.StatusUnprocessableEntity:
			case to != "" && where == to:
			case strings.HasPrefix(row[1], "/desk/passkey") && (status == http.StatusConflict || status == http.StatusUnauthorized): // no key is asked for or taken
			case to == "" && status == wantStatus && where == wantWhere && !strings.HasSuffix(row[0], "/desk/password"):
			default:
				t.Errorf("%s %s as %s: %d to %q", row[0], row[1], c.role.name, status, where)
			}
		}
	}
}

// TestFirstPassword signs accounts in with passwords that an administrator gave
// them: they choose their own first, and one that nobody used runs out.
func TestFirstPassword(t *testing.T) {
	s, clock := insideService(t, "demo", "false")
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	for name, role := range map[string]string{"小陈": "operator", "班长": "supervisor", "管理": "administrator", "中心": "centre"} {
		if err := addStaff(t.Context(), s.house, store.Staff{Name: name, Role: role}, theirPassword); err != nil {
			t.Fatal(err)
		}
		c := newClient(t, door.URL)
		if got := c.signIn(name, theirPassword); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/password" {
			t.Fatalf("%s signs in: %d to %q", name, got.status, got.header.Get("Location"))
		}
		if got := c.get("/desk/"); got.header.Get("Location") != "/desk/password" {
			t.Errorf("%s goes on: %d to %q", name, got.status, got.header.Get("Location"))
		}
		if got := c.get("/hall/board"); got.header.Get("Location") != "/desk/login" {
			t.Errorf("%s at the halls: %d", name, got.status)
		}
		if page := c.get("/desk/password"); page.status != http.StatusOK || !strings.Contains(page.text, "只用来登录这一次") {
			t.Errorf("%s is asked for a password of their own: %d %s", name, page.status, page.text)
		}
		change := func(old, new string) answer {
			return c.form("/desk/password", "old", old, "new", new, "again", new)
		}
		if got := change(theirPassword, theirPassword); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "和现在的一样") {
			t.Errorf("%s keeps it: %d %s", name, got.status, got.text)
		}
		must(t, change("not-the-old-one", "nine quiet lanterns"), 422)
		if got := c.get("/desk/"); got.header.Get("Location") != "/desk/password" {
			t.Errorf("%s after wrong tries: %d to %q", name, got.status, got.header.Get("Location"))
		}
		if got := change(theirPassword, "nine quiet lanterns"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/" {
			t.Fatalf("%s chooses: %d %s", name, got.status, got.text)
		}
		must(t, c.get("/desk/signins"), 200)
		again := newClient(t, door.URL)
		must(t, again.signIn(name, theirPassword), 401)
		if got := again.signIn(name, "nine quiet lanterns"); got.header.Get("Location") != "/desk/" {
			t.Errorf("%s with their own: %d to %q", name, got.status, got.header.Get("Location"))
		}
	}
	given := func(name string) {
		hash, err := argon2id.CreateHash(theirPassword, passwordCost())
		if err == nil {
			err = s.house.store.ResetStaff(t.Context(), name, hash, "", clock.Now())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	given("小陈") // as `staff reset` does
	clock.move(clock.Now().Add(7*24*time.Hour - time.Minute))
	c := newClient(t, door.URL)
	if got := c.signIn("小陈", theirPassword); got.header.Get("Location") != "/desk/password" {
		t.Errorf("a minute before it runs out: %d to %q", got.status, got.header.Get("Location"))
	}
	clock.move(clock.Now().Add(2 * time.Minute))
	c = newClient(t, door.URL)
	if got := c.signIn("小陈", theirPassword); got.status != http.StatusUnauthorized || !strings.Contains(got.text, "已经过期") {
		t.Errorf("a minute after: %d %s", got.status, got.text)
	}
	if got := c.get("/desk/"); got.header.Get("Location") != "/desk/login" {
		t.Errorf("and is not signed in: %d to %q", got.status, got.header.Get("Location"))
	}
	given("小陈")
	if got := c.signIn("小陈", theirPassword); got.header.Get("Location") != "/desk/password" {
		t.Errorf("with the next: %d to %q", got.status, got.header.Get("Location"))
	}
}

// TestFirstPasswordAndFactor: where a second factor is there or has to be, it
// comes first, and no other is added with a password from somebody else.
func TestFirstPasswordAndFactor(t *testing.T) {
	s, clock := insideService(t, "demo", "false", "desk_second_factor", "everyone")
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	if err := addStaff(t.Context(), s.house, store.Staff{Name: "小陈", Role: "operator"}, theirPassword); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, door.URL)
	if got := c.signIn("小陈", theirPassword); got.header.Get("Location") != "/desk/factor" {
		t.Fatalf("sign in: %d to %q", got.status, got.header.Get("Location"))
	}
	must(t, c.get("/desk/factor/enrol"), 200)
	f, err := s.house.store.Factor(t.Context(), "小陈")
	if err != nil {
		t.Fatal(err)
	}
	phone := authenticator{f.Secret}
	must(t, c.form("/desk/factor/enrol", "code", phone.code(clock.Now())), 200)
	must(t, c.get("/desk/queue"), 401)
	if got := c.form("/desk/password", "old", theirPassword, "new", "nine quiet lanterns", "again", "nine quiet lanterns"); got.header.Get("Location") != "/desk/" {
		t.Fatalf("choose: %d %s", got.status, got.text)
	}
	must(t, c.get("/desk/queue"), 200)

	hash, err := argon2id.CreateHash(theirPassword, passwordCost())
	if err == nil {
		err = s.house.store.ResetStaff(t.Context(), "小陈", hash, "", clock.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	clock.move(clock.Now().Add(time.Minute))
	if got := c.signIn("小陈", theirPassword); got.header.Get("Location") != "/desk/factor" {
		t.Fatalf("after a reset: %d to %q", got.status, got.header.Get("Location"))
	}
	must(t, c.form("/desk/password", "old", theirPassword, "new", "ten loud lanterns", "again", "ten loud lanterns"), 401) // not without the code
	if got := c.form("/desk/factor", "code", phone.code(clock.Now())); got.header.Get("Location") != "/desk/password" {
		t.Errorf("after the code: %d to %q", got.status, got.header.Get("Location"))
	}
	must(t, c.get("/desk/queue"), 401)
}

// TestDemoKeepsItsPasswords: in the demo passwords are kept as they were
// printed; once it is cleared away, whoever has one signs in anew, and chooses.
func TestDemoKeepsItsPasswords(t *testing.T) {
	s, _ := insideService(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	if err := addStaff(t.Context(), s.house, store.Staff{Name: firstName, Role: "administrator"}, theirPassword); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, door.URL)
	if got := c.signIn(firstName, theirPassword); got.header.Get("Location") != "/desk/" {
		t.Fatalf("in the demo: %d to %q", got.status, got.header.Get("Location"))
	}
	must(t, c.get("/desk/queue"), 200)
	if _, err := s.house.store.ClearDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.desk.GivenLife = s.settings.FirstPasswordLife // as after the next start without it
	must(t, c.get("/desk/queue"), 401)
	if got := c.signIn(firstName, theirPassword); got.header.Get("Location") != "/desk/password" {
		t.Errorf("after it: %d to %q", got.status, got.header.Get("Location"))
	}
}
