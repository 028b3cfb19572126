package hotline

import (
	"context"
	"errors"
	"time"

	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
)

// take has one incoming call from ringing to goodbye. Returning hangs up.
func (l *Line) take(ctx context.Context, c *signal.Call) {
	began := time.Now()
	l.figures.offered.Add(1)
	sound, err := media.Open(l.ports, c.HostFor(), l.pace)
	if err != nil {
		l.Log.Warn("no sound for a call", "call", c.ID(), "error", err)
		c.Refuse(503, "Service Unavailable", "Retry-After", "5")
		return
	}
	defer sound.Close()
	description, status := described(sound, c.Offer())
	if status != 0 {
		c.Refuse(status, "Not Acceptable Here")
		return
	}
	c.Ring()
	c.Renegotiate = func(offer []byte) ([]byte, bool) {
		answer, err := sound.Answer(offer)
		return answer, err == nil
	}
	c.Answered = func(answer []byte) { sound.Agreed(answer) }
	if err := c.Accept(description); err != nil {
		l.figures.abandoned.Add(1)
		return
	}
	l.figures.answered(time.Since(began))
	if !acknowledged(ctx, c) {
		return
	}
	t := l.newTalk(c, sound, l.caller(c))
	t.run(ctx)
	l.figures.ended(sound.Quality(), string(c.Cause()), time.Since(began))
}

// described is our answer to an offer, or our own offer where there was none.
func described(sound *media.Session, offer []byte) (description []byte, status int) {
	if len(offer) == 0 {
		return sound.Offer(), 0
	}
	description, err := sound.Answer(offer)
	switch {
	case errors.Is(err, media.ErrNoSound):
		return nil, 488
	case err != nil:
		return nil, 400
	}
	return description, 0
}

// acknowledged waits until the caller knows that we answered; false where the
// call ended before.
func acknowledged(ctx context.Context, c *signal.Call) bool {
	select {
	case <-c.Confirmed():
		return true
	case <-ctx.Done():
		return false
	}
}

// number brings a telephone number to the form it is dialled in here; empty
// for names, and for numbers withheld.
func number(user string) string {
	digits := make([]byte, 0, len(user))
	for i := 0; i < len(user); i++ {
		switch c := user[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '+' && i == 0, c == '-', c == '.', c == '(', c == ')':
		default:
			return ""
		}
	}
	n := string(digits)
	switch {
	case len(n) == 13 && n[:3] == "861":
		n = n[2:]
	case len(n) == 15 && n[:4] == "0086":
		n = n[4:]
	case len(n) == 12 && n[:2] == "01":
		n = n[1:]
	}
	if len(n) < 3 || len(n) > 20 {
		return ""
	}
	return n
}
