package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/bot/store"
	"guanjia/bot/ticket"
)

// formOf is an operator at a citizen's form.
type formOf struct {
	*client
	at string
}

func (f formOf) do(path string, v object) (object, int) {
	f.t.Helper()
	got := f.post(f.at+path, v)
	return got.json(f.t), got.status
}

// put writes slots one after another and gives what the form has come to.
func (f formOf) put(pairs ...string) object {
	f.t.Helper()
	var last object
	for i := 0; i < len(pairs); i += 2 {
		got, status := f.do("/draft", object{"slot": pairs[i], "words": pairs[i+1]})
		if status != 200 {
			f.t.Fatalf("%s: %d %v", pairs[i], status, got)
		}
		last = got
	}
	return last
}

// TestOperatorFillsTheForm: what an operator does to the form under way is done
// by the errand's own rules, carried out on the citizen's written yes only, once,
// with the yes in the record; and given back the bot goes on with it.
func TestOperatorFillsTheForm(t *testing.T) {
	s, clock := insideService(t)
	door := httptest.NewServer(s.inner())
	t.Cleanup(door.Close)
	must2 := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must2(addStaff(t.Context(), s.house, store.Staff{Name: "小陈", Role: "operator"}, theirPassword))
	c := newClient(t, door.URL)
	must(t, c.signIn("小陈", theirPassword), 303)
	id := s.hears(t, "citizen", "我想预约办居住证", "虎门", "转人工")
	f := formOf{c, "/desk/conversation/" + string(id)}
	if got, status := f.do("/draft", object{"slot": "date", "words": "明天"}); status != 409 {
		t.Fatalf("without holding it: %d %v", status, got)
	}
	must(t, c.post(f.at+"/take", object{}), 200)
	draft := c.get(f.at).json(t)["draft"].(map[string]any)
	if draft["flow"] != "book_appointment" || draft["told"] != "" {
		t.Fatalf("the form under way: %v", draft)
	}
	if got := f.put("phone", "12"); !strings.Contains(got["said"].(string), "12") {
		t.Errorf("a wrong number: %v", got["said"])
	}
	got := f.put("date", "11月26日", "time", "13:00")
	if got["told"] != "" || !strings.Contains(got["said"].(string), "不放号") || len(got["options"].([]any)) == 0 {
		t.Fatalf("a time nobody is there: %v", got)
	}
	got, status := f.do("/draft", object{"choice": got["options"].([]any)[0]})
	if status != 200 || got["asks"] != "name" {
		t.Fatalf("a chosen time: %d %v", status, got)
	}
	got = f.put("time", "15:00", "name", "陈小明", "phone", "13800138000")
	if !strings.Contains(got["said"].(string), "请核对") || got["told"] == "" || strings.Contains(got["fields"].([]any)[0].(map[string]any)["value"].(string), "13800138000") {
		t.Fatalf("complete: %v", got)
	}
	if said := got["said"].(string); strings.Contains(said, "陈小明") || !strings.Contains(said, "陈**") || strings.Contains(said, "13800138000") {
		t.Errorf("the summary shows who it is for: %s", said)
	}
	carry := func(key string, more object) (object, int) {
		t.Helper()
		v := object{"told": got["told"], "key": key}
		for k, x := range more {
			v[k] = x
		}
		return f.do("/draft/carry", v)
	}
	if v, status := carry("carry-0001", nil); status != 409 {
		t.Errorf("without a yes: %d %v", status, v)
	}
	if v, status := carry("carry-0002", object{"spoken": "好的"}); status != 409 {
		t.Errorf("a spoken yes where nobody is on the telephone: %d %v", status, v)
	}
	if v, status := f.do("/draft/ask", object{"key": "ask-000001"}); status != 200 || v["shown"] != true {
		t.Fatalf("read back: %d %v", status, v)
	}
	s.hears(t, "citizen", "等我想想")
	line := func() any { return c.get(f.at).json(t)["draft"].(map[string]any)["line"] }
	if line() != 0.0 {
		t.Errorf("a yes that is none yet: %v", line())
	}
	s.hears(t, "citizen", "确认")
	yes := line()
	if yes == 0.0 {
		t.Fatalf("the yes is not heard: %v", c.get(f.at).text)
	}
	got = f.put("time", "16:00") // another form than the one agreed to
	if v, status := carry("carry-0003", object{"line": yes}); status != 409 {
		t.Errorf("a yes to another form: %d %v", status, v)
	}
	got = f.put("time", "15:00")
	for range 2 { // the second is the same once more
		if v, status := carry("carry-0004", object{"line": yes}); status != 200 {
			t.Fatalf("carry out: %d %v", status, v)
		}
	}
	mine, err := s.house.store.Appointments(t.Context(), id, true)
	must2(err)
	if len(mine) != 1 || mine[0].Time != "15:00" {
		t.Fatalf("appointments: %v", mine)
	}
	text := c.get(f.at).text
	for _, want := range []string{"代市民办理“预约办事”", "回“确认”同意", mine[0].Number} {
		if !strings.Contains(text, want) {
			t.Errorf("the transcript lacks %q", want)
		}
	}
	if got := c.get(f.at + "/matters"); got.status != 200 || !strings.Contains(got.text, mine[0].Number) || strings.Contains(got.text, "陈小明") {
		t.Errorf("looked up: %d %s", got.status, got.text)
	}

	// A report, filed and sent on.
	if v, status := f.do("/draft", object{"flow": "file_report"}); status != 200 || v["flow"] != "file_report" {
		t.Fatalf("begin a report: %d %v", status, v)
	}
	got = f.put("text", "那边的事情一直没有人来处理，说了好多次了", "town", "虎门", "address", "连升路12号")
	for i := 0; got["told"] == "" && i < 6; i++ {
		switch asks := got["asks"].(string); asks {
		case "name":
			got = f.put("name", "陈小明")
		case "phone":
			got = f.put("phone", "13800138000")
		default:
			if len(got["options"].([]any)) == 0 {
				t.Fatalf("asks %s: %v", asks, got)
			}
			got, _ = f.do("/draft", object{"choice": got["options"].([]any)[0]})
		}
	}
	f.do("/draft/ask", object{"key": "ask-000002"})
	s.hears(t, "citizen", "好的")
	if v, status := carry("carry-0005", object{"line": line()}); status != 200 {
		t.Fatalf("file: %d %v", status, v)
	}
	tickets, err := s.house.store.Tickets(t.Context(), id, 9)
	must2(err)
	if len(tickets) != 1 {
		t.Fatalf("tickets: %d", len(tickets))
	}
	if tickets[0].Status == ticket.Accepted {
		to := "/matters/" + tickets[0].Number + "/dispatch"
		if v, status := f.do(to, object{"to": "", "seen": tickets[0].Life.Version}); status != 422 {
			t.Errorf("to nobody: %d %v", status, v)
		}
		if v, status := f.do(to, object{"to": "t:humen", "seen": tickets[0].Life.Version, "words": "群众说了多次"}); status != 200 {
			t.Errorf("dispatch: %d %v", status, v)
		}
		after, _, err := s.house.store.Ticket(t.Context(), tickets[0].Number)
		must2(err)
		if after.Status != ticket.Dispatched || after.Life.Holder.Town != "humen" {
			t.Errorf("after dispatch: %s with %v", after.Status, after.Life.Holder)
		}
	} else {
		t.Errorf("nothing to dispatch: %s", tickets[0].Status)
	}

	// Given back with a form half filled.
	f.do("/draft", object{"flow": "book_appointment"})
	f.put("service", "身份证", "hall", "虎门")
	_ = clock
	must(t, c.post(f.at+"/back", object{}), 200)
	lines, err := s.house.store.Recent(t.Context(), id, 1)
	must2(err)
	if !strings.Contains(lines[0].Text, "我们接着办") || lines[0].Speaker != bot.SpeakerBot {
		t.Errorf("given back: %+v", lines[0])
	}
	turn, err := s.house.engine.Receive(t.Context(), bot.Inbound{From: bot.Address{Channel: bot.WeChat, ID: "citizen"}, Text: "11月27日下午三点"})
	must2(err)
	if turn.Trace.Slots["hall"] != "humen" || turn.Trace.Slots["date"] != "2026-11-27" {
		t.Errorf("the bot goes on with %v", turn.Trace.Slots)
	}
}
