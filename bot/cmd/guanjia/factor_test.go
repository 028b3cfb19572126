package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"guanjia/bot/store"
)

// authenticator is a telephone with a secret.
type authenticator struct{ secret []byte }

func (a authenticator) code(at time.Time) string {
	mac := hmac.New(sha1.New, a.secret)
	binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// TestSecondFactor signs a supervisor in who has to have a second factor.
func TestSecondFactor(t *testing.T) {
	s, clock := insideService(t, "desk_second_factor", "supervisors")
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	for name, kind := range map[string]string{"班长": "supervisor", "坐席": "operator"} {
		if err := addStaff(t.Context(), s.house, store.Staff{Name: name, Role: kind}, theirPassword); err != nil {
			t.Fatal(err)
		}
	}
	operator := newClient(t, door.URL)
	if got := operator.signIn("坐席", theirPassword); got.header.Get("Location") != "/desk/" {
		t.Errorf("an operator need not have one: %v", got.header)
	}
	c := newClient(t, door.URL)
	half := func() {
		t.Helper()
		if got := c.signIn("班长", theirPassword); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/factor" {
			t.Fatalf("the password alone: %d to %q", got.status, got.header.Get("Location"))
		}
		for _, path := range []string{"/desk/queue", "/desk/wall", "/desk/signins"} {
			must(t, c.get(path), 401)
		}
		if got := c.get("/hall/board"); got.header.Get("Location") != "/desk/login" {
			t.Errorf("the halls with a password alone: %d", got.status)
		}
	}
	half()
	page := c.get("/desk/factor/enrol")
	key := regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`).FindStringSubmatch(page.text)
	if page.status != http.StatusOK || key == nil || !strings.Contains(page.text, `src="data:image/png;base64,`) {
		t.Fatalf("the page to set it up: %d %s", page.status, page.text)
	}
	secret, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(key[1], " ", ""))
	if err != nil || len(secret) != 20 {
		t.Fatalf("the key: %v", err)
	}
	phone := authenticator{secret}
	must(t, c.form("/desk/factor/enrol", "code", "000000"), 422)
	done := c.form("/desk/factor/enrol", "code", phone.code(clock.Now()))
	codes := regexp.MustCompile(`<li><code>([A-Z2-7 ]+)</code>`).FindAllStringSubmatch(done.text, -1)
	if done.status != http.StatusOK || len(codes) != 10 {
		t.Fatalf("set up: %d, %d recovery codes", done.status, len(codes))
	}
	must(t, c.get("/desk/queue"), 200)
	must(t, c.form("/desk/logout"), 303)

	half()
	if got := c.form("/desk/factor", "code", phone.code(clock.Now())); got.status != http.StatusUnauthorized || !strings.Contains(got.text, "用过了") {
		t.Errorf("the code it was set up with, again: %d", got.status)
	}
	clock.move(clock.Now().Add(30 * time.Second))
	code := phone.code(clock.Now())
	if got := c.form("/desk/factor", "code", code); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/" {
		t.Fatalf("the next code: %d %s", got.status, got.text)
	}
	must(t, c.get("/desk/wall"), 200)
	half()
	must(t, c.form("/desk/factor", "code", code), 401) // a code that somebody saw
	spare := strings.ToLower(codes[3][1])
	must(t, c.form("/desk/factor", "code", spare), 303)
	half()
	must(t, c.form("/desk/factor", "code", spare), 401)
	for range 4 {
		c.form("/desk/factor", "code", "123456")
	}
	if got := c.form("/desk/factor", "code", phone.code(clock.Now().Add(30*time.Second))); got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
		t.Errorf("after guessing: %d", got.status)
	}
	clock.move(clock.Now().Add(11 * time.Minute)) // and the password is forgotten
	if got := c.form("/desk/factor", "code", phone.code(clock.Now())); got.header.Get("Location") != "/desk/login" {
		t.Errorf("eleven minutes after the password: %d to %q", got.status, got.header.Get("Location"))
	}

	for _, file := range []string{"guanjia.db", "guanjia.db-wal"} {
		kept, err := os.ReadFile(filepath.Join(s.house.settings.DataDir, file))
		if err != nil || bytes.Contains(kept, secret) || bytes.Contains(kept, []byte(strings.ReplaceAll(codes[0][1], " ", ""))) {
			t.Errorf("%s: a secret is kept as it is, or nothing is (%v)", file, err)
		}
	}
	if err := s.house.store.RotateKey(t.Context(), clock.Now(), "", nil); err != nil {
		t.Fatal(err)
	}
	half()
	must(t, c.form("/desk/factor", "code", phone.code(clock.Now())), 303)
	clock.move(clock.Now().Add(30 * time.Second))
	must(t, c.form("/desk/factor/off", "code", "999999"), 401)
	if got := c.form("/desk/factor/off", "code", phone.code(clock.Now())); got.header.Get("Location") != "/desk/factor/enrol" {
		t.Errorf("who must have one sets up another: %d to %q", got.status, got.header.Get("Location"))
	}
	if f, err := s.house.store.Factor(t.Context(), "班长"); err != nil || f.Secret != nil || f.Recovery != 0 {
		t.Errorf("after taking it away: %+v %v", f, err)
	}
}
