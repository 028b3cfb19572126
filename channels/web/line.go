package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"guanjia/bot"
)

// line is a transcript line as the page gets it.
type line struct {
	ID      int64        `json:"id"`
	Who     bot.Speaker  `json:"who"`
	Name    string       `json:"name,omitempty"`
	Via     bot.Channel  `json:"via,omitempty"` // set when it was not said here
	At      time.Time    `json:"at"`
	Text    string       `json:"text"`
	Options []bot.Option `json:"options,omitempty"`
	Source  string       `json:"source,omitempty"`
	Event   string       `json:"event,omitempty"`
	Picture string       `json:"picture,omitempty"` // where the page finds it
}

const (
	historyLimit = 200 // lines a page starts with
	pageLimit    = 500 // lines read at once
)

// shown turns transcript lines into what the page may see: operators' notes
// never leave the desk.
func (c *Chat) shown(lines []bot.Line) []line {
	out := make([]line, 0, len(lines))
	for _, l := range lines {
		if l.Speaker == bot.SpeakerNote {
			continue
		}
		s := line{
			ID: l.ID, Who: l.Speaker, Name: l.Name, At: l.At.In(bot.Shanghai()), Text: l.Text,
			Options: openable(l.Options), Source: l.Source, Event: string(l.Event),
		}
		if l.Channel != bot.Web {
			s.Via = l.Channel
		}
		if l.Event == bot.EventImage && l.Attachment != "" && c.pictures != nil {
			s.Picture = "/chat/picture/" + url.PathEscape(l.Attachment)
		}
		out = append(out, s)
	}
	return out
}

// openable drops addresses a browser should not follow; the option stays as
// an answer.
func openable(options []bot.Option) []bot.Option {
	out := make([]bot.Option, len(options))
	for i, o := range options {
		out[i] = o
		if u, err := url.Parse(o.URL); err != nil || (u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "tel") {
			out[i].URL = ""
		}
	}
	return out
}

// since reads every line after a number, and at most the last historyLimit.
func (c *Chat) since(ctx context.Context, from bot.Address, after int64) ([]bot.Line, error) {
	if after == 0 {
		lines, err := c.history.Ending(ctx, from, historyLimit)
		if err != nil {
			return nil, fmt.Errorf("read transcript: %w", err)
		}
		return lines, nil
	}
	var last []bot.Line
	for {
		lines, err := c.history.Transcript(ctx, from, after, pageLimit)
		if err != nil {
			return nil, fmt.Errorf("read transcript: %w", err)
		}
		last = append(last, lines...)
		if n := len(last) - historyLimit; n > 0 {
			last = last[n:]
		}
		if len(lines) == 0 || len(lines) < pageLimit {
			return last, nil
		}
		after = lines[len(lines)-1].ID
	}
}

// serveHistory gives the lines after ?after=N.
func (c *Chat) serveHistory(w http.ResponseWriter, r *http.Request) {
	from, ok := c.known(w, r)
	if !ok {
		return
	}
	after, err := lineNumber(r.URL.Query().Get("after"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "消息编号不对。")
		return
	}
	lines, err := c.since(r.Context(), from, after)
	if err != nil && r.Context().Err() != nil {
		return // whoever asked has gone: there is nobody to answer, and no fault
	}
	if err != nil {
		c.log.Error("history not read", "error", err)
		refuse(w, http.StatusServiceUnavailable, "暂时读不到之前的对话，请稍后再试。")
		return
	}
	answer(w, http.StatusOK, map[string]any{"lines": c.shown(lines)})
}

// lineNumber reads a line's number; none is 0.
func lineNumber(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("line number %q", s)
	}
	return n, nil
}
