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

	begun     time.Time
	lastHeard atomic.Int64 // of the last packet, from begun on: the machine's clock may be set meanwhile
	out       sender
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
		begun: time.Now(), ports: ports, port: port, rtp: rtp, rtcp: rtcp, host: host, pace: pace, stop: make(chan struct{}),
		direction: SendRecv, version: 1, law: PCMA, digits: 101, gain: 8,
		out: sender{source: binary.BigEndian.Uint32(seed[:]), sequence: binary.BigEndian.Uint16(seed[4:]), timestamp: binary.BigEndian.Uint32(seed[6:])},
	}
	return s, nil
}

// Begin starts to send and to hear.
func (s *Session) Begin(ears Ears) {
	s.ears = ears
	s.lastHeard.Store(int64(time.Since(s.begun)))
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
func (s *Session) Silent() time.Duration {
	return time.Since(s.begun) - time.Duration(s.lastHeard.Load())
}

// maySend says whether there is somebody to send to. s.mu is held.
func (s *Session) maySend() bool {
	return (s.direction == SendRecv || s.direction == SendOnly) && s.remote.Port() != 0 && s.remote.Addr().IsValid() && !s.remote.Addr().IsUnspecified()
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
