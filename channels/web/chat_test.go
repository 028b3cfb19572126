package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"guanjia/bot"
)

// visitor is a browser without a screen.
type visitor struct {
	t      *testing.T
	place  *place
	cookie *http.Cookie
}

func visit(t *testing.T, p *place) *visitor {
	t.Helper()
	v := &visitor{t: t, place: p}
	res := v.do("GET", "/", nil, nil)
	if res.StatusCode != http.StatusOK || len(res.Cookies()) != 1 {
		t.Fatalf("GET /: %s, %d cookies", res.Status, len(res.Cookies()))
	}
	v.cookie = res.Cookies()[0]
	return v
}

func (v *visitor) do(method, path string, body io.Reader, header map[string]string) *http.Response {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.place.server.URL+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if v.cookie != nil {
		req.AddCookie(v.cookie)
	}
	res, err := v.place.server.Client().Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { res.Body.Close() })
	return res
}

// send posts a message; the answer's status and body.
func (v *visitor) send(message string) (int, map[string]any) {
	v.t.Helper()
	res := v.do("POST", "/chat/send", strings.NewReader(message), nil)
	return res.StatusCode, decode(v.t, res)
}

func decode(t *testing.T, res *http.Response) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		t.Fatalf("%s: %v", res.Request.URL.Path, err)
	}
	return body
}

func (v *visitor) address() bot.Address {
	req := httptest.NewRequest("GET", "/", nil)
	req.AddCookie(v.cookie)
	from, ok := v.place.chat.address(req)
	if !ok {
		v.t.Fatal("the cookie given is not taken back")
	}
	return from
}

