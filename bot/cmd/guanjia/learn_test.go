package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/bottest"
	"guanjia/config"
	"guanjia/intents/examples"
)

// lenience keeps chance in the fitting of thresholds out of the tests of how
// models are exchanged; poison does far worse.
const lenience = 0.025

// classroom is a house of its own, whose model may change.
func classroom(t *testing.T, dir string) *house {
	t.Helper()
	s, _, err := config.Load(config.Input{Flags: map[string]string{"demo": "false"}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), opening{settings: s, dir: dir, now: testsBegin(), log: slog.New(slog.DiscardHandler), lenience: lenience})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// teach puts accepted lessons before the school, by as many citizens as needed.
func teach(t *testing.T, h *house, intent bot.Intent, texts ...string) {
	t.Helper()
	ctx := t.Context()
	for i, text := range texts {
		id := bot.CitizenID(fmt.Sprintf("p%d", i/10))
		if err := h.store.Enrol(ctx, id, h.clock(), bot.Address{Channel: bot.Web, ID: string(id)}); err != nil {
			t.Fatal(err)
		}
		if err := h.store.Commit(ctx, func(tx bot.Tx) error {
			return tx.(bot.LessonKeeper).KeepLesson(bot.Lesson{Citizen: id, Text: text, Was: bot.OutOfScope, Intent: intent, At: h.clock()})
		}); err != nil {
			t.Fatal(err)
		}
	}
	open, err := h.store.Lessons(ctx, bot.LessonOpen, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range open {
		if err := h.school.Decide(ctx, l.ID, bot.Verdict{Accept: true, By: "amy"}); err != nil {
			t.Fatal(err)
		}
	}
}

// newWords are such as no example of ours has.
var newWords = []string{"叽咕塔卡哒的门铃嘟噜了", "叽咕塔卡哒又嘟噜了一晚", "叽咕塔卡哒嘟噜个不停", "那个叽咕塔卡哒嘟噜得睡不着"}

// TestLearn: what was accepted is learnt, is in service at once and after a
// restart, and stands in the data directory.
func TestLearn(t *testing.T) {
	dir := t.TempDir()
	h := classroom(t, dir)
	said := "叽咕塔卡哒嘟噜了一整天"
	before := h.mind.Understand(bot.Utterance{Text: said, Now: h.clock()})
	if before.Intent == bot.FileReport && before.Decision == bot.Accept {
		t.Fatalf("known already: %+v", before)
	}
	teach(t, h, bot.FileReport, newWords...)
	r, err := h.school.relearn(t.Context(), "test")
	if err != nil || r.Learnt != len(newWords) || len(r.Refused) > 0 {
		t.Fatalf("%+v %v", r, err)
	}
	t.Logf("right before %.4f, after %.4f of %d", r.Before.Accuracy, r.After.Accuracy, r.After.Cases)
	if after := h.mind.Understand(bot.Utterance{Text: said, Now: h.clock()}); after.Intent != bot.FileReport {
		t.Errorf("still taken for %s, %v", after.Intent, after.Alternatives)
	}
	if left, err := h.store.Lessons(t.Context(), bot.LessonAccepted, 10); err != nil || len(left) != 0 {
		t.Errorf("%d still to be learnt: %v", len(left), err)
	}
	again, err := h.school.relearn(t.Context(), "test")
	if err != nil || again.Learnt != 0 || again.Before.Cases != 0 {
		t.Errorf("with nothing accepted: %+v %v", again, err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, taughtDir, taughtFile("file_report")))
	if err != nil || !strings.Contains(string(raw), newWords[0]) {
		t.Errorf("the file holds %q: %v", raw, err)
	}
	restarted := classroom(t, dir)
	if after := restarted.mind.Understand(bot.Utterance{Text: said, Now: h.clock()}); after.Intent != bot.FileReport {
		t.Errorf("after a restart taken for %s", after.Intent)
	}
	if err := restarted.close(); err != nil {
		t.Fatal(err)
	}
}

// TestLearnRefusesPoison: a batch that teaches bookings to be nobody's business
// is refused, and nothing of it is in service or in the files.
func TestLearnRefusesPoison(t *testing.T) {
	dir := t.TempDir()
	h := classroom(t, dir)
	defer h.close()
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	var poison []string
	for _, e := range list {
		if !e.Held && e.Intent == string(bot.BookAppointment) && len([]rune(e.Text)) > 6 && len(poison) < 80 {
			poison = append(poison, "嗯嗯"+e.Text)
		}
	}
	teach(t, h, bot.Thank, poison...)
	was := h.taught.current.Load()
	r, err := h.school.relearn(t.Context(), "test")
	if err != nil || len(r.Refused) == 0 || r.Learnt != 0 {
		t.Fatalf("taken up: %+v %v", r, err)
	}
	t.Logf("refused: %v", r.Refused)
	if h.taught.current.Load() != was {
		t.Error("the model was exchanged")
	}
	if _, err := os.Stat(filepath.Join(dir, taughtDir)); !os.IsNotExist(err) {
		t.Errorf("the files were written: %v", err)
	}
	if left, err := h.store.Lessons(t.Context(), bot.LessonAccepted, 1000); err != nil || len(left) != len(poison) {
		t.Errorf("%d lessons wait, want %d: %v", len(left), len(poison), err)
	}
}

// TestLearnRefusesTwoMeanings: words of a built-in example cannot be taught to
// mean something else.
func TestLearnRefusesTwoMeanings(t *testing.T) {
	h := classroom(t, t.TempDir())
	defer h.close()
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(e examples.Example) bool { return e.Held && e.Intent == string(bot.FileReport) })
	teach(t, h, bot.ClaimWish, list[i].Text)
	if _, err := h.school.relearn(t.Context(), "test"); err == nil || !strings.Contains(err.Error(), "built-in") {
		t.Errorf("taken up: %v", err)
	}
}

// unclear finds a held-back utterance the intent layer asks back about, with
// the true intent among what it offers.
func unclear(t *testing.T, h *house) (text string, truth bot.Intent) {
	t.Helper()
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		u := h.mind.Understand(bot.Utterance{Text: e.Text, Now: h.clock()})
		truth := bot.Intent(e.Intent)
		task := truth == bot.FileReport || truth == bot.RequestHelp || truth == bot.CheckRequest || truth == bot.BookAppointment || truth == bot.CheckAppointment
		offered := len(u.Alternatives) > 1 && (u.Intent == truth || u.Alternatives[0].Intent == truth)
		if u.Decision == bot.Clarify && e.Lang == "zh-Hans" && task && offered && len(u.Entities) == 0 && len(u.Acts) == 0 && !u.Question && len([]rune(e.Text)) >= 6 {
			return e.Text, truth
		}
	}
	t.Fatal("no utterance is unclear")
	return "", ""
}

