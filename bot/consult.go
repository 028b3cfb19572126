package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// How long a proposer may take, and a turn with all it asks of models. WeChat
// wants its answer within five seconds; on the phone silence is long.
const (
	consultText  = 2500 * time.Millisecond
	consultVoice = 1200 * time.Millisecond
	turnPatience = 4200 * time.Millisecond
)

// longestConsult is how much of an utterance is worth asking about, in characters.
const longestConsult = 300

// ErrResting is a proposer's word that it failed too often of late to be asked.
var ErrResting = errors.New("the model is not asked for a while")

// consult asks the proposer about words the local reading is unsure of, and
// returns the commands to carry out: its proposals where any holds, else the
// local ones, which are at hand however it ends.
func (e *Engine) consult(ctx context.Context, s *scene, local []Command) []Command {
	if e.propose == nil || !s.unsure(local) {
		return local
	}
	patience := consultText
	if s.in.From.Channel == Hotline {
		patience = consultVoice
	}
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m := mask(s.u.Text, slices.Concat(s.u.Entities, s.u.Negated))
	proposals, err := e.propose.Propose(asking, s.consultation(m.text))
	if err != nil {
		s.consulted(outcomeOf(asking, err))
		e.log.Warn("model not used", "citizen", s.citizen.ID, "turn", s.receipt, "outcome", s.trace.Model, "error", err)
		return local
	}
	commands := s.lower(proposals, m)
	if len(commands) == 0 {
		s.trace.Model = ModelNothing
		return local
	}
	s.trace.Model = ModelUsed
	return commands
}

// outcomeOf names how asking failed.
func outcomeOf(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, ErrResting):
		return ModelResting
	case ctx.Err() != nil:
		return ModelLate
	}
	return ModelFailed
}

// consulted notes what came of asking a model.
func (s *scene) consulted(outcome string) {
	if outcome == "" {
		return
	}
	s.trace.Model = outcome
	s.trace.Degraded = s.trace.Degraded || outcome == ModelLate || outcome == ModelFailed || outcome == ModelResting
}

// unsure says whether the local reading leaves a doubt that another may
// settle. Where a name, a number or an address is awaited the words may be
// one that was not made out, and nobody outside hears them.
func (s *scene) unsure(local []Command) bool {
	u := &s.u
	n := utf8.RuneCountInString(strings.TrimSpace(u.Text))
	if len(local) == 0 || u.Injection || u.Abusive || u.Digits != "" || s.blank() || n < 2 || n > longestConsult || s.in.Event == EventChoice || s.alarmed() {
		return false
	}
	if s.flow() != nil {
		if asked := s.askedSlot(); asked != nil && takesOne(asked, PersonName, Phone, IDNumber, Permit, Passport, PostalAddress) {
			return false
		}
	}
	switch local[0].Do {
	case DoLost, DoClarify:
		return true
	case DoAnswer:
		return u.Decision != Accept && slices.ContainsFunc(local, func(c Command) bool { return c.Do == DoLost || c.Do == DoClarify })
	case DoDeny:
		return !short(u.Text)
	}
	return false
}

// consultation is what the proposer is told.
func (s *scene) consultation(masked string) Consultation {
	c := Consultation{Text: masked, Language: s.conv.Language, Flow: s.flowIntent(), Asked: s.conv.Asked.Slot}
	switch s.conv.Asked.Kind {
	case AskedConfirm:
		c.Asked = "confirm"
	case AskedClarify, AskedOffer, AskedResume, AskedNext, AskedHandoff:
		c.Asked = "choice"
	}
	seen := map[string]bool{}
	for _, i := range Intents() {
		f, isFlow := s.engine.flows[i]
		if _, isAnswer := s.engine.answers[i]; isFlow || isAnswer {
			c.Flows = append(c.Flows, Named{string(i), i.Title()})
		}
		if f == nil {
			continue
		}
		for j := range f.Slots {
			if slot := &f.Slots[j]; settable(slot) && !seen[slot.Name] {
				seen[slot.Name] = true
				c.Slots = append(c.Slots, Named{slot.Name, slot.Label})
			}
		}
	}
	if frame := s.frame(); frame != nil {
		for name := range frame.Slots {
			c.Filled = append(c.Filled, name)
		}
		slices.Sort(c.Filled)
	}
	return c
}

