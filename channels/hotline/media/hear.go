package media

import (
	"net/netip"
	"time"
)

// quiet is how long nothing comes before silence is heard instead.
const quiet = 100 * time.Millisecond

// listen hands silence on where nothing comes, and pairs what was heard with
// what was said for the tap.
func (s *Session) listen(said []int16) {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	var in []int16
	if len(s.waiting) > 0 {
		in, s.waiting = s.waiting[0], s.waiting[1:]
	}
	if s.Silent() > quiet {
		var silence [wideFrame]int16
		if n := max(len(s.wideLast), Frame); s.ears.Heard != nil && s.ears.Wide {
			s.ears.Heard(silence[:n])
		} else if s.ears.Heard != nil {
			s.ears.Heard(silence[:Frame])
		}
	}
	if s.ears.Tap == nil {
		s.waiting = nil
		return
	}
	if in == nil {
		in = make([]int16, Frame)
	}
	s.ears.Tap(in, said)
}

// read takes packets from the wire until the socket closes.
func (s *Session) read() {
	raw := make([]byte, 2048)
	for {
		n, from, err := s.rtp.ReadFromUDPAddrPort(raw)
		if err != nil {
			select {
			case <-s.stop:
				return
			default:
				continue // an ICMP error of an earlier packet
			}
		}
		p, ok := parsePacket(raw[:n])
		if !ok || !s.lock(netip.AddrPortFrom(from.Addr().Unmap(), from.Port())) {
			continue
		}
		s.lastHeard.Store(int64(time.Since(s.begun)))
		s.take(p)
	}
}

// lock says whether packets from an address are ours to hear. The first one
// decides, so that a peer behind address translation is found; but one from the
// very address that was agreed on is the peer's, whoever else sent before it.
func (s *Session) lock(from netip.AddrPort) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peer == nil {
		return false
	}
	if !s.locked || from == s.peer.At {
		s.locked, s.remote = true, from
	}
	return s.remote == from
}

// take has one packet of the peer.
func (s *Session) take(p packet) {
	s.mu.Lock()
	law, digits := s.law, s.digits
	s.mu.Unlock()
	s.hearing.Lock()
	defer s.hearing.Unlock()
	if p.source != s.source {
		s.source, s.order, s.decoder = p.source, order{}, nil
		s.rest, s.wideRest = s.rest[:0], s.wideRest[:0]
		s.stats = receiver{}
	}
	s.stats.arrived(p, time.Now())
	if digits != 0 && p.kind == digits {
		if key := s.ear.hear(p); key != 0 && s.ears.Key != nil {
			s.ears.Key(key)
		}
	}
	s.order.put(p, func(q *packet) { s.play(q, law) })
}

// play turns a packet in its turn into frames. s.hearing is held.
func (s *Session) play(p *packet, law Law) {
	switch {
	case p == nil:
		s.conceal()
		return
	case p.kind != uint8(PCMA) && p.kind != uint8(PCMU) && p.kind != uint8(G722):
		return // a key, or comfort noise
	}
	if p.kind != uint8(law) {
		law = Law(p.kind) // RFC 3264 lets the other side choose among what it offered
	}
	payload := p.payload
	for len(payload) > 0 {
		n := min(Frame-len(s.rest), len(payload))
		s.decode(payload[:n], law)
		payload = payload[n:]
		if len(s.rest) == Frame {
			s.last, s.wideLast = append(s.last[:0], s.rest...), append(s.wideLast[:0], s.wideRest...)
			s.hand(s.rest, s.wideRest)
			s.rest, s.wideRest = s.rest[:0], s.wideRest[:0]
		}
	}
}

// decode adds what a payload holds to the frame that is being put together.
// s.hearing is held.
func (s *Session) decode(payload []byte, law Law) {
	at := len(s.rest)
	s.rest = append(s.rest, make([]int16, len(payload))...)
	if law != G722 {
		law.Decode(s.rest[at:], payload)
		s.decoder, s.wideRest = nil, s.wideRest[:0]
		return
	}
	if s.decoder == nil {
		s.decoder = &g722Decoder{}
	}
	s.wideRest = append(s.wideRest, make([]int16, 2*(at+len(payload))-len(s.wideRest))...)
	s.decoder.decode(s.rest[at:], s.wideRest[2*at:], payload)
}

// conceal makes up for a lost frame: the last one again, fading. s.hearing is
// held.
func (s *Session) conceal() {
	if len(s.last) == 0 {
		s.last = make([]int16, Frame)
	}
	for _, last := range [][]int16{s.last, s.wideLast} {
		for i := range last {
			last[i] /= 2
		}
	}
	s.hand(s.last, s.wideLast)
}

// hand gives a frame to whoever listens. s.hearing is held.
func (s *Session) hand(frame, wide []int16) {
	switch {
	case s.ears.Heard == nil:
	case s.ears.Wide && len(wide) == wideFrame:
		s.ears.Heard(wide)
	default:
		s.ears.Heard(frame)
	}
	if s.ears.Tap != nil && len(s.waiting) < liveMost {
		s.waiting = append(s.waiting, append([]int16(nil), frame...))
	}
}
