package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// unasked stands in a frame for the yes that need could not wait for.
const unasked = "pressing"

// hearChild keeps what was told of being a child, and whether words of this
// turn are those of one for whom nobody has agreed.
func (s *scene) hearChild() {
	switch {
	case s.u.Child:
		s.conv.Child = s.now
	case s.u.Grown:
		s.conv.Child = time.Time{}
	}
	urgent := s.u.Decision == Danger || s.conv.Handling != ByBot // whoever helps has to know where
	s.unguarded = !s.conv.Child.IsZero() && !urgent && !slices.ContainsFunc(s.conv.Frames, func(f Frame) bool { return f.Consent != "" })
}

// needsGuardian says whether a flow may begin only when a guardian has agreed.
// What an operator fills in for a child is theirs to ask about.
func (s *scene) needsGuardian(flow *Flow) bool {
	agreed := s.guardian != nil && s.guardian.Errand == flow.Intent
	return flow.Keeps && !s.conv.Child.IsZero() && !agreed && s.receipt >= 0
}

// presses says whether the words told are of a need that cannot wait.
func (f *Flow) presses(words ...string) bool {
	return f.Pressing != nil && f.Pressing(strings.Join(words, "\n"))
}

// guard takes the answer of a guardian who was asked, and asks where a child
// turns up in the middle of an errand. done: the turn is over.
func (e *Engine) guard(ctx context.Context, s *scene) (done bool, err error) {
	if s.conv.Awaits != nil && (s.conv.Asked.Kind == AskedGuardian || s.flow() == nil && agrees(s.u.Norm)) {
		return e.guardianAnswers(ctx, s) // who asked something in between may still agree
	}
	flow, frame := s.flow(), s.frame()
	if flow == nil || frame.Consent != "" || !s.needsGuardian(flow) {
		return false, nil
	}
	if has(s.u.Acts, Person) || s.dropsDraft() {
		return false, nil
	}
	if flow.presses(append(slices.Clone(frame.Words), s.u.Text)...) {
		frame.Consent, s.unguarded = unasked, false
		return false, nil
	}
	w := s.harmless(Waiting{Flow: frame.Flow, Slots: frame.Slots})
	s.release()
	s.conv.Frames = slices.DeleteFunc(s.conv.Frames, func(f Frame) bool {
		under := e.flows[f.Flow]
		return f.Consent == "" && under != nil && under.Keeps
	})
	e.askGuardian(s, flow, w)
	return true, nil
}

// harmless is an errand without what tells who somebody is and without their
// own words: which service, which hall, which day.
func (s *scene) harmless(w Waiting) Waiting {
	flow := s.engine.flows[w.Flow]
	slots := map[string]Value{}
	for name, v := range w.Slots {
		slot := flow.slot(name)
		if slot == nil || slot.Free && len(slot.Types) == 0 || personal(slot.Types) {
			continue
		}
		v.Said = ""
		slots[name] = v
	}
	w.Slots = slots
	if w.Text != "" && s.keepable(w.Text) != w.Text {
		w.Text = ""
	}
	return w
}

// personal says whether one of the types tells who or where somebody is.
func personal(types []EntityType) bool {
	return slices.ContainsFunc(types, func(t EntityType) bool {
		return slices.Contains([]EntityType{PersonName, Phone, IDNumber, Permit, Passport, PostalAddress}, t)
	})
}

// withheld stands in the transcript for a particular of a child that was not kept.
const withheld = "〔未留存〕"

// keepable is what may be kept of words: of a child for whom nobody has agreed,
// all but the particulars.
func (s *scene) keepable(text string) string {
	if s.conv.Child.IsZero() || !s.unguarded || s.guardian != nil {
		return text
	}
	for _, en := range s.u.Entities {
		if personal([]EntityType{en.Type}) && en.Text != "" {
			text = strings.ReplaceAll(text, en.Text, withheld)
		}
	}
	return text
}

// askGuardian asks for a grown-up, in words a child understands. Until then
// nothing of the errand is kept but what it is about.
func (e *Engine) askGuardian(s *scene, flow *Flow, w Waiting) {
	s.unguarded = true
	s.conv.Awaits, s.conv.Misses = &w, 0
	s.trace.Flow, s.trace.Slots = e.served(flow.Intent), map[string]string{}
	l := s.conv.Language
	s.say(Reply{Text: l.Say("你还没满14岁的话，“%s”要记名字、电话这些，得家里大人同意才行。爸爸妈妈在旁边吗？请他们说一句“同意”。",
		"If you are under 14, a parent has to agree first, because %s means keeping a name and a phone number. Is one beside you? Ask them to say \"I agree\".", flow.name(l))})
	s.ask(Asked{Kind: AskedGuardian, Choices: s.yesNo("家长同意", "I agree", "大人不在", "Nobody is here")})
}

