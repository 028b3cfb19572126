package desk

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"

	"guanjia/bot"
)

// Factor is an account's second factor; one that is not confirmed asks nothing.
type Factor struct {
	Secret    []byte
	Confirmed bool
	Recovery  int // codes that are left
}

// Factors is where second factors are kept.
type Factors interface {
	Factor(ctx context.Context, staff string) (Factor, error)
	// OfferFactor keeps a secret to be confirmed; one that is there stays.
	OfferFactor(ctx context.Context, staff string, secret []byte) error
	// ConfirmFactor takes it into use; false if that was done before.
	ConfirmFactor(ctx context.Context, staff string, step int64, recovery []string, at time.Time) (bool, error)
	// UseStep takes the code of a step, once.
	UseStep(ctx context.Context, staff string, step int64) (fresh bool, err error)
	UseRecovery(ctx context.Context, staff, code string) (found bool, err error)
	DropFactor(ctx context.Context, staff string) error
}

// SecondFactor is what signing in with a second factor is made of.
type SecondFactor struct {
	Factors Factors
	// Keys keeps security keys and passkeys; nil: none are taken.
	Keys Passkeys
	// Required says whether accounts of a role must have one; nil: none must.
	Required func(role string) bool
	// Picture draws words as a QR code.
	Picture func(words string) (png []byte, err error)
}

// Stages of a sign-in that has shown a password only.
const (
	stageCode  = "code"  // a code is asked for
	stageEnrol = "enrol" // a second factor has to be set up first
	stageOwn   = "own"   // a password of one's own has to be chosen
)

// awaits is what is asked for next of a sign-in.
func (a Account) awaits() string {
	next, _, _ := strings.Cut(a.Stage, " ")
	return next
}

// behind is the stage after that.
func (a Account) behind() string {
	_, rest, _ := strings.Cut(a.Stage, " ")
	return rest
}

const (
	halfLife      = 10 * time.Minute // such a sign-in holds
	recoveryCodes = 10
)

func (d *Desk) factorRoutes(mux *http.ServeMux) {
	if d.Second == nil {
		return
	}
	mux.HandleFunc("GET /desk/factor", d.halfway(d.factorPage))
	mux.HandleFunc("POST /desk/factor", d.halfway(d.takeCode))
	mux.HandleFunc("GET /desk/factor/enrol", d.halfway(d.enrolPage))
	mux.HandleFunc("POST /desk/factor/enrol", d.halfway(d.enrol))
	mux.HandleFunc("POST /desk/factor/off", d.signed(d.factorOff))
}

// stageOf is where a sign-in stands once the password was right.
func (d *Desk) stageOf(ctx context.Context, who Account) (string, error) {
	if d.Second == nil {
		return "", nil
	}
	f, err := d.Second.Factors.Factor(ctx, who.Name)
	var keys []Passkey
	if err == nil {
		keys, _, err = d.keysOf(ctx, who.Name)
	}
	switch {
	case err != nil:
		return "", err
	case f.Confirmed, len(keys) > 0:
		return stageCode, nil
	case d.requires(who):
		return stageEnrol, nil
	}
	return "", nil
}

func (d *Desk) requires(who Account) bool {
	return d.Second.Required != nil && d.Second.Required(who.Role)
}

