package hotline

import (
	"context"
	"time"

	"guanjia/bot"
)

// Calls keeps the calls that go on, and those that operators still have to
// write up, so that the end of a process loses neither.
type Calls interface {
	// Goes keeps that a call goes on and who has it; operator empty: the bot.
	Goes(ctx context.Context, call string, citizen bot.CitizenID, operator string) error
	// Left keeps that an operator's part of a call is over, and is to be
	// written up.
	Left(ctx context.Context, call string, citizen bot.CitizenID, operator string) error
	// Over keeps that a call ended.
	Over(ctx context.Context, call string) error
	// Cut are the calls that nobody has kept to be over. Asked before the first
	// call is taken, they are those that a process took with it.
	Cut(ctx context.Context) ([]Cut, error)
	// Owes is since when an operator has the latest call to write up; false
	// where they have none.
	Owes(ctx context.Context, operator string) (since time.Time, owes bool, err error)
}

// Cut is a call that ended with its process.
type Cut struct {
	Call     string
	Citizen  bot.CitizenID
	From     bot.Address // the zero value where it is no longer known
	Operator string      // who had it; empty: the bot
}

// cutOff reads whom the process before this one cut off.
func (l *Line) cutOff() []Cut {
	if l.Calls == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(l.life, l.Times.Answer)
	defer stop()
	cut, err := l.Calls.Cut(ctx)
	l.complain("read which calls were cut off", "", err)
	return cut
}

// makeUp does what the end of a call would have done for each that was cut off:
// its operator gets it to write up, the engine learns that the caller is gone,
// and they are called back. What fails is tried again by the next process.
func (l *Line) makeUp(cut []Cut) {
	for _, c := range cut {
		ctx, stop := context.WithTimeout(l.life, l.Times.Answer)
		if err := l.endCut(ctx, c); err != nil && l.life.Err() == nil {
			l.complain("make up for a call that was cut off", c.Call, err)
		}
		stop()
	}
}

func (l *Line) endCut(ctx context.Context, c Cut) error {
	if c.Operator != "" {
		// Where somebody else has the conversation by now there is nothing to end.
		l.complain("end an operator's call that was cut off", c.Call, l.finishAlone(ctx, c.Citizen, c.Operator, "通话因系统故障中断"))
		if c.Operator != operatorName {
			if err := l.Calls.Left(ctx, c.Call, c.Citizen, c.Operator); err != nil {
				return err
			}
		}
	}
	if c.From != (bot.Address{}) {
		if _, err := l.Engine.Receive(ctx, bot.Inbound{From: c.From, Event: bot.EventHangup}); err != nil {
			return err
		}
		if l.Callbacks != nil && !withheld(c.From) {
			if err := l.Callbacks.CallBack(ctx, c.From, "通话因系统故障中断"); err != nil {
				return err
			}
		}
	}
	return l.Calls.Over(ctx, c.Call)
}

// finishAlone ends an operator's part once the caller is gone: what there is to
// say to it would come at the beginning of their next call, and is not said.
func (l *Line) finishAlone(ctx context.Context, citizen bot.CitizenID, operator, why string) error {
	out, err := l.Desk.Finish(ctx, citizen, bot.Holder{Name: operator}, why, false)
	if err != nil {
		return err
	}
	return l.Engine.Delivered(ctx, ids(out)...)
}

// going keeps who has a call.
func (t *talk) going(ctx context.Context, citizen bot.CitizenID, operator string) {
	if t.line.Calls != nil {
		t.line.complain("keep who has a call", t.call.ID(), t.line.Calls.Goes(ctx, t.call.ID(), citizen, operator))
	}
}

// gone keeps that the call ended.
func (t *talk) gone(ctx context.Context) {
	if t.line.Calls != nil {
		t.line.complain("keep that a call ended", t.call.ID(), t.line.Calls.Over(ctx, t.call.ID()))
	}
}
