package desk

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"guanjia/bot"
	"guanjia/bot/routing"
)

const (
	SessionLife = 12 * time.Hour   // a sign-in holds at the most
	SessionIdle = 30 * time.Minute // and without anyone at the desk

	cookiePlain  = "guanjia_desk"
	cookieSecure = "__Host-guanjia_desk"
)

func (d *Desk) cookieName() string {
	if d.Secure {
		return cookieSecure
	}
	return cookiePlain
}

// keep gives the browser a token; maxAge < 0 takes it away.
func (d *Desk) keep(w http.ResponseWriter, token string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: d.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: d.Secure,
		SameSite: http.SameSiteStrictMode, MaxAge: maxAge})
}

func (d *Desk) token(r *http.Request) string {
	c, err := r.Cookie(d.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// signed lets only signed-in operators through; the page sends others to the
// sign-in, everything else answers 401.
func (d *Desk) signed(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := d.who(r)
		if err == nil {
			next(w, r, who)
			return
		}
		if !errors.Is(err, ErrNoAccount) {
			d.fail(w, "read session", err)
			return
		}
		half, err := d.session(r)
		next := "/desk/login"
		if err == nil && half.awaits() == stageOwn {
			next = nextOf(half.Stage)
		}
		switch {
		case r.URL.Path == "/desk/":
			http.Redirect(w, r, next, http.StatusSeeOther)
		case next != "/desk/login":
			refuse(w, http.StatusUnauthorized, "请先换成自己的密码。")
		default:
			refuse(w, http.StatusUnauthorized, "请先登录。")
		}
	}
}

// Who is signed in, for other pages behind the same sign-in; ErrNoAccount if
// nobody. Asking notes that a person uses the session.
func (d *Desk) Who(r *http.Request) (Account, error) {
	who, err := d.who(r)
	if err == nil && r.Header.Get("Purpose") != "prefetch" && !strings.HasSuffix(r.URL.Path, "/screen") {
		d.used(r)
	}
	return who, err
}

// who is fully signed in.
func (d *Desk) who(r *http.Request) (Account, error) {
	who, err := d.session(r)
	if err == nil && who.Stage != "" {
		return Account{}, ErrNoAccount
	}
	return who, err
}

// session is whose session a request is of, fully signed in or not. One that
// is not is over soon.
func (d *Desk) session(r *http.Request) (Account, error) {
	token := d.token(r)
	if token == "" {
		return Account{}, ErrNoAccount
	}
	now := d.Clock()
	who, err := d.Accounts.Signed(r.Context(), token, now.Add(-SessionLife), now.Add(-SessionIdle))
	if err == nil && who.Stage != "" {
		who, err = d.Accounts.Signed(r.Context(), token, now.Add(-halfLife), now.Add(-halfLife))
	}
	return who, err
}

// used notes that a person, not a page refreshing itself, is at the desk.
func (d *Desk) used(r *http.Request) {
	if err := d.Accounts.Used(r.Context(), d.token(r), d.Clock()); err != nil {
		d.Log.Error("note use of session", "error", err)
	}
}

// here is what the page says while its operator reads and scrolls.
func (d *Desk) here(w http.ResponseWriter, r *http.Request, _ Account) {
	d.used(r)
	w.WriteHeader(http.StatusNoContent)
}

func (d *Desk) loginPage(w http.ResponseWriter, r *http.Request) {
	if who, err := d.session(r); err == nil && (who.Stage == "" || who.awaits() == stageOwn) {
		http.Redirect(w, r, nextOf(who.Stage), http.StatusSeeOther)
		return
	}
	d.render(w, http.StatusOK, "login.html", map[string]any{"Ended": r.URL.Query().Has("ended"), "City": d.City != nil})
}

// login checks name and password. The answer is the same for an unknown name
// and a wrong password; failures slow both the name and the address down.
func (d *Desk) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		d.loginFailed(w, http.StatusBadRequest, "", "填写的内容太长或格式不对。")
		return
	}
	name, password := r.PostFormValue("name"), r.PostFormValue("password")
	if d.Secure && overPlainHTTP(r) {
		d.loginFailed(w, http.StatusBadRequest, name, "这个地址要用 https 打开，不然浏览器不收登录凭证。请管理员给内部的门也装上证书，或从本机、隧道打开 127.0.0.1。")
		return
	}
	now := d.Clock()
	if wait := d.tries.begin(now, name, host(r)); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		d.loginFailed(w, http.StatusTooManyRequests, name, "试的次数太多，请过"+spell(wait)+"再登录。")
		return
	}
	account, ok, err := d.check(r, name, password)
	if err != nil {
		d.Log.Error("check sign-in", "error", err)
		d.loginFailed(w, http.StatusInternalServerError, name, "系统忙，请稍后再试。")
		return
	}
	if !ok {
		if !d.audit(w, r, account.Name, bot.AuditSignInRefused, host(r)) {
			return
		}
		d.loginFailed(w, http.StatusUnauthorized, name, "账号或密码不对。")
		return
	}
	d.tries.passed(name, host(r))
	if d.expired(account, now) {
		if d.audit(w, r, account.Name, bot.AuditSignInRefused, host(r)) {
			d.loginFailed(w, http.StatusUnauthorized, name, "别人给您的密码没有及时换，已经过期。请管理员运行 guanjia staff reset 再给一个。")
		}
		return
	}
	if stage, ok := d.admitted(w, r, account, d.given(account)); ok {
		http.Redirect(w, r, nextOf(stage), http.StatusSeeOther)
	}
}

