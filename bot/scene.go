package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// scene is one turn in the making: what came in, where the talk stood, and
// what is to be said and done. Effects are gathered here and committed together.
type scene struct {
	engine  *Engine
	citizen Citizen
	conv    Conversation
	in      Inbound
	receipt int64
	now     time.Time
	began   time.Time     // by the machine's clock, whatever the engine's says
	gap     time.Duration // since the citizen's last word
	before  Asked         // what the turn before ended with
	noted   string        // the slot of something told beside what was asked for
	changed bool          // and whether it took the place of something told before
	untaken *untaken      // what answered and came to nothing
	u       Understanding
	replies []Reply
	choices []Choice // of the last reply
	deed    func(ctx context.Context, tx Tx) error
	handoff *Handoff
	kept    string // id of a kept attachment
	did     string // what an event without words was, in operators' words
	changes []Change
	// lessons are what the citizen's choices say of earlier words.
	lessons []Lesson
	// guardian is a guardian's yes that was given in this turn, consent one to
	// sensitive particulars; agreed is set when the words were that yes.
	guardian, consent *SeparateConsent
	agreed            bool
	trace             Trace
	// resolve words the place in the queue once it is known.
	place func(place int)
	parts bool // hung up while waiting for a person, or is there again
	quiet bool // a person holds the conversation: nothing is said
	// unguarded is set while a child talks and no guardian has agreed: what is
	// particular in their words is not kept.
	unguarded bool
}

func newScene(e *Engine, citizen Citizen, conv Conversation, in Inbound, receipt int64, now time.Time, gap time.Duration) *scene {
	s := &scene{engine: e, citizen: citizen, in: in, receipt: receipt, now: now, began: time.Now(), gap: gap}
	s.conv, s.before = conv, conv.Asked
	s.conv.Address = in.From
	s.conv.LastAt = now
	s.conv.Parted = in.Event == EventHangup && conv.Handling == Queued
	s.parts = s.conv.Parted != conv.Parted
	if s.conv.Language == "" {
		s.conv.Language = Simplified
	}
	s.trace = Trace{Decision: Accept, Slots: map[string]string{}, Citations: []string{}}
	return s
}

// undo forgets what a refused commit would have said and done; the form as
// told stays.
func (s *scene) undo() {
	s.conv.Asked = Asked{}
	s.replies, s.choices, s.deed, s.handoff, s.changes, s.place, s.consent = nil, nil, nil, nil, nil, nil, nil
}

// language is what the citizen is answered in: as they write now, where that
// shows, else as before.
func (s *scene) language() Language {
	was, now := s.conv.Language, s.u.Language
	switch {
	case now == "" || utf8.RuneCountInString(s.u.Text) < 2:
		return was
	case now == Cantonese && was == Traditional:
		return was // the wording is Cantonese, the script was seen before
	case now == English && was != English && len(s.conv.Last) > 0 && !s.turnsEnglish():
		return was
	}
	return now
}

// turnsEnglish says whether someone who wrote Chinese goes on in English, and
// did not just tell a name or say ok.
func (s *scene) turnsEnglish() bool {
	asked := s.askedSlot()
	named := asked != nil && slices.Contains(asked.Types, PersonName)
	return !named && (len(strings.Fields(s.u.Text)) >= 3 || s.u.Decision == Accept && len(s.u.Acts) == 0)
}

// say adds a reply.
func (s *scene) say(replies ...Reply) {
	for _, r := range replies {
		if r.Text != "" {
			s.replies = append(s.replies, r)
		}
	}
}

// sayText adds a reply of plain words.
func (s *scene) sayText(zh, en string, args ...any) {
	s.say(Reply{Text: s.conv.Language.Say(zh, en, args...)})
}

// ask ends the turn with a question. What was offered before no longer counts.
func (s *scene) ask(a Asked) {
	if a.Slot != s.before.Slot {
		s.conv.Digits = "" // a number told in part belongs to its own question
	}
	s.conv.Asked = a
	s.choices = a.Choices
}

// frame is the active errand, nil if there is none.
func (s *scene) frame() *Frame {
	if len(s.conv.Frames) == 0 {
		return nil
	}
	return &s.conv.Frames[len(s.conv.Frames)-1]
}

// flow is the active errand's flow.
func (s *scene) flow() *Flow {
	if f := s.frame(); f != nil {
		return s.engine.flows[f.Flow]
	}
	return nil
}

// form shows the active frame, or an empty one, to a flow.
func (s *scene) form() *Form {
	frame := s.frame()
	if frame == nil {
		frame = &Frame{}
	}
	return s.formOf(frame)
}

func (s *scene) formOf(frame *Frame) *Form {
	f := NewForm(s.citizen, s.in.From.Channel, s.now, frame)
	f.Language, f.Words, f.Acts, f.From, f.style = s.conv.Language, s.u.Text, s.u.Acts, s.in.From, s.engine.style
	if s.conv.Near.Holds(s.now) {
		f.Near = s.conv.Near
	}
	if s.before.Kind == AskedSlot {
		f.Asked = s.before.Slot
	}
	return f
}

// pop takes the active frame off the stack.
func (s *scene) pop() {
	if n := len(s.conv.Frames); n > 0 {
		s.conv.Frames = slices.Clip(s.conv.Frames[:n-1])
	}
	s.conv.Asked = Asked{}
	s.choices = nil
}

