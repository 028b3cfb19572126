// Package openai calls any endpoint that speaks OpenAI's protocol: voices
// written down, words read as proposals of commands and answers composed of
// passages, both in a strict form, and texts turned into vectors.
//
// How an endpoint can be held to a form is found out once: by a JSON schema,
// by the call of a tool, or by a JSON object with the form told in words. A
// question is put once and never again; after five failures in a row an
// ability rests for a minute, and then one call tries.
//
// It refuses to keep anything, to follow a redirect, to wait without a
// deadline, to read an answer without a limit, and to quote the key or what
// was sent in an error. It decides nothing about what the answers mean: what a
// model proposes is held against the citizen's words by the engine.
package openai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// Limits of a call.
const (
	callTime    = 15 * time.Second
	dialTime    = 5 * time.Second
	maxAnswer   = 1 << 20 // bytes
	connections = 16
)

// Config is what a client is made of.
type Config struct {
	BaseURL string        // with the version: https://api.example/v1
	Key     string        // empty: none is sent
	Timeout time.Duration // of one call; 0: 15 s
}

// Client calls one endpoint. Close gives its connections back.
type Client struct {
	api     *openai.Client
	http    *http.Client
	timeout time.Duration
}

// Errors of a call. Others are an endpoint that cannot be reached.
var (
	ErrEmpty   = errors.New("the answer holds no words")
	ErrTooLong = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
)

// New makes a client; it calls nobody yet.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("openai: openai_base_url is not an http or https address")
	}
	cl := &Client{timeout: c.Timeout}
	if cl.timeout == 0 {
		cl.timeout = callTime
	}
	cl.http = &http.Client{
		Transport: bounded{&http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialTime}).DialContext,
			TLSHandshakeTimeout: dialTime, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, IdleConnTimeout: time.Minute,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the endpoint redirects") },
	}
	conf := openai.DefaultConfig(c.Key)
	conf.BaseURL = strings.TrimRight(c.BaseURL, "/")
	conf.HTTPClient = cl.http
	cl.api = openai.NewClientWithConfig(conf)
	return cl, nil
}

// Close gives idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// bounded is a transport whose answers end at maxAnswer with an error.
type bounded struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.Transport.RoundTrip(r)
	if err == nil {
		res.Body = &limited{res.Body, maxAnswer}
	}
	return res, err
}

// limited reads so many bytes and no more.
type limited struct {
	io.ReadCloser
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, ErrTooLong
	}
	n, err := l.ReadCloser.Read(p[:min(len(p), l.left+1)])
	if l.left -= n; l.left < 0 {
		return 0, ErrTooLong
	}
	return n, err
}

// plainly is an error of the library without the address, the key or the
// words it may quote.
func plainly(ctx context.Context, err error) error {
	var told *openai.APIError
	var failed *openai.RequestError
	var quoted *url.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrTooLong):
		return ErrTooLong
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &told):
		return fmt.Errorf("the endpoint answers %d", told.HTTPStatusCode)
	case errors.As(err, &failed) && failed.HTTPStatusCode != http.StatusOK:
		return fmt.Errorf("the endpoint answers %d", failed.HTTPStatusCode)
	case errors.As(err, &quoted):
		return fmt.Errorf("the endpoint cannot be reached: %T", quoted.Err)
	}
	return errors.New("the answer is not as documented")
}
