package signal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Placing is a call to be placed.
type Placing struct {
	To          string // sip:USER@HOST[:PORT][;transport=tcp]
	From        string // the user part of who calls; empty: 12345
	User        string // digest, where asked for
	Password    string
	Description []byte   // our offer
	Headers     []string // names and values in turn, for the INVITE
	// Progress is told each provisional status; nil: nobody.
	Progress func(status int)
	// Renegotiate is the call's: an offer may come as soon as it is answered.
	Renegotiate func(offer []byte) (answer []byte, ok bool)
}

// Failure is a call that was not answered: its last status.
type Failure struct {
	Status int
	Reason string
}

func (f Failure) Error() string { return fmt.Sprintf("call not answered: %d %s", f.Status, f.Reason) }

// maxForwards is how often a call is sent elsewhere by 3xx.
const maxForwards = 3

// Dial places a call and waits for its answer; when ctx ends first the call is
// taken back by CANCEL. It returns the session description the other side
// answered with.
func (e *Endpoint) Dial(ctx context.Context, p Placing) (*Call, []byte, error) {
	e.outbound.Add(1)
	target, proven := p.To, false
	var failure Failure
	c, err := e.place(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	var credentials *field
	for range maxForwards + 2 {
		a, err := c.tryInvite(ctx, target, p, credentials)
		if err != nil {
			c.over(CauseLost)
			return nil, nil, err
		}
		switch status := a.status(); {
		case status < 300:
			return c, a.env.sdp(), nil
		case (status == 401 || status == 407) && p.User != "" && !proven:
			proven = true
			credentials, err = prove(a, "INVITE", target, p.User, p.Password)
			if err != nil {
				c.over(CauseRefused)
				return nil, nil, err
			}
			continue
		case status < 400 && a.res.Contact() != nil:
			target = a.res.Contact().Address.String()
			failure = Failure{status, a.res.Reason}
			if err := c.redirect(ctx, target); err != nil {
				c.over(CauseRefused)
				return nil, nil, err
			}
			continue
		default:
			failure = Failure{status, a.res.Reason}
		}
		break
	}
	c.over(CauseRefused)
	return nil, nil, failure
}

// place makes the call's dialog on our side.
func (e *Endpoint) place(ctx context.Context, p Placing) (*Call, error) {
	network, to, err := resolve(ctx, p.To)
	if err != nil {
		return nil, err
	}
	l, err := e.dial(ctx, network, to)
	if err != nil {
		return nil, err
	}
	c := e.newCall(l, newTag()+"@"+e.hostFor(l).String(), newTag())
	from := p.From
	if from == "" {
		from = "12345"
	}
	c.us, c.them = fmt.Sprintf("<sip:%s@%s>", from, e.hostFor(l)), "<"+p.To+">"
	c.described, c.Renegotiate = p.Description, p.Renegotiate
	c.to = Party{User: userOf(p.To)}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return nil, errors.New("the line is closed")
	}
	e.calls[c.id+"\x00"+c.ourTag] = c
	return c, nil
}

// redirect goes to where a 3xx sends the call.
func (c *Call) redirect(ctx context.Context, to string) error {
	network, at, err := resolve(ctx, to)
	if err != nil {
		return err
	}
	l, err := c.endpoint.dial(ctx, network, at)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = l
	return nil
}

func userOf(uri string) string {
	var u sip.Uri
	if sip.ParseUri(uri, &u) != nil {
		return ""
	}
	return u.User
}

// resolve finds where a SIP address is reached.
func resolve(ctx context.Context, uri string) (network string, at netip.AddrPort, err error) {
	var u sip.Uri
	if err := sip.ParseUri(uri, &u); err != nil || u.Host == "" {
		return "", at, errors.New("not a SIP address")
	}
	network, port := "UDP", 5060
	if t, _ := u.UriParams.Get("transport"); t != "" {
		network = strings.ToUpper(t)
	}
	if u.IsEncrypted() || network == "TLS" {
		network, port = "TLS", 5061
	}
	if network != "UDP" && network != "TCP" && network != "TLS" {
		return "", at, fmt.Errorf("transport %s is not spoken here", network)
	}
	if u.Port != 0 {
		port = u.Port
	}
	host, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	if err != nil {
		found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Host)
		if err != nil || len(found) == 0 {
			return "", at, fmt.Errorf("look up a SIP host: %w", err)
		}
		host = found[0]
	}
	return network, netip.AddrPortFrom(host.Unmap(), uint16(port)), nil
}

// tryInvite sends one INVITE and waits for its last answer (timers A and B). A
// 200 is acknowledged and the dialog confirmed.
func (c *Call) tryInvite(ctx context.Context, target string, p Placing, credentials *field) (*answer, error) {
	c.mu.Lock()
	c.target = target
	extra := []field{{"Allow", allow}, {"Supported", "timer"}}
	for i := 0; i+1 < len(p.Headers); i += 2 {
		extra = append(extra, field{p.Headers[i], clean(p.Headers[i+1])})
	}
	if credentials != nil {
		extra = append(extra, *credentials)
	}
	extra = append(extra, field{"Content-Type", "application/sdp"})
	raw, branch := c.build("INVITE", p.Description, extra...)
	number, l := c.sequence, c.link
	c.mu.Unlock()
	tx := c.endpoint.begin(branch, "INVITE")
	if err := l.send(raw); err != nil {
		c.endpoint.finish(tx)
		return nil, fmt.Errorf("send INVITE: %w", err)
	}
	a, err := c.await(ctx, tx, l, raw, p.Progress)
	if err != nil {
		c.takeBack(tx, branch, number, a != nil)
		return nil, err
	}
	c.endpoint.finish(tx)
	if a.status() >= 300 {
		c.mu.Lock()
		c.sendACK(l, branch, number, a)
		c.mu.Unlock()
		return a, nil
	}
	c.established(a, number)
	return a, nil
}

