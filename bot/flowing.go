package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth bounds the stack of interrupted errands.
const maxDepth = 3

// start begins a flow, interrupting the one under way, and fills what was told.
func (e *Engine) start(ctx context.Context, s *scene, w Waiting) error {
	flow := e.flows[w.Flow]
	if flow == nil {
		_, err := e.reply(ctx, s, Command{Do: DoAnswer, Flow: w.Flow, Text: w.Text})
		return err
	}
	if f := s.frame(); f != nil && f.Flow == w.Flow {
		return e.proceed(ctx, s, nil)
	}
	s.bury(w.Flow)
	s.conv.Misses, s.conv.Asked = 0, Asked{}
	frame := Frame{
		Flow: w.Flow, Key: fmt.Sprintf("%s-%d", s.citizen.ID, s.receipt),
		Slots: map[string]Value{}, Started: s.now,
	}
	if w.Text != "" {
		frame.Words = []string{w.Text}
	}
	for name, v := range w.Slots {
		frame.Slots[name] = v
	}
	s.conv.Frames = append(s.conv.Frames, frame)
	if w.Text != s.u.Text && w.Text != "" {
		s.u = e.understand.Understand(Utterance{Text: w.Text, Now: s.now})
	}
	s.queueServices(flow)
	commands := append(s.fills(), s.topicSlots(flow)...)
	if err := e.accept(ctx, s, commands); err != nil || s.asking() {
		return err
	}
	if flow.Begin != nil {
		problem, err := flow.Begin(ctx, s.form())
		if err != nil {
			return fmt.Errorf("begin %s: %w", flow.Intent, err)
		}
		if problem != nil {
			return e.refused(ctx, s, problem)
		}
	}
	return e.proceed(ctx, s, nil)
}

// queueServices lets further services named in one message wait their turn.
func (s *scene) queueServices(flow *Flow) {
	if !takes(flow, Service) || s.u.Question {
		return
	}
	first := true
	for _, en := range revised(s.u.Text, s.u.Entities) {
		if en.Type == Service && !first && len(s.conv.Waiting) < maxDepth {
			s.conv.Waiting = append(s.conv.Waiting, s.wait(flow, en))
		}
		first = first && en.Type != Service
	}
}

// wait is what a further service waits for: a question about it where the
// clause it stands in asks, else the same errand.
func (s *scene) wait(flow *Flow, en Entity) Waiting {
	for clause := range strings.FieldsFuncSeq(s.u.Text, func(r rune) bool { return strings.ContainsRune("，,。；;!！？?", r) }) {
		if strings.Contains(clause, en.Text) && containsAny(clause, []string{"问", "問", "咨询", "了解", "怎么", "多少", "什么", "点样", "how", "what"}) {
			return Waiting{Flow: AskProcedure, Text: clause}
		}
	}
	return Waiting{Flow: flow.Intent, Text: s.conv.Language.Say("预约", "book ") + en.Text}
}

// topicLife is how long "book it for me" means what was just talked about.
const topicLife = 30 * time.Minute

// topicSlots fills in the service that was just asked about, where the words
// that start an errand name none and say little else.
func (s *scene) topicSlots(flow *Flow) []Command {
	t := s.conv.Topic
	if t.Guide == "" || s.now.Sub(t.At) > topicLife || hasEntity(&s.u, Service) || utf8.RuneCountInString(s.u.Text) > 16 {
		return nil
	}
	for i := range flow.Slots {
		if slot := &flow.Slots[i]; slices.Contains(slot.Types, Service) && !s.form().Has(slot.Name) {
			return []Command{{Do: DoSet, Slot: slot.Name, Entity: Entity{Type: Service, Value: t.Guide}}}
		}
	}
	return nil
}

