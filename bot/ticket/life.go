package ticket

import "time"

// Life is where a ticket stands beside its status. It holds no particulars.
type Life struct {
	Version int64 `json:"-"` // raised by one with each step
	Holder  Body  `json:"-"` // who has it
	// Root is the ticket this one was linked to or merged into: what is done
	// there is done for this one too.
	Root   string    `json:"-"`
	NextAt time.Time `json:"-"` // when Alarms has something to say, zero: never

	Confidence   float64     `json:"confidence,omitempty"` // of the sorting
	DispatchedAt time.Time   `json:"dispatched_at,omitzero"`
	AdmittedAt   time.Time   `json:"admitted_at,omitzero"` // help: the town said that it takes it on
	SignedAt     time.Time   `json:"signed_at,omitzero"`
	ContactedAt  time.Time   `json:"contacted_at,omitzero"`
	RepliedAt    time.Time   `json:"replied_at,omitzero"`
	ClosedAt     time.Time   `json:"closed_at,omitzero"`
	ArchivedAt   time.Time   `json:"archived_at,omitzero"`
	ReopenedAt   time.Time   `json:"reopened_at,omitzero"`
	ReturnedBy   []string    `json:"returned_by,omitempty"` // bodies
	Redone       int         `json:"redone,omitempty"`
	Extended     int         `json:"extended,omitempty"`
	Until        time.Time   `json:"until,omitzero"` // the extension asked for
	Urged        int         `json:"urged,omitempty"`
	Level        Level       `json:"level,omitempty"`
	Raised       []AlarmKind `json:"raised,omitempty"` // alarms raised in this round
	Satisfied    Verdict     `json:"satisfied,omitempty"`
	Solved       Verdict     `json:"solved,omitempty"`
	Late         bool        `json:"late,omitempty"` // answered after it was due
	// Linked counts the tickets linked to this one.
	Linked int `json:"-"`
	// Band is the amount's band of 民生大莞家.
	Band Band `json:"band,omitempty"`
	// Verified is set once the town has verified the need.
	Verified time.Time `json:"verified,omitzero"`
	Paid     float64   `json:"paid,omitempty"` // yuan paid from funds
	// Tried are the ways of meeting a need that were gone, each once.
	Tried []Tried `json:"tried,omitempty"`
}

// Verdict is a citizen's answer at the follow-up.
type Verdict string

// The verdicts.
const (
	Unasked Verdict = ""
	Yes     Verdict = "yes"
	No      Verdict = "no"
	Unheard Verdict = "unreached" // could not be reached
)

// Level is how far supervision has gone: an overlay over the status.
type Level int

// The levels.
const (
	Calm    Level = iota
	Yellow        // most of the time is gone
	Red           // overdue
	Pressed       // 催办 after the due day, or by the centre
	Listed        // 通报: named to those above
)

// Title names a level.
func (l Level) Title() string {
	return [...]string{"", "黄牌", "红牌", "督办", "通报"}[min(max(l, Calm), Listed)]
}

// Final says whether nothing more is to be done.
func (t Ticket) Final() bool {
	switch t.Status {
	case Rejected, Withdrawn, Merged:
		return true
	case Closed:
		return !t.Life.ArchivedAt.IsZero()
	}
	return false
}

// Open says whether somebody still has to answer.
func (t Ticket) Open() bool {
	switch t.Status {
	case Rejected, Withdrawn, Merged, Closed, Reviewed:
		return false
	}
	return true
}
