package bot

import (
	"context"
	"slices"
	"strings"
)

// digits reads keys pressed on a phone: a number being keyed takes them all,
// otherwise 0 is a person and the others choose.
func (e *Engine) digits(ctx context.Context, s *scene, keys string) error {
	s.conv.Silences = 0
	s.trace.Score = 1
	if s.keying(keys) {
		return e.keyed(ctx, s, keys)
	}
	s.conv.Digits = ""
	key := strings.Trim(keys, "#")
	switch {
	case key == "0":
		s.trace.Intent = TalkToOperator
		s.pressed(key, TalkToOperator.Title())
		if s.in.ByLine { // which could not hear what was to be said
			s.toPerson(ReasonNotUnderstood)
			return nil
		}
		s.toPerson(ReasonAsked)
		return nil
	case key == "*" || key == "":
		s.pressed(keys, "再听一遍")
		return e.again(ctx, s, false)
	}
	if len(key) > longestKey && strings.Trim(key, "0123456789") == "" { // a number keyed before it was asked for
		s.in.Text = key
		s.hear()
		return e.apply(ctx, s, s.interpret())
	}
	n := 0
	for _, r := range key {
		if r < '0' || r > '9' {
			return e.lost(ctx, s)
		}
		n = n*10 + int(r-'0')
	}
	if n >= 1 && n <= len(s.conv.Asked.Choices) {
		s.pressed(key, s.conv.Asked.Choices[n-1].Text)
		return e.apply(ctx, s, []Command{{Do: DoChoose, N: n}})
	}
	s.in.Text = key
	s.hear()
	return e.apply(ctx, s, s.interpret())
}

// pressed notes which key it was and what it stood for, so that an operator
// reads 按 2：查进度. Parts of a longer number are no key.
func (s *scene) pressed(key, meant string) {
	switch {
	case s.in.Event != EventDigits || s.in.Text != "" || len(key) > longestKey:
	case s.in.ByLine:
		s.did = meant
	case meant == "":
		s.did = "按 " + key
	default:
		s.did = "按 " + key + "：" + meant
	}
}

// longestKey is how many digits may choose one of the answers.
const longestKey = 3

// keying says whether keys belong to a number that is being given.
func (s *scene) keying(keys string) bool {
	slot := (*Slot)(nil)
	if s.flow() != nil {
		slot = s.askedSlot()
	}
	if slot == nil || len(s.conv.Asked.Choices) > 0 && len(keys) == 1 && s.conv.Digits == "" {
		return false
	}
	number := slices.ContainsFunc(slot.Types, func(t EntityType) bool {
		return t == Phone || t == IDNumber || t == TicketNo || t == AppointmentNo || t == Number || t == Money
	})
	return number && (s.conv.Digits != "" || keys != "0")
}

// keyed collects digits; a phone number is complete at eleven or at #.
func (e *Engine) keyed(ctx context.Context, s *scene, keys string) error {
	s.conv.Digits += keys
	done := strings.HasSuffix(s.conv.Digits, "#")
	number := strings.Trim(s.conv.Digits, "#*")
	slot := s.askedSlot()
	if own := s.in.From.caller(); s.conv.Digits == "#" && own != "" && slot.Types[0] == Phone {
		number, done = own, true // a bare # is the number they call from
	}
	if slices.Contains(slot.Types, Phone) && len(number) >= 11 {
		done = true
	}
	if !done && len(number) < 40 {
		s.trace.Intent = e.served(s.frame().Flow)
		return nil // more keys are to come
	}
	s.conv.Digits = ""
	if slices.Contains(slot.Types, Phone) && len(number) != 11 && !takesOne(slot, Number) {
		return e.apply(ctx, s, []Command{{Do: DoSet, Slot: slot.Name, Entity: Entity{Type: Phone, Value: number}}})
	}
	s.in.Text = number
	s.hear()
	return e.apply(ctx, s, s.interpret())
}

// longestChunk is how many digits of a phone number are taken for a part of it;
// more than that at once is a whole number, right or wrong.
const longestChunk = 8

// spoken reads a phone number told in parts over several turns.
func (s *scene) spoken() []Command {
	slot, told := s.askedSlot(), s.u.Digits
	if slot == nil || told == "" || slot.Types == nil || slot.Types[0] != Phone || hasEntity(&s.u, Phone) {
		return nil
	}
	number := told
	if len(told) <= longestChunk {
		number = s.conv.Digits + told
	}
	if len(number) < 11 && len(told) <= longestChunk && (s.conv.Digits != "" || told[0] == '1') {
		return []Command{{Do: DoKeep, Text: number}}
	}
	s.conv.Digits = ""
	return []Command{{Do: DoSet, Slot: slot.Name, Entity: Entity{Type: Phone, Text: s.u.Text, Value: number}}}
}

// keepDigits takes down a part of a number and waits for the rest.
func (s *scene) keepDigits(number string) {
	s.conv.Digits, s.conv.Misses = number, 0
	s.note()
	s.sayText("%s，请接着说后面的。", "%s, and then?", grouped(number))
}

// grouped reads digits back as a mobile number is said: three, four, four.
func grouped(number string) string {
	var parts []string
	for _, n := range []int{3, 4, 4} {
		if len(number) > n {
			parts, number = append(parts, number[:n]), number[n:]
			continue
		}
		break
	}
	return strings.Join(append(parts, number), " ")
}
