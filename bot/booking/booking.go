// Package booking is the domain of appointments: halls, services and the
// openings they share, the rules that bound who may take them, and the Diary,
// which decides about places, holds, waiting lines and the numbers drawn in a
// hall.
//
// It decides and does no I/O: what the diary did is written by storage (its
// Effects) and can be taken back until then; what others need of storage is
// the Ledger.
package booking

import (
	"context"
	"errors"
	"time"

	"guanjia/bot"
)

// Hall is a service hall. Address and Phone are empty until imported.
type Hall struct {
	ID      string // "city", or the town's id
	Name    string
	Town    string // town id, empty for the city's hall
	Address string
	Phone   string
	Hours   string  // as it is written on the door
	Lat     float64 // GCJ-02, 0 where not known
	Lng     float64
	Access  string // parking, ramps, lifts
	Demo    bool
	Retired bool // it ended: nothing is offered there any more
}

// Service is something that can be booked.
type Service struct {
	ID         string // the guide's id
	Title      string
	Group      string // whose openings it shares; empty: its own
	Department string
	Minutes    int // it takes on average; 0: not known
	Demo       bool
	Retired    bool     // it is offered no more
	Aliases    []string // what people also call it
}

// Opening is a bookable period of a service at a hall with its places.
type Opening struct {
	Service   string
	Hall      string
	Date      string // 2026-12-02
	Time      string // 15:00, when the period begins
	Capacity  int    // places that can be booked
	Kept      int    // places besides, for walk-ins and in reserve
	Remaining int
}

// Starts is the instant the period begins.
func (o Opening) Starts() time.Time { return At(o.Date, o.Time) }

// At is the instant of a date and time in Asia/Shanghai; zero when malformed.
func At(date, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", date+" "+clock, bot.Shanghai())
	if err != nil {
		return time.Time{}
	}
	return t
}

// Status is where an appointment stands.
type Status string

// The states of an appointment.
const (
	Booked    Status = "booked"
	Cancelled Status = "cancelled"
	CheckedIn Status = "checked_in"
	Served    Status = "served"
	NoShow    Status = "no_show"
)

// Appointment is a place taken in an opening.
type Appointment struct {
	Number    string
	Citizen   bot.CitizenID // who made it
	Channel   bot.Channel
	Service   string
	Hall      string
	Date      string
	Time      string
	Name      bot.Secret // the person served
	Phone     bot.Secret
	IDNumber  bot.Secret
	Relation  string // of the person served to the citizen; empty: the citizen
	Consent   Consent
	Places    int
	Status    Status
	Rating    int // stars the citizen gave afterwards, 0: none yet
	CreatedAt time.Time
	Simulated bool
}

// Consent is that somebody else may book for the person served: who said so,
// when, and for whom. It is empty where nobody else booked, or nobody had to be
// asked.
type Consent struct {
	By  ConsentBy
	At  time.Time
	For bot.Secret // the person's name as it was told then
}

// ConsentBy is whose yes it is.
type ConsentBy string

// Who may say yes.
const (
	ByPerson   ConsentBy = "person"   // the person served, as who booked declared
	ByGuardian ConsentBy = "guardian" // who booked, as the person's parent
)

// child is the relation of who cannot consent themselves.
const child = "子女"

// ConsentIn is the consent a request carries under the rules.
func (r Request) ConsentIn(rules Rules) Consent {
	switch {
	case r.Relation == "" || r.Relation == "本人":
		return Consent{}
	case r.Relation == child:
		return Consent{ByGuardian, r.Now, r.Name}
	case rules.Consent && r.Consent:
		return Consent{ByPerson, r.Now, r.Name}
	}
	return Consent{}
}

// Starts is the instant the appointment begins.
func (a Appointment) Starts() time.Time { return At(a.Date, a.Time) }

// Request asks for a place.
type Request struct {
	Citizen  bot.CitizenID
	Channel  bot.Channel
	Key      string // idempotency: the same key gives the same appointment
	Service  string
	Hall     string
	Date     string
	Time     string
	Name     bot.Secret
	Phone    bot.Secret
	IDNumber bot.Secret
	Relation string
	Consent  bool // the person served agrees; asked for where the rules say so
	Places   int  // 0: one
	Now      time.Time
}

// Query selects openings; empty fields select all.
type Query struct {
	Service string
	Hall    string
	Date    string    // one day
	After   time.Time // periods beginning later than this
	Free    bool      // with places left only
	Limit   int
}

