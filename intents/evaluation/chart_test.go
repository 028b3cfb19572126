package evaluation

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// sample is a result with something in each part.
func sample() Result {
	return Result{
		Name: "held <&> \"x\"", Cases: 60, Accuracy: 0.9, MacroF1: 0.88,
		Decisions: Decisions{WrongAccept: 0.03}, OutOfScope: OutOfScope{FlowStart: 0.01},
		Intents: []IntentScore{{Intent: "a", Support: 40, Precision: 0.9, Recall: 0.95}, {Intent: "b", Support: 20, Precision: 0.8, Recall: 0.8}},
		Curve:   []Point{{Coverage: 0.5, Accuracy: 1}, {Coverage: 1, Accuracy: 0.9}},
		Noise:   []Noise{{Share: 0.2, Accuracy: 0.8}},
	}
}

// A chart is well-formed, names what it shows and draws every part.
func TestChart(t *testing.T) {
	var out bytes.Buffer
	if err := sample().WriteChart(&out); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(out.Bytes()))
	drawn := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, out.String())
		}
		if e, ok := token.(xml.StartElement); ok {
			drawn[e.Name.Local]++
		}
	}
	// ground, two noise bars, two bars an intent; a point of the curve each
	if drawn["rect"] != 1+2+4 || drawn["circle"] != 2 || drawn["polyline"] != 1 {
		t.Errorf("drawn %v", drawn)
	}
	for _, want := range []string{"90.0%", "a (40)", "b (20)", "80.0%"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the chart lacks %q", want)
		}
	}
	if err := (Result{}).WriteChart(io.Discard); err != nil {
		t.Errorf("nothing to draw: %v", err)
	}
}

func TestBaseline(t *testing.T) {
	var file bytes.Buffer
	before := sample()
	if err := before.Baseline().Write(&file); err != nil {
		t.Fatal(err)
	}
	b, err := ReadBaseline(&file)
	if err != nil {
		t.Fatal(err)
	}
	if fell := before.Regressions(b); len(fell) > 0 {
		t.Errorf("the same result fell: %q", fell)
	}
	worse := sample()
	worse.Accuracy, worse.MacroF1 = 0.896, 0.87 // within, and beyond the slack
	worse.Decisions.WrongAccept, worse.OutOfScope.FlowStart = 0.04, 0.012
	worse.Intents[1].Recall = 0.7
	got := strings.Join(worse.Regressions(b), "; ")
	for _, want := range []string{"macro F1 fell from 88.0% to 87.0%", "wrong accepts rose from 3.0% to 4.0%", "recall of b fell"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if strings.Contains(got, "accuracy") || strings.Contains(got, "errands") || strings.Contains(got, "of a") {
		t.Errorf("chance is called a regression: %q", got)
	}
	for _, bad := range []string{"", "{}", `{"cases":1,"speed":2}`} {
		if _, err := ReadBaseline(strings.NewReader(bad)); err == nil {
			t.Errorf("read %q", bad)
		}
	}
}
