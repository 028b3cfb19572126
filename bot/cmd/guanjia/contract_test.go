package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What others' programs read is held here to the letter.

const testNow = "2026-11-24T10:00:00+08:00"

// result is what a command came to.
type result struct {
	out, err string
	status   int
}

// guanjia runs a command line in this process.
func guanjia(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	return ran(t, &program{}, stdin, args...)
}

// ran is guanjia of a program with more than arguments to it.
func ran(t testing.TB, p *program, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	p.args, p.cwd, p.env, p.con = args, t.TempDir(), []string{}, console{strings.NewReader(stdin), &out, &errs}
	err := p.run(context.Background())
	if err != nil {
		errs.WriteString(oneLine(err) + "\n")
	}
	return result{out.String(), errs.String(), exitStatus(err)}
}

// object is one line of JSON as it stands.
type object map[string]any

func lines(t testing.TB, r result) []object {
	t.Helper()
	if r.status != 0 {
		t.Fatalf("exit %d: %s", r.status, r.err)
	}
	var all []object
	for line := range strings.Lines(r.out) {
		var o object
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		all = append(all, o)
	}
	return all
}

func keys(o map[string]any) string { return strings.Join(slices.Sorted(maps.Keys(o)), " ") }

// talk runs chat --json over lines of input, on records of data or, without a
// name, on the ground's.
func talk(t *testing.T, data string, input ...string) []object {
	t.Helper()
	g := stand(t)
	if data == "" {
		data = g.dir(t)
	}
	got := lines(t, ran(t, &program{lent: g.house}, strings.Join(input, "\n")+"\n", "chat", "--json", "--now", testNow, "--data", data))
	if len(got) != len(input) {
		t.Fatalf("%d lines in, %d out", len(input), len(got))
	}
	return got
}

// apart runs chat --json over lines of input, each by a citizen of its own.
func apart(t *testing.T, input ...string) []object {
	t.Helper()
	for i := range input {
		input[i] = by(fmt.Sprintf(`"citizen":"apart%d"`, i), input[i])[0]
	}
	return talk(t, "", input...)
}

func replies(o object) (text string, n int) {
	list, _ := o["replies"].([]any)
	for _, r := range list {
		text += r.(map[string]any)["text"].(string) + "\n"
	}
	return text, len(list)
}

func trace(o object) map[string]any { return o["trace"].(map[string]any) }

func bookingLines() []string {
	return []string{
		`{"text":"我想预约办居住证"}`, `{"text":"虎门"}`, `{"text":"后天下午三点"}`,
		`{"text":"我叫张三，电话13800138000"}`, `{"text":"确认"}`,
	}
}

func TestChatFormat(t *testing.T) {
	got := talk(t, "", append(bookingLines(), `{"text":""}`, `{"event":"hangup","channel":"phone"}`)...)
	for i, o := range got {
		if keys(o) != "handling replies trace" {
			t.Errorf("line %d has keys %s", i, keys(o))
		}
		if k := keys(trace(o)); k != "citations decision flow intent score slots" {
			t.Errorf("line %d: trace has keys %s", i, k)
		}
		if !slices.Contains([]string{"bot", "queued", "human", "closed"}, o["handling"].(string)) {
			t.Errorf("line %d: handling %v", i, o["handling"])
		}
		if !slices.Contains([]string{"accept", "clarify", "abstain", "emergency"}, trace(o)["decision"].(string)) {
			t.Errorf("line %d: decision %v", i, trace(o)["decision"])
		}
		for _, r := range o["replies"].([]any) {
			if k := keys(r.(map[string]any)); k != "options text" {
				t.Errorf("line %d: a reply has keys %s", i, k)
			}
		}
	}
	summary, _ := replies(got[3])
	for _, want := range []string{"广东省居住证申领", "虎门", "2026年11月26日", "周四", "15:00", "张三", "138****8000"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %s: %s", want, summary)
		}
	}
	if strings.Contains(summary, "13800138000") {
		t.Error("the summary shows the phone in full")
	}
	slots := trace(got[3])["slots"].(map[string]any)
	for slot, want := range map[string]string{"service": "residence-permit", "hall": "humen", "date": "2026-11-26", "time": "15:00", "name": "张三", "phone": "13800138000"} {
		if slots[slot] != want {
			t.Errorf("slot %s is %v, not %s", slot, slots[slot], want)
		}
	}
	if done, _ := replies(got[4]); !regexp.MustCompile(`YY261124\d{4}`).MatchString(done) {
		t.Errorf("no appointment number in %s", done)
	}
	if _, n := replies(got[6]); n != 0 {
		t.Error("hangup was answered")
	}
}

