package bot

import (
	"context"
	"regexp"
	"time"
)

// chat answers small talk in a line and goes back to the errand.
func (e *Engine) chat(ctx context.Context, s *scene, about Intent) error {
	if s.flow() == nil && s.justDone() && len(s.conv.Waiting) == 0 && (about == Thank || about == Goodbye) {
		s.askRating()
		return nil
	}
	if s.flow() != nil && about == Goodbye {
		s.note()
		s.sayText("好的，再见。办到一半的我先给您留着，想接着办随时说。", "Goodbye. I keep what you told me; just write to go on.")
		return nil
	}
	if about == Greet && s.conv.Handling == Queued {
		s.conv.Misses = 0
		s.sayText("我在。工作人员忙完手上的就来接您；要办的事也可以先跟我说。", "I am here. A person will be with you as soon as one is free; you can tell me meanwhile what it is about.")
		return nil
	}
	switch about {
	case Greet:
		s.sayText("您好，我是莞家政务智能助手。您要办什么事？", "Hello, this is the Dongguan city services assistant. What can I do for you?")
	case Thank:
		s.sayText("不客气。", "You are welcome.")
	case Goodbye:
		s.sayText("好的，再见。有需要随时找我。", "Goodbye. I am here whenever you need me.")
	default:
		switch {
		case s.u.Prying:
			s.trace.Intent, s.trace.Decision = OutOfScope, Abstain
			s.sayText("别人的信息我不能说，也查不到。您自己的预约和诉求，直接问我就行。",
				"I cannot tell anything about other people. Ask me about your own appointments and requests.")
		case has(s.u.Acts, OwnData) || s.in.EventKey == "privacy":
			s.trace.Intent, s.trace.Decision = Capability, Accept
			s.ownData()
		case s.u.Intent == Capability && asksFee.MatchString(s.u.Norm):
			s.sayText("不收费，问多少都免费。您要办什么事，直接告诉我就行。", "It is free, however much you ask. Just tell me what you need.")
		case s.u.Intent != Capability && (has(s.u.Acts, Yes) || has(s.u.Acts, More)):
			s.sayText("好的。您要办什么事，直接告诉我就行。", "All right. Just tell me what you need.") // a yes to nothing
		default:
			s.introduce()
		}
	}
	s.conv.Misses = 0
	if s.flow() != nil {
		return e.resume(ctx, s)
	}
	if about == Greet || about == Capability {
		s.ask(Asked{Kind: AskedOffer, Choices: s.errands(BookAppointment, AskProcedure, RequestHelp, FileReport)})
		return nil
	}
	s.conv.Asked = Asked{}
	s.leftovers()
	return nil
}

// asksFee is what people ask of us who fear to be charged: 你收费吗.
var asksFee = regexp.MustCompile(`(?:收|要|使|用|花|俾|给)(?:唔使|不要)?(?:俾)?(?:钱|錢|费|費)|收唔收|收不收|免费|免費|\b(?:free|charge|cost|pay)\b`)

// doneLife is how long after an errand thanks and goodbyes belong to it.
const doneLife = 30 * time.Minute

func (s *scene) justDone() bool {
	return !s.conv.Done.IsZero() && s.now.Sub(s.conv.Done) < doneLife && s.conv.Asked.Kind != AskedRating
}

// booked says whether the errand just done was about a service: an appointment.
func (s *scene) booked() bool { return s.justDone() && s.conv.Topic.At.Equal(s.conv.Done) }

// askRating asks once whether all went well.
func (s *scene) askRating() {
	if s.conv.Rated {
		s.conv.Asked = Asked{}
		s.sayText("不客气，有事随时找我。", "You are welcome. I am here whenever you need me.")
		return
	}
	if has(s.u.Acts, Yes) {
		s.conv.Asked = Asked{}
		s.sayText("好的，已经办好了。有事随时找我。", "All right, it is done. I am here whenever you need me.")
		return
	}
	s.conv.Rated = true
	s.sayText("不客气。这次办得顺不顺？", "You are welcome. How did it go?")
	s.ask(Asked{Kind: AskedRating, Choices: ratingChoices(s.conv.Language)})
}

