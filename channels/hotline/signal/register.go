package signal

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Trunk is a registrar that sends us calls once we are registered.
type Trunk struct {
	URI      string // sip:HOST[:PORT][;transport=tcp]
	User     string
	Password string
	Expires  time.Duration // asked for; 0: an hour
}

// ParseTrunk reads sip:USER:PASSWORD@HOST[:PORT][;transport=tcp].
func ParseTrunk(text string) (Trunk, error) {
	var u sip.Uri
	if err := sip.ParseUri(strings.TrimSpace(text), &u); err != nil || u.Host == "" || u.User == "" || u.Scheme != "sip" && u.Scheme != "sips" {
		return Trunk{}, fmt.Errorf("a trunk is not sip:USER:PASSWORD@HOST")
	}
	t := Trunk{User: u.User, Password: u.Password}
	u.User, u.Password = "", ""
	t.URI = u.String()
	return t, nil
}

// Locate finds the addresses a trunk's calls come from.
func (t Trunk) Locate(ctx context.Context) ([]netip.AddrPort, error) {
	var u sip.Uri
	if err := sip.ParseUri(t.URI, &u); err != nil {
		return nil, fmt.Errorf("read a trunk: %w", err)
	}
	_, first, err := resolve(ctx, t.URI)
	if err != nil {
		return nil, err
	}
	found := []netip.AddrPort{first}
	if _, err := netip.ParseAddr(strings.Trim(u.Host, "[]")); err == nil {
		return found, nil
	}
	others, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Host)
	for _, at := range others {
		found = append(found, netip.AddrPortFrom(at.Unmap(), first.Port()))
	}
	return found, err
}

// Name is a trunk without its password, for people who run the service.
func (t Trunk) Name() string { return strings.TrimPrefix(strings.TrimPrefix(t.URI, "sips:"), "sip:") }

// Pauses between tries to register.
const (
	firstPause   = 2 * time.Second
	longestPause = 5 * time.Minute
)

// Register keeps us registered with a trunk until ctx ends, and then takes the
// registration back. told hears each change: whether we are registered, and
// the status that said so (0: no answer).
func (e *Endpoint) Register(ctx context.Context, t Trunk, told func(ok bool, status int)) {
	pause := firstPause
	id, number := newTag(), uint32(0)
	expires := t.Expires
	if expires == 0 {
		expires = time.Hour
	}
	for {
		granted, status := e.register(ctx, t, id, &number, expires)
		if ctx.Err() != nil {
			break
		}
		told(granted > 0, status)
		wait := granted * 4 / 5
		if granted > 0 {
			pause = firstPause
		} else {
			wait, pause = pause, min(2*pause, longestPause)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			break
		}
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer stop()
	e.register(last, t, id, &number, 0)
	told(false, 0)
}

// register sends one REGISTER, proving ourselves where asked, and returns how
// long it holds.
func (e *Endpoint) register(ctx context.Context, t Trunk, id string, number *uint32, expires time.Duration) (time.Duration, int) {
	network, to, err := resolve(ctx, t.URI)
	if err != nil {
		return 0, 0
	}
	l, err := e.dial(ctx, network, to)
	if err != nil {
		return 0, 0
	}
	var credentials *field
	for range 3 {
		*number++
		raw, branch := e.registration(l, t, id, *number, expires, credentials)
		a, err := e.transact(ctx, l, branch, "REGISTER", raw)
		if err != nil {
			return 0, 0
		}
		switch status := a.status(); {
		case status == 423:
			v, _ := a.env.get("min-expires")
			if least, err := strconv.Atoi(v); err == nil && expires > 0 {
				expires = max(expires, time.Duration(least)*time.Second)
				continue
			}
			return 0, status
		case (status == 401 || status == 407) && credentials == nil:
			if credentials, err = prove(a, "REGISTER", t.URI, t.User, t.Password); err != nil {
				return 0, status
			}
			continue
		case status >= 200 && status < 300:
			return grantedTime(a, expires), status
		default:
			return 0, status
		}
	}
	return 0, 401
}

// grantedTime is how long the registrar says it holds.
func grantedTime(a *answer, asked time.Duration) time.Duration {
	contact, _ := a.env.get("contact")
	for _, v := range []string{parameter(contact, "expires"), first(a.env.get("expires"))} {
		if seconds, err := strconv.Atoi(v); err == nil && seconds > 0 {
			return time.Duration(seconds) * time.Second
		}
	}
	return asked
}

func first(v string, _ int) string { return v }

func (e *Endpoint) registration(l link, t Trunk, id string, number uint32, expires time.Duration, credentials *field) (raw []byte, branch string) {
	branch = "z9hG4bK" + newTag()
	host := strings.SplitN(t.Name(), ";", 2)[0]
	who := fmt.Sprintf("<sip:%s@%s>", t.User, host)
	via := netip.AddrPortFrom(e.hostFor(l), e.portFor(l))
	var b strings.Builder
	fmt.Fprintf(&b, "REGISTER %s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=%s;rport\r\nMax-Forwards: 70\r\n", t.URI, l.network(), via, branch)
	fmt.Fprintf(&b, "From: %s;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d REGISTER\r\n", who, newTag(), who, id, number)
	fmt.Fprintf(&b, "Contact: <sip:%s@%s>\r\nExpires: %d\r\nAllow: %s\r\n", t.User, via, int(expires.Seconds()), allow)
	if credentials != nil {
		fmt.Fprintf(&b, "%s: %s\r\n", credentials.name, credentials.value)
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return []byte(b.String()), branch
}