// overPlainHTTP says whether a browser came by an address that is neither
// encrypted nor its own machine's: it keeps no Secure cookie from there.
func overPlainHTTP(r *http.Request) bool {
	from, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || from.Scheme != "http" {
		return false
	}
	at := net.ParseIP(from.Hostname())
	return from.Hostname() != "localhost" && (at == nil || !at.IsLoopback())
}

// admitted signs in who has proved to be an account's owner, as far as that
// alone goes; given: by a password that is to be exchanged for one of their own.
func (d *Desk) admitted(w http.ResponseWriter, r *http.Request, account Account, given bool) (stage string, ok bool) {
	stage, err := d.stageOf(r.Context(), account)
	if err != nil {
		d.Log.Error("read second factor", "error", err)
		d.loginFailed(w, http.StatusInternalServerError, account.Name, "系统忙，请稍后再试。")
		return "", false
	}
	if given {
		stage = strings.TrimSpace(stage + " " + stageOwn)
	}
	return stage, d.begin(w, r, account.Name, stage)
}

// nextOf is the page a sign-in at a stage goes on to.
func nextOf(stage string) string {
	switch stage {
	case "":
		return "/desk/"
	case stageOwn:
		return "/desk/password"
	}
	return "/desk/factor"
}

// checksAtOnce bounds how many passwords are checked together: each takes
// 19 MiB.
const checksAtOnce = 4

func (d *Desk) check(r *http.Request, name, password string) (Account, bool, error) {
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-r.Context().Done():
		return Account{}, false, r.Context().Err()
	}
	account, err := d.Accounts.Account(r.Context(), name)
	unknown := errors.Is(err, ErrNoAccount)
	if err != nil && !unknown {
		return Account{}, false, err
	}
	ok, err := d.Accounts.Check(password, account.Hash)
	return account, ok && !unknown, err
}

func (d *Desk) loginFailed(w http.ResponseWriter, status int, name, why string) {
	d.render(w, status, "login.html", map[string]any{"Name": name, "Error": why, "City": d.City != nil})
}

func (d *Desk) logout(w http.ResponseWriter, r *http.Request, who Account) {
	if !d.audit(w, r, who.Name, bot.AuditSignOut, host(r)) {
		return
	}
	if d.Roster != nil {
		if err := d.Roster.SetPresence(r.Context(), who.Name, routing.Away, d.Clock()); err != nil {
			d.fail(w, "set presence", err)
			return
		}
	}
	if err := d.Accounts.EndSession(r.Context(), d.token(r)); err != nil {
		d.fail(w, "end session", err)
		return
	}
	d.keep(w, "", -1)
	http.Redirect(w, r, "/desk/login", http.StatusSeeOther)
}

func host(r *http.Request) string {
	h, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return h
}
