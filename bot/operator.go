package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Errors an operator may meet.
var (
	ErrNotHeld   = errors.New("conversation is not held by this operator")
	ErrHeldElse  = errors.New("conversation is held by another operator")
	ErrOffered   = errors.New("conversation is offered to another operator")
	ErrEmptyText = errors.New("nothing to say")
	ErrNoPicture = errors.New("the file is no picture")
)

// Saying is what an operator tells a citizen: words, with options to choose
// from or without, or a picture.
type Saying struct {
	Text    string
	Options []string
	Picture *Attachment
}

func coordinates(lat, lng float64) string {
	return strconv.FormatFloat(lat, 'f', 6, 64) + "," + strconv.FormatFloat(lng, 'f', 6, 64)
}

// Take gives a conversation to an operator; from now on the bot is silent.
func (e *Engine) Take(ctx context.Context, citizen CitizenID, operator string) error {
	return e.operate(ctx, citizen, func(conv *Conversation, tx Tx) error {
		if conv.Handling == ByPerson && conv.Operator != operator {
			return ErrHeldElse
		}
		if conv.Handling != Queued && conv.Handling != ByPerson {
			// Taking an unqueued conversation still leaves a handoff on record.
			if _, err := tx.OpenHandoff(Handoff{
				Citizen: citizen, Channel: conv.Address.Channel, Reason: ReasonTaken, Priority: 1,
				Summary: ReasonTaken.Title(), Status: HandoffWaiting, At: e.clock(), Slots: map[string]string{},
			}); err != nil {
				return err
			}
		}
		if conv.Handling != ByPerson {
			conv.Fence++
		}
		conv.Handling, conv.Operator = ByPerson, operator
		return tx.TakeHandoff(citizen, operator, e.clock())
	})
}

// Speak sends what an operator tells the citizen, through the same outbox as
// the bot's. key makes a repeat harmless: what was said under it is not said
// again, even when the conversation has passed to someone else meanwhile.
func (e *Engine) Speak(ctx context.Context, citizen CitizenID, by Holder, said Saying, key string) ([]Outgoing, error) {
	if said.Text == "" && said.Picture == nil {
		return nil, ErrEmptyText
	}
	picture := e.redrawn(said.Picture)
	if said.Picture != nil && picture == nil {
		return nil, ErrNoPicture
	}
	var out []Outgoing
	err := e.operate(ctx, citizen, func(conv *Conversation, tx Tx) error {
		out = nil
		if key != "" {
			if id, err := tx.Enqueued(key); err != nil || id != 0 {
				return err
			}
		}
		if !by.holds(conv) {
			return ErrNotHeld
		}
		o := Outgoing{Citizen: citizen, To: conv.Address, Reply: Reply{Text: said.Text}, Due: e.clock(), From: by.Name, Key: key}
		for _, text := range said.Options {
			o.Reply.Options = append(o.Reply.Options, Option{Text: text})
		}
		var err error
		if picture != nil {
			if o.Reply.Picture, err = tx.Keep(citizen, *picture, o.Due); err != nil {
				return fmt.Errorf("keep picture: %w", err)
			}
		}
		o.ID, _, err = say(tx, 0, o, 0)
		out = append(out, o)
		return err
	})
	return out, err
}

// Said keeps what an operator told a citizen aloud: the citizen has heard it, and
// nothing leaves.
func (e *Engine) Said(ctx context.Context, citizen CitizenID, operator, text string) error {
	if text == "" {
		return ErrEmptyText
	}
	return e.operate(ctx, citizen, func(conv *Conversation, tx Tx) error {
		_, err := tx.Append(Line{
			Citizen: citizen, Speaker: SpeakerOperator, Name: operator, Channel: conv.Address.Channel,
			At: e.clock(), Text: text, Event: EventOverheard, Delivered: true,
		})
		return err
	})
}

// Pass hands a conversation an operator holds to another operator, or back to
// its place in the queue, for a group if one is named; the note is for whoever
// takes it up. The citizen is told nothing: to them a person still has it.
func (e *Engine) Pass(ctx context.Context, citizen CitizenID, from Holder, to Target, note string) error {
	return e.Reassign(ctx, citizen, from.Name, from, to, note)
}

// Reassign is Pass by somebody who looks after operators: from is who holds the
// conversation, the note is the supervisor's.
func (e *Engine) Reassign(ctx context.Context, citizen CitizenID, by string, from Holder, to Target, note string) error {
	return e.operate(ctx, citizen, func(conv *Conversation, tx Tx) error {
		if !from.holds(conv) {
			return ErrNotHeld
		}
		conv.Operator = to.Operator
		conv.Fence++
		if to.Operator == "" {
			conv.Handling = Queued
		}
		if err := tx.PassHandoff(citizen, to, e.clock()); err != nil {
			return err
		}
		return e.noted(tx, conv, by, note)
	})
}

