package bot

import (
	"context"
	"errors"
	"time"
)

// OutgoingID numbers the rows of the outbox, in order.
type OutgoingID int64

// Outgoing is one reply on its way to a citizen. It is written in the same
// commit as what it tells of, and leaves in order per citizen.
type Outgoing struct {
	ID      OutgoingID
	Citizen CitizenID
	To      Address
	Reply   Reply
	// Due is the earliest time it may leave: reminders wait here.
	Due time.Time
	// Key makes a row unique (a reminder of one appointment); the same key
	// again changes nothing. Empty: no such bound.
	Key string
	// Topic groups rows that fall away together ("appointment:YY…").
	Topic string
	// Proactive marks what the service says of its own accord.
	Proactive bool
	// Unsaid: the transcript does not hold it yet. Whoever leases it first
	// appends it.
	Unsaid bool
	// From says who speaks: the bot, or an operator's name.
	From     string
	Attempts int
}

// Sender delivers one outgoing reply on its channel. It is called by the
// outbox's dispatcher, one at a time per citizen. A nil error means the
// platform took it. Wrap ErrHold when the platform will not take it until the
// citizen writes again, ErrPermanent when it never will; any other error is
// tried again with growing delays. A call whose outcome is unknown must be
// reported as ErrUnknownOutcome and is not sent again.
type Sender interface {
	Send(ctx context.Context, out Outgoing) error
}

// What a Sender's error may wrap.
var (
	ErrHold           = errors.New("held until the citizen writes again")
	ErrPermanent      = errors.New("refused for good")
	ErrUnknownOutcome = errors.New("outcome unknown")
)
