package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"guanjia/bot"
)

// Limits of a call.
const (
	callTime    = 3 * time.Second
	mediaTime   = 15 * time.Second
	maxAnswer   = 1 << 20
	MaxMedia    = 2 << 20 // of a picture or a voice; the platform's own limit is 2 MB
	connections = 32
)

// Config is what an API client is made of.
type Config struct {
	AppID, Secret string
	BaseURL       string       // scheme and host; empty: https://api.weixin.qq.com
	HTTP          *http.Client // nil: one with deadlines of its own
	Shared        Shared       // nil: the token is this process's own
	Clock         bot.Clock
	Log           *slog.Logger
}

// Shared is where instances of one account share its token. It may forget.
type Shared interface {
	Token(ctx context.Context, account string) (token string, expires time.Time)
	KeepToken(ctx context.Context, account, token string, expires time.Time)
}

// API calls the platform for one official account.
type API struct {
	appID, secret, baseURL string
	http                   *http.Client
	clock                  bot.Clock
	log                    *slog.Logger
	tokens                 tokens
	shared                 Shared
	refusals               refusals

	base context.Context // of what outlives a caller
	stop context.CancelFunc
	work sync.WaitGroup
}

// New makes a client. Close ends what it owns.
func New(c Config) *API {
	a := &API{appID: c.AppID, secret: c.Secret, baseURL: strings.TrimRight(c.BaseURL, "/"), http: c.HTTP, shared: c.Shared, clock: c.Clock, log: c.Log}
	if a.baseURL == "" {
		a.baseURL = "https://api.weixin.qq.com"
	}
	if a.http == nil {
		a.http = &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: callTime}).DialContext,
				TLSHandshakeTimeout: callTime, ResponseHeaderTimeout: callTime,
				MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, IdleConnTimeout: time.Minute,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the API redirects nowhere") },
		}
	}
	if a.clock == nil {
		a.clock = bot.SystemClock
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.tokens.api = a
	a.base, a.stop = context.WithCancel(context.Background())
	return a
}

// Close ends calls nobody waits for and gives connections back.
func (a *API) Close() {
	a.stop()
	a.work.Wait()
	a.http.CloseIdleConnections()
}

// Error is a refusal of the platform (全局返回码). It wraps what it means for a
// reply: bot.ErrHold, bot.ErrPermanent, or nothing where trying again later
// may help.
type Error struct {
	Code    int
	Message string // the platform's words, in which it quotes no particulars
	Means   error
}

func (e *Error) Error() string { return fmt.Sprintf("wechat refuses with %d: %s", e.Code, e.Message) }
func (e *Error) Unwrap() error { return e.Means }

// refusal is the part every answer has.
type refusal struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

func (r refusal) refused() refusal { return r }

// refusals count the platform's refusals by code.
type refusals struct {
	mu     sync.Mutex
	byCode map[int]int64
}

func (r *refusals) note(code int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byCode == nil {
		r.byCode = map[int]int64{}
	}
	r.byCode[code]++
}

// Refusals are the platform's refusals since the start by its code; 40001 is
// there from the beginning, because it is watched.
func (a *API) Refusals() map[string]int64 {
	a.refusals.mu.Lock()
	defer a.refusals.mu.Unlock()
	out := map[string]int64{"40001": 0}
	for code, n := range a.refusals.byCode {
		out[strconv.Itoa(code)] = n
	}
	return out
}

// meaning of the platform's codes for a reply.
func meaning(code int) error {
	switch code {
	case 45015, 45047: // the window of 48 hours is over; the quota is used up
		return bot.ErrHold
	case 43101, 40003, 43004, 43019, 48001, 45002, 40200, 50005: // not agreed to, nobody of ours, not following, blocked, no right, too long, no such type
		return bot.ErrPermanent
	}
	return nil
}

// SendSubscribed sends a subscription message (订阅通知, bizsend) that fills an
// approved template; the citizen agreed to one beforehand. It wraps
// bot.ErrPermanent where they did not.
func (a *API) SendSubscribed(ctx context.Context, openID, template, page string, data map[string]string) error {
	fields := map[string]map[string]string{}
	for name, v := range data {
		fields[name] = map[string]string{"value": v}
	}
	body := map[string]any{"touser": openID, "template_id": template, "data": fields}
	if page != "" {
		body["page"] = page
	}
	var answer refusal
	return a.call(ctx, http.MethodPost, "/cgi-bin/message/subscribe/bizsend", nil, body, &answer)
}

