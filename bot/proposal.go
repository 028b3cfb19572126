package bot

import "context"

// Proposer is asked what a turn's words ask for when the local understanding
// is not sure of it: a model stands behind it. It proposes and does nothing.
// It answers before ctx ends, is asked once a turn, and may fail: the local
// result is at hand already.
type Proposer interface {
	Propose(ctx context.Context, c Consultation) ([]Proposed, error)
}

// Consultation is all a proposer learns of a turn: the words with the
// particulars taken out, where the talk stands, and what may be proposed.
// What the citizen told before is not among it.
type Consultation struct {
	Text     string // the words, particulars as marks: 〔电话1〕
	Language Language
	Flow     Intent   // the errand under way, empty if none
	Asked    string   // the slot asked for; "confirm" at a summary, "choice" at options
	Filled   []string // the slots told already, without their values
	Flows    []Named  // what may be started or asked about
	Slots    []Named  // what may be set
}

// Named is something that may be proposed, with its name for people.
type Named struct{ ID, Title string }

// Proposed is one proposal, not yet looked at.
type Proposed struct {
	Do    Deed     // one of Proposable
	Flow  Intent   // to start or to ask
	Flows []Intent // to choose from
	Slot  string
	Span  string // the citizen's own words it goes by, marks as given
	Text  string // another wording of the question, only ever to find more by
}

// maxProposed is how many proposals of a turn are looked at.
const maxProposed = 5

// The deeds only a proposer leads to: what it thinks the citizen wants gone or
// wants a person for is asked first.
const (
	DoDoubt Deed = "offer_stop"
	DoOffer Deed = "offer_person"
)

// Proposable lists the deeds that may be proposed; DoLost is a proposer's word
// that it does not know either. A yes is not among them:
// nothing is committed on another's word than the citizen's.
func Proposable() []Deed {
	return []Deed{DoStart, DoSet, DoCorrect, DoDrop, DoClarify, DoSkip, DoAnswer, DoChat, DoHandoff, DoRepeat, DoLost}
}

// What came of consulting, for the trace and the figures.
const (
	ModelUsed    = "used"    // its proposals were carried out
	ModelNothing = "nothing" // it answered, and nothing of it held
	ModelLate    = "late"    // the deadline passed
	ModelFailed  = "failed"  // it could not be asked or answered nonsense
	ModelResting = "resting" // it failed so often that it is not asked for a while
)
