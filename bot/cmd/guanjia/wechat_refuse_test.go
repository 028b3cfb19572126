package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"guanjia/channels/wechat/wechattest"
)

// try posts a body to the callback as it stands.
func (o *official) try(method string, query url.Values, contentType string, body io.Reader) (int, string) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.public+"/wechat?"+query.Encode(), body)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// request is a callback in safe mode.
func (o *official) request(message string) (url.Values, string) {
	o.t.Helper()
	q, body, err := o.account.Request(message)
	if err != nil {
		o.t.Fatal(err)
	}
	return q, body
}

// TestRefusals posts what must not be taken to the true program: each is
// refused with a 4xx and a reason, is counted, and harms nobody.
func TestRefusals(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	text := func() string { return o.account.Message("oBad", "text", "<Content>你好</Content>") }
	plain := &wechattest.Account{Callback: o.account.Callback, Token: testToken, Name: "gh_1"}
	other := func(change func(*wechattest.Account)) (url.Values, string) {
		a := &wechattest.Account{AppID: testAppID, Token: testToken, AESKey: testKey, Name: "gh_1"}
		change(a)
		q, body, err := a.Request(text())
		if err != nil {
			t.Fatal(err)
		}
		return q, body
	}
	aged := func(by time.Duration) (url.Values, string) {
		return other(func(a *wechattest.Account) { a.Now = func() time.Time { return time.Now().Add(by) } })
	}
	refused := func(name string, want int, q url.Values, body string) {
		t.Helper()
		if status, reason := o.try("POST", q, "text/xml", strings.NewReader(body)); status != want || strings.TrimSpace(reason) == "" {
			t.Errorf("%s: %d %q", name, status, reason)
		}
	}
	q, body, err := plain.Request(text())
	if err != nil {
		t.Fatal(err)
	}
	refused("plain where a key is set", 403, q, body)
	q.Set("encrypt_type", "raw")
	refused("plain and says so", 403, q, body)
	q, _ = o.request(text())
	refused("plain dressed as safe", 403, q, text())
	q, body = other(func(a *wechattest.Account) { a.Token = "anotherToken" })
	refused("another token", 403, q, body)
	q, body = other(func(a *wechattest.Account) { a.AESKey = "0" + testKey[1:] })
	refused("another key", 403, q, body)
	q, body = other(func(a *wechattest.Account) { a.AppID = "wxanother" })
	refused("another account", 403, q, body)
	q, body = o.request(text())
	q.Set("msg_signature", strings.Repeat("0", 40))
	refused("a made-up signature", 403, q, body)
	q, body = aged(-12 * 365 * 24 * time.Hour)
	refused("a callback of 2014", 403, q, body)
	q, body = aged(-11 * time.Minute)
	refused("eleven minutes old", 403, q, body)
	q, body = aged(11 * time.Minute)
	refused("eleven minutes ahead", 403, q, body)
	for name, ts := range map[string]string{"no time": "", "a word for a time": "now", "a time below nought": "-5", "an endless time": strings.Repeat("9", 40)} {
		q, body = o.request(text())
		q.Set("timestamp", ts)
		refused(name, 401, q, body)
	}
	q, body = o.request(text())
	q.Del("nonce")
	refused("no nonce", 401, q, body)
	q, _ = o.request("<xml><ToUserName>")
	_, body = o.request("<xml><ToUserName>")
	refused("another's signature", 403, q, body)
	for name, broken := range map[string]string{
		"broken inside": "<xml><ToUserName>", "not XML inside": "{}", "nothing inside": "", "a declared type": `<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>`,
		"nobody sent it": "<xml><ToUserName>gh_1</ToUserName><MsgType>text</MsgType></xml>",
	} {
		q, body = o.request(broken)
		refused(name, 400, q, body)
	}
	q, _ = o.request(text())
	for name, outside := range map[string]string{"broken": "<xml><Encrypt>", "empty": "", "binary": "\x00\x01\x02", "JSON": `{"Encrypt":"x"}`} {
		refused(name, 400, q, outside)
	}
	q, body = o.request(text())
	for _, kind := range []string{"application/json", "multipart/form-data; boundary=x", "text/html", ";;;"} {
		if status, _ := o.try("POST", q, kind, strings.NewReader(body)); status != 415 {
			t.Errorf("%s: %d", kind, status)
		}
	}
	for _, method := range []string{"PUT", "DELETE", "PATCH"} {
		if status, _ := o.try(method, q, "text/xml", strings.NewReader(body)); status != 405 {
			t.Errorf("%s: %d", method, status)
		}
	}
	if status, _ := o.try("GET", url.Values{"echostr": {"1"}}, "", nil); status != 401 {
		t.Errorf("GET without a signature: %d", status)
	}
	// A server may hang up on who goes on sending after a refusal.
	huge := bytes.Repeat([]byte("x"), 20<<20)
	if status, reason := o.try("POST", q, "text/xml", bytes.NewReader(huge)); status != 413 && status != 0 {
		t.Errorf("20 MiB: %d %s", status, reason)
	}
	if status, reason := o.try("POST", q, "text/xml", io.MultiReader(bytes.NewReader(huge))); status != 413 && status != 0 {
		t.Errorf("20 MiB of unknown length: %d %s", status, reason)
	}
	// The first use of this nonce is still to come: refusals do not use one up.
	if status, reply := o.try("POST", q, "text/xml", strings.NewReader(body)); status != 200 || !strings.Contains(reply, "<Encrypt>") {
		t.Errorf("the message itself: %d %s", status, reply)
	}
	o.countsRefusals("decrypt", "mode", "signature", "timestamp", "xml", "type", "method", "size")
	if log := o.logged.String(); strings.Contains(log, "oBad") || strings.Contains(log, "panic") {
		t.Errorf("the log tells too much: %s", log)
	}
}

