package signal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icholy/digest"
)

const soon = 20 * time.Second

// tagIn is the To tag of an answer.
func tagIn(msg string) string {
	e, err := openEnvelope([]byte(msg))
	if err != nil {
		return ""
	}
	to, _ := e.get("to")
	return tagOf(to)
}

func header(msg, name string) string {
	e, err := openEnvelope([]byte(msg))
	if err != nil {
		return ""
	}
	v, _ := e.get(name)
	return v
}

// established is a call that was answered and acknowledged.
func established(t *testing.T, w *wire, id string) (tag string) {
	t.Helper()
	w.send(request("INVITE", "", id, 1, offer))
	got := w.final(soon)
	for got != "" && header(got, "call-id") != id {
		got = w.final(soon) // what is said again of others
	}
	if status(got) != 200 {
		t.Fatalf("INVITE: %q", got)
	}
	tag = tagIn(got)
	w.send(request("ACK", tag, id, 1, ""))
	return tag
}

func TestAnswerAndBye(t *testing.T) {
	e := open(t, nil)
	for _, network := range []string{"udp", "tcp"} {
		w := plug(t, e, network)
		w.send(request("INVITE", "", "a"+network, 1, offer, "Record-Route: <sip:proxy.example;lr>"))
		seen := ""
		var answer string
		for status(answer) < 200 {
			answer = w.receive(soon)
			seen += fmt.Sprint(status(answer), " ")
		}
		if seen != "100 180 200 " {
			t.Errorf("%s: %s", network, seen)
		}
		if header(answer, "record-route") != "<sip:proxy.example;lr>" || header(answer, "contact") == "" || !strings.Contains(answer, "m=audio") {
			t.Errorf("%s: the answer lacks something: %s", network, answer)
		}
		tag := tagIn(answer)
		w.send(request("ACK", tag, "a"+network, 1, ""))
		w.send(request("BYE", tag, "a"+network, 2, ""))
		if got := w.final(soon); status(got) != 200 {
			t.Errorf("%s: BYE: %q", network, got)
		}
		w.send(request("BYE", tag, "a"+network, 3, ""))
		if got := w.final(soon); status(got) != 481 {
			t.Errorf("%s: BYE of no call: %q", network, got)
		}
	}
	waitIdle(t, e)
}

func waitIdle(t *testing.T, e *Endpoint) {
	t.Helper()
	for end := time.Now().Add(soon); e.Figures().Calls > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d calls are left", e.Figures().Calls)
		}
	}
}

// TestNoACK: the 200 is sent again, slower and slower, and the call ends with a
// BYE when it is never acknowledged.
func TestNoACK(t *testing.T) {
	e := open(t, nil)
	w := plug(t, e, "udp")
	// Our requests go to the Contact.
	w.send(strings.ReplaceAll(request("INVITE", "", "noack", 1, offer), "127.0.0.1:5099>", w.conn.LocalAddr().String()+">"))
	var at []time.Time
	for {
		msg := w.receive(soon)
		if msg == "" {
			t.Fatal("no BYE came")
		}
		if strings.HasPrefix(msg, "BYE ") {
			break
		}
		if status(msg) == 200 {
			at = append(at, time.Now())
		}
	}
	// 50, 100, 200, 400, 400, … ms in 3.2 s: RFC 3261's schedule at a tenth.
	if len(at) < 7 || len(at) > 11 {
		t.Errorf("the 200 was sent %d times", len(at))
	}
	if first := at[1].Sub(at[0]); first > 500*time.Millisecond {
		t.Errorf("sent again after %v", first)
	}
	waitIdle(t, e)
}

