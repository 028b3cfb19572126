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
	if r := guanjia(t, "", "--data", d.dir, "demo", "clear"); r.status != 0 {
		t.Fatalf("clear: %s", r.err)
	}
	for _, what := range []string{"appointments", "tickets", "handoffs", "wishes"} {
		if left := d.list(what); len(left) != 0 {
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