// halfway lets those through who have shown a password, and those signed in.
func (d *Desk) halfway(next func(http.ResponseWriter, *http.Request, Account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := d.session(r)
		if err != nil {
			http.Redirect(w, r, "/desk/login", http.StatusSeeOther)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
		next(w, r, who)
	}
}

func (d *Desk) factorPage(w http.ResponseWriter, r *http.Request, who Account) {
	switch who.awaits() {
	case stageCode:
		d.askCode(w, r, who, http.StatusOK, "")
	case stageEnrol:
		http.Redirect(w, r, "/desk/factor/enrol", http.StatusSeeOther)
	case stageOwn:
		http.Redirect(w, r, "/desk/password", http.StatusSeeOther)
	default:
		http.Redirect(w, r, "/desk/signins", http.StatusSeeOther)
	}
}

// askCode asks for whatever second factors the account has.
func (d *Desk) askCode(w http.ResponseWriter, r *http.Request, who Account, status int, fault string) {
	f, err := d.Second.Factors.Factor(r.Context(), who.Name)
	var keys []Passkey
	if err == nil {
		keys, _, err = d.keysOf(r.Context(), who.Name)
	}
	if err != nil {
		d.fail(w, "read second factor", err)
		return
	}
	d.render(w, status, "factor.html", map[string]any{"Name": who.Name, "Error": fault, "Code": f.Confirmed, "Keys": len(keys)})
}

// takeCode finishes a sign-in.
func (d *Desk) takeCode(w http.ResponseWriter, r *http.Request, who Account) {
	if who.awaits() != stageCode {
		d.factorPage(w, r, who)
		return
	}
	status, fault := d.proves(w, r, who)
	if fault != "" {
		d.askCode(w, r, who, status, fault)
		return
	}
	if next := who.behind(); d.begin(w, r, who.Name, next) {
		http.Redirect(w, r, nextOf(next), http.StatusSeeOther)
	}
}

// proves checks a code or a recovery code; fault is a sentence. Guesses are
// slowed like passwords, apart from them.
func (d *Desk) proves(w http.ResponseWriter, r *http.Request, who Account) (status int, fault string) {
	now := d.Clock()
	if wait := d.tries.begin(now, "code of "+who.Name, host(r)); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		return http.StatusTooManyRequests, "试的次数太多，请过" + spell(wait) + "再试。"
	}
	right, used, err := d.checkCode(r.Context(), who.Name, plainCode(r.PostFormValue("code")), now)
	switch {
	case err != nil:
		d.Log.Error("check second factor", "error", err)
		return http.StatusInternalServerError, "系统忙，请稍后再试。"
	case used:
		return http.StatusUnauthorized, "这个验证码用过了，请等手机上换了下一个再填。"
	case !right:
		if d.Audit != nil {
			if err := d.Audit(r.Context(), bot.AuditEntry{At: now, Actor: who.Name, Deed: bot.AuditSignInRefused, Subject: host(r), Reason: "code"}); err != nil {
				d.Log.Error("write audit trail", "error", err)
				return http.StatusInternalServerError, "系统忙，请稍后再试。"
			}
		}
		return http.StatusUnauthorized, "验证码不对。请看手机上现在的六位数；手机不在身边，可以填一个备用码。"
	}
	d.tries.passed("code of "+who.Name, host(r))
	return http.StatusOK, ""
}

func (d *Desk) checkCode(ctx context.Context, name, code string, now time.Time) (right, used bool, err error) {
	f, err := d.Second.Factors.Factor(ctx, name)
	if err != nil || !f.Confirmed || code == "" {
		return false, false, err
	}
	if len(code) != codeDigits {
		right, err = d.Second.Factors.UseRecovery(ctx, name, code)
		return right, false, err
	}
	step := stepFor(f.Secret, code, now)
	if step == 0 {
		return false, false, nil
	}
	fresh, err := d.Second.Factors.UseStep(ctx, name, step)
	return fresh, !fresh && err == nil, err
}

// plainCode is a code as it is kept: capitals and digits, however it was typed.
func plainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToUpper(r)
		}
		return -1
	}, typed)
}

// begin starts a session in the place of the one there was.
func (d *Desk) begin(w http.ResponseWriter, r *http.Request, name, stage string) bool {
	if stage == "" && !d.audit(w, r, name, bot.AuditSignIn, host(r)) {
		return false
	}
	if old := d.token(r); old != "" { // a new sign-in leaves no old session behind
		if err := d.Accounts.EndSession(r.Context(), old); err != nil {
			d.Log.Error("end session", "error", err)
		}
	}
	raw := make([]byte, 32)
	rand.Read(raw) // never fails, see crypto/rand
	token := base64.RawURLEncoding.EncodeToString(raw)
	if err := d.Accounts.StartSession(r.Context(), token, name, stage, d.Clock()); err != nil {
		d.Log.Error("start session", "error", err)
		d.loginFailed(w, http.StatusInternalServerError, name, "系统忙，请稍后再试。")
		return false
	}
	d.keep(w, token, int(SessionLife.Seconds()))
	return true
}

