package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// What one instance tells another in headers, on connections nobody else has.
const (
	doorHeader  = "Guanjia-Door"        // which door a request came to
	fromHeader  = "Guanjia-From"        // whom it came from
	awayHeader  = "Guanjia-Away"        // of an answer: not we, ask who leads
	mostKept    = 1 << 20               // of a request's body, to be able to send it again
	dialTime    = time.Second           // an instance that is there answers at once
	againTime   = 50 * time.Millisecond // between two tries
	connections = 512                   // kept open to who leads
)

// Config is what a carrier is made of.
type Config struct {
	Secret []byte // what the instances share, see identity
	// Repeatable says which POSTs may be made twice: those whose receiver
	// takes a repeat for one.
	Repeatable func(*http.Request) bool
	// Patience is how long a request waits for an instance that leads.
	Patience time.Duration
	// Sorry answers who waited in vain; a repeatable POST is hung up instead,
	// so that it is repeated.
	Sorry http.Handler
	Log   *slog.Logger
}

// Carrier answers requests where the work is done: here, or at the instance
// that leads. A request that met an instance's end goes to the next one, if it
// did not get there or may be made twice.
type Carrier struct {
	Config
	tls    *tls.Config
	proxy  *httputil.ReverseProxy
	wire   *http.Transport
	mu     sync.Mutex
	term   *term
	counts struct{ carried, again, vain, taken atomic.Int64 }
}

// New makes a carrier that knows nobody who leads.
func New(c Config) (*Carrier, error) {
	identity, err := identity(c.Secret)
	if err != nil {
		return nil, err
	}
	k := &Carrier{Config: c, tls: identity}
	k.wire = &http.Transport{
		DialContext: (&net.Dialer{Timeout: dialTime}).DialContext, TLSClientConfig: identity, TLSHandshakeTimeout: 2 * dialTime,
		MaxIdleConnsPerHost: connections, IdleConnTimeout: time.Minute, DisableCompression: true,
	}
	k.proxy = &httputil.ReverseProxy{
		Rewrite: k.address, Transport: k.wire, FlushInterval: -1, ModifyResponse: present, ErrorHandler: note,
		ErrorLog: log.New(io.Discard, "", 0), // failures are counted; a line could hold an address with words in it
	}
	k.begin(&term{})
	return k, nil
}

// Listen opens the door for the other instances.
func (c *Carrier) Listen(l net.Listener) net.Listener { return tls.NewListener(l, c.tls) }

// Close ends what there is of a term and gives connections back.
func (c *Carrier) Close() {
	c.Follow("")
	c.wire.CloseIdleConnections()
}

// Figures are what happened since the start: carried to who leads, tried
// again, in vain, and answered here in vain because the lead was lost.
func (c *Carrier) Figures() map[string]int64 {
	return map[string]int64{
		"carried": c.counts.carried.Load(), "again": c.counts.again.Load(), "vain": c.counts.vain.Load(), "taken": c.counts.taken.Load(),
	}
}

// try is one request on its way to another instance.
type try struct {
	door, from string
	to         string
	met        bool  // a connection was had, on which it may have gone out
	err        error // why it has no answer
}

// unmet says that a request has not reached the doors of another instance.
func (t *try) unmet() bool { return !t.met || errors.Is(t.err, errAway) }

type tryKey struct{}

func tryOf(r *http.Request) *try { t, _ := r.Context().Value(tryKey{}).(*try); return t }

func (c *Carrier) address(r *httputil.ProxyRequest) {
	t := tryOf(r.In)
	r.SetURL(&url.URL{Scheme: "https", Host: t.to})
	r.Out.Host = r.In.Host
	r.Out.Header.Set(doorHeader, t.door)
	r.Out.Header.Set(fromHeader, t.from)
	r.Out.Close = r.In.ContentLength < 0 // its body may outlast the answer: nothing else comes behind it
}

var errAway = errors.New("the instance does not lead")

func present(answer *http.Response) error {
	if answer.Header.Get(awayHeader) != "" {
		return errAway
	}
	return nil
}

func note(_ http.ResponseWriter, r *http.Request, err error) { tryOf(r).err = err }

// Door is a door of this instance as the world sees it.
func (c *Carrier) Door(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.answer(name, w, r) })
}

func (c *Carrier) answer(door string, w http.ResponseWriter, r *http.Request) {
	body, err := keep(r)
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	end := time.NewTimer(c.Patience)
	defer end.Stop()
	for !c.once(door, w, r, body) {
		c.counts.again.Add(1)
		select {
		case <-c.now().next:
		case <-time.After(againTime):
		case <-end.C:
			c.counts.vain.Add(1)
			if r.Method == http.MethodPost && c.Repeatable(r) {
				panic(http.ErrAbortHandler)
			}
			c.Sorry.ServeHTTP(w, r)
			return
		case <-r.Context().Done():
			return
		}
	}
}

