package signal

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// request has what the other side asks within the call.
func (c *Call) request(tx *serverTx) {
	c.mu.Lock()
	number := tx.req.CSeq().SeqNo
	late := number <= c.theirs
	if !late {
		c.theirs = number
	}
	from, _ := tx.env.get("from")
	stranger := c.theirTag != "" && tagOf(from) != c.theirTag
	c.mu.Unlock()
	switch {
	case stranger:
		c.endpoint.respond(tx, 481, "Call/Transaction Does Not Exist")
		return
	case late:
		c.endpoint.respond(tx, 500, "CSeq out of order", field{"Retry-After", "1"})
		return
	}
	switch tx.env.method {
	case "BYE":
		c.byeHeard(tx)
	case "INVITE":
		c.reinvite(tx)
	case "UPDATE":
		c.update(tx)
	case "INFO":
		c.info(tx)
	case "NOTIFY":
		c.notified(tx)
	case "OPTIONS":
		c.endpoint.options(tx)
	default:
		c.endpoint.respond(tx, 405, "Method Not Allowed", field{"Allow", allow})
	}
}

// byeHeard ends the call. A BYE before the answer ends it unanswered.
func (c *Call) byeHeard(tx *serverTx) {
	c.endpoint.respond(tx, 200, "OK")
	c.mu.Lock()
	unanswered := c.inbound && !c.accepted
	c.mu.Unlock()
	if unanswered {
		c.endpoint.respond(c.invite, 487, "Request Terminated")
	}
	c.over(CauseThem)
}

