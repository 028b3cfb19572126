package booking

import "time"

// Scope says which adjustments are meant.
type Scope struct {
	Kind   Kind     `json:"kind,omitempty"` // empty: each
	Hall   string   `json:"hall,omitempty"` // empty: all
	Groups []string `json:"groups"`         // nil: all
	// UpTo is the latest proposal that who decides has seen.
	UpTo int64 `json:"up_to"`
}

// Proposals is what the proposals of a scope come to.
type Proposals struct {
	Count  int
	Places map[Kind]int
	UpTo   int64 // the latest of them
}

// Batch is one decision over many proposals; it can be taken back as a whole.
type Batch struct {
	ID       int64
	At       time.Time
	By       string
	Reason   string
	Scope    Scope
	Applied  bool // else rejected
	Count    int
	Places   int
	UndoneBy string // empty: it holds
	UndoneAt time.Time
}

// MostDecided proposals are carried out or rejected by one decision: no more than
// somebody can answer for at once.
const MostDecided = 1000
