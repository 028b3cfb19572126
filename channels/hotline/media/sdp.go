package media

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Direction is which way sound may go, as its writer sees it.
type Direction string

// The directions.
const (
	SendRecv Direction = "sendrecv"
	SendOnly Direction = "sendonly"
	RecvOnly Direction = "recvonly"
	Inactive Direction = "inactive"
)

// mirrored is the direction as the other side sees it (RFC 3264, 6.1).
func (d Direction) mirrored() Direction {
	switch d {
	case SendOnly:
		return RecvOnly
	case RecvOnly:
		return SendOnly
	}
	return d
}

// Description is what a session description says about sound.
type Description struct {
	At        netip.AddrPort // where sound is to be sent; port 0: refused, address 0: held
	Laws      []Law          // in the writer's order
	Digits    uint8          // payload type of telephone-event; 0: none
	Direction Direction
	media     []string // the m= lines, of which one is ours
	ours      int
}

// Errors of a description.
var (
	ErrNoSound = errors.New("no sound in a form that is spoken here")
	ErrNotSDP  = errors.New("not a session description")
)

// maxDescription bounds what is read of a description, in lines.
const maxDescription = 500

// ParseDescription reads a session description (RFC 8866) as far as sound
// goes. ErrNoSound where it offers none of ours.
func ParseDescription(raw []byte) (Description, error) {
	d := Description{Direction: SendRecv, ours: -1}
	var session, host string
	direction := SendRecv
	names := map[string]string{}
	lines := strings.Split(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n")
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "v=") || len(lines) > maxDescription {
		return d, ErrNotSDP
	}
	var formats []string
	port, here := 0, false
	for _, line := range lines {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			continue
		}
		switch {
		case key == "m":
			d.media = append(d.media, value)
			fields := strings.Fields(value)
			here = d.ours < 0 && len(fields) >= 4 && fields[0] == "audio" && strings.HasPrefix(fields[2], "RTP/AVP")
			if here {
				d.ours, formats, host = len(d.media)-1, fields[3:], session
				number, _, _ := strings.Cut(fields[1], "/")
				var err error
				if port, err = strconv.Atoi(number); err != nil || port < 0 || port > 65535 {
					return d, ErrNotSDP
				}
			}
		case key == "c" && len(d.media) == 0:
			session = connection(value)
		case key == "c" && here:
			host = connection(value)
		case key == "a" && (here || len(d.media) == 0):
			readAttribute(value, &direction, names)
			if here || len(d.media) == 0 {
				d.Direction = direction
			}
		}
	}
	if d.ours < 0 {
		return d, ErrNoSound
	}
	return d, d.settle(host, port, formats, names)
}

func connection(v string) string {
	fields := strings.Fields(v)
	if len(fields) != 3 || fields[0] != "IN" {
		return ""
	}
	host, _, _ := strings.Cut(fields[2], "/")
	return host
}

func readAttribute(v string, direction *Direction, names map[string]string) {
	switch Direction(v) {
	case SendRecv, SendOnly, RecvOnly, Inactive:
		*direction = Direction(v)
		return
	}
	if rest, ok := strings.CutPrefix(v, "rtpmap:"); ok {
		if number, name, ok := strings.Cut(rest, " "); ok {
			names[number] = strings.ToLower(strings.TrimSpace(name))
		}
	}
}

// settle picks the forms that are ours.
func (d *Description) settle(host string, port int, formats []string, names map[string]string) error {
	for _, f := range formats {
		n, err := strconv.Atoi(f)
		if err != nil || n < 0 || n > 127 {
			continue
		}
		name := names[f]
		switch {
		case n == int(PCMA) && (name == "" || strings.HasPrefix(name, "pcma/8000")):
			d.Laws = append(d.Laws, PCMA)
		case n == int(G722) && (name == "" || strings.HasPrefix(name, "g722/8000")):
			d.Laws = append(d.Laws, G722)
		case n == int(PCMU) && (name == "" || strings.HasPrefix(name, "pcmu/8000")):
			d.Laws = append(d.Laws, PCMU)
		case strings.HasPrefix(name, "telephone-event/8000") && d.Digits == 0 && n >= 96:
			d.Digits = uint8(n)
		}
	}
	if len(d.Laws) == 0 {
		return ErrNoSound
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return fmt.Errorf("%w: no address to send to", ErrNotSDP)
	}
	if at.IsUnspecified() && d.Direction == SendRecv { // the old way to hold (RFC 2543)
		d.Direction = SendOnly
	}
	d.At = netip.AddrPortFrom(at.Unmap(), uint16(port))
	return nil
}

// law is the form both sides speak: G.722 where the other side would rather
// have it, else PCMA where it is offered, as trunks here want it, else what
// there is.
func (d Description) law() Law {
	if d.Laws[0] == G722 {
		return G722
	}
	for _, l := range d.Laws {
		if l == PCMA {
			return l
		}
	}
	return d.Laws[0]
}

// write makes a description of ours. answer, if not nil, is the offer it
// answers: every m= line of it gets one in return, the others refused.
func write(at netip.AddrPort, version uint64, laws []Law, digits uint8, direction Direction, answer *Description) []byte {
	var b strings.Builder
	kind := "IP4"
	if at.Addr().Is6() {
		kind = "IP6"
	}
	fmt.Fprintf(&b, "v=0\r\no=- %d %d IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n", 12345, version, kind, at.Addr(), kind, at.Addr())
	before, after := []string(nil), []string(nil)
	if answer != nil && answer.ours >= 0 {
		before, after = answer.media[:answer.ours], answer.media[answer.ours+1:]
	}
	refuse(&b, before)
	fmt.Fprintf(&b, "m=audio %d RTP/AVP", at.Port())
	for _, l := range laws {
		fmt.Fprintf(&b, " %d", l)
	}
	if digits != 0 {
		fmt.Fprintf(&b, " %d", digits)
	}
	b.WriteString("\r\n")
	for _, l := range laws {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", l, l)
	}
	if digits != 0 {
		fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", digits, digits)
	}
	fmt.Fprintf(&b, "a=ptime:20\r\na=%s\r\n", direction)
	refuse(&b, after)
	return []byte(b.String())
}

func refuse(b *strings.Builder, media []string) {
	for _, m := range media {
		fields := strings.Fields(m)
		if len(fields) < 4 {
			fields = []string{"audio", "0", "RTP/AVP", "0"}
		}
		fmt.Fprintf(b, "m=%s 0 %s %s\r\n", fields[0], fields[2], strings.Join(fields[3:], " "))
	}
}
