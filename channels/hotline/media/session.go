package media

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Ears are told what comes in. They are called by one goroutine at a time and
// must not wait.
type Ears struct {
	// Heard has each frame in order, concealed where one was lost, silent
	// where nothing comes. The frame is the caller's to read only until it
	// returns.
	Heard func(frame []int16)
	// Wide has Heard told frames of 16,000 samples a second where the sound is
	// sent in G.722.
	Wide bool
	// Key has each key once, as it begins to be pressed.
	Key func(digit rune)
	// Played is told that a clip was played to its end.
	Played func(mark int)
	// Tap has what was heard and what was said in the same 20 ms.
	Tap func(in, out []int16)
}

// Session is the sound of one call.
type Session struct {
	ports     *Ports
	port      uint16
	rtp, rtcp *net.UDPConn
	host      netip.Addr
	ears      Ears
	pace      *Pace
	stop      chan struct{}
	owned     sync.WaitGroup
	closing   sync.Once

	mu        sync.Mutex // of what is agreed and what is to be said
	remote    netip.AddrPort
	locked    bool
	law       Law
	digits    uint8
	direction Direction // what we may do
	version   uint64
	peer      *Description // the offer or answer in force
	clips     []clip
	live      [][]int16
	flowing   bool // live frames are being passed on
	pressing  []press
	gain      int // in eighths; 8 is as it is

	hearing  sync.Mutex // of what is heard
	order    order
	ear      digitEar
	source   uint32
	decoder  *g722Decoder // of the source; nil: it sends G.711
	rest     []int16      // less than a frame
	wideRest []int16      // the same wide; empty with G.711
	last     []int16      // for what was lost
	wideLast []int16
	waiting  [][]int16 // heard and not yet tapped
	stats    receiver

	lastHeard atomic.Int64 // UnixNano of the last packet
	out       sender
}

// clip is sound to be played, with the mark its player knows it by.
type clip struct {
	mark    int
	samples []int16
	at      int
	wide    bool // 16,000 samples a second
}

// press is a key we press.
type press struct {
	digit rune
	tick  int
	stamp uint32
}

// sender is our stream. Only the sending goroutine changes it; the counts are
// read by RTCP.
type sender struct {
	source    uint32
	sequence  uint16
	timestamp uint32
	talking   bool
	splitter  splitter // of wide frames
	encoder   *g722Encoder
	low, high [Frame]int // bands of the frame
	packets   atomic.Uint32
	octets    atomic.Uint32
	stamp     atomic.Uint32
}

// Open binds a pair of ports. host is the address the other side is told.
// Nothing is sent or heard before Begin.
func Open(ports *Ports, host netip.Addr, pace *Pace) (*Session, error) {
	rtp, rtcp, port, err := ports.open()
	if err != nil {
		return nil, err
	}
	var seed [10]byte
	rand.Read(seed[:])
	s := &Session{
		ports: ports, port: port, rtp: rtp, rtcp: rtcp, host: host, pace: pace, stop: make(chan struct{}),
		direction: SendRecv, version: 1, law: PCMA, digits: 101, gain: 8,
		out: sender{source: binary.BigEndian.Uint32(seed[:]), sequence: binary.BigEndian.Uint16(seed[4:]), timestamp: binary.BigEndian.Uint32(seed[6:])},
	}
	return s, nil
}

// Begin starts to send and to hear.
func (s *Session) Begin(ears Ears) {
	s.ears = ears
	s.lastHeard.Store(time.Now().UnixNano())
	s.owned.Go(s.read)
	s.owned.Go(s.send)
	s.owned.Go(s.control)
}

// Close ends the sound and lets the ports rest.
func (s *Session) Close() {
	s.closing.Do(func() {
		close(s.stop)
		s.rtp.Close()
		s.rtcp.Close()
		s.owned.Wait()
		s.ports.give(s.port, time.Now())
	})
}

// Answer agrees on an offer and returns our answer.
func (s *Session) Answer(offer []byte) ([]byte, error) {
	d, err := ParseDescription(offer)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agree(d)
	s.version++
	return write(s.here(), s.version, []Law{s.law}, s.digits, s.direction, &d), nil
}

// Offer is our description where the other side made none: G.711, and before
// it what else would rather be spoken.
func (s *Session) Offer(rather ...Law) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return write(s.here(), s.version, append(rather, PCMA, PCMU), 101, SendRecv, nil)
}

