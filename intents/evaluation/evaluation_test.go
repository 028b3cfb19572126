package evaluation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"guanjia/intents/examples"
	"guanjia/intents/hanzi"
	"guanjia/intents/linear"
)

// table judges by a list of answers.
func table(answers map[string]Guess) Judge {
	return func(text string) Guess { return answers[text] }
}

func TestScore(t *testing.T) {
	cases := []Case{
		{Text: "a1", Intent: "a", Lang: "yue"}, {Text: "a2", Intent: "a"}, {Text: "a3", Intent: "a", Lang: "yue"}, {Text: "a4", Intent: "a"},
		{Text: "b1", Intent: "b"}, {Text: "b2", Intent: "b"},
		{Text: "o1", Intent: "oos"}, {Text: "o2", Intent: "oos"}, {Text: "o3", Intent: "oos"}, {Text: "o4", Intent: "oos"},
	}
	r := Score(cases, table(map[string]Guess{
		"a1": {Intent: "a", Decision: "accept", Sureness: 2, Score: 1},
		"a2": {Intent: "a", Decision: "accept", Sureness: 1, Score: 1},
		"a3": {Intent: "b", Decision: "accept", Sureness: 0.5, Score: 1},
		"a4": {Intent: "b", Decision: "clarify", Sureness: 0, Score: 0.5, Next: []string{"c", "a", "d"}},
		"b1": {Intent: "b", Decision: "emergency", Sureness: 3, Score: 1},
		"b2": {Intent: "a", Decision: "clarify", Sureness: -1, Score: 0, Next: []string{"c", "d", "b"}},
		"o1": {Intent: "oos", Decision: "abstain"},
		"o2": {Intent: "oos", Decision: "accept"}, // accepted as nobody's intent starts nothing
		"o3": {Intent: "a", Decision: "accept", Score: 1},
		"o4": {Intent: "a", Decision: "clarify"},
	}), Options{Name: "made up", Reject: "oos", Flows: []string{"a"}, Support: 5})

	for name, c := range map[string]struct{ got, want float64 }{
		"accuracy":     {r.Accuracy, 5.0 / 10},
		"accepted":     {r.Decisions.Accepted, 4.0 / 6},
		"clarified":    {r.Decisions.Clarified, 2.0 / 6},
		"abstained":    {r.Decisions.Abstained, 0},
		"wrong accept": {r.Decisions.WrongAccept, 2.0 / 5},
		"helped":       {r.Decisions.Helped, 1.0 / 2},
		"recall":       {r.OutOfScope.Recall, 2.0 / 4},
		"asked":        {r.OutOfScope.Asked, 1.0 / 4},
		"wrong start":  {r.OutOfScope.WrongStart, 1.0 / 4},
		"flow start":   {r.OutOfScope.FlowStart, 1.0 / 4},
		"F1 of a":      {r.Intents[0].F1, 2 * 2.0 / (4 + 5)},
		"precision":    {r.Intents[1].Precision, 1.0 / 3},
		"recall of b":  {r.Intents[1].Recall, 1.0 / 2},
		"macro F1":     {r.MacroF1, (4.0/9 + 2.0/5 + 4.0/6) / 3},
		"top half":     {r.Curve[0].Accuracy, 1},
		"all":          {r.Curve[len(r.Curve)-1].Accuracy, 3.0 / 6},
		"cantonese":    {r.Languages[0].Accuracy, 1.0 / 2},
		// one bin of five at score 1 with three right, one of .5 wrong, four at 0 with two right
		"calibration error": {r.CalibrationError, (2 + 0.5 + 2) / 10.0},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s %.4f, want %.4f", name, c.got, c.want)
		}
	}
	if c := r.Confusions[0]; c.Truth != "a" || c.Taken != "b" || c.Count != 2 || len(c.Cases) != 2 {
		t.Errorf("first confusion %+v", c)
	}
	if !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.HasPrefix(w, "b has 2 cases") }) {
		t.Errorf("no warning about support: %q", r.Warnings)
	}
	failures := r.Failures(Gates{Accuracy: 0.4, MacroF1: 0.9, Recall: 0.5, WrongAccept: 0.5, WrongStart: 0.1})
	if len(failures) != 2 || !strings.Contains(failures[0], "macro F1") || !strings.Contains(failures[1], "wrong starts") {
		t.Errorf("gates: %q", failures)
	}
}

func TestScoreOfNothing(t *testing.T) {
	r := Score(nil, table(nil), Options{Reject: "oos", Noise: []float64{0.1}})
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Error(err)
	}
	if err := r.WriteTable(&b); err != nil {
		t.Error(err)
	}
	if len(r.Warnings) == 0 {
		t.Error("nothing was judged and nothing is said about it")
	}
}

func TestHomophones(t *testing.T) {
	h := NewHomophones([]string{"预约居住证", "鱼月局主正"})
	random := rand.New(rand.NewPCG(1, 1))
	got, swapped, spoken := h.Swap("预约A居住证！", 1, random)
	if swapped != 5 || spoken != 5 {
		t.Errorf("%d of %d swapped, want 5 of 5: %s", swapped, spoken, got)
	}
	for i, c := range []rune("预约A居住证！") {
		other := []rune(got)[i]
		if hanzi.Pinyin(c) != hanzi.Pinyin(other) || hanzi.Pinyin(c) != "" && c == other {
			t.Errorf("%c was misheard as %c", c, other)
		}
	}
	if got, swapped, _ := h.Swap("预约", 0, random); got != "预约" || swapped != 0 {
		t.Errorf("misheard %s without noise", got)
	}
	if got, swapped, _ := NewHomophones(nil).Swap("约", 1, random); swapped != 1 || got == "约" {
		t.Errorf("a character with no common homophone was heard as %s", got)
	}
}