// rated hears how it went, and keeps it; who is not satisfied can talk to a
// person.
func (e *Engine) rated(_ context.Context, s *scene, n int) error {
	s.conv.Asked = Asked{}
	s.deed = func(_ context.Context, tx Tx) error {
		keeper, ok := tx.(RatingKeeper)
		if !ok {
			return nil
		}
		return keeper.KeepRating(Rating{Citizen: s.citizen.ID, Channel: s.in.From.Channel, Score: Score(n), At: s.now})
	}
	if n == 1 {
		s.sayText("谢谢您，再见。", "Thank you, goodbye.")
		return nil
	}
	if n == 2 {
		s.sayText("谢谢，我们会改进。哪里不顺也可以直接告诉我。", "Thank you, we will do better. Tell me what could be improved.")
		return nil
	}
	return e.offerPersonFor(s, s.conv.Language.Say("没帮好您，抱歉。", "I am sorry I did not serve you well."))
}

// introduce says what the service is, that it is a machine, and what becomes
// of the citizen's words.
func (s *scene) introduce() {
	s.sayText("我是莞家政务智能助手，是程序不是真人。我能帮您预约办事、登记急难求助、反映诉求、查进度，也能解答办事指南。您说的话只用于给您办事，回复“我的数据”可以查看、删除；随时回复“人工”就有人接手；有生命危险请直接拨 110、119 或 120。",
		"I am an automated assistant of Dongguan's city services. I book appointments, take requests for help and reports, tell you how they stand, and explain procedures. What you say is used for your errand only; write \"my data\" to see or delete it. Say \"person\" at any time for a human. In danger, call 110, 119 or 120.")
}

// ownData says what becomes of what a citizen tells, and where they see,
// correct and delete it (个人信息保护法 articles 17, 44–47).
func (s *scene) ownData() {
	where := s.conv.Language.Say("在公众号菜单打开“我的数据”", "open \"My data\" from the account's menu")
	if s.in.From.Channel != Hotline && s.engine.dataPage != "" {
		where = s.conv.Language.Say("请打开 ", "open ") + s.engine.dataPage
	}
	s.sayText("我们只记办事要用的：您说的话，和您给的姓名、电话、地点。只用于给您办事，到期自动删除。想看、下载、更正、删除，或者撤回同意，"+where+"，用手机号登录就行；也可以回复“人工”让人帮您。",
		"We keep only what your errand needs: what you say, and the name, phone and place you give. It goes of itself after its term. To see, download, correct or delete it, or to take back a consent, "+where+" and sign in with your phone; or say \"person\".")
}

// calm answers abuse once, kindly, and keeps the errand open; who goes on is
// offered a person.
func (e *Engine) calm(ctx context.Context, s *scene) error {
	if s.conv.Calmed {
		s.conv.Misses++
		return e.offerPerson(s)
	}
	s.conv.Calmed = true
	s.sayText("让您着急了，抱歉。您说说遇到了什么事，我来办；要人接手就回复“人工”。",
		"I am sorry this is frustrating. Tell me what happened, or say \"person\" and someone takes over.")
	if s.flow() != nil {
		return e.resume(ctx, s)
	}
	return nil
}

// sorry is said when something failed inside: nothing was done, the draft
// stays, a person is near.
func (s *scene) sorry() {
	s.conv.Language = s.language()
	s.note()
	s.sayText("抱歉，刚才系统没办成，您填的内容都还在。请再发一次，或者转人工。",
		"Sorry, something failed on our side. What you told me is kept. Please try again, or ask for a person.")
	if len(s.conv.Asked.Choices) > 0 {
		s.choices = s.conv.Asked.Choices
	}
}
