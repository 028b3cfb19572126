package knowledge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// candidatesOf are guides as equally likely candidates.
func candidatesOf(x *index) []judged {
	var all []judged
	for i := range x.guides {
		all = append(all, judged{candidate: candidate{guide: i, unit: x.first[i]}, fit: 1, sure: 0.1})
	}
	return all
}

// The question back is the one that splits the answers best: the likeliest few by
// name, the field of life where they are too many, nothing that would change no
// answer.
func TestClarifyingQuestionSplitsBest(t *testing.T) {
	var guides []Guide
	for i := range 12 {
		guides = append(guides, Guide{ID: fmt.Sprint("g", i), Title: fmt.Sprintf("第%d种证", i), Fee: fmt.Sprintf("%d元", i), Theme: []string{"公安", "社保", "企业", "医保"}[i/3]})
	}
	x := build(guides)
	r := routed{fields: []Field{Fee}}

	s := x.splitting(&r, candidatesOf(x))
	if len(s.options) != 4 || s.options[0].Text != "公安" || len(s.options[0].Among) != 3 {
		t.Errorf("twelve alike: %+v", s.options)
	}
	if byName, byTheme := x.gain(&r, candidatesOf(x), x.byName(&r, candidatesOf(x))), x.gain(&r, candidatesOf(x), s); byTheme <= byName || byTheme < 1.99 || byTheme > 2.01 {
		t.Errorf("the theme tells %.3f bits, the names %.3f", byTheme, byName)
	}
	if s = x.splitting(&r, candidatesOf(x)[2:6]); len(s.options) != 4 || s.options[0].Guide != "g2" {
		t.Errorf("four of two themes: %+v", s.options)
	}
	likely := candidatesOf(x)
	likely[7].sure, likely[9].sure = 0.9, 0.5
	if s = x.byName(&r, likely); s.options[0].Guide != "g7" || s.options[1].Guide != "g9" || len(s.options) != 4 {
		t.Errorf("the likeliest first: %+v", s.options)
	}

	for i := range 5 {
		guides[i].Fee = "免费"
	}
	x = build(guides)
	if s = x.splitting(&r, candidatesOf(x)[:7]); len(s.options) != 3 || s.options[0].Guide != "g0" {
		t.Errorf("of five that cost the same one is named: %+v", s.options)
	}
	if h := x.entropy(&r, candidatesOf(x)[:5]); h != 0 {
		t.Errorf("one answer for all is %.3f bits", h)
	}
}

// A theme that was chosen leaves a question among its guides, with the field kept.
func TestWhichOfATheme(t *testing.T) {
	b := starterBase(t)
	a := b.Which([]string{"passport", "hk-macau-permit", "no-such"}, Fee)
	if a.Decision != Clarified || len(a.Options) != 2 || a.Options[0].Field != Fee || !strings.Contains(a.Text, "普通护照") {
		t.Errorf("%+v", a)
	}
	if a = b.Which(nil, Fee); a.Decision != Abstained {
		t.Errorf("of none: %+v", a)
	}
}

// Options of a question back are two to four, each another guide, and what they
// lead to differs in the field that was asked.
func TestOptionsDiffer(t *testing.T) {
	b := starterBase(t)
	asked := 0
	for _, e := range ownQuestions(t) {
		a := b.Ask(t.Context(), Question{Text: e.Q, History: e.History})
		if a.Decision != Clarified || len(a.Options) < 2 {
			continue
		}
		asked++
		var seen []string
		for _, o := range a.Options {
			if slices.Contains(seen, o.Text) || len(a.Options) > mostOptions {
				t.Errorf("%s: %+v", e.Q, a.Options)
			}
			seen = append(seen, o.Text)
		}
	}
	if asked < 10 {
		t.Errorf("only %d questions back", asked)
	}
}
