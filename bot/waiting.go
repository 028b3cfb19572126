package bot

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// queueServices lets further services named in one message wait their turn.
func (s *scene) queueServices(flow *Flow) {
	if !takes(flow, Service) || s.u.Question {
		return
	}
	first := true
	for _, en := range revised(s.u.Text, s.u.Entities) {
		if en.Type == Service && !first && len(s.conv.Waiting) < maxDepth {
			s.conv.Waiting = append(s.conv.Waiting, s.wait(flow, en))
		}
		first = first && en.Type != Service
	}
}

// wait is what a further service waits for: a question about it where the
// clause it stands in asks, else the same errand.
func (s *scene) wait(flow *Flow, en Entity) Waiting {
	for clause := range strings.FieldsFuncSeq(s.u.Text, func(r rune) bool { return strings.ContainsRune("，,。；;!！？?", r) }) {
		if strings.Contains(clause, en.Text) && Mentions(clause, "问", "問", "咨询", "了解", "怎么", "多少", "什么", "点样", "how", "what") {
			return Waiting{Flow: AskProcedure, Text: clause}
		}
	}
	return Waiting{Flow: flow.Intent, Text: s.conv.Language.Say("预约", "book ") + en.Text}
}

// bury drops an older frame of the same flow and keeps the stack shallow.
func (s *scene) bury(flow Intent) {
	s.conv.Frames = slices.DeleteFunc(s.conv.Frames, func(f Frame) bool { return f.Flow == flow })
	if len(s.conv.Frames) >= maxDepth {
		s.conv.Frames = s.conv.Frames[1:]
	}
}

// waitingName names an errand that waits: in the citizen's words where they are
// few, else by what it is.
func (s *scene) waitingName(f *Flow, w Waiting) string {
	if words := matter(w.Text); words != "" && utf8.RuneCountInString(words) <= 16 {
		return words
	}
	return f.name(s.conv.Language)
}

// leftovers offers what still waits: the interrupted errand, then those asked
// for in passing.
func (s *scene) leftovers() {
	if len(s.conv.Frames) > 0 && s.flow() != nil {
		s.sayText("刚才的“%s”还没办完，接着办吗？", "We were in the middle of: %s. Shall we go on?", s.flow().name(s.conv.Language))
		s.ask(Asked{Kind: AskedResume, Choices: s.yesNo("接着办", "Go on", "不办了", "Drop it")})
		return
	}
	if len(s.conv.Waiting) > 0 {
		w := s.conv.Waiting[0]
		if f := s.engine.flows[w.Flow]; f != nil {
			s.sayText("您刚才还提到“%s”，现在办吗？", "You also mentioned: %s. Shall we do that now?", s.waitingName(f, w))
		} else {
			s.sayText("您刚才还问了“%s”，现在看吗？", "You also asked: %s. Shall we look at that now?", matter(w.Text))
		}
		s.ask(Asked{Kind: AskedNext, Choices: s.yesNo("现在办", "Yes", "先不用", "Not now")})
	}
}
