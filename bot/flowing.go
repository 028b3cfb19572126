package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth bounds the stack of interrupted errands.
const maxDepth = 3

// start begins a flow, interrupting the one under way, and fills what was told.
func (e *Engine) start(ctx context.Context, s *scene, w Waiting) error {
	if e.paused(s, w.Flow) {
		return nil
	}
	flow := e.flows[w.Flow]
	if flow == nil {
		_, err := e.reply(ctx, s, Command{Do: DoAnswer, Flow: w.Flow, Text: w.Text})
		return err
	}
	if f := s.frame(); f != nil && f.Flow == w.Flow {
		return e.proceed(ctx, s, nil)
	}
	pressing := s.needsGuardian(flow) && flow.presses(w.Text)
	if s.needsGuardian(flow) && !pressing {
		e.askGuardian(s, flow, s.harmless(w))
		return nil
	}
	s.bury(w.Flow)
	s.conv.Misses, s.conv.Asked = 0, Asked{}
	frame := Frame{
		Flow: w.Flow, Key: fmt.Sprintf("%s-%d", s.citizen.ID, s.receipt),
		Slots: s.opened(w), Started: s.now,
	}
	if s.guardian != nil && s.guardian.Errand == w.Flow {
		frame.Consent = s.guardian.ID
	}
	s.conv.Awaits = nil
	if pressing {
		frame.Consent, s.unguarded = unasked, false
	}
	if w.Text != "" {
		frame.Words = []string{w.Text}
	}
	s.conv.Frames = append(s.conv.Frames, frame)
	if w.Text != s.u.Text && w.Text != "" {
		s.u = e.understand.Understand(Utterance{Text: w.Text, Now: s.now})
	}
	s.queueServices(flow)
	commands := append(append(s.fills(), s.wishes()...), s.topicSlots(flow)...)
	commands = slices.DeleteFunc(commands, func(c Command) bool { return w.Slots[c.Slot].Value != "" }) // chosen already
	if _, err := e.accept(ctx, s, commands); err != nil || s.frame() == nil {
		return err
	}
	asking := s.asking() // a value was refused; what is known is filled in all the same
	if flow.Begin != nil {
		problem, err := flow.Begin(ctx, s.form())
		if err != nil {
			return fmt.Errorf("begin %s: %w", flow.Intent, err)
		}
		if problem != nil && !asking {
			return e.refused(ctx, s, problem)
		}
	}
	if asking {
		return nil
	}
	return e.proceed(ctx, s, nil)
}

// topicLife is how long "book it for me" means what was just talked about.
const topicLife = 30 * time.Minute

// topicSlots fills in the service that was just asked about, where the words
// that start an errand name none and say little else.
func (s *scene) topicSlots(flow *Flow) []Command {
	t := s.conv.Topic
	little := 16
	if s.conv.Language == English {
		little *= 4 // letters, where the others are characters
	}
	if t.Guide == "" || s.now.Sub(t.At) > topicLife || hasEntity(&s.u, Service) || utf8.RuneCountInString(s.u.Text) > little {
		return nil
	}
	if flow.Intent == BookAppointment && s.booked() && !Mentions(s.u.Norm, "再", "还", "還", "也", "另", "仲", "多", "another", "again", "also", "too", "more") {
		return nil // that one is booked; another of the same is asked for as such
	}
	for i := range flow.Slots {
		if slot := &flow.Slots[i]; slices.Contains(slot.Types, Service) && !s.form().Has(slot.Name) {
			return []Command{{Do: DoSet, Slot: slot.Name, Entity: Entity{Type: Service, Value: t.Guide}}}
		}
	}
	return nil
}

// served is the intent an errand serves, as traces name it.
func (e *Engine) served(flow Intent) Intent {
	if f := e.flows[flow]; f != nil && f.Within != "" {
		return f.Within
	}
	return flow
}

// asking says whether the turn has come to a question.
func (s *scene) asking() bool { return s.conv.Asked.Kind != AskedNothing }

// fill sets, corrects and clears slots, answers a question asked in the same
// breath, and goes on.
func (e *Engine) fill(ctx context.Context, s *scene, commands []Command) error {
	frame := s.frame()
	s.untaken = &untaken{misses: s.conv.Misses, slots: maps.Clone(frame.Slots), passed: len(frame.Passed)}
	s.conv.Misses = 0
	if s.u.Text != "" {
		frame.Words = append(frame.Words, s.u.Text)
	}
	s.conv.Asked = Asked{}
	taken, err := e.accept(ctx, s, commands)
	if err != nil {
		return err
	}
	if taken {
		s.untaken = nil
	}
	refused := s.asking() || s.frame() == nil
	for _, c := range commands {
		if c.Do == DoAnswer && !refused {
			if _, err := e.reply(ctx, s, c); err != nil {
				return err
			}
			return nil
		}
	}
	if refused {
		s.note()
		return nil
	}
	return e.proceed(ctx, s, nil)
}

