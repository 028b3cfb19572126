package desk

import (
	"context"
	"net/http"
	"time"

	"guanjia/bot"
)

// SignIn is a session of an account.
type SignIn struct {
	ID       string
	At, Seen time.Time
	This     bool // it is the one that asks
}

// SignIns are an account's own sessions, which it can look at and end.
type SignIns interface {
	// SignIns lists those that hold still, the newest first.
	SignIns(ctx context.Context, staff, token string, began, used time.Time) ([]SignIn, error)
	// EndSignIn ends one, or all but the token's where id is empty, and says
	// how many it ended.
	EndSignIn(ctx context.Context, staff, id, token string) (int64, error)
}

func (d *Desk) signInsPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	now := d.Clock()
	all, err := d.SignIns.SignIns(r.Context(), who.Name, d.token(r), now.Add(-SessionLife), now.Add(-SessionIdle))
	if err != nil {
		d.fail(w, "list sign-ins", err)
		return
	}
	var factor Factor
	if d.Second != nil {
		if factor, err = d.Second.Factors.Factor(r.Context(), who.Name); err != nil {
			d.fail(w, "read second factor", err)
			return
		}
	}
	keys, _, err := d.keysOf(r.Context(), who.Name)
	if err != nil {
		d.fail(w, "list keys", err)
		return
	}
	d.render(w, http.StatusOK, "signins.html", map[string]any{"Name": who.Name, "All": all, "Second": d.Second != nil, "Factor": factor,
		"Password": d.Passwords != nil, "Keys": keys, "TakesKeys": d.Second != nil && d.Second.Keys != nil})
}

// endSignIn ends a session of one's own, as of a computer that was left open.
func (d *Desk) endSignIn(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	id := r.PostFormValue("id")
	if id == "" && r.PostFormValue("all") != "yes" {
		refuse(w, http.StatusBadRequest, "没有说要退出哪一个。")
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditSignOut, "others") {
		return
	}
	n, err := d.SignIns.EndSignIn(r.Context(), who.Name, id, d.token(r))
	switch {
	case err != nil:
		d.fail(w, "end sign-in", err)
	case n == 0 && id != "":
		refuse(w, http.StatusNotFound, "没有这个登录，可能已经退出了。")
	default:
		http.Redirect(w, r, "/desk/signins", http.StatusSeeOther)
	}
}
