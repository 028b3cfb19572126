package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// again says the last words once more; nothing else changes.
func (e *Engine) again(ctx context.Context, s *scene, slower bool) error {
	if slower {
		s.conv.Slow = true
	}
	if len(s.conv.Last) == 0 {
		return e.chat(ctx, s, Greet)
	}
	s.say(s.conv.Last...)
	s.choices = s.conv.Asked.Choices
	s.note()
	return nil
}

// Pace keeps whether a citizen wants to be spoken to slowly, where it was not
// said in words.
func (e *Engine) Pace(ctx context.Context, citizen CitizenID, slow bool) error {
	return e.operate(ctx, citizen, func(conv *Conversation, _ Tx) error {
		conv.Slow = slow
		return nil
	})
}

// explain answers "why do you need that?" and asks again.
func (e *Engine) explain(ctx context.Context, s *scene) error {
	slot, about := s.askedSlot(), s.askedSlot()
	if named := s.namedSlot(); named != nil {
		about = named // 为什么要电话, said to "what is your name?"
	}
	why := s.conv.Language.Say("这是办这件事必须登记的一项，只用于本次办理。", "We need it for this errand only.")
	if about.Why != "" {
		why = s.conv.Language.Say(about.Why, about.WhyEN)
	}
	if Mentions(s.u.Norm, "身份证", "id card", "id number") && !s.needs(IDNumber) {
		why = s.conv.Language.Say("这里不用报身份证号。", "No id number is needed here. ") + why
	}
	s.say(Reply{Text: why})
	return e.askFor(ctx, s, slot)
}

// namedSlot is the slot the words name that is not the one asked for, nil if
// none: the telephone, spoken of before it was asked for.
func (s *scene) namedSlot() *Slot {
	for _, n := range []struct {
		of    EntityType
		words []string
	}{
		{Phone, []string{"电话", "手机", "号码", "phone"}}, {PersonName, []string{"名字", "姓名", "我叫什么", "name"}}, {PostalAddress, []string{"什么路", "哪条路", "边条路", "路名", "门牌"}},
	} {
		if !Mentions(s.u.Norm, n.words...) {
			continue
		}
		for i := range s.flow().Slots {
			slot := &s.flow().Slots[i]
			if takesOne(slot, n.of) && slot.Ask != nil && slot.Name != s.conv.Asked.Slot && (slot.Needed == nil || slot.Needed(s.form())) {
				return slot
			}
		}
	}
	return nil
}

// skip leaves an optional slot; a needed one is explained, and the second
// time a person is offered.
func (e *Engine) skip(ctx context.Context, s *scene) error {
	slot := s.askedSlot()
	if phone := s.flow().slot("phone"); phone != nil && phone.Optional && slot.Name != phone.Name && noPhone.MatchString(s.u.Norm) {
		s.pass(phone.Name) // 没有电话, said to "what is your name?"
		if name := CalledBy(noPhone.ReplaceAllString(s.u.Text, "")); takesOne(slot, PersonName) && name != "" {
			s.form().Set(slot.Name, Value{Value: name, Said: name}) // 陈婆，冇电话
			return e.proceed(ctx, s, nil)
		}
		s.noted = phone.Name
		return e.askFor(ctx, s, slot)
	}
	if named := s.namedSlot(); named != nil { // 不想给电话, said to "what is your name?"
		if !named.Optional {
			return e.explain(ctx, s)
		}
		s.pass(named.Name)
		s.noted = named.Name
		return e.askFor(ctx, s, slot)
	}
	if slot.Optional {
		s.pass(slot.Name)
		return e.proceed(ctx, s, nil)
	}
	s.miss(slot.Name)
	if s.frame().Tries[slot.Name] >= 2 {
		return e.offerPersonFor(s, s.conv.Language.Say("没有这一项，我这边办不下去，可以请工作人员帮您。", "I cannot go on without it, but a person can help you."))
	}
	return e.explain(ctx, s)
}

// noPhone is how people say that they have none.
var noPhone = regexp.MustCompile(`(?:没有?|冇)(?:电话|手机|号码)|no phone`)

func (s *scene) pass(slot string) {
	f := s.frame()
	if f.Passed == nil {
		f.Passed = map[string]bool{}
	}
	f.Passed[slot] = true
}

