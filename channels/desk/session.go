package desk

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// sessionLife is how long a sign-in holds at the most.
const sessionLife = 12 * time.Hour

const cookieName = "guanjia_desk"

// signed lets only signed-in operators through; pages send others to the
// sign-in, everything else answers 401.
func (d *Desk) signed(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := d.who(r)
		if err == nil {
			next(w, r, who)
			return
		}
		if !errors.Is(err, ErrNoAccount) {
			d.Log.Error("read session", "error", err)
			refuse(w, http.StatusInternalServerError, "系统忙，请稍后再试。")
			return
		}
		if r.URL.Path == "/desk/" {
			http.Redirect(w, r, "/desk/login", http.StatusSeeOther)
			return
		}
		refuse(w, http.StatusUnauthorized, "请先登录。")
	}
}

func (d *Desk) who(r *http.Request) (Account, error) {
	c, err := r.Cookie(cookieName)
	if err != nil || c.Value == "" {
		return Account{}, ErrNoAccount
	}
	return d.Accounts.Signed(r.Context(), c.Value, d.Clock().Add(-sessionLife))
}

func (d *Desk) loginPage(w http.ResponseWriter, r *http.Request) {
	d.render(w, "login.html", map[string]any{})
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
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	now := d.Clock()
	if wait := d.tries.wait(now, "name:"+name, "host:"+host); wait > 0 {
		w.Header().Set("Retry-After", "60")
		d.loginFailed(w, http.StatusTooManyRequests, name, "试的次数太多，请过一会儿再登录。")
		return
	}
	account, err := d.Accounts.Account(r.Context(), name)
	unknown := errors.Is(err, ErrNoAccount)
	if err != nil && !unknown {
		d.Log.Error("find account", "error", err)
		d.loginFailed(w, http.StatusInternalServerError, name, "系统忙，请稍后再试。")
		return
	}
	ok, err := d.Accounts.Check(password, account.Hash)
	if err != nil || !ok || unknown {
		d.tries.failed(now, "name:"+name, "host:"+host)
		d.loginFailed(w, http.StatusUnauthorized, name, "账号或密码不对。")
		return
	}
	d.tries.passed("name:" + name)
	token := make([]byte, 32)
	rand.Read(token) // never fails, see crypto/rand
	value := base64.RawURLEncoding.EncodeToString(token)
	if err := d.Accounts.StartSession(r.Context(), value, account.Name, now); err != nil {
		d.Log.Error("start session", "error", err)
		d.loginFailed(w, http.StatusInternalServerError, name, "系统忙，请稍后再试。")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/desk/", HttpOnly: true, Secure: d.Secure,
		SameSite: http.SameSiteStrictMode, MaxAge: int(sessionLife.Seconds())})
	http.Redirect(w, r, "/desk/", http.StatusSeeOther)
}

func (d *Desk) loginFailed(w http.ResponseWriter, status int, name, why string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	d.render(w, "login.html", map[string]any{"Name": name, "Error": why})
}

func (d *Desk) logout(w http.ResponseWriter, r *http.Request, _ Account) {
	if c, err := r.Cookie(cookieName); err == nil {
		if err := d.Accounts.EndSession(r.Context(), c.Value); err != nil {
			d.Log.Error("end session", "error", err)
		}
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/desk/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/desk/login", http.StatusSeeOther)
}

// throttle slows guessing down: after five failures a key waits a second,
// then twice as long each time, at most fifteen minutes. Nothing locks for good.
type throttle struct {
	mu   sync.Mutex
	seen map[string]*failures
}

type failures struct {
	n     int
	until time.Time
}

const (
	freeTries   = 5
	longestWait = 15 * time.Minute
)

func newThrottle() *throttle { return &throttle{seen: map[string]*failures{}} }

func (t *throttle) wait(now time.Time, keys ...string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	longest := time.Duration(0)
	for _, k := range keys {
		if f := t.seen[k]; f != nil {
			longest = max(longest, f.until.Sub(now))
		}
	}
	return longest
}

func (t *throttle) failed(now time.Time, keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.seen) > 10_000 {
		for k, f := range t.seen {
			if now.After(f.until.Add(longestWait)) {
				delete(t.seen, k)
			}
		}
	}
	for _, k := range keys {
		f := t.seen[k]
		if f == nil {
			f = &failures{}
			t.seen[k] = f
		}
		f.n++
		if f.n >= freeTries {
			f.until = now.Add(min(time.Second<<min(f.n-freeTries, 20), longestWait))
		}
	}
}

func (t *throttle) passed(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, key)
}