func TestLeaks(t *testing.T) {
	learnt := []string{"我想预约办居住证", "社保卡丢了怎么补办", "你好"}
	leaks := Leaks(learnt, []Case{
		{Text: "我想预约办居住证。"}, {Text: "我想約辦護照"}, {Text: "请问社保卡丢了怎么补办"}, {Text: "您好"}, {Text: "……"}, {Text: "你 好"},
	})
	var found []string
	for _, l := range leaks {
		found = append(found, l.Case.Text+"|"+l.Learnt)
	}
	want := []string{"我想预约办居住证。|我想预约办居住证", "你 好|你好", "请问社保卡丢了怎么补办|社保卡丢了怎么补办"}
	if !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
}

// patterns makes examples by authors with a manner of their own.
func patterns() []examples.Example {
	var out []examples.Example
	for label, frames := range map[string][]string{
		"book": {"我想预约%s", "帮我约一下%s", "%s可以预约吗", "要約%s唔該"},
		"ask":  {"%s要带什么材料", "%s怎么办理", "办%s收费多少", "%s要幾耐"},
		"oos":  {"%s好吃吗", "讲个%s的笑话", "%s天气怎么样", "我钟意%s"},
	} {
		for author, frame := range frames {
			for _, thing := range []string{"居住证", "社保卡", "护照", "驾驶证", "公积金"} {
				out = append(out, examples.Example{Intent: label, Text: fmt.Sprintf(frame, thing), Author: fmt.Sprint("author", author), Lang: "zh-Hans"})
			}
		}
	}
	slices.SortFunc(out, func(a, b examples.Example) int { return strings.Compare(a.Text, b.Text) })
	return out
}

func TestCrossValidateKeepsAuthorsApart(t *testing.T) {
	ctx, o := context.Background(), linear.Chinese()
	o.Reject = "oos"
	list := patterns()
	read := func(text string) (string, []string) {
		if strings.ContainsAny(text, "怎什多") {
			return text, []string{"question"}
		}
		return text, nil
	}
	apart, err := CrossValidate(ctx, list, read, o, 4, Options{Name: "by author", Noise: []float64{0.2}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Author = ""
	}
	mixed, err := CrossValidate(ctx, list, read, o, 4, Options{Name: "mixed"})
	if err != nil {
		t.Fatal(err)
	}
	if mixed.Accuracy < 0.95 {
		t.Errorf("accuracy %.2f among frames already learnt", mixed.Accuracy)
	}
	if apart.Accuracy >= mixed.Accuracy {
		t.Errorf("frames never learnt are found as well (%.2f) as learnt ones (%.2f)", apart.Accuracy, mixed.Accuracy)
	}
	if n := apart.Noise[0]; n.Swapped < 0.12 || n.Swapped > 0.28 {
		t.Errorf("%.2f of the characters swapped, want about 0.2", n.Swapped)
	}
	again, err := CrossValidate(ctx, list, read, o, 4, Options{Name: "mixed"})
	if err != nil {
		t.Fatal(err)
	}
	again.Latency, mixed.Latency = Latency{}, Latency{}
	a, _ := json.Marshal(again)
	b, _ := json.Marshal(mixed)
	if !bytes.Equal(a, b) {
		t.Error("the same examples gave different results")
	}
	for _, folds := range []int{0, 1, 1000} {
		if _, err := CrossValidate(ctx, list, read, o, folds, Options{}); err == nil {
			t.Errorf("validated with %d folds", folds)
		}
	}
}

func TestTable(t *testing.T) {
	m, err := linear.Train(context.Background(), Learnable(patterns(), nil), linear.Chinese())
	if err != nil {
		t.Fatal(err)
	}
	learnt := make([]string, 0)
	for _, e := range patterns() {
		learnt = append(learnt, e.Text)
	}
	cases := Cases([]examples.Example{
		{Intent: "book", Text: "想预约一下签证", Lang: "zh-Hans"}, {Intent: "ask", Text: "签证怎么办理", Lang: "zh-Hans"},
		{Intent: "book", Text: "讲个笑话", Lang: "zh-Hans"}, {Intent: "oos", Text: "讲个护照的笑话", File: "held/oos.yml", Line: 3},
	})
	r := Score(cases, Classifier(m, nil), Options{Name: "held", Reject: "oos", Learnt: learnt, Noise: []float64{0.1}})
	var out bytes.Buffer
	if err := r.WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"held", "accuracy", "75.0%", "macro F1", "an errand begun", "near copy", "讲个护照的笑话", "misheard", "warning: ask has 1 cases", "p99"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	var kept bytes.Buffer
	if err := r.Wordless().WriteTable(&kept); err != nil {
		t.Fatal(err)
	}
	if s := kept.String(); strings.Contains(s, "笑话") || !strings.Contains(s, "held/oos.yml:3") || r.Leaks[0].Case.Text == "" {
		t.Errorf("the table without words has words, or no place, or took the result's own:\n%s", s)
	}
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.Accuracy != r.Accuracy || back.Leaks[0].Case.Place != "held/oos.yml:3" {
		t.Errorf("read back %+v (%v)", back, err)
	}
}
