package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/channels/hotline"
	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/speech"
	"guanjia/config"
)

// startLine is the true program with a hotline on a free port.
func startLine(t *testing.T, settings ...string) *running {
	t.Helper()
	dir := t.TempDir()
	p := &program{env: append([]string{"GUANJIA_RTP_PORTS=21000-22999"}, settings...), sip: "127.0.0.1:0", clock: workday(), lent: stand(t).house}
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
// alone, keying their number or taking the one they call from with #, and the
// appointment is in `list`.
func TestBookingByKeys(t *testing.T) {
	r := startLine(t)
	for _, codec := range []string{"PCMA", "PCMU"} {
		from := map[string]string{"PCMA": "13800001111", "PCMU": "13800002222"}[codec]
		phone := hotlinetest.NewBaresip(t, from, codec, nil)
		phone.Dial(r.line)
		said := 0
		for _, keys := range []string{"1", "1", "1", "2", "2", "1", map[string]string{"PCMA": from, "PCMU": "#"}[codec], "1"} {
			// A question's keys are pressed once the question stands.
			eventually(t, "the next question", func() bool { return r.asked(from) > said })
			said = r.asked(from)
			phone.Press(keys)
		}
		eventually(t, "the appointment in list", func() bool { return strings.Contains(r.listed("appointments", "--reveal").out, from) })
		phone.Hangup()
		phone.Await("CALL_CLOSED")
		first := firstSound(phone.Heard())
		t.Logf("%s: %v of silence at the beginning of what the telephone received", codec, first)
		if first > 3*time.Second {
			t.Errorf("%v before the first sound, a second was promised", first)
		}
	}
	if got := lines(t, r.listed("appointments")); len(got) != 2 {
		t.Errorf("%d appointments, want 2: %v", len(got), got)
	}
}

// firstSound is how long a recording is silent at its beginning.
func firstSound(samples []int16) time.Duration {
	for i, s := range samples {
		if s > 200 || s < -200 {
			return time.Duration(i) * time.Second / speech.Rate
		}
	}
	return time.Hour
}

// TestHelpBySpeech: a caller tells their need aloud, over somebody else's
// telephone; the voice is found in the sound, cut out, sent to a transcription
// endpoint (a stand-in that knows the sentences by their sound), and the
// request is in `list`.
func TestHelpBySpeech(t *testing.T) {
	sentences := []string{"我家里老人摔伤了没钱治病，想申请急难救助", "在虎门", "人民路十二号", "我叫陈小明", "13800003333", "确认"}
	said := map[string][]int16{}
	words := make([]int16, 6*speech.Rate) // while the line says hello
	for _, s := range sentences {
		said[s] = hotlinetest.Utterance(t, s)
		words = append(append(words, said[s]...), make([]int16, 5*speech.Rate)...)
	}
	parrot := hotlinetest.NewParrot(t, said)
	r := startLine(t, "GUANJIA_OPENAI_BASE_URL="+parrot.URL+"/v1", "GUANJIA_OPENAI_TRANSCRIBE_MODEL=parrot")
	phone := hotlinetest.NewBaresip(t, "13800003333", "PCMA", words)
	phone.Dial(r.line)
	eventually(t, "the ticket in list", func() bool { return strings.Contains(r.listed("tickets", "--reveal").out, "13800003333") })
	phone.Hangup()
	got := lines(t, r.listed("tickets", "--reveal"))
	if len(got) != 1 || got[0]["kind"] != "help" || got[0]["channel"] != "phone" || got[0]["town"] != "humen" || got[0]["name"] != "陈小明" {
		t.Errorf("%v", got)
	}
	if strings.Contains(r.logged.String(), "陈小明") || strings.Contains(r.logged.String(), "13800003333") {
		t.Errorf("the log tells of the caller: %s", r.logged)
	}
}

// TestLineTaken: the default address is a wish, one that was set is a demand.
func TestLineTaken(t *testing.T) {
	r := startLine(t)
	taken := strings.TrimPrefix(r.line, "sip:12345@")
	got := guanjia(t, "", "--data", t.TempDir(), "serve", "--http-addr", "127.0.0.1:0", "--desk-addr", "127.0.0.1:0", "--sip-addr", taken)
	if got.status != 2 || !strings.Contains(got.err, "sip_addr") {
		t.Errorf("exit %d: %s", got.status, got.err)
	}
}

// TestCallersAreRemembered: how a caller wants to be spoken to holds for their
// next call, and can be taken back; who is on the line with whom is known to the
// next process.
func TestCallersAreRemembered(t *testing.T) {
	settings, _, err := config.Load(config.Input{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), opening{settings: settings, dir: t.TempDir(), now: workday()(), lent: stand(t).house, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	from := bot.Address{Channel: bot.Hotline, ID: "13800001234"}
	turn, err := h.engine.Receive(t.Context(), bot.Inbound{From: from, Event: bot.EventCall})
	if err != nil {
		t.Fatal(err)
	}
	c := callers{h.store, h.clock, h.engine}
	for _, want := range []hotline.Preference{{Language: speech.Cantonese, Slow: true}, {}, {Language: speech.English}} {
		if err := c.Prefer(t.Context(), turn.Citizen, want); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Preference(t.Context(), from); got != want || err != nil {
			t.Errorf("kept %+v %v, want %+v", got, err, want)
		}
	}
	calls := register{h.store, h.clock}
	if err := calls.Goes(t.Context(), "a", turn.Citizen, "小梅"); err != nil {
		t.Fatal(err)
	}
	want := hotline.Cut{Call: "a", Citizen: turn.Citizen, From: from, Operator: "小梅"}
	if got, err := calls.Cut(t.Context()); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("going on are %+v %v, want %+v", got, err, want)
	}
}
