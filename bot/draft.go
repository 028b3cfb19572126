package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What may be wrong with what an operator does to a form.
var (
	ErrNoDraft    = errors.New("no errand is under way")
	ErrStaleDraft = errors.New("the form is another than the one that was seen")
	ErrNoConsent  = errors.New("the citizen has not agreed to what was read back")
	ErrNoErrand   = errors.New("no such errand, or nothing in it is confirmed")
)

// Draft is an errand under way as the operator sees it who holds the
// conversation: the same form the bot fills, by the same rules.
type Draft struct {
	Flow   Intent
	Name   string
	Fields []DraftField
	// Said is what comes next by the errand's rules: the question for what is
	// missing, why something was refused, or the summary. Particulars are
	// masked in it.
	Said string
	// Asks is the field Said is about, Options what may be chosen for it.
	Asks    string
	Options []string
	// Told names what the summary reads back; empty while something is
	// missing. Shown is set once the citizen was told just that.
	Told  string
	Shown bool
	// Line is the citizen's yes to it, as far as one was written; 0: none.
	Line int64
}

// DraftField is one thing an errand asks for. Long numbers are masked.
type DraftField struct {
	Name, Label, Value string
	Optional           bool
}

// Amendment is one thing an operator does to a form: begin an errand, drop the
// one under way, choose one of the options, or write a slot (without Words it
// is emptied).
type Amendment struct {
	Flow   Intent
	Drop   bool
	Choice string
	Slot   string
	Words  string
}

// Consent is how a citizen agreed to a summary that an operator carries out:
// by a line of theirs that says yes to it, or, on the telephone, in words the
// operator heard.
type Consent struct {
	Line   int64
	Spoken string
}

// Errands are what an operator can fill in for a citizen: what is done only
// after a yes, what most come for first.
func (e *Engine) Errands() []Named {
	var out []Named
	for _, f := range e.flows {
		if f.Confirm != nil && f.Hears == nil {
			out = append(out, Named{string(f.Intent), f.Name})
		}
	}
	first := []string{string(FileReport), string(RequestHelp), string(BookAppointment)}
	slices.SortFunc(out, func(a, b Named) int {
		return cmp.Or(slices.Index(first, b.ID)-slices.Index(first, a.ID), strings.Compare(a.ID, b.ID))
	})
	return out
}

// Drafted is the errand under way, without changing anything; ErrNoDraft if
// there is none that ends with a yes.
func (e *Engine) Drafted(ctx context.Context, citizen CitizenID) (Draft, error) {
	s, err := e.drafting(ctx, citizen)
	if err != nil {
		return Draft{}, err
	}
	if s.flow() == nil || s.flow().Confirm == nil {
		return Draft{}, ErrNoDraft
	}
	s.conv.Asked = Asked{}
	if err := e.proceed(ctx, s, nil); err != nil {
		return Draft{}, err
	}
	return e.draftOf(ctx, s)
}

// Amend changes the form under way for an operator who holds the conversation.
// The citizen is told nothing; given back, the bot goes on from here.
func (e *Engine) Amend(ctx context.Context, citizen CitizenID, by Holder, a Amendment) (Draft, error) {
	s, unlock, err := e.holding(ctx, citizen, by)
	if err != nil {
		return Draft{}, err
	}
	defer unlock()
	if err := e.amend(ctx, s, a); err != nil {
		return Draft{}, err
	}
	err = e.keepDraft(ctx, s)
	var problem *Problem
	if errors.As(err, &problem) { // the place the summary reads back is gone
		s.undo()
		if err := e.refused(ctx, s, problem); err != nil {
			return Draft{}, err
		}
		err = e.keepDraft(ctx, s)
	}
	if err != nil {
		return Draft{}, fmt.Errorf("keep the form: %w", err)
	}
	return e.draftOf(ctx, s)
}

// ReadBack says to the citizen, in the operator's name, what the form has come
// to: the question, or the summary their yes is then bound to.
func (e *Engine) ReadBack(ctx context.Context, citizen CitizenID, by Holder, key string) (Draft, error) {
	s, unlock, err := e.holding(ctx, citizen, by)
	if err != nil {
		return Draft{}, err
	}
	defer unlock()
	if s.flow() == nil || s.flow().Confirm == nil {
		return Draft{}, ErrNoDraft
	}
	s.conv.Asked = Asked{}
	if err := e.proceed(ctx, s, nil); err != nil {
		return Draft{}, err
	}
	said := s.asOne(s.answerable())
	err = e.store.Commit(ctx, func(tx Tx) error {
		if id, err := tx.Enqueued(key); err != nil || id != 0 {
			return err
		}
		if s.deed != nil {
			if err := s.deed(ctx, tx); err != nil {
				return err
			}
		}
		line, err := s.speak(tx, by.Name, key, said)
		if err != nil {
			return err
		}
		if f := s.frame(); f != nil && s.conv.Asked.Kind == AskedConfirm {
			f.Shown, f.ShownAs = line, f.Told
		}
		return tx.SaveConversation(&s.conv)
	})
	if err != nil {
		return Draft{}, fmt.Errorf("read the form back: %w", err)
	}
	return e.draftOf(ctx, s)
}

