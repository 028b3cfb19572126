package desk

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"guanjia/bot"
	"guanjia/channels/desk/passkey"
)

// Passkey is a security key or passkey of an account.
type Passkey struct {
	passkey.Key
	Name       string
	At, UsedAt time.Time
}

// Shown is its id as a form sends it.
func (k Passkey) Shown() string { return base64.RawURLEncoding.EncodeToString(k.ID) }

// Passkeys is where accounts' keys are kept.
type Passkeys interface {
	Passkeys(ctx context.Context, staff string) ([]Passkey, error)
	AddPasskey(ctx context.Context, staff string, k Passkey) error
	UsePasskey(ctx context.Context, staff string, k passkey.Key, at time.Time) error
	DropPasskey(ctx context.Context, staff string, id []byte) (int64, error)
}

const (
	mostPasskeys  = 10              // of an account
	challengeLife = 5 * time.Minute // a challenge may be answered
)

// challenges are what browsers were asked to sign, by session and purpose. A
// restart forgets them, and whoever was about to answer asks again.
type challenges struct {
	mu   sync.Mutex
	open map[string]challenge
}

type challenge struct {
	state []byte
	until time.Time
}

func (c *challenges) keep(of string, state []byte, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string]challenge{}
	}
	for k, v := range c.open {
		if now.After(v.until) {
			delete(c.open, k)
		}
	}
	c.open[of] = challenge{state, now.Add(challengeLife)}
}

// take gives a challenge once.
func (c *challenges) take(of string, now time.Time) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.open[of]
	delete(c.open, of)
	return v.state, ok && !now.After(v.until)
}

func (d *Desk) passkeyRoutes(mux *http.ServeMux) {
	if d.Second == nil || d.Second.Keys == nil {
		return
	}
	mux.HandleFunc("POST /desk/passkey/ask", d.halfway(d.askKey))
	mux.HandleFunc("POST /desk/passkey", d.halfway(d.takeKey))
	mux.HandleFunc("POST /desk/passkey/new/ask", d.halfway(d.askNewKey))
	mux.HandleFunc("POST /desk/passkey/new", d.halfway(d.takeNewKey))
	mux.HandleFunc("POST /desk/passkey/off", d.signed(d.dropKey))
}

// keysOf are an account's keys, as kept and as the ceremonies want them.
func (d *Desk) keysOf(ctx context.Context, name string) ([]Passkey, []passkey.Key, error) {
	if d.Second == nil || d.Second.Keys == nil {
		return nil, nil, nil
	}
	all, err := d.Second.Keys.Passkeys(ctx, name)
	var plain []passkey.Key
	for _, k := range all {
		plain = append(plain, k.Key)
	}
	return all, plain, err
}

// askKey asks the browser of who has shown a password for one of their keys.
func (d *Desk) askKey(w http.ResponseWriter, r *http.Request, who Account) {
	d.askFor(w, r, who, "proof", who.awaits() == stageCode, passkey.Ceremonies{}.BeginProof)
}

// askNewKey asks for a new key: by who is signed in, or who has to set a second
// factor up first. A password alone adds none beside those there are.
func (d *Desk) askNewKey(w http.ResponseWriter, r *http.Request, who Account) {
	d.askFor(w, r, who, "new", mayAdd(who), passkey.Ceremonies{}.BeginNew)
}

func mayAdd(who Account) bool { return who.Stage == "" || who.awaits() == stageEnrol }

func (d *Desk) askFor(w http.ResponseWriter, r *http.Request, who Account, purpose string, may bool, begin func(*http.Request, string, []passkey.Key) (any, []byte, error)) {
	if !may {
		refuse(w, http.StatusConflict, "现在不用做这一步，请刷新页面。")
		return
	}
	all, keys, err := d.keysOf(r.Context(), who.Name)
	if err != nil {
		d.fail(w, "list keys", err)
		return
	}
	if purpose == "proof" && len(all) == 0 || purpose == "new" && len(all) >= mostPasskeys {
		refuse(w, http.StatusConflict, "没有可用的安全密钥，或已经太多。")
		return
	}
	options, state, err := begin(r, who.Name, keys)
	if err != nil {
		d.refuseKey(w, r, who, err)
		return
	}
	d.challenges.keep(purpose+d.token(r), state, d.Clock())
	answer(w, http.StatusOK, options)
}