func TestHeadersAndCookie(t *testing.T) {
	for _, c := range []struct {
		public, cookie string
		secure         bool
	}{{"", cookiePlain, false}, {"https://gj.example", cookieSecure, true}} {
		p := open(t, func(cfg *Config) { cfg.PublicURL = c.public })
		v := visit(t, p)
		if v.cookie.Name != c.cookie || v.cookie.Secure != c.secure || !v.cookie.HttpOnly || v.cookie.SameSite != http.SameSiteLaxMode || len(v.cookie.Value) != 43 {
			t.Errorf("public_url %q: cookie %v", c.public, v.cookie)
		}
		res := v.do("GET", "/", nil, nil)
		if len(res.Cookies()) != 0 {
			t.Error("a known browser is given another id")
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "geolocation=(self)",
			"Cache-Control": "no-store",
		} {
			if got := res.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		page, _ := io.ReadAll(res.Body)
		for _, bad := range []string{"<style", " style=", " onclick=", "http://", "https://", v.cookie.Value} {
			if strings.Contains(string(page), bad) {
				t.Errorf("the page holds %q", bad)
			}
		}
	}
}

func TestMenuKeysAreKnown(t *testing.T) {
	var walk func(items []MenuItem) int
	walk = func(items []MenuItem) int {
		n := 0
		for _, m := range items {
			if m.Key != "" {
				n++
				if _, ok := bot.MenuKeys()[m.Key]; !ok {
					t.Errorf("menu %q has the unknown key %q", m.Title, m.Key)
				}
			}
			n += walk(m.Items)
		}
		return n
	}
	if n := walk(DefaultMenu()); n != len(bot.MenuKeys()) {
		t.Errorf("the menu holds %d keys of %d", n, len(bot.MenuKeys()))
	}
}

func TestSend(t *testing.T) {
	long := strings.Repeat("长", MaxText)
	for _, c := range []struct {
		name, message string
		status        int
		heard         string // what the receiver got, as texts() puts it
	}{
		{"words", `{"key":"aaaaaaaa","text":" 想预约 "}`, 200, "想预约"},
		{"a tapped option", `{"key":"aaaaaaaa","text":"预约办事","event":"choice"}`, 200, "choice:预约办事"},
		{"the menu", `{"key":"aaaaaaaa","event":"menu","menu":"mine","text":"x"}`, 200, "menu:mine"},
		{"a place", `{"key":"aaaaaaaa","event":"location","lat":23.02,"lng":113.75,"text":"我的位置"}`, 200, "location:我的位置"},
		{"the longest", `{"key":"aaaaaaaa","text":"` + long + `"}`, 200, long},
		{"control characters", `{"key":"aaaaaaaa","text":"a\u0000\u001bb\nc"}`, 200, "ab\nc"},
		{"one too long", `{"key":"aaaaaaaa","text":"` + long + `长"}`, 413, ""},
		{"a vast body", `{"key":"aaaaaaaa","text":"` + strings.Repeat("a", sendBody) + `"}`, 413, ""},
		{"nothing", `{"key":"aaaaaaaa","text":" \n\u0000"}`, 400, ""},
		{"no key", `{"text":"你好"}`, 400, ""},
		{"a key that is none", `{"key":"a b/../c","text":"你好"}`, 400, ""},
		{"an unknown menu", `{"key":"aaaaaaaa","event":"menu","menu":"rm"}`, 400, ""},
		{"an unknown event", `{"key":"aaaaaaaa","event":"hangup","text":"x"}`, 400, ""},
		{"nowhere", `{"key":"aaaaaaaa","event":"location","lat":91,"lng":0}`, 400, ""},
		{"half a place", `{"key":"aaaaaaaa","event":"location","lat":1}`, 400, ""},
		{"no JSON", `你好`, 400, ""},
		{"two objects", `{"key":"aaaaaaaa","text":"a"}{}`, 400, ""},
		{"the wrong type", `{"key":8,"text":"a"}`, 400, ""},
		{"empty", ``, 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t)
			v := visit(t, p)
			status, body := v.send(c.message)
			if status != c.status {
				t.Fatalf("status %d, want %d: %v", status, c.status, body)
			}
			if c.status != 200 {
				if s, _ := body["error"].(string); !strings.HasSuffix(s, "。") {
					t.Errorf("error %q is no sentence", s)
				}
				if len(p.clerk.texts()) != 0 {
					t.Errorf("refused and yet received: %q", p.clerk.texts())
				}
				return
			}
			if got := p.clerk.texts(); len(got) != 1 || got[0] != c.heard {
				t.Fatalf("received %q, want %q", got, c.heard)
			}
			lines := body["lines"].([]any)
			if len(lines) < 2 || lines[0].(map[string]any)["who"] != "citizen" || lines[1].(map[string]any)["who"] != "bot" {
				t.Errorf("lines %v", lines)
			}
			p.clerk.expectDone(t, len(lines)-1) // noted once the answer has left
		})
	}
}

func TestSameKeyIsOneMessage(t *testing.T) {
	p := open(t)
	v := visit(t, p)
	for range 3 {
		if status, body := v.send(`{"key":"aaaaaaaa","text":"你好"}`); status != 200 || len(body["lines"].([]any)) != 2 {
			t.Fatalf("%d %v", status, body)
		}
	}
	other := visit(t, p)
	other.send(`{"key":"aaaaaaaa","text":"你好"}`)
	if n := len(p.clerk.texts()); n != 2 {
		t.Errorf("%d messages received, want one of each browser", n)
	}
}