// CarryOut does what the summary told says, on the citizen's consent, with the
// consent in the record. What came of it is said to the citizen in the
// operator's name. The same key again does nothing twice.
func (e *Engine) CarryOut(ctx context.Context, citizen CitizenID, by Holder, told string, yes Consent, key string) (Draft, error) {
	s, unlock, err := e.holding(ctx, citizen, by)
	if err != nil {
		return Draft{}, err
	}
	defer unlock()
	repeat := false
	err = e.store.Commit(ctx, func(tx Tx) error {
		id, err := tx.Enqueued(key)
		repeat = id != 0
		return err
	})
	if err != nil || repeat {
		return Draft{}, err
	}
	flow := s.flow()
	if flow == nil || flow.Confirm == nil {
		return Draft{}, ErrNoDraft
	}
	s.conv.Asked = Asked{}
	if err := e.proceed(ctx, s, nil); err != nil {
		return Draft{}, err
	}
	if s.conv.Asked.Kind != AskedConfirm || s.frame().Told != told {
		return Draft{}, ErrStaleDraft
	}
	s.undo()
	agreed, err := e.agreed(ctx, s, yes)
	if err != nil {
		return Draft{}, err
	}
	name := flow.Name
	if err := e.confirm(ctx, s); err != nil {
		return Draft{}, err
	}
	err = e.carryOut(ctx, s, by.Name, key, fmt.Sprintf("代市民办理“%s”。%s", name, agreed))
	var problem *Problem
	if errors.As(err, &problem) {
		s.undo()
		if err := e.refused(ctx, s, problem); err != nil {
			return Draft{}, err
		}
		err = e.keepDraft(ctx, s)
	}
	if err != nil {
		return Draft{}, fmt.Errorf("carry out for the citizen: %w", err)
	}
	return e.draftOf(ctx, s)
}

// drafting is the scene of what nobody's word begins.
func (e *Engine) drafting(ctx context.Context, citizen CitizenID) (*scene, error) {
	s, err := e.proposing(ctx, Proposal{Citizen: citizen})
	if err != nil {
		return nil, err
	}
	s.receipt = -(s.conv.Version + 1) // an errand begun here has a key no turn gives
	s.before = Asked{}
	s.conv = s.conv.Clone()
	return s, nil
}

// held is that scene where an operator holds the conversation.
func (e *Engine) held(ctx context.Context, citizen CitizenID, by Holder) (*scene, error) {
	s, err := e.drafting(ctx, citizen)
	if err != nil {
		return nil, err
	}
	if !by.holds(&s.conv) {
		return nil, ErrNotHeld
	}
	return s, nil
}

// holding is held, with the citizen's turn taken until unlock.
func (e *Engine) holding(ctx context.Context, citizen CitizenID, by Holder) (s *scene, unlock func(), err error) {
	unlock, err = e.turns.Lock(ctx, string(citizen))
	if err != nil {
		return nil, nil, fmt.Errorf("wait for the citizen's turn: %w", err)
	}
	if s, err = e.held(ctx, citizen, by); err != nil {
		unlock()
		return nil, nil, err
	}
	return s, unlock, nil
}

func (e *Engine) amend(ctx context.Context, s *scene, a Amendment) error {
	if a.Flow != "" {
		flow := e.flows[a.Flow]
		if flow == nil || flow.Confirm == nil || flow.Hears != nil {
			return ErrNoErrand
		}
		return e.start(ctx, s, Waiting{Flow: a.Flow})
	}
	if s.flow() == nil || s.flow().Confirm == nil {
		return ErrNoDraft
	}
	if a.Drop {
		return e.drop(ctx, s)
	}
	asked := s.conv.Asked
	s.conv.Asked = Asked{}
	if a.Choice != "" {
		return e.amendByChoice(ctx, s, asked, a.Choice)
	}
	slot := s.flow().slot(a.Slot)
	if slot == nil || slot.Label == "" {
		return ErrNoErrand
	}
	s.before = Asked{Kind: AskedSlot, Slot: slot.Name}
	delete(s.frame().Tries, slot.Name)
	if strings.TrimSpace(a.Words) == "" {
		s.form().Clear(slot.Name)
		delete(s.frame().Passed, slot.Name)
		return e.proceed(ctx, s, nil)
	}
	return e.amendSlot(ctx, s, slot, strings.TrimSpace(a.Words))
}

