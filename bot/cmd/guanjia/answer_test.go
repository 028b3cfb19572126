package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/bot/bottest"
	"guanjia/bot/openai/openaitest"
)

// asked is what a model was given to answer from.
type asked struct {
	Question string
	Blocks   []struct{ ID, Title, Text string }
	Flaws    []string `json:"your_last_answer_was_refused_because"`
}

// composes answers with what a deed makes of the blocks.
func composes(make func(b asked) []object) openaitest.Answer {
	return func(w http.ResponseWriter, r *http.Request, q openaitest.Request) {
		var body struct{ Messages []struct{ Content string } }
		var b asked
		if json.Unmarshal([]byte(q.Body), &body) != nil || len(body.Messages) < 2 || json.Unmarshal([]byte(body.Messages[1].Content), &b) != nil || len(b.Blocks) == 0 {
			http.Error(w, "no blocks", http.StatusBadRequest)
			return
		}
		raw, err := json.Marshal(object{"sentences": make(b)})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		openaitest.Says(string(raw))(w, r, q)
	}
}

// from is a sentence that cites one quote.
func from(text, block, quote string) object {
	return object{"text": text, "cites": []object{{"block": block, "quote": quote}}}
}

// faithful says the first lines of the first block as they are.
func faithful(b asked) []object {
	first, _, _ := strings.Cut(b.Blocks[0].Text, "\n")
	return []object{from(first, b.Blocks[0].ID, first)}
}

// wrong changes a figure, or adds one.
func wrong(b asked) []object {
	first, _, _ := strings.Cut(b.Blocks[0].Text, "\n")
	return []object{from(first+"，要 3987 元", b.Blocks[0].ID, first)}
}

const asks = "身份证丢了怎么补办"

// ask puts one question to a fresh service.
func ask(t *testing.T, tell *tester, channel bot.Channel, words string) bottest.Said {
	t.Helper()
	d, err := tell.open(t.Context(), bottest.Case{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	said, err := d.Do(t.Context(), bottest.Step{User: &words, Channel: channel})
	if err != nil {
		t.Fatal(err)
	}
	if len(said.Replies) != 1 {
		t.Fatalf("%d replies", len(said.Replies))
	}
	return said
}

func TestComposedAnswer(t *testing.T) {
	server := endpoint(t)
	tell := withModel(t, server.URL)
	plain := ask(t, withModel(t, "http://127.0.0.1:1"), bot.WeChat, asks)
	if !plain.Trace.Degraded || strings.Contains(plain.Replies[0].Text, "AI 生成") {
		t.Fatalf("nobody there: %+v", plain)
	}
	for name, c := range map[string]struct {
		script []openaitest.Answer
		calls  int
		model  string
	}{
		"faithful":                 {[]openaitest.Answer{composes(faithful)}, 1, bot.ModelUsed},
		"faithful the second time": {[]openaitest.Answer{composes(wrong), composes(faithful)}, 2, bot.ModelUsed},
		"wrong twice":              {[]openaitest.Answer{composes(wrong)}, 2, bot.ModelNothing},
		"no words":                 {[]openaitest.Answer{composes(func(asked) []object { return []object{} })}, 1, bot.ModelNothing},
		"uncited": {[]openaitest.Answer{composes(func(b asked) []object {
			return []object{{"text": "带上户口簿就行", "cites": []object{}}}
		})}, 2, bot.ModelNothing},
		"a quote of its own": {[]openaitest.Answer{composes(func(b asked) []object {
			return []object{from("带上户口簿就行", b.Blocks[0].ID, "带上户口簿就可以办理")}
		})}, 2, bot.ModelNothing},
		"orders followed": {[]openaitest.Answer{composes(func(b asked) []object {
			return append(faithful(b), from("请先把手续费转到 6222020200112233445", b.Blocks[0].ID, b.Blocks[0].Text))
		})}, 2, bot.ModelNothing},
		"half an answer": {[]openaitest.Answer{openaitest.Says(`{"sentences":[{"text":"带`)}, 1, bot.ModelFailed},
		"refusal":        {[]openaitest.Answer{openaitest.Status(429)}, 1, bot.ModelFailed},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(server.Seen())
			server.Script(c.script...)
			said := ask(t, tell, bot.WeChat, asks)
			text := said.Replies[0].Text
			if said.Trace.Model != c.model || len(server.Seen())-before != c.calls {
				t.Errorf("%q after %d calls", said.Trace.Model, len(server.Seen())-before)
			}
			if c.model != bot.ModelUsed {
				if text != plain.Replies[0].Text {
					t.Errorf("said %q, not what the guide says: %q", text, plain.Replies[0].Text)
				}
				return
			}
			if !strings.Contains(text, "AI 生成") || !strings.Contains(text, "来源") || len(said.Trace.Citations) == 0 || strings.Contains(text, "3987") {
				t.Errorf("said %q, cites %v", text, said.Trace.Citations)
			}
			if c.calls == 2 && !strings.Contains(server.Seen()[before+1].Body, "3987") {
				t.Error("the second try was not told what was wrong")
			}
		})
	}
	server.Script(composes(faithful))
	before := len(server.Seen())
	if said := ask(t, tell, bot.Hotline, asks); said.Trace.Model != "" || len(server.Seen()) != before {
		t.Errorf("on the phone a model is asked: %q", said.Trace.Model)
	}
	if said := ask(t, tell, bot.WeChat, "补办身份证多少钱"); said.Trace.Model != "" || len(server.Seen()) != before {
		t.Errorf("for one line of the guide a model is asked: %q", said.Trace.Model)
	}
}

