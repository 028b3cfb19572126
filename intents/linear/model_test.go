package linear

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

func trained(t testing.TB, o Options) *Model {
	t.Helper()
	m, err := Train(context.Background(), corpus(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRank(t *testing.T) {
	m := trained(t, Chinese())
	for text, want := range map[string]string{
		"帮我预约一下周二办护照":      "book_appointment",
		"下周五厚街那个号我不要了，取消":  "cancel_appointment",
		"请问换驾驶证需要什么材料":     "ask_procedure",
		"投诉楼下半夜施工噪音":       "file_report",
		"你好呀":              "greet",
		"讲个故事或者笑话听听":       "out_of_scope",
		"帮我于约一下周二办护照":      "book_appointment", // 预 misheard
		"请问唤驾使证虚要什么才料":     "ask_procedure",
		"我的電話是13812345678": "",
	} {
		ranked := m.Rank(text)
		if len(ranked) != len(m.Labels()) {
			t.Fatalf("%s: %d labels ranked, want %d", text, len(ranked), len(m.Labels()))
		}
		if want != "" && ranked[0].Label != want {
			t.Errorf("%s: %s, want %s (%v)", text, ranked[0].Label, want, ranked[:2])
		}
		sum := 0.0
		for i, r := range ranked {
			sum += r.Prob
			if i > 0 && r.Margin > ranked[i-1].Margin {
				t.Errorf("%s: not in order: %v", text, ranked)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: probabilities sum to %v", text, sum)
		}
	}
}

func TestUnknownWordingIsNotAccepted(t *testing.T) {
	m := trained(t, Chinese())
	for _, text := range []string{"", "？？", "\xff\xfe", "量子纠缠与薛定谔方程", "asdf qwer zxcv", "😀😀😀", strings.Repeat("啊", 10_000)} {
		if d := m.Decide(m.Rank(text)); d == Accept {
			t.Errorf("%.20q accepted: %v", text, m.Rank(text)[:2])
		}
	}
}

func TestTrainingIsDeterministic(t *testing.T) {
	o := Chinese()
	save := func(workers int) []byte {
		o.Workers = workers
		var b bytes.Buffer
		m := trained(t, o)
		m.options.Workers = 0
		if err := m.Save(&b, Fingerprint(corpus(), o)); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	one := save(1)
	if !bytes.Equal(one, save(3)) || !bytes.Equal(one, save(1)) {
		t.Error("the same examples gave different models")
	}
}

func TestModelServesManyAtOnce(t *testing.T) {
	m := trained(t, Chinese())
	want := m.Rank("帮我约个号办护照")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if !slices.Equal(m.Rank("帮我约个号办护照"), want) {
					t.Error("answers differ")
				}
			}
		})
	}
	group.Wait()
}

func TestExtraFeaturesDecide(t *testing.T) {
	var examples []Example
	for _, text := range []string{"好的明天", "就这个", "那里可以", "没问题的", "行就这样"} {
		examples = append(examples,
			Example{Text: text, Label: "with", Extra: []string{"has:service"}},
			Example{Text: text, Label: "without"})
	}
	o := Chinese()
	o.Folds = 0
	m, err := Train(context.Background(), examples, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Rank("没问题", "has:service")[0].Label; got != "with" {
		t.Errorf("with the feature: %s", got)
	}
	if got := m.Rank("没问题")[0].Label; got != "without" {
		t.Errorf("without it: %s", got)
	}
	if got, want := m.Rank("没问题", "has:other"), m.Rank("没问题"); !slices.Equal(got, want) {
		t.Errorf("an unknown feature makes %v of %v", got, want)
	}
	if got, want := m.Rank("没问题", "has:service", "has:service"), m.Rank("没问题", "has:service"); !slices.Equal(got, want) {
		t.Errorf("a feature given twice makes %v of %v", got, want)
	}
}

func TestExplain(t *testing.T) {
	m := trained(t, Chinese())
	var kinds []EvidenceKind
	var words []string
	for _, e := range append(m.Explain("取消护照的预约"), m.Explain("娶逍护照的于约")...) { // 取消 … 预 misheard
		kinds = append(kinds, e.Kind)
		words = append(words, e.Text)
		if e.Text == "" || e.Label == "" || e.Score <= 0 || e.Kind == Resembling && e.Score > 1.0001 {
			t.Errorf("evidence %+v", e)
		}
	}
	for _, kind := range []EvidenceKind{Wording, Sound, Resembling} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no %s among %v", kind, words)
		}
	}
	if !slices.Contains(words, "取消") || !slices.Contains(words, "取消护照的预约") {
		t.Errorf("取消 is not given as a reason: %v", words)
	}
	if len(m.Explain("")) != 0 && m.Explain("")[0].Kind == Resembling {
		t.Error("nothing resembles an example")
	}
}