// amendByChoice takes one of the values that were offered for a slot.
func (e *Engine) amendByChoice(ctx context.Context, s *scene, asked Asked, choice string) error {
	i := slices.IndexFunc(asked.Choices, func(c Choice) bool { return c.Text == choice && fillsSlot(asked, c) })
	if i < 0 {
		return ErrStaleDraft
	}
	return e.chosenChoice(ctx, s, asked, asked.Choices[i])
}

// fillsSlot says whether an option fills the form and does nothing else.
func fillsSlot(asked Asked, c Choice) bool {
	return c.Flow == "" && c.Say == "" && c.URL == "" && (c.Slot != "" || asked.Kind == AskedSlot)
}

// amendSlot reads an operator's words for one slot as the citizen's would be
// read in answer to its question.
func (e *Engine) amendSlot(ctx context.Context, s *scene, slot *Slot, words string) error {
	u := Utterance{Text: words, Now: s.now}
	if len(slot.Types) > 0 {
		u.Asked = slot.Types[0]
	}
	s.u = e.understand.Understand(u)
	entity := Entity{Text: words, Value: words}
	known := false
	for _, t := range split(s.flow(), s.u.Entities) {
		if !known && slices.Contains(slot.Types, t.Type) {
			entity, known = t, true
		}
	}
	if c, found := s.finds(slot); found && !known {
		entity, known = c.Entity, true
	}
	if !known && !slot.Free && !takesOne(slot, PersonName, PostalAddress) {
		s.say(Reply{Text: fmt.Sprintf("“%s”不像%s，请再看一下。", words, slot.Label)})
		s.ask(Asked{Kind: AskedSlot, Slot: slot.Name})
		return nil
	}
	if _, err := e.accept(ctx, s, []Command{{Do: DoCorrect, Slot: slot.Name, Entity: entity}}); err != nil || s.asking() || s.frame() == nil {
		return err
	}
	return e.proceed(ctx, s, nil)
}

// keepDraft writes the form, with what its summary keeps for the citizen.
func (e *Engine) keepDraft(ctx context.Context, s *scene) error {
	return e.store.Commit(ctx, func(tx Tx) error {
		if s.deed != nil {
			if err := s.deed(ctx, tx); err != nil {
				return err
			}
		}
		if err := tx.Announce(Change{At: s.now, Kind: ChangeDraft, Citizen: s.citizen.ID}); err != nil {
			return err
		}
		return tx.SaveConversation(&s.conv)
	})
}

// agreed says in a colleague's words how the citizen agreed.
func (e *Engine) agreed(ctx context.Context, s *scene, yes Consent) (string, error) {
	if spoken := strings.TrimSpace(yes.Spoken); spoken != "" && s.in.From.Channel == Hotline {
		return "市民在电话里口头同意：" + spoken, nil
	}
	f := s.frame()
	if yes.Line == 0 || f.ShownAs != f.Told {
		return "", ErrNoConsent
	}
	line, found, err := e.yesTo(ctx, s)
	if err != nil {
		return "", err
	}
	if !found || line.ID != yes.Line {
		return "", ErrNoConsent
	}
	return fmt.Sprintf("念给市民核对过，市民 %s 回“%s”同意。", line.At.In(Shanghai()).Format("15:04"), line.Text), nil
}

// yesTo is the citizen's newest line since the summary was read back, if it is
// a yes.
func (e *Engine) yesTo(ctx context.Context, s *scene) (Line, bool, error) {
	f := s.frame()
	if f == nil || f.Told == "" || f.ShownAs != f.Told {
		return Line{}, false, nil
	}
	recent, err := e.store.Recent(ctx, s.citizen.ID, 50)
	if err != nil {
		return Line{}, false, fmt.Errorf("look for the citizen's yes: %w", err)
	}
	for _, l := range slices.Backward(recent) {
		if l.Speaker != SpeakerCitizen {
			continue
		}
		if l.ID < f.Shown || strings.TrimSpace(l.Text) == "" {
			return Line{}, false, nil
		}
		heard := *s
		heard.u = e.understand.Understand(Utterance{Text: l.Text, Now: s.now})
		return l, heard.plainYes(), nil
	}
	return Line{}, false, nil
}

