package hotline

import (
	"regexp"
	"strings"
)

// aloud says to a listener what is written for a reader: who is on the
// telephone neither types an answer nor sees what stands below.
func aloud(text string) string { return listening.Replace(text) }

var listening = strings.NewReplacer(
	"从下面选一个就行", "选一个就行", "您可以从下面选，或者回复“", "您可以说“", "是不是下面的事", "是不是这件事", "是下面哪一项", "是哪一项", "点下面或", "",
	"麻烦打字告诉我，或者再说一遍", "麻烦再说一遍", "打字告诉我", "告诉我", "不方便说可以回“", "不方便说就说“",
	"也可以发一个位置。", "", "有照片可以直接发。", "", "直接说，或者发照片", "直接说就行", "请再发一次", "请再说一次", "再发给我", "再说一遍", "发编号给我就行", "说编号就行", "发给我", "告诉我",
	"请回复“", "请说“", "回复“", "说“", "请回“", "请说“", "回“", "说“", "发“", "说“", "请回 1 到 5 分", "请说 1 到 5 分",
)

// byKeys is what is said where nobody listens: it asks for no words.
func byKeys(text string) string {
	return keyed.Replace(invitation.ReplaceAllString(text, ""))
}

var (
	invitation = regexp.MustCompile(`(?:可以|您可以)?(?:直接说|说镇街名)[^。，]*，比如[^。]*。|(?:还要办别的，|还有事，)?直接告诉我(?:就行)?。|要改要取消，直接告诉我（[^）]*）。`)
	keyed      = strings.NewReplacer("直接说就行，按 0 转人工。", "", "，要听就说还有呢", "", "等的时候可以继续跟我说，", "", "就用这个来电号码，请说“对”或者按井号键；别的号码可以说，也可以用按键输入。", "就用这个来电号码请按井号键，别的号码请用按键输入。", "可以说，也可以用按键输入。", "请用按键输入。", "您可以慢慢说，按 0 或说“人工”", "按 0 ", "没问题请说“确认”。", "")
)