// TestCancel: however close a CANCEL follows its INVITE, it is never told that
// its method is not allowed, and a call that is not answered is not answered.
func TestCancel(t *testing.T) {
	ringing := func(ctx context.Context, c *Call) { c.Ring(); <-ctx.Done() }
	e := open(t, func(c *Config) { c.Handler = ringing; c.T1 = time.Second })
	w := plug(t, e, "udp")
	for i := range 200 {
		id := fmt.Sprintf("cancel%d", i)
		invite := request("INVITE", "", id, 1, offer)
		cancel := strings.NewReplacer("INVITE sip", "CANCEL sip", "1 INVITE", "1 CANCEL", "Content-Type: application/sdp\r\n", "").Replace(invite)
		cancel, _, _ = strings.Cut(cancel, "Content-Length")
		w.send(invite)
		w.send(cancel + "Content-Length: 0\r\n\r\n")
		got := map[string]int{}
		for len(got) < 2 {
			msg := w.final(soon)
			if msg == "" {
				t.Fatalf("answers: %v", got)
			}
			_, method, _ := strings.Cut(header(msg, "cseq"), " ")
			got[method] = status(msg)
			if method == "INVITE" {
				w.send(strings.NewReplacer("INVITE sip", "ACK sip", "1 INVITE", "1 ACK").Replace(invite))
			}
		}
		if got["CANCEL"] != 200 || got["INVITE"] != 487 {
			t.Fatalf("call %d: %v", i, got)
		}
	}
	waitIdle(t, e)
	w.send(request("CANCEL", "", "nothing", 1, ""))
	if got := w.final(soon); status(got) != 481 {
		t.Errorf("CANCEL of nothing: %q", got)
	}
}

// TestCancelGlare: a CANCEL that crosses the answer changes nothing; the caller
// then hangs up.
func TestCancelGlare(t *testing.T) {
	e := open(t, nil)
	w := plug(t, e, "udp")
	invite := request("INVITE", "", "glare", 1, offer)
	w.send(invite)
	answer := w.final(soon)
	w.send(strings.NewReplacer("INVITE sip", "CANCEL sip", "1 INVITE", "1 CANCEL", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(offer), offer), "Content-Length: 0\r\n\r\n").Replace(invite))
	for {
		msg := w.final(soon)
		if strings.Contains(header(msg, "cseq"), "CANCEL") {
			if status(msg) != 200 {
				t.Errorf("CANCEL: %q", msg)
			}
			break
		}
	}
	w.send(request("ACK", tagIn(answer), "glare", 1, ""))
	if e.Figures().Calls != 1 {
		t.Error("the call is gone")
	}
	w.send(request("BYE", tagIn(answer), "glare", 2, ""))
	for {
		msg := w.final(soon)
		if strings.Contains(header(msg, "cseq"), "BYE") {
			if status(msg) != 200 {
				t.Errorf("BYE: %q", msg)
			}
			break
		}
	}
	waitIdle(t, e)
}

// TestByeGlare: both sides hang up at once, a hundred times; nothing is left.
func TestByeGlare(t *testing.T) {
	a, b := open(t, nil), open(t, nil)
	for range 100 {
		c, _, err := a.Dial(t.Context(), Placing{To: "sip:1@" + b.Addr().String(), Description: []byte(offer)})
		if err != nil {
			t.Fatal(err)
		}
		var there *Call
		b.mu.Lock()
		for _, o := range b.calls {
			there = o
		}
		b.mu.Unlock()
		var both sync.WaitGroup
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		both.Go(func() { c.Hangup(ctx) })
		both.Go(func() { there.Hangup(ctx) })
		both.Wait()
		cancel()
	}
	waitIdle(t, a)
	waitIdle(t, b)
}

