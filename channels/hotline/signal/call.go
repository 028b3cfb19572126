package signal

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Cause is why a call ended.
type Cause string

// The causes.
const (
	CauseThem     Cause = "bye"       // the other side hung up
	CauseUs       Cause = "local"     // we did
	CauseCancel   Cause = "cancel"    // given up before it was answered
	CauseNoACK    Cause = "no_ack"    // our answer was never acknowledged
	CauseTimer    Cause = "timer"     // the session was not refreshed (RFC 4028)
	CauseRefused  Cause = "refused"   // not answered
	CauseReferred Cause = "refer"     // passed on to somebody else
	CauseLost     Cause = "no_answer" // the other side does not answer requests
)

// Event is something that happened in a call.
type Event struct {
	Digit rune // by INFO
}

// Party is one end of a call as the signalling names it. It is a particular.
type Party struct {
	User, Host, Name string
}

// Call is one dialog, ours to answer or placed by us. Renegotiate and Answered
// are set before the call is accepted, and must not wait.
type Call struct {
	// Renegotiate answers the other side's new offer; false refuses it.
	Renegotiate func(offer []byte) (answer []byte, ok bool)
	// Answered has the other side's answer to an offer of ours that went in a
	// 200.
	Answered func(answer []byte)

	endpoint *Endpoint
	inbound  bool
	id       string
	ourTag   string
	from, to Party
	asserted Party // by the trunk, where it says

	mu        sync.Mutex
	link      link
	theirTag  string
	us, them  string // From and To of what we send, without tags
	target    string // the other side's Contact
	routes    []string
	sequence  uint32 // of our last request
	theirs    uint32 // of their last request
	invite    *serverTx
	pending   *serverTx // an INVITE answered with 200 and not acknowledged
	owed      bool      // our 200 held an offer: the ACK brings the answer
	described []byte    // our last session description
	accepted  bool
	ack       []byte // for 200s that come again
	retry     *time.Timer
	session   sessionTimer
	cause     Cause
	confirmed chan struct{}
	done      chan struct{}
	events    chan Event
	transfers chan int // statuses a REFER comes to, from NOTIFYs
	ctx       context.Context
	cancel    context.CancelFunc
}

// maxEvents is how many events wait for a handler that does not look.
const maxEvents = 64

func (e *Endpoint) newCall(l link, id, ourTag string) *Call {
	c := &Call{
		endpoint: e, link: l, id: id, ourTag: ourTag,
		confirmed: make(chan struct{}), done: make(chan struct{}), events: make(chan Event, maxEvents), transfers: make(chan int, maxEvents),
	}
	c.ctx, c.cancel = context.WithCancel(e.life)
	return c
}

// ID names the call in logs: a random mark of ours, none of the caller's.
func (c *Call) ID() string { return c.ourTag }

// From and To are who calls whom.
func (c *Call) From() Party { return c.from }

// To is who was called.
func (c *Call) To() Party { return c.to }

// Asserted is who the trunk says is calling (P-Asserted-Identity); empty
// where it does not say.
func (c *Call) Asserted() Party { return c.asserted }

// Source is the address the call came from or goes to.
func (c *Call) Source() netip.AddrPort { return c.link.remote() }

// Offer is the session description the call came with; empty: ours is awaited.
func (c *Call) Offer() []byte { return c.invite.env.sdp() }

// Header is a header of the INVITE.
func (c *Call) Header(name string) string {
	v, _ := c.invite.env.get(strings.ToLower(name))
	return v
}

// Done is closed when the call is over; Cause says why.
func (c *Call) Done() <-chan struct{} { return c.done }

// Confirmed is closed when both sides know that the call is answered.
func (c *Call) Confirmed() <-chan struct{} { return c.confirmed }

// Events are what happens in the call besides.
func (c *Call) Events() <-chan Event { return c.events }

// Context ends with the call.
func (c *Call) Context() context.Context { return c.ctx }

// Cause is why the call ended.
func (c *Call) Cause() Cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// invite begins an incoming call.
func (e *Endpoint) invite(tx *serverTx) {
	from, _ := tx.env.get("from")
	id, _ := tx.env.get("call-id")
	if !e.authentic(tx) || !e.timely(tx) {
		return
	}
	c := e.newCall(tx.link, id, tx.tag)
	c.inbound, c.invite, c.theirTag = true, tx, tagOf(from)
	c.from, c.to, c.asserted = partyOf(tx.req.From().Address, tx.req.From().DisplayName), partyOf(tx.req.To().Address, ""), asserted(tx.env)
	c.read(tx)
	c.theirs = tx.req.CSeq().SeqNo
	to, _ := tx.env.get("to")
	c.us, c.them = to, withoutTag(from)
	c.session = timerAsked(tx.env)
	tx.call = c
	if !e.admit(tx, c) {
		return
	}
	e.respond(tx, 100, "Trying")
	e.spawn(func() { e.handle(c) })
}

