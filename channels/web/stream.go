package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"guanjia/bot"
)

const (
	heartbeat  = 15 * time.Second // keeps proxies from closing a quiet stream
	writeLimit = 10 * time.Second // a page that does not read for so long is gone
	sendLimit  = 5 * time.Second
)

// stream is one page's connection. The goroutine that serves the request owns
// it; others only put deliveries in.
type stream struct {
	from bot.Address
	in   chan delivery
	gone chan struct{} // closed when the request ends
	at   int64         // last line written
}

// delivery asks a stream to write what is new.
type delivery struct {
	took chan error // nil: nobody waits
}

// errTooMany is returned where a browser has its share of streams.
var errTooMany = errors.New("too many streams of one browser")

// join enters a stream; leave must follow.
func (c *Chat) join(s *stream) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return http.ErrServerClosed
	}
	if len(c.streams[s.from.ID]) >= c.most {
		return errTooMany
	}
	c.streams[s.from.ID] = append(c.streams[s.from.ID], s)
	c.open.Add(1)
	return nil
}

func (c *Chat) leave(s *stream) {
	close(s.gone)
	c.mu.Lock()
	defer c.mu.Unlock()
	left := slices.DeleteFunc(c.streams[s.from.ID], func(o *stream) bool { return o == s })
	if len(left) == 0 {
		delete(c.streams, s.from.ID)
	} else {
		c.streams[s.from.ID] = left
	}
	c.open.Done()
}

func (c *Chat) streamsOf(id string) []*stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.streams[id])
}

// serveEvents is a page's stream: `event: line` with the line's number as id,
// from the number in Last-Event-ID or ?after= on.
func (c *Chat) serveEvents(w http.ResponseWriter, r *http.Request) {
	from, ok := c.known(w, r)
	if !ok {
		return
	}
	number := r.Header.Get("Last-Event-ID")
	if number == "" {
		number = r.URL.Query().Get("after")
	}
	after, err := lineNumber(number)
	if err != nil {
		refuse(w, http.StatusBadRequest, "消息编号不对。")
		return
	}
	s := &stream{from: from, in: make(chan delivery, 16), gone: make(chan struct{}), at: after}
	switch err := c.join(s); {
	case errors.Is(err, errTooMany):
		w.Header().Set("Retry-After", "30")
		refuse(w, http.StatusTooManyRequests, "您打开的聊天页面太多了，请关掉几个。")
		return
	case err != nil:
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "服务正在重启，马上回来。")
		return
	}
	defer c.leave(s)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	if err := c.run(r.Context(), w, s); err != nil {
		c.log.Debug("stream ended", "error", err)
	}
}

// run writes until the page goes, the chat closes or a write fails.
func (c *Chat) run(ctx context.Context, w http.ResponseWriter, s *stream) error {
	if err := write(w, "retry: 2000\n\n"); err != nil {
		return err
	}
	if err := c.flush(ctx, w, s); err != nil {
		return err
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.closing:
			return http.ErrServerClosed
		case <-tick.C:
			err = write(w, "event: beat\ndata: 1\n\n")
		case d := <-s.in:
			err = c.deliver(ctx, w, s, d)
		}
		if err != nil {
			return err
		}
	}
}

func (c *Chat) deliver(ctx context.Context, w http.ResponseWriter, s *stream, d delivery) error {
	err := c.flush(ctx, w, s)
	if d.took != nil {
		d.took <- err // has room for one
	}
	return err
}

// flush writes the lines the stream has not written.
func (c *Chat) flush(ctx context.Context, w http.ResponseWriter, s *stream) error {
	lines, err := c.since(ctx, s.from, s.at)
	if err != nil || len(lines) == 0 {
		return err
	}
	var out string
	for _, l := range c.shown(lines) {
		out += event(l)
	}
	if err := write(w, out); err != nil {
		return err
	}
	s.at = lines[len(lines)-1].ID
	return nil
}

// event words one server-sent event; JSON has no line breaks of its own.
func event(l line) string {
	raw, err := json.Marshal(l)
	if err != nil { // only a year beyond 9999 can do this
		return ""
	}
	return fmt.Sprintf("event: line\nid: %d\ndata: %s\n\n", l.ID, raw)
}

// write sends text at once, within writeLimit whatever the server's own is.
func write(w http.ResponseWriter, text string) error {
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("set write deadline: %w", err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to stream: %w", err)
	}
	if err := control.Flush(); err != nil {
		return fmt.Errorf("flush stream: %w", err)
	}
	return nil
}

// poke tells the pages of a browser that there is something new; a page that
// is behind anyway needs no second word.
func (c *Chat) poke(id string) {
	for _, s := range c.streamsOf(id) {
		select {
		case s.in <- delivery{}:
		default:
		}
	}
}

// Send implements bot.Sender for bot.Web: it has the open pages of a browser
// write what is new in the transcript, which holds all that is said, and is done
// when one of them did. With no page open the error wraps bot.ErrHold; the
// transcript shows the reply when the page is opened again.
func (c *Chat) Send(ctx context.Context, out bot.Outgoing) error {
	if out.To.Channel != bot.Web {
		return fmt.Errorf("send to a browser: channel %q: %w", out.To.Channel, bot.ErrPermanent)
	}
	pages := c.streamsOf(out.To.ID)
	if len(pages) == 0 {
		return fmt.Errorf("no page open: %w", bot.ErrHold)
	}
	ctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	taken := false
	for _, s := range pages {
		taken = s.show(ctx) || taken
	}
	if !taken {
		return fmt.Errorf("no page took it: %w", bot.ErrHold)
	}
	return nil
}

// show has the stream write what is new, and says whether it did.
func (s *stream) show(ctx context.Context) bool {
	took := make(chan error, 1)
	select {
	case s.in <- delivery{took: took}:
	case <-s.gone:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case err := <-took:
		return err == nil
	case <-s.gone:
		return false
	case <-ctx.Done():
		return false
	}
}
