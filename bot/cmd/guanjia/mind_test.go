package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/config"
	"guanjia/intents"
	"guanjia/intents/examples"
	"guanjia/knowledge"
)

// fullMind is the intent layer with every name the installation knows, learnt
// anew without a shelf. shelf("") is the service's own.
func fullMind(t testing.TB, shelf string) *intents.Recognizer {
	t.Helper()
	guides, err := knowledge.Open(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	towns, err := config.Towns()
	if err != nil {
		t.Fatal(err)
	}
	mind, err := openMind(context.Background(), guides.Base(), towns, shelf, examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	return mind
}

func TestIntentsExplain(t *testing.T) {
	data := t.TempDir()
	for _, c := range []struct{ text, by, intent string }{
		{"厨房着火了快来人", "safety", "emergency"},
		{"转人工", "rule", "talk_to_operator"},
		{"楼下夜市天天吵到两点，谁来管管", "classifier", "file_report"},
		{"周六市民服务中心上班吗", "classifier", "ask_procedure"},
		{"你们几点下班", "classifier", "ask_procedure"},
	} {
		e := lines(t, guanjia(t, "", "intents", "explain", "--json", "--data", data, c.text))[0]
		if e["by"] != c.by || e["intent"] != c.intent {
			t.Errorf("%s: %v by %v, want %s by %s", c.text, e["intent"], e["by"], c.intent, c.by)
		}
		if c.by == "classifier" && e["decision"] != "accept" {
			t.Errorf("%s: %v, with margins %v; it can be answered", c.text, e["decision"], e["margins"])
		}
		if _, weighed := e["evidence"]; weighed != (c.by != "rule") {
			t.Errorf("%s: evidence %v", c.text, e["evidence"])
		}
	}
	r := guanjia(t, "", "intents", "explain", "--data", data, "楼下夜市天天吵到两点，谁来管管")
	for _, want := range []string{"file_report", "来管", "margin", "accept from", "example"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, r.out)
		}
	}
	if r := guanjia(t, "", "intents", "explain", "--now", "noon", "--data", data, "你好"); r.status != 2 || strings.Count(r.err, "\n") != 1 {
		t.Errorf("a wrong clock: exit %d, %q", r.status, r.err)
	}
}

