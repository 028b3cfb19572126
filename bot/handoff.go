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

// The reasons. They are kept: what a reason is called may change, its code may not.
const (
	ReasonAsked         HandoffReason = "asked"
	ReasonAgreed        HandoffReason = "agreed" // the bot offered a person
	ReasonEmergency     HandoffReason = "emergency"
	ReasonNotUnderstood HandoffReason = "not_understood"
	ReasonFailed        HandoffReason = "failed"
	ReasonNotKnown      HandoffReason = "not_known"
	ReasonRefused       HandoffReason = "refused" // the citizen would not give what is needed
	ReasonSilent        HandoffReason = "silent"  // the caller said nothing, three times
	ReasonClaim         HandoffReason = "claim"   // somebody claims a wish or offers help: social workers go on
	ReasonTaken         HandoffReason = "taken"   // an operator took it, and nobody had asked
)

// Title names a reason to operators.
func (r HandoffReason) Title() string {
	switch r {
	case ReasonAsked:
		return "要求人工"
	case ReasonAgreed:
		return "同意转人工"
	case ReasonEmergency:
		return "紧急"
	case ReasonNotUnderstood:
		return "机器人没听懂"
	case ReasonFailed:
		return "系统没办成"
	case ReasonNotKnown:
		return "知识库没有答案"
	case ReasonRefused:
		return "不愿提供必填项"
	case ReasonSilent:
		return "一直没有出声"
	case ReasonClaim:
		return "社会认领"
	case ReasonTaken:
		return "坐席主动接入"
	}
	return "其他原因"
}

// waits says whether somebody waits for a person's answer because of it, and so
// comes before what only is to be looked at.
func (r HandoffReason) waits() bool {
	return r == ReasonAsked || r == ReasonAgreed || r == ReasonNotUnderstood || r == ReasonSilent
}

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
