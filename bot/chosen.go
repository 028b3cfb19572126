package bot

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// chosen reads an answer to options that were offered.
func (s *scene) chosen() []Command {
	u, asked := &s.u, s.conv.Asked
	n := len(asked.Choices)
	if s.in.Event == EventChoice {
		for i, c := range asked.Choices {
			if c.Text == u.Text {
				return []Command{{Do: DoChoose, N: i + 1}}
			}
		}
	}
	if n > 0 {
		if u.Ordinal > 0 && u.Ordinal <= n && s.ordinalFits() {
			return []Command{{Do: DoChoose, N: u.Ordinal}}
		}
		if u.Ordinal == -1 && asked.Kind != AskedConfirm { // 最晚的 is no word for the summary's last option, which drops it
			return []Command{{Do: DoChoose, N: n}}
		}
		for i, c := range asked.Choices {
			named := Mentions(u.Norm, c.Words...) && !has(u.Acts, No) && !u.Question && !u.Abusive
			if named || strings.EqualFold(strings.TrimSpace(u.Text), c.Text) {
				return []Command{{Do: DoChoose, N: i + 1}}
			}
		}
	}
	if u.Abusive {
		return nil // swearing chooses nothing, whatever yes or no is in it
	}
	switch asked.Kind {
	case AskedResume, AskedNext, AskedHandoff:
		if asked.Kind == AskedHandoff && s.frame() != nil && has(u.Acts, Cancel) {
			return nil // no person, and not the errand either
		}
		if len(u.Entities) > 0 || s.turnsAway() {
			return nil
		}
		if has(u.Acts, Yes) && !has(u.Acts, No) {
			return []Command{{Do: DoChoose, N: 1}}
		}
		if s.frame() == nil && cancelsOne.MatchString(u.Norm) {
			return []Command{{Do: DoStart, Flow: CancelAppointment}} // 取消第一个: one of those just listed, and not the offer
		}
		if has(u.Acts, No) || has(u.Acts, Cancel) {
			return []Command{{Do: DoChoose, N: 2}}
		}
	case AskedSlot:
		if n == 1 && asked.Choices[0].Slot == asked.Slot && s.plainYes() {
			return []Command{{Do: DoChoose, N: 1}}
		}
		for i, c := range asked.Choices {
			if c.Plain == Yes && s.plainYes() || c.Plain == No && s.plainNo() {
				return []Command{{Do: DoChoose, N: i + 1}}
			}
		}
	case AskedClarify, AskedOffer:
		if s.plainNo() && asked.Kind == AskedOffer && s.frame() == nil {
			return []Command{{Do: DoChat, Flow: Goodbye}} // what was offered is not wanted, and nothing else
		}
		if has(u.Acts, NoneOfThese) || s.plainNo() {
			return []Command{{Do: DoDeny}}
		}
		if asked.Kind == AskedOffer && s.frame() == nil && s.u.Intent == Thank && s.u.Decision == Accept {
			return nil // 好的谢谢: the answer was enough
		}
		if only := onlyOffer(asked.Choices); only > 0 && has(u.Acts, Yes) && (len(u.Entities) == 0 || short(u.Text)) && !s.turnsAway() {
			return []Command{{Do: DoChoose, N: only}}
		}
	}
	return nil
}

// cancelsOne is how people cancel one of the appointments they were shown.
var cancelsOne = regexp.MustCompile(`^(?:帮我|我要|我想|请|麻烦)?(?:取消|退掉?)(?:掉|咗)?(?:第|前面|上面|刚才|那个|嗰个|居|.{0,8}(?:预约|那个号|嗰个号))`)

// onlyOffer is which choice a plain yes means, from 1; 0 where several could be
// meant.
func onlyOffer(choices []Choice) int {
	only := 0
	for i, c := range choices {
		if c.Aside {
			continue
		}
		if only > 0 {
			return 0
		}
		only = i + 1
	}
	return only
}

func short(text string) bool { return utf8.RuneCountInString(strings.TrimSpace(text)) <= 8 }

// ordinalFits keeps "3" as three o'clock where a time is asked for and the
// words say more than a number.
func (s *scene) ordinalFits() bool {
	for _, e := range s.u.Entities {
		switch e.Type {
		case Time, Date, DateTime, DateRange, TimeRange, DateTimeRange:
			if strings.TrimSpace(s.u.Text) != e.Text || strings.ContainsAny(e.Text, "点點:：号號日半時时周週月") {
				return false
			}
		case Phone, IDNumber, TicketNo, AppointmentNo:
			return false
		}
	}
	return true
}

// turnsAway says whether the words clearly ask for some other errand.
func (s *scene) turnsAway() bool {
	u := &s.u
	if u.Decision != Accept {
		return false
	}
	_, flow := s.engine.flows[u.Intent]
	_, answer := s.engine.answers[u.Intent]
	return (flow || answer) && !short(u.Text)
}
