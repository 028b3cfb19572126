// Package ticket is the domain of requests for help (民生大莞家) and reports
// (12345): their kinds, life cycle, time limits and urgency.
//
// The life cycle is a table of laws (decide.go): a Command by an Actor is
// judged by Decide, which is pure, and comes to a new ticket, a step to be
// recorded and those to be told. What time brings about is told by Alarms.
// Limits are data on two clocks, natural and working time (limit.go). Help is
// matched in order, policy, fund, public list, by rules that are data too
// (match.go). The Office carries commands out in the Books' transactions.
//
// It refuses to do I/O of its own, to hold particulars anywhere but in
// bot.Secret fields, and every step the laws do not allow.
package ticket

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
)

// Kind tells the two kinds of ticket apart.
type Kind string

// The kinds.
const (
	Help   Kind = "help"
	Report Kind = "report"
)

// Type is the citizen's purpose, as 12345 counts it.
type Type string

// The types.
const (
	Assistance Type = "求助"
	Inquiry    Type = "咨询"
	Complaint  Type = "投诉"
	Tipoff     Type = "举报"
	Suggestion Type = "建议"
	Praise     Type = "表扬"
)

// Name is the type as a citizen reads it.
func (t Type) Name(l bot.Language) string {
	en := map[Type]string{Assistance: "request for help", Inquiry: "question", Complaint: "complaint", Tipoff: "report of an offence", Suggestion: "suggestion", Praise: "praise"}
	return l.Say(string(t), en[t])
}

// Urgency orders tickets.
type Urgency string

// The urgencies.
const (
	Normal    Urgency = "normal"
	Urgent    Urgency = "urgent"
	Emergency Urgency = "emergency"
)

// Status is where a ticket stands in its life.
type Status string

// The states, in the names of the contract.
const (
	Accepted           Status = "accepted"
	Rejected           Status = "rejected"
	Dispatched         Status = "dispatched"
	Signed             Status = "signed"
	Returned           Status = "returned"
	Processing         Status = "processing"
	ExtensionRequested Status = "extension_requested"
	Replied            Status = "replied"
	Reviewed           Status = "reviewed"
	Closed             Status = "closed"
	Reopened           Status = "reopened"
	Withdrawn          Status = "withdrawn"
	Merged             Status = "merged"
)

// Name is the state as a citizen reads it.
func (s Status) Name(l bot.Language) string {
	if l == bot.English {
		return strings.ReplaceAll(string(s), "_", " ")
	}
	if s == Replied {
		return "答复待审核" // they have not read it yet
	}
	return s.Title()
}

// Title is the state in a citizen's words.
func (s Status) Title() string {
	switch s {
	case Accepted:
		return "已受理"
	case Rejected:
		return "不予受理"
	case Dispatched:
		return "已派单"
	case Signed:
		return "承办单位已签收"
	case Returned:
		return "退回重新派单"
	case Processing:
		return "办理中"
	case ExtensionRequested:
		return "申请延期"
	case Replied:
		return "已答复"
	case Reviewed:
		return "已审核"
	case Closed:
		return "已办结"
	case Reopened:
		return "重新办理"
	case Withdrawn:
		return "已撤回"
	case Merged:
		return "已并入同类诉求"
	}
	return string(s)
}

// Ticket is a request or a report.
type Ticket struct {
	Number       string
	Citizen      bot.CitizenID
	Channel      bot.Channel
	Kind         Kind
	Type         Type
	Category     string // id in departments.yaml, empty if unknown
	Title        string // a few words of ours, without particulars
	Text         bot.Secret
	Town         string // town id
	Address      bot.Secret
	Name         bot.Secret
	Phone        bot.Secret
	Urgency      Urgency
	Department   string // the responsible body's name
	Anonymous    bool
	Confidential bool
	Amount       float64 // yuan needed, as told; 0 if not
	Relation     string  // whom the help is for; empty: the citizen
	Latitude     float64
	Longitude    float64
	Attachments  []string
	Needs        []string   // help: ids of what else is needed besides Category
	Affected     int        // people, as told; 0 if not
	ContactWish  bot.Secret // how they would like to be reached, in their words
	Reasons      []string   // the words that decided the sorting
	Status       Status
	Key          string // idempotency
	DueAt        time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time // of the last step
	Simulated    bool

	Village      string     // village or community, as told
	DepartmentID string     // the responsible body's id in the catalogue
	TownBranch   bool       // its branch in the town deals with such matters
	Works        bool       // public works (微实事)
	Answer       bot.Secret // the reply to the citizen
	Life         Life
}

// Step is one recorded event in a ticket's life.
type Step struct {
	At         time.Time
	Status     Status // after it
	By         string // "citizen", "bot", or a colleague's name
	Action     Action
	Note       bot.Secret // why, in whose words
	Holder     Body       // who had the ticket after it
	Attachment string     // id of a picture, empty if none
	Key        string     // idempotency, empty if none
}

// Due is the end of the last day a ticket may take by its limit; the day of
// receipt is not counted.
func Due(t Ticket, l Limits, c Clock) time.Time {
	return dueBy(c, t.CreatedAt, l.HandleFor(t))
}

// ErrNoTicket is returned when there is no ticket of a number.
var ErrNoTicket = errors.New("no such ticket")

// ErrRefused is returned when the life cycle does not allow a step.
var ErrRefused = errors.New("step not allowed")

// Ledger is where tickets are kept.
type Ledger interface {
	// Tickets of a citizen, newest first.
	Tickets(ctx context.Context, citizen bot.CitizenID, limit int) ([]Ticket, error)
	// Ticket by its number with its steps; ErrNoTicket if there is none.
	Ticket(ctx context.Context, number string) (Ticket, []Step, error)
	// File stores a new ticket, numbers it, links it to one of the same place
	// and matter where there is one, and returns it. The same Key gives the
	// same ticket.
	File(ctx context.Context, tx bot.Tx, t Ticket) (Ticket, error)
	// TicketRules are the limits in force, for what is promised.
	TicketRules() Rules
	// Similar is the ticket a report not filed yet would be linked to;
	// ErrNoTicket if there is none.
	Similar(ctx context.Context, t Ticket) (Ticket, error)
}

// Coordinates reads "lat,lng"; zero where there is none.
func Coordinates(s string) (lat, lng float64) {
	a, b, ok := strings.Cut(s, ",")
	if !ok {
		return 0, 0
	}
	lat, errLat := strconv.ParseFloat(a, 64)
	lng, errLng := strconv.ParseFloat(b, 64)
	onEarth := lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180 // NaN is not
	if errLat != nil || errLng != nil || !onEarth {
		return 0, 0
	}
	return lat, lng
}