func TestChatIsOnePersonOnAllChannels(t *testing.T) {
	got := talk(t, "", append(bookingLines(), `{"text":"我约了几点","channel":"phone"}`, `{"text":"我约了几点","citizen":"c2"}`)...)
	if text, _ := replies(got[5]); !strings.Contains(text, "15:00") {
		t.Errorf("the same citizen by phone hears %s", text)
	}
	if text, _ := replies(got[6]); strings.Contains(text, "15:00") {
		t.Errorf("another citizen hears %s", text)
	}
}

func TestChatMenuKeys(t *testing.T) {
	keys := strings.Fields("book mine procedure policy help report progress claim operator health privacy")
	for i, o := range apart(t, menu(keys...)...) {
		if text, n := replies(o); n == 0 || text == "" {
			t.Errorf("menu:%s is not answered", keys[i])
		}
	}
}

func TestChatEvents(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "p.png")
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00")
	if err := os.WriteFile(picture, png, 0o600); err != nil {
		t.Fatal(err)
	}
	got := talk(t, "",
		`{"event":"subscribe"}`, `{"event":"silence","channel":"phone"}`, `{"event":"voice:我想预约办居住证"}`,
		`{"event":"location:22.82,113.67"}`, `{"event":"image:`+picture+`"}`,
		`{"event":"dtmf:0","channel":"phone"}`, `{"event":"operator:take"}`, `{"text":"你好"}`,
		`{"event":"operator:say:您好，我是工作人员"}`, `{"event":"operator:close"}`, `{"text":"你好"}`)
	if trace(got[2])["flow"] != "book_appointment" {
		t.Errorf("voice is not understood: %v", trace(got[2]))
	}
	for i, handling := range []string{"bot", "bot", "bot", "bot", "bot", "queued", "human", "human", "human", "closed", "bot"} {
		if got[i]["handling"] != handling {
			t.Errorf("line %d: handling %v, not %s", i, got[i]["handling"], handling)
		}
	}
	if _, n := replies(got[7]); n != 0 {
		t.Error("the bot speaks while a person holds the conversation")
	}
	if text, _ := replies(got[8]); !strings.Contains(text, "我是工作人员") {
		t.Errorf("the operator's words do not arrive: %s", text)
	}
}

func TestChatAdvanceBringsReminders(t *testing.T) {
	got := talk(t, "", append(bookingLines(), `{"advance":"30h","text":"你好","citizen":"c2"}`, `{"advance":"21h30m"}`)...)
	for i, o := range got[5:] {
		found := false
		for _, r := range o["replies"].([]any) {
			r := r.(map[string]any)
			if r["proactive"] == true && strings.Contains(r["text"].(string), "居住证") {
				found = true
				if i == 0 && r["citizen"] != "c1" {
					t.Errorf("a reminder to another names %v", r["citizen"])
				}
			}
		}
		if !found {
			t.Errorf("no reminder on line %d: %v", i+5, o["replies"])
		}
	}
}

func TestChatKeepsRecordsOnlyWithData(t *testing.T) {
	data := t.TempDir()
	talk(t, data, bookingLines()...)
	if text, _ := replies(talk(t, data, `{"text":"我的预约"}`)[0]); !strings.Contains(text, "15:00") {
		t.Errorf("not kept: %s", text)
	}
	if rows := lines(t, guanjia(t, "", "list", "appointments", "--json", "--data", data)); len(rows) != 1 {
		t.Errorf("%d appointments", len(rows))
	}
}

