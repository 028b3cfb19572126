package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// explain answers "why do you need that?" and asks again.
func (e *Engine) explain(ctx context.Context, s *scene) error {
	slot := s.askedSlot()
	why := s.conv.Language.Say("这是办这件事必须登记的一项，只用于本次办理。", "We need it for this errand only.")
	if slot.Why != "" {
		why = s.conv.Language.Say(slot.Why, slot.WhyEN)
	}
	if containsAny(s.u.Norm, []string{"身份证", "id card", "id number"}) && !takes(s.flow(), IDNumber) {
		why = s.conv.Language.Say("这里不用报身份证号。", "No id number is needed here. ") + why
	}
	s.say(Reply{Text: why})
	return e.askFor(ctx, s, slot)
}

// skip leaves an optional slot; a needed one is explained, and the second
// time a person is offered.
func (e *Engine) skip(ctx context.Context, s *scene) error {
	slot := s.askedSlot()
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

// next hears that none of the offered answers will do, or asks for more: it
// says what else there is, or goes a question back, or offers a person.
func (e *Engine) next(ctx context.Context, s *scene) error {
	slot := s.askedSlot()
	s.miss(slot.Name)
	narrowed := s.frame().Among[slot.Name].Text != ""
	delete(s.frame().Among, slot.Name)
	switch {
	case has(s.u.Acts, NoneOfThese) && takesOne(slot, Date, Time):
		s.sayText("那换一个看看。", "Let us try another way.")
		return e.back(ctx, s)
	case s.frame().Tries[slot.Name] >= 3:
		return e.offerPerson(s)
	case slot.More != "" && !narrowed:
		s.sayText(slot.More, slot.MoreEN)
	}
	return e.askFor(ctx, s, slot)
}

// shift offers what is later or earlier than the day or time chosen, or than
// the first half of those offered.
func (e *Engine) shift(ctx context.Context, s *scene, name string, by int) error {
	slot, form := s.flow().slot(name), s.form()
	old, chosen := form.Value(name)
	form.Clear(name)
	prompt, err := slot.Ask(ctx, form)
	var problem *Problem
	if errors.As(err, &problem) {
		return e.refused(ctx, s, problem)
	}
	if err != nil {
		return fmt.Errorf("ask %s: %w", name, err)
	}
	if !chosen && len(s.before.Choices) > 0 && s.before.Slot == name {
		prompt.Choices = s.before.Choices // what was offered may be fewer
	}
	fit := slices.DeleteFunc(slices.Clone(prompt.Choices), func(c Choice) bool {
		return chosen && (by > 0 && c.Value.Value <= old.Value || by < 0 && c.Value.Value >= old.Value)
	})
	if half := len(fit) / 2; !chosen && half > 0 {
		if by > 0 {
			fit = fit[len(fit)-half:]
		} else {
			fit = fit[:half]
		}
	}
	if len(fit) == 0 || !chosen && len(prompt.Choices) < 2 {
		if chosen {
			form.Set(name, old)
		}
		s.sayText("没有更合适的了，能约的就是这些。", "There is nothing else; these are all.")
		return e.resume(ctx, s)
	}
	s.conv.Misses = 0
	s.note()
	if len(fit) == 1 {
		s.sayText("就剩这一个了，可以吗？", "There is just this one. Will it do?")
	} else {
		s.sayText("这些可以，选哪个？", "These are possible. Which one?")
	}
	s.ask(Asked{Kind: AskedSlot, Slot: name, Choices: fit})
	return nil
}

// drop forgets the errand under way. Nothing was done, and it says so.
func (e *Engine) drop(ctx context.Context, s *scene) error {
	s.note()
	flow, l := s.flow(), s.conv.Language
	s.pop()
	s.conv.Misses = 0
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
	if s.conv.Asked.Kind == AskedConfirm && s.flow() != nil {
		return e.change(s)
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
	case s.conv.Misses == 1 && s.u.Intent == OutOfScope && s.u.Score >= 0.5 && !short(s.u.Text):
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

func (e *Engine) lostWithin(ctx context.Context, s *scene) error {
	if s.conv.Misses == 1 {
		s.sayText("这句我没太明白，我们接着刚才的。", "I did not quite get that. Let us go on.")
	} else {
		s.sayText("还是没对上。您可以从下面选，或者回复“人工”请人帮忙，回复“不办了”就停下。",
			"Still not right. Choose below, say \"person\" for help, or \"cancel\" to stop.")
	}
	return e.resume(ctx, s)
}

// resume asks the open question of the active errand again.
func (e *Engine) resume(ctx context.Context, s *scene) error {
	if s.conv.Asked.Kind == AskedClarify {
		s.conv.Asked = Asked{}
	}
	if slot := s.askedSlot(); slot != nil {
		return e.askFor(ctx, s, slot)
	}
	return e.proceed(ctx, s, nil)
}

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
	for _, r := range append([]Ranked{{Intent: s.u.Intent}}, s.u.Alternatives...) {
		if r.Intent == OutOfScope || r.Intent == Emergency || social(r.Intent) || slices.Contains(intents, r.Intent) {
			continue
		}
		intents = append(intents, r.Intent)
		if len(intents) == 3 {
			break
		}
	}
	if len(intents) < 2 {
		s.menu()
		return nil
	}
	s.sayText("您是想办哪一件？", "Which of these do you mean?")
	s.ask(Asked{Kind: AskedClarify, Choices: s.errands(intents...), Text: s.u.Text})
	return nil
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
	for _, en := range s.u.Entities {
		if en.Type == Service {
			s.conv.Topic = Topic{Guide: en.Value, At: s.now}
			break
		}
	}
	if containsAny(s.u.Norm, []string{"问", "咨询", "了解", "ask about", "know about"}) {
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

// choose carries out the n-th of the choices that were offered.
func (e *Engine) choose(ctx context.Context, s *scene, n int) error {
	asked := s.conv.Asked
	if n < 1 || n > len(asked.Choices) {
		return e.lost(ctx, s)
	}
	c := asked.Choices[n-1]
	s.conv.Misses = 0
	if c.Flow != "" {
		s.trace.Intent, s.trace.Decision = c.Flow, Accept
	}
	switch asked.Kind {
	case AskedConfirm:
		return e.chosenConfirm(ctx, s, n)
	case AskedResume:
		s.conv.Asked = Asked{}
		if n == 1 {
			return e.proceed(ctx, s, nil)
		}
		return e.drop(ctx, s)
	case AskedNext:
		return e.chosenNext(ctx, s, n)
	case AskedHandoff:
		s.conv.Asked = Asked{}
		if n == 1 {
			s.toPerson(ReasonAsked)
			return nil
		}
		return e.carryOn(ctx, s)
	case AskedRating:
		return e.rated(ctx, s, n)
	}
	return e.chosenChoice(ctx, s, asked, c)
}

func (e *Engine) chosenConfirm(ctx context.Context, s *scene, n int) error {
	switch {
	case n == 1:
		return e.confirm(ctx, s)
	case n == 2 && !s.flow().Undoes:
		return e.change(s)
	}
	return e.drop(ctx, s)
}

func (e *Engine) chosenNext(ctx context.Context, s *scene, n int) error {
	s.conv.Asked = Asked{}
	if len(s.conv.Waiting) == 0 {
		return e.carryOn(ctx, s)
	}
	w := s.conv.Waiting[0]
	s.conv.Waiting = s.conv.Waiting[1:]
	s.trace.Intent, s.trace.Decision = w.Flow, Accept
	if n == 1 {
		return e.start(ctx, s, w)
	}
	s.sayText("好的，需要时再告诉我。", "All right, just tell me when you need it.")
	return nil
}

// chosenChoice does what a choice stands for.
func (e *Engine) chosenChoice(ctx context.Context, s *scene, asked Asked, c Choice) error {
	switch {
	case c.Slot != "" && c.Flow == "" && s.flow() != nil:
		slot := s.flow().slot(c.Slot)
		if slot == nil {
			return e.lost(ctx, s)
		}
		if c.Value.Value == "" {
			s.form().Clear(c.Slot)
			delete(s.frame().Passed, c.Slot)
			return e.askFor(ctx, s, slot)
		}
		s.conv.Asked = Asked{}
		delete(s.frame().Among, c.Slot)
		s.form().Set(c.Slot, c.Value)
		s.frame().Words = append(s.frame().Words, c.Text)
		return e.proceed(ctx, s, nil)
	case c.Flow == TalkToOperator:
		s.toPerson(ReasonAsked)
		return nil
	case c.Flow != "":
		w := Waiting{Flow: c.Flow, Text: asked.Text}
		if c.Slot != "" {
			w.Slots = map[string]Value{c.Slot: c.Value}
		}
		s.conv.Asked = Asked{}
		if e.flows[c.Flow] == nil {
			_, err := e.reply(ctx, s, Command{Do: DoAnswer, Flow: c.Flow, Text: w.Text, Entity: Entity{Value: c.Value.Value}})
			return err
		}
		return e.start(ctx, s, w)
	case c.Say != "":
		s.conv.Asked = Asked{}
		s.in.Text = c.Say
		s.u = e.understand.Understand(s.utterance(c.Say))
		return e.apply(ctx, s, s.interpret())
	case asked.Kind == AskedSlot && s.flow() != nil:
		slot := s.flow().slot(asked.Slot)
		return e.apply(ctx, s, []Command{{Do: DoSet, Slot: slot.Name, Entity: Entity{Text: c.Text, Value: c.Text}}})
	}
	return e.carryOn(ctx, s)
}

// carryOn goes on with whatever is open.
func (e *Engine) carryOn(ctx context.Context, s *scene) error {
	if s.flow() != nil {
		return e.proceed(ctx, s, nil)
	}
	s.sayText("好的，还有什么可以帮您？", "All right. What else can I do for you?")
	return nil
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

// reply answers a question through its errand; inside a flow the open
// question is then asked again. It returns false where nothing is known and
// another command may do better.
func (e *Engine) reply(ctx context.Context, s *scene, c Command) (bool, error) {
	answer := e.answers[c.Flow]
	if answer == nil {
		return false, nil
	}
	q := &Query{Form: s.form(), Understanding: s.u, Topic: s.conv.Topic, During: s.flowIntent(), Chosen: c.Entity.Value}
	if c.Text != "" && c.Text != s.u.Text {
		q.Understanding = e.understand.Understand(Utterance{Text: c.Text, Now: s.now})
	}
	r, err := answer.Reply(ctx, q)
	if err != nil {
		return true, fmt.Errorf("answer %s: %w", c.Flow, err)
	}
	if r.Unknown && (s.u.Decision != Accept || s.flow() != nil) {
		return s.unknown(ctx, e)
	}
	s.conv.Misses = 0
	if r.Unknown {
		s.conv.Misses = 1
	}
	return true, e.respond(ctx, s, r)
}

// unknown is a question nobody could answer, or words that were none.
func (s *scene) unknown(ctx context.Context, e *Engine) (bool, error) {
	if s.flow() == nil {
		return false, nil
	}
	if changes(s.pendingChanges()) {
		return true, e.proceed(ctx, s, nil)
	}
	return true, e.lost(ctx, s)
}

func (s *scene) pendingChanges() []Command {
	var out []Command
	for _, name := range s.trace.Commands {
		if strings.HasPrefix(name, string(DoSet)) || strings.HasPrefix(name, string(DoCorrect)) {
			out = append(out, Command{Do: DoSet})
		}
	}
	return out
}

// respond says an answer and goes back to where the talk was.
func (e *Engine) respond(ctx context.Context, s *scene, r Response) error {
	s.say(r.Replies...)
	if r.Topic.Guide != "" || r.Topic.Text != "" {
		s.conv.Topic = r.Topic
		s.conv.Topic.At = s.now
	}
	if r.Start != nil {
		return e.start(ctx, s, *r.Start)
	}
	if s.flow() != nil {
		if r.Clarify && len(r.Choices) > 0 { // which is meant first, then on with the errand
			goOn := Choice{Text: s.conv.Language.Say("先不问了，接着办", "Never mind, go on")}
			s.ask(Asked{Kind: AskedClarify, Choices: append(slices.Clip(r.Choices), goOn)})
			return nil
		}
		return e.resume(ctx, s)
	}
	kind := AskedOffer
	if r.Clarify {
		kind = AskedClarify
	}
	s.ask(Asked{Kind: kind, Choices: r.Choices})
	if len(r.Choices) == 0 {
		s.conv.Asked = Asked{}
		s.leftovers()
	}
	return nil
}

func (s *scene) flowIntent() Intent {
	if f := s.frame(); f != nil {
		return f.Flow
	}
	return ""
}
