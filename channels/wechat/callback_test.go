package wechat

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"guanjia/bot"
)

func with(q url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
			continue
		}
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

// ask makes any request.
func (p *place) ask(method string, q url.Values, kind, body string) (int, string, http.Header) {
	p.t.Helper()
	req, err := http.NewRequest(method, p.server.URL+"/wechat?"+q.Encode(), strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, strings.TrimSpace(string(b)), res.Header
}

func TestAddressCheck(t *testing.T) {
	p := open(t)
	q := with(sign(time.Now(), nonce()), "echostr", "5816418<b>")
	for range 2 { // the platform may ask again
		if status, got, h := p.ask("GET", q, "", ""); status != 200 || got != "5816418<b>" || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
			t.Fatalf("%d %q %v", status, got, h)
		}
	}
	if status, _, _ := p.ask("GET", with(q, "echostr", "other"), "", ""); status != 403 {
		t.Errorf("nonce of another check: %d", status)
	}
	for name, q := range map[string]url.Values{
		"no echostr": sign(time.Now(), nonce()), "long echostr": with(sign(time.Now(), nonce()), "echostr", strings.Repeat("x", 3000)),
		"wrong signature": with(sign(time.Now(), nonce()), "echostr", "1", "signature", strings.Repeat("0", 40)),
		"no signature":    with(sign(time.Now(), nonce()), "echostr", "1", "signature", ""),
		"nothing":         {},
	} {
		if status, got, _ := p.ask("GET", q, "", ""); status < 400 || status > 499 || got == "" {
			t.Errorf("%s: %d %q", name, status, got)
		}
	}
	safe := open(t, func(c *Config) { c.Cipher = seals{} })
	if status, got, _ := safe.ask("GET", with(sign(time.Now(), nonce()), "echostr", "77"), "", ""); status != 200 || got != "77" {
		t.Errorf("plain check in safe mode: %d %q", status, got)
	}
	q, _ = sealed(time.Now(), nonce(), "78")
	q.Set("echostr", "Nzg=")
	if status, got, _ := safe.ask("GET", q, "", ""); status != 200 || got != "78" {
		t.Errorf("encrypted check: %d %q", status, got)
	}
}

