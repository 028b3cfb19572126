package ticket

import (
	"errors"
	"time"
)

// Public is what anybody may know of a report: neither who filed it, nor their
// words, nor where exactly.
type Public struct {
	Number    string
	Title     string // a few words of ours
	Category  string
	Town      string
	Village   string
	Type      Type
	Status    Status
	Holder    Body
	Filed     time.Time
	Updated   time.Time
	Due       time.Time
	Root      string
	Reopened  bool
	Satisfied Verdict
}

// PublicQuery selects reports of the public, newest first.
type PublicQuery struct {
	Numbers    []string // these; what follows does not count then
	Categories []string // none: all
	From, To   time.Time
	Open       *bool // nil: both
	Limit      int
}

// PublicStep is one step of a report the public may know of.
type PublicStep struct {
	ID     int64
	Number string
	At     time.Time
	Action Action
	Status Status
}

// APIKey is somebody who may file through the public interface.
type APIKey struct {
	Name      string
	Quota     int // reports a day
	Used      int // today
	CreatedAt time.Time
	Revoked   bool
}

// What may be wrong with a key.
var (
	ErrNoKey   = errors.New("no such key")
	ErrQuota   = errors.New("quota of the key is used up")
	ErrNoToken = errors.New("no such token")
	// ErrPaused is the refusal while two administrators keep reports off.
	ErrPaused = errors.New("filing reports is switched off")
)
