package wechat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"time"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
)

// maxBody is how long a callback's body may be, in bytes.
const maxBody = 64 << 10

// refusal is why a callback is not taken.
type refusal struct {
	status int
	what   string // the figure it is counted under
	reason string
}

func (r *refusal) Error() string { return r.reason }

// ServeHTTP serves the callback: GET is the platform's check of the address,
// POST is a message. Every refusal is a 4xx with a short reason.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer e.survive(w)
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	var err error
	switch r.Method {
	case http.MethodGet:
		err = e.check(w, r)
	case http.MethodPost:
		err = e.take(w, r)
	default:
		h.Set("Allow", "GET, POST")
		err = &refusal{http.StatusMethodNotAllowed, "method", "GET or POST only"}
	}
	var no *refusal
	if errors.As(err, &no) {
		e.count("refused_" + no.what)
		e.log.Debug("callback refused", "channel", bot.WeChat, "why", no.what, "status", no.status)
		h.Set("Connection", "close")
		http.Error(w, no.reason, no.status)
	}
}

// survive keeps a fault of ours from ending the process. Hanging up without
// a word (http.ErrAbortHandler) is meant and goes on to the server.
func (e *Edge) survive(w http.ResponseWriter) {
	fault := recover()
	if fault == nil {
		return
	}
	if fault == http.ErrAbortHandler {
		panic(fault)
	}
	e.count("panic")
	e.log.Error("callback failed", "panic", faultName(fault), "stack", string(debug.Stack()))
	http.Error(w, "not taken", http.StatusBadRequest)
}

// faultName names a panic without what it may hold of a citizen's words.
func faultName(fault any) string {
	if err, ok := fault.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", fault)
}

// check answers the platform's GET with its echostr.
func (e *Edge) check(w http.ResponseWriter, r *http.Request) error {
	q, err := e.query(r)
	if err != nil {
		return err
	}
	echo := q.Get("echostr")
	if echo == "" || len(echo) > 2048 {
		return &refusal{http.StatusBadRequest, "echo", "echostr is missing or too long"}
	}
	plain := []byte(echo)
	if e.cipher != nil && q.Get("signature") == "" && q.Get("msg_signature") != "" {
		if plain, err = e.cipher.Open(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), echo); err != nil {
			return &refusal{http.StatusForbidden, "signature", "signature does not match"}
		}
	} else if !e.signed(q) {
		return &refusal{http.StatusForbidden, "signature", "signature does not match"}
	}
	if e.reused(r.Context(), q.Get("nonce"), "echo "+echo) {
		return &refusal{http.StatusForbidden, "nonce", "nonce was used before"}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(plain)
	return nil
}

// query reads the parameters every callback has and holds its timestamp to
// the window.
func (e *Edge) query(r *http.Request) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "query", "query is not well formed"}
	}
	if nonce := q.Get("nonce"); nonce == "" || len(nonce) > nonceSize {
		return nil, &refusal{http.StatusUnauthorized, "signature", "nonce is missing or too long"}
	}
	at, ok := unixTime(q.Get("timestamp"))
	if !ok {
		return nil, &refusal{http.StatusUnauthorized, "timestamp", "timestamp is not a time"}
	}
	if off := e.clock().Sub(at); off > window || off < -window {
		return nil, &refusal{http.StatusForbidden, "timestamp", "timestamp is more than ten minutes off"}
	}
	return q, nil
}

// signed verifies the signature of plain mode.
func (e *Edge) signed(q url.Values) bool {
	return platform.Signed(e.token, q.Get("signature"), q.Get("timestamp"), q.Get("nonce"))
}

// take verifies a message, runs it or joins its run, and answers.
func (e *Edge) take(w http.ResponseWriter, r *http.Request) error {
	q, err := e.query(r)
	if err != nil {
		return err
	}
	encrypted := q.Get("encrypt_type") == "aes" || q.Get("encrypt_type") == "" && q.Get("msg_signature") != ""
	switch {
	case e.cipher == nil && encrypted:
		return &refusal{http.StatusForbidden, "mode", "no key is configured for encrypted messages"}
	case e.cipher != nil && !encrypted:
		return &refusal{http.StatusForbidden, "mode", "only encrypted messages are taken"}
	case e.cipher == nil && !e.signed(q):
		return &refusal{http.StatusUnauthorized, "signature", "signature does not match"}
	}
	body, err := read(w, r)
	if err != nil {
		return err
	}
	m, err := e.open(body, q)
	if err != nil {
		return err
	}
	key := m.key()
	if e.reused(r.Context(), q.Get("nonce"), key) {
		return &refusal{http.StatusForbidden, "nonce", "nonce was used for another message"}
	}
	e.serve(w, r, &m, key)
	return nil
}

// reused says whether a nonce came with another message before, here or at
// another instance.
func (e *Edge) reused(ctx context.Context, nonce, message string) bool {
	return e.nonces.taken(nonce, message, e.clock()) || e.others != nil && !e.others.First(ctx, nonce, message, seenFor)
}

// read takes the body within its bound; XML only.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind := r.Header.Get("Content-Type"); kind != "" {
		t, _, err := mime.ParseMediaType(kind)
		if err != nil || t != "text/xml" && t != "application/xml" && t != "text/plain" && t != "application/octet-stream" && t != "application/x-www-form-urlencoded" {
			return nil, &refusal{http.StatusUnsupportedMediaType, "type", "XML only"}
		}
	}
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	if r.ContentLength >= 0 { // as the platform says it
		body := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, &refusal{http.StatusBadRequest, "body", "body could not be read"}
		}
		return body, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var most *http.MaxBytesError
	switch {
	case errors.As(err, &most):
		return nil, tooLarge()
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "body", "body could not be read"}
	}
	return body, nil
}

func tooLarge() error {
	return &refusal{http.StatusRequestEntityTooLarge, "size", "body is over 64 KiB"}
}

// open reads a body, decrypting it in safe mode, and says who sent it.
func (e *Edge) open(body []byte, q url.Values) (message, error) {
	m, err := parse(body)
	if err != nil {
		return m, &refusal{http.StatusBadRequest, "xml", "body is not the platform's XML"}
	}
	if e.cipher != nil {
		if m.Encrypt == "" {
			return m, &refusal{http.StatusForbidden, "mode", "only encrypted messages are taken"}
		}
		plain, err := e.cipher.Open(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), m.Encrypt)
		if err != nil {
			e.log.Warn("message not opened", "error", err)
			return m, &refusal{http.StatusForbidden, "decrypt", "message could not be verified"}
		}
		if m, err = parse(plain); err != nil {
			return m, &refusal{http.StatusBadRequest, "xml", "message is not the platform's XML"}
		}
	}
	if !openID(m.From) || !openID(m.To) || m.Type == "" {
		return m, &refusal{http.StatusBadRequest, "xml", "sender, receiver or type is missing"}
	}
	return m, nil
}

// hangUp ends a try without a word, so that the platform tries again.
func hangUp() { panic(http.ErrAbortHandler) }

// wait gives a timer for d from the beginning of a try.
func wait(begun time.Time, d time.Duration) *time.Timer {
	return time.NewTimer(time.Until(begun.Add(d)))
}
