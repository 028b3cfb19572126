package bot

import "time"

// Speaker is who said a line of a transcript.
type Speaker string

// The speakers.
const (
	SpeakerCitizen  Speaker = "citizen"
	SpeakerBot      Speaker = "bot"
	SpeakerOperator Speaker = "operator"
	SpeakerNote     Speaker = "note" // operators only; never leaves the desk
)

// Line is one entry of a conversation's transcript.
type Line struct {
	ID         int64 // increasing within the installation
	Citizen    CitizenID
	Speaker    Speaker
	Name       string // the operator's name, when one spoke
	Channel    Channel
	At         time.Time
	Text       string
	Options    []Option
	Source     string
	Event      EventKind
	Did        string // what an event without words was, in operators' words; empty: as events of its kind are called
	Attachment string // id of a kept attachment, empty if none
	Delivered  bool   // of the bot's and operators' lines: the platform took it
}

// Change is one numbered happening the desk follows: a new line, a handoff
// put in the queue, taken, closed. What is kept of it are references, never words.
type Change struct {
	Seq     int64 // increasing without gaps seen by readers
	At      time.Time
	Kind    ChangeKind
	Citizen CitizenID
	Ref     string // a line's or handoff's id
	// Line is the new line itself where one is told of as it happens, so that
	// nobody has to look it up to show it; nil of what is read back.
	Line *Line
}

// ChangeKind names a happening.
type ChangeKind string

// The changes.
const (
	ChangeLine    ChangeKind = "line"
	ChangeQueued  ChangeKind = "queued"
	ChangeTaken   ChangeKind = "taken"
	ChangeClosed  ChangeKind = "closed"
	ChangeUrgent  ChangeKind = "urgent"
	ChangeTicket  ChangeKind = "ticket"
	ChangeSurge   ChangeKind = "surge" // many reports of one matter; Ref is the event's id, Citizen empty
	ChangeBooking ChangeKind = "appointment"
	ChangeTag     ChangeKind = "tag"
	ChangeMention ChangeKind = "mention" // a note names a colleague, who is Ref
	ChangeDraft   ChangeKind = "draft"   // an operator changed the form under way
	// An operator is asked to take a conversation; whether one is asked at all
	// has changed. Ref is the operator; Citizen is empty of the second.
	ChangeOffered  ChangeKind = "offered"
	ChangePresence ChangeKind = "presence"
)
