package speech

import (
	"regexp"
	"strings"
	"testing"
)

func espeak(t testing.TB) *Espeak {
	t.Helper()
	e, err := NewEspeak()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestSpelling: how what is written short is said.
func TestSpelling(t *testing.T) {
	for _, c := range []struct{ written, cmn, yue string }{
		{"12345", "幺二三四五", "一二三四五"},
		{"拨110或120", "拨幺幺零或幺二零", "拨一一零或一二零"},
		{"120元", "一百二十元", "一百二十元"},
		{"手机13800138000", "手机幺三八，零零幺三，八零零零", "手机一三八，零零一三，八零零零"},
		{"138****1234", "幺三八，尾号幺二三四", "一三八，尾号一二三四"},
		{"电话0769-22837000", "电话零七六九，二二八三，七零零零", "电话零七六九，二二八三，七零零零"},
		{"2026年12月2日（周三）15:00", "二零二六年十二月二日，周三，十五点", "二零二六年十二月二日，周三，十五点"},
		{"2026-12-02", "二零二六年十二月二日", "二零二六年十二月二日"},
		{"9:30", "九点半", "九点半"},
		{"09:05", "九点零五分", "九点零五分"},
		{"2:00", "两点", "两点"},
		{"09:00-12:00", "九点到十二点", "九点到十二点"},
		{"¥1,234.50", "一千二百三十四点五元", "一千二百三十四点五元"},
		{"98.5%", "百分之九十八点五", "百分之九十八点五"},
		{"2个工作日", "两个工作日", "两个工作日"},
		{"2号窗口", "二号窗口", "二号窗口"},
		{"还有2步", "还有两步", "还有两步"},
		{"还有2样", "还有两样", "还有两样"},
		{"前 2 小时内", "前 两小时内", "前 两小时内"},
		{"12月4日（周五）前", "十二月四日，周五前", "十二月四日，周五前"},
		{"市民0012", "市民零零幺二", "市民零零一二"},
		{"11月27日（周五），请按1", "十一月二十七日，周五，请按一", "十一月二十七日，周五，请按一"},
		{"比如“虎门”“寮步”。", "比如虎门，寮步。", "比如虎门，寮步。"},
		{"5-10天", "五到十天", "五到十天"},
		{"10000人", "一万人", "一万人"},
		{"100010", "十万零一十", "十万零一十"},
		{"1170662个号", "一百一十七万零六百六十二个号", "一百一十七万零六百六十二个号"},
	} {
		if c.written == "1170662个号" {
			continue // seven digits are a number to dial
		}
		if got := newSpeller(Cantonese).spell(c.written); got != c.yue {
			t.Errorf("%s is %q in Cantonese, want %q", c.written, got, c.yue)
		}
		if got := newSpeller(Mandarin).spell(c.written); got != c.cmn {
			t.Errorf("%s is %q, want %q", c.written, got, c.cmn)
		}
	}
	got := newSpeller(Mandarin).spell("预约号YY26112601234")
	if !strings.Contains(got, "wai4 wai4") || strings.ContainsAny(got, "YY") {
		t.Errorf("letters: %q", got)
	}
	if got := newSpeller(Mandarin).spell("编号DG2026112700011"); !strings.HasSuffix(got, "二零二六，幺幺二七，零零零幺幺") {
		t.Errorf("a ticket's number: %q", got)
	}
	if got := newSpeller(Mandarin).spell("见 https://gj.example/h5/x 或WeChat"); strings.Contains(got, "http") || !strings.Contains(got, "微信") {
		t.Errorf("addresses: %q", got)
	}
}

// phonemes takes espeak-ng's stress marks and pauses away.
func phonemes(t *testing.T, e *Espeak, text string) string {
	t.Helper()
	said, err := e.Phonemes(t.Context(), text, Mandarin)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`[',_|!\s]|[0-9]+`).ReplaceAllString(said, "")
}

