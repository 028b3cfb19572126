package main

import (
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/channels/wechat/wechattest"
)

// TestSimulatedCitizensComeAndGo plays citizens by both doors against the true
// program; what they did is there, marked, and goes.
func TestSimulatedCitizensComeAndGo(t *testing.T) {
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	settings := accountSettings(api, testKey)
	d := start(t, t.TempDir(), patient(), settings...)
	play := func(env []string, args ...string) (object, string) {
		t.Helper()
		var out, errs tail
		p := &program{args: append([]string{"--data", d.dir, "simulate", "--url", d.public}, args...), cwd: t.TempDir(), env: env,
			con: console{strings.NewReader(""), &out, &errs}}
		if err := p.run(t.Context()); err != nil {
			return nil, oneLine(err)
		}
		return lines(t, result{out: out.String()})[0], ""
	}
	got, fault := play(settings, "--json", "--channel", "web,wechat", "--citizens", "40", "--rate", "0", "--think", "0s", "--seed", "3")
	if fault != "" {
		t.Fatal(fault)
	}
	channels := got["channels"].(map[string]any)
	if got["begun"] != 40.0 || got["failed"] != 0.0 || channels["web"] != 20.0 || channels["wechat"] != 20.0 || got["turns"].(float64) < 60 {
		t.Errorf("the report: %v", got)
	}
	reached := got["reached"].(map[string]any)
	appointments := d.list("appointments")
	if n, _ := reached["appointment"].(float64); n < 1 || len(appointments) < int(n) {
		t.Errorf("%v appointments were reached, %d are there", reached["appointment"], len(appointments))
	}
	s, err := store.Open(t.Context(), store.Options{Dir: d.dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range appointments {
		c, err := s.Citizen(t.Context(), bot.CitizenID(a["citizen"].(string)))
		if err != nil || !c.Simulated {
			t.Errorf("%v is of a citizen who is not marked: %v", a["number"], err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	d.visitor().says("real-0001", "转人工") // nobody played may see them
	got, fault = play(settings, "--json", "--citizens", "60", "--rate", "0", "--think", "0s", "--seed", "5", "--demo-day", "--operators", "2", "--desk", d.inner)
	if fault != "" {
		t.Fatal(fault)
	}
	desk := got["desk"].(map[string]any)
	if desk["taken"].(float64) < 1 || desk["said"].(float64) < desk["taken"].(float64) || desk["ended"].(float64) < 1 {
		t.Errorf("at the desk: %v", desk)
	}
	if rated := got["rated"].(map[string]any); len(rated) < 2 {
		t.Errorf("how they found it: %v", rated)
	}
	waiting, hours := 0, map[string]bool{}
	for _, h := range d.handoffs(t) {
		if h.Status == bot.HandoffWaiting {
			waiting++
		}
		if h.Operator != "" && !strings.HasPrefix(h.Operator, "模拟坐席") || h.TakenAt.Before(h.At) && !h.TakenAt.IsZero() {
			t.Errorf("a handoff: %+v", h)
		}
		hours[h.At.Format("15")] = true
	}
	if waiting != 1+mostLate || len(hours) < 2 {
		t.Errorf("%d wait, in %d hours: the true citizen waits and who came last, the others came over a day", waiting, len(hours))
	}
	if r := guanjia(t, "", "--data", d.dir, "demo", "clear"); r.status != 0 {
		t.Fatalf("clear: %s", r.err)
	}
	if r := guanjia(t, "", "--data", d.dir, "staff", "list"); strings.Contains(r.out, "模拟") {
		t.Errorf("accounts are left: %s", r.out)
	}
	for what, real := range map[string]int{"appointments": 0, "tickets": 0, "handoffs": 1, "wishes": 0} {
		if left := d.list(what); len(left) != real {
			t.Errorf("%d %s are left", len(left), what)
		}
	}
	for _, refused := range [][]string{{"--citizens", "0"}, {"--rate", "-1"}, {"--channel", "pigeon"}} {
		if _, fault := play(settings, refused...); fault == "" {
			t.Errorf("%q is taken", refused)
		}
	}
	live := append([]string{}, settings...)
	live = append(live, "GUANJIA_WECHAT_API_URL=https://api.weixin.qq.com")
	if _, fault := play(live, "--channel", "wechat"); !strings.Contains(fault, "stand-in") {
		t.Errorf("with the true platform: %q", fault)
	}
}

// handoffs reads them while the program runs.
func (d *running) handoffs(t *testing.T) []bot.Handoff {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: d.dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Handoffs(t.Context(), false, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSimulatedCallers has somebody call the hotline who wants a person, as the
// first caller of this seed does; they are
// marked, and go with the others. With a true telephone behind the
// hotline nobody is played.
func TestSimulatedCallers(t *testing.T) {
	r := startLine(t)
	play := func(env ...string) (result, error) {
		var out, errs tail
		p := &program{args: []string{"--data", r.dir, "simulate", "--url", r.public, "--json", "--citizens", "1", "--callers", "1", "--rate", "0", "--think", "0s", "--seed", "25"},
			cwd: t.TempDir(), env: append(env, "GUANJIA_SIP_ADDR="+strings.TrimPrefix(r.line, "sip:12345@")), con: console{strings.NewReader(""), &out, &errs}}
		err := p.run(t.Context())
		return result{out: out.String()}, err
	}
	if _, err := play("GUANJIA_SIP_OPERATOR_URI=sip:800@127.0.0.1:9"); err == nil || !strings.Contains(err.Error(), "true telephone") {
		t.Errorf("with a true telephone: %v", err)
	}
	got, err := play()
	if err != nil {
		t.Fatal(err)
	}
	if calls := lines(t, got)[0]["calls"].(map[string]any); calls["answered"] != 1.0 || calls["refused"] != 0.0 || calls["keys"] != 1.0 || calls["seconds"].(float64) < 2 {
		t.Errorf("the calls: %v", calls)
	}
	s, err := store.Open(t.Context(), store.Options{Dir: r.dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	byPhone := 0
	for _, h := range r.handoffs(t) {
		if c, err := s.Citizen(t.Context(), h.Citizen); err != nil || !c.Simulated {
			t.Errorf("a handoff of somebody who is not marked: %v", err)
		}
		if h.Channel == bot.Hotline {
			byPhone++
		}
	}
	if byPhone != 1 {
		t.Errorf("%d callers asked for a person", byPhone)
	}
	if r := guanjia(t, "", "--data", r.dir, "demo", "clear"); r.status != 0 {
		t.Fatalf("clear: %s", r.err)
	}
	if left := r.handoffs(t); len(left) != 0 {
		t.Errorf("%d are left", len(left))
	}
}
