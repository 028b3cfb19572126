package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"guanjia/bot"
)

// CitySignOn is the city's identity provider. It says who came back; which
// account that is, and whether there is one, is decided here.
type CitySignOn interface {
	// Begin begins a trip there: its name, and where to send the browser.
	Begin(ctx context.Context) (trip, address string, err error)
	// Finish ends a trip and says whose name it brought.
	Finish(ctx context.Context, trip, state, code string) (name string, err error)
}

const (
	tripCookie = "guanjia_trip"
	tripLife   = 10 * time.Minute
)

func (d *Desk) cityRoutes(mux *http.ServeMux) {
	if d.City == nil {
		return
	}
	mux.HandleFunc("GET /desk/city", d.toCity)
	mux.HandleFunc("GET /desk/city/back", d.fromCity)
}

// toCity sends a browser to the identity provider. Its cookie comes back from
// there, so it cannot be a strict one.
func (d *Desk) toCity(w http.ResponseWriter, r *http.Request) {
	trip, address, err := d.City.Begin(r.Context())
	if err != nil {
		d.Log.Error("begin sign-on", "error", err)
		d.loginFailed(w, http.StatusBadGateway, "", "现在连不上市里的统一登录，请稍后再试，或用账号密码登录。")
		return
	}
	d.keepTrip(w, trip, int(tripLife.Seconds()))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

func (d *Desk) keepTrip(w http.ResponseWriter, trip string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: tripCookie, Value: trip, Path: "/desk/city", HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode, MaxAge: maxAge})
}

// fromCity signs in who comes back, as the account of the same name. What is
// asked beside a password is asked beside this too; a password that was given to
// them is not in use and runs out by itself.
func (d *Desk) fromCity(w http.ResponseWriter, r *http.Request) {
	trip := ""
	if c, err := r.Cookie(tripCookie); err == nil {
		trip = c.Value
	}
	d.keepTrip(w, "", -1)
	name, err := d.City.Finish(r.Context(), trip, r.URL.Query().Get("state"), r.URL.Query().Get("code"))
	if err != nil {
		d.Log.Warn("finish sign-on", "error", err)
		d.loginFailed(w, http.StatusUnauthorized, "", "统一登录没有成功，请再试一次。")
		return
	}
	account, err := d.Accounts.Account(r.Context(), name)
	if errors.Is(err, ErrNoAccount) {
		if d.audit(w, r, "", bot.AuditSignInRefused, host(r)) {
			d.loginFailed(w, http.StatusForbidden, "", "您在市里有账号，这里还没有。请管理员开一个同名的坐席账号。")
		}
		return
	}
	if err != nil {
		d.fail(w, "find account", err)
		return
	}
	// A page of our own goes on: a redirect from another site would come
	// without the strict cookie just given.
	if stage, ok := d.admitted(w, r, account, false); ok {
		d.render(w, http.StatusOK, "arrived.html", map[string]any{"Next": nextOf(stage)})
	}
}
