package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"guanjia/bot"
)

// chatLine is one line into chat --json, in the contract's words.
type chatLine struct {
	Text    *string     `json:"text"`
	Citizen string      `json:"citizen"`
	Channel bot.Channel `json:"channel"`
	Event   string      `json:"event"`
	Advance string      `json:"advance"`
}

// chatAnswer is one line out of chat --json.
type chatAnswer struct {
	Replies  []chatReply  `json:"replies"`
	Trace    chatTrace    `json:"trace"`
	Handling bot.Handling `json:"handling"`
}

type chatReply struct {
	Text      string   `json:"text"`
	Options   []string `json:"options"`
	Proactive bool     `json:"proactive,omitempty"`
	Citizen   string   `json:"citizen,omitempty"`
}

type chatTrace struct {
	Intent    bot.Intent        `json:"intent"`
	Score     float64           `json:"score"`
	Decision  bot.Decision      `json:"decision"`
	Flow      bot.Intent        `json:"flow"`
	Slots     map[string]string `json:"slots"`
	Citations []string          `json:"citations"`
}

// mailbag is the channel of chat: what is sent lands here and is printed with
// the line that brought it about.
type mailbag struct {
	mu   sync.Mutex
	sent []bot.Outgoing
}

// Send implements bot.Sender.
func (m *mailbag) Send(_ context.Context, out bot.Outgoing) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, out)
	return nil
}

func (m *mailbag) take() []bot.Outgoing {
	m.mu.Lock()
	defer m.mu.Unlock()
	sent := m.sent
	m.sent = nil
	return sent
}

// chatter runs a conversation through the same engine and store as serve.
type chatter struct {
	house   *house
	bag     *mailbag
	path    func(string) string // makes names of files usable here
	last    bot.Trace           // of the last turn
	enroled map[string]bool
}

func newChatter(h *house, path func(string) string) *chatter {
	return &chatter{house: h, bag: h.bag, path: path, enroled: map[string]bool{}}
}

// operatorName is who speaks for the operators in chat.
const operatorName = "坐席"

// turn carries out one line and says what came of it.
func (c *chatter) turn(ctx context.Context, line chatLine) (chatAnswer, error) {
	if line.Citizen == "" {
		line.Citizen = "c1"
	}
	if line.Channel == "" {
		line.Channel = bot.WeChat
	}
	if line.Channel != bot.WeChat && line.Channel != bot.Hotline && line.Channel != bot.Web {
		return chatAnswer{}, usagef("channel %q is not wechat, phone or web", line.Channel)
	}
	if err := c.enrol(ctx, line.Citizen); err != nil {
		return chatAnswer{}, err
	}
	if line.Advance != "" {
		if err := c.advance(ctx, line.Advance); err != nil {
			return chatAnswer{}, err
		}
	}
	answer := chatAnswer{Replies: []chatReply{}, Trace: chatTrace{Slots: map[string]string{}, Citations: []string{}, Intent: bot.OutOfScope, Decision: bot.Accept}}
	c.collect(&answer, line.Citizen)
	if line.Text == nil && line.Event == "" {
		if line.Advance == "" {
			return chatAnswer{}, usagef("a line needs text, event or advance")
		}
		return answer, c.handling(ctx, line.Citizen, &answer)
	}
	if strings.HasPrefix(line.Event, "operator:") {
		err := c.operate(ctx, line, &answer)
		return answer, err
	}
	in, err := c.inbound(line)
	if err != nil {
		return answer, err
	}
	turn, err := c.house.engine.Receive(ctx, in)
	if err != nil {
		return answer, fmt.Errorf("receive: %w", err)
	}
	ids := make([]bot.OutgoingID, 0, len(turn.Out))
	for _, out := range turn.Out {
		answer.Replies = append(answer.Replies, replyOf(out, line.Citizen))
		ids = append(ids, out.ID)
	}
	if err := c.house.engine.Delivered(ctx, ids...); err != nil {
		return answer, err
	}
	answer.Handling = turn.Handling
	answer.Trace = traceOf(turn.Trace)
	c.last = turn.Trace
	return answer, nil
}

func traceOf(t bot.Trace) chatTrace {
	out := chatTrace{Intent: t.Intent, Score: t.Score, Decision: t.Decision, Flow: t.Flow, Slots: t.Slots, Citations: t.Citations}
	if out.Slots == nil {
		out.Slots = map[string]string{}
	}
	if out.Citations == nil {
		out.Citations = []string{}
	}
	return out
}

func replyOf(out bot.Outgoing, to string) chatReply {
	text := out.Reply.Text
	if out.Reply.Source != "" {
		text += "\n" + out.Reply.Source
	}
	r := chatReply{Text: text, Options: []string{}, Proactive: out.Proactive}
	for _, o := range out.Reply.Options {
		r.Options = append(r.Options, o.Text)
	}
	if string(out.Citizen) != to {
		r.Citizen = string(out.Citizen)
	}
	return r
}

// enrol makes a citizen of chat: one person on every channel.
func (c *chatter) enrol(ctx context.Context, citizen string) error {
	if c.enroled[citizen] {
		return nil
	}
	if len(citizen) > 64 {
		return usagef("citizen's name is longer than 64 bytes")
	}
	var addresses []bot.Address
	for _, ch := range []bot.Channel{bot.WeChat, bot.Hotline, bot.Web} {
		addresses = append(addresses, bot.Address{Channel: ch, ID: "chat:" + citizen})
	}
	if err := c.house.store.Enrol(ctx, bot.CitizenID(citizen), c.house.clock(), addresses...); err != nil {
		return err
	}
	c.enroled[citizen] = true
	return nil
}

