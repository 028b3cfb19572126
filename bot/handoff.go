package bot

import "time"

// Handling says who answers a conversation now.
type Handling string

// The ways a conversation is handled.
const (
	ByBot    Handling = "bot"
	Queued   Handling = "queued" // waits for a person; the bot goes on serving
	ByPerson Handling = "human"  // the bot is silent
	Closed   Handling = "closed" // an operator closed it; the next word opens it again
)

// HandoffReason is why a conversation goes to a person.
type HandoffReason string

// The reasons.
const (
	ReasonAsked         HandoffReason = "asked"
	ReasonEmergency     HandoffReason = "emergency"
	ReasonNotUnderstood HandoffReason = "not_understood"
	ReasonFailed        HandoffReason = "failed"
	ReasonNotKnown      HandoffReason = "not_known"
	ReasonRefused       HandoffReason = "refused" // the citizen would not give what is needed
)

// HandoffStatus is where a handoff stands.
type HandoffStatus string

// The states of a handoff.
const (
	HandoffWaiting HandoffStatus = "waiting"
	HandoffTaken   HandoffStatus = "taken"
	HandoffClosed  HandoffStatus = "closed"
)

// Holder is who acts on a conversation they hold. Fence is the number the
// conversation had when it came to them: who acts on an older one has lost it
// meanwhile, even to themselves. 0 is not compared.
type Holder struct {
	Name  string
	Fence int64
}

// holds says whether a holder's hold is the one that stands.
func (h Holder) holds(conv *Conversation) bool {
	return conv.Handling == ByPerson && conv.Operator == h.Name && (h.Fence == 0 || h.Fence == conv.Fence)
}

// Target is whom a conversation is passed to: an operator, a group's members,
// or, empty, whoever is next.
type Target struct {
	Operator string
	Group    string
	// Town is the town it turned out to be about; empty: as before.
	Town string
}

// Handoff is a conversation's place in the operators' queue with the packet
// that spares the citizen from telling everything again.
type Handoff struct {
	ID       int64
	Citizen  CitizenID
	Channel  Channel
	Reason   HandoffReason
	Priority int // 0 emergencies, 1 asked or failed twice, 2 the rest
	Summary  string
	Intent   Intent
	Slots    map[string]string // shown, masked
	Tried    []string          // what the bot tried, newest last
	Town     string
	Language Language
	// Wanted is the group it was passed to, empty if anybody may take it.
	Wanted string
	// Offered is whom it is offered to until OfferUntil.
	Offered    string
	OfferUntil time.Time
	Status     HandoffStatus
	Operator   string
	At         time.Time
	TakenAt    time.Time
	Parted     time.Time // when the caller hung up; zero: is there
	ClosedAt   time.Time
	Note       string // the operator's note back to the bot
}
