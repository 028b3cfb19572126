package knowledge

import (
	"strings"
	"testing"
)

// English questions are told in the guides' words; what stands in no glossary is left,
// and is answered by no guide.
func TestEnglish(t *testing.T) {
	b := starterBase(t)
	for _, q := range []struct {
		text, guide string
		field       Field
		has         string
	}{
		{"How do I renew my residence permit?", "residence-permit-sign", Steps, "签注"},
		{"How much does a lost ID card cost and where do I go?", "id-card-lost", Fee, "户政办证窗口"},
		{"What documents do I need to register my newborn?", "hukou-birth", Materials, "出生医学证明"},
		{"Where can I get my marriage certificate?", "marriage", Where, "婚姻登记处"},
		{"My driving licence expired, how long does it take to renew?", "driver-license-renew", TimeLimit, "1日"},
		{"what are the requirements for points-based school enrolment", "points-school", Conditions, "积分高低"},
		{"what papers do i need for an e-bike plate", "ebike-plate", Materials, "购车发票"},
	} {
		a := b.Ask(t.Context(), Question{Text: q.text})
		if a.Decision != Answered || a.Guide != q.guide || a.Field != q.field || !strings.Contains(a.Text, q.has) {
			t.Errorf("%s: %s %s#%s: %s", q.text, a.Decision, a.Guide, a.Field, a.Text)
		}
	}
	for _, text := range []string{"how do I adopt a panda", "what is the best pizza here"} {
		if a := b.Ask(t.Context(), Question{Text: text}); a.Decision == Answered {
			t.Errorf("%s: %s", text, a.Text)
		}
	}
}
