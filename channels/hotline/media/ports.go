package media

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"
)

// rest is how long a port is not used after a call: packets of the old call
// that are still on their way must not be heard in a new one.
const rest = 30 * time.Second

// Ports gives out pairs of ports, even for RTP and odd for RTCP.
type Ports struct {
	host netip.Addr // to bind to
	mu   sync.Mutex
	free []uint16
	used []resting // oldest first
}

type resting struct {
	port  uint16
	until time.Time
}

// NewPorts has the pairs from first to last, on a local address, in an order
// nobody can guess: a stranger's packets, or those of a call that another
// process had there, do not find a call that is just beginning.
func NewPorts(host netip.Addr, first, last uint16) *Ports {
	p := &Ports{host: host}
	for port := int(first + first%2); port+1 <= int(last); port += 2 {
		p.free = append(p.free, uint16(port))
	}
	rand.Shuffle(len(p.free), func(i, j int) { p.free[i], p.free[j] = p.free[j], p.free[i] })
	return p
}

// ErrNoPorts is a range that is used up.
var ErrNoPorts = errors.New("no port for sound is free")

// open binds a pair. A port somebody else has is passed over.
func (p *Ports) open() (rtp, rtcp *net.UDPConn, port uint16, err error) {
	for range 100 {
		port, err = p.take(time.Now())
		if err != nil {
			return nil, nil, 0, err
		}
		if rtp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(p.host, port))); err != nil {
			p.give(port, time.Now())
			continue
		}
		if rtcp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(p.host, port+1))); err != nil {
			rtp.Close()
			p.give(port, time.Now())
			continue
		}
		return rtp, rtcp, port, nil
	}
	return nil, nil, 0, ErrNoPorts
}

func (p *Ports) take(now time.Time) (uint16, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.used) > 0 && !now.Before(p.used[0].until) {
		p.free = append(p.free, p.used[0].port)
		p.used = p.used[1:]
	}
	if len(p.free) == 0 {
		return 0, ErrNoPorts
	}
	port := p.free[0]
	p.free = p.free[1:]
	return port, nil
}

// give lets a port rest.
func (p *Ports) give(port uint16, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used = append(p.used, resting{port, now.Add(rest)})
}

// Free is how many pairs can be given out now.
func (p *Ports) Free() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	for _, r := range p.used {
		if !time.Now().Before(r.until) {
			n++
		}
	}
	return n
}
