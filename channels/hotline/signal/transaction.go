package signal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// serverTx is a request we answer. Its last answer is kept for as long as the
// request may come again.
type serverTx struct {
	key  string
	env  *envelope
	req  *sip.Request
	link link
	tag  string // our To tag where the request has none
	born time.Time

	mu     sync.Mutex
	call   *Call // of an INVITE
	last   []byte
	status int
	acked  bool
	timer  *time.Timer // resends a refusal of an INVITE until it is acknowledged
}

func (e *Endpoint) server(key string) *serverTx {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.servers[key]
}

// keep remembers a transaction; false where it is known already.
func (e *Endpoint) keep(tx *serverTx) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.servers[tx.key]; ok {
		return false
	}
	e.servers[tx.key] = tx
	return true
}

// again has a request that came before, or the ACK of a refusal.
func (e *Endpoint) again(tx *serverTx, env *envelope) {
	tx.mu.Lock()
	if c := tx.call; env.method == "ACK" && tx.status < 300 {
		tx.mu.Unlock() // a call is never locked from within a transaction
		if c != nil {
			c.acknowledged(&serverTx{env: env, link: tx.link})
		}
		return
	}
	defer tx.mu.Unlock()
	if env.method == "ACK" {
		tx.acked = true
		tx.stop()
		return
	}
	if tx.last != nil && (tx.status < 200 || tx.status >= 300 || tx.env.method != "INVITE") {
		tx.link.send(tx.last) // a call's 200 goes again by its own clock
	}
}

func (tx *serverTx) stop() {
	if tx.timer != nil {
		tx.timer.Stop()
	}
}

// respond answers a request, and keeps the answer for when it comes again.
func (e *Endpoint) respond(tx *serverTx, status int, reason string, extra ...field) {
	e.respondBody(tx, status, reason, nil, extra...)
}

func (e *Endpoint) respondBody(tx *serverTx, status int, reason string, body []byte, extra ...field) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.status >= 200 {
		return // the last word was said: a CANCEL came between
	}
	tag := tx.tag
	if status == 100 {
		tag = ""
	}
	tx.status = status
	tx.last = tx.env.answer(tx.link, status, reason, tag, extra, body)
	e.keep(tx)
	tx.link.send(tx.last)
	if status < 300 || tx.env.method != "INVITE" {
		return
	}
	e.refused.Add(1)
	if !reliable(tx.link) {
		tx.resend(e, e.config.T1)
	}
}

// resend sends a refusal again until it is acknowledged (timers G and H).
func (tx *serverTx) resend(e *Endpoint, after time.Duration) {
	tx.timer = time.AfterFunc(after, func() {
		tx.mu.Lock()
		defer tx.mu.Unlock()
		if tx.acked || time.Since(tx.born) > e.limit() {
			return
		}
		tx.link.send(tx.last)
		tx.resend(e, min(2*after, e.slowest()))
	})
}

// sweep forgets transactions that cannot come again.
func (e *Endpoint) sweep() {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-e.life.Done():
			return
		case now := <-tick.C:
			e.mu.Lock()
			for key, tx := range e.servers {
				if now.Sub(tx.born) > e.limit() && tx.over() {
					delete(e.servers, key)
				}
			}
			e.mu.Unlock()
			e.nonces.sweep(now)
		}
	}
}

// over says whether a transaction has its last answer. One that is being
// answered this moment is not.
func (tx *serverTx) over() bool {
	if !tx.mu.TryLock() {
		return false
	}
	defer tx.mu.Unlock()
	return tx.status >= 200
}

// clientTx is a request of ours that is not answered yet.
type clientTx struct {
	key     string
	answers chan *answer
}

// answer is a response with what was read of it.
type answer struct {
	env *envelope
	res *sip.Response
}

func (a *answer) status() int { return a.env.status }

// begin registers a request by its branch and method.
func (e *Endpoint) begin(branch, method string) *clientTx {
	tx := &clientTx{key: branch + "|" + method, answers: make(chan *answer, 16)}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.clients[tx.key] = tx
	return tx
}

func (e *Endpoint) finish(tx *clientTx) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.clients, tx.key)
}

// response hands an answer to the request it belongs to. A late 200 of a call
// belongs to the call.
func (e *Endpoint) response(env *envelope) {
	if _, n := env.get("via"); n != 1 {
		return // not for us: we are the last hop of all we send
	}
	via, _ := env.get("via")
	cseq, _ := env.get("cseq")
	_, method, _ := strings.Cut(cseq, " ")
	method = strings.TrimSpace(method)
	e.mu.Lock()
	tx := e.clients[parameter(via, "branch")+"|"+method]
	e.mu.Unlock()
	msg, err := env.structure()
	if err != nil {
		e.malformed.Add(1)
		return
	}
	res, ok := msg.(*sip.Response)
	if !ok {
		return
	}
	a := &answer{env, res}
	if tx != nil {
		select {
		case tx.answers <- a:
		default: // more answers than anybody reads
		}
		return
	}
	if method == "INVITE" && env.status >= 200 && env.status < 300 {
		from, _ := env.get("from")
		if c := e.call(callKey(env, tagOf(from))); c != nil {
			c.answeredAgain(a)
		}
	}
}

// errNoAnswer is a request nobody answered in time.
var errNoAnswer = errors.New("no answer")

// transact sends a request other than INVITE and waits for its last answer
// (timers E and F).
func (e *Endpoint) transact(ctx context.Context, l link, branch, method string, raw []byte) (*answer, error) {
	tx := e.begin(branch, method)
	defer e.finish(tx)
	if err := l.send(raw); err != nil {
		return nil, err
	}
	wait, limit := e.config.T1, time.NewTimer(e.limit())
	defer limit.Stop()
	again := time.NewTimer(wait)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-limit.C:
			return nil, errNoAnswer
		case a := <-tx.answers:
			if a.status() >= 200 {
				return a, nil
			}
			wait = e.slowest()
		case <-again.C:
			if !reliable(l) {
				l.send(raw)
			}
			wait = min(2*wait, e.slowest())
			again.Reset(wait)
		}
	}
}