// takeKey finishes a sign-in with what a key signed.
func (d *Desk) takeKey(w http.ResponseWriter, r *http.Request, who Account) {
	now := d.Clock()
	state, ok := d.challenges.take("proof"+d.token(r), now)
	if !ok || who.awaits() != stageCode {
		refuse(w, http.StatusConflict, "等得太久了，请再试一次。")
		return
	}
	if wait := d.tries.begin(now, "code of "+who.Name, host(r)); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		refuse(w, http.StatusTooManyRequests, "试的次数太多，请过"+spell(wait)+"再试。")
		return
	}
	_, keys, err := d.keysOf(r.Context(), who.Name)
	var used passkey.Key
	if err == nil {
		used, err = passkey.Ceremonies{}.FinishProof(r, who.Name, keys, state)
	}
	if err != nil {
		d.refuseKey(w, r, who, err)
		return
	}
	if err := d.Second.Keys.UsePasskey(r.Context(), who.Name, used, now); err != nil {
		d.fail(w, "note use of key", err)
		return
	}
	d.tries.passed("code of "+who.Name, host(r))
	if next := who.behind(); d.begin(w, r, who.Name, next) {
		answer(w, http.StatusOK, map[string]string{"next": nextOf(next)})
	}
}

// takeNewKey keeps a key that a browser made.
func (d *Desk) takeNewKey(w http.ResponseWriter, r *http.Request, who Account) {
	state, ok := d.challenges.take("new"+d.token(r), d.Clock())
	if !ok || !mayAdd(who) {
		refuse(w, http.StatusConflict, "等得太久了，请再试一次。")
		return
	}
	name := strings.TrimSpace(strings.Map(printable, r.URL.Query().Get("name")))
	if name == "" || utf8.RuneCountInString(name) > maxTitle {
		refuse(w, http.StatusUnprocessableEntity, "请给密钥起个名字，不超过 30 字。")
		return
	}
	_, keys, err := d.keysOf(r.Context(), who.Name)
	var made passkey.Key
	if err == nil {
		made, err = passkey.Ceremonies{}.FinishNew(r, who.Name, keys, state)
	}
	if err != nil {
		d.refuseKey(w, r, who, err)
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditFactorOn, "key: "+name) {
		return
	}
	if err := d.Second.Keys.AddPasskey(r.Context(), who.Name, Passkey{Key: made, Name: name, At: d.Clock()}); err != nil {
		d.fail(w, "keep key", err)
		return
	}
	next := "/desk/signins"
	if who.Stage != "" {
		if !d.begin(w, r, who.Name, who.behind()) {
			return
		}
		if who.behind() != "" {
			next = nextOf(who.behind())
		}
	}
	answer(w, http.StatusOK, map[string]string{"next": next})
}

// refuseKey says why a key was not taken.
func (d *Desk) refuseKey(w http.ResponseWriter, r *http.Request, who Account, err error) {
	switch {
	case errors.Is(err, passkey.ErrAddress):
		refuse(w, http.StatusUnprocessableEntity, "安全密钥要用域名（https）打开工作台才能用，请改用手机验证码，或请管理员看看地址。")
	case errors.Is(err, passkey.ErrRefused):
		if d.audit(w, r, who.Name, bot.AuditSignInRefused, host(r)) {
			refuse(w, http.StatusUnauthorized, "这把密钥没有通过，请再试一次，或换一种方式。")
		}
	default:
		d.fail(w, "check key", err)
	}
}

// dropKey takes one of one's own keys away.
func (d *Desk) dropKey(w http.ResponseWriter, r *http.Request, who Account) {
	d.used(r)
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	id, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("id"))
	if err != nil || len(id) == 0 {
		refuse(w, http.StatusBadRequest, "没有说是哪一把。")
		return
	}
	if !d.audit(w, r, who.Name, bot.AuditFactorOff, "key") {
		return
	}
	n, err := d.Second.Keys.DropPasskey(r.Context(), who.Name, id)
	switch {
	case err != nil:
		d.fail(w, "take key away", err)
	case n == 0:
		refuse(w, http.StatusNotFound, "没有这把密钥。")
	default:
		http.Redirect(w, r, "/desk/signins", http.StatusSeeOther)
	}
}
