package h5

import (
	"context"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"

	"guanjia/bot"
)

// stateLife is how long signing in through WeChat may take.
const stateLife = 5 * time.Minute

// stateCookie binds a state to the browser it was made for.
const stateCookie = "guanjia_state"

// states are the sign-ins under way; each serves once.
type states struct {
	mu   sync.Mutex
	open map[string]pendingState
}

type pendingState struct {
	to    string
	until time.Time
}

const mostStates = 50_000

func newStates() *states { return &states{open: map[string]pendingState{}} }

func (s *states) begin(to string, now time.Time) (state string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= mostStates {
		for k, v := range s.open {
			if now.After(v.until) {
				delete(s.open, k)
			}
		}
		if len(s.open) >= mostStates {
			return "", false
		}
	}
	state = newToken()
	s.open[state] = pendingState{to: to, until: now.Add(stateLife)}
	return state, true
}

func (s *states) end(state string, now time.Time) (to string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.open[state]
	delete(s.open, state)
	return p.to, ok && !now.After(p.until)
}

// toWeChat sends a browser to the platform to be told who it is
// (snsapi_base: nothing is asked of the citizen).
func (p *Pages) toWeChat(w http.ResponseWriter, r *http.Request) {
	if p.WeChat == nil {
		p.problem(w, r, http.StatusNotFound, "没有接微信登录", "请用手机号登录。", link{"手机号登录", "/h5/signin"})
		return
	}
	state, ok := p.states.begin(local(r.URL.Query().Get("to")), p.Clock())
	if !ok {
		p.problem(w, r, http.StatusServiceUnavailable, "登录的人太多了", "请过几分钟再试。")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: stateCookie, Value: state, Path: "/h5/signin/", MaxAge: int(stateLife.Seconds()),
		HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, p.WeChat.AuthorizeURL(p.PublicURL+"/h5/signin/wechat/back", state), http.StatusSeeOther)
}

// fromWeChat takes the code the platform sent a browser back with.
func (p *Pages) fromWeChat(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	bound, err := r.Cookie(stateCookie)
	to, ok := p.states.end(q.Get("state"), p.Clock())
	if p.WeChat == nil || err != nil || !ok || q.Get("code") == "" ||
		subtle.ConstantTimeCompare([]byte(bound.Value), []byte(q.Get("state"))) != 1 {
		p.problem(w, r, http.StatusForbidden, "微信登录没有完成", "请从公众号菜单重新打开，或用手机号登录。", link{"手机号登录", "/h5/signin"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
	defer cancel()
	openID, err := p.WeChat.OpenID(ctx, q.Get("code"))
	if err != nil {
		p.Log.Error("exchange sign-in code", "error", err)
		p.problem(w, r, http.StatusBadGateway, "微信登录没有完成", "请再试一次，或用手机号登录。", link{"手机号登录", "/h5/signin"})
		return
	}
	p.signIn(w, r, bot.Address{Channel: bot.WeChat, ID: openID}, to)
}
