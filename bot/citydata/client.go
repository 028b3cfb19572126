package citydata

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"guanjia/bot"
)

// What a query can fail with. Errors hold no particulars.
var (
	// ErrDown means the platform does not answer as it should; what is known
	// without it still holds.
	ErrDown = errors.New("the city's data cannot be reached")
	// ErrNoConsent means nobody agreed to the query.
	ErrNoConsent = errors.New("there is no consent for this query")
	// ErrRefused means the platform refused it; asking again changes nothing.
	ErrRefused = errors.New("the city's data platform refused the query")
	// ErrUnknown means the platform knows no such firm.
	ErrUnknown = errors.New("not known to the city's data platform")
)

// The limits of one query.
const (
	tryFor      = 1200 * time.Millisecond // one attempt
	callFor     = 3 * time.Second         // all attempts: a citizen waits
	attempts    = 3
	firstPause  = 80 * time.Millisecond
	mostBytes   = 1 << 20  // of an answer about one person or firm
	mostCatalog = 32 << 20 // of the catalogue
)

// Query is one question as the log keeps it: who it is about by our own id,
// what for, under which consent, and what came of it. It never holds what was
// asked with or answered.
type Query struct {
	At      time.Time
	Citizen bot.CitizenID // empty for the catalogue
	Kind    string        // identity, licences, firm, services
	Purpose string
	Consent string
	Outcome string // asked, ok, down, refused, unknown
	Took    time.Duration
}

// Log keeps queries. The first note of a query is made before it is sent.
type Log interface {
	NoteQuery(ctx context.Context, q Query) error
}

// Config is what a client is made of.
type Config struct {
	URL   string // scheme and host, without /v1
	KeyID string
	Key   []byte
	Log   Log
	Clock bot.Clock    // nil: the machine's
	HTTP  *http.Client // nil: one with our limits
}

// Client asks the platform. It is safe for use by many at once.
type Client struct {
	Config
	breaker breaker
}

// New checks the address and makes a client.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("citydata_url is not an http or https address")
	}
	if len(c.Key) < 32 {
		return nil, errors.New("the city data key is shorter than 32 bytes")
	}
	if c.Clock == nil {
		c.Clock = bot.SystemClock
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{
			Transport:     &http.Transport{DialContext: (&net.Dialer{Timeout: tryFor}).DialContext, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: tryFor},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a signed query goes nowhere else
		}
	}
	c.URL = strings.TrimRight(c.URL, "/")
	return &Client{Config: c}, nil
}

// Close lets idle connections go.
func (c *Client) Close() { c.HTTP.CloseIdleConnections() }

// ask is one query on its way.
type ask struct {
	log     Query
	method  string
	path    string
	body    any
	into    any
	again   bool // the document says that it may be repeated
	most    int64
	timeout time.Duration
}

// do notes the query, asks, and notes what came of it.
func (c *Client) do(ctx context.Context, a ask) error {
	if a.log.Consent == "" && a.log.Citizen != "" {
		return ErrNoConsent
	}
	began := c.Clock()
	a.log.At, a.log.Outcome = began, "asked"
	if err := c.Log.NoteQuery(ctx, a.log); err != nil {
		return fmt.Errorf("note query of the city's data: %w", err)
	}
	err := c.attemptAll(ctx, a)
	a.log.At, a.log.Outcome = c.Clock(), outcome(err)
	a.log.Took = a.log.At.Sub(began)
	if noted := c.Log.NoteQuery(context.WithoutCancel(ctx), a.log); noted != nil && err == nil {
		return fmt.Errorf("note query of the city's data: %w", noted)
	}
	return err
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrRefused):
		return "refused"
	case errors.Is(err, ErrUnknown):
		return "unknown"
	}
	return "down"
}

// attemptAll tries as often as the query allows and its time lasts.
func (c *Client) attemptAll(ctx context.Context, a ask) error {
	if a.timeout == 0 {
		a.timeout = callFor
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	tries := 1
	if a.again {
		tries = attempts
	}
	pause := firstPause
	var err error
	for range tries {
		if !c.breaker.allows(c.Clock()) {
			return fmt.Errorf("%w: it was down a moment ago", ErrDown)
		}
		err = c.attempt(ctx, a)
		c.breaker.saw(c.Clock(), errors.Is(err, ErrDown))
		if err == nil || !errors.Is(err, ErrDown) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 3
		}
	}
	return err
}

// attempt asks once.
func (c *Client) attempt(ctx context.Context, a ask) error {
	var body []byte
	if a.body != nil {
		var err error
		if body, err = json.Marshal(a.body); err != nil {
			return fmt.Errorf("write query: %w", err)
		}
	}
	limit := tryFor
	if a.most > mostBytes {
		limit = a.timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, a.method, c.URL+a.path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("write query: %w", err)
	}
	nonce := newNonce()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Key-Id", c.KeyID)
	req.Header.Set("X-Timestamp", strconv.FormatInt(c.Clock().Unix(), 10))
	req.Header.Set("X-Nonce", nonce)
	req.Header.Set("X-Signature", SignRequest(c.Key, a.method, req.URL.RequestURI(), req.Header.Get("X-Timestamp"), nonce, body))
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrDown, reason(err))
	}
	defer resp.Body.Close()
	return c.read(resp, nonce, a)
}

// reason is why nothing came, without the address asked.
func reason(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &op):
		return op.Op + " failed"
	}
	return "the connection broke"
}

// read takes an answer that is signed, whole and no larger than it may be.
func (c *Client) read(resp *http.Response, nonce string, a ask) error {
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return ErrUnknown
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
		return fmt.Errorf("%w: status %d", ErrDown, resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: status %d", ErrRefused, resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, a.most+1))
	if err != nil {
		return fmt.Errorf("%w: the answer broke off", ErrDown)
	}
	if int64(len(raw)) > a.most {
		return fmt.Errorf("%w: the answer is too large", ErrDown)
	}
	if !SignedAnswer(c.Key, nonce, raw, resp.Header.Get("X-Signature")) {
		return fmt.Errorf("%w: the answer's signature is wrong", ErrDown)
	}
	if err := json.Unmarshal(raw, a.into); err != nil {
		return fmt.Errorf("%w: the answer is no JSON of the document", ErrDown)
	}
	return nil
}

func newNonce() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
