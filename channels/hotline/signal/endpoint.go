package signal

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// timerT1 is the round trip all other timers are counted in (RFC 3261,
// 17.1.1.1).
const timerT1 = 500 * time.Millisecond

// slowest is how far retransmissions slow down (T2), limit how long anything
// is waited for (timers B, F, H, J, and the wait for an ACK).
func (e *Endpoint) slowest() time.Duration { return 8 * e.config.T1 }
func (e *Endpoint) limit() time.Duration   { return 64 * e.config.T1 }

// Config is what an endpoint is made of.
type Config struct {
	Addr      string         // UDP and TCP
	TLSAddr   string         // empty: no TLS
	TLS       *tls.Config    // our certificate; nil: no TLS
	ClientTLS *tls.Config    // for streams we open; nil: the system's roots
	Allow     []netip.Prefix // who may talk to us
	MaxCalls  int            // calls that come in, at once
	// Users are callers who must prove themselves by digest: name → password.
	// Empty: an allowed address is enough.
	Users map[string]string
	// Advertise is the address peers reach us at; the zero value: the one a
	// message came to.
	Advertise netip.Addr
	// Handler has one incoming call. When it returns the call is over. It runs
	// in a goroutine of its own; ctx ends with the call.
	Handler func(ctx context.Context, c *Call)
	// Missed is told of calls that found no free line; it must not wait. Nil:
	// nobody is.
	Missed func(from, asserted Party)
	Log    *slog.Logger
	T1     time.Duration // 0: half a second, as RFC 3261 has it
}

// Endpoint is the line: what listens, and the calls on it.
type Endpoint struct {
	config  Config
	log     *slog.Logger
	udp     *datagrams
	tcp     net.Listener
	tls     net.Listener
	owned   sync.WaitGroup // readers, writers, sweeper
	running sync.WaitGroup // handlers
	life    context.Context
	end     context.CancelFunc

	streamsMu  sync.Mutex
	streams    map[*streamLink]struct{}
	perAddress map[netip.Addr]int
	closed     bool

	mu       sync.Mutex
	servers  map[string]*serverTx
	clients  map[string]*clientTx
	calls    map[string]*Call   // by Call-ID and our tag
	byID     map[string][]*Call // that came in
	inbound  int
	draining bool
	stopped  bool // nothing is begun any more
	nonces   *nonces

	dropped, malformed, refused, taken, outbound atomic.Int64
}

// Listen opens the line. Serve is not needed: it works until Close.
func Listen(c Config) (*Endpoint, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.T1 == 0 {
		c.T1 = timerT1
	}
	u, t, s, err := listenAll(c.Addr, c.TLSAddr, c.TLS)
	if err != nil {
		return nil, err
	}
	e := &Endpoint{
		config: c, log: c.Log, udp: &datagrams{u, addrPort(u.LocalAddr())}, tcp: t, tls: s,
		streams: map[*streamLink]struct{}{}, perAddress: map[netip.Addr]int{},
		servers: map[string]*serverTx{}, clients: map[string]*clientTx{}, calls: map[string]*Call{}, byID: map[string][]*Call{}, nonces: newNonces(),
	}
	e.life, e.end = context.WithCancel(context.Background())
	e.owned.Go(e.readDatagrams)
	e.owned.Go(func() { e.accept(t, "TCP") })
	if s != nil {
		e.owned.Go(func() { e.accept(s, "TLS") })
	}
	e.owned.Go(e.sweep)
	return e, nil
}

// Addr is where the line listens for UDP and TCP.
func (e *Endpoint) Addr() netip.AddrPort { return e.udp.at }

// SecureAddr is where it listens for TLS; invalid where it does not.
func (e *Endpoint) SecureAddr() netip.AddrPort {
	if e.tls == nil {
		return netip.AddrPort{}
	}
	return addrPort(e.tls.Addr())
}

// Drain refuses new calls from now on with 503.
func (e *Endpoint) Drain() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.draining = true
}

// Close ends every call with BYE, waits for their handlers until ctx ends, and
// closes the line.
func (e *Endpoint) Close(ctx context.Context) error {
	e.Drain()
	e.mu.Lock()
	calls := make([]*Call, 0, len(e.calls))
	for _, c := range e.calls {
		calls = append(calls, c)
	}
	e.mu.Unlock()
	for _, c := range calls {
		e.spawn(func() { c.Hangup(ctx) })
	}
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	idle := make(chan struct{})
	go func() { e.running.Wait(); close(idle) }()
	var err error
	select {
	case <-idle:
	case <-ctx.Done():
		err = errors.New("calls were cut short")
	}
	e.end()
	errs := []error{err, e.udp.socket.Close(), e.tcp.Close()}
	if e.tls != nil {
		errs = append(errs, e.tls.Close())
	}
	e.streamsMu.Lock()
	e.closed = true
	for l := range e.streams {
		l.close()
	}
	e.streamsMu.Unlock()
	<-idle // handlers see their call's end
	e.owned.Wait()
	return errors.Join(errs...)
}