// Agreed takes the answer to our offer.
func (s *Session) Agreed(answer []byte) error {
	d, err := ParseDescription(answer)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agree(d)
	return nil
}

// agree puts a description in force. s.mu is held.
func (s *Session) agree(d Description) {
	if s.peer == nil || s.peer.At != d.At {
		s.locked = false
	}
	s.peer, s.law, s.digits, s.direction = &d, d.law(), d.Digits, d.Direction.mirrored()
	if !s.locked {
		s.remote = d.At
	}
}

func (s *Session) here() netip.AddrPort { return netip.AddrPortFrom(s.host, s.port) }

// Port is our RTP port.
func (s *Session) Port() uint16 { return s.port }

// Held says whether the other side does not listen now.
func (s *Session) Held() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.maySend()
}

// Law is the form agreed on.
func (s *Session) Law() Law {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.law
}

// Wide says whether wideband sound can be sent.
func (s *Session) Wide() bool { return s.Law() == G722 }

// Silent is how long nothing has come in.
func (s *Session) Silent() time.Duration { return time.Since(time.Unix(0, s.lastHeard.Load())) }

// maySend says whether there is somebody to send to. s.mu is held.
func (s *Session) maySend() bool {
	return (s.direction == SendRecv || s.direction == SendOnly) && s.remote.Port() != 0 && s.remote.Addr().IsValid() && !s.remote.Addr().IsUnspecified()
}

// Play queues a clip behind those that wait.
func (s *Session) Play(mark int, samples []int16) { s.queue(clip{mark: mark, samples: samples}) }

// PlayWide is Play of 16,000 samples a second.
func (s *Session) PlayWide(mark int, samples []int16) {
	s.queue(clip{mark: mark, samples: samples, wide: true})
}

func (s *Session) queue(c clip) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clips = append(s.clips, c)
}

// Hush stops what is played, now, and returns the clip that was being played
// and how much of it was heard; 0, 0 where nothing was.
func (s *Session) Hush() (mark int, played time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.clips) > 0 {
		c := s.clips[0]
		mark, played = c.mark, time.Duration(c.at)*time.Second/Rate
		if c.wide {
			played /= 2
		}
	}
	s.clips = nil
	return mark, played
}

// Playing says whether something is being played.
func (s *Session) Playing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clips) > 0
}

// Louder sets how loud clips are played, in eighths of their own loudness.
func (s *Session) Louder(eighths int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gain = min(max(eighths, 2), 24)
}

// Bounds of the frames waiting to be passed on: 40 ms to begin with, against
// jitter, and never more than 200 ms of delay.
const (
	liveAhead = 2
	liveMost  = 10
)

// Pass sends a frame of somebody else's sound, wide or not. Before the first
// one the clips that wait are dropped.
func (s *Session) Pass(frame []int16) {
	own := append([]int16(nil), frame...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = append(s.live, own)
	if len(s.live) > liveMost {
		s.live = s.live[len(s.live)-liveAhead:]
	}
}

// Press sends a key.
func (s *Session) Press(digit rune) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.digits != 0 {
		s.pressing = append(s.pressing, press{digit: digit})
	}
}

// send is the clock of the call: a frame every 20 ms of an absolute schedule.
// A process that was asleep for long does not catch up with a burst.
func (s *Session) send() {
	var samples [wideFrame]int16
	raw := make([]byte, 0, headerSize+Frame)
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-timer.C:
		}
		late := time.Since(next)
		s.pace.observe(late)
		raw = s.tick(raw[:0], samples[:])
		if next = next.Add(FrameTime); late > 10*FrameTime {
			next = time.Now().Add(FrameTime)
		}
		timer.Reset(time.Until(next))
	}
}

// tick sends what is due and tells the ears. room is for a frame of any kind.
func (s *Session) tick(raw []byte, room []int16) []byte {
	s.mu.Lock()
	may, to, law := s.maySend(), s.remote, s.law
	var key *packet
	samples, done := room[:Frame], 0
	if may {
		key = s.key()
		samples, done = s.fill(room)
	} else {
		clear(samples)
	}
	s.mu.Unlock()
	s.out.timestamp += Frame
	samples = s.out.bands(samples, law == G722)
	if may {
		raw = s.emit(raw, to, law, key, samples)
	}
	if done != 0 && s.ears.Played != nil {
		s.ears.Played(done)
	}
	s.listen(samples)
	return raw
}