func TestDialCancelled(t *testing.T) {
	ringing := make(chan *Call, 1)
	b := open(t, func(c *Config) {
		c.Handler = func(ctx context.Context, c *Call) { c.Ring(); ringing <- c; <-ctx.Done() }
	})
	a := open(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-ringing; cancel() }()
	_, _, err := a.Dial(ctx, Placing{To: "sip:1@" + b.Addr().String(), Description: []byte(offer)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	waitIdle(t, b)
	waitIdle(t, a)
}

func TestDialRefused(t *testing.T) {
	for _, want := range []int{404, 480, 486, 503, 603} {
		b := open(t, func(c *Config) {
			c.Handler = func(_ context.Context, c *Call) { c.Refuse(want, "No") }
		})
		a := open(t, nil)
		for _, network := range []string{"", ";transport=tcp"} {
			_, _, err := a.Dial(t.Context(), Placing{To: "sip:1@" + b.Addr().String() + network, Description: []byte(offer)})
			var f Failure
			if !errors.As(err, &f) || f.Status != want {
				t.Errorf("%v, want %d", err, want)
			}
		}
		waitIdle(t, a)
	}
}

// TestRedirected: a 302 is followed.
func TestRedirected(t *testing.T) {
	there := open(t, nil)
	sends := open(t, func(c *Config) {
		c.Handler = func(_ context.Context, c *Call) {
			c.Refuse(302, "Moved Temporarily", "Contact", "<sip:2@"+there.Addr().String()+">")
		}
	})
	a := open(t, nil)
	c, answer, err := a.Dial(t.Context(), Placing{To: "sip:1@" + sends.Addr().String(), Description: []byte(offer)})
	if err != nil || len(answer) == 0 {
		t.Fatal(err)
	}
	c.Hangup(t.Context())
}

func TestLimits(t *testing.T) {
	e := open(t, func(c *Config) { c.MaxCalls = 2 })
	w := plug(t, e, "udp")
	established(t, w, "one")
	tag := established(t, w, "two")
	other := plug(t, e, "udp")
	other.send(request("INVITE", "", "three", 1, offer))
	if got := other.final(soon); status(got) != 486 || header(got, "retry-after") == "" {
		t.Errorf("a third call: %q", got)
	}
	w.send(request("BYE", tag, "two", 2, ""))
	w.final(soon)
	waitCalls(t, e, 1)
	established(t, w, "four")
	e.Drain()
	w = plug(t, e, "udp")
	w.send(request("INVITE", "", "five", 1, offer))
	if got := w.final(soon); status(got) != 503 || header(got, "retry-after") == "" {
		t.Errorf("a call while draining: %q", got)
	}
}

func waitCalls(t *testing.T, e *Endpoint, n int) {
	t.Helper()
	for end := time.Now().Add(soon); e.Figures().Inbound != n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d calls, want %d", e.Figures().Inbound, n)
		}
	}
}

