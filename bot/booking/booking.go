// Package booking is the domain of appointments: openings (service × hall ×
// day × period with a capacity), the rules that bound who may take them, and
// the values that pass between conversation, pages and storage.
//
// It decides and does no I/O; what it needs from storage is the Ledger.
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
}

// Service is something that can be booked.
type Service struct {
	ID    string // the guide's id
	Title string
}

// Opening is a bookable period of a service at a hall with its places.
type Opening struct {
	Service   string
	Hall      string
	Date      string // 2026-12-02
	Time      string // 15:00, when the period begins
	Capacity  int
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
	Status    Status
	CreatedAt time.Time
	Simulated bool
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

// Why a place is refused.
var (
	ErrNoOpening     = errors.New("no such opening")
	ErrFull          = errors.New("opening is full")
	ErrBegun         = errors.New("period has begun")
	ErrSameService   = errors.New("already booked for this service on this day")
	ErrTooMany       = errors.New("too many active appointments")
	ErrBanned        = errors.New("booking stopped after no-shows")
	ErrTooLate       = errors.New("too late to cancel or change")
	ErrNotActive     = errors.New("appointment is not active")
	ErrNoAppointment = errors.New("no such appointment")
)

// Ledger is where openings and appointments are kept. Methods with a tx write
// in that commit; the others read what is committed.
type Ledger interface {
	// Openings lists released openings in order of date, time and hall.
	Openings(ctx context.Context, q Query) ([]Opening, error)
	// Appointments of a citizen, newest first; active only if asked.
	Appointments(ctx context.Context, citizen bot.CitizenID, active bool) ([]Appointment, error)
	// Appointment by its number; ErrNoAppointment if there is none.
	Appointment(ctx context.Context, number string) (Appointment, error)
	// Book takes a place or returns one of the errors above.
	Book(ctx context.Context, tx bot.Tx, r Request) (Appointment, error)
	// Cancel frees the place.
	Cancel(ctx context.Context, tx bot.Tx, number string, now time.Time) (Appointment, error)
	// Move takes another place of the same service, at hall, date and time,
	// and frees the old one, at once; the limits do not count the old one.
	// The number stays.
	Move(ctx context.Context, tx bot.Tx, number, hall, date, clock string, now time.Time) (Appointment, error)
}
