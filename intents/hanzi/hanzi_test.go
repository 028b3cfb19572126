package hanzi

import (
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"預約辦身份證":    "预约办身份证",
		"ＡＢＣ　１２３！":  "abc 123!",
		"聽日下晝我哋去莞城": "听日下昼我哋去莞城",
	} {
		if got := string(Fold(in)); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTraditional(t *testing.T) {
	for in, want := range map[string]string{
		"预约办理居住证": "預約辦理居住證",
		"头发":      "頭髮",
		"后天":      "後天",
		"发给皇后":    "發給皇后",
		"这里面":     "這裏面",
	} {
		if got := Traditional(in); got != want {
			t.Errorf("Traditional(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestIsTraditional(t *testing.T) {
	for in, want := range map[string]bool{
		"我想預約辦身份證": true, "我想预约办身份证": false, "你好": false, "幾時有號": true, "hello": false, "干部": false,
	} {
		if got := IsTraditional(in); got != want {
			t.Errorf("IsTraditional(%q) = %v", in, got)
		}
	}
}

func TestDigits(t *testing.T) {
	for in, want := range map[string]string{
		"幺三八零零一三八零零零": "13800138000", "一三八 三个八 双六": "13888866", "138-0013": "1380013", "洞拐六九": "0769",
	} {
		if got, ok := Digits(in); !ok || got != want {
			t.Errorf("Digits(%q) = %q %v, want %q", in, got, ok, want)
		}
	}
	if _, ok := Digits("一三八人"); ok {
		t.Error("a word read as digits")
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]float64{
		"三十五": 35, "两千": 2000, "一万二": 12000, "十": 10, "廿一": 21, "一百零五": 105, "三百五": 350, "3.5": 3.5, "半": 0.5, "两万五千": 25000, "〇": 0,
	} {
		if got, ok := Number(in); !ok || got != want {
			t.Errorf("Number(%q) = %v %v, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "你好", "十月"} {
		if v, ok := Number(in); ok {
			t.Errorf("Number(%q) = %v", in, v)
		}
	}
}

func TestFuzzyPinyin(t *testing.T) {
	for in, want := range map[string]string{"zhang": "zan", "shi": "si", "nan": "lan", "lang": "lan", "hua": "fa"} {
		if got := FuzzyPinyin(in); got != want {
			t.Errorf("FuzzyPinyin(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Pinyin('莞'); got != "guan" && got != "wan" {
		t.Errorf("Pinyin(莞) = %q", got)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("預約ＡＢＣ")
	f.Fuzz(func(t *testing.T, text string) {
		if n := len(Fold(text)); n != utf8.RuneCountInString(text) {
			t.Fatalf("%d runes became %d", utf8.RuneCountInString(text), n)
		}
		Traditional(text)
		Digits(text)
		Number(text)
	})
}
