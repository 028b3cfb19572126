package desk

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"guanjia/bot"
)

// Passwords is where accounts keep the passwords that they choose themselves.
type Passwords interface {
	// SetPassword gives an account a new one and ends all its sessions but
	// the token's.
	SetPassword(ctx context.Context, name, password, token string) error
}

// shortestPassword is what NIST SP 800-63B asks of a password of one's own.
const shortestPassword, longestPassword = 8, 256 // characters; bytes

// Why a password is not taken.
var (
	ErrShortPassword  = errors.New("a password has at least 8 characters")
	ErrLongPassword   = errors.New("a password has at most 256 bytes")
	ErrCommonPassword = errors.New("the password is among those that are tried first")
	ErrNamedPassword  = errors.New("the password is little more than the name of the account or of the service")
)

// common are the 5,000 most frequent passwords of at least eight characters in
// what leaked of other services, after the list of zxcvbn 4.4.2 (Dropbox, MIT).
//
//go:embed common.txt
var common string

var commonPasswords = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(common) {
		all[strings.TrimSpace(line)] = true
	}
	return all
})

// ofTheService is what whoever guesses at this service's accounts tries first
// (ASVS 5.0 6.1.2).
var ofTheService = []string{"guanjiazhengwu", "guanjia", "zhengwu", "dongguan", "minsheng", "shizheng", "12345", "0769", "admin", "administrator", "operator", "password", "mima", "莞家政务", "莞家", "东莞", "政务", "密码"}

// CheckPassword says why a password that somebody chose is not taken, nil where
// it is. Any characters will do: length is what keeps guesses out.
func CheckPassword(name, password string) error {
	switch plain := strings.ToLower(password); {
	case utf8.RuneCountInString(password) < shortestPassword:
		return ErrShortPassword
	case len(password) > longestPassword:
		return ErrLongPassword
	case commonPasswords()[plain]:
		return ErrCommonPassword
	case utf8.RuneCountInString(bare(plain, strings.ToLower(name))) < 4:
		return ErrNamedPassword
	}
	return nil
}

// bare is a password without what everybody would guess in it: names, the same
// character again, and the next one of a row.
func bare(password, name string) string {
	for _, word := range append([]string{name}, ofTheService...) {
		if utf8.RuneCountInString(word) > 1 {
			password = strings.ReplaceAll(password, word, "")
		}
	}
	var left strings.Builder
	var before rune
	for _, r := range password {
		if step := r - before; step < -1 || step > 1 {
			left.WriteRune(r)
		}
		before = r
	}
	return left.String()
}

// passwordFault is the same in the words of the page.
func passwordFault(err error) string {
	switch {
	case errors.Is(err, ErrShortPassword):
		return "新密码太短，至少 8 个字。"
	case errors.Is(err, ErrLongPassword):
		return "新密码太长了。"
	case errors.Is(err, ErrCommonPassword):
		return "这个密码很多人都在用，最先被猜到，请换一个。"
	case errors.Is(err, ErrNamedPassword):
		return "这个密码只有账号名、单位名或连着的数字，太好猜了，请换一个。"
	}
	return ""
}

// given says whether an account has a password from somebody else that it may
// not keep (ASVS 5.0 6.4.1).
func (d *Desk) given(who Account) bool { return d.GivenLife > 0 && !who.Given.IsZero() }

// expired says whether it was given too long ago.
func (d *Desk) expired(who Account, now time.Time) bool {
	return d.given(who) && now.After(who.Given.Add(d.GivenLife))
}

// choosing lets those through who are signed in, and those who are once they
// have chosen a password of their own.
func (d *Desk) choosing(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	signed := d.signed(next)
	return func(w http.ResponseWriter, r *http.Request) {
		if who, err := d.session(r); err == nil && who.awaits() == stageOwn {
			next(w, r, who)
			return
		}
		signed(w, r)
	}
}

func (d *Desk) passwordPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	d.showPassword(w, http.StatusOK, who, "")
}

func (d *Desk) showPassword(w http.ResponseWriter, status int, who Account, fault string) {
	d.render(w, status, "password.html", map[string]any{"Name": who.Name, "First": who.awaits() == stageOwn, "Error": fault})
}

// changePassword takes a new password from whoever knows the old one. The
// account's other sign-ins end.
func (d *Desk) changePassword(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	again := func(status int, fault string) { d.showPassword(w, status, who, fault) }
	if err := r.ParseForm(); err != nil {
		again(http.StatusBadRequest, "填写的内容太长或格式不对。")
		return
	}
	password := r.PostFormValue("new")
	if err := CheckPassword(who.Name, password); err != nil {
		again(http.StatusUnprocessableEntity, passwordFault(err))
		return
	}
	if password != r.PostFormValue("again") {
		again(http.StatusUnprocessableEntity, "两次填的新密码不一样。")
		return
	}
	if password == r.PostFormValue("old") {
		again(http.StatusUnprocessableEntity, "新密码和现在的一样，请换一个。")
		return
	}
	if wait := d.tries.begin(d.Clock(), who.Name, host(r)); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		again(http.StatusTooManyRequests, "试的次数太多，请过"+spell(wait)+"再试。")
		return
	}
	switch _, ok, err := d.check(r, who.Name, r.PostFormValue("old")); {
	case err != nil:
		d.fail(w, "check password", err)
		return
	case !ok:
		if d.audit(w, r, who.Name, bot.AuditSignInRefused, host(r)) {
			again(http.StatusUnprocessableEntity, "现在的密码不对。")
		}
		return
	}
	d.tries.passed(who.Name, host(r))
	if !d.audit(w, r, who.Name, bot.AuditPassword, host(r)) {
		return
	}
	if err := d.Passwords.SetPassword(r.Context(), who.Name, password, d.token(r)); err != nil {
		d.fail(w, "set password", err)
		return
	}
	if who.Stage != "" {
		if next := who.behind(); d.begin(w, r, who.Name, next) {
			http.Redirect(w, r, nextOf(next), http.StatusSeeOther)
		}
		return
	}
	d.render(w, http.StatusOK, "password.html", map[string]any{"Name": who.Name, "Done": true})
}
