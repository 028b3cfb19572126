package desk

import (
	"context"
	"net/http"
	"time"

	"guanjia/bot"
)

// The roles that work at conversations; other accounts have pages of their own.
const (
	roleOperator      = "operator"
	roleSupervisor    = "supervisor"
	roleAdministrator = "administrator"
	roleHall          = "hall" // a hall's clerk, whose pages are the hall's
)

// afterwards is how long an operator may look at a conversation that was
// theirs.
const afterwards = 7 * 24 * time.Hour

// supervises says whether an account looks after others' conversations.
func (a Account) supervises() bool { return a.Role == roleSupervisor || a.Role == roleAdministrator }

// administrates says whether an account holds one of the two keys.
func (a Account) administrates() bool { return a.Role == roleAdministrator }

// talks says whether an account works at conversations at all.
func (a Account) talks() bool { return a.Role == roleOperator || a.supervises() }

// citywide says whether an account sees every town's conversations.
func (a Account) citywide() bool { return a.Town == "" }

// covers says whether a town's conversations are an account's to see. What is
// of no town yet is the city's.
func (a Account) covers(town string) bool { return a.citywide() || a.Town == town }

// last is what a citizen's last handoff says of who may see them.
type last struct {
	found  bool
	town   string
	status bot.HandoffStatus
	by     string
	closed time.Time
}

// lastOf is a citizen's last handoff, held until something happens in it.
func (d *Desk) lastOf(ctx context.Context, citizen bot.CitizenID) (last, error) {
	return d.lasts.of(citizen, func() (last, error) {
		h, found, err := d.Records.LastHandoff(ctx, citizen)
		return last{found, h.Town, h.Status, h.Operator, h.ClosedAt}, err
	})
}

// reaches says whether an account may open a citizen's conversation: an
// operator those that came to the desk, and for a while those that were
// theirs; a supervisor every one; and of either, a town's only its own.
func (d *Desk) reaches(ctx context.Context, who Account, citizen bot.CitizenID) (bool, error) {
	if !who.talks() {
		return false, nil
	}
	if who.Simulated {
		c, err := d.Records.Citizen(ctx, citizen)
		if err != nil || !c.Simulated {
			return false, err
		}
	}
	if who.supervises() && who.citywide() {
		return true, nil
	}
	h, err := d.lastOf(ctx, citizen)
	if err != nil || !h.found || !who.covers(h.town) {
		return false, err
	}
	if who.supervises() || h.status != bot.HandoffClosed {
		return true, nil
	}
	return h.by == who.Name && d.Clock().Sub(h.closed) < afterwards, nil
}

// within are those of some handoffs an account may see.
func within(who Account, all []bot.Handoff) []bot.Handoff {
	if who.citywide() {
		return all
	}
	var own []bot.Handoff
	for _, h := range all {
		if who.covers(h.Town) {
			own = append(own, h)
		}
	}
	return own
}

// talking lets only accounts through that work at conversations.
func (d *Desk) talking(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return d.signed(func(w http.ResponseWriter, r *http.Request, who Account) {
		if !who.talks() {
			refuse(w, http.StatusForbidden, "您的账号不接待会话。")
			return
		}
		next(w, r, who)
	})
}

// supervising lets only supervisors and administrators through.
func (d *Desk) supervising(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return d.signed(func(w http.ResponseWriter, r *http.Request, who Account) {
		if !who.supervises() {
			refuse(w, http.StatusForbidden, "这一页只有班长和管理员能看。")
			return
		}
		next(w, r, who)
	})
}

// overseeing lets only supervisors of the whole city and administrators through.
func (d *Desk) overseeing(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return d.supervising(func(w http.ResponseWriter, r *http.Request, who Account) {
		if !who.citywide() {
			refuse(w, http.StatusForbidden, "这一页关系到全市，请全市的班长或管理员来看。")
			return
		}
		next(w, r, who)
	})
}

// administrating lets only administrators through.
func (d *Desk) administrating(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return d.signed(func(w http.ResponseWriter, r *http.Request, who Account) {
		if !who.administrates() {
			refuse(w, http.StatusForbidden, "这件事只有管理员能做。")
			return
		}
		next(w, r, who)
	})
}
