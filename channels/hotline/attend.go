package hotline

import (
	"context"
	"errors"
	"strings"
	"time"

	"guanjia/bot"
)

// People are the operators and their telephones.
type People interface {
	// Extension is where an operator takes calls; empty: nowhere.
	Extension(ctx context.Context, operator string) (string, error)
	// Answers is who takes calls at an extension; empty: nobody is known to.
	Answers(ctx context.Context, extension string) (string, error)
}

// Why an operator cannot do something to a call.
var (
	ErrOver        = errors.New("the call is over")
	ErrEngaged     = errors.New("the call is with somebody, or somebody is being rung for it")
	ErrNotTheirs   = errors.New("the call is not with this operator")
	ErrNoTelephone = errors.New("the operator has no telephone")
	ErrWrapUp      = errors.New("the operator's last call is not wrapped up")
)

// person is who may answer for us.
type person struct {
	name string // at the desk
	uri  string
	// asked is set where they asked for the call themselves: they are put
	// through without a key.
	asked bool
}

// Answer rings an operator's own telephone for a caller; whoever lifts it has
// the call.
func (l *Line) Answer(ctx context.Context, citizen bot.CitizenID, operator string) error {
	if busy, err := l.writing(ctx, operator); err != nil {
		return err
	} else if busy {
		return ErrWrapUp
	}
	to, err := l.telephoneOf(ctx, operator)
	if err != nil {
		return err
	}
	to.asked = true
	return l.wish(citizen, wish{do: wishAnswer, to: to})
}

// Hold keeps the caller waiting with a tune, or takes them back.
func (l *Line) Hold(citizen bot.CitizenID, operator string, on bool) error {
	do := wishResume
	if on {
		do = wishHold
	}
	return l.wish(citizen, wish{do: do, by: operator})
}

// PassOn rings a colleague, told what it is about; once they accept the call is
// theirs. Until then, and where they do not, it stays as it is.
func (l *Line) PassOn(ctx context.Context, citizen bot.CitizenID, operator, colleague string) error {
	to, err := l.telephoneOf(ctx, colleague)
	if err != nil {
		return err
	}
	return l.wish(citizen, wish{do: wishPass, by: operator, to: to})
}

// Release ends an operator's part of a call; the caller is asked how it went.
func (l *Line) Release(citizen bot.CitizenID, operator string) error {
	return l.wish(citizen, wish{do: wishRelease, by: operator})
}

// telephoneOf is an operator at their telephone: an extension of the exchange
// that the people who answer are at.
func (l *Line) telephoneOf(ctx context.Context, operator string) (person, error) {
	if l.People == nil || len(l.Operators) == 0 {
		return person{}, ErrNoTelephone
	}
	extension, err := l.People.Extension(ctx, operator)
	if err != nil {
		return person{}, err
	}
	scheme, _, _ := strings.Cut(l.Operators[0], ":")
	_, host, ok := strings.Cut(l.Operators[0], "@")
	if extension == "" || !ok {
		return person{}, ErrNoTelephone
	}
	return person{name: operator, uri: scheme + ":" + extension + "@" + host}, nil
}

// answering are the people who answer, by name where it is known whose
// telephone theirs is; those who write their last call up are left out.
func (l *Line) answering(ctx context.Context) []person {
	var out []person
	for _, uri := range l.Operators {
		p := person{name: operatorName, uri: uri}
		if l.People != nil {
			_, rest, _ := strings.Cut(uri, ":")
			extension, _, _ := strings.Cut(rest, "@")
			name, err := l.People.Answers(ctx, extension)
			l.complain("find whose telephone rings", "", err)
			if busy, err := l.writing(ctx, name); busy {
				continue
			} else {
				l.complain("find who writes a call up", "", err)
			}
			if name != "" {
				p.name = name
			}
		}
		out = append(out, p)
	}
	return out
}

// wrapUpTime is how long an operator may take to write a call up before they
// are rung again all the same; it stays to be written up.
const wrapUpTime = 3 * time.Minute

// writing says whether an operator is at writing their last call up.
func (l *Line) writing(ctx context.Context, operator string) (bool, error) {
	if l.Calls == nil || operator == "" {
		return false, nil
	}
	since, owes, err := l.Calls.Owes(ctx, operator)
	return owes && l.Clock().Sub(since) < wrapUpTime, err
}

// grant does what somebody at the desk wishes of the call.
func (t *talk) grant(ctx context.Context, w wish) error {
	theirs := t.leg != nil && t.leg.who.name == w.by
	switch w.do {
	case wishRing:
		t.toPerson(ctx)
		return nil
	case wishEnd:
		t.part(ctx)
		return nil
	case wishAnswer:
		if t.leg != nil || t.ringing {
			return ErrEngaged
		}
		t.ringFor(ctx, []person{w.to})
		return nil
	}
	switch {
	case !theirs:
		return ErrNotTheirs
	case w.do == wishPass && t.ringing:
		return ErrEngaged
	case w.do == wishPass:
		t.ringFor(ctx, []person{w.to})
	case w.do == wishRelease:
		t.operatorLeft(ctx, t.leg)
	default:
		t.leg.byDesk = w.do == wishHold
		t.keepWaiting(ctx)
	}
	return nil
}

// keepWaiting begins or ends that the caller waits, after the operator held the
// call at the desk or at their telephone, or took it back.
func (t *talk) keepWaiting(ctx context.Context) {
	g := t.leg
	if g == nil {
		return
	}
	held := g.byDesk || g.sound.Held()
	if held == g.held.Load() {
		return
	}
	g.held.Store(held)
	t.hush()
	if t.silentAt = (time.Time{}); held {
		t.line.figures.held.Add(1)
		t.say(ctx, t.words().holding)
	}
}

// waits says whether the caller is kept waiting by who has the call.
func (t *talk) waits() bool { return t.leg != nil && t.leg.held.Load() }
