package signal

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Session timers (RFC 4028): a call whose other side went away without a word
// ends by itself.
const (
	minSession     = 90 // seconds
	defaultSession = 1800
)

// sessionTimer is how long a call lives without being refreshed, and by whom
// it is. The zero value never ends.
type sessionTimer struct {
	seconds int
	ours    bool // we refresh
	ending  *time.Timer
}

// timely refuses a session time that is too short with 422.
func (e *Endpoint) timely(tx *serverTx) bool {
	v, n := tx.env.get("session-expires")
	if n == 0 {
		return true
	}
	first, _, _ := strings.Cut(v, ";")
	seconds, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		e.respond(tx, 400, "Malformed Session-Expires")
		return false
	}
	if seconds < minSession {
		e.respond(tx, 422, "Session Interval Too Small", field{"Min-SE", strconv.Itoa(minSession)})
		return false
	}
	return true
}

// timerAsked is the session time a request asks for: the other side refreshes
// where it can, unless it wants us to.
func timerAsked(env *envelope) sessionTimer {
	v, n := env.get("session-expires")
	if n == 0 {
		return sessionTimer{}
	}
	first, _, _ := strings.Cut(v, ";")
	seconds, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return sessionTimer{}
	}
	theyCan := false
	for _, f := range env.fields {
		if f.name == "supported" || f.name == "require" {
			theyCan = theyCan || strings.Contains(strings.ToLower(f.value), "timer")
		}
	}
	return sessionTimer{seconds: seconds, ours: strings.EqualFold(parameter(v, "refresher"), "uas") || !theyCan}
}

// fields announce the session time in an answer.
func (s *sessionTimer) fields() []field {
	switch {
	case s.seconds == 0:
		return nil
	case s.ours:
		return []field{{"Session-Expires", strconv.Itoa(s.seconds) + ";refresher=uas"}}
	}
	return []field{{"Session-Expires", strconv.Itoa(s.seconds) + ";refresher=uac"}, {"Require", "timer"}}
}

// start begins to count. The call's lock is held.
func (s *sessionTimer) start(c *Call) {
	if s.seconds == 0 {
		return
	}
	whole := time.Duration(s.seconds) * time.Second
	if s.ours {
		s.ending = time.AfterFunc(whole/2, func() { c.endpoint.spawn(c.refreshSession) })
		return
	}
	s.ending = time.AfterFunc(whole-min(32*time.Second, whole/3), func() {
		c.endpoint.spawn(func() { c.hangup(context.WithoutCancel(c.ctx), CauseTimer) })
	})
}

func (s *sessionTimer) stop() {
	if s.ending != nil {
		s.ending.Stop()
	}
}

// refreshSession tells the other side that the call goes on, by an UPDATE
// without a description.
func (c *Call) refreshSession() {
	ctx, cancel := context.WithTimeout(c.ctx, c.endpoint.limit())
	defer cancel()
	c.mu.Lock()
	seconds := c.session.seconds
	c.mu.Unlock()
	a, err := c.ask(ctx, "UPDATE", nil, field{"Session-Expires", strconv.Itoa(seconds) + ";refresher=uac"}, field{"Supported", "timer"})
	if err != nil && c.ctx.Err() == nil || err == nil && (a.status() == 481 || a.status() == 408) {
		c.hangup(context.WithoutCancel(c.ctx), CauseTimer)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == "" {
		c.session.start(c)
	}
}
