package wechat

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
	"guanjia/channels/wechat/platform"
)

// clerk is a receiver that answers "答：" and the words, as often as asked,
// and keeps what it was told.
type clerk struct {
	mu        sync.Mutex
	received  []bot.Inbound
	runs      map[string]int // by key
	delivered []bot.OutgoingID
	released  []bot.OutgoingID
	reports   int
	next      bot.OutgoingID
	kept      []bot.Inbound // accepted before their turn was over
	unkept    error         // what Accept answers
	// answer overrides the answer; slow is waited for first.
	answer func(bot.Inbound) ([]bot.Reply, error)
	slow   func(bot.Inbound) time.Duration
}

func (c *clerk) Receive(ctx context.Context, in bot.Inbound) (bot.Turn, error) {
	if c.slow != nil {
		select {
		case <-time.After(c.slow(in)):
		case <-ctx.Done():
			return bot.Turn{}, ctx.Err()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received = append(c.received, in)
	if c.runs == nil {
		c.runs = map[string]int{}
	}
	c.runs[in.Key]++
	replies := []bot.Reply{{Text: "答：" + in.Text}}
	if c.answer != nil {
		var err error
		if replies, err = c.answer(in); err != nil {
			return bot.Turn{}, err
		}
	}
	turn := bot.Turn{}
	for _, r := range replies {
		c.next++
		turn.Out = append(turn.Out, bot.Outgoing{ID: c.next, To: in.From, Reply: r, From: "bot"})
	}
	return turn, nil
}

func (c *clerk) Accept(_ context.Context, in bot.Inbound) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = append(c.kept, in)
	return c.unkept
}

func (c *clerk) Delivered(_ context.Context, ids ...bot.OutgoingID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delivered, c.reports = append(c.delivered, ids...), c.reports+1
	return nil
}

func (c *clerk) Release(_ context.Context, ids ...bot.OutgoingID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.released = append(c.released, ids...)
	return nil
}

func (c *clerk) heard() []bot.Inbound {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.received)
}

// account is the platform's side of the API.
type wire struct {
	mu     sync.Mutex
	sent   []string
	menus  [][]platform.Choice
	typed  int
	media  map[string][]byte
	fail   []error // of the next calls
	sentTo []string
}

func (a *wire) send(openID, text string, choices []platform.Choice) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.fail) > 0 {
		err := a.fail[0]
		a.fail = a.fail[1:]
		if err != nil {
			return err
		}
	}
	a.sent, a.sentTo = append(a.sent, text), append(a.sentTo, openID)
	if choices != nil {
		a.menus = append(a.menus, choices)
	}
	return nil
}

func (a *wire) SendText(_ context.Context, openID, text string) error {
	return a.send(openID, text, nil)
}

func (a *wire) SendMenu(_ context.Context, openID, head string, choices []platform.Choice, tail string) error {
	return a.send(openID, head+"|"+tail, choices)
}

func (a *wire) SendImage(_ context.Context, openID string, data []byte) error {
	return a.send(openID, "picture of "+string(data), nil)
}

func (a *wire) Typing(context.Context, string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.typed++
	return nil
}

func (a *wire) Media(_ context.Context, id string) ([]byte, string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	data, ok := a.media[id]
	if !ok {
		return nil, "", errors.New("no such media")
	}
	return data, "application/octet-stream", nil
}

const token = "testtoken"

// desk is an edge behind a real server.
type place struct {
	t      testing.TB
	clerk  *clerk
	wire   *wire
	edge   *Edge
	server *httptest.Server
}

// scale makes the platform's seconds last 300 ms: the answer to a last try has a
// fifth of a second to arrive on a busy machine.
const scale = 300 * time.Millisecond

func open(t testing.TB, change ...func(*Config)) *place {
	t.Helper()
	p := &place{t: t, clerk: &clerk{}, wire: &wire{media: map[string][]byte{}}}
	cfg := Config{
		Receiver: p.clerk, API: p.wire, Token: token, PublicURL: "https://gj.example/",
		Times: Times{Typing: scale * 8 / 10, Answer: scale * 43 / 10, Hang: scale * 55 / 10},
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if p.edge, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	p.server = httptest.NewServer(p.edge)
	t.Cleanup(p.close)
	return p
}

func (p *place) close() {
	p.server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.edge.Close(ctx); err != nil {
		p.t.Error(err)
	}
}

var serial = struct {
	sync.Mutex
	n int
}{}

// nonce is one never used before.
func nonce() string {
	serial.Lock()
	defer serial.Unlock()
	serial.n++
	return "n" + strconv.Itoa(serial.n)
}

// sign makes a callback's query.
func sign(at time.Time, nonce string) url.Values {
	ts := strconv.FormatInt(at.Unix(), 10)
	return signed(ts, nonce)
}

func signed(ts, nonce string) url.Values {
	parts := []string{token, ts, nonce}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return url.Values{"signature": {hex.EncodeToString(sum[:])}, "timestamp": {ts}, "nonce": {nonce}}
}

// text is a text message's XML; rest follows its content.
func text(from string, id int, words string) string {
	return envelopeOf(from, id, "text", "<Content><![CDATA["+words+"]]></Content>")
}

func envelopeOf(from string, id int, kind, rest string) string {
	return fmt.Sprintf("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName><CreateTime>%d</CreateTime><MsgType><![CDATA[%s]]></MsgType>%s<MsgId>%d</MsgId></xml>", from, created.Unix(), kind, rest, id)
}

func event(from, name, rest string) string {
	return fmt.Sprintf("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName><CreateTime>%d</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[%s]]></Event>%s</xml>", from, created.Unix(), name, rest)
}

// passive is a reply as the platform reads it.
type passive struct {
	XMLName      xml.Name `xml:"xml"`
	ToUserName   string
	FromUserName string
	CreateTime   int64
	MsgType      string
	Content      string
}

// post sends a body with a query of its own.
func (p *place) post(body string) (status int, reply string) {
	p.t.Helper()
	status, reply, err := p.try(sign(time.Now(), nonce()), body, time.Minute)
	if err != nil {
		p.t.Fatal(err)
	}
	return status, reply
}

// try is one try of the platform: it cuts the line after a while.
func (p *place) try(q url.Values, body string, patience time.Duration) (int, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", p.server.URL+"/wechat?"+q.Encode(), strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "text/xml")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(bytes.TrimSpace(b)), err
}

// say posts a message and reads the passive reply's words; success is "".
func (p *place) say(body string) string {
	p.t.Helper()
	status, reply := p.post(body)
	if status != 200 {
		p.t.Fatalf("status %d: %s", status, reply)
	}
	return content(p.t, reply)
}

func content(t testing.TB, reply string) string {
	t.Helper()
	if reply == success {
		return ""
	}
	var r passive
	if err := xml.Unmarshal([]byte(reply), &r); err != nil {
		t.Fatalf("%v: %s", err, reply)
	}
	if r.MsgType != "text" || r.Content == "" || r.FromUserName != "gh_1" {
		t.Fatalf("reply %+v", r)
	}
	return r.Content
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(8 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// now is when the tests' messages come.
func now() time.Time { return created }

var created = time.Now().Truncate(time.Second).In(bot.Shanghai())
