package main

import (
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/channels/hotline/hotlinetest"
)

// startLine is the true program with a hotline on a free port.
func startLine(t *testing.T, settings ...string) *running {
	t.Helper()
	dir := t.TempDir()
	p := &program{env: append([]string{"GUANJIA_RTP_PORTS=21000-22999"}, settings...), sip: "127.0.0.1:0", clock: workday()}
	r := launch(t, dir, p)
	if r.line == "" {
		t.Fatalf("serve opened no hotline: %s", r.logged)
	}
	return r
}

// workday is a clock that goes from a working day's morning on.
func workday() func() time.Time {
	return newWheel(time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))).now
}

// listed are the records of a running service as `list` shows them.
func (r *running) listed(what string, args ...string) result {
	r.t.Helper()
	return guanjia(r.t, "", append([]string{"--data", r.dir, "list", what, "--json"}, args...)...)
}

// asked is how many lines the service has said to a caller.
func (r *running) asked(from string) int {
	r.t.Helper()
	records, err := store.Open(r.t.Context(), store.Options{Dir: r.dir, ReadOnly: true})
	if err != nil {
		r.t.Fatal(err)
	}
	defer records.Close()
	lines, err := records.Ending(r.t.Context(), bot.Address{Channel: bot.Hotline, ID: from}, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	n := 0
	for _, l := range lines {
		if l.Speaker == bot.SpeakerBot {
			n++
		}
	}
	return n
}

// TestBookingByKeys: a caller with somebody else's telephone books by keys
// alone, and the appointment is in `list`.
func TestBookingByKeys(t *testing.T) {
	r := startLine(t)
	for _, codec := range []string{"PCMA", "PCMU"} {
		from := map[string]string{"PCMA": "13800001111", "PCMU": "13800002222"}[codec]
		phone := hotlinetest.NewBaresip(t, from, codec, nil)
		phone.Dial(r.line)
		said := 0
		for _, keys := range []string{"1", "1", "1", "2", "2", "1", from, "1"} {
			// A question's keys are pressed once the question stands.
			eventually(t, "the next question", func() bool { return r.asked(from) > said })
			said = r.asked(from)
			phone.Press(keys)
		}
		eventually(t, "the appointment in list", func() bool { return strings.Contains(r.listed("appointments", "--reveal").out, from) })
		phone.Hangup()
	}
	if got := lines(t, r.listed("appointments")); len(got) != 2 {
		t.Errorf("%d appointments, want 2: %v", len(got), got)
	}
}
