package bot

import "context"

// event answers what happened without words.
func (e *Engine) event(ctx context.Context, s *scene) error {
	switch s.in.Event {
	case EventSubscribe, EventScan:
		s.welcome()
	case EventCall:
		s.rang()
	case EventUnsubscribe, EventHangup:
		return nil // nobody is there to hear an answer
	case EventMenu:
		return e.menuPressed(ctx, s)
	case EventSilence:
		return e.silence(ctx, s)
	case EventDigits:
		return e.digits(ctx, s, s.in.EventKey)
	case EventImage, EventLocation:
		return e.sent(ctx, s)
	case EventVoice:
		s.sayText("这段语音没有识别出来，麻烦打字告诉我，或者再说一遍。", "I could not make out the voice message. Please type it.")
	case EventUnsupported:
		s.sayText("这种消息我看不了，麻烦用文字、语音、图片或位置告诉我。", "I cannot read this kind of message. Please use text, voice, a picture or a location.")
	default:
		return e.wordlessText(ctx, s)
	}
	return nil
}

// sent takes a picture or a location; of a child for whom nobody has agreed it
// takes neither.
func (e *Engine) sent(ctx context.Context, s *scene) error {
	switch {
	case s.unguarded:
		s.sayText("这个我先不留。等家里大人同意了，再发一次就行。", "I do not keep this yet. Send it again when a parent has agreed.")
		s.choices = s.conv.Asked.Choices
		return nil
	case s.in.Event == EventImage:
		return e.picture(ctx, s)
	}
	return e.located(ctx, s)
}

// wordlessText is the empty message: the open question again, or a greeting.
func (e *Engine) wordlessText(ctx context.Context, s *scene) error {
	if s.flow() != nil {
		return e.resume(ctx, s)
	}
	s.sayText("您好像没有写内容。要办什么事，直接告诉我就行。", "Your message was empty. Just tell me what you need.")
	return nil
}

func (s *scene) welcome() {
	s.sayText("您好，这里是莞家政务。我是智能助手，可以帮您：\n① 预约办事　② 查办事指南\n③ 急难求助　④ 反映诉求\n直接说就行，比如“预约下周三办居住证”“身份证丢了怎么补”。\n回答仅供参考，以窗口和官方文件为准。回复“人工”转人工；有生命危险请拨 110、119、120。",
		"Welcome to Dongguan city services. Tell me what you need: book an appointment, ask how something is done, ask for help, or report a problem. Say \"person\" for a human; in danger call 110, 119 or 120.")
	s.ask(Asked{Kind: AskedOffer, Choices: s.errands(BookAppointment, AskProcedure, RequestHelp, FileReport)})
}

// rang is the opening of a call: what was left open is offered, otherwise an
// open question, with keys for those who would rather press.
func (s *scene) rang() {
	s.conv.Silences, s.conv.Misses = 0, 0
	if s.flow() != nil {
		s.offerDraft()
		return
	}
	s.sayText("请问您要办什么事？直接说就行，按 0 转人工。", "What can I do for you? Just tell me, or press 0 for a person.")
	s.ask(Asked{Kind: AskedOffer, Choices: s.errands(BookAppointment, AskProcedure, RequestHelp, FileReport)})
}

// menuPressed starts what a menu key stands for.
func (e *Engine) menuPressed(ctx context.Context, s *scene) error {
	intent, ok := MenuKeys()[s.in.EventKey]
	s.did = "点了菜单：" + intent.Title()
	if !ok {
		s.did = ""
		if s.in.ByLine {
			s.did = "接着听菜单"
		}
		s.menu()
		return nil
	}
	s.trace.Intent, s.trace.Score, s.trace.Decision = intent, 1, Accept
	s.u = Understanding{Intent: intent, Score: 1, Decision: Accept, Language: s.conv.Language}
	switch {
	case intent == TalkToOperator:
		s.toPerson(ReasonAsked)
		return nil
	case s.in.EventKey == "privacy":
		return e.chat(ctx, s, Capability)
	case e.flows[intent] != nil:
		return e.apply(ctx, s, []Command{{Do: DoStart, Flow: intent}})
	}
	return e.apply(ctx, s, []Command{{Do: DoAnswer, Flow: intent}, {Do: DoLost}})
}

// silence is the ladder for a citizen who says nothing: the question again,
// then a hint, then a person.
func (e *Engine) silence(ctx context.Context, s *scene) error {
	s.conv.Silences++
	switch {
	case s.conv.Silences >= 3:
		s.conv.Silences = 0
		s.toPerson(ReasonSilent)
	case s.conv.Silences == 2:
		s.sayText("我还在。您可以慢慢说，按 0 或说“人工”就有人接。", "I am still here. Press 0 or say \"person\" for a human.")
		if s.flow() != nil {
			return e.resume(ctx, s)
		}
	case s.flow() != nil:
		return e.resume(ctx, s)
	case len(s.conv.Last) > 0:
		s.say(s.conv.Last...)
		s.choices = s.conv.Asked.Choices
	default:
		s.sayText("您好，请说您要办什么事。", "Hello, please tell me what you need.")
	}
	return nil
}