func TestBadChatInput(t *testing.T) {
	for _, line := range []string{
		`{"event":"menu:nothing"}`, `{"event":"nonsense"}`, `not json`, `{"text":"a","advance":"soon"}`, `{}`,
		`{"text":"a","channel":"fax"}`, `{"event":"dtmf:x"}`, `{"event":"location:here"}`, `{"event":"image:/nowhere.png"}`, `[1]`, `{"text":5}`,
	} {
		r := ran(t, &program{lent: stand(t).house}, line+"\n", "chat", "--json")
		if r.status != 2 || strings.Count(strings.TrimSpace(r.err), "\n") != 0 || r.err == "" {
			t.Errorf("%s: exit %d, %q", line, r.status, r.err)
		}
	}
}

func TestBadCommandLines(t *testing.T) {
	for _, args := range [][]string{
		{"dance"}, {"chat", "--loud"}, {"list", "nothing"}, {"list"}, {"chat", "--now", "tomorrow"}, {"--config", "/nowhere.yaml", "check"},
		{"knowledge", "import", "/nowhere.jsonl"}, {"chat", "--http-addr", "nonsense"}, {"knowledge", "eval"}, {"staff", "add", ""}, {},
	} {
		r := guanjia(t, "", args...)
		if r.status != 2 || r.err == "" {
			t.Errorf("%v: exit %d, %q", args, r.status, r.err)
		}
	}
	if r := guanjia(t, "", "--help"); r.status != 0 || !strings.Contains(r.out, "serve") {
		t.Errorf("--help: exit %d, %q", r.status, r.out)
	}
}

func TestUnderstandFormat(t *testing.T) {
	input := []string{
		`{"text":"下周三下午三点","now":"2026-11-23T10:00:00+08:00"}`,
		`{"text":"帮我妈预约下周三上午莞城办居住证，电话13800138000","now":"2026-11-23T10:00:00+08:00"}`,
		`{"text":"着火了快救命"}`, `{"text":"今天股票涨了没有"}`, `{"text":"三点","asked":"time"}`, `{"text":""}`,
	}
	got := lines(t, guanjia(t, strings.Join(input, "\n"), "understand"))
	if len(got) != len(input) {
		t.Fatalf("%d lines out", len(got))
	}
	for i, o := range got {
		if keys(o) != "alternatives decision entities intent score" {
			t.Errorf("line %d has keys %s", i, keys(o))
		}
		var in struct{ Text string }
		if err := json.Unmarshal([]byte(input[i]), &in); err != nil {
			t.Fatal(err)
		}
		for _, e := range o["entities"].([]any) {
			e := e.(map[string]any)
			if keys(e) != "ambiguity end end_value grain start text type value" {
				t.Errorf("line %d: an entity has keys %s", i, keys(e))
			}
			r := []rune(in.Text)
			if cut := string(r[int(e["start"].(float64)):int(e["end"].(float64))]); cut != e["text"] {
				t.Errorf("line %d: offsets cut %q, text is %q", i, cut, e["text"])
			}
		}
		for _, a := range o["alternatives"].([]any) {
			if keys(a.(map[string]any)) != "intent score" {
				t.Errorf("line %d: an alternative has keys %s", i, keys(a.(map[string]any)))
			}
		}
	}
	first := got[0]["entities"].([]any)[0].(map[string]any)
	if first["type"] != "datetime" || first["value"] != "2026-12-02T15:00" {
		t.Errorf("下周三下午三点 is %v", first)
	}
	if got[2]["intent"] != "emergency" || got[2]["decision"] != "emergency" {
		t.Errorf("fire is %v", got[2])
	}
	if got[3]["intent"] != "out_of_scope" || got[3]["decision"] != "abstain" {
		t.Errorf("the stock market is %v", got[3])
	}
	if r := guanjia(t, `{"now":"x"}`, "understand"); r.status != 2 {
		t.Errorf("a line without text: exit %d", r.status)
	}
}

