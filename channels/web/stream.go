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
	// dueSlack is how much older than its outbox row's time a line may be
	// and still be that row's: a row tried again moves its time.
	dueSlack = 10 * time.Minute
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
	extra *line      // something not in the transcript
	took  chan error // nil: nobody waits
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
// from the number in Last-Event-ID or ?after= on; `event: extra` for what the
// transcript does not hold yet.
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
	if err == nil && d.extra != nil {
		err = write(w, event("extra", *d.extra))
	}
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
		out += event("line", l)
	}
	if err := write(w, out); err != nil {
		return err
	}
	s.at = lines[len(lines)-1].ID
	return nil
}

// event words one server-sent event; JSON has no line breaks of its own.
func event(name string, l line) string {
	raw, err := json.Marshal(l)
	if err != nil { // only a year beyond 9999 can do this
		return ""
	}
	number := ""
	if l.ID != 0 {
		number = fmt.Sprintf("id: %d\n", l.ID)
	}
	return fmt.Sprintf("event: %s\n%sdata: %s\n\n", name, number, raw)
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

// Send implements bot.Sender for bot.Web: it shows the reply on the open
// pages of its browser, and is done when one of them took it. With no page
// open the error wraps bot.ErrHold; the transcript shows the reply when the
// page is opened again.
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
	extra, err := c.extra(ctx, out)
	if err != nil {
		return err
	}
	taken := false
	for _, s := range pages {
		taken = s.show(ctx, extra) || taken
	}
	if !taken {
		return fmt.Errorf("no page took it: %w", bot.ErrHold)
	}
	return nil
}

// show has the stream write what is new, and says whether it did.
func (s *stream) show(ctx context.Context, extra *line) bool {
	took := make(chan error, 1)
	select {
	case s.in <- delivery{extra: extra, took: took}:
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

// extra is the reply itself where the transcript does not hold it: what is
// said later than it was decided, such as a reminder.
func (c *Chat) extra(ctx context.Context, out bot.Outgoing) (*line, error) {
	lines, err := c.since(ctx, out.To, 0)
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(lines) {
		said := l.Speaker == bot.SpeakerBot || l.Speaker == bot.SpeakerOperator
		if said && l.Text == out.Reply.Text && !l.At.Before(out.Due.Add(-dueSlack)) {
			return nil, nil
		}
	}
	return c.loose(out), nil
}

// loose is a reply as a line without a number.
func (c *Chat) loose(out bot.Outgoing) *line {
	l := &line{
		Out: int64(out.ID), Who: bot.SpeakerBot, At: c.clock(), Text: out.Reply.Text,
		Options: openable(out.Reply.Options), Source: out.Reply.Source,
	}
	if out.From != "" && out.From != "bot" {
		l.Who, l.Name = bot.SpeakerOperator, out.From
	}
	return l
}
