package ways

import "testing"

func TestStarterWaysAnswerAllThreeQuestions(t *testing.T) {
	c, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.All()); n != 26 {
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

// What one's own account holds nobody here can see, and papers that are lost are had
// again where they came from; whatever service is named beside.
func TestOutrightIsAskedWhateverServiceIsNamed(t *testing.T) {
	c, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"查一下我公积金还有多少钱": "my-fund", "公积金余额": "my-fund", "厂里有没有给我交公积金怎么查": "my-fund", "公积金可以取多少": "", "公积金买房可以提几次": "", "公积金贷款余额还能不能提前还": "",
		"社保交了多少年怎么查": "my-insurance", "公司有冇幫我交社保點查": "my-insurance", "社保交多少年能退休": "", "厂里不给我交社保": "", "社保断了两个月会怎样": "",
		"医保卡里还有多少钱": "my-medical", "医保交了没怎么查": "my-medical", "医保要交多少钱": "", "医保住院能报多少": "",
		"低保的钱这个月没到账": "not-paid", "阿婆嘅高齡津貼停咗": "not-paid", "老板两个月没发工资补贴": "", "低保怎么申请": "",
		"结婚证烂了想补一本": "lost-cert", "張離婚證唔見咗": "lost-cert", "房产证不见了怎么办": "lost-cert", "结婚证丢了能离婚吗": "", "身份证丢了": "", "房产证丢了还能过户吗": "",
	} {
		got := ""
		if w := c.Outright(text); w != nil {
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
