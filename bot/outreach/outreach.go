// Package outreach holds who follows 惠企政策 and who was told of what: a
// subscription with the profile that policies are held against, a notice of a
// new or expiring policy, and whether it arrived, was looked at and answered
// in time (送达、查看、办理、评价、督查).
//
// It refuses to know what a policy says and whether it fits; it counts. It
// does no I/O: the store keeps what is here.
package outreach

import (
	"context"
	"time"

	"guanjia/bot"
)

// Event is why followers are told of a policy.
type Event string

// The events.
const (
	New      Event = "new"      // it was published
	Expiring Event = "expiring" // its last day is near
)

// The deadlines of a notice, from when it was made.
const (
	ReachWithin = 3 * 24 * time.Hour  // it should have arrived
	LookWithin  = 10 * 24 * time.Hour // it should have been looked at
)

// ExpiryNotice is how long before its last day a policy is told to expire.
const ExpiryNotice = 30 * 24 * time.Hour

// Subscription is one citizen's wish to be told. There is one at most that
// has not ended; a new one takes its place.
type Subscription struct {
	Citizen   bot.CitizenID
	Profile   map[string]string // facts told, as knowledge/policies names them
	To        bot.Address       // where the citizen was when asking for it
	Language  bot.Language      // what they are written in
	CreatedAt time.Time
}

// Notice is a policy told to one follower for one event.
type Notice struct {
	Key         string // unique per follower, policy and event; also the outbox row's
	Citizen     bot.CitizenID
	Policy      string
	Event       Event
	At          time.Time
	Delivered   bool // the platform took it
	SeenAt      time.Time
	AnsweredAt  time.Time
	Answer      Answer
	Unreachable bool // it will not be delivered: refused for good
}

// State is where a notice stands on a day.
type State string

// The states, in the words of supervision.
const (
	Waiting    State = "waiting"   // under way, in time
	Unreached  State = "unreached" // not delivered in time, or never will be
	Unseen     State = "unseen"    // delivered, not looked at in time
	Seen       State = "seen"      // looked at
	AnsweredOK State = "answered"  // said what is to come of it
	Arrived    State = "arrived"   // delivered, still in time
)

// State says where the notice stands.
func (n Notice) State(now time.Time) State {
	switch {
	case !n.AnsweredAt.IsZero():
		return AnsweredOK
	case !n.SeenAt.IsZero():
		return Seen
	case n.Unreachable:
		return Unreached
	case n.Delivered && now.Sub(n.At) > LookWithin:
		return Unseen
	case n.Delivered:
		return Arrived
	case now.Sub(n.At) > ReachWithin:
		return Unreached
	}
	return Waiting
}

// Answer is what a citizen said about a policy.
type Answer string

// The answers.
const (
	Applying Answer = "applying" // will apply for it
	NotMine  Answer = "not_mine" // does not concern them
	Useful   Answer = "useful"
	Useless  Answer = "useless"
)

// Figures count what came of one policy.
type Figures struct {
	Policy    string
	Matched   int // followers it was made out for
	Delivered int
	Seen      int
	Answered  int
	Overdue   int // not reached or not looked at in time
	Applying  int
	Useful    int
	Useless   int
}

// Ledger keeps subscriptions and notices.
type Ledger interface {
	// FollowPolicies begins a subscription, in the place of an older one.
	FollowPolicies(ctx context.Context, tx bot.Tx, s Subscription) error
	// UnfollowPolicies ends the citizen's subscription and drops what waits to be
	// sent for it; false when there is none.
	UnfollowPolicies(ctx context.Context, tx bot.Tx, citizen bot.CitizenID, at time.Time) (bool, error)
	// FollowsPolicies says whether the citizen follows policies.
	FollowsPolicies(ctx context.Context, citizen bot.CitizenID) (bool, error)
	// PolicyFollowers calls each for every subscription that has not ended.
	PolicyFollowers(ctx context.Context, each func(Subscription) error) error
	// TellPolicy makes out a notice and puts it in the outbox; the same key again
	// changes nothing. A follower who has unsubscribed since is not told.
	TellPolicy(ctx context.Context, tx bot.Tx, n Notice, out bot.Outgoing) error
	// PolicyNotices are a citizen's, newest first.
	PolicyNotices(ctx context.Context, citizen bot.CitizenID, limit int) ([]Notice, error)
	// SeePolicy marks the citizen's delivered notices as looked at: of one policy,
	// or all where none is named.
	SeePolicy(ctx context.Context, tx bot.Tx, citizen bot.CitizenID, policy string, at time.Time) error
	// AnswerPolicy keeps what a citizen said about a policy; a later answer of the
	// same sort takes the place of an earlier one.
	AnswerPolicy(ctx context.Context, tx bot.Tx, citizen bot.CitizenID, policy string, a Answer, at time.Time) error
	// PolicyFigures counts, by policy, for all that anything is known of.
	PolicyFigures(ctx context.Context, now time.Time) ([]Figures, error)
	// OverdueNotices are notices not reached or not looked at in time, oldest first.
	OverdueNotices(ctx context.Context, now time.Time, limit int) ([]Notice, error)
}

// Topic groups a follower's notices in the outbox.
func Topic(citizen bot.CitizenID) string { return "policy:" + string(citizen) }
