package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

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
	figures := ""
	eventually(t, "the callback to be counted", func() bool {
		figures = d.figures()
		return strings.Contains(figures, "guanjia_wechat_callback_seconds")
	})
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

// collector is what takes spans over OTLP/HTTP.
type collector struct {
	mu    sync.Mutex
	raw   []byte
	spans []*tracepb.Span
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var sent collectorpb.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &sent)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, "not a trace", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = append(c.raw, body...)
	for _, of := range sent.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// TestTraces follows a message from the callback to its answer, and the reply
// that went out by itself; no span carries the citizen's words or name. A
// collector that is gone disturbs nobody.
func TestTraces(t *testing.T) {
	t.Parallel()
	c := &collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	d := openOfficial(t, "GUANJIA_OTLP_URL="+server.URL)
	colleague := d.colleague("小陈")
	d.hears("oTraced", "我叫陈小莉，转人工", "人工")
	var line object
	eventually(t, "the line", func() bool {
		rows, _ := colleague.get("/desk/queue").json(t)["rows"].([]any)
		if len(rows) == 1 {
			line = rows[0].(map[string]any)
		}
		return line != nil
	})
	of := "/desk/conversation/" + line["citizen"].(string)
	must(t, colleague.post(of+"/take", object{}), http.StatusOK)
	fence := colleague.get(of + "?after=0").json(t)["fence"]
	must(t, colleague.post(of+"/say", object{"text": "您好，小莉", "key": "traced-key-1", "fence": fence, "seen": 1 << 40}), http.StatusOK)
	d.awaitSent("oTraced", 1)
	d.stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	roots, names := map[string]bool{}, map[string]int{}
	for _, s := range c.spans {
		if s.Name == "message" {
			roots[string(s.SpanId)] = true
		}
	}
	for _, s := range c.spans {
		if roots[string(s.ParentSpanId)] {
			names[s.Name]++
		}
		if s.Name == "send" {
			names["sent"]++
		}
	}
	for _, want := range []string{"accept", "read conversation", "wait for turn", "commit", "sent"} {
		if names[want] == 0 {
			t.Errorf("no %q on the way of the message: %v", want, names)
		}
	}
	for _, secret := range []string{"小莉", "转人工", "oTraced", line["citizen"].(string)} {
		if bytes.Contains(c.raw, []byte(secret)) {
			t.Errorf("the traces carry %q", secret)
		}
	}

	server.Close()
	gone := openOfficial(t, "GUANJIA_OTLP_URL="+server.URL)
	gone.hears("oTraced", "你好", "莞家政务")
}
