package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guanjia/bot"
)

// TestHelpWithLocation: a request for help whose place is sent from the map.
func TestHelpWithLocation(t *testing.T) {
	o := openOfficial(t)
	if r, err := o.account.Event(t.Context(), "oHelp", "CLICK", "help"); err != nil || !strings.Contains(r.Content, "难处") {
		t.Fatalf("%+v %v", r, err)
	}
	o.hears("oHelp", "我家房子被水淹了没地方住，米也没了", "位置")
	r, err := o.account.Location(t.Context(), "oHelp", 22.816, 113.673, "广东省东莞市虎门镇连升路12号")
	if err != nil || !strings.Contains(r.Content, "称呼") {
		t.Fatalf("the label's town is asked for again: %+v %v", r, err)
	}
	o.hears("oHelp", "我叫李四，电话13900139000", "虎门镇", "连升路12号", "139****9000", "确认")
	done := o.hears("oHelp", "确认", "DG")
	number := regexp.MustCompile(`DG\d{13}`).FindString(done)
	o.hears("oHelp", "我的求助办得怎么样了", number)
	found := false
	for _, k := range lines(t, guanjia(t, "", "--data", o.dir, "list", "tickets", "--json")) {
		found = found || k["number"] == number && k["kind"] == "help" && k["town"] == "humen"
	}
	if !found {
		t.Errorf("no ticket %s of 虎门", number)
	}
}

// snapshot is a small picture, with words behind its end.
func snapshot(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), "taken at home"...)
}

// TestReportWithPicture: a picture is fetched from the platform, kept with the
// report as what is seen on it and no more, and shown to operators.
func TestReportWithPicture(t *testing.T) {
	o := openOfficial(t)
	o.api.Keep("pic-1", snapshot(t))
	o.hears("oReport", "楼下工地半夜还在施工，我要投诉", "镇街")
	o.hears("oReport", "虎门镇连升路12号", "手机号")
	r, err := o.account.Image(t.Context(), "oReport", "pic-1")
	if err != nil || !strings.Contains(r.Content, "照片收到了") {
		t.Fatalf("%+v %v", r, err)
	}
	o.hears("oReport", "13700137000", "照片", "确认")
	o.hears("oReport", "确认", "DG")
	o.hears("oReport", "转人工", "人工")
	d := o.signIn("admin", o.admin)
	id := d.waiting()
	var kept string
	for _, l := range d.conversation(id)["lines"].([]any) {
		if a := l.(map[string]any)["attachment"].(string); a != "" {
			kept = a
		}
	}
	got := d.get("/desk/attachment/" + kept)
	if p, err := png.Decode(bytes.NewReader(got)); err != nil || p.Bounds() != image.Rect(0, 0, 4, 3) || bytes.Contains(got, []byte("home")) {
		t.Errorf("the operator sees %q: %v", got, err)
	}
}

// TestPersonTakesOver: while a person holds the conversation the bot is
// silent, what the person says arrives as a customer-service message, and
// afterwards the bot goes on.
func TestPersonTakesOver(t *testing.T) {
	o := openOfficial(t)
	o.hears("oCalls", "转人工", "人工")
	d := o.signIn("admin", o.admin)
	id := d.waiting()
	d.do(id, "take", "")
	if answer := o.say("oCalls", "居住证要什么材料"); answer != "" {
		t.Errorf("the bot speaks beside the person: %q", answer)
	}
	d.do(id, "say", "您好，我是工号 01，**马上**帮您查。")
	sent := o.awaitSent("oCalls", 1)
	if sent[0].Type != "text" || sent[0].Text != "您好，我是工号 01，马上帮您查。" {
		t.Errorf("%+v", sent[0])
	}
	d.say(id, "哪天方便？", "周一", "周二")
	sent = o.awaitSent("oCalls", 2)
	if sent[1].Type != "msgmenu" || sent[1].Text != "哪天方便？" || !slices.Equal(sent[1].Choices, [][2]string{{"1", "周一"}, {"2", "周二"}}) {
		t.Errorf("options to tap: %+v", sent[1])
	}
	d.show(id, snapshot(t))
	sent = o.awaitSent("oCalls", 3)
	if p, err := png.Decode(bytes.NewReader(sent[2].Picture)); sent[2].Type != "image" || err != nil || p.Bounds() != image.Rect(0, 0, 4, 3) || bytes.Contains(sent[2].Picture, []byte("home")) {
		t.Errorf("the picture: %s %v", sent[2].Type, err)
	}
	d.do(id, "back", "")
	o.awaitSent("oCalls", 4)
	o.hears("oCalls", "居住证要什么材料", "相片回执")
}