// back goes to the question before.
func (e *Engine) back(ctx context.Context, s *scene) error {
	flow, form := s.flow(), s.form()
	limit := len(flow.Slots)
	if asked := s.askedSlot(); asked != nil {
		limit = slices.IndexFunc(flow.Slots, func(x Slot) bool { return x.Name == asked.Name })
	}
	for i := limit - 1; i >= 0; i-- {
		slot := &flow.Slots[i]
		if slot.Ask == nil || !form.Has(slot.Name) && !form.Passed(slot.Name) {
			continue
		}
		form.Clear(slot.Name)
		delete(s.frame().Passed, slot.Name)
		return e.askFor(ctx, s, slot)
	}
	return e.proceed(ctx, s, nil)
}

// drop forgets the errand under way. Nothing was done, and it says so.
func (e *Engine) drop(ctx context.Context, s *scene) error {
	if s.flow() == nil {
		s.conv.Asked = Asked{}
		s.sayText("好的，什么都没有取消。", "All right, nothing was cancelled.")
		return nil
	}
	s.note()
	flow, l := s.flow(), s.conv.Language
	if s.disowns() {
		s.correct(s.frame().Words[0], "")
	}
	s.release()
	s.giveUp()
	s.pop()
	s.conv.Misses, s.conv.Done = 0, time.Time{} // a yes to this is no yes to what was done before
	text := l.Say("好的，“%s”先不办了，什么都没有提交。", "All right, I have dropped: %s. Nothing was submitted.", flow.name(l))
	if flow.Kept != "" {
		text = l.Say(flow.Kept, flow.KeptEN)
	}
	if len(s.conv.Frames) == 0 && len(s.conv.Waiting) == 0 {
		text += l.Say("有事随时告诉我。", " Tell me any time if there is something else.")
	}
	s.say(Reply{Text: text})
	s.leftovers()
	return nil
}

// deny hears "no" to a summary or to offered answers.
func (e *Engine) deny(ctx context.Context, s *scene) error {
	if s.conv.Asked.Kind == AskedConfirm && s.flow() != nil && s.frame().Proposed {
		return e.drop(ctx, s)
	}
	if s.conv.Asked.Kind == AskedConfirm && s.flow() != nil {
		return e.change(s)
	}
	if s.conv.Asked.Kind == AskedClarify && s.conv.Asked.Text != "" {
		s.correct(s.conv.Asked.Text, "")
	}
	s.conv.Asked = Asked{}
	s.conv.Misses++
	if s.conv.Misses >= 2 {
		return e.offerPerson(s)
	}
	s.sayText("好的，都不是。请换个说法告诉我您要办什么，比如“预约办居住证”或“路灯坏了要反映”。",
		"None of these, then. Please tell me in other words what you need.")
	return nil
}

// change asks which of the values in the summary is to be another.
func (e *Engine) change(s *scene) error {
	flow, form := s.flow(), s.form()
	var choices []Choice
	for _, slot := range flow.Slots {
		if slot.Ask == nil || slot.Label == "" || !form.Has(slot.Name) && !form.Passed(slot.Name) {
			continue
		}
		choices = append(choices, Choice{Text: s.conv.Language.Say(slot.Label, slot.LabelEN), Slot: slot.Name})
	}
	s.note()
	s.sayText("要改哪一项？也可以直接说，比如“改到周四”。", "What shall I change? You can also just say it, such as \"Thursday instead\".")
	s.ask(Asked{Kind: AskedOffer, Choices: choices})
	return nil
}

// lost is the ladder for words that lead nowhere: another wording, then real
// choices, then a person.
func (e *Engine) lost(ctx context.Context, s *scene) error {
	s.conv.Misses++
	if s.conv.Misses >= 3 {
		s.toPerson(ReasonNotUnderstood)
		return nil
	}
	if s.flow() != nil && s.frame() != nil {
		return e.lostWithin(ctx, s)
	}
	s.conv.Asked = Asked{}
	switch {
	case s.u.Injection:
		s.sayText("我是政务助手，只办预约、求助、诉求和办事咨询，别的指令我不能照做。您要办哪一件？",
			"I only help with city services: appointments, requests and guidance. What do you need?")
	case s.u.Abusive:
		return e.calm(ctx, s)
	case s.conv.Misses == 1 && s.notOurs():
		s.sayText("这个我帮不上忙。预约办事、办事指南、急难求助、反映诉求，都可以找我。",
			"I cannot help with that. Ask me about appointments, procedures, urgent help or a report.")
	case s.conv.Misses == 1:
		s.sayText("这句我没太明白。您可以这样说：“预约办居住证”“身份证丢了怎么补”“路灯坏了要反映”。",
			"I did not quite understand. You could say: \"book a residence permit appointment\" or \"how do I replace a lost ID card\".")
	default:
		s.menu()
	}
	return nil
}