// staleToken says that the platform does not know the token (any more).
func staleToken(code int) bool { return code == 40001 || code == 40014 || code == 42001 }

// call makes one call with the access token; a token the platform refuses is
// dropped, and the call made once more with another.
func (a *API) call(ctx context.Context, method, path string, query url.Values, body any, out interface{ refused() refusal }) error {
	for try := 1; ; try++ {
		token, err := a.tokens.get(ctx)
		if err != nil {
			return fmt.Errorf("get access token: %w", notUnknown(err))
		}
		q := url.Values{"access_token": {token}}
		for k, v := range query {
			q[k] = v
		}
		err = a.exchange(ctx, method, path, q, body, out)
		var told *Error
		if try == 1 && errors.As(err, &told) && staleToken(told.Code) {
			a.log.Warn("wechat refused the access token", "code", told.Code)
			a.tokens.drop(token)
			continue
		}
		return err
	}
}

// upload is a body that is sent as it stands.
type upload struct {
	form []byte
	kind string
}

// notUnknown takes the doubt from an error whose repetition does no harm.
func notUnknown(err error) error {
	if errors.Is(err, bot.ErrUnknownOutcome) {
		return errors.New(strings.ReplaceAll(err.Error(), ": "+bot.ErrUnknownOutcome.Error(), ""))
	}
	return err
}

// exchange sends one request and reads the answer. No error quotes the
// address, because it holds the token, nor the body, because it holds secrets
// and words.
func (a *API) exchange(ctx context.Context, method, path string, query url.Values, body any, out interface{ refused() refusal }) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	raw, _, err := a.fetch(ctx, method, path, query, body, maxAnswer)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%s: the answer is no JSON as documented: %w", path, bot.ErrUnknownOutcome)
	}
	if r := out.refused(); r.Code != 0 {
		a.refusals.note(r.Code)
		return fmt.Errorf("%s: %w", path, &Error{Code: r.Code, Message: a.redact(r.Message), Means: meaning(r.Code)})
	}
	return nil
}

// fetch sends one request and returns the answer's body and type.
func (a *API) fetch(ctx context.Context, method, path string, query url.Values, body any, most int64) ([]byte, string, error) {
	var payload io.Reader
	kind := "application/json; charset=utf-8"
	if file, ok := body.(upload); ok {
		payload, kind = bytes.NewReader(file.form), file.kind
	} else if body != nil {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false) // the platform shows \u003c as it stands
		if err := enc.Encode(body); err != nil {
			return nil, "", fmt.Errorf("%s: encode: %w", path, err)
		}
		payload = &b
	}
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { written.Store(true) }})
	address := a.baseURL + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, payload)
	if err != nil {
		return nil, "", fmt.Errorf("%s: the API's address is not usable", path)
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	res, err := a.http.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, a.failure(err, written.Load()))
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("%s: %w", path, a.failure(err, true))
	case int64(len(raw)) > most:
		return nil, "", fmt.Errorf("%s: the answer is longer than %d bytes: %w", path, most, bot.ErrUnknownOutcome)
	case res.StatusCode != http.StatusOK:
		return nil, "", fmt.Errorf("%s: the API answers %d: %w", path, res.StatusCode, bot.ErrUnknownOutcome)
	}
	return raw, res.Header.Get("Content-Type"), nil
}

// failure is a transport's error without the address it quotes, marked where
// the platform may have got the request.
func (a *API) failure(err error, written bool) error {
	var quoted *url.Error
	if errors.As(err, &quoted) {
		err = quoted.Err
	}
	cause := errors.New(a.redact(err.Error()))
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		cause = err
	}
	if written {
		return errors.Join(cause, bot.ErrUnknownOutcome)
	}
	return cause
}

// redact takes the secret and everything like a token out of a text.
func (a *API) redact(text string) string {
	if a.secret != "" {
		text = strings.ReplaceAll(text, a.secret, "(hidden)")
	}
	for _, mark := range []string{"access_token=", "secret="} {
		for i := strings.Index(text, mark); i >= 0; {
			end := i + len(mark)
			stop := strings.IndexAny(text[end:], "& \"'\n")
			if stop < 0 {
				stop = len(text) - end
			}
			text = text[:end] + "(hidden)" + text[end+stop:]
			next := strings.Index(text[end:], mark)
			if next < 0 {
				break
			}
			i = end + next
		}
	}
	return text
}