func TestRefusals(t *testing.T) {
	p := open(t)
	v := visit(t, p)
	stranger := &visitor{t: t, place: p}
	forged := &visitor{t: t, place: p, cookie: &http.Cookie{Name: cookiePlain, Value: "abc"}}
	for _, c := range []struct {
		name, method, path string
		who                *visitor
		header             map[string]string
		status             int
	}{
		{"without a cookie", "POST", "/chat/send", stranger, nil, 401},
		{"with a made-up cookie", "POST", "/chat/send", forged, nil, 401},
		{"history without a cookie", "GET", "/chat/history", stranger, nil, 401},
		{"stream without a cookie", "GET", "/chat/events", stranger, nil, 401},
		{"picture without a cookie", "GET", "/chat/picture/picture-1", stranger, nil, 401},
		{"upload without a cookie", "POST", "/chat/upload", stranger, nil, 401},
		{"from another site", "POST", "/chat/send", v, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"from another origin", "POST", "/chat/send", v, map[string]string{"Origin": "https://evil.example"}, 403},
		{"an upload from another site", "POST", "/chat/upload", v, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a line that is no number", "GET", "/chat/history?after=-1", v, nil, 400},
		{"a Last-Event-ID that is none", "GET", "/chat/events", v, map[string]string{"Last-Event-ID": "x"}, 400},
		{"an unknown address", "GET", "/chat/nothing", v, nil, 404},
		{"an unknown file", "GET", "/chat/static/x/secret.go", v, nil, 404},
		{"an upload without a key", "POST", "/chat/upload", v, nil, 400},
		{"a picture that is none", "GET", "/chat/picture/none", v, nil, 404},
	} {
		res := c.who.do(c.method, c.path, nil, c.header)
		if res.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", c.name, res.Status, c.status)
			continue
		}
		if s, _ := decode(t, res)["error"].(string); s == "" {
			t.Errorf("%s: no reason given", c.name)
		}
	}
}

func TestRate(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, bot.Shanghai())
	p := open(t, func(c *Config) {
		c.Clock = func() time.Time { return now }
		c.PerBrowser = Rate{PerSecond: 0.5, Burst: 2}
	})
	v := visit(t, p)
	say := func(n int) *http.Response {
		return v.do("POST", "/chat/send", strings.NewReader(fmt.Sprintf(`{"key":"key-%05d","text":"你好"}`, n)), nil)
	}
	for i, want := range []int{200, 200, 429, 429} {
		res := say(i)
		if res.StatusCode != want {
			t.Fatalf("message %d: %s, want %d", i, res.Status, want)
		}
		if want == 429 && res.Header.Get("Retry-After") != "2" {
			t.Errorf("Retry-After %q, want 2", res.Header.Get("Retry-After"))
		}
	}
	if status, _ := visit(t, p).send(`{"key":"aaaaaaaa","text":"你好"}`); status != 200 {
		t.Errorf("another browser is refused too: %d", status)
	}
	now = now.Add(2 * time.Second)
	if res := say(9); res.StatusCode != 200 {
		t.Errorf("after two seconds: %s", res.Status)
	}
}

func TestRatePerHost(t *testing.T) {
	p := open(t, func(c *Config) { c.PerHost = Rate{PerSecond: 0.001, Burst: 2} })
	for i, want := range []int{200, 200, 429} {
		if status, _ := visit(t, p).send(`{"key":"aaaaaaaa","text":"你好"}`); status != want {
			t.Errorf("browser %d: %d, want %d", i, status, want)
		}
	}
}

func TestBucketsForgetTheFull(t *testing.T) {
	b := newBuckets(Rate{PerSecond: 1, Burst: 10}, nil)
	now := time.Unix(0, 0)
	for i := range 1000 {
		b.take(fmt.Sprint(i), 1, now)
	}
	if b.take("x", 1, now.Add(time.Minute)); b.held.Len() != 1 {
		t.Errorf("%d buckets held", b.held.Len())
	}
}

