package words

import "testing"

func TestPatternsWantAllPartsAndRefuseSome(t *testing.T) {
	p := ParsePattern("刚生|生了+户口|落户+!材料|多少钱")
	for text, want := range map[string]bool{
		"刚生了孩子想上户口": true, "剛生咗，想落戶": true, "生了孩子上户口多少钱": false, "想上户口": false, "": false,
	} {
		if got := p.In(Fold(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestBareYesAndNo(t *testing.T) {
	for text, want := range map[string]string{"有": "yes", "冇": "no", "还没有。": "no", "不对，是公司": "", "我们公司去年刚刚搬到虎门": "", "嗯嗯": "yes", "要跑几次": "", "可不可以网上办": ""} {
		if got := YesNo(Fold(text)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestCountsAreToldByTheirUnits(t *testing.T) {
	for _, c := range []struct {
		text  string
		units []string
		n     float64
		bare  bool
		ok    bool
	}{
		{"30人", []string{"人"}, 30, true, true},
		{"大概三十多个人吧", []string{"人", "个人"}, 30, true, true},
		{"我社保交了十二年半", []string{"年"}, 12.5, false, true},
		{"十几年", []string{"年"}, 0, false, false},
		{"我 2012 年来的", []string{"年"}, 0, false, false},
		{"2000人", []string{"人"}, 2000, true, true},
		{"交了 3 年，还差 12 年", []string{"年"}, 3, false, true},
		{"我今年65岁", []string{"年"}, 0, false, false},
		{"", []string{"年"}, 0, false, false},
	} {
		if n, bare, ok := Count(Fold(c.text), c.units...); n != c.n || bare != c.bare || ok != c.ok {
			t.Errorf("%s: %v %v %v", c.text, n, bare, ok)
		}
	}
}

func TestDeniedWordsAreNotAffirmed(t *testing.T) {
	said := []string{"东莞户口", "东莞户籍在册"}
	for text, want := range map[string]string{
		"我们没有东莞户口": "", "冇东莞户口": "", "不是东莞户口": "", "有没有东莞户口": "", "": "",
		"我有东莞户口": "东莞户口", "没有社保，东莞户口": "东莞户口", "我没有东莞户口，老婆是东莞户口": "东莞户口",
		"东莞户籍在册，不是东莞户口": "东莞户籍在册",
	} {
		if got := Affirmed(Fold(text), FoldAll(said)); got != len(want) {
			t.Errorf("%s affirms %d bytes, want %q", text, got, want)
		}
	}
}