// enrolPage shows the secret of a second factor that is not confirmed yet.
func (d *Desk) enrolPage(w http.ResponseWriter, r *http.Request, who Account) {
	d.showEnrol(w, r, who, http.StatusOK, "")
}

func (d *Desk) showEnrol(w http.ResponseWriter, r *http.Request, who Account, status int, fault string) {
	if !mayAdd(who) {
		d.factorPage(w, r, who)
		return
	}
	f, ok := d.offered(w, r, who)
	if !ok {
		return
	}
	if f.Confirmed {
		d.factorPage(w, r, who)
		return
	}
	png, err := d.Second.Picture(keyAddress(who.Name, f.Secret))
	if err != nil {
		d.fail(w, "draw key", err)
		return
	}
	d.render(w, status, "enrol.html", map[string]any{
		"Keys": d.Second.Keys != nil, "Name": who.Name, "Key": spaced(spelled(f.Secret)), "Must": who.awaits() == stageEnrol, "Error": fault,
		"Picture": template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)), // #nosec G203: a picture of ours
	})
}

// offered is the account's second factor, a new one where there is none.
func (d *Desk) offered(w http.ResponseWriter, r *http.Request, who Account) (Factor, bool) {
	secret := make([]byte, codeSecret)
	rand.Read(secret) // never fails, see crypto/rand
	err := d.Second.Factors.OfferFactor(r.Context(), who.Name, secret)
	var f Factor
	if err == nil {
		f, err = d.Second.Factors.Factor(r.Context(), who.Name)
	}
	if err != nil {
		d.fail(w, "offer second factor", err)
	}
	return f, err == nil
}

// enrol takes a second factor into use once its first code is right, and shows
// the recovery codes, this time only.
func (d *Desk) enrol(w http.ResponseWriter, r *http.Request, who Account) {
	if !mayAdd(who) {
		d.factorPage(w, r, who)
		return
	}
	f, ok := d.offered(w, r, who)
	if !ok {
		return
	}
	if f.Confirmed {
		d.factorPage(w, r, who)
		return
	}
	step := stepFor(f.Secret, plainCode(r.PostFormValue("code")), d.Clock())
	if step == 0 {
		d.showEnrol(w, r, who, http.StatusUnprocessableEntity, "验证码不对。请看手机上现在的六位数；还不对，请看看手机的时间准不准。")
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditFactorOn, who.Name) {
		return
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		raw := make([]byte, 10) // 80 bits
		rand.Read(raw)          // never fails, see crypto/rand
		codes[i] = base32.StdEncoding.EncodeToString(raw)
	}
	done, err := d.Second.Factors.ConfirmFactor(r.Context(), who.Name, step, codes, d.Clock())
	if err != nil {
		d.fail(w, "confirm second factor", err)
		return
	}
	if !done { // on another page, a moment ago: its codes are the ones
		d.factorPage(w, r, who)
		return
	}
	if who.Stage != "" && !d.begin(w, r, who.Name, who.behind()) {
		return
	}
	for i, c := range codes {
		codes[i] = spaced(c)
	}
	d.render(w, http.StatusOK, "recovery.html", map[string]any{"Name": who.Name, "Codes": codes})
}

// spaced writes letters in fours.
func spaced(letters string) string {
	var b strings.Builder
	for i, r := range letters {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// factorOff takes a second factor away, which takes a code of it; whoever must
// have one sets up another.
func (d *Desk) factorOff(w http.ResponseWriter, r *http.Request, who Account) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if status, fault := d.proves(w, r, who); fault != "" {
		refuse(w, status, fault)
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditFactorOff, who.Name) {
		return
	}
	if err := d.Second.Factors.DropFactor(r.Context(), who.Name); err != nil {
		d.fail(w, "take second factor away", err)
		return
	}
	next := "/desk/signins"
	if d.requires(who) {
		next = "/desk/factor/enrol"
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}