// TestComposedAnswerInTime: an endpoint that never answers costs what WeChat's
// five seconds leave, and the answer is the guide's.
func TestComposedAnswerInTime(t *testing.T) {
	server := endpoint(t)
	tell := withModel(t, server.URL)
	server.Script(server.HangsMidway())
	start := time.Now()
	said := ask(t, tell, bot.WeChat, asks)
	if took := time.Since(start); took > 3*4200*time.Millisecond {
		t.Errorf("took %v", took)
	}
	if said.Trace.Model != bot.ModelLate || !said.Trace.Degraded || strings.Contains(said.Replies[0].Text, "AI 生成") {
		t.Errorf("%q: %v", said.Trace.Model, said.Replies)
	}
}

// TestRewrittenQuestionOnlyAdds: a model's wording of the question adds to what
// may be chosen from and answers nothing by itself.
func TestRewrittenQuestionOnlyAdds(t *testing.T) {
	server := endpoint(t)
	tell := withModel(t, server.URL)
	discuss(t, tell, server, map[string]openaitest.Answer{
		mumble: commands(m{"do": "answer_question", "flow": "ask_procedure", "question": "身份证丢了怎么补办"}),
	}, `
      - {user: "`+mumble+`", expect: [{decision: clarify}, {offers: 身份证}, {says_not: 派出所}]}
      - {choose: 1, expect: [{cites: id-card-lost}]}`)
}

// TestMeaningHelpsWhereWordingIsUnsure: guides get their vectors in the
// background, an unsure question is ordered by meaning, its particulars stay
// here, and a failing endpoint is seen in nothing but the trace.
func TestMeaningHelpsWhereWordingIsUnsure(t *testing.T) {
	server := endpoint(t)
	server.Embeds(func(text string) []float32 {
		return []float32{0.01, float32(strings.Count(text, "营业执照")), float32(strings.Count(text, "居住证"))}
	})
	s := modelSettings(t, server.URL)
	s.OpenAIModel, s.OpenAIEmbedModel = "", "e"
	tell, err := newTester(t.Context(), &program{settings: s, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer tell.close()
	d, err := tell.open(t.Context(), bottest.Case{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	guides := len(d.(*player).house.base.Guides())
	embedded := func() int {
		n := 0
		for _, q := range server.Seen() {
			var body struct{ Input []string }
			if err := json.Unmarshal([]byte(q.Body), &body); err != nil {
				t.Fatal(err)
			}
			n += len(body.Input)
		}
		return n
	}
	for deadline := time.Now().Add(30 * time.Second); embedded() < guides; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d guides have vectors", embedded(), guides)
		}
	}
	words := "那个证怎么搞，我叫陈小明，电话13812345678"
	said, err := d.Do(t.Context(), bottest.Step{User: &words})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range server.Seen() {
		if strings.Contains(q.Body, "陈小明") || strings.Contains(q.Body, "13812345678") {
			t.Errorf("particulars left the process: %s", q.Body)
		}
	}
	if said.Trace.Degraded {
		t.Errorf("%+v", said.Trace)
	}
	server.Script(openaitest.Status(500))
	broken, err := d.Do(t.Context(), bottest.Step{User: &words, Citizen: "c2"})
	if err != nil || len(broken.Replies) != len(said.Replies) {
		t.Errorf("%+v %v", broken, err)
	}
}
