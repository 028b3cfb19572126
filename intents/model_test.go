package intents

import (
	"testing"
	"time"

	"guanjia/intents/hanzi"
	"guanjia/intents/linear"
)

// What is not wanted must not speak for its intent once the next clause says
// what is.
func TestTakenBack(t *testing.T) {
	names := newNames(smallLexicon())
	for text, want := range map[string]string{
		"不是取消，是延后":                           "\uE010,是延后",
		"我不是求助，我是想捐东西":                       "我\uE010,我是想捐东西",
		"唔系投诉，系想赞下":                          "\uE010,系想赞下",
		"not cancel, just move it to friday": "\uE010, just move it to friday",
		"不是我的号":                              "不是我的号",
		"不是说好了吗，怎么还没办":                       "不是说好了吗,怎么还没办",
		"是不是要预约，我想问问":                        "是不是要预约,我想问问",
	} {
		r := newReading([]rune(text), hanzi.Fold(text), time.Now())
		r.names = names
		got, _ := r.read(nil, false)
		if got != want {
			t.Errorf("%s is read as %q, want %q", text, got, want)
		}
	}
	if markDenied < linear.MarkDate || markDenied == linear.MarkMatter {
		t.Error("the mark is another's")
	}
}
