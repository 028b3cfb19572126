package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// next hears that none of the offered answers will do, or asks for more: it
// says what else there is, or goes a question back, or offers a person.
func (e *Engine) next(ctx context.Context, s *scene) error {
	slot := s.askedSlot()
	s.miss(slot.Name)
	narrowed := s.frame().Among[slot.Name].Text != ""
	delete(s.frame().Among, slot.Name)
	switch {
	case (has(s.u.Acts, NoneOfThese) || s.plainNo()) && takesOne(slot, Date, Time):
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

// otherChoices hears that the answers offered do not suit: later ones, any of
// them, others, none.
func (s *scene) otherChoices(asked *Slot) []Command {
	acts := s.u.Acts
	switch {
	case has(acts, Later) || has(acts, Earlier):
		if slot := s.shiftable(asked); slot != "" {
			by := 1
			if has(acts, Earlier) {
				by = -1
			}
			return []Command{{Do: DoShift, Slot: slot, N: by}}
		}
	case asked == nil:
	case has(acts, Any) && len(s.conv.Asked.Choices) > 0 && s.conv.Asked.Choices[0].Slot == asked.Name &&
		(takesOne(asked, Date, Time, Hall) || has(acts, Any) && len(s.conv.Asked.Choices) == 1):
		return []Command{{Do: DoChoose, N: 1}}
	case has(acts, NoneOfThese) || has(acts, More) || s.plainNo() && len(s.conv.Asked.Choices) > 1 && takesOne(asked, Date, Time):
		return []Command{{Do: DoMore, Slot: asked.Name}}
	}
	return nil
}

func takesOne(slot *Slot, types ...EntityType) bool {
	return slices.ContainsFunc(types, func(t EntityType) bool { return slices.Contains(slot.Types, t) })
}

// shiftable is the slot of a day or a time that "a bit later" is about.
func (s *scene) shiftable(asked *Slot) string {
	days := strings.ContainsAny(s.u.Text, "天日号號") || strings.Contains(s.u.Text, "day")
	var found string
	for i := range s.flow().Slots {
		slot := &s.flow().Slots[i]
		if slot.Ask == nil || !takesOne(slot, Date, Time) {
			continue
		}
		if slot == asked && (takesOne(slot, Date) || !days) {
			return slot.Name
		}
		if s.form().Has(slot.Name) && days == takesOne(slot, Date) {
			found = slot.Name
		}
	}
	return found
}
