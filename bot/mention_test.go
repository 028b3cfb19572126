package bot

import "testing"

func TestThanksGiver(t *testing.T) {
	for words, want := range map[string]bool{
		"谢谢捐轮椅的那位先生和好心人":     true,
		"替我们家多谢资助学费的公司":      true,
		"多謝送棉被嘅街坊":           true,
		"棉衣合身，想感谢那位大姐":       true,
		"感谢帮了我们家的人":          true,
		"谢谢":                 false,
		"谢谢老板":               false,
		"谢谢你帮我查":             false,
		"谢谢，我想捐书给有需要的人":      false,
		"感谢帮我办证的窗口人员":        false,
		"谢谢，请问怎么联系送轮椅的那位好心人": false,
		"身份证办好了，谢谢你们":        false,
	} {
		if got := ThanksGiver(words); got != want {
			t.Errorf("%s: %v", words, got)
		}
	}
}

// TestCalledBy hears what somebody wants to be called by beside their number.
func TestCalledBy(t *testing.T) {
	for words, want := range map[string]string{
		"小周 13611112222": "小周", "13611112222，陈女士": "陈女士", "我姓王，13611112222": "", "叫我阿强，13611112222": "阿强", "陈婆 13611112222": "陈婆", "老婆 13611112222": "", "外婆 13611112222": "", "小孩 13611112222": "",
		"我的电话是13611112222": "", "晚上打 13611112222": "", "13611112222": "", "匿名": "",
	} {
		if got := CalledBy(words); got != want {
			t.Errorf("%s: %q", words, got)
		}
	}
}
