package knowledge

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"
)

func TestEvaluate(t *testing.T) {
	b := starterBase(t)
	questions := `{"q":"护照多少钱","gold":["passport"],"field":"fee","answer_has":["１２０ 元"]}
{"q":"护照多少钱","gold":["passport"],"field":"fee","answer_has":["121元"]}
{"q":"那要多久","gold":["divorce"],"history":["离婚登记去哪里办"],"answer_has":["30日"]}

{"q":"教师资格证去哪里认定","unanswerable":true}
{"q":"护照多少钱","unanswerable":true}
{"q":"护照多少钱","gold":["none"]}`
	var ranks bytes.Buffer
	got, err := Evaluate(t.Context(), b, strings.NewReader(questions), &ranks, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want := Evaluation{N: 6, RecallAt1: 0.75, RecallAt5: 0.75, RecallAt10: 0.75, MRRAt10: 0.75,
		Answered: 1, AnsweredRight: 0.5, UnanswerableAnswered: 0.5}
	if ci := got.CI95["answered_right"]; ci[0] > 0.2 || ci[0] <= 0 || ci[1] < 0.8 || got.AnsweredWrong != 0.5 {
		t.Errorf("two of four right, the interval is %v, wrong %v", ci, got.AnsweredWrong)
	}
	if worse := got.Regressions(Evaluation{AnsweredRight: 0.51, UnanswerableAnswered: 0.49}, 0.005); len(worse) != 2 {
		t.Errorf("regressions: %v", worse)
	}
	got.P50, got.P99, got.CI95, got.AnsweredWrong = 0, 0, nil, 0
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	lines := strings.Split(strings.TrimSpace(ranks.String()), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d lines of ranks", len(lines))
	}
	for _, l := range lines {
		var r map[string]any
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatal(err)
		}
		if ids := r["ids"].([]any); len(ids) < 10 || len(r) != 2 {
			t.Errorf("%s", l)
		}
		if d := r["decision"]; d != "answer" && d != "clarify" && d != "abstain" {
			t.Errorf("decision %v", d)
		}
	}
}

// A question back counts neither as answered nor as wrong, for what a guide
// answers and for what none does.
func TestAskingBackIsNeitherAnsweredNorWrong(t *testing.T) {
	b := New(pair(func(_, _ *Guide) {}))
	var ranks bytes.Buffer
	got, err := Evaluate(t.Context(), b, strings.NewReader(`{"q":"民宿备案多少钱","gold":["a"],"answer_has":["免费"]}
{"q":"民宿备案多少钱","unanswerable":true}
{"q":"民宿开业备案多少钱","gold":["a"],"answer_has":["免费"]}`), &ranks, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Answered != 0.5 || got.AnsweredRight != 0.5 || got.UnanswerableAnswered != 0 || got.RecallAt5 != 1 {
		t.Errorf("%+v", got)
	}
	if strings.Count(ranks.String(), `"decision":"clarify"`) != 2 {
		t.Errorf("%s", ranks.String())
	}
}

// Guides and policy texts stand in one corpus; each is asked in its own way.
func TestEvaluateCorpusOfBothTypes(t *testing.T) {
	guides, report, err := Import(t.Context(), strings.NewReader(`{"id":"g","title":"养蜂登记","aliases":["养蜜蜂"],"type":"guide","text":"申请材料：养蜂场照片、身份证\n办理时限：3个工作日\n收费标准：不收费"}
{"id":"p","title":"关于扶持养蜂业的通知","type":"policy","text":"一、总体要求。各镇要重视蜂业。\n二、对新建标准化蜂场的，每个一次性奖励二万元。\n三、附则。"}`), FormatAuto, nil)
	if err != nil || report.Rejected > 0 {
		t.Fatal(err, report)
	}
	got, err := Evaluate(t.Context(), New(guides), strings.NewReader(`{"q":"养蜜蜂登记要带什么","gold":["g"],"field":"materials","answer_has":["养蜂场照片"]}
{"q":"那多久能办好","gold":["g"],"field":"time_limit","answer_has":["3 个工作日"],"history":["养蜜蜂登记要带什么"]}
{"q":"新建标准化蜂场奖励多少","gold":["p"],"answer_has":["二万元"]}`), nil, time.Time{})
	if err != nil || got.AnsweredRight != 1 || got.RecallAt1 != 1 || got.N != 3 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestEvaluationKeys(t *testing.T) {
	raw, _ := json.Marshal(Evaluation{})
	var m map[string]any
	json.Unmarshal(raw, &m)
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	if got := strings.Join(keys, " "); got != "answered answered_right mrr_at_10 n p50_ms p99_ms recall_at_1 recall_at_10 recall_at_5 unanswerable_answered" {
		t.Error(got)
	}
	raw, _ = json.Marshal(Answer{Decision: Answered, Guide: "a", Field: Fee})
	if string(raw) != `{"decision":"answer","guide":"a","field":"fee","text":"","citations":[],"candidates":[]}` {
		t.Errorf("%s", raw)
	}
}

func TestEvaluateRefusesBadQuestions(t *testing.T) {
	_, err := Evaluate(t.Context(), starterBase(t), strings.NewReader("{\"q\":\"a\"}\n{\"q\":"), nil, time.Time{})
	if err == nil || !strings.Contains(err.Error(), "question 2") {
		t.Errorf("%v", err)
	}
}