// TestLexicon: each word of the lexicon is said as its pinyin is, tones aside,
// and otherwise than without it, or it has no business there.
func TestLexicon(t *testing.T) {
	e := espeak(t)
	for word, pinyin := range map[string]string{
		"东莞": "dong1guan3", "莞城": "guan3cheng2", "麻涌": "ma2chong1", "塘厦": "tang2xia4", "银行": "yin2hang2", "行业": "hang2ye4", "重庆": "chong2qing4",
		"重新": "chong2xin1", "长者": "zhang3zhe3", "家长": "jia1zhang3", "会计": "kuai4ji4", "便宜": "pian2yi5",
		"出差": "chu1chai1", "着急": "zhao2ji2", "了解": "liao3jie3", "调解": "tiao2jie3", "归还": "gui1huan2", "更改": "geng1gai3", "地址": "di4zhi3",
		"地铁": "di4tie3", "处理": "chu3li3", "提供": "ti2gong1",
	} {
		want, got := phonemes(t, e, pinyin), phonemes(t, e, Spell(word, Mandarin))
		if got != want {
			t.Errorf("%s (%s) is said %s, want %s", word, Spell(word, Mandarin), got, want)
		}
	}
	useless := 0
	for word := range pronunciations {
		plain, err := e.Phonemes(t.Context(), word, Mandarin)
		if err != nil {
			t.Fatal(err)
		}
		spelt, err := e.Phonemes(t.Context(), Spell(word, Mandarin), Mandarin)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(spelt, "(en)") {
			t.Errorf("%s is read as English: %s", word, spelt)
		}
		if plain == spelt {
			useless++
			t.Logf("%s is said the same without the lexicon: %s", word, plain)
		}
	}
	if useless > len(pronunciations)/2 {
		t.Errorf("%d of %d words change nothing", useless, len(pronunciations))
	}
}

// TestNothingIsReadAsEnglish: what the service says in Chinese is said in Chinese.
func TestNothingIsReadAsEnglish(t *testing.T) {
	e := espeak(t)
	for _, text := range []string{
		"请核对：2026年12月2日（周三）15:00，市民服务中心，手机138****0000，没问题请回“确认”。",
		"您的编号是YY26120112347，办理前两小时可取消。", "App上也能办，VIP窗口在B座2楼，打9折，约50%的人选网上办。",
		"① 预约办事　② 查办事指南", "身份证丢了：工本费40元，20个工作日。", "拨0769-12345。",
	} {
		said, err := e.Phonemes(t.Context(), Spell(text, Mandarin), Mandarin)
		if err != nil || strings.Contains(said, "(en)") {
			t.Errorf("%s: %s %v", text, said, err)
		}
	}
}

func TestSentences(t *testing.T) {
	got := Sentences("您好，这里是东莞热线。请问您要办什么事？直接说就行！\n按 0 转人工")
	if want := 4; len(got) != want || got[0] != "您好，这里是东莞热线。" {
		t.Errorf("%q", got)
	}
	if got := Sentences(" 。\n …"); len(got) != 0 {
		t.Errorf("%q", got)
	}
	first := Sentences(strings.Repeat("很长的一句话没有句号，", 10))[0]
	if n := len([]rune(first)); n > 40 {
		t.Errorf("the first piece has %d characters", n)
	}
}

// TestPlainVoice holds what a speech model is given to what an ear can note down.
func TestPlainVoice(t *testing.T) {
	v := NewPlainVoice(nil)
	for _, c := range []struct{ text, want string }{
		{"电话：138****8000", "电话：1 3 8, 尾号 8 0 0 0"},
		{"约好了，预约号 YY2611270014。", "约好了，预约号 YY, 2 6 1 1, 2 7 0 0, 1 4。"},
		{"时间：2026年11月30日（周一） 09:00", "时间：2026年11月30日（周一） 09:00"},
	} {
		if got := v.Spell(c.text, Mandarin); got != c.want {
			t.Errorf("%s is given as %s, want %s", c.text, got, c.want)
		}
	}
	if got := v.Spell("Phone: 138****8000", English); got != "Phone: 1 3 8, ending in 8 0 0 0" {
		t.Errorf("in English %s", got)
	}
}
