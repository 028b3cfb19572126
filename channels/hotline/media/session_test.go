package media

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var here = netip.MustParseAddr("127.0.0.1")

// pair is two ends of a call.
func pair(t *testing.T, ears Ears) (a, b *Session) {
	t.Helper()
	a, b = agreed(t)
	a.Begin(Ears{})
	b.Begin(ears)
	return a, b
}

// agreed are two ends that have agreed and not begun.
func agreed(t *testing.T) (a, b *Session) {
	t.Helper()
	ports := NewPorts(here, 36000, 36199)
	open := func() *Session {
		s, err := Open(ports, here, &Pace{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	a, b = open(), open()
	answer, err := b.Answer(a.Offer())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Agreed(answer); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestKeys: the same key several times, and many in a row, are heard as they
// were pressed.
func TestKeys(t *testing.T) {
	var mu sync.Mutex
	heard := ""
	a, _ := pair(t, Ears{Key: func(k rune) { mu.Lock(); defer mu.Unlock(); heard += string(k) }})
	const pressed = "1110*#99"
	for _, k := range pressed {
		a.Press(k)
	}
	await(t, "the keys", func() bool { mu.Lock(); defer mu.Unlock(); return len(heard) >= len(pressed) })
	if heard != pressed {
		t.Errorf("heard %q, pressed %q", heard, pressed)
	}
}

// TestDigitEar: lost ends, repeated ends, late packets, long keys.
func TestDigitEar(t *testing.T) {
	type p = packet
	event := func(stamp uint32, digit rune, duration uint16, end bool) packet {
		return p{timestamp: stamp, source: 1, payload: eventPayload(digit, duration, end)}
	}
	for name, c := range map[string]struct {
		packets []packet
		want    string
	}{
		"repeated end":   {[]packet{event(100, '0', 160, false), event(100, '0', 800, true), event(100, '0', 800, true), event(100, '0', 800, true)}, "0"},
		"lost end":       {[]packet{event(100, '1', 160, false), event(1000, '1', 160, false), event(2000, '1', 160, false)}, "111"},
		"only the end":   {[]packet{event(100, '5', 800, true)}, "5"},
		"late":           {[]packet{event(100, '1', 800, true), event(2000, '2', 160, false), event(100, '1', 800, true), event(2000, '2', 800, true)}, "12"},
		"held for long":  {[]packet{event(100, '7', 0xffff, false), event(100+0xffff, '7', 160, false), event(100+0xffff, '7', 320, true)}, "7"},
		"not a key":      {[]packet{{timestamp: 1, payload: []byte{16, 0, 0, 1}}, {timestamp: 2, payload: []byte{1}}}, ""},
		"same key again": {[]packet{event(100, '7', 800, true), event(1100, '7', 160, false)}, "77"},
	} {
		var ear digitEar
		got := ""
		for _, q := range c.packets {
			if k := ear.hear(q); k != 0 {
				got += string(k)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestOrder: packets that overtake each other are put right; what is lost is
// counted and made up for; what is late is not played.
func TestOrder(t *testing.T) {
	for name, c := range map[string]struct {
		in   []uint16
		want []int // −1: lost
		late int
	}{
		"in order":   {[]uint16{1, 2, 3}, []int{1, 2, 3}, 0},
		"overtaken":  {[]uint16{1, 3, 2, 4}, []int{1, 2, 3, 4}, 0},
		"twice":      {[]uint16{1, 2, 2, 3}, []int{1, 2, 3}, 1},
		"lost":       {[]uint16{1, 3, 4, 5, 6}, []int{1, -1, 3, 4, 5, 6}, 0},
		"wraps":      {[]uint16{65534, 65535, 0, 1}, []int{65534, 65535, 0, 1}, 0},
		"too late":   {[]uint16{1, 3, 4, 5, 6, 2, 7}, []int{1, -1, 3, 4, 5, 6, 7}, 1},
		"new stream": {[]uint16{1, 2, 30000, 30001}, []int{1, 2, 30000, 30001}, 0},
	} {
		var o order
		var got []int
		for _, s := range c.in {
			o.put(packet{sequence: s}, func(p *packet) {
				if p == nil {
					got = append(got, -1)
				} else {
					got = append(got, int(p.sequence))
				}
			})
		}
		if !slices.Equal(got, c.want) || o.late != c.late {
			t.Errorf("%s: %v (%d late), want %v (%d)", name, got, o.late, c.want, c.late)
		}
	}
}

// TestDescriptions: what is offered, and what is answered.
func TestDescriptions(t *testing.T) {
	offer := func(lines ...string) []byte {
		return []byte(strings.Join(append([]string{"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"}, lines...), "\r\n") + "\r\n")
	}
	for name, c := range map[string]struct {
		offer []byte
		want  []string // in the answer
		err   bool
	}{
		"both laws":    {offer("m=audio 4000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000"), []string{"RTP/AVP 8 101\r\n", "a=sendrecv"}, false},
		"PCMU only":    {offer("m=audio 4000 RTP/AVP 0"), []string{"RTP/AVP 0\r\n"}, false},
		"wide first":   {offer("m=audio 4000 RTP/AVP 9 8 0"), []string{"RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\n"}, false},
		"wide too":     {offer("m=audio 4000 RTP/AVP 8 9 0"), []string{"RTP/AVP 8\r\n"}, false},
		"wide only":    {offer("m=audio 4000 RTP/AVP 18 9", "a=rtpmap:9 G722/8000"), []string{"RTP/AVP 9\r\n"}, false},
		"held":         {offer("m=audio 4000 RTP/AVP 8", "a=sendonly"), []string{"a=recvonly"}, false},
		"listening":    {offer("m=audio 4000 RTP/AVP 8", "a=recvonly"), []string{"a=sendonly"}, false},
		"inactive":     {offer("m=audio 4000 RTP/AVP 8", "a=inactive"), []string{"a=inactive"}, false},
		"video too":    {offer("m=video 5000 RTP/AVP 96", "m=audio 4000 RTP/AVP 8"), []string{"m=video 0 RTP/AVP 96\r\nm=audio "}, false},
		"other digits": {offer("m=audio 4000 RTP/AVP 8 96", "a=rtpmap:96 telephone-event/8000"), []string{"RTP/AVP 8 96\r\n"}, false},
		"no sound":     {offer("m=video 5000 RTP/AVP 96"), nil, true},
		"opus only":    {offer("m=audio 4000 RTP/AVP 111", "a=rtpmap:111 opus/48000/2"), nil, true},
		"encrypted":    {offer("m=audio 4000 RTP/SAVP 8"), nil, true},
		"nonsense":     {[]byte("hello"), nil, true},
		"bad port":     {offer("m=audio 99999 RTP/AVP 8"), nil, true},
	} {
		s, err := Open(NewPorts(here, 36200, 36299), here, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := s.Answer(c.offer)
		if (err != nil) != c.err {
			t.Errorf("%s: %v", name, err)
		}
		for _, w := range c.want {
			if !strings.Contains(string(answer), w) {
				t.Errorf("%s: no %q in %q", name, w, answer)
			}
		}
		s.Close()
	}
}

// TestPortsRest: a port is not used again at once.
func TestPortsRest(t *testing.T) {
	p := NewPorts(here, 36301, 36310)
	if p.Free() != 4 {
		t.Fatalf("%d pairs", p.Free())
	}
	now := time.Now()
	for range 4 {
		port, err := p.take(now)
		if err != nil || port%2 != 0 {
			t.Fatalf("%d %v", port, err)
		}
		p.give(port, now)
	}
	if _, err := p.take(now.Add(rest - time.Second)); err != ErrNoPorts {
		t.Errorf("a port does not rest: %v", err)
	}
	if _, err := p.take(now.Add(rest)); err != nil {
		t.Errorf("a port rests for ever: %v", err)
	}
}

// strangerTo sends to an end that has agreed with another.
func strangerTo(t *testing.T, b *Session) *Session {
	t.Helper()
	stranger, err := Open(NewPorts(here, 36400, 36499), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stranger.Close)
	if err := stranger.Agreed(b.Offer()); err != nil {
		t.Fatal(err)
	}
	stranger.Begin(Ears{})
	return stranger
}

// TestAStrangerWasFirst: whoever sent before the peer is not taken for it any
// longer than the peer is silent, and what is said goes to the peer.
func TestAStrangerWasFirst(t *testing.T) {
	var mu sync.Mutex
	var keys []rune
	a, b := agreed(t)
	b.Begin(Ears{Key: func(k rune) { mu.Lock(); defer mu.Unlock(); keys = append(keys, k) }})
	stranger := strangerTo(t, b)
	stranger.Press('9')
	await(t, "the stranger's key", func() bool { mu.Lock(); defer mu.Unlock(); return len(keys) == 1 })
	a.Begin(Ears{})
	a.Press('1')
	await(t, "the peer's key", func() bool { mu.Lock(); defer mu.Unlock(); return len(keys) == 2 })
	if got := b.Peer(); got.Port() != a.Port() {
		t.Errorf("what is said goes to %v", got)
	}
	stranger.Press('8')
	time.Sleep(300 * time.Millisecond)
	a.Press('2')
	await(t, "the second key", func() bool { mu.Lock(); defer mu.Unlock(); return len(keys) >= 3 })
	if string(keys) != "912" {
		t.Errorf("heard %q", string(keys))
	}
}

// TestStrangersAreNotHeard: once a peer is known, packets from elsewhere are
// not listened to.
func TestStrangersAreNotHeard(t *testing.T) {
	var mu sync.Mutex
	var keys []rune
	a, b := pair(t, Ears{Key: func(k rune) { mu.Lock(); defer mu.Unlock(); keys = append(keys, k) }})
	a.Press('1')
	await(t, "the first key", func() bool { mu.Lock(); defer mu.Unlock(); return len(keys) == 1 })
	stranger := strangerTo(t, b)
	stranger.Press('9')
	time.Sleep(300 * time.Millisecond)
	a.Press('2')
	await(t, "the second key", func() bool { mu.Lock(); defer mu.Unlock(); return len(keys) >= 2 })
	if string(keys) != "12" {
		t.Errorf("heard %q", string(keys))
	}
}

// TestQuality: the opinion falls with loss and delay.
func TestQuality(t *testing.T) {
	if good := mos(0, 60*time.Millisecond); good < 4.3 || good > 4.5 {
		t.Errorf("a clean call is %.2f", good)
	}
	if bad := mos(.05, 60*time.Millisecond); bad > 4.1 || bad < 3 {
		t.Errorf("5 %% lost is %.2f", bad)
	}
	if worse := mos(.05, 500*time.Millisecond); worse > mos(.05, 60*time.Millisecond)-.5 {
		t.Errorf("half a second late is %.2f", worse)
	}
}

// TestReports: each side learns how the other hears it.
func TestReports(t *testing.T) {
	a, b := pair(t, Ears{})
	await(t, "sound", func() bool { return b.Quality().Received > 10 && a.Quality().Received > 10 })
	now := time.Now()
	report := a.report(now)
	b.reported(report, now)
	b.hearing.Lock()
	heard := b.stats.lastSR
	b.hearing.Unlock()
	if heard == 0 {
		t.Error("a report is not read")
	}
	back := b.report(now.Add(10 * time.Millisecond))
	a.reported(back, now.Add(30*time.Millisecond))
	if trip := a.Quality().RoundTrip; trip < 10*time.Millisecond || trip > 40*time.Millisecond {
		t.Errorf("a round trip of 20 ms is measured as %v", trip)
	}
}

func FuzzPacket(f *testing.F) {
	f.Add(appendPacket(nil, packet{kind: 8}))
	f.Add([]byte{0xbf, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p, ok := parsePacket(raw); ok && len(p.payload) > len(raw) {
			t.Error("more sound than packet")
		}
		ParseDescription(raw)
	})
}
