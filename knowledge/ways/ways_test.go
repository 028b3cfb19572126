package ways

import "testing"

func TestStarterWaysAnswerAllThreeQuestions(t *testing.T) {
	c, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.All()); n != 21 {
		t.Errorf("%d ways", n)
	}
	for _, w := range c.All() {
		for _, name := range w.Names {
			if got := c.Named("请问" + name); got != w {
				t.Errorf("%s is not found by %q", w.ID, name)
			}
		}
	}
	for text, want := range map[string]string{"老人卧床能上门办身份证吗": "agent", "礼拜六大厅开门吗": "weekend", "路灯坏了": ""} {
		got := ""
		if w := c.Asked(text); w != nil {
			got = w.ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWaysWithoutAnAnswerAreRefused(t *testing.T) {
	for _, text := range []string{
		"ways: [{id: a, title: 甲, home: maybe, answer: 乙, how: [丙], otherwise: 丁, as_of: 2026, source: [s]}]\nsources: {s: {title: 来源}}",
		"ways: [{id: a, title: 甲, home: 'yes', answer: 乙, how: [丙], as_of: 2026, source: [s]}]\nsources: {s: {title: 来源}}",
		"ways: [{id: a, title: 甲, home: 'yes', answer: 乙, how: [丙], otherwise: 丁, as_of: 2026, source: [z]}]\nsources: {s: {title: 来源}}",
		"ways: [{id: a, colour: red}]",
	} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("taken: %s", text)
		}
	}
}
