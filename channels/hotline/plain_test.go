package hotline

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanjia/channels/hotline/hotlinetest"
	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
)

// TestPlainCalls: calls beside each other with sound both ways and nothing
// else, set up over SIP. The callers' sound comes from one light socket, so that
// it is the line's that is measured. The long proof (GUANJIA_PROVE=1) demands
// that it is punctual and that none is lost; on two cores of its own:
//
//	GUANJIA_PROVE=1 chrt -r 1 go test ./channels/hotline -run PlainCalls -v
func TestPlainCalls(t *testing.T) {
	prove := os.Getenv("GUANJIA_PROVE") != ""
	calls, lasting := 100, 3*time.Second
	if prove {
		calls, lasting = 1000, time.Minute
	}
	l := &plainLine{ports: media.NewPorts(netip.MustParseAddr("127.0.0.1"), 34000, 39999), pace: &media.Pace{}, sound: tone(440, 90)}
	var err error
	if l.endpoint, err = signal.Listen(signal.Config{Addr: "127.0.0.1:0", Allow: loopback, Handler: l.take}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeEndpoint(l.endpoint) })
	callers := newChorus(t)
	phone := hotlinetest.NewPhone(t, 1)
	placing := signal.Placing{To: fmt.Sprintf("sip:12345@%s", l.endpoint.Addr()), Description: callers.offer()}
	began := time.Now()
	placed := make(chan *signal.Call, calls)
	var dialling sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(calls))
	for range 64 {
		dialling.Go(func() {
			for left.Add(-1) >= 0 {
				c, answer, err := phone.Endpoint.Dial(t.Context(), placing)
				if err != nil {
					t.Errorf("place a call: %v", err)
					return
				}
				placed <- c
				d, err := media.ParseDescription(answer)
				if err != nil {
					t.Errorf("read an answer: %v", err)
					return
				}
				callers.join(d.At)
			}
		})
	}
	dialling.Wait()
	setUp := time.Since(began)
	if t.Failed() {
		return
	}
	eventually(t, "every call's sound", func() bool { return callers.heard() == calls })
	l.pace.Reset()
	used, from := cpu(), time.Now()
	time.Sleep(lasting)
	spent, wall := cpu()-used, time.Since(from)
	p50, p99, p999, frames := l.pace.Late(.5), l.pace.Late(.99), l.pace.Late(.999), l.pace.Frames()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	var hanging sync.WaitGroup
	close(placed)
	for c := range placed {
		hanging.Go(func() { c.Hangup(t.Context()) })
	}
	hanging.Wait()
	eventually(t, "the line to be idle", func() bool { return l.endpoint.Figures().Calls == 0 && l.open.Load() == 0 })
	t.Logf("%d calls for %v beside load %s, set up at %.0f a second: pace p50 %v p99 %v p999 %v over %d frames; lost %d of %d sent to callers, %d of %d from them; %.2f cores with the callers; heap %d MB",
		calls, wall.Round(time.Second), machineLoad(), float64(calls)/setUp.Seconds(), p50, p99, p999, frames, callers.lost(), callers.received.Load(), l.lost.Load(), l.received.Load(),
		spent.Seconds()/wall.Seconds(), mem.HeapAlloc>>20)
	if frames < int64(calls)*int64(lasting/media.FrameTime)/2 {
		t.Errorf("only %d frames were sent", frames)
	}
	if prove && (p99 > 10*time.Millisecond || callers.lost() > 0 || l.lost.Load() > 0) {
		t.Errorf("p99 %v; %d and %d lost", p99, callers.lost(), l.lost.Load())
	}
}

func closeEndpoint(e *signal.Endpoint) {
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	e.Close(ctx)
}

// plainLine answers every call with sound.
type plainLine struct {
	endpoint       *signal.Endpoint
	ports          *media.Ports
	pace           *media.Pace
	sound          []int16
	open           atomic.Int64
	lost, received atomic.Int64
}

func (l *plainLine) take(ctx context.Context, c *signal.Call) {
	sound, err := media.Open(l.ports, c.HostFor(), l.pace)
	if err != nil {
		c.Refuse(503, "Service Unavailable")
		return
	}
	l.open.Add(1)
	defer l.open.Add(-1)
	defer sound.Close()
	answer, err := sound.Answer(c.Offer())
	if err != nil || c.Accept(answer) != nil {
		return
	}
	sound.Begin(media.Ears{Heard: func([]int16) {}})
	sound.Play(1, l.sound)
	<-ctx.Done()
	q := sound.Quality()
	l.lost.Add(q.Lost)
	l.received.Add(q.Received)
}

// chorus is the sound of many callers, from one socket: a packet of silence to
// each every 20 ms, and a count of what comes back.
type chorus struct {
	socket   *net.UDPConn
	received atomic.Int64
	mu       sync.Mutex
	lines    []netip.AddrPort
	streams  map[uint32]*stream
}

// stream is what came of one call.
type stream struct {
	last uint16
	lost int64
}

func newChorus(t *testing.T) *chorus {
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	socket.SetReadBuffer(8 << 20)
	c := &chorus{socket: socket, streams: map[uint32]*stream{}}
	var owned sync.WaitGroup
	stop := make(chan struct{})
	owned.Go(c.listen)
	owned.Go(func() { c.sing(stop) })
	t.Cleanup(func() {
		close(stop)
		socket.Close()
		owned.Wait()
	})
	return c
}

func (c *chorus) offer() []byte {
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8\r\n", c.socket.LocalAddr().(*net.UDPAddr).Port)
}

func (c *chorus) join(at netip.AddrPort) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, at)
}

// heard is how many calls sound has come from.
func (c *chorus) heard() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.streams)
}

func (c *chorus) lost() (n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.streams {
		n += s.lost
	}
	return n
}

func (c *chorus) listen() {
	raw := make([]byte, 2048)
	for {
		n, _, err := c.socket.ReadFromUDPAddrPort(raw)
		if err != nil {
			return
		}
		if n < 12 {
			continue
		}
		c.received.Add(1)
		source, sequence := binary.BigEndian.Uint32(raw[8:]), binary.BigEndian.Uint16(raw[2:])
		c.mu.Lock()
		if s := c.streams[source]; s == nil {
			c.streams[source] = &stream{last: sequence}
		} else if ahead := int16(sequence - s.last); ahead > 0 {
			s.lost += int64(ahead - 1)
			s.last = sequence
		} else {
			s.lost-- // it came late
		}
		c.mu.Unlock()
	}
}

// sing sends a twentieth of the packets every millisecond.
func (c *chorus) sing(stop <-chan struct{}) {
	raw := make([]byte, 12+media.Frame)
	for i := range raw[12:] {
		raw[12+i] = 0xd5
	}
	raw[0], raw[1] = 0x80, 8
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	began, turn, steps := time.Now(), 0, int(media.FrameTime/time.Millisecond)
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		for due := int(time.Since(began) / time.Millisecond); turn < due; turn++ {
			binary.BigEndian.PutUint16(raw[2:], uint16(turn/steps))
			binary.BigEndian.PutUint32(raw[4:], uint32(turn/steps*media.Frame))
			c.mu.Lock()
			lines := c.lines
			c.mu.Unlock()
			for i := turn % steps; i < len(lines); i += steps {
				binary.BigEndian.PutUint32(raw[8:], uint32(i))
				c.socket.WriteToUDPAddrPort(raw, lines[i])
			}
		}
	}
}