// notOurs says whether words were understood and are none of the service's
// business; of a few characters one must be surer, they may be mistyped.
func (s *scene) notOurs() bool {
	u := &s.u
	return u.Intent == OutOfScope && (u.Score >= 0.99 || u.Score >= 0.5 && !short(u.Text))
}

func (e *Engine) lostWithin(ctx context.Context, s *scene) error {
	if surname := s.surname(); surname != "" {
		s.conv.Misses--
		s.sayText("姓%s，听到了。登记要全名，请连名一起说。", "I heard the surname %s. The full name is needed.", surname)
		return e.resume(ctx, s)
	}
	if s.conv.Misses == 1 && s.plainYes() { // 那约吧: the question stands, and nobody is to blame
		if s.conv.Asked.Kind == AskedSlot && len(s.conv.Asked.Choices) == 0 {
			s.sayText("还差这一样：", "One thing is still missing:")
		}
		return e.resume(ctx, s)
	}
	if s.conv.Misses == 1 && s.u.Question && utf8.RuneCountInString(s.u.Text) >= 4 && s.u.Intent != TalkToOperator {
		s.sayText("这个我手上没有可靠的资料，不敢乱说，可以拨 12345 问。我们接着刚才的。", "I have nothing reliable on that; 12345 can tell you. Let us go on.")
		return e.resume(ctx, s)
	}
	if s.conv.Misses == 1 {
		s.sayText("这句我没太明白，我们接着刚才的。", "I did not quite get that. Let us go on.")
	} else {
		s.sayText("还是没对上。您可以从下面选，或者回复“人工”请人帮忙，回复“不办了”就停下。",
			"Still not right. Choose below, say \"person\" for help, or \"cancel\" to stop.")
	}
	return e.resume(ctx, s)
}

// onlySurname is a surname told without the rest of the name: 老人家姓王.
var onlySurname = regexp.MustCompile(`^[^，。,. ]{0,6}(?:免贵|贵)?姓(\p{Han})(?:的|啊|呀)?[。.]?$`)

// surname is the surname that all of the words tell, where the errand still
// lacks a name; empty otherwise.
func (s *scene) surname() string {
	told := onlySurname.FindStringSubmatch(strings.TrimSpace(s.u.Text))
	if told == nil || told[1] == "名" || !s.needs(PersonName) {
		return ""
	}
	return told[1]
}

// resume asks the open question of the active errand again.
func (e *Engine) resume(ctx context.Context, s *scene) error {
	if s.conv.Asked.Kind == AskedClarify {
		s.conv.Asked = Asked{}
	}
	if slot := s.askedSlot(); slot != nil && (slot.Needed == nil || slot.Needed(s.form())) {
		return e.askFor(ctx, s, slot)
	}
	return e.proceed(ctx, s, nil)
}

// offerPerson asks whether a person should take over.
func (e *Engine) offerPerson(s *scene) error {
	return e.offerPersonFor(s, "")
}

// offerPersonFor offers a person, saying why.
func (e *Engine) offerPersonFor(s *scene, why string) error {
	s.note()
	s.say(Reply{Text: why + s.conv.Language.Say("要帮您转人工吗？", " Shall I get you a person?")})
	s.ask(Asked{Kind: AskedHandoff, Choices: s.yesNo("转人工", "Yes, a person", "先不用", "Not now")})
	return nil
}

// surnameOnly takes a surname as what somebody is called by, where the errand
// never asks for the name.
func (s *scene) surnameOnly() []Command {
	told := onlySurname.FindStringSubmatch(strings.TrimSpace(s.u.Text))
	if told == nil || told[1] == "名" {
		return nil
	}
	for i := range s.flow().Slots {
		slot := &s.flow().Slots[i]
		if takesOne(slot, PersonName) && slot.Ask == nil && !s.form().Has(slot.Name) {
			return []Command{{Do: DoSet, Slot: slot.Name, Entity: Entity{Type: PersonName, Text: told[1], Value: told[1]}}}
		}
	}
	return nil
}

// needs says whether the errand under way asks for a particular.
func (s *scene) needs(t EntityType) bool {
	for i := range s.flow().Slots {
		slot := &s.flow().Slots[i]
		if takesOne(slot, t) && (slot.Needed == nil || slot.Needed(s.form())) {
			return true
		}
	}
	return false
}