// settable slots have a name and take what can be read again locally.
func settable(slot *Slot) bool { return len(slot.Types) > 0 && slot.Label != "" }

// lower turns proposals into commands, each held against the citizen's words
// and the live flows; what does not hold is dropped.
func (s *scene) lower(proposals []Proposed, m masking) []Command {
	proposals = proposals[:min(len(proposals), maxProposed)]
	for i := range proposals {
		proposals[i].Span, _ = quoted(s.u.Text, m.restore(proposals[i].Span))
	}
	if c := s.lowerStart(proposals); c != nil {
		return c
	}
	var commands []Command
	if s.flow() != nil {
		commands = s.lowerSlots(proposals)
	}
	for _, p := range proposals {
		if c, ok := s.lowerAnswer(p, len(commands) > 0); ok {
			return append(commands, c...)
		}
	}
	if len(commands) > 0 {
		return commands
	}
	for _, p := range proposals {
		if c := s.lowerOther(p); c != nil {
			return c
		}
	}
	return nil
}

// lowerStart begins the first errand proposed and lets the others wait.
func (s *scene) lowerStart(proposals []Proposed) []Command {
	var commands []Command
	seen := []Intent{s.flowIntent()}
	for _, p := range proposals {
		if p.Do != DoStart || s.engine.flows[p.Flow] == nil || slices.Contains(seen, p.Flow) || s.flow() != nil && s.sameMatter(s.flowIntent(), p.Flow) {
			continue
		}
		seen = append(seen, p.Flow)
		if len(commands) > 0 {
			commands = append(commands, Command{Do: DoQueue, Flow: p.Flow, Text: p.Span})
			continue
		}
		commands = append(commands, Command{Do: DoStart, Flow: p.Flow})
		s.u.Intent, s.u.Decision = p.Flow, Accept
		s.trace.Intent, s.trace.Decision = p.Flow, Accept
		s.hearSpans(s.engine.flows[p.Flow], proposals)
	}
	return commands
}

// hearSpans adds to what was heard the particulars that the named words hold
// when they are read as the slot asks.
func (s *scene) hearSpans(flow *Flow, proposals []Proposed) {
	for _, p := range proposals {
		slot := flow.slot(p.Slot)
		if p.Do != DoSet && p.Do != DoCorrect || slot == nil || p.Span == "" {
			continue
		}
		e, ok := s.reread(flow, slot, p.Span)
		if ok && e.Type != "" && !slices.ContainsFunc(s.u.Entities, func(o Entity) bool { return o.Start < e.End && e.Start < o.End }) {
			s.u.Entities = append(s.u.Entities, e)
		}
	}
	slices.SortStableFunc(s.u.Entities, func(a, b Entity) int { return a.Start - b.Start })
}

// reread understands a span by itself as an answer to a slot. The value is
// always the local reading's.
func (s *scene) reread(flow *Flow, slot *Slot, span string) (Entity, bool) {
	words, start := quoted(s.u.Text, span)
	if words == "" {
		return Entity{}, false
	}
	u := s.engine.understand.Understand(Utterance{Text: words, Now: s.now, Asked: slot.Types[0], Open: slot.Types})
	if u.Decision == Danger {
		return Entity{}, false
	}
	for _, e := range split(flow, u.Entities) {
		if slices.Contains(slot.Types, e.Type) {
			e.Start, e.End = e.Start+start, e.End+start
			return e, true
		}
	}
	return Entity{Text: words, Value: words}, slot.Free
}