// admit counts the call in, or refuses it.
func (e *Endpoint) admit(tx *serverTx, c *Call) bool {
	e.mu.Lock()
	full, draining, merged := e.config.MaxCalls > 0 && e.inbound >= e.config.MaxCalls, e.draining, false
	for _, other := range e.callsNamed(c.id) {
		merged = merged || other.theirTag == c.theirTag && other.theirs == c.theirs
	}
	if !full && !draining && !merged {
		e.calls[c.id+"\x00"+c.ourTag] = c
		e.byID[c.id] = append(e.byID[c.id], c)
		e.inbound++
	}
	e.mu.Unlock()
	switch {
	case merged:
		e.respond(tx, 482, "Loop Detected")
	case draining:
		e.respond(tx, 503, "Service Unavailable", field{"Retry-After", retryAfter})
	case full:
		e.respond(tx, 486, "Busy Here", field{"Retry-After", retryAfter})
		if e.config.Missed != nil {
			e.config.Missed(c.from, c.asserted)
		}
	default:
		e.taken.Add(1)
		return true
	}
	return false
}

func (e *Endpoint) callsNamed(id string) []*Call { return e.byID[id] }

// handle runs the handler for as long as the call lasts.
func (e *Endpoint) handle(c *Call) {
	defer func() {
		if r := recover(); r != nil {
			e.log.Error("call broke its handler", "call", c.ID(), "cause", fmt.Sprintf("%T", r))
			c.Refuse(500, "Server Internal Error")
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), e.limit())
		defer cancel()
		c.Hangup(ctx)
	}()
	e.config.Handler(c.ctx, c)
}

// read takes Contact and Record-Route of a request that makes or refreshes a
// dialog.
func (c *Call) read(tx *serverTx) {
	if contact := tx.req.Contact(); contact != nil && !contact.Address.Wildcard {
		c.target = contact.Address.String()
	}
	for _, f := range tx.env.fields {
		if f.name == "record-route" {
			for r := range splitCommas(f.value) {
				c.routes = append(c.routes, strings.TrimSpace(r))
			}
		}
	}
}

// Ring says that the call was noticed.
func (c *Call) Ring() {
	c.endpoint.respond(c.invite, 180, "Ringing", field{"Contact", c.endpoint.contact(c.link)}, field{"Allow", allow})
}

// Accept answers the call with a session description: the answer to its offer,
// or our own offer where it had none. The 200 is sent again until it is
// acknowledged; without an acknowledgement the call ends after 32 s.
func (c *Call) Accept(description []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != "" {
		return fmt.Errorf("answer a call that ended: %s", c.cause)
	}
	c.accepted, c.described, c.owed = true, description, len(c.invite.env.sdp()) == 0
	c.answerWith(c.invite, description)
	c.session.start(c)
	return nil
}

// answerWith sends the 200 of an INVITE and keeps sending it. c.mu is held.
func (c *Call) answerWith(tx *serverTx, description []byte) {
	extra := append([]field{{"Contact", c.endpoint.contact(c.link)}, {"Allow", allow}, {"Supported", "timer"}}, c.session.fields()...)
	if len(description) > 0 {
		extra = append(extra, field{"Content-Type", "application/sdp"})
	}
	c.pending = tx
	c.endpoint.respondBody(tx, 200, "OK", description, extra...)
	c.resend(tx, c.endpoint.config.T1, time.Now())
}

// resend sends a 200 again at 0.5, 1, 2, 4, 4 … s (RFC 3261, 13.3.1.4).
func (c *Call) resend(tx *serverTx, after time.Duration, since time.Time) {
	c.retry = time.AfterFunc(after, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.pending != tx || c.cause != "" {
			return
		}
		if time.Since(since) >= c.endpoint.limit() {
			c.pending = nil
			c.endpoint.spawn(func() { c.hangup(context.WithoutCancel(c.ctx), CauseNoACK) })
			return
		}
		tx.link.send(tx.last)
		c.resend(tx, min(2*after, c.endpoint.slowest()), since)
	})
}

// acknowledged stops the sending of a 200.
func (c *Call) acknowledged(tx *serverTx) {
	cseq, _ := tx.env.get("cseq")
	number, _, _ := strings.Cut(cseq, " ")
	c.mu.Lock()
	if c.pending == nil || strconv.FormatUint(uint64(c.pending.req.CSeq().SeqNo), 10) != number {
		c.mu.Unlock()
		return
	}
	c.pending = nil
	c.retry.Stop()
	first := c.invite != nil && !closed(c.confirmed)
	owed := c.owed
	c.owed = false
	if first {
		close(c.confirmed)
	}
	c.mu.Unlock()
	if answer := tx.env.sdp(); owed && len(answer) > 0 && c.Answered != nil {
		c.Answered(answer)
	}
}

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// Refuse does not answer the call. A call already answered is not refused.
func (c *Call) Refuse(status int, reason string, extra ...string) {
	c.mu.Lock()
	accepted := c.accepted
	c.mu.Unlock()
	if !c.inbound || accepted {
		return
	}
	var fields []field
	for i := 0; i+1 < len(extra); i += 2 {
		fields = append(fields, field{extra[i], extra[i+1]})
	}
	c.endpoint.respond(c.invite, status, reason, fields...)
	c.over(CauseRefused)
}