func TestRefusals(t *testing.T) {
	p := open(t)
	ok := func() url.Values { return sign(time.Now(), nonce()) }
	ago := func(d time.Duration) url.Values { return sign(time.Now().Add(-d), nonce()) }
	for _, c := range []struct {
		name, method string
		q            url.Values
		kind, body   string
		status       int
	}{
		{"PUT", "PUT", ok(), "text/xml", text("o1", 1, "x"), 405},
		{"DELETE", "DELETE", ok(), "", "", 405},
		{"wrong signature", "POST", with(ok(), "signature", strings.Repeat("a", 40)), "text/xml", text("o1", 1, "x"), 401},
		{"no signature", "POST", with(ok(), "signature", ""), "text/xml", text("o1", 1, "x"), 401},
		{"no nonce", "POST", with(ok(), "nonce", ""), "text/xml", text("o1", 1, "x"), 401},
		{"long nonce", "POST", sign(time.Now(), strings.Repeat("n", 200)), "text/xml", text("o1", 1, "x"), 401},
		{"no timestamp", "POST", with(ok(), "timestamp", ""), "text/xml", text("o1", 1, "x"), 401},
		{"timestamp of words", "POST", signed("soon", nonce()), "text/xml", text("o1", 1, "x"), 401},
		{"huge timestamp", "POST", signed(strings.Repeat("9", 40), nonce()), "text/xml", text("o1", 1, "x"), 401},
		{"eleven minutes old", "POST", ago(11 * time.Minute), "text/xml", text("o1", 1, "x"), 403},
		{"eleven minutes ahead", "POST", ago(-11 * time.Minute), "text/xml", text("o1", 1, "x"), 403},
		{"of 2014", "POST", signed("1409735669", nonce()), "text/xml", text("o1", 1, "x"), 403},
		{"JSON", "POST", ok(), "application/json", `{"FromUserName":"o1"}`, 415},
		{"JSON called XML", "POST", ok(), "text/xml", `{"FromUserName":"o1"}`, 400},
		{"garbage kind", "POST", ok(), ";;;", text("o1", 1, "x"), 415},
		{"empty", "POST", ok(), "text/xml", "", 400},
		{"broken XML", "POST", ok(), "text/xml", text("o1", 1, "x")[:150], 400},
		{"entities", "POST", ok(), "text/xml", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" + text("o1", 1, "&a;"), 400},
		{"no sender", "POST", ok(), "text/xml", text("", 1, "x"), 400},
		{"a sender that is markup", "POST", ok(), "text/xml", text("o<1>", 1, "x"), 400},
		{"no type", "POST", ok(), "text/xml", envelopeOf("o1", 1, "", ""), 400},
		{"20 MiB", "POST", ok(), "text/xml", text("o1", 1, strings.Repeat("长", 7<<20)), 413},
		{"64 KiB and one", "POST", ok(), "text/xml", text("o1", 1, strings.Repeat("x", maxBody)), 413},
		{"encrypted without a key", "POST", with(ok(), "encrypt_type", "aes"), "text/xml", text("o1", 1, "x"), 403},
	} {
		status, reason, h := p.ask(c.method, c.q, c.kind, c.body)
		if status != c.status || reason == "" || len(reason) > 80 {
			t.Errorf("%s: %d %q, want %d", c.name, status, reason, c.status)
		}
		if status == 405 && h.Get("Allow") == "" {
			t.Errorf("%s: no Allow", c.name)
		}
	}
	if n := len(p.clerk.heard()); n != 0 {
		t.Errorf("%d refused messages reached the engine", n)
	}
	refused := int64(0)
	for what, n := range p.edge.Figures() {
		if strings.HasPrefix(what, "refused_") {
			refused += n
		}
	}
	if refused != 24 {
		t.Errorf("%d refusals counted: %v", refused, p.edge.Figures())
	}
}

// TestBodyWithoutLength is a body that does not say how long it is.
func TestBodyWithoutLength(t *testing.T) {
	p := open(t)
	req, _ := http.NewRequest("POST", p.server.URL+"/wechat?"+sign(time.Now(), nonce()).Encode(), io.MultiReader(strings.NewReader("<xml>"), bytes.NewReader(make([]byte, 1<<20))))
	res, err := http.DefaultClient.Do(req)
	if err == nil {
		res.Body.Close()
		if res.StatusCode != 413 {
			t.Errorf("status %d", res.StatusCode)
		}
	} else if !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") {
		t.Error(err)
	}
}

func TestTimestampsTaken(t *testing.T) {
	p := open(t)
	for i, ts := range []string{
		strconv.FormatInt(time.Now().UnixMilli(), 10), strconv.FormatInt(time.Now().Add(-9*time.Minute).Unix(), 10),
		strconv.FormatInt(time.Now().Add(9*time.Minute).UnixMilli(), 10),
	} {
		if status, got, err := p.try(signed(ts, nonce()), text("o1", 100+i, "x"), time.Minute); err != nil || status != 200 {
			t.Errorf("%s: %d %q %v", ts, status, got, err)
		}
	}
	later := open(t, func(c *Config) {
		c.Clock = func() time.Time { return time.Date(2038, 2, 1, 0, 0, 0, 0, bot.Shanghai()) }
	})
	if status, got, err := later.try(signed(strconv.FormatInt(later.edge.clock().Unix(), 10), nonce()), text("o1", 1, "x"), time.Minute); err != nil || status != 200 {
		t.Errorf("2038: %d %q %v", status, got, err)
	}
}

