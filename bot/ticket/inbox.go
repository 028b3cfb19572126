package ticket

import "time"

// InboxQuery selects tickets of those an actor sees.
type InboxQuery struct {
	Actor  Actor
	States []Status // none: all
	Town   string
	Limit  int
	Late   bool // only those over their time at Now
	Now    time.Time
}

// Told is somebody having been told of a ticket.
type Told struct {
	Ticket string
	At     time.Time
	Reader string // a body as ParseBody reads it, or "citizen"
	Alarm  AlarmKind
	Action Action
}