func TestFailures(t *testing.T) {
	p := open(t)
	v := visit(t, p)
	p.clerk.set(func() { p.clerk.down = errors.New("disk gone") })
	status, body := v.send(`{"key":"aaaaaaaa","text":"你好"}`)
	if s := body["error"].(string); status != 503 || strings.Contains(s, "disk") {
		t.Errorf("a failed turn: %d %q", status, s)
	}
	p.clerk.set(func() { p.clerk.down = nil; p.clerk.blind = errors.New("disk gone") })
	if status, _ := v.send(`{"key":"aaaaaaaa","text":"你好"}`); status != 503 {
		t.Errorf("an unreadable transcript: %d", status)
	}
	if len(p.clerk.done) != 0 || len(p.clerk.released) != 1 {
		t.Errorf("delivered %v, released %v: the replies belong to the dispatcher", p.clerk.done, p.clerk.released)
	}
	if res := v.do("GET", "/chat/history", nil, nil); res.StatusCode != 503 {
		t.Errorf("history: %s", res.Status)
	}
}

// TestAReaderWhoLeftIsNoFault keeps the log to faults of ours: who closes the
// page while their history is read is none, and a store that fails is one.
func TestAReaderWhoLeftIsNoFault(t *testing.T) {
	var log bytes.Buffer
	p := open(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	v := visit(t, p)
	p.clerk.set(func() { p.clerk.blind = errors.New("disk gone") })
	ctx, leave := context.WithCancel(t.Context())
	leave()
	for _, c := range []struct {
		ctx  context.Context
		want string
	}{{ctx, ""}, {t.Context(), "disk gone"}} {
		log.Reset()
		req := httptest.NewRequest("GET", "/chat/history", nil).WithContext(c.ctx)
		req.AddCookie(v.cookie)
		p.server.Config.Handler.ServeHTTP(httptest.NewRecorder(), req)
		if got := log.String(); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("logged %q, not %q", got, c.want)
		}
	}
}

func TestHistoryIsWhatAPersonMaySee(t *testing.T) {
	p := open(t)
	v := visit(t, p)
	id := v.address().ID
	for i := range historyLimit + pageLimit {
		p.clerk.say(id, bot.Line{Speaker: bot.SpeakerBot, Text: fmt.Sprint(i)})
	}
	p.clerk.say(id, bot.Line{Speaker: bot.SpeakerNote, Text: "内部备注"})
	last := p.clerk.say(id, bot.Line{Speaker: bot.SpeakerBot, Channel: bot.WeChat, Text: "尾", Options: []bot.Option{{Text: "a", URL: "javascript:alert(1)"}, {Text: "b", URL: "https://a.example/"}, {Text: "c", URL: "/h5/x"}}})
	raw, _ := io.ReadAll(v.do("GET", "/chat/history", nil, nil).Body)
	var body kept
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatal(err)
	}
	if n := len(body.Lines); n != historyLimit-1 {
		t.Errorf("%d lines", n)
	}
	if bytes.Contains(raw, []byte("内部备注")) {
		t.Error("an operators' note left the desk")
	}
	end := body.Lines[len(body.Lines)-1]
	if end.ID != last.ID || end.Via != bot.WeChat || end.Options[0].URL != "" || end.Options[1].URL == "" || end.Options[2].URL == "" {
		t.Errorf("last line %+v", end)
	}
	if res := v.do("GET", fmt.Sprintf("/chat/history?after=%d", last.ID), nil, nil); len(decode(t, res)["lines"].([]any)) != 0 {
		t.Error("lines after the last one")
	}
}

// events reads a stream: the data of each event, "beat" left out.
func (v *visitor) events(header map[string]string, path string) (next func() (id string, l line), res *http.Response) {
	v.t.Helper()
	res = v.do("GET", path, nil, header)
	lines := bufio.NewScanner(res.Body)
	return func() (string, line) {
		var id string
		for lines.Scan() {
			switch text := lines.Text(); {
			case strings.HasPrefix(text, "id: "):
				id = text[4:]
			case strings.HasPrefix(text, "data: {"):
				var l line
				if err := json.Unmarshal([]byte(text[6:]), &l); err != nil {
					v.t.Fatal(err)
				}
				return id, l
			}
		}
		v.t.Fatalf("the stream ended: %v", lines.Err())
		return "", line{}
	}, res
}