// orderedKeys are the keys of a line of JSON in the order they stand.
func orderedKeys(t *testing.T, line string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(line))
	var names []string
	for depth, isKey := 0, false; ; {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' {
				depth++
				isKey = true
				continue
			}
			depth--
		case string:
			if isKey {
				names = append(names, v)
			}
		}
		isKey = !isKey
	}
	return strings.Join(names, " ")
}

func TestListFormats(t *testing.T) {
	data := t.TempDir()
	talk(t, data, append(bookingLines(),
		`{"text":"楼下烧烤店半夜还在吵，我要投诉","citizen":"c2"}`, `{"text":"厚街镇","citizen":"c2"}`, `{"text":"跳过","citizen":"c2"}`,
		`{"text":"13712345678","citizen":"c2"}`, `{"text":"确认","citizen":"c2"}`, `{"text":"转人工","citizen":"c3"}`)...)
	for what, want := range map[string]string{
		"appointments": "number citizen service service_id hall hall_id date time name phone status created_at",
		"tickets":      "number citizen channel kind type category title text town address name phone urgency department status due_at created_at",
		"handoffs":     "conversation citizen channel reason summary status operator",
		"openings":     "service_id hall_id date time capacity remaining",
	} {
		r := guanjia(t, "", "list", what, "--json", "--data", data, "--now", testNow)
		line, _, _ := strings.Cut(r.out, "\n")
		if got := orderedKeys(t, line); got != want {
			t.Errorf("%s has keys %s, not %s (exit %d %s)", what, got, want, r.status, r.err)
		}
	}
	if r := guanjia(t, "", "list", "wishes", "--json", "--data", data); r.status != 0 || r.out != "" {
		t.Errorf("wishes: exit %d, %q", r.status, r.out)
	}
	masked := lines(t, guanjia(t, "", "list", "appointments", "--json", "--data", data))[0]
	full := lines(t, guanjia(t, "", "list", "appointments", "--json", "--data", data, "--reveal"))[0]
	if masked["phone"] == "13800138000" || full["phone"] != "13800138000" || full["name"] != "张三" {
		t.Errorf("masked %v, in full %v", masked["phone"], full["phone"])
	}
	for key, form := range map[string]string{
		"number": `^YY\d{10}$`, "date": `^2026-11-26$`, "time": `^15:00$`, "citizen": `^c1$`, "service_id": `^residence-permit$`,
		"hall_id": `^humen$`, "status": `^booked$`, "created_at": `^2026-11-24T10:00:00\+08:00$`,
	} {
		if v, _ := full[key].(string); !regexp.MustCompile(form).MatchString(v) {
			t.Errorf("%s is %q", key, v)
		}
	}
	ticket := lines(t, guanjia(t, "", "list", "tickets", "--json", "--data", data, "--reveal"))[0]
	for key, form := range map[string]string{
		"number": `^DG20261124\d{5}$`, "kind": `^report$`, "type": `^投诉$`, "town": `^houjie$`, "status": `^accepted$`,
		"due_at": `^2026-12-15T23:59:59\+08:00$`, "urgency": `^normal$`, "phone": `^13712345678$`, "channel": `^wechat$`,
	} {
		if v, _ := ticket[key].(string); !regexp.MustCompile(form).MatchString(v) {
			t.Errorf("ticket's %s is %q", key, v)
		}
	}
	open := lines(t, guanjia(t, "", "list", "openings", "--json", "--data", data, "--now", testNow))
	if n := open[0]["capacity"].(float64); n != 10 {
		t.Errorf("capacity %v", n)
	}
}