// cancel takes an incoming call back (RFC 3261, 9.2).
func (e *Endpoint) cancel(tx *serverTx) {
	id := strings.TrimSuffix(tx.key, "|CANCEL") + "|INVITE"
	invite := e.server(id)
	if invite == nil {
		e.respond(tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	tx.tag = invite.tag
	e.respond(tx, 200, "OK")
	if c := invite.call; c != nil {
		c.mu.Lock()
		accepted := c.accepted
		c.mu.Unlock()
		if !accepted {
			e.respond(invite, 487, "Request Terminated")
			c.over(CauseCancel)
		}
	}
}

// over ends the call for everybody who waits on it, once.
func (c *Call) over(cause Cause) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != "" {
		return false
	}
	c.cause, c.pending = cause, nil
	c.session.stop()
	if c.retry != nil {
		c.retry.Stop()
	}
	c.endpoint.forgetCall(c)
	close(c.done)
	c.cancel()
	return true
}

func (e *Endpoint) forgetCall(c *Call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	key := c.id + "\x00" + c.ourTag
	if e.calls[key] != c {
		return
	}
	delete(e.calls, key)
	for i, other := range e.byID[c.id] {
		if other == c {
			e.byID[c.id] = append(e.byID[c.id][:i:i], e.byID[c.id][i+1:]...)
		}
	}
	if len(e.byID[c.id]) == 0 {
		delete(e.byID, c.id)
	}
	if c.inbound {
		e.inbound--
	}
}

// Hangup ends the call: BYE once it is answered, a refusal before.
func (c *Call) Hangup(ctx context.Context) { c.hangup(ctx, CauseUs) }

func (c *Call) hangup(ctx context.Context, cause Cause) {
	c.mu.Lock()
	accepted, over := c.accepted, c.cause != ""
	c.mu.Unlock()
	switch {
	case over:
		return
	case !accepted:
		c.Refuse(480, "Temporarily Unavailable")
		return
	}
	c.mu.Lock()
	raw, branch := c.build("BYE", nil)
	l := c.way()
	c.mu.Unlock()
	if !c.over(cause) {
		return // theirs was quicker
	}
	if _, err := c.endpoint.transact(ctx, l, branch, "BYE", raw); err != nil {
		c.endpoint.log.Info("nobody answered a BYE", "call", c.ID())
	}
}

func partyOf(u sip.Uri, name string) Party {
	user := u.User
	if u.Scheme == "tel" {
		user, _, _ = strings.Cut(u.Raw(), ";")
	}
	return Party{User: user, Host: u.Host, Name: name}
}

// asserted reads P-Asserted-Identity, which a trunk sets.
func asserted(env *envelope) Party {
	v, n := env.get("p-asserted-identity")
	if n == 0 {
		return Party{}
	}
	var u sip.Uri
	for first := range splitCommas(v) {
		name, rest, bracketed := cutBracket(first)
		if !bracketed {
			rest = strings.TrimSpace(first)
		}
		uri, _, _ := strings.Cut(rest, ">")
		if sip.ParseUri(uri, &u) != nil {
			return Party{}
		}
		return partyOf(u, strings.Trim(strings.TrimSpace(name), `"`))
	}
	return Party{}
}

// withoutTag is a From or To value whose tag is taken away.
func withoutTag(v string) string {
	tag := tagOf(v)
	if tag == "" {
		return v
	}
	v = squeeze(v)
	for _, spelt := range []string{";tag=" + tag, ";TAG=" + tag, ";Tag=" + tag} {
		v = strings.Replace(v, spelt, "", 1)
	}
	return v
}

// sdp is the session description in a body, out of a multipart one too.
func (e *envelope) sdp() []byte {
	kind, _ := e.get("content-type")
	media, _, _ := strings.Cut(strings.ToLower(kind), ";")
	switch strings.TrimSpace(media) {
	case "application/sdp":
		return e.body
	case "multipart/mixed":
		return partOf(e.body, parameter(kind, "boundary"))
	}
	return nil
}

// partOf finds the session description among the parts of a body.
func partOf(body []byte, boundary string) []byte {
	if boundary == "" {
		return nil
	}
	for part := range strings.SplitSeq(string(body), "--"+boundary) {
		head, text, ok := strings.Cut(part, "\r\n\r\n")
		if ok && strings.Contains(strings.ToLower(head), "application/sdp") {
			return []byte(strings.TrimSuffix(text, "\r\n") + "\r\n")
		}
	}
	return nil
}
