package bot

import (
	"context"
	"time"
)

// Store is the durable truth as the engine needs it. The engine calls it with
// the citizen's turn held, so no two turns of one citizen run at once.
type Store interface {
	// Identify finds the citizen an address belongs to, or makes a new one
	// with a key of its own. Calling it again changes nothing.
	Identify(ctx context.Context, from Address, at time.Time) (Citizen, error)
	// Accept takes an inbound message before anything is done about it. It is
	// durable when a Commit has returned that has it Answered or Kept, and
	// without one a moment later: nobody may be told before that it is taken.
	// A message whose key was seen before is not taken again: the receipt says
	// what became of the first.
	Accept(ctx context.Context, citizen CitizenID, in Inbound) (Receipt, error)
	// Conversation loads where the citizen and the service stand; a new one
	// has Version 0 and is handled ByBot.
	Conversation(ctx context.Context, citizen CitizenID) (Conversation, error)
	// Recent returns the last lines of the transcript, oldest first.
	Recent(ctx context.Context, citizen CitizenID, limit int) ([]Line, error)
	// Commit runs do in one transaction, together with others' (group
	// commit), and returns when it is durable. An error from do leaves no
	// trace of it and is returned as it is. do must be quick and must not
	// wait for anything but tx.
	Commit(ctx context.Context, do func(tx Tx) error) error
	// Unheard are the replies of the citizen's last turn that no platform has
	// taken yet, in order.
	Unheard(ctx context.Context, citizen CitizenID) ([]Outgoing, error)
	// Outstanding are accepted messages not answered, oldest first.
	Outstanding(ctx context.Context, before time.Time) ([]Pending, error)
}

// Receipt is the store's word that a message is kept.
type Receipt struct {
	ID int64
	// Answered is set for a repeat whose first was answered with Out.
	Answered bool
	// Repeat is set when the key was seen before.
	Repeat bool
	Out    []Outgoing
}

// Pending is an accepted message that still waits for its answer.
type Pending struct {
	Receipt int64
	Citizen CitizenID
	Inbound Inbound
}

// Tx is one commit under way. Ledgers of appointments and tickets take it to
// write in the same commit. It is good only inside the function it was given to.
type Tx interface {
	// SaveConversation writes the conversation; it fails when another commit
	// came between (the Version differs), and raises Version by one.
	SaveConversation(conv *Conversation) error
	// SaveCitizen writes what is known of a citizen.
	SaveCitizen(c Citizen) error
	// Append adds a line to the transcript and tells the desk. What is said to
	// a citizen is not appended by itself: see Tell.
	Append(line Line) (int64, error)
	// Enqueue puts a reply in the outbox; it is for say and Tell. lease > 0
	// leaves it for that long to the channel that received the message.
	Enqueue(turn int64, out Outgoing, lease time.Duration) (OutgoingID, error)
	// Enqueued finds the outbox row with an idempotency key, 0 if none.
	Enqueued(key string) (OutgoingID, error)
	// TakeHeld leases the citizen's held rows to the caller, oldest first.
	TakeHeld(citizen CitizenID, until time.Time) ([]Outgoing, error)
	// Drop removes rows of a topic that have not left yet.
	Drop(topic string) error
	// Kept makes an accepted message durable that is not answered yet. It fails
	// when there is no such message.
	Kept(receipt int64) error
	// Answered marks an accepted message as answered; its receipt is the
	// turn's number. It fails when the message was not kept.
	Answered(receipt int64) error
	// OpenHandoff puts a conversation in the operators' queue, or finds it
	// waiting or held there already, and returns its place (1 is next) among
	// those who are there.
	OpenHandoff(h Handoff) (place int, err error)
	// PartHandoff says that who waits for a person hung up, or is there again.
	PartHandoff(citizen CitizenID, gone bool, at time.Time) error
	// TakeHandoff gives the waiting handoff to an operator; ErrOffered while
	// it is offered to another.
	TakeHandoff(citizen CitizenID, operator string, at time.Time) error
	// PassHandoff gives the taken handoff to another operator, or back to its
	// place in the queue, for a group if one is named.
	PassHandoff(citizen CitizenID, to Target, at time.Time) error
	// CloseHandoff ends the open handoff of a citizen with a note.
	CloseHandoff(citizen CitizenID, note string, at time.Time) error
	// Keep stores an attachment and returns its id.
	Keep(citizen CitizenID, a Attachment, at time.Time) (string, error)
	// Consent records a separate consent, with an entry in the audit trail. The
	// same id again changes nothing.
	Consent(c SeparateConsent) error
	// Announce numbers a change for the desk.
	Announce(c Change) error
}

// Outbox is where replies wait for their channel, in order per citizen.
type Outbox interface {
	// LeaseDue takes up to limit rows that are due and not leased, at most
	// the oldest one per citizen, and leases them. What is unsaid enters the
	// transcript in the same commit.
	LeaseDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Outgoing, error)
	// SetBack puts rows that were due, or waited for their next try, when the
	// clock said was, to where it says now, which is earlier.
	SetBack(ctx context.Context, was, now time.Time) error
	// Sent marks rows as taken by the platform.
	Sent(ctx context.Context, ids ...OutgoingID) error
	// Release ends the lease of rows not sent, so that the dispatcher takes them.
	Release(ctx context.Context, ids ...OutgoingID) error
	// Retry puts a row back until at, counting the attempt.
	Retry(ctx context.Context, id OutgoingID, at time.Time, cause string) error
	// Hold keeps a row until the citizen writes again.
	Hold(ctx context.Context, id OutgoingID) error
	// Bury moves a row to the dead letters.
	Bury(ctx context.Context, id OutgoingID, cause string) error
}