// carryOut commits the errand with the operator's note of it.
func (e *Engine) carryOut(ctx context.Context, s *scene, operator, key, note string) error {
	if s.deed == nil || s.asking() || s.frame() == nil { // refused: what was said of it is the draft's to show
		return e.keepDraft(ctx, s)
	}
	conv, again := s.conv.Clone(), false
	return e.store.Commit(ctx, func(tx Tx) error {
		if again { // what an earlier attempt changed does not count
			s.conv, s.replies = conv.Clone(), nil
		}
		again = true
		if err := s.deed(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Append(Line{Citizen: s.citizen.ID, Speaker: SpeakerNote, Name: operator, Channel: s.in.From.Channel, At: s.now, Text: note, Delivered: true}); err != nil {
			return err
		}
		if _, err := s.speak(tx, operator, key, s.asOne(nil)); err != nil {
			return err
		}
		return tx.SaveConversation(&s.conv)
	})
}

// answerable are the options an operator can offer in their own name: those
// that fill the form or answer its summary.
func (s *scene) answerable() []Option {
	var out []Option
	for _, c := range s.choices {
		if fillsSlot(s.conv.Asked, c) || s.conv.Asked.Kind == AskedConfirm {
			out = append(out, Option{Text: c.Text})
		}
	}
	return out
}

// asOne is all that was to be said as one message.
func (s *scene) asOne(options []Option) Reply {
	var texts []string
	r := Reply{Options: options}
	for _, one := range s.replies {
		texts = append(texts, one.Text)
		r.Source, r.Citations = one.Source, append(r.Citations, one.Citations...)
	}
	r.Text = strings.Join(texts, "\n")
	if s.engine.style != nil {
		r = s.engine.style(s.conv.Language, r)
	}
	return r
}

// speak puts a reply in an operator's name into the outbox and the transcript.
func (s *scene) speak(tx Tx, operator, key string, r Reply) (int64, error) {
	s.conv.Last = []Reply{r}
	_, line, err := say(tx, 0, Outgoing{Citizen: s.citizen.ID, To: s.in.From, Reply: r, Due: s.now, From: operator, Key: key}, 0)
	return line, err
}

// draftOf is the form as it stands in a scene.
func (e *Engine) draftOf(ctx context.Context, s *scene) (Draft, error) {
	var said []string
	for _, r := range s.replies {
		said = append(said, r.Text)
	}
	d := Draft{Said: s.masked(strings.Join(said, "\n"))}
	flow, frame := s.flow(), s.frame()
	if flow == nil || flow.Confirm == nil {
		return d, nil
	}
	d.Flow, d.Name = flow.Intent, flow.Name
	form := s.form()
	for i := range flow.Slots {
		slot := &flow.Slots[i]
		v, filled := form.Value(slot.Name)
		if slot.Label == "" || !filled && (slot.Ask == nil || slot.Needed != nil && !slot.Needed(form)) {
			continue
		}
		field := DraftField{Name: slot.Name, Label: slot.Label, Optional: slot.Optional}
		if filled {
			field.Value = maskSlot(slot, v)
		}
		d.Fields = append(d.Fields, field)
	}
	switch s.conv.Asked.Kind {
	case AskedConfirm:
		d.Told = frame.Told
		d.Shown = frame.ShownAs == frame.Told
	case AskedSlot:
		d.Asks = s.conv.Asked.Slot
		for _, c := range s.conv.Asked.Choices {
			if fillsSlot(s.conv.Asked, c) {
				d.Options = append(d.Options, c.Text)
			}
		}
	}
	line, found, err := e.yesTo(ctx, s)
	if found && d.Told != "" {
		d.Line = line.ID
	}
	return d, err
}

// masked is what is said of the form under way as an operator reads it: names
// and numbers hidden as in its fields.
func (s *scene) masked(said string) string {
	flow := s.flow()
	if flow == nil {
		return MaskWords(said)
	}
	for i := range flow.Slots {
		v, filled := s.form().Value(flow.Slots[i].Name)
		if shown := maskSlot(&flow.Slots[i], v); filled && shown != v.Show() {
			said = strings.ReplaceAll(said, v.Value, shown)
		}
	}
	return MaskWords(said)
}

// goOn is what the bot says when it takes an errand up again that a person
// had a hand in; nil where none is under way.
func (e *Engine) goOn(ctx context.Context, citizen CitizenID) (*scene, error) {
	s, err := e.drafting(ctx, citizen)
	if errors.Is(err, ErrNoAddress) || err == nil && (s.flow() == nil || s.flow().Confirm == nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.conv.Asked, s.conv.Stale = Asked{}, false
	s.conv.Handling, s.conv.Operator = ByBot, ""
	if err := e.proceed(ctx, s, nil); err != nil {
		return nil, err
	}
	return s, nil
}