// lowerSlots fills and corrects slots of the errand under way.
func (s *scene) lowerSlots(proposals []Proposed) []Command {
	flow, frame := s.flow(), s.frame()
	var commands []Command
	done := map[string]bool{}
	for _, p := range proposals {
		slot := flow.slot(p.Slot)
		if p.Do != DoSet && p.Do != DoCorrect || slot == nil || !settable(slot) || p.Span == "" || done[p.Slot] {
			continue
		}
		e, ok := s.reread(flow, slot, p.Span)
		if !ok || s.refuses(e) {
			continue
		}
		old, filled := frame.Slots[slot.Name]
		if filled && (old.Value == e.Value && len(e.Ambiguity) == 0 || e.Type == "") {
			continue // told already, or words for something known
		}
		done[p.Slot] = true
		do := DoSet
		if filled {
			do = DoCorrect
		}
		commands = append(commands, Command{Do: do, Slot: slot.Name, Entity: e})
	}
	return inOrder(flow, commands)
}

// refuses says whether the citizen said that this is not wanted.
func (s *scene) refuses(e Entity) bool {
	return slices.ContainsFunc(s.u.Negated, func(n Entity) bool { return n.Start < e.End && e.Start < n.End })
}

// lowerAnswer asks the guides; beside told is whether slots were filled too.
func (s *scene) lowerAnswer(p Proposed, told bool) ([]Command, bool) {
	about := p.Flow
	if p.Do == DoStart && s.engine.answers[about] == nil || p.Do != DoStart && p.Do != DoAnswer {
		return nil, false
	}
	if s.engine.answers[about] == nil {
		about = AskProcedure
	}
	if s.engine.answers[about] == nil {
		return nil, false
	}
	text := s.u.Text
	if p.Span != "" && told {
		text = p.Span
	}
	c := []Command{{Do: DoAnswer, Flow: about, Text: text, Also: p.Text}}
	if !told {
		c = append(c, Command{Do: DoLost})
	}
	return c, true
}

// lowerOther is what needs no slot. What would end or hand over the errand is
// asked first.
func (s *scene) lowerOther(p Proposed) []Command {
	switch p.Do {
	case DoDrop:
		if s.flow() != nil {
			return []Command{{Do: DoDoubt}}
		}
	case DoHandoff:
		return []Command{{Do: DoOffer}}
	case DoRepeat:
		return []Command{{Do: DoRepeat}}
	case DoSkip:
		if slot := s.askedSlotOf(); slot != nil && slot.Optional {
			return []Command{{Do: DoSkip, Slot: slot.Name}}
		}
	case DoClarify:
		return s.lowerClarify(p)
	case DoChat:
		if s.flow() == nil { // understood, and none of our business
			s.u.Intent, s.u.Score = OutOfScope, 1
			return []Command{{Do: DoLost}}
		}
	}
	return nil
}

func (s *scene) askedSlotOf() *Slot {
	if s.flow() == nil {
		return nil
	}
	return s.askedSlot()
}

// lowerClarify asks which of two to four known errands is meant.
func (s *scene) lowerClarify(p Proposed) []Command {
	var ranked []Ranked
	for _, i := range p.Flows {
		_, isFlow := s.engine.flows[i]
		_, isAnswer := s.engine.answers[i]
		if (isFlow || isAnswer) && !slices.ContainsFunc(ranked, func(r Ranked) bool { return r.Intent == i }) {
			ranked = append(ranked, Ranked{Intent: i})
		}
	}
	if len(ranked) < 2 || len(ranked) > 4 {
		return nil
	}
	s.u.Intent, s.u.Decision, s.u.Alternatives = ranked[0].Intent, Clarify, ranked[1:]
	return []Command{{Do: DoClarify}}
}

// offerStop asks whether the errand under way is to be dropped.
func (e *Engine) offerStop(ctx context.Context, s *scene) error {
	if s.flow() == nil {
		return e.lost(ctx, s)
	}
	s.note()
	s.sayText("“%s”还接着办吗？说过的都还在。", "Shall we go on with %s? All you told is still there.", s.flow().name(s.conv.Language))
	s.ask(Asked{Kind: AskedResume, Choices: s.yesNo("接着办", "Go on", "不办了", "Drop it")})
	return nil
}
