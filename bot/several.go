package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// several hears two errands and more in one message ("book the permit, and I'd
// like to ask about the fund too"): the first begins, the others wait.
func (s *scene) several() []Command {
	parts := listed(s.u.Text)
	if len(parts) < 2 {
		parts = clauses(s.u.Text)
	}
	if len(parts) < 2 {
		return nil
	}
	var commands []Command
	seen := map[Intent]bool{}
	for _, part := range parts {
		u := s.engine.understand.Understand(Utterance{Text: part, Now: s.now})
		_, isFlow := s.engine.flows[u.Intent]
		_, isAnswer := s.engine.answers[u.Intent]
		if u.Decision != Accept || seen[u.Intent] || !(isFlow || isAnswer) || social(u.Intent) {
			continue
		}
		seen[u.Intent] = true
		switch {
		case len(commands) == 0 && isFlow:
			first := Command{Do: DoStart, Flow: u.Intent}
			if s.engine.flows[u.Intent].story() != nil {
				first.Text = part // its story is not that of the others
			}
			commands = append(commands, first)
		case len(commands) == 0:
			commands = append(commands, Command{Do: DoAnswer, Flow: u.Intent, Text: part})
		default:
			commands = append(commands, Command{Do: DoQueue, Flow: u.Intent, Text: continued(part)})
		}
	}
	if len(seen) < 2 {
		return nil
	}
	return commands
}

// counted is how errands are counted off: 一是…二是…, 第一…第二…, 1、…2、….
var counted = regexp.MustCompile(`(?:^|[，,。；;：:、 \n])(?:[一二三四五][是、]|第[一二三四五][件个項项]?[，,、是]?|[1-5][、.．)）])`)

// listed splits a message where errands are counted off; what stands before the
// first of them only announces them.
func listed(text string) []string {
	marks := counted.FindAllStringIndex(text, -1)
	if len(marks) < 2 {
		return nil
	}
	var parts []string
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		parts = append(parts, strings.Trim(text[m[1]:end], "，,。；; \n"))
	}
	return parts
}

// matter is what a further errand is about, without the words that announce it.
func matter(text string) string {
	for cut := true; cut; {
		cut = false
		for _, lead := range []string{"另外", "还有", "還有", "顺便", "順便", "顺手", "同埋", "还要", "還要", "再", "还", "也", "我", "想", "帮", "请", "问", "問", "一下", "下", "and also", "，", ",", " "} {
			if rest := strings.TrimPrefix(text, lead); rest != text && utf8.RuneCountInString(rest) >= 4 {
				text, cut = rest, true
			}
		}
	}
	return text
}

// clauses splits a message where a further errand is announced.
func clauses(text string) []string {
	marks := []string{"另外", "还有", "還有", "再问", "再問", "再帮", "再幫", "顺便", "順便", "同埋", "还想", "還想", "再想", "也想", "还要问", "還要問", "还要办", "还要约", "还要预", "還要預", "还要投诉", "還要投訴", "还要反映", "还要查", "还要取消", "再约", "再約", "再预约", "再預約", "再投诉", "再投訴", "再反映", "再查", "顺手", "and also"}
	var parts []string
	from := 0
	for i := range text {
		if i < from+minErrand || !slices.ContainsFunc(marks, func(m string) bool { return strings.HasPrefix(text[i:], m) }) {
			continue
		}
		parts = append(parts, strings.Trim(text[from:i], "，,。；; "))
		from = i
	}
	return append(parts, strings.Trim(text[from:], "，,。；; "))
}

// minErrand is the least that an errand takes to be told, in bytes: 还有 behind
// 另外 announces the same one.
const minErrand = 3 * 4

// continued is the telling without the words that joined it to another errand:
// 另外我家门口路灯坏了.
func continued(text string) string {
	for _, lead := range []string{"另外", "还有", "還有", "顺便", "順便", "顺手", "同埋", "然后", "and also"} {
		if rest := strings.TrimLeft(strings.TrimPrefix(text, lead), "，,、 "); rest != text && utf8.RuneCountInString(rest) >= 4 {
			return rest
		}
	}
	return text
}
