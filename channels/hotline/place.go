package hotline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
	"guanjia/bot/outcall"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
)

// Orders are the calls that the line is to place.
type Orders interface {
	// Next leases a call that may be placed now; false where there is none.
	Next(ctx context.Context) (outcall.Order, bool, error)
	// Ask puts what the call is about to whoever answered at an address; it is
	// said in the call that is going on there.
	Ask(ctx context.Context, o outcall.Order, at bot.Address) error
	// Whose is the citizen an address belongs to.
	Whose(ctx context.Context, at bot.Address) (bot.CitizenID, error)
	// End keeps what came of a try.
	End(ctx context.Context, o outcall.Order, what outcall.Outcome) error
	// AtOnce is how many calls may be placed beside each other.
	AtOnce(ctx context.Context) (int, error)
}

// placedPulse is how often it is looked for calls to place.
const placedPulse = 2 * time.Second

// placing is one call of ours as its talk knows it.
type placing struct {
	order    outcall.Order
	asked    bool // what it is about was put to them
	saying   bool // and began to be said
	heardOut bool // and was, to its end
	spoke    bool // they said or pressed something since they were asked
}

// outcome is what came of a call that was answered.
func (p *placing) outcome() outcall.Outcome {
	switch {
	case p.spoke:
		return outcall.Answered
	case p.heardOut:
		return outcall.Listened
	}
	return outcall.CutShort
}

// placeAll places what is ordered until the line closes, and waits for the
// calls it began.
func (l *Line) placeAll() {
	var going sync.WaitGroup
	defer going.Wait()
	tick := time.NewTicker(placedPulse)
	defer tick.Stop()
	for {
		for l.placeNext(&going) {
		}
		select {
		case <-l.life.Done():
			return
		case <-tick.C:
		}
	}
}

// placeNext begins to place one call; false where there is none to place now.
func (l *Line) placeNext(going *sync.WaitGroup) bool {
	if l.life.Err() != nil || l.settling.Load() {
		return false
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(l.life), l.Times.Answer)
	defer stop()
	most, err := l.Orders.AtOnce(ctx)
	if err != nil || int(l.placed.Load()) >= most {
		l.complain("read how many calls may be placed", "", err)
		return false
	}
	o, found, err := l.Orders.Next(ctx)
	if err != nil || !found {
		l.complain("look for a call to place", "", err)
		return false
	}
	l.placed.Add(1)
	going.Go(func() {
		defer l.placed.Add(-1)
		what := l.place(o)
		l.figures.place(string(what))
		last, stop := context.WithTimeout(context.WithoutCancel(l.life), l.Times.Answer)
		defer stop()
		l.complain("end a placed call", o.String(), l.Orders.End(last, o, what))
	})
	return true
}

func (l *Line) complain(what, about string, err error) {
	if err != nil {
		l.Log.Error(what, "about", about, "error", err)
	}
}

// place rings somebody and has the talk with whoever answers.
func (l *Line) place(o outcall.Order) outcall.Outcome {
	phone, ok := outcall.Number(o.Phone.Reveal())
	if !ok {
		return outcall.Invalid
	}
	sound, err := media.Open(l.ports, l.endpoint.HostTo(l.life, l.Outbound.URI), l.pace)
	if err != nil {
		l.complain("no sound for a placed call", o.String(), err)
		return outcall.Unreachable
	}
	defer sound.Close()
	dial, stop := context.WithTimeout(l.life, l.Times.Operator)
	defer stop()
	call, answer, err := l.endpoint.Dial(dial, signal.Placing{
		To: through(l.Outbound, phone), From: l.Outbound.User, User: l.Outbound.User, Password: l.Outbound.Password, Description: sound.Offer(),
		Renegotiate: func(offer []byte) ([]byte, bool) { a, err := sound.Answer(offer); return a, err == nil },
	})
	if err == nil {
		err = sound.Agreed(answer)
	}
	if err != nil {
		if call != nil {
			call.Hangup(dial)
		}
		return unplaced(err)
	}
	began := time.Now()
	t := l.newTalk(call, sound, bot.Address{Channel: bot.Hotline, ID: phone})
	t.placing = &placing{order: o}
	t.run(call.Context())
	hang, end := context.WithTimeout(context.WithoutCancel(l.life), l.Times.Answer)
	defer end()
	call.Hangup(hang)
	l.figures.ended(sound.Quality(), string(call.Cause()), time.Since(began))
	return t.placing.outcome()
}

// through is a number as it is dialled over a trunk.
func through(t signal.Trunk, phone string) string {
	scheme, rest, _ := strings.Cut(t.URI, ":")
	return fmt.Sprintf("%s:%s@%s", scheme, phone, rest)
}

// unplaced is why a call was not answered.
func unplaced(err error) outcall.Outcome {
	var f signal.Failure
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return outcall.NoAnswer
	case !errors.As(err, &f):
		return outcall.Unreachable
	}
	switch f.Status {
	case 486, 600:
		return outcall.Busy
	case 480, 408, 487, 603:
		return outcall.NoAnswer
	case 404, 410, 484, 604:
		return outcall.Invalid
	}
	return outcall.Unreachable
}

// open says who calls and has the question put to whoever answered.
func (t *talk) open(ctx context.Context) {
	w := t.words()
	text := w.calling
	if t.tape != nil {
		text += w.recorded
	}
	t.say(ctx, text)
	citizen, err := t.line.Orders.Whose(ctx, t.from)
	if err == nil {
		// What is asked comes like all that is said of our own accord.
		t.known(citizen)
		err = t.line.Orders.Ask(ctx, t.placing.order, t.from)
	}
	t.placing.asked = err == nil
	if err != nil {
		t.line.complain("ask in a placed call", t.placing.order.String(), err)
		t.parting = true
		t.say(ctx, w.enough)
	}
}

// untroubled ends a placed call in which nothing is said any more: they are not
// asked over and over in a call they did not make.
func (t *talk) untroubled(ctx context.Context) bool {
	p := t.placing
	if p == nil || t.flow != "" || !p.spoke && t.silences == 0 {
		return false
	}
	t.parting = true
	t.say(ctx, t.words().enough)
	return true
}

// replied notes that whoever was rung did something once they were asked.
func (t *talk) replied() {
	if t.placing != nil && t.placing.asked {
		t.placing.spoke = true
	}
}