// note keeps the state of the active frame for the trace.
func (s *scene) note() {
	if f := s.frame(); f != nil {
		s.noteFrame(f)
	}
}

func (s *scene) noteFrame(f *Frame) {
	s.trace.Flow = s.engine.served(f.Flow)
	s.trace.Slots = map[string]string{}
	for name, v := range f.Slots {
		s.trace.Slots[name] = v.Value
	}
}

// commit writes everything the turn decided in one transaction.
func (e *Engine) commit(ctx context.Context, s *scene) (Turn, error) {
	var out []Outgoing
	heard, said := s.conv.Heard, slices.Clone(s.replies)
	s.announce()
	conv, replies, again := s.conv, slices.Clone(s.replies), false
	if s.deed != nil { // nothing else changes what lies deeper in the conversation
		conv = s.conv.Clone()
	}
	err := e.store.Commit(ctx, func(tx Tx) error {
		if again { // what an earlier attempt changed does not count
			s.conv, s.replies = conv, slices.Clone(replies)
			if s.deed != nil {
				s.conv = conv.Clone()
			}
		}
		again = true
		if s.deed != nil {
			if err := s.deed(ctx, tx); err != nil {
				return err
			}
		}
		if err := s.write(tx); err != nil {
			return err
		}
		var err error
		out, err = s.send(tx)
		return err
	})
	if err != nil {
		conv.Heard = heard
		s.conv, s.replies = conv, said
		return Turn{}, err
	}
	return Turn{ID: s.receipt, Citizen: s.citizen.ID, Handling: s.conv.Handling, Out: out, Asked: s.conv.Asked.Kind, Trace: s.trace}, nil
}

// write puts the citizen's line, the handoff and the changes into the commit.
func (s *scene) write(tx Tx) error {
	if s.in.Attachment != nil && s.kept == "" && !s.unguarded {
		id, err := tx.Keep(s.citizen.ID, *s.in.Attachment, s.now)
		if err != nil {
			return fmt.Errorf("keep attachment: %w", err)
		}
		s.kept = id
	}
	if _, err := tx.Append(Line{
		Citizen: s.citizen.ID, Speaker: SpeakerCitizen, Channel: s.in.From.Channel, At: s.in.At,
		Text: s.keepable(s.in.Text), Event: s.in.Event, Did: s.did, Attachment: s.kept, Delivered: true,
	}); err != nil {
		return fmt.Errorf("append citizen's line: %w", err)
	}
	for _, c := range []*SeparateConsent{s.guardian, s.consent} {
		if c == nil {
			continue
		}
		if err := tx.Consent(*c); err != nil {
			return fmt.Errorf("record consent: %w", err)
		}
	}
	if s.parts {
		if err := tx.PartHandoff(s.citizen.ID, s.conv.Parted, s.now); err != nil {
			return fmt.Errorf("note who waits on the line: %w", err)
		}
	}
	if s.handoff != nil {
		place, err := tx.OpenHandoff(*s.handoff)
		if err != nil {
			return fmt.Errorf("open handoff: %w", err)
		}
		if s.place != nil {
			s.place(place)
		}
	}
	if err := s.keepLessons(tx); err != nil {
		return err
	}
	for _, c := range s.changes {
		if err := tx.Announce(c); err != nil {
			return fmt.Errorf("announce change: %w", err)
		}
	}
	return nil
}

// aloud words for the telephone what elsewhere is written back.
var aloud = strings.NewReplacer("回复“", "说“", "回“", "说“", "回複「", "說「", "回復「", "說「", "回「", "說「", "也可以发一个位置。", "", "也可以發一個位置。", "", "有照片可以直接发。", "", "有照片可以直接發。", "")

// send puts the replies in the outbox, leased to the channel that asked.
func (s *scene) send(tx Tx) ([]Outgoing, error) {
	s.trace.Citations = []string{}
	out, err := tx.TakeHeld(s.citizen.ID, s.now.Add(LeaseTime))
	if err != nil {
		return nil, fmt.Errorf("take held replies: %w", err)
	}
	for i, r := range s.replies {
		if i == len(s.replies)-1 {
			r.Options = optionsOf(s.choices, r.Options)
		} else {
			r.Options = nil // answers and pages are offered under the last message only
		}
		if s.engine.style != nil {
			r = s.engine.style(s.conv.Language, r)
		}
		if s.in.From.Channel == Hotline {
			r.Text, r.Spoken = aloud.Replace(r.Text), aloud.Replace(r.Spoken)
		}
		s.replies[i] = r
		s.trace.Citations = append(s.trace.Citations, r.Citations...)
		o := Outgoing{Citizen: s.citizen.ID, To: s.in.From, Reply: r, Due: s.now, From: voice}
		if o.ID, _, err = say(tx, s.receipt, o, LeaseTime); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	if len(s.replies) > 0 {
		s.conv.Last = s.replies
	}
	if err := tx.SaveConversation(&s.conv); err != nil {
		return nil, fmt.Errorf("save conversation: %w", err)
	}
	if err := tx.Answered(s.receipt); err != nil {
		return nil, fmt.Errorf("mark answered: %w", err)
	}
	return out, nil
}

// optionsOf makes the options a citizen sees of the choices they stand for.
func optionsOf(choices []Choice, own []Option) []Option {
	if len(choices) == 0 {
		return own
	}
	options := make([]Option, len(choices))
	for i, c := range choices {
		options[i] = Option{Text: c.Text, URL: c.URL}
	}
	return options
}