func TestReplay(t *testing.T) {
	p := open(t)
	q := sign(time.Now(), nonce())
	_, first, _ := p.ask("POST", q, "text/xml", text("o1", 1, "预约"))
	status, again, _ := p.ask("POST", q, "text/xml", text("o1", 1, "预约"))
	if status != 200 || content(t, again) != content(t, first) {
		t.Errorf("the identical retry: %d %q, first %q", status, again, first)
	}
	if status, reason, _ := p.ask("POST", q, "text/xml", text("o2", 2, "别人的话")); status != 403 || reason == "" {
		t.Errorf("another message with the nonce: %d", status)
	}
	q2 := sign(time.Now(), nonce()) // a retry may come with a nonce of its own
	if _, again, _ := p.ask("POST", q2, "text/xml", text("o1", 1, "预约")); content(t, again) != content(t, first) {
		t.Errorf("retry with a new nonce: %q", again)
	}
	if n := len(p.clerk.heard()); n != 1 {
		t.Errorf("the engine heard it %d times", n)
	}
	// With an echostr on top a message is still a message.
	if got := p.say(text("o3", 3, "x")); got == "" {
		t.Error("no answer")
	}
	_, got, _ := p.ask("POST", with(sign(time.Now(), nonce()), "echostr", "42"), "text/xml", text("o4", 4, "x"))
	if content(t, got) != "答：x" {
		t.Errorf("POST with echostr: %q", got)
	}
}

// shelf is where instances share nonces.
type shelf struct {
	mu   sync.Mutex
	seen map[string]string
}

func (s *shelf) First(_ context.Context, nonce, message string, _ time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, ok := s.seen[nonce]; ok {
		return before == message
	}
	s.seen[nonce] = message
	return true
}

// TestReplayElsewhere refuses at one instance the nonce of a message that came
// to another, and takes the platform's retry of it.
func TestReplayElsewhere(t *testing.T) {
	shared := &shelf{seen: map[string]string{}}
	one := open(t, func(c *Config) { c.Nonces = shared })
	other := open(t, func(c *Config) { c.Nonces = shared })
	q := sign(time.Now(), nonce())
	one.ask("POST", q, "text/xml", text("o1", 1, "预约"))
	if status, _, _ := other.ask("POST", q, "text/xml", text("o1", 1, "预约")); status != 200 {
		t.Errorf("the retry at another instance: %d", status)
	}
	if status, _, _ := other.ask("POST", q, "text/xml", text("o2", 2, "别人的话")); status != 403 {
		t.Errorf("another message with the nonce: %d", status)
	}
}

func TestNoncesForgetInTime(t *testing.T) {
	var n nonces
	at := now()
	for range 2 { // the platform's retry is the same message
		if n.taken("a", "1", at) {
			t.Fatal("a nonce is its own message's")
		}
	}
	if !n.taken("a", "2", at) {
		t.Fatal("another message's nonce is taken")
	}
	if !n.taken("a", "2", at.Add(19*time.Minute)) || !n.taken("a", "2", at.Add(21*time.Minute)) {
		t.Error("forgotten while its timestamp may pass")
	}
	n.taken("b", "1", at.Add(42*time.Minute))
	n.taken("c", "1", at.Add(63*time.Minute))
	if n.taken("a", "2", at.Add(64*time.Minute)) {
		t.Error("never forgotten")
	}
}

