package knowledge

import (
	"bytes"
	"encoding/json"
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
	got.P50, want.P50, got.P99, want.P99 = 0, 0, 0, 0
	if got != want {
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
