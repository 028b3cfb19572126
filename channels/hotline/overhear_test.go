package hotline

import (
	"slices"
	"strings"
	"testing"

	"guanjia/bot"
	"guanjia/channels/hotline/hotlinetest"
)

// overheard is what was said between the caller and people, in order.
func (s *script) overheard() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.told {
		if in.Event == bot.EventOverheard {
			out = append(out, in.Text)
		}
	}
	return out
}

// TestOverheard: what a caller and an operator say to each other is written down,
// each under their own name, before a transfer and after it, and to its last
// word; what a caller says who is kept waiting is nobody's.
func TestOverheard(t *testing.T) {
	t.Parallel()
	ears, said := knowing(t, "我想问社保卡", "请您等一下", "等太久了", "您好我是社保组", "好的谢谢您")
	s := asking()
	exchange := hotlinetest.NewPhone(t, 8)
	l := openLine(t, s, func(c *Config) {
		c.Operators, c.Times, c.Ears = []string{exchange.URI("800")}, hurried(), ears
		c.People = phoneBook{"801": "甲", "802": "乙"}
	})
	call := hotlinetest.NewPhone(t, 2).MustDial(l.uri(), "13800000000")
	const citizen = bot.CitizenID("p-" + Unproven + "13800000000")
	eventually(t, "the opening", func() bool { return slices.Contains(s.heard(), "call") })
	granted(t, l.Answer(t.Context(), citizen, "甲"))
	first := exchange.Incoming()
	eventually(t, "the taking", func() bool { return l.Live()[0].Operator == "甲" })
	call.Say(said["我想问社保卡"])
	eventually(t, "the caller's words", func() bool { return slices.Contains(s.overheard(), "我想问社保卡") })
	first.Say(said["请您等一下"])
	eventually(t, "the operator's words", func() bool { return slices.Contains(s.done(), "甲 said 请您等一下") })

	granted(t, l.Hold(citizen, "甲", true))
	call.Say(said["等太久了"])
	eventually(t, "its end", func() bool { return !call.Sound.Playing() })
	granted(t, l.PassOn(t.Context(), citizen, "甲", "乙"))
	second := exchange.Incoming()
	eventually(t, "the whisper", func() bool { return !second.FirstSound().IsZero() })
	second.Press("1")
	eventually(t, "the passing on", func() bool { return slices.Contains(s.done(), "甲 to 乙") })
	second.Say(said["您好我是社保组"])
	eventually(t, "the colleague's words", func() bool { return slices.Contains(s.done(), "乙 said 您好我是社保组") })
	call.Say(said["好的谢谢您"])
	eventually(t, "the caller's last words", func() bool { return slices.Contains(s.overheard(), "好的谢谢您") })
	call.Hangup()
	eventually(t, "the end", func() bool { return slices.Contains(s.heard(), "hangup") })
	if got := strings.Join(s.overheard(), "、"); got != "我想问社保卡、好的谢谢您" {
		t.Errorf("of the caller it was written down: %s", got)
	}
	if slices.ContainsFunc(s.told, func(in bot.Inbound) bool { return in.Text != "" && in.Event != bot.EventOverheard }) {
		t.Errorf("what was said to a person was taken for an errand: %v", s.told)
	}
}