func TestStreamGoesOnWhereItWas(t *testing.T) {
	p := open(t)
	v := visit(t, p)
	from := v.address()
	for _, text := range []string{"一", "二\n行", "三"} {
		p.clerk.say(from.ID, bot.Line{Speaker: bot.SpeakerBot, Text: text})
	}
	next, _ := v.events(map[string]string{"Last-Event-ID": "1"}, "/chat/events?after=99")
	for i, want := range []string{"二\n行", "三"} {
		if id, l := next(); l.Text != want || id != fmt.Sprint(i+2) || l.ID != int64(i+2) {
			t.Errorf("event %s %+v, want %q", id, l, want)
		}
	}
	v.send(`{"key":"aaaaaaaa","text":"你好"}`)
	for _, want := range []string{"你好", "收到：你好"} {
		if _, l := next(); l.Text != want {
			t.Errorf("%q, want %q", l.Text, want)
		}
	}
}

func TestSendToPages(t *testing.T) {
	p := open(t)
	v := visit(t, p)
	to := v.address()
	reminder := bot.Outgoing{ID: 7, To: to, Due: bot.SystemClock(), Reply: bot.Reply{Text: "明天 15:00 请到市民服务中心。"}, From: "bot", Proactive: true}
	if err := p.chat.Send(t.Context(), reminder); !errors.Is(err, bot.ErrHold) {
		t.Errorf("no page open: %v, want ErrHold", err)
	}
	if err := p.chat.Send(t.Context(), bot.Outgoing{To: bot.Address{Channel: bot.WeChat, ID: to.ID}}); !errors.Is(err, bot.ErrPermanent) {
		t.Errorf("another channel's: %v, want ErrPermanent", err)
	}
	next, _ := v.events(nil, "/chat/events")
	again, _ := v.events(nil, "/chat/events")
	left := p.clerk.say(to.ID, bot.Line{Speaker: bot.SpeakerBot, Text: reminder.Reply.Text})
	if err := p.chat.Send(t.Context(), reminder); err != nil {
		t.Fatal(err)
	}
	for _, read := range []func() (string, line){next, again} {
		if id, l := read(); id != fmt.Sprint(left.ID) || l.ID != left.ID || l.Text != reminder.Reply.Text {
			t.Errorf("a reminder that left: id %q, %+v", id, l)
		}
	}
	said := p.clerk.say(to.ID, bot.Line{Speaker: bot.SpeakerOperator, Name: "小陈", Text: "在的。"})
	if err := p.chat.Send(t.Context(), bot.Outgoing{ID: 8, To: to, Due: said.At, Reply: bot.Reply{Text: said.Text}, From: "小陈"}); err != nil {
		t.Fatal(err)
	}
	if _, l := next(); l.ID != said.ID || l.Name != "小陈" {
		t.Errorf("what the transcript holds comes once, under its number: %+v", l)
	}
	p.clerk.say(to.ID, bot.Line{Speaker: bot.SpeakerBot, Text: "尾"})
	p.chat.poke(to.ID)
	if _, l := next(); l.Text != "尾" {
		t.Errorf("%+v came in between", l)
	}
}

func TestStreamsHaveABoundAndAnEnd(t *testing.T) {
	p := open(t, func(c *Config) { c.StreamsPerBrowser = 2 })
	v := visit(t, p)
	_, first := v.events(nil, "/chat/events")
	v.events(nil, "/chat/events")
	if res := v.do("GET", "/chat/events", nil, nil); res.StatusCode != 429 || res.Header.Get("Retry-After") == "" {
		t.Errorf("a third stream: %s", res.Status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := p.chat.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(first.Body); err != nil {
		t.Errorf("a stream's end: %v", err)
	}
	if res := v.do("GET", "/chat/events", nil, nil); res.StatusCode != 503 {
		t.Errorf("a stream after the end: %s", res.Status)
	}
	if n := len(p.chat.streams); n != 0 {
		t.Errorf("%d browsers still held", n)
	}
}

func TestStaticFiles(t *testing.T) {
	p := open(t)
	v := visit(t, p)
	address, err := p.chat.asset("chat.js")
	if err != nil {
		t.Fatal(err)
	}
	res := v.do("GET", address, nil, nil)
	if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("%s: %s %v", address, res.Status, res.Header)
	}
	if res := v.do("GET", "/chat/static/older/chat.js", nil, nil); res.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("a file under another digest: %v", res.Header)
	}
	if res := v.do("GET", address, nil, map[string]string{"If-None-Match": res.Header.Get("ETag")}); res.StatusCode != 304 {
		t.Errorf("asked again: %s", res.Status)
	}
}