func TestSafeMode(t *testing.T) {
	p := open(t, func(c *Config) { c.Cipher = seals{} })
	q, body := sealed(time.Now(), nonce(), text("o1", 1, "预约"))
	status, got, err := p.try(q, body, time.Minute)
	if err != nil || status != 200 || content(t, unseal(got)) != "答：预约" {
		t.Fatalf("%d %q %v", status, got, err)
	}
	if _, again, _ := p.try(q, body, time.Minute); content(t, unseal(again)) != "答：预约" {
		t.Errorf("retry %q", again)
	}
	// Nothing to say is said in plain words.
	q, body = sealed(time.Now(), nonce(), event("o1", "VIEW", ""))
	if _, got, _ := p.try(q, body, time.Minute); got != success {
		t.Errorf("event: %q", got)
	}
	fresh := func() url.Values { return sign(time.Now(), nonce()) }
	tampered, tamperedBody := sealed(time.Now(), nonce(), text("o1", 3, "x"))
	other, _ := sealed(time.Now(), nonce(), text("o1", 4, "x"))
	for name, c := range map[string]struct {
		q    url.Values
		body string
	}{
		"plain body, plain signature": {fresh(), text("o1", 2, "x")},
		"raw":                         {with(fresh(), "encrypt_type", "raw"), text("o1", 2, "x")},
		"plain body called aes":       {with(fresh(), "encrypt_type", "aes", "msg_signature", "x"), text("o1", 2, "x")},
		"tampered":                    {tampered, strings.Replace(tamperedBody, "CDATA[", "CDATA[AAAA", 2)},
		"another's signature":         {other, tamperedBody},
		"no msg_signature":            {with(fresh(), "encrypt_type", "aes"), tamperedBody},
	} {
		if status, reason, err := p.try(c.q, c.body, time.Minute); err != nil || status != 403 || reason == "" {
			t.Errorf("%s: %d %q %v", name, status, reason, err)
		}
	}
	q, body = sealed(time.Now(), nonce(), "not xml")
	if status, _, _ := p.try(q, body, time.Minute); status != 400 {
		t.Errorf("sealed garbage: %d", status)
	}
	if n := len(p.clerk.heard()); n != 1 {
		t.Errorf("the engine heard %d messages", n)
	}
}

// TestFaultsInside holds that a panic of ours is no 5xx and that words of
// citizens do not reach the log.
func TestFaultsInside(t *testing.T) {
	var log bytes.Buffer
	p := open(t, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	p.clerk.answer = func(in bot.Inbound) ([]bot.Reply, error) { panic("身份证 " + in.Text) }
	if got := p.say(text("o-secret", 1, "441900199001011234")); got != wordsFor("").sorry {
		t.Errorf("reply %q", got)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/wechat?"+sign(time.Now(), nonce()).Encode(), strings.NewReader(text("o1", 2, "x")))
	r.Body = io.NopCloser(exploding{})
	p.edge.ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("status %d", w.Code)
	}
	p.close()
	for _, secret := range []string{"441900199001011234", "o-secret", token} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log.String(), "turn failed") || !strings.Contains(log.String(), "callback failed") {
		t.Errorf("log:\n%s", log.String())
	}
}

type exploding struct{}

func (exploding) Read([]byte) (int, error) { panic("boom") }

// FuzzCallback holds that no request makes the edge fail: the answer is 200
// with XML or success, or a 4xx with a reason.
func FuzzCallback(f *testing.F) {
	for _, body := range wellFormed() {
		f.Add("POST", "", "text/xml", []byte(body), false)
		f.Add("POST", "encrypt_type=aes&msg_signature=1", "text/xml", []byte(body), true)
	}
	f.Add("GET", "echostr=1", "", []byte{}, false)
	f.Add("PUT", "%zz&;", "application/json", []byte("{}"), false)
	plainEdge, _ := New(Config{Receiver: &clerk{}, Token: token})
	safeEdge, _ := New(Config{Receiver: &clerk{}, Token: token, Cipher: seals{}})
	f.Fuzz(func(t *testing.T, method, query, kind string, body []byte, safe bool) {
		edge := plainEdge
		q := sign(time.Now(), nonce()).Encode() + "&" + query
		if safe {
			edge = safeEdge
			v, envelope := sealed(time.Now(), nonce(), string(body))
			q, body = v.Encode()+"&"+query, []byte(envelope)
		}
		r := httptest.NewRequest("POST", "/wechat", bytes.NewReader(body))
		r.Method, r.URL.RawQuery = method, q
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		edge.ServeHTTP(w, r)
		if w.Code != 200 && (w.Code < 400 || w.Code > 499 || w.Body.Len() == 0) {
			t.Errorf("%s %q: %d %q", method, q, w.Code, w.Body)
		}
		if w.Code == 200 && method == "POST" && w.Body.String() != success {
			reply := w.Body.String()
			if safe {
				reply = unseal(reply)
			}
			if _, err := parse([]byte(reply)); err != nil {
				t.Errorf("reply %q: %v", reply, err)
			}
		}
	})
}