// advance moves the clock and runs what falls due, step by step so that
// everything happens at its own time.
func (c *chatter) advance(ctx context.Context, by string) error {
	d, err := time.ParseDuration(by)
	if err != nil || d < 0 || d > 366*24*time.Hour {
		return usagef("advance %q is not a duration from 0 to 366 days", by)
	}
	if c.house.moveClock == nil {
		return usagef("the clock of a running service cannot be advanced")
	}
	end := c.house.clock().Add(d)
	for now := c.house.clock(); now.Before(end); now = c.house.clock() {
		next := nextHour(now)
		if next.After(end) {
			next = end
		}
		c.house.moveClock(next)
		if err := c.house.runDue(ctx); err != nil {
			return err
		}
	}
	return c.house.runDue(ctx)
}

func nextHour(t time.Time) time.Time { return t.Truncate(time.Hour).Add(time.Hour) }

// collect adds what was sent of our own accord.
func (c *chatter) collect(answer *chatAnswer, citizen string) {
	for _, out := range c.bag.take() {
		answer.Replies = append(answer.Replies, replyOf(out, citizen))
	}
}

// operate plays the operator's side.
func (c *chatter) operate(ctx context.Context, line chatLine, answer *chatAnswer) error {
	citizen := bot.CitizenID(line.Citizen)
	deed := strings.TrimPrefix(line.Event, "operator:")
	var err error
	switch {
	case deed == "take":
		err = c.house.engine.Take(ctx, citizen, operatorName)
	case strings.HasPrefix(deed, "say:"):
		_, err = c.house.engine.Speak(ctx, citizen, operatorName, strings.TrimPrefix(deed, "say:"), "")
	case deed == "close":
		_, err = c.house.engine.Finish(ctx, citizen, operatorName, "", false)
	default:
		return usagef("event %q is unknown", line.Event)
	}
	if errors.Is(err, bot.ErrNotHeld) || errors.Is(err, bot.ErrHeldElse) || errors.Is(err, bot.ErrEmptyText) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if _, err := c.house.dispatcher.RunDue(ctx); err != nil {
		return err
	}
	c.collect(answer, line.Citizen)
	return c.handling(ctx, line.Citizen, answer)
}

func (c *chatter) handling(ctx context.Context, citizen string, answer *chatAnswer) error {
	conv, err := c.house.store.Conversation(ctx, bot.CitizenID(citizen))
	answer.Handling = conv.Handling
	return err
}

// inbound makes a line what a channel would hand over.
func (c *chatter) inbound(line chatLine) (bot.Inbound, error) {
	in := bot.Inbound{From: bot.Address{Channel: line.Channel, ID: "chat:" + line.Citizen}, At: c.house.clock()}
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
			return in, usagef("menu key %q is unknown", rest)
		}
		in.Event, in.EventKey = bot.EventMenu, rest
	case "silence":
		in.Event = bot.EventSilence
	case "dtmf":
		if rest == "" || strings.Trim(rest, "0123456789*#") != "" {
			return in, usagef("dtmf %q is not made of the keys 0-9, * and #", rest)
		}
		in.Event, in.EventKey = bot.EventDigits, rest
	case "hangup":
		in.Event = bot.EventHangup
	case "voice":
		in.Event, in.Text = bot.EventVoice, rest
	case "image":
		return picture(in, c.path(rest))
	case "location":
		return location(in, rest)
	default:
		return in, usagef("event %q is unknown", line.Event)
	}
	return in, nil
}

// maxPicture bounds a picture given to chat.
const maxPicture = 10 << 20

func picture(in bot.Inbound, path string) (bot.Inbound, error) {
	f, err := os.Open(path)
	if err != nil {
		return in, usagef("image: %v", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxPicture+1))
	if err != nil || len(raw) > maxPicture {
		return in, usagef("image %s cannot be read or is larger than 10 MiB", path)
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
		return in, usagef("location %q is not LAT,LNG", at)
	}
	in.Event, in.Latitude, in.Longitude = bot.EventLocation, lat, lng
	return in, nil
}

// longestLine bounds one line of input.
const longestLine = 1 << 20

// chatJSON answers lines of JSON until the input ends.
func chatJSON(ctx context.Context, h *house, p *program) error {
	c, con := newChatter(h, p.path), p.con
	lines := bufio.NewScanner(con.in)
	lines.Buffer(make([]byte, 64<<10), longestLine)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var line chatLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return usagef("line %d is not a JSON object as expected: %v", n, err)
		}
		answer, err := c.turn(ctx, line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := printJSON(con.out, answer); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return usagef("read input: %v", err)
	}
	return nil
}

// chatPlain is the conversation a person has in a terminal.
func chatPlain(ctx context.Context, h *house, p *program) error {
	c, con := newChatter(h, p.path), p.con
	fmt.Fprintln(con.err, "莞家政务 · 直接打字，Ctrl-D 结束")
	lines := bufio.NewScanner(con.in)
	lines.Buffer(make([]byte, 64<<10), longestLine)
	prompt := func() { fmt.Fprint(con.err, "> ") }
	for prompt(); lines.Scan(); prompt() {
		text := lines.Text()
		answer, err := c.turn(ctx, chatLine{Text: &text})
		if err != nil {
			return err
		}
		for _, r := range answer.Replies {
			fmt.Fprintln(con.out, r.Text)
			for i, o := range r.Options {
				fmt.Fprintf(con.out, "  %d. %s\n", i+1, o)
			}
		}
	}
	fmt.Fprintln(con.err)
	if err := lines.Err(); err != nil {
		return usagef("read input: %v", err)
	}
	return nil
}
