package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// menu shows the real errands as options.
func (s *scene) menu() {
	s.sayText("我能帮您办这些，您选一个：", "This is what I can do. Please choose:")
	s.ask(Asked{Kind: AskedClarify, Choices: s.errands(BookAppointment, AskProcedure, RequestHelp, FileReport, CheckAppointment, CheckRequest, TalkToOperator)})
}

// errands are choices that start errands.
func (s *scene) errands(intents ...Intent) []Choice {
	var choices []Choice
	for _, i := range intents {
		name := i.Title()
		if s.conv.Language == English {
			name = i.titleEN()
		} else if f := s.engine.flows[i]; f != nil {
			name = f.Name
		}
		choices = append(choices, Choice{Text: name, Flow: i})
	}
	return choices
}

// clarify asks which of several was meant.
func (e *Engine) clarify(ctx context.Context, s *scene) error {
	if hasEntity(&s.u, Service) && !s.namesErrand() {
		if done, err := e.aboutService(ctx, s); done || err != nil {
			return err
		}
	}
	if hasEntity(&s.u, Service) || utf8.RuneCountInString(s.u.Norm) <= 2 { // a name that many matters have
		if done, err := e.whichMatter(ctx, s); done || err != nil {
			return err
		}
	}
	var intents []Intent
	for i, r := range append([]Ranked{{Intent: s.u.Intent}}, s.u.Alternatives...) {
		if i > 0 && farFetched(r.Intent, s.u.Norm) || r.Intent == OutOfScope || r.Intent == Emergency || social(r.Intent) || slices.Contains(intents, r.Intent) {
			continue
		}
		intents = append(intents, r.Intent)
		if len(intents) == 3 {
			break
		}
	}
	if len(intents) < 2 {
		s.menu()
		s.conv.Asked.Text = s.u.Text
		return nil
	}
	lead, times := "", 0
	if s.before.Kind == AskedClarify && s.before.Text != "" && strings.HasPrefix(s.u.Text, s.before.Text) {
		lead, times = s.conv.Language.Say("记下了。", "Noted. "), s.before.Times+1
	}
	if story := s.likeliestStory(intents); times > 1 && story != "" {
		return e.start(ctx, s, Waiting{Flow: story, Text: s.u.Text})
	}
	s.say(Reply{Text: lead + s.conv.Language.Say("您是想办哪一件？", "Which of these do you mean?")})
	s.ask(Asked{Kind: AskedClarify, Choices: s.errands(intents...), Text: s.u.Text, Times: times})
	return nil
}

// farFetched says whether an errand few come for is named to somebody who said no
// word of it: who was cheated of money is not asked whether they want to give some.
func farFetched(i Intent, words string) bool {
	switch i {
	case ClaimWish:
		return !Mentions(words, "心愿", "心願", "认领", "認領", "捐", "帮人", "幫人", "帮助别人", "义工", "志愿", "爱心", "资助", "wish", "donat", "volunteer")
	case HealthCode:
		return !Mentions(words, "健康", "粤康", "粵康", "申报", "申報", "行程", "扫码", "红码", "黄码", "绿码", "亮码", "核酸", "疫", "隔离", "隔離", "阳性", "接种", "接種", "health", "covid", "vaccin")
	}
	return false
}

// likeliestStory is the likeliest errand that keeps a story. Who goes on telling
// where it is, and passes over the question which errand it is, is taken at the
// word: the summary names the errand, and nothing is filed before the yes to it.
func (s *scene) likeliestStory(intents []Intent) Intent {
	for _, i := range intents {
		if f := s.engine.flows[i]; f != nil && f.story() != nil {
			return i
		}
	}
	return ""
}

// whichMatter lets the guides ask which of several matters is meant. It
// returns false where they do not know either.
func (e *Engine) whichMatter(ctx context.Context, s *scene) (bool, error) {
	answer := e.answers[AskProcedure]
	if answer == nil || s.flow() != nil {
		return false, nil
	}
	r, err := answer.Reply(ctx, &Query{Form: s.form(), Understanding: s.u})
	if err != nil {
		return true, fmt.Errorf("answer %s: %w", AskProcedure, err)
	}
	if !r.Clarify {
		return false, nil
	}
	s.conv.Misses = 0
	if err := e.respond(ctx, s, r); err != nil {
		return true, err
	}
	s.conv.Asked.Text = s.u.Text
	return true, nil
}

func (s *scene) namesErrand() bool { return s.u.Decision == Accept }

// aboutService asks what is wanted of a service that was only named.
func (e *Engine) aboutService(ctx context.Context, s *scene) (bool, error) {
	var named []string
	for _, en := range s.u.Entities {
		if en.Type == Service {
			named = append(named, en.Text)
			if len(en.Ambiguity) > 0 {
				return false, nil
			}
		}
	}
	if asking := s.u.Intent == AskProcedure || s.u.Intent == AskPolicy; asking && s.u.Question && e.answers[s.u.Intent] != nil {
		return e.reply(ctx, s, Command{Do: DoAnswer, Flow: s.u.Intent, Text: s.u.Text}) // 厂里没给我交社保怎么办 books nothing, and is of no service that it names by the way
	}
	for _, en := range s.u.Entities {
		if en.Type == Service {
			s.conv.Topic = Topic{Guide: en.Value, At: s.now}
			break
		}
	}
	if Mentions(s.u.Norm, "问", "咨询", "了解", "ask about", "know about") {
		return e.reply(ctx, s, Command{Do: DoAnswer, Flow: AskProcedure, Text: s.u.Text})
	}
	name := strings.Join(named, "、")
	s.sayText("关于“%s”，您是要预约窗口，还是先问怎么办？", "About %s: do you want to book an appointment, or ask how it works?", name)
	l := s.conv.Language
	s.ask(Asked{Kind: AskedClarify, Text: s.u.Text, Choices: []Choice{
		{Text: l.Say("预约窗口", "Book an appointment"), Flow: BookAppointment},
		{Text: l.Say("问怎么办", "Ask how it works"), Flow: AskProcedure},
	}})
	return true, nil
}
