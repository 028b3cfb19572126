// Package hotlinetest is a telephone for tests: it calls, presses keys, speaks,
// holds, hangs up, and keeps what it hears. It is made of the line's own
// signalling and sound, so what it proves of them it proves twice over; that
// others' telephones agree is proven with baresip and sipp.
package hotlinetest

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"sync"
	"testing"
	"time"

	"guanjia/channels/hotline/media"
	"guanjia/channels/hotline/signal"
)

// Phone is a telephone that can place and take calls.
type Phone struct {
	t        testing.TB
	Endpoint *signal.Endpoint
	ports    *media.Ports
	incoming chan *Talk
	// Rather are the forms of sound it offers before G.711.
	Rather []media.Law
	// Take answers an incoming call with a status; 200 takes it.
	mu   sync.Mutex
	take func(c *signal.Call) int
}

var nextPort struct {
	sync.Mutex
	at uint16
}

// ports gives each telephone of a process a range of its own.
func portRange(n uint16) (first, last uint16) {
	nextPort.Lock()
	defer nextPort.Unlock()
	if nextPort.at == 0 {
		nextPort.at = 40000
	}
	first = nextPort.at
	nextPort.at += n
	if nextPort.at > 59000 {
		nextPort.at = 40000
	}
	return first, first + n - 1
}

// NewPhone plugs a telephone in; it is unplugged when the test ends.
func NewPhone(t testing.TB, lines uint16) *Phone {
	t.Helper()
	p := &Phone{t: t, incoming: make(chan *Talk, 16)}
	first, last := portRange(2 * lines)
	p.ports = media.NewPorts(netip.MustParseAddr("127.0.0.1"), first, last)
	var err error
	p.Endpoint, err = signal.Listen(signal.Config{Addr: "127.0.0.1:0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Handler: p.ring})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		p.Endpoint.Close(ctx)
	})
	return p
}

// URI is where the telephone is called.
func (p *Phone) URI(user string) string { return fmt.Sprintf("sip:%s@%s", user, p.Endpoint.Addr()) }

// Answer says what becomes of incoming calls: a status to refuse them with,
// 200 to take them, 0 to let them ring.
func (p *Phone) Answer(take func(c *signal.Call) int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take = take
}

// Incoming is the next call taken.
func (p *Phone) Incoming() *Talk {
	p.t.Helper()
	select {
	case t := <-p.incoming:
		return t
	case <-time.After(time.Minute):
		p.t.Fatal("nobody calls")
		return nil
	}
}

func (p *Phone) ring(ctx context.Context, c *signal.Call) {
	p.mu.Lock()
	take := p.take
	p.mu.Unlock()
	status := 200
	if take != nil {
		status = take(c)
	}
	if status == 0 {
		c.Ring()
		<-ctx.Done()
		return
	}
	if status != 200 {
		c.Refuse(status, "Refused")
		return
	}
	sound, err := media.Open(p.ports, netip.MustParseAddr("127.0.0.1"), nil)
	if err != nil {
		c.Refuse(500, err.Error())
		return
	}
	defer sound.Close()
	answer, err := sound.Answer(c.Offer())
	if err != nil {
		c.Refuse(488, "Not Acceptable Here")
		return
	}
	t := newTalk(c, sound)
	c.Ring()
	if c.Accept(answer) != nil {
		return
	}
	sound.Begin(media.Ears{Heard: t.hear, Key: t.key})
	p.incoming <- t
	<-ctx.Done()
}

// Talk is a call as the telephone has it.
type Talk struct {
	Call  *signal.Call
	Sound *media.Session
	Began time.Time // when it was answered
	mu    sync.Mutex
	heard []int16
	first time.Time // of sound that is not silence
	last  time.Time
	Keys  chan rune
}

func newTalk(c *signal.Call, s *media.Session) *Talk {
	return &Talk{Call: c, Sound: s, Began: time.Now(), Keys: make(chan rune, 64)}
}

func (t *Talk) key(r rune) {
	select {
	case t.Keys <- r:
	default:
	}
}

// Loud is the energy above which a frame is sound, in dB of full scale.
const Loud = -50

func level(frame []int16) float64 {
	sum := 1e-9
	for _, s := range frame {
		sum += float64(s) * float64(s)
	}
	return 10*math.Log10(sum/float64(len(frame))) - 20*math.Log10(32768)
}

func (t *Talk) hear(frame []int16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heard = append(t.heard, frame...)
	if level(frame) > Loud {
		t.last = time.Now()
		if t.first.IsZero() {
			t.first = t.last
		}
	}
}

// Heard is all sound so far.
func (t *Talk) Heard() []int16 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]int16(nil), t.heard...)
}

// FirstSound and LastSound are when sound that is not silence was heard;
// Forget begins anew.
func (t *Talk) FirstSound() time.Time { t.mu.Lock(); defer t.mu.Unlock(); return t.first }

// LastSound is when sound was heard last.
func (t *Talk) LastSound() time.Time { t.mu.Lock(); defer t.mu.Unlock(); return t.last }

// Forget begins to listen anew.
func (t *Talk) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.first, t.heard = time.Time{}, nil
}

// Placing changes how a call is placed.
type Placing func(*signal.Placing)

// Dial places a call and waits until it is answered.
func (p *Phone) Dial(ctx context.Context, to, from string, change ...Placing) (*Talk, error) {
	sound, err := media.Open(p.ports, netip.MustParseAddr("127.0.0.1"), nil)
	if err != nil {
		return nil, err
	}
	placing := signal.Placing{
		To: to, From: from, Description: sound.Offer(p.Rather...),
		Renegotiate: func(offer []byte) ([]byte, bool) { a, err := sound.Answer(offer); return a, err == nil },
	}
	for _, c := range change {
		c(&placing)
	}
	c, answer, err := p.Endpoint.Dial(ctx, placing)
	if err == nil {
		err = sound.Agreed(answer)
	}
	if err != nil {
		sound.Close()
		return nil, err
	}
	t := newTalk(c, sound)
	sound.Begin(media.Ears{Heard: t.hear, Key: t.key})
	return t, nil
}

// MustDial is Dial in a test that needs the call.
func (p *Phone) MustDial(to, from string, change ...Placing) *Talk {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	t, err := p.Dial(ctx, to, from, change...)
	if err != nil {
		p.t.Fatalf("call %s: %v", to, err)
	}
	p.t.Cleanup(t.Hangup)
	return t
}

// Hangup ends the call.
func (t *Talk) Hangup() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	t.Call.Hangup(ctx)
	t.Sound.Close()
}

// Press presses keys one after another.
func (t *Talk) Press(keys string) {
	for _, k := range keys {
		t.Sound.Press(k)
	}
}

// Say speaks.
func (t *Talk) Say(samples []int16) { t.Sound.Play(1, samples) }
