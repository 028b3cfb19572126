package media

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// reportEvery is how often a report is sent (RFC 3550, 6.2: five seconds).
const reportEvery = 5 * time.Second

// receiver counts what arrives, as RFC 3550, appendix A, does.
type receiver struct {
	begun       bool
	base        uint16
	highest     uint32 // extended
	received    int64
	transit     int64
	jitter      float64 // in samples
	expectedWas uint32
	receivedWas int64
	lastSR      uint32
	lastSRAt    time.Time
	roundTrip   time.Duration
	theirLoss   float64
}

func (r *receiver) arrived(p packet, now time.Time) {
	if !r.begun {
		r.begun, r.base, r.highest = true, p.sequence, uint32(p.sequence)
	}
	if ahead := int16(p.sequence - uint16(r.highest)); ahead > 0 {
		r.highest += uint32(ahead)
	}
	r.received++
	transit := now.UnixNano()*Rate/int64(time.Second) - int64(p.timestamp)
	if r.received > 1 {
		d := float64(transit - r.transit)
		if d < 0 {
			d = -d
		}
		if d < Rate { // a new timestamp base is no jitter
			r.jitter += (d - r.jitter) / 16
		}
	}
	r.transit = transit
}

func (r *receiver) quality() Quality {
	return Quality{Received: r.received, Jitter: time.Duration(r.jitter * float64(time.Second) / Rate), RoundTrip: r.roundTrip, TheirLoss: r.theirLoss}
}

// block is a reception report about a source.
func (r *receiver) block(source uint32, now time.Time) []byte {
	expected := r.highest - uint32(r.base) + 1
	lost := int64(expected) - r.received
	interval, got := expected-r.expectedWas, r.received-r.receivedWas
	r.expectedWas, r.receivedWas = expected, r.received
	fraction := byte(0)
	if gone := int64(interval) - got; interval > 0 && gone > 0 {
		fraction = byte(gone * 256 / int64(interval))
	}
	b := binary.BigEndian.AppendUint32(nil, source)
	b = binary.BigEndian.AppendUint32(b, uint32(fraction)<<24|uint32(min(max(lost, 0), 0x7fffff)))
	b = binary.BigEndian.AppendUint32(b, r.highest)
	b = binary.BigEndian.AppendUint32(b, uint32(r.jitter))
	b = binary.BigEndian.AppendUint32(b, r.lastSR)
	since := uint32(0)
	if !r.lastSRAt.IsZero() {
		since = uint32(now.Sub(r.lastSRAt).Seconds() * 65536)
	}
	return binary.BigEndian.AppendUint32(b, since)
}

// ntp is a time as NTP counts it: seconds since 1900, and 2⁻³² of them.
func ntp(t time.Time) (seconds, fraction uint32) {
	return uint32(t.Unix() + 2208988800), uint32(uint64(t.Nanosecond()) << 32 / uint64(time.Second))
}

// control sends and reads reports until the session closes.
func (s *Session) control() {
	s.owned.Go(s.readControl)
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			s.mu.Lock()
			to, may := s.remote, s.peer != nil && s.remote.Port() != 0 && !s.remote.Addr().IsUnspecified()
			s.mu.Unlock()
			if may {
				s.rtcp.WriteToUDPAddrPort(s.report(now), netip.AddrPortFrom(to.Addr(), to.Port()+1))
			}
		}
	}
}

// report is a sender report with our name (RFC 3550, 6.4.1 and 6.5).
func (s *Session) report(now time.Time) []byte {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	var blocks []byte
	if s.stats.begun {
		blocks = s.stats.block(s.source, now)
	}
	seconds, fraction := ntp(now)
	b := []byte{0x80 | byte(len(blocks)/24), 200}
	b = binary.BigEndian.AppendUint16(b, uint16(6+len(blocks)/4))
	for _, v := range []uint32{s.out.source, seconds, fraction, s.out.stamp.Load(), s.out.packets.Load(), s.out.octets.Load()} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	b = append(b, blocks...)
	item := append([]byte{1, byte(len(canonical))}, canonical...)
	item = append(item, make([]byte, 4-len(item)%4)...)
	b = append(b, 0x81, 202)
	b = binary.BigEndian.AppendUint16(b, uint16(1+len(item)/4))
	b = binary.BigEndian.AppendUint32(b, s.out.source)
	return append(b, item...)
}

// canonical is our name in reports; it names no call.
const canonical = "guanjia"

// readControl reads the other side's reports.
func (s *Session) readControl() {
	raw := make([]byte, 1500)
	for {
		n, from, err := s.rtcp.ReadFromUDPAddrPort(raw)
		if err != nil {
			select {
			case <-s.stop:
				return
			default:
				continue
			}
		}
		s.mu.Lock()
		ours := s.remote.Addr() == from.Addr().Unmap()
		s.mu.Unlock()
		if ours {
			s.lastHeard.Store(int64(time.Since(s.begun)))
			s.reported(raw[:n], time.Now())
		}
	}
}

// reported reads a compound of reports.
func (s *Session) reported(raw []byte, now time.Time) {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	for len(raw) >= 8 {
		size := 4 * (int(binary.BigEndian.Uint16(raw[2:])) + 1)
		if raw[0]>>6 != 2 || size > len(raw) {
			return
		}
		blocks := raw[8:size]
		switch raw[1] {
		case 200: // a sender report
			if len(blocks) < 20 {
				return
			}
			s.stats.lastSR, s.stats.lastSRAt = binary.BigEndian.Uint32(raw[8:])<<16|binary.BigEndian.Uint32(raw[12:])>>16, now
			blocks = blocks[20:]
		case 201:
		default:
			blocks = nil
		}
		for ; len(blocks) >= 24; blocks = blocks[24:] {
			if binary.BigEndian.Uint32(blocks) == s.out.source {
				s.stats.theirLoss = float64(blocks[4]) / 256
				s.echo(binary.BigEndian.Uint32(blocks[16:]), binary.BigEndian.Uint32(blocks[20:]), now)
			}
		}
		raw = raw[size:]
	}
}

// echo takes the round trip of a report of ours they mention. s.hearing is held.
func (s *Session) echo(sent, held uint32, now time.Time) {
	if sent == 0 {
		return
	}
	seconds, fraction := ntp(now)
	trip := seconds<<16 | fraction>>16
	trip -= sent + held
	if trip < 10<<16 {
		s.stats.roundTrip = time.Duration(trip) * time.Second / 65536
	}
}