// TestStranger: from outside the allowed blocks nothing is seen, over either
// transport.
func TestStranger(t *testing.T) {
	e := open(t, func(c *Config) { c.Allow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for _, network := range []string{"udp", "tcp"} {
		w := plug(t, e, network)
		w.conn.Write([]byte(request("OPTIONS", "", "x", 1, "")))
		w.conn.Write([]byte(request("REGISTER", "", "y", 1, "")))
		if got := w.receive(300 * time.Millisecond); got != "" {
			t.Errorf("%s: %q", network, got)
		}
	}
	if f := e.Figures(); f.Dropped < 2 || f.Malformed != 0 {
		t.Errorf("%+v", f)
	}
}

func TestLargeAnswer(t *testing.T) {
	e := open(t, nil)
	w := plug(t, e, "udp")
	var routes []string
	for i := range 40 {
		routes = append(routes, fmt.Sprintf("Record-Route: <sip:proxy%d.%s.example;lr>", i, strings.Repeat("long", 15)))
	}
	w.send(request("INVITE", "", "large", 1, offer, routes...))
	if got := w.final(soon); status(got) != 200 || len(got) < 3000 || strings.Count(got, "Record-Route") != 40 {
		t.Errorf("%d bytes: %.100q", len(got), got)
	}
}

// TestWithin covers what is asked within a call.
func TestWithin(t *testing.T) {
	var digits atomic.Value
	digits.Store("")
	e := open(t, func(c *Config) {
		c.Handler = func(ctx context.Context, c *Call) {
			c.Renegotiate = func(o []byte) ([]byte, bool) { return []byte(offer), !strings.Contains(string(o), "m=video") }
			c.Accept([]byte(offer))
			for {
				select {
				case <-ctx.Done():
					return
				case ev := <-c.Events():
					digits.Store(digits.Load().(string) + string(ev.Digit))
				}
			}
		}
	})
	w := plug(t, e, "udp")
	tag := established(t, w, "in")
	number := 1
	ask := func(method, body string, want int, extra ...string) string {
		t.Helper()
		number++
		w.send(request(method, tag, "in", number, body, extra...))
		got := w.final(soon)
		if status(got) != want {
			t.Errorf("%s %v: %.200q, want %d", method, extra, got, want)
		}
		if method == "INVITE" {
			w.send(request("ACK", tag, "in", number, ""))
		}
		return got
	}
	ask("OPTIONS", "", 200)
	if got := ask("INVITE", offer, 200); !strings.Contains(got, "m=audio") {
		t.Errorf("a re-INVITE without an answer: %q", got)
	}
	ask("INVITE", "", 200)
	ask("INVITE", strings.ReplaceAll(offer, "audio", "video"), 488)
	ask("UPDATE", offer, 200)
	ask("UPDATE", "", 200, "Session-Expires: 1800", "Supported: timer")
	ask("UPDATE", "", 422, "Session-Expires: 30")
	ask("MESSAGE", "", 405)
	ask("NOTIFY", "", 489)
	ask("INFO", "", 200)
	send := func(kind, body string, want int) {
		t.Helper()
		number++
		msg := request("INFO", tag, "in", number, body)
		w.send(strings.Replace(msg, "application/sdp", kind, 1))
		if got := w.final(soon); status(got) != want {
			t.Errorf("INFO %s: %q", kind, got)
		}
	}
	send("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", 200)
	send("application/dtmf-relay", "Signal= 11\r\n", 200)
	send("application/dtmf", "7", 200)
	send("text/plain", "7", 415)
	for end := time.Now().Add(soon); digits.Load() != "5#7" && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if digits.Load() != "5#7" {
		t.Errorf("digits %q", digits.Load())
	}
	w.send(request("INFO", tag, "in", 2, "")) // a number that was before
	if got := w.final(soon); status(got) != 500 {
		t.Errorf("an old CSeq: %q", got)
	}
	stranger := strings.Replace(request("BYE", tag, "in", 99, ""), "tag=fromin", "tag=other", 1)
	w.send(stranger)
	if got := w.final(soon); status(got) != 481 {
		t.Errorf("a BYE of somebody else: %q", got)
	}
}

func TestSessionTimers(t *testing.T) {
	e := open(t, nil)
	w := plug(t, e, "udp")
	w.send(request("INVITE", "", "short", 1, offer, "Session-Expires: 60", "Supported: timer"))
	if got := w.final(soon); status(got) != 422 || header(got, "min-se") != "90" {
		t.Errorf("too short: %q", got)
	}
	w.send(request("INVITE", "", "long", 1, offer, "Session-Expires: 1800", "Supported: timer"))
	got := w.final(soon)
	if header(got, "session-expires") != "1800;refresher=uac" || header(got, "require") != "timer" {
		t.Errorf("the caller can refresh: %q", got)
	}
	w.send(request("ACK", tagIn(got), "long", 1, ""))
	w.send(request("INVITE", "", "cannot", 1, offer, "x: 1800"))
	for got = w.final(soon); header(got, "call-id") != "cannot"; got = w.final(soon) {
	}
	if header(got, "session-expires") != "1800;refresher=uas" {
		t.Errorf("the caller cannot refresh: %q", got)
	}
	// A session nobody refreshes ends.
	e.mu.Lock()
	var c *Call
	for _, o := range e.calls {
		if o.id == "long" {
			c = o
		}
	}
	e.mu.Unlock()
	c.mu.Lock()
	c.session.stop()
	c.session = sessionTimer{seconds: 1}
	c.session.start(c)
	c.mu.Unlock()
	select {
	case <-c.Done():
		if c.Cause() != CauseTimer {
			t.Errorf("ended by %s", c.Cause())
		}
	case <-time.After(soon):
		t.Error("the session never ends")
	}
}

// TestDigest: callers prove themselves, once for each challenge.
func TestDigest(t *testing.T) {
	e := open(t, func(c *Config) { c.Users = map[string]string{"trunk": "secret"} })
	w := plug(t, e, "udp")
	w.send(request("INVITE", "", "d", 1, offer))
	got := w.final(soon)
	if status(got) != 401 {
		t.Fatalf("%q", got)
	}
	challenge, err := digest.ParseChallenge(header(got, "www-authenticate"))
	if err != nil {
		t.Fatal(err)
	}
	proof := func(password string) string {
		c, err := digest.Digest(challenge, digest.Options{Method: "INVITE", URI: "sip:12345@127.0.0.1", Username: "trunk", Password: password, Count: 1})
		if err != nil {
			t.Fatal(err)
		}
		return "Authorization: " + c.String()
	}
	right := proof("secret")
	for i, c := range []struct {
		proof string
		want  int
	}{{proof("wrong"), 401}, {right, 200}, {right, 401}, {"Authorization: nonsense", 400}} {
		w := plug(t, e, "udp")
		w.send(request("INVITE", "", fmt.Sprintf("d%d", i), 2, offer, c.proof))
		if got := w.final(soon); status(got) != c.want {
			t.Errorf("%d: %d, want %d", i, status(got), c.want)
		}
	}
	a := open(t, nil)
	c, _, err := a.Dial(t.Context(), Placing{To: "sip:1@" + e.Addr().String(), User: "trunk", Password: "secret", Description: []byte(offer)})
	if err != nil {
		t.Fatal(err)
	}
	c.Hangup(t.Context())
}

// registrar stands in for a trunk: it challenges, wants long registrations,
// and keeps who is registered.
func registrar(t *testing.T) (addr string, registered *atomic.Int64) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	registered = &atomic.Int64{}
	go func() {
		buf := make([]byte, 65536)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			e, err := openEnvelope(buf[:n])
			if err != nil {
				continue
			}
			ap, _ := netip.ParseAddrPort(from.String())
			l := udpLink{&datagrams{at: ap}, ap}
			answer := func(code int, reason string, extra ...field) {
				conn.WriteTo(e.answer(l, code, reason, "r", extra, nil), from)
			}
			proof, _ := e.get("authorization")
			expires, _ := e.get("expires")
			given, err := digest.ParseCredentials(proof)
			switch {
			case proof == "":
				answer(401, "Unauthorized", field{"WWW-Authenticate", `Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`})
			case err != nil || given.Username != "gj":
				answer(403, "Forbidden")
			case expires == "0":
				registered.Store(0)
				answer(200, "OK")
			case expires == "3600":
				answer(423, "Interval Too Brief", field{"Min-Expires", "7200"})
			default:
				registered.Add(1)
				answer(200, "OK", field{"Contact", "<sip:gj@127.0.0.1>;expires=7200"})
			}
		}
	}()
	return conn.LocalAddr().String(), registered
}

