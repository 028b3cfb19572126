package ticket

// Role is what somebody is to a ticket.
type Role string

// The roles.
const (
	RoleCitizen    Role = "citizen"
	RoleBot        Role = "bot"
	RoleCentre     Role = "centre"        // the 12345 centre: dispatch, review, follow-up, supervision
	RoleDepartment Role = "department"    // a department of the city, or its branch in a town
	RoleTown       Role = "town"          // a town's public service office
	RoleVillage    Role = "village"       // a village or community
	RoleSocial     Role = "social_worker" // a town's social workers
)

// Actor is who does something to a ticket.
type Actor struct {
	Role Role
	Name string // the account's name; empty for citizens and the bot
	Body Body   // whom a worker works for; zero for the others
}

// Worker says whether it is somebody who deals with tickets for a body.
func (a Actor) Worker() bool {
	switch a.Role {
	case RoleDepartment:
		return a.Body.Department != ""
	case RoleTown:
		return a.Body.Town != "" && a.Body.Department == "" && a.Body.Village == "" && !a.Body.Social
	case RoleVillage:
		return a.Body.Village != ""
	case RoleSocial:
		return a.Body.Social
	}
	return false
}

// Sees says whether a ticket is in the actor's inbox: the centre sees all, a
// worker what lies with their body or below it, a citizen their own, which
// the caller must have made sure of.
func (a Actor) Sees(t Ticket) bool {
	switch a.Role {
	case RoleCentre, RoleBot:
		return true
	case RoleCitizen:
		return false
	}
	return a.Worker() && !t.Life.Holder.Centre() && t.Life.Root == "" && a.Body.Over(t.Life.Holder)
}

// Holds says whether the actor works on the ticket now.
func (a Actor) Holds(t Ticket) bool { return a.Worker() && a.Sees(t) }

// SeesCaller says whether the actor may see who filed a ticket and how to
// reach them: never of an anonymous or confidential report, where the centre
// alone speaks with the citizen. Confidential help only stays off the public
// list: whoever brings it must know whom to.
func (a Actor) SeesCaller(t Ticket) bool {
	switch {
	case t.Anonymous:
		return false
	case a.Role == RoleCentre:
		return true
	}
	return (!t.Confidential || t.Kind == Help) && a.Holds(t)
}

// signature is the actor as steps name it.
func (a Actor) signature() string {
	switch a.Role {
	case RoleCitizen, RoleBot:
		return string(a.Role)
	}
	return a.Name
}
