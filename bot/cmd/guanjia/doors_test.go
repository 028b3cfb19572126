package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
)

// What tests of the pages do to a running service beside looking at it.

// tuesday is when the served days of these tests begin: everything is open
// and the week ahead has no holiday.
func tuesday() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai()) }

// going is a clock that starts at a time and goes with the machine's.
func going(start time.Time) bot.Clock { return newWheel(start).now }

// serve starts the service on the ground with a clock.
func serve(t *testing.T, clock bot.Clock) *running {
	t.Helper()
	g := stand(t)
	return launch(t, g.dir(t), &program{env: []string{}, clock: clock, pulse: time.Second, lent: g.house})
}

// serveAnew is serve of a service that makes everything itself: of one whose
// guides or understanding the test changes, or whose guides' history it reads.
func serveAnew(t *testing.T, clock bot.Clock) *running {
	t.Helper()
	return launch(t, t.TempDir(), &program{env: []string{}, clock: clock, pulse: time.Second})
}

// theirPassword is the password of everyone the tests hire.
const theirPassword = "a-password-of-the-tests"

// hire makes a desk account while the service runs, as an administrator would.
func (r *running) hire(name string, role ...string) {
	r.t.Helper()
	args := []string{"staff", "add", "--data", r.dir, "--password", name}
	if len(role) > 0 {
		args = append(args, "--role", role[0])
	}
	got := guanjia(r.t, theirPassword+"\n", args...)
	if got.status != 0 {
		r.t.Fatalf("staff add: %s", got.err)
	}
}

// list reads the records as another process would.
func (r *running) list(what string) []object {
	r.t.Helper()
	return lines(r.t, guanjia(r.t, "", "list", what, "--json", "--data", r.dir))
}

// speak says a citizen's words on any channel, through the owner's socket.
func (r *running) speak(channel, citizen string, words ...string) {
	r.t.Helper()
	var in strings.Builder
	for _, text := range words {
		raw, err := json.Marshal(map[string]string{"text": text, "channel": channel, "citizen": citizen})
		if err != nil {
			r.t.Fatal(err)
		}
		in.Write(append(raw, '\n'))
	}
	lines(r.t, guanjia(r.t, in.String(), "chat", "--json", "--data", r.dir))
}
