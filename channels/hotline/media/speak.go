package media

import (
	"net/netip"
	"sync/atomic"
	"time"
)

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