// TestCitizensTeach: a choice at "which do you mean" says what the words asked
// for; "none of these" and "not this" say what they did not.
func TestCitizensTeach(t *testing.T) {
	tell, err := newTester(t.Context(), &program{log: slog.New(slog.DiscardHandler), lent: stand(t).house})
	if err != nil {
		t.Fatal(err)
	}
	defer tell.close()
	for _, c := range []struct {
		then string
		want func(truth bot.Intent) bot.Intent
	}{
		{"", func(truth bot.Intent) bot.Intent { return truth }},
		{"都不是", func(bot.Intent) bot.Intent { return "" }},
	} {
		d, err := tell.open(t.Context(), bottest.Case{})
		if err != nil {
			t.Fatal(err)
		}
		h := d.(*player).house
		text, truth := unclear(t, h)
		said, err := d.Do(t.Context(), bottest.Step{User: &text})
		if err != nil || said.Trace.Decision != bot.Clarify {
			t.Fatalf("%s: %+v %v", text, said, err)
		}
		then := c.then
		if then == "" {
			name := truth.Title()
			i := slices.IndexFunc(said.Replies[0].Options, func(o string) bool { return o == name || strings.Contains(o, name) })
			if i < 0 {
				t.Fatalf("%s is not among %v", name, said.Replies[0].Options)
			}
			then = said.Replies[0].Options[i]
		}
		if _, err := d.Do(t.Context(), bottest.Step{User: &then}); err != nil {
			t.Fatal(err)
		}
		lessons, err := h.store.Lessons(t.Context(), bot.LessonOpen, 10)
		if err != nil || len(lessons) != 1 || lessons[0].Intent != c.want(truth) || lessons[0].Text == "" || lessons[0].By != "" {
			t.Errorf("after %q of %q: %+v %v", then, text, lessons, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNotThis: an errand just begun that is disowned is dropped, and says so to
// who teaches.
func TestNotThis(t *testing.T) {
	tell, err := newTester(t.Context(), &program{log: slog.New(slog.DiscardHandler), lent: stand(t).house})
	if err != nil {
		t.Fatal(err)
	}
	defer tell.close()
	d, err := tell.open(t.Context(), bottest.Case{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, text := range []string{"楼下夜市天天吵到两点，我要投诉，电话13812345678", "不是这个"} {
		said, err := d.Do(t.Context(), bottest.Step{User: &text})
		if err != nil {
			t.Fatal(err)
		}
		if text == "不是这个" && !slices.Contains(said.Trace.Commands, "cancel_flow") {
			t.Errorf("did %v", said.Trace.Commands)
		}
	}
	lessons, err := d.(*player).house.store.Lessons(t.Context(), bot.LessonOpen, 10)
	if err != nil || len(lessons) != 1 || lessons[0].Was != bot.FileReport || lessons[0].Intent != "" || strings.Contains(lessons[0].Text, "13812345678") {
		t.Errorf("%+v %v", lessons, err)
	}
}

// TestLearnThroughTheOwner: the command decides and teaches the service that
// runs, which needs no restart.
func TestLearnThroughTheOwner(t *testing.T) {
	dir := t.TempDir()
	h := classroom(t, dir)
	teach(t, h, bot.FileReport, newWords...)
	for _, text := range []string{"这一句是乱讲的"} {
		if err := h.store.Commit(t.Context(), func(tx bot.Tx) error {
			return tx.(bot.LessonKeeper).KeepLesson(bot.Lesson{Citizen: "p0", Text: text, Was: bot.OutOfScope, At: h.clock()})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	d := launch(t, dir, &program{env: []string{"GUANJIA_DEMO=true"}, lenience: lenience})
	c := d.visitor()
	c.says("teach-0001", "叽咕塔卡哒嘟噜了一整天")
	list := lines(t, guanjia(t, "", "--data", dir, "intents", "learn", "--list", "--json"))
	if len(list) != 5 || list[0]["status"] != "open" || list[0]["text"] != "这一句是乱讲的" {
		t.Fatalf("listed %v", list)
	}
	id := fmt.Sprint(list[0]["id"])
	if r := guanjia(t, "", "--data", dir, "intents", "learn", "--accept", id); r.status != 2 || !strings.Contains(r.err, "intent") {
		t.Errorf("accepted without an intent: %d %s", r.status, r.err)
	}
	if r := guanjia(t, "", "--data", dir, "intents", "learn", "--accept", id, "--intent", "nonsense"); r.status != 2 {
		t.Errorf("accepted with a wrong intent: %d %s", r.status, r.err)
	}
	out := lines(t, guanjia(t, "", "--data", dir, "intents", "learn", "--reject", id, "--json"))
	if got := out[len(out)-1]; got["learnt"] != 4.0 {
		t.Fatalf("learnt %v", got)
	}
	said := fmt.Sprint(c.says("teach-0002", "叽咕塔卡哒嘟噜了一整天"))
	if !strings.Contains(said, "诉求") && !strings.Contains(said, "镇街") {
		t.Errorf("the running service does not know better: %s", said)
	}
	if r := guanjia(t, "", "--data", dir, "intents", "learn"); r.status != 0 || !strings.Contains(r.out, "nothing to take up") {
		t.Errorf("nothing left: %d %s %s", r.status, r.out, r.err)
	}
}

// TestLearnFromTheDesk: an operator says what words asked for, a supervisor
// edits and accepts it, the bot learns; operators may not decide.
func TestLearnFromTheDesk(t *testing.T) {
	d := launch(t, t.TempDir(), &program{env: []string{"GUANJIA_DEMO=true"}, lenience: lenience})
	v := d.visitor()
	v.says("teach-0001", "叽咕塔卡哒嘟噜了一整天，电话13812345678")
	v.says("teach-0002", "转人工")
	operator, admin := d.colleague("小李"), newClient(t, d.inner)
	if got := admin.signIn("admin", d.admin); got.status != http.StatusSeeOther {
		t.Fatalf("sign in: %d", got.status)
	}
	queue := operator.get("/desk/queue").text
	citizen := regexp.MustCompile(`"citizen":"([^"]+)"`).FindStringSubmatch(queue)
	if citizen == nil {
		t.Fatalf("nobody waits: %s", queue)
	}
	place := "/desk/learn/conversation/" + citizen[1]
	page := operator.get(place)
	line := regexp.MustCompile(`value="(\d+)" required> <span>叽咕`).FindStringSubmatch(page.text)
	if page.status != http.StatusOK || line == nil {
		t.Fatalf("%d %s", page.status, page.text)
	}
	form := func(c *client, path string, v url.Values) answer {
		return c.do("POST", path, strings.NewReader(v.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	}
	if got := form(operator, place, url.Values{"line": {line[1]}, "intent": {"drop table"}}); got.status != http.StatusBadRequest {
		t.Errorf("a wrong intent: %d", got.status)
	}
	if got := form(operator, place, url.Values{"line": {"999999"}, "intent": {"file_report"}}); got.status != http.StatusNotFound {
		t.Errorf("a line of nobody: %d", got.status)
	}
	if got := form(operator, place, url.Values{"line": {line[1]}, "intent": {"file_report"}}); got.status != http.StatusSeeOther {
		t.Fatalf("relabel: %d %s", got.status, got.text)
	}
	for _, path := range []string{"/desk/learn", "/desk/learn/1"} {
		if got := form(operator, path, url.Values{"verdict": {"accept"}}); got.status != http.StatusForbidden {
			t.Errorf("an operator at %s: %d", path, got.status)
		}
	}
	page = admin.get("/desk/learn")
	id := regexp.MustCompile(`action="/desk/learn/(\d+)"`).FindStringSubmatch(page.text)
	if id == nil || strings.Contains(page.text, "13812345678") || !strings.Contains(page.text, "小李") {
		t.Fatalf("the list: %s", page.text)
	}
	if got := form(admin, "/desk/learn/"+id[1], url.Values{"verdict": {"accept"}, "intent": {""}, "text": {"x"}}); got.status != http.StatusBadRequest {
		t.Errorf("accepted without an intent: %d", got.status)
	}
	if got := form(admin, "/desk/learn/"+id[1], url.Values{"verdict": {"accept"}, "intent": {"file_report"}, "text": {"叽咕塔卡哒嘟噜了一整天"}}); got.status != http.StatusSeeOther {
		t.Fatalf("accept: %d %s", got.status, got.text)
	}
	if got := form(admin, "/desk/learn", nil); got.status != http.StatusOK || !strings.Contains(got.text, "学会了 1 条") {
		t.Errorf("relearn: %d %s", got.status, got.text)
	}
	if got := form(admin, "/desk/learn/"+id[1], url.Values{"verdict": {"reject"}}); got.status != http.StatusConflict {
		t.Errorf("decided again: %d", got.status)
	}
}

// TestScrub: nothing of a person is left in what may be learnt from, and it is
// read as before.
func TestScrub(t *testing.T) {
	mind := fullMind(t, shelf(""))
	for _, text := range []string{
		"我叫陈小明，电话13812345678，想预约办居住证", "帮我查下 DG20260101123456 这个单", "证号441900199001011231能不能约",
		"我住厚街镇河田村康乐路8号，路灯坏了", "车牌粤S12345乱停", "打二二八八六六五五没人接", "邮箱是abc@example.com",
	} {
		got := bot.Scrub(mind.Understand(bot.Utterance{Text: text, Now: time.Date(2026, 11, 24, 10, 0, 0, 0, bot.Shanghai())}))
		for _, secret := range []string{"陈小明", "13812345678", "20260101123456", "441900199001011231", "康乐路8号", "S12345", "二二八八六六五五", "abc@"} {
			if strings.Contains(text, secret) && strings.Contains(got, secret) {
				t.Errorf("%q keeps %s: %q", text, secret, got)
			}
		}
	}
}

// TestFallsTo: what may not fall is named, what chance explains is not.
func TestFallsTo(t *testing.T) {
	good := marks{Cases: 100, Accuracy: 0.9, MacroF1: 0.9, WrongAccept: 0.05, OutOfScope: 0.8, FlowStart: 0.02, Emergencies: 0.98, recall: map[string]float64{"greet": 0.9}}
	for name, c := range map[string]struct {
		change func(m *marks)
		falls  bool
	}{
		"the same":          {func(*marks) {}, false},
		"better":            {func(m *marks) { m.Accuracy = 0.95 }, false},
		"one case less":     {func(m *marks) { m.Accuracy = 0.8999 }, true},
		"an emergency less": {func(m *marks) { m.Emergencies = 0.97 }, true},
		"a little F1":       {func(m *marks) { m.MacroF1 = 0.896 }, false},
		"wrong accepts":     {func(m *marks) { m.WrongAccept = 0.06 }, true},
		"strangers":         {func(m *marks) { m.FlowStart = 0.07 }, true},
		"one intent":        {func(m *marks) { m.recall = map[string]float64{"greet": 0.8} }, true},
	} {
		after := good
		c.change(&after)
		if got := good.fallsTo(after, 0); (len(got) > 0) != c.falls {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestFaultyLessonsEndServe: what was taught is in a faulty file; serve opens,
// and then ends and says which.
func TestFaultyLessonsEndServe(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, taughtDir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, taughtDir, taughtFile("greet")), []byte("intent: [greet"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := &program{args: []string{"--data", dir, "serve", "--http-addr", "127.0.0.1:0", "--desk-addr", "127.0.0.1:0", "--sip-addr", ""},
		cwd: dir, env: []string{}, con: console{strings.NewReader(""), io.Discard, io.Discard}}
	if err := p.run(ctx); err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), taughtFile("greet")) {
		t.Errorf("serve: %v (%v)", err, ctx.Err())
	}
}