// countsRefusals looks for reasons among the figures. A callback is counted
// when its reply has left, and so may be counted after that was read.
func (o *official) countsRefusals(reasons ...string) {
	o.t.Helper()
	wanted := []string{`guanjia_wechat_callback_seconds_count{try="1"}`}
	for _, reason := range reasons {
		wanted = append(wanted, fmt.Sprintf("guanjia_wechat_refused_total{reason=%q}", reason))
	}
	for _, figure := range wanted {
		eventually(o.t, figure, func() bool { return strings.Contains(o.figures(), figure) })
	}
}

// figures reads the metrics.
func (o *official) figures() string {
	o.t.Helper()
	res, err := http.Get(o.inner + "/metrics")
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return string(raw)
}

// TestOddMessages: whatever a citizen can send is answered with a sentence.
func TestOddMessages(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	message := func(kind, rest string) string { return o.account.Message("oOdd", kind, rest) }
	words := func(text string) string { return message("text", "<Content>"+wechattest.CDATA(text)+"</Content>") }
	for name, m := range map[string]string{
		"empty": words(""), "blank": words(" \n\t　"), "10,000 characters": words(strings.Repeat("我要预约办居住证，", 1111) + "。"),
		"emoji": words("😀👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿"), "control": words("你\x00好\x1b[31m\u202e\ufffe"), "not UTF-8": words("你\xff\xfe好"), "a mark's end": words("]]>你好<xml>&amp;"),
		"quotes": words(`'; DROP TABLE outbox; --"`), "mark-up": words("<a href=\"x\">点我</a>"), "digits": words(strings.Repeat("9", 300)),
		"a combining flood": words("啊" + strings.Repeat("\u0301", 500)), "unsupported": words("【收到不支持的消息类型，暂无法显示】"),
		"video": message("video", "<MediaId>v</MediaId>"), "short video": message("shortvideo", "<MediaId>v</MediaId>"),
		"file": message("file", "<Title>x.pdf</Title>"), "of tomorrow": message("hologram", "<Depth>3</Depth>"),
		"voice": message("voice", "<MediaId>v</MediaId><MediaId16K>w</MediaId16K>"), "picture of nothing": message("image", "<MediaId></MediaId>"),
		"no place":    message("location", "<Location_X>NaN</Location_X><Location_Y>400</Location_Y>"),
		"a far place": message("location", "<Location_X>-89.9</Location_X><Location_Y>179.9</Location_Y>"),
		"link":        message("link", "<Title>通知</Title><Url>https://x.example/</Url>"), "unknown key": o.account.Happening("oOdd", "CLICK", "svc-101"),
		"scan": o.account.Happening("oOdd", "SCAN", "hall-humen"), "follow by code": o.account.Happening("oOdd2", "subscribe", "qrscene_1"),
	} {
		r, err := o.account.Post(t.Context(), m)
		if err != nil || r.Status != 200 || r.Try != 1 || len([]rune(r.Content)) < 4 || len(r.Content) > 2048 || strings.Contains(r.Content, "**") {
			t.Errorf("%s: try %d, %d %q %v", name, r.Try, r.Status, r.Raw, err)
		}
	}
	for _, event := range []string{"unsubscribe", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event", "of_tomorrow"} {
		if r, err := o.account.Event(t.Context(), "oOdd", event, "x"); err != nil || r.Raw != "success" {
			t.Errorf("%s: %q %v", event, r.Raw, err)
		}
	}
	o.hears("oOdd", "居住证要带什么材料", "相片回执")
}