// proceed checks the form and asks for what is missing, or sums up, or does
// the deed where no yes is needed.
func (e *Engine) proceed(ctx context.Context, s *scene, lead *Reply) error {
	flow := s.flow()
	if flow == nil {
		s.pop()
		return nil
	}
	if e.paused(s, flow.Intent) {
		return nil
	}
	if lead != nil {
		s.say(*lead)
	}
	if flow.Check != nil {
		problem, err := flow.Check(ctx, s.form())
		if err != nil {
			return fmt.Errorf("check %s: %w", flow.Intent, err)
		}
		if problem != nil && lead == nil {
			return e.refused(ctx, s, problem)
		}
		if problem != nil {
			s.form().Clear(problem.Clear...)
		}
	}
	s.note()
	if slot := s.missing(); slot != nil {
		return e.askFor(ctx, s, slot)
	}
	if flow.Confirm == nil {
		return e.finish(ctx, s, flow)
	}
	return e.summarise(ctx, s, flow)
}

// missing is the next slot to ask for, nil when the form is complete.
func (s *scene) missing() *Slot {
	flow, frame, form := s.flow(), s.frame(), s.form()
	for i := range flow.Slots {
		slot := &flow.Slots[i]
		if slot.Ask == nil || form.Has(slot.Name) || slot.Needed != nil && !slot.Needed(form) {
			continue
		}
		if frame.Passed[slot.Name] {
			continue
		}
		return slot
	}
	return nil
}

// untaken is where an errand stood before words that answered a question and
// came to nothing: 唔使啦 is nobody's name.
type untaken struct {
	misses, passed int
	slots          map[string]Value
}

// nothingTaken says whether the question just put is to be put again as if
// nothing had been said.
func (s *scene) nothingTaken(slot *Slot) bool {
	w, f := s.untaken, s.frame()
	return w != nil && s.before.Slot == slot.Name && s.noted == "" && len(s.replies) == 0 &&
		len(f.Passed) == w.passed && maps.Equal(f.Slots, w.slots)
}

// mostBeside is how often something else may be told instead of an optional
// answer before the question is let go: who tells in drops does not hear it.
const mostBeside = 3

// toldBeside counts that, and says whether it was often enough.
func (s *scene) toldBeside(slot *Slot) bool {
	f := s.frame()
	if !slot.Optional {
		return false
	}
	if f.Beside == nil {
		f.Beside = map[string]int{}
	}
	f.Beside[slot.Name]++
	return f.Beside[slot.Name] >= mostBeside
}

func (e *Engine) askFor(ctx context.Context, s *scene, slot *Slot) error {
	if s.nothingTaken(slot) {
		s.conv.Misses, s.untaken = s.untaken.misses, nil
		return e.lost(ctx, s)
	}
	prompt, kept := s.frame().Among[slot.Name]
	if !kept {
		var err error
		prompt, err = slot.Ask(ctx, s.form())
		var problem *Problem
		if errors.As(err, &problem) {
			return e.refused(ctx, s, problem)
		}
		if err != nil {
			return fmt.Errorf("ask %s: %w", slot.Name, err)
		}
	}
	if s.form().Has(slot.Name) { // asking found the only possible answer
		return e.proceed(ctx, s, nil)
	}
	if s.noted != "" && s.before.Slot == slot.Name && len(s.replies) == 0 {
		if s.toldBeside(slot) {
			s.pass(slot.Name)
			return e.proceed(ctx, s, nil)
		}
		prompt.Text = s.acknowledged(prompt.Text) + prompt.Text
	}
	if opening := s.opening(); opening != "" {
		prompt.Text = opening + prompt.Text
		if prompt.Spoken != "" {
			prompt.Spoken = opening + prompt.Spoken
		}
	}
	s.say(Reply{Text: prompt.Text, Spoken: prompt.Spoken})
	s.ask(Asked{Kind: AskedSlot, Slot: slot.Name, Choices: prompt.Choices, Which: prompt.Which, Doubts: prompt.Doubts})
	return nil
}

// notedNext is what was noted where another errand was told to wait.
const notedNext = "next"

// acknowledged says, before a question, that something else than what was asked
// for was heard; what took the place of something is named once.
func (s *scene) acknowledged(question string) string {
	if s.noted == "confidential" {
		return s.conv.Language.Say("会替您保密，不向对方透露您。", "It stays confidential; the other side is not told. ")
	}
	if s.noted == notedNext {
		return s.conv.Language.Say("好，先把这件办完，再办那一件。", "Yes, that comes next; first this one. ")
	}
	if v, has := s.form().Value(s.noted); has && s.changed && !strings.Contains(question, v.Show()) {
		return s.conv.Language.Say("好，改成“%s”。", "Changed to \"%s\". ", v.Show())
	}
	return s.conv.Language.Say("记下了。", "Noted. ")
}

// opening is what is said once to a story before the first question to it.
func (s *scene) opening() string {
	flow, frame := s.flow(), s.frame()
	if flow.Opening == nil || frame.Opened {
		return ""
	}
	words := flow.Opening(s.form())
	frame.Opened = words != ""
	return words
}
