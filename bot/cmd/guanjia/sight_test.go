package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"guanjia/channels/wechat/wechattest"
)

// TestMonitoring has the dashboard and the alert rules ask for figures that
// are there, label by label.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	api := wechattest.NewServer(testAppID, testSecret, nil)
	t.Cleanup(api.Close)
	settings := append(accountSettings(api, testKey), "GUANJIA_OPENAI_BASE_URL="+api.URL, "GUANJIA_OPENAI_API_KEY=k", "GUANJIA_OPENAI_MODEL=m", "GUANJIA_RTP_PORTS=23000-23099")
	d := &official{launch(t, t.TempDir(), &program{env: settings, waits: patient(), sip: "127.0.0.1:0"}), api, nil}
	d.account = accountAt(d.public, api)
	d.hears("oSeen", "转人工", "人工")
	figures := d.figures()
	for _, want := range []string{`guanjia_handoffs{state="waiting"} 1`, `guanjia_handoffs{state="urgent"} 0`, `guanjia_outbox_messages{status="dead"} 0`,
		`guanjia_unanswered_messages 0`, `guanjia_tickets_overdue{kind="help"} 0`, `guanjia_records_readable 1`} {
		if !strings.Contains(figures, "\n"+want+"\n") {
			t.Errorf("no figure %s", want)
		}
	}
	for what, asked := range asking(t) {
		for _, expression := range asked {
			for _, m := range figure.FindAllStringSubmatch(expression, -1) {
				if name := m[1]; !strings.Contains(figures, "\n"+name) && !happens[stem.ReplaceAllString(name, "")] {
					t.Errorf("%s asks for %s, which is not there", what, name)
				} else if label := m[2]; label != "" && strings.Contains(figures, "\n"+name+"{") && !regexp.MustCompile(name+`\{[^}]*`+label).MatchString(figures) {
					t.Errorf("%s asks for %s with %s, which is not there", what, name, label)
				}
			}
		}
	}
	for name, want := range map[string]int{"coordinator": http.StatusForbidden, "administrator": http.StatusOK} {
		role := name
		if role != "administrator" {
			role = "operator"
		}
		if got := d.worker(name, role).get("/debug/pprof/heap?debug=1"); got.status != want {
			t.Errorf("a heap for the %s: %d", name, got.status)
		}
	}
	if got := newClient(t, d.inner).get("/debug/pprof/"); got.status != http.StatusForbidden {
		t.Errorf("profiles for anybody: %d", got.status)
	}
}

var (
	figure = regexp.MustCompile(`\b((?:guanjia|go|process)_[a-z0-9_]+)(?:\{([a-z_]+="[^"]+")\})?`)
	stem   = regexp.MustCompile(`_(bucket|sum|count)$`)
	// happens are figures that show only once something has happened.
	happens = map[string]bool{"guanjia_turn_failures_total": true, "guanjia_turn_models_total": true, "guanjia_wechat_api_refusals_total": true,
		"guanjia_wechat_refused_total": true, "guanjia_hotline_seconds": true, "guanjia_hotline_transfers_total": true,
		"guanjia_hotline_trunk_registered": true, "guanjia_sends_total": true}
)

// asking are the expressions of the dashboard and the alert rules.
func asking(t *testing.T) map[string][]string {
	t.Helper()
	docs := filepath.Join("..", "..", "..", "docs", "monitoring")
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(read("alerts.yml"), &rules); err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(read("grafana.json"), &board); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			out[r.Alert] = append(out[r.Alert], r.Expr)
		}
	}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			out[p.Title] = append(out[p.Title], target.Expr)
		}
	}
	if len(out) < 20 {
		t.Fatalf("%d expressions were found", len(out))
	}
	return out
}