func TestDemoHolds(t *testing.T) {
	data := t.TempDir()
	talk(t, data, `{"text":"你好"}`)
	days, times, halls, services := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, o := range lines(t, guanjia(t, "", "list", "openings", "--json", "--data", data, "--now", "2026-11-24T15:30:00+08:00")) {
		days[o["date"].(string)], times[o["time"].(string)] = true, true
		halls[o["hall_id"].(string)], services[o["service_id"].(string)] = true, true
	}
	if got := strings.Join(slices.Sorted(maps.Keys(days)), " "); got != "2026-11-24 2026-11-25 2026-11-26 2026-11-27 2026-11-30 2026-12-01" {
		t.Errorf("days %s", got)
	}
	if got := strings.Join(slices.Sorted(maps.Keys(times)), " "); got != "09:00 10:00 11:00 14:00 15:00 16:00" {
		t.Errorf("times %s", got)
	}
	if len(halls) != 38 || len(services) != 38 {
		t.Errorf("%d halls, %d services", len(halls), len(services))
	}
}

func TestKnowledgeFormats(t *testing.T) {
	ask := guanjia(t, "", "knowledge", "ask", "居住证要带什么材料", "--json")
	if got := orderedKeys(t, ask.out); !strings.HasPrefix(got, "decision guide field text citations ") {
		t.Errorf("ask has keys %s (%s)", got, ask.err)
	}
	o := lines(t, ask)[0]
	if o["guide"] != "residence-permit" || o["field"] != "materials" || o["decision"] != "answer" {
		t.Errorf("ask: %v", o)
	}
	follow := lines(t, guanjia(t, "", "knowledge", "ask", "那要多少钱", "--json", "--history", "居住证要带什么材料"))[0]
	if follow["guide"] != "residence-permit" || follow["field"] != "fee" {
		t.Errorf("a follow-up: %v %v", follow["guide"], follow["field"])
	}
	dir := t.TempDir()
	corpus, questions, ranks := filepath.Join(dir, "c.jsonl"), filepath.Join(dir, "q.jsonl"), filepath.Join(dir, "r.jsonl")
	write(t, corpus, `{"id":"a","title":"养犬登记","aliases":["狗证"],"text":"申请材料：身份证、免疫证明\n收费标准：不收费\n","type":"guide"}
{"id":"b","title":"树木砍伐许可","aliases":[],"text":"申请材料：申请书\n办理时限：5个工作日\n","type":"guide"}
`)
	write(t, questions, `{"q":"狗证要什么材料","gold":["a"],"field":"materials","answer_has":["免疫证明"]}
{"q":"树木砍伐许可多久办好","gold":["b"],"field":"time_limit","answer_has":["5个工作日"]}
{"q":"飞机怎么修","gold":[],"unanswerable":true}
`)
	eval := guanjia(t, "", "knowledge", "eval", "--corpus", corpus, "--questions", questions, "--ranks", ranks)
	want := "n recall_at_1 recall_at_5 recall_at_10 mrr_at_10 answered answered_right unanswerable_answered p50_ms p99_ms"
	if got := orderedKeys(t, eval.out); got != want {
		t.Errorf("eval has keys %s (%s)", got, eval.err)
	}
	score := lines(t, eval)[0]
	if score["n"] != 3.0 || score["recall_at_1"] != 1.0 || score["answered_right"] != 1.0 || score["unanswerable_answered"] != 0.0 {
		t.Errorf("score %v", score)
	}
	raw, err := os.ReadFile(ranks)
	if err != nil || strings.Count(string(raw), "\n") != 3 {
		t.Fatalf("ranks: %v %q", err, raw)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	if got := orderedKeys(t, first); !strings.HasPrefix(got, "ids") || !strings.Contains(first, `"decision":"answer"`) {
		t.Errorf("ranks line %s", first)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRepliesFollowTheCitizensScript(t *testing.T) {
	got := talk(t, "", `{"text":"我想預約辦居住證"}`, `{"text":"book an appointment for a residence permit","citizen":"c2"}`)
	if text, _ := replies(got[0]); !strings.ContainsAny(text, "廳個說這") {
		t.Errorf("traditional is answered %s", text)
	}
	if text, _ := replies(got[1]); strings.Count(text, "")-1 != utf8.RuneCountInString(text) || !regexp.MustCompile(`[A-Za-z]{3,}`).MatchString(text) {
		t.Errorf("English is answered %s", text)
	}
}
