package bot

import (
	"errors"
	"time"
)

// GuideVersion is one version of a service guide as it is kept. What stands in
// Body is the knowledge base's own.
type GuideVersion struct {
	Guide   string // its id
	Version int    // from 1, without gaps
	Body    []byte // JSON
	Hash    string // of Body without its version
	At      time.Time
	By      string // desk account, or "command"
	Note    string // why, in the words of whoever changed it
}

// ErrGuideChanged means that somebody else changed the guide in between.
var ErrGuideChanged = errors.New("guide was changed by somebody else")

// MissReason is why a question was not answered well.
type MissReason string

// The reasons.
const (
	MissNoGuide   MissReason = "no_guide"   // nothing comes near
	MissNoField   MissReason = "no_field"   // the guide is known and does not say
	MissLowMargin MissReason = "low_margin" // several fit alike
	MissNoAlias   MissReason = "no_alias"   // one fits, but not by a name it has
	MissDown      MissReason = "thumbs_down"
	MissUp        MissReason = "thumbs_up" // no miss: the citizen says it helped
)

// Missed is a question the guides did not answer well, or what a citizen said
// of an answer.
type Missed struct {
	At      time.Time
	Citizen CitizenID
	Channel Channel
	Reason  MissReason
	Guide   string  // the nearest, or the one that answered
	Field   string  // what was asked for
	Score   float64 // how well it fits, 0 to 1
	Words   string  // of the citizen, without particulars; sealed at rest
}