// bury drops an older frame of the same flow and keeps the stack shallow.
func (s *scene) bury(flow Intent) {
	s.conv.Frames = slices.DeleteFunc(s.conv.Frames, func(f Frame) bool { return f.Flow == flow })
	if len(s.conv.Frames) >= maxDepth {
		s.conv.Frames = s.conv.Frames[1:]
	}
}

// asking says whether the turn has come to a question.
func (s *scene) asking() bool { return s.conv.Asked.Kind != AskedNothing }

// fill sets, corrects and clears slots, answers a question asked in the same
// breath, and goes on.
func (e *Engine) fill(ctx context.Context, s *scene, commands []Command) error {
	s.conv.Misses = 0
	frame := s.frame()
	if s.u.Text != "" {
		frame.Words = append(frame.Words, s.u.Text)
	}
	s.conv.Asked = Asked{}
	if err := e.accept(ctx, s, commands); err != nil {
		return err
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

// accept puts told values into the frame, each by its slot's own rule. A
// refused value leaves its slot unset and asks again; the rest still counts.
func (e *Engine) accept(ctx context.Context, s *scene, commands []Command) error {
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
			continue
		case DoAvoid:
			s.avoid(slot, c.Entity)
			continue
		case DoSet, DoCorrect:
		default:
			continue
		}
		value, problem, err := s.validate(ctx, slot, c.Entity)
		if err != nil {
			return fmt.Errorf("accept %s: %w", slot.Name, err)
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
		s.noted = s.noted || s.before.Kind == AskedSlot && slot.Name != s.before.Slot && slot.Label != ""
		delete(s.frame().Passed, slot.Name)
		delete(s.frame().Among, slot.Name)
		s.form().Set(slot.Name, value)
	}
	if refusal == nil {
		return nil
	}
	return e.refuseSlot(ctx, s, refusedSlot, refusal)
}

func (s *scene) validate(ctx context.Context, slot *Slot, entity Entity) (Value, *Problem, error) {
	if slot.Accept != nil {
		return slot.Accept(ctx, s.form(), entity)
	}
	return Value{Value: entity.Value, End: entity.EndValue, Said: entity.Text}, nil, nil
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
		if len(p.Choices) > 0 {
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

// proceed checks the form and asks for what is missing, or sums up, or does
// the deed where no yes is needed.
func (e *Engine) proceed(ctx context.Context, s *scene, lead *Reply) error {
	flow := s.flow()
	if flow == nil {
		s.pop()
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

func (e *Engine) askFor(ctx context.Context, s *scene, slot *Slot) error {
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
	if s.noted && s.before.Slot == slot.Name && len(s.replies) == 0 {
		prompt.Text = s.conv.Language.Say("记下了。", "Noted. ") + prompt.Text // told something else than asked for
	}
	if opening := s.opening(); opening != "" {
		prompt.Text = opening + prompt.Text
		if prompt.Spoken != "" {
			prompt.Spoken = opening + prompt.Spoken
		}
	}
	s.say(Reply{Text: prompt.Text, Spoken: prompt.Spoken})
	s.ask(Asked{Kind: AskedSlot, Slot: slot.Name, Choices: prompt.Choices, Which: prompt.Which})
	return nil
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

// summarise reads everything back and binds the yes to it.
func (e *Engine) summarise(ctx context.Context, s *scene, flow *Flow) error {
	reply, err := flow.Confirm(ctx, s.form())
	var problem *Problem
	if errors.As(err, &problem) {
		return e.refused(ctx, s, problem)
	}
	if err != nil {
		return fmt.Errorf("sum up %s: %w", flow.Intent, err)
	}
	s.frame().Told = digest(s.frame())
	s.say(reply)
	s.ask(Asked{Kind: AskedConfirm, Choices: s.confirmations(flow)})
	return nil
}

// confirmations are the answers offered to a summary.
func (s *scene) confirmations(flow *Flow) []Choice {
	if flow.Undoes {
		return s.yesNo("确认取消", "Yes, cancel it", "先不取消", "No, keep it")
	}
	l := s.conv.Language
	return []Choice{{Text: l.Say("确认", "Confirm")}, {Text: l.Say("修改", "Change")}, {Text: l.Say("取消", "Cancel")}}
}

// digest identifies the values a summary showed.
func digest(f *Frame) string {
	names := make([]string, 0, len(f.Slots))
	for name := range f.Slots {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s=%s/%s\n", name, f.Slots[name].Value, f.Slots[name].End)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// confirm commits if the yes belongs to the summary that stands.
func (e *Engine) confirm(ctx context.Context, s *scene) error {
	flow := s.flow()
	if s.frame().Told == "" || s.frame().Told != digest(s.frame()) {
		return e.proceed(ctx, s, nil)
	}
	if flow.Check != nil {
		problem, err := flow.Check(ctx, s.form())
		if err != nil {
			return fmt.Errorf("check %s: %w", flow.Intent, err)
		}
		if problem != nil {
			return e.refused(ctx, s, problem)
		}
	}
	s.perform(flow)
	return nil
}

// finish ends a flow that needs no yes: it shows what was asked for, or does
// the deed.
func (e *Engine) finish(ctx context.Context, s *scene, flow *Flow) error {
	if flow.Show == nil {
		s.perform(flow)
		return nil
	}
	replies, err := flow.Show(ctx, s.form())
	var problem *Problem
	if errors.As(err, &problem) {
		return e.refused(ctx, s, problem)
	}
	if err != nil {
		return fmt.Errorf("show %s: %w", flow.Intent, err)
	}
	if len(replies) == 0 {
		s.perform(flow)
		return nil
	}
	s.conv.Misses = 0
	s.note()
	s.say(replies...)
	s.pop()
	s.leftovers()
	return nil
}

// perform has the flow's deed done in the turn's commit.
func (s *scene) perform(flow *Flow) {
	s.conv.Misses = 0
	s.note()
	s.deed = func(ctx context.Context, tx Tx) error {
		replies, err := flow.Commit(ctx, tx, s.form())
		if err != nil {
			return err
		}
		s.note()
		s.say(replies...)
		s.conv.Done = s.now
		for i := range flow.Slots {
			if slot := &flow.Slots[i]; slices.Contains(slot.Types, Service) && s.form().Has(slot.Name) {
				s.conv.Topic = Topic{Guide: s.form().Get(slot.Name), At: s.now} // "what do I bring?" may follow
			}
		}
		s.pop()
		s.leftovers()
		return nil
	}
}

// waitingName names an errand that waits: in the citizen's words where they are
// few, else by what it is.
func (s *scene) waitingName(f *Flow, w Waiting) string {
	if words := matter(w.Text); words != "" && utf8.RuneCountInString(words) <= 16 {
		return words
	}
	return f.name(s.conv.Language)
}

// leftovers offers what still waits: the interrupted errand, then those asked
// for in passing.
func (s *scene) leftovers() {
	if len(s.conv.Frames) > 0 && s.flow() != nil {
		s.sayText("刚才的“%s”还没办完，接着办吗？", "We were in the middle of: %s. Shall we go on?", s.flow().name(s.conv.Language))
		s.ask(Asked{Kind: AskedResume, Choices: s.yesNo("接着办", "Go on", "不办了", "Drop it")})
		return
	}
	if len(s.conv.Waiting) > 0 {
		w := s.conv.Waiting[0]
		if f := s.engine.flows[w.Flow]; f != nil {
			s.sayText("您刚才还提到“%s”，现在办吗？", "You also mentioned: %s. Shall we do that now?", s.waitingName(f, w))
		} else {
			s.sayText("您刚才还问了“%s”，现在看吗？", "You also asked: %s. Shall we look at that now?", matter(w.Text))
		}
		s.ask(Asked{Kind: AskedNext, Choices: s.yesNo("现在办", "Yes", "先不用", "Not now")})
	}
}
