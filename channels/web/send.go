package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"guanjia/bot"
)

const (
	// MaxText is how long one message may be, in characters.
	MaxText     = 2000
	sendBody    = 64 << 10
	turnLimit   = 20 * time.Second // a turn goes on when its page has gone
	uploadCosts = 3                // a picture counts as so many messages
)

// sent is what a page sends.
type sent struct {
	// Key names the message, so that sending it again is no second message.
	Key   string   `json:"key"`
	Text  string   `json:"text"`
	Event string   `json:"event"` // "", choice, menu, location, subscribe
	Menu  string   `json:"menu"`
	Lat   *float64 `json:"lat"`
	Lng   *float64 `json:"lng"`
	After int64    `json:"after"` // the last line the page has
}

// kept is the answer to a message: every line the page does not have yet.
type kept struct {
	Lines    []line       `json:"lines"`
	Handling bot.Handling `json:"handling,omitempty"`
}

// fault is a refusal in words for the citizen.
type fault struct {
	status   int
	sentence string
}

func (f *fault) Error() string { return f.sentence }

// keyForm is what a message's key looks like.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// serveSend takes one message and answers with the lines that came of it.
func (c *Chat) serveSend(w http.ResponseWriter, r *http.Request) {
	from, ok := c.known(w, r)
	if !ok || !c.admit(w, r, from, 1) {
		return
	}
	s, err := readSent(http.MaxBytesReader(w, r.Body, sendBody))
	if err != nil {
		refuseFault(w, err)
		return
	}
	in, err := s.inbound(from)
	if err != nil {
		refuseFault(w, err)
		return
	}
	c.take(w, r, in, s.After)
}

// take hands a message to the engine and answers the page.
func (c *Chat) take(w http.ResponseWriter, r *http.Request, in bot.Inbound, after int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), turnLimit)
	defer cancel()
	turn, err := c.receiver.Receive(ctx, in)
	if err != nil {
		c.log.Error("message not taken", "channel", bot.Web, "error", err)
		w.Header().Set("Retry-After", "3")
		refuse(w, http.StatusServiceUnavailable, "刚才没有办成，请再发一次。急事可拨 12345。")
		return
	}
	ids := make([]bot.OutgoingID, len(turn.Out))
	for i, out := range turn.Out {
		ids[i] = out.ID
	}
	lines, err := c.since(ctx, in.From, after)
	if err == nil {
		err = answer(w, http.StatusOK, kept{Lines: c.shown(lines), Handling: turn.Handling})
	} else {
		refuse(w, http.StatusServiceUnavailable, "消息收到了，回复稍后就到。")
	}
	c.poke(in.From.ID)
	c.settle(ctx, err, ids)
}

// settle reports what became of a turn's replies.
func (c *Chat) settle(ctx context.Context, err error, ids []bot.OutgoingID) {
	if len(ids) == 0 {
		return
	}
	report, deed := c.receiver.Delivered, "report delivery"
	if err != nil {
		c.log.Warn("replies left to the dispatcher", "channel", bot.Web, "error", err)
		report, deed = c.receiver.Release, "release replies"
	}
	if err := report(ctx, ids...); err != nil {
		c.log.Error(deed, "channel", bot.Web, "error", err)
	}
}

// admit spends from the browser's and the host's buckets.
func (c *Chat) admit(w http.ResponseWriter, r *http.Request, from bot.Address, cost float64) bool {
	now := c.clock()
	wait := c.browsers.take(from.ID, cost, now)
	if wait == 0 {
		wait = c.hosts.take(c.host(r), cost, now)
	}
	if wait == 0 {
		return true
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	refuse(w, http.StatusTooManyRequests, "您发得有点快，请等几秒，会自动再发。")
	return false
}

// readSent reads the one JSON object of a message.
func readSent(body io.Reader) (sent, error) {
	var s sent
	dec := json.NewDecoder(body)
	err := dec.Decode(&s)
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return s, &fault{http.StatusRequestEntityTooLarge, tooLong()}
	case err != nil:
		return s, &fault{http.StatusBadRequest, "消息格式不对。"}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return s, &fault{http.StatusBadRequest, "消息格式不对。"}
	}
	return s, nil
}

func tooLong() string {
	return fmt.Sprintf("这段话太长了，请分成几段，每段不超过 %d 字。", MaxText)
}

// inbound checks a message and turns it into what the engine takes. An error
// is a *fault.
func (s sent) inbound(from bot.Address) (bot.Inbound, error) {
	if !keyForm.MatchString(s.Key) {
		return bot.Inbound{}, &fault{http.StatusBadRequest, "消息缺少编号。"}
	}
	in := bot.Inbound{From: from, Key: from.ID[:16] + ":" + s.Key, Event: bot.EventKind(s.Event)}
	in.Text = strings.TrimSpace(strings.Map(printable, s.Text))
	if utf8.RuneCountInString(in.Text) > MaxText {
		return in, &fault{http.StatusRequestEntityTooLarge, tooLong()}
	}
	switch in.Event {
	case bot.NoEvent, bot.EventChoice:
		if in.Text == "" {
			return in, &fault{http.StatusBadRequest, "还没有写内容。"}
		}
	case bot.EventMenu:
		if _, ok := bot.MenuKeys()[s.Menu]; !ok {
			return in, &fault{http.StatusBadRequest, "没有这个菜单。"}
		}
		in.EventKey, in.Text = s.Menu, ""
	case bot.EventLocation:
		if s.Lat == nil || s.Lng == nil || math.Abs(*s.Lat) > 90 || math.Abs(*s.Lng) > 180 {
			return in, &fault{http.StatusBadRequest, "位置不对，请重新选。"}
		}
		in.Latitude, in.Longitude = *s.Lat, *s.Lng
	case bot.EventSubscribe:
		in.Text = ""
		in.Key = from.ID[:16] + ":subscribe" // once for a browser, however many pages
	default:
		return in, &fault{http.StatusBadRequest, "不认识这种消息。"}
	}
	return in, nil
}

// printable drops control characters other than line breaks and tabs.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

func refuseFault(w http.ResponseWriter, err error) {
	var f *fault
	if errors.As(err, &f) {
		refuse(w, f.status, f.sentence)
		return
	}
	refuse(w, http.StatusBadRequest, "消息格式不对。")
}
