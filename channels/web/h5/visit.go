package h5

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"guanjia/bot"
)

const (
	cookiePlain  = "guanjia_visit"
	cookieSecure = "__Host-guanjia_visit"
	// VisitLife is how long a sign-in holds.
	VisitLife = 7 * 24 * time.Hour
)

func (p *Pages) cookieName() string {
	if p.secure {
		return cookieSecure
	}
	return cookiePlain
}

func (p *Pages) token(r *http.Request) string {
	c, err := r.Cookie(p.cookieName())
	if err != nil || len(c.Value) > 64 {
		return ""
	}
	return c.Value
}

func (p *Pages) keep(w http.ResponseWriter, token string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: p.cookieName(), Value: token, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode})
}

func newToken() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(raw)
}

// visitor is who is signed in. Who is not may still be the person of the
// browser's chat: what that browser booked it may look after.
func (p *Pages) visitor(r *http.Request) (id bot.CitizenID, signed bool, err error) {
	if token := p.token(r); token != "" {
		id, err := p.People.Visitor(r.Context(), token)
		if err == nil || !errors.Is(err, ErrNoVisit) {
			return id, err == nil, err
		}
	}
	if from, ok := p.Browser(r); ok {
		id, err := p.People.Known(r.Context(), from)
		return id, false, err
	}
	return "", false, ErrNoVisit
}

func (p *Pages) signedIn(r *http.Request) bool {
	_, signed, err := p.visitor(r)
	return err == nil && signed
}

// person is a handler of a page that somebody in particular sees.
type person func(w http.ResponseWriter, r *http.Request, id bot.CitizenID)

// mine lets whoever is known through; booking asks others to sign in first.
func (p *Pages) mine(next person) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, signed, err := p.visitor(r)
		taking := strings.HasPrefix(r.URL.Path, "/h5/book/") || strings.HasPrefix(r.URL.Path, "/h5/wait/")
		switch {
		case errors.Is(err, ErrNoVisit), err == nil && taking && !signed:
			to := r.URL.RequestURI()
			http.Redirect(w, r, "/h5/signin?to="+url.QueryEscape(to), http.StatusSeeOther)
		case err != nil:
			p.failed(w, r, "find visitor", err)
		default:
			next(w, r, id)
		}
	}
}

// signing is the page of signing in.
type signing struct {
	For    string // why it is asked for, by the page it leads to
	To     string
	Phone  string
	Asked  bool   // the code was sent
	Shown  string // the code itself, in the demo only
	Error  string
	WeChat bool
	Sends  bool
}

func (p *Pages) signInPage(w http.ResponseWriter, r *http.Request) {
	p.signInForm(w, r, http.StatusOK, signing{To: local(r.URL.Query().Get("to"))})
}

func (p *Pages) signInForm(w http.ResponseWriter, r *http.Request, status int, s signing) {
	s.WeChat = p.WeChat != nil && strings.Contains(r.UserAgent(), "MicroMessenger")
	s.Sends = p.Messenger != nil || p.Demo
	s.For = why(s.To)
	p.render(w, r, status, "signin.html", frame{Title: "登录", Back: "/h5/", View: s})
}

// why says what a page needs to know who is there for.
func why(to string) string {
	for _, of := range []struct{ page, why string }{
		{"/h5/book", "预约要知道怎么联系您。"},
		{"/h5/wait", "候补到了要知道怎么联系您。"},
		{"/h5/mine", "您的预约只给您本人看。"},
		{"/h5/appeal", "申诉要知道是谁的、结果告诉谁。"},
		{"/h5/requests", "您的诉求和求助只给您本人看。"},
		{"/h5/claims", "您认领的心愿只给您本人看。"},
		{"/h5/data", "您的数据只给您本人看，所以要先核对手机号。"},
	} {
		if strings.HasPrefix(to, of.page) {
			return of.why
		}
	}
	return "登录以后，只看得到您自己的事。"
}

// phoneForm is a mobile number of the mainland.
var phoneForm = regexp.MustCompile(`^1[3-9]\d{9}$`)

// digitsOf reads a number as people type it: 138 0000 0000, +86 …
func digitsOf(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, s)
	if len(s) == 13 && strings.HasPrefix(s, "86") {
		s = s[2:]
	}
	return s
}

// sendCode sends a code to a number.
func (p *Pages) sendCode(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	s := signing{To: local(r.PostFormValue("to")), Phone: digitsOf(r.PostFormValue("phone"))}
	if !phoneForm.MatchString(s.Phone) {
		s.Error = "请填 11 位手机号。"
		p.signInForm(w, r, http.StatusUnprocessableEntity, s)
		return
	}
	if p.Messenger == nil && !p.Demo {
		p.problem(w, r, http.StatusServiceUnavailable, "短信暂时发不了", "请从微信公众号“莞家政务”打开，或拨 12345。")
		return
	}
	code, wait := p.codes.issue(s.Phone, p.Host(r), p.Clock())
	if wait > 0 {
		s.Error = "要得太频繁了，请过 " + spell(wait) + "再试。"
		w.Header().Set("Retry-After", seconds(wait))
		p.signInForm(w, r, http.StatusTooManyRequests, s)
		return
	}
	if p.Messenger != nil {
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
		defer cancel()
		if err := p.Messenger.SendCode(ctx, s.Phone, code); err != nil {
			p.Log.Error("send sign-in code", "error", err)
			p.codes.drop(s.Phone)
			s.Error = "短信没有发出去，请稍后再试，或拨 12345。"
			p.signInForm(w, r, http.StatusServiceUnavailable, s)
			return
		}
	} else {
		s.Shown = code
	}
	s.Asked = true
	p.signInForm(w, r, http.StatusOK, s)
}

// checkCode signs in whoever knows the code.
func (p *Pages) checkCode(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	s := signing{To: local(r.PostFormValue("to")), Phone: digitsOf(r.PostFormValue("phone")), Asked: true}
	switch p.codes.check(s.Phone, digitsOf(r.PostFormValue("code")), p.Clock()) {
	case codeWrong:
		s.Error = "验证码不对，请再看一眼短信。"
		p.signInForm(w, r, http.StatusUnprocessableEntity, s)
		return
	case codeGone:
		s.Asked = false
		s.Error = "验证码过期了，请重新获取。"
		p.signInForm(w, r, http.StatusUnprocessableEntity, s)
		return
	}
	p.signIn(w, r, bot.Address{Channel: bot.Hotline, ID: s.Phone}, s.To)
}

// signIn begins the visit of whoever a proven address belongs to. The token
// is always a new one.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request, proven bot.Address, to string) {
	if old := p.token(r); old != "" {
		if err := p.People.SignOut(r.Context(), old); err != nil {
			p.Log.Error("end visit", "error", err)
		}
	}
	browser, _ := p.Browser(r)
	token := newToken()
	if _, err := p.People.SignIn(r.Context(), token, proven, browser); err != nil {
		p.failed(w, r, "begin visit", err)
		return
	}
	p.keep(w, token, VisitLife)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	if token := p.token(r); token != "" {
		if err := p.People.SignOut(r.Context(), token); err != nil {
			p.failed(w, r, "end visit", err)
			return
		}
	}
	p.keep(w, "", -time.Second)
	http.Redirect(w, r, "/h5/", http.StatusSeeOther)
}
