package knowledge

import (
	"slices"
	"strings"
	"testing"
)

// What to do after a death is answered where one is told of.
func TestADeathIsAnswered(t *testing.T) {
	b := starterBase(t)
	for q, want := range map[string]struct{ guide, has string }{
		"我妈上个月走了，户口是要去哪里销啊":   {"death-register", "户口所在地的派出所"},
		"在家里去世的死亡证明谁开":        {"death-register", "在医院去世的由医院开"},
		"去世多久内要去派出所注销":        {"death-register", "去世后一个月以内"},
		"外地人在东莞去世火化能减免吗":      {"funeral-fees", "非东莞户籍居民"},
		"交了三年社保人没了能领什么":       {"survivor-benefit", "不满5年发3个月"},
		"爸爸退休五年去世，家属能领几个月抚恤金": {"survivor-benefit", "最少9个月"},
	} {
		if a := b.Ask(t.Context(), Question{Text: q}); a.Guide != want.guide || !strings.Contains(a.Text, want.has) {
			t.Errorf("%s: %s, want %s with %s in\n%s", q, a.Guide, want.guide, want.has, a.Text)
		}
	}
}

// Nobody who speaks of no death is told of one.
func TestNoDeathIsToldOfUnasked(t *testing.T) {
	b := starterBase(t)
	for _, q := range ownQuestions(t) {
		a := b.Ask(t.Context(), Question{Text: q.Q, History: q.History})
		if a.Decision == Answered && slices.Contains(sinceGuides, a.Guide) && !answeredSince.MatchString(q.Q) {
			t.Errorf("%s: %s", q.Q, a.Guide)
		}
	}
}
