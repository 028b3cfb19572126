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
	for text, want := range map[string]string{"有": "yes", "冇": "no", "还没有。": "no", "不对，是公司": "", "我们公司去年刚刚搬到虎门": "", "嗯嗯": "yes"} {
		if got := YesNo(Fold(text)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