// TestPitfalls holds the true program to what the platform's library gets
// wrong and no refusal shows.
func TestPitfalls(t *testing.T) {
	t.Parallel()
	o := openOfficial(t)
	q, body := o.request(o.account.Message("oPit", "text", "<Content>你好</Content>"))
	q.Set("echostr", "swallowed")
	status, first := o.try("POST", q, "text/xml", strings.NewReader(body))
	if status != 200 || strings.Contains(first, "swallowed") || !strings.Contains(first, "<Encrypt><![CDATA[") {
		t.Errorf("echostr on a message: %d %s", status, first)
	}
	_, second := o.try("POST", q, "text/xml", strings.NewReader(body))
	if a, b := nonceOf(t, first), nonceOf(t, second); a == b || a == q.Get("nonce") {
		t.Errorf("nonces %q, %q after %q", a, b, q.Get("nonce"))
	}
	q2, body2 := o.request(o.account.Message("oPit", "text", "<Content>另一条</Content>"))
	q2.Set("nonce", q.Get("nonce"))
	q2.Set("msg_signature", o.account.Sign(q2.Get("timestamp"), q.Get("nonce"), encryptedIn(t, body2)))
	if status, _ := o.try("POST", q2, "text/xml", strings.NewReader(body2)); status != 403 {
		t.Errorf("a used nonce: %d", status)
	}
	q3, body3 := o.request(o.account.Message("oPit", "text", "<Content>毫秒</Content>"))
	q3.Set("timestamp", strconv.FormatInt(time.Now().UnixMilli(), 10))
	q3.Del("signature") // safe mode need not have it
	q3.Set("msg_signature", o.account.Sign(q3.Get("timestamp"), q3.Get("nonce"), encryptedIn(t, body3)))
	if status, reply := o.try("POST", q3, "text/xml", strings.NewReader(body3)); status != 200 {
		t.Errorf("a time in milliseconds: %d %s", status, reply)
	}

	o.hears("oPit", "我的身份证号是 441900199001011235，转人工", "人工")
	d := o.signIn("admin", o.admin)
	id := d.waiting()
	d.do(id, "take", "")
	d.do(id, "say", "一。")
	o.awaitSent("oPit", 1)
	o.api.Expire() // another server forced a new token
	d.do(id, "say", "二。")
	o.awaitSent("oPit", 2)
	if !strings.Contains(string(d.get("/metrics")), `guanjia_wechat_api_refusals_total{code="40001"} 1`) {
		t.Error("40001 is not counted")
	}
	o.api.Fail(wechattest.Fault{Path: sendPath, Times: 1, Hang: 10 * time.Second})
	d.do(id, "say", "三。") // nobody knows whether it was taken: not sent again
	d.do(id, "say", "四。")
	if sent := o.awaitSent("oPit", 3); sent[2].Text != "四。" {
		t.Errorf("sent %+v", sent)
	}
	for _, secret := range []string{"441900199001011235", "oPit", testSecret, "TOKEN-", testToken, testKey, "二。"} {
		if strings.Contains(o.logged.String(), secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
}

func envelopeIn(t *testing.T, raw string) (e struct{ Encrypt, Nonce string }) {
	t.Helper()
	if err := xml.Unmarshal([]byte(raw), &e); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return e
}

func nonceOf(t *testing.T, raw string) string     { return envelopeIn(t, raw).Nonce }
func encryptedIn(t *testing.T, raw string) string { return envelopeIn(t, raw).Encrypt }
