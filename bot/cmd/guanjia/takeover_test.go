package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"guanjia/bot/redis/redistest"
	"guanjia/bot/routing"
	"guanjia/bot/store/pgtest"
)

// TestTakeover kills the instance that leads, twice, and looks at what the next
// one knows: who fails to sign in, and which number was sent a code, without
// beginning anew; which operator is there, before any page has come back, and
// which one rests; who holds what. A page takes its stream up where it was.
func TestTakeover(t *testing.T) {
	var server pgtest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	shared := redistest.Start(t)
	s := openSeveral(t, &server, 2, false, "GUANJIA_REDIS_URL=redis://"+shared.Addr)
	one, other := s.all[0], s.all[1]
	s.ready(other)
	account := accountAt("http://"+other.public, s.api)
	account.Deadline = time.Minute
	ask := func(openID string) {
		t.Helper()
		if _, err := account.Text(t.Context(), openID, "转人工"); err != nil {
			t.Error(err)
		}
	}
	admin := newClient(t, "http://"+other.inner)
	must(t, admin.signIn("admin", one.password), http.StatusSeeOther)
	line := admin.listen("?after=0")
	must(t, admin.post("/desk/presence", object{"state": "on"}), http.StatusOK)
	ask("oFirst")
	first := s.waits(admin, 1)[0]["citizen"].(string)
	admin.offered(first, "admin")
	must(t, admin.post("/desk/conversation/"+first+"/take", object{}), http.StatusOK)
	seq, _ := admin.queue()
	line.until(seq)

	guesser := newClient(t, "http://"+other.inner)
	guess := func() (free int) { // tries until it has to wait
		t.Helper()
		for guesser.signIn("nobody", "guess").status == http.StatusUnauthorized {
			free++
		}
		return free
	}
	if free := guess(); free < 5 {
		t.Fatalf("it has to wait after %d tries", free)
	}
	citizen := newClient(t, "http://"+other.public)
	const phone = "13812345678"
	sent := citizen.form("/h5/signin", "phone", phone)
	code := regexp.MustCompile(`id="shown">(\d{6})<`).FindStringSubmatch(sent.text)
	if code == nil {
		t.Fatalf("no code: %d %s", sent.status, sent.text)
	}
	s.counted(shared)
	killed := time.Now()
	one.kill()
	s.without(one)
	s.ready(other)
	if time.Since(killed) > routing.LeaseTime/2 { // on a machine so busy they are taken for gone until their page is back
		t.Logf("another leads after %s", time.Since(killed))
		admin.listen("?after=0")
	}
	ask("oSecond") // nobody's page is there: the line was cut with the one that led
	second := ""
	for _, r := range s.waits(admin, 2) {
		if id := r["citizen"].(string); id != first {
			second = id
		}
	}
	admin.offered(second, "admin")
	if got := admin.row(first); got["status"] != "taken" {
		t.Errorf("after the takeover the conversation that is held stands so: %v", got)
	}
	if free := guess(); free > 2 { // the second of waiting is over meanwhile
		t.Errorf("after the takeover there are %d tries more", free)
	}
	if got := citizen.form("/h5/signin", "phone", phone); got.status != http.StatusTooManyRequests {
		t.Errorf("after the takeover the number is sent another code: %d", got.status)
	}
	if got := citizen.form("/h5/signin/code", "phone", phone, "code", code[1], "to", "/h5/"); got.status != http.StatusSeeOther {
		t.Errorf("after the takeover the code is worth nothing: %d %s", got.status, got.text)
	}
	line = admin.listen("", "Last-Event-ID", fmt.Sprint(seq))
	if n := line.next(); n != seq+1 {
		t.Errorf("the stream goes on with %d after %d", n, seq)
	}
	must(t, admin.post("/desk/presence", object{"state": "away"}), http.StatusOK)
	one.start()
	s.ready(one)
	admin.base, account = "http://"+one.inner, accountAt("http://"+one.public, s.api)
	account.Deadline = time.Minute
	other.kill()
	s.without(other)
	ask("oThird")
	s.waits(admin, 3)
	time.Sleep(3 * time.Second) // longer than two pulses of routing
	for _, r := range s.waits(admin, 3) {
		if r["status"] != "taken" && r["offered"] != "" {
			t.Errorf("who rests is asked: %v", r)
		}
	}
	if state := admin.get("/desk/queue").json(t)["state"]; state != "away" {
		t.Errorf("who rests is %v", state)
	}
	if err := one.end(); err != nil {
		t.Errorf("an instance ends with %v: %s", err, one.logged.String())
	}
}

// waits gives the rows of the queue when there are so many.
func (s *several) waits(c *client, n int) (rows []object) {
	s.t.Helper()
	if !eventually(s.t, fmt.Sprintf("%d in the queue", n), func() bool {
		got := c.get("/desk/queue")
		if got.status != http.StatusOK { // between two
			return false
		}
		_, rows = c.queue()
		return len(rows) == n
	}) {
		s.t.Fatalf("there are %v", rows)
	}
	return rows
}

// counted waits until what the limits have counted is in Redis.
func (s *several) counted(shared *redistest.Server) {
	s.t.Helper()
	for _, limit := range []string{"sign-in", "phone"} {
		eventually(s.t, "what "+limit+" counts to be kept", func() bool {
			return !strings.HasPrefix(shared.Say("HLEN guanjia:limit:"+limit), ":0")
		})
	}
	time.Sleep(2 * time.Second) // and what was counted last
}
