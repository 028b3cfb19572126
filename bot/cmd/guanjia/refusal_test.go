package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// vast is a body of 20 MiB.
func vast() io.Reader { return bytes.NewReader(bytes.Repeat([]byte("a"), 20<<20)) }

// refused checks that an answer is a refusal that says why in Chinese.
func refused(t *testing.T, what string, got answer, statuses ...int) {
	t.Helper()
	for _, s := range statuses {
		if got.status == s {
			if s == http.StatusMethodNotAllowed || s == http.StatusRequestHeaderFieldsTooLarge || strings.Contains(got.text, "error") && strings.Contains(got.text, "。") {
				return
			}
			t.Errorf("%s: %d without a sentence: %q", what, got.status, got.text)
			return
		}
	}
	t.Errorf("%s: %d %.200q", what, got.status, got.text)
}

// TestCitizensDoorRefuses sends the public door what it must not take.
func TestCitizensDoorRefuses(t *testing.T) {
	d := serve(t, going(tuesday()))
	v, other, stranger := d.visitor(), d.visitor(), newClient(t, d.public)
	v.says("message-1", "你好")

	refused(t, "a visitor without a cookie", stranger.post("/chat/send", object{"key": "message-1", "text": "你好"}), 401)
	refused(t, "a cookie of one's own making", stranger.do("GET", "/chat/history", nil, "Cookie", "guanjia_browser=abc"), 401)
	refused(t, "20 MiB of JSON", v.do("POST", "/chat/send", vast()), 400, 413)
	refused(t, "20 MiB of text", v.do("POST", "/chat/send", io.MultiReader(strings.NewReader(`{"key":"message-2","text":"`), vast())), 413)
	refused(t, "a picture of 20 MiB", v.do("POST", "/chat/upload", vast(), "Idempotency-Key", "picture-1"), 413)
	refused(t, "a picture that is none", v.do("POST", "/chat/upload", strings.NewReader("<svg onload=alert(1)>"), "Idempotency-Key", "picture-2"), 415)
	refused(t, "broken JSON", v.do("POST", "/chat/send", strings.NewReader(`{"key":"mess`)), 400)
	refused(t, "two objects", v.do("POST", "/chat/send", strings.NewReader(`{"key":"message-3","text":"a"}{}`)), 400)
	refused(t, "no body", v.do("POST", "/chat/send", nil), 400)
	refused(t, "10,000 characters", v.post("/chat/send", object{"key": "message-4", "text": strings.Repeat("长", 10_000)}), 413)
	refused(t, "an unknown event", v.post("/chat/send", object{"key": "message-5", "event": "hangup"}), 400)
	refused(t, "an unknown menu", v.post("/chat/send", object{"key": "message-6", "event": "menu", "menu": "../admin"}), 400)
	refused(t, "another site's request", v.do("POST", "/chat/send", strings.NewReader(`{"key":"message-7","text":"a"}`), "Sec-Fetch-Site", "cross-site"), 403)
	refused(t, "a wrong method", v.do("DELETE", "/chat/history", nil), 404, 405)
	refused(t, "an unknown picture", v.get("/chat/picture/f000"), 404)
	refused(t, "an unknown address", v.get("/chat/nothing"), 404)
	refused(t, "a number that is none", v.get("/chat/history?after=-1"), 400)
	refused(t, "huge headers", v.do("GET", "/chat/history", nil, "X-Long", strings.Repeat("x", 64<<10)), 431)
	refused(t, "a way out of the folder", v.get("/chat/static/x/..%2f..%2fchat.go"), 404)
	if got := raw(t, d.public, "GET /chat/static/x/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); strings.Contains(got, "root:") || strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Errorf("path traversal: %.100q", got)
	}
	if got := raw(t, d.public, "\x16\x03\x01\x02\x00\x01\x00 not HTTP at all\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 400") {
		t.Errorf("not HTTP: %.100q", got)
	}

	sent := v.do("POST", "/chat/upload", dot(t), "Idempotency-Key", "picture-3").json(t)
	picture := ""
	for _, l := range sent["lines"].([]any) {
		if p, ok := l.(map[string]any)["picture"].(string); ok {
			picture = p
		}
	}
	if got := v.get(picture); got.status != http.StatusOK || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("one's own picture: %d %s", got.status, got.header.Get("Content-Type"))
	}
	refused(t, "another's picture", other.get(picture), 404)

	for i, words := range []string{"🙂🙃👨‍👩‍👧‍👦", "a\x00b\x07c\x1b[31m", "\u202e反过来\u2066", strings.Repeat("啊", 2000), "<script>alert(1)</script>", "' OR 1=1 --", "\ufeff\u200b"} {
		got := other.post("/chat/send", object{"key": fmt.Sprintf("odd-words-%d", i), "text": words})
		if got.status != http.StatusOK || !utf8.ValidString(got.text) || strings.ContainsAny(got.text, "\x00\x07\x1b") {
			t.Errorf("%.20q: %d %.200q", words, got.status, got.text)
		}
	}
}