// await waits for an INVITE's last answer. With an error it returns the last
// provisional answer, if there was one.
func (c *Call) await(ctx context.Context, tx *clientTx, l link, raw []byte, progress func(int)) (*answer, error) {
	wait := c.endpoint.config.T1
	again, limit := time.NewTimer(wait), time.NewTimer(c.endpoint.limit())
	defer again.Stop()
	defer limit.Stop()
	var last *answer
	for {
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-c.ctx.Done():
			return last, errors.New("the line is closing")
		case <-limit.C:
			if last == nil {
				return nil, errNoAnswer
			}
		case a := <-tx.answers:
			if a.status() >= 200 {
				return a, nil
			}
			last = a
			if progress != nil {
				progress(a.status())
			}
		case <-again.C:
			if last == nil && !reliable(l) {
				l.send(raw)
				wait *= 2
				again.Reset(wait)
			}
		}
	}
}

// takeBack cancels an INVITE that nobody waits for any more. Where an answer
// crosses the CANCEL the call is hung up.
func (c *Call) takeBack(tx *clientTx, branch string, number uint32, heard bool) {
	e := c.endpoint
	e.spawn(func() {
		defer e.finish(tx)
		ctx, stop := context.WithTimeout(context.WithoutCancel(c.ctx), c.endpoint.limit())
		defer stop()
		if !heard && !firstAnswer(ctx, tx) {
			return
		}
		c.mu.Lock()
		l := c.link
		raw := c.write("CANCEL", branch, number, nil)
		c.mu.Unlock()
		e.spawn(func() {
			if _, err := e.transact(ctx, l, branch, "CANCEL", raw); err != nil {
				e.log.Info("nobody answered a CANCEL", "call", c.ID())
			}
		})
		for {
			select {
			case <-ctx.Done():
				return
			case a := <-tx.answers:
				if a.status() < 200 {
					continue
				}
				if a.status() < 300 {
					c.reject(a, number)
					return
				}
				c.mu.Lock()
				c.sendACK(l, branch, number, a)
				c.mu.Unlock()
				return
			}
		}
	})
}

// firstAnswer waits until a CANCEL may be sent: after any provisional answer
// (RFC 3261, 9.1).
func firstAnswer(ctx context.Context, tx *clientTx) bool {
	select {
	case <-ctx.Done():
		return false
	case a := <-tx.answers:
		tx.answers <- a
		return true
	}
}

// sendACK acknowledges a refusal: within the INVITE's transaction. c.mu is held.
func (c *Call) sendACK(l link, branch string, number uint32, a *answer) {
	tag := c.theirTag
	to, _ := a.env.get("to")
	c.theirTag = tagOf(to)
	l.send(c.write("ACK", branch, number, nil))
	c.theirTag = tag
}

// established makes the dialog of a 200 and acknowledges it.
func (c *Call) established(a *answer, number uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	to, _ := a.env.get("to")
	c.theirTag = tagOf(to)
	if contact := a.res.Contact(); contact != nil && !contact.Address.Wildcard {
		c.target = contact.Address.String()
	}
	c.routes = nil
	for _, f := range a.env.fields {
		if f.name == "record-route" {
			for r := range splitCommas(f.value) {
				c.routes = append([]string{strings.TrimSpace(r)}, c.routes...)
			}
		}
	}
	c.accepted = true
	c.ack = c.write("ACK", "z9hG4bK"+newTag(), number, nil)
	c.way().send(c.ack)
	close(c.confirmed)
}

// answeredAgain has a 200 that comes again: its ACK was lost. One of another
// branch of a forked call is acknowledged and hung up.
func (c *Call) answeredAgain(a *answer) {
	to, _ := a.env.get("to")
	c.mu.Lock()
	mine, ack := c.theirTag == tagOf(to), c.ack
	l := c.way()
	c.mu.Unlock()
	switch {
	case mine && ack != nil:
		l.send(ack)
	case ack != nil:
		c.reject(a, a.res.CSeq().SeqNo)
	}
}

// reject acknowledges an answer nobody wants and hangs it up.
func (c *Call) reject(a *answer, number uint32) {
	unwanted := c.endpoint.newCall(c.link, c.id, c.ourTag)
	unwanted.us, unwanted.them, unwanted.sequence = c.us, c.them, number
	unwanted.established(a, number)
	c.endpoint.spawn(func() {
		ctx, stop := context.WithTimeout(context.WithoutCancel(c.ctx), c.endpoint.limit())
		defer stop()
		unwanted.hangup(ctx, CauseUs)
	})
}

// Refer asks the other side to call somebody else instead of us (RFC 3515)
// and returns what came of it: 200 where the other call was answered. until
// bounds the wait for its NOTIFY.
func (c *Call) Refer(ctx context.Context, to string, headers ...string) (int, error) {
	extra := []field{{"Refer-To", "<" + to + ">"}, {"Referred-By", "<sip:12345@" + c.endpoint.hostFor(c.link).String() + ">"}}
	for i := 0; i+1 < len(headers); i += 2 {
		extra = append(extra, field{headers[i], clean(headers[i+1])})
	}
	a, err := c.ask(ctx, "REFER", nil, extra...)
	if err != nil {
		return 0, err
	}
	if a.status() >= 300 {
		return a.status(), nil
	}
	for {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-c.done:
			return 0, errors.New("the caller hung up while being passed on")
		case status := <-c.transfers:
			if status >= 200 {
				return status, nil
			}
		}
	}
}