// picture is a small PNG.
func picture(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUpload(t *testing.T) {
	good := picture(t, 40, 30)
	vast := slices.Clone(good)
	copy(vast[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 × 65,536
	for _, c := range []struct {
		name   string
		body   []byte
		status int
	}{
		{"a picture", good, 200},
		{"a page called a picture", []byte("<html><script>alert(1)</script>"), 415},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 415},
		{"the head of a picture", good[:12], 415},
		{"billions of points", vast, 415},
		{"nothing", nil, 415},
		{"more than 10 MiB", append(slices.Clone(good), make([]byte, MaxPicture)...), 413},
	} {
		p := open(t)
		v := visit(t, p)
		res := v.do("POST", "/chat/upload", bytes.NewReader(c.body), map[string]string{"Idempotency-Key": "aaaaaaaa", "Content-Type": "image/png"})
		if res.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", c.name, res.Status, c.status)
		}
		if c.status != 200 {
			continue
		}
		got := p.clerk.received[0]
		if got.Event != bot.EventImage || got.Attachment.Type != "image/png" || !bytes.Equal(got.Attachment.Bytes, good) {
			t.Errorf("received %+v", got)
		}
		lines := decode(t, res)["lines"].([]any)
		where := lines[0].(map[string]any)["picture"].(string)
		shown := v.do("GET", where, nil, nil)
		raw, _ := io.ReadAll(shown.Body)
		if shown.Header.Get("Content-Type") != "image/png" || !bytes.Equal(raw, good) {
			t.Errorf("the picture read back: %v", shown.Header)
		}
		if res := visit(t, p).do("GET", where, nil, nil); res.StatusCode != 404 {
			t.Errorf("another's picture: %s", res.Status)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	k := newClerk()
	for _, c := range []Config{
		{}, {Receiver: k}, {Receiver: k, History: k, PublicURL: "gj.example"}, {Receiver: k, History: k, PublicURL: "ftp://gj.example"},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func FuzzSent(f *testing.F) {
	f.Add([]byte(`{"key":"aaaaaaaa","text":"你好"}`))
	f.Add([]byte(`{"key":"aaaaaaaa","event":"location","lat":1e400,"lng":-1}`))
	f.Add([]byte(`{"key":"aaaaaaaa","event":"menu","menu":"book"}`))
	from := bot.Address{Channel: bot.Web, ID: strings.Repeat("0", 64)}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := readSent(bytes.NewReader(raw))
		if err != nil {
			return
		}
		in, err := s.inbound(from)
		var known *fault
		if err != nil && !errors.As(err, &known) {
			t.Fatalf("%v is not for a citizen", err)
		}
		if err == nil && (in.Key == "" || len([]rune(in.Text)) > MaxText) {
			t.Fatalf("taken: %+v", in)
		}
	})
}

func FuzzPicture(f *testing.F) {
	f.Add(picture(f, 2, 2))
	f.Add([]byte("GIF89a"))
	f.Add([]byte("RIFF0000WEBPVP8 00000000"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if kind, ok := pictureType(raw); ok && !strings.HasPrefix(kind, "image/") {
			t.Fatalf("%q is a picture", kind)
		}
	})
}