// Why a deed is refused. Reason says each to a citizen.
var (
	ErrNoOpening     = errors.New("no such opening")
	ErrFull          = errors.New("opening is full")
	ErrBegun         = errors.New("period has begun")
	ErrTooShort      = errors.New("too short before the period")
	ErrNotReleased   = errors.New("not released yet")
	ErrSameService   = errors.New("already booked for this service on this day")
	ErrSameDay       = errors.New("too many appointments on this day")
	ErrTooMany       = errors.New("too many active appointments")
	ErrTooManyPlaces = errors.New("too many places for one appointment")
	ErrBanned        = errors.New("booking stopped after no-shows")
	ErrIdentity      = errors.New("an id number is needed")
	ErrOthers        = errors.New("cannot be booked for somebody else")
	ErrConsent       = errors.New("the person served has not agreed")
	ErrTooLate       = errors.New("too late to cancel or change")
	ErrNotActive     = errors.New("appointment is not active")
	ErrNoAppointment = errors.New("no such appointment")
	ErrFree          = errors.New("a place is free: nothing to wait for")
	ErrNoWait        = errors.New("not on the waiting list")
	ErrTooManyWaits  = errors.New("on too many waiting lists")
	ErrOtherHall     = errors.New("appointment is at another hall")
	ErrOtherDay      = errors.New("appointment is on a later day")
	ErrOver          = errors.New("appointment's day is over")
	ErrEarly         = errors.New("too early")
	ErrNobody        = errors.New("nobody is waiting")
	ErrNotServed     = errors.New("not served yet")
	ErrRated         = errors.New("rated before")
)

// Ledger is where openings and appointments are kept. Methods with a tx write
// in that commit; the others read what is committed, and of openings and
// waiting lists from memory.
type Ledger interface {
	// Openings lists released openings in order of date, time and hall.
	Openings(ctx context.Context, q Query) ([]Opening, error)
	// Appointments of a citizen, newest first; active only if asked.
	Appointments(ctx context.Context, citizen bot.CitizenID, active bool) ([]Appointment, error)
	// Appointment by its number; ErrNoAppointment if there is none.
	Appointment(ctx context.Context, number string) (Appointment, error)
	// RulesFor are the rules in force for a service.
	RulesFor(service string) Rules
	// Reserve keeps a place for the citizen while they confirm. A citizen holds
	// one place so; the next hold gives the last one back.
	Reserve(ctx context.Context, tx bot.Tx, r Request) (Hold, error)
	// GiveBack frees what the citizen holds under a request's key.
	GiveBack(ctx context.Context, tx bot.Tx, citizen bot.CitizenID, key string, now time.Time) error
	// Held are the places the citizen holds.
	Held(citizen bot.CitizenID) []Hold
	// Changeable says why an appointment can no longer be cancelled or moved.
	Changeable(number string, now time.Time) error
	// Book takes a place, the citizen's own hold first, or returns one of the
	// errors above.
	Book(ctx context.Context, tx bot.Tx, r Request) (Appointment, error)
	// Cancel frees the place; who waits for it gets it at once.
	Cancel(ctx context.Context, tx bot.Tx, number string, now time.Time) (Appointment, error)
	// Move takes another place of the same service, at hall, date and time,
	// and frees the old one, at once; the limits do not count the old one.
	// The number stays.
	Move(ctx context.Context, tx bot.Tx, number, hall, date, clock string, now time.Time) (Appointment, error)
	// Wait puts the person in line for a full opening; an empty date or time
	// means any.
	Wait(ctx context.Context, tx bot.Tx, r Request) (Waiting, error)
	// Leave takes the citizen out of a line.
	Leave(ctx context.Context, tx bot.Tx, citizen bot.CitizenID, id int64, now time.Time) (Waiting, error)
	// Waits are the citizen's places in line, and how many stand before each.
	Waits(ctx context.Context, citizen bot.CitizenID) ([]Line, error)
	// ArrivalOf is the number drawn for an appointment and how many are called
	// before it; false where none was drawn.
	ArrivalOf(number string, now time.Time) (Arrival, int, bool)
	// Banned says until when no-shows stop bookings for who a request is for.
	Banned(r Request) (Ban, bool)
	// Appeal keeps a word against such a stop; ErrNotBanned, or ErrAppealed
	// where one is open.
	Appeal(ctx context.Context, tx bot.Tx, a Appeal) error
	// AppealOf is the latest appeal of a citizen; false where there is none.
	AppealOf(ctx context.Context, citizen bot.CitizenID) (Appeal, bool, error)
	// Rate keeps what a served citizen says of it, once.
	Rate(ctx context.Context, tx bot.Tx, number string, o Opinion) error
}

// Line is a place in a waiting line.
type Line struct {
	Waiting
	Ahead    int
	Name     bot.Secret // the person served
	Phone    bot.Secret
	IDNumber bot.Secret
	Relation string
}