func TestIntentsEval(t *testing.T) {
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "cases.jsonl")
	body := `{"text":"我想预约明天办社保卡","intent":"book_appointment"}
{"text":"隔壁磨坊天天轰隆响，谁来管","intent":"file_report"}
{"text":"怎样才能开飞机","intent":"out_of_scope"}
{"text":"着火了快来人","intent":"emergency"}
`
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	r := lines(t, compact(guanjia(t, "", "intents", "eval", "--json", "--data", data, file)))[0]
	if got := keys(r); got != "accuracy calibration_error cases confusions curve decisions intents latency leaks macro_f1 name noise out_of_scope warnings" {
		t.Errorf("the result has %s", got)
	}
	if r["cases"] != 4.0 || r["accuracy"].(float64) < 0.75 {
		t.Errorf("%v cases, %v right", r["cases"], r["accuracy"])
	}
	if leaks := r["leaks"].([]any); len(leaks) != 1 || leaks[0].(map[string]any)["case"].(map[string]any)["text"] != "着火了快来人" {
		t.Errorf("copies of learnt examples: %v", leaks)
	}
	table := guanjia(t, "", "intents", "eval", "--data", data, file)
	for _, want := range []string{"4 cases", "accuracy", "precision", "near copy", "an errand begun"} {
		if !strings.Contains(table.out, want) {
			t.Errorf("the table lacks %q:\n%s", want, table.out)
		}
	}
	if err := os.WriteFile(file, []byte(`{"text":"好"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := guanjia(t, "", "intents", "eval", "--data", data, file); r.status != 2 || !strings.Contains(r.err, ":1:") || strings.Count(r.err, "\n") != 1 {
		t.Errorf("a case without intent: exit %d, %q", r.status, r.err)
	}
}

// compact puts an indented object on one line.
func compact(r result) result {
	var b strings.Builder
	for line := range strings.Lines(r.out) {
		b.WriteString(strings.TrimSpace(line))
	}
	r.out = b.String()
	return r
}

// The whole layer, as it stands in service, on what is held back: what it
// must never fall below.
func TestMindOnHeldExamples(t *testing.T) {
	r := lines(t, compact(guanjia(t, "", "intents", "eval", "--json", "--data", t.TempDir())))[0]
	decisions, nobody := r["decisions"].(map[string]any), r["out_of_scope"].(map[string]any)
	for name, c := range map[string]struct{ got, least, most float64 }{
		"accuracy":             {r["accuracy"].(float64), 0.92, 1},
		"wrong among accepted": {decisions["wrong_accept"].(float64), 0, 0.04},
		"errands for nobody":   {nobody["flow_start"].(float64), 0, 0.02},
	} {
		if c.got < c.least || c.got > c.most {
			t.Errorf("%s is %.3f, not within %.2f and %.2f", name, c.got, c.least, c.most)
		}
	}
}

// A result is held against the stored baseline, drawn and kept.
func TestIntentsEvalGate(t *testing.T) {
	dir := t.TempDir()
	chart, kept := filepath.Join(dir, "chart.svg"), filepath.Join(dir, "baseline.json")
	r := guanjia(t, "", "intents", "eval", "--gate", "--chart", chart, "--save-baseline", kept, "--data", dir)
	if r.status != 0 {
		t.Errorf("worse than the stored baseline: %s", r.err)
	}
	if svg, err := os.ReadFile(chart); err != nil || !strings.HasPrefix(string(svg), "<svg ") {
		t.Errorf("the chart: %v, %.40s", err, svg)
	}
	raw, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	better := strings.Replace(string(raw), "\"accuracy\": 0.9", "\"accuracy\": 0.999", 1)
	if err := os.WriteFile(kept, []byte(better), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := guanjia(t, "", "intents", "eval", "--gate", "--baseline", kept, "--data", dir); r.status != 1 || !strings.Contains(r.err, "accuracy fell") {
		t.Errorf("below a baseline: exit %d, %q", r.status, r.err)
	}
	if r := guanjia(t, "", "intents", "eval", "--gate", "--baseline", filepath.Join(dir, "none"), "--data", dir); r.status != 2 {
		t.Errorf("without a baseline: exit %d, %q", r.status, r.err)
	}
}

// A start must not wait for learning when nothing is new; BenchmarkOpenMind
// says how long it takes then.
func TestMindLearnsOnce(t *testing.T) {
	shelf := t.TempDir()
	var learnt [2]time.Time
	for i := range learnt {
		fullMind(t, shelf)
		files, err := filepath.Glob(filepath.Join(shelf, "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("the shelf holds %v, %v", files, err)
		}
		s, err := os.Stat(files[0])
		if err != nil {
			t.Fatal(err)
		}
		learnt[i] = s.ModTime()
	}
	if !learnt[0].Equal(learnt[1]) {
		t.Errorf("learnt at %v and again at %v", learnt[0], learnt[1])
	}
}

// BenchmarkUnderstand reads every held example as citizens said it.
func BenchmarkUnderstand(b *testing.B) {
	mind := fullMind(b, "")
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		b.Fatal(err)
	}
	_, held := examples.Split(list)
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		mind.Understand(bot.Utterance{Text: held[i%len(held)].Text, Now: now})
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	at := func(share float64) float64 {
		return float64(times[int(share*float64(len(times)-1))].Nanoseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-µs")
	b.ReportMetric(at(0.99), "p99-µs")
}

// BenchmarkOpenMind opens the layer with nothing new to learn.
func BenchmarkOpenMind(b *testing.B) {
	shelf := b.TempDir()
	fullMind(b, shelf)
	for b.Loop() {
		fullMind(b, shelf)
	}
}

// What many say is understood from memory; nobody may tell.
func TestSaidAgainIsUnderstoodAlike(t *testing.T) {
	mind := fullMind(t, shelf(""))
	served := mind.Remembering()
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())
	for i := 0; i < len(list); i += 7 {
		for _, u := range []bot.Utterance{
			{Text: list[i].Text},
			{Text: list[i].Text, Asked: bot.Town, Options: []string{"莞城", "东城"}},
			{Text: list[i].Text, Asked: bot.Date, Open: []bot.EntityType{bot.Phone}},
		} {
			for day := range 3 {
				u.Now = now.AddDate(0, 0, day)
				want, got := mind.Understand(u), served.Understand(u)
				if !reflect.DeepEqual(got, want) {
					t.Fatalf("%+v the %d. time: %+v, want %+v", u, day+1, got, want)
				}
				for k := range got.Entities {
					got.Entities[k].Value = "changed by who asked"
				}
			}
		}
	}
}
