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

// reaches says whether an account may open a citizen's conversation: an
// operator those that came to the desk, and for a while those that were
// theirs; a supervisor every one.
func (d *Desk) reaches(ctx context.Context, who Account, citizen bot.CitizenID) (bool, error) {
	if who.supervises() || !who.talks() {
		return who.talks(), nil
	}
	h, found, err := d.Records.LastHandoff(ctx, citizen)
	if err != nil || !found {
		return false, err
	}
	if h.Status != bot.HandoffClosed {
		return true, nil
	}
	return h.Operator == who.Name && d.Clock().Sub(h.ClosedAt) < afterwards, nil
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
