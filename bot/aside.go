package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Aside is a question the service put to a citizen beside whatever they are
// doing: how it was at the hall. What they are doing goes on, and only words
// that can mean nothing else answer it.
type Aside struct {
	Flow  Intent           `json:"flow,omitempty"`
	Slots map[string]Value `json:"slots,omitempty"` // what the errand begins with
	Until time.Time        `json:"until,omitzero"`  // it is not awaited any longer
}

// Inquiry is such a question on its way.
type Inquiry struct {
	Citizen CitizenID
	To      Address // where there was no conversation yet; otherwise it goes there
	Key     string  // the same key again asks nothing twice
	Topic   string  // what the message falls away with, as of an Outgoing
	Aside
	// Called is set where the citizen was rung up and listens at To: it is asked
	// there, whatever else was asked elsewhere.
	Called bool
	// Question is what is asked, with the answers it offers.
	Question func(Language) Prompt
	// Note, if set, is written in the same commit.
	Note func(ctx context.Context, tx Tx) error
}

// ErrWithPerson means that a person talks with the citizen, or is about to.
var ErrWithPerson = errors.New("a person talks with the citizen")

// Inquire puts a question to a citizen beside whatever they are doing. While a
// person has the conversation it is ErrWithPerson.
func (e *Engine) Inquire(ctx context.Context, q Inquiry) error {
	flow := e.flows[q.Flow]
	if flow == nil || flow.Hears == nil {
		return fmt.Errorf("no answer to %q would be heard", q.Flow)
	}
	unlock, err := e.turns.Lock(ctx, string(q.Citizen))
	if err != nil {
		return fmt.Errorf("wait for the citizen's turn: %w", err)
	}
	defer unlock()
	s, err := e.proposing(ctx, Proposal{Citizen: q.Citizen, To: q.To})
	if err != nil {
		return err
	}
	switch {
	case q.Called:
		s.in.From, s.conv.Address = q.To, q.To
	case s.in.From.Channel == Hotline: // nobody is rung up to be asked this way
		return ErrNoAddress
	}
	if s.conv.Handling == ByPerson || s.conv.Handling == Queued {
		return ErrWithPerson
	}
	reply := s.inquire(q)
	err = e.store.Commit(ctx, func(tx Tx) error {
		id, err := tx.Enqueued(q.Key)
		if err == nil && id == 0 {
			conv := s.conv.Clone()
			err = s.put(tx, &conv, Outgoing{Reply: reply, Key: q.Key, Topic: q.Topic})
		}
		if err != nil || q.Note == nil {
			return err
		}
		return q.Note(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("inquire %s: %w", q.Flow, err)
	}
	return nil
}

// inquire lets the answer be heard from now on. Where nothing else was asked
// lately it is the question that options and numbers answer.
func (s *scene) inquire(q Inquiry) Reply {
	p := q.Question(s.conv.Language)
	reply := Reply{Text: p.Text, Spoken: p.Spoken, Options: optionsOf(p.Choices, nil)}
	if s.engine.style != nil {
		reply = s.engine.style(s.conv.Language, reply)
	}
	s.conv.Aside = q.Aside
	if q.Called || len(s.conv.Frames)+len(s.conv.Waiting) == 0 && (s.conv.Asked.Kind == AskedNothing || s.now.Sub(s.conv.LastAt) > doneLife) {
		s.conv.Asked = Asked{Kind: AskedAside, Choices: s.answers(p.Choices)}
		s.conv.Last = []Reply{reply}
	}
	return reply
}

// answers are choices that begin the aside's errand.
func (s *scene) answers(choices []Choice) []Choice {
	choices = slices.Clone(choices)
	for i := range choices {
		choices[i].Flow, choices[i].Also = s.conv.Aside.Flow, maps.Clone(s.conv.Aside.Slots)
	}
	return choices
}

// surelyOther is how sure it must be that words ask for something else than what
// they may answer.
const surelyOther = 0.9

// aside hears an answer to what was asked beside, whatever is under way.
func (s *scene) aside() []Command {
	a, u := s.conv.Aside, &s.u
	flow := s.engine.flows[a.Flow]
	if flow == nil || flow.Hears == nil || s.now.After(a.Until) || has(u.Acts, Person) || u.Question {
		return nil
	}
	if u.Decision == Accept && u.Score >= surelyOther {
		switch u.Intent {
		case Thank, Greet, Goodbye, Capability, FileReport, CheckRequest: // how opinions sound
		default:
			return nil
		}
	}
	if !flow.Hears(u.Text, s.conv.Asked.Kind != AskedAside) {
		return nil
	}
	return []Command{{Do: DoStart, Flow: a.Flow}}
}

// SlotBeside is filled in an aside's errand where another one is under way: it
// is not to be kept waiting by questions.
const SlotBeside = "beside"

// opened is what an errand begins with. The aside lends its own to the one that
// answers it, and is not awaited again.
func (s *scene) opened(w Waiting) map[string]Value {
	slots := map[string]Value{}
	if s.conv.Aside.Flow != "" && w.Flow == s.conv.Aside.Flow {
		maps.Copy(slots, s.conv.Aside.Slots)
		if len(s.conv.Frames) > 0 {
			slots[SlotBeside] = Value{Value: "yes"}
		}
		s.conv.Aside = Aside{}
	}
	maps.Copy(slots, w.Slots)
	return slots
}

// whereItWas ends an aside: what was asked before it is asked again as it was.
func (s *scene) whereItWas() {
	s.pop()
	if s.flow() == nil || len(s.conv.Last) == 0 {
		s.leftovers()
		return
	}
	last := s.conv.Last[len(s.conv.Last)-1]
	s.say(Reply{Text: last.Text, Spoken: last.Spoken})
	s.ask(s.before)
}
