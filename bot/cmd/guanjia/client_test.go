package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

// wheel is a clock that goes with the machine's, can be turned forward and held.
type wheel struct {
	mu    sync.Mutex
	start time.Time
	began time.Time // zero while it is held
}

func newWheel(start time.Time) *wheel { return &wheel{start: start, began: time.Now()} }

func (w *wheel) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.began.IsZero() {
		return w.start
	}
	return w.start.Add(time.Since(w.began))
}

// hold lets the clock stand until it is let go, for what lasts some seconds and
// must not be over on a slow machine before it was looked at.
func (w *wheel) hold() (letGo func()) {
	now := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start, w.began = now, time.Time{}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.began = time.Now()
	}
}

func (w *wheel) turn(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start = w.start.Add(by)
}

var _ bot.Clock = (*wheel)(nil).now

// client is a browser without a page: cookies and requests to one door.
type client struct {
	t    testing.TB
	base string
	http *http.Client
}

func newClient(t testing.TB, base string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 5 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(c.CloseIdleConnections)
	return &client{t, base, c}
}

// answer is a response read to its end.
type answer struct {
	status int
	header http.Header
	text   string
}

// json is the answer as an object.
func (a answer) json(t testing.TB) object {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(a.text), &o); err != nil {
		t.Fatalf("%d %q is not JSON: %v", a.status, a.text, err)
	}
	return o
}

// do sends a request; header is pairs of names and values.
func (c *client) do(method, path string, body io.Reader, header ...string) answer {
	c.t.Helper()
	req, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{res.StatusCode, res.Header, string(raw)}
}

func (c *client) get(path string) answer { c.t.Helper(); return c.do("GET", path, nil) }

// post sends v as JSON.
func (c *client) post(path string, v any) answer {
	c.t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do("POST", path, bytes.NewReader(raw), "Content-Type", "application/json")
}

// signIn signs an account in at the desk.
func (c *client) signIn(name, password string) answer {
	c.t.Helper()
	form := url.Values{"name": {name}, "password": {password}}
	return c.do("POST", "/desk/login", strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

// colleague hires someone and signs them in.
func (d *running) colleague(name string) *client {
	d.t.Helper()
	c := newClient(d.t, d.inner)
	d.hire(name)
	if got := c.signIn(name, theirPassword); got.status != http.StatusSeeOther {
		d.t.Fatalf("sign in: %d %s", got.status, got.text)
	}
	return c
}

// visitor is a citizen's browser that has loaded the chat.
func (d *running) visitor() *client {
	d.t.Helper()
	c := newClient(d.t, d.public)
	if got := c.get("/"); got.status != http.StatusOK {
		d.t.Fatalf("load the chat: %d", got.status)
	}
	return c
}

// says sends a citizen's words and returns what stands in the conversation.
func (c *client) says(key, text string) []any {
	c.t.Helper()
	got := c.post("/chat/send", object{"key": key, "text": text})
	if got.status != http.StatusOK {
		c.t.Fatalf("send %q: %d %s", text, got.status, got.text)
	}
	lines, _ := got.json(c.t)["lines"].([]any)
	return lines
}

// queue reads the operators' queue.
func (c *client) queue() (seq int64, rows []object) {
	c.t.Helper()
	q := c.get("/desk/queue").json(c.t)
	for _, r := range q["rows"].([]any) {
		rows = append(rows, r.(map[string]any))
	}
	return int64(q["seq"].(float64)), rows
}

// talkLines reads a conversation at the desk.
func (c *client) talkLines(citizen string) []object {
	c.t.Helper()
	var lines []object
	for _, l := range c.get("/desk/conversation/" + citizen).json(c.t)["lines"].([]any) {
		lines = append(lines, l.(map[string]any))
	}
	return lines
}

// listening is an open stream of server-sent events.
type listening struct {
	t    testing.TB
	stop context.CancelFunc
	body io.Closer
	scan *bufio.Scanner
}

// listen opens the desk's stream.
func (c *client) listen(query string, header ...string) *listening {
	c.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/desk/events"+query, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	patient := *c.http
	patient.Timeout = 0
	res, err := patient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("open the stream: %v %v", res, err)
	}
	l := &listening{c.t, stop, res.Body, bufio.NewScanner(res.Body)}
	c.t.Cleanup(l.close)
	return l
}

func (l *listening) close() { l.stop(); l.body.Close() }

// next is the number of the next change.
func (l *listening) next() int64 {
	l.t.Helper()
	for l.scan.Scan() {
		var n int64
		if _, err := fmt.Sscanf(l.scan.Text(), "id: %d", &n); err == nil {
			return n
		}
	}
	l.t.Fatalf("the stream ended: %v", l.scan.Err())
	return 0
}

// until reads numbers up to one.
func (l *listening) until(last int64) (numbers []int64) {
	l.t.Helper()
	for len(numbers) == 0 || numbers[len(numbers)-1] < last {
		numbers = append(numbers, l.next())
	}
	return numbers
}

// told reads on until an event of a kind says something.
func (l *listening) told(kind, words string) bool {
	l.t.Helper()
	for of := ""; l.scan.Scan(); {
		if name, ok := strings.CutPrefix(l.scan.Text(), "event: "); ok {
			of = name
		}
		if strings.HasPrefix(l.scan.Text(), "data: ") && of == kind && strings.Contains(l.scan.Text(), words) {
			return true
		}
	}
	return false
}
