package terminal

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"guanjia/bot"
)

// Line is one line into the conversation, in the contract's words.
type Line struct {
	Text    *string     `json:"text"`
	Citizen string      `json:"citizen"` // c1 when empty
	Channel bot.Channel `json:"channel"` // wechat when empty
	Event   string      `json:"event"`   // menu:KEY, dtmf:3, operator:take, …
	Advance string      `json:"advance"` // a Go duration
}

// Answer is one line out.
type Answer struct {
	Replies  []Reply      `json:"replies"`
	Trace    Trace        `json:"trace"`
	Handling bot.Handling `json:"handling"`
}

// Reply is one message the citizen would see.
type Reply struct {
	Text      string   `json:"text"`
	Options   []string `json:"options"`
	Proactive bool     `json:"proactive,omitempty"`
	Citizen   string   `json:"citizen,omitempty"` // only where it goes to another
}

// Trace says how a turn was understood and where it stands.
type Trace struct {
	Intent    bot.Intent        `json:"intent"`
	Score     float64           `json:"score"`
	Decision  bot.Decision      `json:"decision"`
	Flow      bot.Intent        `json:"flow"`
	Slots     map[string]string `json:"slots"`
	Citations []string          `json:"citations"`
	// Model and Degraded are there where a model was asked, see bot.Trace.
	Model    string `json:"model,omitempty"`
	Degraded bool   `json:"degraded,omitempty"`
}

// ErrInput is wrapped by everything that is wrong with what was typed.
var ErrInput = errors.New("bad input")

// inputError is the caller's mistake in their own words.
type inputError struct{ err error }

func (e inputError) Error() string   { return e.err.Error() }
func (e inputError) Unwrap() []error { return []error{ErrInput, e.err} }

func inputf(format string, args ...any) error { return inputError{fmt.Errorf(format, args...)} }

// settle fills the defaults and refuses what no channel knows.
func (l *Line) settle() error {
	if l.Citizen == "" {
		l.Citizen = "c1"
	}
	if len(l.Citizen) > 64 {
		return inputf("citizen's name is longer than 64 bytes")
	}
	if l.Channel == "" {
		l.Channel = bot.WeChat
	}
	if l.Channel != bot.WeChat && l.Channel != bot.Hotline && l.Channel != bot.Web {
		return inputf("channel %q is not wechat, phone or web", l.Channel)
	}
	if l.Text == nil && l.Event == "" && l.Advance == "" {
		return inputf("a line needs text, event or advance")
	}
	return nil
}

// inbound makes a line what a channel would hand over.
func (t *Terminal) inbound(line Line) (bot.Inbound, error) {
	in := bot.Inbound{From: address(line.Channel, line.Citizen), At: t.Clock()}
	if line.Text != nil {
		in.Text = *line.Text
	}
	if line.Event == "" {
		return in, nil
	}
	kind, rest, _ := strings.Cut(line.Event, ":")
	switch kind {
	case "subscribe":
		in.Event = bot.EventSubscribe
	case "menu":
		if _, ok := bot.MenuKeys()[rest]; !ok {
			return in, inputf("menu key %q is unknown", rest)
		}
		in.Event, in.EventKey = bot.EventMenu, rest
	case "silence":
		in.Event = bot.EventSilence
	case "dtmf":
		if rest == "" || strings.Trim(rest, "0123456789*#") != "" {
			return in, inputf("dtmf %q is not made of the keys 0-9, * and #", rest)
		}
		in.Event, in.EventKey = bot.EventDigits, rest
	case "hangup":
		in.Event = bot.EventHangup
	case "voice":
		in.Event, in.Text = bot.EventVoice, rest
	case "image":
		return picture(in, t.Path(rest))
	case "location":
		return location(in, rest)
	default:
		return in, inputf("event %q is unknown", line.Event)
	}
	return in, nil
}

// maxPicture bounds a picture given to chat.
const maxPicture = 10 << 20

func picture(in bot.Inbound, path string) (bot.Inbound, error) {
	f, err := os.Open(path)
	if err != nil {
		return in, inputf("image: %v", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxPicture+1))
	if err != nil || len(raw) > maxPicture {
		return in, inputf("image %s cannot be read or is larger than 10 MiB", path)
	}
	kind := http.DetectContentType(raw)
	if !strings.HasPrefix(kind, "image/") {
		in.Event = bot.EventUnsupported
		return in, nil
	}
	in.Event = bot.EventImage
	in.Attachment = &bot.Attachment{Kind: "image", Type: kind, Bytes: raw}
	return in, nil
}

func location(in bot.Inbound, at string) (bot.Inbound, error) {
	a, b, ok := strings.Cut(at, ",")
	lat, errLat := strconv.ParseFloat(strings.TrimSpace(a), 64)
	lng, errLng := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if !ok || errLat != nil || errLng != nil || lat < -90 || lat > 90 || lng < -180 || lng > 180 {
		return in, inputf("location %q is not LAT,LNG", at)
	}
	in.Event, in.Latitude, in.Longitude = bot.EventLocation, lat, lng
	return in, nil
}
