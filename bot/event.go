package bot

import (
	"context"
	"slices"
	"strings"
)

// event answers what happened without words.
func (e *Engine) event(ctx context.Context, s *scene) error {
	switch s.in.Event {
	case EventSubscribe, EventScan:
		s.welcome()
	case EventUnsubscribe, EventHangup:
		return nil // nobody is there to hear an answer
	case EventMenu:
		return e.menuPressed(ctx, s)
	case EventSilence:
		return e.silence(ctx, s)
	case EventDigits:
		return e.digits(ctx, s, s.in.EventKey)
	case EventImage:
		return e.picture(ctx, s)
	case EventLocation:
		return e.located(ctx, s)
	case EventVoice:
		s.sayText("这段语音没有识别出来，麻烦打字告诉我，或者再说一遍。", "I could not make out the voice message. Please type it.")
	case EventUnsupported:
		s.sayText("这种消息我看不了，麻烦用文字、语音、图片或位置告诉我。", "I cannot read this kind of message. Please use text, voice, a picture or a location.")
	default:
		return e.wordlessText(ctx, s)
	}
	return nil
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

// menuPressed starts what a menu key stands for.
func (e *Engine) menuPressed(ctx context.Context, s *scene) error {
	intent, ok := MenuKeys()[s.in.EventKey]
	if !ok {
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
		s.toPerson(ReasonNotUnderstood)
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
		s.toPerson(ReasonAsked)
		return nil
	case key == "*" || key == "":
		return e.again(ctx, s, false)
	}
	n := 0
	for _, r := range key {
		if r < '0' || r > '9' || n > 1000 {
			return e.lost(ctx, s)
		}
		n = n*10 + int(r-'0')
	}
	if n >= 1 && n <= len(s.conv.Asked.Choices) {
		return e.apply(ctx, s, []Command{{Do: DoChoose, N: n}})
	}
	s.in.Text = key
	s.hear()
	return e.apply(ctx, s, s.interpret())
}

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
	if slices.Contains(slot.Types, Phone) && len(number) >= 11 {
		done = true
	}
	if !done && len(number) < 40 {
		s.trace.Intent = s.frame().Flow
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

// picture keeps an image with the errand that wants one.
func (e *Engine) picture(ctx context.Context, s *scene) error {
	flow := s.flow()
	if a := s.in.Attachment; a == nil || len(a.Bytes) == 0 { // its channel could not fetch it
		s.sayText("照片没有传过来，麻烦再发一次；不发也可以接着办。", "The picture did not come through. Please send it again, or go on without it.")
		if flow != nil {
			return e.resume(ctx, s)
		}
		return nil
	}
	if flow != nil && flow.slot("attachment") != nil {
		form := s.form()
		v, _ := form.Value("attachment")
		s.deedKeep(func(id string) {
			ids := strings.TrimPrefix(v.Value+","+id, ",")
			s.form().Set("attachment", Value{Value: ids, Shown: s.conv.Language.Say("已收到照片", "picture received")})
			s.note()
		})
		s.sayText("照片收到了，会附在登记里。", "I have your picture and will attach it.")
		return e.resume(ctx, s)
	}
	if flow != nil {
		s.sayText("照片收到了，办这件事用不到，我先替您留着。", "I have your picture; it is not needed for this, but I will keep it.")
		return e.resume(ctx, s)
	}
	s.sayText("照片收到了。您想用它办什么？", "I have your picture. What is it about?")
	choices := s.errands(FileReport, RequestHelp, TalkToOperator)
	s.ask(Asked{Kind: AskedOffer, Choices: choices})
	s.deedKeep(func(id string) { s.carry("attachment", Value{Value: id}) })
	return nil
}

// deedKeep stores the turn's attachment inside the commit and hands its id on.
func (s *scene) deedKeep(use func(id string)) {
	if s.in.Attachment == nil {
		return
	}
	s.deed = func(_ context.Context, tx Tx) error {
		id, err := tx.Keep(s.citizen.ID, *s.in.Attachment, s.now)
		if err != nil {
			return err
		}
		s.kept = id
		use(id)
		return nil
	}
}

// located keeps a place with the errand that wants one, and with it the town
// and the address that its label names.
func (e *Engine) located(ctx context.Context, s *scene) error {
	flow := s.flow()
	if flow != nil && flow.slot("location") == nil {
		s.sayText("位置收到了，办这件事用不到。", "I have your location; it is not needed for this.")
		return e.resume(ctx, s)
	}
	if flow == nil {
		s.sayText("位置收到了。您想用它办什么？", "I have your location. What is it about?")
		s.ask(Asked{Kind: AskedOffer, Choices: s.errands(FileReport, RequestHelp, BookAppointment)})
		s.carry("location", Value{Value: coordinates(s.in.Latitude, s.in.Longitude)})
		return nil
	}
	s.sayText("位置收到了。", "I have your location.")
	commands := []Command{{Do: DoSet, Slot: "location", Entity: Entity{
		Text: s.in.Text, Value: coordinates(s.in.Latitude, s.in.Longitude),
	}}}
	return e.apply(ctx, s, append(commands, s.labelled(flow)...))
}

// labelled sets what a place's label tells and the citizen has not told.
func (s *scene) labelled(flow *Flow) []Command {
	label, form := strings.TrimSpace(s.in.Text), s.form()
	if label == "" {
		return nil
	}
	var commands []Command
	if flow.slot("town") != nil && !form.Has("town") {
		for _, en := range s.engine.understand.Understand(Utterance{Text: label, Now: s.now, Asked: Town}).Entities {
			if en.Type == Town {
				commands = append(commands, Command{Do: DoSet, Slot: "town", Entity: en})
				break
			}
		}
	}
	if flow.slot("address") != nil && !form.Has("address") {
		commands = append(commands, Command{Do: DoSet, Slot: "address", Entity: Entity{Type: PostalAddress, Text: label, Value: label}})
	}
	return commands
}

// carry takes what was sent before any errand along into the one chosen.
func (s *scene) carry(slot string, v Value) {
	for i, c := range s.conv.Asked.Choices {
		if flow := s.engine.flows[c.Flow]; flow != nil && flow.slot(slot) != nil {
			s.conv.Asked.Choices[i].Slot, s.conv.Asked.Choices[i].Value = slot, v
		}
	}
}