// spawn begins work that Close waits for.
func (e *Endpoint) spawn(work func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.stopped {
		e.running.Go(work)
	}
}

// Figures are the line's counts since it opened.
type Figures struct {
	Calls                                        int // now, both ways
	Inbound                                      int // now
	Taken, Refused, Malformed, Dropped, Outbound int64
	Transactions                                 int
}

// Figures reads the counts.
func (e *Endpoint) Figures() Figures {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Figures{len(e.calls), e.inbound, e.taken.Load(), e.refused.Load(), e.malformed.Load(), e.dropped.Load(), e.outbound.Load(), len(e.servers) + len(e.clients)}
}

// allowed says whether an address may talk to us.
func (e *Endpoint) allowed(a netip.Addr) bool {
	for _, p := range e.config.Allow {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// receive has one message, whole. It must not wait: all that comes over a
// socket passes here in order.
func (e *Endpoint) receive(raw []byte, l link) {
	defer func() {
		if r := recover(); r != nil {
			e.log.Error("message broke its reader", "cause", fmt.Sprintf("%T", r))
		}
	}()
	if len(raw) <= 4 && strings.Trim(string(raw), "\r\n\x00") == "" {
		return // a keep-alive
	}
	env, err := openEnvelope(raw)
	if err != nil {
		e.malformed.Add(1)
		return
	}
	if env.status != 0 {
		e.response(env)
		return
	}
	e.request(env, l)
}

// request checks a request and finds whom it is for.
func (e *Endpoint) request(env *envelope, l link) {
	key := env.transaction()
	if tx := e.server(key); tx != nil && key != "" {
		e.again(tx, env)
		return
	}
	err := env.check()
	var req *sip.Request
	if err == nil {
		req, err = structured(env)
	}
	var f fault
	if errors.As(err, &f) {
		e.malformed.Add(1)
		if env.method != "ACK" && env.answerable() {
			l.send(env.answer(l, f.status, f.reason, newTag(), nil, nil))
		}
		return
	}
	e.dispatch(&serverTx{key: key, env: env, req: req, link: l, tag: newTag(), born: time.Now()})
}

func structured(env *envelope) (*sip.Request, error) {
	msg, err := env.structure()
	if err != nil {
		return nil, err
	}
	req, ok := msg.(*sip.Request)
	if !ok {
		return nil, fault{400, "Malformed message"}
	}
	return req, nil
}

// answerable says whether there is a Via to answer to.
func (e *envelope) answerable() bool {
	v, n := e.get("via")
	return n > 0 && v != ""
}

// transaction is the key of a request's transaction (RFC 3261, 17.2.3); an ACK
// has its INVITE's.
func (e *envelope) transaction() string {
	via, _ := e.get("via")
	for first := range splitCommas(via) {
		via = first
		break
	}
	method := e.method
	if method == "ACK" {
		method = "INVITE"
	}
	branch := parameter(via, "branch")
	id, _ := e.get("call-id") // for peers whose branches are not their own
	if strings.HasPrefix(branch, "z9hG4bK") && len(branch) > len("z9hG4bK") {
		return branch + "|" + id + "|" + strings.ToLower(sentBy(squeeze(via))) + "|" + method
	}
	cseq, _ := e.get("cseq")
	from, _ := e.get("from")
	number, _, _ := strings.Cut(cseq, " ")
	return strings.Join([]string{"2543", id, number, tagOf(from), via, e.uri, method}, "|")
}

// known are the methods there are; the others are not understood.
var known = map[string]bool{
	"INVITE": true, "ACK": true, "CANCEL": true, "BYE": true, "OPTIONS": true, "REGISTER": true, "INFO": true, "UPDATE": true,
	"NOTIFY": true, "REFER": true, "MESSAGE": true, "SUBSCRIBE": true, "PUBLISH": true, "PRACK": true,
}

// allow are the methods we serve.
const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY"

func serves(method string) bool {
	for m := range strings.SplitSeq(allow, ", ") {
		if m == method {
			return true
		}
	}
	return false
}

// dispatch serves a new request that is well formed.
func (e *Endpoint) dispatch(tx *serverTx) {
	method := tx.env.method
	to, _ := tx.env.get("to")
	tag := tagOf(to)
	switch {
	case method == "ACK":
		if c := e.call(callKey(tx.env, tag)); c != nil {
			c.acknowledged(tx)
		}
		return
	case method == "CANCEL":
		e.cancel(tx)
		return
	case !known[method]:
		e.respond(tx, 501, "Not Implemented", field{"Allow", allow})
		return
	case !serves(method):
		e.respond(tx, 405, "Method Not Allowed", field{"Allow", allow})
		return
	}
	if refused := e.unacceptable(tx); refused {
		return
	}
	switch {
	case tag != "":
		c := e.call(callKey(tx.env, tag))
		if c == nil {
			e.respond(tx, 481, "Call/Transaction Does Not Exist")
			return
		}
		c.request(tx)
	case method == "INVITE":
		e.invite(tx)
	case method == "OPTIONS":
		e.options(tx)
	default:
		e.respond(tx, 481, "Call/Transaction Does Not Exist")
	}
}

// extensions are what may be required of us.
var extensions = map[string]bool{"timer": true}

// unacceptable refuses what asks for more than we have (RFC 3261, 8.2).
func (e *Endpoint) unacceptable(tx *serverTx) bool {
	var lacking []string
	for _, f := range tx.env.fields {
		if f.name != "require" {
			continue
		}
		for ext := range splitCommas(f.value) {
			if ext = strings.TrimSpace(ext); ext != "" && !extensions[strings.ToLower(ext)] {
				lacking = append(lacking, clean(ext))
			}
		}
	}
	if lacking != nil {
		e.respond(tx, 420, "Bad Extension", field{"Unsupported", strings.Join(lacking, ", ")})
		return true
	}
	return e.unreadable(tx)
}

// unreadable refuses bodies and answers nobody here can read or write.
func (e *Endpoint) unreadable(tx *serverTx) bool {
	method := tx.env.method
	if coding, n := tx.env.get("content-encoding"); n > 0 && !strings.EqualFold(coding, "identity") && len(tx.env.body) > 0 {
		e.respond(tx, 415, "Unsupported Media Type", field{"Accept-Encoding", "identity"})
		return true
	}
	kind, _ := tx.env.get("content-type")
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	kind = strings.TrimSpace(kind)
	if (method == "INVITE" || method == "UPDATE") && len(tx.env.body) > 0 && kind != "application/sdp" && kind != "multipart/mixed" {
		e.respond(tx, 415, "Unsupported Media Type", field{"Accept", "application/sdp"})
		return true
	}
	if accept, n := tx.env.get("accept"); n > 0 && method == "INVITE" {
		for part := range splitCommas(strings.ToLower(accept)) {
			kind, _, _ := strings.Cut(strings.TrimSpace(part), ";")
			if kind == "application/sdp" || kind == "*/*" || kind == "application/*" {
				return false
			}
		}
		e.respond(tx, 406, "Not Acceptable", field{"Accept", "application/sdp"})
		return true
	}
	return false
}

// options answers a keep-alive or a question about what we can do.
func (e *Endpoint) options(tx *serverTx) {
	e.mu.Lock()
	draining := e.draining
	e.mu.Unlock()
	if draining {
		e.respond(tx, 503, "Service Unavailable", field{"Retry-After", retryAfter})
		return
	}
	e.respond(tx, 200, "OK", field{"Allow", allow}, field{"Accept", "application/sdp"}, field{"Supported", "timer"}, field{"Accept-Encoding", "identity"})
}

// retryAfter is when a full or closing line may be tried again, in seconds.
const retryAfter = "5"

func (e *Endpoint) call(key string) *Call {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls[key]
}

func callKey(env *envelope, ourTag string) string {
	id, _ := env.get("call-id")
	return id + "\x00" + ourTag
}

// newTag is a tag, branch or Call-ID nobody can guess.
func newTag() string { return rand.Text()[:16] }

// contact is our address as the peer of a link reaches it.
func (e *Endpoint) contact(l link) string {
	host := e.hostFor(l)
	uri := "sip:12345@" + net.JoinHostPort(host.String(), strconv.Itoa(int(e.portFor(l))))
	switch l.network() {
	case "TCP":
		uri += ";transport=tcp"
	case "TLS":
		uri += ";transport=tls"
	}
	return "<" + uri + ">"
}

// hostFor is the address the other side of a link knows us by.
func (e *Endpoint) hostFor(l link) netip.Addr {
	if e.config.Advertise.IsValid() {
		return e.config.Advertise
	}
	if at := l.local().Addr().Unmap(); at.IsValid() && !at.IsUnspecified() {
		return at
	}
	return routeTo(l.remote())
}

func (e *Endpoint) portFor(l link) uint16 {
	if l.network() == "TLS" && e.tls != nil {
		return e.SecureAddr().Port()
	}
	return e.udp.at.Port()
}

// routeTo is our address on the way to a peer; nothing is sent.
func routeTo(to netip.AddrPort) netip.Addr {
	c, err := net.Dial("udp", to.String())
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	defer c.Close()
	return addrPort(c.LocalAddr()).Addr()
}

// HostTo is our address as whoever is at a SIP address knows it, for sound
// offered before there is a call.
func (e *Endpoint) HostTo(ctx context.Context, uri string) netip.Addr {
	if e.config.Advertise.IsValid() {
		return e.config.Advertise
	}
	if at := e.udp.at.Addr(); at.IsValid() && !at.IsUnspecified() {
		return at
	}
	_, to, err := resolve(ctx, uri)
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}) // the call itself will tell
	}
	return routeTo(to)
}

// HostFor is the address a peer of this call reaches us at, for its sound too.
func (c *Call) HostFor() netip.Addr { return c.endpoint.hostFor(c.link) }
