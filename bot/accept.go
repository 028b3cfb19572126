package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// accept puts told values into the frame, each by its slot's own rule, and says
// whether anything came of them. A refused value leaves its slot unset and asks
// again; the rest still counts.
func (e *Engine) accept(ctx context.Context, s *scene, commands []Command) (taken bool, err error) {
	var refusal *Problem
	var refusedSlot *Slot
	for _, c := range commands {
		slot := s.flow().slot(c.Slot)
		if slot == nil {
			continue
		}
		switch c.Do {
		case DoClear:
			s.form().Clear(slot.Name)
			taken = true
			continue
		case DoAvoid:
			s.avoid(slot, c.Entity)
			taken = true
			continue
		case DoSet, DoCorrect:
		default:
			continue
		}
		value, problem, err := s.validate(ctx, slot, c.Entity)
		if err != nil {
			return taken, fmt.Errorf("accept %s: %w", slot.Name, err)
		}
		if problem != nil {
			if refusal == nil {
				refusal, refusedSlot = problem, slot
			}
			if !problem.Stay {
				s.form().Clear(slot.Name)
			}
			s.miss(slot.Name)
			continue
		}
		if value.Value == "" {
			continue
		}
		if s.before.Kind == AskedSlot && slot.Name != s.before.Slot && slot.Label != "" {
			s.noted, s.changed = slot.Name, c.Do == DoCorrect && !slices.Contains(slot.Types, PostalAddress) // a place is told in parts
		}
		delete(s.frame().Passed, slot.Name)
		delete(s.frame().Among, slot.Name)
		s.form().Set(slot.Name, value)
		taken = true
	}
	if refusal == nil {
		return taken, nil
	}
	return true, e.refuseSlot(ctx, s, refusedSlot, refusal)
}

func (s *scene) validate(ctx context.Context, slot *Slot, entity Entity) (Value, *Problem, error) {
	if slot.Accept == nil {
		return Value{Value: entity.Value, End: entity.EndValue, Said: entity.Text}, nil, nil
	}
	value, problem, err := slot.Accept(ctx, s.form(), entity)
	if err != nil || problem == nil || !problem.Which {
		return value, problem, err
	}
	problem.Choices = s.offered(slot.Name, problem.Choices)
	if len(problem.Choices) == 1 {
		return problem.Choices[0].Value, nil, nil
	}
	return value, problem, nil
}

// offered keeps, of the choices a vague answer leads to, those that were just
// offered for the slot: 补办 said to "which of these?" means one of these.
func (s *scene) offered(slot string, choices []Choice) []Choice {
	var both []Choice
	for _, c := range choices {
		if slices.ContainsFunc(s.frame().Among[slot].Choices, func(o Choice) bool { return o.Value.Value == c.Value.Value }) {
			both = append(both, c)
		}
	}
	if len(both) == 0 {
		return choices
	}
	return both
}

func (s *scene) miss(slot string) {
	f := s.frame()
	if f.Tries == nil {
		f.Tries = map[string]int{}
	}
	f.Tries[slot]++
}

// avoid keeps what the citizen does not want and forgets a value within it.
func (s *scene) avoid(slot *Slot, entity Entity) {
	f := s.frame()
	if f.Avoid == nil {
		f.Avoid = map[string][]Value{}
	}
	v := Value{Value: entity.Value, End: entity.EndValue, Said: entity.Text}
	f.Avoid[slot.Name] = append(f.Avoid[slot.Name], v)
	for i := range s.flow().Slots {
		other := &s.flow().Slots[i]
		cur, ok := f.Slots[other.Name]
		same := other.Name == slot.Name || takesOne(other, Date) && takesOne(slot, DateRange) || takesOne(other, Time) && takesOne(slot, TimeRange)
		if ok && same && (cur.Value == v.Value || v.End != "" && cur.Value >= v.Value && cur.Value < v.End) {
			delete(f.Slots, other.Name)
		}
	}
}

// refuseSlot says why a value was refused and asks for the slot again, or for
// one of the values offered instead.
func (e *Engine) refuseSlot(ctx context.Context, s *scene, slot *Slot, p *Problem) error {
	if p.End {
		return e.refused(ctx, s, p)
	}
	s.form().Clear(p.Clear...)
	if p.Keep {
		s.among(slot.Name, Prompt{Text: p.Text, Choices: p.Choices, Which: p.Which})
	}
	s.note()
	if p.Stay && s.form().Has(slot.Name) || slot.Ask == nil && len(p.Choices) == 0 && !strings.ContainsAny(p.Text, "？?") {
		return e.proceed(ctx, s, &Reply{Text: p.Text})
	}
	if s.frame().Tries[slot.Name] >= 4 {
		if len(p.Choices) == 0 {
			return e.offerPersonFor(s, p.Text)
		}
		p.Choices = append(slices.Clip(p.Choices), Choice{Text: s.conv.Language.Say("转人工", "A person"), Flow: TalkToOperator})
	}
	s.say(Reply{Text: p.Text})
	asked := Asked{Kind: AskedSlot, Slot: slot.Name, Choices: p.Choices, Which: p.Which}
	if len(p.Choices) == 0 && !strings.ContainsAny(p.Text, "？?") && slot.Ask != nil {
		prompt, err := slot.Ask(ctx, s.form())
		if err != nil {
			return fmt.Errorf("ask %s: %w", slot.Name, err)
		}
		s.say(Reply{Text: prompt.Text, Spoken: prompt.Spoken})
		asked.Choices = prompt.Choices
	}
	s.ask(asked)
	return nil
}

// among keeps the choices a slot is to be taken from.
func (s *scene) among(slot string, p Prompt) {
	f := s.frame()
	if f.Among == nil {
		f.Among = map[string]Prompt{}
	}
	f.Among[slot] = p
}

// refused puts a problem of the whole form, or of its commit, to the citizen.
func (e *Engine) refused(ctx context.Context, s *scene, p *Problem) error {
	if s.frame() == nil {
		s.say(Reply{Text: p.Text})
		return nil
	}
	s.form().Clear(p.Clear...)
	s.frame().Told = ""
	s.note()
	if p.End {
		s.say(Reply{Text: p.Text})
		s.pop()
		if len(p.Choices) > 0 && len(s.conv.Frames)+len(s.conv.Waiting) == 0 {
			s.ask(Asked{Kind: AskedOffer, Choices: p.Choices})
			return nil
		}
		s.leftovers()
		return nil
	}
	lead := Reply{Text: p.Text}
	if len(p.Choices) > 0 {
		s.say(lead)
		slot := p.Choices[0].Slot
		if slot == "" && len(p.Clear) > 0 {
			slot = p.Clear[0]
		}
		s.ask(Asked{Kind: AskedSlot, Slot: slot, Choices: p.Choices})
		return nil
	}
	return e.proceed(ctx, s, &lead)
}
