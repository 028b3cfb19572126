package chinesetime

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var datesFile = flag.String("dates", "", "measure on a JSONL file of labelled dates")

// TestMeasure prints how many labelled dates are right and how many silently
// wrong. Without -dates it checks the scoring itself on two cases of our own.
func TestMeasure(t *testing.T) {
	type labelled struct {
		Src, Input, Text, Ref, Layout string
		Want                          []string
	}
	cases := []labelled{
		{"own", "后天能去吗", "后天", "2026-11-23T10:00:00", "date", []string{"2026-11-25"}},
		{"own", "下午三点行不行", "下午三点", "2026-11-23T10:00:00", "time", []string{"15:00"}},
	}
	if *datesFile != "" {
		f, err := os.Open(*datesFile)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cases = nil
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var c labelled
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			cases = append(cases, c)
		}
	}
	right, wrong := 0, 0
	for _, c := range cases {
		ref, err := time.Parse("2006-01-02T15:04:05", c.Ref)
		if err != nil {
			t.Fatal(err)
		}
		got := reading(c.Input, c.Layout, ref)
		switch {
		case slices.ContainsFunc(c.Want, func(w string) bool {
			return slices.Contains(got, w) || w == "0001-01-01" && slices.Contains(got, "invalid")
		}):
			right++
		case len(got) > 0:
			wrong++
			t.Logf("wrong %s %q at %s: %v, want %v", c.Src, c.Input, c.Ref, got, c.Want)
		default:
			t.Logf("missed %s %q at %s, want %v", c.Src, c.Input, c.Ref, c.Want)
		}
	}
	t.Logf("%d cases: %.1f %% right, %.1f %% silently wrong", len(cases), 100*float64(right)/float64(len(cases)), 100*float64(wrong)/float64(len(cases)))
	if *datesFile == "" && right != len(cases) {
		t.Fail()
	}
}

// reading is what is found in a sentence, in the suite's layouts.
func reading(input, layout string, ref time.Time) []string {
	var out []string
	for _, e := range Find(input, ref) {
		for _, v := range append([]string{e.Value}, e.Ambiguity...) {
			day, clock, _ := strings.Cut(v, "T")
			switch {
			case e.Invalid:
				out = append(out, "invalid")
			case layout == "date":
				out = append(out, day)
			case layout == "time" && e.Kind == Time:
				out = append(out, v)
			case layout == "time":
				out = append(out, clock)
			case e.Kind == Time:
				out = append(out, ref.Format("2006-01-02")+" "+v)
			default:
				out = append(out, day+" "+clock)
			}
		}
	}
	return out
}
