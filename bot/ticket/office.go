package ticket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Books are where the Office reads and writes tickets.
type Books interface {
	// TicketRules are those in force.
	TicketRules() Rules
	Commit(ctx context.Context, do func(tx bot.Tx) error) error
	// Open reads a ticket inside a commit; ErrNoTicket if there is none.
	Open(ctx context.Context, tx bot.Tx, number string) (Ticket, error)
	// Done says whether a step of this key was recorded before.
	Done(ctx context.Context, tx bot.Tx, number, key string) (bool, error)
	// Enter writes what a command came to: the ticket, the step, who was
	// told, and a change for the desk.
	Enter(ctx context.Context, tx bot.Tx, c Command, o Outcome) error
	// Waiting are tickets about which time has something to say.
	Waiting(ctx context.Context, now time.Time, limit int) ([]string, error)
	// Postpone puts off what time has to say about a ticket.
	Postpone(ctx context.Context, tx bot.Tx, number string, until time.Time) error
	// WhereHeard is the address a citizen was last heard at and the language
	// they write; false where they cannot be written to.
	WhereHeard(ctx context.Context, citizen bot.CitizenID) (bot.Address, bot.Language, bool, error)
}

// Office carries commands out: it loads, lets Decide judge, writes, and tells
// the citizen through the outbox, all in one transaction.
type Office struct {
	Books Books
	Style bot.Styler // nil: as written
}

// Do carries out a command in a commit of its own. A *Refusal, ErrStale and
// ErrNoTicket are what may be wrong with it.
func (o *Office) Do(ctx context.Context, number string, c Command) (Ticket, error) {
	var t Ticket
	err := o.Books.Commit(ctx, func(tx bot.Tx) (err error) {
		t, err = o.DoIn(ctx, tx, number, c)
		return err
	})
	return t, err
}

// DoIn carries out a command inside a commit. The same key again changes
// nothing.
func (o *Office) DoIn(ctx context.Context, tx bot.Tx, number string, c Command) (Ticket, error) {
	t, err := o.Books.Open(ctx, tx, number)
	if err != nil {
		return t, err
	}
	if c.Key != "" {
		if done, err := o.Books.Done(ctx, tx, number, c.Key); err != nil || done {
			return t, err
		}
	}
	if c.Action == DoMerge {
		if err := o.mergeable(ctx, tx, c); err != nil {
			return t, err
		}
	}
	return o.carryOut(ctx, tx, t, c)
}

func (o *Office) carryOut(ctx context.Context, tx bot.Tx, t Ticket, c Command) (Ticket, error) {
	c.Was = t.Category
	outcome, err := Decide(t, c, o.Books.TicketRules())
	if err != nil {
		return t, err
	}
	if err := o.Books.Enter(ctx, tx, c, outcome); err != nil {
		return t, fmt.Errorf("%s ticket: %w", c.Action, err)
	}
	for _, n := range outcome.Notices {
		if n.Citizen {
			if err := o.tell(ctx, tx, outcome.Ticket, c, n.Text); err != nil {
				return t, fmt.Errorf("tell citizen: %w", err)
			}
		}
	}
	return outcome.Ticket, nil
}

// mergeable: what another is merged into must be open and no part of a third.
func (o *Office) mergeable(ctx context.Context, tx bot.Tx, c Command) error {
	root, err := o.Books.Open(ctx, tx, c.Into)
	switch {
	case errors.Is(err, ErrNoTicket):
		return refused("没有编号 "+c.Into+"。", "no such ticket to merge into")
	case err != nil:
		return err
	case root.Life.Root != "" || !root.Open():
		return refused(c.Into+" 不能再并入别的事。", "cannot be merged into")
	}
	return nil
}

// tell says a sentence to the citizen.
func (o *Office) tell(ctx context.Context, tx bot.Tx, t Ticket, c Command, say Telling) error {
	to, language, ok, err := o.Books.WhereHeard(ctx, t.Citizen)
	if err != nil || !ok {
		return err
	}
	r := say.For(language)
	if o.Style != nil {
		r = o.Style(language, r)
	}
	return bot.Tell(tx, c.At, bot.Outgoing{
		Citizen: t.Citizen, To: to, Reply: r,
		Key: fmt.Sprintf("ticket:%s:%d", t.Number, t.Life.Version), Topic: "ticket:" + t.Number,
	})
}

// at most so many tickets are looked at together, and so many things happen
// to one at a moment.
const (
	watched = 500
	chained = 16
	rounds  = 100 // of watched tickets in one call; the rest waits for the next
)

// Watch does what time brings about: warnings, escalation, the steps that
// need nobody. Doing it twice changes nothing.
func (o *Office) Watch(ctx context.Context, now time.Time) error {
	var faults []error
	for range rounds {
		numbers, err := o.Books.Waiting(ctx, now, watched)
		if err != nil {
			return fmt.Errorf("list waiting tickets: %w", err)
		}
		for _, number := range numbers {
			err := o.Books.Commit(ctx, func(tx bot.Tx) error { return o.watch(ctx, tx, number, now) })
			if err != nil {
				faults = append(faults, fmt.Errorf("watch ticket %s: %w", number, err))
			}
		}
		if len(numbers) == 0 || len(faults) > 0 {
			return errors.Join(faults...)
		}
	}
	return nil
}

func (o *Office) watch(ctx context.Context, tx bot.Tx, number string, now time.Time) error {
	for range chained {
		t, err := o.Books.Open(ctx, tx, number)
		if err != nil {
			return err
		}
		if t.Life.Root != "" {
			return o.passOn(ctx, tx, t, now)
		}
		due := Alarms(t, o.Books.TicketRules())
		if len(due) == 0 || due[0].At.After(now) {
			return o.Books.Postpone(ctx, tx, number, Next(t, o.Books.TicketRules()))
		}
		c := Answer(t, due[0], now)
		if c.Action == DoDispatch {
			c.Confidence = t.Life.Confidence
		}
		_, err = o.carryOut(ctx, tx, t, c)
		var no *Refusal
		if errors.As(err, &no) {
			return o.Books.Postpone(ctx, tx, number, now.Add(time.Hour))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// passOn tells the citizen of a linked ticket what became of its root.
func (o *Office) passOn(ctx context.Context, tx bot.Tx, t Ticket, now time.Time) error {
	root, err := o.Books.Open(ctx, tx, t.Life.Root)
	if err != nil {
		return err
	}
	if root.Status == Closed && t.Life.ClosedAt.Before(root.Life.ClosedAt) {
		_, err = o.carryOut(ctx, tx, t, Command{Action: DoPass, By: Actor{Role: RoleBot}, At: now, Words: root.Answer})
		return err
	}
	return o.Books.Postpone(ctx, tx, t.Number, time.Time{})
}
