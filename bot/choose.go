package bot

import (
	"context"
	"maps"
)

// choose carries out the n-th of the choices that were offered.
func (e *Engine) choose(ctx context.Context, s *scene, n int) error {
	asked := s.conv.Asked
	if n < 1 || n > len(asked.Choices) {
		return e.lost(ctx, s)
	}
	c := asked.Choices[n-1]
	s.conv.Misses = 0
	if c.Flow != "" {
		if asked.Kind == AskedClarify && asked.Text != "" && c.Value.Value == "" {
			s.correct(asked.Text, e.served(c.Flow))
		}
		s.trace.Intent, s.trace.Decision = e.served(c.Flow), Accept
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
			s.toPerson(ReasonAgreed)
			return nil
		}
		return e.carryOn(ctx, s)
	case AskedGuardian:
		return e.chosenGuardian(ctx, s, n)
	case AskedRating:
		return e.rated(ctx, s, n)
	}
	return e.chosenChoice(ctx, s, asked, c)
}

func (e *Engine) chosenConfirm(ctx context.Context, s *scene, n int) error {
	if s.conv.Asked.Apart {
		switch n {
		case 1:
			s.agreed = true
			return e.confirm(ctx, s)
		case 2:
			return e.leaveOut(ctx, s)
		}
		n-- // behind the two answers stand the others
	}
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
	s.trace.Intent, s.trace.Decision = e.served(w.Flow), Accept
	if n == 1 {
		return e.start(ctx, s, w)
	}
	s.sayText("好的，需要时再告诉我。", "All right, just tell me when you need it.")
	s.leftovers()
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
			maps.Copy(w.Slots, c.Also)
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
