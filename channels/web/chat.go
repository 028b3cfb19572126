// Package web is the door for browsers: the try-it chat on `/`, which looks
// like a chat in a phone and behaves like the WeChat account, and its API
// under `/chat/`. The citizens' pages beside it, under `/h5/`, are package h5.
//
// What a browser shows is the transcript and nothing else: every line has a
// number, streams and answers carry lines after the number the page already
// has, and so nothing is lost or shown twice however often a connection
// breaks. The package keeps no words of its own; it refuses to decide
// anything about a conversation, to load anything from another host, and to
// tell a browser who it is other than by a cookie that scripts cannot read.
package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"guanjia/bot"
	"guanjia/bot/inmem"
)

// Receiver is the one path a message takes; bot.Engine is it.
type Receiver interface {
	Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error)
	Delivered(ctx context.Context, ids ...bot.OutgoingID) error
	Release(ctx context.Context, ids ...bot.OutgoingID) error
}

// History reads the transcript of the person at an address.
type History interface {
	// Transcript returns up to limit lines with an ID above after, oldest
	// first. An address never heard of has no lines and is no error.
	Transcript(ctx context.Context, from bot.Address, after int64, limit int) ([]bot.Line, error)
	// Ending returns the last lines, oldest first.
	Ending(ctx context.Context, from bot.Address, limit int) ([]bot.Line, error)
}

// Pictures reads back a picture the person at an address sent, so that a
// page loaded again shows it. Another person's picture is
// an error: the page then shows a placeholder.
type Pictures interface {
	Picture(ctx context.Context, from bot.Address, id string) (bot.Attachment, error)
}

// MenuItem is an entry of the menu under the chat: a key of bot.MenuKeys, or
// a heading with items below it.
type MenuItem struct {
	Title string
	Key   string
	Items []MenuItem
}

// Town is a place a citizen can choose instead of sending a position.
type Town struct{ ID, Name string }

// Door is another way in, shown beside the chat on a wide screen.
type Door struct {
	Name string // 微信公众号
	Text string // how to go through it
	URL  string // may be empty
}

// Config is what a chat is made of. Receiver and History are needed, the
// rest has defaults.
type Config struct {
	Receiver Receiver
	History  History
	Pictures Pictures // nil: pictures sent earlier show as placeholders
	// PublicURL is what citizens type; with https the cookie is Secure.
	PublicURL string
	Menu      []MenuItem // nil: DefaultMenu
	Towns     []Town     // none: only the position can be sent
	Examples  []string   // nil: three sentences of our own
	Doors     []Door
	Log       *slog.Logger
	Clock     bot.Clock
	// PerBrowser and PerHost bound what is sent; zero means 1/s with 20 in a
	// burst for a browser and 10/s with 200 in a burst for a network address.
	PerBrowser, PerHost Rate
	// BrowserCounts and HostCounts keep what those count for the process that
	// takes over; nil: nobody does.
	BrowserCounts, HostCounts inmem.Keeper
	// StreamsPerBrowser is how many pages of one browser are told of news
	// live; 0 means 4 (a browser opens six connections to a host at most).
	StreamsPerBrowser int
	// Host tells whom a request comes from, for PerHost; nil: the peer's IP.
	Host func(*http.Request) string
}

// Chat serves the try-it chat and sends to its browsers.
type Chat struct {
	receiver Receiver
	history  History
	pictures Pictures
	log      *slog.Logger
	clock    bot.Clock
	page     *template.Template
	view     view
	files    map[string]file
	digest   string // of all files
	secure   bool
	origin   *http.CrossOriginProtection
	browsers *buckets
	hosts    *buckets
	host     func(*http.Request) string
	most     int

	mu      sync.Mutex
	streams map[string][]*stream // by address id
	closing chan struct{}
	closed  bool
	open    sync.WaitGroup
}

var _ bot.Sender = (*Chat)(nil)

// New makes a chat. Its streams end with Close.
func New(c Config) (*Chat, error) {
	if c.Receiver == nil || c.History == nil {
		return nil, errors.New("web chat: a receiver and a history are needed")
	}
	chat := &Chat{
		receiver: c.Receiver, history: c.History, pictures: c.Pictures,
		log: c.Log, clock: c.Clock, host: c.Host, most: c.StreamsPerBrowser,
		origin:  http.NewCrossOriginProtection(),
		streams: map[string][]*stream{}, closing: make(chan struct{}),
	}
	if chat.log == nil {
		chat.log = slog.New(slog.DiscardHandler)
	}
	if chat.clock == nil {
		chat.clock = bot.SystemClock
	}
	if chat.host == nil {
		chat.host = Peer
	}
	if chat.most == 0 {
		chat.most = 4
	}
	chat.browsers = newBuckets(c.PerBrowser.or(Rate{PerSecond: 1, Burst: 20}), c.BrowserCounts)
	chat.hosts = newBuckets(c.PerHost.or(Rate{PerSecond: 10, Burst: 200}), c.HostCounts)
	if err := chat.trust(c.PublicURL); err != nil {
		return nil, err
	}
	if err := chat.load(c); err != nil {
		return nil, fmt.Errorf("web chat: %w", err)
	}
	return chat, nil
}

// trust takes the public address as an origin of our own: behind a proxy the
// Host header may be another.
func (c *Chat) trust(public string) error {
	if public == "" {
		return nil
	}
	u, err := url.Parse(public)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("web chat: public_url %q is not an http(s) address", public)
	}
	c.secure = u.Scheme == "https"
	if err := c.origin.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
		return fmt.Errorf("web chat: trust public_url: %w", err)
	}
	return nil
}

// Routes mounts the chat.
func (c *Chat) Routes(mux *http.ServeMux) {
	c.origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusForbidden, "这个请求不是从本页面发出的。")
	}))
	mount := func(pattern string, h http.HandlerFunc) {
		mux.Handle(pattern, guard(c.origin.Handler(h)))
	}
	mount("GET /{$}", c.servePage)
	mount("GET /chat/static/{digest}/{name}", c.serveFile)
	mount("POST /chat/send", c.serveSend)
	mount("POST /chat/upload", c.serveUpload)
	mount("GET /chat/history", c.serveHistory)
	mount("GET /chat/picture/{id}", c.servePicture)
	mount("GET /chat/events", c.serveEvents)
	mount("/chat/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "没有这个地址。")
	})
}

// Close ends every stream and waits for them, or for ctx.
func (c *Chat) Close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.closing)
	}
	c.mu.Unlock()
	done := make(chan struct{})
	go func() { c.open.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close web chat's streams: %w", ctx.Err())
	}
}
