// Package privacy is what the service tells a citizen of what it keeps of
// them: which kinds of data, what for, how long, and what is still to be ended
// before it can go. It follows the Personal Information Protection Law
// (个人信息保护法), articles 17 (to be told), 19 (no longer than needed), 44–47
// (to see, copy, correct and delete).
//
// It holds values and words and no records. It refuses to know where data lie
// and who asks for them: the store erases, the doors prove who somebody is.
package privacy

import (
	"errors"
	"fmt"
	"time"

	"guanjia/bot"
)

// Kind is a kind of data about a citizen.
type Kind string

// The kinds of data, in the order they are shown.
const (
	Profile      Kind = "profile"
	Words        Kind = "words"
	Attachments  Kind = "attachments"
	Appointments Kind = "appointments"
	Tickets      Kind = "tickets"
	Claims       Kind = "claims"
	Policies     Kind = "policies"
	LookUps      Kind = "look_ups"
	Ratings      Kind = "ratings"
	Consents     Kind = "consents"
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{Profile, Words, Attachments, Appointments, Tickets, Claims, Policies, LookUps, Ratings, Consents}
}

// Term is for what a kind is kept and how long.
type Term struct {
	Kind    Kind
	Title   string
	Purpose string
	Days    int    // after which it goes of itself; 0: as Until says
	Until   string // to be read after 保存
}

// Keeping says how long a kind is kept.
func (t Term) Keeping() string {
	if t.Days > 0 {
		return fmt.Sprintf("保存 %d 天", t.Days)
	}
	return "保存" + t.Until
}

// Held is how much of a kind there is of one citizen.
type Held struct {
	Kind  Kind
	Count int
	Since time.Time // of the oldest; zero where there is none
}

// Matter is something that is not over, for which a citizen's particulars are
// still needed.
type Matter struct {
	Kind   Kind
	Number string // empty where it has none
}

// OpenMatters is why a citizen cannot be erased yet.
type OpenMatters []Matter

func (m OpenMatters) Error() string { return fmt.Sprintf("%d matters of the citizen are open", len(m)) }

// ErrNobody means there is no such citizen, or none any more.
var ErrNobody = errors.New("no such citizen")

// Proof is what a citizen gets for a deletion: the entry of the audit trail
// and its hash, by which anybody who keeps the trail can find it.
type Proof struct {
	Entry int64
	At    time.Time
	Hash  string // hexadecimal
}

// Copy is what a citizen takes home.
type Copy struct {
	At           time.Time     `json:"at"`
	Citizen      Person        `json:"citizen"`
	Words        []Word        `json:"words"`
	Appointments []Appointment `json:"appointments"`
	Tickets      []Ticket      `json:"tickets"`
	Claims       []Claim       `json:"claims"`
	Thanks       []Thanks      `json:"thanks"`
	Policies     Following     `json:"policies"`
	LookUps      []LookUp      `json:"look_ups"`
	Ratings      []Rating      `json:"ratings"`
	Consents     []Separate    `json:"separate_consents"`
	Attachments  []File        `json:"attachments"`
}

// Person is who the citizen is to the service.
type Person struct {
	ID        bot.CitizenID `json:"id"`
	Since     time.Time     `json:"since"`
	Name      string        `json:"name,omitempty"`
	Phone     string        `json:"phone,omitempty"`
	Addresses []string      `json:"channels,omitempty"` // wechat, phone, web
}

// Word is one line of a conversation. Operators' notes among themselves are
// not the citizen's words and are left out.
type Word struct {
	At      time.Time   `json:"at"`
	Speaker bot.Speaker `json:"speaker"`
	Channel bot.Channel `json:"channel"`
	Text    string      `json:"text,omitempty"`
	File    string      `json:"file,omitempty"`
}

// Appointment is one booking.
type Appointment struct {
	Number   string    `json:"number"`
	Service  string    `json:"service"`
	Hall     string    `json:"hall"`
	Date     string    `json:"date"`
	Time     string    `json:"time"`
	Name     string    `json:"name"`
	Phone    string    `json:"phone"`
	Relation string    `json:"relation,omitempty"`
	Consent  *Consent  `json:"consent,omitempty"`
	Status   string    `json:"status"`
	Created  time.Time `json:"created_at"`
}

// Consent is whose yes there was to a booking for somebody else.
type Consent struct {
	By  string    `json:"by"` // person: as who booked declared; guardian: as their parent
	At  time.Time `json:"at"`
	For string    `json:"for"`
}

// Ticket is one request or report and what became of it.
type Ticket struct {
	Number     string    `json:"number"`
	Kind       string    `json:"kind"`
	Title      string    `json:"title"`
	Text       string    `json:"text"`
	Address    string    `json:"address,omitempty"`
	Name       string    `json:"name,omitempty"`
	Phone      string    `json:"phone,omitempty"`
	Department string    `json:"department,omitempty"`
	Status     string    `json:"status"`
	Created    time.Time `json:"created_at"`
}

// Claim is a wish taken up.
type Claim struct {
	Wish   string    `json:"wish"`
	Share  float64   `json:"share"`
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

// Thanks is a word said to the other side of a wish.
type Thanks struct {
	Wish   string    `json:"wish"`
	Text   string    `json:"text"`
	Passed string    `json:"passed,omitempty"`
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

// Following is what the citizen is told of policies.
type Following struct {
	Subscribed bool       `json:"subscribed"`
	Notices    []PolicyOf `json:"notices,omitempty"`
}

// PolicyOf is a notice of a policy.
type PolicyOf struct {
	Policy string    `json:"policy"`
	At     time.Time `json:"at"`
}

// LookUp is one query of the city's data about the citizen.
type LookUp struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Purpose string    `json:"purpose"`
	Outcome string    `json:"outcome"`
}

// Rating is how the citizen found the service: 1 good, 2 so-so, 3 bad.
type Rating struct {
	At      time.Time   `json:"at"`
	Channel bot.Channel `json:"channel"`
	Score   int         `json:"score"`
}

// Separate is a separate consent, a guardian's or one to sensitive particulars,
// with the entry of the audit trail that proves it; Withdrawn is zero while it
// stands.
type Separate struct {
	ID        string       `json:"-"`
	About     bot.Separate `json:"about"`
	Errand    string       `json:"errand"`
	By        string       `json:"by"`
	What      string       `json:"what,omitempty"`  // the kinds of particulars
	Asked     string       `json:"asked,omitempty"` // the words that asked
	Channel   string       `json:"channel"`
	At        time.Time    `json:"at"`
	Entry     int64        `json:"entry"`
	Withdrawn time.Time    `json:"withdrawn_at,omitzero"`
}

// File is a picture or a voice message that the citizen sent; Name is its name
// beside the copy.
type File struct {
	ID   string    `json:"-"`
	Name string    `json:"name"`
	Type string    `json:"type"`
	At   time.Time `json:"at"`
	Data []byte    `json:"-"`
}