// guardianAnswers takes what came to that question. Only a plain word of
// agreement counts; anything else than an answer is heard as ever.
func (e *Engine) guardianAnswers(ctx context.Context, s *scene) (bool, error) {
	w, u := *s.conv.Awaits, &s.u
	flow := e.flows[w.Flow]
	switch {
	case flow == nil:
		s.conv.Awaits, s.conv.Asked = nil, Asked{}
		return false, nil
	case s.conv.Child.IsZero(): // grown up after all
		s.conv.Awaits, s.conv.Asked, s.unguarded = nil, Asked{}, false
		return true, e.start(ctx, s, w)
	case has(u.Acts, Person) || s.chosen() != nil:
		return false, nil
	case Mentions(u.Norm, "自己同意", "我自己", "agree myself"):
		s.sayText("自己同意不算数，要家里大人说才行。大人在的话，请他们说一句“同意”；不在就说“大人不在”。", "Your own yes does not count, a parent has to say it. Let them say \"I agree\", or tell me that nobody is here.")
		s.ask(Asked{Kind: AskedGuardian, Choices: s.yesNo("家长同意", "I agree", "大人不在", "Nobody is here")})
	case agrees(u.Norm):
		return true, e.guardianAgrees(ctx, s, flow, w)
	case refuses(u.Norm) || s.plainNo() || has(u.Acts, Cancel):
		s.noGuardian(flow)
	case has(u.Acts, Why) || Mentions(u.Norm, "为什么", "为啥", "点解", "why") && short(u.Text):
		s.sayText("法律规定，不满14岁的孩子，名字、电话、住址要家长同意了才能记下来，这是为了保护你。", "The law asks for it: a child's name, phone and address are kept only when a parent agrees.")
		s.askAgain()
	case s.plainYes() || present(u.Norm):
		s.sayText("好，请大人说一句“同意”，我就接着办。", "Good. Please let them say \"I agree\" and we go on.")
		s.askAgain()
	case u.Decision == Accept || u.Question || len(u.Acts) > 0 || u.Abusive || s.conv.Misses >= 2:
		return false, nil
	default:
		misses := s.conv.Misses + 1
		e.askGuardian(s, flow, w)
		s.conv.Misses = misses
	}
	return true, nil
}

// chosenGuardian carries out the n-th of the two answers.
func (e *Engine) chosenGuardian(ctx context.Context, s *scene, n int) error {
	w := s.conv.Awaits
	if w == nil || e.flows[w.Flow] == nil {
		return e.lost(ctx, s)
	}
	if n == 1 {
		return e.guardianAgrees(ctx, s, e.flows[w.Flow], *w)
	}
	s.noGuardian(e.flows[w.Flow])
	return nil
}

// agrees hears the word that was asked for; nothing vague is a consent.
func agrees(norm string) bool {
	return Mentions(norm, "同意", "agree") && !refuses(norm) && !Mentions(norm, "吗", "?", "？", "如果", "要是", "为什么", "什么是")
}

// refuses hears that nobody is there, or agrees.
func refuses(norm string) bool {
	return Mentions(norm, "不同意", "没同意", "没有同意", "未同意", "唔同意", "冇同意", "不肯", "不让", "不在", "没在", "唔喺", "唔在", "冇人", "没人", "没有人", "没有大人", "自己一个人", "一个人在家", "上班", "返工", "don't agree", "not agree", "disagree", "nobody", "alone", "not here", "at work")
}

// present hears that a grown-up is there, which is not yet a yes.
func present(norm string) bool {
	return Mentions(norm, "在旁边", "在这", "在呢", "喺度", "妈妈在", "爸爸在", "我是他", "我是她", "我是孩子", "我是小孩", "我系佢", "is here", "i am his", "i am her")
}

func (s *scene) askAgain() {
	s.conv.Misses = 0
	s.choices = s.conv.Asked.Choices
}

// guardianAgrees records whose yes it was and goes on with the errand.
func (e *Engine) guardianAgrees(ctx context.Context, s *scene, flow *Flow, w Waiting) error {
	var asked []string
	for _, r := range s.conv.Last {
		asked = append(asked, r.Text)
	}
	s.guardian = &SeparateConsent{
		ID: fmt.Sprintf("%s-%d", s.citizen.ID, s.receipt), Citizen: s.citizen.ID, About: OfChild, Errand: flow.Intent, Name: flow.Name,
		By: whoAgrees(s.u.Norm), Asked: strings.Join(asked, "\n"), Channel: s.in.From.Channel, At: s.now,
	}
	s.conv.Awaits, s.conv.Asked, s.unguarded = nil, Asked{}, false
	s.trace.Intent, s.trace.Decision = e.served(flow.Intent), Accept
	s.sayText("谢谢，记下了：家长同意办“%s”。想撤回，到“我的数据”里点一下就行。", "Thank you, noted: a parent agrees to %s. It can be taken back under \"My data\".", flow.name(s.conv.Language))
	s.u = Understanding{Language: s.u.Language} // the yes is nothing the errand is about
	return e.start(ctx, s, w)
}

// whoAgrees is what the grown-up called themselves.
func whoAgrees(norm string) string {
	for _, who := range []string{"妈妈", "爸爸", "爷爷", "奶奶", "外公", "外婆"} {
		if Mentions(norm, who, string([]rune(who)[:1])+"咪") {
			return who
		}
	}
	return "监护人"
}

// noGuardian lets the errand go and says what can be done without.
func (s *scene) noGuardian(flow *Flow) {
	s.conv.Awaits, s.conv.Asked, s.conv.Misses = nil, Asked{}, 0
	l := s.conv.Language
	s.sayText("没关系，“%s”先不办，也没有登记你的名字和电话。等大人在的时候再来；遇到难处可以打 12355 青少年热线，或者回“人工”找人帮你。事情怎么办，现在就可以问我。",
		"That is all right: %s is not begun and nothing of yours is registered. Come back with a parent, call 12355 (the youth line), or say \"person\". You can ask me how things are done.", flow.name(l))
	s.ask(Asked{Kind: AskedOffer, Choices: []Choice{{Text: l.Say("人工", "Person"), Flow: TalkToOperator}}})
}

// DropConsent forgets the errands under way that stand on a consent.
func (c *Conversation) DropConsent(id string) {
	top := len(c.Frames) > 0 && c.Frames[len(c.Frames)-1].Consent == id
	c.Frames = slices.DeleteFunc(c.Frames, func(f Frame) bool { return f.Consent == id })
	if top {
		c.Asked = Asked{}
	}
}