// operatorsDesk is an operator's browser.
type operatorsDesk struct {
	o      *official
	client *http.Client
}

func (o *official) signIn(name, password string) *operatorsDesk {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	d := &operatorsDesk{o, &http.Client{Jar: jar}}
	res, err := d.client.PostForm(o.inner+"/desk/login", url.Values{"name": {name}, "password": {password}})
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Request.URL.Path != "/desk/" {
		o.t.Fatalf("not signed in: %s", res.Status)
	}
	return d
}

func (d *operatorsDesk) get(path string) []byte {
	d.o.t.Helper()
	res, err := d.client.Get(d.o.inner + path)
	if err != nil {
		d.o.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		d.o.t.Fatalf("%s: %s %v", path, res.Status, err)
	}
	return raw
}

func (d *operatorsDesk) conversation(citizen string) map[string]any {
	d.o.t.Helper()
	var out map[string]any
	if err := json.Unmarshal(d.get("/desk/conversation/"+citizen), &out); err != nil {
		d.o.t.Fatal(err)
	}
	return out
}

// waiting is who is first in the queue.
func (d *operatorsDesk) waiting() string {
	d.o.t.Helper()
	for _, h := range lines(d.o.t, guanjia(d.o.t, "", append(d.o.records, "--data", d.o.dir, "list", "handoffs", "--json")...)) {
		if h["channel"] == string(bot.WeChat) {
			return h["conversation"].(string)
		}
	}
	d.o.t.Fatal("nobody waits")
	return ""
}

func (d *operatorsDesk) do(citizen, deed, text string) {
	d.o.t.Helper()
	d.post(citizen, deed, map[string]any{"text": text, "key": rand.Text(), "seen": d.seen(citizen)})
}

// say offers options beside the words.
func (d *operatorsDesk) say(citizen, text string, options ...string) {
	d.o.t.Helper()
	d.post(citizen, "say", map[string]any{"text": text, "options": options, "key": rand.Text(), "seen": d.seen(citizen)})
}

// show sends a picture.
func (d *operatorsDesk) show(citizen string, picture []byte) {
	d.o.t.Helper()
	fence := int64(d.conversation(citizen)["fence"].(float64))
	d.send(citizen, fmt.Sprintf("picture?key=%s&seen=%d&fence=%d", rand.Text(), d.seen(citizen), fence), "image/png", picture)
}

// seen is the newest line of a conversation.
func (d *operatorsDesk) seen(citizen string) (id int64) {
	for _, l := range d.conversation(citizen)["lines"].([]any) {
		id = max(id, int64(l.(map[string]any)["id"].(float64)))
	}
	return id
}

func (d *operatorsDesk) post(citizen, deed string, v map[string]any) {
	d.o.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		d.o.t.Fatal(err)
	}
	d.send(citizen, deed, "application/json", body)
}

func (d *operatorsDesk) send(citizen, deed, kind string, body []byte) {
	d.o.t.Helper()
	res, err := d.client.Post(d.o.inner+"/desk/conversation/"+citizen+"/"+deed, kind, bytes.NewReader(body))
	if err != nil {
		d.o.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(res.Body)
		d.o.t.Fatalf("%s: %s %s", deed, res.Status, raw)
	}
}