// bands parts a frame into its bands where that is needed, and returns it at
// 8,000 samples a second.
func (o *sender) bands(samples []int16, needed bool) []int16 {
	if len(samples) == wideFrame {
		for i := range o.low {
			o.low[i], o.high[i] = o.splitter.split(samples[2*i], samples[2*i+1])
		}
		samples = samples[:Frame]
		for i, v := range o.low {
			samples[i] = int16(2 * v)
		}
		return samples
	}
	if o.splitter = (splitter{}); needed {
		for i, v := range samples {
			o.low[i], o.high[i] = int(v)>>1, 0
		}
	}
	return samples
}

// fill takes the next frame to be said into room, and returns the mark of a
// clip that ends with it. s.mu is held.
func (s *Session) fill(room []int16) (samples []int16, ended int) {
	samples = room[:Frame]
	if s.flowing = len(s.live) > 0 && (s.flowing || len(s.live) >= liveAhead); s.flowing {
		samples = room[:copy(room, s.live[0])]
		s.live = s.live[1:]
		return samples, 0
	}
	if len(s.clips) > 0 && s.clips[0].wide {
		samples = room[:wideFrame]
	}
	n := 0
	for n < len(samples) && len(s.clips) > 0 {
		c := &s.clips[0]
		k := copy(samples[n:], c.samples[c.at:])
		for i := n; i < n+k && s.gain != 8; i++ {
			samples[i] = int16(min(max(int(samples[i])*s.gain/8, -32768), 32767))
		}
		c.at += k
		n += k
		if c.at == len(c.samples) {
			ended = c.mark
			s.clips = s.clips[1:]
			break // the next one begins with the next frame
		}
	}
	clear(samples[n:])
	return samples, ended
}

// Ticks of a key: 100 ms pressed, and its end said three times.
const (
	keyTicks = 5
	keyEnds  = 3
)

// key is the packet of a key being pressed, nil where none is. s.mu is held.
func (s *Session) key() *packet {
	if len(s.pressing) == 0 {
		return nil
	}
	k := &s.pressing[0]
	if k.tick == 0 {
		k.stamp = s.out.timestamp + Frame
	}
	k.tick++
	p := &packet{kind: s.digits, marker: k.tick == 1, timestamp: k.stamp,
		payload: eventPayload(k.digit, uint16(min(k.tick, keyTicks)*Frame), k.tick > keyTicks)}
	if k.tick == keyTicks+keyEnds {
		s.pressing = s.pressing[1:]
	}
	return p
}

// emit writes one packet to the wire.
func (s *Session) emit(raw []byte, to netip.AddrPort, law Law, key *packet, samples []int16) []byte {
	s.out.sequence++
	if key != nil {
		key.sequence, key.source = s.out.sequence, s.out.source
		raw = append(appendPacket(raw, *key), key.payload...)
	} else {
		raw = appendPacket(raw, packet{marker: !s.out.talking, kind: uint8(law), sequence: s.out.sequence, timestamp: s.out.timestamp, source: s.out.source})
		raw = raw[:headerSize+Frame]
		if law == G722 {
			s.out.encode(raw[headerSize:])
		} else {
			law.Encode(raw[headerSize:], samples)
		}
		s.out.talking = true
	}
	if _, err := s.rtp.WriteToUDPAddrPort(raw, to); err == nil {
		s.out.packets.Add(1)
		s.out.octets.Add(uint32(len(raw) - headerSize))
		s.out.stamp.Store(s.out.timestamp)
	}
	return raw
}

func (o *sender) encode(out []byte) {
	if o.encoder == nil {
		o.encoder = &g722Encoder{}
	}
	o.encoder.encode(out, o.low[:], o.high[:])
}

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
		s.lastHeard.Store(time.Now().UnixNano())
		s.take(p)
	}
}

// lock says whether packets from an address are ours to hear. The first one
// decides, so that a peer behind address translation is found.
func (s *Session) lock(from netip.AddrPort) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peer == nil {
		return false
	}
	if !s.locked {
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

// Quality is how the sound has arrived so far.
func (s *Session) Quality() Quality {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	q := s.stats.quality()
	q.Lost, q.Late = int64(s.order.lost), int64(s.order.late)
	q.MOS = mos(q.Loss(), q.RoundTrip/2+q.Jitter*2+2*FrameTime)
	return q
}

// Peer names the address sound goes to, for tests and operators of trunks.
func (s *Session) Peer() netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.remote
}

// String names the session by its port.
func (s *Session) String() string { return fmt.Sprintf("sound on port %d", s.port) }