// TestRateOfABrowser sends faster than a person can.
func TestRateOfABrowser(t *testing.T) {
	d := serve(t, going(tuesday()))
	v := d.visitor()
	for i := range 40 {
		got := v.post("/chat/send", object{"key": fmt.Sprintf("message-%d", i), "text": "你好"})
		if got.status == http.StatusTooManyRequests {
			if got.header.Get("Retry-After") == "" {
				t.Error("a refusal without Retry-After")
			}
			if i < 20 {
				t.Errorf("refused at message %d", i)
			}
			return
		}
	}
	t.Error("40 messages at once were all taken")
}

// TestInnerDoorRefuses sends the desk what it must not take.
func TestInnerDoorRefuses(t *testing.T) {
	d := serve(t, going(tuesday()))
	o := d.colleague("小陈")
	d.visitor().says("message-1", "转人工")
	_, rows := o.queue()
	at := "/desk/conversation/" + rows[0]["citizen"].(string)
	if got := o.post(at+"/take", object{}); got.status != http.StatusOK {
		t.Fatalf("take: %d", got.status)
	}
	say := func(text string) answer {
		lines := o.talkLines(rows[0]["citizen"].(string))
		return o.post(at+"/say", object{"text": text, "key": fmt.Sprintf("key-%.0f", lines[len(lines)-1]["id"].(float64)+1e6), "seen": lines[len(lines)-1]["id"]})
	}
	refused(t, "20 MiB", o.do("POST", at+"/say", vast()), 400, 413)
	refused(t, "20 MiB of text", o.do("POST", at+"/say", io.MultiReader(strings.NewReader(`{"text":"`), vast())), 413)
	refused(t, "broken JSON", o.do("POST", at+"/say", strings.NewReader(`{"text":`)), 400)
	refused(t, "two objects", o.do("POST", at+"/note", strings.NewReader(`{"text":"a"} {}`)), 400)
	refused(t, "no words", say(" \n "), 400)
	refused(t, "10,000 characters", say(strings.Repeat("长", 10_000)), 413)
	refused(t, "a reply without a key", o.post(at+"/say", object{"text": "a", "seen": 1 << 40}), 400)
	refused(t, "a key out of form", o.post(at+"/say", object{"text": "a", "key": "../../etc", "seen": 1 << 40}), 400)
	refused(t, "an unknown citizen", o.post("/desk/conversation/nobody/take", object{}), 404)
	refused(t, "an unknown conversation", o.get("/desk/conversation/nobody"), 404)
	refused(t, "an unknown deed", o.post(at+"/delete", object{}), 404)
	refused(t, "a wrong method", o.get(at+"/take"), 405)
	refused(t, "an unknown picture", o.get("/desk/attachment/..%2f..%2fkey"), 404)
	refused(t, "a number that is none", o.get(at+"?after=x"), 400)
	refused(t, "a stream from nowhere", o.get("/desk/events?after=-5"), 400)
	refused(t, "another site's request", o.do("POST", at+"/take", strings.NewReader("{}"), "Sec-Fetch-Site", "cross-site"), 403)
	refused(t, "another origin's request", o.do("POST", at+"/take", strings.NewReader("{}"), "Origin", "https://example.com"), 403)
	refused(t, "huge headers", o.do("GET", "/desk/queue", nil, "X-Long", strings.Repeat("x", 64<<10)), 431)
	if got := o.get("/desk/static/..%2fdesk.go"); got.status != http.StatusNotFound && got.status != http.StatusBadRequest {
		t.Errorf("a way out of the folder: %d", got.status)
	}
	if got := newClient(t, d.inner).signIn(strings.Repeat("长", 3000), "x"); got.status != http.StatusBadRequest {
		t.Errorf("a name of 3,000 characters: %d", got.status)
	}
	if got := say("好的🙂\x00\x07"); got.status != http.StatusOK {
		t.Errorf("emoji and control characters: %d %s", got.status, got.text)
	}
	lines := o.talkLines(rows[0]["citizen"].(string))
	if got := lines[len(lines)-1]["text"]; got != "好的🙂" {
		t.Errorf("the citizen reads %q", got)
	}
}

// dot is a small picture.
func dot(t *testing.T) io.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return &b
}

// raw sends bytes to a door as they are.
func raw(t *testing.T, base, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(conn) // a reset after the answer is as good as an end
	return string(got)
}
