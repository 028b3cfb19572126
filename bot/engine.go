package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// LeaseTime is how long a turn's replies belong to the channel that received
// the message: longer than WeChat's three tries of five seconds.
const LeaseTime = 20 * time.Second

// Understander makes proposals of words. It is always local and quick.
type Understander interface {
	Understand(u Utterance) Understanding
}

// Turns gives one citizen's turns their order: whoever asked first goes first.
type Turns interface {
	Lock(ctx context.Context, key string) (unlock func(), err error)
}

// Styler turns a reply written in simplified Chinese to the citizen's script.
type Styler func(Language, Reply) Reply

// Engine is the one path of a message: receive, understand, decide, commit,
// hand back. It owns the standing behaviour of every conversation.
type Engine struct {
	store      Store
	outbox     Outbox
	turns      Turns
	understand Understander
	propose    Proposer // nil: none is asked
	flows      map[Intent]*Flow
	answers    map[Intent]*Answer
	clock      Clock
	style      Styler
	switches   Switchboard // nil: nothing is ever switched
	log        *slog.Logger
	hours      func(now time.Time) (on bool, next time.Time)
	places     map[string]string // town id → name, for handover
	dataPage   string
	redraw     func(raw []byte) (clean []byte, mediaType string, err error)
	draftLife  time.Duration
	resumeGap  time.Duration
	left       left
}

// EngineConfig is what an engine is made of.
type EngineConfig struct {
	Store      Store
	Outbox     Outbox
	Turns      Turns
	Understand Understander
	// Propose is asked where Understand is not sure; nil: nobody is.
	Propose Proposer
	Flows   []*Flow
	Answers []*Answer
	Clock   Clock
	Style   Styler // nil: as written
	// Hours says whether people are at the desk now and, if not, when the next
	// come, zero if nobody knows; nil: they always may be.
	Hours func(now time.Time) (on bool, next time.Time)
	// Switches is what two administrators put in force; nil: nothing ever is.
	Switches Switchboard
	Log      *slog.Logger
	// Places names towns by id, for the handover packet.
	Places map[string]string
	// Redraw makes of a picture one that holds nothing but what is seen on it;
	// nil: pictures are kept as they come.
	Redraw func(raw []byte) (clean []byte, mediaType string, err error)
	// DataPage is the address where citizens see what is kept of them; empty:
	// none is named.
	DataPage string
	// DraftLife is how long a draft and its particulars are kept without a
	// word; 0: 72 hours.
	DraftLife time.Duration
	// ResumeGap is the silence after which a draft is offered rather than
	// taken for granted; 0: two hours.
	ResumeGap time.Duration
}