// noted keeps an operator's note, if there is one, as a line for colleagues.
func (e *Engine) noted(tx Tx, conv *Conversation, by, note string) error {
	if note == "" {
		return nil
	}
	_, err := tx.Append(Line{
		Citizen: conv.Citizen, Speaker: SpeakerNote, Name: by, Channel: conv.Address.Channel,
		At: e.clock(), Text: note, Delivered: true,
	})
	return err
}

// Note adds a line only operators see.
func (e *Engine) Note(ctx context.Context, citizen CitizenID, operator, text string) error {
	if text == "" {
		return ErrEmptyText
	}
	return e.operate(ctx, citizen, func(conv *Conversation, tx Tx) error {
		return e.noted(tx, conv, operator, text)
	})
}

// Finish ends an operator's part. With back set the bot takes the talk up
// again where it was, with the form as the operator left it; otherwise the conversation is closed until the
// citizen's next word. The citizen is told in one sentence either way.
func (e *Engine) Finish(ctx context.Context, citizen CitizenID, by Holder, note string, back bool) ([]Outgoing, error) {
	var out []Outgoing
	var on *scene // the errand the bot goes on with
	look := func() (err error) {
		if back {
			on, err = e.goOn(ctx, citizen)
		}
		return err
	}
	finish := func(conv *Conversation, tx Tx) error {
		out = nil
		if !by.holds(conv) {
			return ErrNotHeld
		}
		if on != nil {
			fence := conv.Fence
			*conv = on.conv.Clone()
			conv.Fence = fence
		}
		conv.Fence++
		if err := tx.CloseHandoff(citizen, note, e.clock()); err != nil {
			return err
		}
		if err := e.noted(tx, conv, by.Name, note); err != nil {
			return err
		}
		conv.Operator, conv.Misses = "", 0
		text := conv.Language.Say("这次人工服务结束了。还有事，直接告诉我就行。", "The conversation with our colleague has ended. Just write if there is anything else.")
		conv.Handling = Closed
		if back {
			conv.Handling = ByBot
			text = conv.Language.Say("工作人员已处理完，接下来由智能助手陪您。还要办别的，直接告诉我。", "Our colleague is done; the assistant is with you again. Tell me what else you need.")
		} else {
			// The person may have done what the draft was for: it is offered
			// again, and not gone on with.
			conv.Asked, conv.Stale = Asked{}, true
		}
		r := Reply{Text: text}
		if !back && len(conv.Frames) == 0 && !conv.Rated && conv.Address.Channel != Hotline { // a caller has hung up
			conv.Asked, conv.Rated = Asked{Kind: AskedRating, Choices: ratingChoices(conv.Language)}, true
			r.Text = conv.Language.Say("这次人工服务结束了。您满意吗？还有事，直接告诉我就行。", "The conversation with our colleague has ended. How did it go? Just write if there is anything else.")
			r.Options = optionsOf(conv.Asked.Choices, nil)
		}
		if on != nil {
			if on.deed != nil { // the place the summary reads back
				if err := on.deed(ctx, tx); err != nil {
					return err
				}
			}
			question := on.asOne(optionsOf(on.choices, nil))
			r.Text = conv.Language.Say("工作人员已处理完，接下来由智能助手陪您，我们接着办。\n", "Our colleague is done; the assistant is with you again, let us go on.\n") + question.Text
			r.Options = question.Options
		}
		if e.style != nil {
			r = e.style(conv.Language, r)
		}
		o := Outgoing{Citizen: citizen, To: conv.Address, Reply: r, Due: e.clock(), From: voice}
		var err error
		o.ID, _, err = say(tx, 0, o, 0)
		out = append(out, o)
		conv.Last = []Reply{r}
		return err
	}
	err := e.operateAfter(ctx, citizen, look, finish)
	var problem *Problem
	if errors.As(err, &problem) { // what the summary reads back is gone: the citizen hears it when they say yes
		on = nil
		err = e.operate(ctx, citizen, finish)
	}
	return out, err
}

// operate changes a conversation for an operator, in the citizen's order of turns.
func (e *Engine) operate(ctx context.Context, citizen CitizenID, do func(*Conversation, Tx) error) error {
	return e.operateAfter(ctx, citizen, func() error { return nil }, do)
}

// operateAfter is operate with something to be read first, within the turn and
// before the commit.
func (e *Engine) operateAfter(ctx context.Context, citizen CitizenID, look func() error, do func(*Conversation, Tx) error) error {
	unlock, err := e.turns.Lock(ctx, string(citizen))
	if err != nil {
		return fmt.Errorf("wait for the citizen's turn: %w", err)
	}
	defer unlock()
	conv, err := e.store.Conversation(ctx, citizen)
	if err != nil {
		return fmt.Errorf("load conversation: %w", err)
	}
	if err := look(); err != nil {
		return err
	}
	return e.store.Commit(ctx, func(tx Tx) error {
		changed := conv.Clone()
		if err := do(&changed, tx); err != nil {
			return err
		}
		return tx.SaveConversation(&changed)
	})
}