// once tries to have a request answered; it is false where that is to be tried
// again.
func (c *Carrier) once(door string, w http.ResponseWriter, r *http.Request, body memory) bool {
	t, leave := c.take()
	defer leave()
	body.rewind(r)
	switch {
	case t.ours():
		return !t.taken() && c.here(t, door, w, r, body != nil)
	case t.address != "":
		return c.there(t, door, w, r, body != nil)
	}
	return false
}

func (c *Carrier) repeatable(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodPost && c.Repeatable(r)
}

// here answers a request by our own doors. Where the lead was taken meanwhile a
// failure is not given, nor anything that was only read, nor any answer to a
// POST that may be made twice.
func (c *Carrier) here(t *term, door string, w http.ResponseWriter, r *http.Request, whole bool) bool {
	again := whole && c.repeatable(r)
	bounded, lost, stop := t.within(r)
	defer stop()
	if !again || r.Method != http.MethodPost {
		answer := &doubtful{ResponseWriter: w, lost: lost, read: r.Method != http.MethodPost}
		t.doors[door].ServeHTTP(answer, bounded)
		dropped := answer.dropped || !answer.begun && lost()
		if dropped && !again {
			c.Sorry.ServeHTTP(w, r)
		}
		return !dropped || !again
	}
	answer := &kept{header: http.Header{}}
	hungUp := answer.by(t.doors[door], bounded)
	switch {
	case lost():
		c.counts.taken.Add(1)
		return false
	case hungUp:
		panic(http.ErrAbortHandler)
	}
	answer.give(w)
	return true
}

// there carries a request to the instance that leads; it is false where it is
// to be tried again.
func (c *Carrier) there(t *term, door string, w http.ResponseWriter, r *http.Request, whole bool) bool {
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	defer context.AfterFunc(t.over, stop)()
	on := &try{door: door, from: r.RemoteAddr, to: t.address}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { on.met = true }})
	c.proxy.ServeHTTP(w, r.WithContext(context.WithValue(ctx, tryKey{}, on)))
	if on.err == nil {
		c.counts.carried.Add(1)
		return true
	}
	if r.Context().Err() != nil {
		return true
	}
	if whole && (on.unmet() || c.repeatable(r)) {
		return false
	}
	c.counts.vain.Add(1)
	c.Sorry.ServeHTTP(w, r)
	return true
}

// Own is a door that is answered here, whoever leads for all that is known:
// for what is asked of this process.
func (c *Carrier) Own(door string, otherwise http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, leave := c.take()
		defer leave()
		answer := otherwise
		if t.ours() {
			answer = t.doors[door]
		}
		answer.ServeHTTP(w, r)
	})
}

// Peers is the door for the other instances.
func (c *Carrier) Peers() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Header.Get(doorHeader)
		r.RemoteAddr = r.Header.Get(fromHeader)
		r.Header.Del(doorHeader)
		r.Header.Del(fromHeader)
		t, leave := c.take()
		defer leave()
		if t.doors[name] == nil || t.taken() || !c.here(t, name, w, r, true) {
			w.Header().Set(awayHeader, "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

// memory is a request's body, to be read more than once.
type memory []byte

// keep reads a body that is short enough; nil is one that is not.
func keep(r *http.Request) (memory, error) {
	switch {
	case r.ContentLength == 0:
		return memory{}, nil
	case r.ContentLength < 0 || r.ContentLength > mostKept:
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, mostKept))
	return body, err
}

func (m memory) rewind(r *http.Request) {
	switch {
	case m == nil:
	case len(m) == 0:
		r.Body = http.NoBody
	default:
		r.Body = io.NopCloser(bytes.NewReader(m))
	}
}

// doubtful is where an answer goes unless it is a failure of an instance whose
// lead was taken, or what it read.
type doubtful struct {
	http.ResponseWriter
	lost           func() bool
	read           bool
	begun, dropped bool
}

// WriteHeader implements http.ResponseWriter.
func (d *doubtful) WriteHeader(status int) {
	if d.begun {
		return
	}
	d.begun = status >= http.StatusOK
	if d.dropped = (d.read || status >= http.StatusInternalServerError) && d.lost(); d.dropped {
		clear(d.Header())
		return
	}
	d.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (d *doubtful) Write(p []byte) (int, error) {
	d.WriteHeader(http.StatusOK)
	if d.dropped {
		return len(p), nil
	}
	return d.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (d *doubtful) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// kept is an answer that is not given yet.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (k *kept) Header() http.Header { return k.header }

// WriteHeader implements http.ResponseWriter.
func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

// Write implements http.ResponseWriter.
func (k *kept) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(p)
}

// by has a handler answer; hungUp is how it may refuse to.
func (k *kept) by(h http.Handler, r *http.Request) (hungUp bool) {
	defer func() {
		if fault := recover(); fault == http.ErrAbortHandler {
			hungUp = true
		} else if fault != nil {
			panic(fault)
		}
	}()
	h.ServeHTTP(k, r)
	return false
}

func (k *kept) give(w http.ResponseWriter) {
	for name, values := range k.header {
		w.Header()[name] = values
	}
	k.WriteHeader(http.StatusOK)
	w.WriteHeader(k.status)
	w.Write(k.body.Bytes()) // whoever is gone asks again
}
