package bot

import (
	"context"
	"errors"
	"fmt"
)

// Proposal is an errand whose summary is put to a citizen of the service's own
// accord: the yes to it commits, as if the citizen had filled the form.
type Proposal struct {
	Citizen CitizenID
	To      Address // where there was no conversation yet; otherwise it goes there
	Flow    Intent
	Key     string // of the errand's one commit, and of the message
	Slots   map[string]Value
	Topic   string // what the message falls away with, as of an Outgoing
	// Lead is said before the summary.
	Lead func(Language) string
	// Note, if set, is written in the same commit.
	Note func(ctx context.Context, tx Tx) error
}

// ErrNoAddress means that a citizen can be reached on no channel of ours.
var ErrNoAddress = errors.New("citizen has no address")

// Propose puts a summary to a citizen. What they were doing is offered again
// when this is settled. While a person holds the conversation the words are
// said and nothing is asked. The same key again says nothing twice.
func (e *Engine) Propose(ctx context.Context, p Proposal) error {
	flow := e.flows[p.Flow]
	if flow == nil || flow.Confirm == nil {
		return fmt.Errorf("nothing to sum up in %q", p.Flow)
	}
	unlock, err := e.turns.Lock(ctx, string(p.Citizen))
	if err != nil {
		return fmt.Errorf("wait for the citizen's turn: %w", err)
	}
	defer unlock()
	s, err := e.proposing(ctx, p)
	if err != nil {
		return err
	}
	reply, err := s.propose(ctx, flow, p)
	if err != nil {
		return fmt.Errorf("sum up %s: %w", p.Flow, err)
	}
	err = e.store.Commit(ctx, func(tx Tx) error {
		id, err := tx.Enqueued("propose:" + p.Key)
		if err == nil && id == 0 {
			conv := s.conv.Clone()
			conv.Last = []Reply{reply}
			err = s.put(tx, &conv, Outgoing{Reply: reply, Key: "propose:" + p.Key, Topic: p.Topic})
		}
		if err != nil || p.Note == nil {
			return err
		}
		return p.Note(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("propose %s: %w", p.Flow, err)
	}
	return nil
}

// proposing is the scene of a turn that nobody's word begins.
func (e *Engine) proposing(ctx context.Context, p Proposal) (*scene, error) {
	conv, err := e.store.Conversation(ctx, p.Citizen)
	if err != nil {
		return nil, fmt.Errorf("load conversation: %w", err)
	}
	to := conv.Address
	if to.ID == "" {
		to = p.To
	}
	if to.ID == "" {
		return nil, ErrNoAddress
	}
	now := e.clock()
	citizen, err := e.store.Identify(ctx, to, now)
	if err != nil {
		return nil, fmt.Errorf("identify citizen: %w", err)
	}
	last := conv.LastAt
	s := newScene(e, citizen, conv, Inbound{From: to, At: now}, 0, now, 0)
	s.conv.LastAt = last // they said nothing
	return s, nil
}

// propose sums up and binds the yes to it.
func (s *scene) propose(ctx context.Context, flow *Flow, p Proposal) (Reply, error) {
	frame := Frame{Flow: p.Flow, Key: p.Key, Slots: p.Slots, Started: s.now, Proposed: true}
	reply, err := flow.Confirm(ctx, s.formOf(&frame))
	if err != nil {
		return reply, err
	}
	if p.Lead != nil {
		reply.Text = p.Lead(s.conv.Language) + reply.Text
	}
	if s.conv.Handling != ByPerson {
		frame.Told = digest(&frame)
		s.conv.Frames = append(s.conv.Frames, frame)
		if len(s.conv.Frames) > maxDepth {
			s.conv.Frames = s.conv.Frames[1:]
		}
		s.ask(Asked{Kind: AskedConfirm, Choices: s.confirmations(flow, false)})
		reply.Options = optionsOf(s.choices, nil)
	}
	if s.engine.style != nil {
		reply = s.engine.style(s.conv.Language, reply)
	}
	return reply, nil
}

// put puts what is said of our own accord into the outbox, the transcript and
// the conversation.
func (s *scene) put(tx Tx, conv *Conversation, out Outgoing) error {
	out.Citizen, out.To = s.citizen.ID, s.in.From
	if err := Tell(tx, s.now, out); err != nil {
		return err
	}
	return tx.SaveConversation(conv)
}