func TestRegister(t *testing.T) {
	addr, registered := registrar(t)
	other, also := registrar(t) // at both, each by its own digest
	e := open(t, nil)
	trunk, err := ParseTrunk("sip:gj:secret@" + addr)
	if err != nil || trunk.User != "gj" || trunk.Password != "secret" || strings.Contains(trunk.Name(), "secret") {
		t.Fatalf("%+v %v", trunk, err)
	}
	second, err := ParseTrunk("sip:gj:secret@" + other)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan string, 8)
	var done sync.WaitGroup
	for _, trunk := range []Trunk{trunk, second} {
		done.Go(func() { e.Register(ctx, trunk, func(ok bool, status int) { told <- fmt.Sprint(ok, status) }) })
	}
	for range 2 {
		select {
		case got := <-told:
			if got != "true200" && got != "true 200" {
				t.Errorf("told %s", got)
			}
		case <-time.After(soon):
			t.Fatal("never registered")
		}
	}
	if registered.Load() != 1 || also.Load() != 1 {
		t.Errorf("registered %d and %d times", registered.Load(), also.Load())
	}
	cancel()
	done.Wait()
	if registered.Load() != 0 || also.Load() != 0 {
		t.Error("the registration was not taken back")
	}
	for _, bad := range []string{"", "sip:host", "tel:123", "sip:@host"} {
		if _, err := ParseTrunk(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestStreams: messages in pieces, several at once, keep-alives, and streams
// that say nothing.
func TestStreams(t *testing.T) {
	e := open(t, nil)
	w := plug(t, e, "tcp")
	msg := request("OPTIONS", "", "slow", 1, "")
	for i := 0; i < len(msg); i += 40 {
		w.send(msg[i:min(i+40, len(msg))])
		time.Sleep(time.Millisecond)
	}
	if got := w.final(soon); status(got) != 200 {
		t.Errorf("in pieces: %q", got)
	}
	w.send(request("OPTIONS", "", "b1", 1, "") + "\r\n\r\n" + request("OPTIONS", "", "b2", 1, ""))
	for range 2 {
		if got := w.final(soon); status(got) != 200 {
			t.Errorf("two at once: %q", got)
		}
	}
	half := make([]*wire, 200)
	for i := range half {
		half[i] = plug(t, e, "tcp")
		half[i].send("INVITE sip:12345@127.0.0.1 SIP/2.0\r\nVia: ")
	}
	alive(t, e)
	for _, h := range half {
		h.conn.Close()
	}
	for end := time.Now().Add(soon); ; time.Sleep(5 * time.Millisecond) {
		e.streamsMu.Lock()
		n := len(e.streams)
		e.streamsMu.Unlock()
		if n <= 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d streams are kept", n)
		}
	}
	// Whoever never reads loses the stream, and holds up nobody.
	deaf := plug(t, e, "tcp")
	deaf.conn.SetWriteDeadline(time.Now().Add(soon))
	for i := range 20000 {
		if _, err := deaf.conn.Write([]byte(request("OPTIONS", "", fmt.Sprintf("deaf%d", i), 1, ""))); err != nil {
			break
		}
	}
	alive(t, e)
}

// TestOrder: an ACK and a BYE right behind each other, a thousand times.
func TestOrder(t *testing.T) {
	e := open(t, func(c *Config) { c.T1 = 2 * time.Second })
	w := plug(t, e, "udp")
	for i := range 1000 {
		id := fmt.Sprintf("o%d", i)
		w.send(request("INVITE", "", id, 1, offer))
		got := w.final(soon)
		if status(got) != 200 {
			t.Fatalf("call %d: %q", i, got)
		}
		tag := tagIn(got)
		w.send(request("ACK", tag, id, 1, ""))
		w.send(request("BYE", tag, id, 2, ""))
		if got := w.final(soon); status(got) != 200 || !strings.Contains(header(got, "cseq"), "BYE") {
			t.Fatalf("BYE %d: %q", i, got)
		}
	}
	waitIdle(t, e)
	if f := e.Figures(); f.Taken != 1000 {
		t.Errorf("%+v", f)
	}
}

// TestMerged: the same INVITE by two ways is one call.
func TestMerged(t *testing.T) {
	e := open(t, nil)
	w := plug(t, e, "udp")
	w.send(request("INVITE", "", "m", 1, offer))
	if got := w.final(soon); status(got) != 200 {
		t.Fatal(got)
	}
	w.send(request("INVITE", "", "m", 1, offer))
	for {
		got := w.final(soon)
		if status(got) == 482 {
			break
		}
		if got == "" {
			t.Fatal("the other way was taken for another call")
		}
	}
}

// TestBrokenHandler: a handler that breaks costs its own call.
func TestBrokenHandler(t *testing.T) {
	e := open(t, func(c *Config) { c.Handler = func(context.Context, *Call) { panic("broken") } })
	w := plug(t, e, "udp")
	w.send(request("INVITE", "", "p", 1, offer))
	if got := w.final(soon); status(got) != 500 {
		t.Errorf("%q", got)
	}
	waitIdle(t, e)
}

// TestRefer follows a REFER by its NOTIFYs.
func TestRefer(t *testing.T) {
	result := make(chan int, 1)
	e := open(t, func(c *Config) {
		c.Handler = func(ctx context.Context, c *Call) {
			c.Accept([]byte(offer))
			<-c.Confirmed()
			status, err := c.Refer(ctx, "sip:800@desk.example", "X-Case-Id", "7")
			if err != nil {
				status = -1
			}
			result <- status
		}
	})
	w := plug(t, e, "udp")
	w.send(strings.ReplaceAll(request("INVITE", "", "refer", 1, offer), "127.0.0.1:5099>", w.conn.LocalAddr().String()+">"))
	got := w.final(soon)
	tag := tagIn(got)
	w.send(request("ACK", tag, "refer", 1, ""))
	ask := w.receive(soon)
	if !strings.HasPrefix(ask, "REFER ") || header(ask, "refer-to") != "<sip:800@desk.example>" || header(ask, "x-case-id") != "7" {
		t.Fatalf("%q", ask)
	}
	env, err := openEnvelope([]byte(ask))
	if err != nil {
		t.Fatal(err)
	}
	ap := netip.MustParseAddrPort(w.conn.LocalAddr().String())
	w.send(string(env.answer(udpLink{&datagrams{at: ap}, ap}, 202, "Accepted", "", nil, nil)))
	for i, line := range []string{"SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"} {
		msg := request("NOTIFY", tag, "refer", 10+i, line+"\r\n", "Event: refer", "Subscription-State: active")
		w.send(strings.Replace(msg, "application/sdp", "message/sipfrag", 1))
		for {
			got := w.final(soon)
			if got == "" {
				t.Fatal("a NOTIFY is not answered")
			}
			if strings.Contains(header(got, "cseq"), "NOTIFY") {
				break
			}
		}
	}
	select {
	case status := <-result:
		if status != 200 {
			t.Errorf("came to %d", status)
		}
	case <-time.After(soon):
		t.Error("never came to anything")
	}
}