func TestTrainRefuses(t *testing.T) {
	two := []Example{{Text: "你好", Label: "a"}, {Text: "再见", Label: "b"}}
	bad := func(change func(*Options)) Options {
		o := Chinese()
		change(&o)
		return o
	}
	for name, c := range map[string]struct {
		examples []Example
		options  Options
	}{
		"nothing":       {nil, Chinese()},
		"one label":     {two[:1], Chinese()},
		"no text":       {append(two[:2:2], Example{Label: "a"}), Chinese()},
		"no label":      {append(two[:2:2], Example{Text: "好"}), Chinese()},
		"no features":   {two, Options{C: 1, Tolerance: 1, Passes: 1}},
		"C":             {two, bad(func(o *Options) { o.C = math.NaN() })},
		"n-grams":       {two, bad(func(o *Options) { o.Chars = Grams{3, 2} })},
		"long n-grams":  {two, bad(func(o *Options) { o.Letters = Grams{1, 100} })},
		"weight":        {two, bad(func(o *Options) { o.PinyinWeight = -1 })},
		"zero n-grams":  {two, bad(func(o *Options) { o.Chars = Grams{0, 2} })},
		"endless folds": {two, bad(func(o *Options) { o.Folds = 1000 })},
	} {
		if _, err := Train(context.Background(), c.examples, c.options); err == nil {
			t.Errorf("%s: trained", name)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Train(ended, corpus(), Chinese()); err == nil {
		t.Error("trained after the context ended")
	}
}

func TestMask(t *testing.T) {
	for _, c := range []struct {
		text  string
		spans []Span
		want  string
	}{
		{"明天去莞城", []Span{{0, 2, MarkDate}, {3, 5, MarkPlace}}, "\uE000去\uE005"},
		{"明天去", []Span{{0, 2, MarkDate}, {1, 3, MarkPlace}}, "\uE000去"},
		{"明天", []Span{{-1, 1, MarkDate}, {1, 9, MarkDate}, {1, 1, MarkDate}}, "明天"},
		{"", []Span{{0, 1, MarkDate}}, ""},
	} {
		if got := Mask(c.text, c.spans); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	for text, want := range map[string]string{
		"电话13812345678": "电话\uE002", "44190019900101123x": "\uE003", "441900199001011234": "\uE003",
		"3天": "\uE004天", "单号20261124001好": "单号\uE006好", "无": "无",
	} {
		if got := string(maskNumbers([]rune(text))); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestMaskedTextIsReadByItsMark(t *testing.T) {
	o := Chinese()
	r := o.read(Mask("明天去", []Span{{0, 2, MarkDate}}), nil)
	var names []string
	for _, g := range r.grams {
		names = append(names, r.name(g))
	}
	if !slices.Contains(names, "〈日期〉去") {
		t.Errorf("the mark is lost: %q", names)
	}
}

// A contest takes its share of the margin of its label and leaves the others alone.
func TestContestsShare(t *testing.T) {
	o := Chinese()
	o.Folds = 0
	o.Contests = []Contest{{For: []string{o.Reject}}}
	beside := trained(t, o)
	o.Contests = []Contest{{For: []string{o.Reject}, Share: 0.25}}
	shared := trained(t, o)
	margins := func(r Ranking) map[string]float64 {
		by := map[string]float64{}
		for _, l := range r.Labels {
			by[l.Label] = l.Margin
		}
		return by
	}
	text := Text{Text: "讲个故事或者笑话听听"}
	a, b := beside.Weigh(text), shared.Weigh(text)
	before, after := margins(a), margins(b)
	for label, margin := range before {
		want := margin
		if label == o.Reject {
			want += 0.25 * (a.Contests[0] - margin)
		}
		if math.Abs(after[label]-want) > 1e-6 {
			t.Errorf("%s lies at %v, want %v", label, after[label], want)
		}
	}
	if math.Abs(a.Contests[0]-before[o.Reject]) < 1e-3 {
		t.Error("the contest says what the label says: there was nothing to share")
	}
	o.Contests[0].Share = 2
	if _, err := Train(context.Background(), corpus(), o); err == nil {
		t.Error("a share above the whole was taken")
	}
}
