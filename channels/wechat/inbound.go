package wechat

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"guanjia/bot"
)

// unsupported is what the platform puts in the place of a message it cannot
// hand on; it arrives as a text.
const unsupported = "【收到不支持的消息类型，暂无法显示】"

// key is the same for the platform's retries and for nothing else. MsgId
// alone is not: voices of several people have shared one, and events have
// none. (Without either, the words tell messages apart.)
func (m *message) key() string {
	h := sha256.New()
	for _, part := range []string{m.From, m.ID, m.Created, m.Event, m.EventKey} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	if m.ID == "" && m.Type != "event" {
		h.Write([]byte(m.Type + "\x00" + m.Content + m.MediaID))
	}
	var sum [sha256.Size]byte
	return hex.EncodeToString(h.Sum(sum[:0]))
}

// inbound says what a message is to the bot; ok is false for reports that
// nobody need hear.
func (m *message) inbound(key string, now time.Time) (in bot.Inbound, ok bool) {
	in = bot.Inbound{From: bot.Address{Channel: bot.WeChat, ID: m.From}, Key: key, At: m.sentAt(now)}
	if m.Type == "event" {
		return in, m.event(&in)
	}
	switch m.Type {
	case "text":
		m.words(&in)
	case "image":
		in.Event = bot.EventImage
		in.Attachment = &bot.Attachment{Kind: "image", Name: "photo", Remote: m.MediaID}
	case "voice":
		in.Event, in.Text = bot.EventVoice, clean(m.Recognition)
		if in.Text == "" {
			in.Attachment = &bot.Attachment{Kind: "voice", Name: "voice", Remote: m.MediaID}
		}
	case "location":
		m.place(&in)
	case "link":
		in.Text = clean(strings.TrimSpace(m.Title + "\n" + m.URL))
	default: // video, shortvideo, file and whatever is to come
		in.Event = bot.EventUnsupported
	}
	return in, true
}

func (m *message) words(in *bot.Inbound) {
	in.Text = clean(m.Content)
	switch {
	case in.Text == unsupported:
		in.Event, in.Text = bot.EventUnsupported, ""
	case m.MenuID != "":
		in.Event = bot.EventChoice
	}
}

func (m *message) place(in *bot.Inbound) {
	lat, err := strconv.ParseFloat(strings.TrimSpace(m.Latitude), 64)
	lng, err2 := strconv.ParseFloat(strings.TrimSpace(m.Longitude), 64)
	if err != nil || err2 != nil || !(math.Abs(lat) <= 90) || !(math.Abs(lng) <= 180) {
		in.Event = bot.EventUnsupported
		return
	}
	in.Event, in.Text, in.Latitude, in.Longitude = bot.EventLocation, clean(m.Label), lat, lng
}

// event fills in what happened without words.
func (m *message) event(in *bot.Inbound) bool {
	switch m.Event {
	case "subscribe":
		in.Event, in.EventKey = bot.EventSubscribe, strings.TrimPrefix(m.EventKey, "qrscene_")
	case "unsubscribe":
		in.Event = bot.EventUnsubscribe
	case "SCAN":
		in.Event, in.EventKey = bot.EventScan, m.EventKey
	case "CLICK":
		in.Event, in.EventKey = bot.EventMenu, m.EventKey
	default:
		return false
	}
	return true
}

// sentAt is when the platform says the message was sent; now when it does
// not, or says what cannot be.
func (m *message) sentAt(now time.Time) time.Time {
	at, ok := unixTime(m.Created)
	if !ok || at.After(now) || now.Sub(at) > 24*time.Hour {
		return now
	}
	return at.In(now.Location())
}

// unixTime reads a time in seconds (10 digits) or milliseconds (13 digits).
func unixTime(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n <= 0 || len(text) > 13:
		return time.Time{}, false
	case len(text) == 13:
		return time.UnixMilli(n), true
	case len(text) > 11:
		return time.Time{}, false
	}
	return time.Unix(n, 0), true
}

// clean drops control characters other than line breaks and tabs, and the
// space around the words.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text))
}

// openID says whether a sender's id can be one: printable ASCII that needs no
// escaping, at most 128 bytes. (The platform's have 28 letters, digits, - and _.)
func openID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' || c == '<' || c == '>' || c == '&' || c == ']' {
			return false
		}
	}
	return true
}

// fetch brings what the platform keeps for a message: the picture's bytes, a
// voice's words. What cannot be had is left out; the bot asks to type.
func (e *Edge) fetch(ctx context.Context, in *bot.Inbound) {
	a := in.Attachment
	if a == nil || a.Remote == "" || e.api == nil || a.Kind == "voice" && e.transcribe == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, e.times.Fetch)
	defer cancel()
	data, told, err := e.api.Media(ctx, a.Remote)
	if err != nil {
		e.count("media_failed")
		e.log.Warn("media not fetched", "kind", a.Kind, "error", err)
		return
	}
	kind := mediaType(data, told)
	if a.Kind == "image" {
		a.Bytes, a.Type = data, kind
		return
	}
	words, err := e.transcribe(ctx, data, kind)
	if err != nil {
		e.count("transcription_failed")
		e.log.Warn("voice not transcribed", "error", err)
		return
	}
	if in.Text = clean(words); in.Text != "" {
		in.Attachment = nil
	}
}

// Complete fetches what a message of this channel still lacks, for one that is
// answered after a restart.
func (e *Edge) Complete(ctx context.Context, in *bot.Inbound) {
	if in.From.Channel == bot.WeChat {
		e.fetch(ctx, in)
	}
}

// mediaType is what the bytes are, and only if they do not say, what the
// platform calls them.
func mediaType(data []byte, told string) string {
	switch {
	case bytes.HasPrefix(data, []byte("#!AMR")):
		return "audio/amr"
	case bytes.HasPrefix(data, []byte("#!SILK")), bytes.HasPrefix(data, []byte("\x02#!SILK")):
		return "audio/silk"
	}
	if found := http.DetectContentType(data); found != "application/octet-stream" {
		return found
	}
	if told == "" {
		return "application/octet-stream"
	}
	return told
}
