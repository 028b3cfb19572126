package examples

import (
	"strings"
	"testing"
	"testing/fstest"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

const booking = `# how people ask for an appointment
intent: book_appointment
examples:
  - 我想预约办居住证
  - {text: 我想約聽日去莞城辦身份證, lang: yue, author: elder}
held:
  - 帮我妈约个号
`

func TestLoad(t *testing.T) {
	list, err := Load(files("book.yml", booking, "held/greet.yml", "intent: greet\nexamples: [你好, 早晨]\n", "README.md", "no examples here"))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 5 {
		t.Fatalf("%d examples, want 5: %v", len(list), list)
	}
	want := Example{Intent: "book_appointment", Text: "我想約聽日去莞城辦身份證", Lang: "yue", Author: "elder", File: "book.yml", Line: 5}
	if list[1] != want {
		t.Errorf("read %+v, want %+v", list[1], want)
	}
	learn, held := Split(list)
	if len(learn) != 2 || len(held) != 3 {
		t.Errorf("%d to learn, %d held; want 2 and 3", len(learn), len(held))
	}
	if list[2].Text != "帮我妈约个号" || !list[2].Held || list[0].Lang != "zh-Hans" {
		t.Errorf("read %+v", list)
	}
}

func TestLoadNamesTheFault(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"not yaml", "intent: [", "a.yml: yaml:"},
		{"empty file", "", "a.yml:1: the file is empty"},
		{"a list", "- a\n", "a.yml:1: expected the keys"},
		{"no intent", "examples: [好]\n", "a.yml:1: no intent is named"},
		{"odd intent", "intent: Book It\nexamples: [好]\n", "a.yml:1: intent must be"},
		{"unknown key", "intent: a\nexampels: [好]\n", `a.yml:2: unknown key "exampels"`},
		{"unknown field", "intent: a\nexamples:\n  - {text: 好, lagn: yue}\n", `a.yml:3: unknown key "lagn"`},
		{"unknown lang", "intent: a\nexamples:\n  - {text: 好, lang: klingon}\n", `a.yml:3: unknown lang "klingon"`},
		{"empty text", "intent: a\nexamples:\n  - 好\n  - \" \"\n", "a.yml:4: an utterance is empty"},
		{"no text", "intent: a\nexamples:\n  - {lang: yue}\n", "a.yml:3: an utterance is empty"},
		{"too long", "intent: a\nexamples:\n  - " + strings.Repeat("好", 301) + "\n", "a.yml:3: an utterance has 301"},
		{"nested", "intent: a\nexamples:\n  - [好]\n", "a.yml:3: expected an utterance"},
		{"not a list", "intent: a\nexamples: 好\n", "a.yml:2: expected a list"},
		{"twice", "intent: a\nexamples:\n  - 好的\n  - 好的。\n", `a.yml:4: "好的。" stands already at a.yml:3`},
		{"learnt and held", "intent: a\nexamples:\n  - 好的\nheld:\n  - 好的\n", "both learnt and held, see a.yml:3"},
	} {
		list, err := Load(files("a.yml", c.body))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if list != nil {
			t.Errorf("%s: examples beside an error", c.name)
		}
	}
	_, err := Load(files("a.yml", "intent: a\nexamples: [好]\n", "b.yml", "intent: b\nexamples: [好]\n"))
	if err == nil || !strings.Contains(err.Error(), `b.yml:2: "好" is an example of b, and of a at a.yml:2`) {
		t.Errorf("one utterance, two intents: %v", err)
	}
	if _, err := Load(files()); err == nil {
		t.Error("an empty folder was loaded")
	}
}

func TestCheckCounts(t *testing.T) {
	list := []Example{{Intent: "a"}, {Intent: "a"}, {Intent: "b"}, {Intent: "b", Held: true}}
	if err := CheckCounts(list, map[string]int{"a": 2, "b": 1}); err != nil {
		t.Error(err)
	}
	for want, least := range map[string]map[string]int{
		"intent b has 1 examples, at least 2 are needed": {"a": 2, "b": 2},
		"intent c has 0 examples":                        {"a": 1, "b": 1, "c": 1},
		`unknown intent "b"`:                             {"a": 1},
	} {
		if err := CheckCounts(list, least); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(booking))
	f.Add([]byte("intent: a\nexamples: &x [*x]\n"))
	f.Add([]byte("? [a]\n: b"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := Parse("a.yml", raw)
		for _, e := range list {
			if err == nil && (e.Intent == "" || e.Text == "" || e.Line < 1) {
				t.Errorf("read %+v", e)
			}
		}
	})
}