// reinvite has a new offer, or the wish for one of ours.
func (c *Call) reinvite(tx *serverTx) {
	if !c.endpoint.timely(tx) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.accepted || c.pending != nil:
		c.endpoint.respond(tx, 500, "An INVITE is pending", field{"Retry-After", "1"})
		return
	case c.cause != "":
		c.endpoint.respond(tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	tx.call = c
	description, ok := c.renegotiated(tx.env.sdp())
	if !ok {
		c.endpoint.respond(tx, 488, "Not Acceptable Here")
		return
	}
	c.refresh(tx)
	c.owed = len(tx.env.sdp()) == 0
	c.answerWith(tx, description)
}

// update is reinvite without an ACK (RFC 3311).
func (c *Call) update(tx *serverTx) {
	if !c.endpoint.timely(tx) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	offer := tx.env.sdp()
	var description []byte
	if len(offer) > 0 {
		if c.pending != nil && c.owed {
			c.endpoint.respond(tx, 491, "Request Pending")
			return
		}
		var ok bool
		if description, ok = c.renegotiated(offer); !ok {
			c.endpoint.respond(tx, 488, "Not Acceptable Here")
			return
		}
	}
	c.refresh(tx)
	extra := append([]field{{"Contact", c.endpoint.contact(c.link)}, {"Supported", "timer"}}, c.session.fields()...)
	if description != nil {
		extra = append(extra, field{"Content-Type", "application/sdp"})
	}
	c.endpoint.respondBody(tx, 200, "OK", description, extra...)
}

// renegotiated answers an offer, or makes our own again. c.mu is held.
func (c *Call) renegotiated(offer []byte) ([]byte, bool) {
	if len(offer) == 0 {
		return c.described, true
	}
	if c.Renegotiate == nil {
		return nil, false
	}
	answer, ok := c.Renegotiate(offer)
	if ok {
		c.described = answer
	}
	return answer, ok
}

// refresh takes the new target and session time. c.mu is held.
func (c *Call) refresh(tx *serverTx) {
	if contact := tx.req.Contact(); contact != nil && !contact.Address.Wildcard {
		c.target = contact.Address.String()
	}
	c.link = tx.link
	c.session.stop()
	c.session = timerAsked(tx.env)
	c.session.start(c)
}

// info has a digit (RFC 6086's legacy use: application/dtmf-relay and
// application/dtmf).
func (c *Call) info(tx *serverTx) {
	kind, _ := tx.env.get("content-type")
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	var digit rune
	switch strings.TrimSpace(kind) {
	case "application/dtmf-relay":
		for line := range strings.SplitSeq(string(tx.env.body), "\n") {
			name, value, _ := strings.Cut(line, "=")
			if strings.EqualFold(strings.TrimSpace(name), "signal") {
				digit = digitOf(strings.TrimSpace(value))
			}
		}
	case "application/dtmf":
		digit = digitOf(strings.TrimSpace(string(tx.env.body)))
	case "":
		if len(tx.env.body) > 0 {
			c.endpoint.respond(tx, 415, "Unsupported Media Type", field{"Accept", "application/dtmf-relay, application/dtmf"})
			return
		}
	default:
		c.endpoint.respond(tx, 415, "Unsupported Media Type", field{"Accept", "application/dtmf-relay, application/dtmf"})
		return
	}
	c.endpoint.respond(tx, 200, "OK")
	if digit != 0 {
		c.tell(Event{Digit: digit})
	}
}

// digitOf reads 0–9, *, # and their numbers 10 and 11.
func digitOf(s string) rune {
	switch {
	case s == "10":
		return '*'
	case s == "11":
		return '#'
	case len(s) == 1 && strings.Contains("0123456789*#", s):
		return rune(s[0])
	}
	return 0
}

// notified has how a REFER fares (RFC 3515): a status line in its body.
func (c *Call) notified(tx *serverTx) {
	event, _ := tx.env.get("event")
	if event, _, _ = strings.Cut(event, ";"); !strings.EqualFold(strings.TrimSpace(event), "refer") {
		c.endpoint.respond(tx, 489, "Bad Event", field{"Allow-Events", "refer"})
		return
	}
	c.endpoint.respond(tx, 200, "OK")
	first, _, _ := strings.Cut(string(tx.env.body), "\n")
	parts := strings.Fields(first)
	if len(parts) >= 2 && strings.EqualFold(parts[0], "SIP/2.0") {
		if status, err := strconv.Atoi(parts[1]); err == nil {
			select {
			case c.transfers <- status:
			default:
			}
		}
	}
}

// tell hands an event to the handler; who does not look loses it.
func (c *Call) tell(ev Event) {
	select {
	case c.events <- ev:
	default:
	}
}

// build writes a request of ours within the call. c.mu is held.
func (c *Call) build(method string, body []byte, extra ...field) (raw []byte, branch string) {
	if method != "ACK" {
		c.sequence++
	}
	branch = "z9hG4bK" + newTag()
	return c.write(method, branch, c.sequence, body, extra...), branch
}

func (c *Call) write(method, branch string, number uint32, body []byte, extra ...field) []byte {
	var b strings.Builder
	uri := c.target
	if uri == "" {
		uri = "sip:" + c.link.remote().String()
	}
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\n", method, uri)
	fmt.Fprintf(&b, "Via: SIP/2.0/%s %s;branch=%s;rport\r\n", c.link.network(), c.sentBy(), branch)
	for _, r := range c.routes {
		fmt.Fprintf(&b, "Route: %s\r\n", r)
	}
	fmt.Fprintf(&b, "Max-Forwards: 70\r\nFrom: %s;tag=%s\r\nTo: %s", c.us, c.ourTag, c.them)
	if c.theirTag != "" {
		fmt.Fprintf(&b, ";tag=%s", c.theirTag)
	}
	fmt.Fprintf(&b, "\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: %s\r\n", c.id, number, method, c.endpoint.contact(c.link))
	for _, f := range extra {
		fmt.Fprintf(&b, "%s: %s\r\n", f.name, f.value)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(body))
	return append([]byte(b.String()), body...)
}

func (c *Call) sentBy() string {
	return netip.AddrPortFrom(c.endpoint.hostFor(c.link), c.endpoint.portFor(c.link)).String()
}

// way is the link our requests go over: to the first route or the target where
// it is an address on the way we already talk, else back where the call came
// from, which reaches peers behind address translation. c.mu is held.
func (c *Call) way() link {
	next := c.target
	if len(c.routes) > 0 {
		_, rest, bracketed := cutBracket(c.routes[0])
		if bracketed {
			next, _, _ = strings.Cut(rest, ">")
		}
	}
	u, ok := c.link.(udpLink)
	if !ok {
		return c.link
	}
	var uri sip.Uri
	if sip.ParseUri(next, &uri) != nil {
		return c.link
	}
	host, err := netip.ParseAddr(uri.Host)
	if err != nil || host.Unmap() != u.to.Addr() {
		return c.link
	}
	port := uri.Port
	if port == 0 {
		port = 5060
	}
	return udpLink{u.on, netip.AddrPortFrom(host.Unmap(), uint16(port))}
}

// ask sends a request within the call and waits for its answer.
func (c *Call) ask(ctx context.Context, method string, body []byte, extra ...field) (*answer, error) {
	c.mu.Lock()
	if c.cause != "" {
		c.mu.Unlock()
		return nil, fmt.Errorf("ask in a call that ended: %s", c.cause)
	}
	raw, branch := c.build(method, body, extra...)
	l := c.way()
	c.mu.Unlock()
	a, err := c.endpoint.transact(ctx, l, branch, method, raw)
	if err != nil {
		return nil, fmt.Errorf("send %s: %w", method, err)
	}
	if a.status() == 481 || a.status() == 408 {
		c.over(CauseLost)
	}
	return a, nil
}