// NewEngine ties an engine together.
func NewEngine(c EngineConfig) *Engine {
	e := &Engine{
		store: c.Store, outbox: c.Outbox, turns: c.Turns, understand: c.Understand, propose: c.Propose,
		flows: map[Intent]*Flow{}, answers: map[Intent]*Answer{},
		clock: c.Clock, style: c.Style, switches: c.Switches, hours: c.Hours, log: c.Log, places: c.Places,
		dataPage: c.DataPage, redraw: c.Redraw, draftLife: c.DraftLife, resumeGap: c.ResumeGap,
	}
	for _, f := range c.Flows {
		e.flows[f.Intent] = f
	}
	for _, a := range c.Answers {
		e.answers[a.Intent] = a
	}
	if e.clock == nil {
		e.clock = SystemClock
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.draftLife == 0 {
		e.draftLife = 72 * time.Hour
	}
	if e.resumeGap == 0 {
		e.resumeGap = 2 * time.Hour
	}
	return e
}

// Receive takes one message from a channel, decides, commits, and returns the
// replies leased to the caller. The same key again gives the same answer. An
// error means nothing was promised to the citizen: the same key may be tried
// again, and what they say instead settles it. A message of which they were not
// told is answered later by Recover.
func (e *Engine) Receive(ctx context.Context, in Inbound) (Turn, error) {
	now := e.clock()
	if in.At.IsZero() {
		in.At = now
	}
	citizen, err := e.store.Identify(ctx, in.From, now)
	if err != nil {
		return Turn{}, fmt.Errorf("identify citizen: %w", err)
	}
	unlock, err := e.turns.Lock(ctx, string(citizen.ID))
	if err != nil {
		return Turn{}, fmt.Errorf("wait for the citizen's turn: %w", err)
	}
	defer unlock()
	receipt, err := e.store.Accept(ctx, citizen.ID, in)
	if err != nil {
		return Turn{}, fmt.Errorf("accept message: %w", err)
	}
	if receipt.Answered {
		return Turn{ID: receipt.ID, Citizen: citizen.ID, Out: receipt.Out, Repeat: true}, nil
	}
	turn, err := e.catchUp(ctx, citizen.ID, in, receipt)
	if err == nil && turn.ID == 0 {
		turn, err = e.answer(ctx, citizen, in, receipt.ID)
	}
	if err != nil && ctx.Err() == nil {
		e.left.add(leaving{Pending{receipt.ID, citizen.ID, in}, true})
	}
	return turn, err
}

// InTurn does something that changes a citizen's records as a whole in the
// order of their turns: no message of theirs is under way meanwhile.
func (e *Engine) InTurn(ctx context.Context, citizen CitizenID, do func() error) error {
	unlock, err := e.turns.Lock(ctx, string(citizen))
	if err != nil {
		return fmt.Errorf("wait for the citizen's turn: %w", err)
	}
	defer unlock()
	return do()
}

// Accept makes a message durable and leaves it unanswered: Receive answers it,
// or after a crash Recover. A channel calls it before it tells its platform
// that a message is taken whose turn is not over. The same key again changes
// nothing.
func (e *Engine) Accept(ctx context.Context, in Inbound) error {
	now := e.clock()
	if in.At.IsZero() {
		in.At = now
	}
	citizen, err := e.store.Identify(ctx, in.From, now)
	if err != nil {
		return fmt.Errorf("identify citizen: %w", err)
	}
	receipt, err := e.store.Accept(ctx, citizen.ID, in)
	if err == nil {
		err = e.store.Commit(ctx, func(tx Tx) error { return tx.Kept(receipt.ID) })
	}
	if err != nil {
		return fmt.Errorf("accept message: %w", err)
	}
	return nil
}

// answer runs an accepted message through the conversation. The citizen's
// turn is held by the caller.
func (e *Engine) answer(ctx context.Context, citizen Citizen, in Inbound, receipt int64) (Turn, error) {
	in.Attachment = e.redrawn(in.Attachment)
	turn, err := e.attempt(ctx, citizen, in, receipt)
	var problem *Problem
	if err == nil || errors.As(err, &problem) || ctx.Err() != nil {
		return turn, err
	}
	e.log.Error("turn failed", "citizen", citizen.ID, "turn", receipt, "error", err)
	apology, again := e.apologise(ctx, citizen, in, receipt)
	if again != nil {
		return Turn{}, errors.Join(err, again)
	}
	return apology, nil
}

// attempt decides and commits once; a deed refused at commit is put to the
// citizen in a second commit.
func (e *Engine) attempt(ctx context.Context, citizen Citizen, in Inbound, receipt int64) (Turn, error) {
	s, err := e.open(ctx, citizen, in, receipt)
	if err != nil {
		return Turn{}, err
	}
	if err := e.decide(ctx, s); err != nil {
		return Turn{}, err
	}
	turn, err := e.commit(ctx, s)
	var problem *Problem
	if errors.As(err, &problem) {
		s.undo()
		if err := e.refused(ctx, s, problem); err != nil {
			return Turn{}, err
		}
		turn, err = e.commit(ctx, s)
	}
	return turn, err
}

// apologise answers a turn that failed inside: the draft stays, a person is
// offered, nothing is claimed to be done.
func (e *Engine) apologise(ctx context.Context, citizen Citizen, in Inbound, receipt int64) (Turn, error) {
	s, err := e.open(ctx, citizen, in, receipt)
	if err != nil {
		return Turn{}, err
	}
	s.sorry()
	return e.commit(ctx, s)
}

// open loads what a turn starts from.
func (e *Engine) open(ctx context.Context, citizen Citizen, in Inbound, receipt int64) (*scene, error) {
	conv, err := e.store.Conversation(ctx, citizen.ID)
	if err != nil {
		return nil, fmt.Errorf("load conversation: %w", err)
	}
	now := e.clock()
	if len(conv.Frames) > 0 && !conv.LastAt.IsZero() && now.Sub(conv.LastAt) > e.draftLife {
		conv.Frames, conv.Waiting, conv.Asked = nil, nil, Asked{}
	}
	if now.Sub(conv.LastAt) > 24*time.Hour {
		conv.Rated, conv.Calmed = false, false
		conv.Child, conv.Awaits = time.Time{}, nil // who writes the next day may be somebody else
	}
	gap := now.Sub(conv.LastAt)
	if conv.LastAt.IsZero() {
		gap = 0
	}
	return newScene(e, citizen, conv, in, receipt, now, gap), nil
}

// Delivered says that the platform took these replies.
func (e *Engine) Delivered(ctx context.Context, ids ...OutgoingID) error {
	if len(ids) == 0 {
		return nil
	}
	return e.outbox.Sent(ctx, ids...)
}

// Release leaves these replies to the outbox's dispatcher.
func (e *Engine) Release(ctx context.Context, ids ...OutgoingID) error {
	if len(ids) == 0 {
		return nil
	}
	return e.outbox.Release(ctx, ids...)
}

// Recover answers messages that were accepted but not answered, as after a
// crash; the replies leave through the outbox. It returns how many it
// answered. One that cannot be answered does not keep the others waiting.
// complete, if not nil, first adds what the message's channel had still to
// fetch.
func (e *Engine) Recover(ctx context.Context, before time.Time, complete func(context.Context, *Inbound)) (int, error) {
	pending, err := e.store.Outstanding(ctx, before)
	if err != nil {
		return 0, fmt.Errorf("list unanswered messages: %w", err)
	}
	done := 0
	var faults []error
	for _, p := range pending {
		if complete != nil {
			complete(ctx, &p.Inbound)
		}
		if err := e.recoverOne(ctx, p); err != nil {
			faults = append(faults, fmt.Errorf("answer message %d: %w", p.Receipt, err))
			continue
		}
		done++
	}
	return done, errors.Join(faults...)
}

func (e *Engine) recoverOne(ctx context.Context, p Pending) error {
	unlock, err := e.turns.Lock(ctx, string(p.Citizen))
	if err != nil {
		return err
	}
	defer unlock()
	return e.answerLeft(ctx, p)
}

// answerLeft answers a message unless it was answered meanwhile; it is the
// citizen's turn.
func (e *Engine) answerLeft(ctx context.Context, p Pending) error {
	open, err := e.store.Outstanding(ctx, p.Inbound.At)
	if err != nil || !slices.ContainsFunc(open, func(o Pending) bool { return o.Receipt == p.Receipt }) {
		return err // its own turn was quicker
	}
	citizen, err := e.store.Identify(ctx, p.Inbound.From, e.clock())
	if err != nil {
		return err
	}
	turn, err := e.answer(ctx, citizen, p.Inbound, p.Receipt)
	if err != nil {
		return err
	}
	ids := make([]OutgoingID, len(turn.Out))
	for i, out := range turn.Out {
		ids[i] = out.ID
	}
	return e.Release(ctx, ids...)
}
