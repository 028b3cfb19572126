package knowledge

import (
	"strings"
	"testing"
)

// A field that a bookable guide does not have is said to be missing, and the halls'
// hours are told with it; nothing is told twice.
func TestAnswersBeside(t *testing.T) {
	b := starterBase(t)
	a := b.Ask(t.Context(), Question{Text: "办居住证几点上班", Town: "humen"})
	if a.Decision != Abstained || !strings.Contains(a.Text, "未写明受理时间") || !strings.Contains(a.Text, "能预约的政务大厅：周六9-12时、14-16时") {
		t.Errorf("%s: %s", a.Decision, a.Text)
	}
	for _, text := range []string{"虎门哪里可以补身份证", "补身份证怎么办、在哪里办", "补身份证去哪里办，网上能办吗"} {
		if a := b.Ask(t.Context(), Question{Text: text}); strings.Count(a.Text, "网上办：") != 1 {
			t.Errorf("%s: %s", text, a.Text)
		}
	}
}
